import type { CopiedFile, HostRow, PlanView } from '$generated/api';
import type { Command, Request, Response } from '../types';
import { cancelCopies, copyFor } from './copies';
import { arrived } from './files';
import { inventSurvey } from './invention';
import { jobOf, play } from './jobs';
import { planFor, titleOf } from './plans';
import { refuse } from './refuse';
import { testOf } from './remote';
import { allowAtOnce } from './runs';
import { findIn } from './search';
import type { FakeVault } from './vault';

export type Rooms<Commands extends Command> = { [K in Commands]: (request: Request<K>, vault: FakeVault) => Response<K> | Promise<Response<K>> };

export type Work = 'search' | 'host_list' | 'host_show' | 'host_scan' | 'host_add' | 'host_trust' | 'host_remove' | 'host_test' | 'host_survey' | 'host_bans' | 'put' | 'get' | 'copy_cancel'
  | 'plan_make' | 'plan_run' | 'plan_forget' | 'job_list' | 'job_show' | 'job_output' | 'job_attach' | 'job_cancel' | 'journal_list' | 'journal_verify' | 'journal_export';

const announced = 'SHA256:aN9nOuNc3dV7bW2hRz5xVf8sDa1uJe4pGo6iTy0vKbE';
const copied: CopiedFile = { bytes: 48_213, files: 1, sha256: 'ab'.repeat(32), verified: true, resumed: 0, unchanged: 0, notes: [], duration_ms: 0 };
const fingerprint = 'SHA256:pX4vJq0tY2m8bH1fZk3sNw7cRa5uLeD9gToVi6yE9sQ';

