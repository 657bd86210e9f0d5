//! A file of the host here.

use std::fs::{File, OpenOptions};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use beffroi_remote::{Copied, CopyNote, CopyOptions, RemoteError};
use russh_sftp::protocol::{FileAttributes, OpenFlags};
use sha2::{Digest, Sha256};

use super::lanes::Lanes;
use super::part::{LocalPart, part_name, take_local};
use super::receive::{DEEP, receive, some};
use super::report::Report;
use super::send::Sum;
use super::session::Sftp;
use super::wire::Wire;
use super::{MOST_UNSIZED, blocks_of, delta, failed, host, is_folder, local, spans, unreadable};

/// A file of the host, open.
pub(super) struct Source<'a> {
    pub(super) from: &'a str,
    pub(super) found: FileAttributes,
    handle: String,
}

impl<'a> Source<'a> {
    pub(super) async fn open(session: &Sftp, from: &'a str) -> Result<Self, RemoteError> {
        let wrong = |error| failed(from, error);
        let handle = session.raw.open(from, OpenFlags::READ, FileAttributes::empty()).await.map_err(wrong)?.handle;
        let found = session.raw.fstat(handle.as_str()).await.map_err(wrong)?.attrs;
        if is_folder(&found) {
            return Err(unreadable(from, "is a folder"));
        }
        Ok(Self { from, found, handle })
    }

    pub(super) fn size(&self) -> u64 {
        self.found.size.unwrap_or(0)
    }
}

/// Copies one file of the host, as it is when it is opened: into a part beside the destination, made durable, compared, then
/// renamed. The file here is the owner's alone, executable when the host's owner may execute it.
pub(super) async fn file(
    wire: &Wire,
    session: &Sftp,
    source: Source<'_>,
    destination: &Path,
    options: &CopyOptions,
    copied: &mut Copied,
    report: &mut Report<'_>,
) -> Result<Sum, RemoteError> {
    let beside = destination.file_name().and_then(|name| name.to_str()).and_then(part_name);
    let nameless = || RemoteError::LocalFile { path: destination.to_owned(), reason: "names no file".to_owned() };
    let part = destination.with_file_name(beside.ok_or_else(nameless)?);
    let here = |error: std::io::Error| local(destination, &error);
    let mode = source.found.permissions.unwrap_or(0);
    let modified = source.found.mtime.filter(|_| options.times).map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds.into()));

    let guard = LocalPart::new(&part, options.resume);
    let (file, sum) = Box::pin(filled(wire, session, source, destination, &part, options, copied, report)).await?;
    settle(&file, mode, modified).map_err(here)?;
    drop(file);
    tokio::fs::rename(&part, destination).await.map_err(here)?;
    guard.keep();
    sync_folder(destination).await;
    Ok(sum)
}

/// Fills the part.
#[expect(clippy::too_many_arguments, reason = "one step of the copy, with all that it works on")]
async fn filled(
    wire: &Wire,
    session: &Sftp,
    source: Source<'_>,
    destination: &Path,
    part: &Path,
    options: &CopyOptions,
    copied: &mut Copied,
    report: &mut Report<'_>,
) -> Result<(File, Sum), RemoteError> {
    let here = |error: std::io::Error| local(destination, &error);
    let size = source.size();
    let Source { from, handle, .. } = source;
    if size == 0 {
        let content = unsized_file(session, &handle, from).await?;
        report.add(content.len() as u64);
        let file = create(part).map_err(here)?;
        let sum = Sum { size: content.len() as u64, sha256: Sha256::digest(&content).into() };
        std::io::Write::write_all(&mut &file, &content).and_then(|()| file.sync_all()).map_err(here)?;
        let _ = session.raw.close(handle).await;
        return Ok((file, sum));
    }
    let (file, there) = begin(wire, from, size, destination, part, options, copied).await?;
    let wanted = spans::missing(size, &there);
    report.add(size.saturating_sub(spans::length(&wanted)));
    let twin = file.try_clone().map_err(here)?;
    let mut lanes = Lanes::new(wire, session.clone(), handle, from, OpenFlags::READ, DEEP);
    let received = receive(wanted, size, &mut lanes, session.piece, from, (twin, destination), report);
    // The host hashes while the file is on its way.
    let asked = async { if options.verify || !there.is_empty() { host::sum(wire, from).await } else { Ok(None) } };
    let (sum, theirs) = tokio::try_join!(Box::pin(received), asked)?;
    if let Ok((session, handle)) = lanes.end().await {
        // The bytes are here; a host that cannot close a file takes nothing from them.
        let _ = session.raw.close(handle).await;
    }
    match theirs {
        Some(theirs) if theirs != sum.sha256 => return Err(RemoteError::Differs { path: crate::text::harmless(from) }),
        Some(_) => {}
        None => {
            copied.verified = false;
            if options.verify {
                copied.note(CopyNote::NotVerified);
            }
        }
    }
    Ok((file, sum))
}

