//! What could be safer about hosts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{HostStatus, WireMessage, YnhValue};
use crate::ApiError;

/// Asks what could be safer about hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostHardeningRequest {
    /// A selector.
    pub on: String,
    /// Whether the hosts are surveyed first. Without it, none is asked anything.
    #[serde(default)]
    pub refresh: bool,
}

/// What could be safer about hosts, as their last surveys have it.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct HostHardening {
    /// By name of the host.
    pub results: Vec<HostHardeningOf>,
}

/// What could be safer about one host.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct HostHardeningOf {
    /// The host's name.
    pub host: String,
    /// `ok`; `sealed`, `unreachable` or `failed` where there is no survey, or no newer one though it was asked for.
    pub status: HostStatus,
    /// How long its survey took; 0 when none was made now.
    pub duration_ms: u64,
    /// Its stage.
    pub stage: String,
    /// When the survey was taken, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// What each check says: what is to be done first, the graver before the lighter.
    pub checks: Vec<HardeningCheck>,
    /// Why there is no survey, or no newer one.
    pub error: Option<ApiError>,
}

/// What a check says of a host.
#[derive(Debug, Serialize, Deserialize, TS)]
pub struct HardeningCheck {
    /// Its name, such as `ssh-passwords`.
    pub id: String,
    /// How much it matters.
    pub severity: HardeningSeverity,
    /// What became of it.
    pub verdict: HardeningVerdict,
    /// What should be so.
    pub title: WireMessage,
    /// What was found instead, or why it is not known. Its values came from the host: show them as text.
    pub found: Option<WireMessage>,
    /// Why it matters.
    pub why: WireMessage,
    /// What to do.
    pub remedy: Option<WireMessage>,
    /// What does it, as an action for a plan.
    pub fix: Option<HardeningFix>,
}

/// How much a check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HardeningSeverity {
    /// Somebody may get in by it, or what is lost is lost for good.
    High,
    /// It helps somebody who tries.
    Medium,
    /// One layer less.
    Low,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HardeningVerdict {
    /// Something is to be done.
    ToDo,
    /// It cannot be told from what was read.
    Unknown,
    /// All is well.
    Ok,
}

/// What mends it: made a plan of as it stands ([`super::ActionRequest`]).
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum HardeningFix {
    /// An operation of YunoHost's.
    Ynh {
        /// Its name.
        operation: String,
        /// With what, by parameter.
        given: BTreeMap<String, YnhValue>,
    },
    /// A command.
    Run {
        /// Shell text.
        command: String,
        /// As root.
        root: bool,
    },
    /// The clock is set from this machine's.
    SetClock,
}
