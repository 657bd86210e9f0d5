/**
 * The selector language of the core (`beffroi-domain`, selector.rs), for what is on the page already:
 * `selector = either ; either = both { ("or" | ",") both } ; both = one { "and" one }`
 * `one = "not" one | "(" either ")" | "all" | name | ("tag:" | "stage:" | "role:" | "vault:") value`
 */
export type Selector =
  | { kind: 'all' }
  | { kind: 'host' | 'tag' | 'stage' | 'role' | 'vault'; value: string }
  | { kind: 'and' | 'or'; one: Selector; other: Selector }
  | { kind: 'not'; one: Selector };

/** What a selector looks at. */
export interface SelectorSubject { name: string; stage: string; role: string | null; tags: readonly string[] }

/** The word at which reading stopped, empty at the end, and where it begins in the text. */
export interface InvalidSelector { near: string; at: number }

interface Word { text: string; at: number }

const mostCharacters = 4096;
const mostDepth = 64;
const fields = ['tag', 'stage', 'role', 'vault'] as const;

/** What the core takes for the name of a host, or of a guest of it, at any depth. */
const hostName = /^[a-z0-9][a-z0-9.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/;
const longestName = 253;
const reserved = new Set(['all', 'and', 'or', 'not']);

class Parser {
  readonly #words: readonly Word[];
  readonly #end: number;
  #next = 0;

  constructor(words: readonly Word[], end: number) {
    this.#words = words;
    this.#end = end;
  }

  whole(): Selector {
    const selector = this.#either(0);
    const rest = this.#words[this.#next];
    if (rest) this.#fail(rest);
    return selector;
  }

  #fail(word: Word | undefined, near = word?.text ?? ''): never {
    throw new Unread({ near, at: word?.at ?? this.#end });
  }

  #take(...texts: string[]): boolean {
    const word = this.#words[this.#next];
    if (!word || !texts.includes(word.text)) return false;
    this.#next += 1;
    return true;
  }

  #either(depth: number): Selector {
    let selector = this.#both(depth);
    while (this.#take('or', ',')) selector = { kind: 'or', one: selector, other: this.#both(depth) };
    return selector;
  }

  #both(depth: number): Selector {
    let selector = this.#one(depth);
    while (this.#take('and')) selector = { kind: 'and', one: selector, other: this.#one(depth) };
    return selector;
  }

  #one(depth: number): Selector {
    if (depth > mostDepth) this.#fail(this.#words[this.#next], '(');
    if (this.#take('not')) return { kind: 'not', one: this.#one(depth + 1) };
    if (this.#take('(')) {
      const inner = this.#either(depth + 1);
      if (!this.#take(')')) this.#fail(this.#words[this.#next]);
      return inner;
    }
    const word = this.#words[this.#next];
    if (!word) this.#fail(undefined);
    this.#next += 1;
    const colon = word.text.indexOf(':');
    if (colon < 0) {
      if (word.text === 'all') return { kind: 'all' };
      if (word.text.length > longestName || !hostName.test(word.text) || reserved.has(word.text.replace(/\/.*/, ''))) this.#fail(word);
      return { kind: 'host', value: word.text };
    }
    const field = fields.find((known) => known === word.text.slice(0, colon));
    const value = word.text.slice(colon + 1);
    if (!field || value === '') this.#fail(word);
    return { kind: field, value };
  }
}

class Unread extends Error {
  readonly why: InvalidSelector;

  constructor(why: InvalidSelector) {
    super('not a selector');
    this.why = why;
  }
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(/[(),]|[^\s(),]+/g)].map((match) => ({ text: match[0], at: match.index }));
}

/** Reads a selector of at most 4,096 characters and 64 levels. */
export function parseSelector(text: string): { selector: Selector } | { error: InvalidSelector } {
  if (text.length > mostCharacters) return { error: { near: '…', at: mostCharacters } };
  try {
    return { selector: new Parser(wordsOf(text), text.length).whole() };
  } catch (thrown) {
    if (thrown instanceof Unread) return { error: thrown.why };
    throw thrown;
  }
}

export function selects(selector: Selector, subject: SelectorSubject, vault: string): boolean {
  switch (selector.kind) {
    case 'all': return true;
    case 'host': return subject.name === selector.value;
    case 'tag': return subject.tags.includes(selector.value);
    case 'stage': return subject.stage === selector.value;
    case 'role': return subject.role === selector.value;
    case 'vault': return vault === selector.value;
    case 'and': return selects(selector.one, subject, vault) && selects(selector.other, subject, vault);
    case 'or': return selects(selector.one, subject, vault) || selects(selector.other, subject, vault);
    case 'not': return !selects(selector.one, subject, vault);
  }
}

/** Names of hosts that are spelled out: one that there is none of is a mistake to show. */
export function namedHosts(selector: Selector): string[] {
  switch (selector.kind) {
    case 'host': return [selector.value];
    case 'and': case 'or': return [...namedHosts(selector.one), ...namedHosts(selector.other)];
    case 'not': return namedHosts(selector.one);
    default: return [];
  }
}

/** The same with other names of hosts, such as those that short ones mean. */
export function withHosts(selector: Selector, name: (name: string) => string): Selector {
  switch (selector.kind) {
    case 'host': return { kind: 'host', value: name(selector.value) };
    case 'and': case 'or': return { kind: selector.kind, one: withHosts(selector.one, name), other: withHosts(selector.other, name) };
    case 'not': return { kind: 'not', one: withHosts(selector.one, name) };
    default: return selector;
  }
}

/**
 * The host that a short name means: `web.lxc` the one guest whose last name is `web`, `web.prod` the one host or guest of stage
 * `prod` with that last name. Null where it means none, or several.
 */
export function shortlyNamed(name: string, hosts: Iterable<SelectorSubject>): string | null {
  const at = name.lastIndexOf('.');
  if (at < 0) return null;
  const [short, suffix] = [name.slice(0, at), name.slice(at + 1)];
  const found: string[] = [];
  for (const host of hosts) {
    const isOfKind = host.stage === suffix || (suffix === 'lxc' && host.name.includes('/'));
    if (isOfKind && host.name.slice(host.name.lastIndexOf('/') + 1) === short) found.push(host.name);
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

export const completedFields = ['tag', 'stage', 'role'] as const;
export type KnownValues = Record<(typeof completedFields)[number], ReadonlyMap<string, number>>;

/**
 * Whether somebody is writing a selector: a word that joins, a bracket, or a single `tag:` and the like with a value that
 * hosts have. With the beginning of one, it still looks for all that begin so.
 */
export function meansSelector(text: string, known: KnownValues): boolean {
  const words = wordsOf(text).map((word) => word.text);
  const [, field, value = ''] = (words.length === 1 ? /^([a-z]+):(.*)$/.exec(words[0] ?? '') : null) ?? [];
  const completed = completedFields.find((name) => name === field);
  if (field === 'vault' || (completed && known[completed].has(value))) return true;
  return words.some((word) => ['and', 'or', 'not', '(', ')', ','].includes(word));
}

export interface Completion { text: string; from: number; to: number; hosts: number }

/** What the word under the caret could become. */
export function completionsOf(text: string, caret: number, known: KnownValues, most = 8): Completion[] {
  const from = text.slice(0, caret).search(/[^\s(),]*$/);
  const rest = /^[^\s(),]*/.exec(text.slice(caret))?.[0].length ?? 0;
  const word = text.slice(from, caret);
  const colon = word.indexOf(':');
  const field = completedFields.find((name) => name === word.slice(0, colon));
  if (colon < 0 || !field) return [];
  const begun = word.slice(colon + 1).toLowerCase();
  return [...known[field]]
    .filter(([value]) => value.toLowerCase().startsWith(begun) && value !== text.slice(from + colon + 1, caret + rest))
    .sort(([, left], [, right]) => right - left)
    .slice(0, most)
    .map(([value, hosts]) => ({ text: `${field}:${value}`, from, to: caret + rest, hosts }));
}
