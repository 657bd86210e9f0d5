//! The server end of SSH, for the programs of the person who has the vault open: what `ssh`, `sftp`, `rsync` or Ansible ask
//! here is done on a host, or in a guest that has no SSH of its own, over a connection that is logged in already.
//!
//! It listens on nothing. It speaks over one stream, which came from a process of the same user; whoever holds that stream
//! may do what the connection may, so it asks for no login (`none`). No credential of the host and no key goes over it.
//!
//! Taken: commands, shells, terminals, and SFTP. Refused: forwarding of ports, sockets, agents
//! and X11, and variables of the environment, which a guest begins without.
//!
//! russh refills a channel's window whatever waits here. What a command does not read yet waits up to [`MOST_UNREAD`]; from
//! [`MANY_UNREAD`] on each packet waits a moment ([`PAUSE`]) first. It is only a moment, because the same task sends what the
//! command wrote, without which the command may not go on reading.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use beffroi_domain::Exit;
use beffroi_remote::{Chunk, CommandLine, Limits, Process, PtyOutput, PtyRemote, PtyRequest, PtySession, PtySize, RemoteError, RunRequest};
use beffroi_secret::{SecretBytes, SecretText};
use bytes::{Bytes, BytesMut};
use russh::keys::decode_secret_key;
use russh::server::{Auth, ChannelOpenHandle, Config, Handle, Handler, Msg, Session, run_stream};
use russh::{Channel, ChannelId, ChannelOpenFailure, MethodKind, MethodSet, Pty, Sig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::greeting::Wire;
use crate::process::SshProcess;
use crate::signing::unusable;
use crate::text::harmless;
use crate::{SshRemote, shell_files};

/// Channels of one stream at a time: a master connection of OpenSSH has as many by default (`MaxSessions`).
const MOST_CHANNELS: usize = 10;
/// Bytes of a command's input that wait for it without slowing who sends them.
const MANY_UNREAD: usize = 4 << 20;
/// Bytes of a command's input that may wait at all.
const MOST_UNREAD: usize = 256 << 20;
/// How long a packet waits where many bytes do.
const PAUSE: Duration = Duration::from_millis(250);
/// Bytes that a terminal gives at once.
const SHOWN: usize = 64 << 10;
/// As long as the stream.
const USE: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// The longest command that is taken, as Linux takes one argument of a program (`MAX_ARG_STRLEN`).
const MOST_COMMAND: usize = 128 << 10;
/// What a command ends with that could not be started, as ssh(1) says of itself.
const NOT_STARTED: u32 = 255;
/// Serves one stream to its end, for what is done on `seat`: a host, or a guest of one, by a connection that nothing else uses,
/// since a program that reads no more holds it up. Who asks for another account than `account`, which one is there, is told so and
/// nothing is done. `key` is the key that this end proves itself by, as OpenSSH writes it.
///
/// # Errors
/// [`RemoteError::CredentialUnusable`] when the key is none, [`RemoteError::LinkLost`] when the stream ends before SSH does.
pub async fn serve<S>(stream: S, key: &SecretText, seat: Arc<SshRemote>, account: &str) -> Result<(), RemoteError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // Read once, and dropped with the stream.
    let key = decode_secret_key(key.expose(), None).map_err(|error| unusable(&error.to_string()))?;
    let config = Config {
        keys: vec![key],
        methods: MethodSet::from(&[MethodKind::None][..]),
        auth_rejection_time: Duration::ZERO,
        // Who is quiet waits for a command.
        inactivity_timeout: None,
        ..Config::default()
    };
    let lost = |error: russh::Error| RemoteError::LinkLost { reason: harmless(&error.to_string()) };
    let running = run_stream(
        Arc::new(config),
        stream,
        End { seat, account: account.to_owned(), is_other: false, channels: HashMap::new(), work: JoinSet::new() },
    )
    .await
    .map_err(lost)?;
    match running.await {
        // As a program ends that has what it wanted.
        Ok(()) | Err(russh::Error::HUP | russh::Error::Disconnect | russh::Error::IO(_)) => Ok(()),
        Err(error) => Err(lost(error)),
    }
}

