//! Hosts, and direct work on them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Access, AnnouncedKey, HostStatus, HostSurvey, JobView, Legacy, ReachedBy, TrustedKey, WireMessage};
use crate::ApiError;

/// The hosts of the catalog, by name.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostList {
    /// One row per host.
    pub hosts: Vec<HostRow>,
}

/// A host, as the fleet shows it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostRow {
    /// Its identifier.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// A name or an IP address.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// What it logs in with: the name of a secret, `agent` or `agent:SHA256:…`.
    pub identity: Option<String>,
    /// The host through which it is reached.
    pub jump: Option<String>,
    /// The guest that it is, of the host in `jump`: then it has neither a port nor keys of its own.
    pub guest: Option<GuestWay>,
    /// The ways to reach it after the first, in the order in which they are tried.
    pub others: Vec<Access>,
    /// Name of the secret that is given where a password is wanted beside the key.
    pub password: Option<String>,
    /// Name of the secret that one-time codes are made from.
    pub one_time: Option<String>,
    /// How root's work is done: `never`, `without-password` or `password`.
    pub sudo: String,
    /// Name of the secret that is sudo's password.
    pub sudo_secret: Option<String>,
    /// Old algorithms that it may use.
    pub legacy: Option<Legacy>,
    /// Labels.
    pub tags: Vec<String>,
    /// Host keys that are trusted, as `SHA256:…`.
    pub pins: Vec<String>,
    /// `linux` or `yunohost`, once surveyed.
    pub role: Option<String>,
    /// What the last survey says in short.
    pub summary: Option<HostSummary>,
    /// Why the last connection failed, if it did.
    pub trouble: Option<ApiError>,
    /// Whether its stage is sealed: nothing of the above was checked, and it cannot be reached.
    pub sealed: bool,
}

/// Which guest of a host is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GuestWay {
    /// What keeps it: `lxc`, `incus`, `lxd` or `proxmox`.
    pub driver: String,
    /// The project of Incus or LXD, the folder of classic LXC; empty for the usual one.
    pub project: String,
    /// The driver's own name of it; of Proxmox the number.
    pub name: String,
}

/// A survey in one line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostSummary {
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// How long connecting and reading took.
    pub took_ms: u64,
    /// `YunoHost 12.1.25` or the system's name.
    pub version: String,
    /// Used part of the root disk, in percent.
    pub disk_percent: Option<u8>,
    /// YunoHost's applications; absent elsewhere.
    pub apps: Option<usize>,
    /// Of them, those with an upgrade.
    pub upgrades: Option<usize>,
    /// YunoHost's accounts; absent elsewhere.
    pub people: Option<usize>,
    /// Packages of the system with an upgrade; absent when that could not be read.
    pub packages: Option<usize>,
    /// Of them, those that mend a security hole.
    pub security: Option<usize>,
    /// Load over the last minute.
    pub load: Option<f64>,
    /// Seconds since it was started.
    pub uptime_s: Option<u64>,
    /// Services that failed; absent when that could not be read.
    pub failed_services: Option<usize>,
    /// When the first of its certificates ends, in milliseconds since 1970.
    pub certificate_ms: Option<i64>,
    /// What wants attention.
    pub attention: Vec<WireMessage>,
}

/// Everything about one host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostDetail {
    /// The row of the fleet.
    pub host: HostRow,
    /// Its last survey.
    pub survey: Option<HostSurvey>,
    /// Its last jobs, newest first, at most 20.
    pub jobs: Vec<JobView>,
    /// What is trusted of it, and where that comes from.
    pub keys: Vec<TrustedKey>,
    /// Keys that are refused whatever vouches for them.
    pub revoked: Vec<String>,
    /// Keys that it announced and that nobody decided about yet.
    pub announced: Vec<AnnouncedKey>,
    /// Which way leads to it now, while it is connected.
    pub reached: Option<ReachedBy>,
}

/// Names a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostName {
    /// Its name.
    pub host: String,
}

