//! The folder of a vault: created, opened by one process at a time, and what an open one can do.

use std::collections::HashMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use beffroi_domain::{CompartmentId, StageName, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};

use crate::anchor::{self, Anchor, AnchorState};
use crate::compartment::{self, NewCompartment};
use crate::crypto;
use crate::digest::{self, DigestRow};
use crate::disk::{self, Content};
use crate::envelope::{self, MOST_PLAINTEXT, Place};
use crate::error::{AnchorError, CompartmentError, CreateError, DiskError, OpenError, RowError, SealError, UnsealError};
use crate::header::{self, Header, HeaderFault, HeaderSummary};
use crate::journal;
use crate::kdf::{self, KdfCost, KdfError, MOST_PASSPHRASE};
use crate::keys::{CompartmentKeys, RootKeys};
use crate::recovery::{self, RecoveryWords};
use crate::slot::{Slot, SlotKind, Way};

const HEADER: &str = "header.json";
const HEADER_COPY: &str = "header.json.bak";
const CATALOG: &str = "catalog.db";
const ANCHOR: &str = "anchor";
const LOCK: &str = "lock";

/// What opens a vault.
#[derive(Debug, Clone, Copy)]
pub enum Unlock<'a> {
    /// The passphrase. Costs one key derivation for each passphrase slot, until one opens.
    Passphrase(&'a SecretText),
    /// The recovery words. Needs no key derivation.
    RecoveryWords(&'a SecretText),
}

/// Where a vault leaves things outside its folder.
#[derive(Debug, Clone)]
pub struct Places {
    /// The folder with the second copy of each vault's anchor, named by the vault's id. Made when it is not there.
    pub anchors: PathBuf,
}

/// A vault that is open in this process. Dropping it wipes its keys and lets others open it.
pub struct OpenVault {
    summary: HeaderSummary,
    folder: PathBuf,
    outside: PathBuf,
    keys: RootKeys,
    compartments: HashMap<CompartmentId, CompartmentKeys>,
    /// Held for as long as the vault is open.
    _lock: File,
}

/// Creates a vault in a folder that does not exist, and opens it.
///
/// The vault's name is none of its arguments: a thief may see the folder's name only, so the name is stored in the
/// catalog.
///
/// # Errors
/// [`CreateError`]; nothing is left behind.
pub fn create(folder: &Path, passphrase: &SecretText, cost: KdfCost, places: &Places) -> Result<(OpenVault, RecoveryWords), CreateError> {
    // exposed for its length
    match passphrase.expose().len() {
        0 => return Err(CreateError::EmptyPassphrase),
        length if length > MOST_PASSPHRASE => return Err(CreateError::PassphraseTooLong { most: MOST_PASSPHRASE }),
        _ => {}
    }
    // Before the second that the key derivation takes; made sure of by the creation of the folder.
    if folder.symlink_metadata().is_ok() {
        return Err(CreateError::Exists { folder: folder.to_owned() });
    }
    let vault = VaultId::make();
    let root = crypto::make_key()?;
    let salt = crypto::make_public()?;
    let material = kdf::derive_material(passphrase, &salt, cost).map_err(|error| match error {
        KdfError::Cost => CreateError::CostOutOfRange,
        KdfError::Memory => CreateError::NotEnoughMemory { memory_kib: cost.memory_kib },
    })?;
    let recovery = crypto::make_key()?;
    // 32 bytes are a size that BIP-39 knows: there is no other way to fail.
    let words = RecoveryWords::from_material(&recovery).map_err(|_| crypto::NoRandomness)?;
    let slots =
        vec![Slot::make(vault, Way::Passphrase { cost, salt }, &material, &root)?, Slot::make(vault, Way::Recovery, &recovery, &root)?];
    let keys = RootKeys::derive(vault, &root);
    let header = Header::new(vault, slots, &keys.header);

    disk::make_private_folder(folder, false).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => CreateError::Exists { folder: folder.to_owned() },
        _ => CreateError::Disk(DiskError { path: folder.to_owned(), source }),
    })?;
    match fill(folder, &header) {
        Ok(lock) => Ok((OpenVault::new(&header, folder, places, keys, lock), words)),
        Err(error) => {
            // The error is the one that says what happened; what cannot be removed holds no key.
            let _ = fs::remove_dir_all(folder);
            Err(error.into())
        }
    }
}

