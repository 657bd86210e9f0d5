//! Terminals over a connection that others use as well.
//!
//! russh gives the host new window as data arrives, not as it is read, and a channel that is not drained blocks its whole
//! connection. A terminal has nothing to ask less with, so that is what holds the host back here: past [`MOST_WAITING`] the
//! channel is left undrained until the reader took some, for as long as there is a reader. One that takes nothing for
//! [`PATIENCE`] is held to be gone: from then on, and until somebody reads again, the channel is drained, the oldest bytes
//! are dropped, and how many is told. So nothing is lost to a reader, and nobody is blocked by one that went away.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use beffroi_domain::Exit;
use beffroi_remote::{PtyOutput, PtyRemote, PtyRequest, PtySession, PtySize, RemoteError};
use beffroi_secret::SecretBytes;
use bytes::Bytes;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Pty};
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot, watch};
use tokio::time::timeout;

use crate::SshRemote;
use crate::kill::{GRACE, Mark, SETTLING, close, kill};
use crate::open::{open, place};
use crate::pump::{Input, signal};
use crate::text::harmless;

/// Bytes that may wait to be read, give or take a packet.
const MOST_WAITING: usize = 256 << 10;
/// How long the host waits for a reader that takes nothing.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the host may take to give the terminal.
const START: Duration = Duration::from_secs(30);
/// What every emulator of today is, or does as if.
const TERM: &str = "xterm-256color";
/// What differs from the host's own: the key that rubs out, and that characters may have several bytes (RFC 4254, 8;
/// RFC 8160). The speeds mean nothing, but some programs want them.
const MODES: [(Pty, u32); 4] = [(Pty::VERASE, 127), (Pty::IUTF8, 1), (Pty::TTY_OP_ISPEED, 38400), (Pty::TTY_OP_OSPEED, 38400)];

#[async_trait]
impl PtyRemote for SshRemote {
    /// Never by sudo, whether the remote is elevated or not: what becomes root in a terminal asks there, as does what leads into
    /// a guest where root has to.
    async fn open_pty(&self, request: PtyRequest) -> Result<Box<dyn PtySession>, RemoteError> {
        let mark = if self.is_inside() { Mark::make(self) } else { None };
        let request = PtyRequest { command: self.terminal(request.command, mark.as_ref().map_or("", Mark::text)), ..request };
        let late = |_| RemoteError::TimedOut { seconds: START.as_secs() };
        Ok(Box::new(timeout(START, start(self, request, mark)).await.map_err(late)??))
    }
}

async fn start(remote: &SshRemote, request: PtyRequest, mark: Option<Mark>) -> Result<SshPty, RemoteError> {
    let permit = place(remote.slots()).await?;
    let channel = open(remote.shared_handle(), permit).await?.take();
    let (channel, permit) = channel.ok_or_else(|| RemoteError::LinkLost { reason: "the channel was closed".to_owned() })?;
    let (read, write) = channel.split();
    let (accepted, answer) = oneshot::channel();
    let write = Arc::new(write);
    let shown = Arc::new(Shown::default());
    let closing = watch::Sender::new(false);
    let drain = Drain { read, write: Arc::clone(&write), shown: Arc::clone(&shown), closing: closing.subscribe(), mark, permit };
    tokio::spawn(drain.run(request, accepted));
    // Made before the wait: if the caller goes away, its drop closes the channel.
    let pty = SshPty { write, shown, closing, turn: tokio::sync::Mutex::default() };
    match answer.await {
        Ok(()) => Ok(pty),
        Err(_) => Err(pty.shown.why().unwrap_or_else(|| RemoteError::Refused { reason: "no terminal was given".to_owned() })),
    }
}

/// A terminal as its reader and its writer see it. Closes when dropped.
struct SshPty {
    write: Arc<ChannelWriteHalf<Msg>>,
    shown: Arc<Shown>,
    closing: watch::Sender<bool>,
    /// One writes at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Drop for SshPty {
    fn drop(&mut self) {
        self.closing.send_replace(true);
    }
}

