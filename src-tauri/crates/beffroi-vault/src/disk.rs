//! Small files, read under a limit and written whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::DiskError;

fn at(path: &Path) -> impl FnOnce(io::Error) -> DiskError + '_ {
    |source| DiskError { path: path.to_owned(), source }
}

/// What a file holds, as far as a limit allows.
pub(crate) enum Content {
    /// There is no such file.
    Missing,
    /// It is longer than the limit.
    TooLong,
    /// All of it.
    Whole(Vec<u8>),
}

/// Reads a file of at most `most` bytes.
pub(crate) fn read(path: &Path, most: usize) -> Result<Content, DiskError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(Content::Missing),
        Err(error) => return Err(at(path)(error)),
    };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(at(path))?;
    Ok(if bytes.len() > most { Content::TooLong } else { Content::Whole(bytes) })
}

/// Options for a file that only its owner reads.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that only its owner enters.
pub(crate) fn make_private_folder(path: &Path, with_parents: bool) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(with_parents);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Lets only its owner enter a folder that is there.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> Result<(), DiskError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// Puts a file in place of another, if there is one to put there.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), DiskError> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(from)(error)),
        _ => Ok(()),
    }
}

/// Makes a file's content durable.
pub(crate) fn sync_file(path: &Path) -> Result<(), DiskError> {
    // Windows syncs only what may be written to.
    OpenOptions::new().read(true).write(true).open(path).and_then(|file| file.sync_all()).map_err(at(path))
}

/// SHA-256 of a file of any length; nothing when there is none.
pub(crate) fn hash(path: &Path) -> Result<Option<[u8; 32]>, DiskError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(at(path)(error)),
    };
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(Some(hash.finalize().into())),
            Ok(length) => hash.update(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(at(path)(error)),
        }
    }
}

/// Puts a file in place whole or not at all: written beside it, synced, renamed, folder synced.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let beside = with_suffix(path, ".part");
    let written = write_beside(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if let Err(error) = written {
        // The first error is the one that says what happened; what is left is overwritten by the next attempt.
        let _ = fs::remove_file(&beside);
        return Err(at(path)(error));
    }
    path.parent().map_or(Ok(()), sync_folder)
}

fn write_beside(beside: &Path, bytes: &[u8]) -> io::Result<()> {
    // An interrupted attempt may have left one. It is removed rather than opened, so that a link is never followed.
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = private_file().write(true).create_new(true).open(beside)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the names in a folder durable. Windows does so by itself and cannot open a folder.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), DiskError> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|handle| handle.sync_all()).map_err(at(folder))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
