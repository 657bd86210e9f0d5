//! The detached-job protocol: a command that outlives the connection that started it, and whose output and end any later
//! connection reads.
//!
//! # On the host
//! Each step has a folder `jobs/JOB.STEP`, for its owner alone, under `/var/lib/beffroi` for root and
//! `~/.local/state/beffroi` otherwise; an absolute `XDG_STATE_HOME` goes before both. In it:
//!
//! | file | what |
//! | --- | --- |
//! | `command` | the script that is run, by `sh`, with the umask, folder and environment of the login |
//! | `out`, `err` | the two streams |
//! | `pid` | `PID BIRTH BOOT TOKEN`: the leader of the step's session, its start time (`/proc/PID/stat`, field 22) and the boot, so that a number that was used again is not taken for it |
//! | `started` | when, in seconds since 1970 |
//! | `cancel` | `TERM` or `KILL`, once it is being cancelled |
//! | `exit` | a status, or `signal NAME`; put in place by a rename |
//!
//! Whatever a step reads on standard input is taken for secret: it goes through a file of mode 0600 in memory (`/run` for
//! root, or `/dev/shm`; refused where neither is a tmpfs), which is removed before the command starts. Nothing of it is
//! ever in an argument, an environment or a file that stays.
//!
//! # Exactly once
//! The pid file is the claim: the process that is about to run the command makes it, complete, by a hard link, which
//! succeeds for one only. Up to then everything may be done again ([`StepOnHost::Staged`]); after it the command never
//! starts a second time, whoever dies. So [`start`] may be repeated after any error.
//!
//! # The end
//! A shell reports a death by signal as a status over 128 (POSIX, 2.8.2), and so does the `exit` file, except that a status
//! that stands for a signal is written as `signal NAME`: a command that exits with, say, 143 of itself is not told from one
//! that got a TERM.
//! A cancelled step records the last signal it was sent, whatever its own status was.
//!
//! # Limits
//! A step that runs as another account than the login (through sudo) cannot be cancelled by it: [`JobError::WontDie`].
//! `systemd-logind` with `KillUserProcesses=yes` ends a user's steps at logout. The command starts with INT and QUIT
//! ignored, as every background command of a shell does.

mod answer;
mod follow;
mod frames;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Exit, JobId};
use beffroi_secret::{SecretBytes, SecretText};
use bytes::Bytes;

use crate::{CommandLine, Limits, Remote, RemoteError, RunRequest};

use answer::Answer;
pub use follow::follow;

/// The script that speaks this protocol on the host.
const SCRIPT: &str = include_str!("../../../../../assets/remote/job.sh");

/// The most bytes of a command, and of its input.
pub const MOST_INPUT: usize = 1 << 20;

/// Names a step on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepRef {
    /// Its job.
    pub job: JobId,
    /// Its place in the job's plan.
    pub step: u16,
}

impl fmt::Display for StepRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.job, self.step)
    }
}

/// What [`start`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It runs because of this call.
    Now,
    /// An earlier call started it; it runs or has ended.
    AlreadyThere,
}

/// Where a step stands on its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOnHost {
    /// There is no trace of it: never asked for, or removed.
    Absent,
    /// Something of it is there, but the command did not start. [`start`] completes it.
    Staged,
    /// The command runs.
    Running,
    /// It ended.
    Ended(Exit),
    /// It started, and is gone without a recorded end: the host rebooted, or its runner was killed.
    Vanished,
}

/// How much of each stream is here already, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Offsets {
    /// Of standard output.
    pub stdout: u64,
    /// Of standard error.
    pub stderr: u64,
}

/// One of a step's streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Bytes of a stream, in order and without gaps within it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which stream.
    pub stream: Stream,
    /// Where in it the bytes begin.
    pub offset: u64,
    /// At most 64 KiB.
    pub bytes: Bytes,
}

impl Offsets {
    /// Where to go on after the piece.
    #[must_use]
    pub fn after(self, piece: &Piece) -> Self {
        let end = piece.offset.saturating_add(piece.bytes.len() as u64);
        match piece.stream {
            Stream::Stdout => Self { stdout: end, ..self },
            Stream::Stderr => Self { stderr: end, ..self },
        }
    }
}

/// Why whoever takes the pieces could not.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Why a step could not be started, followed or ended.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The host or the link. After [`RemoteError::LinkLost`] and [`RemoteError::TimedOut`] the same call may be made again.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The command or its input is over [`MOST_INPUT`].
    #[error("{size} bytes are more than a step takes")]
    TooLong {
        /// Bytes of the longer one.
        size: usize,
    },
    /// The host has no memory file system that the account can write, so there is no place for secret input.
    #[error("the host has no place in memory for secret input")]
    NoTmpfs,
    /// The host lacks something the protocol needs.
    #[error("the host lacks {what}")]
    Missing {
        /// A program, `/proc` or `HOME`.
        what: String,
    },
    /// The step's folder cannot be made, written or read.
    #[error("the step's folder cannot be used")]
    Folder,
    /// The link broke before the host had the whole command; nothing was started.
    #[error("the command did not arrive whole")]
    CutShort,
    /// The command did not start in time. It may yet: ask with [`state`], or [`start`] again.
    #[error("the step did not start")]
    NotStarted,
    /// There is no such step on the host.
    #[error("there is no such step on the host")]
    Absent,
    /// The step still runs.
    #[error("the step still runs")]
    StillRunning,
    /// It outlived a KILL: it belongs to another account, or waits in the kernel.
    #[error("the step does not end")]
    WontDie,
    /// It is gone without a recorded end. Everything it wrote was given.
    #[error("the step is gone without a recorded end")]
    Vanished,
    /// There is less output than the offsets say.
    #[error("the output is shorter than what was read before")]
    Shortened,
    /// Whoever takes the pieces failed.
    #[error("the output cannot be kept: {0}")]
    Sink(SinkError),
    /// The host's answer is not of this protocol.
    #[error("the host's answer is not understood: {what}")]
    NotUnderstood {
        /// What it was, harmless and short.
        what: String,
    },
}

