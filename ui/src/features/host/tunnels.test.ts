import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import Tunnels from './Tunnels.svelte';

const host = 'ynh-dev.morel.lan';
let backend: FakeBackend;
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const openButton = (): HTMLButtonElement => screen.getByTestId<HTMLButtonElement>('tunnel-open');

describe('tunnels through a host', () => {
  beforeEach(async () => {
    document.body.replaceChildren();
    installPlatform(backend = new FakeBackend({ open: true }));
    session.leave();
    await session.begin();
  });

  it('are opened where they are to lead, shown, and closed', async () => {
    render(Tunnels, { host, stage: 'dev', yunohost: false });
    expect(openButton().disabled, 'no port yet').toBe(true);
    await type('tunnel-port', '80x');
    expect(openButton().disabled, 'no port').toBe(true);
    await type('tunnel-address', ' nas.lan ');
    await type('tunnel-port', '80');
    await type('tunnel-here', '8080');
    await fireEvent.click(openButton());
    expect((await screen.findByTestId('tunnel-8080')).textContent).toContain('nas.lan:80');
    expect(backend.calls.find((call) => call.command === 'tunnel_open')?.request).toMatchObject({ host, port: 8080, end: { address: 'nas.lan', port: 80 }, web_admin: false, kept: false });
    await fireEvent.click(openButton());
    expect((await screen.findByTestId('tunnel-error')).textContent).toContain('8080');
    await fireEvent.click(screen.getByTestId('tunnel-copy-8080'));
    await waitFor(() => { expect(backend.copied).toEqual(['127.0.0.1:8080']); });
    await fireEvent.click(screen.getByTestId('tunnel-close-8080'));
    await waitFor(() => { expect(screen.queryByTestId('tunnel-8080')).toBeNull(); });
  });

  it('ask for nothing more where each program says where to', async () => {
    render(Tunnels, { host, stage: 'dev', yunohost: false });
    await fireEvent.click(screen.getByTestId('tunnel-socks'));
    expect(screen.queryByTestId('tunnel-address')).toBeNull();
    await fireEvent.click(openButton());
    await screen.findByTestId('tunnels');
    expect(backend.calls.find((call) => call.command === 'tunnel_open')?.request).toMatchObject({ port: 0, end: null });
    expect(screen.queryByTestId('tunnel-web-admin'), 'no YunoHost').toBeNull();
  });

  it('lead to the web administration in one click, and to the same the next time', async () => {
    render(Tunnels, { host, stage: 'dev', yunohost: true });
    await fireEvent.click(screen.getByTestId('tunnel-web-admin'));
    await waitFor(() => { expect(backend.browsed.length).toBe(1); });
    await fireEvent.click(screen.getByTestId('tunnel-web-admin'));
    await waitFor(() => { expect(backend.browsed.length).toBe(2); });
    expect(new Set(backend.browsed).size).toBe(1);
    expect(backend.calls.filter((call) => call.command === 'tunnel_open').length).toBe(1);
  });
});