/// Adds a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostAdd {
    /// `[a-z0-9][a-z0-9.-]*`.
    pub name: String,
    /// A name to resolve or an IP address.
    pub address: String,
    /// 22 when absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// `root` when absent.
    #[serde(default)]
    pub user: Option<String>,
    /// dev when absent.
    #[serde(default)]
    pub stage: Option<String>,
    /// Labels.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What to log in with: the name of a secret, `agent` or `agent:SHA256:…`.
    #[serde(default)]
    pub identity: Option<String>,
    /// Host keys to trust, as `SHA256:…`.
    #[serde(default)]
    pub trust: Vec<String>,
    /// The host through which it is reached.
    #[serde(default)]
    pub jump: Option<String>,
    /// The ways to reach it after the first.
    #[serde(default)]
    pub others: Option<Vec<Access>>,
    /// Name of the secret that is given where a password is wanted beside the key.
    #[serde(default)]
    pub password: Option<String>,
    /// Name of the secret that one-time codes are made from.
    #[serde(default)]
    pub one_time: Option<String>,
    /// How root's work is done: `never`, `without-password`, or the name of the secret that is sudo's password.
    #[serde(default)]
    pub sudo: Option<String>,
    /// Old algorithms that it may use.
    #[serde(default)]
    pub legacy: Option<Legacy>,
}

/// Trusts a host key from now on, beside those already trusted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostTrust {
    /// The host's name.
    pub host: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Whether the key is an authority's: then host certificates that it signed are trusted.
    #[serde(default)]
    pub authority: bool,
}

/// Asks an address for its host key; nothing is sent but the key exchange.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostScan {
    /// A name or an IP address.
    pub address: String,
    /// 22 when absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// The host through which it is reached.
    #[serde(default)]
    pub jump: Option<String>,
}

/// The host key that an address shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OfferedKey {
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
}

/// How a graded test went, step by step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostTest {
    /// The host's name.
    pub host: String,
    /// Whether no step failed.
    pub passed: bool,
    /// In order; ends with the first that failed.
    pub steps: Vec<HostTestStep>,
    /// Which way led there.
    pub reached: Option<ReachedBy>,
}

/// One step of a graded test.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostTestStep {
    /// What was tried.
    pub what: WireMessage,
    /// What was found.
    pub found: Option<WireMessage>,
    /// What speaks against it, without making it fail.
    pub warning: Option<WireMessage>,
    /// Why it failed; absent when it held.
    pub error: Option<ApiError>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Reads hosts anew.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SurveyRequest {
    /// A selector.
    pub on: String,
    /// Whether to read again even when a survey younger than 10 minutes is there.
    #[serde(default)]
    pub refresh: bool,
}

/// What surveying hosts gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SurveyResults {
    /// One per host, by name.
    pub results: Vec<SurveyResult>,
}

/// What surveying one host gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SurveyResult {
    /// The host's name.
    pub host: String,
    /// `ok`, `failed` or `unreachable`.
    pub status: HostStatus,
    /// How long it took; 0 when a stored survey was given.
    pub duration_ms: u64,
    /// The facts.
    pub survey: Option<HostSurvey>,
    /// Why it failed.
    pub error: Option<ApiError>,
}

/// Copies one file to or from a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CopyFile {
    /// The host's name.
    pub host: String,
    /// Path on this machine.
    pub local: String,
    /// Path on the host.
    pub remote: String,
    /// For a copy to a host: what the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
    /// Whether it is done as root on the host.
    #[serde(default)]
    pub root: bool,
    /// Whether it goes on with what an earlier copy left, and leaves what can be gone on with.
    #[serde(default)]
    pub resume: bool,
    /// Whether all is sent, even where differences would do.
    #[serde(default)]
    pub whole: bool,
    /// Whether the time of the last change is kept.
    #[serde(default)]
    pub times: bool,
    /// What its progress is told under, in events, and what `copy_cancel` takes; neither when absent.
    #[serde(default)]
    pub name: Option<String>,
}

/// Names a copy that goes on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CopyName {
    /// What its request called it.
    pub name: String,
}

/// A file or a tree that was copied.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CopiedFile {
    /// Bytes of all its files.
    pub bytes: u64,
    /// Its files.
    pub files: u64,
    /// SHA-256 of a single file, in hex.
    pub sha256: Option<String>,
    /// Whether the content of every file was compared with what the other side holds.
    pub verified: bool,
    /// Bytes that an earlier copy had brought.
    pub resumed: u64,
    /// Bytes that were not sent because the file that was there had them.
    pub unchanged: u64,
    /// What a person should know.
    pub notes: Vec<WireMessage>,
    /// How long it took, connecting included.
    pub duration_ms: u64,
}
