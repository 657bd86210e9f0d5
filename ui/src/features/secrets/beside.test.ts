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
  await fireEvent.click(await screen.findByTestId('beside-remove-licence.pdf'));
  await fireEvent.click(await screen.findByTestId('beside-remove-sure'));
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
  await fireEvent.click(screen.getByTestId('trash-purge-erp'));
  await screen.findByTestId('trash-empty');
});

it('days and lists are read as they are written', () => {
  expect(dayOf(endOfDay('2027-06-30'))).toBe('2027-06-30');
  expect([dayOf(null), endOfDay(''), endOfDay('x')]).toEqual(['', 0, 0]);
  expect(listOf(' a, b,,c ', ',')).toEqual(['a', 'b', 'c']);
});
