//! A command's input and output as one stream of bytes, for a protocol that is spoken over it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use beffroi_remote::{Chunk, CommandLine, Limits, RemoteError, RunRequest};
use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc::OwnedPermit;
use tokio::sync::mpsc::error::SendError;
use tokio::time::timeout;

use crate::SshRemote;
use crate::process::SshProcess;

/// How long the start may take, sudo included.
const START: Duration = Duration::from_secs(60);

/// How long it may be used: as long as its connection.
const USE: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The most bytes that are written in one piece.
const PIECE: usize = 64 << 10;

type Place = Pin<Box<dyn Future<Output = Result<OwnedPermit<Bytes>, SendError<()>>> + Send>>;

/// Starts a command whose standard input and output are the stream; as root where the remote is elevated, and then it is
/// given once root's shell is there. It ends with the end of its input: dropped, it is given a moment to do so and is then
/// killed.
///
/// What comes waits here until it is read, up to [`crate::MOST_WAITING`]: past that the stream fails. Standard error is
/// dropped as it is read past.
///
/// # Errors
/// Those of [`beffroi_remote::Remote::start`]; [`RemoteError::TimedOut`] when it does not start within a minute.
pub async fn exec_stream(
    remote: &SshRemote,
    command: &CommandLine,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>, RemoteError> {
    let limits = Limits { time: USE, ..Limits::default() };
    let request = RunRequest::new(command.clone()).with_open_input().with_limits(limits);
    let late = |_| RemoteError::TimedOut { seconds: START.as_secs() };
    let process = timeout(START, remote.launch(request, true)).await.map_err(late)??;
    Ok(Stream { process, unread: Bytes::new(), place: None })
}

struct Stream {
    process: SshProcess,
    unread: Bytes,
    /// For the piece that is to be written next.
    place: Option<Place>,
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.unread.is_empty() {
            match ready!(this.process.poll_next(context)) {
                Ok(Some(Chunk::Stdout(bytes))) => this.unread = bytes,
                Ok(Some(Chunk::Stderr(_) | Chunk::Exit(_))) => {}
                Ok(None) => return Poll::Ready(Ok(())),
                Err(error) => return Poll::Ready(Err(io::Error::other(error))),
            }
        }
        let length = this.unread.len().min(buffer.remaining());
        buffer.put_slice(this.unread.get(..length).unwrap_or_default());
        this.unread.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let Some(input) = &this.process.input else { return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())) };
        let place = this.place.get_or_insert_with(|| Box::pin(input.clone().reserve_owned()));
        let reserved = ready!(place.as_mut().poll(context));
        this.place = None;
        let permit = reserved.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        let piece = bytes.get(..bytes.len().min(PIECE)).unwrap_or_default();
        permit.send(Bytes::copy_from_slice(piece));
        Poll::Ready(Ok(piece.len()))
    }

    /// What was written is on its way; nothing here waits for more of it.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        (this.place, this.process.input) = (None, None);
        Poll::Ready(Ok(()))
    }
}
