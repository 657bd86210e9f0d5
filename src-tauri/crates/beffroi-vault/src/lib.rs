//! The vault of one client: who may open it, and the keys that come of that.
//!
//! A vault is a folder. This crate writes `header.json` with its copy `header.json.bak`, `anchor` with its copy outside
//! the folder, and `lock`; it only names `catalog.db`, derives its key, and puts another in its place when all keys change.
//! What is deliberately missing: SQL, any idea of what the rows hold, and a way to take a compartment's key out: keys stay
//! inside [`OpenVault`], named by id.
//!
#![doc = include_str!("../FORMAT.md")]

mod anchor;
mod archive;
mod compartment;
mod conflict;
mod crypto;
mod digest;
mod disk;
mod envelope;
mod error;
mod folder;
mod header;
mod identity;
mod journal;
mod kdf;
mod key_file;
mod keys;
mod lock;
mod recovery;
mod rekey;
mod slot;
mod slots;
mod stage_secret;
mod stages;
mod unlock;
mod vault;

#[cfg(test)]
mod vectors;

pub use anchor::{Anchor, AnchorCopy, AnchorState};
pub use archive::{ARCHIVE_CHUNK, ARCHIVE_OVERHEAD, ArchiveError, ArchiveHead, ArchiveKey, MOST_ARCHIVE_HEAD};
pub use compartment::{Loaded, NewCompartment, is_protected, protection};
pub use conflict::conflict_copies;
pub use crypto::NoRandomness;
pub use digest::DigestRow;
pub use envelope::{MOST_PLAINTEXT, Place};
pub use error::{
    AnchorError, CompartmentError, CreateError, DiskError, FinishError, NotEnoughMemory, OpenError, PassphraseError, ProtectError,
    RewrapError, RowError, SealError, SlotError, StageSecretError, UnlockError, UnsealError,
};
pub use folder::{Places, create, describe, open};
pub use header::HeaderSummary;
pub use identity::{BadSignature, IdentityCard, IdentityKeys, InvalidCard, MOST_IDENTITY_NAME, NotIdentityKeys};
pub use journal::{JOURNAL_START, checkpoint_message, journal_link, journal_start};
pub use kdf::KdfCost;
pub use key_file::{KeyFile, NotAKeyFile};
pub use recovery::{NotRecoveryWords, RecoveryWords};
pub use rekey::Rekey;
pub use slot::{SlotKind, SlotSummary};
pub use slots::AddedSlot;
pub use stage_secret::{LEAST_STAGE_SECRET_BITS, estimate_bits, make_stage_secret};
pub use unlock::{NewSlot, Unlock};
pub use vault::OpenVault;
