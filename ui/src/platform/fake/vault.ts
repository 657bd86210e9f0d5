import type { ActionRequest, Event, FleetView, HostRow, IdentityInfo, JournalChain, JournalRow, PlanView, RecipeView, RunReport, SecretRow, SlotInfo, StageInfo, StagePolicy, VaultInfo, VaultReport, WireMessage } from '$generated/api';
import { inventHosts, inventSecrets } from './invention';
import { inventJobs, type FakeJob } from './jobs';
import { planFor } from './plans';
import { refuse } from './refuse';
import { inventedRecipe } from './runs';

/** What a pretend vault begins with. */
export interface FakeContent {
  id: string;
  path: string;
  name: string;
  hosts: number;
  /** Whether staging and production have secrets of their own. */
  guarded: boolean;
  /** Seconds for which production is unsealed already. */
  unsealed: number;
  lines: number;
  /** Entries of the journal, at least. */
  entries: number;
}

const day = 86_400_000;
/** Who signs in the pretend vaults. */
export const ownFingerprint = 'SHA256:k8Qz3nVb6uRw1xTc9pYe5mHs2dLf7gJa4oKi0tUqBzE';

function policyOf(name: string): StagePolicy {
  return { typed_confirmation: name === 'prod', refuse_warnings: false, unsealed_s: name === 'prod' ? 900 : 3600, freeze: null };
}

interface StageState { name: string; secret: string | null; until: number | null; policy: StagePolicy }

/** One open vault of the pretend backend. */
export class FakeVault {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  hosts: HostRow[];
  secrets: SecretRow[];
  jobs: FakeJob[];
  readonly journal: JournalRow[] = [];
  readonly plans = new Map<string, { plan: PlanView; action: ActionRequest }>();
  runs: RunReport[] = [];
  views: FleetView[] = [];
  /** What was put into secrets, by their ids. */
  readonly values = new Map<string, string>();
  recipes: RecipeView[];
  readonly revoked = new Map<string, string[]>();
  slots: SlotInfo[];
  stages: StageState[];
  identities: IdentityInfo[];
  lastCopy: number | null;
  readOnly: WireMessage | null = null;
  warnings: WireMessage[] = [];
  readonly #emit: (event: Event) => void;
  #next = 10;

  constructor(content: FakeContent, emit: (event: Event) => void) {
    const now = Date.now();
    this.id = content.id;
    this.path = content.path;
    this.name = content.name;
    this.#emit = emit;
    this.hosts = inventHosts(content.hosts, now);
    this.secrets = content.hosts > 0 ? inventSecrets(this.hosts, now) : [];
    this.jobs = content.hosts > 0 ? inventJobs((host, stage, service) => ({ host, stage, warnings: [], steps: planFor({ kind: 'ynh', operation: 'service-restart', given: { service: { text: service } } }, [{ ...this.hosts[0], name: host, stage, role: 'yunohost', trouble: null } as HostRow]).hosts[0]?.steps ?? [] }), now) : [];
    const [, running] = this.jobs;
    if (running && content.lines > 0) running.pieces = Array.from({ length: content.lines }, (_, index) => ({ ordinal: index + 1, step: 1, at_ms: now - 200_000 + index, stream: index % 17 === 0 ? 'stderr' : 'stdout', offset: index * 50, text: `line ${index} of a very talkative job\n`, note: null }));
    const old = content.hosts > 0;
    this.recipes = old ? [inventedRecipe] : [];
    this.slots = [
      { id: 'slot-1', kind: 'passphrase', label: null, added_ms: old ? now - 210 * day : now, memory_kib: 262_144, passes: 4, lanes: 4, weakest: true },
      { id: 'slot-2', kind: 'recovery', label: null, added_ms: old ? now - 210 * day : now, memory_kib: null, passes: null, lanes: null, weakest: false },
      ...(content.guarded ? [{ id: 'slot-3', kind: 'passphrase-keyring', label: 'Camille’s laptop', added_ms: now - 40 * day, memory_kib: 262_144, passes: 4, lanes: 4, weakest: false }] : []),
    ];
    this.stages = ['dev', ...(content.guarded ? ['lab'] : []), 'staging', 'prod'].map((name) => ({ name, secret: content.guarded && (name === 'staging' || name === 'prod') ? fakeStageSecret : null, until: content.guarded && name === 'prod' && content.unsealed > 0 ? now + content.unsealed * 1000 : null, policy: policyOf(name) }));
    this.identities = content.guarded
      ? [
          { id: 'identity-1', name: 'Camille Hautval', fingerprint: ownFingerprint, own: true, created_ms: now - 200 * day, card: 'beffroi-identity:1:Camille Hautval:MCowBQYDK2VwAyEAq7n0pXk5cVf2hT8sYzR1uWj4mLd6gBo3eKi9QxAaPvE:MCowBQYDK2VuAyEAz1yH0sCw7tNf5rJb3kLm8uVd2gXo6eQi4pTa9YcBhUs', recipient: 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt' },
          { id: 'identity-2', name: 'Maël Trévidic', fingerprint: 'SHA256:w2Rk7mZx4qLc9vTn1sYb6pHe3uJd8gFa5oWi0tKzQxU', own: false, created_ms: now - 90 * day, card: 'beffroi-identity:1:Maël Trévidic:MCowBQYDK2VwAyEAo8m1qYl6dWg3iU9tZaS2vXk5nMe7hCp4fLj0RyBbQwF:MCowBQYDK2VuAyEAa2zI1tDx8uOg6sKc4lMn9vWe3hYp7fRj5qUb0ZdCiVt', recipient: 'age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt' },
        ]
      : [];
    this.lastCopy = old ? now - 23 * day : null;
    if (content.guarded) this.warnings = [{ key: 'health.copy-old', values: { days: '23' } }];
    this.write({ key: 'journal.vault-created', values: {} }, null);
    for (const host of this.hosts.slice(0, 400)) this.write({ key: 'journal.host-added', values: { name: host.name, address: host.address } }, host.name);
    for (const job of [...this.jobs].reverse()) {
      this.write({ key: 'journal.step-started', values: { step: '1' } }, job.view.host);
      if (job.view.state !== 'running') this.write(job.view.state === 'failed' ? { key: 'journal.step-failed', values: { step: '1', exit: 'exit 1' } } : { key: 'journal.step-done', values: { step: '1', exit: 'exit 0' } }, job.view.host);
    }
    for (let at = this.journal.length + 1; at < content.entries; at += 1) this.write(at % 7 === 0 ? { key: 'journal.step-failed', values: { step: '1', exit: 'exit 1' } } : { key: 'journal.step-done', values: { step: '1', exit: 'exit 0' } }, this.hosts[at % this.hosts.length]?.name ?? null);
    this.write({ key: 'journal.vault-unlocked', values: {} }, null);
  }

  ring(event: Event): void {
    this.#emit(event);
  }

  fresh(what: string): string {
    return `${what}-${this.#next++}`;
  }

  info(): VaultInfo {
    return {
      id: this.id, name: this.name, path: this.path, format: 1, slots: this.slots, stages: this.stageInfos(), hosts: this.hosts.length, secrets: this.secrets.length,
      journal_entries: this.journal.length, last_copy_ms: this.lastCopy, read_only: this.readOnly, warnings: this.warnings,
    };
  }

  stageInfos(): StageInfo[] {
    return this.stages.map((stage) => ({
      name: stage.name, protected: stage.secret !== null, open: this.#isOpen(stage), policy: stage.policy,
      seconds_left: stage.secret !== null && this.#isOpen(stage) && stage.until !== null ? Math.ceil((stage.until - Date.now()) / 1000) : null,
      hosts: this.hosts.filter((host) => host.stage === stage.name).length, secrets: this.secrets.filter((secret) => secret.stage === stage.name).length,
    }));
  }

  stageInfo(name: string): StageInfo {
    this.stage(name);
    const info = this.stageInfos().find((stage) => stage.name === name);
    if (!info) throw refuse('stage-not-found', { name });
    return info;
  }

  stage(name: string): StageState {
    const stage = this.stages.find((candidate) => candidate.name === name);
    if (!stage) throw refuse('stage-not-found', { name });
    return stage;
  }

  #isOpen(stage: StageState): boolean {
    return stage.secret === null || (stage.until !== null && stage.until > Date.now());
  }