/// What a channel is for.
enum What {
    Command(CommandLine),
    Shell,
    /// SFTP.
    Files,
}

/// What is said to a command while it runs.
enum Word {
    Input(Bytes),
    InputEnds,
    Size(PtySize),
    Signal,
}

/// A channel that is open.
struct Open {
    size: Option<PtySize>,
    words: UnboundedSender<Word>,
    /// For the command, once one is asked for.
    heard: Option<UnboundedReceiver<Word>>,
    unread: Arc<Unread>,
}

/// Input that waits for a command.
#[derive(Default)]
struct Unread {
    bytes: AtomicUsize,
    taken: Notify,
}

impl Unread {
    fn take(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.taken.notify_one();
    }
}

struct End {
    seat: Arc<SshRemote>,
    /// As whom one is there.
    account: String,
    /// Whether another account is asked for.
    is_other: bool,
    channels: HashMap<ChannelId, Open>,
    /// Ends with the stream.
    work: JoinSet<()>,
}

impl End {
    /// Begins what a channel is for. One channel is for one thing.
    fn begin(&mut self, id: ChannelId, what: What, session: &mut Session) -> Result<(), russh::Error> {
        while self.work.try_join_next().is_some() {}
        let Some(open) = self.channels.get_mut(&id) else { return session.channel_failure(id) };
        let Some(words) = open.heard.take() else { return session.channel_failure(id) };
        session.channel_success(id)?;
        let running = Running { seat: Arc::clone(&self.seat), to: session.handle(), id, words, unread: Arc::clone(&open.unread) };
        let size = open.size;
        let other = self.is_other.then(|| format!("one is {} here; ask for that account", self.account));
        self.work.spawn(async move {
            match (other, what, size) {
                (Some(reason), ..) => running.end(Err(RemoteError::Refused { reason })).await,
                (None, What::Files, _) => running.files().await,
                (None, What::Command(command), Some(size)) => running.terminal(size, Some(command)).await,
                (None, What::Shell, Some(size)) => running.terminal(size, None).await,
                (None, What::Command(command), None) => running.command(command).await,
                // A shell that reads what comes, as without a terminal.
                (None, What::Shell, None) => running.command(CommandLine::shell("exec \"${SHELL:-/bin/sh}\" -l")).await,
            }
        });
        Ok(())
    }

    fn tell(&self, id: ChannelId, word: Word) {
        if let Some(open) = self.channels.get(&id) {
            // A command that ended hears nothing.
            let _ = open.words.send(word);
        }
    }
}

/// A size that a terminal can have: what is larger than any screen, or not said, is the usual one.
fn size(cols: u32, rows: u32) -> PtySize {
    let length = |given: u32, usual: u16| u16::try_from(given).ok().filter(|given| (1..=PtySize::MOST).contains(given)).unwrap_or(usual);
    PtySize::new(length(cols, 80), length(rows, 24)).or_else(|| PtySize::new(80, 24)).unwrap_or_else(|| unreachable!("80 and 24 fit"))
}

impl Handler for End {
    type Error = russh::Error;

    /// Of another account, why nothing is done can be said only once a channel is open.
    async fn auth_none(&mut self, user: &str) -> Result<Auth, russh::Error> {
        self.is_other = user != self.account;
        Ok(Auth::Accept)
    }

