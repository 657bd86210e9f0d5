//! The backups of several hosts: YunoHost's own archives there, and applications that make others elsewhere.

use serde::{Deserialize, Serialize};

use super::{Instance, catalog_name};
use crate::facts::{BACKUP_APPS, Backup};

/// The backups of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct InstanceBackups {
    /// The host.
    pub host: String,
    /// How many archives of YunoHost lie there; absent where that is not known.
    pub archives: Option<usize>,
    /// Bytes of them all.
    pub bytes: u64,
    /// The newest of them.
    pub newest: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub newest_ms: Option<u64>,
    /// Applications that make backups.
    pub programs: Vec<BackupProgram>,
}

/// An application that makes backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct BackupProgram {
    /// Its instance, such as `borg`.
    pub id: String,
    /// When it ran last, in milliseconds since 1970; absent where the host cannot tell.
    pub last_ms: Option<u64>,
    /// How its last run ended: `success`, `exit-code` or another word of systemd's; empty where the host cannot tell.
    pub result: String,
}

/// The one whose newest backup is the oldest first: those without any before all others.
pub(super) fn backups(instances: &[Instance<'_>]) -> Vec<InstanceBackups> {
    let mut lines: Vec<InstanceBackups> = instances.iter().map(of).collect();
    lines.sort_by(|one, other| (last(one), &one.host).cmp(&(last(other), &other.host)));
    lines
}

/// The last backup of any kind.
fn last(line: &InstanceBackups) -> Option<u64> {
    line.programs
        .iter()
        .filter(|program| program.result == "success")
        .map(|program| program.last_ms)
        .chain([line.newest_ms])
        .max()
        .flatten()
}

fn of(instance: &Instance<'_>) -> InstanceBackups {
    let archives = instance.facts.backups.value();
    let newest = archives.into_iter().flatten().filter_map(|(name, backup)| Some((made_ms(backup)?, name))).max();
    let programs = instance.facts.apps.value().into_iter().flat_map(|apps| apps.keys());
    InstanceBackups {
        host: instance.host.to_owned(),
        archives: archives.map(std::collections::BTreeMap::len),
        bytes: archives.into_iter().flatten().filter_map(|(_, backup)| backup.size_bytes).fold(0, u64::saturating_add),
        newest: newest.map(|(_, name)| name.clone()),
        newest_ms: newest.map(|(made, _)| made),
        programs: programs.filter(|id| BACKUP_APPS.contains(&catalog_name(id))).map(|id| program(instance, id)).collect(),
    }
}

fn made_ms(backup: &Backup) -> Option<u64> {
    let moment = backup.created_at.as_deref()?.parse::<jiff::Timestamp>().ok()?;
    u64::try_from(moment.as_millisecond()).ok()
}

/// Its timer says when, its service how.
fn program(instance: &Instance<'_>, id: &str) -> BackupProgram {
    let unit = |kind: &str| instance.facts.backup_runs.get(&format!("{id}.{kind}"));
    let (timer, service) = (unit("timer"), unit("service"));
    let last_ms = timer.into_iter().chain(service).filter_map(|run| run.last_ms).max();
    // systemd says `success` of a service that has not ended since the host started, too.
    let told = service.filter(|run| last_ms.is_some() && (run.last_ms.is_some() || run.result != "success"));
    let result = told.map(|run| run.result.clone()).unwrap_or_default();
    BackupProgram { id: id.to_owned(), last_ms, result }
}
