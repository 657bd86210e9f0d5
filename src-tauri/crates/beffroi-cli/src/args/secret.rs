//! Secrets.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Lang;
use super::beside::{BesideCommand, PartArguments};
use super::health::HealthCommand;
use super::import::OtherProgramCommand;
use super::template::TemplateCommand;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MadeKind {
    /// A password; with --words a passphrase.
    Password,
    /// A key to log in with.
    Key,
}

/// Which key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyType {
    /// Ed25519.
    #[value(name = "ed25519")]
    Ed25519,
    /// ECDSA on P-256.
    #[value(name = "ecdsa-p256")]
    EcdsaP256,
    /// RSA of 3072 bits.
    #[value(name = "rsa-3072")]
    Rsa3072,
    /// RSA of 4096 bits.
    #[value(name = "rsa-4096")]
    Rsa4096,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// List the secrets, without their values
    List {
        /// Only those that have these words in their name, title, account, addresses, tags, groups, visible fields or hosts, the
        /// nearest first
        #[arg(long, value_name = "TEXT")]
        find: Option<String>,
    },
    /// Store a secret: from a file, standard input or a prompt
    Set {
        /// Its name
        name: String,
        /// File that holds it; one final newline of a password is dropped
        #[arg(long, value_name = "FILE")]
        from_file: Option<PathBuf>,
        /// Stage; dev when absent
        #[arg(long)]
        stage: Option<String>,
        /// Ask for what stands beside it too: the fields of this template, as template list has them
        #[arg(long, value_name = "TEMPLATE")]
        template: Option<String>,
        /// A field of the template and the file that holds it; may be given several times
        #[arg(long, value_name = "FIELD=FILE", requires = "template")]
        fill: Vec<String>,
    },
    /// Templates: which fields stand beside the value of a kind of secret
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Write a secret to standard output; the journal says that it was asked for
    Get {
        /// Its name
        name: String,
        #[command(flatten)]
        part: PartArguments,
    },
    /// Make a password, a passphrase or a key and store it; it is not shown, but for the public part of a key
    Generate {
        /// Its name
        name: String,
        /// What is made
        #[arg(long, value_enum, default_value = "password")]
        kind: MadeKind,
        /// Which key: RSA and ECDSA for what knows no Ed25519
        #[arg(long = "type", value_enum, default_value = "ed25519")]
        key_type: KeyType,
        /// What is seen beside the key on hosts; its name when absent
        #[arg(long)]
        comment: Option<String>,
        /// A passphrase of so many words, from 4 to 24; 7 when the number is absent
        #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "7")]
        #[arg(conflicts_with_all = ["length", "no_symbols", "digits_only", "look_alikes"])]
        words: Option<usize>,
        /// Where the words are from; the language of this program when absent
        #[arg(long, value_enum, requires = "words")]
        word_list: Option<Lang>,
        /// What stands between the words: one sign, a space, or nothing with --capitals
        #[arg(long, value_name = "SIGN", requires = "words", default_value = "-")]
        separator: String,
        /// Begin each word with a capital
        #[arg(long, requires = "words")]
        capitals: bool,
        /// Put a digit after one of the words
        #[arg(long, requires = "words")]
        digit: bool,
        /// Characters, from 8 to 256
        #[arg(long, value_name = "N", default_value_t = 24)]
        length: usize,
        /// Leave out signs
        #[arg(long)]
        no_symbols: bool,
        /// Digits only
        #[arg(long, conflicts_with = "no_symbols")]
        digits_only: bool,
        /// Also characters that look like others: 0 and O, 1, l and I
        #[arg(long)]
        look_alikes: bool,
        /// Stage; dev when absent
        #[arg(long)]
        stage: Option<String>,
    },
    /// Give a secret another name
    Rename {
        /// Its name
        name: String,
        /// What it is called from now on
        to: String,
    },
    /// Put a secret that no host uses into the trash, where it stays for 30 days
    Remove {
        /// Its name
        name: String,
    },
    #[command(flatten)]
    OtherProgram(OtherProgramCommand),
    #[command(flatten)]
    Beside(BesideCommand),
    #[command(flatten)]
    Health(HealthCommand),
    /// Where a secret lives: hosts, accounts, when it last opened them, and who refused it since
    Where {
        /// Its name
        name: String,
        /// Ask every host whether the value opens there, and whether earlier keys still do; nothing is changed
        #[arg(long)]
        check: bool,
    },
    /// Give a secret a new value on every host that takes it, without locking anybody out
    Rotate {
        /// Its name
        name: String,
        /// Work on these hosts now; the rotation ends once all others had their turn
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Leave the old key in place on the hosts
        #[arg(long, conflicts_with_all = ["resume", "back"])]
        keep_old: bool,
        /// Go on with the rotation that there is
        #[arg(long, conflicts_with = "back")]
        resume: bool,
        /// Give every host the old value again; possible until an old key was taken away
        #[arg(long)]
        back: bool,
    },
    /// Let a secret that a host refused be offered again: its name, agent, or agent:SHA256:…
    Allow {
        /// Its name
        name: String,
    },
}