  isSealed(name: string): boolean {
    const stage = this.stages.find((candidate) => candidate.name === name);
    return stage !== undefined && !this.#isOpen(stage);
  }

  /** A host as one may see it now. */
  seen(host: HostRow): HostRow {
    return this.isSealed(host.stage) ? { ...host, sealed: true, summary: null, trouble: null, role: null } : host;
  }

  write(event: WireMessage, host: string | null): void {
    const sequence = this.journal.length + 1;
    const mac = Array.from({ length: 8 }, (_, part) => ((sequence * 2_654_435_761 + part * 40_503) >>> 0).toString(16).padStart(8, '0')).join('');
    this.journal.push({ sequence, at_ms: Date.now() - Math.max(0, 60 - sequence) * 17_000, person: 'camille', event, items: [], host, mac, chain: 'chain-1', number: sequence });
    this.#emit({ kind: 'journal_changed' });
  }

  chains(): JournalChain[] {
    const entries = this.journal.length;
    return [
      { id: 'chain-1', person: 'camille', device: '0193f0a0-77aa-7d10-8c11-2f51d0b3e9a4', entries, signed: Math.max(0, entries - 3), signer: this.identities.length > 0 ? ownFingerprint : null, signer_name: this.identities[0]?.name ?? null },
      ...(this.identities.length > 1 ? [{ id: 'chain-2', person: 'mael', device: '0193f0a1-0c52-7b22-9d4e-6a07c1f2b8d3', entries: 212, signed: 0, signer: null, signer_name: null }] : []),
    ];
  }

  report(): VaultReport {
    const checks = ['verify.header', 'verify.database', 'verify.records', 'verify.journal', 'verify.digest', 'verify.anchor'];
    return { intact: true, checks: checks.map((key) => ({ what: { key, values: { count: String(key === 'verify.journal' ? this.journal.length : this.hosts.length) } }, held: true, why: null })) };
  }

  host(name: string): HostRow {
    const host = this.hosts.find((row) => row.name === name);
    if (!host) throw refuse('host-not-found', { name });
    return this.seen(host);
  }

  selected(selector: string): HostRow[] {
    const names = new Set(selector.split(' or '));
    return this.hosts.filter((host) => selector === 'all' || names.has(host.name)).map((host) => this.seen(host));
  }

  job(id: string): FakeJob {
    const job = this.jobs.find((candidate) => candidate.view.id === id);
    if (!job) throw refuse('job-not-found', { job: id });
    return job;
  }

  set(host: HostRow): void {
    this.hosts = this.hosts.map((row) => (row.name === host.name ? host : row));
    this.#emit({ kind: 'hosts_changed' });
  }
}

/** What unseals the pretend stages. */
export const fakeStageSecret = 'ember-quiet-saddle-orbit-lichen-fable';
