import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Rescue from './Rescue.svelte';

const host = 'ynh-dev.morel.lan';

describe('the way back in', () => {
  beforeEach(async () => {
    document.body.replaceChildren();
    installPlatform(new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
  });

  it('shows who is banned, and plans to lift it', async () => {
    const prepare = vi.spyOn(planDesk, 'prepare').mockResolvedValue();
    render(Rescue, { host, skew: 400 });
    expect((await screen.findByTestId('bans')).textContent).toContain('198.51.100.7');
    await fireEvent.click(screen.getByTestId('unban-198.51.100.7'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'unban', address: '198.51.100.7' });
    expect(screen.getByTestId<HTMLButtonElement>('unban-own').disabled, 'through nobody').toBe(true);
    await waitFor(() => { expect(screen.getByTestId<HTMLSelectElement>('unban-through').options.length).toBeGreaterThan(1); });
    const through = screen.getByTestId<HTMLSelectElement>('unban-through');
    expect([...through.options].some((option) => option.value === host), 'not through itself').toBe(false);
    await fireEvent.change(through, { target: { value: through.options[1]?.value } });
    await fireEvent.click(screen.getByTestId('unban-own'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'unban', through: through.value });
    await fireEvent.click(screen.getByTestId('set-clock'));
    expect(prepare).toHaveBeenLastCalledWith([host], { kind: 'set_clock' });
  });
});
