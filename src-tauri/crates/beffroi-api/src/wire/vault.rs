//! Vaults.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Authority, SecretInput, SlotInfo, StageInfo, WireMessage};

/// The vaults that this machine has seen, the last used first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultList {
    /// One entry per folder.
    pub vaults: Vec<KnownVault>,
}

/// A vault that this machine has seen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KnownVault {
    /// Its folder.
    pub path: String,
    /// The folder's name without `.beffroi`; the true name is known once it is open.
    pub name: String,
    /// Its identifier, when it is open in this process: requests name it.
    pub open: Option<String>,
    /// Whether the folder is there now.
    pub present: bool,
    /// When it was last opened here, in milliseconds since 1970.
    pub opened_ms: Option<u64>,
}

/// Makes a vault and opens it.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultCreate {
    /// The folder to make; `.beffroi` is added when missing.
    pub path: String,
    /// A name for people; the folder's when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// Opens the vault from now on.
    pub passphrase: SecretInput,
}

/// A vault that was just made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultCreated {
    /// The vault, open.
    pub vault: VaultInfo,
    /// 24 words that open it when the passphrase is lost. Shown once, stored nowhere.
    pub recovery_words: String,
}

/// Opens a vault.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultUnlock {
    /// Its folder.
    pub path: String,
    /// With what.
    pub with: Authority,
}

/// An open vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultInfo {
    /// Its identifier.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its folder.
    pub path: String,
    /// Version of the format.
    pub format: u32,
    /// Ways in.
    pub slots: Vec<SlotInfo>,
    /// Stages, dev first.
    pub stages: Vec<StageInfo>,
    /// Hosts in the catalog.
    pub hosts: usize,
    /// Secrets in the catalog.
    pub secrets: usize,
    /// Entries of the journal.
    pub journal_entries: u64,
    /// When it was last copied, in milliseconds since 1970.
    pub last_copy_ms: Option<u64>,
    /// Why nothing can be changed in it, when that is so.
    pub read_only: Option<WireMessage>,
    /// What the operator should know at once: old copies, conflict copies of a file synchroniser, a way in that is weak.
    pub warnings: Vec<WireMessage>,
}

/// What `vault verify` found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultReport {
    /// Whether every check held.
    pub intact: bool,
    /// One entry per check.
    pub checks: Vec<VaultCheck>,
}

/// One check of a vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultCheck {
    /// What was checked.
    pub what: WireMessage,
    /// Whether it held.
    pub held: bool,
    /// What was found and what it means; absent when it held.
    pub why: Option<WireMessage>,
}
