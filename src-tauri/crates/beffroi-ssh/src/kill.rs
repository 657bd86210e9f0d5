//! Ending what runs on a channel.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::CommandLine;
use bytes::Bytes;
use russh::client::{Handle, Msg};
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::open::patiently;
use crate::pins::Pins;

/// How long a step of the killing may take.
pub(crate) const GRACE: Duration = Duration::from_secs(8);

/// What kills, on a channel of its own.
const SCRIPT: &str = include_str!("../../../../assets/remote/kill.sh");

/// Channels for killing beside the usual ones: together they are as many as OpenSSH allows.
pub(crate) const KILLERS: usize = 2;

/// Marks a command, so that it can be found on the host and killed there.
///
/// OpenSSH hands a signal on to a command only when it has a separated process to do so, which it has not when root is
/// logged in (`session_signal_req` in its `session.c`); closing the channel ends no process either. So root's commands
/// get a random mark in their environment.
pub(crate) struct Mark {
    text: String,
    handle: Arc<Handle<Pins>>,
    turns: Arc<Semaphore>,
}

impl Mark {
    /// `None` when the system gives no randomness.
    pub(crate) fn make(handle: &Arc<Handle<Pins>>, turns: &Arc<Semaphore>) -> Option<Self> {
        let random = getrandom::u64().ok()?;
        Some(Self { text: format!("BEFFROI_CHANNEL={random:016x}"), handle: Arc::clone(handle), turns: Arc::clone(turns) })
    }

    /// The command with the mark before it, in the form that keeps the shell free to become the command.
    pub(crate) fn on(&self, command: &CommandLine) -> String {
        format!("{}; export BEFFROI_CHANNEL\n{}", self.text, command.as_str())
    }

    /// Kills whatever carries the mark, as far as it can be reached.
    async fn strike(self) {
        let Ok(_turn) = self.turns.acquire().await else { return };
        let Ok(mut channel) = patiently(&self.handle).await else { return };
        let command = CommandLine::new(["sh", "-c", SCRIPT]);
        let mark = Bytes::from(format!("{}\n", self.text));
        let asked = async {
            channel.exec(true, command.as_str()).await?;
            channel.data_bytes(mark).await?;
            channel.eof().await
        };
        if asked.await.is_ok() {
            while !matches!(channel.wait().await, None | Some(ChannelMsg::Close)) {}
        }
    }
}

/// Kills the remote process, by a signal (RFC 4254, 6.9) or by its mark, and closes the channel when that did not. The
/// channel is drained meanwhile: otherwise neither would get through.
pub(crate) async fn kill(read: &mut ChannelReadHalf, write: &ChannelWriteHalf<Msg>, mark: Option<Mark>) {
    let asking = async {
        match mark {
            // In a task: it is not to be cut off when the victim's channel closes under it.
            Some(mark) => drop(tokio::spawn(timeout(GRACE, mark.strike())).await),
            // A failure is a lost link, which the draining notices.
            None => drop(write.signal(Sig::KILL).await),
        }
    };
    let closed = async {
        let mut asking = pin!(asking);
        // Both: the channel may close when its first process ends, with others of it still to be killed.
        let (mut asked, mut closed) = (false, false);
        while !(asked && closed) {
            tokio::select! {
                () = &mut asking, if !asked => asked = true,
                message = read.wait(), if !closed => closed = matches!(message, None | Some(ChannelMsg::Close)),
            }
        }
    };
    if timeout(GRACE, closed).await.is_ok() {
        return;
    }
    let closing = async {
        let mut closing = pin!(write.close());
        loop {
            tokio::select! {
                _ = &mut closing => return,
                message = read.wait() => if message.is_none() { return },
            }
        }
    };
    // A link on which not even this leaves is about to be found dead.
    let _ = timeout(GRACE, closing).await;
}
