//! YunoHost: what can be done, and with what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SecretInput;

/// An action of YunoHost's administrators. Its sentences are `about.ynh-ID` and `title.ynh-ID` of the message catalogs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhOperation {
    /// Its name, such as `user-add`.
    pub id: String,
    /// YunoHost's own words for it, such as `user create`.
    pub command: String,
    /// What it takes, in the order in which it is asked for.
    pub params: Vec<YnhParam>,
    /// What it may cost: `light`, `heavy`, `destroys`, `locks-out`.
    pub weight: String,
    /// Whether something must be given beside what is required.
    pub needs_a_change: bool,
}

/// A value that an operation takes. Its name for people is `param.ynh-NAME` of the message catalogs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhParam {
    /// Its name.
    pub name: String,
    /// What it may be, such as `username`, `domain`, `switch`, `choice`.
    pub kind: String,
    /// What it may be, of a choice.
    pub choices: Vec<String>,
    /// Whether it is a list.
    pub list: bool,
    /// Whether it is never shown.
    pub secret: bool,
    /// Whether it must be given.
    pub required: bool,
    /// Whether the command line takes it as a word in its place, and not behind a flag.
    pub place: bool,
    /// Whether it names something that is to be made: not one of those that are there.
    pub makes: bool,
}

/// What an operation is given for one of its parameters.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum YnhValue {
    /// One line.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// A switch that is on or off.
    Switch(bool),
    /// A secret.
    Secret(SecretInput),
    /// Values by name: answers to an application's questions.
    Settings(BTreeMap<String, YnhSetting>),
}

/// A value among [`YnhValue::Settings`].
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum YnhSetting {
    /// Shown wherever the operation is.
    Text(String),
    /// Never shown.
    Secret(SecretInput),
}
