import { fireEvent, render, screen } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { stagesDesk } from '$features/stages';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Host from './Host.view.svelte';

const nothing = (): void => undefined;

beforeEach(async () => {
  installPlatform(new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  stagesDesk.reset();
});

describe('a host of a sealed stage', () => {
  it('shows nothing that was read from it, and asks to unseal its stage', async () => {
    render(Host, { name: 'ynh-staging.morel.lan', section: 'overview', onsection: nothing, onleave: nothing, onopenjob: nothing });
    expect((await screen.findByTestId('host-sealed')).textContent).toContain('staging');
    expect(document.body.textContent).not.toContain('10.20.0.21');
    expect(screen.getByTestId<HTMLButtonElement>('host-refresh').disabled).toBe(true);
    await fireEvent.click(screen.getByTestId('host-unseal'));
    expect(stagesDesk.question).toEqual({ kind: 'unseal', stage: 'staging' });
  });

  it('hides its connection as well: nothing of it was checked', async () => {
    render(Host, { name: 'ynh-staging.morel.lan', section: 'connection', onsection: nothing, onleave: nothing, onopenjob: nothing });
    expect(await screen.findByTestId('host-sealed')).toBeTruthy();
    expect(screen.queryByTestId('host-test')).toBeNull();
  });
});

describe('a host of an open stage', () => {
  it('shows its facts', async () => {
    render(Host, { name: 'ynh-dev.morel.lan', section: 'overview', onsection: nothing, onleave: nothing, onopenjob: nothing });
    expect((await screen.findAllByText(/Debian/)).length).toBeGreaterThan(0);
    expect(screen.queryByTestId('host-sealed')).toBeNull();
  });
});
