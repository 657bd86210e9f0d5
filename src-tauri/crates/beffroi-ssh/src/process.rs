//! A command on a host: one task drains its channel, whoever reads it at whatever pace.
//!
//! russh gives the host new window as data arrives, not as it is read, and one channel that is not drained blocks the
//! whole connection. So the task drains always, and what the reader has not taken yet is bounded: past
//! [`MOST_WAITING`] the process is ended with an error. Whoever reads slowly asks for less at a time, as
//! [`beffroi_remote::job::follow`] does.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_domain::Exit;
use beffroi_remote::{Chunk, Process, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use bytes::Bytes;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};

use crate::kill::Mark;
use crate::open::OpenChannel;

/// Bytes of output that may wait to be read, for each process.
pub const MOST_WAITING: usize = 16 << 20;

/// What a waiting chunk costs beside its bytes, so that many small ones are bounded too.
const CHUNK_COST: usize = 256;

/// How long a killed process has to go before its channel is closed over its head.
const GRACE: Duration = Duration::from_secs(2);

/// What goes from the draining task to the reader; `None` after everything was given.
type Item = Result<Option<Chunk>, RemoteError>;

/// A running command. Dropped before its end, it is killed.
pub(crate) struct SshProcess {
    items: UnboundedReceiver<Item>,
    waiting: Arc<AtomicUsize>,
    pump: JoinHandle<()>,
    ended: bool,
}

#[async_trait]
impl Process for SshProcess {
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError> {
        if self.ended {
            return Ok(None);
        }
        let item = match self.items.recv().await {
            Some(item) => item,
            None => Err(RemoteError::LinkLost { reason: "the connection was torn down".to_owned() }),
        };
        match &item {
            Ok(Some(chunk)) => {
                self.waiting.fetch_sub(cost(chunk), Ordering::Relaxed);
            }
            Ok(None) | Err(_) => self.ended = true,
        }
        item
    }

    async fn cancel(&mut self) {
        self.ended = true;
        self.items.close();
        // Twice the grace covers the kill and the close; a dead link is not waited for.
        let _ = timeout(GRACE * 2, &mut self.pump).await;
    }
}

/// Runs the command of the request on the channel.
///
/// A mark is given where the host takes no signals; see [`Mark`].
pub(crate) async fn start(
    channel: OpenChannel,
    request: RunRequest,
    deadline: Instant,
    mark: Option<Mark>,
) -> Result<SshProcess, RemoteError> {
    let Some((channel, permit)) = channel.take() else {
        return Err(RemoteError::LinkLost { reason: "the channel was closed".to_owned() });
    };
    let (sender, items) = unbounded_channel();
    let (accepted, answer) = oneshot::channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    let (read, write) = channel.split();
    let reader = Reader { sender, waiting: Arc::clone(&waiting), accepted: Some(accepted), exit_given: false };
    let pump = tokio::spawn(pump(read, write, request, deadline, reader, mark, permit));
    // Made before the wait: if the caller goes away, its drop tells the task to end the process.
    let process = SshProcess { items, waiting, pump, ended: false };
    match answer.await {
        Ok(()) => Ok(process),
        Err(_) => Err(first_error(process).await),
    }
}

async fn first_error(mut process: SshProcess) -> RemoteError {
    match process.next().await {
        Err(error) => error,
        Ok(_) => RemoteError::Refused { reason: "the command was not taken".to_owned() },
    }
}

/// Why the draining ended.
enum End {
    /// The host closed the channel.
    Closed,
    /// The process is to be ended: time, size, or nobody reads any more.
    Kill,
}

async fn pump(
    mut read: ChannelReadHalf,
    write: ChannelWriteHalf<Msg>,
    request: RunRequest,
    deadline: Instant,
    mut reader: Reader,
    mark: Option<Mark>,
    permit: OwnedSemaphorePermit,
) {
    let seconds = request.limits.time.as_secs();
    let command = mark.as_ref().map_or_else(|| request.command.as_str().to_owned(), |mark| mark.on(&request.command));
    let feeding = feed(&write, command, request.stdin);
    let end = drain(&mut read, feeding, deadline, seconds, &mut reader).await;
    if matches!(end, End::Kill) {
        kill(&mut read, &write, mark).await;
    }
    drop(permit);
}

