//! Backups: archives on hosts and here.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PlanView, VaultCheck};
use crate::ApiError;

/// Lists backups.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupList {
    /// The hosts that are asked for theirs; none when absent.
    #[serde(default)]
    pub on: Option<String>,
}

/// Backups on hosts and here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupListed {
    /// Those of each host that was asked.
    pub hosts: Vec<HostBackups>,
    /// Those that lie here, the newest first.
    pub kept: Vec<Backup>,
    /// How many more belong to stages that are sealed.
    pub sealed: u64,
}

/// The archives of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostBackups {
    /// The host.
    pub host: String,
    /// Its archives.
    pub archives: Vec<HostArchive>,
    /// Bytes that are free where they lie.
    pub free: u64,
    /// What it makes by itself at its times.
    pub schedule: Option<BackupTimes>,
    /// Why it did not say.
    pub error: Option<ApiError>,
}

/// An archive on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostArchive {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was made, in seconds since 1970 by the host's clock.
    pub made_s: u64,
    /// What it holds, where the host says so.
    pub holds: Option<BackupContent>,
    /// The backup here that is this archive.
    pub kept: Option<String>,
}

/// What an archive says that it holds.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupContent {
    /// In the operator's words.
    pub description: String,
    /// The YunoHost that made it.
    pub yunohost: Option<String>,
    /// Its applications.
    pub apps: Vec<BackupApp>,
    /// Its parts of the system.
    pub system: Vec<String>,
}

/// An application in an archive.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupApp {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Bytes of its files.
    pub bytes: Option<u64>,
}

/// What a host makes at its times, and how the last run went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupTimes {
    /// When, as systemd.time(7) writes it.
    pub calendar: String,
    /// Whether systemd waits for it.
    pub active: bool,
    /// When next, in seconds since 1970.
    pub next_s: Option<u64>,
    /// When it last began.
    pub last_began_s: Option<u64>,
    /// When that ended.
    pub last_ended_s: Option<u64>,
    /// Whether that made a whole archive.
    pub last_good: bool,
    /// The archive.
    pub last_name: Option<String>,
    /// What that lacks.
    pub lacks: Vec<String>,
    /// How many of its own it keeps; all when every one is 0.
    pub keep: BackupKeep,
    /// As in [`BackupCreate`].
    pub apps: Option<Vec<String>>,
    /// As in [`BackupCreate`].
    pub system: Option<Vec<String>>,
}

/// A backup that lies here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Backup {
    /// Its id.
    pub id: String,
    /// Its host.
    pub host: String,
    /// Its name there.
    pub name: String,
    /// Whose key seals it.
    pub stage: String,
    /// Its folder.
    pub folder: String,
    /// Whether that is there now.
    pub here: bool,
    /// Bytes of its content.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: Option<String>,
    /// When it was made, in seconds since 1970.
    pub made_s: Option<u64>,
    /// When it was brought, in milliseconds since 1970.
    pub stored_ms: u64,
    /// Whether it never lay on its host.
    pub streamed: bool,
    /// When every part of it was last read, in milliseconds since 1970.
    pub verified_ms: Option<u64>,
    /// Whether everything was right then, or when it was written.
    pub good: bool,
    /// What was to be in it and is not, as far as its host knew; `?` where what it said was lost.
    pub lacks: Vec<String>,
    /// What it says that it holds.
    pub holds: Option<BackupContent>,
}

/// Names a backup that lies here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupName {
    /// Its id, an ending of it, its name, or HOST:NAME.
    pub archive: String,
}

/// Brings an archive of a host here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupPull {
    /// The host.
    pub host: String,
    /// The archive's name.
    pub name: String,
    /// The folder to put it into.
    pub to: String,
    /// What its progress is told under, in events, and what `copy_cancel` takes.
    #[serde(default)]
    pub called: Option<String>,
}

/// Has a host make an archive, and brings it here while it is made.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupCreate {
    /// The host.
    pub host: String,
    /// The folder to put it into.
    pub to: String,
    /// Its name; the time when absent.
    #[serde(default)]
    pub name: Option<String>,
    /// What is said in it.
    #[serde(default)]
    pub description: String,
    /// Applications: none when absent, all when empty; everything when the parts of the system are absent too.
    #[serde(default)]
    pub apps: Option<Vec<String>>,
    /// Parts of the system, in the same way.
    #[serde(default)]
    pub system: Option<Vec<String>>,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
    /// As in [`BackupPull`].
    #[serde(default)]
    pub called: Option<String>,
}

/// A backup that was brought here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupBrought {
    /// It.
    pub backup: Backup,
    /// Bytes that an earlier try had brought.
    pub resumed: u64,
    /// What was to be in it and is not.
    pub lacks: Vec<String>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Checks backups that lie here.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupVerify {
    /// A backup, or a folder that holds some.
    pub what: String,
    /// As in [`BackupPull`].
    #[serde(default)]
    pub called: Option<String>,
}

