import { fireEvent, render, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { planDesk } from '$features/plan';
import type { GuestHost, GuestList } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { inventGuest } from '$platform/fake/guests';
import { installPlatform } from '$platform/index';
import { hostile, long } from '../design-screen/samples';
import { guestsDesk } from './desk.svelte';
import Guests from './Guests.view.svelte';
import { actionsFor, isGuestName, mebibytesOf, processorsOf, treeOf, type GuestLine } from './rows';

const web = 'bench-01.ostrel.lan/shop-web';
let backend: FakeBackend;
let opened: string[];
let terminals: string[];
const asked = (command: string): unknown => backend.calls.findLast((call) => call.command === command)?.request;
const press = (id: string): Promise<boolean> => fireEvent.click(screen.getByTestId(id));
const type = (id: string, value: string): Promise<boolean> => fireEvent.input(screen.getByTestId(id), { target: { value } });
const rows = (): string[] => [...document.querySelectorAll('[data-testid^="guest-"][data-state][role="row"]')].map((row) => row.getAttribute('data-testid') ?? '');

async function show(): Promise<void> {
  render(Guests, { onopenhost: (host: string) => opened.push(host), onopenterminal: (host: string) => terminals.push(host), onopenfleet: () => undefined });
  await screen.findByTestId(`guest-${web}`);
}

async function open(guest: string): Promise<HTMLElement> {
  await press(`guest-${guest}`);
  return screen.findByTestId('guest-panel');
}

/** Answers the list with what a host says. */
function says(change: (hosts: GuestHost[]) => void): void {
  const answered = backend.rpc.bind(backend);
  vi.spyOn(backend, 'rpc').mockImplementation(async (command, request, vault) => {
    const answer = await answered(command, request, vault);
    if (command === 'guest_list') change((answer as GuestList).hosts);
    return answer;
  });
}

beforeEach(async () => {
  document.body.replaceChildren();
  Element.prototype.scrollIntoView = () => undefined;
  planDesk.reset();
  guestsDesk.reset();
  opened = [];
  terminals = [];
  installPlatform(backend = new FakeBackend({ open: true }));
  session.leave();
  await session.begin();
  await waitFor(() => { expect(session.hosts.value).not.toBeNull(); });
});

describe('the tree of guests', () => {
  it('has what is stored, and asks no host for it', async () => {
    await show();
    expect(asked('guest_list')).toMatchObject({ refresh: false, stored: true });
    expect(screen.getByTestId('guests-table-group-bench-01.ostrel.lan').textContent).toMatch(/Incus 6\.0\.4.*7\.2.GB of 16.GB.*4 guests/);
    const row = screen.getByTestId(`guest-${web}`);
    expect(row.dataset['state']).toBe('running');
    expect(row.textContent).toMatch(/shop-web.*running.*debian 12.*233.MB of 1.GB.*10\.0\.7\.21.*\+1.*2.*both/);
    expect(screen.getByTestId('guest-bench-01.ostrel.lan/essai').textContent).toContain('not there');
    expect(screen.queryByTestId('guests-table-group-ynh-01.morel.lan'), 'a host that keeps none').toBeNull();
  });

  it('finds by every word, folds, and sorts', async () => {
    await show();
    await type('guests-search', 'alpine frozen');
    await waitFor(() => { expect(rows()).toEqual(['guest-bench-01.ostrel.lan/caisse']); });
    await type('guests-search', '10.0.3');
    await waitFor(() => { expect(rows()).toEqual(['guest-backup-01.morel.lan/mqtt', 'guest-gate-01.morel.lan/fonds']); });
    await type('guests-search', '');
    await press('guests-table-group-bench-01.ostrel.lan');
    await waitFor(() => { expect(screen.queryByTestId(`guest-${web}`)).toBeNull(); });
    await press('guests-table-group-bench-01.ostrel.lan');
    await press('guests-table-sort-memory');
    await press('guests-table-sort-memory');
    await waitFor(() => { expect(rows().filter((row) => row.includes('bench'))).toEqual(['shop-db', 'shop-web', 'caisse', 'essai'].map((name) => `guest-bench-01.ostrel.lan/${name}`)); });
  });

  it('reads one host, or all, and shows the one that does not answer', async () => {
    await show();
    await press('guests-refresh-bench-01.ostrel.lan');
    await waitFor(() => { expect(asked('guest_list')).toMatchObject({ on: 'bench-01.ostrel.lan', refresh: true }); });
    await waitFor(() => { expect(guestsDesk.reading.now).toBeNull(); });
    await press('guests-refresh');
    await waitFor(() => { expect(guestsDesk.reading.last).toMatchObject({ failed: 2 }); });
    expect((await screen.findByTestId('guests-troubled')).textContent).toContain('ynh-magasin.brindelle.lan');
    expect(screen.getByTestId('guests-table-group-ynh-magasin.brindelle.lan').textContent).toContain('192.168.1.12:22');
    expect(screen.getByTestId(`guest-${web}`)).toBeTruthy();
  });

  it('says what one does where none is known, and reads the hosts', async () => {
    says((hosts) => { for (const host of hosts) if (host.taken_ms !== null && !backend.calls.some((call) => (call.request as { refresh?: boolean }).refresh)) Object.assign(host, { guests: [], drivers: [], taken_ms: null }); });
    render(Guests, { onopenhost: () => undefined, onopenterminal: () => undefined, onopenfleet: () => undefined });
    await fireEvent.click(await screen.findByTestId('guests-look'));
    await screen.findByTestId(`guest-${web}`);
    expect(backend.calls.some((call) => call.command === 'plan_run')).toBe(false);
  });

  it('shows what a host says as text, whatever it says', async () => {
    says((hosts) => {
      const host = hosts.find((one) => one.host === 'bench-01.ostrel.lan');
      if (!host) return;
      host.guests = [...hostile, long].map((name, at) => ({ name: `${host.host}/${name}`, has_name: false, presence: 'present', stage: null, declared: null, guest: inventGuest('incus', name, { os: name, image: name, addresses: [name], description: name, root: name, lock: at === 0 ? name : null, snapshots: [{ name, created_seconds: null, stateful: false, comment: name }], interfaces: [{ name, state: name, hardware_address: name, parent: name, host_name: name, addresses: [name], received_bytes: null, sent_bytes: null }] }) }));
    });
    render(Guests, { onopenhost: () => undefined, onopenterminal: () => undefined, onopenfleet: () => undefined });
    await waitFor(() => { expect(rows().filter((row) => row.includes('bench'))).toHaveLength(hostile.length + 1); });
    for (const name of [...hostile, long]) {
      guestsDesk.active = `bench-01.ostrel.lan/${name}`;
      const panel = await screen.findByTestId('guest-panel');
      expect(screen.getByTestId<HTMLButtonElement>('guest-open').disabled, 'no name leads there').toBe(true);
      expect(panel.querySelector('img, b:not([class]), script')).toBeNull();
    }
    expect(document.body.textContent).not.toMatch(/[\u0000-\u0008\u001b\u202e\u2066]/);
  });
});

describe('a guest', () => {
  it('is shown with all that is known, and opened as a host', async () => {
    await show();
    const panel = await open(web);
    for (const text of ['Incus', 'incusbr0', 'fd42::21/64', 'friday', '/var/log', 'tcp:0.0.0.0:8080', 'unprivileged']) expect(panel.textContent).toContain(text);
    expect(within(panel).getByTestId('guest-limits').textContent).toContain('no limit');
    await press('guest-open');
    await press('guest-terminal');
    expect([opened, terminals]).toEqual([[web], [web]]);
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    await waitFor(() => { expect(screen.queryByTestId('guest-panel')).toBeNull(); });
  });

  it('is offered what its driver can and its state allows', async () => {
    await show();
    await open(web);
    expect(screen.getByTestId<HTMLButtonElement>('guest-start').disabled).toBe(true);
    expect(screen.getByTestId<HTMLButtonElement>('guest-delete').disabled).toBe(true);
    expect(screen.queryByTestId('guest-unfreeze')).toBeNull();
    await open('bench-01.ostrel.lan/caisse');
    expect(screen.queryByTestId('guest-freeze')).toBeNull();
    await press('guest-unfreeze');
    await waitFor(() => { expect(asked('guest_plan')).toEqual({ guests: ['bench-01.ostrel.lan/caisse'], change: { kind: 'unfreeze' } }); });
    planDesk.cancel();
    await open('backup-01.morel.lan/mqtt');
    expect(screen.queryByTestId('guest-freeze'), 'Proxmox cannot').toBeNull();
    for (const held of ['guest-stop', 'guest-set', 'guest-rename']) expect(screen.getByTestId<HTMLButtonElement>(held).disabled, `${held} while a backup holds it`).toBe(true);
  });

  it('is changed by plans only, which say what they do', async () => {
    await show();
    await open(web);
    await press('guest-stop');
    await type('guest-seconds', '0');
    expect(screen.getByTestId<HTMLButtonElement>('guest-change-plan').disabled).toBe(true);
    await type('guest-seconds', '30');
    await press('guest-change-plan');
    await waitFor(() => { expect(asked('guest_plan')).toEqual({ guests: [web], change: { kind: 'stop', timeout_s: 30, force: false } }); });
    await waitFor(() => { expect(planDesk.plan?.hosts[0]?.host).toBe('bench-01.ostrel.lan'); });
    planDesk.cancel();
    await press('guest-set');
    expect(screen.getByTestId<HTMLButtonElement>('guest-change-plan').disabled, 'nothing is changed').toBe(true);
    await type('guest-memory', '512');
    await type('guest-processors', '1,5');
    await press('guest-change-plan');
    await waitFor(() => { expect(asked('guest_plan')).toMatchObject({ change: { kind: 'set', memory_bytes: 536_870_912, cpu_thousandths: 1500 } }); });
    expect(JSON.stringify(asked('guest_plan'))).not.toContain('disk_bytes');
    planDesk.cancel();
    await press('guest-restore-friday');
    await waitFor(() => { expect(asked('guest_plan')).toMatchObject({ change: { kind: 'snapshot-restore', name: 'friday' } }); });
    expect(backend.calls.some((call) => call.command === 'plan_run')).toBe(false);
  });

  it('is deleted without its volumes unless one says so, and asks for its name', async () => {
    says((hosts) => { for (const { guests } of hosts) for (const { name, guest } of guests) if (name === web && guest) guest.state = 'stopped'; });
    await show();
    await open(web);
    await press('guest-delete');
    await press('guest-change-plan');
    await waitFor(() => { expect(asked('guest_plan')).toMatchObject({ change: { kind: 'delete', volumes: false } }); });
    await waitFor(() => { expect(planDesk.plan?.confirm).toEqual([web]); });
    planDesk.cancel();
    await press('guest-delete');
    await press('guest-delete-volumes');
    await press('guest-change-plan');
    await waitFor(() => { expect(asked('guest_plan')).toMatchObject({ change: { volumes: true } }); });
  });

  it('tells what its driver and its console wrote, as text', async () => {
    await show();
    await open(web);
    await press('guest-logs-open');
    expect((await screen.findByTestId('guest-logs-lines')).textContent).toContain('ESC[31mlogin:');
    expect(screen.getByTestId('guest-logs-lines').querySelector('b')).toBeNull();
    await fireEvent.click(within(screen.getByTestId('guest-logs-console')).getByRole('radio'));
    await waitFor(() => { expect(asked('guest_logs')).toMatchObject({ guest: web, console: true }); });
  });
});

describe('what is typed', () => {
  it('is a limit, none, or no limit at all', () => {
    expect(['', ' 512 ', '0', '-1', '1.5', 'much'].map(mebibytesOf)).toEqual([0, 536_870_912, null, null, null, null]);
    expect(['', '2', '1.5', '0,25', '0', 'x'].map(processorsOf)).toEqual([0, 2000, 1500, 250, null, null]);
    expect(['web', 'web-2', 'Web'].every(isGuestName)).toBe(true);
    for (const bad of ['', '2web', '-a', 'a-', 'a b', 'a/b', 'a_b', 'a'.repeat(41)]) expect(isGuestName(bad), bad).toBe(false);
  });

  it('keeps two thousand guests in their order, and offers nothing of one that is not there', () => {
    const host = { host: 'h', drivers: [], guests: Array.from({ length: 2000 }, (_, at) => ({ name: `h/g-${String(at)}`, has_name: true, presence: 'both', stage: null, declared: null, guest: inventGuest('lxc', `g-${String(at)}`) })) } as unknown as GuestHost;
    const compare = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
    const [group] = treeOf([host], 'g-19', { column: 'name', descending: true }, new Set(['h']), compare);
    expect([group?.items.length, group?.items[0]?.shown, group?.folded]).toEqual([111, 'g-1999', false]);
    expect(actionsFor({ guest: null } as GuestLine)).toEqual([]);
  });
});
