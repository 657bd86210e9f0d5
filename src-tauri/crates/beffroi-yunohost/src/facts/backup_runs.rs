//! When programs that make backups ran last: applications of YunoHost run them by a timer of systemd.

use std::collections::BTreeMap;

use beffroi_remote::clean;
use serde::{Deserialize, Serialize};

/// Applications that make backups, by their name in YunoHost's catalog.
pub const BACKUP_APPS: &[&str] = &["borg", "restic", "archivist"];

/// The most units that are kept.
const MOST_UNITS: usize = 100;

/// What systemd says of a unit of such an application.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BackupRun {
    /// When it ran last, in milliseconds since 1970; `None` for never, or where the host's systemd does not say it so.
    pub last_ms: Option<u64>,
    /// `success`, `exit-code` or another word of systemd's; of the last run.
    pub result: String,
}

/// Shell text that asks, one line for each property.
pub(crate) fn script() -> String {
    let units: Vec<String> = BACKUP_APPS.iter().flat_map(|app| [format!("'{app}*.timer'"), format!("'{app}*.service'")]).collect();
    // From systemd 251 on times are numbers; before, nothing is known.
    format!(
        "systemctl show --timestamp=unix -p Id -p LastTriggerUSec -p ExecMainExitTimestamp -p Result {} 2>/dev/null | head -c 65536\n",
        units.join(" ")
    )
}

/// Reads what [`script`] printed, among other lines. Properties of a unit come in any order; an empty line ends a unit.
pub(crate) fn backup_runs(output: &[u8]) -> BTreeMap<String, BackupRun> {
    let (mut runs, mut unit, mut run) = (BTreeMap::new(), String::new(), BackupRun::default());
    for line in output.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"{")) {
        let line = clean(&String::from_utf8_lossy(line));
        match line.split_once('=') {
            Some(("Id", name)) => unit = name.to_owned(),
            Some(("Result", result)) => run.result = result.to_owned(),
            Some(("LastTriggerUSec" | "ExecMainExitTimestamp", moment)) => run.last_ms = milliseconds(moment).or(run.last_ms),
            Some(_) => {}
            None => keep(&mut runs, &mut unit, &mut run),
        }
    }
    keep(&mut runs, &mut unit, &mut run);
    runs
}

fn keep(runs: &mut BTreeMap<String, BackupRun>, unit: &mut String, run: &mut BackupRun) {
    let (unit, run) = (std::mem::take(unit), std::mem::take(run));
    if !unit.is_empty() && runs.len() < MOST_UNITS {
        runs.insert(unit, run);
    }
}

/// `@1763780000` as milliseconds; `n/a`, a zero or a date in words are nothing.
fn milliseconds(moment: &str) -> Option<u64> {
    moment.strip_prefix('@')?.parse::<u64>().ok().filter(|seconds| *seconds > 0)?.checked_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_apart_and_dates_in_words_are_none() {
        let text = b"Result=success\nLastTriggerUSec=@1763780000\nId=borg.timer\n\nExecMainExitTimestamp=n/a\nId=restic.service\nResult=exit-code\n\n\
            Id=archivist.timer\nLastTriggerUSec=Sat 2026-11-21 20:47:25 UTC\n\x1b[31m\n{\"Id=no.timer\": 1}\nId=after.timer\n";
        let runs = backup_runs(text);
        assert_eq!(runs.keys().collect::<Vec<_>>(), ["archivist.timer", "borg.timer", "restic.service"]);
        assert_eq!(runs["borg.timer"], BackupRun { last_ms: Some(1_763_780_000_000), result: "success".to_owned() });
        assert_eq!((runs["restic.service"].last_ms, runs["restic.service"].result.as_str()), (None, "exit-code"));
        assert_eq!(runs["archivist.timer"].last_ms, None);
        assert_eq!(backup_runs(&b"Id=x.timer\n\n".repeat(1000)).len(), 1);
        let many: String = (0..1000).map(|number| format!("Id={number}.timer\n\n")).collect();
        assert_eq!(backup_runs(many.as_bytes()).len(), MOST_UNITS);
    }
}
