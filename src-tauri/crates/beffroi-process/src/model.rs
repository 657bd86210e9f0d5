//! The one model of processes that a service manager keeps, whichever it is.
//!
//! Every text comes from a host: hostile, cleaned of control characters, 4 KiB at most. What is `None` was not learned. Nothing
//! of a process's environment is here: pm2 tells all of it, and it is left out on the host.

use serde::{Deserialize, Serialize};

/// The most processes that are kept of one host.
pub const MOST_PROCESSES: usize = 4096;
/// The most entries of a list of one process.
pub const MOST_ENTRIES: usize = 16;

/// Runlevels of OpenRC whose services are started with the machine.
pub(crate) const STARTING_LEVELS: [&str; 3] = ["sysinit", "boot", "default"];

/// Who keeps processes running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ProcessKeeper"))]
#[serde(rename_all = "kebab-case")]
pub enum Keeper {
    /// The system's, of most distributions.
    Systemd,
    /// The system's, of Alpine and others.
    #[serde(rename = "openrc")]
    OpenRc,
    /// An account's own, of Node's world.
    Pm2,
}

impl Keeper {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Systemd, Self::OpenRc, Self::Pm2];

    /// Its name, as it is typed and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::OpenRc => "openrc",
            Self::Pm2 => "pm2",
        }
    }

    /// The one of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keeper| keeper.name() == name)
    }
}

/// What a process does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ProcessState"))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It runs; or it did what it was for, and counts as being there (`active (exited)`).
    Running,
    /// It is being started, or started again after it ended.
    Starting,
    /// It is being stopped.
    Stopping,
    /// It does not run, and is not meant to.
    Stopped,
    /// It ended badly, or died while it should run.
    Failed,
}

impl State {
    /// Its name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }

    /// Whether there is nothing to look at: it runs, or is not meant to.
    #[must_use]
    pub fn is_well(self) -> bool {
        matches!(self, Self::Running | Self::Stopped)
    }
}

/// A process that is kept, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Process {
    /// Who keeps it.
    pub keeper: Keeper,
    /// Its name there: of a unit of systemd without `.service`.
    pub name: String,
    /// The account whose pm2 keeps it; absent for the keepers of the system.
    pub owner: Option<String>,
    /// What it does now.
    pub state: State,
    /// The keeper's own words for that, such as `auto-restart`, `crashed` or `errored`.
    pub says: String,
    /// Whether it is started when the machine starts. `None` where that is not for anybody to set: a unit without an
    /// installation section, which others pull in.
    pub at_boot: Option<bool>,
    /// What has it started then: runlevels of OpenRC, targets of systemd.
    pub boot_by: Vec<String>,
    /// Whether its account's pm2 has it in the list that it brings back; absent for the other keepers.
    pub saved: Option<bool>,
    /// Whether it does one thing and ends: it is not meant to be found running.
    pub is_oneshot: bool,
    /// Whether nothing may start it: a masked unit.
    pub masked: bool,
    /// Its first process.
    pub pid: Option<u32>,
    /// The memory that it takes, in bytes: of its control group where it has one, else of its first process.
    pub memory_bytes: Option<u64>,
    /// How often it was started again by its keeper.
    pub restarts: Option<u64>,
    /// How many of it run (pm2 in cluster mode); 1 elsewhere.
    pub instances: u32,
    /// Since when it is in this state, in seconds since 1970.
    pub since_seconds: Option<u64>,
    /// What it is, in its own words.
    pub description: String,
    /// Other names that it goes by.
    pub aliases: Vec<String>,
    /// What starts it by itself when it is wanted, such as a socket or a timer: it may be there again soon after it was stopped.
    pub triggered_by: Vec<String>,
    /// The file that says what it is.
    pub definition: Option<String>,
    /// Files that it writes to; empty where the journal has what it says.
    pub logs: Vec<String>,
}

/// A keeper that is on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ProcessKeeperThere"))]
pub struct KeeperThere {
    /// Which.
    pub keeper: Keeper,
    /// Its version; empty where it does not tell.
    pub version: String,
    /// The account whose pm2 it is; absent for the keepers of the system.
    pub owner: Option<String>,
    /// That account's home folder.
    pub home: Option<String>,
    /// Whether it runs: pm2 is there with its list also while it does not.
    pub runs: bool,
    /// Whether it is started when the machine starts.
    pub at_boot: bool,
}

/// Why something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ProcessWhy"))]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The account that asked may not.
    NotAllowed,
    /// Its program is not where it is looked for.
    NoProgram,
    /// It was asked, and failed.
    Failed,
    /// There is more than is read.
    Cut,
}

impl Why {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotAllowed => "not-allowed",
            Self::NoProgram => "no-program",
            Self::Failed => "not-answered",
            Self::Cut => "cut",
        }
    }
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "ProcessMissing"))]
pub struct Missing {
    /// Of which keeper; absent where it is the whole.
    pub keeper: Option<Keeper>,
    /// The account whose pm2 it is.
    pub owner: Option<String>,
    /// Why.
    pub why: Why,
}

/// What a host said of its processes at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reading {
    /// The keepers that are there.
    pub keepers: Vec<KeeperThere>,
    /// What they keep, by keeper, owner and name.
    pub processes: Vec<Process>,
    /// What could not be read.
    pub missing: Vec<Missing>,
}

impl Process {
    /// Whether it goes by a name: its own, or another one; of a unit of systemd also with `.service`.
    #[must_use]
    pub fn goes_by(&self, name: &str) -> bool {
        let bare = if self.keeper == Keeper::Systemd { name.strip_suffix(".service").unwrap_or(name) } else { name };
        self.name == bare || self.aliases.iter().any(|alias| alias == bare)
    }

    /// Whether it is of interest to who looks after a machine: it runs, is changing or failed, or starts with the machine. What the
    /// system starts by itself and what did what it was for is not.
    #[must_use]
    pub fn is_of_note(&self) -> bool {
        match self.state {
            State::Starting | State::Stopping | State::Failed => true,
            State::Running => self.at_boot.is_some() || self.pid.is_some(),
            State::Stopped => self.keeper == Keeper::Pm2 || (self.at_boot == Some(true) && !self.is_oneshot),
        }
    }
}

impl Reading {
    /// What is said of a keeper, and of whose.
    #[must_use]
    pub fn keeper(&self, keeper: Keeper, owner: Option<&str>) -> Option<&KeeperThere> {
        self.keepers.iter().find(|there| there.keeper == keeper && there.owner.as_deref() == owner)
    }
}
