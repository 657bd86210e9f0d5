import type { ApiError, JournalRow } from '$generated/api';
import { rpc, toApiError } from '$ipc';

const pageSize = 200;

/** The journal from its newest entry down, read page by page as one scrolls. */
export class JournalPages {
  entries = $state.raw<readonly JournalRow[]>([]);
  total = $state(0);
  error = $state.raw<ApiError | null>(null);
  loaded = $state(false);
  #busy = false;
  #again = false;

  /** Reads what was added since; the first page when nothing was read. */
  async refresh(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    await this.#read(null, (page) => {
      const newest = this.entries[0]?.sequence ?? 0;
      const added = page.filter((entry) => entry.sequence > newest);
      // More than a page was added, or nothing was read yet: what is known no longer joins on.
      this.entries = (page.at(-1)?.sequence ?? 1) > newest + 1 ? page : [...added, ...this.entries];
    });
    if (this.#again) {
      this.#again = false;
      await this.refresh();
    }
  }

  async older(): Promise<void> {
    const last = this.entries.at(-1)?.sequence;
    if (this.#busy || last === undefined || last <= 1) return;
    await this.#read(last, (page) => { this.entries = [...this.entries, ...page]; });
  }

  async #read(before: number | null, take: (page: JournalRow[]) => void): Promise<void> {
    this.#busy = true;
    try {
      const page = await rpc('journal_list', { before, limit: pageSize });
      this.total = page.total;
      take(page.entries);
      this.error = null;
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
    this.loaded = true;
    this.#busy = false;
  }
}
