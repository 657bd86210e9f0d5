import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import RunCommand from './RunCommand.svelte';

let backend: FakeBackend;
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const now = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('run-command-now');
const sent = (): unknown[] => backend.calls.filter((call) => call.command === 'run_start').map((call) => (call.request as { typed: string | null }).typed);

async function show(...names: string[]): Promise<void> {
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await waitFor(() => { expect(session.hosts.value).not.toBeNull(); });
  render(RunCommand, { hosts: (session.hosts.value ?? []).filter((host) => names.includes(host.name)), onclose: () => undefined });
}

describe('a command that is run at once', () => {
  beforeEach(() => { document.body.replaceChildren(); });

  it('runs without a word where a yes is enough', async () => {
    await show('ynh-dev.morel.lan');
    await type('run-command-text', 'uptime');
    await fireEvent.click(now());
    await screen.findByTestId('run-results');
    expect(sent()).toEqual([null]);
  });

  it('asks for a name where the stage wants one typed, and is sent again with it', async () => {
    await show('ynh-02.morel.lan', 'ynh-dev.morel.lan');
    await type('run-command-text', 'uptime');
    await fireEvent.click(now());
    const field = await screen.findByTestId('run-command-confirm');
    expect(screen.queryByTestId('run-command-error'), 'it is no failure').toBeNull();
    expect(now().disabled).toBe(true);
    await type('run-command-confirm', 'PROD');
    expect(now().disabled).toBe(true);
    await type('run-command-confirm', 'prod');
    expect(await fireEvent.keyDown(field, { key: 'Enter' }), 'the key is swallowed').toBe(false);
    await fireEvent.click(now());
    await screen.findByTestId('run-results');
    expect(sent()).toEqual([null, 'prod']);
  });

  it('asks again when the command is another', async () => {
    await show('ynh-02.morel.lan');
    await type('run-command-text', 'uptime');
    await fireEvent.click(now());
    await screen.findByTestId('run-command-confirm');
    await type('run-command-confirm', 'ynh-02.morel.lan');
    await type('run-command-text', 'reboot');
    expect(screen.getByTestId<HTMLInputElement>('run-command-confirm').value).toBe('');
    expect(now().disabled).toBe(true);
  });
});
