import type { ApiError } from '$generated/api';
import { toApiError } from './errors';

/** Something that is tried: whether it is under way, and why it failed last. */
export class Attempt {
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);

  /** Tries it. Whether it was done; if not, `error` says why. */
  async run(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    this.error = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.failed(toApiError(thrown));
      return false;
    } finally {
      this.busy = false;
    }
  }

  protected failed(error: ApiError): void {
    this.error = error;
  }
}
