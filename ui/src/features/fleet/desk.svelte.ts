import type { FleetView, SurveyResult } from '$generated/api';
import { HostByHost, rpc, session, type Refresh } from '$ipc';
import { isColumn, usualColumns, type ColumnName } from './columns';
import { fleetViews } from './views.svelte';
import { fleetTabs, groupings, type FleetTab, type Grouping, type Sort } from './rows';

/** What one has under way in the fleet: it stays while one looks at another screen. */
class FleetDesk {
  filter = $state('');
  tab = $state<FleetTab>('all');
  sort = $state.raw<Sort>({ column: 'host', descending: false });
  group = $state<Grouping>('none');
  /** The columns that the person chose; null while they chose none. */
  columns = $state.raw<readonly ColumnName[] | null>(null);
  /** Groups that are folded away. */
  folded = $state.raw<ReadonlySet<string>>(new Set());
  selected = $state.raw<ReadonlySet<string>>(new Set());
  adding = $state(false);
  readonly #reading = new HostByHost();

  get refreshing(): Refresh | null {
    return this.#reading.now;
  }

  /** The last refresh that ended. */
  get refreshed(): Refresh | null {
    return this.#reading.last;
  }

  select(names: Iterable<string>): void {
    this.selected = new Set(names);
  }

  fold(group: string): void {
    this.folded = new Set(this.folded.has(group) ? [...this.folded].filter((other) => other !== group) : [...this.folded, group]);
  }

  groupBy(group: Grouping): void {
    this.group = group;
    this.folded = new Set();
  }

  /** How one looks at the fleet now, to be kept under a name. */
  view(name: string): FleetView {
    return { name, filter: this.filter, tab: this.tab, sort: this.sort.column, descending: this.sort.descending, group: this.group === 'none' ? '' : this.group, columns: [...(this.columns ?? [])] };
  }

  /** Looks at the fleet as a view says; words of another version of this program are passed over. */
  apply(view: FleetView): void {
    const columns = view.columns.filter(isColumn);
    this.filter = view.filter;
    this.tab = fleetTabs.find((tab) => tab === view.tab) ?? 'all';
    this.sort = { column: isColumn(view.sort) ? view.sort : 'host', descending: view.descending };
    this.groupBy(groupings.find((group) => group === view.group) ?? 'none');
    this.columns = columns.length > 0 && columns.includes('host') ? columns : null;
  }

  get shownColumns(): readonly ColumnName[] {
    return this.columns ?? usualColumns;
  }

  /** Reads hosts anew, one by one, so that each appears as soon as it has answered. */
  refresh(names: readonly string[]): Promise<void> {
    const vault = session.current;
    return this.#reading.begin(names, (name) => survey(name, vault));
  }

  stopRefreshing(): void {
    this.#reading.stop();
  }

  reset(): void {
    this.#reading.reset();
    this.filter = '';
    this.tab = 'all';
    this.sort = { column: 'host', descending: false };
    this.groupBy('none');
    this.columns = null;
    fleetViews.kept.clear();
    this.selected = new Set();
    this.adding = false;
  }
}

async function survey(name: string, vault: string | null): Promise<boolean> {
  try {
    const { results } = await rpc('host_survey', { on: name, refresh: true }, vault);
    return results.every((result: SurveyResult) => result.error === null);
  } catch {
    // The row of the host says why; the vault may also have been locked meanwhile.
    return false;
  }
}

export const fleetDesk = new FleetDesk();
