import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { fakePassphrase } from '$platform/fake/backend';
import { installPlatform } from '$platform/index';
import { strengthOf } from './strength';
import Unlock from './Unlock.view.svelte';
import { recoveryWords } from './words';

const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
let backend: FakeBackend;

function show(options: ConstructorParameters<typeof FakeBackend>[0] = {}): void {
  backend = new FakeBackend(options);
  installPlatform(backend);
  render(Unlock);
}

beforeEach(() => { session.leave(); });

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
    await fireEvent.click(await screen.findByTestId('unlock-other-way'));
    await type('unlock-words', 'abandon ability');
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(true);
    await type('unlock-words', Array.from({ length: 24 }, (_, index) => `${index + 1}. word`).join('\n'));
    expect(screen.getByTestId<HTMLButtonElement>('unlock-submit').disabled).toBe(false);
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
