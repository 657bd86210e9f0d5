import { Terminal } from '@xterm/xterm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAnswer, limitSequences } from './limits';

let terminal: Terminal;
let sent: string[];
let titles: string[];

beforeEach(() => {
  terminal = new Terminal({ allowProposedApi: true, cols: 80, rows: 24, scrollback: 100, logLevel: 'off' });
  const place = document.createElement('div');
  document.body.append(place);
  terminal.open(place);
  limitSequences(terminal);
  sent = [];
  titles = [];
  terminal.onData((data) => sent.push(data));
  terminal.onBinary((data) => sent.push(data));
  terminal.onTitleChange((title) => titles.push(title));
});

afterEach(() => { terminal.dispose(); });

const write = (text: string): Promise<void> => new Promise((resolve) => { terminal.write(new TextEncoder().encode(text), resolve); });
interface Colours { ansi: { css: string }[]; foreground: { css: string }; background: { css: string }; cursor: { css: string } }

/** The colours that it draws with. */
function colours(): string[] {
  const { ansi, foreground, background, cursor } = (terminal as unknown as { _core: { _themeService: { colors: Colours } } })._core._themeService.colors;
  return [...ansi, foreground, background, cursor].map((colour) => colour.css);
}

const line = (at: number): string => terminal.buffer.active.getLine(at)?.translateToString(true) ?? '';

describe('a host', () => {
  it.each([
    ['a title', '\u001b]0;production\u0007'], ['the name of an icon', '\u001b]1;production\u0007'], ['a title of the window', '\u001b]2;production\u001b\\'], ['a title in the shape of C1', '\u009d2;production\u009c'],
    ['the clipboard written', '\u001b]52;c;cm0gLXJmIC8=\u0007'], ['the clipboard read', '\u001b]52;c;?\u0007'], ['a colour changed', '\u001b]4;1;#00ff00\u0007'], ['the ground changed', '\u001b]11;#00ff00\u0007'], ['a colour asked for', '\u001b]4;1;?\u0007'],
    ['the ink asked for', '\u001b]10;?\u0007'], ['the ground asked for', '\u001b]11;?\u001b\\'], ['the cursor’s colour asked for', '\u001b]12;?\u0007'], ['colours reset', '\u001b]104\u0007\u001b]110\u0007\u001b]111\u0007\u001b]112\u0007'],
    ['a folder', '\u001b]7;file://host/etc\u0007'], ['a notification', '\u001b]9;hello\u0007\u001b]777;notify;a;b\u0007'], ['a file', '\u001b]1337;File=inline=1:AAAA\u0007'],
    ['a setting asked for', '\u001bP$q"p\u001b\\'], ['a capability asked for', '\u001bP+q544e\u001b\\'], ['a picture', '\u001bPq#0;2;0;0;0#0~~@@vv\u001b\\'], ['keys defined', '\u001bP0;1|17/0d\u001b\\'],
    ['the size of the window asked for', '\u001b[14t\u001b[18t\u001b[19t'], ['the title asked for', '\u001b[20t\u001b[21t'], ['the window moved', '\u001b[3;0;0t\u001b[8;10;10t'], ['the answerback', '\u0005'], ['the version asked for', '\u001b[>q\u001b[>0q'],
    ['a status line', '\u001b[1$}rm -rf /\u001b[0$}'], ['an application’s command', '\u001b_Gi=1,a=q;AAAA\u001b\\'], ['a private message', '\u001b^secret\u001b\\'], ['a checksum', '\u001b[1;1;1;1;24;80*y'],
  ])('gets no answer and changes nothing with %s', async (_, sequence) => {
    const before = colours();
    await write(`${sequence}done`);
    expect(colours()).toEqual(before);
    expect(sent).toEqual([]);
    expect(titles).toEqual([]);
    expect(line(0)).toContain('done');
  });

  it('gets no answer to any command of the operating system', async () => {
    for (let number = 0; number < 2000; number += 1) await write(`\u001b]${number};?\u0007\u001b]${number};0;?\u0007`);
    expect(sent).toEqual([]);
    expect(titles).toEqual([]);
  });

  it('makes no link: its text is text', async () => {
    await write('\u001b]8;;https://example.org/steal\u0007pay here\u001b]8;;\u0007');
    expect(line(0)).toBe('pay here');
    const cell = terminal.buffer.active.getLine(0)?.getCell(0) as unknown as { extended: { urlId: number } };
    expect(cell.extended.urlId).toBe(0);
  });

  it('is told what it needs, in words that it has no say in', async () => {
    await write('\u001b[c\u001b[>c\u001b[5n\u001b[6n\u001b[?2004$p');
    expect(sent).toEqual(['\u001b[?1;2c', '\u001b[>0;276;0c', '\u001b[0n', '\u001b[1;1R', '\u001b[?2004;2$y']);
    expect(sent.every(isAnswer)).toBe(true);
  });

  it('does not hold up the page with a number', async () => {
    for (const final of ['b', 'I', 'L', 'M', 'P', 'S', 'T', 'X', 'Z', '@', 'A', 'B', 'C', 'D', 'H', '`', '\'}', '\'~', ' @', ' A']) await write(`x\u001b[2147483647${final}`);
    await write('\u001b[Hdone');
    expect(line(terminal.buffer.active.baseY)).toContain('done');
  });

  it('still repeats and scrolls as programs do', async () => {
    await write('a\u001b[9b\r\n\u001b[2Lnew');
    expect(line(0)).toBe('a'.repeat(10));
    expect(line(1)).toBe('new');
  });
});

describe('answers of the terminal', () => {
  it('are told from what is typed', () => {
    for (const typed of ['a', '\r', '\u001b', '\u001b[A', '\u001bOP', '\u001b[15~', '\u001b[200~c\u001b[201~', '\u0003', '1c']) expect(isAnswer(typed)).toBe(false);
  });
});
