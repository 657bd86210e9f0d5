import { lexer, type Token, type Tokens } from 'marked';
import type { Language } from '$i18n/language';

const files = import.meta.glob<string>('../../../../assets/guide/*/*.md', { query: '?raw', import: 'default', eager: true });

/** A piece of a line of text. */
export type Inline = { kind: 'text' | 'code' | 'strong' | 'em'; text: string };

export type Block =
  | { kind: 'heading'; depth: number; content: Inline[] }
  | { kind: 'paragraph'; content: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'note'; content: Inline[] }
  | { kind: 'table'; head: Inline[][]; rows: Inline[][][] };

export interface Chapter { name: string; title: string; blocks: Block[] }

/** Text nodes only: markup in a chapter, if there ever is some, shows as the text it is. */
function inlines(tokens: readonly Token[] | undefined): Inline[] {
  return (tokens ?? []).flatMap((token): Inline[] => {
    switch (token.type) {
      case 'codespan': return [{ kind: 'code', text: (token as Tokens.Codespan).text }];
      case 'strong': return [{ kind: 'strong', text: (token as Tokens.Strong).text }];
      case 'em': return [{ kind: 'em', text: (token as Tokens.Em).text }];
      case 'text':
      case 'escape':
        return 'tokens' in token && token.tokens ? inlines(token.tokens) : [{ kind: 'text', text: (token as Tokens.Text).text.replaceAll('\n', ' ') }];
      default: return [{ kind: 'text', text: token.raw }];
    }
  });
}

function blocks(tokens: readonly Token[]): Block[] {
  return tokens.flatMap((token): Block[] => {
    switch (token.type) {
      case 'heading': return [{ kind: 'heading', depth: (token as Tokens.Heading).depth, content: inlines(token.tokens) }];
      case 'paragraph': return [{ kind: 'paragraph', content: inlines(token.tokens) }];
      case 'list': {
        const list = token as Tokens.List;
        return [{ kind: 'list', ordered: list.ordered, items: list.items.map((item) => item.tokens.flatMap((part) => inlines('tokens' in part ? part.tokens : [part]))) }];
      }
      case 'code': return [{ kind: 'code', text: (token as Tokens.Code).text }];
      case 'blockquote': return [{ kind: 'note', content: (token.tokens ?? []).flatMap((part) => inlines('tokens' in part ? part.tokens : [part])) }];
      case 'table': {
        const table = token as Tokens.Table;
        return [{ kind: 'table', head: table.header.map((cell) => inlines(cell.tokens)), rows: table.rows.map((row) => row.map((cell) => inlines(cell.tokens))) }];
      }
      case 'space': return [];
      default: return [{ kind: 'paragraph', content: [{ kind: 'text', text: token.raw }] }];
    }
  });
}

export function plain(content: readonly Inline[]): string {
  return content.map((part) => part.text).join('');
}

export function parseChapter(name: string, source: string): Chapter {
  const [first, ...rest] = blocks(lexer(source));
  if (first?.kind !== 'heading') return { name, title: name, blocks: first ? [first, ...rest] : [] };
  return { name, title: plain(first.content), blocks: rest };
}

/** The chapters in a language, in the order of their numbers; a name is the same in both languages. */
export function chaptersIn(language: Language): Chapter[] {
  return Object.entries(files)
    .flatMap(([path, source]) => {
      const [, folder, name] = /\/guide\/([a-z]{2})\/([^/]+)\.md$/.exec(path) ?? [];
      return folder === language && name !== undefined ? [parseChapter(name, source)] : [];
    })
    .sort((left, right) => left.name.localeCompare(right.name));
}

/** The names of all chapters, the same in every language. */
export function chapterNames(): string[] {
  return chaptersIn('en').map((chapter) => chapter.name);
}
