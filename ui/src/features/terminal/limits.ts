import type { IDisposable, IParser, Terminal } from '@xterm/xterm';

/**
 * Of the commands that xterm acts on (its InputHandler), those that a host has no business with: they speak for the window (titles),
 * make links of text, change or read colours. The others (clipboard, notifications, folders, pictures) it does not know: a test
 * sends every number and sees that nothing comes of it.
 */
const refusedOsc = [0, 1, 2, 4, 8, 10, 11, 12, 52, 104, 110, 111, 112];

/**
 * Commands that xterm repeats as often as it is told, up to 2³¹ times: ten bytes would hold up the page for minutes, or take
 * gigabytes. No terminal has more rows or columns than this, so a larger number says nothing that a program needs.
 */
const repeated = ['b', 'I', 'L', 'M', 'S', 'T', 'Z'];
const mostTimes = 1000;

/** Takes from what a host writes all power over the window, the clipboard and the person's attention. */
export function limitSequences(terminal: Pick<Terminal, 'parser'>): void {
  const { parser } = terminal;
  for (const number of refusedOsc) parser.registerOscHandler(number, () => true);
  // Sizes, positions and titles of the window, asked for or changed.
  parser.registerCsiHandler({ final: 't' }, () => true);
  // Which terminal this is, by name and version.
  parser.registerCsiHandler({ prefix: '>', final: 'q' }, () => true);
  // Settings and capabilities asked for: the answer would repeat the host's own bytes as if they were typed.
  for (const intermediates of ['$', '+']) parser.registerDcsHandler({ intermediates, final: 'q' }, () => true);
  for (const final of repeated) limitRepeats(parser, final);
}

function limitRepeats(parser: IParser, final: string): IDisposable {
  return parser.registerCsiHandler({ final }, ([times]) => typeof times === 'number' && times > mostTimes);
}

/** An answer of the terminal itself, as against what somebody typed: who it is, where the cursor is, how a mode is set. */
const answer = /^\u001b\[[?>]?[\d;]*(?:[cnR]|\$y)$/;

export function isAnswer(data: string): boolean {
  return answer.test(data);
}
