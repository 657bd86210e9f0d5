import { toasts } from '$design';
import { telling } from '$features/settings';
import type { JobView } from '$generated/api';
import { i18n } from '$i18n';
import { announce, session, type Unsealed } from '$ipc';

/** What a notice is about. Its words are made when it is shown, in the language of then. */
export type NoticeWhat =
  | { kind: 'jobs'; run: string; job: string; host: string; well: number; failed: number; going: number }
  | { kind: 'run'; run: string; total: number; failed: number }
  | { kind: 'seals'; stage: string; until: number };

export interface Notice { id: string; vault: string; at: number; read: boolean; what: NoticeWhat }

const most = 50;
/** How long before it a stage says that it is about to seal itself, in milliseconds. */
const soon = 60_000;
const well = new Set(['changed', 'done']);

export function isBad(what: NoticeWhat): boolean {
  return what.kind !== 'seals' && what.failed > 0;
}

export function noticeText(what: NoticeWhat, hosts = true): string {
  const t = i18n.t.frame.notices;
  if (what.kind === 'seals') return t.seals(i18n.stage(what.stage, 'long'));
  if (what.kind === 'run') return t.run(what.total, what.failed);
  if (what.well + what.failed > 1) return t.jobs(what.well, what.failed);
  return hosts ? t.jobOn(what.failed > 0, what.host) : t.job(what.failed > 0);
}

/** The name of the vault that a notice is about, when it is not the one that is shown. */
export function vaultOf({ vault }: Pick<Notice, 'vault'>): string | null {
  return vault === session.current ? null : (session.open.find((open) => open.id === vault)?.name ?? null);
}

/**
 * What ended or is about to happen while one looks elsewhere. Jobs of one plan are one notice, which changes as they end. It
 * holds no output and no command, and goes with the page.
 */
class Notices {
  all = $state.raw<readonly Notice[]>([]);
  /** States of the jobs of a vault when they were last looked at. */
  #states = new Map<string, Map<string, string>>();
  #warned = new Set<string>();

  /** Those that nobody has read, of every open vault. */
  readonly unread = $derived(this.all.filter((notice) => !notice.read).length);

  of(vault: string): readonly Notice[] {
    return this.all.filter((notice) => notice.vault === vault);
  }

  markRead(): void {
    this.all = this.all.map((notice) => (notice.read ? notice : { ...notice, read: true }));
  }

  clear(): void {
    this.all = [];
  }

  /** Forgets what was told of vaults that are open no more. */
  settle(open: readonly string[]): void {
    this.all = this.all.filter((notice) => open.includes(notice.vault));
    for (const vault of this.#states.keys()) if (!open.includes(vault)) this.#states.delete(vault);
  }

  /** Tells of the jobs that ended since they were looked at. What a person cancelled is no news to them. */
  lookAtJobs(vault: string, jobs: readonly JobView[]): void {
    const before = this.#states.get(vault);
    this.#states.set(vault, new Map(jobs.map((job) => [job.id, job.state])));
    if (!before) return;
    const ended = jobs.filter((job) => (well.has(job.state) || job.state === 'failed') && before.get(job.id) !== job.state && (before.has(job.id) || job.ended_ms !== null));
    // Thousands may have ended meanwhile: each job is looked at once.
    const runs = new Map(ended.map((job) => [job.run, { shown: job, members: [] as JobView[] }]));
    for (const job of ended) {
      const run = runs.get(job.run);
      if (run && job.state === 'failed') run.shown = job;
    }
    for (const job of jobs) runs.get(job.run)?.members.push(job);
    for (const [run, { shown, members }] of runs) {
      const failed = members.filter((job) => job.state === 'failed');
      this.#tell(`jobs ${run}`, vault, { kind: 'jobs', run, job: (failed[0] ?? shown).id, host: shown.host, well: members.filter((job) => well.has(job.state)).length, failed: failed.length, going: members.filter((job) => job.state === 'running' || job.state === 'queued').length });
    }
  }

  runEnded(vault: string, run: string, total: number, failed: number): void {
    if (!this.all.some((notice) => notice.id === `run ${run}`)) this.#tell(`run ${run}`, vault, { kind: 'run', run, total, failed });
  }

  lookAtStages(vault: string, unsealed: readonly Unsealed[], now: number): void {
    for (const { stage, until } of unsealed) {
      const left = until - now;
      // A deadline is read anew now and then, and comes out a little different.
      const id = `seals ${vault} ${stage} ${Math.round(until / 10_000)}`;
      const told = this.#warned.has(id) || this.#warned.has(`seals ${vault} ${stage} ${Math.round(until / 10_000) - 1}`) || this.#warned.has(`seals ${vault} ${stage} ${Math.round(until / 10_000) + 1}`);
      if (left <= 0 || left > soon || told) continue;
      this.#warned.add(id);
      this.#tell(id, vault, { kind: 'seals', stage, until });
    }
  }

  #tell(id: string, vault: string, what: NoticeWhat): void {
    this.all = [{ id, vault, at: Date.now(), read: false, what }, ...this.all.filter((notice) => notice.id !== id)].slice(0, most);
    const where = vaultOf({ vault });
    const text = where === null ? noticeText(what) : i18n.t.frame.notices.inVault(where, noticeText(what));
    if (isBad(what)) toasts.show(text, 'bad');
    else if (what.kind === 'seals') toasts.show(text, 'warn');
    // Through the system: a failure at once, the rest when all of it ended.
    const first = what.kind === 'jobs' && what.failed === 1 && what.going > 0;
    if (telling.how === 'off' || (what.kind === 'jobs' && what.going > 0 && !first)) return;
    const tag = what.kind === 'jobs' ? `${id} ${first ? 'first' : `${what.well} ${what.failed}`}` : id;
    // A system without notifications has shown nothing; the list has it.
    announce({ tag, title: noticeText(what, telling.how === 'hosts'), body: i18n.t.frame.notices.systemBody, urgent: what.kind === 'seals' }).catch(() => false);
  }
}

export const notices = new Notices();
