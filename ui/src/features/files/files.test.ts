import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { toasts } from '$design';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { refuse } from '$platform/fake/refuse';
import { installPlatform } from '$platform/index';
import type { Command } from '$platform/types';
import Files from './Files.view.svelte';
import { forgetPlaces } from './places';
import { copyQueue } from './queue.svelte';

const dev = 'ynh-dev.morel.lan';
const prod = 'ynh-02.morel.lan';
let backend: FakeBackend;

beforeEach(async () => {
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await session.stages.load();
  copyQueue.settle([]);
  forgetPlaces([]);
  toasts.clear();
});

const grid = (side: 'local' | 'host'): HTMLElement => screen.getByTestId(`pane-${side}-grid`);
const names = (side: 'local' | 'host'): (string | undefined)[] => within(grid(side)).queryAllByTestId(new RegExp(`^pane-${side}-row`)).map((row) => row.dataset['name']);
const press = (side: 'local' | 'host', key: string, more = {}): Promise<boolean> => fireEvent.keyDown(grid(side), { key, ...more });
const asked = (command: Command): unknown[] => backend.calls.filter((call) => call.command === command).map((call) => call.request);

async function open(host = dev, onHost = ''): Promise<void> {
  render(Files, { host, stage: host === dev ? 'dev' : 'prod' });
  await waitFor(() => { expect(names('local')).toContain('Documents'); expect(names('host').length).toBeGreaterThan(0); });
  if (onHost !== '') await goTo('host', onHost);
}

async function goTo(side: 'local' | 'host', path: string): Promise<void> {
  await press(side, '/');
  const field = await screen.findByTestId(`pane-${side}-path`);
  await fireEvent.input(field, { target: { value: path } });
  await fireEvent.keyDown(field, { key: 'Enter' });
  await waitFor(() => { expect(grid(side).getAttribute('aria-label')).toContain(path); });
}

/** Says what lies under the pointer, whatever its place. */
function over(side: 'local' | 'host' | null): void {
  document.elementFromPoint = () => (side === null ? document.body : grid(side));
}

/** Drops files of another program on a pane, or beside both. */
function drop(side: 'local' | 'host' | null, ...paths: string[]): void {
  over(side);
  backend.drag({ kind: 'dropped', x: 500, y: 200, paths });
}

/** Puts the line of keys on an entry, by its first letters. */
async function on(side: 'local' | 'host', name: string): Promise<void> {
  const row = within(grid(side)).getAllByRole('row').find((one) => one.dataset['name'] === name);
  if (!row) throw new Error(`no ${name}`);
  await fireEvent.pointerDown(row, { button: 0 });
  await fireEvent.pointerUp(window);
}

