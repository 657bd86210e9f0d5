import { describe, expect, it } from 'vitest';
import { en } from '$i18n/en';
import { inventHosts, inventSurvey } from '$platform/fake/invention';
import { accessProblems, changeOf, draftOf, emptyWay, endOf, identityOptions } from './access';
import { factTables, filterTables } from './facts';

const now = Date.parse('2026-11-21T12:00:00Z');
const hosts = inventHosts(15, now);
const [host] = hosts;
if (!host) throw new Error('no host');

describe('how a host is reached', () => {
  it('sends what was changed, and nothing else', () => {
    const nothing = { address: null, port: null, user: null, jump: null, others: null, stage: null, tags: null, identity: null, password: null, one_time: null, sudo: null, legacy: null };
    expect(changeOf(host, draftOf(host))).toEqual({ host: host.name, name: null, change: nothing });
    const draft = draftOf(host);
    draft.ways.push({ ...emptyWay, address: '203.0.113.9', port: '2222', user: 'admin', jump: 'gate-01.morel.lan' });
    draft.tags = 'morel,  web lab';
    draft.sudo = 'lab/console';
    expect(changeOf(host, draft).change).toEqual({ ...nothing, others: [{ address: '203.0.113.9', port: 2222, user: 'admin', jump: 'gate-01.morel.lan', identity: null }], tags: ['morel', 'web', 'lab'], sudo: 'lab/console' });
  });

  it('takes a jump, a key and old algorithms away by empty ones', () => {
    const old = { ...host, jump: 'gate-01.morel.lan', legacy: { algorithms: ['ssh-rsa'], why: 'a switch', until_ms: now } };
    const draft = draftOf(old);
    const [first] = draft.ways;
    if (first) Object.assign(first, { jump: '', identity: '' });
    draft.legacy = ' ';
    const { change } = changeOf(old, draft);
    expect([change.jump, change.identity, change.legacy?.algorithms]).toEqual(['', '', []]);
  });

  it('is told what is wrong', () => {
    const draft = { ...draftOf(host), name: 'gate-01.morel.lan', legacy: 'ssh-rsa', why: 'old', until: '2026-11-20' };
    draft.ways.push({ ...emptyWay, port: '0' });
    expect([...accessProblems(draft, host, hosts, now)]).toEqual(['nameTaken', 'addressMissing', 'portInvalid', 'dayInvalid']);
    expect([...accessProblems({ ...draftOf(host), legacy: 'ssh-rsa' }, host, hosts, now)]).toEqual(['legacyMissing']);
    expect(accessProblems(draftOf(host), host, hosts, now).size).toBe(0);
  });

  it('knows days', () => {
    expect(endOf('2027-03-31')).toBe(Date.parse('2027-03-31T23:59:59Z'));
    expect(['2027-02-30', '2027-3-1', 'tomorrow', ''].map(endOf)).toEqual([null, null, null, null]);
  });

  it('keeps a key of the agent that is no secret of the catalog', () => {
    expect(identityOptions([], 'agent:SHA256:x', 'nothing', 'agent').map((option) => option.value)).toEqual(['', 'agent', 'agent:SHA256:x']);
    expect(identityOptions([], 'agent', 'nothing', 'agent').map((option) => option.value)).toEqual(['', 'agent']);
  });
});

describe('the facts of a host', () => {
  const facts = inventSurvey(host, now).facts;
  const tables = factTables(facts, { words: en.engine.survey, bytes: String, day: (at) => new Date(at).toISOString().slice(0, 10), number: String, now });

  it('are shown by area, with what is grave', () => {
    const of = (area: string) => tables.find((table) => table.area === area);
    expect(of('sudo')?.rows.flat().filter((cell) => cell.level === 'warn')).toHaveLength(1);
    expect(of('certificates')?.rows[0]?.[1]).toEqual({ text: '2026-11-30', level: 'warn' });
    expect(of('accounts')?.rows).toHaveLength(2);
  });

  it('say what could not be read, and leave out what was never asked', () => {
    const bare = factTables({ ...facts, accounts: null, cron: null, missing: { accounts: 'not_readable' } }, { words: en.engine.survey, bytes: String, day: String, number: String, now });
    expect(bare.find((table) => table.area === 'accounts')).toMatchObject({ rows: [], missing: 'not_readable' });
    expect(bare.some((table) => table.area === 'cron')).toBe(false);
  });

  it('are found by every word', () => {
    expect(filterTables(tables, 'TCP 443').map((table) => [table.area, table.rows.length])).toEqual([['listeners', 1]]);
    expect(filterTables(tables, 'no such thing')).toEqual([]);
  });
});
