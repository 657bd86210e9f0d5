import type { JournalRow } from '$generated/api';

export const pageSize = 200;
/** Pages that are kept; those farthest from the one read last go first. */
const mostKept = 50;

export function pageOf(sequence: number): number {
  return Math.floor((sequence - 1) / pageSize);
}

/** Entries of a journal by their numbers: as many as were read last, however long it is. */
export class PageStore {
  readonly #pages = new Map<number, JournalRow[]>();

  get(sequence: number): JournalRow | null {
    return this.#pages.get(pageOf(sequence))?.[(sequence - 1) % pageSize] ?? null;
  }

  /** Keeps entries that were read for the page `near`. */
  keep(entries: readonly JournalRow[], near: number): void {
    for (const entry of entries) {
      const page = pageOf(entry.sequence);
      const rows = this.#pages.get(page) ?? [];
      rows[(entry.sequence - 1) % pageSize] = entry;
      this.#pages.set(page, rows);
    }
    while (this.#pages.size > mostKept) {
      const farthest = [...this.#pages.keys()].reduce((most, page) => (Math.abs(page - near) > Math.abs(most - near) ? page : most), near);
      this.#pages.delete(farthest);
    }
  }
}