/// What checking backups found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupVerified {
    /// Each.
    pub backups: Vec<BackupCheck>,
}

/// What checking a backup found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupCheck {
    /// Its folder.
    pub folder: String,
    /// Its id.
    pub id: Option<String>,
    /// Its host.
    pub host: Option<String>,
    /// Its name there.
    pub name: Option<String>,
    /// Bytes of its content.
    pub bytes: u64,
    /// Whether the catalog knows it.
    pub known: bool,
    /// What is wrong with it.
    pub error: Option<ApiError>,
}

/// Sends a backup to a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupPush {
    /// Which, as in [`BackupName`].
    pub archive: String,
    /// Where.
    pub host: String,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
    /// As in [`BackupPull`].
    #[serde(default)]
    pub called: Option<String>,
}

/// A backup that is on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupPushed {
    /// Its name there.
    pub name: String,
    /// Whether it was sent; else it was there.
    pub sent: bool,
}

/// Plans to send a backup to hosts and to restore it there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupRestore {
    /// Which, as in [`BackupName`].
    pub archive: String,
    /// Which hosts.
    pub on: String,
    /// Its applications that are restored; all when empty.
    #[serde(default)]
    pub apps: Vec<String>,
}

/// How many backups are kept.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupKeep {
    /// The newest.
    #[serde(default)]
    pub last: u32,
    /// The newest of each of so many days.
    #[serde(default)]
    pub daily: u32,
    /// Of so many weeks.
    #[serde(default)]
    pub weekly: u32,
    /// Of so many months.
    #[serde(default)]
    pub monthly: u32,
}

/// Says which backups go, and removes those that lie here when that is asked.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupPrune {
    /// How many stay, of each host.
    pub keep: BackupKeep,
    /// Only those of this host.
    #[serde(default)]
    pub host: Option<String>,
    /// Whether it is the host's own archives that go, by a plan; else those that lie here.
    #[serde(default)]
    pub there: bool,
    /// Whether those that lie here are removed; else only said.
    #[serde(default)]
    pub apply: bool,
}

/// What becomes of backups.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupPruned {
    /// Each.
    pub backups: Vec<BackupFate>,
    /// What removes those of a host.
    pub plan: Option<PlanView>,
}

/// What becomes of a backup.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupFate {
    /// Its id, of one that lies here.
    pub id: Option<String>,
    /// Its host.
    pub host: String,
    /// Its name there.
    pub name: String,
    /// When it was made, in seconds since 1970.
    pub made_s: Option<u64>,
    /// Its bytes.
    pub bytes: u64,
    /// Why it stays: `last`, `daily`, `weekly`, `monthly`, `last-good`, `undated`. None when it goes.
    pub why: Vec<String>,
    /// Whether it is somewhere that is not there now: then nothing is done to it.
    pub away: bool,
}

/// Has a host make backups at a calendar time.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupSchedule {
    /// The host.
    pub host: String,
    /// When, as systemd.time(7) writes it; not any more when absent.
    #[serde(default)]
    pub calendar: Option<String>,
    /// As in [`BackupCreate`].
    #[serde(default)]
    pub apps: Option<Vec<String>>,
    /// As in [`BackupCreate`].
    #[serde(default)]
    pub system: Option<Vec<String>>,
    /// How many of its own it keeps; all when every one is 0.
    #[serde(default)]
    pub keep: BackupKeep,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Brings what is new on hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupCollect {
    /// Which hosts.
    pub on: String,
    /// The folder to put it into.
    pub to: String,
    /// As in [`BackupPull`].
    #[serde(default)]
    pub called: Option<String>,
}

/// What was brought.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupCollected {
    /// Each archive, and each host that did not answer.
    pub results: Vec<BackupCollectedOne>,
}

/// An archive that was brought or not, or a host that did not answer.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupCollectedOne {
    /// The host.
    pub host: String,
    /// The archive.
    pub name: Option<String>,
    /// It, here.
    pub backup: Option<Backup>,
    /// Why not.
    pub error: Option<ApiError>,
}

/// Rehearses the restoration of a backup.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct BackupRehearse {
    /// Which, as in [`BackupName`].
    pub archive: String,
    /// As in [`BackupPull`].
    #[serde(default)]
    pub called: Option<String>,
}

/// What a rehearsal found.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BackupRehearsal {
    /// The backup.
    pub backup: Backup,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// Whether every check held.
    pub good: bool,
    /// What was looked at.
    pub checks: Vec<VaultCheck>,
    /// Entries in it.
    pub entries: u64,
    /// Bytes of its files.
    pub bytes: u64,
    /// Entries that no backup has.
    pub odd: Vec<String>,
}
