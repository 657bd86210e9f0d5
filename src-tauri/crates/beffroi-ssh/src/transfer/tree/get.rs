//! A folder of the host here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, UNIX_EPOCH};

use beffroi_remote::{CommandLine, Copied, CopyNote, CopyOptions, RemoteError, Transfer};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};

use super::list::{self, at};
use super::many::Many;
use super::{BATCH, BATCHES, Entry, Tree, batches, pack};
use crate::transfer::get::{Source, create, settle};
use crate::transfer::host::{self, operand};
use crate::transfer::local;
use crate::transfer::part::part_name;
use crate::transfer::report::Report;
use crate::transfer::send::joined;
use crate::transfer::session::Sftp;
use crate::transfer::wire::Wire;

/// The most that packing says: an archive of files that grew meanwhile, and their digests.
const MOST_SAID: usize = BATCH as usize * 2;

/// Copies a folder of the host. What is here already stays, where nothing of the same name replaces it.
pub(in crate::transfer) async fn get(
    wire: &Wire,
    session: &Sftp,
    from: &str,
    to: &Path,
    options: &CopyOptions,
    copied: &mut Copied,
    progress: &mut (dyn FnMut(Transfer) + Send),
) -> Result<(), RemoteError> {
    let mut tree = list::there(session, from, options.links, copied).await?;
    let packed = tree.sort_packed_first();
    let is_there = match std::fs::symlink_metadata(to) {
        Ok(found) if found.is_dir() => true,
        Ok(_) => return Err(RemoteError::LocalFile { path: to.to_owned(), reason: "is no folder".to_owned() }),
        Err(_) => false,
    };
    let nameless = || RemoteError::LocalFile { path: to.to_owned(), reason: "names no folder".to_owned() };
    let stage = to.file_name().and_then(|name| name.to_str()).and_then(part_name).ok_or_else(nameless)?;
    let stage = to.with_file_name(stage);
    let into = if is_there { to.to_owned() } else { stage.clone() };
    let guard = Stage { path: (!is_there).then(|| stage.clone()), open: Arc::new(RwLock::new(true)) };
    make_folders(&into, &tree)?;

    let mut report = Report::start(progress, tree.bytes(), tree.files.len() as u64);
    let copy = TreeCopy { wire, from, into: &into, options, open: Arc::clone(&guard.open) };
    let (small, single) = tree.files.split_at(packed);
    let again = Box::pin(copy.get_small(small, copied, &mut report)).await?;
    for file in again.iter().chain(single) {
        report.current(&file.path);
        let path = at(from, &file.path);
        let source = Source::open(session, &path).await?;
        let destination = into.join(&file.path);
        let copying = crate::transfer::get::file(wire, session, source, &destination, options, copied, &mut report);
        let size = Box::pin(copying).await?.size;
        copied.bytes = copied.bytes.saturating_add(size);
        report.files(1);
    }
    for link in &tree.links {
        make_link(&into.join(&link.path), &link.target)?;
    }
    if !is_there {
        tokio::fs::rename(&stage, to).await.map_err(|error| local(to, &error))?;
    }
    guard.keep();
    copied.files = tree.files.len() as u64;
    report.end();
    Ok(())
}

/// One copy of a tree from the host.
struct TreeCopy<'a> {
    wire: &'a Wire,
    from: &'a str,
    into: &'a Path,
    options: &'a CopyOptions,
    open: Open,
}

/// Whether files may still be written; held while one is.
type Open = Arc<RwLock<bool>>;

