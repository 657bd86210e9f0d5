//! Commands run on many hosts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ApiError, ErrorCode};

/// Runs a command on hosts, attached: it ends when the link does.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// A selector.
    pub on: String,
    /// Shell text, as typed.
    pub command: String,
    /// Whether it is run as root, by sudo.
    #[serde(default)]
    pub sudo: bool,
    /// Seconds for each host; 60 when absent.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// How it goes through the hosts.
    #[serde(default)]
    pub pace: RunPace,
    /// Hosts at a time; what `pace` says when absent.
    #[serde(default)]
    pub parallel: Option<usize>,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// How a run goes through its hosts, which come by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunPace {
    /// Hosts at a time; 32 when absent, at most 256.
    #[serde(default)]
    pub parallel: Option<usize>,
    /// So many hosts come first and alone; it goes on only when it succeeded on all of them.
    #[serde(default)]
    pub canary: Option<usize>,
    /// The sizes of the waves, such as `1,10%,50%`; the last one is repeated. One wave when absent.
    #[serde(default)]
    pub waves: Option<String>,
    /// On so many hosts, `3` or `10%`, it may fail; after one more nothing new is started. Without it, a run in waves stops
    /// at the first wave with a failure, and any other at none.
    #[serde(default)]
    pub budget: Option<String>,
}

/// Names a run.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunName {
    /// Its identifier, or an ending of it that no other has.
    pub run: String,
}

/// Runs the same again on the hosts on which it did not succeed: that failed, were not reached, were skipped or cancelled.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunRetry {
    /// The run's identifier, or an ending of it that no other has.
    pub run: String,
    /// Seconds for each host; those of that run when absent.
    #[serde(default)]
    pub timeout_s: Option<u64>,
    /// How it goes through the hosts.
    #[serde(default)]
    pub pace: RunPace,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// The last runs, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunList {
    /// At most 100.
    pub runs: Vec<RunRow>,
}

/// A run in a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunRow {
    /// Its identifier.
    pub run: String,
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// Whether it goes on.
    pub running: bool,
    /// The recipe that was run.
    pub recipe: Option<String>,
    /// What was run; absent when every host of it is of a stage that is sealed.
    pub command: Option<String>,
    /// How many hosts have which result.
    pub counts: RunCounts,
}

/// How many hosts of a run have which result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunCounts {
    /// Hosts in all.
    pub hosts: usize,
    /// It succeeded.
    pub ok: usize,
    /// It failed.
    pub failed: usize,
    /// They were not reached.
    pub unreachable: usize,
    /// Their stage is, or was, sealed.
    pub sealed: usize,
    /// Their turn did not come.
    pub skipped: usize,
    /// It was cancelled there.
    pub cancelled: usize,
}

/// What work on several hosts gave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunResults {
    /// One per host, by name.
    pub results: Vec<RunResult>,
}

/// A run, with what there is of its results.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunReport {
    /// Its identifier: `run_retry` and `run_show` take it.
    pub run: String,
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// Whether it goes on.
    pub running: bool,
    /// The recipe that was run.
    pub recipe: Option<String>,
    /// What is run, one shell text after the other.
    pub commands: Vec<String>,
    /// Whether it is run as root, by sudo.
    pub sudo: bool,
    /// How many hosts have which result.
    pub counts: RunCounts,
    /// One per host, by name. While it runs, hosts whose result is not there yet have the status `running`.
    pub results: Vec<RunResult>,
    /// Hosts that gave the same, the largest group first; only of hosts whose output is still there.
    pub groups: Vec<RunGroup>,
}

/// Hosts that gave the same: the same exit, the same output.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RunGroup {
    /// Their names.
    pub hosts: Vec<String>,
    /// The command's exit status, when it had one.
    pub exit_code: Option<u32>,
    /// The signal that ended it, when one did.
    pub signal: Option<String>,
    /// Standard output as text.
    pub stdout: String,
    /// Standard error as text.
    pub stderr: String,
    /// What differs from the standard output of the largest group, as a unified diff. Absent for that group, for one with
    /// another exit, and where the texts are too large to be compared.
    pub diff: Option<String>,
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
    /// Its turn did not come: what was asked for stopped before.
    Skipped,
    /// Cancelled on request.
    Cancelled,
    /// A job goes on there; attach to it. Of a run: its result is not there yet.
    Running,
}

impl HostStatus {
    /// How work went on a host that gave this error.
    #[must_use]
    pub fn of(error: &ApiError) -> Self {
        match error.code {
            ErrorCode::JobCancelled | ErrorCode::RunCancelled | ErrorCode::CopyCancelled => Self::Cancelled,
            ErrorCode::RunSkipped => Self::Skipped,
            ErrorCode::StageSealed => Self::Sealed,
            code if matches!(code.exit_status(), 4 | 5) => Self::Unreachable,
            _ => Self::Failed,
        }
    }
}
