//! Why nothing was scanned.

use std::io;
use std::path::PathBuf;

/// Why nothing was scanned. What git itself said is in it with control characters taken out.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no program `git`.
    #[error("git cannot be run: {0}")]
    NoGit(io::Error),
    /// The path is in no git repository, or in one that git does not trust.
    #[error("{path} is in no git repository: {said}")]
    NoRepository {
        /// The path.
        path: PathBuf,
        /// What git said.
        said: String,
    },
    /// Git failed.
    #[error("git failed: {said}")]
    Git {
        /// What it said.
        said: String,
    },
    /// The file is no baseline.
    #[error("{path} is no baseline")]
    NoBaseline {
        /// Its path.
        path: PathBuf,
    },
    /// A hook is there that this program did not write.
    #[error("{path} was written by somebody else")]
    ForeignHook {
        /// Its path.
        path: PathBuf,
    },
    /// Git is set to take its hooks from a folder that other repositories may share.
    #[error("core.hooksPath is {path}")]
    SharedHooks {
        /// The folder.
        path: String,
    },
}

impl ScanError {
    pub(crate) fn io(path: &std::path::Path, source: io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}
