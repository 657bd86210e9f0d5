import type { TerminalEnd, TerminalOutput, TerminalRow } from '$generated/api';
import { refuse } from './refuse';
import type { Rooms } from './rooms';
import { allowAtOnce } from './runs';
import type { FakeVault } from './vault';

export type Talking = 'terminal_open' | 'terminal_read' | 'terminal_write' | 'terminal_resize' | 'terminal_close' | 'terminal_list';

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
const most = 256 * 1024;

/** What a host would send that wants more than to write: title, clipboard, link, colours, questions, a picture, a bomb. */
const bomb = '\u001b]0;production\u0007\u001b]52;c;cm0gLXJmIC8=\u0007\u001b]8;;https://example.org/steal\u0007a link\u001b]8;;\u0007 \u001b]11;?\u0007\u001b]4;1;#00ff00\u0007\u001bP$q"p\u001b\\\u001b[21t\u001b[2147483647Sno \u001b[2147483647b<b>markup</b> \u202egnp.exe\u202c\r\n';
const colours = [...Array.from({ length: 16 }, (_, at) => `\u001b[${at < 8 ? 30 + at : 82 + at}m${String(at).padStart(3)}\u001b[0m\u001b[${at < 8 ? 40 + at : 92 + at}m    \u001b[0m${at === 7 ? '\r\n' : ''}`), '\r\n\u001b[38;2;208;96;48mtrue colour\u001b[0m \u001b[38;5;99m256 colours\u001b[0m \u001b[1mbold\u001b[0m \u001b[3mitalic\u001b[0m \u001b[4munderlined\u001b[0m \u001b[7mreversed\u001b[0m \u001b[2mdim\u001b[0m\r\n'].join('');

/** A small invented shell behind a terminal: it echoes, keeps a line, and knows a few commands. */
export class FakeShell {
  readonly row: TerminalRow;
  size: { cols: number; rows: number };
  ended: TerminalEnd | null = null;
  #out: Uint8Array[] = [];
  #line = '';
  #reader: (() => void) | null = null;
  #flood = false;
  #lost = 0;

  constructor(row: TerminalRow, size: { cols: number; rows: number }) {
    this.row = row;
    this.size = size;
    this.say(`Linux ${row.host} 6.12.48+deb13-amd64 #1 SMP Debian x86_64\r\nLast login: Fri Nov 20 08:12:31 2026 from 192.0.2.7\r\n`);
    this.#prompt();
  }

  say(text: string): void {
    this.#out.push(encoder.encode(text));
    this.wake();
  }

  /** Ends a reading that waits, as another reader does. */
  wake(): void {
    this.#reader?.();
    this.#reader = null;
  }

  end(end: Partial<TerminalEnd>): void {
    this.#flood = false;
    this.ended = { exit: null, signal: null, error: null, ...end };
    this.row.ended = true;
    this.wake();
  }

