import type { SurveyResult } from '$generated/api';
import { rpc, session } from '$ipc';
import type { FleetTab, Sort } from './rows';

/** Hosts read at the same time: a silent one holds up its own place only. */
const atOnce = 24;

export interface Refresh { done: number; failed: number; total: number }

/** What one has under way in the fleet: it stays while one looks at another screen. */
class FleetDesk {
  filter = $state('');
  tab = $state<FleetTab>('all');
  sort = $state.raw<Sort>({ column: 'host', descending: false });
  selected = $state.raw<ReadonlySet<string>>(new Set());
  adding = $state(false);
  refreshing = $state.raw<Refresh | null>(null);
  /** The last refresh that ended. */
  refreshed = $state.raw<Refresh | null>(null);
  #stop = false;

  toggle(name: string): void {
    this.select(this.selected.has(name) ? [...this.selected].filter((other) => other !== name) : [...this.selected, name]);
  }

  select(names: Iterable<string>): void {
    this.selected = new Set(names);
  }

  /** Reads hosts anew, one by one, so that each appears as soon as it has answered. */
  async refresh(names: readonly string[]): Promise<void> {
    if (this.refreshing) return;
    const vault = session.current;
    this.#stop = false;
    this.refreshed = null;
    let progress: Refresh = { done: 0, failed: 0, total: names.length };
    this.refreshing = progress;
    const waiting = [...names];
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined && !this.#stop && session.current === vault; name = waiting.shift()) {
        const held = await survey(name, vault);
        progress = { ...progress, done: progress.done + 1, failed: progress.failed + (held ? 0 : 1) };
        this.refreshing = progress;
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker));
    this.refreshing = null;
    if (session.current === vault) this.refreshed = progress;
  }

  stopRefreshing(): void {
    this.#stop = true;
  }

  reset(): void {
    this.#stop = true;
    this.filter = '';
    this.tab = 'all';
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
