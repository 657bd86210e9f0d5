//! Files of a report: each is there whole or not at all, is its owner's only, and takes nobody's place unasked.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use beffroi_app::{AppError, hex};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::ApiError;
use crate::wire::{ReportFile, ReportFileChecked};

/// Files to be written, and what is in each.
pub(crate) type Written = Vec<(PathBuf, Vec<u8>)>;

fn failed(path: &Path, error: &dyn std::fmt::Display) -> ApiError {
    AppError::LocalFile { path: path.to_owned(), reason: error.to_string() }.into()
}

/// Writes files: all, or none that was not there before. With `force` they take the place of others.
pub(crate) fn write(files: &Written, force: bool) -> Result<Vec<ReportFile>, ApiError> {
    // Each beside its place first: no disk is full any more when they take theirs.
    let mut ready = Vec::new();
    for (path, bytes) in files {
        if !force && path.symlink_metadata().is_ok() {
            return Err(failed(path, &std::io::Error::from(std::io::ErrorKind::AlreadyExists)));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside = || -> std::io::Result<NamedTempFile> {
            let mut file = NamedTempFile::new_in(folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        ready.push((path, bytes, beside().map_err(|error| failed(path, &error))?));
    }
    let mut written: Vec<ReportFile> = Vec::new();
    for (path, bytes, file) in ready {
        let placed = if force { file.persist(path) } else { file.persist_noclobber(path) };
        if let Err(error) = placed {
            if !force {
                written.iter().for_each(|file| drop(std::fs::remove_file(&file.path)));
            }
            return Err(failed(path, &error.error));
        }
        let sha256 = hex(&Sha256::digest(bytes).into());
        written.push(ReportFile { path: path.display().to_string(), bytes: bytes.len() as u64, sha256 });
    }
    Ok(written)
}

/// How files are that a statement is about: lines as `sha256sum` has them. They lie beside it.
pub(crate) fn checked(statement: &Path, text: &str) -> Option<Vec<ReportFileChecked>> {
    let folder = statement.parent()?;
    let file = |line: &str| {
        let (sha256, name) = line.split_once("  ")?;
        // A name is no path: nothing else is looked at.
        let is_name = !name.contains(['/', '\\']) && !matches!(name, "" | "." | "..");
        let is_sum = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        (is_name && is_sum).then_some(())?;
        let state = match sum(&folder.join(name)) {
            Ok(found) if found == sha256 => "same",
            Ok(_) => "changed",
            Err(_) => "missing",
        };
        Some(ReportFileChecked { name: name.to_owned(), sha256: sha256.to_owned(), state: state.to_owned() })
    };
    text.lines().map(file).collect()
}

fn sum(path: &Path) -> std::io::Result<String> {
    let (mut file, mut sum) = (std::fs::File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = std::io::Read::read(&mut file, &mut buffer)?;
        if read == 0 {
            return Ok(hex(&sum.finalize().into()));
        }
        sum.update(buffer.get(..read).unwrap_or_default());
    }
}
