import { many, number } from './plural.en';

/** The words of the table of the journal: its columns, its search, one entry in full. */
export const journalTable = {
  columns: { number: 'No.', time: 'Time', event: 'What happened', host: 'Host', person: 'By', place: 'In its chain', seal: 'Seal', checked: 'Checked' },
  filter: 'Words in it: a host, a person, what happened', looking: (done: number, of: number) => `${number(done)} of ${many(of, 'entry', 'entries')} looked at`, found: (n: number) => `${number(n)} found`, stop: 'Stop looking', goOn: 'Look further',
  full: (n: number) => `The newest ${number(n)} that match; say more to find others.`, nothing: 'No entry has these words', nothingText: 'What is looked at is the sentence as it is shown here, the host, the person, the number and the seal. Capitals and accents make no difference.',
  tooMany: (n: number) => `The list has the newest ${number(n)}; turn it round by its number for the oldest, or look for words.`, again: 'Try again', unread: 'Reading…',
  entry: (n: number) => `Entry ${number(n)}`, chain: 'Chain', copy: 'Copy', copied: 'The entry is copied.', ofHost: 'All about this host', noHost: 'no host',
};
