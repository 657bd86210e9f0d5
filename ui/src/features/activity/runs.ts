import type { JobView } from '$generated/api';

/** The jobs that came of one plan, several on a host among them. What is finished and what succeeded is counted by hosts. */
export interface PlanRun { id: string; jobs: JobView[]; hosts: number; state: 'running' | 'queued' | 'done' | 'partial' | 'failed' | 'cancelled'; finished: number; succeeded: number }

const over = new Set(['changed', 'done', 'failed', 'cancelled']);
const well = new Set(['changed', 'done']);

function stateOf(jobs: readonly JobView[]): PlanRun['state'] {
  if (jobs.some((job) => job.state === 'running')) return 'running';
  if (jobs.some((job) => job.state === 'queued')) return jobs.some((job) => over.has(job.state)) ? 'running' : 'queued';
  const succeeded = jobs.filter((job) => well.has(job.state)).length;
  if (succeeded === jobs.length) return 'done';
  if (succeeded > 0) return 'partial';
  return jobs.some((job) => job.state === 'failed') ? 'failed' : 'cancelled';
}

/** Jobs by the plan they came of, newest first. */
export function groupRuns(jobs: readonly JobView[]): PlanRun[] {
  const byRun = new Map<string, JobView[]>();
  for (const job of jobs) {
    const members = byRun.get(job.run);
    if (members) members.push(job);
    else byRun.set(job.run, [job]);
  }
  return [...byRun].map(([id, members]) => {
    const sorted = members.sort((left, right) => left.host.localeCompare(right.host));
    const hosts = new Set(sorted.map((job) => job.host));
    const all = (states: ReadonlySet<string>): number => hosts.size - new Set(sorted.filter((job) => !states.has(job.state)).map((job) => job.host)).size;
    return { id, jobs: sorted, hosts: hosts.size, state: stateOf(sorted), finished: all(over), succeeded: all(well) };
  });
}

export function isUnderWay(run: PlanRun): boolean {
  return run.state === 'running' || run.state === 'queued';
}

/** How long a job has taken until `now`. */
export function elapsed(job: JobView, now: number): number {
  const began = job.steps.find((step) => step.started_ms !== null)?.started_ms ?? job.created_ms;
  return Math.max(0, (job.ended_ms ?? now) - began);
}

/** The step a job is at: the one that runs, else the one that failed. */
export function stepNow(job: JobView): number | null {
  return (job.steps.find((step) => step.state === 'running') ?? job.steps.find((step) => step.state === 'failed'))?.number ?? null;
}
