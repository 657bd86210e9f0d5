import type { HostRow } from '$generated/api';
import type { TableGroup } from '$design';
import { addressOf, fleetTabs, inTab, matches, sortKey, wantsAttention, type FleetTab, type Grouping, type Sort, type SoughtWord } from './rows';
import { selects, shortlyNamed, type Selector } from './selector';

type Compare = (left: string, right: string) => number;

/** What one looks for: a selector that was understood, or words that must all hold. */
export type Sought = { kind: 'words'; words: readonly SoughtWord[] } | { kind: 'selector'; selector: Selector; vault: string };

export interface Queried { rows: HostRow[]; counts: Record<FleetTab, number> }

/** What is looked through, once for each row: rows of a host that did not change are not made anew. */
const haystacks = new WeakMap<HostRow, string>();

function haystackOf(host: HostRow): string {
  let haystack = haystacks.get(host);
  if (haystack === undefined) {
    haystack = [host.name, addressOf(host), host.summary?.version ?? '', ...host.tags].join('\n').toLowerCase();
    haystacks.set(host, haystack);
  }
  return haystack;
}

/** Whether all that has the words had the words before as well. */
function narrows(words: readonly SoughtWord[], before: readonly SoughtWord[]): boolean {
  return before.every((old) => words.some((word) => word.field === old.field && word.text.startsWith(old.text)));
}

/** Above every number that a column has. */
const afterNumbers = 2 ** 48;

/** Names of hosts part by part: guests stand right under their host. */
function compareNames(left: string, right: string, compare: Compare): number {
  if (!left.includes('/') && !right.includes('/')) return compare(left, right);
  const [ones, others] = [left.split('/'), right.split('/')];
  for (let at = 0; at < Math.min(ones.length, others.length); at += 1) {
    const order = compare(ones[at] ?? '', others[at] ?? '');
    if (order !== 0) return order;
  }
  return ones.length - others.length;
}

/** Places of strings in the order of the language. Each distinct string is compared, not each pair of hosts. */
function ranksOf(texts: Iterable<string>, compare: Compare): Map<string, number> {
  return new Map([...new Set(texts)].sort(compare).map((text, rank) => [text, rank]));
}

/**
 * The hosts, ready to be looked through: every order is made once and kept, so that a key press in the search field
 * goes over the hosts a single time and compares none with another.
 */
export class FleetIndex {
  readonly hosts: readonly HostRow[];
  readonly #compare: Compare;
  readonly #now: number;
  readonly #names: Map<string, number>;
  readonly #orders = new Map<string, readonly HostRow[]>();
  /** For each host, the tabs that it is in, a bit for each. */
  readonly #tabs: Map<HostRow, number>;
  /** What was found last by words. */
  #before: { order: readonly HostRow[]; words: readonly SoughtWord[]; found: readonly HostRow[] } | null = null;

  constructor(hosts: readonly HostRow[], compare: Compare, now: number, before?: FleetIndex) {
    this.hosts = hosts;
    this.#compare = compare;
    this.#now = now;
    // A survey brings new facts, rarely a new name.
    this.#names = before && before.#compare === compare && before.hosts.length === hosts.length && hosts.every((host) => before.#names.has(host.name)) ? before.#names : ranksOf(hosts.map((host) => host.name), (left, right) => compareNames(left, right, compare));
    this.#tabs = new Map(hosts.map((host) => [host, fleetTabs.reduce((bits, tab, at) => bits | (inTab(host, tab, this.#now) ? 1 << at : 0), 0)]));
  }

  /** Every host in an order; what is not known comes last either way, and equals stand by name. */
  order(sort: Sort): readonly HostRow[] {
    const kept = `${sort.column} ${sort.descending}`;
    let order = this.#orders.get(kept);
    if (!order) {
      order = this.#sorted(sort);
      this.#orders.set(kept, order);
    }
    return order;
  }

