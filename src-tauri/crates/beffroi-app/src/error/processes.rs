//! Why something was not done with a process that is kept on a host.

use beffroi_domain::HostName;
use beffroi_process::change::ChangeRefusal;
use beffroi_remote::AskError;

use super::AppError;

/// Why something was not done with a process that is kept on a host.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No keeper of the host has one of this name.
    #[error("{host} keeps no {name:?}")]
    NotThere {
        /// The host.
        host: String,
        /// What it was called.
        name: String,
    },
    /// Several keepers have one of this name.
    #[error("{name} is kept by several: {}", keepers.join(", "))]
    Ambiguous {
        /// The host.
        host: String,
        /// What was asked for.
        name: String,
        /// Who keeps one: keepers, and whose pm2.
        keepers: Vec<String>,
    },
    /// What a host keeps could not be read.
    #[error("the processes of {host} cannot be read: {why}")]
    NotRead {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// What was read speaks against the change.
    #[error("{name}: {why}")]
    Refused {
        /// The host.
        host: String,
        /// The process.
        name: String,
        /// What speaks against it.
        why: ChangeRefusal,
    },
    /// The host did not do it, or it did not last.
    #[error("not done: {said}")]
    NotDone {
        /// What the process wrote last, and how it is.
        said: String,
    },
    /// What it wrote cannot be read.
    #[error("its log cannot be read: {said}")]
    NoLog {
        /// The process.
        name: String,
        /// What the host said.
        said: String,
    },
}

impl ProcessError {
    /// Why the processes of a host were not read; a lost link stays one.
    pub(crate) fn of_probe(host: &HostName, error: AskError) -> AppError {
        match error {
            AskError::Remote(error) => error.into(),
            other => Self::NotRead { host: host.to_string(), why: other.to_string() }.into(),
        }
    }
}