describe('the panes', () => {
  it('show both sides, folders first, hidden files on demand, and where one is', async () => {
    await open();
    expect(names('local')).toEqual(['..', 'Documents', 'Site', 'budget 2026.ods', 'lien-mort', 'note-passation.md']);
    await press('local', 'h', { ctrlKey: true });
    expect(names('local')).toContain('.bashrc');
    expect(grid('host').getAttribute('aria-label')).toContain('/root');
  });

  it('are walked by keys: into a folder, up again to where one came from, and to the other side', async () => {
    await open();
    await press('local', 's');
    await press('local', 'Enter');
    await waitFor(() => { expect(names('local')).toContain('index.html'); });
    await press('local', 'Backspace');
    await waitFor(() => { expect(names('local')).toContain('Site'); });
    await waitFor(() => { expect(grid('local').querySelector('.current')?.getAttribute('data-name')).toBe('Site'); });
    await fireEvent.focusIn(grid('local'));
    await press('local', 'Tab');
    await waitFor(() => { expect(document.activeElement).toBe(grid('host')); });
    await press('host', 'Tab');
    await waitFor(() => { expect(document.activeElement).toBe(grid('local')); });
  });

  it('are put in order by their headings, reached from the first line', async () => {
    await open(dev, '/var/log');
    const pointed = (): string | null | undefined => document.getElementById(grid('host').getAttribute('aria-activedescendant') ?? '')?.textContent;
    const order = (): string | null => screen.getByTestId('pane-host-sort-size').getAttribute('aria-sort');
    await press('host', 'ArrowDown');
    await press('host', 'ArrowUp');
    expect(pointed()).toContain('Up');
    await press('host', 'ArrowUp');
    expect(pointed()).toBe('Name');
    await press('host', 'ArrowLeft');
    await press('host', 'ArrowRight');
    expect(pointed()).toBe('Size');
    await press('host', 'Enter');
    expect(order()).toBe('descending');
    expect(names('host').slice(1, 3)).toEqual(['syslog', 'auth.log']);
    await press('host', ' ');
    expect(order()).toBe('ascending');
    for (let step = 0; step < 9; step += 1) await press('host', 'ArrowRight');
    expect(pointed()).toBe('Owner');
    await press('host', 'ArrowUp');
    expect(pointed()).toBe('Owner');
    await press('host', 'ArrowDown');
    expect(pointed()).toContain('Up');
    await press('host', 'ArrowUp');
    expect(pointed()).toBe('Owner');
    await press('host', 's');
    expect(grid('host').querySelector('.current')?.getAttribute('data-name')).toBe('systemd.sock');
    expect(screen.getByTestId('pane-host-sort-owner').tabIndex, 'one way to it is enough').toBe(-1);
  });

  it('stay where they are when a folder cannot be read, and say why', async () => {
    await open();
    await press('host', '/');
    const field = await screen.findByTestId('pane-host-path');
    await fireEvent.input(field, { target: { value: '/nowhere' } });
    await fireEvent.keyDown(field, { key: 'Enter' });
    expect((await screen.findByTestId('pane-host-error')).textContent).toContain('/nowhere');
    expect(grid('host').getAttribute('aria-label')).toContain('/root');
  });

  it('show a part of a folder that is too large, and draw few of its rows', async () => {
    await open(dev, '/var/lib/sessions');
    expect((await screen.findByTestId('pane-host-more')).textContent).toContain('10,000');
    expect(grid('host').getAttribute('aria-rowcount')).toBe('10002');
    expect(names('host').length).toBeLessThan(100);
  });

  it('show hostile names as text, and do nothing with one that is no UTF-8', async () => {
    await open(dev, '/tmp/hostile');
    expect(document.querySelector('img')).toBeNull();
    expect(grid('host').textContent).toContain('<img src=x');
    expect(grid('host').textContent).not.toContain('\u202e');
    await on('host', 'caf\\xe9');
    await press('host', 'F5');
    expect(asked('get')).toEqual([]);
    expect(toasts.list.length).toBe(1);
  });
});

