//! A change of all keys: a second vault is built inside the first one's folder, then takes its place.
//!
//! The file `rekey/ready` is the point of no return. It announces, by their SHA-256, the three files that are to move. From
//! then on every kill leads to the new vault: the steps of the swap can be done again from any of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use beffroi_domain::{Canonical, CanonicalReader, CompartmentId, SlotId, StageName};
use beffroi_secret::SecretKey;

use crate::anchor::{self, Anchor};
use crate::compartment::{Name, Unwrapped};
use crate::crypto;
use crate::disk::{self, Content};
use crate::error::{CompartmentError, DiskError, FinishError, OpenError, SlotError};
use crate::folder::{ANCHOR, CATALOG, CATALOG_LOG, CATALOG_LOG_INDEX, HEADER, HEADER_COPY};
use crate::header::{self, Header};
use crate::keys::RootKeys;
use crate::recovery::RecoveryWords;
use crate::slots::check_set;
use crate::unlock::{NewSlot, Unlock};
use crate::vault::OpenVault;

const FOLDER: &str = "rekey";
const READY: &str = "ready";
const READY_TAG: &str = "beffroi/rekey/1";
/// An announcement is 127 bytes long.
const MOST_READY: usize = 4096;

/// A vault under new keys that is being built, in the folder `rekey` of the vault it is to replace.
///
/// Build the new catalog at [`Rekey::catalog_path`] under [`Rekey::database_key`], with every value sealed again through
/// [`Rekey::vault`], close both catalogs, then call [`Rekey::finish`]. Dropping it instead leaves the vault as it was; what
/// is in the folder `rekey` goes at the next opening.
pub struct Rekey<'a> {
    old: &'a OpenVault,
    vault: OpenVault,
    words: Vec<RecoveryWords>,
}

impl OpenVault {
    /// Begins a change of all keys: a new root key, and these ways in instead of all others.
    ///
    /// # Errors
    /// [`SlotError`]; [`SlotError::OnlyKeyring`] when none of the slots opens without the system's keyring.
    pub fn begin_rekey(&self, authority: Unlock<'_>, slots: &[NewSlot<'_>]) -> Result<Rekey<'_>, SlotError> {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        check_set(slots.iter().map(NewSlot::kind))?;
        let header = self.header_read().clone();
        self.authorise(&header, authority)?;
        let folder = self.folder.join(FOLDER);
        if folder.join(READY).symlink_metadata().is_ok() {
            return Err(SlotError::RekeyPending { path: folder });
        }
        let root = crypto::make_key()?;
        let mut made = Vec::with_capacity(slots.len());
        let mut words = Vec::new();
        for slot in slots {
            let (slot, of_slot) = slot.make(self.id(), SlotId::make(), &root)?;
            made.push(slot);
            words.extend(of_slot);
        }
        let keys = RootKeys::derive(self.id(), &root);
        // One change of all keys takes seconds: the number does not run out.
        let header = Header::new(self.id(), header.generation.saturating_add(1), header.revision.saturating_add(1), made, &keys.header);
        remove_folder(&folder)?;
        disk::make_private_folder(&folder, false).map_err(|source| DiskError { path: folder.clone(), source })?;
        let vault = Self::new(header, &folder, None, keys, Arc::clone(&self.lock));
        Ok(Rekey { old: self, vault, words })
    }
}

