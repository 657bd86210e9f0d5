import { splitHostile } from '$design';
import { utf8 } from './bytes';

/** Bytes that are pasted without a question. */
const longest = 2048;
/** Bytes that are pasted at all. */
export const largestPaste = 1 << 20;

export type Danger = 'lines' | 'controls' | 'long';

/** Why a text is shown before it is sent: a shell acts on line ends, and what is not seen may do anything. */
export function dangersOf(text: string): Danger[] {
  const dangers: Danger[] = [];
  if (/[\r\n]/.test(text)) dangers.push('lines');
  if (splitHostile(text.replace(/[\r\n]/g, '')).some((run) => run.kind === 'mark')) dangers.push('controls');
  if (utf8(text).length > longest) dangers.push('long');
  return dangers;
}

/** Ends a bracketed paste, in both spellings of CSI. */
const endOfPaste = /(?:\u001b\[|\u009b)201~/g;

/** The text as the host gets it. Where its program asked to be told what is pasted, nothing in the text can say that the paste is over. */
export function pasted(text: string, bracketed: boolean): string {
  let typed = text.replace(/\r?\n/g, '\r');
  if (!bracketed) return typed;
  // What is left when an end is taken out may be another one.
  for (let before = ''; before !== typed;) {
    before = typed;
    typed = typed.replace(endOfPaste, '');
  }
  return `\u001b[200~${typed}\u001b[201~`;
}

export interface Shown { lines: string[]; more: number }

const mostLines = 400;
const mostCharacters = 20_000;

/** The lines of a text that are shown, each with its end, and how many characters are not. */
export function shownOf(text: string): Shown {
  const start = text.slice(0, mostCharacters);
  const lines = start.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  const shown = lines.slice(0, mostLines);
  return { lines: shown, more: text.length - shown.join('').length };
}
