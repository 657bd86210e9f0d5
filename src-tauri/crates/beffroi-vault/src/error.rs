//! One error per operation. Variants carry data; words for people are put together at the edge.

use std::io;
use std::path::PathBuf;

use beffroi_domain::{CompartmentId, SlotId};

use crate::crypto::NoRandomness;
use crate::key_file::NotAKeyFile;
use crate::recovery::NotRecoveryWords;
use crate::slot::SlotKind;

/// A file or folder could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct DiskError {
    /// Which one.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// A key derivation needs more memory than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{memory_kib} KiB of memory are not to be had")]
pub struct NotEnoughMemory {
    /// What was asked for.
    pub memory_kib: u32,
}

/// Why a new passphrase or stage secret was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// It is empty.
    #[error("the passphrase is empty")]
    Empty,
    /// It is too long.
    #[error("the passphrase is longer than {most} bytes")]
    TooLong {
        /// The limit, in bytes of UTF-8.
        most: usize,
    },
    /// The cost is below the floor or above the ceiling.
    #[error("the cost of the passphrase is outside the limits")]
    CostOutOfRange,
    /// The key derivation needs more memory than there is.
    #[error(transparent)]
    NotEnoughMemory(#[from] NotEnoughMemory),
}

/// Why no vault was created. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something of that name exists.
    #[error("{} exists", folder.display())]
    Exists {
        /// Where the vault was to be.
        folder: PathBuf,
    },
    /// The passphrase was not taken.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Why a vault was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no such folder, or no header in it.
    #[error("{} is not a vault", folder.display())]
    NotAVault {
        /// The folder.
        folder: PathBuf,
    },
    /// The account may not read a file.
    #[error("{} may not be read", path.display())]
    NotReadable {
        /// The file.
        path: PathBuf,
    },
    /// The disk failed otherwise.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A newer version of the program wrote this vault.
    #[error("format {version} is newer than {known}")]
    FormatTooNew {
        /// The vault's format.
        version: u32,
        /// The newest format that this program reads.
        known: u32,
    },
    /// A file was changed or cut by something else than this program.
    #[error("{} is damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// Another process has the vault open.
    #[error("in use by process {pid:?}")]
    InUse {
        /// That process, when it could be read.
        pid: Option<u32>,
    },
    /// A change of all keys was interrupted, and the folder `rekey` does not hold what was announced: it is still being
    /// copied here, or was changed.
    #[error("{} does not hold what was announced", path.display())]
    RekeyDamaged {
        /// The folder `rekey`.
        path: PathBuf,
    },
    /// What was given does not open it.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
}