/// Starts a step, once: asked again, it says so. Returns when the command runs.
///
/// # Errors
/// [`JobError::NoTmpfs`], [`JobError::Missing`], [`JobError::Folder`], [`JobError::CutShort`], [`JobError::NotStarted`],
/// [`JobError::TooLong`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn start(remote: &dyn Remote, step: &StepRef, command: &CommandLine, stdin: Option<&SecretBytes>) -> Result<Started, JobError> {
    let input = staged(command, stdin)?;
    match ask(remote, &["start", &step.to_string()], Some(input)).await? {
        Answer::Started(started) => Ok(started),
        other => Err(other.unexpected()),
    }
}

/// Where a step stands.
///
/// # Errors
/// [`JobError::Missing`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn state(remote: &dyn Remote, step: &StepRef) -> Result<StepOnHost, JobError> {
    match ask(remote, &["state", &step.to_string()], None).await? {
        Answer::Step(state) => Ok(state),
        other => Err(other.unexpected()),
    }
}

/// Ends a step: TERM, and after five seconds KILL, to its session and all descendants of it. A step that did not start yet
/// never will. Does nothing to one that ended.
///
/// # Errors
/// [`JobError::Absent`] when it is not on the host; [`JobError::WontDie`], [`JobError::Folder`], [`JobError::Missing`],
/// [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn cancel(remote: &dyn Remote, step: &StepRef) -> Result<(), JobError> {
    match ask(remote, &["cancel", &step.to_string()], None).await? {
        Answer::Step(StepOnHost::Ended(_) | StepOnHost::Vanished) => Ok(()),
        Answer::Step(StepOnHost::Absent) => Err(JobError::Absent),
        other => Err(other.unexpected()),
    }
}

/// Removes what is left of a step on the host. One that is not there is no error.
///
/// # Errors
/// [`JobError::StillRunning`], [`JobError::Folder`], [`JobError::Missing`], [`JobError::NotUnderstood`],
/// [`JobError::Remote`].
pub async fn remove(remote: &dyn Remote, step: &StepRef) -> Result<(), JobError> {
    match ask(remote, &["remove", &step.to_string()], None).await? {
        Answer::Step(StepOnHost::Absent) => Ok(()),
        other => Err(other.unexpected()),
    }
}

/// The steps that are on the host, by name, at most [`MOST_LISTED`].
///
/// # Errors
/// [`JobError::Missing`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn list(remote: &dyn Remote) -> Result<Vec<(StepRef, StepOnHost)>, JobError> {
    let output = exchange(remote, &["list"], None).await?;
    answer::list(&output, MOST_LISTED)
}

/// The most steps that [`list`] takes.
pub const MOST_LISTED: usize = 10_000;

async fn ask(remote: &dyn Remote, words: &[&str], stdin: Option<SecretBytes>) -> Result<Answer, JobError> {
    Answer::read(&exchange(remote, words, stdin).await?)
}

async fn exchange(remote: &dyn Remote, words: &[&str], stdin: Option<SecretBytes>) -> Result<crate::Output, JobError> {
    let limits = Limits { time: Duration::from_secs(60), most_bytes: 1 << 20 };
    Ok(remote.run(RunRequest { command: call(words), stdin, limits }).await?)
}

/// The script with its arguments.
fn call(words: &[&str]) -> CommandLine {
    CommandLine::new(["sh", "-c", SCRIPT, "beffroi-job"].iter().chain(words))
}

/// What [`start`] sends: the command and the input, each a line of base64 (RFC 4648, 4), and a last line that shows that
/// both are whole.
fn staged(command: &CommandLine, stdin: Option<&SecretBytes>) -> Result<SecretBytes, JobError> {
    let command = command.as_str().as_bytes();
    // To the host's standard input; both copies made here are wiped.
    let input = stdin.map(|secret| secret.expose().as_slice()).unwrap_or_default();
    let size = command.len().max(input.len());
    if size > MOST_INPUT {
        return Err(JobError::TooLong { size });
    }
    let (command, input) = (STANDARD.encode(command), SecretText::new(STANDARD.encode(input)));
    // The whole room at once: a buffer that grows would leave copies behind.
    let mut lines = Vec::with_capacity(command.len() + input.expose().len() + 8);
    lines.extend_from_slice(command.as_bytes());
    lines.push(b'\n');
    lines.extend_from_slice(input.expose().as_bytes());
    lines.extend_from_slice(b"\nend\n");
    Ok(SecretBytes::new(lines))
}
