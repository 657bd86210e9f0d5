import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { stagesDesk } from '$features/stages';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Host from './Host.view.svelte';

const nothing = (): void => undefined;

let backend: FakeBackend;

beforeEach(async () => {
  installPlatform(backend = new FakeBackend({ open: true }));
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

describe('a copy to a host whose stage wants a name typed', () => {
  const puts = (): unknown[] => backend.calls.filter((call) => call.command === 'put').map((call) => (call.request as { typed: string | null }).typed);
  const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
  const copy = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('file-copy');

  it('is sent again once one of the names was typed, and asks again for another file', async () => {
    render(Host, { name: 'ynh-02.morel.lan', section: 'files', onsection: nothing, onleave: nothing, onopenjob: nothing });
    await screen.findByTestId('file-local');
    await type('file-local', '/tmp/a');
    await type('file-remote', '/srv/a');
    await fireEvent.click(copy());
    await screen.findByTestId('file-confirm');
    expect(copy().disabled).toBe(true);
    await type('file-confirm', 'prod ');
    expect(copy().disabled).toBe(true);
    await type('file-confirm', 'prod');
    expect(await fireEvent.keyDown(screen.getByTestId('file-confirm'), { key: 'Enter' }), 'the key is swallowed').toBe(false);
    await fireEvent.click(copy());
    await screen.findByTestId('file-copied');
    expect(puts()).toEqual([null, 'prod']);
    await type('file-remote', '/srv/b');
    await waitFor(() => { expect(copy().disabled).toBe(true); });
  });
});
