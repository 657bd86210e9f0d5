//! The anchor: how far the journal was when it was last written, kept apart from the database.

use std::path::Path;

use beffroi_domain::{Canonical, CanonicalReader, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{check_mac, derive_mac};
use crate::disk::{self, Content};
use crate::error::{AnchorError, DiskError};

const TAG: &str = "beffroi/anchor/1";
/// An anchor is 156 bytes long; anything above this is not one.
const MOST_BYTES: usize = 4096;

/// The state of the database after its newest journal entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    /// The entry's number.
    pub sequence: u64,
    /// Its MAC.
    pub journal_head: [u8; 32],
    /// The digest of all authenticated rows.
    pub state_digest: [u8; 32],
}

/// What the two copies of the anchor say. Those given are authentic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorState {
    /// There is no copy: a vault that was never written to, or one whose anchors were both removed.
    Missing,
    /// At least one copy is there.
    Valid {
        /// The one in the vault's folder.
        folder: Option<Anchor>,
        /// The one on this machine.
        outside: Option<Anchor>,
    },
}

impl AnchorState {
    /// The copy that saw the newest state. A database behind it has lost entries, or was replaced by an older one.
    #[must_use]
    pub fn newest(&self) -> Option<Anchor> {
        match *self {
            Self::Missing => None,
            Self::Valid { folder, outside } => [folder, outside].into_iter().flatten().max_by_key(|anchor| anchor.sequence),
        }
    }
}

impl Anchor {
    /// `C("beffroi/anchor/1", vault, sequence, journal head, state digest) ‖ MAC`.
    pub(crate) fn to_bytes(self, vault: VaultId, key: &SecretKey) -> Vec<u8> {
        let mut bytes =
            Canonical::new(TAG).bytes(vault.as_bytes()).number(self.sequence).bytes(&self.journal_head).bytes(&self.state_digest).finish();
        let mac = derive_mac(key, &[&bytes]);
        bytes.extend_from_slice(&mac);
        bytes
    }

    /// Reads [`Anchor::to_bytes`]; nothing for anything else, another vault's anchor included.
    pub(crate) fn from_bytes(vault: VaultId, key: &SecretKey, bytes: &[u8]) -> Option<Self> {
        let (content, mac) = bytes.split_last_chunk::<32>()?;
        check_mac(key, &[content], mac).ok()?;
        let mut reader = CanonicalReader::new(TAG, content).ok()?;
        if reader.bytes().ok()? != vault.as_bytes() {
            return None;
        }
        let anchor = Self {
            sequence: reader.number().ok()?,
            journal_head: reader.bytes().ok()?.try_into().ok()?,
            state_digest: reader.bytes().ok()?.try_into().ok()?,
        };
        reader.finish().ok()?;
        Some(anchor)
    }
}

fn read_copy(vault: VaultId, key: &SecretKey, path: &Path) -> Result<Option<Anchor>, AnchorError> {
    let damaged = || AnchorError::Damaged { path: path.to_owned() };
    match disk::read(path, MOST_BYTES)? {
        Content::Missing => Ok(None),
        Content::TooLong => Err(damaged()),
        Content::Whole(bytes) => Anchor::from_bytes(vault, key, &bytes).map(Some).ok_or_else(damaged),
    }
}

/// Reads both copies.
pub(crate) fn read(vault: VaultId, key: &SecretKey, folder: &Path, outside: &Path) -> Result<AnchorState, AnchorError> {
    let folder = read_copy(vault, key, folder)?;
    let outside = read_copy(vault, key, outside)?;
    match (folder, outside) {
        (None, None) => Ok(AnchorState::Missing),
        (Some(one), Some(other)) if one.sequence == other.sequence && one != other => {
            Err(AnchorError::Contradiction { sequence: one.sequence })
        }
        _ => Ok(AnchorState::Valid { folder, outside }),
    }
}

/// Writes both copies. The one outside is written even when the one in the folder cannot be.
pub(crate) fn write(vault: VaultId, key: &SecretKey, anchor: &Anchor, folder: &Path, outside: &Path) -> Result<(), DiskError> {
    let bytes = anchor.to_bytes(vault, key);
    let in_folder = disk::write(folder, &bytes);
    if let Some(parent) = outside.parent() {
        disk::make_private_folder(parent, true).map_err(|source| DiskError { path: parent.to_owned(), source })?;
    }
    disk::write(outside, &bytes)?;
    in_folder
}
