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

/// Finds hosts by a part of their name, and secrets by their names, titles, accounts, addresses, tags, groups, visible fields
/// and hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// Words; case does not matter. For secrets accents do not either, every word is somewhere, and one of four letters may have
    /// a mistake.
    pub text: String,
    /// How many of each: 20 when absent, at most 500.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only these; both when absent.
    #[serde(default)]
    pub only: Option<FoundKind>,
}

/// What was found: hosts first, those whose name begins with the text before the others; then secrets, the nearest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SearchResults {
    /// What was found.
    pub found: Vec<Found>,
}

/// A host or a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Found {
    /// Which of them.
    pub kind: FoundKind,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// What it was found by.
    pub by: FoundBy,
    /// The text that it was found by; empty for the name.
    pub text: String,
}

/// What can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A host.
    Host,
    /// A secret.
    Secret,
}

/// What something was found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// Its name.
    Name,
    /// Its title.
    Title,
    /// Its account.
    Account,
    /// One of its addresses.
    Address,
    /// One of its tags.
    Tag,
    /// One of its groups.
    Group,
    /// A field of its own.
    Field,
    /// A host that is given it.
    Host,
}
