//! The bytes of a file: a process for a run of them. Who reads asks for as much as fits here, so that nothing of it waits in the
//! connection, which others use as well; who writes waits for the window of the process.

use std::io::ErrorKind;

use bytes::{Buf, BytesMut};
use russh_sftp::server::StatusReply;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::answers::{broken, cut, failure, refused};
use super::framed::{Framed, begin};
use crate::SshRemote;
use crate::greeting::Wire;

/// Blocks of 64 KiB that are asked for at once.
const BLOCKS: usize = 16;
/// Bytes of an answer.
const CHUNK: usize = BLOCKS * (64 << 10);
/// Answers that are under way while a file is read from one end to the other.
const AHEAD: usize = 3;
/// Bytes that are read past rather than begun anew after them.
const SKIPPED: u64 = 2 << 20;
/// The most that is kept of what a process says when it fails.
const MOST_SAID: usize = 16 << 10;

/// A file that is read on.
pub(super) struct Reader {
    framed: Framed,
    /// Where what is ready begins.
    at: u64,
    ready: BytesMut,
    asked: usize,
    ahead: usize,
}

impl Reader {
    pub(super) async fn start(remote: &SshRemote, path: &str, at: u64) -> Result<Self, StatusReply> {
        let framed = Framed::start(remote, &["read", path, &at.to_string()]).await;
        let mut framed = framed.map_err(|error| broken(&error))?;
        match framed.next(MOST_SAID).await {
            Ok(_) => Ok(Self { framed, at, ready: BytesMut::new(), asked: 0, ahead: 1 }),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(failure(&framed.rest(MOST_SAID).await)),
            Err(error) => Err(cut(&error)),
        }
    }

    /// Whether it comes past there.
    pub(super) fn reaches(&self, offset: u64) -> bool {
        let end = self.at + self.ready.len() as u64;
        (self.at..=end.saturating_add(SKIPPED)).contains(&offset)
    }

    /// As many bytes from there as there are, up to `length`; none at the end. After an error it is of no use.
    pub(super) async fn read(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, StatusReply> {
        loop {
            let past = usize::try_from(offset.saturating_sub(self.at)).unwrap_or(usize::MAX).min(self.ready.len());
            self.ready.advance(past);
            self.at += past as u64;
            if self.at == offset && self.ready.len() >= length {
                break;
            }
            while self.asked < self.ahead {
                self.framed.send(format!("{BLOCKS}\n").as_bytes()).await;
                self.asked += 1;
            }
            let frame = self.framed.next(CHUNK).await.map_err(|error| cut(&error))?;
            self.asked -= 1;
            if !frame.is_done {
                return Err(failure(&self.framed.rest(MOST_SAID).await));
            }
            if frame.bytes.is_empty() {
                break;
            }
            if frame.bytes.len() == CHUNK {
                self.ahead = AHEAD;
            }
            self.ready.extend_from_slice(&frame.bytes);
        }
        if self.at != offset {
            return Ok(Vec::new());
        }
        let bytes = self.ready.split_to(length.min(self.ready.len()));
        self.at += bytes.len() as u64;
        Ok(bytes.to_vec())
    }
}

/// A file that is written on.
pub(super) struct Writer {
    stream: Box<dyn Wire>,
    /// Where the next byte goes.
    at: u64,
    appends: bool,
}

impl Writer {
    /// `at` of `None` is the end of the file, wherever that is.
    pub(super) async fn start(remote: &SshRemote, path: &str, id: &str, at: Option<u64>) -> Result<Self, StatusReply> {
        let place = at.map_or_else(|| "end".to_owned(), |at| at.to_string());
        let stream = begin(remote, &["write", path, id, &place]).await.map_err(|error| broken(&error))?;
        Ok(Self { stream, at: at.unwrap_or(0), appends: at.is_none() })
    }

    pub(super) fn is_at(&self, offset: u64) -> bool {
        self.appends || self.at == offset
    }

    /// False when the process takes no more: its end says why.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> bool {
        self.at = self.at.saturating_add(bytes.len() as u64);
        self.stream.write_all(bytes).await.is_ok()
    }

    /// Waits until all is written.
    pub(super) async fn finish(mut self) -> Result<(), StatusReply> {
        // One that has ended already is no failure by itself.
        let _ = self.stream.shutdown().await;
        let mut said = Vec::new();
        let ended = (&mut self.stream).take(MOST_SAID as u64).read_to_end(&mut said).await;
        match ended {
            Ok(_) if said == b"done\n" => Ok(()),
            Ok(_) if said.is_empty() => Err(refused("what wrote there was ended")),
            Ok(_) => Err(failure(&said)),
            Err(error) => Err(cut(&error)),
        }
    }
}
