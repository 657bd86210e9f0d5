import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { fakePassphrase } from '$platform/fake/backend';
import { installPlatform } from '$platform/index';
import { idleTimes, worstFirst } from './findings';
import type { UpkeepSection } from './sections';
import { emptySlot, isSlotReady, slotRequest } from './slots';
import Upkeep from './Upkeep.view.svelte';

const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const choose = (id: string, value: string): Promise<boolean> => fireEvent.change(screen.getByTestId(id), { target: { value } });
let backend: FakeBackend;

async function show(section: UpkeepSection): Promise<void> {
  backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  await session.vault.load();
  render(Upkeep, { section, onsection: () => undefined, onlock: () => undefined });
}

describe('ways in', () => {
  const none = { passphrase: null, key_file: null, keyring: false, recovery_words: null, identity: false };

  it('send what their kind needs and nothing else', () => {
    const typed = { passphrase: 'quartz lantern bicycle', again: 'quartz lantern bicycle', keyFile: '/k', identity: 'SHA256:x', label: ' desk ' };
    expect(slotRequest({ kind: 'recovery', ...typed }, none)).toEqual({ authority: none, kind: 'recovery', passphrase: null, key_file: null, identity: null, label: 'desk' });
    expect(slotRequest({ kind: 'passphrase-key-file', ...typed }, none)).toMatchObject({ passphrase: 'quartz lantern bicycle', key_file: '/k', identity: null });
    expect(slotRequest({ kind: 'identity', ...typed, label: '' }, none)).toMatchObject({ passphrase: null, key_file: null, identity: 'SHA256:x', label: null });
    expect(isSlotReady({ kind: 'passphrase', ...typed, again: 'other' })).toBe(false);
    expect(isSlotReady(emptySlot('keyring'))).toBe(true);
    expect(isSlotReady(emptySlot('identity'))).toBe(false);
  });

  it('name the weakest, and warn before the keyring alone is made one', async () => {
    await show('ways');
    expect((await screen.findByTestId('slot-slot-1')).textContent).toContain('the weakest');
    await fireEvent.click(screen.getByTestId('slot-add-open'));
    expect(screen.queryByTestId('slot-add-keyring-warning')).toBeNull();
    await choose('slot-add-kind', 'keyring');
    expect(screen.getByTestId('slot-add-keyring-warning').textContent).toContain('as strong as your login');
  });

  it('are added only by who opens the vault once more, and show new words once', async () => {
    await show('ways');
    await fireEvent.click(screen.getByTestId('slot-add-open'));
    await choose('slot-add-kind', 'recovery');
    expect(screen.getByTestId<HTMLButtonElement>('slot-add-do').disabled).toBe(true);
    await type('slot-add-passphrase', 'wrong');
    await fireEvent.click(screen.getByTestId('slot-add-do'));
    expect(await screen.findByTestId('slot-add-error')).toBeTruthy();
    await type('slot-add-passphrase', fakePassphrase);
    await fireEvent.click(screen.getByTestId('slot-add-do'));
    expect((await screen.findByTestId('recovery-words')).querySelectorAll('li')).toHaveLength(24);
    await fireEvent.click(screen.getByTestId('recovery-words-done'));
    expect(screen.queryByTestId('recovery-words')).toBeNull();
    await waitFor(() => { expect(screen.getByTestId('slots').querySelectorAll('[data-kind="recovery"]')).toHaveLength(2); });
  });

  it('say after a new root key which of them were dropped', async () => {
    await show('ways');
    await fireEvent.click(screen.getByTestId('vault-rekey-open'));
    await type('vault-rekey-passphrase', fakePassphrase);
    await fireEvent.click(screen.getByTestId('vault-rekey-do'));
    expect((await screen.findByTestId('vault-rekey-dropped')).textContent).toContain('Camille’s laptop');
    expect(screen.getByTestId('recovery-words')).toBeTruthy();
  });
});

describe('copies', () => {
  it('are rehearsed before anything is written', async () => {
    await show('copies');
    await fireEvent.click(screen.getByTestId('vault-restore'));
    await fireEvent.click(screen.getByTestId('restore-source-choose'));
    await fireEvent.click(screen.getByTestId('restore-destination-choose'));
    await type('restore-passphrase', fakePassphrase);
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('restore-rehearse').disabled).toBe(false); });
    await fireEvent.click(screen.getByTestId('restore-rehearse'));
    expect((await screen.findByTestId('restore-missing')).textContent).toContain('4 entries');
    const restores = (): unknown[] => backend.calls.filter((call) => call.command === 'vault_restore').map((call) => (call.request as { rehearse: boolean }).rehearse);
    expect(restores()).toEqual([true]);
    await fireEvent.click(screen.getByTestId('restore-do'));
    await waitFor(() => { expect(restores()).toEqual([true, false]); });
  });

  it('say how they went', async () => {
    await show('copies');
    await fireEvent.click(screen.getByTestId('vault-copy'));
    expect((await screen.findByTestId('copy-done')).textContent).toContain('/media/camille/COPIES/');
  });
});

describe('the rest of a vault’s keeping', () => {
  it('puts the worst finding first, with its remedy', async () => {
    await show('overview');
    await waitFor(() => { expect([...screen.getByTestId('vault-health').querySelectorAll('li')].map((row) => row.dataset['grade'])).toEqual(['bad', 'fair', 'good', 'good']); });
    const finding = (grade: 'bad' | 'fair' | 'good', key: string) => ({ grade, what: { key, values: {} }, remedy: null });
    expect(worstFirst([finding('good', 'a'), finding('bad', 'b'), finding('fair', 'c'), finding('bad', 'd')]).map((one) => one.what.key)).toEqual(['b', 'd', 'c', 'a']);
  });

  it('says what locks on this system and what does not', async () => {
    await show('locking');
    const watched = await screen.findByTestId('watched');
    expect([...watched.querySelectorAll('li')].map((row) => row.dataset['watched'])).toEqual(['true', 'true', 'false']);
    await waitFor(() => { expect(screen.getByTestId<HTMLSelectElement>('idle-lock').value).toBe('600'); });
    expect(idleTimes(420)).toContain(420);
  });

  it('shows an identity with its fingerprint, and copies its card', async () => {
    await show('identities');
    const own = await screen.findByTestId('identity-Camille Hautval');
    expect(own.textContent).toContain('SHA256:');
    await fireEvent.click(screen.getByTestId('identity-copy-Camille Hautval'));
    await waitFor(() => { expect(backend.copied[0]).toContain('beffroi-identity:'); });
  });
});
