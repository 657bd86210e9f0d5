//! `header.json`: what is public of a vault.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Canonical, SlotId, VaultId};
use beffroi_secret::SecretKey;
use serde::{Deserialize, Serialize};

use crate::crypto::{check_mac, derive_mac};
use crate::kdf::{ALGORITHM, Kdf, KdfCost};
use crate::slot::{MOST_SLOTS, Slot, SlotSummary, Way};

/// The format that this program writes, and the newest that it reads.
pub(crate) const FORMAT: u32 = 1;
/// Bytes of the longest header that is read.
pub(crate) const MOST_BYTES: usize = 64 << 10;
const NAME: &str = "beffroi-vault";

/// What anyone may know of a vault without opening it. Not checked before it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderSummary {
    /// The vault's id.
    pub vault: VaultId,
    /// The version of its format.
    pub format: u32,
    /// How many root keys it has had, this one included: 1 at creation, one more at each change of all keys.
    pub generation: u64,
    /// How often the header was written: 1 at creation, one more at each change of the slots and of all keys. Compare it
    /// with what the journal vouches for: a lower one is an older header, with ways in that were revoked since.
    pub revision: u64,
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
    pub(crate) generation: u64,
    pub(crate) revision: u64,
    pub(crate) slots: Vec<Slot>,
    mac: [u8; 32],
}

impl Header {
    pub(crate) fn new(vault: VaultId, generation: u64, revision: u64, slots: Vec<Slot>, key: &SecretKey) -> Self {
        let mut header = Self { vault, generation, revision, slots, mac: [0; 32] };
        header.mac = derive_mac(key, &[&header.authenticated()]);
        header
    }

    pub(crate) fn check(&self, key: &SecretKey) -> Result<(), HeaderFault> {
        check_mac(key, &[&self.authenticated()], &self.mac).map_err(|_| HeaderFault::Damaged)
    }

    pub(crate) fn summary(&self) -> HeaderSummary {
        let slots = self.slots.iter().map(Slot::summary).collect();
        HeaderSummary { vault: self.vault, format: FORMAT, generation: self.generation, revision: self.revision, slots }
    }

    /// `C("beffroi/header/1", version, vault, generation, revision, number of slots, [context, nonce, wrapped] of each slot)`.
    fn authenticated(&self) -> Vec<u8> {
        let start = Canonical::new("beffroi/header/1")
            .number(u64::from(FORMAT))
            .bytes(self.vault.as_bytes())
            .number(self.generation)
            .number(self.revision)
            .number(self.slots.len() as u64);
        let slot = |encoding: Canonical, slot: &Slot| encoding.bytes(&slot.context(self.vault)).bytes(&slot.nonce).bytes(&slot.wrapped);
        self.slots.iter().fold(start, slot).finish()
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
            generation: self.generation,
            revision: self.revision,
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
    generation: u64,
    revision: u64,
    slots: Vec<SlotFile>,
    mac: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum SlotFile {
    Passphrase(PassphraseFile),
    PassphraseKeyFile(PassphraseFile),
    PassphraseKeyring(PassphraseFile),
    Recovery(PlainFile),
    Identity { id: String, ephemeral: String, nonce: String, wrapped: String },
    Keyring(PlainFile),
}

/// A slot whose material comes of a passphrase.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassphraseFile {
    id: String,
    kdf: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    nonce: String,
    wrapped: String,
}

/// A slot without parameters.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainFile {
    id: String,
    nonce: String,
    wrapped: String,
}

impl From<&Slot> for SlotFile {
    fn from(slot: &Slot) -> Self {
        let id = slot.id.to_string();
        let nonce = STANDARD.encode(slot.nonce);
        let wrapped = STANDARD.encode(slot.wrapped);
        let passphrase = |Kdf { cost: KdfCost { memory_kib, passes, lanes }, salt }, id, nonce, wrapped| {
            let kdf = ALGORITHM.to_owned();
            PassphraseFile { id, kdf, memory_kib, passes, lanes, salt: STANDARD.encode(salt), nonce, wrapped }
        };
        match slot.way {
            Way::Passphrase(kdf) => Self::Passphrase(passphrase(kdf, id, nonce, wrapped)),
            Way::PassphraseKeyFile(kdf) => Self::PassphraseKeyFile(passphrase(kdf, id, nonce, wrapped)),
            Way::PassphraseKeyring(kdf) => Self::PassphraseKeyring(passphrase(kdf, id, nonce, wrapped)),
            Way::Recovery => Self::Recovery(PlainFile { id, nonce, wrapped }),
            Way::Identity { ephemeral } => Self::Identity { id, ephemeral: STANDARD.encode(ephemeral), nonce, wrapped },
            Way::Keyring => Self::Keyring(PlainFile { id, nonce, wrapped }),
        }
    }
}

fn from_file(file: HeaderFile) -> Option<Header> {
    if file.version != FORMAT || file.generation == 0 || file.revision == 0 || file.slots.is_empty() || file.slots.len() > MOST_SLOTS {
        return None;
    }
    let slots = file.slots.into_iter().map(from_slot_file).collect::<Option<Vec<_>>>()?;
    let mut ids: Vec<SlotId> = slots.iter().map(|slot| slot.id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != slots.len() {
        return None;
    }
    Some(Header {
        vault: file.vault.parse().ok()?,
        generation: file.generation,
        revision: file.revision,
        slots,
        mac: from_base64(&file.mac)?,
    })
}

fn from_slot_file(file: SlotFile) -> Option<Slot> {
    let (id, way, nonce, wrapped) = match file {
        SlotFile::Passphrase(file) => file.read(Way::Passphrase)?,
        SlotFile::PassphraseKeyFile(file) => file.read(Way::PassphraseKeyFile)?,
        SlotFile::PassphraseKeyring(file) => file.read(Way::PassphraseKeyring)?,
        SlotFile::Recovery(PlainFile { id, nonce, wrapped }) => (id, Way::Recovery, nonce, wrapped),
        SlotFile::Identity { id, ephemeral, nonce, wrapped } => (id, Way::Identity { ephemeral: from_base64(&ephemeral)? }, nonce, wrapped),
        SlotFile::Keyring(PlainFile { id, nonce, wrapped }) => (id, Way::Keyring, nonce, wrapped),
    };
    Some(Slot { id: id.parse().ok()?, way, nonce: from_base64(&nonce)?, wrapped: from_base64(&wrapped)? })
}

impl PassphraseFile {
    /// The slot's texts, with the way that its parameters make.
    fn read(self, way: fn(Kdf) -> Way) -> Option<(String, Way, String, String)> {
        let cost = KdfCost { memory_kib: self.memory_kib, passes: self.passes, lanes: self.lanes };
        if self.kdf != ALGORITHM || !cost.is_within_limits() {
            return None;
        }
        Some((self.id, way(Kdf { cost, salt: from_base64(&self.salt)? }), self.nonce, self.wrapped))
    }
}

fn from_base64<const N: usize>(text: &str) -> Option<[u8; N]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}
