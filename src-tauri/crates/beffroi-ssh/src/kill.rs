//! Ending what runs on a channel.

use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::{CommandLine, Limits, Process, RemoteError, RunRequest};
use beffroi_secret::SecretBytes;
use russh::client::{Handle, Msg};
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::SshRemote;
use crate::inside::{self, Inside};
use crate::open::{OpenChannel, open, place};
use crate::pins::Pins;
use crate::process::{Start, start};
use crate::remote::Again;
use crate::sudo::{Handshake, Sudo};

/// How long a step of the killing may take.
pub(crate) const GRACE: Duration = Duration::from_secs(8);

/// How long what ends by itself may take to do so.
pub(crate) const SETTLING: Duration = Duration::from_secs(2);

/// What kills, on a channel of its own.
const SCRIPT: &str = concat!(
    include_str!("../../../../assets/remote/proc.sh"),
    include_str!("../../../../assets/remote/marked.sh"),
    include_str!("../../../../assets/remote/kill.sh")
);
/// What kills in a guest.
const IN_GUEST: &str = concat!(
    include_str!("../../../../assets/remote/proc.sh"),
    include_str!("../../../../assets/remote/marked.sh"),
    include_str!("../../../../assets/remote/guest-kill.sh")
);

/// Channels for killing beside the usual ones: together they are as many as OpenSSH allows.
pub(crate) const KILLERS: usize = 2;

/// Marks a command, so that it can be found on the host and killed there.
///
/// OpenSSH hands a signal on to a command only when it has a separated process to do so, which it has not when root is
/// logged in (`session_signal_req` in its `session.c`), and the account's signals do not reach what sudo runs; closing the
/// channel ends no process either. So root's commands get a random mark in their environment.
pub(crate) struct Mark {
    text: String,
    handle: Arc<Handle<Pins>>,
    turns: Arc<Semaphore>,
    /// How the killing becomes root.
    sudo: Option<Arc<Sudo>>,
    /// The guests in which the command runs.
    ways: Vec<Inside>,
    /// Where the killing goes when this connection has no place for it.
    again: Option<Arc<Again>>,
}

impl Mark {
    /// For a command that is run on a remote. `None` when the system gives no randomness.
    pub(crate) fn make(remote: &SshRemote) -> Option<Self> {
        let random = getrandom::u64().ok()?;
        Some(Self {
            text: format!("BEFFROI_CHANNEL={random:016x}"),
            handle: Arc::clone(remote.shared_handle()),
            turns: Arc::clone(remote.killers()),
            sudo: remote.sudo().cloned(),
            ways: remote.ways().to_vec(),
            again: remote.again().cloned(),
        })
    }

    /// The assignment that marks the command.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The command with the mark before it, in the form that keeps the shell free to become the command.
    pub(crate) fn on(&self, command: &CommandLine) -> String {
        format!("{}; export BEFFROI_CHANNEL\n{}", self.text, command.as_str())
    }

    /// How long [`Mark::strike`] may take.
    fn patience(&self) -> Duration {
        if self.again.is_some() { GRACE * 2 } else { GRACE }
    }

    /// Kills whatever carries the mark, as far as it can be reached: over this connection, or over a new one where the host
    /// has no place left on this one (`MaxSessions`).
    async fn strike(self) {
        let Ok(turn) = place(&self.turns).await else { return };
        match open(&self.handle, turn).await {
            Ok(channel) => self.strike_on(channel).await,
            Err(RemoteError::Refused { .. }) => self.strike_anew().await,
            Err(_) => {}
        }
    }

    async fn strike_anew(self) {
        let Some(again) = &self.again else { return };
        // As many new connections at once as there are channels for killing.
        let Ok(_turn) = place(&self.turns).await else { return };
        let Some(remote) = again().await else { return };
        let Ok(turn) = place(remote.slots()).await else { return };
        if let Ok(channel) = open(remote.shared_handle(), turn).await {
            self.strike_on(channel).await;
        }
        remote.close().await;
    }

    /// Not an `async fn`: what kills is a process too, which could have to be killed.
    fn strike_on(&self, channel: OpenChannel) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let sudo = self.sudo.as_ref().map(Handshake::new).transpose();
        let mark = SecretBytes::new(format!("{}\n", self.text).into_bytes());
        let script = if self.ways.is_empty() { SCRIPT } else { IN_GUEST };
        let line = inside::through(&self.ways, &CommandLine::new(["sh", "-c", script]), "");
        Box::pin(async move {
            let Ok(sudo) = sudo else { return };
            let limits = Limits { time: GRACE, ..Limits::default() };
            let request = RunRequest::new(line).with_stdin(mark).with_limits(limits);
            let killer = start(Start { channel, request, deadline: Instant::now() + GRACE, mark: None, sudo, ends_with_input: true });
            let Ok(mut killer) = killer.await else { return };
            while let Ok(Some(_)) = killer.next().await {}
        })
    }
}

/// Kills the remote process, by a signal (RFC 4254, 6.9) or by its mark, and closes the channel when that did not. The
/// channel is drained meanwhile: otherwise neither would get through.
pub(crate) async fn kill(read: &mut ChannelReadHalf, write: &ChannelWriteHalf<Msg>, mark: Option<Mark>) {
    let patience = mark.as_ref().map_or(GRACE, Mark::patience);
    let asking = async {
        match mark {
            // In a task: it is not to be cut off when the victim's channel closes under it.
            Some(mark) => drop(tokio::spawn(timeout(patience, mark.strike())).await),
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
    if timeout(patience, closed).await.is_ok() {
        return;
    }
    close(read, write).await;
}

/// Closes the channel; what still runs on it reads end of file, and has nobody who listens.
pub(crate) async fn close(read: &mut ChannelReadHalf, write: &ChannelWriteHalf<Msg>) {
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
