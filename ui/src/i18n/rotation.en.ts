import { many } from './plural.en';

/** Where a secret lives, and how it gets a new value there. */
export const rotation = {
  where: 'Where it is used', nowhere: 'It opens nothing that this vault knows of.',
  uses: { login: 'login', second: 'password beside the key', one_time: 'one-time codes', sudo: 'sudo' }, person: (name: string) => `YunoHost account of ${name}`, next: 'new value',
  opened: (at: string) => `opened ${at}`, never: 'not seen to open yet', refused: (at: string) => `refused ${at}`,
  earlier: (at: string) => `an earlier value opened ${at}`, check: 'Ask the hosts', earlierKeys: (n: number) => `${many(n, 'earlier key', 'earlier keys')} still authorized`,
  checks: { opens: 'opens, asked just now', unasked: 'lets in without asking for it', refused: 'refused: the host has another value', unknown: 'not known' },
  unproven: 'Switched on the host’s own word: nothing there asked for the value, so that no login proved it.',
  lost: 'One of its two values is gone from the vault: it can only be given up. Nothing is asked of the hosts.', giveUp: 'Give up',
  rotate: 'Rotate…', goOn: 'Go on…', title: (name: string) => `A new value for ${name}`, goesOn: (name: string) => `The rotation of ${name}`,
  text: (n: number, next: string) => `A new value is made and brought to ${many(n, 'host', 'hosts')}. Until all have it, it is the secret ${next}; nothing old is taken away before every host is proven.`,
  standsText: 'It stands between the two values. Nobody is locked out: the vault has both.',
  backText: 'It goes back: hosts get the old value again.',
  keepOld: 'Leave the old key in place on the hosts', begin: 'Rotate', resume: 'Go on', back: 'Go back',
  steps: { waiting: 'nothing done yet', deploying: 'the value is being brought there', deployed: 'the value is there', switched: 'proven, and used from now on', revoking: 'the other key is being taken away', done: 'done' },
  progress: (done: number, total: number) => `${many(done, 'host', 'hosts')} of ${total} proven`,
  over: (name: string) => `${name} is rotated on every host.`, undone: (name: string) => `${name} has its old value everywhere.`, waits: 'Not every host could be done. It waits; go on or back when you like.',
};
