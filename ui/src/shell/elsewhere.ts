import type { Event } from '$generated/api';
import { onEvent, rpc, session, unsealedOf, type Unsealed } from '$ipc';
import { notices } from './notices.svelte';

/** Between two looks at the vaults that are not shown, in milliseconds: a fleet at work rings often. */
const usualBreath = 1000;

/** Work that is done at once when it is asked for, and once more after a while when it was asked for meanwhile. */
class Unhurried {
  readonly #work: () => Promise<void>;
  readonly #breath: number;
  #resting: ReturnType<typeof setTimeout> | null = null;
  #busy = false;
  #again = false;
  #stopped = false;

  constructor(breath: number, work: () => Promise<void>) {
    this.#breath = breath;
    this.#work = work;
  }

  ask(): void {
    if (this.#busy || this.#resting !== null) this.#again = true;
    else void this.#do();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#resting !== null) clearTimeout(this.#resting);
  }

  async #do(): Promise<void> {
    this.#busy = true;
    this.#again = false;
    await this.#work();
    this.#busy = false;
    if (this.#stopped) return;
    this.#resting = setTimeout(() => {
      this.#resting = null;
      if (this.#again) void this.#do();
    }, this.#breath);
  }
}

/**
 * Tells in the list of notices what ends in the vaults that are open and not shown, until the function it returns is called. An event
 * does not say of which vault it is: those that are not about something of the shown one make the others be looked at.
 */
export function watchElsewhere(shown: string, breath = usualBreath): () => void {
  const unsealed = new Map<string, readonly Unsealed[]>();
  const others = (): string[] => session.open.map((vault) => vault.id).filter((vault) => vault !== shown);
  /** For each of the others; one that was locked meanwhile has nothing to tell. */
  const each = async (look: (vault: string) => Promise<void>): Promise<void> => {
    for (const vault of others()) await look(vault).catch(() => undefined);
  };
  const jobs = new Unhurried(breath, () => each(async (vault) => { notices.lookAtJobs(vault, (await rpc('job_list', {}, vault)).jobs); }));
  const stages = new Unhurried(breath, () => each(async (vault) => { unsealed.set(vault, unsealedOf((await rpc('stage_list', {}, vault)).stages, Date.now())); }));

  /** Tells of a run that ended, in the vault that has it. */
  async function runEnded({ run, total, failed }: Extract<Event, { kind: 'run_progress' }>): Promise<void> {
    const has = async (vault: string): Promise<boolean> => (await rpc('run_list', {}, vault)).runs.some((row) => row.run === run);
    const vaults = others();
    let owner = vaults.length === 0 ? shown : null;
    for (const vault of [shown, ...vaults]) if (owner === null && await has(vault).catch(() => false)) owner = vault;
    if (owner !== null) notices.runEnded(owner, run, total, failed);
  }

  const stop = onEvent((event) => {
    if (event.kind === 'run_progress' && event.done >= event.total) void runEnded(event);
    else if (event.kind === 'job_changed' && !session.jobs.value?.some((job) => job.id === event.job)) jobs.ask();
    else if (event.kind === 'stages_changed') stages.ask();
    else if (event.kind === 'vault_changed') for (const work of [jobs, stages]) work.ask();
  });
  const timer = setInterval(() => { for (const vault of others()) notices.lookAtStages(vault, unsealed.get(vault) ?? [], Date.now()); }, breath);
  for (const work of [jobs, stages]) work.ask();
  return () => {
    stop();
    clearInterval(timer);
    for (const work of [jobs, stages]) work.stop();
  };
}
