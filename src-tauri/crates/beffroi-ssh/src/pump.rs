//! The task that drains a command's channel, whoever reads it at whatever pace.
//!
//! russh gives the host new window as data arrives, not as it is read, and one channel that is not drained blocks the
//! whole connection. So the task drains always, and what the reader has not taken yet is bounded: past
//! [`MOST_WAITING`] the command is ended with an error. Whoever reads slowly asks for less at a time, as
//! [`beffroi_remote::job::follow`] does.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use bytes::Bytes;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::kill::{Mark, kill};

/// Bytes of output that may wait to be read, for each process.
pub const MOST_WAITING: usize = 16 << 20;

/// What a waiting chunk costs beside its bytes, so that many small ones are bounded too.
const CHUNK_COST: usize = 256;

/// What goes to the reader; `None` after everything was given.
pub(crate) type Item = Result<Option<Chunk>, RemoteError>;

/// Why the draining ended.
enum End {
    /// The host closed the channel.
    Closed,
    /// The command is to be ended: for a reason that its reader is told, or because there is no reader any more.
    Kill(Option<RemoteError>),
}

/// A command's channel, and what the task that drains it needs.
pub(crate) struct Pump {
    pub(crate) read: ChannelReadHalf,
    pub(crate) write: ChannelWriteHalf<Msg>,
    pub(crate) reader: Reader,
    pub(crate) deadline: Instant,
    pub(crate) mark: Option<Mark>,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Pump {
    /// Runs the command to its end, or ends it. The channel's place is given back last.
    pub(crate) async fn run(mut self, request: RunRequest) {
        let sent = AtomicBool::new(false);
        if let End::Kill(why) = self.drain(request, &sent).await {
            // A host that was not sent the command has nothing to kill, but a channel to close.
            let mark = self.mark.filter(|_| sent.load(Ordering::Relaxed));
            kill(&mut self.read, &self.write, mark).await;
            // Told afterwards: whoever hears of it may end this program at once.
            if let Some(error) = why {
                self.reader.fail(error);
            }
        }
        drop(self.permit);
    }

    async fn drain(&mut self, request: RunRequest, sent: &AtomicBool) -> End {
        let seconds = request.limits.time.as_secs();
        let command = match &self.mark {
            Some(mark) => mark.on(&request.command),
            None => request.command.as_str().to_owned(),
        };
        let (go, taken) = oneshot::channel();
        let mut go = Some(go);
        let mut feeding = pin!(feed(&self.write, command, request.stdin, sent, taken));
        let mut fed = false;
        loop {
            let message = tokio::select! {
                () = self.reader.sender.closed() => return End::Kill(None),
                () = sleep_until(self.deadline) => return End::Kill(Some(RemoteError::TimedOut { seconds })),
                () = &mut feeding, if !fed => {
                    fed = true;
                    continue;
                }
                message = self.read.wait() => message,
            };
            match message {
                Some(ChannelMsg::Success) => {
                    if let Some(go) = go.take() {
                        let _ = go.send(());
                    }
                    self.reader.accept();
                }
                Some(ChannelMsg::Failure) => {
                    return End::Kill(Some(RemoteError::Refused { reason: "the host does not run commands".to_owned() }));
                }
                Some(ChannelMsg::Close) => {
                    self.reader.finish();
                    return End::Closed;
                }
                Some(other) => {
                    if !self.reader.take(other) {
                        return End::Kill(Some(RemoteError::TooMuchOutput { most: MOST_WAITING }));
                    }
                }
                None => {
                    self.reader.fail(RemoteError::LinkLost { reason: "the connection ended before the command".to_owned() });
                    return End::Closed;
                }
            }
        }
    }
}

/// Sends the command, and after the host took it its input and the end of file.
///
/// The end of file waits for the acceptance: sent together with the command it costs 40 ms through a jump host. A failure
/// here is a lost link, which the reading side reports.
async fn feed(write: &ChannelWriteHalf<Msg>, command: String, stdin: Option<SecretBytes>, sent: &AtomicBool, taken: oneshot::Receiver<()>) {
    sent.store(true, Ordering::Relaxed);
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

/// The draining task's end of the queue.
pub(crate) struct Reader {
    sender: UnboundedSender<Item>,
    waiting: Arc<AtomicUsize>,
    accepted: Option<oneshot::Sender<()>>,
    exit_given: bool,
}

impl Reader {
    pub(crate) fn new(sender: UnboundedSender<Item>, waiting: Arc<AtomicUsize>, accepted: oneshot::Sender<()>) -> Self {
        Self { sender, waiting, accepted: Some(accepted), exit_given: false }
    }

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

/// What a chunk counts for while it waits.
pub(crate) fn cost(chunk: &Chunk) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::unbounded_channel;

    #[test]
    fn names_of_signals_are_harmless() {
        assert_eq!(signal(Sig::SEGV), "SEGV");
        assert_eq!(signal(Sig::Custom("XFSZ@x\u{1b}[2J-very-long-name-of-a-signal".to_owned())), "XFSZx2Jverylongn");
    }

    #[test]
    fn many_small_chunks_are_bounded_too() {
        let (sender, _items) = unbounded_channel();
        let mut reader = Reader::new(sender, Arc::default(), oneshot::channel().0);
        let taken = (0..).take_while(|_| reader.take(ChannelMsg::Data { data: Bytes::from_static(b"x") })).count();
        assert_eq!(taken, MOST_WAITING / (CHUNK_COST + 1));
    }
}
