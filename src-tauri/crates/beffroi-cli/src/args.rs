//! What can be typed. Names and flags are the contract that outside scripts rely on.

mod agent;
mod backup;
mod beside;
mod ca;
mod expose;
mod files;
mod guest;
mod guest_life;
mod guest_make;
mod health;
mod host;
mod import;
mod inventory;
mod job;
mod parcel;
mod person;
mod process;
mod report;
mod run;
mod secret;
mod stage;
mod template;
mod tunnel;
mod vault;
mod ynh;
mod ynh_forms;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use agent::{AgentArguments, AgentCommand};
pub(crate) use backup::{BackupForms, BackupMake, Keep, What};
pub(crate) use beside::{BesideCommand, EditArguments, PartArguments};
pub(crate) use ca::CaCommand;
pub(crate) use expose::{Entrance, ExposeCommand};
pub(crate) use files::{FilesArguments, FilesCommand};
pub(crate) use guest::GuestCommand;
pub(crate) use guest_life::{GuestLife, SnapshotCommand, Stopping};
pub(crate) use guest_make::{GuestMakeCommand, ImageCommand, Making, SpecCommand};
pub(crate) use health::HealthCommand;
pub(crate) use host::{AccessArguments, HostCommand};
pub(crate) use import::{ExportArguments, ImportArguments, OtherProgramCommand};
pub(crate) use inventory::InventoryArguments;
pub(crate) use job::{JobCommand, JournalCommand};
pub(crate) use parcel::{ParcelCommand, ParcelCreateArguments, ParcelOpenArguments};
pub(crate) use person::{CardArguments, PersonCommand};
pub(crate) use process::{ProcessCommand, WhichProcess};
pub(crate) use report::{ReportArguments, ReportCommand};
pub(crate) use run::{CopyArguments, How, Pace, RecipeCommand, RunArguments, RunCommand};
pub(crate) use secret::{KeyType, MadeKind, SecretCommand};
pub(crate) use stage::{StageCommand, YesNo};
pub(crate) use template::TemplateCommand;
pub(crate) use tunnel::{Local, TunnelArguments};
pub(crate) use vault::{IdentityCommand, SlotCommand, SlotKind, VaultCommand};
pub(crate) use ynh::{Typed, YnhCommand, texts as ynh_texts};
pub(crate) use ynh_forms::{AppForms, Catalog, DomainForms, Forms, SettingsForms};

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
    /// Find hosts by a part of their name, and secrets by what stands beside their values
    Search {
        /// Part of a name; for secrets also words of titles, accounts, addresses, tags, fields, hosts
        text: String,
    },
    /// Hosts of the catalog
    #[command(subcommand)]
    Host(HostCommand),
    /// Secrets of the catalog
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Guests of hosts: containers of classic LXC, Incus, LXD and Proxmox
    #[command(subcommand)]
    Guest(GuestCommand),
    /// Processes that systemd, OpenRC or pm2 keep running, on hosts and in guests
    #[command(subcommand)]
    Process(ProcessCommand),
    /// Run a command on hosts; list, show and repeat runs
    Run(RunArguments),
    /// Open a shell on a host, in this terminal
    Shell {
        /// The host
        host: String,
        /// As root, by sudo, which asks in the terminal
        #[arg(long)]
        sudo: bool,
    },
    /// Ports of this machine that lead through a host, until Ctrl+C
    Tunnel(TunnelArguments),
    /// Speak SSH on standard input and output, as a host or a guest does: for the ProxyCommand of OpenSSH
    Proxy {
        /// The host, or HOST/GUEST
        host: String,
    },
    /// The way from a name to a process in a guest
    #[command(subcommand)]
    Expose(ExposeCommand),
    /// What Ansible is told of the fleet: a dynamic inventory
    Inventory(InventoryArguments),
    /// A configuration of OpenSSH by which ssh, sftp, scp and rsync reach hosts and guests through this program
    SshConfig {
        /// Only the hosts that this selects
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
    },
    /// Recipes: saved runs with parameters
    #[command(subcommand)]
    Recipe(RecipeCommand),
    /// Copy a file or a folder to a host
    Put {
        /// File or folder of this machine
        source: String,
        /// HOST:PATH
        destination: String,
        #[command(flatten)]
        how: CopyArguments,
    },
    /// Copy a file or a folder of a host here
    Get {
        /// HOST:PATH
        source: String,
        /// Path on this machine
        destination: String,
        #[command(flatten)]
        how: CopyArguments,
    },
    /// Folders of hosts: list, make, rename, remove
    Files(FilesArguments),
    /// Jobs: what runs, or ran, detached on hosts
    #[command(subcommand)]
    Job(JobCommand),
    /// The journal: what was done
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Reports for whoever owns the hosts: what was done, how they stand, what the next administrator needs
    #[command(subcommand)]
    Report(ReportCommand),
    /// People: cards, accounts, who can use what, off-boarding
    #[command(subcommand)]
    Person(PersonCommand),
    /// Private authorities: certificates for networks without a public one
    #[command(subcommand)]
    Ca(CaCommand),
    /// Parcels for colleagues, and merging copies of a vault that were worked in apart
    #[command(subcommand)]
    Parcel(ParcelCommand),
    /// YunoHost
    #[command(subcommand)]
    Ynh(YnhCommand),
}
