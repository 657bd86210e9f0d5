import type { ApiError, Event, HostRow, JobView, JournalReport, SecretRow, VaultInfo } from '$generated/api';
import { platform } from '$platform/index';
import { toApiError } from './errors';
import { Resource } from './resource.svelte';
import { rpc } from './rpc';

export type Door = 'unknown' | 'closed' | 'open';

/** What the page knows of the open vault. It holds no secret, and forgets everything when the vault is locked. */
export class Session {
  door = $state<Door>('unknown');
  /** Why the vault could not be asked about; the door stays closed. */
  doorError = $state.raw<ApiError | null>(null);
  readonly vault = new Resource<VaultInfo>(() => rpc('vault_info', {}));
  readonly hosts = new Resource<HostRow[]>(async () => (await rpc('host_list', {})).hosts);
  readonly jobs = new Resource<JobView[]>(async () => (await rpc('job_list', {})).jobs);
  readonly secrets = new Resource<SecretRow[]>(async () => (await rpc('secret_list', {})).secrets);
  /** The last check of the journal, and when. */
  verified = $state.raw<{ report: JournalReport; at: number } | null>(null);

  /** Asks whether a vault is open already: the page may have been reloaded. */
  async begin(): Promise<void> {
    try {
      await rpc('vault_info', {});
      this.enter();
    } catch (thrown) {
      const error = toApiError(thrown);
      this.doorError = error.code === 'vault-locked' ? null : error;
      this.door = 'closed';
    }
  }

  enter(): void {
    this.doorError = null;
    this.door = 'open';
    void this.vault.load();
    void this.hosts.load();
    void this.jobs.load();
    void this.secrets.load();
  }

  async lock(): Promise<void> {
    await rpc('vault_lock', {});
    this.leave();
  }

  leave(): void {
    this.door = 'closed';
    this.vault.clear();
    this.hosts.clear();
    this.jobs.clear();
    this.secrets.clear();
    this.verified = null;
  }

  async verifyJournal(): Promise<JournalReport> {
    const report = await rpc('journal_verify', {});
    this.verified = { report, at: Date.now() };
    return report;
  }

  /** Follows the backend's events until the function it returns is called. */
  listen(): () => void {
    return platform().onEvent((event) => { this.#hear(event); });
  }

  #hear(event: Event): void {
    if (this.door !== 'open') return;
    switch (event.kind) {
      case 'vault_changed':
        void this.#lookAtDoor();
        break;
      case 'hosts_changed':
        void this.hosts.load();
        break;
      case 'secrets_changed':
        void this.secrets.load();
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
    await this.vault.load();
    if (this.vault.error?.code === 'vault-locked') this.leave();
  }
}

export const session = new Session();
