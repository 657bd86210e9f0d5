//! Processes that a service manager keeps. Every text of one came from its host: show it as text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use beffroi_process::{KeeperThere, Missing};

pub use beffroi_process::{Keeper as ProcessKeeper, Process, State as ProcessState};

use crate::ApiError;
use crate::wire::HostStatus;

/// Asks for the processes of hosts and guests. Each is read now, in one round trip, and nothing of it is stored.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessListRequest {
    /// Of which hosts and guests, by a selector.
    pub on: String,
    /// Of one keeper only.
    #[serde(default)]
    #[ts(optional)]
    pub keeper: Option<ProcessKeeper>,
    /// In one state only.
    #[serde(default)]
    #[ts(optional)]
    pub state: Option<ProcessState>,
    /// Also those that neither run, failed nor start with the machine, and those of the system that did what they were for.
    #[serde(default)]
    pub all: bool,
}

/// Processes, by host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessList {
    /// Each host, by name.
    pub hosts: Vec<ProcessHost>,
}

/// The processes of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessHost {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// Whether it could be read.
    pub status: HostStatus,
    /// Why not.
    pub error: Option<ApiError>,
    /// How long reading took.
    pub duration_ms: u64,
    /// When it was read, in milliseconds since 1970.
    pub taken_ms: u64,
    /// The keepers that are there.
    pub keepers: Vec<KeeperThere>,
    /// What could not be read.
    pub missing: Vec<Missing>,
    /// How many there are, shown or not.
    pub total: usize,
    /// Those that were asked for, by keeper, owner and name.
    pub processes: Vec<Process>,
}

/// Which process of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessOf {
    /// `HOST` or `HOST/GUEST`.
    pub host: String,
    /// Its name, or another one that it goes by.
    pub name: String,
    /// Who keeps it, where several keepers have one of that name.
    #[serde(default)]
    #[ts(optional)]
    pub keeper: Option<ProcessKeeper>,
    /// Whose pm2 keeps it, where several have one of that name.
    #[serde(default)]
    #[ts(optional)]
    pub owner: Option<String>,
}

/// One process.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessDetail {
    /// `HOST` or `HOST/GUEST`.
    pub host: String,
    /// It, as it was just now.
    pub process: Process,
}

/// What is done to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ProcessChange {
    /// Starts it.
    Start,
    /// Stops it; it is started again with the machine where it is said to be.
    Stop,
    /// Stops and starts it.
    Restart,
    /// Has it started with the machine, from the next start on.
    Enable,
    /// No longer has it started with the machine; it goes on now.
    Disable,
}

/// Asks for the plan of a change of a process. Nothing is changed; the host is read first, so that guards can speak.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessPlan {
    /// Which process.
    pub process: ProcessOf,
    /// What to do.
    pub change: ProcessChange,
}

/// Asks for what a process wrote.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ProcessLogsRequest {
    /// Which process.
    pub process: ProcessOf,
    /// How many lines from the end, 10,000 at most.
    pub lines: u32,
}

/// What a process wrote.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProcessLogs {
    /// `HOST` or `HOST/GUEST`.
    pub host: String,
    /// Where it was read: files of the host, or a command.
    pub from: String,
    /// The lines, the oldest first in each place.
    pub lines: Vec<String>,
}