/// Why no slot opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// The vault has no slot of this kind.
    #[error("no {} slot", kind.name())]
    NoSlot {
        /// The kind that was asked for.
        kind: SlotKind,
    },
    /// No slot of kind passphrase opens with this passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// No slot opens with this passphrase and this key file together.
    #[error("wrong passphrase or key file")]
    WrongPassphraseOrKeyFile,
    /// No slot opens with this passphrase and what the keyring keeps together.
    #[error("wrong passphrase, or not the keyring of this vault")]
    WrongPassphraseOrKeyring,
    /// No recovery slot opens with these words.
    #[error("wrong recovery words")]
    WrongRecoveryWords,
    /// No slot was made for this identity.
    #[error("no slot is for this identity")]
    WrongIdentity,
    /// No slot opens with what the keyring keeps.
    #[error("not the keyring of this vault")]
    WrongKeyring,
    /// The text is not a set of recovery words. Nothing was tried.
    #[error(transparent)]
    NotRecoveryWords(#[from] NotRecoveryWords),
    /// The file is not a key file. Nothing was tried.
    #[error(transparent)]
    NotAKeyFile(#[from] NotAKeyFile),
    /// The key derivation needs more memory than there is.
    #[error(transparent)]
    NotEnoughMemory(#[from] NotEnoughMemory),
}

/// Why the slots were not changed, or no change of all keys begun. The header is as it was, but for
/// [`SlotError::CopyNotWritten`].
#[derive(Debug, thiserror::Error)]
pub enum SlotError {
    /// What was given as authority does not open the vault.
    #[error(transparent)]
    Unlock(#[from] UnlockError),
    /// The new passphrase was not taken.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// What was given for the new slot is not a key file.
    #[error(transparent)]
    NotAKeyFile(#[from] NotAKeyFile),
    /// The card's key gives no shared secret.
    #[error("the identity cannot receive a key")]
    UnusableIdentity,
    /// There is no such slot.
    #[error("no slot {slot}")]
    Unknown {
        /// The id that was given.
        slot: SlotId,
    },
    /// The slot has no passphrase to replace.
    #[error("slot {slot} is of kind {}", kind.name())]
    NotAPassphrase {
        /// The slot.
        slot: SlotId,
        /// Its kind.
        kind: SlotKind,
    },
    /// The slot has a second factor, and the authority that was given is not this slot's passphrase with that factor.
    #[error("slot {slot} of kind {} takes its own second factor", kind.name())]
    SecondFactor {
        /// The slot.
        slot: SlotId,
        /// Its kind.
        kind: SlotKind,
    },
    /// A vault has at most so many slots.
    #[error("more than {most} slots")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// No slot would be left that opens without the system's keyring.
    #[error("no slot would be left that opens without the keyring")]
    OnlyKeyring,
    /// The header in the folder is no longer the one that was opened: somebody else changed or replaced it.
    #[error("{} was changed by somebody else", path.display())]
    HeaderChanged {
        /// The header.
        path: PathBuf,
    },
    /// An earlier change of all keys was interrupted half way; opening the vault again ends it.
    #[error("{} has to be ended first", path.display())]
    RekeyPending {
        /// The folder `rekey`.
        path: PathBuf,
    },
    /// The header was changed, but its copy was not: the copy still holds what was removed or replaced.
    #[error("the copy of the header is not up to date: {0}")]
    CopyNotWritten(#[source] DiskError),
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Why a change of all keys was not ended.
#[derive(Debug, thiserror::Error)]
pub enum FinishError {
    /// There is no new catalog. Nothing was changed.
    #[error("{} is missing", path.display())]
    NoCatalog {
        /// Where it was to be.
        path: PathBuf,
    },
    /// The new catalog has a write-ahead log: it was not closed. Nothing was changed.
    #[error("{} was not closed", path.display())]
    CatalogOpen {
        /// The new catalog.
        path: PathBuf,
    },
    /// The vault's header is no longer the one that was opened. Nothing was changed.
    #[error("{} was changed by somebody else", path.display())]
    HeaderChanged {
        /// The header.
        path: PathBuf,
    },
    /// The disk refused before anything of the vault was changed. It goes on under its old keys.
    #[error(transparent)]
    Unchanged(DiskError),
    /// The disk refused after the point of no return. Close the vault: opening it again ends the change.
    #[error("half way: {0}")]
    HalfWay(#[source] DiskError),
}

/// Why a compartment was not made or loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CompartmentError {
    /// The wrapped key was changed, or belongs to another vault, compartment or stage.
    #[error("compartment {compartment} is damaged")]
    Damaged {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// A newer version of the program wrapped it in a way that this one does not know.
    #[error("compartment {compartment} is wrapped in an unknown way")]
    UnknownWrapping {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why no protected compartment was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProtectError {
    /// The stage secret was not taken.
    #[error(transparent)]
    Secret(#[from] PassphraseError),
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why a stage secret did not open its compartment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StageSecretError {
    /// The secret is wrong; what is stored is intact.
    #[error("wrong stage secret")]
    Wrong,
    /// What is stored was changed, or belongs to another vault, compartment or stage. No secret was tried.
    #[error("the compartment is damaged")]
    Damaged,
    /// The key derivation needs more memory than there is.
    #[error(transparent)]
    NotEnoughMemory(#[from] NotEnoughMemory),
    /// It is not wrapped under a stage secret, or in a way that a newer version knows.
    #[error("the compartment has no stage secret")]
    NotProtected,
}

/// Why a stage secret was not replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RewrapError {
    /// The old secret did not open the compartment.
    #[error(transparent)]
    Old(#[from] StageSecretError),
    /// The new secret was not taken.
    #[error(transparent)]
    New(#[from] ProtectError),
}

/// Why nothing was sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The compartment's key is not loaded.
    #[error("compartment {compartment} is not loaded")]
    NotLoaded {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// The plaintext is longer than [`crate::MOST_PLAINTEXT`].
    #[error("{bytes} bytes are too many for one envelope")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The system gave no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why nothing was opened, or a row not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// The compartment's key is not loaded.
    #[error("compartment {compartment} is not loaded")]
    NotLoaded {
        /// The compartment.
        compartment: CompartmentId,
    },
    /// The bytes were changed, cut, or moved here from another place.
    #[error("{table} {field} is damaged or was moved")]
    Refused {
        /// The table of the place.
        table: String,
        /// The field of the place.
        field: String,
    },
    /// A newer version of the program sealed it.
    #[error("envelope version {version} is not known")]
    TooNew {
        /// The envelope's version.
        version: u8,
    },
}

/// Why no MAC of a row was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The compartment's key is not loaded.
    #[error("compartment {compartment} is not loaded")]
    NotLoaded {
        /// The compartment.
        compartment: CompartmentId,
    },
}

/// Why the anchor was not read.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// A copy was changed, cut, or belongs to another vault.
    #[error("{} is damaged or belongs to another vault", path.display())]
    Damaged {
        /// The copy.
        path: PathBuf,
    },
    /// A copy is of a newer generation than the header: somebody put back a folder from before a change of all keys. Which
    /// generation the copy is of cannot be authenticated.
    #[error("{} is of generation {seen}, the header of generation {header}", path.display())]
    HeaderIsOlder {
        /// The copy.
        path: PathBuf,
        /// The header's generation.
        header: u64,
        /// The copy's generation.
        seen: u64,
    },
    /// Both copies are authentic, and say different things of the same sequence number: the vault was written on two
    /// sides that did not know of each other.
    #[error("the two copies of the anchor disagree on entry {sequence}")]
    Contradiction {
        /// The number of the entry they disagree on.
        sequence: u64,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}
