import type { Event, HostPlanView, JobView, OutputPiece, WireMessage } from '$generated/api';

export interface FakeJob { view: JobView; pieces: OutputPiece[] }
type Script = { after: number; stream: 'stdout' | 'stderr' | 'note'; text: string; note?: string }[];

const upgrade: Script = [
  { after: 0, stream: 'stdout', text: 'Info: [+++.................] > Stopping the scheduled tasks\n' },
  { after: 2, stream: 'stdout', text: 'Info: [######+++...........] > Downloading sources, 214 MB\n' },
  { after: 17, stream: 'stdout', text: 'Info: [#########+++........] > Checking the sha256 of 1 archive\n' },
  { after: 33, stream: 'stderr', text: 'Warning: 2 files differ from the package, kept as *.ynh-kept\n' },
  { after: 38, stream: 'stdout', text: 'Info: [############+++.....] > Setting permissions\n' },
  { after: 41, stream: 'stdout', text: 'Updating database schema\n' },
  { after: 50, stream: 'stderr', text: 'Warning: column "lastmodified" already exists, skipped\n' },
  { after: 53, stream: 'note', text: '', note: 'note.link-lost' },
  { after: 84, stream: 'note', text: '', note: 'note.attached' },
  { after: 84, stream: 'stdout', text: 'Starting code integrity check...\nFinished code integrity check\n' },
  { after: 89, stream: 'stdout', text: '\u001b[32mInfo:\u001b[0m Now reading the state back\n' },
  { after: 91, stream: 'stderr', text: 'Warning: file name holds a bidi mark: skin\u202egnp.exe, kept as is\n' },
  { after: 92, stream: 'stdout', text: 'Success!' },
];

function pieces(script: Script, began: number): OutputPiece[] {
  let offset = 0;
  return script.map((line, index) => {
    const piece: OutputPiece = { ordinal: index + 1, step: index < 10 ? 1 : 2, at_ms: began + line.after * 1000, stream: line.stream, offset, text: line.text, note: line.note ? { key: line.note, values: {} } : null };
    offset += line.text.length;
    return piece;
  });
}

export function jobOf(id: string, run: string, title: WireMessage, part: HostPlanView, now: number): FakeJob {
  return {
    view: {
      id, run, title, host: part.host, stage: part.stage, state: 'queued', attached: false, created_ms: now, ended_ms: null, error: null,
      steps: part.steps.map((step) => ({ number: step.number, what: step.what, command: step.command, state: 'pending', exit_code: null, signal: null, started_ms: null, ended_ms: null })),
    },
    pieces: [],
  };
}

function settle(job: FakeJob, states: string[], state: string, began: number, took: number, script: Script): FakeJob {
  const { view } = job;
  const ended = state === 'running' ? null : began + took;
  return {
    view: { ...view, state, attached: state === 'running', created_ms: began, ended_ms: ended, steps: view.steps.map((step, index) => ({ ...step, state: states[index] ?? 'pending', exit_code: states[index] === 'done' ? 0 : states[index] === 'failed' ? 1 : null, started_ms: states[index] === 'pending' || states[index] === 'skipped' ? null : began, ended_ms: states[index] === 'done' || states[index] === 'failed' ? began + took : null })) },
    pieces: pieces(script, began),
  };
}

/** What ran before the page was opened. */
export function inventJobs(part: (host: string, stage: string, service: string) => HostPlanView, now: number): FakeJob[] {
  const title = (service: string): WireMessage => ({ key: 'title.ynh-service-restart', values: { service } });
  const make = (id: string, run: string, host: string, stage: string, service: string): FakeJob => jobOf(id, run, title(service), part(host, stage, service), now);
  const minute = 60_000;
  return [
    settle(make('job-4a', 'run-4', 'ynh-01.morel.lan', 'prod', 'nginx'), ['done', 'done'], 'changed', now - 4 * minute, 52_000, upgrade),
    settle(make('job-4b', 'run-4', 'ynh-02.morel.lan', 'prod', 'nginx'), ['done', 'running'], 'running', now - 4 * minute, 0, upgrade),
    { ...settle(make('job-4c', 'run-4', 'ynh-03.morel.lan', 'prod', 'nginx'), ['failed', 'skipped'], 'failed', now - 4 * minute, 31_000, upgrade.slice(0, 6)) },
    settle(make('job-3', 'run-3', 'ynh-dev.morel.lan', 'dev', 'redis-server'), ['done', 'done'], 'changed', now - 95 * minute, 4_200, upgrade.slice(0, 3)),
    settle(make('job-2', 'run-2', 'mairie-01.orvain.lan', 'prod', 'postfix'), ['failed', 'skipped'], 'failed', now - 140 * minute, 9_900, upgrade.slice(0, 4)),
    settle(make('job-1', 'run-1', 'forge.ostrel.lan', 'prod', 'slapd'), ['done', 'skipped'], 'cancelled', now - 26 * 60 * minute, 3_100, upgrade.slice(0, 2)),
  ].map((job) => (job.view.state === 'failed' ? { ...job, view: { ...job.view, error: { code: 'command-failed' as const, values: { exit: 'exit 1' }, host: job.view.host, step: 1 } } } : job));
}

/** Lets a job go through its steps, a little slower than one can read. */
export function play(job: FakeJob, pace: number, emit: (event: Event) => void, done: () => void): void {
  const { view } = job;
  const changed = (): void => { emit({ kind: 'job_changed', job: view.id }); };
  const write = (step: number, stream: string, text: string): void => {
    const ordinal = (job.pieces.at(-1)?.ordinal ?? 0) + 1;
    job.pieces.push({ ordinal, step, at_ms: Date.now(), stream, offset: ordinal * 40, text, note: null });
    emit({ kind: 'job_output', job: view.id });
  };
  const begin = (index: number): void => {
    const step = view.steps[index];
    if (view.state === 'cancelled') return;
    if (!step) {
      view.state = 'changed';
      view.attached = false;
      view.ended_ms = Date.now();
      done();
      changed();
      return;
    }
    view.state = 'running';
    view.attached = true;
    step.state = 'running';
    step.started_ms = Date.now();
    changed();
    write(step.number, 'stdout', `Step ${step.number} of ${view.steps.length}\n`);
    setTimeout(() => {
      if (view.state === 'cancelled') return;
      write(step.number, 'stderr', 'Warning: this is a pretend host\n');
      write(step.number, 'stdout', 'Success!\n');
      step.state = 'done';
      step.exit_code = 0;
      step.ended_ms = Date.now();
      begin(index + 1);
    }, pace);
  };
  setTimeout(() => { begin(0); }, pace);
}
