import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScanReport } from '$generated/api';
import { rpc, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { secretsDesk } from './desk.svelte';
import Secrets from './Secrets.view.svelte';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 15, unsealed: 0 });
  installPlatform(backend);
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
});

afterEach(() => {
  vi.restoreAllMocks();
  secretsDesk.reset();
  session.leave();
});

const rows = (): (string | undefined)[] => [...document.querySelectorAll<HTMLElement>('[data-testid="secrets-table"] [role="row"][data-testid]')].filter((row) => row.style.display !== 'none').map((row) => row.dataset['testid']?.replace('secret-', ''));
/** Rows that scrolled or were filtered away are kept out of sight. */
const foundBy = (name: string): string | undefined => [...document.querySelectorAll<HTMLElement>(`[data-testid="secret-found-${name}"]`)].find((cell) => cell.closest<HTMLElement>('[role="row"]')?.style.display !== 'none')?.textContent;
const typed = (testid: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(testid), { target: { value } });

describe('looking for a secret', () => {
  const beside = { title: null, path: null, urls: null, tags: null, notes: null, totp: null, passphrase: null, expires_ms: null, fields: [] };

  it('finds it by what stands beside its value, and says by what', async () => {
    await rpc('secret_edit', { ...beside, name: 'lab/console', user: 'Opérateur' });
    render(Secrets);
    secretsDesk.filter = 'operat';
    await waitFor(() => { expect(rows()).toEqual(['lab/console']); });
    expect(foundBy('lab/console')).toBe('account Opérateur');
    expect(screen.getByTestId('secret-panel').textContent, 'the only one is shown').toContain('lab/console');
    expect(backend.calls.findLast((call) => call.command === 'search')?.request).toEqual({ text: 'operat', limit: 500, only: 'secret' });
    secretsDesk.filter = '';
    await waitFor(() => { expect(rows().length).toBe(session.secrets.value?.length); });
    expect(foundBy('lab/console')).toBeUndefined();
  });

  it('shows the nearest first, and what was typed last whichever answer comes first', async () => {
    await rpc('secret_edit', { ...beside, name: 'morel/ssh', user: 'lab' });
    const asked = backend.rpc.bind(backend);
    let late: (() => void) | undefined;
    vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
      if (command === 'search' && (request as { text: string }).text === 'nowhere') await new Promise<void>((resolve) => { late = resolve; });
      return asked(command, request, vault);
    });
    render(Secrets);
    secretsDesk.filter = 'nowhere';
    await waitFor(() => { expect(late).toBeDefined(); });
    secretsDesk.filter = 'lab';
    await waitFor(() => { expect(foundBy('lab/console')).toBeDefined(); });
    late?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const found = rows();
    expect(found.indexOf('lab/console')).toBeLessThan(found.indexOf('morel/ssh'));
    expect(found).toContain('morel/ssh');
  });
});

it('a key is made unseen, and its public line is there to copy', async () => {
  render(Secrets);
  await fireEvent.click(screen.getByTestId('secret-make-key'));
  await typed('make-key-name', 'printer/key');
  await fireEvent.change(screen.getByTestId('make-key-type'), { target: { value: 'rsa-3072' } });
  await typed('make-key-comment', 'the old printer');
  await fireEvent.click(screen.getByTestId('make-key-do'));
  await waitFor(() => { expect(screen.getByTestId('make-key-line').textContent).toBe('ssh-rsa AAAAPretended the old printer'); });
  expect(backend.calls.find((call) => call.command === 'key_generate')?.request).toEqual({ name: 'printer/key', stage: 'dev', key: 'rsa-3072', comment: 'the old printer' });
  const copied = vi.spyOn(backend, 'copyText').mockResolvedValue();
  await fireEvent.click(screen.getByTestId('make-key-copy'));
  await waitFor(() => { expect(copied).toHaveBeenCalledWith('ssh-rsa AAAAPretended the old printer'); });
  await waitFor(() => { expect(session.secrets.value?.some((secret) => secret.name === 'printer/key')).toBe(true); });
});

