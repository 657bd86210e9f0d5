import type { ISearchDecorationOptions } from '@xterm/addon-search';
import type { ITheme } from '@xterm/xterm';

const ansi = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white', 'brightBlack', 'brightRed', 'brightGreen', 'brightYellow', 'brightBlue', 'brightMagenta', 'brightCyan', 'brightWhite'] as const satisfies readonly (keyof ITheme)[];

/** The colours of a terminal, as the tokens of the theme have them now. */
export function terminalColours(root: HTMLElement): ITheme {
  const tokens = getComputedStyle(root);
  const token = (name: string): string => tokens.getPropertyValue(name).trim();
  const palette = Object.fromEntries(ansi.map((name, at) => [name, token(`--ansi-${at}`)]));
  return { ...palette, background: token('--term-ground'), foreground: token('--term-ink'), cursor: token('--term-cursor'), cursorAccent: token('--term-ground'), selectionBackground: token('--term-selection'), selectionInactiveBackground: token('--term-selection'), scrollbarSliderBackground: token('--term-slider'), scrollbarSliderHoverBackground: token('--term-slider-now'), scrollbarSliderActiveBackground: token('--term-slider-now') };
}

/** How what was searched for is marked. */
export function searchColours(root: HTMLElement): ISearchDecorationOptions {
  const tokens = getComputedStyle(root);
  const token = (name: string): string => tokens.getPropertyValue(name).trim();
  return { matchBackground: token('--term-found'), activeMatchBackground: token('--term-found-now'), activeMatchBorder: token('--term-cursor'), matchOverviewRuler: token('--term-found'), activeMatchColorOverviewRuler: token('--term-found-now') };
}

/** What a colour of the host must have against its ground: programs are written for other palettes than this one. */
export function leastContrast(root: HTMLElement): number {
  return root.dataset['theme'] === 'hc' ? 7 : 4.5;
}
