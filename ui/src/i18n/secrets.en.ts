import { number } from './plural.en';

/** The words around the value of a secret: seeing it, copying it, making one. */
export const secretPanel = {
  title: (name: string) => `The secret ${name}`, hidden: 'hidden', reveal: (seconds: number) => `Show for ${number(seconds)} s`, hide: 'Hide', copy: 'Copy', journalled: 'The journal says when it was shown or copied.',
  copied: (name: string, seconds: number) => `${name} is on the clipboard. It is taken off in ${number(seconds)} s, unless something else was copied by then.`, onClipboard: 'On the clipboard', clearedIn: (left: string) => `taken off in ${left}`,
  sealed: 'Its stage is sealed. Unseal it to see or change the value.', usedBy: 'Used by', more: (n: number) => `and ${number(n)} more`, change: 'Replace…', changeTitle: (name: string) => `Another value for ${name}`, rename: 'Rename…', renameTitle: (name: string) => `Another name for ${name}`, renameText: 'Hosts are given it as before.', renameDo: 'Rename', renamed: (name: string, to: string) => `${name} is called ${to} now.`, remove: 'Remove…',
  nothingMatches: 'No secret matches.', nothingMatchesText: 'The search looks at names, and at the hosts that are given a secret.', emptyText: 'A secret is what a host is opened with: a private key or a password. It is stored under a name, encrypted a second time on its own. Its value is shown only when you ask, for some seconds, and the journal says so.',
  generateTitle: 'Make one', ofCharacters: 'Characters', ofWords: 'Words', length: 'Characters', words: 'Words', wordList: 'From', english: 'English', french: 'French, no accents', between: 'Between them', nothing: 'nothing', space: 'space', capitals: 'Capitals', digit: 'one digit', generate: 'Make', bits: (n: number) => `${number(n)} bits. It stands above, unseen.`, symbols: 'signs', lookAlikes: 'also 0 O 1 l I',
};
