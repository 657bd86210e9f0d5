import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HostRow, PlanView } from '$generated/api';
import { session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { inventHosts } from '$platform/fake/invention';
import { actingOn } from './acting';
import { Navigation } from './navigation.svelte';
import { matchPalette, paletteOrder, type PaletteItem } from './palette-items';
import Palette from './Palette.svelte';
import Rail from './Rail.svelte';
import { parseRoute, type Route } from './routes';
import { GoKeys, isTyping } from './shortcuts';
import VaultBanner from './VaultBanner.svelte';

describe('routes', () => {
  it('are read from words', () => {
    expect(parseRoute('')).toEqual({ screen: 'fleet' });
    expect(parseRoute('host/ynh-01/people')).toEqual({ screen: 'host', host: 'ynh-01', section: 'people' });
    expect(parseRoute('host/ynh-01/nowhere')).toEqual({ screen: 'host', host: 'ynh-01', section: 'overview' });
    expect(parseRoute('activity/job-4')).toEqual({ screen: 'activity', job: 'job-4' });
    expect(parseRoute('guide')).toEqual({ screen: 'guide', chapter: null });
    expect(parseRoute('journal')).toEqual({ screen: 'journal' });
    expect(parseRoute('stages')).toEqual({ screen: 'stages' });
    expect(parseRoute('vault/copies')).toEqual({ screen: 'vault', section: 'copies' });
    expect(parseRoute('vault/nowhere')).toEqual({ screen: 'vault', section: 'overview' });
  });

  it('lead to the fleet when they make no sense', () => {
    for (const text of ['host', 'constructor', '__proto__', '//', 'nowhere/at/all']) expect(parseRoute(text)).toEqual({ screen: 'fleet' });
  });

  it('lead back the way one came, and stay when there is no way', () => {
    const navigation = new Navigation();
    navigation.go({ screen: 'journal' });
    navigation.go({ screen: 'journal' });
    navigation.go({ screen: 'secrets' });
    navigation.back();
    expect(navigation.route).toEqual({ screen: 'journal' });
    navigation.back();
    expect(navigation.route).toEqual({ screen: 'fleet' });
    navigation.back();
    expect(navigation.route).toEqual({ screen: 'fleet' });
  });
});

describe('the lintel', () => {
  const hosts: HostRow[] = inventHosts(15, 0);

  it('names the gravest stage of what is selected', () => {
    expect(actingOn({ screen: 'fleet' }, hosts, new Set(['ynh-dev.morel.lan', 'ynh-staging.morel.lan']), null)).toEqual({ stage: 'staging', subject: { kind: 'hosts', count: 2 } });
    expect(actingOn({ screen: 'fleet' }, hosts, new Set(['ynh-dev.morel.lan', 'gate-01.morel.lan']), null).stage).toBe('prod');
  });

  it('names the stage of a plan above all', () => {
    const plan: PlanView = { id: 'p', title: { key: 'title.run', values: {} }, confirm: [], hosts: [{ host: 'gate-01.morel.lan', stage: 'prod', warnings: [], steps: [] }], refused: [] };
    expect(actingOn({ screen: 'host', host: 'ynh-dev.morel.lan', section: 'people' }, hosts, new Set(), plan)).toEqual({ stage: 'prod', subject: { kind: 'plan', count: 1 } });
  });

  it('forgets a selection that is no longer in the catalog', () => {
    expect(actingOn({ screen: 'fleet' }, hosts, new Set(['gone']), null)).toEqual({ stage: 'dev', subject: { kind: 'hosts', count: 0 } });
  });
});

describe('the palette', () => {
  const item = (label: string, group: PaletteItem['group'] = 'hosts'): PaletteItem => ({ id: label, group, label, context: '', run: () => undefined });

  it('finds every word, in groups, labels that begin with it first', () => {
    const found = matchPalette([item('old-ynh.morel.lan'), item('ynh-01.morel.lan'), item('ynh-02.ostrel.lan'), item('Add ynh.morel', 'actions')], 'ynh morel');
    expect(found.map((one) => one.label)).toEqual(['Add ynh.morel', 'ynh-01.morel.lan', 'old-ynh.morel.lan']);
  });

  it('keeps what was found in its groups: actions, hosts, secrets, screens', () => {
    const mixed = [item('Secrets', 'screens'), item('morel/ssh', 'secrets'), item('ynh-01'), item('Lock', 'actions')];
    expect(mixed.sort((left, right) => paletteOrder(left) - paletteOrder(right)).map((one) => one.group)).toEqual(['actions', 'hosts', 'secrets', 'screens']);
  });

  it('shows a few of many', () => {
    expect(matchPalette(Array.from({ length: 10_000 }, (_, index) => item(`host-${index}`)), 'host')).toHaveLength(8);
  });
});

describe('keys', () => {
  it('hear g and a letter within a second', () => {
    const keys = new GoKeys();
    expect(keys.hear('g', 10_000)).toBeNull();
    expect(keys.hear('a', 10_400)).toBe('a');
    expect(keys.hear('a', 10_500)).toBeNull();
    expect(keys.hear('g', 20_000)).toBeNull();
    expect(keys.hear('a', 21_500)).toBeNull();
    expect(keys.hear('g', 30_000)).toBeNull();
    expect(keys.hear('g', 30_300)).toBe('g');
  });

  it('are text while one types', () => {
    expect(isTyping(document.createElement('input'))).toBe(true);
    expect(isTyping(document.createElement('button'))).toBe(false);
  });
});

describe('an open vault', () => {
  let backend: FakeBackend;
  let went: Route[];

  beforeEach(async () => {
    backend = new FakeBackend({ open: 2 });
    installPlatform(backend);
    session.leave();
    await session.begin();
    await Promise.all([session.vault.load(), session.hosts.load(), session.stages.load()]);
    went = [];
  });

  it('is searched for hosts and secrets while one types in the palette', async () => {
    render(Palette, { hosts: session.hosts.value ?? [], go: (route) => went.push(route), lock: () => undefined, lockAll: () => undefined, onclose: () => undefined });
    expect(backend.calls.some((call) => call.command === 'search')).toBe(false);
    await fireEvent.input(screen.getByTestId('palette-input'), { target: { value: 'morel' } });
    expect(await screen.findByTestId('palette-secret-morel/ssh')).toBeTruthy();
    expect(backend.calls.find((call) => call.command === 'search')).toMatchObject({ vault: session.current, request: { text: 'morel' } });
    await fireEvent.click(screen.getByTestId('palette-host-ynh-01.morel.lan'));
    expect(went).toEqual([{ screen: 'host', host: 'ynh-01.morel.lan', section: 'overview' }]);
  });

  it('is marked among those that are open; another is one click away, and so is its lock', async () => {
    let locked: string | null = null;
    render(Rail, { route: { screen: 'fleet' }, attention: 0, running: 0, go: (route) => went.push(route), onlock: (vault) => { locked = vault; } });
    const [first, second] = session.open;
    if (!first || !second) throw new Error('two vaults are open');
    expect(screen.getByTestId(`open-vault-${first.name}`).getAttribute('aria-current')).toBe('true');
    await fireEvent.click(screen.getByTestId(`lock-vault-${second.name}`));
    expect(locked).toBe(second.id);
    await fireEvent.click(screen.getByTestId(`open-vault-${second.name}`));
    expect(session.current).toBe(second.id);
    await fireEvent.click(screen.getByTestId('open-another'));
    expect(session.door).toBe('closed');
  });

  it('says all the time that it cannot be changed, and a warning until it is put away', async () => {
    backend.opened().readOnly = { key: 'verify.why.behind', values: {} };
    await session.vault.load();
    render(VaultBanner);
    expect(screen.getByTestId('vault-read-only').querySelector('button')).toBeNull();
    const dismiss = screen.getByTestId('vault-warning').querySelector('button');
    if (!dismiss) throw new Error('a warning can be put away');
    await fireEvent.click(dismiss);
    await waitFor(() => { expect(screen.queryByTestId('vault-warning')).toBeNull(); });
    expect(screen.getByTestId('vault-read-only')).toBeTruthy();
  });
});
