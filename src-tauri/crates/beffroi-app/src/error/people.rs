//! Why something was not done for a person.

use std::path::PathBuf;

/// Why something was not done for a person.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// Nobody has this name.
    #[error("no person {name:?}")]
    NotFound {
        /// The name.
        name: String,
    },
    /// Somebody has this name.
    #[error("a person {name:?} exists")]
    Exists {
        /// The name.
        name: String,
    },
    /// A person has no account on any of the hosts that were meant.
    #[error("{name:?} has no account there")]
    NoAccount {
        /// The person.
        name: String,
    },
    /// A host's last survey has no account of that login.
    #[error("no account {login:?} on {host:?}")]
    AccountNotSeen {
        /// The login.
        login: String,
        /// The host.
        host: String,
    },
    /// An account is somebody else's.
    #[error("account {login:?} on {host:?} is of {person:?}")]
    AccountTaken {
        /// The login.
        login: String,
        /// The host.
        host: String,
        /// Whose it is.
        person: String,
    },
    /// An account of somebody who leaves was in no plan.
    #[error("no plan had account {login:?} on {host:?}")]
    AccountNotPlanned {
        /// The login.
        login: String,
        /// The host.
        host: String,
    },
    /// A person was not off-boarded.
    #[error("{name:?} was not off-boarded")]
    NotLeaving {
        /// The person.
        name: String,
    },
    /// A signed statement is not what was signed, or not by whom it should be.
    #[error("the signature of {} does not hold", path.display())]
    StatementBroken {
        /// The file.
        path: PathBuf,
    },
}