impl TreeCopy<'_> {
    /// Fetches small files packed; gives those that did not come as they were seen, to be fetched one by one.
    async fn get_small(&self, files: &[Entry], copied: &mut Copied, report: &mut Report<'_>) -> Result<Vec<Entry>, RemoteError> {
        let fetching = batches(files).into_iter().map(|range| {
            let files = files.get(range).unwrap_or_default();
            async move { self.fetch(files).await.map(|fetched| (files, fetched)) }.boxed()
        });
        let mut fetching = Many::new(fetching, BATCHES);
        let mut again = Vec::new();
        while let Some(archive) = fetching.next().await {
            let (files, fetched) = archive?;
            let Some(fetched) = fetched else {
                if !copied.notes.contains(&CopyNote::NotPacked) {
                    copied.note(CopyNote::NotPacked);
                }
                again.extend_from_slice(files);
                continue;
            };
            if self.options.verify && !fetched.verified && !copied.notes.contains(&CopyNote::NotVerified) {
                copied.note(CopyNote::NotVerified);
            }
            copied.verified &= fetched.verified;
            let done = files.len() - fetched.again.len();
            report.current(files.last().map_or("", |file| &file.path));
            report.files(done as u64);
            report.add(fetched.bytes);
            copied.bytes = copied.bytes.saturating_add(fetched.bytes);
            again.extend(fetched.again);
        }
        Ok(again)
    }

    /// Fetches one archive and writes what is in it; `None` where the host does not pack.
    async fn fetch(&self, files: &[Entry]) -> Result<Option<Fetched>, RemoteError> {
        let names: String = files.iter().map(|file| format!("./{}\n", file.path)).collect();
        let verify = if self.options.verify { "check" } else { "" };
        let line = ["sh", "-c", host::SCRIPT, "sh", "pack", &operand(self.from), verify];
        let told = match self.wire.exec(CommandLine::new(line), Some(names.into_bytes()), MOST_SAID).await {
            Ok(told) if told.is_done() => told,
            Ok(_) | Err(RemoteError::Refused { .. } | RemoteError::NotUnderstood { .. } | RemoteError::TooMuchOutput { .. }) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let (asked, into, times, open) = (files.to_vec(), self.into.to_owned(), self.options.times, Arc::clone(&self.open));
        let writing = tokio::task::spawn_blocking(move || {
            let digests = pack::digests(&told.stderr);
            let mut fetched = Fetched { again: Vec::new(), bytes: 0, verified: !digests.is_empty() };
            let mut here = vec![false; asked.len()];
            for (index, content) in pack::unpack(&told.stdout, &asked) {
                let Some((file, here)) = asked.get(index).zip(here.get_mut(index)) else { continue };
                let digest: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
                // One that is not the same, or has no digest where others have, changed meanwhile.
                if fetched.verified && digests.get(&file.path) != Some(&digest) {
                    continue;
                }
                let Some(_held) = open.read().ok().filter(|open| **open) else { break };
                write(&into.join(&file.path), &content, file, times)?;
                fetched.bytes += content.len() as u64;
                *here = true;
            }
            fetched.again = asked.into_iter().zip(here).filter(|(_, here)| !here).map(|(file, _)| file).collect();
            Ok(fetched)
        });
        joined(writing).await.map(Some)
    }
}

/// What came of an archive.
struct Fetched {
    again: Vec<Entry>,
    bytes: u64,
    verified: bool,
}

/// Writes a small file: beside its place, then renamed.
fn write(path: &Path, content: &[u8], file: &Entry, times: bool) -> Result<(), RemoteError> {
    let wrong = |error: std::io::Error| local(path, &error);
    let nameless = || RemoteError::LocalFile { path: path.to_owned(), reason: "names no file".to_owned() };
    let part = path.file_name().and_then(|name| name.to_str()).and_then(part_name).ok_or_else(nameless)?;
    let part = path.with_file_name(part);
    let modified = times.then(|| UNIX_EPOCH + Duration::from_secs(file.modified.into()));
    let made = create(&part).and_then(|made| {
        std::io::Write::write_all(&mut &made, content)?;
        settle(&made, file.mode, modified)?;
        std::fs::rename(&part, path)
    });
    made.map_err(|error| {
        // The first error is what is told.
        let _ = std::fs::remove_file(&part);
        wrong(error)
    })
}

/// Makes the folders, each its owner's alone. One that is there has to be a folder itself: a link could lead anywhere.
fn make_folders(into: &Path, tree: &Tree) -> Result<(), RemoteError> {
    for folder in &tree.folders {
        let path = if folder.path.is_empty() { into.to_owned() } else { into.join(&folder.path) };
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        if let Err(error) = builder.create(&path)
            && !std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir())
        {
            return Err(local(&path, &error));
        }
    }
    Ok(())
}

/// Makes a link that leads to somewhere in the tree, in the place of one that is there.
fn make_link(path: &Path, target: &str) -> Result<(), RemoteError> {
    #[cfg(unix)]
    {
        if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink() || found.is_file()) {
            std::fs::remove_file(path).map_err(|error| local(path, &error))?;
        }
        std::os::unix::fs::symlink(target, path).map_err(|error| local(path, &error))
    }
    #[cfg(not(unix))]
    {
        let _ = (path, target);
        Ok(())
    }
}

/// The folder beside the tree's place: gone when it is dropped, unless it became the tree. In either case nothing is written
/// any more by threads that do not know yet that their copy was given up.
struct Stage {
    path: Option<PathBuf>,
    open: Open,
}

impl Stage {
    fn keep(mut self) {
        self.path = None;
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A thread writes one small file while it holds this.
        if let Ok(mut open) = self.open.write() {
            *open = false;
        }
        if let Some(path) = self.path.take() {
            // The first error is what is told; drop cannot wait.
            let _ = std::fs::remove_dir_all(path);
        }
    }
}
