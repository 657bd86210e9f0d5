import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { session } from '$ipc';
import { installPlatform } from '$platform/index';
import { FakeBackend } from '$platform/fake';
import { secretsDesk } from './desk.svelte';
import Secrets from './Secrets.view.svelte';

let backend: FakeBackend;

beforeEach(async () => {
  backend = new FakeBackend({ open: true, hosts: 15 });
  installPlatform(backend);
  await session.begin();
  await waitFor(() => { expect(session.secrets.value).not.toBeNull(); });
});

afterEach(() => {
  secretsDesk.reset();
  session.leave();
});

const used = (stage: string): string => session.secrets.value?.find((secret) => secret.stage === stage && secret.used_by.length > 0)?.name ?? '';

/** A yes is enough: names that are typed are tried elsewhere. */
function unguarded(): void {
  const vault = backend.opened();
  for (const host of vault.hosts) vault.stage(host.stage).policy.typed_confirmation = false;
}

async function opened(name: string): Promise<void> {
  render(Secrets);
  await fireEvent.click(screen.getByTestId(`secret-${name}`));
  await waitFor(() => { expect(screen.queryByTestId('secret-rotate')).not.toBeNull(); });
}

describe('the rotation of a secret', () => {
  it('shows where it lives, what is to be done, and does it', async () => {
    const name = used('dev');
    unguarded();
    for (const host of backend.opened().hosts) backend.opened().set({ ...host, trouble: null });
    await opened(name);
    const hosts = backend.opened().secrets.find((secret) => secret.name === name)?.used_by ?? [];
    for (const host of hosts) expect(screen.getByTestId('secret-where').textContent).toContain(host);
    await fireEvent.click(screen.getByTestId('secret-rotate'));
    await waitFor(() => { expect(screen.getByTestId('rotate-hosts').textContent).toContain(hosts[0]); });
    expect(backend.calls.filter((call) => call.command === 'secret_rotate'), 'looking changes nothing').toHaveLength(0);
    await fireEvent.click(screen.getByTestId('rotate-begin'));
    await waitFor(() => { expect(screen.queryByTestId('rotate-dialog')).toBeNull(); });
    expect(backend.opened().journal.filter((entry) => entry.event.key === 'journal.secret-rotated')).toHaveLength(1);
  });

  it('waits for a host that cannot be done, and goes back when one says so', async () => {
    const name = used('dev');
    unguarded();
    const host = backend.opened().secrets.find((secret) => secret.name === name)?.used_by[0] ?? '';
    const trouble = { code: 'host-unreachable', values: { address: 'x:22', reason: 'connection refused' }, host } as const;
    backend.opened().set({ ...backend.opened().host(host), trouble: { ...trouble } });
    await opened(name);
    await fireEvent.click(screen.getByTestId('secret-rotate'));
    await waitFor(() => { expect(screen.queryByTestId('rotate-hosts')).not.toBeNull(); });
    await fireEvent.click(screen.getByTestId('rotate-begin'));
    await waitFor(() => { expect(screen.queryByTestId(`rotate-step-${host}`)?.textContent).toBe('nothing done yet'); });
    await fireEvent.click(screen.getByTestId('rotate-back'));
    await waitFor(() => { expect(screen.queryByTestId('rotate-dialog')).toBeNull(); });
    expect(backend.opened().journal.filter((entry) => entry.event.key === 'journal.secret-rotation-undone')).toHaveLength(1);
  });

  it('asks the hosts whether the value still opens, and shows what each said', async () => {
    const name = used('dev');
    const hosts = backend.opened().secrets.find((secret) => secret.name === name)?.used_by ?? [];
    for (const host of backend.opened().hosts) backend.opened().set({ ...host, trouble: null });
    const away = hosts.at(-1) ?? '';
    const trouble = { code: 'host-unreachable', values: { address: 'x:22', reason: 'connection refused' }, host: away } as const;
    backend.opened().set({ ...backend.opened().host(away), trouble: { ...trouble } });
    await opened(name);
    expect(backend.calls.filter((call) => call.command === 'secret_where').every((call) => (call.request as { check: boolean }).check === false), 'no host is asked by looking').toBe(true);
    expect(screen.getByTestId(`secret-place-${away}`).textContent).not.toContain('not known');
    await fireEvent.click(screen.getByTestId('secret-check'));
    await waitFor(() => { expect(screen.getByTestId(`secret-place-${away}`).textContent).toContain('not known'); });
    for (const host of hosts.slice(0, -1)) expect(screen.getByTestId(`secret-place-${host}`).textContent).toContain('opens, asked just now');
  });
});
