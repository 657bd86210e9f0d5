import type { ActionRequest, ApiError, ErrorCode, Event, HostRow, JournalRow, KnownVault, PlanView, SecretRow, VaultInfo, WireMessage } from '$generated/api';
import type { Command, PathPurpose, Platform, Request, Response } from '../types';
import { inventHosts, inventSecrets, inventSurvey } from './invention';
import { inventJobs, jobOf, play, type FakeJob } from './jobs';
import { planFor, titleOf } from './plans';
import { runOn, testOf } from './remote';

export interface FakeOptions { open: boolean; hosts: number; vaults: boolean; delay: number; lines: number }

type Handlers = { [K in Command]: (request: Request<K>) => Response<K> | Promise<Response<K>> };

/** What opens the pretend vaults. */
export const fakePassphrase = 'five words nobody would guess';
const fingerprint = 'SHA256:pX4vJq0tY2m8bH1fZk3sNw7cRa5uLeD9gToVi6yE9sQ';
const recovery = 'abandon ability able about above absent absorb abstract absurd abuse access accident account accuse achieve acid acoustic acquire across act action actor actress actual';

function refuse(code: ErrorCode, values: Record<string, string> = {}, host?: string): ApiError {
  return host === undefined ? { code, values } : { code, values, host };
}

/** A backend that lives in the page: it remembers, it refuses, it takes its time. For tests, the design screen and previews. */
export class FakeBackend implements Platform {
  readonly copied: string[] = [];
  readonly calls: { command: Command; request: unknown }[] = [];
  readonly #options: FakeOptions;
  readonly #listeners = new Set<(event: Event) => void>();
  #vaults: KnownVault[];
  #open: VaultInfo | null = null;
  #hosts: HostRow[] = [];
  #secrets: SecretRow[] = [];
  #jobs: FakeJob[] = [];
  #journal: JournalRow[] = [];
  readonly #plans = new Map<string, { plan: PlanView; action: ActionRequest }>();
  #next = 10;

