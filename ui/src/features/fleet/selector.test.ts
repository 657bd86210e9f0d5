import { describe, expect, it } from 'vitest';
import { completionsOf, meansSelector, namedHosts, parseSelector, selects, shortlyNamed, withHosts } from './selector';

/** The same subject and the same cases as in `beffroi-domain`, selector.rs: both must say the same. */
const subject = { name: 'web-1', stage: 'dev', role: 'yunohost', tags: ['fr', 'old'] };

function chosen(text: string): boolean {
  const parsed = parseSelector(text);
  if ('error' in parsed) throw new Error(`${text}: ${parsed.error.near}`);
  return selects(parsed.selector, subject, 'acme');
}

describe('a selector', () => {
  it('selects by words', () => {
    for (const yes of ['all', 'web-1', 'tag:fr', 'stage:dev', 'role:yunohost', 'vault:acme']) expect(chosen(yes), yes).toBe(true);
    for (const no of ['web-2', 'tag:de', 'stage:prod', 'role:linux', 'vault:other', 'not all']) expect(chosen(no), no).toBe(false);
  });

  it('binds and closer than or, and not closest', () => {
    expect(chosen('web-1 or web-2 and tag:none')).toBe(true);
    expect(chosen('(web-1 or web-2) and tag:none')).toBe(false);
    expect(chosen('not tag:none and tag:fr')).toBe(true);
    expect(chosen('web-2,web-1')).toBe(true);
    expect(chosen('not (tag:none or stage:prod)')).toBe(true);
  });

  it('names what it does not understand, and where', () => {
    for (const [text, near, at] of [
      ['', '', 0], ['and', 'and', 0], ['web-1 web-2', 'web-2', 6], ['(web-1', '', 6], ['color:red', 'color:red', 0], ['tag:', 'tag:', 0], ['a or', '', 4], ['UP', 'UP', 0], ['tag:a and  )', ')', 11],
    ] as const) expect(parseSelector(text), text).toEqual({ error: { near, at } });
    expect(parseSelector('('.repeat(4000))).toHaveProperty('error');
    expect(parseSelector('a or '.repeat(4000))).toHaveProperty('error');
  });

  it('takes the names of guests, at any depth, and no others with a slash', () => {
    for (const good of ['lxc-1/web', 'lxc-1/Web_2/db.1', 'a/all']) expect(parseSelector(good), good).toEqual({ selector: { kind: 'host', value: good } });
    for (const bad of ['/a', 'a/', 'a//b', 'a/.b', 'a/-b', 'A/b', 'all/a', `a/${'b'.repeat(252)}`]) expect(parseSelector(bad), bad).toHaveProperty('error');
  });

  it('has other names where short ones were meant', () => {
    const hosts = [['lxc-1', 'dev'], ['lxc-1/web', 'dev'], ['lxc-2/web', 'prod'], ['lxc-2/db', 'prod']].map(([name = '', stage = '']) => ({ name, stage, role: null, tags: [] }));
    expect(['db.lxc', 'web.prod', 'lxc-1.dev', 'web.lxc', 'lxc-1.lxc', 'web', 'db.dev'].map((name) => shortlyNamed(name, hosts))).toEqual(['lxc-2/db', 'lxc-2/web', 'lxc-1', null, null, null, null]);
    const parsed = parseSelector('db.lxc or not (tag:a and web.prod), all');
    const named = 'selector' in parsed && withHosts(parsed.selector, (name) => shortlyNamed(name, hosts) ?? name);
    expect(named && namedHosts(named)).toEqual(['lxc-2/db', 'lxc-2/web']);
  });

  it('says which hosts it spells out', () => {
    const parsed = parseSelector('web-1 or not (tag:a and web-2), all');
    expect('selector' in parsed && namedHosts(parsed.selector)).toEqual(['web-1', 'web-2']);
  });
});

describe('the search field', () => {
  const known = { tag: new Map([['morel', 3], ['mairie', 9], ['web', 4]]), stage: new Map([['dev', 2]]), role: new Map([['linux', 1]]) };

  it('takes words for words, and what joins or brackets for a selector', () => {
    for (const text of ['morel', 'morel 12.1', 'tag:morel role:yunohost', 'all', '', 'tag:mor']) expect(meansSelector(text, known), text).toBe(false);
    for (const text of ['tag:morel', 'vault:x', 'tag:x and not stage:prod or role:yunohost', 'a, b', '(a', 'not a', 'x or']) expect(meansSelector(text, known), text).toBe(true);
  });

  it('completes the word under the caret, what most hosts have first', () => {
    expect(completionsOf('not (tag:m)', 10, known).map(({ text, from, to }) => [text, from, to])).toEqual([['tag:mairie', 5, 10], ['tag:morel', 5, 10]]);
    expect(completionsOf('stage: and tag:web', 6, known).map(({ text }) => text)).toEqual(['stage:dev']);
    expect(completionsOf('tag:web', 7, known), 'what stands there already is no completion').toEqual([]);
    expect(completionsOf('vault:a morel', 13, known)).toEqual([]);
  });
});
