//! Stages.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum StageCommand {
    /// List the stages
    List,
    /// Add a stage
    Add {
        /// Its name: a-z, 0-9 and dashes
        stage: String,
    },
    /// Give a stage a secret of its own; made and printed once unless --stage-secret names it
    Protect {
        /// The stage
        stage: String,
    },
    /// Unseal a stage for a while
    Unseal {
        /// The stage
        stage: String,
        /// For how long, such as 15m; what the stage's policy says when absent
        #[arg(long = "for", value_name = "TIME")]
        duration: Option<String>,
    },
    /// Seal a stage
    Seal {
        /// The stage
        stage: String,
    },
    /// Give a stage another secret; made and printed once unless a file names it
    Passwd {
        /// The stage
        stage: String,
        /// File that holds the new secret
        #[arg(long, value_name = "FILE")]
        new_secret_file: Option<PathBuf>,
    },
    /// Give a stage a new key under the same secret, and seal everything in it anew
    Rekey {
        /// The stage
        stage: String,
    },
    /// Show or set what is asked of those who act on a stage
    Policy {
        /// The stage
        stage: String,
        /// Whether a name must be typed before a plan is run
        #[arg(long, value_name = "yes|no")]
        typed: Option<YesNo>,
        /// Whether a plan with warnings is refused
        #[arg(long, value_name = "yes|no")]
        refuse_warnings: Option<YesNo>,
        /// How long it stays unsealed when nothing else is asked for, such as 15m
        #[arg(long, value_name = "TIME")]
        unsealed: Option<String>,
        /// Until when nothing may be changed, such as 2026-12-31T18:00Z, or none
        #[arg(long, value_name = "UNTIL")]
        freeze: Option<String>,
        /// Why it is frozen
        #[arg(long, requires = "freeze")]
        why: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}