  constructor(options: Partial<FakeOptions> = {}) {
    this.#options = { open: false, hosts: 15, vaults: true, delay: 0, lines: 0, ...options };
    const now = Date.now();
    this.#vaults = this.#options.vaults
      ? [
          { path: '/home/camille/Vaults/cabinet.beffroi', name: 'cabinet', open: false, present: true, opened_ms: now - 16 * 3_600_000 },
          { path: '/home/camille/Vaults/morel-handover.beffroi', name: 'morel-handover', open: false, present: true, opened_ms: now - 12 * 86_400_000 },
          { path: '/media/camille/OSTREL-USB/ostrel.beffroi', name: 'ostrel', open: false, present: false, opened_ms: now - 33 * 86_400_000 },
        ]
      : [];
    if (this.#options.open) this.#enter('/home/camille/Vaults/cabinet.beffroi', 'Cabinet', this.#options.hosts);
  }

  async rpc<K extends Command>(command: K, request: Request<K>): Promise<Response<K>> {
    this.calls.push({ command, request });
    if (this.#options.delay > 0) await new Promise((resolve) => setTimeout(resolve, this.#options.delay));
    const handler = this.#handlers[command] as (request: Request<K>) => Response<K> | Promise<Response<K>>;
    // A copy, as from a process of its own.
    return structuredClone(await handler(request));
  }

  onEvent(handler: (event: Event) => void): () => void {
    this.#listeners.add(handler);
    return () => this.#listeners.delete(handler);
  }

  choosePath(purpose: PathPurpose, suggested?: string): Promise<string | null> {
    return Promise.resolve(purpose === 'open_vault' ? '/home/camille/Vaults/lab.beffroi' : `/home/camille/${suggested?.split('/').at(-1) ?? 'file.txt'}`);
  }

  copyText(text: string): Promise<void> {
    this.copied.push(text);
    return Promise.resolve();
  }

  #emit(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  #enter(path: string, name: string, hosts: number): VaultInfo {
    const now = Date.now();
    this.#hosts = inventHosts(hosts, now);
    this.#secrets = hosts > 0 ? inventSecrets(this.#hosts, now) : [];
    this.#jobs = hosts > 0 ? inventJobs((host, stage, service) => ({ host, stage, steps: planFor({ kind: 'ynh_service_restart', service }, [{ ...this.#hosts[0], name: host, stage, role: 'yunohost', trouble: null } as HostRow]).hosts[0]?.steps ?? [] }), now) : [];
    const [, running] = this.#jobs;
    if (running && this.#options.lines > 0) running.pieces = Array.from({ length: this.#options.lines }, (_, index) => ({ ordinal: index + 1, step: 1, at_ms: now - 200_000 + index, stream: index % 17 === 0 ? 'stderr' : 'stdout', offset: index * 50, text: `line ${index} of a very talkative job\n`, note: null }));
    this.#journal = [];
    this.#write({ key: 'journal.vault-created', values: {} }, null);
    for (const host of this.#hosts.slice(0, 400)) this.#write({ key: 'journal.host-added', values: { name: host.name, address: host.address } }, host.name);
    for (const job of [...this.#jobs].reverse()) {
      this.#write({ key: 'journal.step-started', values: { step: '1' } }, job.view.host);
      if (job.view.state !== 'running') this.#write(job.view.state === 'failed' ? { key: 'journal.step-failed', values: { step: '1', exit: 'exit status 1' } } : { key: 'journal.step-done', values: { step: '1', exit: 'exit status 0' } }, job.view.host);
    }
    this.#write({ key: 'journal.vault-unlocked', values: {} }, null);
    this.#open = {
      id: '0193f0a0-5b1e-7c11-9a52-3f1d0c9be001', name, path, format: 1, hosts: 0, secrets: 0, journal_entries: 0,
      slots: [{ id: 'slot-1', kind: 'passphrase', memory_kib: 262_144, passes: 4, weakest: true }, { id: 'slot-2', kind: 'recovery', memory_kib: null, passes: null, weakest: false }],
      stages: [{ name: 'dev', open: true }, { name: 'staging', open: true }, { name: 'prod', open: true }],
    };
    this.#vaults = [{ path, name: name.toLowerCase(), open: true, present: true, opened_ms: now }, ...this.#vaults.filter((vault) => vault.path !== path)];
    return this.#info();
  }

  #info(): VaultInfo {
    if (!this.#open) throw refuse('vault-locked');
    return { ...this.#open, hosts: this.#hosts.length, secrets: this.#secrets.length, journal_entries: this.#journal.length };
  }

  #write(event: WireMessage, host: string | null): void {
    const sequence = this.#journal.length + 1;
    const mac = Array.from({ length: 8 }, (_, part) => ((sequence * 2_654_435_761 + part * 40_503) >>> 0).toString(16).padStart(8, '0')).join('');
    this.#journal.push({ sequence, at_ms: Date.now() - Math.max(0, 60 - sequence) * 17_000, person: 'camille', event, host, mac });
    this.#emit({ kind: 'journal_changed' });
  }

  #host(name: string): HostRow {
    const host = this.#hosts.find((row) => row.name === name);
    if (!host) throw refuse('host-not-found', { name });
    return host;
  }

  #selected(selector: string): HostRow[] {
    if (selector === 'all') return this.#hosts;
    const names = new Set(selector.split(' or '));
    return this.#hosts.filter((host) => names.has(host.name));
  }

  #job(id: string): FakeJob {
    const job = this.#jobs.find((candidate) => candidate.view.id === id);
    if (!job) throw refuse('job-not-found', { job: id });
    return job;
  }

