//! Why something was not done with an archive of a host's backup.

use std::path::PathBuf;

/// Why something was not done with an archive of a host's backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// An archive's files are not what was written there.
    #[error("{path}: {error}", path = path.display())]
    Files {
        /// Which file or folder.
        path: PathBuf,
        /// What is wrong.
        error: beffroi_vault::ArchiveError,
    },
    /// An archive cannot be read as one.
    #[error("archive {name:?}: {fault}")]
    Content {
        /// Its name.
        name: String,
        /// What is wrong.
        fault: beffroi_yunohost::archive::TarFault,
    },
    /// An archive holds what no backup has, and is not given to a host.
    #[error("archive {name:?} holds {path:?}")]
    Hostile {
        /// Its name.
        name: String,
        /// An entry, as harmless text.
        path: String,
    },
    /// No archive here is called this, or several are.
    #[error("no one archive {archive:?}")]
    NotFound {
        /// What it was called.
        archive: String,
    },
    /// Another process writes into the folder of an archive.
    #[error("{path} is written by another", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The host's YunoHost is older than the one that made the archive.
    #[error("archive {name:?} is of YunoHost {of}, the host has {here}")]
    Newer {
        /// The archive.
        name: String,
        /// The version that made it.
        of: String,
        /// The version there.
        here: String,
    },
}
