//! Commands run on hosts.

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
    /// Run it as a job that goes on when the link does not
    #[arg(long)]
    pub(crate) detach: bool,
    /// Hosts at a time
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<usize>,
    /// Seconds for each host
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<u64>,
    /// Exit as the command did; for a single host
    #[arg(long)]
    pub(crate) pass_exit: bool,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}
