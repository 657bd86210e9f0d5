import type { ApiError, TerminalEnd, TerminalOpened } from '$generated/api';
import { namesAsked } from '$features/plan';
import { i18n } from '$i18n';
import { rpc, secretInput, toApiError } from '$ipc';
import { fromBase64, toBase64 } from './bytes';
import { Emulator, type Size } from './emulator';
import { isAnswer } from './limits';
import { pasted } from './paste';

/** How long the core waits for bytes before it answers without any, in milliseconds. */
const wait = 25_000;
/** Bytes of one request; the core takes 64 KiB. */
const largestWrite = 32 * 1024;
/** Bytes on their way to a host that does not read, above which nothing more is taken: a paste fits, and so do words typed meanwhile. */
const mostWaiting = 2 << 20;
/** The same for answers of the terminal itself: a host that asks a million times is not answered a million times. */
const mostAnswers = 4096;
/** Between two sizes told to the host, in milliseconds. */
const settle = 120;

export type TerminalState =
  | { kind: 'opening' }
  | { kind: 'asking'; names: string[] }
  | { kind: 'live'; terminal: string }
  /** Another window reads it now. */
  | { kind: 'taken'; terminal: string }
  | { kind: 'ended'; end: TerminalEnd }
  /** It could not be opened, or the link was lost, or it may go on no more. */
  | { kind: 'failed'; error: ApiError };

let next = 1;