/** What one does in an open vault, on its hosts. `delay` is how long the pretend world takes, in milliseconds. */
export function workRooms(delay: number): Rooms<Work> {
  return {
    search: ({ text, limit, only }, vault) => {
      const found = findIn(vault, text);
      return { found: (['host', 'secret'] as const).filter((kind) => (only ?? kind) === kind).flatMap((kind) => found.filter((one) => one.kind === kind).slice(0, limit ?? 20)) };
    },
    host_list: (_, vault) => ({ hosts: vault.hosts.map((host) => vault.seen(host)) }),
    host_show: ({ host }, vault) => {
      const row = vault.host(host);
      return {
        host: row, survey: row.summary ? inventSurvey(row, Date.now()) : null, jobs: vault.jobs.filter((job) => job.view.host === host).map((job) => job.view),
        keys: row.pins.map((pin) => ({ fingerprint: pin, algorithm: 'ssh-ed25519', at_ms: Date.now() - 40 * 86_400_000, by: 'camille', how: 'shown', authority: false, patterns: [] })), revoked: vault.revoked.get(host) ?? [],
        announced: row.pins.includes(announced) ? [] : [{ fingerprint: announced, algorithm: 'ecdsa-sha2-nistp256', proven: true, at_ms: Date.now() - 3_600_000 }],
        reached: row.trouble ? null : { way: `${row.user}@${row.address}:${row.port}`, jump: row.jump, passed_over: row.others.map((other) => ({ way: `${other.user ?? row.user}@${other.address}:${other.port ?? 22}`, reason: 'connection refused' })) },
      };
    },
    host_bans: ({ on }, vault) => {
      const host = vault.host(on);
      if (host.trouble) return { results: [{ host: on, status: 'failed', error: host.trouble }] };
      return { results: [{ host: on, status: 'ok', jails: [{ name: 'sshd', banned: ['192.0.2.10', '198.51.100.7'] }, { name: 'recidive', banned: [] }] }] };
    },
    host_scan: ({ address, port }) => {
      if (address === '0.0.0.0') throw refuse('host-unreachable', { address: `${address}:${port ?? 22}`, reason: 'connection refused' });
      return { fingerprint, algorithm: 'ssh-ed25519' };
    },
    host_add: (request, vault) => {
      if (vault.hosts.some((host) => host.name === request.name)) throw refuse('host-exists', { name: request.name });
      const host: HostRow = { id: vault.fresh('host'), name: request.name, stage: request.stage ?? 'dev', address: request.address, port: request.port ?? 22, user: request.user ?? 'root', identity: request.identity, jump: request.jump, guest: null, others: request.others ?? [], password: request.password, one_time: request.one_time, sudo: request.sudo ?? 'never', sudo_secret: null, legacy: request.legacy, tags: request.tags, pins: request.trust, role: null, summary: null, trouble: null, sealed: false };
      vault.hosts = [...vault.hosts, host];
      vault.secrets = vault.secrets.map((secret) => (secret.name === request.identity ? { ...secret, used_by: [...secret.used_by, host.name] } : secret));
      vault.write({ key: 'journal.host-added', values: { name: host.name, address: host.address } }, host.name);
      vault.ring({ kind: 'hosts_changed' });
      return host;
    },
    host_trust: ({ host, fingerprint: pin }, vault) => {
      const row = { ...vault.host(host), trouble: null };
      row.pins = [...row.pins, pin];
      vault.set(row);
      return row;
    },
    host_remove: ({ host }, vault) => {
      vault.host(host);
      vault.hosts = vault.hosts.filter((row) => row.name !== host);
      vault.write({ key: 'journal.host-removed', values: { name: host } }, host);
      vault.ring({ kind: 'hosts_changed' });
      return {};
    },
    host_test: ({ host, again }, vault) => {
      const row = vault.host(host);
      const held = vault.secrets.some((secret) => secret.name === row.identity && secret.held.length > 0);
      if (again) vault.secrets = vault.secrets.map((secret) => (secret.name === row.identity ? { ...secret, held: [] } : secret));
      return testOf(row, held && !again);
    },
    host_survey: async ({ on }, vault) => {
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, 300 + Math.random() * 1500));
      const results = vault.selected(on).map((host) => {
        if (host.sealed) return { host: host.name, status: 'sealed' as const, duration_ms: 0, survey: null, error: null };
        if (host.trouble) return { host: host.name, status: 'unreachable' as const, duration_ms: 3000, survey: null, error: host.trouble };
        const summary = host.summary ?? { took_ms: 700, version: 'YunoHost 12.1.17', disk_percent: 18, apps: 0, upgrades: 0, people: 1, packages: 0, security: 0, load: 0.1, uptime_s: 3600, failed_services: 0, certificate_ms: null, attention: [] };
        const read: HostRow = { ...host, role: host.role ?? 'yunohost', summary: { ...summary, taken_ms: Date.now() } };
        vault.set(read);
        return { host: host.name, status: 'ok' as const, duration_ms: 700, survey: inventSurvey(read, Date.now()), error: null };
      });
      return { results };
    },
    put: async ({ host, typed, local, remote, name }, vault) => {
      allowAtOnce([vault.host(host)], typed, vault);
      await copyFor(vault, name, local, delay);
      arrived(vault, 'put', host, local, remote);
      return { ...copied, duration_ms: 412 };
    },
    get: async ({ host, local, remote, name }, vault) => {
      await copyFor(vault, name, remote, delay);
      arrived(vault, 'get', host, local, remote);
      return { ...copied, duration_ms: 398 };
    },
    copy_cancel: ({ name }, vault) => {
      cancelCopies(vault, name);
      return {};
    },
    plan_make: ({ on, action }, vault) => {
      const id = vault.fresh('plan');
      const made = planFor(action, vault.selected(on));
      const guarded = made.hosts.filter((host) => vault.stage(host.stage).policy.typed_confirmation);
      const confirm = guarded.length === 0 ? [] : made.hosts.length === 1 && guarded[0] ? [guarded[0].host, guarded[0].stage] : [...new Set(guarded.map((host) => host.stage))];
      const plan: PlanView = { id, title: titleOf(action), confirm, ...made };
      vault.plans.set(id, { plan, action });
      return plan;
    },
    plan_run: ({ plan: id, typed }, vault) => {
      const kept = vault.plans.get(id);
      if (!kept) throw refuse('plan-not-found');
      if (kept.plan.confirm.length > 0 && !(typed !== null && kept.plan.confirm.includes(typed))) throw refuse('not-confirmed');
      vault.plans.delete(id);
      const run = vault.fresh('run');
      const jobs = kept.plan.hosts.map((part) => jobOf(vault.fresh('job'), run, kept.plan.title, part, Date.now()));
      vault.jobs = [...jobs, ...vault.jobs];
      for (const job of jobs) {
        vault.write({ key: 'journal.job-queued-ynh-user-add', values: {} }, job.view.host);
        play(job, delay * 6 + 20, (event) => { vault.ring(event); }, () => { vault.write({ key: 'journal.job-changed', values: {} }, job.view.host); });
      }
      return { jobs: jobs.map((job) => job.view) };
    },
    plan_forget: ({ plan }, vault) => {
      vault.plans.delete(plan);
      return {};
    },
    job_list: (_, vault) => ({ jobs: vault.jobs.map((job) => job.view) }),
    job_show: ({ job }, vault) => vault.job(job).view,
    job_output: ({ job, after }, vault) => {
      const most = 5000;
      const pieces = vault.job(job).pieces.filter((piece) => piece.ordinal > after);
      return { pieces: pieces.slice(0, most), more: pieces.length > most };
    },
    job_attach: ({ job }, vault) => {
      const { view } = vault.job(job);
      view.attached = true;
      vault.ring({ kind: 'job_changed', job });
      return view;
    },
    job_cancel: ({ job }, vault) => {
      const { view } = vault.job(job);
      view.state = 'cancelled';
      view.attached = false;
      view.ended_ms = Date.now();
      view.error = refuse('job-cancelled', {}, view.host);
      for (const step of view.steps) if (step.state === 'pending' || step.state === 'running') step.state = 'skipped';
      vault.write({ key: 'journal.job-cancelled', values: {} }, view.host);
      vault.ring({ kind: 'job_changed', job });
      return view;
    },
    journal_list: ({ before, limit }, vault) => ({ entries: [...vault.journal].reverse().filter((entry) => before === null || entry.sequence < before).slice(0, limit ?? 100), total: vault.journal.length }),
    journal_verify: (_, vault) => ({ intact: true, entries: vault.journal.length, broken_at: null, head: vault.journal.at(-1)?.mac ?? '', chains: vault.chains() }),
    journal_export: ({ path }, vault) => {
      vault.write({ key: 'journal.journal-exported', values: { path } }, null);
      return { path, entries: vault.journal.length };
    },
  };
}
