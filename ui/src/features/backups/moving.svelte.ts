import { rateOf, secondsLeft, withSample, type Sample } from '$features/files';
import { onEvent, rpc } from '$ipc';

/** One backup that is on its way, or is read: how far it is, and a way to stop it. */
export class Moving {
  name = $state<string | null>(null);
  done = $state(0);
  total = $state(0);
  stopping = $state(false);
  #samples = $state.raw<Sample[]>([]);
  #called = '';

  readonly rate = $derived(rateOf(this.#samples));
  readonly left = $derived(this.total > this.done ? secondsLeft(this.done, this.total, this.rate) : null);

  /** Does work that tells its progress under the name that it is given. */
  async during<T>(name: string, work: (called: string) => Promise<T>): Promise<T> {
    this.#called = crypto.randomUUID();
    this.name = name;
    this.done = 0;
    this.total = 0;
    this.#samples = [];
    this.stopping = false;
    const stop = onEvent((event) => {
      if (event.kind !== 'copy' || event.name !== this.#called) return;
      this.done = event.done;
      this.total = event.total;
      this.#samples = withSample(this.#samples, { at: performance.now(), done: event.done });
    });
    try {
      return await work(this.#called);
    } finally {
      stop();
      this.name = null;
    }
  }

  async cancel(): Promise<void> {
    this.stopping = true;
    await rpc('copy_cancel', { name: this.#called });
  }
}
