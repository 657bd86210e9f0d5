import type { Language } from '$i18n/language';
import { chaptersIn, plain, type Block, type Chapter, type Inline } from './chapters';

/** A passage under one heading; section 0 is what stands before the first. */
interface Passage { chapter: string; chapterTitle: string; section: number; heading: string; text: string; foldedHeading: string; foldedText: string }

/** A place in the guide, with the words around what was found; `found` parts are what was looked for. */
export interface Found { chapter: string; chapterTitle: string; section: number; heading: string; excerpt: { text: string; found: boolean }[] }

const most = 30;
const around = 70;

/** Lower case and without accents, letter by letter: places in it are places in the text. */
function fold(text: string): string {
  return Array.from(text, (letter) => {
    const plainLetter = letter.normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase();
    return plainLetter.length === letter.length ? plainLetter : letter;
  }).join('').replaceAll('’', "'");
}

function textOf(block: Block): string {
  const lines = (items: readonly Inline[][]): string => items.map(plain).join(' · ');
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
    case 'note': return plain(block.content);
    case 'list': return lines(block.items);
    case 'code': return block.text;
    case 'table': return [block.head, ...block.rows].map(lines).join(' · ');
  }
}

function passagesOf(chapter: Chapter): Passage[] {
  const passages: { section: number; heading: string; texts: string[] }[] = [{ section: 0, heading: '', texts: [] }];
  for (const block of chapter.blocks) {
    if (block.kind === 'heading') passages.push({ section: passages.length, heading: plain(block.content), texts: [] });
    else passages.at(-1)?.texts.push(textOf(block));
  }
  return passages.map(({ section, heading, texts }) => {
    const text = texts.join(' ');
    return { chapter: chapter.name, chapterTitle: chapter.title, section, heading, text, foldedHeading: fold(`${heading} ${section === 0 ? chapter.title : ''}`), foldedText: fold(text) };
  });
}

/** Made when one first searches in a language. */
const indexes = new Map<Language, Passage[]>();

function indexOf(language: Language): Passage[] {
  const made = indexes.get(language) ?? chaptersIn(language).flatMap(passagesOf);
  indexes.set(language, made);
  return made;
}

function excerptOf(passage: Passage, words: readonly string[]): Found['excerpt'] {
  const first = Math.min(...words.map((word) => passage.foldedText.indexOf(word)).filter((at) => at >= 0));
  const from = Number.isFinite(first) ? Math.max(0, first - around) : 0;
  const to = Math.min(passage.text.length, from + around * 3);
  const parts: Found['excerpt'] = [];
  let at = from;
  while (at < to) {
    const next = words.map((word) => ({ start: passage.foldedText.indexOf(word, at), length: word.length })).filter(({ start }) => start >= at && start < to).sort((left, right) => left.start - right.start || right.length - left.length)[0];
    const end = next?.start ?? to;
    if (end > at) parts.push({ text: passage.text.slice(at, end), found: false });
    if (!next) break;
    parts.push({ text: passage.text.slice(next.start, next.start + next.length), found: true });
    at = next.start + next.length;
  }
  return [...(from > 0 ? [{ text: '… ', found: false }] : []), ...parts, ...(to < passage.text.length ? [{ text: ' …', found: false }] : [])];
}

/** The passages in which every word is found; those first that say it in their heading. */
export function searchGuide(language: Language, query: string): Found[] {
  const words = fold(query).split(/\s+/).filter((word) => word.length > 1);
  if (words.length === 0) return [];
  return indexOf(language)
    .map((passage) => ({ passage, score: scoreOf(passage, words) }))
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .slice(0, most)
    .map(({ passage }) => ({ chapter: passage.chapter, chapterTitle: passage.chapterTitle, section: passage.section, heading: passage.heading, excerpt: excerptOf(passage, words) }));
}

function scoreOf({ foldedHeading, foldedText }: Passage, words: readonly string[]): number {
  let score = 0;
  for (const word of words) {
    const inHeading = foldedHeading.includes(word);
    const inText = foldedText.includes(word);
    if (!inHeading && !inText) return 0;
    score += (inHeading ? 10 : 0) + (inText ? 1 : 0) + (new RegExp(`(?:^|[^\\p{L}\\p{N}])${word.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}`, 'u').test(foldedText) ? 2 : 0);
  }
  return score;
}
