import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Upkeep from './Upkeep.view.svelte';

afterEach(() => { vi.restoreAllMocks(); session.leave(); });

async function merging(path: string): Promise<FakeBackend> {
  const backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  await session.vault.load();
  vi.spyOn(backend, 'choosePath').mockResolvedValue(path);
  render(Upkeep, { section: 'copies', onsection: () => undefined, onlock: () => undefined });
  await fireEvent.click(await screen.findByTestId('vault-merge'));
  return backend;
}

it('what both changed is decided before anything is written, and no value is shown', async () => {
  const backend = await merging('/media/stick/acme.beffroi');
  const conflict = await screen.findByTestId('merge-secret:acme/console');
  expect(conflict.textContent).toContain('not shown');
  expect(screen.getByTestId('merge-taken').textContent).toContain('web-9');
  const merge = screen.getByTestId<HTMLButtonElement>('merge-do');
  expect(merge.disabled).toBe(true);
  await fireEvent.click(screen.getByTestId('merge-theirs-secret:acme/console'));
  await waitFor(() => { expect(merge.disabled).toBe(false); });
  await fireEvent.click(merge);
  await waitFor(() => { expect(screen.queryByTestId('merge-dialog')).toBeNull(); });
  const asked = backend.calls.filter(({ command }) => command === 'parcel_merge').map(({ request }) => request);
  expect(asked).toEqual([
    { other: '/media/stick/acme.beffroi', keep: null, resolved: [], rehearse: true },
    { other: '/media/stick/acme.beffroi', keep: null, resolved: [{ key: 'secret:acme/console', keep: 'theirs' }], rehearse: false },
  ]);
});

it('all of one side can be kept at once, and a refusal is told', async () => {
  const backend = await merging('/media/stick/acme.beffroi');
  await fireEvent.click(await screen.findByTestId('merge-all-mine'));
  expect(screen.getByTestId<HTMLButtonElement>('merge-do').disabled).toBe(false);
  await fireEvent.click(screen.getByTestId('merge-dialog').querySelector('[data-first]') ?? document.body);
  vi.spyOn(backend, 'choosePath').mockResolvedValue(backend.opened().path);
  await fireEvent.click(screen.getByTestId('vault-merge'));
  expect((await screen.findByTestId('merge-error')).textContent).toContain('itself');
  expect(screen.getByTestId<HTMLButtonElement>('merge-do').disabled).toBe(true);
});
