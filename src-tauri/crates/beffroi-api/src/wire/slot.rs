//! Ways into a vault, and the identity of a person.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{SecretInput, VaultInfo};

/// What opens a vault, and what proves that somebody may change its ways in: exactly one way.
///
/// `passphrase` alone; `passphrase` with `key_file`; `passphrase` with `keyring`; `recovery_words`; `keyring` alone;
/// `identity`.
#[derive(Debug, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The passphrase.
    #[serde(default)]
    pub passphrase: Option<SecretInput>,
    /// Path of the key file.
    #[serde(default)]
    pub key_file: Option<String>,
    /// Whether this login's keyring holds what is needed.
    #[serde(default)]
    pub keyring: bool,
    /// The 24 recovery words.
    #[serde(default)]
    pub recovery_words: Option<SecretInput>,
    /// Whether an identity of an open vault opens it.
    #[serde(default)]
    pub identity: bool,
}

/// A way into a vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SlotInfo {
    /// Its identifier.
    pub id: String,
    /// `passphrase`, `passphrase-key-file`, `passphrase-keyring`, `recovery`, `identity` or `keyring`.
    pub kind: String,
    /// What people call it.
    pub label: Option<String>,
    /// When it was added, in milliseconds since 1970, where that is known.
    pub added_ms: Option<u64>,
    /// Memory of its Argon2id, in KiB; absent for kinds that need no stretching.
    pub memory_kib: Option<u32>,
    /// Passes of its Argon2id.
    pub passes: Option<u32>,
    /// Lanes of its Argon2id.
    pub lanes: Option<u32>,
    /// Whether it is the weakest of this vault.
    pub weakest: bool,
}

/// The ways into a vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SlotList {
    /// In the order of the header.
    pub slots: Vec<SlotInfo>,
}

/// Adds a way into the open vault.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SlotAdd {
    /// Proves that it may be added.
    pub authority: Authority,
    /// `passphrase`, `passphrase-key-file`, `passphrase-keyring`, `recovery`, `identity` or `keyring`.
    pub kind: String,
    /// The new passphrase, for the kinds that have one.
    #[serde(default)]
    pub passphrase: Option<SecretInput>,
    /// Path of the key file for `passphrase-key-file`: made when it is not there.
    #[serde(default)]
    pub key_file: Option<String>,
    /// For `identity`: the name or fingerprint of an identity that this vault knows (`identity_import`).
    #[serde(default)]
    pub identity: Option<String>,
    /// What people call it.
    #[serde(default)]
    pub label: Option<String>,
}

/// A way that was added.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SlotAdded {
    /// It.
    pub slot: SlotInfo,
    /// The words, for kind `recovery`. Shown once, stored nowhere.
    pub recovery_words: Option<String>,
}

/// Removes a way into the open vault. Copies made before still open with it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SlotRemove {
    /// Proves that it may be removed.
    pub authority: Authority,
    /// Its identifier.
    pub slot: String,
}

/// Gives a vault another passphrase. Copies made before still open with the old one.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultPasswd {
    /// Opens the vault until now. With recovery words or an identity, the vault's first passphrase is replaced.
    pub authority: Authority,
    /// From now on.
    pub new: SecretInput,
}

/// Makes a new root key and encrypts the whole vault anew.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultRekey {
    /// The way in that is kept.
    pub authority: Authority,
}

/// A vault under a new root key.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultRekeyed {
    /// The vault, open.
    pub vault: VaultInfo,
    /// New recovery words; the old ones open it no more. Shown once, stored nowhere.
    pub recovery_words: String,
    /// Ways in that could not be kept, because their secret was not at hand.
    pub dropped: Vec<SlotInfo>,
}

/// The identities that a vault knows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IdentityList {
    /// By name.
    pub identities: Vec<IdentityInfo>,
}

/// The public half of a person's identity.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IdentityInfo {
    /// Its identifier.
    pub id: String,
    /// The person.
    pub name: String,
    /// `SHA256:…` of its two public keys: compare it by voice.
    pub fingerprint: String,
    /// Whether its private half is in this vault.
    pub own: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// Its card: one line of text, to be given to others.
    pub card: String,
    /// What age encrypts for it with: `age1…`.
    pub recipient: String,
}

/// Makes an identity in the open vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct IdentityCreate {
    /// The person.
    pub name: String,
}

/// Writes the card of this vault's own identity to a file, or takes in somebody else's card from one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct IdentityFile {
    /// The file. For an export it must not exist.
    pub path: String,
}
