import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { tick } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { planDesk } from '$features/plan';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { inventProcess } from '$platform/fake/processes';
import Processes from './Processes.svelte';
import { changesFor, groupsOf, processOf, type Wanted } from './rows';

const guest = 'bench-01.ostrel.lan/shop-web';
let backend: FakeBackend;
const asked = (command: string): unknown => backend.calls.findLast((call) => call.command === command)?.request;
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
const choose = (id: string, value: string): Promise<boolean> => fireEvent.change(screen.getByTestId(id), { target: { value } });
const rows = (): string[] => [...document.querySelectorAll('[data-testid^="process-"][role="row"]')].map((row) => row.getAttribute('data-testid')?.slice(8) ?? '');

beforeEach(async () => {
  document.body.replaceChildren();
  Element.prototype.scrollIntoView = () => undefined;
  planDesk.reset();
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await waitFor(() => { expect(session.hosts.value).not.toBeNull(); });
});

describe('the processes of a guest', () => {
  beforeEach(async () => {
    render(Processes, { host: guest });
    await screen.findByTestId('process-shop');
  });

  it('stand under their keepers, what failed first, and what is still only when asked', async () => {
    expect(asked('process_list')).toEqual({ on: guest, all: false });
    expect(rows().indexOf('backup-offsite')).toBe(0);
    expect(screen.queryByTestId('process-apt-daily')).toBeNull();
    expect(document.body.textContent).toMatch(/systemd 252.*pm2 \(shop\) 6\.0\.8/s);
    await press('processes-all');
    await screen.findByTestId('process-apt-daily');
    expect(asked('process_list')).toEqual({ on: guest, all: true });
  });

  it('are found by words, by keeper and by state', async () => {
    await choose('processes-keeper', 'pm2');
    await waitFor(() => { expect(rows()).toEqual(['mailer', 'shop']); });
    await choose('processes-state', 'failed');
    await waitFor(() => { expect(rows()).toEqual(['mailer']); });
    await fireEvent.input(screen.getByTestId('processes-search'), { target: { value: 'nothing of this' } });
    await waitFor(() => { expect(rows()).toEqual([]); });
    await fireEvent.click(screen.getByRole('button', { name: 'Clear the filter' }));
    await waitFor(() => { expect(rows().length).toBeGreaterThan(4); });
  });

  it('are changed by plans only, each the very one that is meant', async () => {
    await press('process-shop');
    const panel = await screen.findByTestId('process-panel');
    expect(panel.textContent).toMatch(/pm2 \(shop\).*2 of it/s);
    expect(within(panel).getByTestId<HTMLButtonElement>('process-start').disabled).toBe(true);
    await press('process-restart');
    await waitFor(() => { expect(planDesk.plan?.title.key).toBe('title.process-restart'); });
    expect(asked('process_plan')).toEqual({ process: { host: guest, name: 'shop', keeper: 'pm2', owner: 'shop' }, change: 'restart' });
    planDesk.cancel();
    await press('process-disable');
    await waitFor(() => { expect(asked('process_plan')).toMatchObject({ change: 'disable' }); });
    expect(backend.calls.some((call) => call.command === 'plan_run')).toBe(false);
    planDesk.cancel();
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    await waitFor(() => { expect(screen.queryByTestId('process-panel')).toBeNull(); });
  });

  it('are read again after a job of their host, and after none of another', async () => {
    const reads = (): number => backend.calls.filter((call) => call.command === 'process_list').length;
    await session.jobs.load();
    const job = session.jobs.value?.find((one) => !guest.startsWith(one.host))?.id;
    if (job === undefined) throw new Error('a job of another host');
    expect(reads()).toBe(1);
    backend.opened().ring({ kind: 'job_changed', job });
    await tick();
    expect(reads()).toBe(1);
    backend.opened().ring({ kind: 'job_changed', job: 'not-known-yet' });
    await waitFor(() => { expect(reads()).toBe(2); });
  });

  it('tell what they wrote, as text', async () => {
    await press('process-shop');
    await fireEvent.click(await screen.findByTestId('process-logs-open'));
    const lines = await screen.findByTestId('process-logs-lines');
    expect(lines.textContent).toContain('ESC[31mGET');
    expect(lines.querySelector('b')).toBeNull();
    expect(asked('process_logs')).toMatchObject({ process: { name: 'shop', keeper: 'pm2', owner: 'shop' }, lines: 500 });
  });
});

describe('what can be asked of a process', () => {
  const ready = (more: Parameters<typeof inventProcess>[1]): string[] => changesFor(inventProcess('p', more)).filter((offer) => offer.ready).map((offer) => offer.change);

  it('is what would do something', () => {
    expect(ready({})).toEqual(['stop', 'restart', 'disable']);
    expect(ready({ state: 'stopped', at_boot: false })).toEqual(['start', 'enable']);
    expect(ready({ state: 'stopped', at_boot: false, masked: true })).toEqual([]);
    expect(ready({ at_boot: null })).toEqual(['stop', 'restart']);
    expect(ready({ keeper: 'pm2', at_boot: false, saved: true })).toEqual(['stop', 'restart', 'enable', 'disable']);
    expect(processOf('h', inventProcess('p'))).toEqual({ host: 'h', name: 'p', keeper: 'systemd' });
  });

  it('and thousands are put in order, what is not known last either way', () => {
    const keepers = [{ keeper: 'systemd', version: '', owner: null, home: null, runs: true, at_boot: true } as const];
    const processes = Array.from({ length: 4096 }, (_, at) => inventProcess(`p-${String(at)}`, { memory_bytes: at % 2 === 0 ? null : at }));
    const wanted: Wanted = { text: '', keeper: '', state: '' };
    const compare = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
    for (const descending of [false, true]) {
      const [group] = groupsOf(keepers, processes, wanted, { column: 'memory', descending }, new Set(), compare);
      expect([group?.items[0]?.name, group?.items.at(-1)?.memory_bytes]).toEqual([descending ? 'p-4095' : 'p-1', null]);
    }
  });
});
