import type { Authority, SlotInfo } from '$generated/api';
import { secretInput } from '$ipc/rpc';
import { recoveryLength, recoveryWords } from './words';

/** Ways into a vault, by the names of the kinds of slots; the usual ones first. */
export const ways = ['passphrase', 'passphrase-key-file', 'passphrase-keyring', 'keyring', 'recovery', 'identity'] as const;
export type Way = (typeof ways)[number];

/** What was typed and chosen so far for a way in. */
export interface WayDraft { way: Way; passphrase: string; keyFile: string; words: string }

export function emptyWay(way: Way = 'passphrase'): WayDraft {
  return { way, passphrase: '', keyFile: '', words: '' };
}

export function hasPassphrase(way: string): boolean {
  return way.startsWith('passphrase');
}

export function isWayReady(draft: WayDraft): boolean {
  switch (draft.way) {
    case 'passphrase':
    case 'passphrase-keyring':
      return draft.passphrase !== '';
    case 'passphrase-key-file':
      return draft.passphrase !== '' && draft.keyFile.trim() !== '';
    case 'recovery':
      return recoveryWords(draft.words).length === recoveryLength;
    case 'keyring':
    case 'identity':
      return true;
  }
}

/** Exactly one way, as the wire wants it: what belongs to another way is left out, even when something was typed there. */
export function authorityOf(draft: WayDraft): Authority {
  return {
    passphrase: hasPassphrase(draft.way) ? secretInput(draft.passphrase) : null,
    key_file: draft.way === 'passphrase-key-file' ? draft.keyFile.trim() : null,
    keyring: draft.way === 'keyring' || draft.way === 'passphrase-keyring',
    recovery_words: draft.way === 'recovery' ? secretInput(recoveryWords(draft.words).join(' ')) : null,
    identity: draft.way === 'identity',
  };
}

/** Ways to try at the door of a vault: what it has is not known until it is open. An identity comes from another vault that is open. */
export function waysAtTheDoor(otherOpen: boolean): Way[] {
  return ways.filter((way) => way !== 'identity' || otherOpen);
}

/** Ways that a vault has, to prove that one may change it. */
export function waysOf(slots: readonly SlotInfo[]): Way[] {
  const found = ways.filter((way) => slots.some((slot) => slot.kind === way));
  return found.length > 0 ? found : ['passphrase'];
}
