import { many, number } from './plural.en';

/** The words of the terminals. */
export const terminal = {
  title: 'Terminals', tabs: 'Open terminals', new: 'New terminal', newOn: 'New terminal…', newTitle: 'Open a terminal', host: 'On host', asRoot: 'As root, by sudo', noHost: 'No host has that name.', moreHosts: (n: number) => `And ${many(n, 'other', 'others')}: type more of the name.`,
  empty: 'No terminal is open', emptyText: 'A terminal is a shell on one host. What is typed there happens at once, without a plan. Open one here, on a host’s page, or with “Terminal on…” in the palette.',
  button: 'Terminal', on: (host: string) => `Terminal on ${host}`, closeOne: (host: string) => `Close the terminal on ${host}`, acting: 'What is typed happens at once.',
  leaveHint: 'leaves the terminal', paletteHint: 'palette', search: 'Search', next: 'Next', previous: 'Previous', found: (at: number, of: number) => (of === 0 ? 'nothing found' : at === 0 ? `${number(of)} found` : `${number(at)} of ${number(of)}`),
  states: { opening: 'opening', asking: 'waiting', taken: 'in another window', ended: 'ended', failed: 'not connected' }, taken: 'This terminal is shown in another window now.', elsewhere: (n: number) => `${many(n, 'terminal is', 'terminals are')} open elsewhere: in another window, or from before this page was loaded. What was written until now is not shown again.`, takeOver: 'Show here', opening: (host: string) => `Opening a shell on ${host}…`, asking: 'A shell does at once what is typed.', open: 'Open',
  lost: 'What ran in this shell may have ended with it. What was shown stays here.', gap: (n: number) => `${many(n, 'byte is', 'bytes are')} missing here: nobody read them in time`,
  reconnect: 'Reconnect', again: 'Open again', close: 'Close', ended: (how: string) => `The shell ended: ${how}`, endedUnknown: 'The host ended the shell.',
  closeTitle: (host: string) => `Close the terminal on ${host}?`, closeText: 'The shell ends, with what runs in it.', closeDo: 'Close it',
  paste: 'Paste', pasteTitle: 'Paste this?', pasteText: 'The text, as it would be sent', pasteMore: (n: number) => `And ${many(n, 'more character', 'more characters')}, sent as well.`, pasteTooLong: 'More than 1 MiB is not pasted: copy it to the host as a file.',
  menu: { copy: 'Copy', selectAll: 'Select all', clear: 'Clear what was shown', pasteByKey: (key: string) => `Press ${key}: the window may not read the clipboard by itself.` },
  dangers: { lines: 'It has line ends: a shell runs each line as soon as it is there.', controls: 'It has characters that are not seen. They may do something else than the text says.', long: 'It is long.' },
  textSize: 'Size of the text', reader: 'Tell a screen reader what is written', tooMuch: 'Too much to be told: read it row by row.', readerText: 'Drawing is slower with it.',
  keys: { rest: 'Every other key goes to the host, Ctrl K and Ctrl L as well.' },
};
