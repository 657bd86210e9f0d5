//! The detached-job protocol: a command that outlives the connection that started it, and whose output and end any later
//! connection reads.
//!
//! # On the host
//! Each step has a folder `jobs/JOB.STEP`, for its owner alone, under `/var/lib/beffroi` for root and
//! `~/.local/state/beffroi` otherwise. An absolute `XDG_STATE_HOME` goes before both, unless sudo or doas led to the
//! account: then it is the login's, not the account's. In it:
//!
//! | file | what |
//! | --- | --- |
//! | `command` | the script that is run, by `sh`, with the umask, folder and environment of the login, and `BEFFROI_STEP=JOB.STEP` |
//! | `out`, `err` | the two streams, as far as they are kept |
//! | `dropped-out`, `dropped-err` | `COUNT counted` or `COUNT uncounted`: what is missing after that |
//! | `pid` | `PID BIRTH BOOT TOKEN KEEPER KEEPER STARTED`: the leader of the step's session, its start time (`/proc/PID/stat`, field 22) and the boot, so that a number that was used again is not taken for it; who started it, the keepers of both streams, and when, in seconds since 1970 |
//! | `cancel` | `TERM` or `KILL`, once it is being cancelled |
//! | `exit` | a status, or `signal NAME`, and when; put in place by a rename |
//! | `.LAUNCHER.PID.BIRTH.*` | what a start needs until the step is claimed, and the place for the exit |
//!
//! The boot is the kernel's id with the start time of process 1: a container that starts again has a new one too.
//!
//! Whatever a step reads on standard input is taken for secret: it goes through a file of mode 0600 in memory (`/run` for
//! root, or `/dev/shm`; refused where neither is a tmpfs), which is removed before the command starts. Nothing of it is
//! ever in an argument, an environment or a file that stays.
//!
//! # What holds it
//! Where root has a systemd, the step is a transient unit `beffroi-JOB.STEP.service`, so that no logout ends it; otherwise,
//! and where the unit cannot be had, a session of its own ([`Launcher`]). A user's own units end with the last logout and
//! are not used. What a command leaves behind when it ends by itself, such as a daemon, lives on in both.
//! A unit's command has the limits (`ulimit`) of the system's services, not of a login.
//!
//! # Exactly once
//! The pid file is the claim: the process that is about to run the command makes it, complete, by a hard link, which
//! succeeds for one only. Up to then everything may be done again ([`StepOnHost::Staged`]); after it the command never
//! starts a second time, whoever dies. So [`start`] may be repeated after any error.
//!
//! # Output
//! The command writes into pipes. For each a keeper writes down the first bytes as they come, then counts and drops, so
//! that a command of any output neither fills a disk nor waits. A keeper lives as long as somebody can write, so what the
//! step left behind does not lose its pipe; the end is recorded once the keepers have what the command itself wrote.
//! A disk that fills ends what is kept ([`Dropped::uncounted`]); the places for the count and the exit are written before
//! the command starts.
//!
//! # The end
//! A shell reports a death by signal as a status over 128 (POSIX, 2.8.2), and so does the `exit` file, except that a status
//! that stands for a signal is written as `signal NAME`: a command that exits with, say, 143 of itself is not told from one
//! that got a TERM.
//! A cancelled step records the last signal it was sent, whatever its own status was. Cancelling finds the step's
//! processes by their session, their parents, the unit's control group and `BEFFROI_STEP` in their environment.
//!
//! # Limits
//! A step that runs as another account than the login (through sudo) cannot be cancelled by it: [`JobError::WontDie`].
//! `systemd-logind` with `KillUserProcesses=yes` ends a user's steps at logout. Without systemd the command starts with
//! INT and QUIT ignored, as every background command of a shell does, and cancelling misses what left session and parents
//! and cleared its environment. A runner that is killed leaves the command running: the step has vanished, and cancelling
//! it ends the rest.

mod answer;
mod error;
mod follow;
mod frames;
mod ledger;

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{Exit, JobId};
use beffroi_secret::{SecretBytes, SecretText};
use bytes::Bytes;

use crate::{CommandLine, Limits, Remote, RunRequest};

use answer::Answer;
pub use error::{FolderProblem, JobError, SinkError};
pub use follow::follow;
pub use ledger::{Cleaned, Ledger, Listed, MOST_LISTED, clean, list};

