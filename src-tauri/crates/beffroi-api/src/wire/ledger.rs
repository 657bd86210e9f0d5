//! What lies on hosts because of this program.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks what lies on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostLedgerRequest {
    /// The host's name.
    pub host: String,
    /// Whether the host itself is asked; else only the catalog.
    #[serde(default)]
    pub ask: bool,
}

/// What lies on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostLedger {
    /// Each thing.
    pub entries: Vec<LedgerEntry>,
    /// Temporary files of starts that died; absent when the host was not asked.
    pub leftovers: Option<u64>,
}

/// Something that lies on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LedgerEntry {
    /// `job-folder`, `published` or `authorized-key`.
    pub kind: String,
    /// Which: `JOB.STEP`, or a fingerprint.
    pub what: String,
    /// Whether this catalog put it there.
    pub ours: bool,
    /// Of a job's folder, as the host says: `staged`, `running`, `ended` or `vanished`.
    pub state: Option<String>,
    /// Bytes that it takes.
    pub bytes: Option<u64>,
    /// When its command started, in seconds since 1970 by the host's clock.
    pub started_s: Option<u64>,
}

/// Removes what ended jobs left on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostClean {
    /// The host's name.
    pub host: String,
    /// Only what ended longer ago than this, in seconds.
    #[serde(default)]
    pub older_s: u64,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Leaves a host as if this program had never been there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostDetach {
    /// The host's name.
    pub host: String,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// What was removed from a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostCleaned {
    /// `JOB.STEP` of each folder that was removed.
    pub folders: Vec<String>,
    /// Temporary files that were removed.
    pub leftovers: u64,
    /// Whether the account's authorized keys were freed of this program's key.
    pub key_removed: bool,
}