async fn drain(
    read: &mut ChannelReadHalf,
    write: &ChannelWriteHalf<Msg>,
    request: RunRequest,
    deadline: Instant,
    seconds: u64,
    reader: &mut Reader,
) -> End {
    let (go, taken) = oneshot::channel();
    let mut go = Some(go);
    let mut feeding = pin!(feed(write, request.command.as_str().to_owned(), request.stdin, taken));
    let mut fed = false;
    loop {
        let message = tokio::select! {
            () = reader.sender.closed() => return End::Kill,
            () = sleep_until(deadline) => {
                reader.fail(RemoteError::TimedOut { seconds });
                return End::Kill;
            }
            () = &mut feeding, if !fed => {
                fed = true;
                continue;
            }
            message = read.wait() => message,
        };
        match message {
            Some(ChannelMsg::Success) => {
                if let Some(go) = go.take() {
                    let _ = go.send(());
                }
                reader.accept();
            }
            Some(ChannelMsg::Failure) => {
                reader.fail(RemoteError::Refused { reason: "the host does not run commands".to_owned() });
                return End::Kill;
            }
            Some(ChannelMsg::Close) => {
                reader.finish();
                return End::Closed;
            }
            None => {
                reader.fail(RemoteError::LinkLost { reason: "the connection ended before the command".to_owned() });
                return End::Closed;
            }
            Some(other) => {
                if !reader.take(other) {
                    return End::Kill;
                }
            }
        }
    }
}

/// The draining task's end of the queue.
struct Reader {
    sender: UnboundedSender<Item>,
    waiting: Arc<AtomicUsize>,
    accepted: Option<oneshot::Sender<()>>,
    exit_given: bool,
}

impl Reader {
    fn accept(&mut self) {
        if let Some(accepted) = self.accepted.take() {
            let _ = accepted.send(());
        }
    }

    /// Queues what the host said; false when too much waits.
    fn take(&mut self, message: ChannelMsg) -> bool {
        match message {
            ChannelMsg::Data { data } => self.give(Chunk::Stdout(data)),
            ChannelMsg::ExtendedData { data, ext: 1 } => self.give(Chunk::Stderr(data)),
            ChannelMsg::ExitStatus { exit_status } => self.exit(Exit::Status(exit_status)),
            ChannelMsg::ExitSignal { signal_name, .. } => self.exit(Exit::Signal(signal(signal_name))),
            _ => true,
        }
    }

    fn exit(&mut self, exit: Exit) -> bool {
        if self.exit_given {
            return true;
        }
        self.exit_given = true;
        self.give(Chunk::Exit(exit))
    }

    fn give(&mut self, chunk: Chunk) -> bool {
        let cost = cost(&chunk);
        if self.waiting.fetch_add(cost, Ordering::Relaxed) + cost > MOST_WAITING {
            self.fail(RemoteError::TooMuchOutput { most: MOST_WAITING });
            return false;
        }
        // A reader that is gone is noticed by the loop.
        let _ = self.sender.send(Ok(Some(chunk)));
        true
    }

    fn fail(&mut self, error: RemoteError) {
        let _ = self.sender.send(Err(error));
        // After the error is queued: who waits for the acceptance finds it.
        self.accepted = None;
    }

    /// A host that closes without a word on the exit leaves it unknown.
    fn finish(&mut self) {
        self.exit(Exit::Unknown);
        let _ = self.sender.send(Ok(None));
        self.accept();
    }
}

/// Sends the command, and after the host took it its input and the end of file.
///
/// The end of file waits for the acceptance: sent together with the command it costs 40 ms through a jump host.
async fn feed(write: &ChannelWriteHalf<Msg>, command: String, stdin: Option<SecretBytes>, taken: oneshot::Receiver<()>) {
    // A failure here is a lost link, which the reading side reports.
    if write.exec(true, command).await.is_err() || taken.await.is_err() {
        return;
    }
    if let Some(stdin) = stdin {
        // To the command's standard input; wiped when the last slice of it was sent.
        if write.data_bytes(Bytes::from_owner(Input(stdin))).await.is_err() {
            return;
        }
    }
    let _ = write.eof().await;
}

struct Input(SecretBytes);

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        // To the channel, from where the host's command reads it.
        self.0.expose()
    }
}

/// Kills the remote process (RFC 4254, 6.9), and closes the channel when the host has not done so in time. The channel
/// is drained meanwhile: otherwise neither message would leave.
async fn kill(read: &mut ChannelReadHalf, write: &ChannelWriteHalf<Msg>) {
    let closed = timeout(GRACE, async {
        let mut asking = pin!(write.signal(Sig::KILL));
        let mut asked = false;
        loop {
            tokio::select! {
                _ = &mut asking, if !asked => asked = true,
                message = read.wait() => if matches!(message, None | Some(ChannelMsg::Close)) { return },
            }
        }
    });
    if closed.await.is_ok() {
        return;
    }
    let _ = timeout(GRACE, async {
        let mut closing = pin!(write.close());
        loop {
            tokio::select! {
                _ = &mut closing => return,
                message = read.wait() => if message.is_none() { return },
            }
        }
    })
    .await;
}

fn cost(chunk: &Chunk) -> usize {
    CHUNK_COST
        + match chunk {
            Chunk::Stdout(bytes) | Chunk::Stderr(bytes) => bytes.len(),
            Chunk::Exit(_) => 0,
        }
}

/// The signal's name without `SIG`, as far as it looks like one.
fn signal(name: Sig) -> String {
    let name = match name {
        Sig::Custom(name) => name,
        known => format!("{known:?}"),
    };
    name.chars().filter(char::is_ascii_alphanumeric).take(16).collect()
}
