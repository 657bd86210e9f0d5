//! The process that holds the keys.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgentArguments {
    /// End after this time, such as 30m or 2h; without it, after 30 minutes in which nothing was asked
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) lasting: Option<String>,
    /// Stay in the foreground, for systemd and other supervisors
    #[arg(long)]
    pub(crate) foreground: bool,
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AgentCommand {
    /// Say which process holds the keys, until when, and what is open
    Status,
    /// Lock everything and end it
    Stop,
}
