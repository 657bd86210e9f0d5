//! Copies of a catalog: page by page through SQLCipher, which decrypts each with the one key and encrypts it with the other.
//!
//! The file is not copied as bytes. Closing a second descriptor of an SQLite file drops the locks that the process holds
//! on it (sqlite.org/howtocorrupt.html, 2.2), and a copy that is encrypted anew afterwards has lain on the disk under the
//! old key. SQLite's backup has neither fault, and reads the write-ahead log as well.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use beffroi_secret::SecretKey;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use crate::catalog::keyed;
use crate::{StoreError, file};

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyProgress {
    /// Pages that were written.
    pub done: u64,
    /// Pages in all; each is 4 KiB.
    pub total: u64,
}

/// Pages between two reports: 4 MiB.
const PAGES: i32 = 1024;

/// Copies what `source` sees into a file that must not exist, under `key`. On disk when this returns; nothing is left of
/// it when it fails. `source` must be in a transaction, so that the copy is of one moment.
pub(crate) fn copy(source: &Connection, path: &Path, key: &SecretKey, progress: impl FnMut(CopyProgress)) -> Result<(), StoreError> {
    file::make_private(path)?;
    let made = fill(source, path, key, progress);
    if made.is_err() {
        // The first error says what happened; the file was made by this call.
        let _ = std::fs::remove_file(path);
    }
    made
}

fn fill(source: &Connection, path: &Path, key: &SecretKey, mut progress: impl FnMut(CopyProgress)) -> Result<(), StoreError> {
    let mut destination = keyed(path, key)?;
    // A copy that was cut off is thrown away, never rolled back: it needs no journal on disk.
    destination.execute_batch("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = FULL;")?;
    let backup = Backup::new(source, &mut destination)?;
    loop {
        let step = backup.step(PAGES)?;
        let at = backup.progress();
        let pages = |count: i32| u64::try_from(count).unwrap_or(0);
        progress(CopyProgress { done: pages(at.pagecount).saturating_sub(pages(at.remaining)), total: pages(at.pagecount) });
        match step {
            StepResult::Done => break,
            StepResult::More => {}
            _ => return Err(StoreError::Busy),
        }
    }
    drop(backup);
    destination.close().map_err(|(_, error)| error)?;
    std::fs::File::options().write(true).open(path).and_then(|file| file.sync_all()).map_err(|error| file::failed(&error))?;
    file::sync_folder_of(path)
}

/// Puts a copy of the catalog at `path` beside it, named after its schema. A copy of that name is replaced once the new
/// one is whole.
pub(crate) fn keep_beside(path: &Path, key: &SecretKey, schema: u32) -> Result<(), StoreError> {
    let name = with_suffix(path, &format!(".schema-{schema}"));
    let part = with_suffix(&name, ".part");
    match std::fs::remove_file(&part) {
        // It was left by a program that was killed.
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(file::failed(&error)),
    }
    let mut source = keyed(path, key)?;
    let snapshot = source.transaction()?;
    copy(&snapshot, &part, key, |_| ())?;
    std::fs::rename(&part, &name).map_err(|error| file::failed(&error))?;
    file::sync_folder_of(&name)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
