//! How the secrets of a vault are, where they should not be, and what is made of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{SecretOutput, WireMessage};

/// Asks what is wrong with the secrets of the open stages.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretHealthRequest {
    /// A file of hashes of leaked passwords (`SHA1:COUNT` lines, in order or not, gzip or not), or a folder of ranges. Absolute.
    #[serde(default)]
    pub leaked: Option<String>,
    /// After how many days a secret is old; two years when absent.
    #[serde(default)]
    pub old_days: Option<u64>,
}

/// What is wrong with secrets.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretHealth {
    /// When it was looked, in milliseconds since 1970.
    pub at_ms: u64,
    /// How many secrets were looked at.
    pub checked: usize,
    /// How many were not, since their stage is sealed, by stage.
    pub sealed: BTreeMap<String, usize>,
    /// Hosts of which is not known whether they take passwords: never surveyed, or not readable.
    pub hosts_unknown: usize,
    /// Keys that could not be read, such as those whose passphrase is not kept.
    pub keys_unknown: usize,
    /// How leaked passwords were looked up; nothing where none were.
    pub leaked: Option<LeakedBy>,
    /// Passwords of which is not known whether they were leaked: the folder lacks the file of their range.
    pub leaked_unknown: usize,
    /// After how many days a secret is old.
    pub old_days: u64,
    /// What is wrong, the worst first.
    pub findings: Vec<SecretFinding>,
}

/// How leaked passwords were looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeakedBy {
    /// By halves, in a file in order.
    Order,
    /// In a file that was read to its end.
    Reading,
    /// In a folder of ranges.
    Folder,
}

/// Something that is wrong with a secret, or with how a host takes secrets.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretFinding {
    /// What kind of thing.
    pub fault: SecretFault,
    /// The secret's name; nothing where it is about a host.
    pub secret: Option<String>,
    /// The host's name; nothing where it is about a secret.
    pub host: Option<String>,
    /// The stage.
    pub stage: String,
    /// A weak password's strength, in bits.
    pub bits: Option<u32>,
    /// Secrets that are the same have the same number.
    pub group: Option<usize>,
    /// What was found.
    pub what: WireMessage,
}

/// What is wrong, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretFault {
    /// Found among leaked passwords.
    Leaked,
    /// Easily guessed: under 45 bits.
    Weak,
    /// Past the day until which it should be used.
    Expired,
    /// Stored more than once.
    Reused,
    /// A key below today's strength.
    WeakKey,
    /// A host lets in who knows a password.
    PasswordLogin,
    /// One key opens several hosts.
    SharedKey,
    /// Not changed for long.
    Old,
    /// Nothing logged in with it for a year.
    Unused,
}

/// Looks for secrets in files of this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretScan {
    /// A folder, a file, or a place in a git repository. Absolute.
    pub path: String,
    /// What of it.
    pub what: ScanWhat,
    /// Only by the rules: not for the values of the open vault's secrets.
    #[serde(default)]
    pub rules_only: bool,
    /// A file of findings that are accepted. Absolute.
    #[serde(default)]
    pub baseline: Option<String>,
    /// Writes what is found to the baseline, instead of telling it.
    #[serde(default)]
    pub accept: bool,
    /// What `scan_cancel` takes; its progress is told in events then.
    #[serde(default)]
    pub name: Option<String>,
}

/// What is looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanWhat {
    /// Files; in a work tree of git not the ignored ones.
    Files,
    /// Files, the ignored ones too.
    AllFiles,
    /// What the next commit would add.
    Staged,
    /// Every version that a branch or tag has.
    History,
}

/// What was found in files. No secret is in it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ScanReport {
    /// By path and line.
    pub findings: Vec<ScanFinding>,
    /// Findings that are not told because there are too many.
    pub untold: u64,
    /// Findings that the baseline has.
    pub accepted: u64,
    /// Files, or versions of files, that were looked into.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are not text.
    pub binary: u64,
    /// Files of more than 10 MiB.
    pub large: u64,
    /// Files that could not be read.
    pub unreadable: u64,
    /// Links and what is no file.
    pub others: u64,
    /// Whether it was told to stop before its end.
    pub stopped: bool,
    /// How many secrets' values were looked for; nothing when only the rules were asked.
    pub values: Option<usize>,
}

/// A secret in a file, by its place.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ScanFinding {
    /// The rule's name; `known-secret` for a value of the vault.
    pub rule: String,
    /// The file, below what was scanned. Whoever wrote it named it: show it as text.
    pub path: String,
    /// Its line, from 1.
    pub line: u64,
    /// Its byte in the line, from 1.
    pub column: u64,
    /// What stands before the secret, and a mask in its place. Show it as text.
    pub masked: String,
    /// How many bytes it has.
    pub length: usize,
    /// The secret of the vault that it is.
    pub known: Option<String>,
    /// The first commit that has it, of a history.
    pub commit: Option<String>,
    /// Names the finding in a baseline. Nothing of the secret is in it.
    pub fingerprint: String,
}

/// The hook that looks through what is about to be committed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ScanHook {
    /// A place in the git repository. Absolute.
    pub path: String,
    /// Takes it away.
    #[serde(default)]
    pub remove: bool,
}

/// What became of the hook.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ScanHooked {
    /// Its file.
    pub path: String,
    /// Whether anything was done.
    pub changed: bool,
}

/// A one-time code.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct OneTimeCode {
    /// The secret.
    pub name: String,
    /// The code.
    pub code: SecretOutput,
    /// Until when it is the current one, in milliseconds since 1970.
    pub until_ms: u64,
    /// For how many seconds each is.
    pub period_s: u64,
}

/// Makes a key to log in with, of Ed25519, and stores it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeyGenerate {
    /// A name that no secret has.
    pub name: String,
    /// Its stage; dev when absent.
    #[serde(default)]
    pub stage: Option<String>,
    /// Which key; Ed25519 when absent.
    #[serde(default)]
    pub key: KeyKind,
    /// What is seen beside it on hosts; its name when absent.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Names a scan.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ScanName {
    /// What its order called it.
    pub name: String,
}

/// Which key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
pub enum KeyKind {
    /// Ed25519.
    #[default]
    #[serde(rename = "ed25519")]
    Ed25519,
    /// ECDSA on P-256.
    #[serde(rename = "ecdsa-p256")]
    EcdsaP256,
    /// RSA of 3072 bits.
    #[serde(rename = "rsa-3072")]
    Rsa3072,
    /// RSA of 4096 bits.
    #[serde(rename = "rsa-4096")]
    Rsa4096,
}

/// The public part of a key.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PublicKey {
    /// The secret.
    pub name: String,
    /// As `authorized_keys` has it.
    pub line: String,
    /// `SHA256:…`
    pub fingerprint: String,
}
