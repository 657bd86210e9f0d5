//! The bytes of an open file of the host into a local file.

use std::fs::File;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use beffroi_remote::RemoteError;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::StatusCode;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::lanes::Lanes;
use super::report::Report;
use super::send::{Sum, joined};
use super::session::Sftp;
use super::{failed, local, spans, unreadable};

/// Pieces that wait to be written.
const BEHIND: usize = 32;
/// Bytes of requests under way in each session: as much as our own window takes.
pub(super) const DEEP: u64 = 4 << 20;
/// Bytes after which the system is asked to begin writing them to the disk, so that the end does not wait for all.
const WRITE_BACK: u64 = 32 << 20;
/// Bytes that are read back at once for the digest.
const BLOCK: usize = 256 << 10;

/// Fetches the wanted ranges into the file, which has the others already, and hashes all of it.
pub(super) async fn receive(
    wanted: Vec<Range<u64>>,
    size: u64,
    lanes: &mut Lanes,
    piece: usize,
    from: &str,
    into: (File, &Path),
    report: &mut Report<'_>,
) -> Result<Sum, RemoteError> {
    let (file, path) = into;
    let path = path.to_owned();
    let left = spans::length(&wanted);
    let have = spans::missing(size, &wanted);
    let (mut sender, receiver) = channel(BEHIND);
    let writing = tokio::task::spawn_blocking(move || {
        Writer { file: Arc::new(file), have, hash: Sha256::new(), hashed: 0, unsynced: 0, syncing: Arc::default() }
            .run(receiver, size)
            .map_err(|error| local(&path, &error))
    });
    let fetched = fetch(spans::pieces(wanted, piece as u64), left, lanes, from, &mut sender, report).await;
    drop(sender);
    // A writer that failed is why the fetching stopped.
    let sum = joined(writing).await;
    match (fetched, sum) {
        (Err(Stop::Host(error)), _) | (_, Err(error)) => Err(error),
        (Err(Stop::Here), Ok(_)) => Err(RemoteError::LinkLost { reason: "the writer ended".to_owned() }),
        (Ok(()), Ok(sum)) => Ok(sum),
    }
}

/// Why the fetching stopped.
enum Stop {
    Host(RemoteError),
    Here,
}

async fn fetch(
    mut pieces: impl Iterator<Item = Range<u64>>,
    mut left: u64,
    lanes: &mut Lanes,
    from: &str,
    written: &mut Sender<(u64, Vec<u8>)>,
    report: &mut Report<'_>,
) -> Result<(), Stop> {
    let mut under_way = FuturesUnordered::new();
    loop {
        while let Some(index) = lanes.free()
            && let Some(piece) = pieces.next()
        {
            let length = piece.end - piece.start;
            let Some((session, handle)) = lanes.take(index, length) else { continue };
            left = left.saturating_sub(length);
            under_way.push(async move { (index, piece.start, whole(&session, &handle, piece, from).await) });
        }
        if under_way.is_empty() {
            return Ok(());
        }
        tokio::select! {
            Some((index, offset, bytes)) = under_way.next() => {
                let bytes = bytes.map_err(Stop::Host)?;
                let length = bytes.len() as u64;
                lanes.answered(index, length, left);
                written.send((offset, bytes)).await.map_err(|_| Stop::Here)?;
                report.add(length);
            }
            () = lanes.grow() => {}
        }
    }
}

/// One piece, asked for again where the server gave less.
async fn whole(session: &Sftp, handle: &str, piece: Range<u64>, from: &str) -> Result<Vec<u8>, RemoteError> {
    let mut bytes = Vec::new();
    let length = piece.end - piece.start;
    while (bytes.len() as u64) < length {
        let have = bytes.len() as u64;
        match some(session, handle, piece.start + have, length - have, from).await? {
            Some(more) if bytes.is_empty() => bytes = more,
            Some(more) => bytes.extend(more),
            None => return Err(unreadable(from, "it became shorter while it was read")),
        }
    }
    Ok(bytes)
}

/// At most `length` bytes; `None` at the end of the file.
pub(super) async fn some(session: &Sftp, handle: &str, offset: u64, length: u64, from: &str) -> Result<Option<Vec<u8>>, RemoteError> {
    let asked = u32::try_from(length).unwrap_or(u32::MAX);
    match session.raw.read(handle, offset, asked).await {
        Ok(answer) if answer.data.len() as u64 > length => {
            Err(RemoteError::NotUnderstood { what: "SFTP: more than was asked for".to_owned() })
        }
        Ok(answer) if answer.data.is_empty() => Ok(None),
        Ok(answer) => Ok(Some(answer.data)),
        Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => Ok(None),
        Err(error) => Err(failed(from, error)),
    }
}

/// Writes pieces where they belong, and hashes the file in its order: a piece that comes in turn as it comes, others when
/// what was before them is there, read back from the system's cache. So memory is bounded however far a session is behind.
struct Writer {
    file: Arc<File>,
    /// Ranges that are written and not hashed yet.
    have: Vec<Range<u64>>,
    hash: Sha256,
    hashed: u64,
    unsynced: u64,
    syncing: Arc<AtomicBool>,
}

impl Writer {
    fn run(mut self, mut pieces: Receiver<(u64, Vec<u8>)>, size: u64) -> std::io::Result<Sum> {
        self.catch_up()?;
        while let Some((offset, bytes)) = pieces.blocking_recv() {
            write_at(&self.file, &bytes, offset)?;
            if offset == self.hashed {
                self.hash.update(&bytes);
                self.hashed += bytes.len() as u64;
                self.catch_up()?;
            } else {
                self.remember(offset..offset + bytes.len() as u64);
            }
            self.begin_write_back(bytes.len() as u64);
        }
        // An end without all is a copy that was stopped: nobody asks for its sum.
        if self.hashed == size {
            self.file.sync_all()?;
        }
        Ok(Sum { size: self.hashed, sha256: self.hash.finalize().into() })
    }

    fn remember(&mut self, range: Range<u64>) {
        match self.have.iter_mut().find(|have| have.end == range.start) {
            Some(before) => before.end = range.end,
            None => self.have.push(range),
        }
    }

    fn catch_up(&mut self) -> std::io::Result<()> {
        while let Some(index) = self.have.iter().position(|range| range.start == self.hashed) {
            let range = self.have.swap_remove(index);
            let mut block = vec![0; BLOCK];
            while self.hashed < range.end {
                let length = usize::try_from(range.end - self.hashed).unwrap_or(BLOCK).min(BLOCK);
                let block = block.get_mut(..length).unwrap_or_default();
                read_at(&self.file, block, self.hashed)?;
                self.hash.update(&*block);
                self.hashed += length as u64;
            }
        }
        Ok(())
    }

    /// Has what was written so far brought to the disk by a thread of its own, one at a time.
    fn begin_write_back(&mut self, bytes: u64) {
        self.unsynced += bytes;
        if self.unsynced < WRITE_BACK || self.syncing.swap(true, Ordering::Relaxed) {
            return;
        }
        self.unsynced = 0;
        let (file, syncing) = (Arc::clone(&self.file), Arc::clone(&self.syncing));
        std::thread::spawn(move || {
            // The end syncs again, and tells an error.
            let _ = file.sync_data();
            syncing.store(false, Ordering::Relaxed);
        });
    }
}

#[cfg(unix)]
pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(not(unix))]
pub(super) fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom, Write};
    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}

#[cfg(not(unix))]
pub(super) fn read_at(mut file: &File, bytes: &mut [u8], offset: u64) -> std::io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(bytes)
}
