//! The files of a folder.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::{Report, ScanError, Scanner, git};

/// Longer files are passed over and counted.
pub(crate) const MOST_BYTES: u64 = 10 << 20;
/// Folders in folders.
const MOST_DEEP: usize = 64;

pub(crate) fn files(
    path: &Path,
    unignored: bool,
    scanner: &Scanner,
    stop: &dyn Fn() -> bool,
    report: &mut Report,
) -> Result<(), ScanError> {
    let facts = fs::symlink_metadata(path).map_err(|error| ScanError::io(path, error))?;
    if facts.is_file() {
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        file(path, &name, scanner, report);
        return Ok(());
    }
    if unignored && let Some(names) = git::tracked(path)? {
        for name in names {
            if stop() {
                report.stopped = true;
                return Ok(());
            }
            file(&path.join(&name), &shown(&name), scanner, report);
        }
        return Ok(());
    }
    fs::read_dir(path).map_err(|error| ScanError::io(path, error))?;
    folder(path, scanner, stop, report);
    Ok(())
}

fn folder(root: &Path, scanner: &Scanner, stop: &dyn Fn() -> bool, report: &mut Report) {
    let mut next = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = next.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            report.skipped.unreadable += 1;
            continue;
        };
        for entry in entries {
            if stop() {
                report.stopped = true;
                return;
            }
            let Ok(entry) = entry else {
                report.skipped.unreadable += 1;
                continue;
            };
            let path = entry.path();
            match entry.file_type() {
                // What git keeps is looked through as history.
                Ok(kind) if kind.is_dir() && entry.file_name() == ".git" => {}
                Ok(kind) if kind.is_dir() && depth < MOST_DEEP => next.push((path, depth + 1)),
                Ok(kind) if kind.is_file() => file(&path, &shown(path.strip_prefix(root).unwrap_or(&path)), scanner, report),
                Ok(_) => report.skipped.others += 1,
                Err(_) => report.skipped.unreadable += 1,
            }
        }
    }
}

/// Looks through one file. No link is followed.
fn file(path: &Path, name: &str, scanner: &Scanner, report: &mut Report) {
    match fs::symlink_metadata(path) {
        Ok(facts) if !facts.is_file() => report.skipped.others += 1,
        Ok(facts) if facts.len() > MOST_BYTES => report.skipped.large += 1,
        Ok(facts) => {
            let mut bytes = Vec::with_capacity(usize::try_from(facts.len()).unwrap_or_default());
            // One that grows meanwhile is cut.
            match fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)) {
                Ok(_) => content(name, &bytes, None, scanner, report),
                Err(_) => report.skipped.unreadable += 1,
            }
        }
        // A file that git tracks and that was deleted.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(_) => report.skipped.unreadable += 1,
    }
}

pub(crate) fn content(name: &str, bytes: &[u8], commit: Option<&str>, scanner: &Scanner, report: &mut Report) {
    match scanner.scan(name, bytes) {
        Some(hits) => {
            report.files += 1;
            report.bytes += bytes.len() as u64;
            report.take(name, hits, commit);
        }
        None => report.skipped.binary += 1,
    }
}

/// A path as it is told: with `/`.
fn shown(path: &Path) -> String {
    let parts: Vec<String> = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("/")
}

pub(crate) fn path_of(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}
