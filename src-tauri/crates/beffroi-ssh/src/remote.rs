//! A connection to a host.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use beffroi_remote::{Process, Remote, RemoteError, RunRequest, Transfer};
use russh::Disconnect;
use russh::client::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use crate::kill::{KILLERS, Mark};
use crate::open::{MOST_CHANNELS, open, place};
use crate::pins::Pins;
use crate::{ConnectLimits, OfferedKey, Target, credential, dial, process, sftp};

/// A host that one is logged in to. Dropping it ends the connection once the processes on it ended.
pub struct SshRemote {
    handle: Arc<Handle<Pins>>,
    slots: Arc<Semaphore>,
    killers: Arc<Semaphore>,
    is_root: bool,
}

impl std::fmt::Debug for SshRemote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SshRemote").field("closed", &self.is_closed()).finish()
    }
}

impl SshRemote {
    /// Connects, checks the host key, and logs in, with one attempt.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] before anything is sent; [`RemoteError::Unreachable`] up to the end of the key
    /// exchange; [`RemoteError::HostKeyUnknown`] and [`RemoteError::HostKeyChanged`] before the credential is used;
    /// [`RemoteError::AuthenticationRefused`], [`RemoteError::TimedOut`] and [`RemoteError::LinkLost`] for the login.
    pub async fn connect(target: &Target, limits: ConnectLimits) -> Result<Self, RemoteError> {
        let ready = credential::ready(&target.credential).await?;
        let mut handle = dial::dial(&target.address, target.port, &target.pins, limits).await?;
        credential::log_in(&mut handle, &target.user, ready, limits.login).await?;
        tracing::debug!(address = dial::label(&target.address, target.port), "logged in");
        let (slots, killers) = (Arc::new(Semaphore::new(MOST_CHANNELS)), Arc::new(Semaphore::new(KILLERS)));
        Ok(Self { handle: Arc::new(handle), slots, killers, is_root: target.user == "root" })
    }

    /// Says goodbye and ends the connection. What still runs on it is cut off from here; whether it ends is the host's
    /// affair (OpenSSH lets it run), so cancel first what is not to go on.
    pub async fn close(self) {
        self.disconnect().await;
    }

    /// The same under whatever works on it: everything that runs on the connection fails with [`RemoteError::LinkLost`].
    pub async fn disconnect(&self) {
        self.slots.close();
        // A host that no longer reads does not keep us: the connection ends when the last use of it is dropped.
        let _ = timeout(Duration::from_secs(2), self.handle.disconnect(Disconnect::ByApplication, "", "en")).await;
    }

    /// Whether the connection has ended, by either side.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }
}

#[async_trait]
impl Remote for SshRemote {
    async fn start(&self, request: RunRequest) -> Result<Box<dyn Process>, RemoteError> {
        let permit = place(&self.slots).await?;
        let limit = request.limits.time;
        let deadline = Instant::now() + limit;
        let late = |_| RemoteError::TimedOut { seconds: limit.as_secs() };
        let channel = timeout_at(deadline, open(&self.handle, permit)).await.map_err(late)??;
        let mark = if self.is_root { Mark::make(&self.handle, &self.killers) } else { None };
        Ok(Box::new(process::start(channel, request, deadline, mark).await?))
    }

    async fn put(&self, local: &Path, remote: &str, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError> {
        let session = sftp::Sftp::open(&self.handle, place(&self.slots).await?).await?;
        sftp::put(&session, local, remote, progress).await
    }

    async fn get(&self, remote: &str, local: &Path, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError> {
        let session = sftp::Sftp::open(&self.handle, place(&self.slots).await?).await?;
        sftp::get(&session, remote, local, progress).await
    }
}

/// Shows the key a host offers, without logging in: for the first look at a host, or at a changed key.
///
/// # Errors
/// [`RemoteError::Unreachable`] when there is no SSH server that finishes a key exchange.
pub async fn offered_key(address: &str, port: u16, limits: ConnectLimits) -> Result<OfferedKey, RemoteError> {
    dial::look(address, port, limits).await
}