/// The script that speaks this protocol on the host.
const SCRIPT: &str = concat!(
    include_str!("../../../../../assets/remote/home.sh"),
    include_str!("../../../../../assets/remote/proc.sh"),
    include_str!("../../../../../assets/remote/sweep.sh"),
    include_str!("../../../../../assets/remote/job.sh")
);

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

/// The bytes of each stream that a step keeps on its host, where nothing else is asked.
pub const KEPT: u64 = 64 << 20;

/// The most that [`start`] lets a stream keep, whatever is asked.
const MOST_KEPT: u64 = 1 << 40;

/// What holds the processes of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Launcher {
    /// A transient unit `beffroi-JOB.STEP.service`: no logout ends it.
    Systemd,
    /// A session of its own, in the login's control group where there is one.
    Setsid,
}

/// What [`start`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It runs because of this call.
    Now(Launcher),
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
    /// It started, and is gone without a recorded end. What the command left behind may still run; [`cancel`] ends it.
    Vanished {
        /// The host, or the container that it is, started again since; otherwise the runner was killed.
        rebooted: bool,
    },
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Its exit.
    pub exit: Exit,
    /// What is missing of its output.
    pub dropped: Dropped,
}

/// Output that the host did not keep. What it kept of a stream is its beginning, without gaps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Bytes of standard output after the last that was kept; at least so many where a process that the step left behind
    /// still writes.
    pub stdout: u64,
    /// The same of standard error.
    pub stderr: u64,
    /// Bytes that nobody counted are missing too: the disk was full, or what keeps the output was killed.
    pub uncounted: bool,
}

impl Dropped {
    /// Whether all output was kept.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
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

/// Starts a step, once: asked again, it says so. Returns when the command runs. Of each stream the host keeps the first
/// `kept` bytes, usually [`KEPT`].
///
/// # Errors
/// [`JobError::NoTmpfs`], [`JobError::Missing`], [`JobError::Folder`], [`JobError::CutShort`], [`JobError::NotStarted`],
/// [`JobError::TooLong`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn start(
    remote: &dyn Remote,
    step: &StepRef,
    command: &CommandLine,
    stdin: Option<&SecretBytes>,
    kept: u64,
) -> Result<Started, JobError> {
    let input = staged(command, stdin)?;
    let kept = kept.min(MOST_KEPT).to_string();
    match ask(remote, &["start", &step.to_string(), &kept], Some(input)).await? {
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

/// Whether the host started again since a step began.
///
/// # Errors
/// [`JobError::Absent`] when nothing of it is there; [`JobError::Missing`], [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn rebooted(remote: &dyn Remote, step: &StepRef) -> Result<bool, JobError> {
    match ask(remote, &["boot", &step.to_string()], None).await? {
        Answer::Step(StepOnHost::Running) => Ok(false),
        Answer::Step(StepOnHost::Vanished { .. }) => Ok(true),
        Answer::Step(StepOnHost::Absent) => Err(JobError::Absent),
        other => Err(other.unexpected()),
    }
}

/// Ends a step: TERM, and after five seconds KILL, to all its processes, daemons included. A step that did not start yet
/// never will; of one that vanished, what is left is killed. Does nothing to one that ended.
///
/// # Errors
/// [`JobError::Absent`] when it is not on the host; [`JobError::WontDie`], [`JobError::Folder`], [`JobError::Missing`],
/// [`JobError::NotUnderstood`], [`JobError::Remote`].
pub async fn cancel(remote: &dyn Remote, step: &StepRef) -> Result<(), JobError> {
    match ask(remote, &["cancel", &step.to_string()], None).await? {
        Answer::Step(StepOnHost::Ended(_) | StepOnHost::Vanished { .. }) => Ok(()),
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

async fn ask(remote: &dyn Remote, words: &[&str], stdin: Option<SecretBytes>) -> Result<Answer, JobError> {
    Answer::read(&exchange(remote, words, stdin).await?)
}

async fn exchange(remote: &dyn Remote, words: &[&str], stdin: Option<SecretBytes>) -> Result<crate::Output, JobError> {
    let limits = Limits { time: Duration::from_secs(60), most_bytes: 1 << 20 };
    Ok(remote.run(RunRequest { stdin, ..RunRequest::new(call(words)).with_limits(limits) }).await?)
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
