//! The task that drains a command's channel, whoever reads it at whatever pace.
//!
//! russh gives the host new window as data arrives, not as it is read, and one channel that is not drained blocks the
//! whole connection. So the task drains always, and what the reader has not taken yet is bounded: past
//! [`MOST_WAITING`] the command is ended with an error. Whoever reads slowly asks for less at a time, as
//! [`beffroi_remote::job::follow`] does. Only where nothing else uses the connection the host may be held back instead
//! ([`RunRequest::holding_back`]).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use bytes::Bytes;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::mpsc::{Receiver, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

use crate::kill::{Mark, SETTLING, close, kill};
use crate::sudo::{Handshake, Turn};

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
    pub(crate) input: Option<Receiver<Bytes>>,
    pub(crate) deadline: Instant,
    pub(crate) mark: Option<Mark>,
    /// Whether it ends by itself when its input does.
    pub(crate) ends_with_input: bool,
    pub(crate) permit: OwnedSemaphorePermit,
}

impl Pump {
    /// Runs the command to its end, or ends it. The channel's place is given back last.
    pub(crate) async fn run(mut self, request: RunRequest) {
        let sent = AtomicBool::new(false);
        if let End::Kill(why) = self.drain(request, &sent).await {
            // A host that was not sent the command has nothing to kill, but a channel to close.
            let is_sent = sent.load(Ordering::Relaxed);
            if !is_sent || !self.settles().await {
                match self.mark.take().filter(|_| is_sent) {
                    _ if !self.reader.may_run() => close(&mut self.read, &self.write).await,
                    mark => kill(&mut self.read, &self.write, mark).await,
                }
            }
            // Told afterwards: whoever hears of it may end this program at once.
            if let Some(error) = why {
                self.reader.fail(error);
            }
        }
        drop(self.permit);
    }

    async fn drain(&mut self, request: RunRequest, sent: &AtomicBool) -> End {
        let (seconds, holds_back) = (request.limits.time.as_secs(), request.holds_back);
        let (turns, next) = unbounded_channel();
        let feed = Feed {
            write: &self.write,
            command: self.reader.line(&request.command, self.mark.as_ref()),
            answer: self.reader.sudo.as_mut().and_then(Handshake::take_answer),
            stdin: request.stdin,
            input: self.input.take(),
            turns: next,
        };
        let mut feeding = pin!(feed.run(sent));
        let mut fed = false;
        loop {
            let waits = holds_back && self.reader.is_full();
            let message = tokio::select! {
                () = self.reader.sender.closed() => return End::Kill(None),
                () = self.reader.unread.taken(), if waits => continue,
                () = sleep_until(self.deadline) => return End::Kill(Some(RemoteError::TimedOut { seconds })),
                () = &mut feeding, if !fed => {
                    fed = true;
                    continue;
                }
                message = self.read.wait(), if !waits => message,
            };
            let go = match message {
                Some(ChannelMsg::Success) => self.reader.taken(),
                Some(ChannelMsg::Failure) => {
                    return End::Kill(Some(RemoteError::Refused { reason: "the host does not run commands".to_owned() }));
                }
                Some(ChannelMsg::Close) => {
                    self.reader.finish();
                    return End::Closed;
                }
                Some(other) => match self.reader.take(other) {
                    Ok(go) => go,
                    Err(error) => return End::Kill(Some(error)),
                },
                None => {
                    self.reader.fail(RemoteError::LinkLost { reason: "the connection ended before the command".to_owned() });
                    return End::Closed;
                }
            };
            if let Some(go) = go {
                // Who writes nothing any more needs no turn.
                let _ = turns.send(go);
            }
        }
    }

    /// Waits a moment for what ends by itself when its input ends: sudo that asks again, or a server of files. True when
    /// the channel closed. Nothing is waited for once root's command is known to run, and then has to be killed.
    async fn settles(&mut self) -> bool {
        if !self.ends_with_input && self.reader.may_run() {
            return false;
        }
        let settling = async {
            let mut ending = pin!(self.write.eof());
            let mut ended = false;
            loop {
                let message = tokio::select! {
                    _ = &mut ending, if !ended => {
                        ended = true;
                        continue;
                    }
                    message = self.read.wait() => message,
                };
                match message {
                    None | Some(ChannelMsg::Close) => return true,
                    // A password that is asked for now is not given.
                    Some(message) => drop(self.reader.hear(message)),
                }
                if self.reader.may_run() && !self.ends_with_input {
                    return false;
                }
            }
        };
        timeout(SETTLING, settling).await.unwrap_or(false)
    }
}

