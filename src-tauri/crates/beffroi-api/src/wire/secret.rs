//! Secrets: everything about them but themselves.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{SecretInput, SecretOutput};

/// The secrets of the catalog, by name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretList {
    /// One row per secret.
    pub secrets: Vec<SecretRow>,
}

/// A secret's description.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretRow {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `private-key` or `password`.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// Hosts that are given it.
    pub used_by: Vec<String>,
    /// Where it was refused. While there is any, no host is offered it but those that took it before.
    pub held: Vec<HeldLogin>,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: u64,
}

/// A login that was refused.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HeldLogin {
    /// The host.
    pub host: String,
    /// The account; `sudo:` before it when sudo refused.
    pub user: String,
    /// How it was offered, such as `publickey` or `password`.
    pub method: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Names a secret that was refused, or a key of the SSH agent as `agent` or `agent:SHA256:…`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CredentialName {
    /// Its name.
    pub name: String,
}

/// Refusals that are forgotten.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CredentialAllowed {
    /// How many.
    pub refusals: usize,
}

/// Stores a secret under a name; replaces the one that has the name.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretSet {
    /// Letters, digits and `._/@-`.
    pub name: String,
    /// The secret. A private key is recognised by its first line.
    pub value: SecretInput,
    /// Its stage; when absent, the one it is in, and dev for a new one.
    #[serde(default)]
    pub stage: Option<String>,
}

/// Names a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretName {
    /// Its name.
    pub name: String,
}

/// A secret and its value.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SecretRevealed {
    /// Its name.
    pub name: String,
    /// `private-key` or `password`.
    pub kind: String,
    /// The secret.
    pub value: SecretOutput,
}

/// Makes a password.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretGenerate {
    /// Its characters, from 8 to 256.
    pub length: usize,
    /// With `a` to `z`.
    pub lower: bool,
    /// With `A` to `Z`.
    pub upper: bool,
    /// With `0` to `9`.
    pub digits: bool,
    /// With signs.
    pub symbols: bool,
    /// Also characters that look like others: `0` and `O`, `1`, `l` and `I`.
    pub look_alikes: bool,
}

/// Makes a passphrase of words.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PassphraseGenerate {
    /// Its words, from 4 to 24.
    pub words: usize,
    /// Where they are from.
    pub list: WordList,
    /// What stands between them: one sign, a space, or nothing where each begins with a capital.
    pub separator: String,
    /// Whether each word begins with a capital.
    pub capitals: bool,
    /// Whether a digit follows one of the words.
    pub digit: bool,
}

/// A list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WordList {
    /// English words.
    English,
    /// French words, without their accents.
    French,
}

/// A password or a passphrase that was made.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct SecretGenerated {
    /// It.
    pub value: SecretOutput,
    /// log2 of how many could have come out.
    pub bits: f64,
}

/// Gives a secret another name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretRename {
    /// Its name.
    pub name: String,
    /// What it is called from now on.
    pub to: String,
}

/// A secret with what stands beside it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretAbout {
    /// What the list has of it.
    pub secret: SecretRow,
    /// Its title; empty when it has its name only.
    pub title: String,
    /// Its groups, the outermost first.
    pub path: Vec<String>,
    /// The account.
    pub user: String,
    /// Addresses it is for.
    pub urls: Vec<String>,
    /// Words it is marked with.
    pub tags: Vec<String>,
    /// Whether it has notes.
    pub has_notes: bool,
    /// Whether it makes one-time codes.
    pub has_totp: bool,
    /// Whether the passphrase of its key is kept.
    pub has_passphrase: bool,
    /// Its fields.
    pub fields: Vec<SecretField>,
    /// Its files.
    pub attachments: Vec<SecretAttachment>,
    /// Until when each of its earlier values was used, the oldest first, in milliseconds since 1970; 0 where nobody knows.
    pub past: Vec<u64>,
    /// When it should no longer be used, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// The file that it came from, such as `kdbx:customers.kdbx`.
    pub origin: Option<String>,
}

/// A field of a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretField {
    /// Its name.
    pub name: String,
    /// Its value; null for one that is shown only when it is asked for.
    pub value: Option<String>,
}

/// A file of a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretAttachment {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// Asks for a piece of a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretPartName {
    /// The secret's name.
    pub name: String,
    /// Which piece.
    pub part: SecretPart,
}

/// A piece of a secret that is shown when it is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum SecretPart {
    /// Its value.
    Value,
    /// Its notes.
    Notes,
    /// What one-time codes are made of.
    Totp,
    /// The passphrase of its key.
    Passphrase,
    /// A field.
    Field {
        /// Its name.
        name: String,
    },
    /// An earlier value.
    Past {
        /// From 0, the oldest first.
        at: usize,
    },
}

/// Changes what stands beside a secret's value. What is absent stays; an empty text or list takes it away.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretEdit {
    /// The secret's name.
    pub name: String,
    /// Its title.
    #[serde(default)]
    pub title: Option<String>,
    /// Its groups.
    #[serde(default)]
    pub path: Option<Vec<String>>,
    /// The account.
    #[serde(default)]
    pub user: Option<String>,
    /// Addresses it is for.
    #[serde(default)]
    pub urls: Option<Vec<String>>,
    /// Words it is marked with.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// Notes.
    #[serde(default)]
    pub notes: Option<SecretInput>,
    /// What one-time codes are made of: an `otpauth://` address.
    #[serde(default)]
    pub totp: Option<SecretInput>,
    /// The passphrase of its key.
    #[serde(default)]
    pub passphrase: Option<SecretInput>,
    /// When it should no longer be used, in milliseconds since 1970; 0 takes it away.
    #[serde(default)]
    pub expires_ms: Option<u64>,
    /// Fields that are set; an empty value takes one away.
    #[serde(default)]
    pub fields: Vec<SecretFieldSet>,
}

/// A field that is set.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretFieldSet {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretInput,
    /// Whether it is shown only when it is asked for.
    pub hidden: bool,
}

/// Names an earlier value of a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretRevert {
    /// The secret's name.
    pub name: String,
    /// From 0, the oldest first.
    pub past: usize,
}

/// Puts a file of this machine to a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretAttach {
    /// The secret's name.
    pub name: String,
    /// The file, of at most 8 MiB.
    pub path: String,
}

/// Names a file of a secret.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretFile {
    /// The secret's name.
    pub name: String,
    /// The file's name.
    pub file: String,
}

/// Writes a file of a secret to this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretFileSave {
    /// The secret's name.
    pub name: String,
    /// The file's name.
    pub file: String,
    /// Where to.
    pub path: String,
    /// Whether one that is there may be replaced.
    #[serde(default)]
    pub replace: bool,
}

/// What lies in the trash.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrashList {
    /// The last that was removed first. What a sealed stage holds is not there.
    pub secrets: Vec<TrashedSecret>,
}

/// A secret in the trash.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrashedSecret {
    /// Its identifier: two of one name differ by it.
    pub id: String,
    /// The name it had.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// When it was removed, in milliseconds since 1970.
    pub at_ms: u64,
    /// When it is removed for good.
    pub until_ms: u64,
}

/// Gives a secret back from the trash.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretRestore {
    /// Its name, of several the last; or its identifier.
    pub name: String,
    /// Another name for it.
    #[serde(default)]
    pub to: Option<String>,
}

/// Empties the trash.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TrashEmpty {
    /// One secret's name or identifier; all that can be opened when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// How many were removed for good.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrashEmptied {
    /// So many.
    pub secrets: u64,
}