/// Fills a new folder. The header comes last: a folder without one is not a vault.
fn fill(folder: &Path, header: &Header) -> Result<File, DiskError> {
    let lock = take_lock(folder).map_err(|error| match error {
        LockError::Disk(error) => error,
        LockError::InUse(_) => DiskError { path: folder.join(LOCK), source: io::ErrorKind::ResourceBusy.into() },
    })?;
    let bytes = header.to_bytes();
    disk::write(&folder.join(HEADER), &bytes)?;
    disk::write(&folder.join(HEADER_COPY), &bytes)?;
    folder.parent().map_or(Ok(()), disk::sync_folder)?;
    Ok(lock)
}

/// Opens a vault for this process alone.
///
/// # Errors
/// [`OpenError`]. A header that was changed is told from a wrong passphrase wherever the root key was still found: always
/// with the recovery words, unless it is their own slot that was changed.
pub fn open(folder: &Path, unlock: Unlock<'_>, places: &Places) -> Result<OpenVault, OpenError> {
    // Before the lock is taken: a folder that is not a vault gets no lock file.
    read_header(folder)?;
    let lock = take_lock(folder).map_err(|error| match error {
        LockError::InUse(pid) => OpenError::InUse { pid },
        LockError::Disk(error) => from_disk(error),
    })?;
    let header = read_header(folder)?;
    let root = match unlock {
        Unlock::Passphrase(passphrase) => open_with_passphrase(&header, passphrase)?,
        Unlock::RecoveryWords(words) => open_with_words(&header, words)?,
    };
    let keys = RootKeys::derive(header.vault, &root);
    header.check(&keys.header).map_err(|_| OpenError::Damaged { path: folder.join(HEADER) })?;
    refresh_copy(folder, &header);
    Ok(OpenVault::new(&header, folder, places, keys, lock))
}

/// What anyone may know of a vault.
///
/// # Errors
/// As [`open`], but for what needs the passphrase or the lock.
pub fn describe(folder: &Path) -> Result<HeaderSummary, OpenError> {
    read_header(folder).map(|header| header.summary())
}

fn open_with_passphrase(header: &Header, passphrase: &SecretText) -> Result<SecretKey, OpenError> {
    let mut seen = false;
    for slot in &header.slots {
        let Way::Passphrase { cost, salt } = &slot.way else { continue };
        seen = true;
        // exposed for its length: none so long was ever accepted
        if passphrase.expose().len() > MOST_PASSPHRASE {
            break;
        }
        let material =
            kdf::derive_material(passphrase, salt, *cost).map_err(|_| OpenError::NotEnoughMemory { memory_kib: cost.memory_kib })?;
        if let Ok(root) = slot.unwrap(header.vault, &material) {
            return Ok(root);
        }
    }
    Err(if seen { OpenError::WrongPassphrase } else { OpenError::NoSlot { kind: SlotKind::Passphrase } })
}

fn open_with_words(header: &Header, words: &SecretText) -> Result<SecretKey, OpenError> {
    let material = recovery::read_material(words)?;
    let mut slots = header.slots.iter().filter(|slot| slot.way == Way::Recovery).peekable();
    if slots.peek().is_none() {
        return Err(OpenError::NoSlot { kind: SlotKind::Recovery });
    }
    slots.find_map(|slot| slot.unwrap(header.vault, &material).ok()).ok_or(OpenError::WrongRecoveryWords)
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

enum LockError {
    InUse(Option<u32>),
    Disk(DiskError),
}

/// Locks the vault and leaves this process's id. The lock ends with the file handle, however the process ends.
fn take_lock(folder: &Path) -> Result<File, LockError> {
    let path = folder.join(LOCK);
    let failed = |source| LockError::Disk(DiskError { path: path.clone(), source });
    let mut file = disk::private_file().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LockError::InUse(read_pid(&file))),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let write_pid = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write_pid(&mut file).map_err(failed)?;
    Ok(file)
}

