/** Hosts worked on at the same time: a silent one holds up its own place only. */
const atOnce = 24;

export interface Refresh { done: number; failed: number; total: number }

/** Work on many hosts, one by one, some at the same time: how far it is, and a way to stop it. */
export class HostByHost {
  /** What is under way. */
  now = $state.raw<Refresh | null>(null);
  /** What ended last. */
  last = $state.raw<Refresh | null>(null);
  /** The one that is under way, if it is still wanted: another vault has another. */
  #run: { stopped: boolean } | null = null;

  /** Does the work on each host; `work` says whether it held. Does nothing while something is under way. */
  async begin(names: readonly string[], work: (name: string) => Promise<boolean>): Promise<void> {
    if (this.now) return;
    const run = { stopped: false };
    this.#run = run;
    this.last = null;
    let progress: Refresh = { done: 0, failed: 0, total: names.length };
    this.now = progress;
    const waiting = [...names];
    const worker = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined && !run.stopped && this.#run === run; name = waiting.shift()) {
        const held = await work(name);
        progress = { ...progress, done: progress.done + 1, failed: progress.failed + (held ? 0 : 1) };
        if (this.#run === run) this.now = progress;
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, names.length) }, worker));
    if (this.#run !== run) return;
    this.#run = null;
    this.now = null;
    this.last = progress;
  }

  stop(): void {
    if (this.#run) this.#run.stopped = true;
  }

  reset(): void {
    this.#run = null;
    this.now = null;
    this.last = null;
  }
}
