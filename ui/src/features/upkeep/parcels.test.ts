import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { fakePassphrase } from '$platform/fake/keeping';
import Upkeep from './Upkeep.view.svelte';

afterEach(() => { vi.restoreAllMocks(); session.leave(); });

async function handing(): Promise<FakeBackend> {
  const backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  await Promise.all([session.vault.load(), session.hosts.load(), session.secrets.load()]);
  render(Upkeep, { section: 'parcels', onsection: () => undefined, onlock: () => undefined });
  await screen.findByText('Nothing was handed over');
  return backend;
}

const asked = (backend: FakeBackend): unknown[] => backend.calls.filter(({ command }) => command === 'parcel_create').map(({ request }) => request);

it('what goes is shown first, then it is made and stays known until it is changed', async () => {
  const backend = await handing();
  const host = backend.opened().hosts.find((row) => backend.opened().secrets.some((secret) => secret.used_by.includes(row.name)) && !backend.opened().isSealed(row.stage));
  const secret = backend.opened().secrets.find((row) => row.used_by.includes(host?.name ?? ''));
  if (!host || !secret) throw new Error('the pretend world has a host that logs in with a secret');
  await fireEvent.click(screen.getByTestId('parcel-new'));
  await fireEvent.click(await screen.findByTestId('parcel-for-Maël Trévidic'));
  expect(screen.queryByTestId('parcel-for-Camille Hautval')).toBeNull();
  const look = screen.getByTestId<HTMLButtonElement>('parcel-look');
  expect(look.disabled).toBe(true);
  await fireEvent.click(screen.getByTestId(`parcel-host-${host.name}`));
  await fireEvent.input(screen.getByTestId('parcel-path'), { target: { value: '/home/camille/mael.age' } });
  await waitFor(() => { expect(look.disabled).toBe(false); });
  await fireEvent.click(look);
  const content = await screen.findByTestId('parcel-content');
  expect(content.textContent).toContain(host.name);
  expect(content.textContent).toContain(secret.name);
  expect(asked(backend)).toHaveLength(1);
  expect(asked(backend)[0]).toMatchObject({ authority: null, hosts: [host.name], only_named: false });
  await fireEvent.input(screen.getByTestId('parcel-make-passphrase'), { target: { value: fakePassphrase } });
  await fireEvent.click(screen.getByTestId('parcel-make-do'));
  expect((await screen.findByTestId('parcel-done')).textContent).toContain('SHA256:');
  await fireEvent.click(screen.getByTestId('parcel-close'));
  const open = await screen.findByTestId('parcels-open');
  expect(open.textContent).toContain(secret.name);
  expect(open.textContent).toContain('rotated');
  secret.changed_ms = Date.now() + 60_000;
  await fireEvent.click(screen.getByTestId('parcel-ask'));
  await waitFor(() => { expect(screen.queryByTestId('parcels-open')?.textContent ?? '').not.toContain(secret.name); });
  expect(screen.getByTestId('parcels-given').textContent).toContain('Maël Trévidic');
});

it('a key that is none is told, and nothing is made', async () => {
  const backend = await handing();
  await fireEvent.click(screen.getByTestId('parcel-new'));
  await fireEvent.input(await screen.findByTestId('parcel-keys'), { target: { value: 'nobody' } });
  const name = backend.opened().hosts.find((row) => !backend.opened().isSealed(row.stage))?.name ?? '';
  await fireEvent.click(screen.getByTestId(`parcel-host-${name}`));
  await fireEvent.input(screen.getByTestId('parcel-path'), { target: { value: '/home/camille/x.age' } });
  await fireEvent.click(screen.getByTestId('parcel-look'));
  expect((await screen.findByTestId('parcel-error')).textContent).toContain('nobody');
  expect(screen.queryByTestId('parcel-content')).toBeNull();
});
