import type { HostRow, WireMessage } from '$generated/api';
import type { ColumnName } from './columns';

export const fleetTabs = ['all', 'attention', 'updates', 'certificates', 'disk', 'unreachable'] as const;
export type FleetTab = (typeof fleetTabs)[number];
export type SortColumn = Exclude<ColumnName, 'attention' | 'tags'>;
export interface Sort { column: ColumnName; descending: boolean }
export const groupings = ['none', 'stage', 'tag'] as const;
export type Grouping = (typeof groupings)[number];

const day = 86_400_000;
/** A certificate that ends within this time wants to be looked at. */
export const certificateSoon = 21 * day;
/** From here on a disk is called full, as the core does. */
export const diskFull = 85;

/** Where a host is; of a guest, what keeps it. */
export function addressOf(host: HostRow): string {
  if (host.guest !== null) return host.guest.project === '' ? host.guest.driver : `${host.guest.driver} (${host.guest.project})`;
  return host.port === 22 ? host.address : `${host.address}:${host.port}`;
}

export function wantsAttention(host: HostRow): boolean {
  return host.trouble !== null || (host.summary?.attention.length ?? 0) > 0;
}

/** What wants attention, pending upgrades last: they have a column of their own. */
export function attentionOf(host: HostRow): WireMessage[] {
  const attention = host.summary?.attention ?? [];
  const isUpgrade = (message: WireMessage): number => Number(message.key === 'attention.upgrades');
  return [...attention].sort((left, right) => isUpgrade(left) - isUpgrade(right));
}

export function inTab(host: HostRow, tab: FleetTab, now: number): boolean {
  const { summary } = host;
  switch (tab) {
    case 'all': return true;
    case 'attention': return wantsAttention(host);
    case 'updates': return (summary?.upgrades ?? 0) > 0 || (summary?.packages ?? 0) > 0;
    case 'certificates': return summary !== null && summary.certificate_ms !== null && summary.certificate_ms - now < certificateSoon;
    case 'disk': return (summary?.disk_percent ?? 0) >= diskFull;
    case 'unreachable': return host.trouble !== null;
  }
}

/** A word that must hold: of one field, or anywhere in what the host is called and is. */
export interface SoughtWord { field: 'tag' | 'stage' | 'role' | null; text: string }

/** What one writes in the search field; `tag:`, `stage:` and `role:` look at one thing, and at nothing while nothing follows. */
export function wordsOf(text: string): SoughtWord[] {
  return text.toLowerCase().split(/\s+/).flatMap((word): SoughtWord[] => {
    const [, field, sought] = /^(tag|stage|role):(.*)$/.exec(word) ?? [];
    if (word === '' || sought === '') return [];
    return [field !== undefined && sought !== undefined ? { field: field as 'tag' | 'stage' | 'role', text: sought } : { field: null, text: word }];
  });
}

export function matches(host: HostRow, haystack: string, words: readonly SoughtWord[]): boolean {
  return words.every(({ field, text }) => {
    switch (field) {
      case null: return haystack.includes(text);
      case 'tag': return host.tags.some((tag) => tag.toLowerCase().startsWith(text));
      case 'stage': return host.stage.startsWith(text);
      case 'role': return (host.role ?? '').startsWith(text);
    }
  });
}

/** An IPv4 address as a number, which costs no comparison of words; another address as it is. */
function inNumbers(address: string): number | string {
  const parts = address.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => part >= 0 && part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : address;
}

/** What a column sorts by; what is not known comes last either way. */
export function sortKey(host: HostRow, column: ColumnName): string | number | null {
  const { summary } = host;
  switch (column) {
    case 'host': return host.name;
    case 'address': return inNumbers(host.address);
    case 'stage': return host.stage;
    case 'role': return host.role;
    case 'version': return summary?.version ?? null;
    case 'updates': return summary === null || (summary.upgrades === null && summary.packages === null) ? null : (summary.upgrades ?? 0) * 10_000 + (summary.security ?? 0) * 100 + (summary.packages ?? 0);
    case 'certificate': return summary?.certificate_ms ?? null;
    case 'services': return summary?.failed_services ?? null;
    case 'people': return summary?.people ?? null;
    case 'disk': return summary?.disk_percent ?? null;
    case 'load': return summary?.load ?? null;
    case 'uptime': return summary?.uptime_s ?? null;
    case 'facts': return summary?.taken_ms ?? null;
    case 'attention': case 'tags': return null;
  }
}

/** The version without the name of the role, which has its own column. */
export function shortVersion(host: HostRow): string {
  return shortSystem((host.summary?.version ?? '').replace(/^YunoHost /, ''));
}

/** A system's name without what every Debian says of itself. */
export function shortSystem(name: string): string {
  return name.replace(' GNU/Linux', '').replace(/ \([a-z ]+\)$/, '');
}
