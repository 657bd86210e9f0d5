import { describe, expect, it } from 'vitest';
import type { FolderEntry } from '$generated/api';
import { answerFor, clashesOf } from './clashes';
import { rateOf, secondsLeft, withSample, type Sample } from './copy-rate';
import { crumbs, shortCrumbs, inside, isCopied, isName, modeWords, sorted, typedAhead, typedPath } from './entries';

const entry = (name: string, more: Partial<FolderEntry> = {}): FolderEntry => ({ name, usable: true, kind: 'file', target: null, leads: null, size: 10, modified_s: 1000, mode: 0o644, owner: 'root', group: 'root', ...more });
const compare = (left: string, right: string): number => left.localeCompare(right, 'en', { numeric: true });
const names = (entries: readonly FolderEntry[]): string[] => entries.map((one) => one.name);

describe('the order of a folder', () => {
  const entries = [entry('b10', { size: 3 }), entry('b2', { size: 9, modified_s: 5 }), entry('z', { kind: 'dir' }), entry('a', { kind: 'link', leads: 'dir' })];

  it('has folders first, and numbers in names as numbers', () => {
    expect(names(sorted(entries, { column: 'name', descending: false }, compare))).toEqual(['a', 'z', 'b2', 'b10']);
    expect(names(sorted(entries, { column: 'size', descending: true }, compare))).toEqual(['a', 'z', 'b2', 'b10']);
    expect(names(sorted(entries, { column: 'modified', descending: false }, compare))).toEqual(['a', 'z', 'b2', 'b10']);
  });

  it('is searched by its first letters, round the end', () => {
    const shown = ['alpha', 'beta', 'bravo', 'gamma'].map((name) => entry(name));
    expect(typedAhead(shown, 'b', 0)).toBe(1);
    expect(typedAhead(shown, 'b', 1)).toBe(2);
    expect(typedAhead(shown, 'br', 1)).toBe(2);
    expect(typedAhead(shown, 'A', 3)).toBe(0);
    expect(typedAhead(shown, 'x', 0)).toBeNull();
    expect(typedAhead([], 'x', 0)).toBeNull();
  });
});

describe('a path', () => {
  it('is put together, taken apart, and typed from where one is', () => {
    expect(inside('/', 'etc')).toBe('/etc');
    expect(inside('/srv', 'www')).toBe('/srv/www');
    expect(crumbs('/var/www').map((crumb) => crumb.path)).toEqual(['/', '/var', '/var/www']);
    expect(['/etc', '~/x', 'x/y', '..'].map((text) => typedPath(text, '/srv'))).toEqual(['/etc', '~/x', '/srv/x/y', '/srv/..']);
  });

  it('is shown by its root and its end when it is long', () => {
    expect(shortCrumbs('/a/b/c/d', 5).map((crumb) => crumb.name)).toEqual(['/', 'a', 'b', 'c', 'd']);
    expect(shortCrumbs('/a/b/c/d/e/f', 5).map((crumb) => [crumb.name, crumb.path])).toEqual([['/', '/'], ['…', '/a/b/c'], ['d', '/a/b/c/d'], ['e', '/a/b/c/d/e'], ['f', '/a/b/c/d/e/f']]);
  });

  it('is no name of a file', () => {
    expect(['a', '.x', 'a b', '-rf', 'é'.repeat(127)].every(isName)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a\0', 'é'.repeat(128)].some(isName)).toBe(false);
  });
});

describe('an entry', () => {
  it('shows its mode as everywhere', () => {
    expect(modeWords(entry('x', { mode: 0o4755 }))).toBe('-rwsr-xr-x');
    expect(modeWords(entry('x', { mode: 0o1777, kind: 'dir' }))).toBe('drwxrwxrwt');
    expect(modeWords(entry('x', { mode: 0o7000, kind: 'other' }))).toBe('?--S--S--T');
    expect(modeWords(entry('x', { mode: null }))).toBe('');
  });

  it('is copied when it is a file or folder with a whole name, or leads to one', () => {
    expect(isCopied(entry('x')) && isCopied(entry('x', { kind: 'link', leads: 'file' }))).toBe(true);
    expect([entry('x', { usable: false }), entry('x', { kind: 'other' }), entry('x', { kind: 'link' })].some(isCopied)).toBe(false);
  });
});

describe('a name that is taken', () => {
  const there = [entry('a'), entry('site', { kind: 'dir' }), entry('both', { kind: 'link', leads: 'dir' })];

  it('is found, and a file never takes the place of a folder', () => {
    const clashes = clashesOf([entry('a'), entry('site'), entry('both', { kind: 'dir' }), entry('new')], there);
    expect(clashes.map((clash) => [clash.from.name, clash.possible.length])).toEqual([['a', 3], ['site', 1], ['both', 3]]);
  });

  it('has its own answer, else that for all, as far as it is possible', () => {
    const [file, folder] = clashesOf([entry('a'), entry('site')], there);
    if (!file || !folder) throw new Error('both clash');
    expect(answerFor(file, new Map(), 'replace')).toBe('replace');
    expect(answerFor(file, new Map([['a', 'skip' as const]]), 'replace')).toBe('skip');
    expect(answerFor(folder, new Map([['site', 'replace' as const]]), 'resume')).toBe('skip');
  });
});

describe('the rate of a copy', () => {
  it('is measured over the last seconds', () => {
    const samples = [0, 1000, 2000, 20_000, 21_000].reduce<Sample[]>((before, at) => withSample(before, { at, done: at < 10_000 ? at : at * 10 }), []);
    expect(samples.map((sample) => sample.at)).toEqual([20_000, 21_000]);
    expect(rateOf(samples)).toBe(10_000);
    expect(secondsLeft(0, 25_000, 10_000)).toBe(3);
  });

  it('is not said too early, nor when nothing moves', () => {
    expect(rateOf([{ at: 0, done: 0 }, { at: 100, done: 9 }])).toBeNull();
    expect(rateOf([{ at: 0, done: 9 }, { at: 9000, done: 9 }])).toBeNull();
    expect(secondsLeft(5, 0, 3)).toBeNull();
  });
});
