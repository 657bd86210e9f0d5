//! The journal.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireMessage;

/// Asks for a page of the journal, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JournalPageRequest {
    /// Entries before this sequence number; the newest when absent.
    #[serde(default)]
    pub before: Option<u64>,
    /// 100 when absent, at most 1,000.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// A page of the journal, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalPage {
    /// The entries.
    pub entries: Vec<JournalRow>,
    /// Entries in all.
    pub total: u64,
}

/// An entry of the journal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalRow {
    /// Counted from 1, without gaps.
    pub sequence: u64,
    /// Milliseconds since 1970.
    pub at_ms: u64,
    /// The account that did it.
    pub person: String,
    /// What happened.
    pub event: WireMessage,
    /// What it happened to, where that is more than one: each path that was removed.
    #[serde(default)]
    pub items: Vec<String>,
    /// The host it concerns, by its name today, else by its identifier.
    pub host: Option<String>,
    /// The chain's value at this entry, in hexadecimal.
    pub mac: String,
    /// The chain it belongs to: one for each person and device.
    pub chain: String,
    /// Counted from 1 in its chain.
    pub number: u64,
}

/// What checking the journal found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalReport {
    /// Whether every entry is chained to the one before it and the anchor agrees.
    pub intact: bool,
    /// Entries that were checked.
    pub entries: u64,
    /// The first entry that is wrong.
    pub broken_at: Option<u64>,
    /// The chain's value at the last entry, in hexadecimal.
    pub head: String,
    /// One row per person and device.
    pub chains: Vec<JournalChain>,
}

/// A chain of the journal: what one person did on one device.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalChain {
    /// Its identifier.
    pub id: String,
    /// The person's account.
    pub person: String,
    /// The device's identifier.
    pub device: String,
    /// Its entries.
    pub entries: u64,
    /// The last entry that is signed; 0 when none is.
    pub signed: u64,
    /// The fingerprint of who signed it.
    pub signer: Option<String>,
    /// The name on the signer's card.
    pub signer_name: Option<String>,
}

/// Checks an exported journal: no vault is needed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JournalCheck {
    /// The file.
    pub path: String,
    /// The fingerprint that must have signed it, known from elsewhere; of several people, parted by commas.
    #[serde(default)]
    pub signer: Option<String>,
}

/// Writes the journal to a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JournalExport {
    /// The file to make: one JSON object a line. Must not exist.
    pub path: String,
}

/// A journal that was written to a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalExported {
    /// The file.
    pub path: String,
    /// Entries in it.
    pub entries: u64,
}
