//! How secrets are, where they should not be, and what is made of them.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum HealthCommand {
    /// What is wrong with secrets: weak, leaked, reused, old, unused
    Health {
        /// File of hashes of leaked passwords (Pwned Passwords, SHA-1), or a folder of its ranges
        #[arg(long, value_name = "FILE")]
        leaked: Option<PathBuf>,
        /// Days after which a secret is old
        #[arg(long, value_name = "DAYS", default_value_t = 730, value_parser = clap::value_parser!(u64).range(1..))]
        old: u64,
        /// Exit with 1 when anything is wrong
        #[arg(long)]
        strict: bool,
    },
    /// Look for secrets in files of this machine; exits with 1 when any is found
    Scan {
        /// A folder, a file or a place in a git repository
        #[arg(default_value = ".")]
        path: PathBuf,
        /// What the next commit would add
        #[arg(long, conflicts_with_all = ["history", "ignored"])]
        staged: bool,
        /// Every version that a branch or tag has
        #[arg(long, conflicts_with = "ignored")]
        history: bool,
        /// The files too that git ignores
        #[arg(long)]
        ignored: bool,
        /// Only by the rules, not for the values of the vault's secrets
        #[arg(long)]
        rules_only: bool,
        /// File of findings that are accepted
        #[arg(long, value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// Write what is found to the baseline
        #[arg(long, requires = "baseline")]
        accept: bool,
        /// Write a pre-commit hook that runs this by the rules before each commit
        #[arg(long, conflicts_with_all = ["staged", "history", "ignored", "baseline", "remove_hook"])]
        install_hook: bool,
        /// Take that hook away
        #[arg(long, conflicts_with_all = ["staged", "history", "ignored", "baseline"])]
        remove_hook: bool,
    },
    /// Write the one-time code of a secret, and for how many seconds it is; the journal says that it was asked for
    Code {
        /// Its name
        name: String,
    },
    /// The public part of a key, as authorized_keys has it
    Public {
        /// Its name
        name: String,
    },
}

impl HealthCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::Health { .. } => "secret-health",
            Self::Scan { install_hook: true, .. } | Self::Scan { remove_hook: true, .. } => "secret-scan-hook",
            Self::Scan { .. } => "secret-scan",
            Self::Code { .. } => "secret-code",
            Self::Public { .. } => "secret-public",
        }
    }
}