/** One tab: a terminal on a host, from its opening until its tab is closed. Nothing of it is kept anywhere. */
export class TerminalSession {
  readonly id = next++;
  readonly vault: string | null;
  readonly host: string;
  readonly root: boolean;
  /** Whether it is the console of a guest. */
  readonly console: boolean;
  stage = $state('dev');
  account = $state('');
  state = $state.raw<TerminalState>({ kind: 'opening' });
  /** The place of what was found, and how much was. */
  found = $state.raw<{ at: number; of: number } | null>(null);
  /** Called when the vault it belongs to is locked. */
  onlocked: (() => void) | null = null;
  #emulator: Emulator | null = null;
  #opening: Promise<Emulator> | null = null;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #sending = false;
  #resizing: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(vault: string | null, host: string, stage: string, root: boolean, console = false) {
    this.vault = vault;
    this.host = host;
    this.stage = stage;
    this.root = root;
    this.console = console;
  }

  get emulator(): Emulator | null {
    return this.#emulator;
  }

  get live(): boolean {
    return this.state.kind === 'live';
  }

  /** Shows it in `place`; the first time, a shell is opened with the size that there is. */
  async show(place: HTMLElement): Promise<Emulator | null> {
    if (this.#emulator) {
      this.#emulator.show(place);
      return this.#emulator;
    }
    const first = this.#opening === null;
    this.#opening ??= Emulator.open(place, { typed: (bytes, data) => { this.#typed(bytes, data); }, resized: (size) => { this.#resized(size); }, found: (at, of) => { this.found = { at, of }; } });
    const emulator = await this.#opening;
    this.#emulator = emulator;
    if (this.#closed) {
      emulator.dispose();
      return null;
    }
    emulator.show(place);
    emulator.label(i18n.t.terminal.on(this.host));
    if (first && this.state.kind === 'opening') void this.open(null);
    else if (first && this.state.kind === 'live') this.#take(this.state.terminal, emulator);
    return emulator;
  }

  /** Opens a shell; `typed` is the name that the stage wants typed. */
  async open(typed: string | null): Promise<void> {
    const emulator = this.#emulator;
    if (!emulator || this.live) return;
    const again = this.state.kind === 'ended' || this.state.kind === 'failed';
    this.state = { kind: 'opening' };
    try {
      const opened = await rpc('terminal_open', { host: this.host, ...emulator.size, root: this.root, console: this.console, typed }, this.vault);
      if (this.#closed) {
        void this.#close(opened.terminal);
        return;
      }
      this.#opened(opened, emulator, again);
    } catch (thrown) {
      const error = toApiError(thrown);
      const names = namesAsked(error);
      this.state = names ? { kind: 'asking', names } : { kind: 'failed', error };
      this.#mind(error);
    }
  }

  /** Takes over a terminal that is open in the core already; call it before it is shown. */
  adopt(opened: TerminalOpened): void {
    this.stage = opened.stage;
    this.account = opened.account;
    this.state = { kind: 'live', terminal: opened.terminal };
  }

  /** Reads it here again, instead of in another window. */
  takeBack(): void {
    if (this.state.kind !== 'taken' || !this.#emulator) return;
    const { terminal } = this.state;
    this.state = { kind: 'live', terminal };
    this.#take(terminal, this.#emulator);
  }

  /** Sends text that was pasted. */
  paste(text: string): void {
    if (this.#emulator) this.#emulator.type(pasted(text, this.#emulator.bracketed));
  }

  /** Ends the shell and takes away what was shown. */
  close(): void {
    const { state } = this;
    this.drop();
    if (state.kind === 'live') void this.#close(state.terminal);
  }

  /** Takes away what was shown; the core has ended the shell already. */
  drop(): void {
    this.#closed = true;
    clearTimeout(this.#resizing);
    this.#forget();
    this.#emulator?.dispose();
    this.#emulator = null;
  }

  #opened(opened: TerminalOpened, emulator: Emulator, again: boolean): void {
    this.stage = opened.stage;
    this.account = opened.account;
    this.state = { kind: 'live', terminal: opened.terminal };
    if (again) emulator.begin();
    this.#take(opened.terminal, emulator);
  }

  #take(terminal: string, emulator: Emulator): void {
    this.#forget();
    this.#resized(emulator.size);
    void this.#read(terminal, emulator);
  }

  /** Draws what comes: more is asked for only when what came is drawn, so that a host which never stops fills nothing. */
  async #read(terminal: string, emulator: Emulator): Promise<void> {
    while (!this.#closed) {
      const asked = performance.now();
      try {
        const { data, lost, ended } = await rpc('terminal_read', { terminal, wait_ms: wait }, this.vault);
        if (this.#closed) return;
        // Nothing, long before the time is over: there is one reader only, and it is another one now.
        if (data === '' && !ended && performance.now() - asked < wait / 2) {
          this.#forget();
          this.state = { kind: 'taken', terminal };
          return;
        }
        if (lost > 0) emulator.tellGap(i18n.t.terminal.gap(lost));
        if (data !== '') await emulator.write(fromBase64(data));
        if (ended) {
          this.#ended(ended);
          return;
        }
      } catch (thrown) {
        this.#ended({ exit: null, signal: null, error: toApiError(thrown) });
        return;
      }
    }
  }

  #ended(end: TerminalEnd): void {
    if (this.#closed) return;
    this.#forget();
    this.#emulator?.end();
    this.state = end.error ? { kind: 'failed', error: end.error } : { kind: 'ended', end };
    if (end.error) this.#mind(end.error);
  }

  #mind(error: ApiError): void {
    if (error.code === 'vault-locked') this.onlocked?.();
  }

  #typed(bytes: Uint8Array, data: string): void {
    if (!this.live || this.#bytes + bytes.length > (isAnswer(data) ? mostAnswers : mostWaiting)) return;
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (!this.#sending) void this.#send();
  }

  /** Sends in order, one request at a time: the answer comes when the host has room. */
  async #send(): Promise<void> {
    this.#sending = true;
    while (this.state.kind === 'live' && this.#bytes > 0) {
      const { terminal } = this.state;
      const bytes = this.#nextWrite();
      try {
        await rpc('terminal_write', { terminal, data: secretInput(toBase64(bytes)) }, this.vault);
      } catch {
        // Why is told by the reading, which goes on beside it.
        this.#forget();
      }
    }
    this.#sending = false;
  }

  #nextWrite(): Uint8Array {
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#waiting) {
      all.set(part, at);
      at += part.length;
    }
    const rest = all.subarray(largestWrite);
    this.#waiting = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    return all.subarray(0, largestWrite);
  }

  #forget(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  #resized(size: Size): void {
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => {
      // A terminal that is over has no size; the reading says that it is.
      if (this.state.kind === 'live') rpc('terminal_resize', { terminal: this.state.terminal, ...size }, this.vault).catch(() => undefined);
    }, settle);
  }

  async #close(terminal: string): Promise<void> {
    try {
      await rpc('terminal_close', { terminal }, this.vault);
    } catch {
      // It is over already, or the vault is locked, which ends it as well.
    }
  }
}
