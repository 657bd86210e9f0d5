//! Copies of a vault, and its health.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Authority, VaultReport, WireMessage};

/// Copies the open vault, consistent and verified.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultCopy {
    /// The folder to put the copy in: `NAME-YYYY-MM-DD-HHMM.beffroi` is made there.
    pub destination: String,
}

/// A copy of a vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultCopied {
    /// Its folder.
    pub path: String,
    /// When it was made, in milliseconds since 1970.
    pub at_ms: u64,
    /// Its size.
    pub bytes: u64,
    /// The journal's last entry in it.
    pub journal_entries: u64,
    /// What opening and checking it found.
    pub report: VaultReport,
}

/// Rehearses or makes a restoration: opens a copy, checks it, and says what it holds.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct VaultRestore {
    /// The copy.
    pub source: String,
    /// The folder to make; must not exist.
    pub destination: String,
    /// Opens the copy.
    pub authority: Authority,
    /// Whether to stop before anything is written.
    #[serde(default)]
    pub rehearse: bool,
}

/// What a copy holds.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultRestored {
    /// The folder that was made; absent after a rehearsal.
    pub path: Option<String>,
    /// The vault's name.
    pub name: String,
    /// Hosts in it.
    pub hosts: usize,
    /// Secrets in it.
    pub secrets: usize,
    /// The journal's last entry in it.
    pub journal_entries: u64,
    /// When that was written, in milliseconds since 1970.
    pub last_entry_ms: u64,
    /// Entries that this machine has seen and the copy has not.
    pub missing: u64,
    /// What checking it found.
    pub report: VaultReport,
}

/// How well a vault is kept.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VaultHealth {
    /// What was looked at, the worst first.
    pub findings: Vec<HealthFinding>,
}

/// One finding about a vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HealthFinding {
    /// How bad it is.
    pub grade: HealthGrade,
    /// What was found.
    pub what: WireMessage,
    /// What to do; absent when it is well.
    pub remedy: Option<WireMessage>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HealthGrade {
    /// Should be mended now.
    Bad,
    /// Should be looked at.
    Fair,
    /// Well.
    Good,
}

/// Finds hosts and secrets by a part of their name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Part of a name; case does not matter.
    pub text: String,
    /// 20 when absent, at most 200.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// What was found, names that begin with the text first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchResults {
    /// What was found.
    pub found: Vec<Found>,
}

/// A host or a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Found {
    /// `host` or `secret`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
}