describe('looking through files', () => {
  async function opened(): Promise<void> {
    vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/shop');
    render(Secrets);
    await fireEvent.click(screen.getByTestId('secret-scan'));
    expect(screen.getByTestId<HTMLButtonElement>('scan-begin').disabled).toBe(true);
    await fireEvent.click(screen.getByTestId('scan-choose'));
    await waitFor(() => { expect(screen.getByTestId('scan-path').textContent).toBe('/home/camille/shop'); });
  }

  it('tells findings by their place, as text whatever a file is called', async () => {
    const finding = { rule: 'password', line: 3, column: 1, masked: '<b>DB</b>=••••••••', length: 14, known: null, commit: null, fingerprint: 'a' };
    const report: ScanReport = { findings: [{ ...finding, path: '<img src=x onerror=alert(1)>' }, { ...finding, path: 'b', fingerprint: 'b', known: 'erp', commit: '0123456789abcdef' }], untold: 0, accepted: 0, files: 2, bytes: 80, binary: 1, large: 0, unreadable: 0, others: 0, stopped: false, values: 3 };
    const asked = backend.rpc.bind(backend);
    vi.spyOn(backend, 'rpc').mockImplementation((command, request, vault) => (command === 'secret_scan' ? Promise.resolve(report as never) : asked(command, request, vault)));
    await opened();
    await fireEvent.click(screen.getByTestId('scan-begin'));
    const list = await screen.findByTestId('scan-findings');
    expect(list.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(list.querySelector('img, b')).toBeNull();
    expect(list.textContent).toContain('the value of erp');
    expect(list.textContent).toContain('commit 0123456789');
    expect(screen.getByTestId('scan-found').textContent).toContain('2 findings');
  });

  it('says how far it is, and stops when it is told to', async () => {
    const asked = backend.rpc.bind(backend);
    let end: ((report: ScanReport) => void) | undefined;
    vi.spyOn(backend, 'rpc').mockImplementation((command, request, vault) => {
      if (command === 'secret_scan') return new Promise((resolve) => { end = resolve as never; });
      return asked(command, request, vault);
    });
    await opened();
    await fireEvent.click(screen.getByTestId('scan-begin'));
    await screen.findByTestId('scan-progress');
    backend.opened().ring({ kind: 'progress', work: 'scan', done: 300, total: 0 });
    await waitFor(() => { expect(screen.getByTestId('scan-progress').textContent).toContain('300 files'); });
    await fireEvent.click(screen.getByTestId('scan-stop'));
    await waitFor(() => { expect(backend.calls.some((call) => call.command === 'scan_cancel')).toBe(true); });
    end?.({ findings: [], untold: 0, accepted: 0, files: 300, bytes: 80, binary: 0, large: 0, unreadable: 0, others: 0, stopped: true, values: null });
    await waitFor(() => { expect(screen.getByTestId('scan-dialog').textContent).toContain('It was stopped'); });
    expect(screen.queryByTestId('scan-progress')).toBeNull();
  });

  it('writes the check before each commit', async () => {
    await opened();
    await fireEvent.click(screen.getByTestId('scan-hook'));
    await waitFor(() => { expect(backend.calls.find((call) => call.command === 'scan_hook')?.request).toEqual({ path: '/home/camille/shop', remove: false }); });
  });
});

it('what is wrong with a secret that hosts take leads to a new value for it there', async () => {
  render(Secrets);
  await screen.findByTestId('health-list');
  const open = [...document.querySelectorAll<HTMLElement>('[data-testid^="health-rotate-"]')];
  const taken = new Set(session.secrets.value?.filter((secret) => secret.used_by.length > 0).map((secret) => secret.name));
  expect(open.length).toBeGreaterThan(0);
  expect(open.every((button) => taken.has(button.dataset['testid']?.replace('health-rotate-', '') ?? ''))).toBe(true);
  if (open[0]) await fireEvent.click(open[0]);
  await screen.findByTestId('rotate-dialog');
  await waitFor(() => { expect(backend.calls.some((call) => call.command === 'rotation_plan')).toBe(true); });
});
