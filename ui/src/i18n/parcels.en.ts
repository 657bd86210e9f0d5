import { many } from './plural.en';

/** The words of what is handed to others. */
export const parcels = {
  title: 'Handed over', subtitle: 'hosts and secrets given to others, and what of them has not been changed since', new: 'Hand over…',
  who: 'To whom', whoHint: 'A person, an identity, a fingerprint or a key. Empty: everybody.', ask: 'Look', opening: 'A parcel that you were given is opened where files are imported: Secrets, Import.',
  empty: 'Nothing was handed over', emptyText: 'A parcel holds the hosts and secrets that you choose, for the people you choose. It is signed by you and encrypted for them, and what was in it stays known until it is changed.',
  way: 'A way into the vault itself: everything in it can be read. Remove it first, among the ways in:', pastWay: (day: string) => `A way into the vault itself, until ${day}: everything in it could be read, and copies of then still open with it:`, protected: 'Stages with a secret of their own are not in this list; if it was known too, change it and what they hold:', sealed: (n: number) => `${many(n, 'record', 'records')} under sealed stages: unseal them to see what they say.`,
  holds: (secrets: number, hosts: number) => `${many(secrets, 'secret', 'secrets')}, ${many(hosts, 'host', 'hosts')}`, open: (n: number) => `${n} not changed since`, toChange: (n: number) => `Could still be used: ${many(n, 'secret', 'secrets')}`,
  rotate: 'to be rotated, from its own page', byHand: 'to be changed by hand, where it is used', gone: 'not in the vault any more: it may still open what it opened',
  makeTitle: 'Hand over hosts and secrets', makeText: 'Hosts bring what they log in with and the hosts they are reached through. Earlier values, keys of authorities and ways into the vault never go.',
  whom: 'For', nobody: 'No identity is known but yours: import theirs, or give a key below.', keys: 'Other keys', keysHint: 'One a line: age1…, ssh-ed25519 … or ssh-rsa …', person: 'Person', personHint: 'Who it is given to, to be found again when they leave. May be empty.',
  find: 'Only names with', hosts: 'Hosts', secrets: 'Secrets', noneFound: 'None.', only: 'Only what is chosen: neither what hosts log in with nor the hosts on their way', path: 'File', suggested: 'parcel.age', look: 'See what goes',
  for: 'For', host: 'host', secret: 'secret', through: 'on the way to another', opens: 'opens', proof: 'Open the vault once more: whoever is named can read everything in the file.', make: 'Sign and write', making: 'Writing…',
  made: (secrets: number, hosts: number) => `${many(secrets, 'secret', 'secrets')} and ${many(hosts, 'host', 'hosts')} are in`, tell: 'Tell whoever opens it your fingerprint, by voice:',
  signedKnown: 'Signed by', signedCompared: 'Signed by somebody whose fingerprint you compared:', signedAt: (time: string) => `made ${time}`, older: (time: string) => `Older than the one of ${time} from the same person: nothing that is here is changed unless you say so.`,
  compare: 'Call them: if the fingerprint that they read to you is this one, type or paste it here.', from: 'Fingerprint that they told you', recipient: 'For age', copyRecipient: 'Copy',
};
