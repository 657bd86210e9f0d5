//! A command on a host, as its reader sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use beffroi_remote::{Chunk, Process, RemoteError, RunRequest};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::kill::{GRACE, Mark};
use crate::open::OpenChannel;
use crate::pump::{Item, Pump, Reader, cost};

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
        // Covers the kill and the close; a dead link is not waited for.
        let _ = timeout(GRACE * 4, &mut self.pump).await;
    }
}

/// Runs the command of the request on the channel. A mark is given where the host hands on no signals.
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
    let reader = Reader::new(sender, Arc::clone(&waiting), accepted);
    let (read, write) = channel.split();
    let pump = tokio::spawn(Pump { read, write, reader, deadline, mark, permit }.run(request));
    // Made before the wait: if the caller goes away, its drop tells the task to end the process.
    let mut process = SshProcess { items, waiting, pump, ended: false };
    match answer.await {
        Ok(()) => Ok(process),
        Err(_) => match process.next().await {
            Err(error) => Err(error),
            Ok(_) => Err(RemoteError::Refused { reason: "the command was not taken".to_owned() }),
        },
    }
}
