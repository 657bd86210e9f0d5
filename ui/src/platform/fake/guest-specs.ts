import type { ActionRequest, ExposedWay, ExposureHop, GuestFinding, HostRow, PlanView, WireMessage } from '$generated/api';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Crafting = 'guest_lint' | 'guest_make_plan' | 'guest_images' | 'guest_image_import' | 'guest_image_remove' | 'exposure';

const say = (key: string, values: Record<string, string> = {}): WireMessage => ({ key, values });

/** Three of the rules: a key that is no key, an image that is not pinned, no health check. */
function lint(text: string, stage: string): GuestFinding[] {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith('memroy'));
  if (at >= 0) return [{ line: at + 1, level: 'fault', rule: 'syntax', message: say('spec.unknown-key-near', { at: 'limits.memroy', nearest: 'memory', line: String(at + 1) }) }];
  const level = stage === 'prod' ? 'refuse' : 'warn';
  const found: GuestFinding[] = [];
  const image = lines.findIndex((line) => line.startsWith('image'));
  if (image >= 0 && !text.includes('sha256')) found.push({ line: image + 1, level, rule: 'image', message: say('lint.image', { image: 'debian-12' }) });
  if (!text.includes('[health]')) found.push({ line: 0, level, rule: 'health', message: say('lint.health') });
  return found;
}

const hop = (name: string, found: string, state: string, why: WireMessage | null = null, remedy: WireMessage | null = null): ExposureHop => ({ hop: name, found, state, why, remedy });

function waysOf(host: HostRow, guest: string, test: boolean): ExposedWay[] {
  const told = (state: string): string => (test ? state : 'unclear');
  return [{
    name: 'shop-staging.brindelle.example', port: 443, by: 'nginx', culprit: test ? 5 : null,
    hops: [
      hop('name', 'A 203.0.113.24', told('fine')), hop('router', '203.0.113.24, port 443', told('fine')), hop('firewall', 'tcp 443 <b>open</b>', told('fine')), hop('entry', `${host.name.split('.')[0] ?? ''}, TLS 41 d`, told('fine')), hop('way', 'nginx\u202e → 10.0.7.21:8000', told('fine')),
      test ? hop('guest', `${guest.split('/').at(-1) ?? ''} 10.0.7.21`, 'broken', say('error.host-unreachable', { address: '10.0.7.21:8000', reason: 'connection refused' }), say('error.host-unreachable.remedy')) : hop('guest', '10.0.7.21', 'unclear'),
      hop('process', 'gunicorn 127.0.0.1:8000', told('fine')), hop('answer', 'HTTP 200', told('unclear')),
    ],
  }, { name: null, port: 8080, by: 'proxy', culprit: null, hops: [hop('entry', 'tcp:0.0.0.0:8080', told('fine')), hop('way', 'proxy', told('fine')), hop('guest', '127.0.0.1:8000', told('fine'))] }];
}

/** Guests by their specifications, their images, and the ways to them. */
export function craftingRooms(): Rooms<Crafting> {
  const plan = (vault: FakeVault, host: HostRow, title: string, command: string): PlanView => {
    const action: ActionRequest = { kind: 'run_steps', steps: [{ title, command }], root: true };
    const made: PlanView = { id: vault.fresh('plan'), title: titleOf(action), confirm: [], ...planFor(action, [host]) };
    vault.plans.set(made.id, { plan: made, action });
    return made;
  };
  return {
    guest_lint: ({ text, stage }) => ({ findings: lint(text, stage ?? 'dev') }),
    guest_make_plan: ({ guest, folder, rebuild, typed }, vault) => {
      const host = vault.host(guest.slice(0, guest.lastIndexOf('/')));
      if (!folder.startsWith('/')) throw refuse('invalid-request', { what: 'folder' });
      allowAtOnce([host], typed ?? null, vault);
      if (guest.endsWith('/shop-db') && !rebuild) return { plan: null, sent: null };
      return { plan: plan(vault, host, guest, `incus ${rebuild ? 'rebuild' : 'create'} ${guest.split('/').at(-1) ?? ''}`), sent: '/var/lib/beffroi/sent/5f21' };
    },
    guest_images: () => ({ images: [{ driver: 'incus', name: 'debian-12', id: '9c'.repeat(32), bytes: 98_000_000 }, { driver: 'incus', name: 'alpine\u202e<b>3.22</b>', id: '4b'.repeat(32), bytes: null }] }),
    guest_image_import: ({ host: named, files, name, sha256, typed }, vault) => {
      const host = vault.host(named);
      allowAtOnce([host], typed ?? null, vault);
      const digest = 'ab'.repeat(32);
      if (sha256 !== undefined && sha256 !== digest) throw refuse('invalid-request', { what: 'sha256' });
      const called = name ?? files[0]?.split('/').at(-1) ?? 'image';
      return { name: called, sha256: digest, plan: plan(vault, host, called, `incus image import ${called}`), sent: '/var/lib/beffroi/sent/77aa', unchanged: 0 };
    },
    guest_image_remove: ({ host, name }, vault) => plan(vault, vault.host(host), name, `incus image delete ${name}`),
    exposure: ({ guest, test }, vault) => {
      const host = vault.host(guest.slice(0, guest.lastIndexOf('/')));
      return { guest, host: host.name, ways: guest.endsWith('/shop-web') ? waysOf(host, guest, test) : [] };
    },
  };
}