  #set(host: HostRow): void {
    this.#hosts = this.#hosts.map((row) => (row.name === host.name ? host : row));
    this.#emit({ kind: 'hosts_changed' });
  }

  readonly #handlers: Handlers = {
    vault_list: () => ({ vaults: this.#vaults }),
    vault_create: ({ path, name }) => {
      const full = path.endsWith('.beffroi') ? path : `${path}.beffroi`;
      if (this.#vaults.some((vault) => vault.path === full)) throw refuse('vault-exists', { path: full });
      return { vault: this.#enter(full, name ?? full.split('/').at(-1)?.replace('.beffroi', '') ?? 'vault', 0), recovery_words: recovery };
    },
    vault_unlock: ({ path, passphrase, recovery_words }) => {
      if (passphrase !== null && (passphrase as string) !== fakePassphrase) throw refuse('vault-wrong-passphrase');
      if (recovery_words !== null && (recovery_words as string) !== recovery) throw refuse('vault-wrong-recovery-words');
      return this.#enter(path, 'Cabinet', this.#options.hosts);
    },
    vault_lock: () => {
      this.#open = null;
      this.#vaults = this.#vaults.map((vault) => ({ ...vault, open: false }));
      return {};
    },
    vault_info: () => this.#info(),
    vault_verify: () => ({ intact: true, checks: ['verify.header', 'verify.database', 'verify.records', 'verify.journal', 'verify.digest', 'verify.anchor'].map((key) => ({ what: { key, values: { count: String(key === 'verify.journal' ? this.#journal.length : this.#hosts.length) } }, held: true })) }),
    secret_list: () => ({ secrets: this.#secrets }),
    secret_set: ({ name, value, stage }) => {
      const row: SecretRow = { id: `secret-${this.#next++}`, name, kind: value.startsWith('-----BEGIN') ? 'private-key' : 'password', stage: stage ?? 'dev', used_by: this.#secrets.find((secret) => secret.name === name)?.used_by ?? [], changed_ms: Date.now() };
      this.#secrets = [...this.#secrets.filter((secret) => secret.name !== name), row];
      this.#write({ key: 'journal.secret-set', values: { name } }, null);
      this.#emit({ kind: 'secrets_changed' });
      return row;
    },
    secret_remove: ({ name }) => {
      const secret = this.#secrets.find((candidate) => candidate.name === name);
      if (!secret) throw refuse('secret-not-found', { name });
      if (secret.used_by.length > 0) throw refuse('secret-in-use', { name, hosts: secret.used_by.join(', ') });
      this.#secrets = this.#secrets.filter((candidate) => candidate.name !== name);
      this.#write({ key: 'journal.secret-removed', values: { name } }, null);
      this.#emit({ kind: 'secrets_changed' });
      return {};
    },
    host_list: () => ({ hosts: this.#hosts }),
    host_show: ({ host }) => {
      const row = this.#host(host);
      return { host: row, survey: row.summary ? inventSurvey(row, Date.now()) : null, jobs: this.#jobs.filter((job) => job.view.host === host).map((job) => job.view) };
    },
    host_scan: ({ address, port }) => {
      if (address === '0.0.0.0') throw refuse('host-unreachable', { address: `${address}:${port ?? 22}`, reason: 'connection refused' });
      return { fingerprint, algorithm: 'ssh-ed25519' };
    },
    host_add: (request) => {
      if (this.#hosts.some((host) => host.name === request.name)) throw refuse('host-exists', { name: request.name });
      const host: HostRow = { id: `host-${this.#next++}`, name: request.name, stage: request.stage ?? 'dev', address: request.address, port: request.port ?? 22, user: request.user ?? 'root', identity: request.identity, tags: request.tags, pins: request.trust, role: null, summary: null, trouble: null };
      this.#hosts = [...this.#hosts, host];
      this.#secrets = this.#secrets.map((secret) => (secret.name === request.identity ? { ...secret, used_by: [...secret.used_by, host.name] } : secret));
      this.#write({ key: 'journal.host-added', values: { name: host.name, address: host.address } }, host.name);
      this.#emit({ kind: 'hosts_changed' });
      return host;
    },
    host_trust: ({ host, fingerprint: pin }) => {
      const row = { ...this.#host(host), trouble: null };
      row.pins = [...row.pins, pin];
      this.#set(row);
      return row;
    },
    host_remove: ({ host }) => {
      this.#host(host);
      this.#hosts = this.#hosts.filter((row) => row.name !== host);
      this.#write({ key: 'journal.host-removed', values: { name: host } }, host);
      this.#emit({ kind: 'hosts_changed' });
      return {};
    },
    host_test: ({ host }) => testOf(this.#host(host)),
    host_survey: async ({ on }) => {
      if (this.#options.delay > 0) await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1500));
      const results = this.#selected(on).map((host) => {
        if (host.trouble) return { host: host.name, status: 'unreachable' as const, duration_ms: 3000, survey: null, error: host.trouble };
        const summary = host.summary ?? { took_ms: 700, version: 'YunoHost 12.1.17', disk_percent: 18, apps: 0, upgrades: 0, people: 1, attention: [] };
        const fresh: HostRow = { ...host, role: host.role ?? 'yunohost', summary: { ...summary, taken_ms: Date.now() } };
        this.#set(fresh);
        return { host: host.name, status: 'ok' as const, duration_ms: 700, survey: inventSurvey(fresh, Date.now()), error: null };
      });
      return { results };
    },
    run: ({ on, command }) => {
      const hosts = this.#selected(on);
      this.#write({ key: 'journal.command-run', values: { hosts: String(hosts.length), command } }, null);
      return { results: hosts.map((host) => runOn(host, command)) };
    },
    put: () => ({ bytes: 48_213, duration_ms: 412 }),
    get: () => ({ bytes: 48_213, duration_ms: 398 }),
    plan_make: ({ on, action }) => {
      const id = `plan-${this.#next++}`;
      const plan: PlanView = { id, title: titleOf(action), ...planFor(action, this.#selected(on)) };
      this.#plans.set(id, { plan, action });
      return plan;
    },
    plan_run: ({ plan: id }) => {
      const kept = this.#plans.get(id);
      if (!kept) throw refuse('plan-not-found');
      this.#plans.delete(id);
      const run = `run-${this.#next++}`;
      const jobs = kept.plan.hosts.map((part) => jobOf(`job-${this.#next++}`, run, kept.plan.title, part, Date.now()));
      this.#jobs = [...jobs, ...this.#jobs];
      for (const job of jobs) {
        this.#write({ key: 'journal.job-queued-ynh-user-add', values: {} }, job.view.host);
        play(job, this.#options.delay * 6 + 20, (event) => { this.#emit(event); }, () => { this.#write({ key: 'journal.job-changed', values: {} }, job.view.host); });
      }
      return { jobs: jobs.map((job) => job.view) };
    },
    plan_forget: ({ plan }) => {
      this.#plans.delete(plan);
      return {};
    },
    job_list: () => {
      if (!this.#open) throw refuse('vault-locked');
      return { jobs: this.#jobs.map((job) => job.view) };
    },
    job_show: ({ job }) => this.#job(job).view,
    job_output: ({ job, after }) => {
      const most = 5000;
      const pieces = this.#job(job).pieces.filter((piece) => piece.ordinal > after);
      return { pieces: pieces.slice(0, most), more: pieces.length > most };
    },
    job_attach: ({ job }) => {
      const { view } = this.#job(job);
      view.attached = true;
      this.#emit({ kind: 'job_changed', job });
      return view;
    },
    job_cancel: ({ job }) => {
      const { view } = this.#job(job);
      view.state = 'cancelled';
      view.attached = false;
      view.ended_ms = Date.now();
      view.error = refuse('job-cancelled', {}, view.host);
      for (const step of view.steps) if (step.state === 'pending' || step.state === 'running') step.state = 'skipped';
      this.#write({ key: 'journal.job-cancelled', values: {} }, view.host);
      this.#emit({ kind: 'job_changed', job });
      return view;
    },
    journal_list: ({ before, limit }) => ({ entries: [...this.#journal].reverse().filter((entry) => before === null || entry.sequence < before).slice(0, limit ?? 100), total: this.#journal.length }),
    journal_verify: () => ({ intact: true, entries: this.#journal.length, broken_at: null, head: this.#journal.at(-1)?.mac ?? '' }),
    journal_export: ({ path }) => {
      this.#write({ key: 'journal.journal-exported', values: { path } }, null);
      return { path, entries: this.#journal.length };
    },
  };
}
