import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { rpc, secretInput, session } from '$ipc';
import { installPlatform } from '$platform/index';
import { FakeBackend } from '$platform/fake';
import { dayOf, endOfDay, listOf } from './beside';
import { secretsDesk } from './desk.svelte';
import Secrets from './Secrets.view.svelte';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 3, unsealed: 0 });
  installPlatform(backend);
  await session.begin();
  await rpc('secret_set', { name: 'erp', value: secretInput('first'), stage: 'dev' });
  await rpc('secret_set', { name: 'erp', value: secretInput('second'), stage: null });
  await session.secrets.load();
  render(Secrets);
  await fireEvent.click(await screen.findByTestId('secret-erp'));
  await screen.findByTestId('beside-edit');
});

afterEach(() => {
  vi.restoreAllMocks();
  secretsDesk.reset();
  session.leave();
});

const typed = (testid: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(testid), { target: { value } });

it('what stands beside a value is edited, and hidden fields are shown one by one', async () => {
  await fireEvent.click(screen.getByTestId('beside-edit'));
  await typed('beside-user', 'dolibarr');
  await typed('beside-urls', 'https://one\n\n https://two ');
  await fireEvent.click(screen.getByTestId('beside-add-field'));
  await typed('beside-field-name-0', 'PIN');
  await typed('beside-field-0', '4711');
  await fireEvent.click(screen.getByTestId('beside-save'));
  await screen.findByTestId('beside-show-field-PIN');
  const beside = screen.getByTestId('beside').textContent;
  expect(beside).toContain('dolibarr');
  expect(beside).toContain('https://two');
  expect(beside).not.toContain('4711');
  await fireEvent.click(screen.getByTestId('beside-show-field-PIN'));
  await waitFor(() => { expect(screen.getByTestId('beside-value').textContent).toBe('4711'); });
  await fireEvent.blur(window);
  expect(screen.queryByTestId('beside-value')).toBeNull();
  const show = screen.getByTestId('beside-show-field-PIN');
  show.focus();
  await fireEvent.click(show);
  await screen.findByTestId('beside-value');
  // The same button hides it: whoever works by keys stays where they are.
  expect(document.activeElement).toBe(screen.getByTestId('beside-show-field-PIN'));
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  await fireEvent(document, new Event('visibilitychange'));
  expect(screen.queryByTestId('beside-value')).toBeNull();
});

it('an answer that comes once the window was left is not shown', async () => {
  await rpc('secret_edit', { name: 'erp', title: null, path: null, user: null, urls: null, tags: null, notes: secretInput('door 12'), totp: null, passphrase: null, expires_ms: null, fields: [] });
  await fireEvent.click(screen.getByTestId('secret-panel-close'));
  await fireEvent.click(screen.getByTestId('secret-erp'));
  const answered = backend.rpc.bind(backend);
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => { answer = resolve; });
  vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
    if (command === 'secret_part') await held;
    return answered(command, request, vault);
  });
  await fireEvent.click(await screen.findByTestId('beside-show-notes'));
  await fireEvent.blur(window);
  answer();
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  expect(screen.queryByTestId('beside-value')).toBeNull();
});

it('only what was changed is sent: what a text cannot hold stays, and an emptied plain field goes', async () => {
  const noon = new Date(2027, 5, 30, 12).getTime();
  await rpc('secret_edit', { name: 'erp', title: 'ERP', path: ['Prod/EU', 'x'], user: null, urls: null, tags: ['a, b'], notes: null, totp: null, passphrase: null, expires_ms: noon, fields: [{ name: 'site', value: secretInput('Brest'), hidden: false }, { name: 'plan', value: secretInput('A'), hidden: false }] });
  await fireEvent.click(screen.getByTestId('secret-panel-close'));
  await fireEvent.click(screen.getByTestId('secret-erp'));
  await waitFor(() => { expect(screen.getByTestId('beside').textContent).toContain('Brest'); });
  await fireEvent.click(screen.getByTestId('beside-edit'));
  await typed('beside-title', 'ERP of the shop');
  await typed('beside-field-0', '');
  await fireEvent.click(screen.getByTestId('beside-save'));
  await waitFor(() => { expect(screen.getByTestId('beside').textContent).not.toContain('Brest'); });
  const sent = backend.calls.filter(({ command }) => command === 'secret_edit').at(-1)?.request;
  expect(sent).toEqual({ name: 'erp', title: 'ERP of the shop', path: null, user: null, urls: null, tags: null, notes: null, totp: null, passphrase: null, expires_ms: null, fields: [{ name: 'site', value: '', hidden: false }] });
  const about = await rpc('secret_about', { name: 'erp' });
  expect([about.path, about.tags, about.expires_ms, about.fields.map((field) => field.name)]).toEqual([['Prod/EU', 'x'], ['a, b'], noon, ['plan']]);
});

