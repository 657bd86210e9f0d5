import { describe, expect, it } from 'vitest';
import type { HostRow } from '$generated/api';
import { inventHosts, inventSecrets } from '$platform/fake/invention';
import { draftProblems, emptyDraft, isComplete, portOf, secretNameOf } from './draft';
import { fleetDesk } from './desk.svelte';
import { FleetIndex, groupRows, type Sought } from './fleet-index';
import { shortSystem, wantsAttention, wordsOf, type FleetTab, type Sort } from './rows';
import { parseSelector } from './selector';

const hosts = inventHosts(15, 1_000_000_000);
const compare = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
const named = (name: string) => hosts.filter((host) => host.name === name);

const now = 1_000_000_000;
const words = (text: string): Sought => ({ kind: 'words', words: wordsOf(text) });
const byName: Sort = { column: 'host', descending: false };

function found(text: string, tab: FleetTab = 'all', sort = byName): string[] {
  return new FleetIndex(hosts, compare, now).query(words(text), tab, sort).rows.map((host) => host.name);
}

describe('the filter', () => {
  it('asks every word to hold', () => {
    expect(found('morel 12.1.17')).toEqual(['ynh-01.morel.lan', 'ynh-02.morel.lan', 'ynh-staging.morel.lan']);
    expect(found('tag:orvain role:yunohost')).toHaveLength(3);
    expect(found('stage:staging')).toHaveLength(2);
    expect(found('  ')).toHaveLength(15);
    expect(found('tag:')).toHaveLength(15);
    expect(found('192.168.1.10')).toHaveLength(1);
  });

  it('takes no word for a pattern', () => {
    expect(found('.*')).toEqual([]);
  });

  it('takes a selector as the command line does', () => {
    const parsed = parseSelector('tag:morel and not stage:prod or vault:cabinet and role:linux');
    if ('error' in parsed) throw new Error(parsed.error.near);
    const { rows } = new FleetIndex(hosts, compare, now).query({ kind: 'selector', selector: parsed.selector, vault: 'cabinet' }, 'all', byName);
    expect(rows.map((host) => host.name)).toEqual(['backup-01.morel.lan', 'bench-01.ostrel.lan', 'gate-01.morel.lan', 'ynh-dev.morel.lan', 'ynh-staging.morel.lan']);
  });
});

describe('tabs', () => {
  it('hold what wants attention and what does not answer, and count what the filter leaves', () => {
    expect(hosts.filter(wantsAttention)).toHaveLength(9);
    expect(found('', 'unreachable')).toEqual(['mediatheque.orvain.lan', 'ynh-magasin.brindelle.lan']);
    expect(found('', 'disk')).toEqual(['backup-01.morel.lan', 'ynh-03.morel.lan']);
    const { counts } = new FleetIndex(hosts, compare, now).query(words('morel'), 'all', byName);
    expect(counts).toMatchObject({ all: 7, attention: 4, unreachable: 0, disk: 2 });
  });
});

describe('the order', () => {
  const people = (descending: boolean): (number | null | undefined)[] => new FleetIndex(hosts, compare, now).order({ column: 'people', descending }).map((host) => host.summary?.people);

  it('puts guests right under their host, and finds them by short names', () => {
    const [some] = hosts;
    if (!some) throw new Error('a host');
    const index = new FleetIndex(['lxc-1-old', 'lxc-1/web', 'lxc-1', 'lxc-1/db/inner', 'lxc-1.lan', 'lxc-1/db'].map((name): HostRow => ({ ...some, name, stage: 'dev' })), compare, now);
    expect(index.order(byName).map((host) => host.name)).toEqual(['lxc-1', 'lxc-1/db', 'lxc-1/db/inner', 'lxc-1/web', 'lxc-1-old', 'lxc-1.lan']);
    expect(['lxc-1/web', 'web.dev', 'inner.lxc', 'lxc-1.lan', 'web', 'x.lxc'].map((name) => index.meant(name))).toEqual(['lxc-1/web', 'lxc-1/web', 'lxc-1/db/inner', 'lxc-1.lan', null, null]);
  });

  it('puts what is unknown last, either way', () => {
    expect(people(true).slice(0, 2)).toEqual([212, 48]);
    expect(people(false).slice(0, 2)).toEqual([2, 3]);
    expect(people(true).slice(-3)).toEqual([null, null, null]);
    expect(people(false).slice(-3)).toEqual([null, null, null]);
  });

  it('counts in names, and puts equals by name either way', () => {
    expect(compare('ynh-2', 'ynh-10')).toBeLessThan(0);
    const staging = (descending: boolean): string[] => found('stage:staging', 'all', { column: 'stage', descending });
    expect(staging(true)).toEqual(staging(false));
  });

  it('is made once: a key press in the field compares no two hosts', () => {
    let compared = 0;
    const counting = (left: string, right: string): number => { compared += 1; return compare(left, right); };
    const index = new FleetIndex(inventHosts(2000, now), counting, now);
    index.query(words(''), 'all', byName);
    const first = compared;
    for (const text of ['m', 'mo', 'mor', 'tag:morel', '']) index.query(words(text), 'attention', byName);
    expect(compared).toBe(first);
    // New facts, the same names: nor is anything put in order anew.
    new FleetIndex(inventHosts(2000, now + 1), counting, now, index).query(words(''), 'all', byName);
    expect(compared).toBe(first);
  });

  it('finds among what was found what a new one finds among all, however one types', () => {
    const many = inventHosts(300, now);
    const index = new FleetIndex(many, compare, now);
    const typed = ['m', 'mo', 'morel', 'morel y', 'morel ynh', 'tag:m', 'tag:morel', 'tag:morel 12', '12 tag:mo', 'y', '', 'ynh-0', 'orvain', 'ynh', 'stage:prod ynh'];
    for (const sort of [byName, { column: 'disk', descending: true } satisfies Sort]) {
      for (const text of typed) expect(index.query(words(text), 'attention', sort), text).toEqual(new FleetIndex(many, compare, now).query(words(text), 'attention', sort));
    }
  });
});

