//! Hosts, and direct work on them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{HostSurvey, JobView, WireMessage};
use crate::{ApiError, ErrorCode};

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
    /// Name of the secret it logs in with.
    pub identity: Option<String>,
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
    /// Name of the secret to log in with.
    #[serde(default)]
    pub identity: Option<String>,
    /// Host keys to trust, as `SHA256:…`.
    #[serde(default)]
    pub trust: Vec<String>,
}

/// Trusts a host key from now on, beside those already trusted.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostTrust {
    /// The host's name.
    pub host: String,
    /// `SHA256:…`.
    pub fingerprint: String,
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
}

/// The host key that an address shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OfferedKey {
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
}

/// How a connection test went, step by step.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostTest {
    /// The host's name.
    pub host: String,
    /// Whether every step held.
    pub passed: bool,
    /// In order; ends with the first that failed.
    pub steps: Vec<HostTestStep>,
}

/// One step of a connection test.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostTestStep {
    /// What was tried.
    pub what: WireMessage,
    /// Why it failed; absent when it held.
    pub error: Option<ApiError>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Runs a command on hosts, attached: it ends when the link does.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// A selector.
    pub on: String,
    /// Shell text, as typed.
    pub command: String,
    /// Seconds for each host; 60 when absent.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// Hosts at a time; 32 when absent, at most 256.
    #[serde(default)]
    pub parallel: Option<usize>,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// What work on several hosts gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunResults {
    /// One per host, by name.
    pub results: Vec<RunResult>,
}

/// What work on one host gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunResult {
    /// The host's name.
    pub host: String,
    /// How it went.
    pub status: HostStatus,
    /// The command's exit status, when it had one.
    pub exit_code: Option<u32>,
    /// The signal that ended it, when one did.
    pub signal: Option<String>,
    /// From connecting to the end.
    pub duration_ms: u64,
    /// Standard output as text; bytes that are not UTF-8 are replaced.
    pub stdout: String,
    /// Standard error as text.
    pub stderr: String,
    /// Whether a stream went over 1 MiB and was cut.
    pub cut: bool,
    /// Why it failed.
    pub error: Option<ApiError>,
}

/// How work on one host went (the CLI contract's `status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HostStatus {
    /// Done; nothing changed, or it is not known whether anything did.
    Ok,
    /// Done, and the host was changed.
    Changed,
    /// The host said no, or a check did not hold.
    Failed,
    /// No connection, or no login.
    Unreachable,
    /// Its stage is sealed.
    Sealed,
    /// Cancelled on request.
    Cancelled,
    /// A job goes on there; attach to it.
    Running,
}

impl HostStatus {
    /// How work went on a host that gave this error.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        match error.code {
            ErrorCode::JobCancelled => Self::Cancelled,
            ErrorCode::StageSealed => Self::Sealed,
            code if matches!(code.exit_status(), 4 | 5) => Self::Unreachable,
            _ => Self::Failed,
        }
    }
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
}

/// A file that was copied.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CopiedFile {
    /// Its size.
    pub bytes: u64,
    /// How long it took, connecting included.
    pub duration_ms: u64,
}
