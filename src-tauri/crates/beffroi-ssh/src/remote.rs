//! A connection to a host.

use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_remote::{CommandLine, Copied, CopyOptions, Process, Remote, RemoteError, RunRequest, Transfer};
use russh::Disconnect;
use russh::client::Handle;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::dial::said;
use crate::greeting::Wire;
use crate::inside::{self, Inside};
use crate::kill::{KILLERS, Mark};
use crate::login::Ready;
use crate::open::{MOST_CHANNELS, open, place};
use crate::pins::{Pins, Seen};
use crate::process::{SshProcess, Start, start};
use crate::sudo::{Handshake, Sudo};
use crate::text::harmless;
use crate::{ConnectLimits, Taken, Target, exec_stream, reach, transfer};

/// Connects standard input and output to an address, by what a system may have for it.
const CONNECT: &str = r#"if command -v nc >/dev/null 2>&1; then exec nc "$1" "$2"; fi
if busybox nc --help >/dev/null 2>&1; then exec busybox nc "$1" "$2"; fi
if command -v socat >/dev/null 2>&1; then exec socat - "TCP:$1:$2"; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -c 'import os,socket,sys,threading
s=socket.create_connection((sys.argv[1],int(sys.argv[2])))
def up():
    while True:
        b=os.read(0,65536)
        if not b: break
        s.sendall(b)
    s.shutdown(socket.SHUT_WR)
threading.Thread(target=up,daemon=True).start()
while True:
    b=s.recv(65536)
    if not b: break
    while b: b=b[os.write(1,b):]' "$1" "$2"; fi
exit 127"#;

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
    /// The guests that lead to where everything runs, the outermost first.
    inside: Vec<Inside>,
    /// Whether an SFTP server is there, once it was asked for.
    has_server: Arc<OnceLock<bool>>,
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
        Self {
            handle,
            slots,
            killers,
            is_root: user == "root",
            seen,
            taken,
            label,
            id,
            copies,
            sudo: None,
            inside: Vec::new(),
            has_server: Arc::default(),
            again: None,
        }
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

    /// Places for channels that kill.
    pub(crate) fn killers(&self) -> &Arc<Semaphore> {
        &self.killers
    }

    /// How everything is run as root, where it is.
    pub(crate) fn sudo(&self) -> Option<&Arc<Sudo>> {
        self.sudo.as_ref()
    }

    /// How one more connection is made.
    pub(crate) fn again(&self) -> Option<&Arc<Again>> {
        self.again.as_ref()
    }

    /// The guests that lead to where everything runs.
    pub(crate) fn ways(&self) -> &[Inside] {
        &self.inside
    }

    /// Whether an SFTP server is there, for whoever asks.
    pub(crate) fn has_server(&self) -> &OnceLock<bool> {
        &self.has_server
    }

    /// Places for channels.
    pub(crate) fn slots(&self) -> &Arc<Semaphore> {
        &self.slots
    }

    /// Turns of copies.
    pub(crate) fn copies(&self) -> &Arc<Semaphore> {
        &self.copies
    }

    /// Whether everything goes by commands: SSH's own ways of files lead to the account on the host only.
    pub(crate) fn by_commands(&self) -> bool {
        self.sudo.is_some() || self.is_inside()
    }

    /// Whether everything runs in a guest of the host.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        !self.inside.is_empty()
    }

    /// The command line of a terminal: what leads into the guest, as root where root has to; what asks for a password asks there.
    pub(crate) fn terminal(&self, command: Option<CommandLine>, mark: &str) -> Option<CommandLine> {
        let Some((last, before)) = self.inside.split_last() else { return command };
        let line = before.iter().rev().fold(last.terminal(command.as_ref(), mark), |line, way| way.terminal(Some(&line), ""));
        Some(if self.sudo.is_some() { CommandLine::shell(format!("sudo -- {line}")) } else { line })
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }

    /// A byte stream from the host to another one (`direct-tcpip`, RFC 4254, 7.2). It keeps the connection alive; it is none
    /// of the channels that OpenSSH counts (`MaxSessions`).
    pub(crate) async fn forward(&self, address: &str, port: u16) -> Result<Box<dyn Wire>, russh::Error> {
        if self.is_inside() {
            return self.forward_inside(address, port).await;
        }
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

    /// The same from a guest, by whatever the guest has that connects.
    async fn forward_inside(&self, address: &str, port: u16) -> Result<Box<dyn Wire>, russh::Error> {
        let line = CommandLine::new(["sh", "-c", CONNECT, "sh", address, &port.to_string()]);
        match exec_stream(self, &line).await {
            Ok(stream) => Ok(Box::new(stream)),
            Err(_) => Err(russh::Error::ChannelOpenFailure(russh::ChannelOpenFailure::ConnectFailed)),
        }
    }

    /// A byte stream from the host to a socket of its file system (`direct-streamlocal@openssh.com`, OpenSSH's PROTOCOL, 2.4), such
    /// as that of a daemon. The account of the login must be let to it, whatever the rights of the remote; never from a guest.
    ///
    /// # Errors
    /// [`RemoteError::Refused`] where the host lets nobody to it, [`RemoteError::LinkLost`].
    pub async fn stream_to_socket(&self, path: &str) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, RemoteError> {
        let refused = |reason: String| RemoteError::Refused { reason: format!("{path}: {reason}") };
        if self.is_inside() {
            return Err(refused("is on the host, not in its guest".to_owned()));
        }
        let (handle, socket) = (Arc::clone(&self.handle), path.to_owned());
        let (sender, receiver) = oneshot::channel();
        tokio::spawn(async move {
            let opened = handle.channel_open_direct_streamlocal(socket).await;
            drop(sender.send(opened.map(russh::Channel::into_stream)));
        });
        receiver.await.unwrap_or(Err(russh::Error::Disconnect)).map_err(|error| match error {
            russh::Error::ChannelOpenFailure(_) => refused(said(&error)),
            other => RemoteError::LinkLost { reason: harmless(&other.to_string()) },
        })
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

    /// A guest of the host, over the same connection and with the same rights on the host: everything that is started on it runs
    /// in the guest, and ends there when it is dropped. Guests of guests too.
    #[must_use]
    pub fn inside(&self, way: Inside) -> Self {
        Self { inside: [self.inside.as_slice(), &[way]].concat(), has_server: Arc::default(), ..self.clone() }
    }

    /// The same guest, entered in another way, such as as another account. Of a host itself, nothing changes.
    #[must_use]
    pub fn instead(&self, way: Inside) -> Self {
        let mut inside = self.inside.clone();
        if let Some(last) = inside.last_mut() {
            *last = way;
        }
        Self { inside, ..self.clone() }
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
    pub(crate) async fn launch(&self, mut request: RunRequest, ends_with_input: bool) -> Result<SshProcess, RemoteError> {
        let sudo = self.sudo.as_ref().map(Handshake::new).transpose()?;
        let permit = place(&self.slots).await?;
        let limit = request.limits.time;
        let deadline = Instant::now() + limit;
        let late = |_| RemoteError::TimedOut { seconds: limit.as_secs() };
        let channel = timeout_at(deadline, open(&self.handle, permit)).await.map_err(late)??;
        let has_mark = self.is_root || sudo.is_some() || self.is_inside();
        let mark = if has_mark { Mark::make(self) } else { None };
        request.command = inside::through(&self.inside, &request.command, mark.as_ref().map_or("", Mark::text));
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
