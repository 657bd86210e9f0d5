import { many } from './plural.en';

/** The words of backups. */
export const backups = {
  section: 'Backups', text: 'Archives that lie on this host, and those of it that lie here: sealed with a key of this vault, so that a stick that is found tells nothing.',
  there: 'On the host', here: 'Here', free: (bytes: string) => `${bytes} free`, loading: 'The host is asked…', emptyThere: 'No archive lies on this host.', emptyHere: 'Nothing of this host was brought here yet.',
  columns: { name: 'Name', made: 'Made', holds: 'Holds', size: 'Size', checked: 'Checked', place: 'Where', actions: 'What can be done' },
  pull: 'Bring here', pulled: (name: string) => `${name} lies here now.`, isHere: 'here', create: 'Make and bring here', createTitle: 'Make a backup and bring it here', createText: 'YunoHost makes the archive and sends it while it makes it: nothing of it lies on the host, and no room is needed there.',
  createName: 'Its name', createNameHint: 'The time, when empty.', everything: 'Everything', onlyApps: 'Applications only', folder: 'Folder', folderHint: 'On this computer, a disk or a stick.', choose: 'Choose…', createDo: 'Make it', lacks: (what: string) => `The backup is there, and lacks ${what}.`,
  verify: 'Check', verified: (name: string) => `${name} is whole.`, never: 'never', whole: 'whole', damaged: 'damaged', away: 'not there now', streamed: 'never lay on the host',
  restore: 'Restore…', restoreTitle: 'Restore on a host', restoreText: 'The archive is checked, sent, and its applications are restored. The plan says first what stands against it.', restoreOn: 'Host', restoreDo: 'Make the plan', rehearse: 'Rehearse',
  rehearsed: 'Rehearsal', entries: (n: number, bytes: string) => `${many(n, 'entry', 'entries')}, ${bytes} of files`, good: 'It could be restored.', bad: 'It could not be restored as it is.',
  schedule: 'Set times…', scheduleTitle: 'Backups at set times', scheduleText: 'The host makes them by itself, with systemd, and keeps as many as you say. Bring them here at your next visit: a backup beside what it saves is half a backup.',
  calendar: 'When', calendarHint: 'As systemd writes it: daily, Mon..Fri 03:00, *-*-01 04:30.', keepLast: 'How many it keeps', scheduleDo: 'Set', scheduleOff: 'Not any more', scheduled: 'The times are set.', unscheduled: 'Nothing is made by itself any more.',
  times: (calendar: string, next: string) => `By itself: ${calendar}${next === '' ? '' : `, next ${next}`}.`, timesNone: 'It has not run yet.', timesGood: (when: string, name: string) => `The last run, ${when}, made ${name}.`, timesBad: (when: string) => `The last run, ${when}, failed.`, timesCut: (when: string) => `The run of ${when} has not ended, or was cut short.`,
  collect: 'Bring what is new', collected: (n: number) => (n === 0 ? 'Nothing is new.' : `${many(n, 'archive was', 'archives were')} brought here.`),
  prune: 'Tidy up…', pruneTitle: 'Remove backups that are too many', pruneText: 'Of those of this host that lie here. The last good one always stays.', pruneKeep: { last: 'The newest', daily: 'One a day, for days', weekly: 'One a week, for weeks', monthly: 'One a month, for months' }, pruneLook: 'See what goes', pruneDo: (n: number) => `Remove ${many(n, 'backup', 'backups')}`, pruned: (n: number) => `${many(n, 'backup was', 'backups were')} removed.`, pruneNothing: 'Nothing is too many.', goes: 'goes',
  why: { last: 'among the newest', daily: 'of its day', weekly: 'of its week', monthly: 'of its month', 'last-good': 'the last good one', undated: 'without a date' },
  cancel: 'Cancel', working: (name: string) => `${name} is on its way`, checking: (name: string) => `${name} is read`, rate: (bytes: string) => `${bytes}/s`, left: (time: string) => `${time} left`,
};
