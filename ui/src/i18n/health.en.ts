import type { SecretFault } from '$generated/api';
import { many } from './plural.en';

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
