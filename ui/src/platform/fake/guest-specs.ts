import type { ActionRequest, ExposedWay, ExposureHop, GuestFinding, GuestSpecKept, HostRow, PlanView, WireMessage } from '$generated/api';
import { copyFor } from './copies';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Crafting = 'guest_lint' | 'guest_make_plan' | 'guest_images' | 'guest_image_import' | 'guest_image_remove' | 'guest_image_create' | 'guest_image_build' | 'guest_image_export' | 'guest_spec' | 'guest_spec_keep' | 'guest_spec_forget' | 'exposure' | 'expose_publish' | 'expose_withdraw';

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
    name: 'shop-staging.brindelle.example', port: 443, by: 'nginx', ours: false, culprit: test ? 6 : null,
    hops: [
      hop('name', 'A 203.0.113.24', told('fine')), hop('router', '203.0.113.24, port 443', told('fine')), hop('firewall', 'tcp 443 <b>open</b>', told('fine')), hop('entry', `${host.name.split('.')[0] ?? ''} nginx`, told('fine')), hop('certificate', 'CN shop-staging, 41 d', told('fine')), hop('way', 'nginx\u202e → 10.0.7.21:8000', told('fine')),
      test ? hop('guest', `${guest.split('/').at(-1) ?? ''} 10.0.7.21`, 'broken', say('error.host-unreachable', { address: '10.0.7.21:8000', reason: 'connection refused' }), say('error.host-unreachable.remedy')) : hop('guest', '10.0.7.21', 'unclear'),
      hop('process', 'gunicorn 127.0.0.1:8000', told('fine')), hop('answer', 'HTTP 200', told('unclear')),
    ],
  }, { name: null, port: 8080, by: 'proxy', ours: true, culprit: null, hops: [hop('entry', 'tcp:0.0.0.0:8080', told('fine')), hop('way', 'proxy', told('fine')), hop('guest', '127.0.0.1:8000', told('fine'))] }];
}

/** Guests by their specifications, their images, and the ways to them. */
export function craftingRooms(delay = 0): Rooms<Crafting> {
  const kept = new Map<string, GuestSpecKept>([['bench-01.ostrel.lan/shop-web', { guest: 'bench-01.ostrel.lan/shop-web', stage: 'dev', driver: 'incus', text: 'image = "debian-12"\n\n[service]\nname = "shop"\ncommand = ["/usr/bin/node", "/srv/shop/app.js"]\n\n[limits]\nmemory = "512 MiB"\ncpus = 1\n', folder: '/home/camille/guests/shop', at_ms: Date.now() - 9 * 86_400_000 }]]);
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
      if (folder !== undefined && !folder.startsWith('/')) throw refuse('invalid-request', { what: 'folder' });
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
    guest_image_create: ({ guest, name, snapshot, typed }, vault) => {
      const host = vault.host(guest.slice(0, guest.lastIndexOf('/')));
      allowAtOnce([host], typed ?? null, vault);
      return { plan: plan(vault, host, name, `incus publish ${guest.split('/').at(-1) ?? ''}${snapshot === undefined ? '' : `/${snapshot}`} --alias ${name}`), sent: '/var/lib/beffroi/sent/19cd' };
    },
    guest_image_build: ({ host: named, name, suite, mirror, typed }, vault) => {
      const host = vault.host(named);
      allowAtOnce([host], typed ?? null, vault);
      return { plan: plan(vault, host, name, `debootstrap ${suite} root ${mirror}`), sent: '/var/lib/beffroi/sent/42ee' };
    },
    guest_image_export: async ({ name, file, copy }, vault) => {
      await copyFor(vault, copy ?? null, name, delay);
      return { files: [file], bytes: 98_000_000, sha256: '9c'.repeat(32) };
    },
    guest_spec: ({ guest }) => {
      const found = kept.get(guest);
      if (!found) throw refuse('guest-spec-not-kept', { name: guest });
      return found;
    },
    guest_spec_keep: ({ guest, text, folder, driver }) => {
      const entry: GuestSpecKept = { guest, stage: 'dev', driver: driver ?? null, text, folder, at_ms: Date.now() };
      kept.set(guest, entry);
      return entry;
    },
    guest_spec_forget: ({ guest }) => {
      kept.delete(guest);
      return {};
    },
    expose_publish: ({ guest, by, name, port, to }, vault) => {
      const host = vault.host(guest.slice(0, guest.lastIndexOf('/')));
      const outer = port ?? (name === undefined ? to : 80);
      const made = plan(vault, host, guest, by === 'dnat' ? `nft add rule inet beffroi publish tcp dport ${outer} dnat to 10.0.7.21:${to}` : `incus config device add ${guest.split('/').at(-1) ?? ''} beffroi-${outer} proxy`);
      for (const part of made.hosts) part.warnings.push(say('note.exposure-router', { host: host.name, port: String(outer), inner: '192.168.1.24' }));
      return made;
    },
    expose_withdraw: ({ guest, port }, vault) => plan(vault, vault.host(guest.slice(0, guest.lastIndexOf('/'))), guest, `incus config device remove ${guest.split('/').at(-1) ?? ''} beffroi-${port ?? ''}`),
    exposure: ({ guest, test }, vault) => {
      const host = vault.host(guest.slice(0, guest.lastIndexOf('/')));
      return { guest, host: host.name, ways: guest.endsWith('/shop-web') ? waysOf(host, guest, test) : [] };
    },
  };
}
