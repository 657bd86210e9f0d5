//! Where a secret lives, and how it gets another value there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireMessage;
use crate::ApiError;

/// Asks where a secret lives.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretAsk {
    /// Its name.
    pub name: String,
    /// Whether every host is asked if the value opens there. Nothing is changed on any.
    #[serde(default)]
    pub check: bool,
}

/// Everything that a secret opens, as far as the catalog knows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretWhere {
    /// The secret.
    pub name: String,
    /// `private-key`, `password` or another kind.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: u64,
    /// Hosts and accounts that it opens, by host.
    pub places: Vec<SecretPlace>,
    /// Accounts of people on YunoHosts whose password it is.
    pub accounts: Vec<SecretAccount>,
    /// Its rotation, while one goes on.
    pub rotation: Option<Rotation>,
}

/// A host and an account that a secret opens.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretPlace {
    /// The host.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// The account.
    pub user: String,
    /// What it is there.
    pub used: SecretUse,
    /// Whether the host has the value that is to take the other's place.
    pub next: bool,
    /// When its value was last seen to open there, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// When the host refused its value, unless it was allowed again since: the host has another one.
    pub refused_ms: Option<u64>,
    /// When an earlier value was last seen to open there, where this one never was: the host may have that one yet.
    pub earlier_ms: Option<u64>,
    /// What the host said when it was asked just now.
    pub check: Option<PlaceCheck>,
}

/// What a host said of a secret when it was asked.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PlaceCheck {
    /// Whether the value opens.
    pub state: PlaceState,
    /// Of a key: how many of its earlier values still stand among the account's authorized keys.
    pub earlier_keys: Option<usize>,
    /// Why nothing is known.
    pub error: Option<ApiError>,
}

/// Whether a value opens an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaceState {
    /// The host asked for it and took it.
    Opens,
    /// One gets in, and nobody asked for it.
    Unasked,
    /// The host refused it: it has another one.
    Refused,
    /// The host was not asked, or could not be.
    Unknown,
}

/// What a secret is to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SecretUse {
    /// One logs in with it.
    Login,
    /// It is the password that is asked for beside the key.
    Second,
    /// One-time codes are made from it.
    OneTime,
    /// Sudo asks for it.
    Sudo,
}

/// An account of a person on a YunoHost.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SecretAccount {
    /// The person.
    pub person: String,
    /// The host.
    pub host: String,
    /// The account.
    pub login: String,
}

/// Rotates a secret: a new value for it, on every host that takes it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SecretRotate {
    /// Its name.
    pub name: String,
    /// The hosts that are worked on now; all that take it when absent.
    #[serde(default)]
    pub on: Option<String>,
    /// What is to be done.
    #[serde(default)]
    pub way: RotationWay,
    /// Of a new rotation of a key: the old one goes on opening.
    #[serde(default)]
    pub keep_old: bool,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// What is to be done with a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RotationWay {
    /// A new one begins.
    #[default]
    Begin,
    /// The one that there is goes on.
    Resume,
    /// The one that there is goes back: every host gets the old value again.
    Back,
}

/// A rotation, and where every host stands.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Rotation {
    /// The secret.
    pub name: String,
    /// The secret that holds the new value until every host has it.
    pub next: String,
    /// What it is.
    pub kind: RotatedKind,
    /// Whether it goes back.
    pub back: bool,
    /// Whether the old key goes on opening.
    pub keep_old: bool,
    /// When it began, in milliseconds since 1970.
    pub began_ms: u64,
    /// Whether it is over: the secret has its value, and there is only one.
    pub over: bool,
    /// Whether one of its two values is gone from the vault, so that it can only be given up, by going back.
    pub lost: bool,
    /// Its hosts, by name.
    pub hosts: Vec<RotationHost>,
}

/// What is rotated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RotatedKind {
    /// An SSH key: both open side by side until every host was proven.
    Key,
    /// The password of accounts: one takes the other's place on each host.
    Password,
}

/// A host of a rotation.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RotationHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// The accounts whose password or key it is.
    pub accounts: Vec<String>,
    /// How far it is.
    pub step: RotationStep,
    /// Whether it was switched on the host's own word: nothing there asked for the value.
    pub unproven: bool,
    /// What is to be done there yet, in order.
    pub steps: Vec<WireMessage>,
    /// What kept it from going further.
    pub error: Option<ApiError>,
}

/// How far a host of a rotation is. On the way back the two values change their parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum RotationStep {
    /// Nothing was done there.
    Waiting,
    /// The new value is being brought there, or was when the program ended.
    Deploying,
    /// The new value is there.
    Deployed,
    /// It is proven to open, or the host asks for it nowhere (`unproven`); the host is given nothing else.
    Switched,
    /// The old key is being taken away.
    Revoking,
    /// The old value opens nothing there any more.
    Done,
}

/// What a rotation would do.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RotationPlan {
    /// It, as it would begin or go on.
    pub rotation: Rotation,
    /// Names, any one of which must be typed before it is done. Empty when a yes is enough.
    pub confirm: Vec<String>,
}
