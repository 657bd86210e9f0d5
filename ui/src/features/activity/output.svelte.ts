import type { ApiError } from '$generated/api';
import { onEvent, rpc, toApiError } from '$ipc';
import { LineAssembler, type OutputLine } from './lines';

/** The output of one job, read as it grows. */
export class JobOutputReader {
  lines = $state.raw<readonly OutputLine[]>([]);
  error = $state.raw<ApiError | null>(null);
  read = $state(false);
  readonly #job: string;
  #assembler = new LineAssembler();
  #after = 0;
  #reading = false;
  #again = false;
  #stopped = false;
  /** Counted up when everything read so far is dropped: an answer that was on its way then is no longer wanted. */
  #beginning = 0;

  constructor(job: string) {
    this.#job = job;
  }

  /** Reads what there is, then what comes, until the function it returns is called. */
  begin(): () => void {
    const stop = onEvent((event) => {
      if ((event.kind === 'job_output' || event.kind === 'job_changed') && event.job === this.#job) void this.#more();
      else if (event.kind === 'stages_changed') this.#anew();
    });
    void this.#more();
    return () => {
      this.#stopped = true;
      stop();
    };
  }

  /** Drops what was read, and reads it again if it still may be: output is sealed with the stage of its host. */
  #anew(): void {
    this.#beginning += 1;
    this.#assembler = new LineAssembler();
    this.#after = 0;
    this.lines = [];
    this.read = false;
    void this.#more();
  }

  async #more(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const beginning = this.#beginning;
        const { pieces, more } = await rpc('job_output', { job: this.#job, after: this.#after });
        if (beginning !== this.#beginning) continue;
        const last = pieces.at(-1);
        if (last) {
          this.#after = last.ordinal;
          this.#assembler.push(pieces);
          this.lines = this.#assembler.lines.slice();
        }
        if (more && last) this.#again = true;
      }
      this.error = null;
    } catch (thrown) {
      this.error = toApiError(thrown);
    }
    this.read = true;
    this.#reading = false;
  }
}
