import type { RunReport } from '$generated/api';
import { onEvent, Resource, rpc } from '$ipc';

/** After the last host, the end itself is a little away, in milliseconds. */
const breath = 250;

/** One run, read as its results come. */
export class RunFollower {
  readonly report: Resource<RunReport>;
  progress = $state.raw<{ done: number; total: number; failed: number } | null>(null);
  readonly #run: string;
  readonly #ended: () => void;
  #stopped = false;
  #went = false;

  /** `ended` is called when it was seen to go on, and then to have ended. */
  constructor(run: string, ended: () => void = () => undefined) {
    this.#run = run;
    this.#ended = ended;
    this.report = new Resource(() => rpc('run_show', { run }));
  }

  /** Reads what there is, then what comes, until the function it returns is called. */
  begin(): () => void {
    const stop = onEvent((event) => {
      if (event.kind === 'run_progress' && event.run === this.#run) {
        this.progress = { done: event.done, total: event.total, failed: event.failed };
        void this.#read();
      } else if (event.kind === 'stages_changed') void this.#read();
    });
    void this.#read();
    return () => {
      this.#stopped = true;
      stop();
    };
  }

  async #read(): Promise<void> {
    await this.report.load();
    const { value } = this.report;
    if (!this.#stopped && this.#went && value && !value.running) this.#ended();
    this.#went = value?.running ?? this.#went;
    if (this.#stopped || !value?.running || value.results.some((result) => result.status === 'running')) return;
    await new Promise((resolve) => setTimeout(resolve, breath));
    if (!this.#stopped) await this.#read();
  }
}
