//! Guests of hosts.

use clap::Subcommand;

use super::{GuestLife, GuestMakeCommand};

#[derive(Debug, Subcommand)]
pub(crate) enum GuestCommand {
    /// List the guests of hosts, with what each host has to give
    List {
        /// Which hosts; all that are no guests themselves when absent
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Read every host again, however new its last reading is
        #[arg(long, conflicts_with = "stored")]
        refresh: bool,
        /// Ask no host anything: what was last read
        #[arg(long)]
        stored: bool,
    },
    /// Show a guest: how it is, its limits, addresses, volumes, ports, snapshots
    Show {
        /// Which: HOST/GUEST
        guest: String,
        /// Read its host again, however new the last reading is
        #[arg(long)]
        refresh: bool,
    },
    #[command(flatten)]
    Make(GuestMakeCommand),
    #[command(flatten)]
    Life(GuestLife),
}

impl GuestCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::List { .. } => "guest-list",
            Self::Show { .. } => "guest-show",
            Self::Make(command) => command.schema(),
            Self::Life(command) => command.schema(),
        }
    }
}
