//! The lock of a vault's folder: one process at a time.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::disk;
use crate::error::DiskError;

/// The file's name.
pub(crate) const LOCK: &str = "lock";

pub(crate) enum LockError {
    /// By that process, when it could be read.
    InUse(Option<u32>),
    Disk(DiskError),
}

/// Locks the vault and leaves this process's id. The lock ends with the file handle, however the process ends.
pub(crate) fn take(folder: &Path) -> Result<File, LockError> {
    let path = folder.join(LOCK);
    let failed = |source| LockError::Disk(DiskError { path: path.clone(), source });
    let mut file = disk::private_file().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(LockError::InUse(read_pid(&file))),
        Err(TryLockError::Error(source)) => return Err(failed(source)),
    }
    let write_pid = |file: &mut File| {
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())
    };
    write_pid(&mut file).map_err(failed)?;
    Ok(file)
}

fn read_pid(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim_end().parse().ok()
}
