import en from '$messages/en.json';
import fr from '$messages/fr.json';
import guestsEn from '$messages/guests-en.json';
import guestsFr from '$messages/guests-fr.json';
import processesEn from '$messages/processes-en.json';
import processesFr from '$messages/processes-fr.json';
import yunohostEn from '$messages/yunohost-en.json';
import yunohostFr from '$messages/yunohost-fr.json';
import type { Language } from './language';

const catalogs: Record<Language, Readonly<Record<string, string>>> = { en: { ...en, ...guestsEn, ...processesEn, ...yunohostEn }, fr: { ...fr, ...guestsFr, ...processesFr, ...yunohostFr } };

/** A part of a sentence: our own words, or a value put into them. */
export type SentencePart = { kind: 'words'; text: string } | { kind: 'value'; text: string };

/** The sentence of the core, in parts, so that values can be shown as the foreign text they are. An unknown key shows itself. */
export function coreSentence(language: Language, key: string, values: Readonly<Record<string, string>>): SentencePart[] {
  const template = Object.hasOwn(catalogs[language], key) ? catalogs[language][key] : undefined;
  if (template === undefined) return [{ kind: 'words', text: key }];
  const parts: SentencePart[] = [];
  let from = 0;
  for (const match of template.matchAll(/\{([a-z_-]+)\}/g)) {
    const name = match[1];
    if (name === undefined || !Object.hasOwn(values, name)) continue;
    if (match.index > from) parts.push({ kind: 'words', text: template.slice(from, match.index) });
    parts.push({ kind: 'value', text: values[name] ?? '' });
    from = match.index + match[0].length;
  }
  if (from < template.length) parts.push({ kind: 'words', text: template.slice(from) });
  return parts;
}

export function hasCoreSentence(language: Language, key: string): boolean {
  return Object.hasOwn(catalogs[language], key);
}

/** A remedy as the window puts it, where that is not what helps at the command line. */
export function inWindow(language: Language, remedy: string): string {
  const own = remedy.replace(/\.remedy$/, '.window');
  return hasCoreSentence(language, own) ? own : remedy;
}