fn read_pid(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim_end().parse().ok()
}

impl OpenVault {
    fn new(header: &Header, folder: &Path, places: &Places, keys: RootKeys, lock: File) -> Self {
        Self {
            summary: header.summary(),
            folder: folder.to_owned(),
            outside: places.anchors.join(header.vault.to_string()),
            keys,
            compartments: HashMap::new(),
            _lock: lock,
        }
    }

    /// The vault's id.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.summary.vault
    }

    /// The vault's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What anyone may know of it, here checked.
    #[must_use]
    pub fn header(&self) -> &HeaderSummary {
        &self.summary
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

    /// Makes a compartment that is open whenever the vault is, and loads its key.
    ///
    /// # Errors
    /// [`CompartmentError::NoRandomness`].
    pub fn make_compartment(&mut self, stage: &StageName) -> Result<NewCompartment, CompartmentError> {
        let id = CompartmentId::make();
        let key = crypto::make_key()?;
        let wrapped = compartment::wrap(self.id(), id, stage, &crypto::make_public()?, &self.keys.compartment, &key)?;
        self.compartments.insert(id, CompartmentKeys::derive(self.id(), &key));
        Ok(NewCompartment { id, wrapped })
    }

    /// Loads the key of a stored compartment.
    ///
    /// # Errors
    /// [`CompartmentError`] when it is not the one that was made for this vault, id and stage.
    pub fn load_compartment(&mut self, id: CompartmentId, stage: &StageName, wrapped: &[u8]) -> Result<(), CompartmentError> {
        let key = compartment::unwrap(self.id(), id, stage, &self.keys.compartment, wrapped)?;
        self.compartments.insert(id, CompartmentKeys::derive(self.id(), &key));
        Ok(())
    }

    /// Seals a value for its place. The same value sealed twice gives different bytes.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn seal(&self, place: &Place<'_>, plaintext: &SecretBytes) -> Result<Vec<u8>, SealError> {
        let compartment = place.compartment;
        let keys = self.compartments.get(&compartment).ok_or(SealError::NotLoaded { compartment })?;
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
        let keys = self.compartments.get(&compartment).ok_or(UnsealError::NotLoaded { compartment })?;
        envelope::unseal(&keys.envelope, self.id(), place, sealed)
    }

    /// Authenticates a row that is stored as it is.
    ///
    /// # Errors
    /// [`RowError`].
    pub fn row_mac(&self, place: &Place<'_>, content: &[u8]) -> Result<[u8; 32], RowError> {
        let compartment = place.compartment;
        let keys = self.compartments.get(&compartment).ok_or(RowError::NotLoaded { compartment })?;
        Ok(envelope::derive_row_mac(&keys.row, self.id(), place, content))
    }

    /// Checks a row against its MAC.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub fn check_row(&self, place: &Place<'_>, content: &[u8], mac: &[u8]) -> Result<(), UnsealError> {
        let compartment = place.compartment;
        let keys = self.compartments.get(&compartment).ok_or(UnsealError::NotLoaded { compartment })?;
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
        anchor::read(self.id(), &self.keys.anchor, &self.folder.join(ANCHOR), &self.outside)
    }

    /// Writes both copies of the anchor, each whole or not at all.
    ///
    /// # Errors
    /// [`DiskError`]; the other copy may have been written.
    pub fn write_anchor(&self, anchor: &Anchor) -> Result<(), DiskError> {
        anchor::write(self.id(), &self.keys.anchor, anchor, &self.folder.join(ANCHOR), &self.outside)
    }
}
