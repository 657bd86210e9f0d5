//! The first line of an SSH server, as it passes by (RFC 4253, 4.2).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::text::harmless;

/// What may come before the line: OpenSSH's client takes a thousand lines, nobody sends more than a few.
const MOST_BEFORE: usize = 8 << 10;

/// A byte stream to a host.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// What was heard of a host before the key exchange.
#[derive(Default)]
pub(crate) struct Heard {
    bytes: Mutex<Vec<u8>>,
    line: OnceLock<(String, Instant)>,
}

impl Heard {
    /// The line, made harmless, and when it was complete.
    pub(crate) fn line(&self) -> Option<&(String, Instant)> {
        self.line.get()
    }

    /// What came instead of it, made harmless.
    pub(crate) fn other(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        harmless(String::from_utf8_lossy(&bytes).trim_end())
    }

    fn take(&self, new: &[u8]) {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_BEFORE.saturating_sub(bytes.len());
        bytes.extend_from_slice(new.get(..room).unwrap_or(new));
        let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        if let Some(line) = lines.find(|line| line.starts_with(b"SSH-")) {
            let text = harmless(String::from_utf8_lossy(line).trim_end());
            // Set once: nothing is taken after it.
            let _ = self.line.set((text, Instant::now()));
        }
    }
}

/// A stream that is listened to until the line has passed.
pub(crate) struct Listening {
    wire: Box<dyn Wire>,
    heard: Arc<Heard>,
    cut: Option<oneshot::Receiver<()>>,
}

/// Ends the stream when it is dropped before the key exchange was done: russh's task would wait for a silent host for ever.
pub(crate) struct Cutter(Option<oneshot::Sender<()>>);

impl Cutter {
    /// The key exchange is done: from here on the connection ends with its handle.
    pub(crate) fn leave(mut self) {
        self.0 = None;
    }
}

impl Drop for Cutter {
    fn drop(&mut self) {
        if let Some(cut) = self.0.take() {
            // A stream that is gone needs no cut.
            let _ = cut.send(());
        }
    }
}

impl Listening {
    pub(crate) fn new(wire: Box<dyn Wire>) -> (Self, Arc<Heard>, Cutter) {
        let heard = Arc::new(Heard::default());
        let (sender, cut) = oneshot::channel();
        (Self { wire, heard: Arc::clone(&heard), cut: Some(cut) }, heard, Cutter(Some(sender)))
    }
}

impl AsyncRead for Listening {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.cut.as_mut().map(|cut| Pin::new(cut).poll(context)) {
            // Nothing read is the end.
            Some(Poll::Ready(Ok(()))) => return Poll::Ready(Ok(())),
            Some(Poll::Ready(Err(_))) => self.cut = None,
            Some(Poll::Pending) | None => {}
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.wire).poll_read(context, buffer);
        if self.heard.line.get().is_none() {
            self.heard.take(buffer.filled().get(before..).unwrap_or_default());
        }
        polled
    }
}

impl AsyncWrite for Listening {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(pieces: &[&[u8]]) -> Option<String> {
        let heard = Heard::default();
        pieces.iter().for_each(|piece| heard.take(piece));
        heard.line().map(|(line, _)| line.clone())
    }

    #[test]
    fn the_line_is_found_after_others_and_in_pieces() {
        assert_eq!(line(&[b"SSH-2.0-OpenSSH_9.2p1 Debian\r\nrest"]).as_deref(), Some("SSH-2.0-OpenSSH_9.2p1 Debian"));
        assert_eq!(line(&[b"Welcome SSH-\r\nSS", b"H-2.0-x\x1b[2J", b"\n"]).as_deref(), Some("SSH-2.0-x\\u{1b}[2J"));
        assert_eq!(line(&[b"SSH-2.0-no end of line"]), None);
        assert_eq!(line(&[&[b'x'; MOST_BEFORE], b"\nSSH-2.0-late\n"]), None);
    }

    #[test]
    fn what_came_instead_is_told() {
        let heard = Heard::default();
        heard.take(b"Not allowed at this time\r\n");
        assert_eq!(heard.other(), "Not allowed at this time");
    }
}
