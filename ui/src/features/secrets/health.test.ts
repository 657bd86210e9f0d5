import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SecretHealth } from '$generated/api';
import { rpc, secretInput, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { secretsDesk } from './desk.svelte';
import { groupsOf, troubled } from './health';
import OneTimeCode from './OneTimeCode.svelte';
import Secrets from './Secrets.view.svelte';

beforeEach(async () => {
  installPlatform(new FakeBackend({ open: true, hosts: 15, unsealed: 0 }));
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
});

afterEach(() => {
  vi.useRealTimers();
  secretsDesk.reset();
  session.leave();
});

const finding = (fault: SecretHealth['findings'][number]['fault'], secret: string | null, host: string | null = null, group: number | null = null): SecretHealth['findings'][number] => ({ fault, secret, host, stage: 'dev', bits: null, group, what: { key: `secret-health.${fault}`, values: {} } });

describe('health of secrets', () => {
  it('gathers what is wrong with each, the worst first, and never takes a host for a secret', () => {
    const health: SecretHealth = { at_ms: 0, checked: 3, sealed: {}, hosts_unknown: 0, keys_unknown: 0, leaked: null, leaked_unknown: 0, old_days: 730, findings: [finding('weak', 'a'), finding('reused', 'b', null, 0), finding('reused', 'a', null, 0), finding('password_login', null, 'a')] };
    expect(troubled(health).map((one) => [one.name, one.host, one.findings.map((each) => each.fault)])).toEqual([['a', false, ['weak', 'reused']], ['b', false, ['reused']], ['a', true, ['password_login']]]);
    expect(groupsOf(health)).toBe(1);
  });

  it('stands beside the list; what it tells leads to the secret', async () => {
    render(Secrets);
    await waitFor(() => { expect(screen.getByTestId('health-weak').textContent).toBe('1'); });
    const pane = screen.getByTestId('secret-health');
    expect(pane.textContent).toContain('19 bits');
    const first = screen.getByTestId('health-list').querySelector('button');
    expect(first).not.toBeNull();
    if (first) await fireEvent.click(first);
    expect(screen.getByTestId('secret-panel').textContent).toContain(first?.getAttribute('data-testid')?.replace('health-', '') ?? '?');
    expect(screen.queryByTestId('secret-health')).toBeNull();
    await fireEvent.click(screen.getByTestId('secret-health-show'));
    expect(screen.getByTestId('secret-health')).toBeTruthy();
    await fireEvent.click(screen.getByTestId('health-close'));
    expect(screen.queryByTestId('secret-health')).toBeNull();
  });

  it('looks leaked passwords up in a file or in a folder, and reads no file to its end for every change', async () => {
    const backend = new FakeBackend({ open: true, hosts: 15, unsealed: 0 });
    installPlatform(backend);
    await session.begin();
    const looks = (): unknown[] => backend.calls.filter(({ command }) => command === 'secret_health').map(({ request }) => (request as { leaked: string | null }).leaked);
    render(Secrets);
    await fireEvent.click(await screen.findByTestId('health-leaked-folder'));
    await screen.findByTestId('health-leaked-unknown');
    expect(looks().at(-1)).toBe('/media/camille/COPIES');
    vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/pwned.gz');
    await fireEvent.click(screen.getByTestId('health-leaked'));
    await waitFor(() => { expect(looks().at(-1)).toBe('/home/camille/pwned.gz'); });
    await waitFor(() => { expect(screen.getByTestId('health-leaked').hasAttribute('disabled')).toBe(false); });
    const before = looks().length;
    await rpc('secret_set', { name: 'another', value: secretInput('x'), stage: null });
    await screen.findByTestId('health-stale');
    expect(looks()).toHaveLength(before);
    await fireEvent.click(screen.getByTestId('health-again'));
    await waitFor(() => { expect(looks()).toHaveLength(before + 1); });
    expect(screen.queryByTestId('health-stale')).toBeNull();
  });

  it('shows a one-time code until it is no longer the current one, and not once the window is left', async () => {
    vi.useFakeTimers({ now: 1_700_000_010_000 });
    render(OneTimeCode, { name: 'lab/console' });
    await fireEvent.click(screen.getByTestId('one-time-show'));
    await vi.advanceTimersByTimeAsync(10);
    expect(screen.getByTestId('one-time-code').textContent).toBe('287 082');
    await vi.advanceTimersByTimeAsync(30_000);
    expect(screen.queryByTestId('one-time-code')).toBeNull();
    await fireEvent.click(screen.getByTestId('one-time-show'));
    await vi.advanceTimersByTimeAsync(10);
    await fireEvent.blur(window);
    expect(screen.queryByTestId('one-time-code')).toBeNull();
  });
});