    async fn channel_open_session(&mut self, channel: Channel<Msg>, reply: ChannelOpenHandle, _: &mut Session) -> Result<(), russh::Error> {
        if self.channels.len() >= MOST_CHANNELS {
            reply.reject(ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        let (words, heard) = unbounded_channel();
        self.channels.insert(channel.id(), Open { size: None, words, heard: Some(heard), unread: Arc::default() });
        reply.accept().await;
        Ok(())
    }

    async fn pty_request(
        &mut self,
        id: ChannelId,
        _: &str,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        match self.channels.get_mut(&id) {
            Some(open) => {
                open.size = Some(size(cols, rows));
                session.channel_success(id)
            }
            None => session.channel_failure(id),
        }
    }

    async fn env_request(&mut self, id: ChannelId, _: &str, _: &str, session: &mut Session) -> Result<(), russh::Error> {
        session.channel_failure(id)
    }

    async fn shell_request(&mut self, id: ChannelId, session: &mut Session) -> Result<(), russh::Error> {
        self.begin(id, What::Shell, session)
    }

    async fn exec_request(&mut self, id: ChannelId, command: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        match std::str::from_utf8(command) {
            Ok(command) if command.len() <= MOST_COMMAND => self.begin(id, What::Command(CommandLine::shell(command)), session),
            _ => session.channel_failure(id),
        }
    }

    async fn subsystem_request(&mut self, id: ChannelId, name: &str, session: &mut Session) -> Result<(), russh::Error> {
        match name {
            "sftp" => self.begin(id, What::Files, session),
            _ => session.channel_failure(id),
        }
    }

    async fn window_change_request(
        &mut self,
        id: ChannelId,
        cols: u32,
        rows: u32,
        _: u32,
        _: u32,
        _: &mut Session,
    ) -> Result<(), russh::Error> {
        self.tell(id, Word::Size(size(cols, rows)));
        Ok(())
    }

    async fn signal(&mut self, id: ChannelId, _: Sig, _: &mut Session) -> Result<(), russh::Error> {
        self.tell(id, Word::Signal);
        Ok(())
    }

    async fn data(&mut self, id: ChannelId, data: &[u8], session: &mut Session) -> Result<(), russh::Error> {
        let Some(open) = self.channels.get(&id) else { return Ok(()) };
        let unread = Arc::clone(&open.unread);
        let waits = unread.bytes.fetch_add(data.len(), Ordering::Relaxed) + data.len();
        if waits > MOST_UNREAD {
            self.channels.remove(&id);
            return session.close(id);
        }
        self.tell(id, Word::Input(Bytes::copy_from_slice(data)));
        if waits > MANY_UNREAD {
            let _ = timeout(PAUSE, unread.taken.notified()).await;
        }
        Ok(())
    }

    async fn channel_eof(&mut self, id: ChannelId, _: &mut Session) -> Result<(), russh::Error> {
        self.tell(id, Word::InputEnds);
        Ok(())
    }

    /// What runs hears no more words, and ends.
    async fn channel_close(&mut self, id: ChannelId, _: &mut Session) -> Result<(), russh::Error> {
        self.channels.remove(&id);
        Ok(())
    }
}

/// What runs for a channel.
struct Running {
    seat: Arc<SshRemote>,
    to: Handle,
    id: ChannelId,
    words: UnboundedReceiver<Word>,
    unread: Arc<Unread>,
}

impl Running {
    async fn command(mut self, command: CommandLine) {
        let limits = Limits { time: USE, ..Limits::default() };
        let request = RunRequest::new(command).with_open_input().with_limits(limits).holding_back();
        let ended = match self.seat.launch(request, false).await {
            Ok(process) => self.drive(process).await,
            Err(error) => Err(error),
        };
        self.end(ended).await;
    }

    /// Hands on what goes both ways, side by side: a command that does not read may have something to say first.
    async fn drive(&mut self, mut process: SshProcess) -> Result<Exit, RemoteError> {
        let input = process.input.take();
        let Self { to, id, words, unread, .. } = self;
        let said = async {
            let mut exit = Exit::Unknown;
            while let Some(chunk) = process.next().await? {
                let told = match chunk {
                    Chunk::Stdout(bytes) => to.data(*id, bytes).await.is_ok(),
                    Chunk::Stderr(bytes) => to.extended_data(*id, 1, bytes).await.is_ok(),
                    Chunk::Exit(known) => {
                        exit = known;
                        true
                    }
                };
                if !told {
                    break;
                }
            }
            Ok(exit)
        };
        // A process that is dropped is ended on its host.
        tokio::select! {
            exit = said => exit,
            () = feed(words, input, unread) => Ok(Exit::Unknown),
        }
    }

    /// SFTP, by the place's own server or by its shell.
    async fn files(mut self) {
        let ended = match shell_files::open(&self.seat).await {
            Ok(stream) => self.hand_on(stream).await,
            Err(error) => Err(error),
        };
        self.end(ended).await;
    }

    async fn hand_on(&mut self, stream: Box<dyn Wire>) -> Result<Exit, RemoteError> {
        let (mut from, mut into) = split(stream);
        let Self { to, id, words, unread, .. } = self;
        let said = async {
            let mut piece = BytesMut::with_capacity(SHOWN);
            while matches!(from.read_buf(&mut piece).await, Ok(1..)) {
                if to.data(*id, piece.split().freeze()).await.is_err() {
                    break;
                }
            }
            Exit::Status(0)
        };
        let asked = async {
            while let Some(word) = words.recv().await {
                match word {
                    Word::Input(bytes) => {
                        let written = into.write_all(&bytes).await;
                        unread.take(bytes.len());
                        if written.is_err() {
                            return;
                        }
                    }
                    Word::InputEnds => drop(into.shutdown().await),
                    Word::Size(_) => {}
                    Word::Signal => return,
                }
            }
        };
        tokio::select! {
            exit = said => Ok(exit),
            () = asked => Ok(Exit::Unknown),
        }
    }

    async fn terminal(mut self, size: PtySize, command: Option<CommandLine>) {
        let ended = match self.seat.open_pty(PtyRequest { size, command }).await {
            Ok(pty) => self.show(&*pty).await,
            Err(error) => Err(error),
        };
        self.end(ended).await;
    }

    async fn show(&mut self, pty: &dyn PtySession) -> Result<Exit, RemoteError> {
        loop {
            tokio::select! {
                output = pty.read(SHOWN) => match output? {
                    PtyOutput::Bytes { bytes, .. } => {
                        if self.to.data(self.id, bytes).await.is_err() {
                            return Ok(Exit::Unknown);
                        }
                    }
                    PtyOutput::Ended(exit) => return Ok(exit),
                },
                word = self.words.recv() => match word {
                    // Its end is told by what is read.
                    Some(Word::Input(bytes)) => {
                        drop(pty.write(SecretBytes::new(bytes.to_vec())).await);
                        self.unread.take(bytes.len());
                    }
                    Some(Word::Size(size)) => drop(pty.resize(size).await),
                    Some(Word::InputEnds | Word::Signal) => {}
                    None => {
                        pty.close().await;
                        return Ok(Exit::Unknown);
                    }
                },
            }
        }
    }

    /// Tells how it ended, in the order of RFC 4254, 6.10. Who is gone hears nothing.
    async fn end(self, ended: Result<Exit, RemoteError>) {
        let Self { to, id, .. } = self;
        let _ = match ended {
            Ok(Exit::Status(status)) => to.exit_status_request(id, status).await,
            Ok(Exit::Signal(name)) => to.exit_signal_request(id, Sig::Custom(name), false, String::new(), String::new()).await,
            Ok(Exit::Unknown) => to.exit_status_request(id, NOT_STARTED).await,
            Err(error) => {
                let line = format!("beffroi: {}\r\n", harmless(&error.to_string()));
                drop(to.extended_data(id, 1, line.into_bytes()).await);
                to.exit_status_request(id, NOT_STARTED).await
            }
        };
        let _ = to.eof(id).await;
        let _ = to.close(id).await;
    }
}

/// Hands input on to a command, until it is to be ended.
async fn feed(words: &mut UnboundedReceiver<Word>, mut input: Option<Sender<Bytes>>, unread: &Unread) {
    while let Some(word) = words.recv().await {
        match word {
            Word::Input(bytes) => {
                let length = bytes.len();
                if let Some(open) = &input
                    && open.send(bytes).await.is_err()
                {
                    // It reads no more; its exit is told by what it says.
                    input = None;
                }
                unread.take(length);
            }
            Word::InputEnds => input = None,
            Word::Size(_) => {}
            Word::Signal => return,
        }
    }
}
