import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RunList, RunReport } from '$generated/api';
import { en } from '$i18n/en';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import type { Command } from '$platform/types';
import RunCommand from './RunCommand.svelte';
import Runs from './Runs.view.svelte';

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

describe('the list of runs', () => {
  it('does not say that a run goes on when the run itself says that it ended', async () => {
    installPlatform(backend = new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
    const started = await backend.rpc('run_start', { on: 'ynh-dev.morel.lan', command: 'uptime', sudo: false, timeout_s: null, pace: { parallel: null, canary: null, waves: null, budget: null }, parallel: null, typed: null });
    await waitFor(async () => { expect((await backend.rpc('run_show', { run: started.run })).running).toBe(false); });
    // Its results are all there; its end is not yet, and no event says when it comes.
    const answer = backend.rpc.bind(backend);
    let ended = false;
    backend.rpc = (async (command: Command, request: never, vault: string | null) => {
      const said: unknown = await answer(command, request, vault);
      if (ended) return said;
      if (command === 'run_list') return { runs: (said as RunList).runs.map((row) => ({ ...row, running: true })) };
      return command === 'run_show' ? { ...(said as RunReport), running: true } : said;
    }) as typeof backend.rpc;
    render(Runs, { run: null, onrun: () => undefined, onopenfleet: () => undefined });
    const going = (): string | null => screen.getByTestId('run-list').querySelector('small')?.textContent ?? null;
    await screen.findByTestId('run-results');
    expect(going()).toBe(en.engine.run.going);
    ended = true;
    await waitFor(() => { expect(going()).toBe(en.engine.run.counts(1, 0)); });
  });
});
