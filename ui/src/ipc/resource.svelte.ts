import type { ApiError } from '$generated/api';
import { toApiError } from './errors';

/** Between two readings in a row, in milliseconds: a fleet that is being read rings for every host. */
const breath = 120;

/**
 * A value the backend has, as last read. Asking again while an answer is under way asks once more after it:
 * a hundred events cost two readings, and the last one is never missed.
 */
export class Resource<Value> {
  value = $state.raw<Value | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(false);
  readonly #read: () => Promise<Value>;
  #running: Promise<void> | null = null;
  #again = false;
  #generation = 0;

  constructor(read: () => Promise<Value>) {
    this.#read = read;
  }

  /** Reads the value; ends when what was asked for until then has been read. */
  load(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#readAll(this.#generation);
    return this.#running;
  }

  async #readAll(generation: number): Promise<void> {
    this.loading = true;
    for (let first = true; first || this.#again; first = false) {
      if (!first) await new Promise((resolve) => setTimeout(resolve, breath));
      this.#again = false;
      try {
        const value = await this.#read();
        if (generation !== this.#generation) return;
        this.value = value;
        this.error = null;
      } catch (thrown) {
        if (generation !== this.#generation) return;
        this.error = toApiError(thrown);
      }
    }
    this.#running = null;
    this.loading = false;
  }

  /** Forgets the value; an answer still under way is dropped when it comes. */
  clear(): void {
    this.#generation += 1;
    this.#running = null;
    this.#again = false;
    this.loading = false;
    this.value = null;
    this.error = null;
  }
}
