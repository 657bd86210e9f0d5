import type { KeyArea, KeyName } from '$design/keys';
import { many, number } from './plural.en';

const keys: Record<KeyName, string> = {
  palette: 'Reach any host, screen or action', sheet: 'This list', help: 'The guide’s chapter about this screen', goBack: 'The screen before', leave: 'Close, or clear the selection', switchVault: 'Show another open vault', undo: 'Take back what was just removed', lockAll: 'Lock every open vault', lock: 'Lock this vault', newWindow: 'One more window',
  zoomIn: 'Larger text', zoomOut: 'Smaller text', zoomReset: 'Text as large as at first',
  move: 'Move in a list', open: 'Open', filter: 'Go to the filter', select: 'Select the host of the row', selectAll: 'Select all hosts shown', refresh: 'Read the hosts anew', savedView: 'A saved view', otherPane: 'The other pane', upFolder: 'Up', choose: 'Choose the line', chooseAll: 'Choose all', typePath: 'Type a path', copyFile: 'Copy to the other side', makeFolder: 'New folder', renameFile: 'Rename', removeFile: 'Remove from the host, after a question', showHidden: 'Hidden files', readFolder: 'Read the folder anew', findOutput: 'Search in the output of a job',
  newTerminal: 'New one on the same host', closeTerminal: 'Close it', turnTerminal: 'Previous, next', copyTerminal: 'Copy', pasteTerminal: 'Paste', searchTerminal: 'Search', menuTerminal: 'Its menu', leaveTerminal: 'Leave the terminal, and back', paletteTerminal: 'Palette', reconnectTerminal: 'Reconnect, when the link was lost',
};
const areas: Record<KeyArea, string> = { everywhere: 'Everywhere', goTo: 'Go to', lists: 'Lists', fleet: 'Fleet', files: 'Files', output: 'Activity', terminal: 'In a terminal' };