impl SshPty {
    /// Does something with the channel, unless the terminal ends first.
    async fn unless_ended(&self, work: impl Future<Output = Result<(), russh::Error>>) -> Result<(), RemoteError> {
        tokio::select! {
            biased;
            () = self.shown.ended() => Err(RemoteError::InputClosed),
            done = work => done.map_err(|_| RemoteError::InputClosed),
        }
    }
}

#[async_trait]
impl PtySession for SshPty {
    async fn read(&self, most: usize) -> Result<PtyOutput, RemoteError> {
        loop {
            if let Some(output) = self.shown.take(most) {
                return output;
            }
            self.shown.more.notified().await;
        }
    }

    async fn write(&self, typed: SecretBytes) -> Result<(), RemoteError> {
        let _one_at_a_time = self.turn.lock().await;
        self.unless_ended(self.write.data_bytes(Bytes::from_owner(Input(typed)))).await
    }

    async fn resize(&self, size: PtySize) -> Result<(), RemoteError> {
        self.unless_ended(self.write.window_change(size.cols().into(), size.rows().into(), 0, 0)).await
    }

    async fn close(&self) {
        self.closing.send_replace(true);
        // Covers the close; a dead link is not waited for.
        let _ = timeout(GRACE * 2, self.shown.ended()).await;
    }

    async fn ended(&self) {
        self.shown.ended().await;
    }
}

/// What waits to be read.
struct Shown {
    state: Mutex<State>,
    /// There is more to read, or the end.
    more: Notify,
    /// The reader took some.
    taken: Notify,
    over: watch::Sender<bool>,
}

struct State {
    waiting: VecDeque<u8>,
    /// Bytes that were dropped before those that wait.
    lost: u64,
    /// Whether somebody is held to read.
    attended: bool,
    end: Option<Result<Exit, RemoteError>>,
}

impl Default for Shown {
    fn default() -> Self {
        let state = State { waiting: VecDeque::new(), lost: 0, attended: true, end: None };
        Self { state: Mutex::new(state), more: Notify::new(), taken: Notify::new(), over: watch::Sender::new(false) }
    }
}

impl Shown {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to be read now.
    fn take(&self, most: usize) -> Option<Result<PtyOutput, RemoteError>> {
        let mut state = self.state();
        state.attended = true;
        if state.waiting.is_empty() {
            return state.end.clone().map(|end| end.map(PtyOutput::Ended));
        }
        let length = state.waiting.len().min(most.max(1));
        let bytes = state.waiting.drain(..length).collect();
        let lost = std::mem::take(&mut state.lost);
        drop(state);
        self.taken.notify_one();
        Some(Ok(PtyOutput::Bytes { bytes, lost }))
    }

    /// Whether the host has to wait for the reader.
    fn is_full(&self) -> bool {
        let state = self.state();
        state.attended && state.waiting.len() >= MOST_WAITING
    }

    /// Waits until there is room, or nobody is held to read any more.
    async fn room(&self) {
        while self.is_full() {
            if timeout(PATIENCE, self.taken.notified()).await.is_err() {
                self.state().attended = false;
            }
        }
    }

    fn put(&self, bytes: &[u8]) {
        let mut state = self.state();
        state.waiting.extend(bytes);
        let excess = state.waiting.len().saturating_sub(MOST_WAITING);
        if !state.attended && excess > 0 {
            state.waiting.drain(..excess);
            state.lost += excess as u64;
        }
        drop(state);
        self.more.notify_one();
    }

    fn end(&self, end: Result<Exit, RemoteError>) {
        self.state().end.get_or_insert(end);
        self.over.send_replace(true);
        self.more.notify_one();
    }

