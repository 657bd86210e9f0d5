import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { fakePassphrase } from '$platform/fake/backend';
import { installPlatform } from '$platform/index';
import type { KnownVault, SlotInfo } from '$generated/api';
import { authorityOf, emptyWay, isWayReady, ways, waysAtTheDoor, waysOf } from './authority';
import { firstOffered, pickerOrder, unknownVault } from './picker';
import { guessBits, isNewPassphrase, isStageSecret, leastStageBits, stageStrengthOf, strengthOf } from './strength';
import Unlock from './Unlock.view.svelte';
import { recoveryWords } from './words';

const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
let backend: FakeBackend;

function show(options: ConstructorParameters<typeof FakeBackend>[0] = {}): void {
  backend = new FakeBackend(options);
  installPlatform(backend);
  render(Unlock);
}

beforeEach(() => {
  session.leave();
  session.vaults.clear();
});

describe('unlocking', () => {
  it('opens the vault with its passphrase', async () => {
    show();
    await screen.findByTestId('unlock-passphrase');
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(true);
    await type('unlock-passphrase', fakePassphrase);
    await fireEvent.click(screen.getByTestId('unlock-submit'));
    await waitFor(() => { expect(session.door).toBe('open'); });
  });

  it('says what is wrong and what to do', async () => {
    show();
    await screen.findByTestId('unlock-passphrase');
    await type('unlock-passphrase', 'wrong');
    await fireEvent.click(screen.getByTestId('unlock-submit'));
    const error = await screen.findByTestId('unlock-error');
    expect(error.textContent).toContain('does not open this vault');
    expect(error.textContent).toContain('Caps Lock');
    expect(session.door).toBe('closed');
  });

  it('tells when Caps Lock is on', async () => {
    show();
    const field = await screen.findByTestId('unlock-passphrase');
    await fireEvent.keyDown(field, { key: 'A', modifierCapsLock: true });
    expect(screen.getByText('Caps Lock is on')).toBeTruthy();
  });

  it('takes the recovery words once there are 24', async () => {
    show();
    await fireEvent.click(await screen.findByTestId('unlock-way-recovery'));
    await type('unlock-words', 'abandon ability');
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(true);
    await type('unlock-words', Array.from({ length: 24 }, (_, index) => `${index + 1}. word`).join('\n'));
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(false);
  });

  it('sends the way that was chosen and nothing of another', async () => {
    show();
    await screen.findByTestId('unlock-passphrase');
    await type('unlock-passphrase', 'typed before');
    await fireEvent.click(await screen.findByTestId('unlock-way-passphrase-key-file'));
    await type('unlock-passphrase', fakePassphrase);
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled, 'the file is missing').toBe(true);
    await fireEvent.click(screen.getByTestId('unlock-key-file-choose'));
    await waitFor(() => { expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(false); });
    await fireEvent.click(screen.getByTestId('unlock-submit'));
    await waitFor(() => { expect(session.door).toBe('open'); });
    expect(backend.calls.find((call) => call.command === 'vault_unlock')).toMatchObject({ vault: null, request: { with: { passphrase: fakePassphrase, key_file: '/home/camille/file.txt', keyring: false, recovery_words: null, identity: false } } });
  });

  it('offers an identity only when another vault is open', async () => {
    show();
    await screen.findByTestId('unlock-passphrase');
    expect(screen.queryByTestId('unlock-way-identity')).toBeNull();
    cleanup();
    show({ open: true });
    expect(await screen.findByTestId('unlock-way-identity')).toBeTruthy();
  });

  it('goes back to a vault that is open, without asking anything', async () => {
    show({ open: true });
    await fireEvent.click(await screen.findByTestId('vault-cabinet'));
    expect(session.door).toBe('open');
    expect(backend.calls.some((call) => call.command === 'vault_unlock')).toBe(false);
  });

  it('teaches the first step when there is no vault', async () => {
    show({ vaults: false });
    expect(await screen.findByText('Make your first vault')).toBeTruthy();
  });
});

describe('a new vault', () => {
  it('shows its recovery words before it opens', async () => {
    show({ vaults: false });
    await fireEvent.click(screen.getByTestId('new-vault'));
    await type('new-vault-path', '/tmp/client');
    await type('new-vault-passphrase', 'quartz lantern bicycle velvet sonnet');
    await type('new-vault-passphrase-again', 'quartz lantern bicycle velvet sonne');
    expect(screen.getByTestId<HTMLButtonElement>('new-vault-create').disabled, 'the two must be the same').toBe(true);
    await type('new-vault-passphrase-again', 'quartz lantern bicycle velvet sonnet');
    await fireEvent.click(screen.getByTestId('new-vault-create'));
    const words = await screen.findByTestId('recovery-words');
    expect(words.querySelectorAll('li')).toHaveLength(24);
    expect(session.door).toBe('closed');
    await fireEvent.click(screen.getByTestId('recovery-words-done'));
    expect(session.door).toBe('open');
  });
});

describe('the strength of a passphrase', () => {
  it.each([['', 'empty'], ['hunter2', 'short'], ['aaaaaaaaaaaaaaaa', 'weak'], ['three word phrase', 'weak'], ['four words near enough', 'fair'], ['quartz lantern bicycle velvet sonnet', 'strong']])('of "%s" is %s', (passphrase, expected) => {
    expect(strengthOf(passphrase)).toBe(expected);
  });
});

