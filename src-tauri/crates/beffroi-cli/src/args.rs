//! What can be typed. Names and flags are the contract that outside scripts rely on.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Administration without a cloud: hosts and secrets in a local encrypted vault, YunoHost over SSH.
#[derive(Debug, Parser)]
#[command(name = "beffroi", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// The vault: its folder, or the name of one that the agent has open; the only open one when absent
    #[arg(long, global = true, env = "BEFFROI_VAULT", value_name = "PATH")]
    pub(crate) vault: Option<PathBuf>,
    /// Do not ask the process that holds the keys; BEFFROI_AGENT=off does the same
    #[arg(long, global = true)]
    pub(crate) no_agent: bool,
    /// File that holds the passphrase; - is standard input
    #[arg(long, global = true, env = "BEFFROI_PASSPHRASE_FILE", value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// File that holds the 24 recovery words, instead of the passphrase; - is standard input
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) recovery_file: Option<PathBuf>,
    /// Key file that the vault wants beside the passphrase
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Use what this login's keyring holds: beside the passphrase when one is given, else alone
    #[arg(long, global = true)]
    pub(crate) keyring: bool,
    /// Open the vault with the identity of a vault that the agent has open
    #[arg(long, global = true)]
    pub(crate) with_identity: bool,
    /// Secret of a stage, from a file; may be given several times
    #[arg(long = "stage-secret", global = true, value_name = "STAGE=FILE")]
    pub(crate) stage_secrets: Vec<String>,
    /// The name that a stage asks to be typed before a plan is run there
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// Print one JSON object
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Print the plan and do nothing
    #[arg(long, global = true)]
    pub(crate) plan: bool,
    /// Run the plan without asking
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Language of messages; the system's when absent
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,
    /// Say nothing but data and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what is being done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Lang {
    Fr,
    En,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Vaults: create, describe, check
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Start the process that holds the keys, and open the vault in it
    Agent(AgentArguments),
    /// Stages: protect, unseal, seal
    #[command(subcommand)]
    Stage(StageCommand),
    /// Identities: who signs, and who may be given a way in
    #[command(subcommand)]
    Identity(IdentityCommand),
    /// Find hosts and secrets by a part of their name
    Search {
        /// Part of a name
        text: String,
    },
    /// Hosts of the catalog
    #[command(subcommand)]
    Host(HostCommand),
    /// Secrets of the catalog
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Run a command on hosts
    Run(RunArguments),
    /// Copy a file to a host
    Put {
        /// File of this machine
        source: String,
        /// HOST:PATH
        destination: String,
    },
    /// Copy a file of a host here
    Get {
        /// HOST:PATH
        source: String,
        /// Path on this machine
        destination: String,
    },
    /// Jobs: what runs, or ran, detached on hosts
    #[command(subcommand)]
    Job(JobCommand),
    /// The journal: what was done
    #[command(subcommand)]
    Journal(JournalCommand),
    /// YunoHost
    #[command(subcommand)]
    Ynh(YnhCommand),
}

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

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct AgentArguments {
    /// End after this time, such as 30m or 2h; without it, after 30 minutes in which nothing was asked
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) lasting: Option<String>,
    /// Stay in the foreground, for systemd and other supervisors
    #[arg(long)]
    pub(crate) foreground: bool,
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum AgentCommand {
    /// Say which process holds the keys, until when, and what is open
    Status,
    /// Lock everything and end it
    Stop,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Add a host
    Add {
        /// Its name: a-z, 0-9, dots and dashes
        name: String,
        /// A name to resolve or an IP address
        address: String,
        /// Account to log in as; root when absent
        #[arg(long)]
        user: Option<String>,
        /// TCP port; 22 when absent
        #[arg(long)]
        port: Option<u16>,
        /// Stage; dev when absent
        #[arg(long)]
        stage: Option<String>,
        /// A label; may be given several times
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        /// Name of the secret to log in with
        #[arg(long, value_name = "SECRET")]
        identity: Option<String>,
        /// Host key to trust; may be given several times
        #[arg(long, value_name = "SHA256:…")]
        trust: Vec<String>,
        /// Test the connection afterwards
        #[arg(long)]
        test: bool,
    },
    /// List the hosts
    List,
    /// Everything about one host
    Show {
        /// Its name
        host: String,
    },
    /// Remove a host from the catalog; the host itself is left alone
    Remove {
        /// Its name
        host: String,
    },
    /// Test the connection, step by step
    Test {
        /// Its name
        host: String,
    },
    /// Trust a host key
    Trust {
        /// Its name
        host: String,
        /// The key, as SHA256:…; without it the key that the host shows is asked about
        fingerprint: Option<String>,
    },
    /// Read what is on hosts
    Survey {
        /// A host's name, or a selector
        #[arg(value_name = "SELECTOR")]
        on: String,
        /// Read again even when a survey younger than 10 minutes is there
        #[arg(long)]
        refresh: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// List the secrets, without their values
    List,
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
    },
    /// Remove a secret that no host uses
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
    /// Run it as a job that goes on when the link does not
    #[arg(long)]
    pub(crate) detach: bool,
    /// Hosts at a time
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<usize>,
    /// Seconds for each host
    #[arg(long, value_name = "S")]
    pub(crate) timeout: Option<u64>,
    /// Exit as the command did; for a single host
    #[arg(long)]
    pub(crate) pass_exit: bool,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum YnhCommand {
    /// Accounts
    #[command(subcommand)]
    User(YnhUserCommand),
    /// Applications
    #[command(subcommand)]
    App(YnhAppCommand),
    /// Services
    #[command(subcommand)]
    Service(YnhServiceCommand),
}

/// Which hosts.
#[derive(Debug, Args)]
pub(crate) struct On {
    /// Which hosts
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhUserCommand {
    /// List accounts
    List {
        #[command(flatten)]
        on: On,
    },
    /// Add an account
    Add {
        /// The login
        name: String,
        /// The person's name
        #[arg(long)]
        fullname: String,
        /// File that holds the password; - is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Domain of the e-mail address; the main one when absent
        #[arg(long)]
        domain: Option<String>,
        /// Such as 500M
        #[arg(long)]
        mailbox_quota: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Change an account
    Edit {
        /// The login
        name: String,
        /// The person's name
        #[arg(long)]
        fullname: Option<String>,
        /// File that holds a new password; - is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Such as 500M, or 0 for none
        #[arg(long)]
        mailbox_quota: Option<String>,
        #[command(flatten)]
        on: On,
    },
    /// Remove an account
    Remove {
        /// The login
        name: String,
        /// Delete its files and mail as well
        #[arg(long)]
        purge: bool,
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhAppCommand {
    /// List installed applications
    List {
        #[command(flatten)]
        on: On,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum YnhServiceCommand {
    /// List services
    List {
        #[command(flatten)]
        on: On,
    },
    /// Restart a service
    Restart {
        /// Its name
        name: String,
        #[command(flatten)]
        on: On,
    },
}
