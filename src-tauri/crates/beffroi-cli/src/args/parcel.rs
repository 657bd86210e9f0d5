//! Arguments of `parcel`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum ParcelCommand {
    /// Hand chosen hosts and secrets to somebody, signed and encrypted; --plan says what would go
    Create(ParcelCreateArguments),
    /// Open a parcel: who signed it is checked, then it is taken in as any file; --plan says what would be
    Open(ParcelOpenArguments),
    /// What was handed to whom, and what of it has not been changed since
    Given {
        /// Person, identity, key or fingerprint; everybody when absent
        who: Option<String>,
    },
    /// Merge another copy of the vault, that was worked on apart, into this one
    Merge {
        /// Folder of the other copy
        other: PathBuf,
        /// Of what both changed, keep what this copy has
        #[arg(long, conflicts_with = "take_theirs")]
        keep_mine: bool,
        /// Of what both changed, take what the other copy has
        #[arg(long)]
        take_theirs: bool,
        /// File with a line for each thing that both changed: its key or KIND:NAME, then mine or theirs
        #[arg(long, value_name = "FILE")]
        resolve: Option<PathBuf>,
    },
}

impl ParcelCommand {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Create(_) => "parcel-create",
            Self::Open(_) => "parcel-open",
            Self::Given { .. } => "parcel-given",
            Self::Merge { .. } => "parcel-merge",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ParcelCreateArguments {
    /// The file to make
    pub(crate) destination: PathBuf,
    /// Whom it is for: an identity's name or fingerprint, age1…, an SSH public key, or a file with one; may be repeated
    #[arg(long = "for", value_name = "WHOM", required = true)]
    pub(crate) readers: Vec<String>,
    /// Hosts, with what they log in with and the hosts they are reached through; may be repeated
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) hosts: Vec<String>,
    /// Secrets; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) secrets: Vec<String>,
    /// Everything of a stage; may be repeated
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Vec<String>,
    /// Only what is named: neither what hosts log in with nor the hosts they are reached through
    #[arg(long)]
    pub(crate) only_named: bool,
    /// The person it is given to, to be found again when they leave
    #[arg(long, value_name = "NAME")]
    pub(crate) person: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ParcelOpenArguments {
    /// The parcel
    pub(crate) file: PathBuf,
    /// Private key that may open it, of age or SSH; this vault's own identity is tried anyway; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) identity_file: Vec<PathBuf>,
    /// File that holds the passphrase of the private key
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Fingerprint of who made it, compared by voice: for somebody whom the vault does not know
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) from: Option<String>,
    /// Folder before every name
    #[arg(long, value_name = "NAME")]
    pub(crate) under: Option<String>,
    /// Only entries with this in their groups and title, or that match a pattern with *
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Where both changed, take what the file says; the old value is kept as an earlier one
    #[arg(long)]
    pub(crate) take_theirs: bool,
    /// Where both changed, keep what the vault has, and ask no more
    #[arg(long, conflicts_with = "take_theirs")]
    pub(crate) keep_mine: bool,
}
