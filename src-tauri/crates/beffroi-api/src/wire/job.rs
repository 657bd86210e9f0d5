//! Jobs: what a plan became on each host.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CommandPartView, WireMessage};
use crate::ApiError;

/// Jobs, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobList {
    /// At most 200.
    pub jobs: Vec<JobView>,
}

/// A job.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobView {
    /// Its identifier.
    pub id: String,
    /// The jobs that came of one plan share this.
    pub run: String,
    /// The host's name.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// What it is for.
    pub title: WireMessage,
    /// `queued`, `running`, `changed`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Whether this process follows it now. A job that is `running` and not attached goes on at its host.
    pub attached: bool,
    /// When it was recorded, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// Its steps.
    pub steps: Vec<JobStepView>,
    /// Why it failed, or why it is not attached.
    pub error: Option<ApiError>,
}

/// A step of a job.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobStepView {
    /// Counted from 1.
    pub number: u16,
    /// What it does.
    pub what: WireMessage,
    /// The exact command, word by word: shown with one space between.
    pub command: Vec<CommandPartView>,
    /// `pending`, `running`, `done`, `failed` or `skipped`.
    pub state: String,
    /// The command's exit status, when it had one.
    pub exit_code: Option<u32>,
    /// The signal that ended it.
    pub signal: Option<String>,
    /// When it began, in milliseconds since 1970.
    pub started_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: Option<u64>,
}

/// Names a job.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JobName {
    /// Its identifier.
    pub job: String,
}

/// Begins a job again that failed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JobRetry {
    /// Its identifier.
    pub job: String,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Several jobs.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobsStarted {
    /// One per host of the plan.
    pub jobs: Vec<JobView>,
}

/// Asks for a job's output from a piece on.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct JobOutputRequest {
    /// The job.
    pub job: String,
    /// Pieces with a greater ordinal are given; 0 for all.
    #[serde(default)]
    pub after: u64,
}

/// A job's output, in order of arrival.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JobOutput {
    /// At most 1 MiB of text at a time.
    pub pieces: Vec<OutputPiece>,
    /// Whether there is more now.
    pub more: bool,
}

/// A piece of output. It need not end at a line's end.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutputPiece {
    /// Grows by one from piece to piece of a job.
    pub ordinal: u64,
    /// The step that wrote it.
    pub step: u16,
    /// When it arrived, in milliseconds since 1970.
    pub at_ms: u64,
    /// `stdout`, `stderr` or `note`.
    pub stream: String,
    /// Byte offset of its start in its stream.
    pub offset: u64,
    /// Text, secrets redacted; bytes that are not UTF-8 are replaced. For a note, empty.
    pub text: String,
    /// For a note: that the link was lost, that it was attached again.
    pub note: Option<WireMessage>,
}
