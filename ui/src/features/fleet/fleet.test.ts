import { describe, expect, it } from 'vitest';
import { inventHosts, inventSecrets } from '$platform/fake/invention';
import { draftProblems, emptyDraft, isComplete, portOf, secretNameOf } from './draft';
import { inTab, matches, shortSystem, sortHosts, wantsAttention } from './rows';

const hosts = inventHosts(15, 1_000_000_000);
const compare = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
const named = (name: string) => hosts.filter((host) => host.name === name);

describe('the filter', () => {
  it('asks every word to hold', () => {
    expect(hosts.filter((host) => matches(host, 'morel 12.1.17')).map((host) => host.name)).toEqual(['ynh-01.morel.lan', 'ynh-02.morel.lan', 'ynh-staging.morel.lan']);
    expect(hosts.filter((host) => matches(host, 'tag:orvain role:yunohost'))).toHaveLength(3);
    expect(hosts.filter((host) => matches(host, 'stage:staging'))).toHaveLength(2);
    expect(hosts.filter((host) => matches(host, '  '))).toHaveLength(15);
    expect(hosts.filter((host) => matches(host, 'tag:'))).toHaveLength(15);
    expect(hosts.filter((host) => matches(host, '192.168.1.10'))).toHaveLength(1);
  });

  it('takes no word for a pattern', () => {
    expect(hosts.filter((host) => matches(host, '.*'))).toEqual([]);
  });
});

describe('tabs', () => {
  it('hold what wants attention and what does not answer', () => {
    expect(hosts.filter(wantsAttention)).toHaveLength(9);
    expect(hosts.filter((host) => inTab(host, 'unreachable')).map((host) => host.name)).toEqual(['ynh-magasin.brindelle.lan', 'mediatheque.orvain.lan']);
  });
});

describe('the order', () => {
  it('puts what is unknown last, either way', () => {
    const people = (descending: boolean): (number | null | undefined)[] => sortHosts(hosts, { column: 'people', descending }, compare).map((host) => host.summary?.people);
    expect(people(true).slice(0, 2)).toEqual([212, 48]);
    expect(people(false).slice(0, 2)).toEqual([2, 3]);
    expect(people(true).slice(-3)).toEqual([null, null, null]);
    expect(people(false).slice(-3)).toEqual([null, null, null]);
  });

  it('counts in names', () => {
    expect(compare('ynh-2', 'ynh-10')).toBeLessThan(0);
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
