//! Files and trees there and back.
//!
//! A file goes over SFTP, into a part beside its destination that becomes the file by a rename. Many requests are under way
//! at once; on a long link the speed is what is under way over the round trip, so several sessions share a large file
//! ([`lanes`]). What is there already, from an earlier copy or from a file that is to be replaced, is found by blocks and
//! not sent again; whatever was done to get there, SHA-256 of both sides decides at the end. Small files of a tree go packed
//! ([`tree`]).

mod delta;
pub(crate) mod folders;
mod get;
mod host;
mod lanes;
mod part;
mod put;
mod receive;
mod report;
mod send;
mod session;
mod spans;
mod tree;
mod wire;

use std::path::Path;

use beffroi_remote::{Copied, CopyOptions, RemoteError, Transfer};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, StatusCode};
use sha2::{Digest, Sha256};

use crate::text::harmless;
pub(crate) use host::operand;
pub use part::left_no_more;
use report::Report;
pub(crate) use wire::{MOST_COPIES, Wire};

/// Seconds that one request may take: on a slow link many stand before it. A dead link is found sooner, by its silence.
const REQUEST_SECONDS: u64 = 600;
/// The most that is read of a file that says it is empty, such as those of `/proc`.
const MOST_UNSIZED: u64 = 64 << 20;

/// Copies a local file or folder to the host.
pub(crate) async fn put(
    wire: &Wire,
    from: &Path,
    to: &str,
    options: &CopyOptions,
    progress: &mut (dyn FnMut(Transfer) + Send),
) -> Result<Copied, RemoteError> {
    let _turn = wire.turn().await?;
    let mut copied = Copied { verified: options.verify, ..Copied::default() };
    let found = tokio::fs::metadata(from).await.map_err(|error| local(from, &error))?;
    let to = from_home(to);
    if found.is_dir() {
        Box::pin(tree::put(wire, from, to, options, &mut copied, progress)).await?;
        return Ok(copied);
    }
    let source = send::Source::open(from).await?;
    let session = wire.sftp().await?;
    let name = put::name_of(from);
    let destination = put::destination(&session, name.as_deref(), from, to).await?;
    let mut report = Report::start(progress, source.size, 1);
    report.current(name.as_deref().unwrap_or_default());
    let sum = Box::pin(put::file(wire, &session, source, &destination, options, &mut copied, &mut report)).await?;
    ended(&mut copied, &sum, &mut report);
    Ok(copied)
}

/// Copies a file or folder of the host here.
pub(crate) async fn get(
    wire: &Wire,
    from: &str,
    to: &Path,
    options: &CopyOptions,
    progress: &mut (dyn FnMut(Transfer) + Send),
) -> Result<Copied, RemoteError> {
    let _turn = wire.turn().await?;
    let mut copied = Copied { verified: options.verify, ..Copied::default() };
    let from = from_home(from);
    let session = wire.sftp().await?;
    let trimmed = from.trim_end_matches('/');
    let name = trimmed.rsplit('/').next().filter(|name| !matches!(*name, "" | "." | ".."));
    if name.is_none() && session.is_root(from).await? {
        return Err(unreadable(from, "name a file or folder in it"));
    }
    let Some(found) = session.attributes(from).await? else {
        return Err(unreadable(from, "no such file"));
    };
    let destination = match name {
        Some(name) => get::local_destination(to, name).await,
        // What it is called there is the host's word, and no name for something here.
        None if tokio::fs::symlink_metadata(to).await.is_ok() => {
            return Err(RemoteError::Nameless { path: harmless(from), destination: to.to_owned() });
        }
        None => to.to_owned(),
    };
    let name = name.unwrap_or(from);
    if is_folder(&found) {
        Box::pin(tree::get(wire, &session, trimmed, &destination, options, &mut copied, progress)).await?;
        return Ok(copied);
    }
    let source = get::Source::open(&session, from).await?;
    let mut report = Report::start(progress, source.size(), 1);
    report.current(name);
    let sum = Box::pin(get::file(wire, &session, source, &destination, options, &mut copied, &mut report)).await?;
    ended(&mut copied, &sum, &mut report);
    Ok(copied)
}

