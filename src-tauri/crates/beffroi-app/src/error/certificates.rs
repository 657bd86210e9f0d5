//! Why something was not done with an authority or its certificates.

/// Why something was not done with an authority or its certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// No authority is called this, or there is none at all.
    #[error("no authority {name:?}")]
    AuthorityNotFound {
        /// The name; empty when none was named.
        name: String,
    },
    /// There are several authorities, and it was not said which.
    #[error("several authorities")]
    AuthoritySeveral,
    /// An authority has this name already.
    #[error("authority {name:?} exists")]
    AuthorityExists {
        /// The name.
        name: String,
    },
    /// Something of an authority was not done.
    #[error(transparent)]
    Authority(#[from] beffroi_ca::CaError),
    /// No certificate is for this name.
    #[error("no certificate {name:?}")]
    NotFound {
        /// The name.
        name: String,
    },
    /// Several certificates are for this name.
    #[error("several certificates for {name:?}")]
    Several {
        /// The name.
        name: String,
    },
    /// The host has a certificate for this name, which can be renewed.
    #[error("a certificate for {name:?} exists")]
    Exists {
        /// The name.
        name: String,
    },
    /// The certificate is not for this domain.
    #[error("the certificate is not for {domain:?}")]
    NotFor {
        /// The domain.
        domain: String,
        /// What it is for.
        names: Vec<String>,
    },
    /// The certificate is not valid by the clock of this machine or by that of the host.
    #[error("the certificate for {domain:?} is not valid at this time")]
    OutOfTime {
        /// The domain.
        domain: String,
        /// By how many seconds the host's clock is ahead.
        skew_s: i64,
    },
}