describe('a copy', () => {
  it('goes at once where nothing is replaced, and arrives in the other pane', async () => {
    await open(dev, '/srv');
    await on('local', 'Site');
    await press('local', ' ');
    await on('local', 'budget 2026.ods');
    await press('local', 'Escape');
    await on('local', 'Site');
    await press('local', 'F5');
    await waitFor(() => { expect(names('host')).toContain('Site'); });
    expect(asked('put')).toMatchObject([{ host: dev, local: '/home/camille/Site', remote: '/srv/', resume: true, root: false }]);
    expect(screen.getByTestId('copy-item').dataset['state']).toBe('done');
  });

  it('says what is there before it replaces it, and skips unless told otherwise', async () => {
    await open(dev, '/var/www/site');
    await goTo('local', '/home/camille/Site');
    await press('local', 'a', { ctrlKey: true });
    await press('local', 'F5');
    const sheet = await screen.findByTestId('copy-sheet');
    expect(within(sheet).getByTestId('clashes').textContent).toContain('index.html');
    expect(within(sheet).getByTestId('clashes').textContent).toMatch(/14\.2\s?kB.*14\s?kB/);
    expect(asked('put')).toEqual([]);
    const [first] = within(sheet).getAllByRole<HTMLSelectElement>('combobox');
    if (!first) throw new Error('no choice');
    await fireEvent.change(first, { target: { value: 'replace' } });
    await fireEvent.click(screen.getByTestId('copy-go'));
    await waitFor(() => { expect(asked('put')).toHaveLength(3); });
    const put = asked('put') as { local: string; resume: boolean }[];
    expect(put.map((one) => one.local)).not.toContain('/home/camille/Site/index.html');
    expect(put.find((one) => one.local.endsWith('images'))?.resume).toBe(false);
  });

  it('to production wants a name typed, and Enter does not send it', async () => {
    await open(prod, '/srv');
    await on('local', 'note-passation.md');
    await press('local', 'F5');
    const go = await screen.findByTestId<HTMLButtonElement>('copy-go');
    expect(go.disabled).toBe(true);
    const field = screen.getByTestId('copy-confirm');
    await fireEvent.input(field, { target: { value: 'prod ' } });
    expect(go.disabled).toBe(true);
    await fireEvent.input(field, { target: { value: 'prod' } });
    expect(await fireEvent.keyDown(field, { key: 'Enter' }), 'the key is swallowed').toBe(false);
    expect(asked('put')).toEqual([]);
    await fireEvent.click(go);
    await waitFor(() => { expect(asked('put')).toMatchObject([{ typed: 'prod' }]); });
  });

  it('from a host asks for no name', async () => {
    await open(prod, '/etc');
    await on('host', 'hostname');
    await press('host', 'F5');
    await waitFor(() => { expect(names('local')).toContain('hostname'); });
    expect(asked('get')).toMatchObject([{ local: '/home/camille', remote: '/etc/hostname', typed: null }]);
  });

  it('of what is dropped on the host from outside is asked about first', async () => {
    await open(dev, '/srv');
    over('host');
    backend.drag({ kind: 'over', x: 500, y: 200 });
    await waitFor(() => { expect(screen.getByTestId('pane-host').classList.contains('target')).toBe(true); });
    drop('host', '/home/camille/Site', '/home/camille/note-passation.md');
    const sheet = await screen.findByTestId('copy-sheet');
    expect(screen.getByTestId('pane-host').classList.contains('target')).toBe(false);
    expect(sheet.textContent).toContain('note-passation.md');
    expect(asked('put')).toEqual([]);
    await fireEvent.click(screen.getByTestId('copy-go'));
    await waitFor(() => { expect(asked('put')).toMatchObject([{ local: '/home/camille/Site', remote: '/srv/' }, { local: '/home/camille/note-passation.md' }]); });
    drop('host', '/home/camille/Site', '/etc/x');
    expect(screen.queryByTestId('copy-sheet')).toBeNull();
    expect(toasts.list.length).toBe(1);
  });

  it('of what is dropped is begun by nothing but the pane of the host', async () => {
    await open(dev, '/srv');
    drop('local', '/home/camille/Site/index.html', '/home/camille/Site/logo.svg');
    await waitFor(() => { expect(names('local')).toContain('index.html'); });
    await waitFor(() => { expect(grid('local').querySelectorAll('.chosen')).toHaveLength(2); });
    drop(null, '/home/camille/note-passation.md');
    backend.drag({ kind: 'left' });
    await on('local', 'index.html');
    await press('local', 'F7');
    await screen.findByTestId('name-sheet');
    drop('host', '/home/camille/note-passation.md');
    expect(screen.queryByTestId('copy-sheet')).toBeNull();
    expect(asked('put')).toEqual([]);
    cleanup();
    expect(backend.drag({ kind: 'dropped', x: 1, y: 1, paths: ['/home/camille/note-passation.md'] }), 'on another screen, nobody hears of it').toBe(false);
  });

  it('is dragged to the other side, and not by a press that hardly moves', async () => {
    await open(dev, '/srv');
    const target = screen.getByTestId('pane-host');
    document.elementFromPoint = () => target;
    const row = within(grid('local')).getAllByRole('row').find((one) => one.dataset['name'] === 'note-passation.md');
    if (!row) throw new Error('no row');
    for (const far of [3, 80]) {
      await fireEvent.pointerDown(row, { button: 0, clientX: 10, clientY: 10 });
      await fireEvent.pointerMove(window, { clientX: 10 + far, clientY: 10 });
      expect(target.classList.contains('target')).toBe(far === 80);
      await fireEvent.pointerUp(window, { clientX: 10 + far, clientY: 10 });
      expect(target.classList.contains('target')).toBe(false);
    }
    await waitFor(() => { expect(asked('put')).toHaveLength(1); });
  });
});

