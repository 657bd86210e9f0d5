import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '$ipc';
import { installPlatform } from '$platform/index';
import { FakeBackend } from '$platform/fake';
import { copiedSecret } from './copied.svelte';
import { secretsDesk } from './desk.svelte';
import { shownFor } from './revealed.svelte';
import Secrets from './Secrets.view.svelte';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 15, unsealed: 0 });
  installPlatform(backend);
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
});

afterEach(() => {
  vi.useRealTimers();
  copiedSecret.forget();
  secretsDesk.reset();
  session.leave();
});

const value = (): string | null => screen.queryByTestId('secret-value')?.textContent ?? null;
const told = (key: string): number => backend.opened().journal.filter((entry) => entry.event.key === key).length;

async function opened(name: string): Promise<void> {
  render(Secrets);
  await fireEvent.click(screen.getByTestId(`secret-${name}`));
  expect(screen.getByTestId('secret-panel').textContent).toContain(name);
}

async function shown(): Promise<void> {
  await fireEvent.click(screen.getByTestId('secret-reveal'));
  await waitFor(() => { expect(value()).not.toBeNull(); });
}

describe('a secret', () => {
  it('is shown when asked for, for some seconds, and the journal says so', async () => {
    await opened('lab/console');
    expect(value(), 'nothing is shown unasked').toBeNull();
    expect(document.body.textContent).not.toContain('Pretended-7-Copper-Lantern');
    vi.useFakeTimers();
    await fireEvent.click(screen.getByTestId('secret-reveal'));
    await vi.advanceTimersByTimeAsync(10);
    expect(value()).toBe('Pretended-7-Copper-Lantern');
    expect(told('journal.secret-revealed')).toBe(1);
    await vi.advanceTimersByTimeAsync(shownFor * 1000);
    expect(value()).toBeNull();
    expect(document.body.textContent).not.toContain('Pretended-7');
  });

  it('is hidden when the window is left, when another is looked at, and when one says so', async () => {
    await opened('lab/console');
    await shown();
    await fireEvent.blur(window);
    expect(value()).toBeNull();
    await shown();
    await fireEvent.click(screen.getByTestId('secret-hide'));
    expect(value()).toBeNull();
    await shown();
    await fireEvent.click(screen.getByTestId('secret-morel/ssh'));
    await waitFor(() => { expect(value()).toBeNull(); });
    await fireEvent.click(screen.getByTestId('secret-lab/console'));
    expect(value(), 'nor is it shown when one comes back').toBeNull();
  });

  it('is not shown by an answer that comes too late', async () => {
    await opened('lab/console');
    let answer: (() => void) | undefined;
    const asked = backend.rpc.bind(backend);
    vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
      if (command === 'secret_reveal') await new Promise<void>((resolve) => { answer = resolve; });
      return asked(command, request, vault);
    });
    await fireEvent.click(screen.getByTestId('secret-reveal'));
    await fireEvent.blur(window);
    answer?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(value()).toBeNull();
  });

  it('goes to the clipboard past the page, and the page says how long it stays', async () => {
    await opened('lab/console');
    await fireEvent.click(screen.getByTestId('secret-copy'));
    await waitFor(() => { expect(backend.copied).toEqual(['Pretended-7-Copper-Lantern']); });
    await waitFor(() => { expect(screen.getByTestId('secret-clipboard').textContent).toMatch(/On the clipboard taken off in 00:1\d/); });
    expect(document.body.textContent).not.toContain('Pretended-7');
    expect(told('journal.secret-revealed')).toBe(1);
  });

  it('is given another name, and is not given one that is taken', async () => {
    await opened('lab/console');
    await fireEvent.click(screen.getByTestId('secret-rename'));
    await fireEvent.input(screen.getByTestId('secret-rename-name'), { target: { value: 'morel/ssh' } });
    await fireEvent.click(screen.getByTestId('secret-rename-do'));
    await screen.findByText(/already called/);
    await fireEvent.input(screen.getByTestId('secret-rename-name'), { target: { value: 'lab/desk' } });
    await fireEvent.click(screen.getByTestId('secret-rename-do'));
    await waitFor(() => { expect(screen.queryByTestId('secret-rename-dialog')).toBeNull(); });
    await waitFor(() => { expect(screen.getByTestId('secret-panel').textContent).toContain('lab/desk'); });
  });

  it('is made unseen, says how strong it is, and is stored as it was made', async () => {
    await opened('lab/console');
    await fireEvent.click(screen.getByTestId('secret-change'));
    await fireEvent.input(screen.getByTestId('secret-generate-length'), { target: { value: '32' } });
    await fireEvent.click(screen.getByTestId('secret-generate-symbols'));
    await fireEvent.click(screen.getByTestId('secret-generate-do'));
    await waitFor(() => { expect(screen.getByTestId('secret-generate-bits').textContent).toMatch(/^\d{3} bits/); });
    const field = screen.getByTestId<HTMLInputElement>('secret-add-password');
    expect([field.type, field.value.length]).toEqual(['password', 32]);
    const made = field.value;
    await fireEvent.click(screen.getByTestId('secret-add-store'));
    await waitFor(() => { expect(backend.calls.some((call) => call.command === 'secret_set' && (call.request as { value: string }).value === made)).toBe(true); });
    expect(backend.calls.find((call) => call.command === 'secret_generate')?.request).toEqual({ length: 32, lower: true, upper: true, digits: true, symbols: false, look_alikes: false });
  });

  it('is made of words, with what stands between them', async () => {
    await opened('lab/console');
    await fireEvent.click(screen.getByTestId('secret-change'));
    await fireEvent.click(screen.getByTestId('secret-generate-words'));
    await fireEvent.input(screen.getByTestId('secret-generate-count'), { target: { value: '3' } });
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('secret-generate-do').disabled).toBe(true); });
    await fireEvent.input(screen.getByTestId('secret-generate-count'), { target: { value: '8' } });
    await fireEvent.change(screen.getByTestId('secret-generate-separator'), { target: { value: '' } });
    await fireEvent.click(screen.getByTestId('secret-generate-do'));
    await waitFor(() => { expect(screen.getByTestId('secret-generate-bits').textContent).toMatch(/^88 bits/); });
    expect(screen.getByTestId<HTMLInputElement>('secret-add-password').value).toMatch(/^([A-Z][a-z]+){8}$/);
    expect(backend.calls.find((call) => call.command === 'passphrase_generate')?.request).toEqual({ words: 8, list: 'english', separator: '', capitals: true, digit: false });
  });

  it('of a sealed stage offers nothing', async () => {
    backend.opened().secrets = backend.opened().secrets.map((secret) => (secret.name === 'lab/console' ? { ...secret, stage: 'prod' } : secret));
    await session.secrets.load();
    await waitFor(() => { expect(session.isSealed('prod')).toBe(true); });
    await opened('lab/console');
    expect(screen.queryByTestId('secret-reveal')).toBeNull();
    expect(screen.queryByTestId('secret-copy')).toBeNull();
    expect(screen.getByTestId<HTMLButtonElement>('secret-change').disabled).toBe(true);
  });
});
