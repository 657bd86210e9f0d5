//! The file as the system has it: its name, its permissions, whether it is still there.

use std::path::{Path, PathBuf};

use crate::StoreError;

/// What the system said, as this crate's error.
pub(crate) fn failed(error: &std::io::Error) -> StoreError {
    StoreError::Disk { reason: error.to_string() }
}

/// Makes an empty file that only its owner may read; it must not exist.
pub(crate) fn make_private(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| failed(&error))
}

/// Makes the file's name durable. Windows does so by itself and cannot open a folder.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), StoreError> {
    let synced = match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => std::fs::File::open(folder).and_then(|folder| folder.sync_all()),
        _ => Ok(()),
    };
    synced.map_err(|error| failed(&error))
}

/// Which file was opened under a path. A system that lets an open file be removed or exchanged goes on writing to what
/// has no name any more, and says nothing.
pub(crate) struct OpenedFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl OpenedFile {
    /// Remembers the file that lies at `path` now.
    pub(crate) fn remember(path: &Path) -> Result<Self, StoreError> {
        let path = std::path::absolute(path).map_err(|error| failed(&error))?;
        let identity = identity_of(&path)?;
        Ok(Self { path, identity })
    }

    /// Checks that it still lies there.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        if identity_of(&self.path)? == self.identity {
            return Ok(());
        }
        Err(StoreError::Disk { reason: "another file lies in its place".to_owned() })
    }
}

#[cfg(unix)]
fn identity_of(path: &Path) -> Result<(u64, u64), StoreError> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).map(|found| (found.dev(), found.ino())).map_err(|error| failed(&error))
}

/// Windows does not let go of the name of an open file.
#[cfg(not(unix))]
fn identity_of(path: &Path) -> Result<(u64, u64), StoreError> {
    std::fs::metadata(path).map(|_| (0, 0)).map_err(|error| failed(&error))
}
