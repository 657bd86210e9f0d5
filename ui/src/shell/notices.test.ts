import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toasts } from '$design';
import { telling } from '$features/settings';
import type { Event, JobView, RunReport } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import type { FakeJob } from '$platform/fake/jobs';
import { installPlatform } from '$platform/index';
import { watchElsewhere } from './elsewhere';
import { arrival } from './navigation.svelte';
import { notices, noticeText } from './notices.svelte';
import NoticeList from './NoticeList.svelte';
import type { Route } from './routes';

function job(id: string, run: string, state: string): JobView {
  return { id, run, host: `host-${id}`, stage: 'prod', title: { key: 'title.ynh-user-add', values: { user: 'jean' } }, state, attached: false, created_ms: 0, ended_ms: state === 'running' ? null : 1, error: null, steps: [] };
}

describe('notices', () => {
  let backend: FakeBackend;
  let vault: string;

  beforeEach(async () => {
    backend = new FakeBackend({ open: 1 });
    installPlatform(backend);
    session.leave();
    await session.begin();
    vault = `${session.current} ${Math.random()}`;
    toasts.clear();
    notices.clear();
    telling.choose('plain');
  });

  it('say nothing of what was over before one looked', () => {
    notices.lookAtJobs(vault, [job('a', 'r', 'failed'), job('b', 'r', 'done')]);
    expect(notices.of(vault)).toEqual([]);
  });

  it('tell of the jobs of a plan as one, which changes as they end', () => {
    notices.lookAtJobs(vault, [job('a', 'r', 'running'), job('b', 'r', 'queued')]);
    notices.lookAtJobs(vault, [job('a', 'r', 'failed'), job('b', 'r', 'running')]);
    expect(notices.of(vault).map((notice) => noticeText(notice.what))).toEqual(['A job failed on host-a']);
    expect(toasts.list).toHaveLength(1);
    notices.markRead();
    expect(notices.unread).toBe(0);
    notices.lookAtJobs(vault, [job('a', 'r', 'failed'), job('b', 'r', 'changed')]);
    expect(notices.of(vault).map((notice) => noticeText(notice.what))).toEqual(['1 of 2 jobs failed']);
    expect(notices.unread).toBe(1);
    notices.lookAtJobs(vault, [job('a', 'r', 'failed'), job('b', 'r', 'changed')]);
    expect(backend.announced.map((one) => one.title)).toEqual(['A job failed', '1 of 2 jobs failed']);
  });

  it('leave out what a person cancelled', () => {
    notices.lookAtJobs(vault, [job('a', 'r', 'running')]);
    notices.lookAtJobs(vault, [job('a', 'r', 'cancelled')]);
    expect(notices.of(vault)).toEqual([]);
  });

  it('say no name to the system unless asked to, and nothing when told not to; never what was done', () => {
    const end = (run: string): void => {
      notices.lookAtJobs(vault, [job('a', run, 'running')]);
      notices.lookAtJobs(vault, [job('a', run, 'failed')]);
    };
    end('one');
    telling.choose('hosts');
    end('two');
    telling.choose('off');
    end('three');
    expect(backend.announced.map((one) => one.title)).toEqual(['A job failed', 'A job failed on host-a']);
    expect(JSON.stringify(backend.announced)).not.toMatch(/jean|ynh-user-add/);
    expect(notices.of(vault)).toHaveLength(3);
  });

  it('warn once, a minute before a stage seals itself, and again when its time was made longer', () => {
    const now = 1_000_000_000_000;
    const stage = (until: number) => [{ stage: 'prod', until, whole: 900_000 }];
    notices.lookAtStages(vault, stage(now + 61_000), now);
    expect(notices.of(vault)).toEqual([]);
    for (let at = 0; at < 70; at += 1) notices.lookAtStages(vault, stage(now + 61_000 + (at % 3) * 400), now + at * 1000);
    expect(notices.of(vault)).toHaveLength(1);
    expect(backend.announced.at(-1)).toMatchObject({ title: 'Production seals itself in a minute', urgent: true });
    notices.lookAtStages(vault, stage(now + 900_000), now + 30_000);
    notices.lookAtStages(vault, stage(now + 900_000), now + 850_000);
    expect(notices.of(vault)).toHaveLength(2);
  });

  it('are a list one opens, that leads to what they tell of', async () => {
    const { current } = session;
    if (current === null) throw new Error('a vault is open');
    notices.lookAtJobs(current, [job('a', 'r', 'running')]);
    notices.lookAtJobs(current, [job('a', 'r', 'done')]);
    notices.runEnded(current, 'run-9', 12, 1);
    notices.runEnded(current, 'run-9', 12, 1);
    const went: Route[] = [];
    render(NoticeList, { go: (route: Route) => went.push(route), onclose: () => undefined });
    expect(notices.unread).toBe(0);
    const list = screen.getAllByTestId('notice');
    expect(list.map((one) => one.querySelector('.grow')?.textContent)).toEqual(['A run ended: not done on 1 of 12 hosts', 'A job is done on host-a']);
    for (const one of list) await fireEvent.click(one);
    expect(went).toEqual([{ screen: 'runs', run: 'run-9' }, { screen: 'activity', job: 'a' }]);
    await fireEvent.click(screen.getByTestId('notices-clear'));
    expect(notices.of(current)).toEqual([]);
  });
});

