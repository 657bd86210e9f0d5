import type { ActionRequest, Guest, GuestCapacity, GuestDriver, GuestHost, GuestRow, HostRow, PlanView, WireMessage } from '$generated/api';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import type { FakeVault } from './vault';

export type Lodging = 'guest_list' | 'guest_show' | 'guest_plan' | 'guest_snapshots' | 'guest_logs' | 'inventory';

const gigabyte = 1_000_000_000;
const megabyte = 1_000_000;
const day = 86_400;
const now = (): number => Math.round(Date.now() / 1000);

/** A guest of which only what is said is known. */
export function inventGuest(driver: string, name: string, more: Partial<Guest> = {}): Guest {
  return {
    driver, project: '', name, title: '', kind: 'container', state: 'running', pid: 4211, unprivileged: true, autostart: true, ephemeral: false, template: false, image: null, os: 'debian', os_release: '12', architecture: 'x86_64', created_seconds: now() - 90 * day, uptime_seconds: 12 * day,
    memory_used_bytes: 233 * megabyte, memory_limit_bytes: gigabyte, swap_used_bytes: null, cpu_limit_thousandths: null, cpu_used_nanoseconds: null, cpu_now_thousandths: null, processes: 21, disk_used_bytes: 2 * gigabyte, disk_limit_bytes: 8 * gigabyte, root: 'default', addresses: [], interfaces: [], snapshots: [], volumes: [], ports: [],
    location: null, lock: null, profiles: [], groups: [], description: null, console_log: null, environment: [], mark: null, ...more,
  };
}

const incus: GuestDriver = { driver: 'incus', version: '6.0.4', capabilities: ['freeze', 'snapshots', 'running-snapshots', 'live-limits', 'disk-limit', 'copy', 'running-copy', 'rename', 'proxy-ports', 'images', 'image-from-guest', 'console-log', 'volumes', 'files'], socket: '/var/lib/incus/unix.socket', socket_is_ours: true, paths: [], projects: ['default'], members: [], node: null };
const lxc: GuestDriver = { driver: 'lxc', version: '5.0.2', capabilities: ['freeze', 'snapshots', 'copy', 'rename', 'live-limits'], socket: null, socket_is_ours: false, paths: ['/var/lib/lxc'], projects: [], members: [], node: null };
const proxmox: GuestDriver = { driver: 'proxmox', version: '8.4.1', capabilities: ['snapshots', 'running-snapshots', 'live-limits', 'disk-limit', 'copy', 'rename', 'virtual-machines'], socket: null, socket_is_ours: false, paths: [], projects: [], members: [], node: 'backup-01' };

const nothing: GuestCapacity = { cores: null, memory_total_bytes: null, memory_available_bytes: null, pools: [], promised: { memory_bytes: 0, cpu_thousandths: 0, disk_bytes: 0, memory_used_bytes: 0, guests: 0, without_memory_limit: 0, without_cpu_limit: 0, without_disk_limit: 0 } };
const room = (driver: string, memory: number, available: number, disk: number, used: number): GuestCapacity => ({
  cores: 8, memory_total_bytes: memory * gigabyte, memory_available_bytes: available * gigabyte, pools: [{ driver, name: 'default', kind: 'dir', total_bytes: disk * gigabyte, used_bytes: used * gigabyte, free_bytes: (disk - used) * gigabyte, promised_bytes: 24 * gigabyte }],
  promised: { memory_bytes: 3 * gigabyte, cpu_thousandths: 4000, disk_bytes: 24 * gigabyte, memory_used_bytes: gigabyte, guests: 4, without_memory_limit: 1, without_cpu_limit: 2, without_disk_limit: 0 },
});

const rowOf = (host: string, name: string, guest: Guest | null, presence: GuestRow['presence'], drift: string[] | null = null): GuestRow => ({ name: `${host}/${name}`, has_name: true, presence, stage: presence === 'present' ? null : 'dev', guest, declared: drift === null ? null : { image: 'debian-12', at_ms: Date.now() - 9 * day * 1000, drift } });

/** What the hosts of a pretend vault keep: one with Incus, one with classic LXC, one with Proxmox VE. */
function lodgers(host: HostRow): Pick<GuestHost, 'drivers' | 'capacity' | 'guests'> {
  switch (host.name) {
    case 'bench-01.ostrel.lan': return {
      drivers: [incus], capacity: room('incus', 16, 8.8, 240, 88),
      guests: [
        rowOf(host.name, 'caisse', inventGuest('incus', 'caisse', { state: 'frozen', os: 'alpine', os_release: '3.22', memory_used_bytes: 71 * megabyte, memory_limit_bytes: 256 * megabyte, addresses: ['10.0.7.30'] }), 'both'),
        rowOf(host.name, 'essai', null, 'declared', []),
        rowOf(host.name, 'shop-db', inventGuest('incus', 'shop-db', { memory_used_bytes: 970 * megabyte, addresses: ['10.0.7.22'] }), 'present'),
        rowOf(host.name, 'shop-web', inventGuest('incus', 'shop-web', {
          addresses: ['10.0.7.21', 'fd42::21'], mark: 'a1b2c3', description: 'the shop\u202e<b>now</b>', profiles: ['default'], image: 'debian/12',
          interfaces: [{ name: 'eth0', state: 'up', hardware_address: '00:16:3e:aa:bb:cc', parent: 'incusbr0', host_name: 'veth1a2b3c', addresses: ['10.0.7.21/24', 'fd42::21/64'], received_bytes: 48_000, sent_bytes: 21_000 }],
          snapshots: [{ name: 'before', created_seconds: now() - 2 * day, stateful: false, comment: null }, { name: 'friday', created_seconds: now() - day, stateful: false, comment: 'after the sale' }],
          volumes: [{ name: 'log', source: 'shop-web-log', pool: 'default', path: '/var/log', read_only: false, size_bytes: gigabyte }],
          ports: [{ name: 'web', listen: 'tcp:0.0.0.0:8080', connect: 'tcp:127.0.0.1:8000', from_inside: false, nat: false }],
        }), 'both', ['memory', 'autostart']),
      ],
    };
    case 'gate-01.morel.lan': return { drivers: [lxc], capacity: room('lxc', 8, 5, 1800, 1620), guests: [rowOf(host.name, 'fonds', inventGuest('lxc', 'fonds', { disk_used_bytes: null, disk_limit_bytes: null, addresses: ['10.0.3.2'] }), 'both'), rowOf(host.name, 'lecture', inventGuest('lxc', 'lecture', { state: 'stopped', pid: null, memory_used_bytes: null, disk_used_bytes: null, disk_limit_bytes: null, os: null, os_release: null }), 'present')] };
    case 'backup-01.morel.lan': return { drivers: [proxmox], capacity: room('proxmox', 48, 22, 1100, 612), guests: [rowOf(host.name, 'mqtt', inventGuest('proxmox', '104', { title: 'mqtt', lock: 'backup', memory_used_bytes: 22 * megabyte, memory_limit_bytes: 128 * megabyte, addresses: ['10.0.3.34'] }), 'both')] };
    default: return { drivers: [], capacity: nothing, guests: [] };
  }
}

