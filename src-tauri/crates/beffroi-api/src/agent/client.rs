//! Asking the process that holds the keys.

use std::collections::HashMap;
#[cfg(unix)]
use std::io::Cursor;
#[cfg(unix)]
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::frame::{Frames, WipedBytes, frame_of};
use super::message::{Answered, Asking, Control, Controlling, Hello, PROTOCOL, Raised, Status};
#[cfg(unix)]
use super::message::{SshAsked, SshAsking};
#[cfg(unix)]
use super::place;
use super::{MOST_ANSWER, MOST_REQUEST};
use crate::wire::{Done, Event};
use crate::{ApiError, ErrorCode, Places, Shell};

/// Requests that wait to be written.
const MOST_WAITING: usize = 32;
/// Longer than it takes to be let in where many knock.
const HELLO_TIME: Duration = Duration::from_secs(20);

/// A connection to the process that holds the keys. Its clones share it; requests of all of them go on side by side.
#[derive(Debug, Clone)]
pub struct Client {
    line: Arc<Line>,
    hello: Hello,
}

#[derive(Debug)]
struct Line {
    last: AtomicU64,
    out: mpsc::Sender<WipedBytes>,
    desk: Arc<Desk>,
}

/// Where what comes in is given to who waits for it.
#[derive(Default)]
struct Desk {
    waiting: Mutex<Waiting>,
    ear: Mutex<Option<Arc<dyn Shell>>>,
}

#[derive(Default)]
struct Waiting {
    over: bool,
    answers: HashMap<u64, oneshot::Sender<WipedBytes>>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Desk")
    }
}

impl Client {
    /// Connects to the process that holds the keys; nothing when there is none.
    ///
    /// # Errors
    /// [`ErrorCode::AgentVersion`] when it speaks another version of the protocol, [`ErrorCode::AgentFailed`] when it is
    /// not this person's or does not answer.
    pub async fn connect(places: &Places) -> Result<Option<Self>, ApiError> {
        let client = Self::connect_to_any(places).await?;
        match &client {
            Some(Self { hello, .. }) if hello.protocol != PROTOCOL => {
                Err(ApiError::new(ErrorCode::AgentVersion).with("version", &hello.version).with("process", hello.pid))
            }
            _ => Ok(client),
        }
    }

    /// The same, whatever version it speaks: `hello` and `stop` are what every version understands.
    ///
    /// # Errors
    /// [`ErrorCode::AgentFailed`].
    #[cfg(unix)]
    pub async fn connect_to_any(places: &Places) -> Result<Option<Self>, ApiError> {
        let path = place::socket(places);
        // One that is about to end takes connections and drops them.
        for _ in 0..100 {
            let Some(stream) = knock(&path).await? else { return Ok(None) };
            let (from, to) = stream.into_split();
            let line = Arc::new(Line::over(from, to));
            match timeout(HELLO_TIME, line.control(Control::Hello)).await {
                Ok(Ok(hello)) => return Ok(Some(Self { line, hello })),
                Ok(Err(error)) if error.code == ErrorCode::AgentLost => tokio::time::sleep(Duration::from_millis(50)).await,
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(failed(&path, &"no answer")),
            }
        }
        Err(failed(&path, &"it hangs up"))
    }

    /// A stream that is SSH from the first byte on: the end for a host, or a guest, of an open vault. Nothing when there is no
    /// process that holds the keys.
    ///
    /// # Errors
    /// As for a run on that host, and those of the way to who answers.
    #[cfg(unix)]
    pub async fn ssh(
        places: &Places,
        vault: Option<&str>,
        host: &str,
        typed: Option<&str>,
    ) -> Result<Option<impl AsyncRead + AsyncWrite + use<>>, ApiError> {
        let path = place::socket(places);
        let Some(mut stream) = knock(&path).await? else { return Ok(None) };
        let ssh = SshAsked { host: host.to_owned(), typed: typed.map(str::to_owned) };
        let asking = SshAsking { id: 1, vault, ssh };
        let frame = frame_of(&asking, MOST_REQUEST).map_err(|error| ApiError::new(ErrorCode::InvalidRequest).with("what", error))?;
        let lost = || ApiError::new(ErrorCode::AgentLost);
        stream.write_all(frame.as_slice()).await.map_err(|_| lost())?;
        let mut frames = Frames::new(stream, MOST_ANSWER);
        let frame = frames.next(None).await.map_err(|_| lost())?;
        let answered: Answered<'_> = serde_json::from_slice(frame.as_slice()).map_err(|_| lost())?;
        match answered.error {
            Some(error) => Err(error),
            None => {
                // The other side speaks at once: its first line may have come with the answer.
                let (stream, early) = frames.into_parts();
                let (from, to) = stream.into_split();
                Ok(Some(tokio::io::join(Cursor::new(early.as_slice().to_vec()).chain(from), to)))
            }
        }
    }

    /// The same, whatever version it speaks. On this system there is none.
    ///
    /// # Errors
    /// None here.
    #[cfg(not(unix))]
    pub async fn connect_to_any(_: &Places) -> Result<Option<Self>, ApiError> {
        Ok(None)
    }

    /// Who is at the other end.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// Has a command answered, on `vault` (an id, a name or a folder) or on the only vault that is open.
    ///
    /// # Errors
    /// Those of the command, and [`ErrorCode::AgentLost`] when the connection ends before the answer: then what the command
    /// should have changed may have been changed.
    pub async fn call<T: Serialize, R: DeserializeOwned>(&self, vault: Option<&str>, command: &str, request: &T) -> Result<R, ApiError> {
        self.line.ask(|id| Asking { id, vault, command, request }).await
    }

