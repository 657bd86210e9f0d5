//! A local file to the host.

use std::path::Path;

use beffroi_remote::{RemoteError, Transfer};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use russh_sftp::protocol::{FileAttributes, OpenFlags};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, BufReader};

use super::part::{RemotePart, part_name};
use super::{LOCAL_BUFFER, Report, Sftp, UNDER_WAY, failed, from_home, is_folder, is_link, local, unreadable};

/// Copies a regular file: into a part beside the destination, made durable where the server can, then renamed over it.
/// The file there gets the local permission bits.
pub(crate) async fn put(session: &Sftp, from: &Path, to: &str, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError> {
    let file = File::open(from).await.map_err(|error| local(from, &error))?;
    let found = file.metadata().await.map_err(|error| local(from, &error))?;
    if !found.is_file() {
        return Err(RemoteError::LocalFile { path: from.to_owned(), reason: "not a regular file".to_owned() });
    }
    let destination = destination(session, from, from_home(to)).await?;
    let (folder, name) = match destination.rsplit_once('/') {
        Some((folder, name)) => (Some(folder), name),
        None => (None, destination.as_str()),
    };
    let part = part_name(name).ok_or_else(|| unreadable(&destination, "this machine gives no randomness"))?;
    let part = folder.map_or_else(|| part.clone(), |folder| format!("{folder}/{part}"));

    let guard = RemotePart::new(session, part.clone());
    let mut report = Report::start(progress, found.len());
    let names = Names { part: &part, destination: &destination };
    let written = Box::pin(write(session, file, from, names, permissions(&found), &mut report));
    let result = match written.await {
        Ok(size) if size != found.len() => {
            Err(RemoteError::LocalFile { path: from.to_owned(), reason: "its size changed while it was read".to_owned() })
        }
        Ok(size) => session.rename_over(&part, &destination).await.map(|()| size),
        Err(error) => Err(error),
    };
    match result {
        Ok(_) => guard.keep(),
        Err(_) => guard.remove().await,
    }
    result
}

/// The path to write to: inside a folder, and at the end of a symbolic link rather than in its place.
async fn destination(session: &Sftp, from: &Path, to: &str) -> Result<String, RemoteError> {
    let folder_only = to.is_empty() || to.ends_with('/') || to == ".";
    let Some(found) = session.attributes(if to.is_empty() { "." } else { to }).await? else {
        return if folder_only { Err(unreadable(to, "no such folder")) } else { Ok(to.to_owned()) };
    };
    if !is_folder(&found) {
        let link = session.raw.lstat(to).await.map_err(|error| failed(to, error))?;
        if !is_link(&link.attrs) {
            return Ok(to.to_owned());
        }
        let end = session.raw.realpath(to).await.map_err(|error| failed(to, error))?;
        return match end.files.into_iter().next() {
            Some(end) => Ok(end.filename),
            None => Err(unreadable(to, "the link leads nowhere")),
        };
    }
    let name = from.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| RemoteError::LocalFile { path: from.to_owned(), reason: "its name is not UTF-8".to_owned() })?;
    let inside = if to.is_empty() { name.to_owned() } else { format!("{}/{name}", to.trim_end_matches('/')) };
    match session.attributes(&inside).await? {
        Some(found) if is_folder(&found) => Err(unreadable(&inside, "is a folder")),
        _ => Ok(inside),
    }
}

/// What is written, and what a person calls it: errors name that.
#[derive(Clone, Copy)]
struct Names<'a> {
    part: &'a str,
    destination: &'a str,
}

async fn write(session: &Sftp, file: File, from: &Path, names: Names<'_>, mode: u32, report: &mut Report<'_>) -> Result<u64, RemoteError> {
    let Names { part, destination } = names;
    let wrong = |error| failed(destination, error);
    let closed = FileAttributes { permissions: Some(0o600), ..FileAttributes::empty() };
    let flags = OpenFlags::CREATE | OpenFlags::EXCLUDE | OpenFlags::WRITE;
    let handle = session.raw.open(part, flags, closed).await.map_err(wrong)?.handle;

    let mut file = BufReader::with_capacity(LOCAL_BUFFER, file);
    let mut under_way = FuturesUnordered::new();
    let (mut offset, mut done) = (0_u64, 0_u64);
    loop {
        let mut piece = Vec::with_capacity(session.piece);
        let read = (&mut file).take(session.piece as u64).read_to_end(&mut piece).await;
        let length = read.map_err(|error| local(from, &error))? as u64;
        if length > 0 {
            let sent = session.raw.write(handle.as_str(), offset, piece);
            under_way.push(async move { sent.await.map(|_| length) });
            offset = offset.saturating_add(length);
        }
        while under_way.len() >= UNDER_WAY || (length == 0 && !under_way.is_empty()) {
            if let Some(answer) = under_way.next().await {
                done = done.saturating_add(answer.map_err(wrong)?);
                report.at(done);
            }
        }
        if length == 0 {
            break;
        }
    }
    drop(under_way);

    let open = FileAttributes { permissions: Some(mode), ..FileAttributes::empty() };
    session.raw.fsetstat(handle.as_str(), open).await.map_err(wrong)?;
    if session.can_fsync {
        session.raw.fsync(handle.as_str()).await.map_err(wrong)?;
    }
    let arrived = session.raw.fstat(handle.as_str()).await.map_err(wrong)?;
    session.raw.close(handle).await.map_err(wrong)?;
    if arrived.attrs.size.is_some_and(|size| size != done) {
        return Err(unreadable(destination, "not all of it arrived"));
    }
    Ok(done)
}

#[cfg(unix)]
fn permissions(found: &std::fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o777
}

#[cfg(not(unix))]
fn permissions(_: &std::fs::Metadata) -> u32 {
    0o600
}
