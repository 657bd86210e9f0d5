//! A process of the other place that answers in frames: bytes of any kind, then a line with a word that only the two know. No
//! name and no content can forge the end of an answer.

use std::io;

use beffroi_remote::{CommandLine, RemoteError};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::SshRemote;
use crate::greeting::Wire;
use crate::stream::exec_stream;

/// What does the work.
const SCRIPT: &str = include_str!("../../../../../assets/remote/sftp.sh");
/// What the word and the status take at most.
const TRAILER: usize = 64;
/// The most that is read at once.
const PIECE: usize = 256 << 10;

/// One answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) bytes: BytesMut,
    pub(super) is_done: bool,
}

/// The process, with what it said and nobody took yet.
pub(super) struct Framed {
    stream: Box<dyn Wire>,
    inbox: Inbox,
}

/// Starts the script, which does what the words say.
pub(super) async fn begin(remote: &SshRemote, words: &[&str]) -> Result<Box<dyn Wire>, RemoteError> {
    let line = CommandLine::new(["sh", "-c", SCRIPT, "sh"].iter().chain(words));
    Ok(Box::new(exec_stream(remote, &line).await?))
}

impl Framed {
    /// Starts the script and agrees on the word.
    pub(super) async fn start(remote: &SshRemote, words: &[&str]) -> Result<Self, RemoteError> {
        let random = || getrandom::u64().map_err(|error| RemoteError::Refused { reason: error.to_string() });
        let word = format!("{:016x}{:016x}", random()?, random()?);
        let mut framed = Self { stream: begin(remote, words).await?, inbox: Inbox::new(&word) };
        framed.send(format!("{word}\n").as_bytes()).await;
        Ok(framed)
    }

    /// To a process that ended nothing is sent: the answer that does not come says so.
    pub(super) async fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next answer, of so many bytes at most.
    pub(super) async fn next(&mut self, most: usize) -> io::Result<Frame> {
        loop {
            if let Some(frame) = self.inbox.take()? {
                return Ok(frame);
            }
            if self.inbox.bytes.len() > most + TRAILER {
                return Err(io::Error::other("the answer is too long"));
            }
            self.inbox.bytes.reserve(PIECE);
            if self.stream.read_buf(&mut self.inbox.bytes).await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended before its answer did"));
            }
        }
    }

    /// What it says outside of any answer, to its end.
    pub(super) async fn rest(&mut self, most: usize) -> Vec<u8> {
        while self.inbox.bytes.len() < most && matches!(self.stream.read_buf(&mut self.inbox.bytes).await, Ok(1..)) {}
        self.inbox.bytes.truncate(most);
        self.inbox.bytes.to_vec()
    }
}

/// What came, and where the next end of an answer may be.
struct Inbox {
    end: Vec<u8>,
    bytes: BytesMut,
    /// No end begins before.
    from: usize,
}

impl Inbox {
    fn new(word: &str) -> Self {
        Self { end: format!("\n{word} ").into_bytes(), bytes: BytesMut::new(), from: 0 }
    }

    /// Takes an answer that is whole.
    fn take(&mut self) -> io::Result<Option<Frame>> {
        while let Some(next) = self.bytes.get(self.from..).and_then(|bytes| bytes.iter().position(|byte| *byte == b'\n')) {
            let at = self.from + next;
            let here = self.bytes.get(at..).unwrap_or_default();
            let Some(status) = here.strip_prefix(self.end.as_slice()) else {
                if here.len() < self.end.len() && self.end.starts_with(here) {
                    // The rest of it may come.
                    self.from = at;
                    return Ok(None);
                }
                self.from = at + 1;
                continue;
            };
            let Some(length) = status.iter().take(TRAILER).position(|byte| *byte == b'\n') else {
                self.from = at;
                return if status.len() < TRAILER { Ok(None) } else { Err(io::Error::other("the answer has no end")) };
            };
            let is_done = status.starts_with(b"0\n");
            let after = self.end.len() + length + 1;
            let bytes = self.bytes.split_to(at);
            drop(self.bytes.split_to(after));
            self.from = 0;
            return Ok(Some(Frame { bytes, is_done }));
        }
        self.from = self.bytes.len();
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_framed_comes_out_however_it_is_cut(
            bodies in prop::collection::vec((prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'w'), Just(b' '), any::<u8>()], 0..200), any::<bool>()), 0..6),
            cut in 1_usize..50,
        ) {
            let mut sent = Vec::new();
            for (body, is_done) in &bodies {
                sent.extend_from_slice(body);
                sent.extend_from_slice(if *is_done { b"\nword 0\n" } else { b"\nword 17\n" });
            }
            let whole = bodies.iter().all(|(body, _)| !body.windows(6).any(|part| part == b"\nword "));
            prop_assume!(whole);
            let (mut inbox, mut seen) = (Inbox::new("word"), Vec::new());
            for piece in sent.chunks(cut) {
                inbox.bytes.extend_from_slice(piece);
                while let Some(frame) = inbox.take().expect("an answer") {
                    seen.push((frame.bytes.to_vec(), frame.is_done));
                }
            }
            prop_assert_eq!(seen, bodies);
            prop_assert!(inbox.bytes.is_empty());
        }
    }

    #[test]
    fn an_end_without_an_end_is_refused() {
        let mut inbox = Inbox::new("word");
        inbox.bytes.extend_from_slice(b"\nword ");
        assert!(inbox.take().expect("nothing yet").is_none());
        inbox.bytes.extend_from_slice(&[b'1'; TRAILER]);
        assert!(inbox.take().is_err());
    }
}