/// Makes the part: empty, from an earlier one, or from the file that is here. Gives the ranges that are right.
async fn begin(
    wire: &Wire,
    from: &str,
    size: u64,
    destination: &Path,
    part: &Path,
    options: &CopyOptions,
    copied: &mut Copied,
) -> Result<(File, Vec<Range<u64>>), RemoteError> {
    let here = |error: std::io::Error| local(destination, &error);
    if options.resume
        && let Some(file) = take_local(destination, part)
    {
        let length = file.metadata().map_err(here)?.len().min(size);
        let Some(blocks) = host::blocks(wire, from, length).await? else {
            copied.note(CopyNote::NotResumed);
            file.set_len(0).map_err(here)?;
            return Ok((file, Vec::new()));
        };
        let ours = blocks_of(file.try_clone().map_err(here)?, blocks.block, length, destination).await?;
        let there = blocks.same_as(&ours, length);
        file.set_len(length).map_err(here)?;
        copied.resumed = copied.resumed.saturating_add(spans::length(&there));
        return Ok((file, there));
    }
    let file = create(part).map_err(here)?;
    if options.delta && size >= delta::LEAST {
        match delta::begin_here(wire, from, destination, &file).await? {
            delta::Begun::Nothing => {}
            delta::Begun::Unable => copied.note(CopyNote::NoDifferences),
            delta::Begun::With(there) => {
                copied.unchanged = copied.unchanged.saturating_add(spans::length(&there));
                return Ok((file, there));
            }
        }
    }
    Ok((file, Vec::new()))
}

async fn unsized_file(session: &Sftp, handle: &str, from: &str) -> Result<Vec<u8>, RemoteError> {
    let mut content = Vec::new();
    while let Some(bytes) = some(session, handle, content.len() as u64, session.piece as u64, from).await? {
        content.extend(bytes);
        if content.len() as u64 > MOST_UNSIZED {
            return Err(unreadable(from, "it has no size and does not end"));
        }
    }
    Ok(content)
}

/// A new file that only its owner reads.
pub(super) fn create(part: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part)
}

/// Gives a file that is whole its permissions and its time.
pub(super) fn settle(file: &File, mode: u32, modified: Option<std::time::SystemTime>) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600 | (mode & 0o100)))?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    match modified {
        Some(when) => file.set_modified(when),
        None => Ok(()),
    }
}

/// Makes the rename durable. The file is there already: a folder that cannot be synced is no reason to fail.
async fn sync_folder(file: &Path) {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if let Ok(folder) = tokio::fs::File::open(folder).await {
            let _ = folder.sync_all().await;
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// Where a local file goes: into `to` under `name` when `to` is a folder.
pub(super) async fn local_destination(to: &Path, name: &str) -> PathBuf {
    match tokio::fs::metadata(to).await {
        Ok(found) if found.is_dir() => to.join(name),
        _ => to.to_owned(),
    }
}
