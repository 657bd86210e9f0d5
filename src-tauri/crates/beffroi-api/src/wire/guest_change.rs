//! Changes of guests.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the plan of a change of guests. Nothing is changed; each host is read first, so that guards can speak.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestPlan {
    /// Which guests: `HOST/GUEST`. One only, where it is renamed, copied or deleted.
    pub guests: Vec<String>,
    /// What to do.
    pub change: GuestChange,
}

/// What to do to guests.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GuestChange {
    /// Starts them; those that are frozen are thawed.
    Start,
    /// Stops them.
    Stop(GuestStop),
    /// Stops and starts them.
    Restart(GuestStop),
    /// Holds their processes.
    Freeze,
    /// Lets them go.
    Unfreeze,
    /// Another name for a stopped guest.
    Rename {
        /// The new name.
        to: String,
    },
    /// Another guest like it, which does not run.
    Copy {
        /// Its name.
        to: String,
    },
    /// Limits, and whether they start with the host.
    Set(GuestSettings),
    /// Deletes it, with its snapshots.
    Delete {
        /// Also the volumes that were made for it.
        volumes: bool,
    },
    /// Keeps their roots as they are now.
    SnapshotCreate {
        /// What the snapshot is called.
        name: String,
    },
    /// Makes their roots and configurations what they were.
    SnapshotRestore {
        /// The snapshot.
        name: String,
    },
    /// Removes a snapshot.
    SnapshotDelete {
        /// The snapshot.
        name: String,
    },
}

/// How a guest is stopped.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestStop {
    /// Seconds that it has to stop by itself, 1 to 3600. One that still runs then is left running.
    pub timeout_s: u64,
    /// Stops it at once, as when its plug is pulled.
    #[serde(default)]
    pub force: bool,
}

/// What is set of a guest; what is absent stays. Zero takes a limit off.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestSettings {
    /// The most memory, in bytes.
    #[serde(default)]
    #[ts(optional)]
    pub memory_bytes: Option<u64>,
    /// Processors, in thousandths.
    #[serde(default)]
    #[ts(optional)]
    pub cpu_thousandths: Option<u64>,
    /// The most that its root may take, in bytes.
    #[serde(default)]
    #[ts(optional)]
    pub disk_bytes: Option<u64>,
    /// Whether it starts with the host.
    #[serde(default)]
    #[ts(optional)]
    pub autostart: Option<bool>,
}

/// Asks for a guest's snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestSnapshotsRequest {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
}

/// A guest's snapshots.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestSnapshots {
    /// The guest: `HOST/GUEST`.
    pub guest: String,
    /// Its snapshots, the oldest first.
    pub snapshots: Vec<GuestSnapshotRow>,
}

/// A snapshot of a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestSnapshotRow {
    /// Its name.
    pub name: String,
    /// When it was made, in seconds since 1970; absent where its driver does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub created_seconds: Option<u64>,
    /// What was written beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub comment: Option<String>,
}

/// Asks for what a guest's driver or its console wrote.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestLogsRequest {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
    /// What its console printed, rather than its driver's log.
    #[serde(default)]
    pub console: bool,
    /// How many lines from the end, 10,000 at most.
    pub lines: u32,
}

/// What a guest's driver or its console wrote.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestLogs {
    /// The guest: `HOST/GUEST`.
    pub guest: String,
    /// Where it was read: a file of the host, or a command.
    pub from: String,
    /// The lines, the oldest first.
    pub lines: Vec<String>,
}