describe('the queue', () => {
  /** Copies that end when the test says so. */
  function held(): { end: (error?: unknown) => void; name: string }[] {
    const copies: { end: (error?: unknown) => void; name: string }[] = [];
    const answer = backend.rpc.bind(backend);
    backend.rpc = (async (command: Command, request: { name: string }, vault: string | null) => {
      if (command === 'copy_cancel') copies.find((copy) => copy.name === request.name)?.end(refuse('copy-cancelled'));
      if (command !== 'get') return answer(command, request as never, vault);
      return new Promise<unknown>((resolve, reject) => {
        copies.push({ name: request.name, end: (error) => { if (error === undefined) resolve({ bytes: 5, files: 1, sha256: null, verified: true, resumed: 0, unchanged: 0, notes: [], duration_ms: 10 }); else reject(error as Error); } });
      });
    }) as typeof backend.rpc;
    return copies;
  }

  const order = (host: string, label: string): Parameters<typeof copyQueue.add>[0][number] => ({ way: 'get', host, stage: 'dev', label, local: '/tmp', remote: `/srv/${label}`, typed: null, root: false, resume: false, whole: false, times: false });
  const states = (): string[] => copyQueue.mine.map((copy) => copy.state);

  it('copies one after the other on each host, and two at most', async () => {
    const copies = held();
    copyQueue.add([order('a', '1'), order('a', '2'), order('b', '3'), order('c', '4')]);
    expect(states()).toEqual(['running', 'waiting', 'running', 'waiting']);
    copies[1]?.end();
    await waitFor(() => { expect(states()).toEqual(['running', 'waiting', 'done', 'running']); });
    copies[0]?.end();
    await waitFor(() => { expect(states()).toEqual(['done', 'running', 'done', 'running']); });
  });

  it('lists as much as one reads of what is many', async () => {
    held();
    await open();
    copyQueue.add(Array.from({ length: 3000 }, (_, at) => order(dev, String(at))));
    await waitFor(() => { expect(screen.getByTestId('copy-queue').textContent).toContain('2,949'); });
    expect(screen.getAllByTestId('copy-item')).toHaveLength(51);
    await fireEvent.click(screen.getByTestId('queue-cancel-all'));
    await waitFor(() => { expect(states().every((state) => state === 'cancelled')).toBe(true); });
  });

  it('is cancelled, says what failed, and goes on with it from where it came to', async () => {
    const copies = held();
    await open();
    copyQueue.add([order(dev, '1'), order(dev, '2'), order(dev, '3')]);
    await fireEvent.click((await screen.findAllByTestId('copy-cancel'))[0] as HTMLElement);
    await waitFor(() => { expect(states()).toEqual(['cancelled', 'running', 'waiting']); });
    copies[1]?.end(refuse('link-lost', { reason: 'gone' }));
    expect((await screen.findByTestId('copy-error')).textContent).toContain('gone');
    const failed = screen.getAllByTestId('copy-item').find((item) => item.dataset['state'] === 'failed');
    if (!failed) throw new Error('nothing failed');
    await fireEvent.click(within(failed).getByTestId('copy-retry'));
    expect(states()).toEqual(['cancelled', 'waiting', 'running']);
    copies[2]?.end();
    await waitFor(() => { expect(states()).toEqual(['cancelled', 'running', 'done']); });
    expect(copyQueue.mine[1]?.order.resume).toBe(true);
    await fireEvent.click(screen.getByTestId('queue-clear'));
    expect(states()).toEqual(['running']);
  });

  it('asks for the name again where a stage wants one that was not known to', async () => {
    const copies = held();
    await open();
    copyQueue.add([order(dev, '1')]);
    copies[0]?.end(refuse('confirmation-needed', { names: 'dev, x' }));
    const again = await screen.findByTestId<HTMLButtonElement>('copy-again');
    expect(again.disabled).toBe(true);
    await fireEvent.input(screen.getByTestId('copy-again-confirm'), { target: { value: 'dev' } });
    await fireEvent.click(again);
    await waitFor(() => { expect(copyQueue.mine[0]?.order.typed).toBe('dev'); });
  });
});

