import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ImportApply } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import ExportSecrets from './ExportSecrets.svelte';
import ImportWizard from './ImportWizard.svelte';

let backend: FakeBackend;
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const sent = (command: string): unknown[] => backend.calls.filter((call) => call.command === command).map((call) => call.request);

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 15, unsealed: 600 });
  installPlatform(backend);
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
});

afterEach(() => { session.leave(); });

async function read(path: string): Promise<void> {
  vi.spyOn(backend, 'choosePath').mockResolvedValue(path);
  await press('import-choose');
}

async function applied(): Promise<ImportApply> {
  await press('import-apply');
  await screen.findByTestId('import-done');
  return sent('import_apply')[0] as ImportApply;
}

describe('a parcel', () => {
  it('of somebody who is not known is opened with the fingerprint that they told, and says who signed it', async () => {
    render(ImportWizard, { onclose: () => undefined });
    await read('/home/camille/older-parcel.age');
    expect((await screen.findByTestId('import-error')).textContent).toContain('SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV');
    await type('import-from', 'SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV');
    await press('import-read');
    const signer = await screen.findByTestId('import-signer');
    expect(signer.textContent).toContain('Inès Morvane');
    expect(screen.getByTestId('import-older').textContent).toContain('Older');
    expect(sent('import_read')[1]).toMatchObject({ from: 'SHA256:f3Lm8oXy5rMd0wUo2tZc7qIf4vKe9hGb6pXj1uLaRyV' });
    expect(sent('import_apply')).toEqual([]);
  });
});

describe('what comes from another program', () => {
  it('is shown without values, and comes in once that is confirmed', async () => {
    const close = vi.fn();
    render(ImportWizard, { onclose: close });
    await read('/home/camille/morel.kdbx');
    await screen.findByTestId('import-table');
    expect(screen.getByTestId('import-counts').textContent).toContain('10 entries');
    expect(screen.getByTestId('import-tab-weak').textContent).toContain('3');
    expect(sent('import_apply')).toEqual([]);
    expect(screen.getByTestId('import-keys-left').textContent).toContain('2 keys of hosts are left out');
    const order = await applied();
    expect(order.rows, 'as the core would').toEqual([]);
    await press('import-close');
    expect(close).toHaveBeenCalledOnce();
    expect(sent('import_forget'), 'what was taken in waits no more').toEqual([]);
  });

  it('asks for the password of the file when it needs one', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/locked.kdbx');
    await screen.findByTestId('import-error');
    await type('import-password', 'teapot');
    await press('import-read');
    await screen.findByTestId('import-table');
    expect(sent('import_read')).toMatchObject([{ password: null }, { password: 'teapot' }]);
  });

  it('asks what the columns are when nothing says it', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/columns.csv');
    await screen.findByTestId('import-columns');
    const mapped = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('import-mapped');
    expect(mapped().disabled, 'nothing is a secret yet').toBe(true);
    await waitFor(() => { expect(screen.getByTestId('import-column-1').querySelectorAll('option')).toHaveLength(7); });
    await fireEvent.change(screen.getByTestId('import-column-1'), { target: { value: 'password' } });
    await waitFor(() => { expect(mapped().disabled).toBe(false); });
    await fireEvent.click(mapped());
    await screen.findByTestId('import-table');
    expect(sent('import_read')[1]).toMatchObject({ mapping: { columns: ['title', 'password'], header: true } });
  });

  it('leaves out what is not ticked, and takes the side that was chosen', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/morel.kdbx');
    await screen.findByTestId('import-table');
    await press('import-tick-0');
    expect(screen.getByTestId('import-row-4').textContent).toContain('value');
    await press('import-side-4');
    await press('import-tick-8');
    await waitFor(() => { expect(screen.getByTestId('import-side-4').textContent).toBe('take the file’s'); });
    const order = await applied();
    expect(order.rows).toEqual([{ row: 0, choice: 'skip' }, { row: 4, choice: 'theirs' }, { row: 8, choice: 'take' }]);
  });

  it('leaves out hosts one by one, and trusts no key where that is said', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/morel.kdbx');
    await screen.findByTestId('import-table');
    await press('import-tab-hosts');
    await press('import-host-0');
    await press('import-with-keys');
    const order = await applied();
    expect(order.rules).toMatchObject({ without_hosts: [0], without_host_keys: true });
  });

  it('goes where the rules say', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/morel.kdbx');
    await screen.findByTestId('import-table');
    await press('import-rules');
    await fireEvent.change(screen.getByTestId('import-stage-of-Production'), { target: { value: 'dev' } });
    await type('import-under', 'Morel');
    await press('import-rules-apply');
    await waitFor(() => { expect(sent('import_preview')).toMatchObject([{ rules: { under: 'Morel', stage_of: [{ group: 'Production', stage: 'dev' }] } }]); });
    await waitFor(() => { expect(screen.queryByTestId('import-rules-dialog')).toBeNull(); });
    expect(screen.getByTestId('import-row-0').textContent).toContain('Morel/Production/root');
  });

  it('is forgotten when one goes back', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/morel.kdbx');
    await screen.findByTestId('import-table');
    await press('import-back');
    await screen.findByTestId('import-choose');
    expect(sent('import_forget')).toHaveLength(1);
  });

  it('draws a few rows of ten thousand', async () => {
    render(ImportWizard, { onclose: vi.fn() });
    await read('/home/camille/many-10000.kdbx');
    await screen.findByTestId('import-table');
    expect(screen.getByTestId('import-counts').textContent).toContain('10,000');
    expect(screen.getByTestId('import-table').querySelectorAll('[role="row"]').length).toBeLessThan(120);
  });
});

describe('what goes to another program', () => {
  it('wants the vault opened once more, and a password of its own', async () => {
    render(ExportSecrets, { onclose: vi.fn() });
    await screen.findByTestId('secret-export');
    const act = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('secret-export-do');
    await type('export-path', '/home/camille/out.kdbx');
    await type('export-password', 'teapot canyon');
    await type('export-again', 'teapot');
    await type('secret-export-passphrase', 'open sesame again');
    expect(act().disabled, 'the two differ').toBe(true);
    await type('export-again', 'teapot canyon');
    await waitFor(() => { expect(act().disabled).toBe(false); });
    await fireEvent.click(act());
    await screen.findByTestId('export-done');
    expect(sent('secret_export')).toMatchObject([{ path: '/home/camille/out.kdbx', format: 'kdbx', password: 'teapot canyon', authority: { passphrase: 'open sesame again' }, force: false }]);
  });
});
