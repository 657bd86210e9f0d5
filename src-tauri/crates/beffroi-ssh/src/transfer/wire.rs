//! What a copy goes over. Everything that a copy opens on a host, it opens here.

use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Limits, Remote, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use tokio::sync::OwnedSemaphorePermit;

use super::session::Sftp;
use crate::open::place;
use crate::{SshRemote, shell_files};

/// Places for channels that a copy leaves to others when it takes more than it must.
const LEFT_FREE: usize = 3;
/// Copies that go over one connection at once.
pub(crate) const MOST_COPIES: usize = 3;
/// How long a command of a copy may take: hashing a terabyte does.
const LONGEST: Duration = Duration::from_secs(6 * 3600);

/// The connection that a copy goes over; as root where it is elevated.
#[derive(Clone)]
pub(crate) struct Wire(SshRemote);

/// What a command of a copy gave.
pub(super) struct Told {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) status: Option<u32>,
}

impl Told {
    pub(super) fn is_done(&self) -> bool {
        self.status == Some(0)
    }
}

impl Wire {
    pub(crate) fn over(remote: &SshRemote) -> Self {
        Self(remote.clone())
    }

    /// Waits for a turn among the copies: each holds a session while it waits for a place for a command, so that as many
    /// copies as there are places would wait for each other.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, RemoteError> {
        place(self.0.copies()).await
    }

    /// An SFTP session; waits for a place.
    pub(super) async fn sftp(&self) -> Result<Sftp, RemoteError> {
        if self.0.by_commands() {
            return Sftp::over(shell_files::open(&self.0).await?, None).await;
        }
        Sftp::open(self.0.shared_handle(), place(self.0.slots()).await?).await
    }

    /// A place for one more session of the same copy, if that leaves enough to others.
    pub(super) fn spare(&self) -> Option<OwnedSemaphorePermit> {
        // One session by sudo, or into a guest, is enough: each costs an authentication, or a process on the way in.
        if self.0.by_commands() || self.0.slots().available_permits() <= LEFT_FREE {
            return None;
        }
        Arc::clone(self.0.slots()).try_acquire_owned().ok()
    }

    /// An SFTP session in a place that is held already.
    pub(super) async fn sftp_in(&self, permit: OwnedSemaphorePermit) -> Result<Sftp, RemoteError> {
        Sftp::open(self.0.shared_handle(), permit).await
    }

    /// Runs a command and collects what it says, up to `most` bytes of each stream; more is a wrong answer.
    pub(super) async fn exec(&self, command: CommandLine, stdin: Option<Vec<u8>>, most: usize) -> Result<Told, RemoteError> {
        let limits = Limits { time: LONGEST, most_bytes: most };
        let request = RunRequest { stdin: stdin.map(SecretBytes::new), ..RunRequest::new(command).with_limits(limits) };
        let mut process = self.0.start(request).await?;
        let mut told = Told { stdout: Vec::new(), stderr: Vec::new(), status: None };
        while let Some(chunk) = process.next().await? {
            match chunk {
                Chunk::Stdout(bytes) => told.stdout.extend_from_slice(&bytes),
                Chunk::Stderr(bytes) => told.stderr.extend_from_slice(&bytes),
                Chunk::Exit(Exit::Status(status)) => told.status = Some(status),
                Chunk::Exit(_) => {}
            }
            if told.stdout.len().max(told.stderr.len()) > most {
                return Err(RemoteError::NotUnderstood { what: "more than was asked for".to_owned() });
            }
        }
        Ok(told)
    }
}
