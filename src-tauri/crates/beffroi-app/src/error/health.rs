//! Why the health of secrets was not looked at, or nothing was scanned.

use std::io;
use std::path::PathBuf;

use beffroi_scan::ScanError;

/// Why the health of secrets was not looked at, or nothing was scanned.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// A file of leaked passwords cannot be read.
    #[error("{path}: {source}")]
    Leaked {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It has the hashes of another algorithm.
    #[error("{path} has NTLM hashes")]
    LeakedNtlm {
        /// The file.
        path: PathBuf,
    },
    /// It is no file of leaked passwords.
    #[error("{path} has no SHA-1 hashes")]
    NotLeaked {
        /// The file or folder.
        path: PathBuf,
    },
    /// Nothing was scanned.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// A secret makes no one-time codes.
    #[error("{name:?} makes no one-time codes")]
    NoCodes {
        /// The secret.
        name: String,
    },
    /// A secret is no private key.
    #[error("{name:?} is no private key")]
    NoKey {
        /// The secret.
        name: String,
    },
}
