import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { fakeStageSecret } from '$platform/fake/vault';
import { installPlatform } from '$platform/index';
import { stagesDesk } from './desk.svelte';
import { durationsWith, longestUnsealed } from './durations';
import { draftOf, fromField, isFrozen, isStageName, policyOf, policyProblem, toField } from './policy';
import StageChips from './StageChips.svelte';
import StageDialogs from './StageDialogs.svelte';
import Stages from './Stages.view.svelte';

const policy = { typed_confirmation: true, refuse_warnings: false, unsealed_s: 900, freeze: null };
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
let backend: FakeBackend;

async function show(): Promise<void> {
  backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  await session.stages.load();
  stagesDesk.reset();
  render(Stages);
  render(StageChips);
  render(StageDialogs);
}

const stateOf = (stage: string): string | undefined => screen.getByTestId(`stage-${stage}`).dataset['state'];

describe('stages', () => {
  beforeEach(show);

  it('say which are open, unsealed and sealed', () => {
    expect(['dev', 'staging', 'prod'].map(stateOf)).toEqual(['unprotected', 'sealed', 'unsealed']);
    expect(screen.getByTestId('stage-chip-prod').textContent).toMatch(/production\s*\d+:\d\d/);
    expect(screen.queryByTestId('stage-chip-staging')).toBeNull();
  });

  it('can be protected, but for dev: it is open whenever the vault is', () => {
    expect(screen.queryByTestId('stage-dev-protect')).toBeNull();
    expect(screen.getByTestId('stage-lab-protect')).toBeTruthy();
  });

  it('are unsealed with their secret, for the time chosen', async () => {
    await fireEvent.click(screen.getByTestId('stage-staging-unseal'));
    await type('stage-unseal-secret', 'not it');
    await fireEvent.click(screen.getByTestId('stage-unseal-do'));
    expect(await screen.findByTestId('stage-unseal-error')).toBeTruthy();
    await type('stage-unseal-secret', fakeStageSecret);
    await fireEvent.change(screen.getByTestId('stage-unseal-for'), { target: { value: '1800' } });
    await fireEvent.click(screen.getByTestId('stage-unseal-do'));
    await waitFor(() => { expect(stateOf('staging')).toBe('unsealed'); });
    expect(backend.calls.filter((call) => call.command === 'stage_unseal').at(-1)?.request).toMatchObject({ stage: 'staging', for_s: 1800 });
    expect(screen.queryByTestId('stage-unseal')).toBeNull();
  });

  it('are sealed from their chip', async () => {
    await fireEvent.click(screen.getByTestId('stage-chip-prod'));
    await fireEvent.click(screen.getByTestId('stage-seal'));
    await waitFor(() => { expect(stateOf('prod')).toBe('sealed'); });
    expect(screen.queryByTestId('stage-chip-prod')).toBeNull();
    await waitFor(() => { expect(screen.getByTestId('stage-spoken').textContent).toContain('production is sealed'); });
  });

  it('show a generated secret once, and not before they are told it is written down do they let it go', async () => {
    await fireEvent.click(screen.getByTestId('stage-lab-protect'));
    await fireEvent.click(screen.getByTestId('stage-protect-do'));
    const secret = (await screen.findByTestId('stage-secret-once')).textContent;
    expect(secret.split('-').length).toBeGreaterThan(4);
    expect(screen.queryByTestId('stage-protect-do')).toBeNull();
    await fireEvent(screen.getByTestId('stage-protect'), new Event('cancel', { cancelable: true }));
    expect(screen.getByTestId('stage-secret-once')).toBeTruthy();
    await fireEvent.click(screen.getByTestId('stage-secret-written'));
    expect(document.body.textContent).not.toContain(secret);
  });

  it('take a secret of one’s own only when it is strong enough and typed twice', async () => {
    await fireEvent.click(screen.getByTestId('stage-lab-protect'));
    await fireEvent.click(screen.getByTestId('stage-secret-own'));
    const act = screen.getByTestId<HTMLButtonElement>('stage-protect-do');
    await type('stage-secret-new', 'quartz lantern');
    await type('stage-secret-again', 'quartz lantern');
    expect(act.disabled).toBe(true);
    await type('stage-secret-new', 'quartz lantern bicycle velvet sonnet harbour ninth');
    expect(act.disabled).toBe(true);
    await type('stage-secret-again', 'quartz lantern bicycle velvet sonnet harbour ninth');
    expect(act.disabled).toBe(false);
  });
});

describe('a policy', () => {
  it('comes out of the form as it went in', () => {
    expect(policyOf(draftOf(policy, 0))).toEqual(policy);
    const minute = 60_000;
    const frozen = { ...policy, freeze: { from_ms: 29_000_000 * minute, until_ms: 29_001_440 * minute, why: 'release' } };
    expect(policyOf(draftOf(frozen, 0))).toEqual(frozen);
  });

  it('has a freeze with an order and a reason', () => {
    const draft = { ...draftOf(policy, 1_700_000_000_000), frozen: true, why: 'end of year' };
    expect(policyProblem(draft)).toBeNull();
    expect(policyProblem({ ...draft, until: draft.from })).toBe('order');
    expect(policyProblem({ ...draft, until: '' })).toBe('time');
    expect(policyProblem({ ...draft, why: '  ' })).toBe('why');
    expect(policyProblem({ ...draft, frozen: false, until: '', why: '' })).toBeNull();
  });

  it('is frozen from the beginning until just before the end', () => {
    const frozen = { ...policy, freeze: { from_ms: 10, until_ms: 20, why: 'x' } };
    expect([9, 10, 19, 20].map((now) => isFrozen(frozen, now))).toEqual([false, true, true, false]);
    expect(isFrozen(policy, 15)).toBe(false);
  });

  it('reads times as they are typed, and no day that does not exist', () => {
    expect(fromField(toField(1_700_000_040_000))).toBe(1_700_000_040_000);
    expect(fromField('')).toBeNull();
    expect(fromField('yesterday')).toBeNull();
    expect(fromField(' 2026-11-21T9:05 ')).toBe(new Date(2026, 10, 21, 9, 5).getTime());
    for (const wrong of ['2026-02-30 10:00', '2026-13-01 10:00', '2026-11-21 24:00', '2026-11-21 10:60', '2026-11-21']) expect(fromField(wrong), wrong).toBeNull();
  });
});

describe('times and names', () => {
  it('offer the policy’s own time among the usual ones, never more than eight hours', () => {
    expect(durationsWith(2700)).toEqual([900, 1800, 2700, 3600, 7200, 14_400, 28_800]);
    expect(durationsWith(900)).toHaveLength(6);
    expect(Math.max(...durationsWith(90_000))).toBe(longestUnsealed);
  });

  it('begin with a letter', () => {
    expect(['prod-eu', 'x', 'lab2'].every(isStageName)).toBe(true);
    expect(['', 'Prod', '2lab', '-x', 'a_b', 'a b', 'é'].some(isStageName)).toBe(false);
  });
});
