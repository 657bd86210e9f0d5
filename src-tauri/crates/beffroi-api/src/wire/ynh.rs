//! YunoHost: what can be done, and with what.

use std::collections::BTreeMap;

pub use beffroi_yunohost::fleet::{
    Fleet, FleetApp, FleetAppAt, FleetCertificate, FleetFinding, FleetFindingAt, FleetVersion, InstanceBackups, PendingAt, PendingUpgrade,
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{HostStatus, SecretInput};
use crate::ApiError;

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

/// Something that can be read of a YunoHost. Its sentence is `reading.ynh-ID` of the message catalogs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhReading {
    /// Its name, such as `service-log`.
    pub id: String,
    /// What it takes.
    pub params: Vec<YnhParam>,
    /// What an entry has, in the order in which it is shown.
    pub fields: Vec<YnhField>,
    /// Whether an entry is shown by itself, names beside values, and not as a line of a table.
    pub one: bool,
    /// Whether surveys have it: it is then as old as the last one.
    pub surveyed: bool,
}

/// A value that entries of a reading have. Its name for people is `field.ynh-NAME` of the message catalogs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhField {
    /// Its name.
    pub name: String,
    /// How it is shown: `text`, `code`, `state`, `number`, `bytes`, `moment`, `switch`, `list`, `lines`.
    pub shows: String,
}

/// Reads something of hosts.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhRead {
    /// A selector.
    pub on: String,
    /// What: see [`crate::ynh_readings`].
    pub reading: String,
    /// With what, by parameter.
    #[serde(default)]
    pub given: BTreeMap<String, YnhValue>,
    /// Whether what surveys have is read again even when a survey younger than 10 minutes is there.
    #[serde(default)]
    pub refresh: bool,
}

/// What a reading gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhReadResults {
    /// One per host, by name.
    pub results: Vec<YnhReadResult>,
}

/// What a reading of one host gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhReadResult {
    /// The host's name.
    pub host: String,
    /// `ok`, `failed`, `unreachable` or `sealed`.
    pub status: HostStatus,
    /// How long it took; 0 when a stored survey has it.
    pub duration_ms: u64,
    /// When it was read, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// What was read. Its texts came from the host: show them as text.
    pub entries: Vec<BTreeMap<String, YnhCell>>,
    /// Why it was not read.
    pub error: Option<ApiError>,
}

/// A value of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum YnhCell {
    /// Yes or no.
    Switch(bool),
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// Asks for the views over a fleet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhFleetRequest {
    /// A selector; all hosts that are known to have YunoHost when absent.
    #[serde(default)]
    pub on: Option<String>,
    /// Whether the hosts are read again first. Without it, none is asked anything.
    #[serde(default)]
    pub refresh: bool,
}

/// Views over a fleet, as the last surveys of its hosts have it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhFleet {
    /// The hosts, by name; those that have no YunoHost are left out.
    pub hosts: Vec<YnhFleetHost>,
    /// The views. Their texts came from hosts: show them as text.
    pub views: Fleet,
}

/// A host of a fleet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct YnhFleetHost {
    /// Its name.
    pub host: String,
    /// `ok`; `sealed`, `unreachable` or `failed` where there is no survey, or no newer one though it was asked for.
    pub status: HostStatus,
    /// Its stage.
    pub stage: String,
    /// Its version of YunoHost.
    pub version: Option<String>,
    /// When its last survey was taken, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// Why there is none, or no newer one.
    pub error: Option<ApiError>,
}

/// Asks for one plan of operations that differ from host to host.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhPlanEach {
    /// At most 2,000. Several on one host are done one after the other, each whatever became of those before it.
    pub orders: Vec<YnhOrder>,
}

/// An operation on one host of several.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct YnhOrder {
    /// The host.
    pub host: String,
    /// The operation's name, such as `app-upgrade`.
    pub operation: String,
    /// With what, by parameter.
    pub given: BTreeMap<String, YnhValue>,
}
