import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HostRow, PlanView } from '$generated/api';
import { destinations, GoKeys, isTyping, keyCaps, keyEverywhere, keyTable, type Destination, type KeyName } from '$design';
import { fleetDesk, fleetViews } from '$features/fleet';
import { rpc, session } from '$ipc';
import { FakeBackend } from '$platform/fake';
import { installPlatform } from '$platform/index';
import { inventHosts } from '$platform/fake/invention';
import { actingOn } from './acting';
import { forgetClosed } from './forget';
import { Navigation } from './navigation.svelte';
import { matchPalette, paletteOrder, type PaletteItem } from './palette-items';
import { notices } from './notices.svelte';
import { best, haystack, wordsOf } from './palette-rank';
import Palette from './Palette.svelte';
import { recent } from './recent.svelte';
import ShortcutSheet from './ShortcutSheet.svelte';
import Rail from './Rail.svelte';
import { parseRoute, type Route } from './routes';
import VaultBanner from './VaultBanner.svelte';
import { windowKeys } from './window-keys';

describe('routes', () => {
  it('are read from words', () => {
    expect(parseRoute('')).toEqual({ screen: 'fleet' });
    expect(parseRoute('host/ynh-01/people')).toEqual({ screen: 'host', host: 'ynh-01', section: 'people' });
    expect(parseRoute('host/ynh-01')).toEqual({ screen: 'host', host: 'ynh-01', section: 'overview' });
    expect(parseRoute('host/people')).toEqual({ screen: 'host', host: 'people', section: 'overview' });
    expect(parseRoute('host/lxc-1/web')).toEqual({ screen: 'host', host: 'lxc-1/web', section: 'overview' });
    expect(parseRoute('host/lxc-1/web/inner/files')).toEqual({ screen: 'host', host: 'lxc-1/web/inner', section: 'files' });
    expect(parseRoute('host/lxc-1/files/overview')).toEqual({ screen: 'host', host: 'lxc-1/files', section: 'overview' });
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

  it('lead nowhere from a screen that was left before it was answered', () => {
    const navigation = new Navigation();
    navigation.goFrom('fleet', { screen: 'recipes', recipe: null });
    navigation.go({ screen: 'settings' });
    navigation.goFrom('recipes', { screen: 'recipes', recipe: 'uptime' });
    expect(navigation.route).toEqual({ screen: 'settings' });
  });
});

describe('the lintel', () => {
  const hosts: HostRow[] = inventHosts(15, 0);

  it('names the gravest stage of what is selected', () => {
    expect(actingOn({ screen: 'fleet' }, hosts, new Set(['ynh-dev.morel.lan', 'ynh-staging.morel.lan']), null)).toEqual({ stage: 'staging', subject: { kind: 'hosts', count: 2 } });
    expect(actingOn({ screen: 'fleet' }, hosts, new Set(['ynh-dev.morel.lan', 'gate-01.morel.lan']), null).stage).toBe('prod');
  });

  it('names a guest by the stage of its host where it has none of its own', () => {
    expect(actingOn({ screen: 'guests' }, hosts, new Set(), null, null, 'gate-01.morel.lan/web/inner')).toEqual({ stage: 'prod', subject: { kind: 'host', name: 'gate-01.morel.lan/web/inner' } });
    expect(actingOn({ screen: 'host', host: 'gate-01.morel.lan/web', section: 'files' }, hosts, new Set(), null)).toEqual({ stage: 'prod', subject: { kind: 'host', name: 'gate-01.morel.lan/web' } });
    expect(actingOn({ screen: 'guests' }, hosts, new Set(), null).subject).toEqual({ kind: 'nothing' });
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

  it('ranks what begins words above what is inside, and finds letters that begin words', () => {
    const labels = ['old-morel', 'remorel', 'morel-01', 'my own red eel', 'elsewhere'];
    expect(matchPalette(labels.map((label) => item(label)), 'morel').map((one) => one.label).slice(0, 3)).toEqual(['morel-01', 'old-morel', 'remorel']);
    expect(matchPalette(labels.map((label) => item(label)), 'more').map((one) => one.label)).toContain('my own red eel');
    expect(matchPalette([item('Vérifier le journal', 'actions')], 'verif').map((one) => one.label)).toEqual(['Vérifier le journal']);
    expect(matchPalette([item('ynh-01.morel.lan')], 'y1m').map((one) => one.label)).toEqual(['ynh-01.morel.lan']);
    expect(matchPalette([item('ynh-01.morel.lan')], 'zz')).toEqual([]);
  });

  it('looks through 10,000 hosts for each letter in little time', () => {
    const hosts = inventHosts(10_000, 0);
    const hays = hosts.map((host) => haystack(host.name));
    const found = best(hosts, (_, at) => hays[at] ?? haystack(''), wordsOf('ynh mrl 99'), 8);
    expect(found.length).toBeLessThanOrEqual(8);
    let looked = 0;
    best(hosts, (_, at) => { looked += 1; return hays[at] ?? haystack(''); }, wordsOf('lan'), 8);
    expect(looked).toBe(10_000);
  });

  it('shows a few of many', () => {
    expect(matchPalette(Array.from({ length: 10_000 }, (_, index) => item(`host-${index}`)), 'host')).toHaveLength(8);
  });
});

describe('keys', () => {
  const press = (key: string, more: KeyboardEventInit = {}, target: Element = document.body): KeyboardEvent => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, ...more });
    target.dispatchEvent(event);
    return event;
  };

  it('hear g and a letter within a second', () => {
    const keys = new GoKeys();
    expect(keys.hear('g', 10_000)).toBeNull();
    expect(keys.hear('a', 10_400)).toBe('activity');
    expect(keys.hear('a', 10_500)).toBeNull();
    expect(keys.hear('g', 20_000)).toBeNull();
    expect(keys.hear('a', 21_500)).toBeNull();
    expect(keys.hear('g', 30_000)).toBeNull();
    expect(keys.hear('g', 30_300)).toBe('guide');
    expect(keys.hear('g', 40_000)).toBeNull();
    expect(keys.hear('?', 40_100)).toBeNull();
  });

  it('are text while one types, but for those with Ctrl', () => {
    const field = document.body.appendChild(document.createElement('input'));
    expect(isTyping(field)).toBe(true);
    expect(isTyping(document.createElement('button'))).toBe(false);
    expect(keyEverywhere(press('?', {}, field), false)).toBeNull();
    expect(keyEverywhere(press('?'), false)).toBe('sheet');
    expect(keyEverywhere(press('k', { ctrlKey: true }, field), false)).toBe('palette');
    field.remove();
  });

  it('do nothing under a dialog, but lock, open a window and change the size of the text', () => {
    expect(keyEverywhere(press('k', { ctrlKey: true }), true)).toBeNull();
    expect(keyEverywhere(press('ArrowLeft', { altKey: true }), true)).toBeNull();
    expect(keyEverywhere(press('l', { ctrlKey: true }), true)).toBe('lockAll');
    expect(keyEverywhere(press('L', { ctrlKey: true, shiftKey: true }), true)).toBe('lock');
    expect(keyEverywhere(press('+', { ctrlKey: true, shiftKey: true }), true)).toBe('zoomIn');
    expect(keyEverywhere(press('0', { ctrlKey: true }), false)).toBe('zoomReset');
    expect(keyEverywhere(press('N', { ctrlKey: true, shiftKey: true }), false)).toBe('newWindow');
    expect(keyEverywhere(press('n', { ctrlKey: true }), false)).toBeNull();
  });

  it('mean one thing each', () => {
    const everywhere = (Object.keys(keyTable) as KeyName[]).filter((name) => keyTable[name].area === 'everywhere');
    const caps = everywhere.map((name) => keyCaps(name).join(' '));
    expect(new Set(caps).size).toBe(caps.length);
    const letters = Object.values(destinations);
    expect(new Set(letters).size).toBe(letters.length);
  });

  it('are all on the sheet, in words of both languages', () => {
    render(ShortcutSheet, { onclose: () => undefined });
    for (const name of Object.keys(keyTable)) expect(screen.getByTestId(`key-${name}`).nextElementSibling?.textContent, name).not.toBe('');
    for (const name of Object.keys(destinations) as Destination[]) expect(screen.getByTestId(`key-go-${name}`).textContent.replaceAll(/\s/g, '')).toBe(`g${destinations[name]}`);
  });
});

describe('keys of the window', () => {
  it('are heard without a vault, and change the text and the windows only', async () => {
    const backend = new FakeBackend();
    installPlatform(backend);
    const press = async (key: string, shiftKey = false): Promise<boolean> => {
      const event = new KeyboardEvent('keydown', { key, ctrlKey: true, shiftKey, cancelable: true });
      windowKeys(event);
      await new Promise((resolve) => setTimeout(resolve, 0));
      return event.defaultPrevented;
    };
    expect(await press('+')).toBe(true);
    expect(backend.zoom).toBe(110);
    expect(await press('-')).toBe(true);
    expect(await press('-')).toBe(true);
    expect(backend.zoom).toBe(90);
    expect(await press('0')).toBe(true);
    expect(backend.zoom).toBe(100);
    expect(await press('N', true)).toBe(true);
    expect(backend.windows).toBe(2);
    expect(await press('l')).toBe(false);
    expect(backend.calls).toEqual([]);
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
    recent.settle([]);
  });

  it('offers its saved views in the palette', async () => {
    await rpc('view_keep', { views: [{ ...fleetDesk.view('Café mornings'), filter: 'tag:web', tab: 'disk' }] });
    await fleetViews.kept.load();
    render(Palette, { hosts: session.hosts.value ?? [], go: (route: Route) => went.push(route), lock: () => undefined, lockAll: () => undefined, onclose: () => undefined });
    await fireEvent.input(screen.getByTestId('palette-input'), { target: { value: 'cafe' } });
    await fireEvent.click(screen.getByTestId('palette-view-Café mornings'));
    expect(went).toEqual([{ screen: 'fleet' }]);
    expect([fleetDesk.filter, fleetDesk.tab]).toEqual(['tag:web', 'disk']);
    fleetDesk.reset();
    expect(fleetViews.list).toEqual([]);
  });

  it('leaves nothing of what was used and told in it when it is open no more', () => {
    const vault = session.current ?? '';
    recent.use(vault, 'host-web');
    recent.use('other', 'host-mail');
    notices.runEnded(vault, 'run', 3, 0);
    forgetClosed(['other']);
    expect([recent.of(vault), recent.of('other')]).toEqual([[], ['host-mail']]);
    expect(notices.of(vault)).toEqual([]);
  });

  it('has what was used last first in the palette, and in its own vault only', async () => {
    const props = { hosts: session.hosts.value ?? [], go: (route: Route) => went.push(route), lock: () => undefined, lockAll: () => undefined, onclose: () => undefined };
    const { unmount } = render(Palette, props);
    await fireEvent.input(screen.getByTestId('palette-input'), { target: { value: 'ynh-02' } });
    await fireEvent.keyDown(screen.getByTestId('palette-input'), { key: 'Enter' });
    expect(went.at(-1)).toMatchObject({ screen: 'host', host: expect.stringContaining('ynh-02') as string });
    unmount();
    const again = render(Palette, props);
    const [first] = screen.getAllByRole('option');
    expect(first?.textContent).toContain('ynh-02');
    expect(screen.getAllByRole('option').filter((option) => option.textContent.includes('ynh-02.')).length).toBe(1);
    again.unmount();
    expect(recent.of('another vault')).toEqual([]);
    for (let at = 0; at < 20; at += 1) recent.use(session.current, `item-${at}`);
    expect(recent.of(session.current)).toEqual(['item-19', 'item-18', 'item-17', 'item-16', 'item-15', 'item-14', 'item-13', 'item-12']);
  });

  it('offers what can be done to the host that one looks at', async () => {
    render(Palette, { hosts: session.hosts.value ?? [], current: 'ynh-dev.morel.lan', go: (route: Route) => went.push(route), lock: () => undefined, lockAll: () => undefined, onclose: () => undefined });
    await fireEvent.click(screen.getByTestId('palette-here-test'));
    expect(went).toEqual([{ screen: 'host', host: 'ynh-dev.morel.lan', section: 'connection' }]);
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
