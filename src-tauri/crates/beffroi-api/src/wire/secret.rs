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
