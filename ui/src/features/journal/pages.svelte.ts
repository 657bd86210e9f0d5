import type { ApiError, JournalRow } from '$generated/api';
import { rpc, toApiError } from '$ipc';
import { pageOf, pageSize, PageStore } from './page-store';

/** Pages that wait to be read: whoever scrolls fast passes many, and wants the last ones. */
const mostWanted = 3;

/** The entries of a journal by their numbers, read in pages when they are wanted. However long it is, few of them are kept. */
export class JournalPages {
  /** Entries in all: they are numbered from 1, without gaps. */
  total = $state(0);
  error = $state.raw<ApiError | null>(null);
  loaded = $state(false);
  readonly #store = new PageStore();
  /** Counts what was read: whoever shows an entry is told by it that there is something new. */
  #read = $state(0);
  #wanted: number[] = [];
  #fresh = false;
  #busy = false;

  /** An entry, if it is known now. */
  entry(sequence: number): JournalRow | null {
    void this.#read;
    return this.#store.get(sequence);
  }

  /** Reads the newest entries, and how many there are. */
  refresh(): Promise<void> {
    this.#fresh = true;
    return this.#go();
  }

  /** Reads the page of an entry that is to be shown. */
  want(sequence: number): Promise<void> {
    const page = pageOf(sequence);
    if (this.entry(sequence)) return Promise.resolve();
    this.#wanted = [page, ...this.#wanted.filter((other) => other !== page)].slice(0, mostWanted);
    return this.#go();
  }

  async #go(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    let page: number | null = null;
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) {
        page = next;
        await this.#take(next);
      }
      this.error = null;
    } catch (thrown) {
      // It is still wanted when it is tried again.
      if (page !== null) this.#wanted = [page, ...this.#wanted];
      this.error = toApiError(thrown);
    }
    this.loaded = true;
    this.#busy = false;
  }

  /** What is read next: the newest entries come first, as null. */
  #next(): number | null | undefined {
    if (!this.#fresh) return this.#wanted.shift();
    this.#fresh = false;
    return null;
  }

  async #take(page: number | null): Promise<void> {
    const { entries, total } = await rpc('journal_list', { before: page === null ? null : (page + 1) * pageSize + 1, limit: pageSize });
    this.#store.keep(entries, page ?? pageOf(total));
    this.total = total;
    this.#read += 1;
  }
}