describe('notices of vaults that are open and not shown', () => {
  let backend: FakeBackend;
  let other: { id: string; ring: (event: Event) => void; jobs: FakeJob[]; runs: RunReport[]; stages: { name: string; secret: string | null; until: number | null }[] };
  let stop: () => void;
  const asked = (command: string, vault: string): number => backend.calls.filter((call) => call.command === command && call.vault === vault).length;

  beforeEach(async () => {
    backend = new FakeBackend({ open: 2 });
    installPlatform(backend);
    toasts.clear();
    notices.settle([]);
    session.leave();
    await session.begin();
    await session.jobs.load();
    other = backend.opened('Morel hand-over');
    if (session.current === null || session.current === other.id) throw new Error('the other one is not shown');
    stop = watchElsewhere(session.current, 20);
    await waitFor(() => { expect(asked('job_list', other.id)).toBe(1); });
  });

  afterEach(() => { stop(); });

  it('tell of a job that ended there, under its name', async () => {
    const running = other.jobs.find((one) => one.view.state === 'running');
    if (!running) throw new Error('a job runs there');
    // Jobs of both pretend vaults are called alike.
    running.view.id = 'only-there';
    other.ring({ kind: 'job_changed', job: 'only-there' });
    await waitFor(() => { expect(asked('job_list', other.id)).toBe(2); });
    running.view.state = 'failed';
    running.view.ended_ms = 1;
    other.ring({ kind: 'job_changed', job: 'only-there' });
    await waitFor(() => { expect(notices.of(other.id)).toHaveLength(1); });
    expect(toasts.list.map((toast) => toast.text)).toEqual(['morel hand-over: 2 of 3 jobs failed']);
    const went: Route[] = [];
    render(NoticeList, { go: (route: Route) => went.push(route), onclose: () => undefined });
    expect(screen.getByTestId('notice-vault').textContent).toBe('morel hand-over');
    await fireEvent.click(screen.getByTestId('notice'));
    expect([session.current, arrival.route, went]).toEqual([other.id, { screen: 'activity', job: 'only-there' }, []]);
    arrival.route = null;
  });

  it('are not looked for when a job of the shown one changed', () => {
    const [own] = session.jobs.value ?? [];
    if (!own) throw new Error('it has jobs');
    const before = asked('job_list', other.id);
    other.ring({ kind: 'job_changed', job: own.id });
    expect(asked('job_list', other.id)).toBe(before);
  });

  it('tell of a run in the vault that has it', async () => {
    other.runs = [{ run: 'run-there', started_ms: 0, running: false, recipe: null, commands: ['uptime'], counts: {} } as unknown as RunReport];
    other.ring({ kind: 'run_progress', run: 'run-there', done: 4, total: 4, failed: 1 });
    await waitFor(() => { expect(notices.of(other.id).map((notice) => noticeText(notice.what))).toEqual(['A run ended: not done on 1 of 4 hosts']); });
    other.ring({ kind: 'run_progress', run: 'nowhere', done: 1, total: 1, failed: 0 });
    await waitFor(() => { expect(asked('run_list', other.id)).toBe(2); });
    expect(notices.all.filter((notice) => notice.id.endsWith('nowhere'))).toEqual([]);
  });

  it('warn of a stage there that seals itself', async () => {
    const prod = other.stages.find((stage) => stage.name === 'prod');
    if (!prod) throw new Error('there is a production');
    [prod.secret, prod.until] = ['words', Date.now() + 30_000];
    other.ring({ kind: 'stages_changed' });
    await waitFor(() => { expect(notices.of(other.id).map((notice) => noticeText(notice.what))).toEqual(['Production seals itself in a minute']); });
  });
});
