//! Changing the ways into a vault that is open. The root key is not kept, so each change asks for a way in again.

use std::sync::PoisonError;

use beffroi_domain::SlotId;
use beffroi_secret::SecretText;

use crate::disk::{self, Content};
use crate::error::{NotEnoughMemory, SlotError};
use crate::folder::{HEADER, HEADER_COPY};
use crate::header::{self, Header};
use crate::kdf::KdfCost;
use crate::recovery::RecoveryWords;
use crate::slot::{MOST_SLOTS, Slot, SlotKind};
use crate::unlock::{Found, NewSlot, Unlock, find_root, opens_a_passphrase_slot};
use crate::vault::OpenVault;

/// A slot that was added.
pub struct AddedSlot {
    /// Its id.
    pub id: SlotId,
    /// The words of a recovery slot, stored nowhere; nothing for the other kinds.
    pub words: Option<RecoveryWords>,
}

/// Whether a failure to bring the copy of the header up to date matters to whoever asked for the change.
#[derive(Clone, Copy)]
enum Old {
    /// The old header opens no less than the new one may.
    Harmless,
    /// The old header keeps something alive that was to go.
    Revoked,
}

/// Refuses a set of slots that is too large, or of which none opens without the system's keyring.
pub(crate) fn check_set(kinds: impl ExactSizeIterator<Item = SlotKind>) -> Result<(), SlotError> {
    if kinds.len() > MOST_SLOTS {
        return Err(SlotError::TooMany { most: MOST_SLOTS });
    }
    if kinds.into_iter().any(SlotKind::works_without_keyring) { Ok(()) } else { Err(SlotError::OnlyKeyring) }
}

impl OpenVault {
    /// Adds a way in.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn add_slot(&self, authority: Unlock<'_>, new: NewSlot<'_>) -> Result<AddedSlot, SlotError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let header = self.header_read().clone();
        if header.slots.len() >= MOST_SLOTS {
            return Err(SlotError::TooMany { most: MOST_SLOTS });
        }
        let root = self.authorise(&header, authority)?.root;
        let id = SlotId::make();
        let (slot, words) = new.make(self.id(), id, &root)?;
        let slots = header.slots.into_iter().chain([slot]).collect();
        self.replace_slots(slots, Old::Harmless)?;
        Ok(AddedSlot { id, words })
    }

    /// Removes a way in. Copies of the folder that were made before still open with it.
    ///
    /// # Errors
    /// [`SlotError`]; [`SlotError::OnlyKeyring`] when none would be left that opens without the system's keyring.
    pub fn remove_slot(&self, authority: Unlock<'_>, slot: SlotId) -> Result<(), SlotError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let header = self.header_read().clone();
        let (gone, slots): (Vec<_>, Vec<_>) = header.slots.iter().cloned().partition(|each| each.id == slot);
        if gone.is_empty() {
            return Err(SlotError::Unknown { slot });
        }
        check_set(slots.iter().map(|slot| slot.way.kind()))?;
        self.authorise(&header, authority)?;
        self.replace_slots(slots, Old::Revoked)
    }

    /// Gives a slot another passphrase, with a fresh salt and nonce: the slot that the authority opens, or the one named.
    /// A slot with a second factor keeps it; it takes the slot's own passphrase and factor as authority.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn replace_passphrase(
        &self,
        authority: Unlock<'_>,
        slot: Option<SlotId>,
        new: &SecretText,
        cost: KdfCost,
    ) -> Result<SlotId, SlotError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let header = self.header_read().clone();
        if let Some(slot) = slot {
            find_slot(&header, slot)?;
        }
        let found = self.authorise(&header, authority)?;
        let id = slot.unwrap_or(found.slot);
        let kind = find_slot(&header, id)?.way.kind();
        let replacement = match (kind, authority) {
            (SlotKind::Passphrase, _) => NewSlot::Passphrase { passphrase: new, cost },
            (SlotKind::PassphraseKeyFile, Unlock::PassphraseAndKeyFile { file, .. }) if found.slot == id => {
                NewSlot::PassphraseKeyFile { passphrase: new, file, cost }
            }
            (SlotKind::PassphraseKeyring, Unlock::PassphraseAndKeyring { secret, .. }) if found.slot == id => {
                NewSlot::PassphraseKeyring { passphrase: new, secret, cost }
            }
            (SlotKind::PassphraseKeyFile | SlotKind::PassphraseKeyring, _) => return Err(SlotError::SecondFactor { slot: id, kind }),
            (SlotKind::Recovery | SlotKind::Identity | SlotKind::Keyring, _) => return Err(SlotError::NotAPassphrase { slot: id, kind }),
        };
        let (made, _) = replacement.make(self.id(), id, &found.root)?;
        let slots = header.slots.into_iter().map(|slot| if slot.id == id { made.clone() } else { slot }).collect();
        self.replace_slots(slots, Old::Revoked)?;
        Ok(id)
    }

    /// Whether a slot of kind passphrase opens with a text, so that it is not taken for a stage secret as well. Slots with a
    /// second factor cannot be tried by the text alone. One key derivation for each slot of the kind.
    ///
    /// # Errors
    /// [`NotEnoughMemory`].
    pub fn opens_a_slot(&self, secret: &SecretText) -> Result<bool, NotEnoughMemory> {
        let header = self.header_read().clone();
        opens_a_passphrase_slot(&header, secret)
    }

    /// Checks that somebody may change the ways in, and changes none.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn prove(&self, authority: Unlock<'_>) -> Result<(), SlotError> {
        let header = self.header_read().clone();
        self.authorise(&header, authority).map(drop)
    }

    /// Finds the root key again.
    pub(crate) fn authorise(&self, header: &Header, authority: Unlock<'_>) -> Result<Found, SlotError> {
        self.check_header_is_current()?;
        Ok(find_root(header, authority)?)
    }

    fn check_header_is_current(&self) -> Result<(), SlotError> {
        if self.header_is_current()? { Ok(()) } else { Err(SlotError::HeaderChanged { path: self.folder.join(HEADER) }) }
    }

    /// Writes a header with other slots, then goes by it. The caller holds `changing`.
    fn replace_slots(&self, slots: Vec<Slot>, old: Old) -> Result<(), SlotError> {
        let (generation, revision) = {
            let before = self.header_read();
            (before.generation, before.revision.saturating_add(1))
        };
        let header = Header::new(self.id(), generation, revision, slots, &self.keys.header);
        let bytes = header.to_bytes();
        // Once more: a key derivation has passed since.
        self.check_header_is_current()?;
        let path = self.folder.join(HEADER);
        if let Err(error) = disk::write(&path, &bytes) {
            // What failed may be the last sync, after the new header took its place: this vault goes by what is there.
            if matches!(disk::read(&path, header::MOST_BYTES), Ok(Content::Whole(found)) if found == bytes) {
                *self.header_write() = header;
            }
            return Err(error.into());
        }
        *self.header_write() = header;
        match (disk::write(&self.folder.join(HEADER_COPY), &bytes), old) {
            (Err(error), Old::Revoked) => Err(SlotError::CopyNotWritten(error)),
            (Err(error), Old::Harmless) => {
                tracing::warn!(%error, "the copy of the header is not up to date");
                Ok(())
            }
            (Ok(()), _) => Ok(()),
        }
    }
}

fn find_slot(header: &Header, id: SlotId) -> Result<&Slot, SlotError> {
    header.slots.iter().find(|slot| slot.id == id).ok_or(SlotError::Unknown { slot: id })
}
