//! Who can log in, and become root.

use serde::{Deserialize, Serialize};

/// An account that can log in.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u64,
    /// Its home folder.
    pub home: String,
    /// Its shell.
    pub shell: String,
    /// Groups it is a member of, its own included, sorted.
    pub groups: Vec<String>,
    /// What its password is; `None` where shadow(5) is not readable.
    pub password: Option<Password>,
}

/// The state of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Password {
    /// None opens the account.
    Locked,
    /// There is one.
    Set,
    /// The account opens without.
    Empty,
}

/// Who may become root.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Sudo {
    /// Members of the groups that distributions let use sudo: `sudo`, `wheel`, `admin`.
    pub members: Vec<SudoMember>,
    /// Rules of sudoers(5); `None` where they are not readable.
    pub rules: Option<Vec<SudoRule>>,
}

/// A member of a group that may use sudo.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct SudoMember {
    /// The group.
    pub group: String,
    /// The account.
    pub account: String,
}

/// A rule of sudoers(5): not a default, an alias or an include.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct SudoRule {
    /// The file it stands in.
    pub file: String,
    /// Whom it is for: an account, `%group` or an alias.
    pub who: String,
    /// The whole rule, spaces made single.
    pub rule: String,
    /// Whether it asks for no password.
    pub no_password: bool,
}

/// A key with which an account can log in. The key itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct AuthorizedKey {
    /// The account.
    pub account: String,
    /// The file it stands in.
    pub file: String,
    /// `SHA256:…`, as ssh-keygen(1) shows it.
    pub fingerprint: String,
    /// Its algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
    /// Its length in bits, of RSA's.
    pub bits: Option<u32>,
    /// Its comment.
    pub comment: String,
    /// Its options, such as `command="…"`; empty where it has none. `cert-authority` makes it an authority's.
    pub options: String,
}

/// A key by which the host shows who it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct HostKey {
    /// Its algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:…`, as ssh-keygen(1) shows it.
    pub fingerprint: String,
}
