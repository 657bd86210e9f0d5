//! Files over SFTP version 3 (draft-ietf-secsh-filexfer-02), with what OpenSSH adds to it: `posix-rename@openssh.com`,
//! `fsync@openssh.com`, `limits@openssh.com`.
//!
//! Many requests are under way at once; on a long link the speed is what is under way over the round trip.

mod get;
mod part;
mod put;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::{RemoteError, Transfer};
use russh::ChannelMsg;
use russh::client::{Handle, Msg};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::extensions::{FSYNC, LIMITS};
use russh_sftp::protocol::{FileAttributes, StatusCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::open::open;
use crate::pins::Pins;
use crate::text::harmless;

pub(crate) use get::get;
pub(crate) use put::put;

/// The extension that renames over an existing file, in one step (OpenSSH `PROTOCOL`, 4.3).
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// Seconds that one request may take.
const REQUEST_SECONDS: u64 = 60;
/// Requests under way at once.
const UNDER_WAY: usize = 64;
/// Bytes of one request: what every server takes (the draft's section 3 asks for 32768).
const PIECE: usize = 32 << 10;
/// Bytes that are read or written here in one go.
const LOCAL_BUFFER: usize = 256 << 10;
/// Bytes between two reports of progress.
const REPORT_EVERY: u64 = 512 << 10;

/// An SFTP session, which takes a channel until it is dropped.
#[derive(Clone)]
pub(crate) struct Sftp {
    raw: Arc<RawSftpSession>,
    /// Bytes of one request.
    piece: usize,
    can_fsync: bool,
    can_rename_over: bool,
    _permit: Arc<OwnedSemaphorePermit>,
}

impl Sftp {
    /// Asks for the subsystem and agrees on the version.
    pub(crate) async fn open(handle: &Arc<Handle<Pins>>, permit: OwnedSemaphorePermit) -> Result<Self, RemoteError> {
        let limit = Duration::from_secs(REQUEST_SECONDS);
        let late = |_| RemoteError::TimedOut { seconds: REQUEST_SECONDS };
        let opened = timeout(limit, open(handle, permit)).await.map_err(late)??;
        let Some((channel, permit)) = opened.take() else {
            return Err(RemoteError::LinkLost { reason: "the channel was closed".to_owned() });
        };
        // In a task of its own: until it is a stream, a channel that is dropped stays open on the host.
        let subsystem = tokio::spawn(subsystem(channel));
        let stream = timeout(limit, subsystem).await.map_err(late)?;
        let stream = stream.map_err(|error| RemoteError::LinkLost { reason: error.to_string() })??;
        let config = Config { request_timeout_secs: REQUEST_SECONDS, ..Config::default() };
        let raw = RawSftpSession::new_with_config(stream, config);
        let version = raw.init().await.map_err(|error| failed("the SFTP session", error))?;
        let piece = piece(&raw, &version.extensions).await?;
        let offers = |name: &str| version.extensions.get(name).is_some_and(|offered| offered == "1");
        Ok(Self { raw: Arc::new(raw), piece, can_fsync: offers(FSYNC), can_rename_over: offers(POSIX_RENAME), _permit: Arc::new(permit) })
    }

    /// The attributes of what a path leads to; `None` when nothing is there.
    async fn attributes(&self, path: &str) -> Result<Option<FileAttributes>, RemoteError> {
        match self.raw.stat(path).await {
            Ok(found) => Ok(Some(found.attrs)),
            Err(SftpError::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(None),
            Err(error) => Err(failed(path, error)),
        }
    }

    /// Puts one file in the place of another, in one step where the server can.
    async fn rename_over(&self, from: &str, to: &str) -> Result<(), RemoteError> {
        let result = if self.can_rename_over {
            let mut paths = Vec::new();
            for path in [from, to] {
                let length = u32::try_from(path.len()).map_err(|_| unreadable(to, "the name is too long"))?;
                paths.extend(length.to_be_bytes());
                paths.extend(path.as_bytes());
            }
            match self.raw.extended(POSIX_RENAME, paths).await {
                Ok(russh_sftp::protocol::Packet::Status(status)) if status.status_code == StatusCode::Ok => Ok(()),
                Ok(russh_sftp::protocol::Packet::Status(status)) => Err(SftpError::Status(status)),
                Ok(_) => Err(SftpError::UnexpectedPacket),
                Err(error) => Err(error),
            }
        } else {
            // Version 3 does not rename over an existing file.
            if self.attributes(to).await?.is_some() {
                self.raw.remove(to).await.map_err(|error| failed(to, error))?;
            }
            self.raw.rename(from, to).await.map(drop)
        };
        result.map_err(|error| failed(to, error))
    }
}

async fn subsystem(mut channel: russh::Channel<Msg>) -> Result<russh::ChannelStream<Msg>, RemoteError> {
    let lost = |reason: &str| RemoteError::LinkLost { reason: reason.to_owned() };
    channel.request_subsystem(true, "sftp").await.map_err(|error| lost(&error.to_string()))?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => return Ok(channel.into_stream()),
            Some(ChannelMsg::Failure | ChannelMsg::Close) => {
                let _ = channel.close().await;
                return Err(RemoteError::Refused { reason: "the host has no SFTP".to_owned() });
            }
            Some(_) => {}
            None => return Err(lost("the connection ended")),
        }
    }
}

