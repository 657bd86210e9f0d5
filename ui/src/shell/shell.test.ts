import { describe, expect, it } from 'vitest';
import type { HostRow, PlanView } from '$generated/api';
import { inventHosts } from '$platform/fake/invention';
import { actingOn } from './acting';
import { Navigation } from './navigation.svelte';
import { matchPalette, type PaletteItem } from './palette-items';
import { parseRoute } from './routes';
import { GoKeys, isTyping } from './shortcuts';

describe('routes', () => {
  it('are read from words', () => {
    expect(parseRoute('')).toEqual({ screen: 'fleet' });
    expect(parseRoute('host/ynh-01/people')).toEqual({ screen: 'host', host: 'ynh-01', section: 'people' });
    expect(parseRoute('host/ynh-01/nowhere')).toEqual({ screen: 'host', host: 'ynh-01', section: 'overview' });
    expect(parseRoute('activity/job-4')).toEqual({ screen: 'activity', job: 'job-4' });
    expect(parseRoute('guide')).toEqual({ screen: 'guide', chapter: null });
    expect(parseRoute('journal')).toEqual({ screen: 'journal' });
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
    const plan: PlanView = { id: 'p', title: { key: 'title.run', values: {} }, hosts: [{ host: 'gate-01.morel.lan', stage: 'prod', steps: [] }], refused: [] };
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
