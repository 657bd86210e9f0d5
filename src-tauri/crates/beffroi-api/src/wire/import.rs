//! Files of other programs: read, shown, taken in; and secrets written for other programs.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Authority, SecretInput};

/// The formats that are read and written, as they are typed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportFormats {
    /// Those that are read, in the order in which they are tried.
    pub read: Vec<String>,
    /// Those that are written.
    pub written: Vec<String>,
    /// What a column of separated values can be.
    pub columns: Vec<String>,
}

/// Names a file of separated values.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportColumnsOf {
    /// Its path.
    pub path: String,
}

/// The columns of a file, and what they seem to be.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportColumns {
    /// Their names, as the first row has them.
    pub headers: Vec<String>,
    /// What they seem to be.
    pub suggested: ImportMapping,
}

/// What each column of a file is, in their order.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportMapping {
    /// Each column: `skip`, `title`, `user`, `password`, …
    pub columns: Vec<String>,
    /// Whether the first row names the columns.
    pub header: bool,
}

/// Reads a file or a folder.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportRead {
    /// Its path.
    pub path: String,
    /// Its format; told by what is in it when absent.
    #[serde(default)]
    pub format: Option<String>,
    /// Its password or passphrase.
    #[serde(default)]
    pub password: Option<SecretInput>,
    /// Path of its key file.
    #[serde(default)]
    pub key_file: Option<String>,
    /// Paths of private keys that may open it.
    #[serde(default)]
    pub identities: Vec<String>,
    /// What its columns are.
    #[serde(default)]
    pub mapping: Option<ImportMapping>,
    /// For a parcel of somebody whom the vault does not know: their fingerprint, once it was compared.
    #[serde(default)]
    pub from: Option<String>,
    /// What comes where.
    #[serde(default)]
    pub rules: ImportRules,
}

/// What comes where, and what is meant.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportRules {
    /// The stage of what nothing else is said of; dev when absent.
    #[serde(default)]
    pub stage: Option<String>,
    /// The stage of groups.
    #[serde(default)]
    pub stage_of: Vec<ImportStageOf>,
    /// Whether what lies in a bin or an archive there is taken too.
    #[serde(default)]
    pub discarded: bool,
    /// Only entries that have this in their names, or match a pattern with `*`.
    #[serde(default)]
    pub only: Option<String>,
    /// No entries, and no hosts, that are called so: as above.
    #[serde(default)]
    pub without: Vec<String>,
    /// No hosts of these numbers in the file. What is only reached through one of them cannot come either.
    #[serde(default)]
    pub without_hosts: Vec<usize>,
    /// No key of a host of the file is trusted.
    #[serde(default)]
    pub without_host_keys: bool,
    /// A folder before every name.
    #[serde(default)]
    pub under: Option<String>,
}

/// The stage of a group.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportStageOf {
    /// Its name, or its path with slashes.
    pub group: String,
    /// The stage.
    pub stage: String,
}

/// Shows a file that was read.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportLook {
    /// What it waits under.
    pub id: String,
    /// What comes where.
    #[serde(default)]
    pub rules: ImportRules,
}

/// Takes a file in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportApply {
    /// What it waits under.
    pub id: String,
    /// What comes where.
    #[serde(default)]
    pub rules: ImportRules,
    /// What becomes of those where both changed: `mine` or `theirs`; when absent, the vault's stays and the question too.
    #[serde(default)]
    pub all: Option<ImportChoice>,
    /// What becomes of rows.
    #[serde(default)]
    pub rows: Vec<ImportRowChoice>,
}

/// What a person says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportChoice {
    /// Leave it out.
    Skip,
    /// Take it, also from the bin.
    Take,
    /// Where both changed, keep what the vault has.
    Mine,
    /// Where both changed, take what the file says.
    Theirs,
}

/// What a person says of one row.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportRowChoice {
    /// The row.
    pub row: usize,
    /// What becomes of it.
    pub choice: ImportChoice,
}

/// Names a file that was read.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportWaiting {
    /// What it waits under.
    pub id: String,
}

/// A file that was read, compared with the vault. No value is in it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportPreview {
    /// What it waits under, for 30 minutes and not beyond the lock of the vault.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Its entries.
    pub rows: Vec<ImportEntry>,
    /// Its hosts.
    pub hosts: Vec<ImportHost>,
    /// How many keys of hosts it has.
    pub host_keys: usize,
    /// How many of them are not trusted: they are of no host that is new with this file.
    pub host_keys_left: usize,
    /// What was left out of it.
    pub refused: Vec<ImportRefused>,
    /// What should be known of it.
    pub notices: Vec<ImportNotice>,
    /// Secrets that came from it once and are not in it any more: they stay.
    pub vanished: Vec<String>,
    /// Its groups.
    pub groups: Vec<String>,
    /// Who signed it, where it is a parcel.
    pub signer: Option<ImportSigner>,
}

