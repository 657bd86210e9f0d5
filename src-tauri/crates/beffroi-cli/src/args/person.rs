//! People.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// List the people who have a card
    List,
    /// Show a person's card and accounts
    Show {
        /// The person
        person: String,
    },
    /// Make a card; with --on, make accounts too, each with a password of its own
    Add {
        /// What the person is called here: a-z, 0-9, dots and underscores
        person: String,
        #[command(flatten)]
        card: CardArguments,
        /// Hosts on which they get an account
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Domain of the address; the host's main one when absent
        #[arg(long, requires = "on", value_name = "DOMAIN")]
        domain: Option<String>,
        /// The most that the mail may take, such as 500M
        #[arg(long, requires = "on", value_name = "QUOTA")]
        mailbox_quota: Option<String>,
        /// Group that the account is put into; may be given several times
        #[arg(long = "group", requires = "on", value_name = "GROUP")]
        groups: Vec<String>,
    },
    /// Change a card; the accounts stay as they are
    Edit {
        /// The person
        person: String,
        #[command(flatten)]
        card: CardArguments,
    },
    /// Remove a card; the accounts stay on their hosts
    Remove {
        /// The person
        person: String,
    },
    /// Say that accounts of hosts are a person's
    Link {
        /// The person
        person: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// The login there, where it is not that of the card
        #[arg(long, value_name = "LOGIN")]
        login: Option<String>,
    },
    /// Say that accounts of hosts are not a person's any more
    Unlink {
        /// The person
        person: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// Only the account that is called so there
        #[arg(long, value_name = "LOGIN")]
        login: Option<String>,
    },
    /// Who can use what on which host, and why
    Matrix {
        /// Which hosts
        #[arg(long, value_name = "SELECTOR", default_value = "all")]
        on: String,
        /// Of this person only
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
        /// As lines for a spreadsheet
        #[arg(long)]
        csv: bool,
        /// Read the hosts anew first
        #[arg(long)]
        refresh: bool,
    },
    /// Give a person permissions by their own name, or put them into groups
    Grant(RightsArguments),
    /// Take permissions from a person, or take them out of groups
    Revoke(RightsArguments),
    /// Let a person's accounts log in by a public SSH key
    AddKey(KeyArguments),
    /// Let them not log in by it any more
    RemoveKey(KeyArguments),
    /// Give each of a person's accounts a new password of its own
    Rotate {
        /// The person
        person: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
    },
    /// Take in a list of users, with the columns of YunoHost's own import
    Import {
        /// The list; - is standard input
        file: PathBuf,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// Change accounts that are there to what the list says
        #[arg(long)]
        update: bool,
    },
    /// Write a list for a spreadsheet
    Export {
        /// What: people, accounts (as YunoHost's own import has them), matrix
        #[arg(value_parser = ["people", "accounts", "matrix"])]
        what: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR", default_value = "all")]
        on: String,
        /// The file to make; standard output when absent
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take everything from a person: permissions, groups, keys, sessions, accounts
    Offboard {
        /// The person
        person: String,
        /// Which of the hosts where they have an account
        #[arg(long, value_name = "SELECTOR", default_value = "all")]
        on: String,
        /// Delete their homes and their mail too
        #[arg(long)]
        purge: bool,
        /// Write the signed report to this new file
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
    },
    /// The report of an off-boarding, signed; or check one that was written
    Report {
        /// The person
        #[arg(required_unless_present = "verify", conflicts_with = "verify")]
        person: Option<String>,
        /// Write the signed report to this new file
        #[arg(long, conflicts_with = "verify", value_name = "FILE")]
        out: Option<PathBuf>,
        /// Check this file instead, without any vault
        #[arg(long, value_name = "FILE")]
        verify: Option<PathBuf>,
        /// Fingerprint of the identity that must have signed it
        #[arg(long, requires = "verify", value_name = "SHA256:…")]
        signer: Option<String>,
    },
    /// Where hosts and cards disagree
    Drift {
        /// Which hosts
        #[arg(long, value_name = "SELECTOR", default_value = "all")]
        on: String,
        /// Read the hosts anew first
        #[arg(long)]
        refresh: bool,
    },
    /// Take what hosts have of a person for right from now on
    Accept {
        /// The person
        person: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CardArguments {
    /// First and last name
    #[arg(long, value_name = "NAME")]
    pub(crate) fullname: Option<String>,
    /// The login of the accounts, where it is not the person's name
    #[arg(long, value_name = "LOGIN")]
    pub(crate) login: Option<String>,
    /// An address outside of the hosts
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) mail: Option<String>,
    /// Whatever is worth knowing
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RightsArguments {
    /// The person
    pub(crate) person: String,
    /// The permissions, such as nextcloud.main
    #[arg(required_unless_present = "groups", value_name = "PERMISSION")]
    pub(crate) permissions: Vec<String>,
    /// A group instead; may be given several times
    #[arg(long = "group", value_name = "GROUP", conflicts_with = "permissions")]
    pub(crate) groups: Vec<String>,
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
}

#[derive(Debug, Args)]
pub(crate) struct KeyArguments {
    /// The person
    pub(crate) person: String,
    /// The public key, as one line
    pub(crate) key: String,
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
}

impl PersonCommand {
    /// The command's name in the schema of its JSON.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List => "person-list",
            Self::Show { .. } => "person-show",
            Self::Add { .. } => "person-add",
            Self::Edit { .. } => "person-edit",
            Self::Remove { .. } => "person-remove",
            Self::Link { .. } => "person-link",
            Self::Unlink { .. } => "person-unlink",
            Self::Matrix { .. } => "person-matrix",
            Self::Grant(_) => "person-grant",
            Self::Revoke(_) => "person-revoke",
            Self::AddKey(_) => "person-add-key",
            Self::RemoveKey(_) => "person-remove-key",
            Self::Rotate { .. } => "person-rotate",
            Self::Import { .. } => "person-import",
            Self::Export { .. } => "person-export",
            Self::Offboard { .. } => "person-offboard",
            Self::Report { .. } => "person-report",
            Self::Drift { .. } => "person-drift",
            Self::Accept { .. } => "person-accept",
        }
    }
}
