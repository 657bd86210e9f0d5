//! Commands run on hosts, and recipes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct RunArguments {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR", required = true)]
    pub(crate) on: Option<String>,
    #[command(flatten)]
    pub(crate) how: How,
    /// Exit as the command did; for a single host
    #[arg(long)]
    pub(crate) pass_exit: bool,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    #[command(subcommand)]
    pub(crate) past: Option<RunCommand>,
}

/// How a run is done, and goes through its hosts.
#[derive(Debug, Args)]
pub(crate) struct How {
    /// Run it as root, by sudo
    #[arg(long)]
    pub(crate) sudo: bool,
    /// Run it as a job that goes on when the link does not
    #[arg(long, conflicts_with_all = ["parallel", "timeout", "canary", "waves", "budget", "diff"])]
    pub(crate) detach: bool,
    #[command(flatten)]
    pub(crate) pace: Pace,
}

/// How a run goes through its hosts.
#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// Hosts at a time
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<usize>,
    /// Seconds for each host
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<u64>,
    /// So many hosts first and alone; go on only when it succeeded on all of them
    #[arg(long, value_name = "N")]
    pub(crate) canary: Option<usize>,
    /// Sizes of the waves, such as 1,10%,50%; the last one is repeated
    #[arg(long, value_name = "SIZES")]
    pub(crate) waves: Option<String>,
    /// On how many hosts it may fail, such as 3 or 10%; after one more nothing new is started
    #[arg(long, value_name = "N|N%")]
    pub(crate) budget: Option<String>,
    /// Show of other outputs what differs from that of the largest group; yes when absent
    #[arg(long, value_name = "yes|no")]
    pub(crate) diff: Option<super::YesNo>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// List the last runs
    List,
    /// Show a run and its results; its output only while the vault stays open
    Show {
        /// Its identifier, or the end of it
        run: String,
    },
    /// Run the same again on the hosts on which it did not succeed
    Retry {
        /// Its identifier, or the end of it
        run: String,
        #[command(flatten)]
        pace: Pace,
    },
    /// Stop a run of the process that holds the keys
    Cancel {
        /// Its identifier, or the end of it
        run: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecipeCommand {
    /// List the recipes
    List,
    /// Show a recipe as it was written
    Show {
        /// Its name
        name: String,
    },
    /// Store a recipe from a file, in the place of one of the same name
    Set {
        /// The file; - is standard input
        file: PathBuf,
    },
    /// Remove a recipe
    Remove {
        /// Its name
        name: String,
    },
    /// Run a recipe on hosts
    Run {
        /// Its name
        name: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// Value of a parameter, never a secret; may be given several times
        #[arg(short = 'p', long = "param", value_name = "NAME=VALUE")]
        values: Vec<String>,
        #[command(flatten)]
        how: How,
    },
}

/// How a file or a folder is copied.
#[derive(Debug, Args)]
pub(crate) struct CopyArguments {
    /// Do it as root on the host, by sudo
    #[arg(long)]
    pub(crate) sudo: bool,
    /// Go on with what an earlier copy left, and leave what can be gone on with
    #[arg(long)]
    pub(crate) resume: bool,
    /// Send all, even where differences would do
    #[arg(long)]
    pub(crate) whole: bool,
    /// Keep the time of the last change
    #[arg(long)]
    pub(crate) times: bool,
}
