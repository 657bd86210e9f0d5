//! Vaults, the ways into them, and identities.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum VaultCommand {
    /// Make a vault; prints its recovery words once
    Create {
        /// Folder to make; .beffroi is added when missing
        path: String,
        /// Name for people; the folder's when absent
        #[arg(long)]
        name: Option<String>,
    },
    /// Describe the vault
    Info,
    /// List the vaults that this machine has seen
    List,
    /// Check the vault: header, database, records, journal, anchor
    Verify,
    /// Open the vault in the process that holds the keys, which is started when there is none
    Unlock {
        /// Its folder; what --vault names when absent
        #[arg(value_name = "PATH")]
        folder: Option<PathBuf>,
    },
    /// Lock a vault in the process that holds the keys
    Lock {
        /// Its name or folder; what --vault names, else every vault, when absent
        #[arg(value_name = "NAME")]
        open: Option<PathBuf>,
    },
    /// Say how well the vault is kept
    Health,
    /// Give the vault another passphrase
    Passwd {
        /// File that holds the new passphrase
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Make a new root key and encrypt the whole vault anew; prints new recovery words once
    Rekey,
    /// Copy the vault, consistent and verified, into a folder
    Copy {
        /// The folder; the copy gets the vault's name and the date
        destination: PathBuf,
    },
    /// Make a vault from a copy
    Restore {
        /// The copy
        source: PathBuf,
        /// Folder to make; .beffroi is added when missing
        destination: PathBuf,
        /// Open and check the copy, say what it holds, and change nothing
        #[arg(long)]
        rehearse: bool,
    },
    /// Ways into the vault
    #[command(subcommand)]
    Slot(SlotCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum SlotCommand {
    /// List the ways into the vault
    List,
    /// Add a way into the vault
    Add {
        /// What it is
        kind: SlotKind,
        /// File that holds the new passphrase
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
        /// The new key file: made when it is not there
        #[arg(long, value_name = "FILE")]
        new_key_file: Option<PathBuf>,
        /// Name or fingerprint of an identity that the vault knows
        #[arg(long, value_name = "NAME")]
        identity: Option<String>,
        /// What people call it
        #[arg(long)]
        label: Option<String>,
    },
    /// Remove a way into the vault; copies made before still open with it
    Remove {
        /// Its identifier, or an ending of it that no other has
        id: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SlotKind {
    Passphrase,
    PassphraseKeyFile,
    PassphraseKeyring,
    Recovery,
    Identity,
    Keyring,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Make an identity in the vault, and sign with it from now on
    Create {
        /// The person's name
        name: String,
    },
    /// List the identities that the vault knows
    Show,
    /// Write the card of your identity to a file
    Export {
        /// File to make
        file: PathBuf,
    },
    /// Take in somebody's card from a file
    Import {
        /// The file
        file: PathBuf,
    },
}
