//! `beffroi ynh backup …`: what is done with archives beside YunoHost's own commands.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum BackupForms {
    /// The backups that lie here and, with --on, those of hosts
    List {
        /// Hosts that are asked for theirs
        #[arg(long, value_name = "SELECTOR")]
        on: Option<String>,
    },
    /// What a backup that lies here holds; with --on, an archive of a host
    Info {
        /// An id or an ending of one, a name, or HOST:NAME
        archive: String,
        /// The host, of an archive that lies there
        #[arg(long, value_name = "HOST")]
        on: Option<String>,
    },
    /// Make a backup: on the host, or brought to a folder here while it is made
    Create(BackupMake),
    /// Bring an archive of a host here, sealed; what an earlier try left is gone on with
    Pull {
        /// The host
        host: String,
        /// The archive there
        name: String,
        /// The folder to put it into
        destination: PathBuf,
    },
    /// Read every part of backups that lie here, without any host
    Verify {
        /// A backup, or a folder that holds some
        what: String,
    },
    /// Send a backup that lies here to a host
    Push {
        /// An id or an ending of one, a name, or HOST:NAME
        archive: String,
        /// The host
        host: String,
    },
    /// Restore applications of a backup, sent first when it lies here
    Restore {
        /// Of one that lies here an id, an ending of one or HOST:NAME; else its name on the host
        archive: String,
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// An application; all of them without
        #[arg(long)]
        apps: Vec<String>,
        /// The archive lies on the host, whatever lies here
        #[arg(long)]
        there: bool,
    },
    /// Remove backups that are too many, and say why the others stay
    Prune {
        #[command(flatten)]
        keep: Keep,
        /// Only backups of this host
        #[arg(long, value_name = "HOST", conflicts_with = "on")]
        host: Option<String>,
        /// The host whose own archives are removed, by a plan
        #[arg(long, value_name = "HOST")]
        on: Option<String>,
    },
    /// Have a host make backups at a calendar time
    Schedule {
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
        /// When, as systemd.time(7) writes it, such as "Mon..Fri 03:00"
        #[arg(long, required_unless_present = "off", conflicts_with = "off")]
        at: Option<String>,
        /// Not any more
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        what: What,
        #[command(flatten)]
        keep: Keep,
    },
    /// Bring every archive of hosts that was not brought yet
    Collect {
        /// Which hosts
        #[arg(long, value_name = "SELECTOR")]
        on: String,
        /// The folder to put them into
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
    /// Say whether a backup could be restored; with --on, restore it there
    Rehearse {
        /// An id or an ending of one, a name, or HOST:NAME
        archive: String,
        /// A host that is thrown away afterwards
        #[arg(long, value_name = "HOST")]
        on: Option<String>,
    },
}

/// `beffroi ynh backup create`
#[derive(Debug, Args)]
pub(crate) struct BackupMake {
    /// Its name; the time without
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// What is said in it
    #[arg(long)]
    pub(crate) description: Option<String>,
    #[command(flatten)]
    pub(crate) what: What,
    /// The host; with --to one only
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) on: String,
    /// Bring it to this folder while it is made: it never lies on the host
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<PathBuf>,
}

/// What is saved; everything when nothing is said.
#[derive(Debug, Args)]
pub(crate) struct What {
    /// Every application
    #[arg(long, conflicts_with = "apps")]
    pub(crate) every_app: bool,
    /// Every part of the system
    #[arg(long, conflicts_with = "system")]
    pub(crate) every_part: bool,
    /// An application
    #[arg(long)]
    pub(crate) apps: Vec<String>,
    /// A part of the system
    #[arg(long)]
    pub(crate) system: Vec<String>,
}

/// How many stay.
#[derive(Debug, Args)]
pub(crate) struct Keep {
    /// Keep the newest ones
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) keep_last: u32,
    /// Keep the newest of each day
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) keep_daily: u32,
    /// Keep the newest of each week
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) keep_weekly: u32,
    /// Keep the newest of each month
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub(crate) keep_monthly: u32,
}

impl BackupForms {
    /// The command in one word.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::List { .. } => "ynh-backup-list",
            Self::Info { .. } => "ynh-backup-info",
            Self::Create(_) => "ynh-backup-create",
            Self::Pull { .. } => "ynh-backup-pull",
            Self::Verify { .. } => "ynh-backup-verify",
            Self::Push { .. } => "ynh-backup-push",
            Self::Restore { .. } => "ynh-backup-restore",
            Self::Prune { .. } => "ynh-backup-prune",
            Self::Schedule { .. } => "ynh-backup-schedule",
            Self::Collect { .. } => "ynh-backup-collect",
            Self::Rehearse { .. } => "ynh-backup-rehearse",
        }
    }

    /// Whether an interrupt is taken by the command itself, which ends what goes on.
    pub(crate) fn takes_interrupts(&self) -> bool {
        match self {
            Self::Pull { .. } | Self::Verify { .. } | Self::Push { .. } | Self::Collect { .. } => true,
            Self::Create(make) => make.to.is_some(),
            _ => false,
        }
    }
}