  async read(wait: number): Promise<TerminalOutput> {
    this.wake();
    if (this.#flood) this.say('y\r\n'.repeat(20_000));
    if (this.#out.length === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, wait);
        this.#reader = () => { clearTimeout(timer); resolve(); };
      });
    }
    let data = '';
    for (let size = 0; this.#out[0] && size + this.#out[0].length <= most; size += this.#out[0].length, this.#out.shift()) data += binaryOf(this.#out[0]);
    const lost = this.#lost;
    this.#lost = 0;
    return { data: btoa(data), lost, ended: this.#out.length === 0 ? this.ended : null };
  }

  write(bytes: Uint8Array): void {
    const typed = decoder.decode(bytes).replace(/\u001b\[20[01]~/g, '');
    for (const character of typed) this.#key(character);
  }

  #key(character: string): void {
    if (character === '\u0003') {
      this.#flood = false;
      this.#line = '';
      this.say('^C\r\n');
      this.#prompt();
    } else if (character === '\u0004' && this.#line === '') {
      this.say('exit\r\n');
      this.end({ exit: 0 });
    } else if (character === '\r') {
      this.say('\r\n');
      this.#run(this.#line.trim());
      this.#line = '';
      if (!this.ended && !this.#flood) this.#prompt();
    } else if (character === '\u007f') {
      if (this.#line !== '') this.say('\b \b');
      this.#line = this.#line.slice(0, -1);
    } else if (character >= ' ') {
      this.#line += character;
      this.say(character);
    }
  }

  #run(command: string): void {
    const [name = '', ...words] = command.split(' ');
    if (name === 'echo') this.say(`${words.join(' ')}\r\n`);
    else if (command === 'stty size') this.say(`${this.size.rows} ${this.size.cols}\r\n`);
    else if (name === 'bomb') this.say(bomb);
    else if (name === 'colours') this.say(colours);
    else if (name === 'clear') this.say('\u001b[H\u001b[2J\u001b[3J');
    else if (name === 'yes') this.#flood = true;
    else if (name === 'gap') this.#lost = 4096;
    else if (name === 'cut') this.end({ error: refuse('link-lost', { reason: 'connection reset by peer' }, this.row.host) });
    else if (name === 'kill') this.end({ signal: 'KILL' });
    else if (name === 'exit') this.end({ exit: Number(words[0] ?? 0) });
    else if (name !== '') this.say(`-bash: ${name}: command not found\r\n`);
  }

  #prompt(): void {
    const { account, host } = this.row;
    this.say(`\u001b[?2004h\u001b[1;${account === 'root' ? '31' : '32'}m${account}@${host.split('.')[0] ?? host}\u001b[0m:\u001b[1;34m~\u001b[0m${account === 'root' ? '#' : '$'} `);
  }
}

function binaryOf(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return binary;
}

/** Terminals on the hosts of a vault. */
export function talkingRooms(): Rooms<Talking> {
  const vaults = new WeakMap<FakeVault, Map<string, FakeShell>>();
  const shellsOf = (vault: FakeVault): Map<string, FakeShell> => {
    const shells = vaults.get(vault) ?? new Map<string, FakeShell>();
    vaults.set(vault, shells);
    return shells;
  };
  const named = (vault: FakeVault, terminal: string): FakeShell => {
    const shell = shellsOf(vault).get(terminal);
    if (!shell) throw refuse('terminal-not-found', { terminal });
    return shell;
  };
  return {
    terminal_open: ({ host: name, cols, rows, root, typed }, vault) => {
      const host = vault.host(name);
      if (host.sealed) throw refuse('stage-sealed', { stage: host.stage }, name);
      if (host.trouble) throw host.trouble;
      allowAtOnce([host], typed ?? null, vault);
      const row: TerminalRow = { terminal: vault.fresh('terminal'), host: name, stage: host.stage, account: root ? 'root' : host.user, root: root ?? false, opened_ms: Date.now(), ended: false };
      shellsOf(vault).set(row.terminal, new FakeShell(row, { cols, rows }));
      return { terminal: row.terminal, host: name, stage: row.stage, account: row.account };
    },
    terminal_read: async ({ terminal, wait_ms }, vault) => {
      const answer = await named(vault, terminal).read(wait_ms);
      if (answer.ended) shellsOf(vault).delete(terminal);
      return answer;
    },
    terminal_write: ({ terminal, data }, vault) => {
      named(vault, terminal).write(Uint8Array.from(atob(data), (character) => character.charCodeAt(0)));
      return {};
    },
    terminal_resize: ({ terminal, cols, rows }, vault) => {
      named(vault, terminal).size = { cols, rows };
      return {};
    },
    terminal_close: ({ terminal }, vault) => {
      shellsOf(vault).get(terminal)?.end({ exit: 0 });
      shellsOf(vault).delete(terminal);
      return {};
    },
    terminal_list: (_, vault) => ({ terminals: [...shellsOf(vault).values()].map((shell) => shell.row) }),
  };
}