describe('groups', () => {
  it('stand by name, a host under each of its tags, those without a tag last', () => {
    const some = [...hosts.slice(0, 3), { ...hosts[3], tags: [] } as HostRow];
    const groups = groupRows(some, 'tag', (key) => key, compare, new Set(['web']));
    expect(groups.map((group) => [group.key, group.items.length, group.folded])).toEqual([['morel', 3, false], ['web', 1, true], ['', 1, false]]);
    expect(groupRows(hosts, 'none', (key) => key, compare, new Set())[0]).toMatchObject({ label: null, items: hosts });
  });
});

describe('a kept view', () => {
  it('brings back how one looked, and passes over what it does not know', () => {
    fleetDesk.filter = 'tag:morel';
    fleetDesk.sort = { column: 'disk', descending: true };
    fleetDesk.groupBy('tag');
    fleetDesk.columns = ['host', 'load'];
    const view = fleetDesk.view('Morel');
    expect(view).toEqual({ name: 'Morel', filter: 'tag:morel', tab: 'all', sort: 'disk', descending: true, group: 'tag', columns: ['host', 'load'] });
    fleetDesk.reset();
    expect(fleetDesk.view('x')).toMatchObject({ filter: '', group: '', columns: [] });
    fleetDesk.apply(view);
    expect(fleetDesk.view('Morel')).toEqual(view);
    fleetDesk.apply({ ...view, tab: 'gone', sort: 'gone', group: 'gone', columns: ['gone'] });
    expect(fleetDesk.view('x')).toMatchObject({ tab: 'all', sort: 'host', group: '', columns: [] });
  });
});

describe('short names', () => {
  it('say of a system what tells it from others', () => {
    expect(shortSystem('Debian GNU/Linux 12 (bookworm)')).toBe('Debian 12');
    expect(shortSystem('Alpine Linux v3.20')).toBe('Alpine Linux v3.20');
  });
});

describe('a host to add', () => {
  const secrets = inventSecrets(hosts, 0);
  const draft = { ...emptyDraft([]), name: 'ynh-09', address: '192.0.2.9', keyText: '-----BEGIN OPENSSH PRIVATE KEY-----\nx' };

  it('is complete when nothing is missing or wrong', () => {
    expect(isComplete(draft, draftProblems(draft, hosts, secrets))).toBe(true);
    expect(isComplete({ ...draft, keyText: '' }, new Set())).toBe(false);
    expect(isComplete({ ...draft, address: ' ' }, new Set())).toBe(false);
    expect(isComplete({ ...draft, identity: 'secret:morel/ssh', keyText: '' }, new Set())).toBe(true);
  });

  it('is told what is wrong', () => {
    expect([...draftProblems({ ...draft, name: 'Ynh_9', port: '70000', keyText: 'ssh-ed25519 AAAA' }, hosts, secrets)]).toEqual(['nameInvalid', 'portInvalid', 'keyInvalid']);
    expect([...draftProblems({ ...draft, name: 'gate-01.morel.lan' }, named('gate-01.morel.lan'), secrets)]).toEqual(['nameTaken']);
    expect([...draftProblems({ ...draft, secretName: 'morel/ssh' }, hosts, secrets)], 'a secret that others use is never replaced in passing').toEqual(['secretTaken']);
    expect(portOf({ ...draft, port: '22x' })).toBeNull();
  });

  it('keeps its key under its own name', () => {
    expect(secretNameOf(draft)).toBe('ynh-09/ssh');
    expect(secretNameOf({ ...draft, identity: 'new-password' })).toBe('ynh-09/password');
  });
});
