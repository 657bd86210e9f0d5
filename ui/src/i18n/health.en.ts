import type { ScanWhat, SecretFault } from '$generated/api';
import { many, number } from './plural.en';

/** The words of looking for secrets in files. */
export const scanning = {
  open: 'Look through files', title: 'Secrets where they should not be', text: 'A folder or a git repository of this machine is looked through. Nothing leaves it, and nothing in it is changed.',
  folder: 'Folder', choose: 'Choose a folder…', what: 'What of it',
  whats: { files: 'Files that git does not ignore', all_files: 'All files', staged: 'What the next commit would add', history: 'The history of all branches' } satisfies Record<ScanWhat, string>,
  values: 'Also for the values of this vault’s secrets', begin: 'Look', cancel: 'Stop', looking: (n: number) => `${many(n, 'file', 'files')} looked into…`,
  found: (n: number) => (n === 0 ? 'Nothing was found.' : `${many(n, 'finding', 'findings')}, by their place only.`), looked: (n: number, size: string) => `${many(n, 'file', 'files')}, ${size}`, stopped: 'It was stopped: the rest was not looked into.',
  passed: (binary: number, large: number, unreadable: number) => `Not looked into: ${number(binary)} that are no text, ${number(large)} of more than 10 MiB, ${number(unreadable)} that cannot be read.`,
  untold: (n: number) => `${many(n, 'more finding', 'more findings')} not shown.`, line: (n: number) => `line ${number(n)}`, known: (name: string) => `the value of ${name}`, commit: (id: string) => `commit ${id}`,
  first: (n: number) => `The first ${number(n)} are shown; the command line tells all.`,
  hook: 'Look before each commit', hookText: 'Writes a pre-commit hook into this repository: what is about to be committed is looked through by the rules. A hook of your own is never changed.', hooked: (path: string) => `Written: ${path}`, hookThere: (path: string) => `It is there already: ${path}`, unhook: 'Take the hook away', unhooked: (path: string) => `Taken away: ${path}`, hookNone: 'There is none.',
};

/** The words of how secrets are, and of one-time codes. */
export const health = {
  title: 'Health', of: (n: number) => `of ${many(n, 'secret', 'secrets')}`, show: 'Health of the secrets', looking: 'Looking at the secrets…', again: 'Look again',
  sums: { weak: 'weak, under 45 bits', reused: (groups: number) => `reused, in ${many(groups, 'group', 'groups')}`, old: (days: number) => `older than ${many(Math.round(days / 365), 'year', 'years')}`, unused: 'not used for a year' },
  faults: { leaked: 'Leaked', weak: 'Weak', expired: 'Expired', reused: 'Reused', weak_key: 'Weak key', password_login: 'Password login', shared_key: 'Shared key', old: 'Old', unused: 'Unused' } satisfies Record<SecretFault, string>,
  worst: 'Worst first', all: (n: number) => `All ${many(n, 'finding', 'findings')}`, fewer: 'Worst only', well: 'Nothing is wrong with them.',
  sealed: (n: number, stage: string) => `Not looked at: ${many(n, 'secret', 'secrets')} of the sealed stage ${stage}.`,
  hostsUnknown: (n: number) => `Of ${many(n, 'host', 'hosts')} is not known whether they take passwords.`,
  keysUnknown: (n: number) => `${many(n, 'key', 'keys')} could not be read: the passphrase is not kept.`,
  leakedUnknown: (n: number) => `Of ${many(n, 'password', 'passwords')} is not known whether they were leaked: the folder lacks the whole file of their range.`,
  leakedFolder: 'In a folder of ranges…', stale: 'Secrets changed since: the leak was not read again.',
  leaked: 'Look for leaked passwords…', leakedHint: 'A file or folder of SHA-1 hashes on this machine; nothing is asked of any service.', noLeaked: 'Leaked passwords were not looked for.', leakedLooked: 'Leaked passwords were looked for.',
  code: 'Show the code', codeTitle: (name: string) => `One-time code of ${name}`, copyCode: 'Copy the code', codeCopied: 'Code copied', left: (left: string) => `${left} left`,
};
