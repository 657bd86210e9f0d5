import type { Authority, SlotAdd } from '$generated/api';
import { hasPassphrase, isNewPassphrase, type Way } from '$features/vault';
import { secretInput } from '$ipc';

/** What is asked for a new way in. */
export interface SlotDraft { kind: Way; passphrase: string; again: string; keyFile: string; identity: string; label: string }

export function emptySlot(kind: Way = 'passphrase'): SlotDraft {
  return { kind, passphrase: '', again: '', keyFile: '', identity: '', label: '' };
}

export function isSlotReady(draft: SlotDraft): boolean {
  if (hasPassphrase(draft.kind) && !isNewPassphrase(draft.passphrase, draft.again)) return false;
  if (draft.kind === 'passphrase-key-file') return draft.keyFile.trim() !== '';
  return draft.kind !== 'identity' || draft.identity !== '';
}

/** The request: only what the kind needs goes out. */
export function slotRequest(draft: SlotDraft, authority: Authority): SlotAdd {
  return {
    authority, kind: draft.kind,
    passphrase: hasPassphrase(draft.kind) ? secretInput(draft.passphrase) : null,
    key_file: draft.kind === 'passphrase-key-file' ? draft.keyFile.trim() : null,
    identity: draft.kind === 'identity' ? draft.identity : null,
    label: draft.label.trim() || null,
  };
}
