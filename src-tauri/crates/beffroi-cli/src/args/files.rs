//! Folders of hosts.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct FilesArguments {
    /// HOST:PATH; HOST: is where its account is at home
    #[arg(required = true)]
    pub(crate) place: Option<String>,
    /// Do it as root on the host, by sudo
    #[arg(long)]
    pub(crate) sudo: bool,
    #[command(subcommand)]
    pub(crate) change: Option<FilesCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FilesCommand {
    /// Make a folder
    Mkdir {
        /// HOST:PATH
        place: String,
        /// Do it as root on the host, by sudo
        #[arg(long)]
        sudo: bool,
    },
    /// Give a file or folder another name or place, where nothing is yet
    Rename {
        /// HOST:PATH
        place: String,
        /// Its new path on the host
        to: String,
        /// Do it as root on the host, by sudo
        #[arg(long)]
        sudo: bool,
    },
    /// Remove files, links and folders; never what a system, a person or a disk stands on
    Remove {
        /// HOST:PATH, all of one host
        #[arg(required = true)]
        places: Vec<String>,
        /// Remove folders with all that is in them
        #[arg(long)]
        recursive: bool,
        /// Do it as root on the host, by sudo
        #[arg(long)]
        sudo: bool,
    },
}