/// What may be written next.
#[derive(Debug, PartialEq, Eq)]
enum Go {
    /// The password for sudo.
    Answer,
    /// What the command reads.
    Input,
}

/// What is written to a command's channel.
struct Feed<'a> {
    write: &'a ChannelWriteHalf<Msg>,
    command: String,
    /// For sudo.
    answer: Option<SecretBytes>,
    stdin: Option<SecretBytes>,
    input: Option<Receiver<Bytes>>,
    turns: UnboundedReceiver<Go>,
}

impl Feed<'_> {
    /// Sends the command, and after the host took it (and, with sudo, root's shell is there) its input and the end of file.
    ///
    /// The end of file waits for the acceptance: sent together with the command it costs 40 ms through a jump host. A
    /// failure here is a lost link, which the reading side reports.
    async fn run(mut self, sent: &AtomicBool) {
        sent.store(true, Ordering::Relaxed);
        if self.write.exec(true, self.command.as_str()).await.is_err() {
            return;
        }
        loop {
            match self.turns.recv().await {
                Some(Go::Answer) => {
                    if let Some(answer) = self.answer.take()
                        && self.send(answer).await.is_err()
                    {
                        return;
                    }
                }
                Some(Go::Input) => break,
                None => return,
            }
        }
        if let Some(stdin) = self.stdin.take()
            && self.send(stdin).await.is_err()
        {
            return;
        }
        if let Some(input) = &mut self.input {
            while let Some(bytes) = input.recv().await {
                if self.write.data_bytes(bytes).await.is_err() {
                    return;
                }
            }
        }
        let _ = self.write.eof().await;
    }

    /// To the standard input of the command, or of sudo that asked for it; wiped when the last slice of it was sent.
    async fn send(&self, secret: SecretBytes) -> Result<(), russh::Error> {
        self.write.data_bytes(Bytes::from_owner(Input(secret))).await
    }
}

/// Secret bytes as the channel takes them.
pub(crate) struct Input(pub(crate) SecretBytes);

impl AsRef<[u8]> for Input {
    fn as_ref(&self) -> &[u8] {
        // To the channel, from where the host's command reads it.
        self.0.expose()
    }
}

/// What waits to be read.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    cost: AtomicUsize,
    taken: Notify,
}

impl Unread {
    /// What it costs once one more waits.
    fn add(&self, chunk: &Chunk) -> usize {
        let cost = cost(chunk);
        self.cost.fetch_add(cost, Ordering::Relaxed) + cost
    }

    /// The reader took one.
    pub(crate) fn take(&self, chunk: &Chunk) {
        self.cost.fetch_sub(cost(chunk), Ordering::Relaxed);
        self.taken.notify_one();
    }

    async fn taken(&self) {
        self.taken.notified().await;
    }
}

/// The draining task's end of the queue.
pub(crate) struct Reader {
    sender: UnboundedSender<Item>,
    unread: Arc<Unread>,
    accepted: Option<oneshot::Sender<()>>,
    exit_given: bool,
    sudo: Option<Handshake>,
}

impl Reader {
    pub(crate) fn new(sender: UnboundedSender<Item>, unread: Arc<Unread>, accepted: oneshot::Sender<()>, sudo: Option<Handshake>) -> Self {
        Self { sender, unread, accepted: Some(accepted), exit_given: false, sudo }
    }

    /// The command as it is sent.
    fn line(&self, command: &CommandLine, mark: Option<&Mark>) -> String {
        match (&self.sudo, mark) {
            (Some(sudo), mark) => sudo.line(command, mark.map_or("BEFFROI_CHANNEL", Mark::text)),
            (None, Some(mark)) => mark.on(command),
            (None, None) => command.as_str().to_owned(),
        }
    }

