import type { ActionRequest, ApiError, PlanView, SnapshotFirst } from '$generated/api';
import { rpc, session, toApiError } from '$ipc';

type Stage = 'idle' | 'making' | 'ready' | 'starting';

/** The one plan on the desk. It is made, read, and then run once or forgotten. */
class PlanDesk {
  plan = $state.raw<PlanView | null>(null);
  error = $state.raw<ApiError | null>(null);
  stage = $state<Stage>('idle');
  #making = 0;
  /** The vault in which the plan was made: it is run and forgotten there. */
  #vault: string | null = null;
  /** What is to be done when the plan is put away without being run. */
  #dropped: (() => void) | null = null;

  get open(): boolean {
    return this.stage !== 'idle';
  }

  /** Has the plan of an action on these hosts made, with a snapshot before it where one is wanted, and shows it. */
  prepare(hosts: readonly string[], action: ActionRequest, snapshot: SnapshotFirst | null = null): Promise<void> {
    return this.prepareAs((vault) => rpc('plan_make', { on: hosts.join(' or '), action, ...(snapshot === null ? {} : { snapshot }) }, vault));
  }

  /** Has a plan made in whatever way it is asked for, and shows it; `dropped` is called when it is put away without being run. */
  async prepareAs(make: (vault: string | null) => Promise<PlanView>, vault: string | null = session.current, dropped: (() => void) | null = null): Promise<void> {
    const making = ++this.#making;
    this.#vault = vault;
    this.#dropped = dropped;
    this.plan = null;
    this.error = null;
    this.stage = 'making';
    try {
      const plan = await make(vault);
      if (making === this.#making) {
        this.plan = plan;
        this.stage = 'ready';
      } else {
        forget(plan, vault);
      }
    } catch (thrown) {
      if (making !== this.#making) return;
      this.error = toApiError(thrown);
      this.stage = 'ready';
    }
  }

  /** Runs the plan, with the name that was typed for it and on one host first where a pilot is named; gives the first of its jobs.
   *  Does nothing when it runs already. */
  async run(typed: string | null, pilot: string | null = null): Promise<{ first: string | null; count: number } | null> {
    if (this.stage !== 'ready' || !this.plan) return null;
    this.stage = 'starting';
    this.error = null;
    try {
      const { jobs } = await rpc('plan_run', { plan: this.plan.id, typed, ...(pilot === null ? {} : { pilot }) }, this.#vault);
      this.reset();
      void session.jobs.load();
      return { first: jobs[0]?.id ?? null, count: jobs.length };
    } catch (thrown) {
      this.error = toApiError(thrown);
      this.stage = 'ready';
      return null;
    }
  }

  /** Puts the plan away without running it. */
  cancel(): void {
    if (this.stage === 'starting') return;
    if (this.plan) {
      forget(this.plan, this.#vault);
      this.#dropped?.();
    }
    this.reset();
  }

  reset(): void {
    this.#making += 1;
    this.plan = null;
    this.#dropped = null;
    this.error = null;
    this.stage = 'idle';
  }
}

function forget(plan: PlanView, vault: string | null): void {
  // The backend forgets it by itself after a while: nothing is lost when this does not arrive.
  rpc('plan_forget', { plan: plan.id }, vault).catch(() => undefined);
}

export const planDesk = new PlanDesk();
