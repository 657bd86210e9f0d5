//! Facts about a YunoHost.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{BackupRun, Certificate, Diagnosis, LockHolder, PendingUpgrades};
use crate::Cause;

/// A part of a survey: one that failed does not fail the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Part<T> {
    /// What the host answered.
    Read {
        /// The facts.
        value: T,
    },
    /// The host refused, or its answer is not understood.
    Failed {
        /// Why.
        cause: Cause,
        /// The host's own words, cleaned, 4 KiB at most; may be empty.
        message: String,
    },
}

impl<T> Part<T> {
    /// The facts, when they were read.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Read { value } => Some(value),
            Self::Failed { .. } => None,
        }
    }

    /// Why it was not read, and the host's words.
    fn failure(&self) -> Option<(Cause, &str)> {
        match self {
            Self::Read { .. } => None,
            Self::Failed { cause, message } => Some((*cause, message)),
        }
    }

    /// The same, borrowed.
    pub(crate) fn as_ref(&self) -> Part<&T> {
        match self {
            Self::Read { value } => Part::Read { value },
            Self::Failed { cause, message } => Part::Failed { cause: *cause, message: message.clone() },
        }
    }

    /// Stands for a part that an older program did not ask for.
    pub(crate) fn not_asked() -> Self {
        Self::Failed { cause: Cause::AnswerNotUnderstood, message: String::new() }
    }

    /// The same with other facts.
    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Read { value } => Part::Read { value: change(value) },
            Self::Failed { cause, message } => Part::Failed { cause, message },
        }
    }
}

/// What a YunoHost told of itself. Maps are by name; at most 10,000 entries each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct YunohostFacts {
    /// The packages that make YunoHost up, by name: `yunohost`, `moulinette`, `ssowat`…
    pub versions: Part<BTreeMap<String, Package>>,
    /// Users, by user name.
    pub users: Part<BTreeMap<String, User>>,
    /// Groups, by name, without the primary groups of single users.
    pub groups: Part<BTreeMap<String, Group>>,
    /// Permissions, by name such as `hextris.main`.
    pub permissions: Part<BTreeMap<String, Permission>>,
    /// Installed applications, by instance id such as `hextris__2`.
    pub apps: Part<BTreeMap<String, App>>,
    /// Domains.
    pub domains: Part<Domains>,
    /// Services that YunoHost knows, by name.
    pub services: Part<BTreeMap<String, ServiceState>>,
    /// Backup archives on the host, by name.
    pub backups: Part<BTreeMap<String, Backup>>,
    /// The certificates of the domains, by domain.
    #[serde(default = "Part::not_asked")]
    pub certificates: Part<BTreeMap<String, Certificate>>,
    /// What an upgrade would bring, from the caches of the host.
    #[serde(default = "Part::not_asked")]
    pub upgrades: Part<PendingUpgrades>,
    /// What the last diagnosis found that may be a trouble; see [`Diagnosis::kept`].
    #[serde(default = "Part::not_asked")]
    pub diagnosis: Part<Diagnosis>,
    /// The last runs of programs that make backups, by unit of systemd.
    #[serde(default)]
    pub backup_runs: BTreeMap<String, BackupRun>,
    /// Settings of YunoHost's own that matter for security, by the last part of their name, such as `nginx_compatibility`; switches
    /// are `yes` or `no`. `None` where they could not be read.
    #[serde(default)]
    pub settings: Option<BTreeMap<String, String>>,
    /// Who held YunoHost's lock in that moment; it is over soon, and not stored.
    #[serde(skip)]
    pub lock: Option<LockHolder>,
    /// Commands and options that operations say and this YunoHost has not, such as `firewall open` and `app install --label`; see
    /// [`Self::has_not`].
    #[serde(default)]
    pub lacks: BTreeSet<String>,
}

impl YunohostFacts {
    /// The first part that a fleet is looked at by and that was not read: its name, why, and the host's words. Of such a host
    /// nothing is known where others would show what is wrong.
    #[must_use]
    pub fn not_read(&self) -> Option<(&'static str, Cause, &str)> {
        let parts = [
            ("versions", self.versions.failure()),
            ("apps", self.apps.failure()),
            ("domains", self.domains.failure()),
            ("backups", self.backups.failure()),
            ("certificates", self.certificates.failure()),
            ("upgrades", self.upgrades.failure()),
            ("diagnosis", self.diagnosis.failure()),
        ];
        parts.into_iter().find_map(|(part, failure)| failure.map(|(cause, said)| (part, cause, said)))
    }

    /// The version of YunoHost itself, such as `12.1.25`.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.versions.value()?.get("yunohost").map(|package| package.version.as_str())
    }
}

/// A package of YunoHost.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// Its version.
    pub version: String,
    /// Where it comes from: `stable`, `testing`, `unstable`.
    pub repo: String,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// First and last name.
    pub fullname: String,
    /// Main address.
    pub mail: String,
    /// Further addresses.
    pub mail_aliases: Vec<String>,
    /// Addresses to which mail is sent on.
    pub mail_forwards: Vec<String>,
    /// `0` for none, else a number and one of `b k M G T`.
    pub mailbox_quota: String,
    /// Groups besides `all_users` and the user's own.
    pub groups: Vec<String>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// User names.
    pub members: Vec<String>,
}

/// A permission.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Permission {
    /// What people see.
    pub label: String,
    /// `domain/path`; `None` for those of the system.
    pub url: Option<String>,
    /// Groups that have it, sorted.
    pub allowed: Vec<String>,
    /// Users that have it through a group, sorted.
    pub corresponding_users: Vec<String>,
    /// Whether `visitors` cannot be given it.
    pub protected: bool,
    /// Whether the portal shows a tile.
    pub show_tile: bool,
}

/// An installed application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// Its label.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is, in English.
    pub description: Option<String>,
    /// Where it answers, `domain/path`.
    pub domain_path: Option<String>,
    /// `up_to_date`, `upgradable`, `url_required`…: a host may say others.
    pub upgrade_status: Option<String>,
    /// The version that an upgrade would give.
    pub new_version: Option<String>,
}

/// Domains.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Domains {
    /// All of them.
    pub names: Vec<String>,
    /// The main one.
    pub main: Option<String>,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceState {
    /// `running`, `dead`, `failed`…
    pub status: String,
    /// `enabled` or `disabled`.
    pub start_on_boot: String,
    /// RFC 3339; `None` where the host does not know.
    pub last_state_change: Option<String>,
    /// What it is, in English.
    pub description: String,
    /// `valid`, `broken` or `unknown`.
    pub configuration: String,
}

/// A backup archive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Backup {
    /// Where it is.
    pub path: Option<String>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// What the operator noted.
    pub description: Option<String>,
    /// Its size.
    pub size_bytes: Option<u64>,
}