impl Rekey<'_> {
    /// The vault under its new keys. Its folder is `rekey`, so that its catalog and its anchor are beside the old ones; it
    /// writes no anchor outside the folder.
    #[must_use]
    pub fn vault(&self) -> &OpenVault {
        &self.vault
    }

    /// The words of the recovery slots, in the order of the slots. Stored nowhere.
    #[must_use]
    pub fn words(&self) -> &[RecoveryWords] {
        &self.words
    }

    /// Where the new catalog is to be.
    #[must_use]
    pub fn catalog_path(&self) -> PathBuf {
        self.vault.catalog_path()
    }

    /// The raw key of the new catalog.
    #[must_use]
    pub fn database_key(&self) -> &SecretKey {
        self.vault.database_key()
    }

    /// A protected compartment's key under the new root key: what to store in place of `wrapped`. Only the outer layer is
    /// made anew, so the stage's secret is not needed and stays the same; so does the compartment's key, and what was sealed
    /// under it still opens. When the old vault has the compartment open, so has the new one.
    ///
    /// A compartment that is open whenever the vault is gets a new key instead: [`OpenVault::make_compartment`].
    ///
    /// # Errors
    /// [`CompartmentError`]; [`CompartmentError::UnknownWrapping`] also for a compartment that is not protected.
    pub fn rewrap(&self, id: CompartmentId, stage: &StageName, wrapped: &[u8]) -> Result<Vec<u8>, CompartmentError> {
        let name = Name { vault: self.vault.id(), id, stage };
        let Unwrapped::Inner(inner) = name.unwrap(&self.old.keys.compartment, wrapped)? else {
            return Err(CompartmentError::UnknownWrapping { compartment: id });
        };
        let rewrapped = inner.wrap(name, &crypto::make_public()?, &self.vault.keys.compartment)?;
        if let Some(keys) = self.old.compartments_read().get(&id) {
            self.vault.compartments_write().insert(id, keys.duplicate());
        }
        Ok(rewrapped)
    }

    /// Puts the new vault in the old one's place, with this anchor, and gives it back open: the compartments that were
    /// loaded still are. Both catalogs must be closed. The old vault must not be written to any more: drop it.
    ///
    /// # Errors
    /// [`FinishError`]. After [`FinishError::HalfWay`] drop both vaults; opening the folder again ends the change.
    pub fn finish(self, anchor: &Anchor) -> Result<OpenVault, FinishError> {
        let (folder, outside) = (self.old.folder.clone(), self.old.outside.clone());
        self.announce(anchor)?;
        swap(&folder, outside.as_deref(), &STEPS).map_err(FinishError::HalfWay)?;
        let mut vault = self.vault;
        vault.folder = folder;
        vault.outside = outside;
        Ok(vault)
    }

    /// Everything up to the point of no return, and that point.
    fn announce(&self, anchor: &Anchor) -> Result<(), FinishError> {
        let _no_slot_changes = self.old.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let catalog = self.catalog_path();
        let log = self.vault.folder.join(CATALOG_LOG);
        match fs::metadata(&log) {
            Ok(found) if found.len() > 0 => return Err(FinishError::CatalogOpen { path: catalog }),
            Ok(_) => disk::remove(&log).map_err(FinishError::Unchanged)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(FinishError::Unchanged(DiskError { path: log, source })),
        }
        if !catalog.is_file() {
            return Err(FinishError::NoCatalog { path: catalog });
        }
        if !self.old.header_is_current().map_err(FinishError::Unchanged)? {
            return Err(FinishError::HeaderChanged { path: self.old.folder.join(HEADER) });
        }
        let announcement = self.write_files(anchor).map_err(FinishError::Unchanged)?;
        let ready = self.vault.folder.join(READY);
        if let Err(error) = disk::write(&ready, &announcement) {
            // What failed may be the last sync, after the file took its place.
            return Err(if disk::remove(&ready).is_ok() {
                FinishError::Unchanged(error)
            } else {
                self.old.retired.store(true, Ordering::Release);
                FinishError::HalfWay(error)
            });
        }
        self.old.retired.store(true, Ordering::Release);
        Ok(())
    }

    /// Writes anchor and header beside the catalog, makes all of it durable, and gives what announces it.
    fn write_files(&self, anchor: &Anchor) -> Result<Vec<u8>, DiskError> {
        let folder = &self.vault.folder;
        let header = self.vault.header_read().to_bytes();
        let anchor = self.vault.anchor_bytes(anchor);
        disk::sync_file(&folder.join(CATALOG))?;
        disk::write(&folder.join(ANCHOR), &anchor)?;
        disk::write(&folder.join(HEADER), &header)?;
        disk::sync_folder(&self.old.folder)?;
        let catalog = disk::hash(&folder.join(CATALOG))?.unwrap_or_default();
        Ok(Announcement { header: crypto::derive_hash(&[&header]), anchor: crypto::derive_hash(&[&anchor]), catalog }.to_bytes())
    }
}

/// What `ready` holds: SHA-256 of each file that moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) header: [u8; 32],
    pub(crate) anchor: [u8; 32],
    pub(crate) catalog: [u8; 32],
}

