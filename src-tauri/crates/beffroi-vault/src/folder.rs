//! The folder of a vault: created, described, and opened by one process at a time.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use beffroi_domain::{SlotId, VaultId};
use beffroi_secret::SecretText;

use crate::crypto;
use crate::disk::{self, Content};
use crate::error::{CreateError, DiskError, OpenError};
use crate::header::{self, Header, HeaderFault, HeaderSummary};
use crate::kdf::{Kdf, KdfCost};
use crate::keys::RootKeys;
use crate::lock::{self, LOCK, LockError};
use crate::recovery::RecoveryWords;
use crate::rekey;
use crate::slot::{Slot, Way};
use crate::unlock::{Unlock, find_root};
use crate::vault::OpenVault;

pub(crate) const HEADER: &str = "header.json";
const HEADER_PART: &str = "header.json.part";
pub(crate) const HEADER_COPY: &str = "header.json.bak";
pub(crate) const CATALOG: &str = "catalog.db";
pub(crate) const CATALOG_LOG: &str = "catalog.db-wal";
pub(crate) const CATALOG_LOG_INDEX: &str = "catalog.db-shm";
pub(crate) const ANCHOR: &str = "anchor";

/// Where a vault leaves things outside its folder.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder with the second copy of each vault's anchor, named by the vault's id. Made when it is not there.
    pub anchors: PathBuf,
}

impl Places {
    fn anchor(&self, vault: VaultId) -> PathBuf {
        self.anchors.join(vault.to_string())
    }
}

/// Creates a vault in a folder that does not exist, and opens it. A folder that holds nothing but what an interrupted
/// creation left counts as one that does not exist.
///
/// The vault's name is none of its arguments: a thief may see the folder's name only, so the name is stored in the
/// catalog.
///
/// # Errors
/// [`CreateError`]; nothing is left behind.
pub fn create(folder: &Path, passphrase: &SecretText, cost: KdfCost, places: &Places) -> Result<(OpenVault, RecoveryWords), CreateError> {
    // Before the second that the key derivation takes; made sure of once the lock is held.
    if folder.symlink_metadata().is_ok() && !is_left_over(folder) {
        return Err(CreateError::Exists { folder: folder.to_owned() });
    }
    let (vault, generation) = (VaultId::make(), 1);
    let root = crypto::make_key()?;
    let kdf = Kdf::make(cost)?;
    let passphrase = Slot::make(vault, SlotId::make(), Way::Passphrase(kdf), &kdf.set(passphrase)?, &root)?;
    let (material, words) = RecoveryWords::make()?;
    let recovery = Slot::make(vault, SlotId::make(), Way::Recovery, &material, &root)?;
    let keys = RootKeys::derive(vault, &root);
    let header = Header::new(vault, generation, 1, vec![passphrase, recovery], &keys.header);

    let lock = claim(folder)?;
    if let Err(error) = fill(folder, &header) {
        // The error is the one that says what happened; what cannot be removed holds no key.
        let _ = fs::remove_dir_all(folder);
        return Err(error.into());
    }
    Ok((OpenVault::new(header, folder, Some(places.anchor(vault)), keys, Arc::new(lock)), words))
}

/// Makes the folder, or takes over what an interrupted creation left of one, and locks it.
fn claim(folder: &Path) -> Result<File, CreateError> {
    let exists = || CreateError::Exists { folder: folder.to_owned() };
    let failed = |source| CreateError::Disk(DiskError { path: folder.to_owned(), source });
    match disk::make_private_folder(folder, false) {
        Ok(()) => {}
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(failed(error)),
        Err(_) if !is_left_over(folder) => return Err(exists()),
        Err(_) => disk::make_private(folder).map_err(failed)?,
    }
    let lock = lock::take(folder).map_err(|error| match error {
        LockError::Disk(error) => CreateError::Disk(error),
        LockError::InUse(_) => exists(),
    });
    // Another process may have created its vault here before the lock was ours: then nothing of it is touched.
    match lock {
        Ok(_) if !is_left_over(folder) => Err(exists()),
        Err(CreateError::Disk(error)) => {
            // Only an empty folder goes.
            let _ = fs::remove_dir(folder);
            Err(CreateError::Disk(error))
        }
        other => other,
    }
}

