//! A local file to the host.

use std::ops::Range;
use std::path::Path;
use std::time::UNIX_EPOCH;

use beffroi_remote::{Copied, CopyNote, CopyOptions, RemoteError};
use russh_sftp::protocol::{FileAttributes, OpenFlags};

use super::host::{self, Earlier};
use super::lanes::Lanes;
use super::part::{RemotePart, part_name, stem};
use super::report::Report;
use super::send::{DEEP, Source, Sum, send};
use super::session::Sftp;
use super::wire::Wire;
use super::{blocks_of, delta, failed, is_folder, is_link, spans, unreadable};

/// The path to write to: inside a folder, and at the end of a symbolic link rather than in its place.
pub(super) async fn destination(session: &Sftp, name: Option<&str>, from: &Path, to: &str) -> Result<String, RemoteError> {
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
    let name = name.ok_or_else(|| RemoteError::LocalFile { path: from.to_owned(), reason: "its name is not UTF-8".to_owned() })?;
    let inside = if to.is_empty() { name.to_owned() } else { format!("{}/{name}", to.trim_end_matches('/')) };
    match session.attributes(&inside).await? {
        Some(found) if is_folder(&found) => Err(unreadable(&inside, "is a folder")),
        _ => Ok(inside),
    }
}

/// Where a file is written on its way: beside its destination.
struct Place {
    folder: String,
    stem: String,
    part: String,
}

impl Place {
    fn beside(destination: &str) -> Result<Self, RemoteError> {
        let (before, name) = match destination.rfind('/') {
            Some(at) => destination.split_at(at + 1),
            None => ("", destination),
        };
        let part = part_name(name).ok_or_else(|| unreadable(destination, "this machine gives no randomness"))?;
        let folder = if before.is_empty() { "." } else { before };
        Ok(Self { folder: folder.to_owned(), stem: format!("{before}{}", stem(name)), part: format!("{before}{part}") })
    }
}

/// Copies one file: into a part beside the destination, made durable where the server can, compared, then renamed over it.
/// The file there gets the local permission bits.
pub(super) async fn file(
    wire: &Wire,
    session: &Sftp,
    source: Source,
    destination: &str,
    options: &CopyOptions,
    copied: &mut Copied,
    report: &mut Report<'_>,
) -> Result<Sum, RemoteError> {
    let place = Place::beside(destination)?;
    let guard = RemotePart::new(session, &place.part, options.resume);
    let result = Box::pin(filled(wire, session, source, destination, &place, options, copied, report)).await;
    match result {
        Ok(sum) => match session.rename_over(&place.part, destination).await {
            Ok(()) => {
                guard.keep();
                Ok(sum)
            }
            Err(error) => {
                // Whole, and with nowhere to go: no part to go on with.
                let _ = session.raw.remove(place.part.as_str()).await;
                Err(error)
            }
        },
        Err(error) => {
            let error = session.explain(&place.folder, destination, error).await;
            guard.remove().await;
            Err(error)
        }
    }
}

