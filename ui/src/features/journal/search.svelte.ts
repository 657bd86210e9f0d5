import type { ApiError, JournalRow } from '$generated/api';
import { rpc, toApiError } from '$ipc';

/** Entries of one request. */
const pageSize = 1000;
/** Entries that are found at most: more than that is no answer. */
export const mostFound = 10_000;

export type SearchState = 'idle' | 'looking' | 'stopped' | 'done' | 'full' | 'failed';

/** The words of a text, without capitals and accents. */
export function plainWords(text: string): string[] {
  return plain(text).split(/\s+/).filter((word) => word !== '');
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/**
 * Looks for words in the journal, from its newest entry down, page by page: the core does not search, the sentences are in the
 * language of the page. What was found is shown while the rest is looked at.
 */
export class JournalSearch {
  state = $state<SearchState>('idle');
  /** What was found, the newest first. */
  found = $state.raw<readonly JournalRow[]>([]);
  looked = $state(0);
  total = $state(0);
  error = $state.raw<ApiError | null>(null);
  readonly #sentence: (entry: JournalRow) => string;
  #words: readonly string[] = [];
  /** The search that is under way, if it is still wanted. */
  #run = {};
  /** The numbers between which everything was looked at. */
  #newest = 0;
  #oldest: number | null = null;

  constructor(sentence: (entry: JournalRow) => string) {
    this.#sentence = sentence;
  }

  /** Looks for words from the beginning; without any, nothing is looked for. */
  look(text: string): Promise<void> {
    this.#words = plainWords(text);
    this.#newest = 0;
    this.#oldest = null;
    this.found = [];
    this.looked = 0;
    this.error = null;
    this.#run = {};
    this.state = 'idle';
    return this.#words.length > 0 ? this.goOn() : Promise.resolve();
  }

  stop(): void {
    this.#run = {};
    if (this.state === 'looking') this.state = 'stopped';
  }

  /** Looks at what was added since everything was looked at. */
  async refresh(): Promise<void> {
    if (this.state !== 'done') return;
    try {
      await this.#newer(this.#run);
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
  }

  /** Looks at what was added since, then at what was not looked at yet. */
  async goOn(): Promise<void> {
    if (this.#words.length === 0) return;
    const run = {};
    this.#run = run;
    this.state = 'looking';
    this.error = null;
    try {
      await this.#newer(run);
      while (run === this.#run && this.#oldest !== null && this.#oldest > 1 && this.found.length < mostFound) await this.#older(run);
      if (run === this.#run) this.state = this.found.length >= mostFound ? 'full' : 'done';
    } catch (thrown) {
      if (run !== this.#run) return;
      this.error = toApiError(thrown);
      this.state = 'failed';
    }
  }

  /** What was added since it was looked at, the newest first. */
  async #newer(run: object): Promise<void> {
    const added: JournalRow[] = [];
    let before: number | null = null;
    let newest = this.#newest;
    do {
      const page: JournalRow[] = await this.#page(before);
      if (run !== this.#run) return;
      added.push(...page.filter((entry) => entry.sequence > this.#newest));
      newest = Math.max(newest, page[0]?.sequence ?? 0);
      before = page.at(-1)?.sequence ?? 1;
      // At first, one page is enough to begin with.
    } while (this.#newest > 0 && before > this.#newest + 1);
    if (this.#oldest === null) this.#oldest = before;
    this.#newest = newest;
    this.#keep(added, true);
  }

  async #older(run: object): Promise<void> {
    const page = await this.#page(this.#oldest);
    if (run !== this.#run) return;
    this.#oldest = page.at(-1)?.sequence ?? 1;
    this.#keep(page, false);
  }

  async #page(before: number | null): Promise<JournalRow[]> {
    const { entries, total } = await rpc('journal_list', { before, limit: pageSize });
    this.total = total;
    return entries;
  }

  #keep(page: readonly JournalRow[], inFront: boolean): void {
    const found = page.filter((entry) => this.#has(entry));
    this.looked += page.length;
    if (found.length > 0) this.found = (inFront ? [...found, ...this.found] : [...this.found, ...found]).slice(0, mostFound);
  }

  #has(entry: JournalRow): boolean {
    const text = plain(`${entry.sequence} ${this.#sentence(entry)} ${entry.items.join(' ')} ${entry.host ?? ''} ${entry.person} ${entry.mac}`);
    return this.#words.every((word) => text.includes(word));
  }
}
