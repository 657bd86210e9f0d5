//! What an upgrade would bring: `tools update_norefresh`, which reads the caches of the host and needs no network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Part;
use super::read::{MOST_ENTRIES, part};
use crate::ask::Answer;
use crate::operation::{Question, question};
use crate::text::{filled, text};

/// The question that is answered by [`PendingUpgrades`].
pub(crate) const UPDATE_NOREFRESH: &[&str] = &["tools", "update_norefresh"];

/// How old YunoHost says that a cache is which is not there: 99999 hours (`src/tools.py`).
const NEVER: u64 = 99_999 * 3600;

/// What an upgrade would bring, as far as the host knew when it last looked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PendingUpgrades {
    /// Packages of Debian and of YunoHost, by YunoHost's groups such as `misc utils and libs`.
    pub packages: BTreeMap<String, Vec<PackageUpgrade>>,
    /// Applications that are not up to date, whether or not they can be upgraded.
    pub apps: Vec<AppUpgrade>,
    /// YunoHost itself gets another first or second number: its notes are to be read before.
    pub important_yunohost_upgrade: bool,
    /// Migrations that wait, by id.
    pub pending_migrations: Vec<String>,
    /// How many seconds ago the list of packages was fetched, or was tried to; `None` for never.
    pub last_apt_update: Option<u64>,
    /// How many seconds ago the catalog of applications was fetched; `None` for never.
    pub last_apps_catalog_update: Option<u64>,
}

/// A package that can be upgraded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageUpgrade {
    /// Its name.
    pub name: String,
    /// The version that is installed.
    pub current_version: String,
    /// The version that would be.
    pub new_version: String,
}

/// An application that is not up to date.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppUpgrade {
    /// The instance, `hextris__2`.
    pub id: String,
    /// Its label.
    pub name: String,
    /// `upgradable`, `fail_requirements`, `url_required`…: a host may say others.
    pub status: String,
    /// The version that is installed.
    pub current_version: String,
    /// The version that would be; `None` where the host does not know of one.
    pub new_version: Option<String>,
}

impl AppUpgrade {
    /// Whether `tools upgrade apps` would upgrade it, or try to.
    #[must_use]
    pub fn is_tried(&self) -> bool {
        matches!(self.status.as_str(), "upgradable" | "fail_requirements")
    }
}

impl PendingUpgrades {
    /// What to ask beside a survey.
    #[must_use]
    pub fn question() -> Question {
        question(UPDATE_NOREFRESH)
    }

    /// Reads the answer to [`Self::question`].
    #[must_use]
    pub fn read(answer: &Answer) -> Part<Self> {
        part(Some(answer), pending_upgrades)
    }

    /// The names of what an upgrade of `target`, `apps` or `system`, is about.
    pub(crate) fn names(&self, target: &str) -> Vec<String> {
        match target {
            "apps" => self.apps.iter().filter(|app| app.is_tried()).map(|app| app.id.clone()).collect(),
            _ => self.packages.values().flatten().map(|package| package.name.clone()).collect(),
        }
    }
}

/// `{"system": {group: [{"name", …}]}, "apps": [], "important_yunohost_upgrade", "pending_migrations", "last_apt_update",
/// "last_apps_catalog_update"}`.
pub(crate) fn pending_upgrades(json: &Value) -> Option<PendingUpgrades> {
    let groups = json.get("system")?.as_object()?.iter().take(MOST_ENTRIES);
    let packages = |list: &Value| list.as_array().into_iter().flatten().take(MOST_ENTRIES).map(package).collect();
    let apps = json.get("apps")?.as_array()?.iter().take(MOST_ENTRIES);
    let migrations = json.get("pending_migrations").and_then(Value::as_array).into_iter().flatten().take(MOST_ENTRIES);
    Some(PendingUpgrades {
        packages: groups.map(|(group, list)| (beffroi_remote::clean(group), packages(list))).collect(),
        apps: apps.filter_map(app).collect(),
        important_yunohost_upgrade: json.get("important_yunohost_upgrade").and_then(Value::as_bool).unwrap_or_default(),
        pending_migrations: migrations.filter_map(|migration| filled(migration, "id")).collect(),
        last_apt_update: age(json, "last_apt_update"),
        last_apps_catalog_update: age(json, "last_apps_catalog_update"),
    })
}

fn age(json: &Value, field: &str) -> Option<u64> {
    json.get(field).and_then(Value::as_u64).filter(|seconds| *seconds < NEVER)
}

fn package(entry: &Value) -> PackageUpgrade {
    PackageUpgrade { name: text(entry, "name"), current_version: text(entry, "current_version"), new_version: text(entry, "new_version") }
}

fn app(entry: &Value) -> Option<AppUpgrade> {
    let upgrade = entry.get("upgrade").unwrap_or(&Value::Null);
    Some(AppUpgrade {
        id: filled(entry, "id")?,
        name: text(entry, "name"),
        status: text(upgrade, "status"),
        current_version: filled(upgrade, "current_version").unwrap_or_else(|| text(entry, "version")),
        new_version: filled(upgrade, "new_version"),
    })
}