it('a note is changed in as many lines as it has', async () => {
  backend.opened().secrets = backend.opened().secrets.map((secret) => (secret.name === 'erp' ? { ...secret, kind: 'note' } : secret));
  await session.secrets.load();
  await waitFor(() => { expect(screen.getByTestId('secret-panel').textContent).toContain('note'); });
  await fireEvent.click(screen.getByTestId('secret-change'));
  await typed('secret-add-note', 'one\ntwo');
  expect(screen.queryByTestId('secret-add-kind-key')).toBeNull();
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.queryByTestId('secret-add-dialog')).toBeNull(); });
  expect((await rpc('secret_reveal', { name: 'erp' })).value).toBe('one\ntwo');
});

it('a hidden field that nobody touched stays as it is', async () => {
  await rpc('secret_edit', { name: 'erp', title: null, path: null, user: null, urls: null, tags: null, notes: null, totp: null, passphrase: null, expires_ms: null, fields: [{ name: 'PIN', value: secretInput('4711'), hidden: true }] });
  await fireEvent.click(screen.getByTestId('secret-panel-close'));
  await fireEvent.click(screen.getByTestId('secret-erp'));
  await screen.findByTestId('beside-show-field-PIN');
  await fireEvent.click(screen.getByTestId('beside-edit'));
  await typed('beside-title', 'ERP');
  await fireEvent.click(screen.getByTestId('beside-save'));
  await waitFor(() => { expect(screen.getByTestId('beside').textContent).toContain('ERP'); });
  expect((await rpc('secret_part', { name: 'erp', part: { is: 'field', name: 'PIN' } })).value).toBe('4711');
});

it('an earlier value is used again, and a file is added and taken away only when asked twice', async () => {
  await fireEvent.click(await screen.findByTestId('beside-revert-0'));
  await waitFor(async () => { expect((await rpc('secret_reveal', { name: 'erp' })).value).toBe('first'); });
  vi.spyOn(backend, 'choosePath').mockResolvedValue('/home/camille/licence.pdf');
  await fireEvent.click(screen.getByTestId('beside-attach'));
  const remove = await screen.findByTestId('beside-remove-licence.pdf');
  remove.focus();
  await fireEvent.click(remove);
  expect(screen.getByTestId('beside-save-licence.pdf')).toBeTruthy();
  expect(document.activeElement).toBe(screen.getByTestId('beside-remove-licence.pdf'));
  expect(remove.getAttribute('aria-label')).toMatch(/Nothing brings it back.*licence/u);
  await fireEvent.click(remove);
  await waitFor(() => { expect(screen.queryByTestId('beside-save-licence.pdf')).toBeNull(); });
});

it('what was removed is brought back from the trash, or removed for good when asked twice', async () => {
  await rpc('secret_remove', { name: 'erp' });
  await fireEvent.click(screen.getByTestId('secret-trash'));
  await fireEvent.click(await screen.findByTestId('trash-restore-erp'));
  await screen.findByTestId('trash-empty');
  expect(backend.opened().secrets.some((secret) => secret.name === 'erp')).toBe(true);
  await rpc('secret_remove', { name: 'erp' });
  await fireEvent.click(screen.getByTestId('trash-dialog').querySelector('[data-first]') ?? document.body);
  await fireEvent.click(screen.getByTestId('secret-trash'));
  await fireEvent.click(await screen.findByTestId('trash-purge-erp'));
  expect(screen.getByTestId('trash-erp')).toBeTruthy();
  expect(screen.getByTestId('trash-purge-erp').getAttribute('aria-label')).toMatch(/Nothing brings it back/u);
  await fireEvent.click(screen.getByTestId('trash-purge-erp'));
  await screen.findByTestId('trash-empty');
});

it('days and lists are read as they are written', () => {
  expect(dayOf(endOfDay('2027-06-30'))).toBe('2027-06-30');
  expect([dayOf(null), endOfDay(''), endOfDay('x')]).toEqual(['', 0, 0]);
  expect(listOf(' a, b,,c ', ',')).toEqual(['a', 'b', 'c']);
});
