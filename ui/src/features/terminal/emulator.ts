import type { FitAddon } from '@xterm/addon-fit';
import type { SearchAddon } from '@xterm/addon-search';
import type { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { i18n } from '$i18n';
import { latin1, utf8 } from './bytes';
import { terminalChoices } from './choices.svelte';
import { leastContrast, searchColours, terminalColours } from './colours';
import { keyAct } from './keys';
import { limitSequences } from './limits';
import { mendRows } from './rows';
import { withConstructedStyles } from './styles';

/** Lines that are kept above what is shown. */
const scrollback = 10_000;
/** Bytes that are drawn before the page may do something else: a chunk is not interrupted. */
const slice = 4096;
/** Between a change of the room there is and the new size, in milliseconds. */
const settle = 60;

export interface Size { cols: number; rows: number }

/** What a terminal tells: bytes for the host, its size, and what was found in it. */
export interface Hears {
  typed: (bytes: Uint8Array, data: string) => void;
  resized: (size: Size) => void;
  found: (at: number, of: number) => void;
}

/**
 * The terminal that is drawn: xterm with limits on what a host may do, in the colours and the font of the page. It stays
 * while its tab is there; the place where it is shown may change.
 */
export class Emulator {
  readonly #terminal: Terminal;
  readonly #fit: FitAddon;
  readonly #search: SearchAddon;
  readonly #root = document.documentElement;
  readonly #home = document.createElement('div');
  readonly #stops: (() => void)[] = [];
  #settling: ReturnType<typeof setTimeout> | undefined;

  private constructor(terminal: Terminal, fit: FitAddon, search: SearchAddon) {
    this.#terminal = terminal;
    this.#fit = fit;
    this.#search = search;
  }

  /** Opens a terminal in `place`, which is part of the page. */
  static async open(place: HTMLElement, hears: Hears): Promise<Emulator> {
    const root = document.documentElement;
    const family = getComputedStyle(root).getPropertyValue('--font-mono').trim();
    const [{ Terminal }, { FitAddon }, { SearchAddon }, { UnicodeGraphemesAddon }] = await Promise.all([import('@xterm/xterm'), import('@xterm/addon-fit'), import('@xterm/addon-search'), import('@xterm/addon-unicode-graphemes'), fontsReady()]);
    Terminal.strings.tooMuchOutput = i18n.t.terminal.tooMuch;
    const terminal = new Terminal({
      allowProposedApi: true, // for the widths of characters
      fontFamily: family || 'monospace', fontSize: terminalChoices.size, fontWeight: 400, fontWeightBold: 600, lineHeight: 1.15,
      scrollback, theme: terminalColours(root), minimumContrastRatio: leastContrast(root), screenReaderMode: terminalChoices.reader,
      cursorBlink: true, cursorInactiveStyle: 'outline', logLevel: 'off', rightClickSelectsWord: false, linkHandler: null,
    });
    const [fit, search] = [new FitAddon(), new SearchAddon()];
    const emulator = new Emulator(terminal, fit, search);
    terminal.loadAddon(fit);
    terminal.loadAddon(search);
    terminal.loadAddon(new UnicodeGraphemesAddon());
    limitSequences(terminal);
    terminal.attachCustomKeyEventHandler((event) => keyAct(event) === null);
    terminal.onData((data) => { hears.typed(utf8(data), data); });
    terminal.onBinary((data) => { hears.typed(latin1(data), data); });
    // What xterm tells has more in it than the size.
    terminal.onResize(({ cols, rows }) => { hears.resized({ cols, rows }); });
    search.onDidChangeResults(({ resultIndex, resultCount }) => { hears.found(resultIndex + 1, resultCount); });
    emulator.show(place);
    withConstructedStyles(document, () => { terminal.open(emulator.#home); });
    mendRows(terminal);
    emulator.#follow();
    emulator.fit();
    return emulator;
  }

  get size(): Size {
    return { cols: this.#terminal.cols, rows: this.#terminal.rows };
  }

  get selection(): string {
    return this.#terminal.getSelection();
  }

  /** Whether a program in it has asked for the mouse. */
  get takesMouse(): boolean {
    return this.#terminal.modes.mouseTrackingMode !== 'none';
  }

  /** Whether a program in it has the whole screen: what is shown is the program's. */
  get fullScreen(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Whether the program in it asked to be told what is pasted and what is typed. */
  get bracketed(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  /** Shows it in `place`, as the settings say now. */
  show(place: HTMLElement): void {
    this.#home.className = 'emulator';
    place.append(this.#home);
    const { options } = this.#terminal;
    if (options.fontSize !== terminalChoices.size) options.fontSize = terminalChoices.size;
    if (options.screenReaderMode !== terminalChoices.reader) options.screenReaderMode = terminalChoices.reader;
    this.fit();
  }

  /** Draws bytes of the host; ends when they are drawn, so that no more are asked for than can be. */
  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      for (let at = 0; at + slice < bytes.length; at += slice) this.#terminal.write(bytes.subarray(at, at + slice));
      const rest = bytes.length === 0 ? 0 : Math.floor((bytes.length - 1) / slice) * slice;
      this.#terminal.write(bytes.subarray(rest), resolve);
    });
  }

  /** Says that bytes are missing here; what was begun before them does not end after them. */
  tellGap(words: string): void {
    this.#terminal.write(`\u0018\u001b[!p\u001b[0m\r\n\u001b[7m ${words} \u001b[0m\r\n`);
  }

  /** Ends what a program of the host left set, and goes to a new line: another shell begins. */
  begin(): void {
    this.#terminal.options.disableStdin = false;
    // Where no program has the other screen, leaving it would move the cursor.
    if (this.#terminal.buffer.active.type === 'alternate') this.#terminal.write('\u001b[?1049l');
    this.#terminal.write('\u001b[!p\u001b[?9;1000;1002;1003;1004;1006;1016;2004;2026l\u001b[0m\r\n');
  }

  /** Nothing is typed into it any more. */
  end(): void {
    this.#terminal.options.disableStdin = true;
  }

  /** Sends text as if it were typed. */
  type(text: string): void {
    this.#terminal.input(text);
  }

  focus(): void {
    this.#terminal.focus();
  }

  selectAll(): void {
    this.#terminal.selectAll();
  }

  /** Takes away what was shown, but for the line one is on; the host does not hear of it. */
  clear(): void {
    this.#terminal.clear();
  }

  label(name: string): void {
    this.#terminal.textarea?.setAttribute('aria-label', name);
  }

  find(text: string, back: boolean, incremental: boolean): void {
    const options = { decorations: searchColours(this.#root), incremental };
    if (text === '') this.endSearch();
    else if (back) this.#search.findPrevious(text, options);
    else this.#search.findNext(text, options);
  }

  endSearch(): void {
    this.#search.clearDecorations();
    this.#terminal.clearSelection();
  }

  /** Fills the place it has; nothing while it is not shown. */
  fit(): void {
    if (this.#home.clientWidth > 0 && this.#home.clientHeight > 0) this.#fit.fit();
  }

  restyle(): void {
    this.#terminal.options.theme = terminalColours(this.#root);
    this.#terminal.options.minimumContrastRatio = leastContrast(this.#root);
  }

  dispose(): void {
    clearTimeout(this.#settling);
    for (const stop of this.#stops) stop();
    this.#terminal.dispose();
    this.#home.remove();
  }

  /** Follows the theme of the page and the room there is. */
  #follow(): void {
    const themes = new MutationObserver(() => { this.restyle(); });
    themes.observe(this.#root, { attributes: true, attributeFilter: ['data-theme'] });
    const rooms = new ResizeObserver(() => {
      clearTimeout(this.#settling);
      this.#settling = setTimeout(() => { this.fit(); }, settle);
    });
    rooms.observe(this.#home);
    this.#stops.push(() => { themes.disconnect(); }, () => { rooms.disconnect(); });
  }
}

/** Cells are measured with the font, so it must be there; without it, the next of the list is measured. */
async function fontsReady(): Promise<void> {
  const fonts = (document as { fonts?: FontFaceSet }).fonts;
  if (!fonts) return;
  await Promise.all(['400', '600'].map((weight) => fonts.load(`${weight} 13px "IBM Plex Mono"`))).catch(() => undefined);
}
