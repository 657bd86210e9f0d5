//! `header.json`: what is public of a vault.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Canonical, SlotId, VaultId};
use beffroi_secret::SecretKey;
use serde::{Deserialize, Serialize};

use crate::crypto::{check_mac, derive_mac};
use crate::kdf::KdfCost;
use crate::slot::{Slot, SlotSummary, Way};

/// The format that this program writes, and the newest that it reads.
pub(crate) const FORMAT: u32 = 1;
/// Bytes of the longest header that is read.
pub(crate) const MOST_BYTES: usize = 64 << 10;
const MOST_SLOTS: usize = 16;
const NAME: &str = "beffroi-vault";
const ALGORITHM: &str = "argon2id";

/// What anyone may know of a vault without opening it. Not checked before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSummary {
    /// The vault's id.
    pub vault: VaultId,
    /// The version of its format.
    pub format: u32,
    /// The ways in.
    pub slots: Vec<SlotSummary>,
}

/// The header is not one that this program opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    Damaged,
    TooNew { version: u32 },
}

/// The header, before its MAC is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) vault: VaultId,
    pub(crate) slots: Vec<Slot>,
    mac: [u8; 32],
}

impl Header {
    pub(crate) fn new(vault: VaultId, slots: Vec<Slot>, key: &SecretKey) -> Self {
        let mac = derive_mac(key, &[&authenticated(vault, &slots)]);
        Self { vault, slots, mac }
    }

    pub(crate) fn check(&self, key: &SecretKey) -> Result<(), HeaderFault> {
        check_mac(key, &[&authenticated(self.vault, &self.slots)], &self.mac).map_err(|_| HeaderFault::Damaged)
    }

    pub(crate) fn summary(&self) -> HeaderSummary {
        HeaderSummary { vault: self.vault, format: FORMAT, slots: self.slots.iter().map(Slot::summary).collect() }
    }

    #[cfg(test)]
    pub(crate) fn mac(&self) -> [u8; 32] {
        self.mac
    }

    /// The bytes of the file. One header, one sequence of bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let file = HeaderFile {
            format: NAME.to_owned(),
            version: FORMAT,
            vault: self.vault.to_string(),
            slots: self.slots.iter().map(SlotFile::from).collect(),
            mac: STANDARD.encode(self.mac),
        };
        // Strings and numbers only: there is nothing that could fail to be written.
        let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Reads the bytes of the file. Refuses everything that [`Header::to_bytes`] would not have written.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, HeaderFault> {
        if bytes.len() > MOST_BYTES {
            return Err(HeaderFault::Damaged);
        }
        let seen: Version = serde_json::from_slice(bytes).map_err(|_| HeaderFault::Damaged)?;
        if seen.format != NAME {
            return Err(HeaderFault::Damaged);
        }
        if seen.version > FORMAT {
            return Err(HeaderFault::TooNew { version: seen.version });
        }
        let header = serde_json::from_slice(bytes).ok().and_then(from_file).ok_or(HeaderFault::Damaged)?;
        if header.to_bytes() == bytes { Ok(header) } else { Err(HeaderFault::Damaged) }
    }
}

/// `C("beffroi/header/1", version, vault, number of slots, [context, nonce, wrapped] of each slot)`.
fn authenticated(vault: VaultId, slots: &[Slot]) -> Vec<u8> {
    let start = Canonical::new("beffroi/header/1").number(u64::from(FORMAT)).bytes(vault.as_bytes()).number(slots.len() as u64);
    slots.iter().fold(start, |encoding, slot| encoding.bytes(&slot.context(vault)).bytes(&slot.nonce).bytes(&slot.wrapped)).finish()
}

/// What every version of the header has: read first, so that a newer one is told from a damaged one.
#[derive(Deserialize)]
struct Version {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderFile {
    format: String,
    version: u32,
    vault: String,
    slots: Vec<SlotFile>,
    mac: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum SlotFile {
    Passphrase { id: String, kdf: String, memory_kib: u32, passes: u32, lanes: u32, salt: String, nonce: String, wrapped: String },
    Recovery { id: String, nonce: String, wrapped: String },
}

impl From<&Slot> for SlotFile {
    fn from(slot: &Slot) -> Self {
        let id = slot.id.to_string();
        let nonce = STANDARD.encode(slot.nonce);
        let wrapped = STANDARD.encode(slot.wrapped);
        match slot.way {
            Way::Passphrase { cost: KdfCost { memory_kib, passes, lanes }, salt } => {
                let kdf = ALGORITHM.to_owned();
                Self::Passphrase { id, kdf, memory_kib, passes, lanes, salt: STANDARD.encode(salt), nonce, wrapped }
            }
            Way::Recovery => Self::Recovery { id, nonce, wrapped },
        }
    }
}

fn from_file(file: HeaderFile) -> Option<Header> {
    if file.version != FORMAT || file.slots.is_empty() || file.slots.len() > MOST_SLOTS {
        return None;
    }
    let slots = file.slots.into_iter().map(from_slot_file).collect::<Option<Vec<_>>>()?;
    let mut ids: Vec<SlotId> = slots.iter().map(|slot| slot.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != slots.len() {
        return None;
    }
    Some(Header { vault: file.vault.parse().ok()?, slots, mac: from_base64(&file.mac)? })
}

fn from_slot_file(file: SlotFile) -> Option<Slot> {
    let (id, way, nonce, wrapped) = match file {
        SlotFile::Passphrase { id, kdf, memory_kib, passes, lanes, salt, nonce, wrapped } => {
            let cost = KdfCost { memory_kib, passes, lanes };
            if kdf != ALGORITHM || !cost.is_within_limits() {
                return None;
            }
            (id, Way::Passphrase { cost, salt: from_base64(&salt)? }, nonce, wrapped)
        }
        SlotFile::Recovery { id, nonce, wrapped } => (id, Way::Recovery, nonce, wrapped),
    };
    Some(Slot { id: id.parse().ok()?, way, nonce: from_base64(&nonce)?, wrapped: from_base64(&wrapped)? })
}

fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
