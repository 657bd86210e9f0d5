//! Why a secret was not rotated.

/// Why a secret was not rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// No host is given it to log in with.
    #[error("no host logs in with {name:?}")]
    Nowhere {
        /// The secret.
        name: String,
    },
    /// One-time codes are made from it on a host, which cannot be told another one.
    #[error("one-time codes of {host:?} are made from {name:?}")]
    OneTime {
        /// The secret.
        name: String,
        /// The host.
        host: String,
    },
    /// It is being rotated.
    #[error("{name:?} is being rotated")]
    GoesOn {
        /// The secret.
        name: String,
    },
    /// It is not being rotated.
    #[error("{name:?} is not being rotated")]
    None {
        /// The secret.
        name: String,
    },
    /// A host came to use it, or was told to use its other value, while its rotation was to end.
    #[error("a host has its turn yet")]
    NotYet,
    /// The old key was taken away from a host.
    #[error("{name:?} opens {host:?} no more as it was")]
    NoWayBack {
        /// The secret.
        name: String,
        /// The host.
        host: String,
    },
}