/// Fills the part.
#[expect(clippy::too_many_arguments, reason = "one step of the copy, with all that it works on")]
async fn filled(
    wire: &Wire,
    session: &Sftp,
    source: Source,
    destination: &str,
    place: &Place,
    options: &CopyOptions,
    copied: &mut Copied,
    report: &mut Report<'_>,
) -> Result<Sum, RemoteError> {
    let wrong = |error| failed(destination, error);
    let begun = begin(wire, session, &source, destination, place, options, copied).await?;
    let flags = if begun.is_some() { OpenFlags::WRITE } else { OpenFlags::CREATE | OpenFlags::EXCLUDE | OpenFlags::WRITE };
    let closed = FileAttributes { permissions: Some(0o600), ..FileAttributes::empty() };
    let handle = session.raw.open(place.part.as_str(), flags, closed).await.map_err(wrong)?.handle;

    let there = begun.unwrap_or_default();
    let wanted = spans::missing(source.size, &there);
    report.add(source.size.saturating_sub(spans::length(&wanted)));
    let mut last = FileAttributes { permissions: Some(source.mode), ..FileAttributes::empty() };
    if !there.is_empty() {
        // A part of an earlier copy may be longer.
        last.size = Some(source.size);
    }
    if options.times
        && let Some(seconds) = source.modified.and_then(|when| when.duration_since(UNIX_EPOCH).ok())
    {
        last.mtime = u32::try_from(seconds.as_secs()).ok();
        last.atime = last.mtime;
    }
    let mut lanes = Lanes::new(wire, session.clone(), handle, &place.part, OpenFlags::WRITE, DEEP);
    let sum = send(source, wanted, &mut lanes, session.piece, destination, report).await?;
    let (session, handle) = lanes.end().await?;
    if session.writes_behind {
        session.raw.fstat(handle.as_str()).await.map_err(wrong)?;
    }
    let ended = async {
        // Answered in the order in which they are asked.
        let (set, synced, arrived, closed) = tokio::join!(
            session.raw.fsetstat(handle.as_str(), last),
            async { if session.can_fsync { session.raw.fsync(handle.as_str()).await.map(drop) } else { Ok(()) } },
            session.raw.fstat(handle.as_str()),
            session.raw.close(handle.as_str()),
        );
        set.and(synced.and(closed)).map_err(wrong)?;
        let arrived = arrived.map_err(wrong)?.attrs.size;
        if arrived.is_some_and(|size| size != sum.size) { Err(unreadable(destination, "not all of it arrived")) } else { Ok(()) }
    };
    let verified = async { if options.verify || !there.is_empty() { host::sum(wire, &place.part).await } else { Ok(None) } };
    let ((), theirs) = tokio::try_join!(ended, verified)?;
    match theirs {
        Some(theirs) if theirs != sum.sha256 => Err(RemoteError::Differs { path: crate::text::harmless(destination) }),
        Some(_) => Ok(sum),
        None => {
            copied.verified = false;
            if options.verify {
                copied.note(CopyNote::NotVerified);
            }
            Ok(sum)
        }
    }
}

/// Makes the part out of what the host has: an earlier part, or the file that is there. Gives the ranges that are right;
/// `None` when there is no part yet.
async fn begin(
    wire: &Wire,
    session: &Sftp,
    source: &Source,
    destination: &str,
    place: &Place,
    options: &CopyOptions,
    copied: &mut Copied,
) -> Result<Option<Vec<Range<u64>>>, RemoteError> {
    if options.resume && source.size > 0 {
        match host::take_part(wire, &place.stem, &place.part, source.size).await? {
            Earlier::Taken(blocks) => {
                let ours = blocks_of(source.reopen()?, blocks.block, blocks.size.min(source.size), &source.path).await?;
                let there = blocks.same_as(&ours, source.size);
                copied.resumed = copied.resumed.saturating_add(spans::length(&there));
                return Ok(Some(there));
            }
            Earlier::None => {}
            Earlier::Unknown => copied.note(CopyNote::NotResumed),
        }
    }
    if options.delta && source.size >= delta::LEAST {
        match delta::begin_there(wire, source, destination, &place.part).await? {
            delta::Begun::Nothing => {}
            // Where nothing is, none were to be found.
            delta::Begun::Unable if session.attributes(destination).await?.is_none() => {}
            delta::Begun::Unable => copied.note(CopyNote::NoDifferences),
            delta::Begun::With(there) => {
                copied.unchanged = copied.unchanged.saturating_add(spans::length(&there));
                return Ok(Some(there));
            }
        }
    }
    Ok(None)
}

/// The name of a local path, as far as it has one that can stand on a host.
pub(super) fn name_of(from: &Path) -> Option<String> {
    let named = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    named(from).or_else(|| std::fs::canonicalize(from).ok().and_then(|path| named(&path)))
}
