//! Why something of an authority was not done.

/// Names that no certificate is made for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNames {
    /// There is none.
    #[error("a certificate needs a name")]
    None,
    /// There are more than a certificate holds.
    #[error("{count} names for one certificate")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// The text is no domain, nor a wildcard for the names of one.
    #[error("{name:?} is no domain")]
    Unfit {
        /// The text.
        name: String,
    },
    /// The authority is constrained to other domains.
    #[error("{name:?} is outside of {permitted:?}")]
    NotPermitted {
        /// The name.
        name: String,
        /// Where its names must be.
        permitted: Vec<String>,
    },
}

/// Why something of an authority was not done.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// The names do not do.
    #[error(transparent)]
    Names(#[from] InvalidNames),
    /// The key is none, or not that of the certificate.
    #[error("the key is not that of the authority")]
    OtherKey,
    /// The bytes are no certificate.
    #[error("not a certificate")]
    NotACertificate,
    /// The authority is not valid any more, or not yet.
    #[error("the authority is not valid at this time")]
    OutOfTime,
    /// The certificate could not be made.
    #[error("the certificate could not be made: {0}")]
    NotMade(String),
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    NoRandom(getrandom::Error),
}

impl From<rcgen::Error> for CaError {
    fn from(error: rcgen::Error) -> Self {
        Self::NotMade(error.to_string())
    }
}
