import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { toasts, ToastStack } from '$design';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { fleetDesk } from './desk.svelte';
import FleetViews from './FleetViews.svelte';
import { fleetViews } from './views.svelte';

let backend: FakeBackend;
const kept = (): string[] => backend.opened().views.map((view) => view.name);

beforeEach(async () => {
  installPlatform(backend = new FakeBackend({ open: 1 }));
  toasts.clear();
  session.leave();
  await session.begin();
  backend.opened().views = ['Morel', 'Orvain', 'Prod'].map((name) => ({ ...fleetDesk.view(name), filter: `tag:${name}` }));
  await fleetViews.kept.load();
  render(FleetViews);
  render(ToastStack, { dismissLabel: 'Close', actKey: 'Ctrl Z' });
  await fireEvent.click(screen.getByTestId('fleet-views'));
});

/** Removes a view, as by keyboard. */
async function remove(name: string): Promise<void> {
  const button = screen.getByTestId(`fleet-view-remove-${name}`);
  button.focus();
  await fireEvent.click(button);
  await waitFor(() => { expect(kept()).not.toContain(name); });
}

describe('a view that is removed', () => {
  it('comes back in its place, as it was', async () => {
    await remove('Orvain');
    expect(kept()).toEqual(['Morel', 'Prod']);
    await fireEvent.click(await screen.findByTestId('toast-act'));
    await waitFor(() => { expect(kept()).toEqual(['Morel', 'Orvain', 'Prod']); });
    expect(backend.opened().views[1]?.filter).toBe('tag:Orvain');
    await waitFor(() => { expect(screen.getByRole('status').textContent).toContain('Orvain is back'); });
    expect(screen.queryByTestId('toast-act'), 'it is offered once').toBeNull();
  });

  it('leaves the focus at the next one, then at what opened the list: the key of the toast is heard there', async () => {
    for (const [gone, next] of [['Orvain', 'fleet-view-remove-Prod'], ['Prod', 'fleet-view-remove-Morel'], ['Morel', 'fleet-views']] as const) {
      await remove(gone);
      await waitFor(() => { expect(document.activeElement).toBe(screen.getByTestId(next)); });
    }
  });

  it('does not take the place of one that was kept under its name meanwhile', async () => {
    await remove('Orvain');
    backend.opened().views = [{ ...fleetDesk.view('Orvain'), filter: 'another' }, ...backend.opened().views];
    await screen.findByTestId('toast-act');
    expect(toasts.act()).toBe(true);
    await waitFor(() => { expect(fleetViews.list.map((view) => view.filter)).toEqual(['another', 'tag:Morel', 'tag:Prod']); });
    expect(toasts.act()).toBe(false);
  });
});

describe('a toast that offers something', () => {
  it('does not go while one is at it, and gives the focus back', async () => {
    vi.useFakeTimers();
    try {
      const field = screen.getByTestId('fleet-views');
      field.focus();
      let done = 0;
      toasts.show('Gone', 'ok', { label: 'Undo', run: () => (done += 1) });
      await vi.advanceTimersByTimeAsync(11_000);
      const act = screen.getByTestId('toast-act');
      expect(act.textContent).toBe('UndoCtrl Z');
      act.focus();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(screen.getByTestId('toast-act')).toBe(act);
      await fireEvent.click(act);
      expect([done, toasts.list.length]).toEqual([1, 0]);
      expect(document.activeElement).toBe(field);
      toasts.show('Gone', 'ok', { label: 'Undo', run: () => (done += 1) });
      await vi.advanceTimersByTimeAsync(12_000);
      expect([done, toasts.list.length]).toEqual([1, 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});
