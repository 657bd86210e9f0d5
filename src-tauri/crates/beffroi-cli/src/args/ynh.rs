//! YunoHost.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum YnhCommand {
    /// Accounts
    #[command(subcommand)]
    User(YnhUserCommand),
    /// Applications
    #[command(subcommand)]
    App(YnhAppCommand),
    /// Services
    #[command(subcommand)]
    Service(YnhServiceCommand),
}

/// Which hosts.
#[derive(Debug, Args)]
pub(crate) struct On {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhUserCommand {
    /// List accounts
    List {
        #[command(flatten)]
        on: On,
    },
    /// Add an account
    Add {
        /// The login
        name: String,
        /// The person's name
        #[arg(long)]
        fullname: String,
        /// File that holds the password; - is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Domain of the e-mail address; the main one when absent
        #[arg(long)]
        domain: Option<String>,
        /// Such as 500M
        #[arg(long)]
        mailbox_quota: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Change an account
    Edit {
        /// The login
        name: String,
        /// The person's name
        #[arg(long)]
        fullname: Option<String>,
        /// File that holds a new password; - is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Such as 500M, or 0 for none
        #[arg(long)]
        mailbox_quota: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Remove an account
    Remove {
        /// The login
        name: String,
        /// Delete its files and mail as well
        #[arg(long)]
        purge: bool,
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhAppCommand {
    /// List installed applications
    List {
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhServiceCommand {
    /// List services
    List {
        #[command(flatten)]
        on: On,
    },
    /// Restart a service
    Restart {
        /// Its name
        name: String,
        #[command(flatten)]
        on: On,
    },
}