/// Whether a folder holds nothing but what a creation leaves when it is interrupted before the header is in place.
fn is_left_over(folder: &Path) -> bool {
    let is_folder = folder.symlink_metadata().is_ok_and(|found| found.is_dir());
    // A creation leaves two names at most: the first foreign one ends the listing.
    is_folder
        && fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == LOCK || entry.file_name() == HEADER_PART))
        })
}

/// Fills a new folder. The header comes last: a folder without one is not a vault.
fn fill(folder: &Path, header: &Header) -> Result<(), DiskError> {
    let bytes = header.to_bytes();
    disk::write(&folder.join(HEADER), &bytes)?;
    disk::write(&folder.join(HEADER_COPY), &bytes)?;
    folder.parent().map_or(Ok(()), disk::sync_folder)
}

/// Opens a vault for this process alone. A change of all keys that was interrupted is ended or undone first.
///
/// # Errors
/// [`OpenError`]. A header that was changed is told from a wrong passphrase wherever the root key was still found: always
/// with the recovery words, unless it is their own slot that was changed.
pub fn open(folder: &Path, unlock: Unlock<'_>, places: &Places) -> Result<OpenVault, OpenError> {
    // Before the lock is taken: a folder that is not a vault gets no lock file.
    read_header(folder)?;
    let lock = lock::take(folder).map_err(|error| match error {
        LockError::InUse(pid) => OpenError::InUse { pid },
        LockError::Disk(error) => from_disk(error),
    })?;
    rekey::settle(folder)?;
    let header = read_header(folder)?;
    let found = find_root(&header, unlock)?;
    let keys = RootKeys::derive(header.vault, &found.root);
    header.check(&keys.header).map_err(|_| OpenError::Damaged { path: folder.join(HEADER) })?;
    refresh_copy(folder, &header);
    let outside = places.anchor(header.vault);
    Ok(OpenVault::new(header, folder, Some(outside), keys, Arc::new(lock)))
}

/// What anyone may know of a vault.
///
/// # Errors
/// As [`open`], but for what needs a secret or the lock.
pub fn describe(folder: &Path) -> Result<HeaderSummary, OpenError> {
    read_header(folder).map(|header| header.summary())
}

fn read_header(folder: &Path) -> Result<Header, OpenError> {
    let path = folder.join(HEADER);
    match disk::read(&path, header::MOST_BYTES).map_err(from_disk)? {
        Content::Whole(bytes) => Header::from_bytes(&bytes).map_err(|fault| match fault {
            HeaderFault::Damaged => OpenError::Damaged { path },
            HeaderFault::TooNew { version } => OpenError::FormatTooNew { version, known: header::FORMAT },
        }),
        Content::TooLong => Err(OpenError::Damaged { path }),
        // A vault that lost its header is still one. The copy is for a person to put back, who can tell whether it is
        // older than a passphrase that was revoked since.
        Content::Missing if folder.join(HEADER_COPY).exists() => Err(OpenError::Damaged { path }),
        Content::Missing => Err(OpenError::NotAVault { folder: folder.to_owned() }),
    }
}

fn from_disk(error: DiskError) -> OpenError {
    if error.source.kind() == io::ErrorKind::PermissionDenied {
        OpenError::NotReadable { path: error.path }
    } else {
        OpenError::Disk(error)
    }
}

/// Brings the copy of the header up to date, after a kill between the two writes. Not worth failing for.
fn refresh_copy(folder: &Path, header: &Header) {
    let path = folder.join(HEADER_COPY);
    let bytes = header.to_bytes();
    let same = matches!(disk::read(&path, header::MOST_BYTES), Ok(Content::Whole(copy)) if copy == bytes);
    if !same && let Err(error) = disk::write(&path, &bytes) {
        tracing::warn!(%error, "the copy of the header is not up to date");
    }
}
