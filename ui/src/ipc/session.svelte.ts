import type { ApiError, Event, HostRow, JobView, JournalReport, KnownVault, SecretRow, StageInfo, VaultInfo } from '$generated/api';
import { platform } from '$platform/index';
import { clock } from './clock.svelte';
import { unsealedOf, type Unsealed } from './countdown';
import { mean } from './meant';
import { Resource } from './resource.svelte';
import { rpc } from './rpc';

export type Door = 'unknown' | 'closed' | 'open';

/** Long work that the backend tells about as it goes. */
export interface Progress { work: string; done: number; total: number }

/** A vault that is open, under the identifier by which requests name it. */
export interface OpenVault { id: string; path: string; name: string }

/**
 * What the page knows of the open vaults, and all it knows of the one that is shown. It holds no secret. The shell takes the
 * whole page away when a vault is locked: everything here is asked for anew then.
 */
export class Session {
  door = $state<Door>('unknown');
  /** Why the vaults could not be asked about; the door stays closed. */
  doorError = $state.raw<ApiError | null>(null);
  /** The vault that is shown: everything below is about it. */
  current = $state<string | null>(null);
  readonly vaults = new Resource<KnownVault[]>(async () => (await rpc('vault_list', {})).vaults);
  readonly vault = new Resource<VaultInfo>(() => rpc('vault_info', {}));
  readonly hosts = new Resource<HostRow[]>(async () => (await rpc('host_list', {})).hosts);
  readonly jobs = new Resource<JobView[]>(async () => (await rpc('job_list', {})).jobs);
  readonly secrets = new Resource<SecretRow[]>(async () => (await rpc('secret_list', {})).secrets);
  readonly stages = new Resource<{ list: StageInfo[]; read: number }>(async () => ({ list: (await rpc('stage_list', {})).stages, read: clock.look() }));
  readonly open = $derived<OpenVault[]>((this.vaults.value ?? []).flatMap(({ open, path, name }) => (open === null ? [] : [{ id: open, path, name: open === this.vault.value?.id ? this.vault.value.name : name }])));
  readonly unsealed = $derived<Unsealed[]>(this.stages.value ? unsealedOf(this.stages.value.list, this.stages.value.read) : []);
  /** The last check of the journal, and when. */
  verified = $state.raw<{ report: JournalReport; at: number } | null>(null);
  progress = $state.raw<Progress | null>(null);

  /** Asks which vaults are open already: the page may have been loaded anew. */
  async begin(): Promise<void> {
    await this.vaults.load();
    this.doorError = this.vaults.error;
    const [first] = this.open;
    if (first) this.enter(first.id);
    else this.door = 'closed';
  }

  /** Shows an open vault. */
  enter(id: string): void {
    if (this.current !== id) this.#forget();
    this.current = id;
    mean(id);
    this.doorError = null;
    this.door = 'open';
    void this.vaults.load();
    for (const resource of [this.vault, this.hosts, this.jobs, this.secrets, this.stages]) void resource.load();
  }

  /** Goes to the door, to open another vault; those that are open stay open. */
  leave(): void {
    this.door = 'closed';
    this.current = null;
    mean(null);
    this.#forget();
  }

  /** Locks one vault, and shows another that is open, else the door. */
  async lock(id: string | null = this.current): Promise<void> {
    if (id !== null) await this.#lock(id);
  }

  /** Locks every open vault. */
  async lockAll(): Promise<void> {
    await this.#lock(null);
  }

  /** All of them with one request that names none: the shell takes the page away after the first lock, and no second would be sent. */
  async #lock(id: string | null): Promise<void> {
    try {
      await rpc('vault_lock', {}, id);
    } finally {
      await this.vaults.load();
      this.#settle();
    }
  }

  /** Whether a protected stage cannot be acted on now. */
  isSealed(stage: string): boolean {
    return this.stages.value?.list.some((info) => info.name === stage && !info.open) ?? false;
  }

  async verifyJournal(): Promise<JournalReport> {
    const vault = this.current;
    const report = await rpc('journal_verify', {});
    if (vault === this.current) this.verified = { report, at: Date.now() };
    return report;
  }

  /** Follows the backend's events until the function it returns is called. */
  listen(): () => void {
    return platform().onEvent((event) => { this.#hear(event); });
  }

  #hear(event: Event): void {
    if (event.kind === 'vault_changed') {
      void this.#lookAtDoor();
      return;
    }
    if (event.kind === 'progress') {
      this.progress = event.done >= event.total ? null : { work: event.work, done: event.done, total: event.total };
      return;
    }
    if (this.door !== 'open') return;
    switch (event.kind) {
      case 'stages_changed':
        // What is sealed is no longer to be seen, and what is unsealed is again.
        for (const resource of [this.stages, this.vault, this.hosts, this.secrets, this.jobs]) void resource.load();
        break;
      // A stage says how many hosts and secrets it has.
      case 'hosts_changed':
        for (const resource of [this.hosts, this.stages]) void resource.load();
        break;
      case 'secrets_changed':
        for (const resource of [this.secrets, this.stages]) void resource.load();
        break;
      case 'job_changed':
        void this.jobs.load();
        break;
      case 'journal_changed':
        void this.vault.load();
        break;
      case 'job_output':
        break;
    }
  }

  async #lookAtDoor(): Promise<void> {
    await this.vaults.load();
    this.#settle();
    if (this.door === 'open') await this.vault.load();
  }

  /** Leaves the vault that is shown when it is open no more. */
  #settle(): void {
    if (this.vaults.error || this.door !== 'open' || this.open.some((vault) => vault.id === this.current)) return;
    const [next] = this.open;
    if (next) this.enter(next.id);
    else this.leave();
  }

  #forget(): void {
    for (const resource of [this.vault, this.hosts, this.jobs, this.secrets, this.stages]) resource.clear();
    this.verified = null;
    this.progress = null;
  }
}

export const session = new Session();
