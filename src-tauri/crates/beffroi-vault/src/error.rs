//! One error per operation. Variants carry data; words for people are put together at the edge.

use std::io;
use std::path::PathBuf;

use beffroi_domain::CompartmentId;

use crate::crypto::NoRandomness;
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

/// Why no vault was created. Nothing is left behind.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Something of that name exists.
    #[error("{} exists", folder.display())]
    Exists {
        /// Where the vault was to be.
        folder: PathBuf,
    },
    /// The passphrase is empty.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// The passphrase is too long.
    #[error("the passphrase is longer than {most} bytes")]
    PassphraseTooLong {
        /// The limit, in bytes of UTF-8.
        most: usize,
    },
    /// The cost is below the floor or above the ceiling.
    #[error("the cost of the passphrase is outside the limits")]
    CostOutOfRange,
    /// The key derivation needs more memory than there is.
    #[error("{memory_kib} KiB of memory are not to be had")]
    NotEnoughMemory {
        /// What was asked for.
        memory_kib: u32,
    },
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
    /// The vault has no slot of this kind.
    #[error("no {} slot", kind.name())]
    NoSlot {
        /// The kind that was asked for.
        kind: SlotKind,
    },
    /// No passphrase slot opens with this passphrase.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// No recovery slot opens with these words.
    #[error("wrong recovery words")]
    WrongRecoveryWords,
    /// The text is not a set of recovery words.
    #[error(transparent)]
    NotRecoveryWords(#[from] NotRecoveryWords),
    /// The key derivation needs more memory than there is.
    #[error("{memory_kib} KiB of memory are not to be had")]
    NotEnoughMemory {
        /// What the slot asks for.
        memory_kib: u32,
    },
}

/// Why a compartment was not made or loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
