//! A file of the host here.

use std::path::Path;

use beffroi_remote::{RemoteError, Transfer};
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncWriteExt, BufWriter};

use super::part::{LocalPart, local_destination, part_name};
use super::{LOCAL_BUFFER, Report, Sftp, UNDER_WAY, failed, from_home, is_folder, local, unreadable};

/// The most that is read of a file that says it is empty, such as those of `/proc`.
const MOST_UNSIZED: u64 = 64 << 20;

/// Copies a file of the host, as it is when it is opened: into a part beside the destination, made durable, then renamed.
/// The file here is the owner's alone, executable when the host's owner may execute it.
pub(crate) async fn get(session: &Sftp, from: &str, to: &Path, progress: &mut (dyn FnMut(Transfer) + Send)) -> Result<u64, RemoteError> {
    let from = from_home(from);
    let name = from.rsplit('/').next().filter(|name| !matches!(*name, "" | "." | ".."));
    let name = name.ok_or_else(|| unreadable(from, "names no file"))?;
    let wrong = |error| failed(from, error);
    let handle = session.raw.open(from, OpenFlags::READ, FileAttributes::empty()).await.map_err(wrong)?.handle;
    let found = session.raw.fstat(handle.as_str()).await.map_err(wrong)?.attrs;
    if is_folder(&found) {
        return Err(unreadable(from, "is a folder"));
    }

    let destination = local_destination(to, name).await;
    let beside = destination.file_name().and_then(|name| name.to_str()).and_then(part_name);
    let part = destination
        .with_file_name(beside.ok_or_else(|| RemoteError::LocalFile { path: destination.clone(), reason: "names no file".to_owned() })?);
    let here = |error: std::io::Error| local(&destination, &error);

    let file = create(&part, found.permissions.unwrap_or(0)).await.map_err(here)?;
    let guard = LocalPart::new(part.clone());
    let mut file = BufWriter::with_capacity(LOCAL_BUFFER, file);
    let size = found.size.unwrap_or(0);
    let mut report = Report::start(progress, size);
    let mut read = Read { session, handle: &handle, from };
    let done = if size == 0 {
        read.unsized_file(&mut file, &destination).await?
    } else {
        Box::pin(read.sized_file(size, &mut file, &destination, &mut report)).await?
    };
    file.flush().await.map_err(here)?;
    file.get_ref().sync_all().await.map_err(here)?;
    drop(file);
    // The bytes are here; a host that cannot close a file takes nothing from them.
    let _ = session.raw.close(handle).await;
    tokio::fs::rename(&part, &destination).await.map_err(here)?;
    guard.keep();
    sync_folder(&destination).await;
    Ok(done)
}

struct Read<'a> {
    session: &'a Sftp,
    handle: &'a str,
    from: &'a str,
}

impl Read<'_> {
    async fn sized_file(
        &mut self,
        size: u64,
        file: &mut BufWriter<File>,
        destination: &Path,
        report: &mut Report<'_>,
    ) -> Result<u64, RemoteError> {
        let piece = self.session.piece as u64;
        let mut offsets = (0..size.div_ceil(piece)).map(|index| index * piece);
        let mut under_way = FuturesOrdered::new();
        let mut done = 0_u64;
        loop {
            while under_way.len() < UNDER_WAY
                && let Some(offset) = offsets.next()
            {
                under_way.push_back(self.whole_piece(offset, piece.min(size - offset)));
            }
            let Some(bytes) = under_way.next().await else { break };
            let bytes = bytes?;
            file.write_all(&bytes).await.map_err(|error| local(destination, &error))?;
            done = done.saturating_add(bytes.len() as u64);
            report.at(done);
        }
        Ok(done)
    }

    /// One piece, asked for again where the server gave less.
    async fn whole_piece(&self, offset: u64, length: u64) -> Result<Vec<u8>, RemoteError> {
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < length {
            let have = bytes.len() as u64;
            match self.some(offset + have, length - have).await? {
                Some(more) => bytes.extend(more),
                None => return Err(unreadable(self.from, "it became shorter while it was read")),
            }
        }
        Ok(bytes)
    }

    async fn unsized_file(&mut self, file: &mut BufWriter<File>, destination: &Path) -> Result<u64, RemoteError> {
        let mut done = 0_u64;
        while let Some(bytes) = self.some(done, self.session.piece as u64).await? {
            file.write_all(&bytes).await.map_err(|error| local(destination, &error))?;
            done = done.saturating_add(bytes.len() as u64);
            if done > MOST_UNSIZED {
                return Err(unreadable(self.from, "it has no size and does not end"));
            }
        }
        Ok(done)
    }

    /// At most `length` bytes; `None` at the end of the file.
    async fn some(&self, offset: u64, length: u64) -> Result<Option<Vec<u8>>, RemoteError> {
        let asked = u32::try_from(length).unwrap_or(u32::MAX);
        match self.session.raw.read(self.handle, offset, asked).await {
            Ok(answer) if answer.data.len() as u64 > length => {
                Err(RemoteError::NotUnderstood { what: "SFTP: more than was asked for".to_owned() })
            }
            Ok(answer) if answer.data.is_empty() => Ok(None),
            Ok(answer) => Ok(Some(answer.data)),
            Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => Ok(None),
            Err(error) => Err(failed(self.from, error)),
        }
    }
}

async fn create(part: &Path, mode: u32) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600 | (mode & 0o100));
    #[cfg(not(unix))]
    let _ = mode;
    options.open(part).await
}

/// Makes the rename durable. The file is there already: a folder that cannot be synced is no reason to fail.
async fn sync_folder(file: &Path) {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if let Ok(folder) = File::open(folder).await {
            let _ = folder.sync_all().await;
        }
    }
    #[cfg(not(unix))]
    let _ = file;
}