/// Who signed a parcel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportSigner {
    /// Their name.
    pub name: String,
    /// Their fingerprint.
    pub fingerprint: String,
    /// Whether the vault knows them; else somebody said that the fingerprint is theirs.
    pub known: bool,
    /// When it was made, in milliseconds since 1970, as their machine said.
    pub made_ms: u64,
    /// Whom it was made for.
    pub readers: Vec<String>,
    /// When the one was made that was opened before, where this one is older: nothing is changed unasked then.
    pub newer_ms: Option<u64>,
}

/// How something of a file stands against the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportStanding {
    /// Not there yet.
    New,
    /// A host: it is there.
    Known,
    /// The file says something new of it.
    Changed,
    /// There is nothing to do.
    Same,
    /// Both changed.
    Conflict,
    /// A secret of this name is there with another value: both are kept.
    Differs,
    /// It was taken in once, and lies in the trash here.
    Trashed,
    /// It lies in a bin or an archive of its source.
    Discarded,
    /// It cannot be kept: `why` says why.
    Refused,
    /// Its stage is sealed.
    Sealed,
}

/// An entry of a file, compared with the vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportEntry {
    /// Its number.
    pub row: usize,
    /// Its groups.
    pub path: Vec<String>,
    /// Its title.
    pub title: String,
    /// The account.
    pub user: Option<String>,
    /// `private-key`, `password`, `token`, `note` or `certificate`.
    pub kind: String,
    /// What it is called in the vault, or would be.
    pub name: String,
    /// Hosts that it is for.
    pub hosts: Vec<String>,
    /// Whether the file says that it opens them: those that log in with nothing are given it.
    pub opens: bool,
    /// Its stage.
    pub stage: String,
    /// How it stands.
    pub standing: ImportStanding,
    /// Why it is refused: the end of `import.refused.…`.
    pub why: Option<String>,
    /// What of it changes, or was changed on both sides: `value`, `user`, `field:…`, `file:…`.
    pub fields: Vec<String>,
    /// What is seen of it.
    pub findings: Vec<ImportFinding>,
}

/// Something about a secret that should be looked at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportFinding {
    /// What: the end of `import.finding.…`.
    pub key: String,
    /// How much.
    pub value: u64,
}

/// A host of a file, compared with the vault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportHost {
    /// Its number.
    pub row: usize,
    /// Its name in the file.
    pub title: String,
    /// Its name in the vault.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// The account.
    pub user: Option<String>,
    /// The hosts to go through.
    pub jump: Vec<String>,
    /// Its stage.
    pub stage: String,
    /// How it stands.
    pub standing: ImportStanding,
    /// Why it is refused: the end of `import.host-refused.…`.
    pub why: Option<String>,
    /// The row of what it logs in with.
    pub credential: Option<usize>,
    /// Names of what its source says that there is no place for.
    pub notes: Vec<String>,
}

/// Something that was left out.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportRefused {
    /// Which, as its source names it.
    pub what: String,
    /// Why: the end of `import.refused.…`.
    pub why: String,
}

/// Something that should be known of a file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportNotice {
    /// What: the end of `import.notice.…`.
    pub key: String,
    /// What it is about; empty when it is the file.
    pub what: String,
}

/// What was taken in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportDone {
    /// Secrets that are new.
    pub added: u64,
    /// Secrets of which something was taken.
    pub changed: u64,
    /// Secrets that were as they should be.
    pub same: u64,
    /// Secrets where both changed, of which the vault's were kept for good.
    pub kept: u64,
    /// Secrets where both changed, and nobody said what should be.
    pub conflicts: u64,
    /// Entries that were left out.
    pub left: u64,
    /// Entries and hosts that cannot be kept.
    pub refused: u64,
    /// Hosts that are new.
    pub hosts_added: u64,
    /// Hosts of which something changed.
    pub hosts_changed: u64,
    /// Hosts that were given no credential, since it is of another stage or account.
    pub unbound: Vec<String>,
}

/// Writes secrets for another program.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretExport {
    /// Proves that it may be done: what opens the vault.
    pub authority: Authority,
    /// The file to make.
    pub path: String,
    /// Its format.
    pub format: String,
    /// Secrets that these hosts are given, and the hosts themselves.
    #[serde(default)]
    pub on: Option<String>,
    /// Secrets of this stage.
    #[serde(default)]
    pub stage: Option<String>,
    /// Secrets whose names have this in them.
    #[serde(default)]
    pub find: Option<String>,
    /// The password of the file, where the format has one.
    #[serde(default)]
    pub password: Option<SecretInput>,
    /// Who can read it, where the format has readers.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// Whether a file that is there is replaced.
    #[serde(default)]
    pub force: bool,
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretExported {
    /// The file.
    pub path: String,
    /// Its format.
    pub format: String,
    /// Secrets in it.
    pub secrets: u64,
    /// Hosts in it.
    pub hosts: u64,
    /// What the format has no place for: names of secrets, and what is not there (`attachments`, `history`, …).
    pub left: Vec<ImportRefused>,
}
