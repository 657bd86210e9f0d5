import type { FleetView, SurveyResult } from '$generated/api';
import { rpc, session } from '$ipc';
import { isColumn, usualColumns, type ColumnName } from './columns';
import { fleetViews } from './views.svelte';
import { fleetTabs, groupings, type FleetTab, type Grouping, type Sort } from './rows';

/** Hosts read at the same time: a silent one holds up its own place only. */
const atOnce = 24;

export interface Refresh { done: number; failed: number; total: number }

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
  refreshing = $state.raw<Refresh | null>(null);
  /** The last refresh that ended. */
  refreshed = $state.raw<Refresh | null>(null);
  /** The refresh that is under way, if it is still wanted: another vault has another. */
  #run: { stopped: boolean } | null = null;

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
  async refresh(names: readonly string[]): Promise<void> {
    if (this.refreshing) return;
    const vault = session.current;
    const run = { stopped: false };
    this.#run = run;
    this.refreshed = null;
    let progress: Refresh = { done: 0, failed: 0, total: names.length };
    this.refreshing = progress;
    const waiting = [...names];
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined && !run.stopped && this.#run === run; name = waiting.shift()) {
        const held = await survey(name, vault);
        progress = { ...progress, done: progress.done + 1, failed: progress.failed + (held ? 0 : 1) };
        if (this.#run === run) this.refreshing = progress;
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker));
    if (this.#run !== run) return;
    this.#run = null;
    this.refreshing = null;
    this.refreshed = progress;
  }

  stopRefreshing(): void {
    if (this.#run) this.#run.stopped = true;
  }

  reset(): void {
    this.#run = null;
    this.refreshing = null;
    this.filter = '';
    this.tab = 'all';
    this.sort = { column: 'host', descending: false };
    this.groupBy('none');
    this.columns = null;
    fleetViews.kept.clear();
    this.selected = new Set();
    this.adding = false;
    this.refreshed = null;
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