  #sorted({ column, descending }: Sort): readonly HostRow[] {
    const sign = descending ? -1 : 1;
    if (column === 'host') return this.hosts.map((host) => ({ host, at: sign * (this.#names.get(host.name) ?? 0) })).sort((left, right) => left.at - right.at).map(({ host }) => host);
    // Sorting keeps equals as they stand, which is by name.
    const named = this.order({ column: 'host', descending: false }).map((host) => ({ host, key: sortKey(host, column) }));
    const ranks = ranksOf(named.flatMap(({ key }) => (typeof key === 'string' ? [key] : [])), this.#compare);
    // Where a column has both, numbers come before words.
    const known = named.flatMap(({ host, key }) => (key === null ? [] : [{ host, at: sign * (typeof key === 'string' ? afterNumbers + (ranks.get(key) ?? 0) : key) }]));
    known.sort((left, right) => left.at - right.at);
    return [...known.map(({ host }) => host), ...named.flatMap(({ host, key }) => (key === null ? [host] : []))];
  }

  query(sought: Sought, tab: FleetTab, sort: Sort): Queried {
    const found = this.#found(sought, sort);
    /** How many are in the same tabs. */
    const together = new Uint32Array(1 << fleetTabs.length);
    const bit = 1 << fleetTabs.indexOf(tab);
    const rows: HostRow[] = [];
    for (const host of found) {
      const bits = this.#tabs.get(host) ?? 0;
      together[bits] = (together[bits] ?? 0) + 1;
      if ((bits & bit) !== 0) rows.push(host);
    }
    const count = (at: number): number => together.reduce((sum, hosts, bits) => ((bits & (1 << at)) !== 0 ? sum + hosts : sum), 0);
    return { rows, counts: Object.fromEntries(fleetTabs.map((name, at) => [name, count(at)])) as Record<FleetTab, number> };
  }

  /** The hosts that are looked for, in their order. Letters that are added are looked for among what was found before them. */
  #found(sought: Sought, sort: Sort): readonly HostRow[] {
    const order = this.order(sort);
    if (sought.kind === 'selector') return order.filter((host) => selects(sought.selector, host, sought.vault));
    const { words } = sought;
    if (words.length === 0) return order;
    const before = this.#before?.order === order && narrows(words, this.#before.words) ? this.#before.found : order;
    const found = before.filter((host) => matches(host, haystackOf(host), words));
    this.#before = { order, words, found };
    return found;
  }

  /** Values that hosts have, each with how many have it. */
  known(): Record<'tag' | 'stage' | 'role', ReadonlyMap<string, number>> {
    const known = { tag: new Map<string, number>(), stage: new Map<string, number>(), role: new Map<string, number>() };
    const count = (counts: Map<string, number>, value: string): void => { counts.set(value, (counts.get(value) ?? 0) + 1); };
    for (const host of this.hosts) {
      for (const tag of host.tags) count(known.tag, tag);
      count(known.stage, host.stage);
      if (host.role) count(known.role, host.role);
    }
    return known;
  }

  /** The host that a name means: the one of that name, else the only one that goes by it shortly. */
  meant(name: string): string | null {
    return this.#names.has(name) ? name : shortlyNamed(name, this.hosts);
  }
}

/** The rows by stage or tag, in their order. A host with several tags stands under each; one without, under none of them. */
export function groupRows(rows: readonly HostRow[], grouping: Grouping, labelOf: (key: string) => string, compare: Compare, folded: ReadonlySet<string>): TableGroup<HostRow>[] {
  if (grouping === 'none') return [{ key: '', label: null, items: rows, folded: false }];
  const groups = new Map<string, HostRow[]>();
  for (const host of rows) {
    const keys = grouping === 'stage' ? [host.stage] : host.tags.length > 0 ? host.tags : [''];
    for (const key of keys) {
      const group = groups.get(key);
      if (group) group.push(host);
      else groups.set(key, [host]);
    }
  }
  return [...groups]
    .sort(([left], [right]) => Number(left === '') - Number(right === '') || compare(left, right))
    .map(([key, items]) => ({ key, label: labelOf(key), items, folded: folded.has(key) }));
}

/** How many of these want attention. */
export function attentionIn(hosts: readonly HostRow[]): number {
  return hosts.reduce((sum, host) => sum + Number(wantsAttention(host)), 0);
}
