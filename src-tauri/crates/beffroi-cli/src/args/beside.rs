//! What stands beside a secret's value, its files, and the trash.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum BesideCommand {
    /// What stands beside a secret's value: account, addresses, fields, files, earlier values
    Show {
        /// Its name
        name: String,
    },
    /// Change what stands beside a secret's value
    Edit {
        /// Its name
        name: String,
        #[command(flatten)]
        edit: Box<EditArguments>,
    },
    /// Give a secret an earlier value again; the one it has becomes an earlier one
    Revert {
        /// Its name
        name: String,
        /// Which one, as show counts them; the last when absent
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
        past: Option<u16>,
    },
    /// Put a file to a secret; it stays where it is too
    Attach {
        /// Its name
        name: String,
        /// The file, of at most 8 MiB
        file: PathBuf,
    },
    /// Write a file of a secret to this machine
    Save {
        /// Its name
        name: String,
        /// The file's name, as show has it
        file: String,
        /// Where to
        destination: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Take a file from a secret, for good
    Detach {
        /// Its name
        name: String,
        /// The file's name, as show has it
        file: String,
    },
    /// What was removed within 30 days
    Trash,
    /// Give a secret back from the trash
    Restore {
        /// Its name, of several the last that was removed; or its id
        name: String,
        /// Another name for it
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
    },
    /// Remove what lies in the trash for good
    EmptyTrash {
        /// One secret's name or id; all of them when absent
        name: Option<String>,
    },
}

/// Which piece of a secret.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct PartArguments {
    /// Its notes
    #[arg(long)]
    pub(crate) notes: bool,
    /// What one-time codes are made of
    #[arg(long)]
    pub(crate) totp: bool,
    /// The passphrase of its key
    #[arg(long)]
    pub(crate) passphrase: bool,
    /// A field
    #[arg(long, value_name = "NAME")]
    pub(crate) field: Option<String>,
    /// An earlier value, as show counts them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) past: Option<u16>,
}

/// What is changed beside a secret's value; what is absent stays.
#[derive(Debug, Args)]
pub(crate) struct EditArguments {
    /// A title of any characters
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Groups, separated by slashes
    #[arg(long, value_name = "GROUP/GROUP")]
    pub(crate) group: Option<String>,
    /// The account
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// An address it is for; may be given several times, and replaces those it has
    #[arg(long)]
    pub(crate) url: Vec<String>,
    /// A word it is marked with; may be given several times, and replaces those it has
    #[arg(long)]
    pub(crate) tag: Vec<String>,
    /// File that holds notes; an empty one takes them away
    #[arg(long, value_name = "FILE")]
    pub(crate) notes_file: Option<PathBuf>,
    /// File that holds what one-time codes are made of: an otpauth:// address
    #[arg(long, value_name = "FILE")]
    pub(crate) totp_file: Option<PathBuf>,
    /// File that holds the passphrase of its key
    #[arg(long, value_name = "FILE")]
    pub(crate) key_passphrase_file: Option<PathBuf>,
    /// When it should no longer be used, such as 2027-06-30; never takes it away
    #[arg(long, value_name = "DAY")]
    pub(crate) expires: Option<String>,
    /// A field that may be seen: its name and the file that holds its value; may be given several times
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) field: Vec<String>,
    /// A field that is shown only when it is asked for; may be given several times
    #[arg(long, value_name = "NAME=FILE")]
    pub(crate) hidden_field: Vec<String>,
    /// Take away an account, addresses, tags, notes, totp, passphrase, or a field by its name; may be given several times
    #[arg(long, value_name = "WHAT")]
    pub(crate) clear: Vec<String>,
}

impl BesideCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::Show { .. } => "secret-show",
            Self::Edit { .. } => "secret-edit",
            Self::Revert { .. } => "secret-revert",
            Self::Attach { .. } => "secret-attach",
            Self::Save { .. } => "secret-save",
            Self::Detach { .. } => "secret-detach",
            Self::Trash => "secret-trash",
            Self::Restore { .. } => "secret-restore",
            Self::EmptyTrash { .. } => "secret-empty-trash",
        }
    }
}