/// What came of the copy of a single file.
fn ended(copied: &mut Copied, sum: &send::Sum, report: &mut Report<'_>) {
    copied.bytes = sum.size;
    copied.files = 1;
    copied.sha256 = Some(sum.sha256);
    report.files(1);
    report.end();
}

/// The digests of the blocks of the first `size` bytes of a local file.
async fn blocks_of(file: std::fs::File, block: u64, size: u64, path: &Path) -> Result<Vec<[u8; 32]>, RemoteError> {
    let path = path.to_owned();
    let hashing = tokio::task::spawn_blocking(move || {
        let mut digests = Vec::new();
        for range in spans::pieces(std::iter::once(0..size), block) {
            let mut hash = Sha256::new();
            for piece in spans::pieces(std::iter::once(range), 256 << 10) {
                let mut bytes = vec![0; usize::try_from(piece.end - piece.start).unwrap_or(0)];
                receive::read_at(&file, &mut bytes, piece.start).map_err(|error| local(&path, &error))?;
                hash.update(&bytes);
            }
            digests.push(hash.finalize().into());
        }
        Ok(digests)
    });
    send::joined(hashing).await
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

const KIND: u32 = 0o170_000;

fn is_kind(attributes: &FileAttributes, kind: u32) -> bool {
    attributes.permissions.is_some_and(|mode| mode & KIND == kind)
}

fn is_folder(attributes: &FileAttributes) -> bool {
    is_kind(attributes, 0o040_000)
}

fn is_link(attributes: &FileAttributes) -> bool {
    is_kind(attributes, 0o120_000)
}

/// `~/x` is `x`: SFTP starts in the account's home.
pub(crate) fn from_home(path: &str) -> &str {
    match path.strip_prefix("~/") {
        Some("") => ".",
        Some(rest) => rest,
        None if path == "~" => ".",
        None => path,
    }
}

pub(crate) fn unreadable(path: &str, reason: &str) -> RemoteError {
    RemoteError::RemoteFile { path: harmless(path), reason: harmless(reason) }
}

fn failed(path: &str, error: SftpError) -> RemoteError {
    match error {
        SftpError::Status(status) => {
            let said = if status.error_message.is_empty() { status.status_code.to_string() } else { status.error_message };
            match status.status_code {
                StatusCode::NoConnection | StatusCode::ConnectionLost => RemoteError::LinkLost { reason: harmless(&said) },
                _ => unreadable(path, &said),
            }
        }
        SftpError::Timeout => RemoteError::TimedOut { seconds: REQUEST_SECONDS },
        SftpError::UnexpectedPacket | SftpError::Limited(_) => RemoteError::NotUnderstood { what: "SFTP".to_owned() },
        SftpError::IO(reason) | SftpError::UnexpectedBehavior(reason) => RemoteError::LinkLost { reason: harmless(&reason) },
    }
}

fn local(path: &Path, error: &std::io::Error) -> RemoteError {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    if matches!(error.kind(), StorageFull | QuotaExceeded) {
        return RemoteError::NoSpace { there: false, path: path.display().to_string() };
    }
    RemoteError::LocalFile { path: path.to_owned(), reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_is_where_sftp_starts() {
        assert_eq!(["~/a/b", "~", "~/", "/a", "a", "~root/x"].map(from_home), ["a/b", ".", ".", "/a", "a", "~root/x"]);
    }

    #[test]
    fn kinds_are_compared_whole() {
        let of = |mode| FileAttributes { permissions: Some(mode), ..FileAttributes::empty() };
        assert!(is_folder(&of(0o040_755)) && is_link(&of(0o120_777)));
        assert!(!is_folder(&of(0o060_660)) && !is_folder(&of(0o100_644)) && !is_folder(&FileAttributes::empty()));
    }

    #[test]
    fn a_full_disk_has_its_own_error() {
        let full = local(Path::new("/x"), &std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert!(matches!(full, RemoteError::NoSpace { there: false, .. }), "{full}");
    }
}
