//! Channels: at most so many at once, and none forgotten open.

use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::RemoteError;
use russh::client::{Handle, Msg};
use russh::{Channel, ChannelOpenFailure};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::pins::Pins;
use crate::text::harmless;

/// Channels that are open at once on one connection; OpenSSH allows ten (`MaxSessions`).
pub(crate) const MOST_CHANNELS: usize = 8;

/// Waits before a refused channel is asked for again: a host gives a slot back a moment after its process ended.
const PATIENCE: [Duration; 5] =
    [Duration::from_millis(20), Duration::from_millis(60), Duration::from_millis(200), Duration::from_millis(500), Duration::from_secs(1)];

/// An open channel and its place among [`MOST_CHANNELS`]. Closes when dropped, which a russh channel does not.
pub(crate) struct OpenChannel {
    channel: Option<Channel<Msg>>,
    permit: Option<OwnedSemaphorePermit>,
}

impl OpenChannel {
    /// Gives both away; closing is then the taker's.
    pub(crate) fn take(mut self) -> Option<(Channel<Msg>, OwnedSemaphorePermit)> {
        self.channel.take().zip(self.permit.take())
    }
}

impl Drop for OpenChannel {
    fn drop(&mut self) {
        let permit = self.permit.take();
        if let Some(channel) = self.channel.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                // A lost link has no channel to close.
                let _ = channel.close().await;
                drop(permit);
            });
        }
    }
}

/// Waits for a place among the channels.
pub(crate) async fn place(slots: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, RemoteError> {
    Arc::clone(slots).acquire_owned().await.map_err(|_| RemoteError::LinkLost { reason: "the connection was closed".to_owned() })
}

/// Opens a session channel. The work is done by a task of its own: a caller that goes away half-way leaves no channel open.
pub(crate) async fn open(handle: &Arc<Handle<Pins>>, permit: OwnedSemaphorePermit) -> Result<OpenChannel, RemoteError> {
    let handle = Arc::clone(handle);
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let opened = patiently(&handle).await.map(|channel| OpenChannel { channel: Some(channel), permit: Some(permit) });
        // Nobody waits any more: the channel closes as it is dropped.
        drop(sender.send(opened));
    });
    receiver.await.unwrap_or_else(|_| Err(RemoteError::LinkLost { reason: "the connection was torn down".to_owned() }))
}

/// Opens a channel, again after a moment where the host has no place for it yet.
async fn patiently(handle: &Handle<Pins>) -> Result<Channel<Msg>, RemoteError> {
    for wait in PATIENCE {
        match handle.channel_open_session().await {
            Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::ConnectFailed | ChannelOpenFailure::ResourceShortage)) => {
                tokio::time::sleep(wait).await;
            }
            other => return other.map_err(|error| refused(&error)),
        }
    }
    handle.channel_open_session().await.map_err(|error| refused(&error))
}

fn refused(error: &russh::Error) -> RemoteError {
    match error {
        russh::Error::ChannelOpenFailure(reason) => RemoteError::Refused { reason: format!("no channel: {reason:?}") },
        other => RemoteError::LinkLost { reason: harmless(&other.to_string()) },
    }
}
