import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Host from './Host.view.svelte';
import type { Section } from './sections';

const nothing = (): void => undefined;
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
let backend: FakeBackend;
const sent = (command: string): unknown[] => backend.calls.filter((call) => call.command === command).map((call) => call.request);

async function show(name: string, section: Section): Promise<void> {
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
  render(Host, { name, section, onsection: nothing, onleave: nothing, onopenjob: nothing });
}

beforeEach(() => { document.body.replaceChildren(); });

describe('the connection of a host', () => {
  it('gets a second way by its form, and shows it', async () => {
    await show('ynh-dev.morel.lan', 'connection');
    await fireEvent.click(await screen.findByTestId('host-edit'));
    await press('host-edit-add-way');
    const save = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('host-edit-save');
    expect(save().disabled, 'a way has an address').toBe(true);
    await type('host-way-1-address', '203.0.113.9');
    await type('host-way-1-user', 'admin');
    await fireEvent.change(screen.getByTestId('host-way-1-jump'), { target: { value: 'gate-01.morel.lan' } });
    await fireEvent.click(save());
    await waitFor(() => { expect(screen.getByTestId('host-ways').textContent).toContain('admin@203.0.113.9:22'); });
    expect(sent('host_edit')).toMatchObject([{ host: 'ynh-dev.morel.lan', change: { address: null, others: [{ address: '203.0.113.9', user: 'admin', jump: 'gate-01.morel.lan' }] } }]);
  });

  it('says that a credential is held back, and offers it again only when told to', async () => {
    await show('ynh-dev.morel.lan', 'connection');
    const vault = backend.opened();
    vault.secrets = vault.secrets.map((secret) => ({ ...secret, held: [{ host: 'ynh-dev.morel.lan', user: 'root', method: 'publickey', at_ms: 1 }] }));
    await fireEvent.click(await screen.findByTestId('host-test'));
    await fireEvent.click(await screen.findByTestId('host-test-again'));
    await screen.findByTestId('host-test-passed');
    expect(sent('host_test')).toEqual([{ host: 'ynh-dev.morel.lan', again: false }, { host: 'ynh-dev.morel.lan', again: true }]);
    expect(screen.queryByTestId('host-test-again')).toBeNull();
  });

  it('trusts an announced key, and refuses one only after a second word', async () => {
    await show('ynh-dev.morel.lan', 'connection');
    await fireEvent.click(await screen.findByTestId('host-announced-trust'));
    await waitFor(() => { expect(screen.getByTestId('host-keys').querySelectorAll('li')).toHaveLength(2); });
    expect(screen.queryByTestId('host-announced')).toBeNull();
    const [first] = screen.getAllByTestId('host-key-revoke');
    if (first) await fireEvent.click(first);
    expect(sent('host_revoke')).toEqual([]);
    await press('host-key-confirm');
    await screen.findByTestId('host-revoked');
    expect(sent('host_revoke')).toHaveLength(1);
  });

  it('shows what enrolling would do before it does it', async () => {
    await show('ynh-dev.morel.lan', 'connection');
    await fireEvent.click(await screen.findByTestId('host-enrol'));
    expect((await screen.findByTestId('host-enrol-steps')).querySelectorAll('li')).toHaveLength(5);
    await press('host-enrol-keep');
    expect(screen.getByTestId('host-enrol-steps').querySelectorAll('li'), 'the password is kept').toHaveLength(4);
    await press('host-enrol-do');
    await screen.findByTestId('host-enrol-done');
    expect(sent('host_enrol')).toMatchObject([{ plan: true }, { plan: false, keep_password: true }]);
  });
});

describe('what was read of a host', () => {
  it('is text, whatever stands in it', async () => {
    await show('ynh-dev.morel.lan', 'survey');
    expect((await screen.findByTestId('survey-cron')).textContent).toContain('<b>now</b>');
    expect(screen.getByTestId('survey-authorized_keys').textContent).toContain('U+202E');
  });

  it('is compared, what matters for security first', async () => {
    await show('ynh-dev.morel.lan', 'changes');
    expect((await screen.findByTestId('diff-security')).textContent).toContain('8080');
    await press('diff-noise');
    await waitFor(() => { expect(sent('host_diff').at(-1)).toMatchObject({ noise: true }); });
  });

  it('lies there until it is cleaned, with a name typed where the stage wants one', async () => {
    await show('ynh-02.morel.lan', 'ledger');
    await fireEvent.click(await screen.findByTestId('ledger-clean'));
    await press('ledger-clean-confirm');
    await screen.findByTestId('ledger-clean-typed');
    await type('ledger-clean-typed', 'prod');
    await press('ledger-clean-confirm');
    await waitFor(() => { expect(screen.queryByTestId('ledger-clean-dialog')).toBeNull(); });
    expect(sent('host_clean')).toMatchObject([{ older_s: 604_800, typed: null }, { older_s: 604_800, typed: 'prod' }]);
  });
});
