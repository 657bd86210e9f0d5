//! Why a step could not be started, followed or ended.

use std::fmt;

use crate::RemoteError;

/// Why whoever takes the pieces could not.
pub type SinkError = Box<dyn std::error::Error + Send + Sync>;

/// Why a step could not be started, followed or ended.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The host or the link. After [`RemoteError::LinkLost`] and [`RemoteError::TimedOut`] the same call may be made again.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The command or its input is over [`super::MOST_INPUT`].
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
    /// The step's folder cannot be made, written or read. A start left nothing.
    #[error("the step's folder cannot be used: {reason}")]
    Folder {
        /// Why, as the host tells.
        reason: FolderProblem,
    },
    /// The link broke before the host had the whole command; nothing was started.
    #[error("the command did not arrive whole")]
    CutShort,
    /// The command did not start in time. It may yet: ask with [`super::state`], or [`super::start`] again.
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
    /// It is gone without a recorded end. Everything that was kept was given.
    #[error("the step is gone without a recorded end")]
    Vanished {
        /// The host started again since.
        rebooted: bool,
    },
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

/// Why the folder of a step cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderProblem {
    /// Its file system is read-only.
    ReadOnly,
    /// There is no space, no inode or no quota left.
    Full,
    /// The account may not write there.
    NotAllowed,
    /// Anything else.
    Other,
}

impl fmt::Display for FolderProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ReadOnly => "it is read-only",
            Self::Full => "the disk is full",
            Self::NotAllowed => "the account may not write there",
            Self::Other => "the host does not tell why",
        })
    }
}
