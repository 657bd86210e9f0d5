//! A session of SFTP version 3 (draft-ietf-secsh-filexfer-02), with what OpenSSH adds to it: `posix-rename@openssh.com`,
//! `fsync@openssh.com`, `limits@openssh.com`, `statvfs@openssh.com`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_remote::RemoteError;
use russh::ChannelMsg;
use russh::client::{Handle, Msg};
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::extensions::{FSYNC, LIMITS, STATVFS};
use russh_sftp::protocol::{FileAttributes, Packet, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{REQUEST_SECONDS, failed, unreadable};
use crate::open::open;
use crate::pins::Pins;
use crate::shell_files::BEHIND;

/// The extension that renames over an existing file, in one step (OpenSSH `PROTOCOL`, 4.3).
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// Seconds that the first answers may take.
const OPENING_SECONDS: u64 = 60;
/// Bytes of one request that every server takes (the draft's section 3 asks for 32768).
const PIECE: usize = 32 << 10;
/// Bytes of one request where the server says that it takes as much: fewer requests cost both sides less.
const LARGE_PIECE: usize = 255 << 10;
/// Bytes that are left where a disk counts as full.
const FULL: u64 = 1 << 20;

/// A session, which takes a channel until it is dropped.
#[derive(Clone)]
pub(crate) struct Sftp {
    pub(super) raw: Arc<RawSftpSession>,
    /// Bytes of one request.
    pub(super) piece: usize,
    /// How long one request and its answer took.
    pub(super) round_trip: Duration,
    pub(super) can_fsync: bool,
    /// Whether what was written has arrived only when its file is asked about.
    pub(super) writes_behind: bool,
    can_statvfs: bool,
    can_rename_over: bool,
    _permit: Arc<Option<OwnedSemaphorePermit>>,
}

impl Sftp {
    /// Asks for the subsystem and agrees on the version.
    pub(super) async fn open(handle: &Arc<Handle<Pins>>, permit: OwnedSemaphorePermit) -> Result<Self, RemoteError> {
        let limit = Duration::from_secs(OPENING_SECONDS);
        let late = |_| RemoteError::TimedOut { seconds: OPENING_SECONDS };
        let opened = timeout(limit, open(handle, permit)).await.map_err(late)??;
        let Some((channel, permit)) = opened.take() else {
            return Err(RemoteError::LinkLost { reason: "the channel was closed".to_owned() });
        };
        // In a task of its own: until it is a stream, a channel that is dropped stays open on the host.
        let subsystem = tokio::spawn(subsystem(channel));
        let stream = timeout(limit, subsystem).await.map_err(late)?;
        let stream = stream.map_err(|error| RemoteError::LinkLost { reason: error.to_string() })??;
        Self::over(stream, Some(permit)).await
    }

    /// Agrees on the version with a server that is at the other end of a stream.
    pub(super) async fn over(
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, RemoteError> {
        let config = Config { request_timeout_secs: OPENING_SECONDS, ..Config::default() };
        let raw = RawSftpSession::new_with_config(stream, config);
        let version = raw.init().await.map_err(|error| failed("the SFTP session", error))?;
        let asked = Instant::now();
        let piece = piece(&raw, &version.extensions).await?;
        let round_trip = asked.elapsed();
        raw.set_timeout(REQUEST_SECONDS);
        let offers = |name: &str, kind: &str| version.extensions.get(name).is_some_and(|offered| offered == kind);
        Ok(Self {
            raw: Arc::new(raw),
            piece,
            round_trip,
            can_fsync: offers(FSYNC, "1"),
            writes_behind: offers(BEHIND, "1"),
            can_statvfs: offers(STATVFS, "2"),
            can_rename_over: offers(POSIX_RENAME, "1"),
            _permit: Arc::new(permit),
        })
    }

    /// The attributes of what a path leads to; `None` when nothing is there.
    pub(super) async fn attributes(&self, path: &str) -> Result<Option<FileAttributes>, RemoteError> {
        match self.raw.stat(path).await {
            Ok(found) => Ok(Some(found.attrs)),
            Err(SftpError::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(None),
            Err(error) => Err(failed(path, error)),
        }
    }

    /// Whether a path leads to everything that the host has, or to nothing.
    pub(super) async fn is_root(&self, path: &str) -> Result<bool, RemoteError> {
        if path.trim_end_matches('/').is_empty() {
            return Ok(true);
        }
        let real = self.raw.realpath(path).await.map_err(|error| failed(path, error))?;
        Ok(real.files.first().is_none_or(|end| end.filename.trim_end_matches('/').is_empty()))
    }

    /// Puts one file in the place of another, in one step where the server can.
    pub(super) async fn rename_over(&self, from: &str, to: &str) -> Result<(), RemoteError> {
        let result = if self.can_rename_over {
            let mut paths = Vec::new();
            for path in [from, to] {
                let length = u32::try_from(path.len()).map_err(|_| unreadable(to, "the name is too long"))?;
                paths.extend(length.to_be_bytes());
                paths.extend(path.as_bytes());
            }
            match self.raw.extended(POSIX_RENAME, paths).await {
                Ok(Packet::Status(status)) if status.status_code == StatusCode::Ok => Ok(()),
                Ok(Packet::Status(status)) => Err(SftpError::Status(status)),
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

    /// A refused write, said better: SFTP has no word for a full disk, so the host is asked how full it is.
    pub(super) async fn explain(&self, folder: &str, name: &str, error: RemoteError) -> RemoteError {
        if !self.can_statvfs || !matches!(error, RemoteError::RemoteFile { .. }) {
            return error;
        }
        match self.raw.statvfs(folder).await {
            Ok(disk) if disk.blocks_avail.saturating_mul(disk.fragment_size) < FULL => {
                RemoteError::NoSpace { there: true, path: crate::text::harmless(name) }
            }
            _ => error,
        }
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

/// The size of a request, as the server says.
async fn piece(raw: &RawSftpSession, extensions: &HashMap<String, String>) -> Result<usize, RemoteError> {
    if extensions.get(LIMITS).is_none_or(|offered| offered != "1") {
        return Ok(PIECE);
    }
    let limits = raw.limits().await.map_err(|error| failed("the SFTP session", error))?;
    let least = [limits.max_read_len, limits.max_write_len].into_iter().filter(|limit| *limit > 0).min();
    Ok(least.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PIECE).clamp(1, LARGE_PIECE))
}