/// The size of a request: [`PIECE`], or less when the server says so.
async fn piece(raw: &RawSftpSession, extensions: &HashMap<String, String>) -> Result<usize, RemoteError> {
    if extensions.get(LIMITS).is_none_or(|offered| offered != "1") {
        return Ok(PIECE);
    }
    let limits = raw.limits().await.map_err(|error| failed("the SFTP session", error))?;
    let least = [limits.max_read_len, limits.max_write_len].into_iter().filter(|limit| *limit > 0).min();
    Ok(least.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PIECE).clamp(1, PIECE))
}

/// Reports progress, at the start, every [`REPORT_EVERY`] bytes, and at the end.
struct Report<'a> {
    progress: &'a mut (dyn FnMut(Transfer) + Send),
    total: u64,
    last: u64,
}

impl<'a> Report<'a> {
    fn start(progress: &'a mut (dyn FnMut(Transfer) + Send), total: u64) -> Self {
        progress(Transfer { done: 0, total });
        Self { progress, total, last: 0 }
    }

    fn at(&mut self, done: u64) {
        if done >= self.last.saturating_add(REPORT_EVERY) || (done == self.total && done != self.last) {
            self.last = done;
            (self.progress)(Transfer { done, total: self.total });
        }
    }
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
fn from_home(path: &str) -> &str {
    match path.strip_prefix("~/") {
        Some("") => ".",
        Some(rest) => rest,
        None if path == "~" => ".",
        None => path,
    }
}

fn unreadable(path: &str, reason: &str) -> RemoteError {
    RemoteError::RemoteFile { path: harmless(path), reason: harmless(reason) }
}

fn failed(path: &str, error: SftpError) -> RemoteError {
    match error {
        SftpError::Status(status) => {
            let said = if status.error_message.is_empty() { status.status_code.to_string() } else { status.error_message };
            unreadable(path, &said)
        }
        SftpError::Timeout => RemoteError::TimedOut { seconds: REQUEST_SECONDS },
        SftpError::UnexpectedPacket | SftpError::Limited(_) => RemoteError::NotUnderstood { what: "SFTP".to_owned() },
        SftpError::IO(reason) | SftpError::UnexpectedBehavior(reason) => RemoteError::LinkLost { reason: harmless(&reason) },
    }
}

fn local(path: &std::path::Path, error: &std::io::Error) -> RemoteError {
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
    fn progress_is_reported_at_the_start_now_and_then_and_at_the_end() {
        let mut seen = Vec::new();
        let mut note = |at: Transfer| seen.push(at.done);
        let total = REPORT_EVERY * 2 + 10;
        let mut report = Report::start(&mut note, total);
        for done in [1, REPORT_EVERY - 1, REPORT_EVERY + 1, REPORT_EVERY + 2, total, total] {
            report.at(done);
        }
        assert_eq!(seen, [0, REPORT_EVERY + 1, total]);
    }
}
