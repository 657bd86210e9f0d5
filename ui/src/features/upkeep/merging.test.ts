import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import type { ParcelMerged } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Upkeep from './Upkeep.view.svelte';

afterEach(() => { vi.restoreAllMocks(); session.leave(); });

/** `found` changes what a merge would do. */
async function merging(path: string, found = (merged: ParcelMerged): ParcelMerged => merged): Promise<FakeBackend> {
  const backend = new FakeBackend({ open: true });
  const rpc = backend.rpc.bind(backend);
  vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
    const answer = await rpc(command, request, vault);
    return command === 'parcel_merge' ? found(answer as ParcelMerged) as typeof answer : answer;
  });
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

it('what one side removed and the other uses is shown with who uses it, and decided by itself', async () => {
  const used = { key: 'secret:spare', what: 'secret', name: 'spare', fields: [{ field: 'used-by', mine: 'web-1, web-2', theirs: null, hidden: false }], removed_here: false, removed_there: true, kept: null };
  const plain = { ...used, key: 'host:web-3', what: 'host', name: 'web-3', removed_there: false, fields: [{ field: 'one-time', mine: 'a', theirs: 'b', hidden: false }, { field: 'field PIN', mine: null, theirs: null, hidden: true }] };
  const backend = await merging('/media/stick/acme.beffroi', (found) => ({ ...found, conflicts: [used, plain] }));
  const conflict = await screen.findByTestId('merge-secret:spare');
  expect(conflict.textContent).toContain('removed there');
  expect(conflict.textContent).toContain('web-1, web-2');
  expect(screen.getByTestId('merge-host:web-3').textContent).toContain('one-time code');
  expect(screen.getByTestId('merge-host:web-3').textContent).toContain('field “PIN”');
  const merge = screen.getByTestId<HTMLButtonElement>('merge-do');
  await fireEvent.click(screen.getByTestId('merge-all-theirs'));
  expect(merge.disabled).toBe(true);
  expect(screen.getByTestId('merge-undecided').textContent).toContain('1');
  await fireEvent.click(screen.getByTestId('merge-theirs-secret:spare'));
  await waitFor(() => { expect(merge.disabled).toBe(false); });
  expect(screen.queryByTestId('merge-undecided')).toBeNull();
  await fireEvent.click(merge);
  await waitFor(() => { expect(screen.queryByTestId('merge-dialog')).toBeNull(); });
  const asked = backend.calls.filter(({ command }) => command === 'parcel_merge').at(-1)?.request;
  expect(asked).toMatchObject({ keep: null, resolved: [{ key: 'secret:spare', keep: 'theirs' }, { key: 'host:web-3', keep: 'theirs' }] });
});
