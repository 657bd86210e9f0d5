import type { OutputLine } from './lines';

/** What the page keeps of the output of a job at most, in bytes as they are counted here; the core has the rest. */
export const mostKept = 7 * 1024 * 1024;

/** What a line costs beside its text, in bytes: the object, the head of its string, its places in lists. */
const perLine = 128;
const perCharacter = 2;

/** Lines that follow one another, of a bounded size. */
export class Backlog {
  #lines: OutputLine[] = [];
  #first: number;
  #bytes = 0;
  readonly #most: number;

  constructor(first = 0, most = mostKept) {
    this.#first = first;
    this.#most = most;
  }

  get lines(): readonly OutputLine[] {
    return this.#lines;
  }

  /** The number of the first line that is kept, from 0. */
  get first(): number {
    return this.#first;
  }

  /** The number after the last line that is kept. */
  get end(): number {
    return this.#first + this.#lines.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether half of what can be kept is: with more, what was read first goes soon. */
  get half(): boolean {
    return this.#bytes > this.#most / 2;
  }

  /** Whether these can be added without the first ones going. */
  fits(added: readonly OutputLine[], grown: number): boolean {
    return this.#bytes + added.length * perLine + grown * perCharacter <= this.#most;
  }

  /** Adds lines at the end; `grown` is by how many characters all lines grew. The first ones go when it is too much. */
  append(added: readonly OutputLine[], grown: number): void {
    for (const line of added) this.#lines.push(line);
    this.#bytes += added.length * perLine + grown * perCharacter;
    let dropped = 0;
    while (this.#bytes > this.#most && dropped < this.#lines.length) {
      this.#bytes -= perLine + (this.#lines[dropped]?.text.length ?? 0) * perCharacter;
      dropped += 1;
    }
    if (dropped === 0) return;
    this.#lines.splice(0, dropped);
    this.#first += dropped;
    this.recount();
  }

  /** Counts anew: lines that are open grow, also after they went. */
  recount(): void {
    this.#bytes = this.#lines.reduce((sum, line) => sum + perLine + line.text.length * perCharacter, 0);
  }
}
