//! A command on a host, as its reader sees it.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_trait::async_trait;
use beffroi_remote::{Chunk, Process, RemoteError, RunRequest};
use bytes::Bytes;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, channel, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::kill::{GRACE, Mark};
use crate::open::OpenChannel;
use crate::pump::{Item, Pump, Reader, Unread};
use crate::sudo::Handshake;

/// A running command. Dropped before its end, it is killed.
pub(crate) struct SshProcess {
    items: UnboundedReceiver<Item>,
    unread: Arc<Unread>,
    pub(crate) input: Option<Sender<Bytes>>,
    pump: JoinHandle<()>,
    ended: bool,
}

impl SshProcess {
    /// As [`Process::next`].
    pub(crate) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Chunk>, RemoteError>> {
        if self.ended {
            return Poll::Ready(Ok(None));
        }
        let item = match ready!(self.items.poll_recv(context)) {
            Some(item) => item,
            None => Err(RemoteError::LinkLost { reason: "the connection was torn down".to_owned() }),
        };
        match &item {
            Ok(Some(chunk)) => self.unread.take(chunk),
            Ok(None) | Err(_) => self.ended = true,
        }
        Poll::Ready(item)
    }
}

#[async_trait]
impl Process for SshProcess {
    async fn next(&mut self) -> Result<Option<Chunk>, RemoteError> {
        poll_fn(|context| self.poll_next(context)).await
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), RemoteError> {
        let input = self.input.as_ref().ok_or(RemoteError::InputClosed)?;
        input.send(bytes).await.map_err(|_| RemoteError::InputClosed)
    }

    fn close_input(&mut self) {
        self.input = None;
    }

    async fn cancel(&mut self) {
        self.ended = true;
        self.input = None;
        self.items.close();
        // Covers the kill and the close; a dead link is not waited for.
        let _ = timeout(GRACE * 4, &mut self.pump).await;
    }
}

/// What is to be started, and where.
pub(crate) struct Start {
    pub(crate) channel: OpenChannel,
    pub(crate) request: RunRequest,
    pub(crate) deadline: Instant,
    /// Where the host hands on no signals.
    pub(crate) mark: Option<Mark>,
    pub(crate) sudo: Option<Handshake>,
    /// Whether it ends by itself when its input does, and is given a moment to do so.
    pub(crate) ends_with_input: bool,
}

/// Runs the command on the channel. It was started when this gives it: with sudo, root's shell is there.
pub(crate) async fn start(start: Start) -> Result<SshProcess, RemoteError> {
    let Start { channel: open, request, deadline, mark, sudo, ends_with_input } = start;
    let Some((open, permit)) = open.take() else {
        return Err(RemoteError::LinkLost { reason: "the channel was closed".to_owned() });
    };
    let (sender, items) = unbounded_channel();
    let (accepted, answer) = oneshot::channel();
    let unread = Arc::new(Unread::default());
    let reader = Reader::new(sender, Arc::clone(&unread), accepted, sudo);
    let (read, write) = open.split();
    // One piece: the next is taken once the host's window took this one.
    let (input, pieces) = request.open_input.then(|| channel(1)).unzip();
    let pump = Pump { read, write, reader, input: pieces, deadline, mark, ends_with_input, permit };
    let pump = tokio::spawn(pump.run(request));
    // Made before the wait: if the caller goes away, its drop tells the task to end the process.
    let mut process = SshProcess { items, unread, input, pump, ended: false };
    match answer.await {
        Ok(()) => Ok(process),
        Err(_) => match process.next().await {
            Err(error) => Err(error),
            Ok(_) => Err(RemoteError::Refused { reason: "the command was not taken".to_owned() }),
        },
    }
}