    /// How the process stands.
    ///
    /// # Errors
    /// [`ErrorCode::AgentLost`].
    pub async fn status(&self) -> Result<Status, ApiError> {
        self.line.control(Control::Status).await
    }

    /// Tells `shell` of events from now on. When events were lost, and when the connection ends, it is told
    /// [`Event::VaultChanged`]: everything may be different.
    ///
    /// # Errors
    /// [`ErrorCode::AgentLost`].
    pub async fn subscribe(&self, shell: Arc<dyn Shell>) -> Result<(), ApiError> {
        *self.line.desk.ear.lock().unwrap_or_else(PoisonError::into_inner) = Some(shell);
        self.line.control::<Done>(Control::Subscribe).await.map(drop)
    }

    /// Has every vault locked; an agent ends then. Its end may come before its answer, which is no error.
    ///
    /// # Errors
    /// When a journal cannot be written; the vaults are locked all the same.
    pub async fn stop(&self) -> Result<(), ApiError> {
        match self.line.control::<Done>(Control::Stop).await {
            Ok(Done {}) => Ok(()),
            Err(error) if error.code == ErrorCode::AgentLost => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Brings the desktop's window to the front; `false` when there is none.
    ///
    /// # Errors
    /// [`ErrorCode::AgentLost`].
    pub async fn raise(&self) -> Result<bool, ApiError> {
        self.line.control::<Raised>(Control::Raise).await.map(|raised| raised.raised)
    }

    /// Waits until the other side hung up.
    pub async fn ended(&self) {
        self.line.out.closed().await;
    }
}

#[cfg(unix)]
fn failed(path: &Path, reason: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(ErrorCode::AgentFailed).with("reason", format!("{}: {reason}", path.display()))
}

/// A connection to whoever listens on a socket of this person's; nothing when nobody does.
#[cfg(unix)]
async fn knock(path: &Path) -> Result<Option<UnixStream>, ApiError> {
    use std::io::ErrorKind;

    for _ in 0..100 {
        match UnixStream::connect(path).await {
            // Before anything is said that could be secret.
            Ok(stream) if place::is_ours(&stream).map_err(|error| failed(path, &error))? => return Ok(Some(stream)),
            Ok(_) => return Err(failed(path, &"it belongs to somebody else")),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => return Ok(None),
            // So many knock that the system lets nobody else wait; or it ended while this one waited.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(failed(path, &error)),
        }
    }
    Err(failed(path, &"it hangs up"))
}

impl Line {
    fn over(from: impl AsyncRead + Unpin + Send + 'static, to: impl AsyncWrite + Unpin + Send + 'static) -> Self {
        let desk = Arc::new(Desk::default());
        let (out, waiting) = mpsc::channel(MOST_WAITING);
        let (read, written) = (read(Frames::new(from, MOST_ANSWER), Arc::clone(&desk)), write(to, waiting));
        tokio::spawn(async move {
            tokio::select! {
                () = read => {}
                () = written => {}
            }
        });
        Self { last: AtomicU64::new(0), out, desk }
    }

    async fn control<R: DeserializeOwned>(&self, control: Control) -> Result<R, ApiError> {
        self.ask(|id| Controlling { id, control }).await
    }

    async fn ask<M: Serialize, R: DeserializeOwned>(&self, message: impl FnOnce(u64) -> M) -> Result<R, ApiError> {
        let lost = || ApiError::new(ErrorCode::AgentLost);
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let frame = frame_of(&message(id), MOST_REQUEST).map_err(|error| ApiError::new(ErrorCode::InvalidRequest).with("what", error))?;
        let (give, answer) = oneshot::channel();
        {
            let mut waiting = self.desk.waiting();
            if waiting.over {
                return Err(lost());
            }
            waiting.answers.insert(id, give);
        }
        self.out.send(frame).await.map_err(|_| lost())?;
        let frame = answer.await.map_err(|_| lost())?;
        // Not what was said: it may be secret.
        let not_understood = |_| ApiError::new(ErrorCode::Internal).with("what", "an answer that is not understood");
        let answered: Answered<'_> = serde_json::from_slice(frame.as_slice()).map_err(not_understood)?;
        match (answered.answer, answered.error) {
            (Some(answer), None) => serde_json::from_str(answer.get()).map_err(not_understood),
            (_, Some(error)) => Err(error),
            (None, None) => Err(ApiError::new(ErrorCode::Internal).with("what", "an answer without an answer")),
        }
    }
}

impl Desk {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: Event) {
        let ear = self.ear.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ear) = ear {
            ear.notify(event);
        }
    }
}

/// Nobody waits any more once the connection is over, however it ends.
struct AtTheEnd(Arc<Desk>);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        {
            let mut waiting = self.0.waiting();
            waiting.over = true;
            waiting.answers.clear();
        }
        self.0.hear(Event::VaultChanged);
    }
}

async fn read<R: AsyncRead + Unpin>(mut frames: Frames<R>, desk: Arc<Desk>) {
    let end = AtTheEnd(desk);
    while let Ok(frame) = frames.next(None).await {
        let Ok(answered) = serde_json::from_slice::<Answered<'_>>(frame.as_slice()) else { return };
        match (answered.id, answered.event) {
            (_, Some(event)) => end.0.hear(event),
            (Some(id), None) => {
                let waits = end.0.waiting().answers.remove(&id);
                if let Some(waits) = waits {
                    // Who no longer waits needs no answer.
                    let _ = waits.send(frame);
                }
            }
            // What was sent was not understood: the connection ends.
            (None, None) => return,
        }
    }
}

async fn write(mut to: impl AsyncWrite + Unpin, mut waiting: mpsc::Receiver<WipedBytes>) {
    while let Some(frame) = waiting.recv().await {
        if to.write_all(frame.as_slice()).await.is_err() {
            return;
        }
    }
}
