//! Why a job failed, in stored form.

use std::fmt;

use beffroi_secret::SecretBytes;
use beffroi_yunohost::Cause;
use serde::{Deserialize, Serialize};

use super::record::StoredMessage;
use crate::run::Trouble;
use crate::{AppError, GuardError, GuestError, ProcessError};

/// Why a job failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Failure {
    /// The command ended, but not well.
    Command { exit: String },
    /// YunoHost said no.
    Yunohost { cause: Cause, about: String, said: String },
    /// YunoHost waited for another operation as long as it may.
    Busy { running: StoredMessage },
    /// The state is not as it should be.
    Check { why: Why },
    /// It failed and changed something all the same.
    HalfDone { why: Why },
    /// The process is gone without an exit status.
    Vanished {
        /// The host started again since.
        #[serde(default)]
        rebooted: bool,
    },
    /// It never began.
    NotStarted,
    /// What had to be done before it was not.
    Before,
    /// What would have put it back could not be made.
    NoLifeline { why: String },
    /// It was to be put back, and what would have done it was over already.
    LifelineOver { released: bool, why: String },
    /// It was put back, since nobody got in after it.
    PutBack { by_host: bool, why: String, lacking: Vec<String> },
    /// A guest was not changed.
    Guest { said: String },
    /// A process is not as it was to be.
    Process { said: String },
    /// It was stopped.
    Cancelled,
    /// The host could not be worked on.
    Trouble { trouble: Trouble },
    /// Anything else, in this program's technical words.
    Other { what: String },
}

/// What is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Why {
    /// What a host said, in its own words.
    Said(String),
    /// What was found there, as a sentence.
    Found(StoredMessage),
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Said(said) => said,
            Self::Found(message) => &message.key,
        })
    }
}

impl Failure {
    pub(crate) fn to_bytes(&self) -> Result<SecretBytes, AppError> {
        serde_json::to_vec(self).map(SecretBytes::new).map_err(AppError::internal)
    }

    pub(crate) fn from_bytes(bytes: &SecretBytes) -> Result<Self, AppError> {
        // A failure holds no secret; it is sealed because it tells of a stage's host.
        serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a job's failure"))
    }
}

impl From<&AppError> for Failure {
    fn from(error: &AppError) -> Self {
        match error {
            AppError::CommandFailed { exit } => Self::Command { exit: exit.clone() },
            AppError::Yunohost { cause, about, said } => Self::Yunohost { cause: *cause, about: about.clone(), said: said.clone() },
            AppError::Guard(GuardError::Busy { running }) => Self::Busy { running: running.clone() },
            AppError::CheckFailed { why } => Self::Check { why: why.clone() },
            AppError::HalfDone { why } => Self::HalfDone { why: why.clone() },
            AppError::JobVanished { rebooted } => Self::Vanished { rebooted: *rebooted },
            AppError::JobNotStarted => Self::NotStarted,
            AppError::JobBeforeFailed => Self::Before,
            AppError::Guard(GuardError::LifelineRefused { why }) => Self::NoLifeline { why: why.clone() },
            AppError::Guard(GuardError::LifelineOver { released, why }) => Self::LifelineOver { released: *released, why: why.clone() },
            AppError::Guard(GuardError::PutBack { by_host, why, lacking }) => {
                Self::PutBack { by_host: *by_host, why: why.clone(), lacking: lacking.clone() }
            }
            AppError::Guest(GuestError::NotDone { said }) => Self::Guest { said: said.clone() },
            AppError::Process(ProcessError::NotDone { said }) => Self::Process { said: said.clone() },
            AppError::JobCancelled => Self::Cancelled,
            other => Self::Trouble { trouble: Trouble::of(other) },
        }
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Command { exit } => Self::CommandFailed { exit },
            Failure::Yunohost { cause, about, said } => Self::Yunohost { cause, about, said },
            Failure::Busy { running } => Self::Guard(GuardError::Busy { running }),
            Failure::Check { why } => Self::CheckFailed { why },
            Failure::HalfDone { why } => Self::HalfDone { why },
            Failure::Vanished { rebooted } => Self::JobVanished { rebooted },
            Failure::NotStarted => Self::JobNotStarted,
            Failure::Before => Self::JobBeforeFailed,
            Failure::NoLifeline { why } => Self::Guard(GuardError::LifelineRefused { why }),
            Failure::LifelineOver { released, why } => Self::Guard(GuardError::LifelineOver { released, why }),
            Failure::PutBack { by_host, why, lacking } => Self::Guard(GuardError::PutBack { by_host, why, lacking }),
            Failure::Guest { said } => Self::Guest(GuestError::NotDone { said }),
            Failure::Process { said } => Self::Process(ProcessError::NotDone { said }),
            Failure::Cancelled => Self::JobCancelled,
            Failure::Trouble { trouble } => trouble.error(),
            Failure::Other { what } => Self::Remote(beffroi_remote::RemoteError::Refused { reason: what }),
        }
    }
}
