//! Upgrades that wait on several hosts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Instance, catalog_name};
use crate::facts::{AppUpgrade, PendingUpgrades};

/// Something that can be upgraded on one host or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PendingUpgrade {
    /// `app`, `package` or `migration`.
    pub kind: String,
    /// The application by its name in the catalog, the package, the migration.
    pub name: String,
    /// The version that would be there; absent where the host does not know of one.
    pub new_version: Option<String>,
    /// What YunoHost says of it: `upgradable`, `url_required`, `fail_requirements`…; empty for what is no application.
    pub status: String,
    /// Whether YunoHost gets another first or second number there: its notes are to be read before.
    pub important: bool,
    /// Where.
    pub hosts: Vec<PendingAt>,
}

/// An upgrade on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PendingAt {
    /// The host.
    pub host: String,
    /// The instance of the application, the package, the migration.
    pub id: String,
    /// The version that is installed; empty for a migration.
    pub version: String,
    /// What it touches: where the application answers; YunoHost's group of the package, such as `databases`.
    pub touches: Option<String>,
}

type Key = (&'static str, String, Option<String>, String);

/// The applications that are not up to date by the list of them, where the host does not tell what waits.
fn listed(instance: &Instance<'_>) -> Vec<AppUpgrade> {
    let apps = instance.facts.apps.value().into_iter().flatten();
    let late = apps.filter_map(|(id, app)| Some((id, app, app.upgrade_status.clone().filter(|status| status != "up_to_date")?)));
    late.map(|(id, app, status)| AppUpgrade {
        id: id.clone(),
        name: app.name.clone(),
        status,
        current_version: app.version.clone(),
        new_version: app.new_version.clone(),
    })
    .collect()
}

/// Applications, migrations, then packages: those of YunoHost before the others.
pub(super) fn pending(instances: &[Instance<'_>]) -> Vec<PendingUpgrade> {
    let mut found: BTreeMap<Key, Vec<PendingAt>> = BTreeMap::new();
    let mut important = Vec::new();
    for instance in instances {
        let host = instance.host;
        let apps_alone = PendingUpgrades { apps: listed(instance), ..PendingUpgrades::default() };
        let pending = instance.facts.upgrades.value().unwrap_or(&apps_alone);
        let mut add = |key: Key, id: &str, version: &str, touches: Option<String>| {
            found.entry(key).or_default().push(PendingAt {
                host: host.to_owned(),
                id: id.to_owned(),
                version: version.to_owned(),
                touches,
            });
        };
        for app in &pending.apps {
            let place = instance.facts.apps.value().and_then(|apps| apps.get(&app.id)?.domain_path.clone());
            let key = ("app", catalog_name(&app.id).to_owned(), app.new_version.clone(), app.status.clone());
            add(key, &app.id, &app.current_version, place);
        }
        for (group, packages) in &pending.packages {
            for package in packages {
                let key = ("package", package.name.clone(), Some(package.new_version.clone()), String::new());
                add(key, &package.name, &package.current_version, Some(group.clone()));
            }
        }
        for id in &pending.pending_migrations {
            add(("migration", id.clone(), None, String::new()), id, "", None);
        }
        if pending.important_yunohost_upgrade {
            important.push(host);
        }
    }
    let line = |((kind, name, new_version, status), hosts): (Key, Vec<PendingAt>)| PendingUpgrade {
        important: kind == "package" && name == "yunohost" && hosts.iter().any(|at| important.contains(&at.host.as_str())),
        kind: kind.to_owned(),
        name,
        new_version,
        status,
        hosts,
    };
    let mut lines: Vec<PendingUpgrade> = found.into_iter().map(line).collect();
    lines.sort_by_key(|line| (line.kind == "package", line.kind == "package" && !line.name.starts_with("yunohost")));
    lines
}