    async fn ended(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    fn why(&self) -> Option<RemoteError> {
        self.state().end.clone().and_then(Result::err)
    }
}

/// The task that drains the channel.
struct Drain {
    read: ChannelReadHalf,
    write: Arc<ChannelWriteHalf<Msg>>,
    shown: Arc<Shown>,
    closing: watch::Receiver<bool>,
    /// Where what runs there is not ended by the end of its terminal.
    mark: Option<Mark>,
    permit: OwnedSemaphorePermit,
}

impl Drain {
    /// Asks for the terminal and drains it to its end.
    async fn run(mut self, request: PtyRequest, accepted: oneshot::Sender<()>) {
        let end = match self.ask(request).await {
            Ok(()) => {
                // Who no longer waits closes.
                let _ = accepted.send(());
                self.drain().await
            }
            Err(error) => {
                self.shown.end(Err(error));
                drop(accepted);
                None
            }
        };
        if end.is_none() {
            match self.mark.take() {
                mark @ Some(_) => kill(&mut self.read, &self.write, mark).await,
                None => close(&mut self.read, &self.write).await,
            }
            // The host gives its own place back when what ran there hung up.
            let gone = async { while !matches!(self.read.wait().await, None | Some(ChannelMsg::Close)) {} };
            let _ = timeout(SETTLING, gone).await;
        }
        // Before the end is told: who hears of it may want a channel.
        drop(self.permit);
        self.shown.end(end.unwrap_or(Ok(Exit::Unknown)));
    }

    /// Both requests at once: one round trip. What a shell without a terminal would do, it does until the channel closes.
    async fn ask(&mut self, PtyRequest { size, command }: PtyRequest) -> Result<(), RemoteError> {
        let lost = |error: russh::Error| RemoteError::LinkLost { reason: harmless(&error.to_string()) };
        let (cols, rows) = (size.cols().into(), size.rows().into());
        self.write.request_pty(true, TERM, cols, rows, 0, 0, &MODES).await.map_err(lost)?;
        match command {
            None => self.write.request_shell(true).await.map_err(lost)?,
            Some(command) => self.write.exec(true, command.as_str()).await.map_err(lost)?,
        }
        for what in ["the host gives no terminal", "the host runs no shell"] {
            loop {
                match self.next().await {
                    Some(ChannelMsg::Success) => break,
                    Some(ChannelMsg::Failure | ChannelMsg::Close) => return Err(RemoteError::Refused { reason: what.to_owned() }),
                    // Nothing is written before the shell runs; what does not belong here is not shown.
                    Some(_) => {}
                    None if *self.closing.borrow() => return Err(RemoteError::InputClosed),
                    None => return Err(RemoteError::LinkLost { reason: "the connection ended before the terminal".to_owned() }),
                }
            }
        }
        Ok(())
    }

    /// The next message; nothing when the link is lost, or the terminal is to be closed.
    async fn next(&mut self) -> Option<ChannelMsg> {
        tokio::select! {
            _ = self.closing.wait_for(|closing| *closing) => None,
            message = self.read.wait() => message,
        }
    }

    /// Gives how it ended; nothing when it is to be closed.
    async fn drain(&mut self) -> Option<Result<Exit, RemoteError>> {
        let mut exit = None;
        loop {
            match self.next().await {
                Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => {
                    tokio::select! {
                        _ = self.closing.wait_for(|closing| *closing) => return None,
                        () = self.shown.room() => self.shown.put(&data),
                    }
                }
                Some(ChannelMsg::ExitStatus { exit_status }) => drop(exit.get_or_insert(Exit::Status(exit_status))),
                Some(ChannelMsg::ExitSignal { signal_name, .. }) => drop(exit.get_or_insert(Exit::Signal(signal(signal_name)))),
                Some(ChannelMsg::Close) => return Some(Ok(exit.unwrap_or(Exit::Unknown))),
                Some(_) => {}
                None if *self.closing.borrow() => return None,
                None => {
                    let reason = "the connection ended before the terminal".to_owned();
                    return Some(exit.ok_or(RemoteError::LinkLost { reason }));
                }
            }
        }
    }
}