impl Announcement {
    /// `C("beffroi/rekey/1", SHA-256 of header.json, of anchor, of catalog.db)`.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        Canonical::new(READY_TAG).bytes(&self.header).bytes(&self.anchor).bytes(&self.catalog).finish()
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = CanonicalReader::new(READY_TAG, bytes).ok()?;
        let mut hash = || reader.bytes().ok()?.try_into().ok();
        let announcement = Self { header: hash()?, anchor: hash()?, catalog: hash()? };
        reader.finish().ok()?;
        Some(announcement)
    }

    /// Whether each file is what was announced, in the one place or in the other.
    fn holds(&self, folder: &Path) -> Result<bool, DiskError> {
        for (name, announced) in [(HEADER, &self.header), (ANCHOR, &self.anchor), (CATALOG, &self.catalog)] {
            let found = match disk::hash(&folder.join(FOLDER).join(name))? {
                Some(hash) => Some(hash),
                None => disk::hash(&folder.join(name))?,
            };
            if found.as_ref() != Some(announced) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// One step of the swap. Each may be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The old catalog's log must never meet the new catalog.
    RemoveLog,
    RemoveLogIndex,
    Sync,
    MoveCatalog,
    MoveAnchor,
    MoveHeader,
    CopyHeader,
    /// Only after the header of its generation is there: an anchor ahead of the header is refused.
    WriteOutside,
    RemoveReady,
    RemoveFolder,
}

const STEPS: [Step; 11] = [
    Step::RemoveLog,
    Step::RemoveLogIndex,
    Step::Sync,
    Step::MoveCatalog,
    Step::MoveAnchor,
    Step::MoveHeader,
    Step::Sync,
    Step::CopyHeader,
    Step::WriteOutside,
    Step::RemoveReady,
    Step::RemoveFolder,
];

fn swap(folder: &Path, outside: Option<&Path>, steps: &[Step]) -> Result<(), DiskError> {
    steps.iter().try_for_each(|step| take(*step, folder, outside))
}

fn take(step: Step, folder: &Path, outside: Option<&Path>) -> Result<(), DiskError> {
    let new = folder.join(FOLDER);
    match step {
        // Once the new catalog has moved, a log beside it is none of the old one's.
        Step::RemoveLog | Step::RemoveLogIndex if !new.join(CATALOG).exists() => Ok(()),
        Step::RemoveLog => disk::remove(&folder.join(CATALOG_LOG)),
        Step::RemoveLogIndex => disk::remove(&folder.join(CATALOG_LOG_INDEX)),
        Step::Sync => disk::sync_folder(folder),
        Step::MoveCatalog => disk::rename(&new.join(CATALOG), &folder.join(CATALOG)),
        Step::MoveAnchor => disk::rename(&new.join(ANCHOR), &folder.join(ANCHOR)),
        Step::MoveHeader => disk::rename(&new.join(HEADER), &folder.join(HEADER)),
        Step::CopyHeader => copy(&folder.join(HEADER), header::MOST_BYTES, |bytes| disk::write(&folder.join(HEADER_COPY), bytes)),
        Step::WriteOutside => {
            outside.map_or(Ok(()), |outside| copy(&folder.join(ANCHOR), anchor::MOST_BYTES, |bytes| anchor::write_outside(bytes, outside)))
        }
        Step::RemoveReady => disk::remove(&new.join(READY)),
        Step::RemoveFolder => remove_folder(&new).and_then(|()| disk::sync_folder(folder)),
    }
}

fn copy(from: &Path, most: usize, write: impl FnOnce(&[u8]) -> Result<(), DiskError>) -> Result<(), DiskError> {
    match disk::read(from, most)? {
        Content::Whole(bytes) => write(&bytes),
        Content::Missing | Content::TooLong => Err(DiskError { path: from.to_owned(), source: io::ErrorKind::InvalidData.into() }),
    }
}

fn remove_folder(folder: &Path) -> Result<(), DiskError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DiskError { path: folder.to_owned(), source: error }),
        _ => Ok(()),
    }
}

/// Ends a change of all keys that was interrupted after its point of no return, undoes one that was before it. The caller
/// holds the lock.
///
/// The anchor outside the folder is left alone: nothing here is authenticated yet, and a folder that somebody planted must
/// not take away what this machine has seen. It counts as [`anchor::AnchorCopy::Older`] until the next one is written.
pub(crate) fn settle(folder: &Path) -> Result<(), OpenError> {
    let new = folder.join(FOLDER);
    let damaged = || OpenError::RekeyDamaged { path: new.clone() };
    match new.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(DiskError { path: new, source }.into()),
        Ok(found) if !found.is_dir() => return Err(damaged()),
        Ok(_) => {}
    }
    let announcement = match disk::read(&new.join(READY), MOST_READY)? {
        Content::Missing => return Ok(remove_folder(&new)?),
        Content::TooLong => return Err(damaged()),
        Content::Whole(bytes) => Announcement::from_bytes(&bytes).ok_or_else(damaged)?,
    };
    if !announcement.holds(folder)? {
        return Err(damaged());
    }
    Ok(swap(folder, None, &STEPS)?)
}

#[cfg(test)]
mod tests;