    /// Whether the command itself may be running, and not only sudo.
    fn may_run(&self) -> bool {
        self.sudo.as_ref().is_none_or(Handshake::is_root)
    }

    /// Whether so much waits that a host is held back: another packet still fits.
    fn is_full(&self) -> bool {
        self.unread.cost.load(Ordering::Relaxed) > MOST_WAITING / 4
    }

    fn accept(&mut self) {
        if let Some(accepted) = self.accepted.take() {
            let _ = accepted.send(());
        }
    }

    /// The host took the command: that is the start of it, or of sudo.
    fn taken(&mut self) -> Option<Go> {
        if self.sudo.is_some() {
            return None;
        }
        self.accept();
        Some(Go::Input)
    }

    /// Queues what the host said, as far as it is the command's.
    fn take(&mut self, message: ChannelMsg) -> Result<Option<Go>, RemoteError> {
        let (message, turn) = self.hear(message);
        let go = match turn {
            None => None,
            Some(Turn::Answer) => Some(Go::Answer),
            Some(Turn::Ready) => {
                if let Some(exit) = self.sudo.as_mut().and_then(Handshake::early_exit) {
                    self.exit(exit);
                }
                self.accept();
                Some(Go::Input)
            }
            Some(Turn::Refused(why)) => return Err(RemoteError::SudoRefused { why }),
            Some(Turn::Noise) => return Err(RemoteError::NotUnderstood { what: "the start of sudo".to_owned() }),
        };
        if message.is_none_or(|message| self.queue(message)) { Ok(go) } else { Err(RemoteError::TooMuchOutput { most: MOST_WAITING }) }
    }

    /// Keeps what is sudo's.
    fn hear(&mut self, message: ChannelMsg) -> (Option<ChannelMsg>, Option<Turn>) {
        let Some(sudo) = &mut self.sudo else { return (Some(message), None) };
        match message {
            ChannelMsg::Data { data } => {
                let (rest, turn) = sudo.stdout(data);
                (rest.map(|data| ChannelMsg::Data { data }), turn)
            }
            ChannelMsg::ExtendedData { data, ext: 1 } => {
                let (rest, turn) = sudo.stderr(data);
                (rest.map(|data| ChannelMsg::ExtendedData { data, ext: 1 }), turn)
            }
            ChannelMsg::ExitStatus { exit_status } if !sudo.is_root() => {
                sudo.early_exit_is(Exit::Status(exit_status));
                (None, None)
            }
            ChannelMsg::ExitSignal { signal_name, .. } if !sudo.is_root() => {
                sudo.early_exit_is(Exit::Signal(signal(signal_name)));
                (None, None)
            }
            other => (Some(other), None),
        }
    }

    /// False when too much waits.
    fn queue(&mut self, message: ChannelMsg) -> bool {
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
        if matches!(&chunk, Chunk::Stdout(bytes) | Chunk::Stderr(bytes) if bytes.is_empty()) {
            return true;
        }
        if self.unread.add(&chunk) > MOST_WAITING {
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

    /// A host that closes without a word on the exit leaves it unknown; sudo that ended before the command refused it.
    fn finish(&mut self) {
        if let Some(sudo) = self.sudo.as_ref().filter(|sudo| !sudo.is_root()) {
            let why = sudo.refusal();
            return self.fail(RemoteError::SudoRefused { why });
        }
        self.exit(Exit::Unknown);
        let _ = self.sender.send(Ok(None));
        self.accept();
    }
}

/// What a chunk counts for while it waits.
fn cost(chunk: &Chunk) -> usize {
    CHUNK_COST
        + match chunk {
            Chunk::Stdout(bytes) | Chunk::Stderr(bytes) => bytes.len(),
            Chunk::Exit(_) => 0,
        }
}

/// The signal's name without `SIG`, as far as it looks like one.
pub(crate) fn signal(name: Sig) -> String {
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
        let mut reader = Reader::new(sender, Arc::default(), oneshot::channel().0, None);
        let taken = (0..).take_while(|_| reader.take(ChannelMsg::Data { data: Bytes::from_static(b"x") }).is_ok()).count();
        assert_eq!(taken, MOST_WAITING / (CHUNK_COST + 1));
    }
}
