//! Hosts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Add a host
    Add {
        /// Its name: a-z, 0-9, dots and dashes
        name: String,
        /// A name to resolve or an IP address
        address: String,
        #[command(flatten)]
        access: AccessArguments,
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
    /// Change how a host is reached and logged in to; what is not named stays
    Edit {
        /// Its name
        host: String,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        /// A name to resolve or an IP address
        #[arg(long)]
        address: Option<String>,
        #[command(flatten)]
        access: AccessArguments,
    },
    /// Remove a host from the catalog; the host itself is left alone
    Remove {
        /// Its name
        host: String,
    },
    /// Test a host from its name to what it is, up to the first thing that fails
    Test {
        /// Its name
        host: String,
        /// Offer again what was refused once
        #[arg(long)]
        again: bool,
    },
    /// Give a host a key of its own, prove that it opens, and forget the password
    Enrol {
        /// Its name
        host: String,
        /// Keep the password in the catalog
        #[arg(long)]
        keep_password: bool,
    },
    /// Trust a host key
    Trust {
        /// Its name
        host: String,
        /// The key, as SHA256:…; without it the key that the host shows is asked about
        fingerprint: Option<String>,
        /// Trust the host certificates that the key signed, rather than the key
        #[arg(long, requires = "fingerprint")]
        authority: bool,
    },
    /// No longer trust a key of a host
    Distrust {
        /// Its name
        host: String,
        /// The key, as SHA256:…
        fingerprint: String,
    },
    /// Refuse a key of a host, whatever vouches for it
    Revoke {
        /// Its name
        host: String,
        /// The key, as SHA256:…
        fingerprint: String,
    },
    /// Take hosts in from a list of another program: ssh_config, Ansible, PuTTY, mRemoteNG and others, with what they log in with
    Import(Box<super::ImportArguments>),
    /// Take trusted keys in from a known_hosts file, for hosts of the catalog
    ImportKeys {
        /// The file
        file: PathBuf,
        /// Only these hosts
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Change nothing, and say what would be
        #[arg(long)]
        dry_run: bool,
    },
    /// Write what is trusted to a known_hosts file
    ExportKeys {
        /// The file to make
        destination: PathBuf,
        /// Which hosts; all when absent
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
        /// Hash the names, so that the file tells nobody which hosts there are
        #[arg(long)]
        hashed: bool,
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
    /// Say what could be safer about hosts, from their last surveys: what is to be done first
    Hardening {
        /// A host's name, or a selector
        #[arg(value_name = "SELECTOR")]
        on: String,
        /// Survey the hosts first
        #[arg(long)]
        refresh: bool,
    },
    /// Say what differs between a host's last survey and an earlier one, or another host's: security first
    Diff {
        /// Its name
        host: String,
        /// Host that it is held against; its own earlier survey when absent
        #[arg(long, value_name = "HOST", conflicts_with = "before")]
        with: Option<String>,
        /// Take the last survey before this moment, such as 2026-12-31T18:00Z
        #[arg(long, value_name = "MOMENT")]
        before: Option<String>,
        /// Tell what changes by itself as well
        #[arg(long)]
        noise: bool,
    },
    /// List what lies on a host because of this program
    Ledger {
        /// Its name
        host: String,
        /// Ask the host itself as well
        #[arg(long)]
        ask: bool,
    },
    /// Remove what ended jobs left on a host
    Clean {
        /// Its name
        host: String,
        /// Only what ended longer ago than this, such as 7d
        #[arg(long, value_name = "TIME")]
        older_than: Option<String>,
    },
    /// List who is banned on hosts, by fail2ban
    Bans {
        /// Which hosts
        on: String,
    },
    /// Lift a ban: of an address, or of this machine on a host that is reached through another
    Unban {
        /// Which hosts; one host with --through
        on: String,
        /// The address; with --through, the one that this machine has when absent
        #[arg(long, value_name = "ADDRESS", required_unless_present = "through")]
        address: Option<String>,
        /// Host that reaches it: its parent, or another one beside it
        #[arg(long, value_name = "HOST")]
        through: Option<String>,
    },
    /// Set the clock of hosts from this machine's
    SetClock {
        /// Which hosts
        on: String,
    },
    /// Leave a host as if this program had never been there: jobs' folders, and the key that it was given
    Detach {
        /// Its name
        host: String,
    },
}

/// How a host is reached and logged in to.
#[derive(Debug, Default, Args)]
pub(crate) struct AccessArguments {
    /// Account to log in as; root for a new host when absent
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// TCP port; 22 for a new host when absent
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// Host through which it is reached; none for none
    #[arg(long, value_name = "HOST")]
    pub(crate) jump: Option<String>,
    /// Another way to reach it, tried after those before: USER@ADDRESS:PORT[,jump=HOST][,identity=SECRET]; none for none
    #[arg(long = "access", value_name = "WAY")]
    pub(crate) others: Vec<String>,
    /// Stage; dev for a new host when absent
    #[arg(long)]
    pub(crate) stage: Option<String>,
    /// A label; may be given several times; none for none
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// What to log in with: the name of a secret, agent, or agent:SHA256:…
    #[arg(long, value_name = "SECRET")]
    pub(crate) identity: Option<String>,
    /// Name of the secret that is given where a password is wanted beside the key; none for none
    #[arg(long, value_name = "SECRET")]
    pub(crate) password: Option<String>,
    /// Name of the secret that one-time codes are made from; none for none
    #[arg(long, value_name = "SECRET")]
    pub(crate) one_time: Option<String>,
    /// How root's work is done: never, without-password, or the name of the secret that is sudo's password
    #[arg(long, value_name = "HOW")]
    pub(crate) sudo: Option<String>,
    /// Old algorithms that this host may use, parted by commas; none for none
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) legacy: Vec<String>,
    /// Until which day old algorithms may be used, such as 2026-12-31
    #[arg(long, value_name = "DAY", requires = "legacy")]
    pub(crate) legacy_until: Option<String>,
    /// Why old algorithms are needed
    #[arg(long, value_name = "WHY", requires = "legacy")]
    pub(crate) legacy_why: Option<String>,
}