/** The words of the frame around the screens: keys, notifications, first run, tour, settings, search in the guide. */
export const frame = {
  keys, areas,
  undo: 'Undo', skip: 'Go to the content',
  output: {
    find: 'Search in the output', findText: 'Text to find', before: 'The one before', next: 'The next one', looking: 'Looking…', notFound: 'Not in this output.', line: (n: number): string => `Line ${number(n)}`, lineNumber: 'Line number', go: 'Go',
    earlier: (n: number): string => `${many(n, 'earlier line is', 'earlier lines are')} in the vault, not in this window.`, showEarlier: 'Show earlier', toStart: 'To the start', later: (n: number): string => `${many(n, 'later line', 'later lines')}.`, showLater: 'Show later', toEnd: 'To the end',
  },
  notices: {
    title: 'Notifications', button: (unread: number): string => (unread === 0 ? 'Notifications' : `Notifications: ${number(unread)} not read`), empty: 'Nothing yet. What ends while you look elsewhere is told here.', clear: 'Clear the list', show: 'Show it', inVault: (vault: string, what: string): string => `${vault}: ${what}`,
    job: (failed: boolean): string => (failed ? 'A job failed' : 'A job is done'), jobOn: (failed: boolean, host: string): string => (failed ? `A job failed on ${host}` : `A job is done on ${host}`), jobs: (well: number, failed: number): string => (failed === 0 ? `${many(well, 'job', 'jobs')} done` : `${number(failed)} of ${many(well + failed, 'job', 'jobs')} failed`), run: (total: number, failed: number): string => (failed === 0 ? `A run ended on ${many(total, 'host', 'hosts')}` : `A run ended: not done on ${number(failed)} of ${many(total, 'host', 'hosts')}`),
    seals: (stage: string): string => `${stage} seals itself in a minute`, locked: 'Beffroi locked its vaults by itself', lockedText: 'Nobody was there, the screen was locked, or the machine went to sleep. Jobs go on at their hosts.', lockedAt: (time: string): string => `Locked by itself at ${time}.`, systemBody: 'Beffroi has the details.',
  },
  zoom: { label: 'Size of the text', smaller: 'Smaller', larger: 'Larger', reset: 'Reset', at: (percent: number): string => `Text at ${number(percent)}%` },
  palette: { recent: 'Used just now', view: (name: string): string => `Fleet, as in ${name}`, here: (host: string): string => `On ${host}`, survey: 'Read it anew', test: 'Test or change its connection', changes: 'What changed on it', files: 'Copy files', jobs: 'Its jobs', newWindow: 'One more window', help: 'Help on this screen', tour: 'Show the tour', notices: 'Notifications', zoomIn: 'Larger text', zoomOut: 'Smaller text' },
  first: {
    title: 'First steps', progress: (at: number, of: number): string => `Step ${number(at)} of ${number(of)}`, count: (at: number, of: number): string => `${number(at)} of ${number(of)}`, later: 'Later', resume: (done: number, of: number): string => `First steps: ${number(done)} of ${number(of)} done`, done: 'done', next: 'next',
    vault: 'A vault', vaultDone: (name: string): string => `${name} is made and encrypted.`,
    host: 'A host', hostText: 'A name, an address, a key or a password. You compare the host key once. Nothing is changed on the host.', hostDo: 'Add a host', hostDone: (n: number): string => `${many(n, 'host', 'hosts')} in the catalog.`,
    survey: 'A first look', surveyText: 'Reads the host in a few seconds and changes nothing on it: system, disks, services, updates, certificates.', surveyDo: 'Read the host', surveying: 'Reading…', surveyDone: 'The host is read. From here on, the fleet shows what wants attention.', surveyFailed: 'The host was not read. Its page says why.', showHost: 'Show the host', whyNot: 'See why',
    all: 'That was all of it', allText: 'Select hosts and act on them: you see a plan first, always.', close: 'Close these steps', tour: 'A tour of the window', guide: 'Read the first chapter',
  },
  tour: {
    title: 'Tour', at: (n: number, of: number): string => `${number(n)} of ${number(of)}`, next: 'Next', back: 'Back', skip: 'Skip the tour', done: 'Done',
    stops: {
      lintel: { title: 'Where you act', text: 'This strip names the stage you would act on, in its colour: development, staging or production. Look here before you press.' },
      rail: { title: 'Where things are', text: 'Hosts, jobs, runs, secrets, the journal. Press g and a letter to go there: g f for the fleet.' },
      palette: { title: 'Everything by name', text: 'Ctrl K finds hosts, secrets, screens and actions. What you used last comes first.' },
      plan: { title: 'Nothing without a plan', text: 'Whatever changes a host is shown first: every command, on which hosts, and the way back. Production asks for the name. Running a command and a terminal act at once, and say so.' },
      notices: { title: 'What ended meanwhile', text: 'Jobs that ended, and stages about to seal themselves, are told here.' },
      lock: { title: 'Lock', text: 'Ctrl L forgets the keys and empties the window. It happens by itself when you are away. Jobs go on at their hosts.' },
    },
  },
  guide: { search: 'Search the guide', results: (n: number): string => (n === 0 ? 'Nothing found.' : many(n, 'place found', 'places found')), here: 'Help', onPage: 'In this chapter', back: 'Where I was', link: 'Link to this section', help: 'Help on this screen (F1)' },
  settings: {
    text: 'Text', textText: 'Ctrl with plus, minus and 0 does the same.', locking: 'Locking', lockingText: 'When nobody is at the desk.', lockingMore: 'What else locks',
    notices: 'Notifications', noticesText: 'The list in this window always has them. The system’s own are shown only while you look at something else; other programs and the lock screen may show what they say, so they never hold secrets, commands or output.', system: 'Of the system', systems: { off: 'off', plain: 'without names', hosts: 'with the host’s name' },
    terminal: 'Terminal', views: 'Lists', viewsText: 'Columns, widths and views of lists as they were at first. Nothing in the vault changes.', resetViews: 'Reset all lists', viewsReset: 'The lists are as they were at first.',
    help: 'Help', helpText: 'The steps from an empty vault to a first look at a host, and what is where in this window.', tourAgain: 'Show the tour', stepsAgain: 'Show the first steps', windows: 'Windows', windowsText: 'Up to four, onto the same vaults. Locking empties all of them.', newWindow: 'One more window', noMoreWindows: 'Four windows are open: that is all of them.',
    about: 'About Beffroi', version: 'Version', licence: 'Licence', licenceText: 'GPL 3.0 or later. It comes without any warranty.', never: 'What it never does', nevers: ['It speaks to the hosts of your vaults over SSH and to nothing else: no account, no cloud, no telemetry, no search for updates.', 'The page of this window makes no request: fonts, icons and the guide are inside.', 'It reads the clipboard only to take off a secret that it put there, and when you paste.', 'It changes nothing on a host before you saw the plan, but where it says that it acts at once.'],
  },
};
