//! A vault that is open: its keys, and what they seal, open and authenticate.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use beffroi_domain::{CompartmentId, VaultId};
use beffroi_secret::{SecretBytes, SecretKey};

use crate::anchor::{self, Anchor, AnchorState};
use crate::crypto;
use crate::digest::{self, DigestRow};
use crate::disk::{self, Content};
use crate::envelope::{self, MOST_PLAINTEXT, Place};
use crate::error::{AnchorError, DiskError, RowError, SealError, UnsealError};
use crate::folder::{ANCHOR, CATALOG, HEADER};
use crate::header::{self, Header, HeaderSummary};
use crate::journal;
use crate::keys::{CompartmentKeys, RootKeys};

/// A vault that is open in this process. Dropping it wipes its keys and lets others open it. It is shared between threads
/// as it is: nothing takes it mutably.
pub struct OpenVault {
    vault: VaultId,
    pub(crate) folder: PathBuf,
    /// The second copy of the anchor; none while the vault is one that a change of all keys is still building.
    pub(crate) outside: Option<PathBuf>,
    pub(crate) keys: RootKeys,
    header: RwLock<Header>,
    compartments: RwLock<HashMap<CompartmentId, CompartmentKeys>>,
    /// Held while slots are changed: one change at a time, and readers of the header do not wait for its key derivation.
    pub(crate) changing: Mutex<()>,
    /// Set once the folder has other keys than these.
    pub(crate) retired: AtomicBool,
    /// Held for as long as the vault is open.
    pub(crate) lock: Arc<File>,
}

impl OpenVault {
    pub(crate) fn new(header: Header, folder: &Path, outside: Option<PathBuf>, keys: RootKeys, lock: Arc<File>) -> Self {
        Self {
            vault: header.vault,
            folder: folder.to_owned(),
            outside,
            keys,
            header: RwLock::new(header),
            compartments: RwLock::default(),
            changing: Mutex::default(),
            retired: AtomicBool::new(false),
            lock,
        }
    }

    // A panic while one of these is held leaves what it guards whole: each is replaced in one assignment or call.

    pub(crate) fn header_read(&self) -> RwLockReadGuard<'_, Header> {
        self.header.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn header_write(&self) -> RwLockWriteGuard<'_, Header> {
        self.header.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn compartments_read(&self) -> RwLockReadGuard<'_, HashMap<CompartmentId, CompartmentKeys>> {
        self.compartments.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn compartments_write(&self) -> RwLockWriteGuard<'_, HashMap<CompartmentId, CompartmentKeys>> {
        self.compartments.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The vault's id.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.vault
    }

    /// The vault's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What anyone may know of it, here checked.
    #[must_use]
    pub fn header(&self) -> HeaderSummary {
        self.header_read().summary()
    }

    /// Whether the header in the folder is still, byte for byte, the one that this vault goes by. It is not when somebody
    /// else changed or replaced it: a file synchroniser, another machine.
    ///
    /// # Errors
    /// [`DiskError`] when it cannot be read.
    pub fn header_is_current(&self) -> Result<bool, DiskError> {
        let found = disk::read(&self.folder.join(HEADER), header::MOST_BYTES)?;
        Ok(matches!(found, Content::Whole(bytes) if bytes == self.header_read().to_bytes()))
    }

    /// Where the database is, or is to be.
    #[must_use]
    pub fn catalog_path(&self) -> PathBuf {
        self.folder.join(CATALOG)
    }

    /// The raw key of the database.
    #[must_use]
    pub fn database_key(&self) -> &SecretKey {
        &self.keys.database
    }

    /// Seals a value for its place. The same value sealed twice gives different bytes.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, place: &Place<'_>, plaintext: &SecretBytes) -> Result<Vec<u8>, SealError> {
        let compartment = place.compartment;
        let compartments = self.compartments_read();
        let keys = compartments.get(&compartment).ok_or(SealError::NotLoaded { compartment })?;
        // exposed for its length
        let bytes = plaintext.expose().len();
        if bytes > MOST_PLAINTEXT {
            return Err(SealError::TooLong { bytes });
        }
        envelope::seal(&keys.envelope, &crypto::make_public()?, self.id(), place, plaintext).ok_or(SealError::TooLong { bytes })
    }

    /// Opens a value that was sealed for this very place.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub fn unseal(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, UnsealError> {
        let compartment = place.compartment;
        let compartments = self.compartments_read();
        let keys = compartments.get(&compartment).ok_or(UnsealError::NotLoaded { compartment })?;
        envelope::unseal(&keys.envelope, self.id(), place, sealed)
    }

    /// Authenticates a row that is stored as it is.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn row_mac(&self, place: &Place<'_>, content: &[u8]) -> Result<[u8; 32], RowError> {
        let compartment = place.compartment;
        let compartments = self.compartments_read();
        let keys = compartments.get(&compartment).ok_or(RowError::NotLoaded { compartment })?;
        Ok(envelope::derive_row_mac(&keys.row, self.id(), place, content))
    }

    /// Checks a row against its MAC.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub fn check_row(&self, place: &Place<'_>, content: &[u8], mac: &[u8]) -> Result<(), UnsealError> {
        let compartment = place.compartment;
        let compartments = self.compartments_read();
        let keys = compartments.get(&compartment).ok_or(UnsealError::NotLoaded { compartment })?;
        envelope::check_row(&keys.row, self.id(), place, content, mac)
    }

    /// The MAC of a journal entry, from the one before it; [`crate::JOURNAL_START`] before the first.
    #[must_use]
    pub fn journal_mac(&self, previous: &[u8; 32], canonical_entry: &[u8]) -> [u8; 32] {
        journal::derive_link(&self.keys.journal, previous, canonical_entry)
    }

    /// One value for all authenticated rows. Their order does not matter.
    #[must_use]
    pub fn state_digest(&self, rows: &[DigestRow<'_>]) -> [u8; 32] {
        digest::derive_state(&self.keys.state, rows)
    }

    /// Reads both copies of the anchor.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn read_anchor(&self) -> Result<AnchorState, AnchorError> {
        let generation = self.header_read().generation;
        anchor::read(self.id(), generation, &self.keys.anchor, &self.folder.join(ANCHOR), self.outside.as_deref())
    }

    /// Writes both copies of the anchor, each whole or not at all. The one outside is written even when the one in the
    /// folder cannot be.
    ///
    /// # Errors
    /// [`DiskError`]; the other copy may have been written. Always when the folder was given other keys by
    /// [`crate::Rekey::finish`].
    pub fn write_anchor(&self, anchor: &Anchor) -> Result<(), DiskError> {
        let path = self.folder.join(ANCHOR);
        if self.retired.load(Ordering::Acquire) {
            return Err(DiskError { path, source: io::Error::other("the vault has other keys by now") });
        }
        let bytes = self.anchor_bytes(anchor);
        let in_folder = disk::write(&path, &bytes);
        if let Some(outside) = &self.outside {
            anchor::write_outside(&bytes, outside)?;
        }
        in_folder
    }

    /// Writes an anchor into another folder: beside a copy of the catalog that ends at this entry.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn write_anchor_beside(&self, copy: &Path, anchor: &Anchor) -> Result<(), DiskError> {
        disk::write(&copy.join(ANCHOR), &self.anchor_bytes(anchor))
    }

    pub(crate) fn anchor_bytes(&self, anchor: &Anchor) -> Vec<u8> {
        anchor.to_bytes(self.id(), self.header_read().generation, &self.keys.anchor)
    }
}
