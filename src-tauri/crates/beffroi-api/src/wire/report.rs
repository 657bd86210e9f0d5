//! Reports for whoever owns the hosts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for a report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// What it is about: `interventions`, `state` or `dossier`.
    pub kind: String,
    /// Which hosts.
    pub on: String,
    /// Of interventions: from when, in milliseconds since 1970.
    #[serde(default)]
    pub since_ms: Option<u64>,
    /// Until when, that moment not included.
    #[serde(default)]
    pub until_ms: Option<u64>,
    /// Of a dossier: files that are handed over with it.
    #[serde(default)]
    pub handed: Vec<String>,
    /// Its language: `fr` or `en`.
    pub language: String,
}

/// Asks for a report in files.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReportWrite {
    /// Which.
    pub report: ReportRequest,
    /// `pdf`, `csv` (a file for each table) or `json`.
    pub format: String,
    /// The file. Of several tables as CSV, the name of each stands before its ending.
    pub path: String,
    /// Of CSV: this table only, in just that file.
    #[serde(default)]
    pub table: Option<String>,
    /// Files of these names are replaced.
    #[serde(default)]
    pub force: bool,
    /// A statement of what was written is signed and written beside.
    #[serde(default)]
    pub sign: bool,
}

/// A report that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportWritten {
    /// The files.
    pub files: Vec<ReportFile>,
    /// The signed statement of their SHA-256.
    pub statement: Option<String>,
    /// The fingerprint of who signed.
    pub signer: Option<String>,
}

/// A file of a report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportFile {
    /// Where it is.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Asks whether files are what was signed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReportCheck {
    /// The statement; the files lie beside it.
    pub path: String,
    /// Fingerprint of the identity that must have signed it.
    #[serde(default)]
    pub signer: Option<String>,
}

/// A statement that holds, and how the files beside it are.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportChecked {
    /// The fingerprint of who signed.
    pub signer: String,
    /// Their name, as their card has it.
    pub name: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// The files.
    pub files: Vec<ReportFileChecked>,
}

/// A file that a statement is about.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportFileChecked {
    /// Its name.
    pub name: String,
    /// Its SHA-256 when it was signed, in hexadecimal.
    pub sha256: String,
    /// `same`, `changed` or `missing`.
    pub state: String,
}

/// A report in words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportView {
    /// What it is about.
    pub kind: String,
    /// Its language.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// The vault's name: whose hosts they are.
    pub vault: String,
    /// Hosts that it is about, by name.
    pub hosts: Vec<String>,
    /// Hosts that were selected and of which nothing is told.
    pub excluded: Vec<ReportExcluded>,
    /// From when, in milliseconds since 1970.
    pub since_ms: Option<u64>,
    /// Until when.
    pub until_ms: Option<u64>,
    /// When it was made.
    pub made_ms: u64,
    /// What stands under its title: names and values.
    pub about: Vec<(String, String)>,
    /// What it says.
    pub sections: Vec<ReportSection>,
}

/// A host of which nothing is told.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportExcluded {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// `sealed` or `forged`.
    pub why: String,
}

/// A part of a report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportSection {
    /// Its name.
    pub name: String,
    /// The same in words.
    pub title: String,
    /// Sentences.
    pub notes: Vec<String>,
    /// Things to do, in order.
    pub steps: Vec<ReportStep>,
    /// Tables.
    pub tables: Vec<ReportTable>,
    /// Whether it is a page to be signed.
    pub signed: bool,
}

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportStep {
    /// What.
    pub text: String,
    /// What is typed; may have several lines, and may be empty.
    pub code: String,
}

/// A table of a report.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportTable {
    /// Its name, which no other of the report has.
    pub name: String,
    /// The same in words.
    pub title: String,
    /// Its columns.
    pub columns: Vec<ReportColumn>,
    /// Its rows, with a cell for each column.
    pub rows: Vec<Vec<ReportCell>>,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReportColumn {
    /// Its name.
    pub name: String,
    /// The same in words.
    pub title: String,
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReportCell {
    /// In words; one thing on each line, empty for nothing.
    pub text: String,
    /// The moment that it is, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// The number that it is; of a size, bytes.
    pub number: Option<u64>,
}
