//! The anchor: how far the journal was when it was last written, kept apart from the database.

use std::path::Path;

use beffroi_domain::{Canonical, CanonicalReader, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{check_mac, derive_mac};
use crate::disk::{self, Content};
use crate::error::{AnchorError, DiskError};

const TAG: &str = "beffroi/anchor/1";
/// An anchor is 168 bytes long; anything far above this is not one.
pub(crate) const MOST_BYTES: usize = 4096;

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

/// What one copy of the anchor says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnchorCopy {
    /// There is none.
    Missing,
    /// It is authentic.
    Valid(Anchor),
    /// It was written under a root key that the vault no longer has, so **it cannot be authenticated**. Compare its
    /// sequence with that of the database, and nothing else: a database with fewer entries is behind what was seen here.
    /// It never stands in for a valid copy that is missing.
    Older {
        /// The generation it says it is of; below that of the header.
        generation: u64,
        /// The sequence it says.
        sequence: u64,
    },
}

/// What the two copies of the anchor say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorState {
    /// The one in the vault's folder.
    pub folder: AnchorCopy,
    /// The one on this machine.
    pub outside: AnchorCopy,
}

impl AnchorCopy {
    /// The anchor, when it is authentic.
    #[must_use]
    pub fn valid(&self) -> Option<Anchor> {
        match *self {
            Self::Valid(anchor) => Some(anchor),
            Self::Missing | Self::Older { .. } => None,
        }
    }

    /// The sequence it says, authentic or not.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        match *self {
            Self::Valid(Anchor { sequence, .. }) | Self::Older { sequence, .. } => Some(sequence),
            Self::Missing => None,
        }
    }
}

impl AnchorState {
    /// The authentic copy that saw the newest state. A database behind it has lost entries, or was replaced by an older one.
    #[must_use]
    pub fn newest(&self) -> Option<Anchor> {
        [self.folder, self.outside].iter().filter_map(AnchorCopy::valid).max_by_key(|anchor| anchor.sequence)
    }

    /// The highest sequence that either copy says, authentic or not. A database with fewer entries is behind.
    #[must_use]
    pub fn highest_sequence(&self) -> Option<u64> {
        self.folder.sequence().max(self.outside.sequence())
    }
}

/// An anchor as it stands in a file, before its MAC is checked.
struct Stored<'a> {
    generation: u64,
    anchor: Anchor,
    authenticated: &'a [u8],
    mac: &'a [u8; 32],
}

impl Anchor {
    /// `C("beffroi/anchor/1", generation, vault, sequence, journal head, state digest) ‖ MAC`.
    pub(crate) fn to_bytes(self, vault: VaultId, generation: u64, key: &SecretKey) -> Vec<u8> {
        let mut bytes = Canonical::new(TAG)
            .number(generation)
            .bytes(vault.as_bytes())
            .number(self.sequence)
            .bytes(&self.journal_head)
            .bytes(&self.state_digest)
            .finish();
        let mac = derive_mac(key, &[&bytes]);
        bytes.extend_from_slice(&mac);
        bytes
    }
}

impl<'a> Stored<'a> {
    /// Takes [`Anchor::to_bytes`] apart; nothing for anything else, another vault's anchor included.
    fn read(vault: VaultId, bytes: &'a [u8]) -> Option<Self> {
        let (authenticated, mac) = bytes.split_last_chunk::<32>()?;
        let mut reader = CanonicalReader::new(TAG, authenticated).ok()?;
        let generation = reader.number().ok()?;
        if reader.bytes().ok()? != vault.as_bytes() {
            return None;
        }
        let anchor = Anchor {
            sequence: reader.number().ok()?,
            journal_head: reader.bytes().ok()?.try_into().ok()?,
            state_digest: reader.bytes().ok()?.try_into().ok()?,
        };
        reader.finish().ok()?;
        Some(Self { generation, anchor, authenticated, mac })
    }
}

/// Why a copy is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AnchorFault {
    Damaged,
    /// It is of a generation that the header has not reached.
    Newer {
        generation: u64,
    },
}

/// Reads a copy for the header's generation.
pub(crate) fn from_bytes(vault: VaultId, generation: u64, key: &SecretKey, bytes: &[u8]) -> Result<AnchorCopy, AnchorFault> {
    let stored = Stored::read(vault, bytes).ok_or(AnchorFault::Damaged)?;
    if stored.generation > generation {
        return Err(AnchorFault::Newer { generation: stored.generation });
    }
    if stored.generation < generation {
        return Ok(AnchorCopy::Older { generation: stored.generation, sequence: stored.anchor.sequence });
    }
    check_mac(key, &[stored.authenticated], stored.mac).map_err(|_| AnchorFault::Damaged)?;
    Ok(AnchorCopy::Valid(stored.anchor))
}

fn read_copy(vault: VaultId, generation: u64, key: &SecretKey, path: &Path) -> Result<AnchorCopy, AnchorError> {
    let read = match disk::read(path, MOST_BYTES)? {
        Content::Missing => Ok(AnchorCopy::Missing),
        Content::TooLong => Err(AnchorFault::Damaged),
        Content::Whole(bytes) => from_bytes(vault, generation, key, &bytes),
    };
    read.map_err(|fault| match fault {
        AnchorFault::Damaged => AnchorError::Damaged { path: path.to_owned() },
        AnchorFault::Newer { generation: seen } => AnchorError::HeaderIsOlder { path: path.to_owned(), header: generation, seen },
    })
}

/// Reads both copies.
pub(crate) fn read(
    vault: VaultId,
    generation: u64,
    key: &SecretKey,
    folder: &Path,
    outside: Option<&Path>,
) -> Result<AnchorState, AnchorError> {
    let folder = read_copy(vault, generation, key, folder)?;
    let outside = outside.map_or(Ok(AnchorCopy::Missing), |outside| read_copy(vault, generation, key, outside))?;
    match (folder, outside) {
        (AnchorCopy::Valid(one), AnchorCopy::Valid(other)) if one.sequence == other.sequence && one != other => {
            Err(AnchorError::Contradiction { sequence: one.sequence })
        }
        _ => Ok(AnchorState { folder, outside }),
    }
}

/// Writes the copy outside the folder.
pub(crate) fn write_outside(bytes: &[u8], outside: &Path) -> Result<(), DiskError> {
    if let Some(parent) = outside.parent() {
        disk::make_private_folder(parent, true).map_err(|source| DiskError { path: parent.to_owned(), source })?;
    }
    disk::write(outside, bytes)
}
