//! Why something was not done with a guest of a host.

use beffroi_domain::HostName;
use beffroi_lxc::change::ChangeRefusal;
use beffroi_remote::AskError;

use super::{AppError, SpecError};

/// Why something was not done with a guest of a host.
#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    /// The host's driver does not lead into the guest.
    #[error("{guest} cannot be entered: {said}")]
    NotEntered {
        /// The guest's name in the catalog.
        guest: String,
        /// What the host said.
        said: String,
    },
    /// The host has no guest of this name.
    #[error("{host} has no guest {guest:?}")]
    NotThere {
        /// The host.
        host: String,
        /// What the guest was called.
        guest: String,
    },
    /// Several guests of the host go by this name.
    #[error("{guest} is one of several: {}", candidates.join(", "))]
    Ambiguous {
        /// What was asked for.
        guest: String,
        /// Names that each mean one of them.
        candidates: Vec<String>,
    },
    /// The guests of a host could not be read.
    #[error("the guests of {host} cannot be read: {why}")]
    NotRead {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// This is no name of a guest.
    #[error("{name:?} is not HOST/GUEST")]
    NotAGuest {
        /// What was given.
        name: String,
    },
    /// What was read of the guest or its host speaks against the change.
    #[error("{guest}: {why}")]
    Refused {
        /// The guest's name.
        guest: String,
        /// What speaks against it.
        why: Box<ChangeRefusal>,
    },
    /// The host did not do it.
    #[error("not done: {said}")]
    NotDone {
        /// What it said last.
        said: String,
    },
    /// It is not made from its specification, or a file is not taken as an image.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// What is asked for is of an SSH server, and a guest has none of its own.
    #[error("{guest} is a guest: it has no address and no SSH server of its own")]
    NoSsh {
        /// The guest's name in the catalog.
        guest: String,
    },
    /// Nothing is done on a host of which a snapshot was wanted first, and none can be made.
    #[error("no snapshot of {name} can be made first")]
    NotKeptBefore {
        /// The host's name in the catalog.
        name: String,
    },
}

impl GuestError {
    /// Why the guests of a host were not read; a lost link stays one.
    pub(crate) fn of_probe(host: &HostName, error: AskError) -> AppError {
        match error {
            AskError::Remote(error) => error.into(),
            other => Self::NotRead { host: host.to_string(), why: other.to_string() }.into(),
        }
    }
}

impl From<SpecError> for AppError {
    fn from(error: SpecError) -> Self {
        GuestError::from(error).into()
    }
}
