import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { secretInput, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { planDesk } from './desk.svelte';
import PlanSheet from './PlanSheet.svelte';
import { isTyped, namesAsked } from './typed';
import { ynh } from './ynh';

const addAccount = ynh('user-add', { username: 'jean.dupont', fullname: 'Jean Dupont', password: { secret: secretInput('correct horse battery') } });
let backend: FakeBackend;
let started: (string | null)[];

async function open(hosts: string[]): Promise<HTMLButtonElement> {
  render(PlanSheet, { onstarted: (job) => started.push(job) });
  await planDesk.prepare(hosts, addAccount);
  return waitFor(() => screen.getByTestId<HTMLButtonElement>('plan-run'));
}

const runs = (): number => backend.calls.filter((call) => call.command === 'plan_run').length;

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  backend = new FakeBackend({ open: true });
  installPlatform(backend);
  started = [];
});

afterEach(() => {
  planDesk.reset();
  session.leave();
  vi.useRealTimers();
});

describe('the plan sheet', () => {
  it('shows the exact command with the secret as a chip, never its value', async () => {
    await open(['ynh-dev.morel.lan']);
    const step = await screen.findByTestId('plan-step-1');
    expect(step.textContent).toMatch(/yunohost user create\s*jean\.dupont\s*--fullname 'Jean Dupont'\s*--password/);
    expect(step.textContent).toContain('••••');
    expect(document.body.textContent).not.toContain('correct horse');
  });

  it('cannot run before it was open long enough to be read, and is not focused', async () => {
    const run = await open(['ynh-dev.morel.lan']);
    expect(run.disabled).toBe(true);
    expect(document.activeElement).not.toBe(run);
    await fireEvent.click(run);
    expect(runs()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(run.disabled).toBe(false);
    await waitFor(() => { expect(document.activeElement).toBe(screen.getByTestId('plan-host-ynh-dev.morel.lan')); });
  });

  it('ignores the second click of a double click', async () => {
    const run = await open(['ynh-dev.morel.lan']);
    await vi.advanceTimersByTimeAsync(1000);
    await fireEvent.click(run, { detail: 2 });
    expect(runs()).toBe(0);
  });

  it('runs once, whatever the number of clicks', async () => {
    const run = await open(['ynh-dev.morel.lan']);
    await vi.advanceTimersByTimeAsync(1000);
    void fireEvent.click(run, { detail: 1 });
    void fireEvent.click(run, { detail: 1 });
    await waitFor(() => { expect(started).toHaveLength(1); });
    expect(runs()).toBe(1);
    expect(planDesk.open).toBe(false);
  });

  it('asks for one of the names, typed exactly, and sends what was typed', async () => {
    const run = await open(['ynh-02.morel.lan']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(run.disabled).toBe(true);
    const field = screen.getByTestId('plan-confirm');
    for (const wrong of ['ynh-02.morel.la', 'YNH-02.morel.lan', ' ynh-02.morel.lan', 'ynh-02.morel.lan ']) {
      await fireEvent.input(field, { target: { value: wrong } });
      expect(run.disabled, wrong).toBe(true);
    }
    await fireEvent.input(field, { target: { value: 'ynh-02.morel.lan' } });
    expect(run.disabled).toBe(false);
    await fireEvent.click(run, { detail: 1 });
    await waitFor(() => { expect(started).toHaveLength(1); });
    expect(backend.calls.find((call) => call.command === 'plan_run')?.request).toMatchObject({ typed: 'ynh-02.morel.lan' });
  });

  it('does not run by Enter in the field, even with the right name in it', async () => {
    await open(['ynh-02.morel.lan']);
    await vi.advanceTimersByTimeAsync(1000);
    const field = screen.getByTestId('plan-confirm');
    await fireEvent.input(field, { target: { value: 'prod' } });
    expect(await fireEvent.keyDown(field, { key: 'Enter' }), 'the key is swallowed').toBe(false);
    expect(runs()).toBe(0);
  });

  it('begins on one host first where that is chosen', async () => {
    const run = await open(['ynh-01.morel.lan', 'ynh-02.morel.lan']);
    await vi.advanceTimersByTimeAsync(1000);
    await fireEvent.change(screen.getByTestId('plan-pilot'), { target: { value: 'ynh-02.morel.lan' } });
    await fireEvent.input(screen.getByTestId('plan-confirm'), { target: { value: 'prod' } });
    await fireEvent.click(run, { detail: 1 });
    await waitFor(() => { expect(started).toHaveLength(1); });
    expect(backend.calls.find((call) => call.command === 'plan_run')?.request).toMatchObject({ pilot: 'ynh-02.morel.lan' });
  });

  it('asks nothing where a yes is enough, and sends nothing typed', async () => {
    const run = await open(['ynh-dev.morel.lan']);
    expect(screen.queryByTestId('plan-confirm')).toBeNull();
    await vi.advanceTimersByTimeAsync(1000);
    await fireEvent.click(run, { detail: 1 });
    await waitFor(() => { expect(started).toHaveLength(1); });
    expect(backend.calls.find((call) => call.command === 'plan_run')?.request).toMatchObject({ typed: null });
  });

  it('shows what speaks against a host before it is run', async () => {
    await open(['ynh-03.morel.lan']);
    expect((await screen.findByTestId('plan-warnings')).textContent).toContain('96');
  });

  it('says why a host is left alone', async () => {
    await open(['ynh-dev.morel.lan', 'gate-01.morel.lan']);
    expect(screen.getByTestId('plan-refused-gate-01.morel.lan').textContent).toContain('YunoHost is not installed');
  });

  it('has no Run button when no host is left', async () => {
    render(PlanSheet, { onstarted: () => undefined });
    await planDesk.prepare(['gate-01.morel.lan'], addAccount);
    await screen.findByTestId('plan-refused');
    expect(screen.queryByTestId('plan-run')).toBeNull();
  });

  it('forgets the plan when cancelled', async () => {
    await open(['ynh-dev.morel.lan']);
    await fireEvent.click(screen.getByTestId('plan-cancel'));
    expect(planDesk.open).toBe(false);
    expect(backend.calls.at(-1)?.command).toBe('plan_forget');
  });

  it('is forgotten in the vault in which it was made', async () => {
    installPlatform(backend = new FakeBackend({ open: 2 }));
    await session.begin();
    await open(['ynh-dev.morel.lan']);
    await fireEvent.click(screen.getByTestId('plan-cancel'));
    const [made, forgotten] = ['plan_make', 'plan_forget'].map((command) => backend.calls.find((call) => call.command === command)?.vault);
    expect(forgotten).toBe(made);
  });
});

describe('the confirmation', () => {
  it('is any one of the names, to the letter', () => {
    expect(isTyped(['gate-01', 'prod'], 'prod')).toBe(true);
    expect(isTyped(['gate-01', 'prod'], 'gate-01')).toBe(true);
    expect(isTyped(['gate-01', 'prod'], '')).toBe(false);
    expect(isTyped(['gate-01', 'prod'], 'Prod')).toBe(false);
  });

  it('is not needed when no name is asked for', () => {
    expect(isTyped([], '')).toBe(true);
  });

  it('is asked for by one answer alone', () => {
    expect(namesAsked({ code: 'confirmation-needed', values: { names: 'gate-01, prod' } })).toEqual(['gate-01', 'prod']);
    expect(namesAsked({ code: 'stage-sealed', values: { name: 'prod' } })).toBeNull();
  });
});
