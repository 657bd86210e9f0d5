//! Reports for whoever owns the hosts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ReportCommand {
    /// What was done on hosts: changes, commands, and what else the journal has of them
    Interventions {
        #[command(flatten)]
        which: ReportArguments,
        /// From when, such as 2026-11-01 or 2026-11-01T18:00Z
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// Until when; a day alone is meant whole
        #[arg(long, value_name = "WHEN")]
        until: Option<String>,
    },
    /// How hosts stand, as their last surveys have it: versions, upgrades, certificates, backups, findings
    State {
        #[command(flatten)]
        which: ReportArguments,
    },
    /// What the next administrator needs: ways in, keys, people, backups, how-to, a receipt. No secret
    Dossier {
        #[command(flatten)]
        which: ReportArguments,
        /// A file that is handed over with it, for the receipt; may be given several times
        #[arg(long = "handed", value_name = "FILE")]
        handed: Vec<PathBuf>,
    },
    /// Check the signed statement of a report and the files beside it, without any vault
    Verify {
        /// The statement
        file: PathBuf,
        /// Fingerprint of the identity that must have signed it
        #[arg(long, value_name = "SHA256:…")]
        signer: Option<String>,
    },
}

impl ReportCommand {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Interventions { .. } => "report-interventions",
            Self::State { .. } => "report-state",
            Self::Dossier { .. } => "report-dossier",
            Self::Verify { .. } => "report-verify",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR", default_value = "all")]
    pub(crate) on: String,
    /// The file to make; told here when absent
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What the file is; its ending says it when absent. As csv there is a file for each table
    #[arg(long, requires = "out", value_parser = ["pdf", "csv", "json"])]
    pub(crate) format: Option<String>,
    /// Of csv, this table only
    #[arg(long, requires = "out", value_name = "TABLE")]
    pub(crate) table: Option<String>,
    /// Replace files of that name
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Sign a statement of what was written, beside it
    #[arg(long, requires = "out")]
    pub(crate) sign: bool,
}
