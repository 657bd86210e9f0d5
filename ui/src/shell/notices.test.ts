import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { toasts } from '$design';
import { telling } from '$features/settings';
import type { JobView } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
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
    notices.markRead(vault);
    expect(notices.unread(vault)).toBe(0);
    notices.lookAtJobs(vault, [job('a', 'r', 'failed'), job('b', 'r', 'changed')]);
    expect(notices.of(vault).map((notice) => noticeText(notice.what))).toEqual(['1 of 2 jobs failed']);
    expect(notices.unread(vault)).toBe(1);
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
    notices.clear(current);
    notices.lookAtJobs(current, [job('a', 'r', 'running')]);
    notices.lookAtJobs(current, [job('a', 'r', 'done')]);
    notices.runEnded(current, 'run-9', 12, 1);
    notices.runEnded(current, 'run-9', 12, 1);
    const went: Route[] = [];
    render(NoticeList, { go: (route: Route) => went.push(route), onclose: () => undefined });
    expect(notices.unread(current)).toBe(0);
    const list = screen.getAllByTestId('notice');
    expect(list.map((one) => one.querySelector('.grow')?.textContent)).toEqual(['A run ended: not done on 1 of 12 hosts', 'A job is done on host-a']);
    for (const one of list) await fireEvent.click(one);
    expect(went).toEqual([{ screen: 'runs', run: 'run-9' }, { screen: 'activity', job: 'a' }]);
    await fireEvent.click(screen.getByTestId('notices-clear'));
    expect(notices.of(current)).toEqual([]);
  });
});