/** Guests of the hosts of a vault. */
export function lodgingRooms(): Rooms<Lodging> {
  const read = new WeakMap<FakeVault, Map<string, GuestHost>>();
  const kept = new Set(['bench-01.ostrel.lan', 'gate-01.morel.lan', 'backup-01.morel.lan']);
  const readingsOf = (vault: FakeVault): Map<string, GuestHost> => {
    const known = read.get(vault) ?? new Map(vault.hosts.filter((host) => kept.has(host.name)).map((host) => [host.name, reading(host)]));
    read.set(vault, known);
    return known;
  };
  const reading = (host: HostRow): GuestHost => ({ host: host.name, stage: host.stage, sealed: host.sealed, status: host.trouble ? 'unreachable' : 'ok', error: host.trouble, duration_ms: 210, taken_ms: host.trouble ? null : Date.now(), images: [], missing: [], ...(host.trouble ? { drivers: [], capacity: nothing, guests: [] } : lodgers(host)) });
  const rowNamed = (vault: FakeVault, name: string): { host: GuestHost; row: GuestRow } => {
    for (const host of readingsOf(vault).values()) {
      const row = host.guests.find((one) => one.name === name);
      if (row) return { host, row };
    }
    throw refuse('guest-not-there', { host: name.split('/')[0] ?? '', name });
  };
  return {
    guest_list: ({ on, stored }, vault) => {
      const known = readingsOf(vault);
      if (stored !== true) for (const host of vault.hosts) if ((on === null || on === undefined || on === host.name) && !host.sealed) known.set(host.name, reading(vault.host(host.name)));
      const never = (host: HostRow): GuestHost => ({ ...reading(host), taken_ms: null, drivers: [], capacity: nothing, guests: [], error: null, status: 'ok' });
      return { hosts: vault.hosts.filter((host) => on === null || on === undefined || on === host.name).map((host) => ({ ...(known.get(host.name) ?? never(host)), sealed: vault.seen(host).sealed })) };
    },
    guest_show: ({ guest }, vault) => {
      const { host, row } = rowNamed(vault, guest);
      return { host: host.host, taken_ms: host.taken_ms ?? Date.now(), driver: host.drivers[0] ?? null, row };
    },
    guest_plan: ({ guests, change }, vault) => {
      const named = guests.map((guest) => rowNamed(vault, guest));
      const [first] = named;
      if (!first) throw refuse('invalid-request', { what: 'no guest is named' });
      const action: ActionRequest = { kind: 'run_steps', steps: guests.map((guest) => ({ title: guest, command: `${first.host.drivers[0]?.driver ?? 'lxc'} ${change.kind} ${guest.split('/').at(-1) ?? ''}` })), root: true };
      const title: WireMessage = named.length === 1 ? { key: `title.guest-${change.kind}`, values: { guest: first.row.name, count: '0', name: 'name' in change ? change.name : '', to: 'to' in change ? change.to : '' } } : titleOf(action);
      const plan: PlanView = { id: vault.fresh('plan'), title, confirm: change.kind === 'delete' ? [first.row.name] : [], ...planFor(action, [vault.host(first.host.host)]) };
      vault.plans.set(plan.id, { plan, action });
      return plan;
    },
    guest_snapshots: ({ guest }, vault) => ({ guest, snapshots: (rowNamed(vault, guest).row.guest?.snapshots ?? []).map(({ name, created_seconds, comment }) => ({ name, created_seconds: created_seconds ?? 0, comment: comment ?? '' })) }),
    inventory: (_, vault) => ({ key_name: 'beffroi', known_hosts: '/home/camille/.local/share/beffroi/known_hosts', hosts: vault.hosts.map((host) => ({ name: host.name, alias: host.name, address: host.address, port: host.port, user: host.user, stage: host.stage, sealed: host.sealed, roles: host.role === null ? [] : [host.role], tags: host.tags, driver: null, through: host.jump })) }),
    guest_logs: ({ guest, console, lines }, vault) => {
      rowNamed(vault, guest);
      return { guest, from: console === true ? 'incus console --show-log' : '/var/log/incus/shop-web/lxc.log', lines: [`lxc ${guest} 20261122103000.123 INFO start`, '\u001b[31mlogin:\u001b[0m <b>root</b>'].slice(0, lines) };
    },
  };
}