describe('tidying a host', () => {
  it('makes a folder and goes to it, and says when there is one already', async () => {
    await open(dev, '/srv');
    await press('host', 'F7');
    await fireEvent.input(await screen.findByTestId('name-field'), { target: { value: 'a/b' } });
    expect(screen.getByTestId<HTMLButtonElement>('name-go').disabled).toBe(true);
    await fireEvent.input(screen.getByTestId('name-field'), { target: { value: 'new' } });
    await fireEvent.submit(screen.getByTestId('name-field'));
    await waitFor(() => { expect(names('host')).toContain('new'); });
    await press('host', 'F7');
    await fireEvent.input(await screen.findByTestId('name-field'), { target: { value: 'new' } });
    await fireEvent.submit(screen.getByTestId('name-field'));
    expect((await screen.findByTestId('name-error')).textContent).toContain('exists');
  });

  it('removes only after the sheet: neither by the key alone, nor a full folder unasked', async () => {
    await open(dev, '/var/www');
    await on('host', 'site');
    await press('host', 'Delete');
    const go = await screen.findByTestId('remove-go');
    expect(asked('host_file_remove')).toEqual([]);
    await waitFor(() => { expect(document.activeElement?.textContent).toContain('Cancel'); });
    await fireEvent.click(go);
    expect((await screen.findByTestId('remove-error')).textContent).toContain('/var/www/site');
    await fireEvent.click(screen.getByTestId('remove-recursive'));
    await fireEvent.click(go);
    await waitFor(() => { expect(names('host')).toEqual(['..']); });
    expect(asked('host_file_remove')).toMatchObject([{ recursive: false }, { paths: ['/var/www/site'], recursive: true }]);
  });

  it('is stopped while it runs, and says how much is gone', async () => {
    await open(dev, '/var/log');
    const answer = backend.rpc.bind(backend);
    const removals: { name: string; end: () => void }[] = [];
    backend.rpc = (async (command: Command, request: { name: string }, vault: string | null) => {
      if (command === 'host_file_remove_cancel') removals.find((one) => one.name === request.name)?.end();
      if (command !== 'host_file_remove') return answer(command, request as never, vault);
      await new Promise<void>((resolve) => { removals.push({ name: request.name, end: resolve }); });
      return { removed: 1, cancelled: true };
    }) as typeof backend.rpc;
    await press('host', 'a', { ctrlKey: true });
    await press('host', 'Delete');
    expect(screen.getByTestId('remove-cancel').textContent).toContain('Cancel');
    await fireEvent.click(await screen.findByTestId('remove-go'));
    const stop = screen.getByTestId('remove-cancel');
    expect(stop.textContent).toContain('Stop');
    const reading = asked('host_files').length;
    await fireEvent.click(stop);
    await waitFor(() => { expect(screen.queryByTestId('remove-files')).toBeNull(); });
    expect(toasts.list.map((toast) => toast.text)).toEqual(['Stopped: 1 entry is removed. Of the one it was at, a part may be gone.']);
    expect(asked('host_files').length).toBeGreaterThan(reading);
    expect(removals).toHaveLength(1);
  });

  it('wants a name typed in production, and offers no removal on this machine', async () => {
    await open(prod, '/etc');
    await on('host', 'fstab');
    await press('host', 'Delete');
    const go = await screen.findByTestId<HTMLButtonElement>('remove-go');
    expect(go.disabled).toBe(true);
    await fireEvent.input(screen.getByTestId('remove-confirm'), { target: { value: prod } });
    await fireEvent.click(go);
    await waitFor(() => { expect(names('host')).not.toContain('fstab'); });
    await on('local', 'Site');
    await fireEvent.focusIn(grid('local'));
    await press('local', 'Delete');
    expect(screen.queryByTestId('remove-files')).toBeNull();
  });
});
