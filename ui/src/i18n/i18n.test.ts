import { describe, expect, it } from 'vitest';
import english from '$messages/en.json';
import french from '$messages/fr.json';
import guestsEnglish from '$messages/guests-en.json';
import guestsFrench from '$messages/guests-fr.json';
import processesEnglish from '$messages/processes-en.json';
import processesFrench from '$messages/processes-fr.json';
import yunohostEnglish from '$messages/yunohost-en.json';
import yunohostFrench from '$messages/yunohost-fr.json';
import { coreSentence, inWindow } from './core';
import { en } from './en';
import { fr } from './fr';
import { i18n } from './i18n.svelte';

const coreEnglish = { ...english, ...guestsEnglish, ...processesEnglish, ...yunohostEnglish };
const coreFrench = { ...french, ...guestsFrench, ...processesFrench, ...yunohostFrench };

type Tree = { [key: string]: unknown };

function leaves(tree: Tree, path = ''): Map<string, unknown> {
  return new Map(Object.entries(tree).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? [...leaves(value as Tree, at)] : [[at, value] as const];
  }));
}

/** The sentence as it comes out, with values in its places. */
function sample(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value as string[];
  if (typeof value === 'function') return [1, 2, 12_345].map((n) => String((value as (...values: unknown[]) => unknown)(...Array.from({ length: value.length }, () => n))));
  return [];
}

function places(sentence: string): string[] {
  return [...sentence.matchAll(/\{[a-z_]+\}/g)].map((match) => match[0]).sort();
}

describe('the words of the page', () => {
  const english = leaves(en);
  const french = leaves(fr);

  it('are the same in both languages, with the same parameters', () => {
    expect([...french.keys()]).toEqual([...english.keys()]);
    for (const [key, value] of english) {
      if (typeof value === 'function') expect((french.get(key) as () => string).length, key).toBe(value.length);
    }
  });

  it('are in French typography', () => {
    for (const [key, value] of french) {
      if (key === 'palette.toFrench') continue;
      for (const sentence of sample(value)) {
        expect(sentence.replace(/\b(?:tag|stage|role):|SHA256:/g, ''), key).not.toMatch(/ [:;!?»]|[^\u00a0]:(?=\s)|'|~/);
        expect(sentence, key).not.toMatch(/[^\u202f\s.][;!?](?:\s|$)/);
      }
    }
  });

  it('have no straight apostrophe in English either', () => {
    for (const [key, value] of english) for (const sentence of sample(value)) expect(sentence, key).not.toMatch(/[a-z]'[a-z]/);
  });
});

describe('the words of the core', () => {
  it('are the same in both languages, with the same places', () => {
    expect(Object.keys(coreFrench).sort()).toEqual(Object.keys(coreEnglish).sort());
    for (const [key, sentence] of Object.entries(coreEnglish)) expect(places((coreFrench as Record<string, string>)[key] ?? ''), key).toEqual(places(sentence));
  });

  it('show an unknown key as it is', () => {
    expect(coreSentence('en', 'no.such.key', {})).toEqual([{ kind: 'words', text: 'no.such.key' }]);
    expect(coreSentence('en', 'toString', {})).toEqual([{ kind: 'words', text: 'toString' }]);
  });

  it('keep values apart from words, and leave a value with braces alone', () => {
    expect(coreSentence('en', 'title.ynh-user-add', { username: '{username} <b>' })).toEqual([{ kind: 'words', text: 'Add the account ' }, { kind: 'value', text: '{username} <b>' }]);
  });

  it('say a remedy as the window needs it, where that differs from the command line', () => {
    expect(inWindow('en', 'error.vault-locked.remedy')).toBe('error.vault-locked.window');
    expect(inWindow('en', 'error.vault-wrong-passphrase.remedy')).toBe('error.vault-wrong-passphrase.remedy');
  });

  it('leave a place without a value to be seen', () => {
    expect(coreSentence('en', 'title.ynh-user-add', {}).map((part) => part.text).join('')).toBe('Add the account {username}');
  });
});

describe('numbers and times', () => {
  it('follow the language', () => {
    i18n.choose('fr');
    expect(i18n.number(4809)).toBe('4\u202f809');
    expect(i18n.age(3 * 86_400_000)).toBe('3\u00a0j');
    expect(i18n.bytes(17_100_000_000)).toBe('17,1\u00a0Go');
    expect(i18n.t.units.percent('71')).toBe('71\u00a0%');
    i18n.choose('en');
    expect(i18n.number(4809)).toBe('4,809');
    expect(i18n.duration(246_000)).toBe('4 min 06');
    expect(i18n.duration(240)).toBe('240 ms');
    expect(i18n.age(20_000)).toBe('now');
    expect([45, 900, 5400, 28_800].map((seconds) => i18n.span(seconds).replace(/\s/g, ' '))).toEqual(['45 s', '15 min', '90 min', '8 h']);
  });
});
