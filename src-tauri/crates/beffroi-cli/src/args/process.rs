//! Processes that service managers keep.

use beffroi_api::wire::{ProcessKeeper, ProcessOf, ProcessState};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum ProcessCommand {
    /// List what is kept on hosts and in guests: what runs, failed or starts with the machine
    List {
        /// Which hosts and guests; all when absent
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Only what this one keeps
        #[arg(long)]
        keeper: Option<KeptBy>,
        /// Only what is so
        #[arg(long)]
        state: Option<KeptState>,
        /// Everything that the keepers know
        #[arg(long, short)]
        all: bool,
    },
    /// Show a process: how it is, since when, what has it started
    Show(WhichProcess),
    /// Start it; that it goes on running is looked at
    Start(WhichProcess),
    /// Stop it
    Stop(WhichProcess),
    /// Stop it and start it again
    Restart(WhichProcess),
    /// Have it started with the machine; of pm2, its whole list is saved, and pm2 itself started with the machine
    Enable(WhichProcess),
    /// No longer have it started with the machine; it goes on now
    Disable(WhichProcess),
    /// What it wrote: the journal, or its files
    Logs {
        #[command(flatten)]
        which: WhichProcess,
        /// How many lines from the end
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        lines: u32,
        /// Go on as more is written, until Ctrl+C
        #[arg(long, short)]
        follow: bool,
    },
}

/// Which process of a host.
#[derive(Debug, Args)]
pub(crate) struct WhichProcess {
    /// The host, or HOST/GUEST
    host: String,
    /// Its name, as its keeper calls it
    name: String,
    /// Who keeps it, where several have one of that name
    #[arg(long)]
    keeper: Option<KeptBy>,
    /// The account whose pm2 keeps it
    #[arg(long, value_name = "ACCOUNT")]
    user: Option<String>,
}

/// Who keeps processes running.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeptBy {
    Systemd,
    Openrc,
    Pm2,
}

/// How a process is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum KeptState {
    Running,
    Starting,
    Stopping,
    Stopped,
    Failed,
}

impl ProcessCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::List { .. } => "process-list",
            Self::Show(_) => "process-show",
            Self::Start(_) => "process-start",
            Self::Stop(_) => "process-stop",
            Self::Restart(_) => "process-restart",
            Self::Enable(_) => "process-enable",
            Self::Disable(_) => "process-disable",
            Self::Logs { .. } => "process-logs",
        }
    }
}

impl From<WhichProcess> for ProcessOf {
    fn from(which: WhichProcess) -> Self {
        Self { host: which.host, name: which.name, keeper: which.keeper.map(Into::into), owner: which.user }
    }
}

impl From<KeptBy> for ProcessKeeper {
    fn from(keeper: KeptBy) -> Self {
        match keeper {
            KeptBy::Systemd => Self::Systemd,
            KeptBy::Openrc => Self::OpenRc,
            KeptBy::Pm2 => Self::Pm2,
        }
    }
}

impl From<KeptState> for ProcessState {
    fn from(state: KeptState) -> Self {
        match state {
            KeptState::Running => Self::Running,
            KeptState::Starting => Self::Starting,
            KeptState::Stopping => Self::Stopping,
            KeptState::Stopped => Self::Stopped,
            KeptState::Failed => Self::Failed,
        }
    }
}
