/** A text as it is searched: lower case, without accents, with the places where words begin. */
export interface Haystack { text: string; starts: Uint8Array }

/** Beyond this, nobody means the rest of a label. */
const longest = 120;

export function folded(text: string): string {
  return text.slice(0, longest).normalize('NFD').replaceAll(/\p{M}/gu, '').toLocaleLowerCase();
}

export function haystack(label: string): Haystack {
  const text = folded(label);
  const starts = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) starts[at] = isWord(text.charCodeAt(at)) && (at === 0 || !isWord(text.charCodeAt(at - 1))) ? 1 : 0;
  return { text, starts };
}

function isWord(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 122) || code > 127;
}

/**
 * How well a word is found in a text, the more the better; 0 when it is not. In this order: the text begins with it; a word
 * does; it is somewhere inside; its letters begin words, in order; its letters are there in order, near one another.
 */
function rankWord(word: string, { text, starts }: Haystack): number {
  const at = text.indexOf(word);
  if (at === 0) return 1000;
  for (let next = at; next > 0; next = text.indexOf(word, next + 1)) if (starts[next] === 1) return 800 - Math.min(next, 100);
  if (at > 0) return 500 - Math.min(at, 100);
  if (word.length < 2) return 0;
  return initials(word, text, starts) ? 400 : scattered(word, text, starts);
}

function initials(word: string, text: string, starts: Uint8Array): boolean {
  let found = 0;
  for (let at = 0; at < text.length && found < word.length; at += 1) if (starts[at] === 1 && text[at] === word[found]) found += 1;
  return found === word.length;
}

/** Letters in order, at most as far apart as the word is long. */
function scattered(word: string, text: string, starts: Uint8Array): number {
  for (let start = text.indexOf(word.charAt(0)); start >= 0; start = text.indexOf(word.charAt(0), start + 1)) {
    if (starts[start] !== 1) continue;
    let at = start;
    let letter = 1;
    for (; letter < word.length; letter += 1) {
      at = text.indexOf(word.charAt(letter), at + 1);
      if (at < 0 || at - start > word.length * 3) break;
    }
    if (letter === word.length) return 200 - Math.min(at - start, 100);
  }
  return 0;
}

/** The words of what is typed. */
export function wordsOf(query: string): string[] {
  return folded(query).split(/\s+/).filter((word) => word !== '');
}

/** How well all words are found, the more the better; 0 when one is not. */
export function rank(words: readonly string[], hay: Haystack): number {
  let sum = 0;
  for (const word of words) {
    const one = rankWord(word, hay);
    if (one === 0) return 0;
    sum += one;
  }
  // Of two that fit alike, the shorter is closer to what was typed.
  return words.length === 0 ? 1 : sum / words.length + 50 / (1 + hay.text.length);
}

/** The best of many, best first; what stands first among equals stays first. */
export function best<Item>(items: readonly Item[], hayOf: (item: Item, at: number) => Haystack, words: readonly string[], most: number): Item[] {
  const top: { item: Item; score: number }[] = [];
  for (const [at, item] of items.entries()) {
    const score = rank(words, hayOf(item, at));
    if (score === 0 || (top.length === most && score <= (top.at(-1)?.score ?? 0))) continue;
    let place = top.length;
    while (place > 0 && (top[place - 1]?.score ?? 0) < score) place -= 1;
    top.splice(place, 0, { item, score });
    if (top.length > most) top.pop();
  }
  return top.map(({ item }) => item);
}
