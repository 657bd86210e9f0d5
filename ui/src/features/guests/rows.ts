import type { TableGroup } from '$design';
import type { Guest, GuestDriver, GuestHost, GuestRow } from '$generated/api';

export const columnNames = ['name', 'state', 'runs', 'memory', 'disk', 'address', 'snapshots', 'presence'] as const;
export type ColumnName = (typeof columnNames)[number];

/** A guest in the tree. */
export interface GuestLine {
  /** `HOST/GUEST`. */
  name: string;
  host: GuestHost;
  entry: GuestRow;
  /** What its driver says of it; null of one that is declared and not there. */
  guest: Guest | null;
  /** What it is called under its host. */
  shown: string;
}

export function linesOf(host: GuestHost): GuestLine[] {
  return host.guests.map((entry) => ({ name: entry.name, host, entry, guest: entry.guest, shown: entry.name.slice(host.host.length + 1) }));
}

/** Whether a host belongs into the tree: it keeps guests or could, or nobody knows because it is sealed or did not answer. */
export function isShown(host: GuestHost): boolean {
  return host.drivers.length > 0 || host.guests.length > 0 || host.error !== null || host.sealed;
}

/** The driver of a guest, as its host has it. */
export function driverOf(line: GuestLine): GuestDriver | null {
  return line.host.drivers.find((driver) => driver.driver === line.guest?.driver) ?? null;
}

export function can(line: GuestLine, capability: GuestDriver['capabilities'][number]): boolean {
  return driverOf(line)?.capabilities.includes(capability) ?? false;
}

const driverNames: Record<string, string> = { lxc: 'LXC', incus: 'Incus', lxd: 'LXD', proxmox: 'Proxmox VE' };

/** A driver as people write it; one that is not known keeps its name. */
export function driverName(name: string): string {
  return Object.hasOwn(driverNames, name) ? (driverNames[name] ?? name) : name;
}

/** What runs in it: its distribution, else the image that it was made from. */
export function systemOf(guest: Guest): string {
  return [guest.os ?? '', guest.os_release ?? ''].filter((word) => word !== '').join(' ') || (guest.image ?? '');
}

/** How much of a limit is used, in percent; null where there is none, or nothing is known. */
export function shareOf(used: number | null, limit: number | null): number | null {
  return used === null || limit === null || limit === 0 ? null : (100 * used) / limit;
}

export const actions = ['start', 'stop', 'restart', 'freeze', 'unfreeze', 'snapshot-create', 'set', 'copy', 'rename', 'delete'] as const;
export type GuestAction = (typeof actions)[number];

/** What can be asked of a guest: what its driver cannot do is not offered, what its state does not allow is not ready. */
export function actionsFor(line: GuestLine): { action: GuestAction; ready: boolean }[] {
  const { guest } = line;
  if (!guest) return [];
  const up = guest.state === 'running' || guest.state === 'frozen' || guest.state === 'unknown';
  const stopped = guest.state === 'stopped' || guest.state === 'error' || guest.state === 'unknown';
  const offers: Record<GuestAction, { there: boolean; ready: boolean }> = {
    start: { there: !guest.template, ready: stopped },
    stop: { there: !guest.template, ready: up },
    restart: { there: !guest.template, ready: up },
    freeze: { there: can(line, 'freeze') && guest.state !== 'frozen', ready: guest.state === 'running' },
    unfreeze: { there: can(line, 'freeze') && guest.state === 'frozen', ready: true },
    'snapshot-create': { there: can(line, 'snapshots'), ready: true },
    set: { there: true, ready: true },
    copy: { there: can(line, 'copy'), ready: stopped || can(line, 'running-copy') },
    rename: { there: can(line, 'rename'), ready: stopped || guest.driver === 'proxmox' },
    delete: { there: true, ready: stopped },
  };
  return actions.filter((action) => offers[action].there).map((action) => ({ action, ready: offers[action].ready && guest.lock === null && line.entry.has_name }));
}

/** Every word must be found in what a guest is called and is, or in its host's name. */
function matches(line: GuestLine, words: readonly string[]): boolean {
  const { guest } = line;
  const text = [line.name, guest?.name, guest?.title, guest?.driver, guest?.state, guest && systemOf(guest), guest?.image, guest?.mark === null ? '' : 'beffroi', ...(guest?.addresses ?? []), ...(guest?.groups ?? [])].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}

/** What a column sorts by; what is not known comes last either way. */
function sortKey(line: GuestLine, column: ColumnName): string | number | null {
  const { guest } = line;
  switch (column) {
    case 'name': return line.shown;
    case 'state': return guest?.state ?? null;
    case 'runs': return guest ? systemOf(guest) : null;
    case 'memory': return guest?.memory_used_bytes ?? null;
    case 'disk': return guest?.disk_used_bytes ?? guest?.disk_limit_bytes ?? null;
    case 'address': return guest?.addresses[0] ?? null;
    case 'snapshots': return guest?.snapshots.length ?? null;
    case 'presence': return line.entry.presence;
  }
}

/** Hosts with their guests, as groups of a table; a host of which nothing is found goes, unless nothing is looked for. */
export function treeOf(hosts: readonly GuestHost[], text: string, sort: { column: ColumnName; descending: boolean }, folded: ReadonlySet<string>, compare: (left: string, right: string) => number): TableGroup<GuestLine>[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const sign = sort.descending ? -1 : 1;
  const inOrder = (left: GuestLine, right: GuestLine): number => {
    const [one, other] = [sortKey(left, sort.column), sortKey(right, sort.column)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || compare(left.shown, right.shown);
    const order = typeof one === 'number' && typeof other === 'number' ? one - other : compare(String(one), String(other));
    return sign * order || compare(left.shown, right.shown);
  };
  return [...hosts]
    .sort((left, right) => compare(left.host, right.host))
    .map((host) => ({ key: host.host, label: host.host, items: linesOf(host).filter((line) => matches(line, words)).sort(inOrder), folded: words.length === 0 && folded.has(host.host) }))
    .filter((group) => words.length === 0 || group.items.length > 0);
}

const mebibyte = 1_048_576;

/** A limit in MiB as it is typed: nothing for none, null for what is no limit. */
export function mebibytesOf(text: string): number | null {
  const typed = text.trim();
  if (typed === '') return 0;
  return /^\d{1,9}$/.test(typed) && Number(typed) > 0 ? Number(typed) * mebibyte : null;
}

export function mebibytesShown(bytes: number | null): string {
  return bytes === null ? '' : String(Math.round(bytes / mebibyte));
}

/** Processors as they are typed, such as `2` or `1.5`, in thousandths: nothing for as many as there are, null for what is none. */
export function processorsOf(text: string): number | null {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return 0;
  return /^\d{1,4}(\.\d{1,3})?$/.test(typed) && Number(typed) > 0 ? Math.round(Number(typed) * 1000) : null;
}

/** What every driver takes for the name of a guest or a snapshot. */
export function isGuestName(text: string): boolean {
  return text.length <= 40 && /^[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/.test(text);
}

/** What an image may be called. */
export function isImageName(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(text);
}