describe('recovery words', () => {
  it('are read however they were written down', () => {
    expect(recoveryWords(' 1. Abandon\n2) ability,  3 able ')).toEqual(['abandon', 'ability', 'able']);
  });
});

describe('an authority', () => {
  const full = { passphrase: 'a passphrase', keyFile: ' /media/key ', words: Array.from({ length: 24 }, () => 'word').join(' ') };
  const none = { passphrase: null, key_file: null, keyring: false, recovery_words: null, identity: false };

  it('names exactly one way, whatever else was typed', () => {
    expect(authorityOf({ way: 'passphrase', ...full })).toEqual({ ...none, passphrase: 'a passphrase' });
    expect(authorityOf({ way: 'passphrase-key-file', ...full })).toEqual({ ...none, passphrase: 'a passphrase', key_file: '/media/key' });
    expect(authorityOf({ way: 'passphrase-keyring', ...full })).toEqual({ ...none, passphrase: 'a passphrase', keyring: true });
    expect(authorityOf({ way: 'keyring', ...full })).toEqual({ ...none, keyring: true });
    expect(authorityOf({ way: 'recovery', ...full })).toEqual({ ...none, recovery_words: full.words });
    expect(authorityOf({ way: 'identity', ...full })).toEqual({ ...none, identity: true });
  });

  it('keeps the spaces of a passphrase: they are part of it', () => {
    expect(authorityOf({ ...emptyWay(), passphrase: ' two  spaces ' }).passphrase).toBe(' two  spaces ');
  });

  it('is ready once its own way is complete', () => {
    expect(ways.filter((way) => isWayReady(emptyWay(way)))).toEqual(['keyring', 'identity']);
    expect(ways.filter((way) => isWayReady({ way, ...full }))).toEqual([...ways]);
    expect(isWayReady({ ...emptyWay('passphrase-key-file'), passphrase: 'x' })).toBe(false);
    expect(isWayReady({ ...emptyWay('recovery'), words: 'only three words' })).toBe(false);
  });

  it('is offered by the ways that the vault has', () => {
    const slot = (kind: string): SlotInfo => ({ id: kind, kind, label: null, added_ms: null, memory_kib: null, passes: null, lanes: null, weakest: false });
    expect(waysOf([slot('recovery'), slot('passphrase'), slot('recovery')])).toEqual(['passphrase', 'recovery']);
    expect(waysOf([])).toEqual(['passphrase']);
    expect(waysAtTheDoor(false)).not.toContain('identity');
    expect(waysAtTheDoor(true)).toContain('identity');
  });
});

describe('the picker', () => {
  const vault = (name: string, more: Partial<KnownVault> = {}): KnownVault => ({ path: `/v/${name}.beffroi`, name, open: null, present: true, opened_ms: null, ...more });

  it('shows open vaults, then those that are there, the last used first', () => {
    const vaults = [vault('gone', { present: false, opened_ms: 900 }), vault('old', { opened_ms: 1 }), vault('never'), vault('new', { opened_ms: 800 }), vault('open', { open: 'id', opened_ms: 2 })];
    expect(pickerOrder(vaults).map((one) => one.name)).toEqual(['open', 'new', 'old', 'never', 'gone']);
    expect(firstOffered(vaults)?.name).toBe('new');
  });

  it('offers a missing vault rather than none, and none when there is none', () => {
    expect(firstOffered([vault('gone', { present: false })])?.name).toBe('gone');
    expect(firstOffered([vault('open', { open: 'id' }), vault('gone', { present: false })]), 'while one is open, nothing that is missing is urged').toBeNull();
    expect(firstOffered([])).toBeNull();
  });

  it('names a vault nobody has seen after its folder', () => {
    expect(unknownVault('/media/usb/client.beffroi/')).toMatchObject({ name: 'client', open: null, present: true });
    expect(unknownVault('C:\\Vaults\\client.beffroi').name).toBe('client');
  });
});

describe('the secret of a stage', () => {
  it('must be worth 75 bits: the vault is open to those it keeps out', () => {
    expect(isStageSecret('quartz lantern bicycle velvet sonnet')).toBe(false);
    expect(isStageSecret('quartz lantern bicycle velvet sonnet harbour ninth')).toBe(true);
    expect(guessBits('quartz lantern bicycle velvet sonnet harbour ninth')).toBeGreaterThanOrEqual(leastStageBits);
    expect(stageStrengthOf('')).toBe('empty');
    expect(stageStrengthOf('hunter2')).toBe('short');
    expect(stageStrengthOf('quartz lantern bicycle velvet sonnet')).toBe('weak');
  });

  it('differs from a passphrase, which the vault stretches', () => {
    expect(isNewPassphrase('quartz lantern bicycle velvet', 'quartz lantern bicycle velvet')).toBe(true);
    expect(isNewPassphrase('quartz lantern bicycle velvet', 'quartz lantern')).toBe(false);
    expect(isNewPassphrase('short', 'short')).toBe(false);
  });
});
