//! Files of other programs.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum OtherProgramCommand {
    /// Take secrets and hosts in from a file of another program: everything or nothing, as often as you like
    Import(Box<ImportArguments>),
    /// Write secrets for another program, once you have proved again that you may open the vault
    Export(Box<ExportArguments>),
}

#[derive(Debug, Default, Args)]
pub(crate) struct ImportArguments {
    /// The file or the folder
    pub(crate) file: PathBuf,
    /// Its format, when it is not to be told by what is in it
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Change nothing, and say what would be
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Stage of what nothing else is said of; dev when absent
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,
    /// Stage of a group; may be repeated
    #[arg(long, value_name = "GROUP=STAGE")]
    pub(crate) stage_of: Vec<String>,
    /// Folder before every name
    #[arg(long, value_name = "NAME")]
    pub(crate) under: Option<String>,
    /// Take also what lies in a bin or an archive there
    #[arg(long)]
    pub(crate) include_discarded: bool,
    /// Only entries with this in their groups and title, or that match a pattern with *
    #[arg(long, value_name = "PATTERN")]
    pub(crate) only: Option<String>,
    /// Leave out entries and hosts that are called so: a part of a name, or a pattern with *; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub(crate) without: Vec<String>,
    /// Trust no key of a host that stands in the file
    #[arg(long)]
    pub(crate) without_host_keys: bool,
    /// File that holds the password of the file
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Key file of the file; --key-file is the vault's
    #[arg(long, value_name = "FILE")]
    pub(crate) file_key: Option<PathBuf>,
    /// Private key that may open it; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) identity: Vec<PathBuf>,
    /// What the columns of separated values are: a JSON file {"columns": ["title", "password", "skip"], "header": true}
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// Fingerprint of who made a parcel, compared by voice: for somebody whom the vault does not know
    #[arg(long, value_name = "FINGERPRINT")]
    pub(crate) from: Option<String>,
    /// Where both changed, take what the file says; the old value is kept as an earlier one
    #[arg(long)]
    pub(crate) take_theirs: bool,
    /// Where both changed, keep what the vault has, and ask no more
    #[arg(long, conflicts_with = "take_theirs")]
    pub(crate) keep_mine: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// The file to make
    pub(crate) destination: PathBuf,
    /// kdbx, bitwarden, age, env, csv or ssh-config
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: String,
    /// The secrets that these hosts are given, and the hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: Option<String>,
    /// Those of this stage
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,
    /// Those with this in their names
    #[arg(long, value_name = "TEXT")]
    pub(crate) find: Option<String>,
    /// File that holds the password of the new file
    #[arg(long, value_name = "FILE")]
    pub(crate) export_password_file: Option<PathBuf>,
    /// Who can read it, for age: age1…, or an SSH public key; may be repeated
    #[arg(long, value_name = "KEY")]
    pub(crate) recipient: Vec<String>,
    /// Replace a file that is there
    #[arg(long)]
    pub(crate) force: bool,
}
