//! A connection to a host.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_remote::{Copied, CopyOptions, Process, Remote, RemoteError, RunRequest, Transfer};
use russh::Disconnect;
use russh::client::Handle;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::dial::said;
use crate::greeting::Wire;
use crate::kill::{KILLERS, Mark};
use crate::login::Ready;
use crate::open::{MOST_CHANNELS, open, place};
use crate::pins::{Pins, Seen};
use crate::process::{SshProcess, Start, start};
use crate::sudo::{Handshake, Sudo};
use crate::text::harmless;
use crate::{ConnectLimits, Taken, Target, reach, transfer};

/// Makes one more connection to the same host: by the same way, with the same key of the host, and with what was taken there
/// before. `None` where that is not to be had.
pub type Again = dyn Fn() -> Pin<Box<dyn Future<Output = Option<SshRemote>> + Send>> + Send + Sync;

/// A host that one is logged in to. Dropping it ends the connection once the processes on it and the connections through it
/// ended.
#[derive(Clone)]
pub struct SshRemote {
    handle: Arc<Handle<Pins>>,
    slots: Arc<Semaphore>,
    killers: Arc<Semaphore>,
    is_root: bool,
    seen: Arc<Seen>,
    taken: Taken,
    label: String,
    id: u64,
    copies: Arc<Semaphore>,
    sudo: Option<Arc<Sudo>>,
    again: Option<Arc<Again>>,
}

impl std::fmt::Debug for SshRemote {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SshRemote").field("closed", &self.is_closed()).finish()
    }
}

impl SshRemote {
    /// Connects, directly or through a host that one is logged in to, checks the host key, and logs in.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] and [`RemoteError::UnknownAlgorithm`] before anything is sent; then those of
    /// [`reach`] and of [`Reached::log_in`](crate::Reached::log_in).
    pub async fn connect(via: Option<&Self>, target: &Target, limits: ConnectLimits) -> Result<Self, RemoteError> {
        let ready = Ready::read(&target.login).await?;
        let reached = reach(via, &target.address, target.port, &target.trust, &target.legacy, limits).await?;
        reached.log_in_with(&target.user, &ready, limits).await
    }

    pub(crate) fn new(handle: Handle<Pins>, seen: Arc<Seen>, label: String, user: &str, taken: Taken) -> Self {
        static MADE: AtomicU64 = AtomicU64::new(1);
        let (slots, killers) = (Arc::new(Semaphore::new(MOST_CHANNELS)), Arc::new(Semaphore::new(KILLERS)));
        let id = MADE.fetch_add(1, Ordering::Relaxed);
        let handle = Arc::new(handle);
        let copies = Arc::new(Semaphore::new(transfer::MOST_COPIES));
        Self { handle, slots, killers, is_root: user == "root", seen, taken, label, id, copies, sudo: None, again: None }
    }

    /// What the host asked for at the login and took.
    #[must_use]
    pub fn taken(&self) -> Taken {
        self.taken
    }

    /// A number that no other connection of this process has; never 0.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Address and port, as in errors.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    pub(crate) fn handle(&self) -> &Handle<Pins> {
        &self.handle
    }

    pub(crate) fn shared_handle(&self) -> &Arc<Handle<Pins>> {
        &self.handle
    }

    /// Places for channels.
    pub(crate) fn slots(&self) -> &Arc<Semaphore> {
        &self.slots
    }

    /// Turns of copies.
    pub(crate) fn copies(&self) -> &Arc<Semaphore> {
        &self.copies
    }

    pub(crate) fn is_elevated(&self) -> bool {
        self.sudo.is_some()
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// A byte stream from the host to another one (`direct-tcpip`, RFC 4254, 7.2). It keeps the connection alive; it is none
    /// of the channels that OpenSSH counts (`MaxSessions`).
    pub(crate) async fn forward(&self, address: &str, port: u16) -> Result<Box<dyn Wire>, russh::Error> {
        let (handle, address) = (Arc::clone(&self.handle), address.to_owned());
        let (sender, receiver) = oneshot::channel();
        // A task of its own: a caller that goes away half-way leaves no channel open, since a stream closes as it is dropped.
        tokio::spawn(async move {
            // Where it comes from is for the host's log only: an address that says nothing of this machine.
            let opened = handle.channel_open_direct_tcpip(address, u32::from(port), "127.0.0.1", 0).await;
            drop(sender.send(opened.map(|channel| Box::new(channel.into_stream()) as Box<dyn Wire>)));
        });
        receiver.await.unwrap_or(Err(russh::Error::Disconnect))
    }

    /// A byte stream from the host to an address, as the host sees it. A reader that stops holds up the whole connection: who
    /// hands the bytes to somebody else takes a connection of its own.
    ///
    /// # Errors
    /// [`RemoteError::Refused`] with what the host says of the address, [`RemoteError::LinkLost`].
    pub async fn stream_to(&self, address: &str, port: u16) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, RemoteError> {
        self.forward(address, port).await.map_err(|error| match error {
            russh::Error::ChannelOpenFailure(_) => RemoteError::Refused { reason: format!("{address}, port {port}: {}", said(&error)) },
            other => RemoteError::LinkLost { reason: harmless(&other.to_string()) },
        })
    }

    /// The same host over the same connection, as root: everything that is started on it runs by sudo. The two share the
    /// connection, its channels and its end.
    ///
    /// What is started here fails with [`RemoteError::SudoRefused`] where sudo does not run it, and with
    /// [`RemoteError::TimedOut`] where sudo neither asks nor runs it within the request's time.
    #[must_use]
    pub fn elevated(&self, sudo: Sudo) -> Self {
        Self { sudo: Some(Arc::new(sudo)), ..self.clone() }
    }

    /// The same, with a way to make one more connection: the host may have so few places (`MaxSessions`) that what ends root's
    /// command finds none beside it. That connection is closed when the command was ended.
    #[must_use]
    pub fn with_another(self, again: Arc<Again>) -> Self {
        Self { again: Some(again), ..self }
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

    /// Starts what may end by itself when its input ends.
    pub(crate) async fn launch(&self, request: RunRequest, ends_with_input: bool) -> Result<SshProcess, RemoteError> {
        let sudo = self.sudo.as_ref().map(Handshake::new).transpose()?;
        let permit = place(&self.slots).await?;
        let limit = request.limits.time;
        let deadline = Instant::now() + limit;
        let late = |_| RemoteError::TimedOut { seconds: limit.as_secs() };
        let channel = timeout_at(deadline, open(&self.handle, permit)).await.map_err(late)??;
        let has_mark = self.is_root || sudo.is_some();
        let mark = if has_mark { Mark::make(&self.handle, &self.killers, self.sudo.as_ref(), self.again.as_ref()) } else { None };
        start(Start { channel, request, deadline, mark, sudo, ends_with_input }).await
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
        Ok(Box::new(self.launch(request, false).await?))
    }

    async fn put(
        &self,
        local: &Path,
        remote: &str,
        options: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError> {
        transfer::put(&transfer::Wire::over(self), local, remote, options, progress).await
    }

    async fn get(
        &self,
        remote: &str,
        local: &Path,
        options: &CopyOptions,
        progress: &mut (dyn FnMut(Transfer) + Send),
    ) -> Result<Copied, RemoteError> {
        transfer::get(&transfer::Wire::over(self), remote, local, options, progress).await
    }
}
