//! Jobs and the journal.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum JobCommand {
    /// List the jobs, newest first
    List,
    /// Show a job and its output so far
    Show {
        /// Its identifier, or the end of it
        job: String,
    },
    /// Follow a job to its end, from where its output was left
    Attach {
        /// Its identifier, or the end of it
        job: String,
    },
    /// Stop a job on its host
    Cancel {
        /// Its identifier, or the end of it
        job: String,
    },
    /// Begin a job again that failed, from the step that did not succeed
    Retry {
        /// Its identifier, or the end of it
        job: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    /// List entries, newest first
    List {
        /// How many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        /// Only entries before this number
        #[arg(long, value_name = "SEQUENCE")]
        before: Option<u64>,
    },
    /// Check the journal; with a file, an exported one, without any vault
    Verify {
        /// An exported journal
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// Fingerprint of the identity that must have signed it; of several people, parted by commas
        #[arg(long, requires = "file", value_name = "SHA256:…")]
        signer: Option<String>,
    },
    /// Write the journal to a file, one JSON object a line
    Export {
        /// The file to make
        destination: String,
    },
}
