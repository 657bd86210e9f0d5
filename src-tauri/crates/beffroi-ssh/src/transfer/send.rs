//! The bytes of a local file into an open file of the host.

use std::fs::File;
use std::io::{Cursor, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use beffroi_remote::RemoteError;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use super::lanes::Lanes;
use super::report::Report;
use super::{MOST_UNSIZED, failed, local};

/// Pieces that are read ahead.
const AHEAD: usize = 32;
/// Bytes of requests under way in each session: enough to fill its window, and the queue before it.
pub(super) const DEEP: u64 = 3 << 20;

/// A local file as it was when its copy began.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) mode: u32,
    pub(super) modified: Option<std::time::SystemTime>,
    content: Box<dyn Read + Send + Sync>,
    /// The file, to see whether it changed; none where it has no size that could.
    file: Option<File>,
}

/// Size and digest of what was read.
pub(super) struct Sum {
    pub(super) size: u64,
    pub(super) sha256: [u8; 32],
}

impl Source {
    pub(super) async fn open(path: &Path) -> Result<Self, RemoteError> {
        let wrong = |error: std::io::Error| local(path, &error);
        let file = tokio::fs::File::open(path).await.map_err(wrong)?;
        let found = file.metadata().await.map_err(wrong)?;
        if !found.is_file() {
            return Err(RemoteError::LocalFile { path: path.to_owned(), reason: "not a regular file".to_owned() });
        }
        let (size, mode, modified) = (found.len(), super::permissions(&found), found.modified().ok());
        let path = path.to_owned();
        if size > 0 {
            let file = file.into_std().await;
            let content = Box::new(file.try_clone().map_err(wrong)?);
            return Ok(Self { path, size, mode, modified, content, file: Some(file) });
        }
        // It says that it is empty, as those of `/proc` do.
        let mut content = Vec::new();
        file.take(MOST_UNSIZED + 1).read_to_end(&mut content).await.map_err(wrong)?;
        let size = content.len() as u64;
        if size > MOST_UNSIZED {
            return Err(RemoteError::LocalFile { path, reason: "it has no size and does not end".to_owned() });
        }
        Ok(Self { path, size, mode, modified, content: Box::new(Cursor::new(content)), file: None })
    }

    /// The file once more, for another reader.
    pub(super) fn reopen(&self) -> Result<File, RemoteError> {
        File::open(&self.path).map_err(|error| local(&self.path, &error))
    }

    /// Reads the whole file once, and gives pieces of the wanted ranges in order. Where nobody takes them any more it ends.
    fn read(mut self, wanted: Vec<Range<u64>>, piece: usize, pieces: &Sender<(u64, Vec<u8>)>) -> Result<Sum, RemoteError> {
        let path = self.path;
        let wrong = |error: std::io::Error| local(&path, &error);
        let changed = || RemoteError::LocalFile { path: path.clone(), reason: "it changed while it was read".to_owned() };
        let mut hash = Sha256::new();
        let mut wanted = wanted.into_iter().peekable();
        let mut at = 0_u64;
        loop {
            // Up to the next border between what is wanted and what is not.
            let (border, is_wanted) = match wanted.peek() {
                Some(range) if range.start <= at => (range.end, true),
                Some(range) => (range.start, false),
                None => (u64::MAX, false),
            };
            let most = border.saturating_sub(at).min(piece as u64);
            let mut bytes = Vec::with_capacity(piece);
            (&mut self.content).take(most).read_to_end(&mut bytes).map_err(wrong)?;
            if bytes.is_empty() {
                break;
            }
            hash.update(&bytes);
            let length = bytes.len() as u64;
            if is_wanted && pieces.blocking_send((at, bytes)).is_err() {
                break;
            }
            at += length;
            if at == border {
                wanted.next_if(|range| range.end == at);
            }
            if at > self.size {
                return Err(changed());
            }
        }
        if pieces.is_closed() {
            return Ok(Sum { size: at, sha256: hash.finalize().into() });
        }
        if let Some(file) = &self.file {
            let found = file.metadata().map_err(wrong)?;
            if at != self.size || found.len() != self.size || found.modified().ok() != self.modified {
                return Err(changed());
            }
        }
        Ok(Sum { size: at, sha256: hash.finalize().into() })
    }
}

/// Sends the ranges of the file, and hashes all of it. The lanes stay open.
pub(super) async fn send(
    source: Source,
    wanted: Vec<Range<u64>>,
    lanes: &mut Lanes,
    piece: usize,
    name: &str,
    report: &mut Report<'_>,
) -> Result<Sum, RemoteError> {
    let mut left = super::spans::length(&wanted);
    let (sender, mut pieces) = channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || source.read(wanted, piece, &sender));
    let sent = write(&mut pieces, lanes, &mut left, name, report).await;
    pieces.close();
    let read = joined(reading).await;
    sent?;
    read
}

async fn write(
    pieces: &mut Receiver<(u64, Vec<u8>)>,
    lanes: &mut Lanes,
    left: &mut u64,
    name: &str,
    report: &mut Report<'_>,
) -> Result<(), RemoteError> {
    let mut under_way = FuturesUnordered::new();
    let mut more = true;
    while more || !under_way.is_empty() {
        let free = lanes.free();
        tokio::select! {
            piece = pieces.recv(), if more && free.is_some() => {
                let Some((offset, bytes)) = piece else {
                    more = false;
                    continue;
                };
                let length = bytes.len() as u64;
                let Some((index, (session, handle))) = free.and_then(|index| Some((index, lanes.take(index, length)?))) else { continue };
                *left = left.saturating_sub(length);
                under_way.push(async move { (index, length, session.raw.write(handle, offset, bytes).await) });
            }
            Some((index, length, answer)) = under_way.next(), if !under_way.is_empty() => {
                answer.map_err(|error| failed(name, error))?;
                lanes.answered(index, length, *left);
                report.add(length);
            }
            () = lanes.grow() => {}
        }
    }
    Ok(())
}

/// The end of work on a thread of its own.
pub(super) async fn joined<T>(work: JoinHandle<Result<T, RemoteError>>) -> Result<T, RemoteError> {
    match work.await {
        Ok(result) => result,
        Err(error) => Err(RemoteError::LocalFile { path: PathBuf::new(), reason: error.to_string() }),
    }
}
