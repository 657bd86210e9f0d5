import type { HostRow, WireMessage } from '$generated/api';

export type FleetTab = 'all' | 'attention' | 'unreachable';
export const sortColumns = ['host', 'stage', 'role', 'version', 'updates', 'people', 'disk', 'facts'] as const;
export type SortColumn = (typeof sortColumns)[number];
export interface Sort { column: SortColumn; descending: boolean }

export function wantsAttention(host: HostRow): boolean {
  return host.trouble !== null || (host.summary?.attention.length ?? 0) > 0;
}

/** What wants attention, pending upgrades last: they have a column of their own. */
export function attentionOf(host: HostRow): WireMessage[] {
  const attention = host.summary?.attention ?? [];
  const isUpgrade = (message: WireMessage): number => Number(message.key === 'attention.upgrades');
  return [...attention].sort((left, right) => isUpgrade(left) - isUpgrade(right));
}

export function inTab(host: HostRow, tab: FleetTab): boolean {
  if (tab === 'attention') return wantsAttention(host);
  if (tab === 'unreachable') return host.trouble !== null;
  return true;
}

/** Every word must hold: `tag:`, `stage:` and `role:` look at one thing, other words at names, addresses, tags and versions. */
export function matches(host: HostRow, filter: string): boolean {
  return filter.toLowerCase().split(/\s+/).every((word) => {
    if (word === '') return true;
    const [, field, sought] = /^(tag|stage|role):(.*)$/.exec(word) ?? [];
    if (field !== undefined && sought !== undefined) {
      if (sought === '') return true;
      if (field === 'tag') return host.tags.some((tag) => tag.toLowerCase().startsWith(sought));
      return (field === 'stage' ? host.stage : (host.role ?? '')).startsWith(sought);
    }
    return [host.name, host.address, host.summary?.version ?? '', ...host.tags].some((text) => text.toLowerCase().includes(word));
  });
}

function sortKey(host: HostRow, column: SortColumn): string | number | null {
  switch (column) {
    case 'host': return host.name;
    case 'stage': return host.stage;
    case 'role': return host.role;
    case 'version': return host.summary?.version ?? null;
    case 'updates': return host.summary?.upgrades ?? null;
    case 'people': return host.summary?.people ?? null;
    case 'disk': return host.summary?.disk_percent ?? null;
    case 'facts': return host.summary?.taken_ms ?? null;
  }
}

/** Hosts in the order asked for; what is not known comes last either way. */
export function sortHosts(hosts: readonly HostRow[], sort: Sort, compare: (left: string, right: string) => number): HostRow[] {
  const direction = sort.descending ? -1 : 1;
  return [...hosts].sort((left, right) => {
    const first = sortKey(left, sort.column);
    const second = sortKey(right, sort.column);
    if (first === null || second === null) return first === second ? compare(left.name, right.name) : first === null ? 1 : -1;
    const order = typeof first === 'number' && typeof second === 'number' ? first - second : compare(String(first), String(second));
    return order === 0 ? compare(left.name, right.name) : order * direction;
  });
}

/** The version without the name of the role, which has its own column. */
export function shortVersion(host: HostRow): string {
  return shortSystem((host.summary?.version ?? '').replace(/^YunoHost /, ''));
}

/** A system's name without what every Debian says of itself. */
export function shortSystem(name: string): string {
  return name.replace(' GNU/Linux', '').replace(/ \([a-z ]+\)$/, '');
}
