import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '$i18n';
import { rpc, session } from '$ipc';
import { installPlatform } from '$platform/index';
import { FakeBackend } from '$platform/fake';
import { secretsDesk } from './desk.svelte';
import Secrets from './Secrets.view.svelte';
import { fieldTitle, templateTitle } from './templates';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 3, unsealed: 0 });
  installPlatform(backend);
  await session.begin();
  await session.secrets.load();
  render(Secrets);
});

afterEach(() => {
  vi.restoreAllMocks();
  i18n.choose('en');
  secretsDesk.reset();
  session.leave();
});

const typed = (testid: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(testid), { target: { value } });
const options = (): string[] => [...screen.getByTestId<HTMLSelectElement>('secret-add-template').options].map((option) => option.value);

/** The form, with a name, a value and a template. */
async function begun(template: string): Promise<void> {
  await fireEvent.click(screen.getByTestId('secret-add'));
  await typed('secret-add-name', 'erp/db');
  await fireEvent.click(screen.getByTestId('secret-add-kind-password'));
  await typed('secret-add-password', 'a-password');
  await waitFor(() => { expect(options()).toContain(template); });
  await fireEvent.change(screen.getByTestId('secret-add-template'), { target: { value: template } });
}

it('what a template asks for is stored with the value; what was left empty is not', async () => {
  await begun('database');
  expect(options()[0]).toBe('');
  await typed('template-field-0', ' dolibarr ');
  await typed('template-field-2', '5432');
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.queryByTestId('secret-add-dialog')).toBeNull(); });
  const { user, fields } = await rpc('secret_about', { name: 'erp/db' });
  expect({ user, fields }).toEqual({ user: 'dolibarr', fields: [{ name: 'Port', value: '5432' }] });
});

it('without a template, or with nothing in its fields, the value alone is stored', async () => {
  await begun('licence');
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.queryByTestId('secret-add-dialog')).toBeNull(); });
  expect(backend.calls.some(({ command }) => command === 'secret_edit')).toBe(false);
});

it('when only the value was stored that is said, the secret is shown, and the rest is tried again alone', async () => {
  await begun('database');
  await typed('template-field-0', 'dolibarr');
  const answered = backend.rpc.bind(backend);
  const refused = vi.spyOn(backend, 'rpc').mockImplementation((command, request, vault) => (command === 'secret_edit' ? Promise.reject({ code: 'invalid-request', values: { what: 'long' } } as unknown as Error) : answered(command, request, vault)));
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.getByTestId('secret-add-dialog').textContent).toContain(i18n.t.templates.onlyValue('erp/db')); });
  await screen.findByTestId('secret-panel');
  expect(secretsDesk.active).toBe('erp/db');
  refused.mockRestore();
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.queryByTestId('secret-add-dialog')).toBeNull(); });
  expect(backend.calls.filter(({ command }) => command === 'secret_set')).toHaveLength(1);
  expect((await rpc('secret_about', { name: 'erp/db' })).user).toBe('dolibarr');
});

it('own templates are added and removed, and the form knows of it', async () => {
  await begun('database');
  await fireEvent.click(screen.getByTestId('secret-add-templates'));
  await fireEvent.click(await screen.findByTestId('template-add'));
  await typed('template-name', 'Till');
  expect(screen.getByTestId<HTMLButtonElement>('template-keep').disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('template-has-expires'));
  await fireEvent.click(screen.getByTestId('template-add-field'));
  await typed('template-own-0', 'PIN');
  await fireEvent.click(screen.getByTestId('template-hidden-0'));
  await fireEvent.click(screen.getByTestId('template-keep'));
  await screen.findByTestId('template-Till');
  expect(backend.calls.some(({ command }) => command === 'secret_set'), 'the form behind it is not sent').toBe(false);
  expect(screen.queryByTestId('template-remove-database')).toBeNull();
  expect((await rpc('template_list', {})).templates.at(-1)).toEqual({ name: 'Till', own: true, fields: [{ place: 'expires', name: '' }, { place: 'hidden', name: 'PIN' }] });
  await fireEvent.click(screen.getByTestId('templates-dialog').querySelector('footer button') ?? document.body);
  await waitFor(() => { expect(options()).toContain('Till'); });
  await fireEvent.change(screen.getByTestId('secret-add-template'), { target: { value: 'Till' } });
  await typed('template-field-1', '4711');
  await fireEvent.click(screen.getByTestId('secret-add-store'));
  await waitFor(() => { expect(screen.queryByTestId('secret-add-dialog')).toBeNull(); });
  expect((await rpc('secret_about', { name: 'erp/db' })).fields).toEqual([{ name: 'PIN', value: null }]);

  await fireEvent.click(screen.getByTestId('secret-templates'));
  await fireEvent.click(await screen.findByTestId('template-remove-Till'));
  expect(screen.queryByTestId('template-Till'), 'it is asked for twice').not.toBeNull();
  await fireEvent.click(screen.getByTestId('template-remove-Till'));
  await waitFor(() => { expect(screen.queryByTestId('template-Till')).toBeNull(); });
});

it('those that everybody has are called in the language of the window', async () => {
  const { templates } = await rpc('template_list', {});
  const database = templates.find(({ name }) => name === 'database');
  if (!database) throw new Error('no database');
  const told = (): string[] => [templateTitle(database), ...database.fields.map((field) => fieldTitle(database, field))];
  expect(told()).toEqual(['Database', 'Account', 'Host', 'Port', 'Name of the database']);
  i18n.choose('fr');
  expect(told()).toEqual(['Base de données', 'Compte', 'Hôte', 'Port', 'Nom de la base']);
});
