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
    /// It opens the backups of its stage.
    #[error("{name:?} opens backups")]
    Backups {
        /// The secret.
        name: String,
    },
    /// It is the key of an authority or of a certificate.
    #[error("{name:?} is the key of {of:?}")]
    Certificate {
        /// The secret.
        name: String,
        /// The authority's name, or the certificate's.
        of: String,
    },
    /// Hosts know the key by a certificate that stands beside it.
    #[error("{name:?} comes with a certificate")]
    Certified {
        /// The secret.
        name: String,
    },
    /// The key cannot be read, as one whose passphrase is not known.
    #[error("{name:?} cannot be read: {reason}")]
    Unreadable {
        /// The secret.
        name: String,
        /// Why, in technical words.
        reason: String,
    },
    /// It is the password of an account of a YunoHost's, which only root may set, and the host's record says no way to become root.
    #[error("{user} of {host:?} is YunoHost's, and nothing says how to become root there")]
    NeedsRoot {
        /// The secret.
        name: String,
        /// The host.
        host: String,
        /// The account.
        user: String,
    },
    /// One of the two values of a rotation lies in the trash.
    #[error("{gone:?}, which the rotation of {name:?} needs, is in the trash")]
    InTrash {
        /// The secret that is being rotated.
        name: String,
        /// The one in the trash.
        gone: String,
    },
    /// One of the two values of a rotation is gone for good.
    #[error("a value of the rotation of {name:?} is gone")]
    Gone {
        /// The secret that is being rotated.
        name: String,
    },
}
