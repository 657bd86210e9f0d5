import { fireEvent, render, screen, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { planDesk } from '$features/plan';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { actionsOf, ordersOf } from './actions';
import { filtered, linesOf, sorted, ynhViews, type FleetLine, type YnhView } from './lines';
import YnhFleet from './YnhFleet.view.svelte';

let backend: FakeBackend;
const nothing = (): void => undefined;
const opened: string[] = [];
const show = (view: YnhView): ReturnType<typeof render> => render(YnhFleet, { view, onview: nothing, onopenhost: (host: string) => opened.push(host), onopenfleet: nothing });
const fleetOf = async (): Promise<Awaited<ReturnType<typeof backend.rpc<'ynh_fleet'>>>> => backend.rpc('ynh_fleet', { on: null, refresh: false });
const lines = async (view: YnhView): Promise<FleetLine[]> => linesOf(view, await fleetOf(), Date.now());

beforeEach(async () => {
  backend = new FakeBackend({ open: true });
  installPlatform(backend);
  session.leave();
  await session.begin();
  planDesk.reset();
  opened.length = 0;
});

describe('the lines of a fleet', () => {
  it('have a key of their own in every view', async () => {
    for (const view of ynhViews) {
      const all = await lines(view);
      expect(all.length).toBeGreaterThan(0);
      expect(new Set(all.map((line) => line.key)).size).toBe(all.length);
    }
  });

  it('say what is behind, what ends soon, what was never backed up, and what is only isolated', async () => {
    const versions = await lines('versions');
    expect(versions.filter((line) => line.level === 'warn').length).toBeGreaterThan(0);
    expect((await lines('certificates'))[0]?.level).toBe('bad');
    expect((await lines('backups')).find((line) => line.cells['archives'] === '0')?.level).toBe('bad');
    const groups = (await lines('diagnosis')).map((line) => line.group);
    expect(groups).toContain('isolated');
    expect(groups).toContain('ignored');
  });

  it('are filtered by all words and sorted by number where it is one', async () => {
    const all = await lines('certificates');
    expect(filtered(all, 'yunohost.org MOREL').every((line) => line.cells['issuer'] === 'yunohost.org')).toBe(true);
    const days = sorted(all, 'days', true).map((line) => line.order['days'] ?? 0);
    expect([...days].sort((one, other) => other - one)).toEqual(days);
  });
});

describe('what is done with ticked lines', () => {
  it('is one order for each host, with what is there', async () => {
    const upgrades = ordersOf('upgrade', await lines('upgrades'));
    const apps = upgrades.filter((order) => order.operation === 'app-upgrade');
    expect(apps.length).toBe(3);
    expect(apps[0]?.given).toEqual({ apps: { list: ['nextcloud'] } });
    expect(upgrades.filter((order) => order.operation === 'tools-upgrade').length).toBe(5);
    expect(upgrades.find((order) => order.operation === 'tools-migrations-run')?.given).toEqual({ targets: { list: ['0036_migrate_to_trixie'] } });
    const renew = ordersOf('renew', await lines('certificates'));
    expect(renew.every((order) => order.operation === 'domain-cert-renew')).toBe(true);
    const ignore = ordersOf('ignore', (await lines('diagnosis')).filter((line) => line.group === 'isolated'));
    expect(ignore.length).toBeGreaterThan(1);
    expect(ignore[0]?.given).toEqual({ filter: { list: ['ip', 'test=ping'] } });
    expect(ordersOf('unignore', (await lines('diagnosis')).filter((line) => line.group === 'trouble'))).toEqual([]);
  });
});

describe('the screen', () => {
  it('shows each view, offline, and asks no host', async () => {
    for (const view of ynhViews) {
      const { unmount } = show(view);
      expect(await screen.findByTestId('ynh-fleet-table')).toBeTruthy();
      unmount();
    }
    expect(backend.calls.some((call) => call.command === 'host_survey')).toBe(false);
    expect(backend.calls.filter((call) => call.command === 'ynh_fleet').every((call) => !(call.request as { refresh: boolean }).refresh)).toBe(true);
  });

  it('tells hosts that could not be read', async () => {
    show('versions');
    expect((await screen.findByTestId('ynh-fleet-troubled')).textContent).toContain('ynh-staging.morel.lan');
  });

  it('plans the ticked lines as one plan', async () => {
    show('diagnosis');
    const [line] = (await lines('diagnosis')).filter((one) => one.group === 'trouble');
    if (!line) throw new Error('a finding');
    await fireEvent.click(await screen.findByTestId(`ynh-tick-${line.key}`));
    const bar = await screen.findByTestId('ynh-fleet-selection');
    expect(within(bar).getByTestId<HTMLButtonElement>('ynh-fleet-unignore').disabled).toBe(true);
    await fireEvent.click(within(bar).getByTestId('ynh-fleet-ignore'));
    await expect.poll(() => planDesk.plan?.hosts.length ?? 0).toBeGreaterThan(0);
    const { orders } = backend.calls.find((call) => call.command === 'ynh_plan_each')?.request as { orders: { host: string; operation: string }[] };
    expect(orders.map((order) => order.host)).toEqual(line.hosts);
    expect(orders.every((order) => order.operation === 'diagnosis-ignore')).toBe(true);
  });

  it('opens a line, and a host from it', async () => {
    show('certificates');
    const [line] = await lines('certificates');
    if (!line) throw new Error('a certificate');
    await fireEvent.click(await screen.findByTestId(`ynh-line-${line.key}`));
    const detail = await screen.findByTestId('ynh-line-detail');
    await fireEvent.click(within(detail).getByTestId(`ynh-line-host-${line.hosts[0] ?? ''}`));
    expect(opened).toEqual([line.hosts[0]]);
    await fireEvent.click(screen.getByTestId('ynh-line-close'));
    expect(screen.queryByTestId('ynh-line-detail')).toBeNull();
  });

  it('reads anew when it is told to', async () => {
    show('versions');
    await fireEvent.click(await screen.findByTestId('ynh-fleet-refresh'));
    expect(backend.calls.some((call) => call.command === 'ynh_fleet' && (call.request as { refresh: boolean }).refresh)).toBe(true);
  });

  it('offers something in every view', () => {
    for (const view of ynhViews) expect(actionsOf[view].length).toBeGreaterThan(0);
  });
});
