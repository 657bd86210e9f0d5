//! A local folder to the host.

use std::path::Path;

use beffroi_remote::{CommandLine, Copied, CopyNote, CopyOptions, RemoteError, Transfer};
use futures_util::FutureExt;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{FileAttributes, OpenFlags};

use super::list::{self, at};
use super::many::Many;
use super::{BATCHES, Entry, Folder, Link, REQUESTS, Tree, batches, pack};
use crate::text::harmless;
use crate::transfer::host::{self, operand};
use crate::transfer::part::{part_name, remove_later};
use crate::transfer::report::Report;
use crate::transfer::send::{Source, joined};
use crate::transfer::session::Sftp;
use crate::transfer::wire::Wire;
use crate::transfer::{failed, is_folder, unreadable};

/// The most that unpacking says.
const MOST_SAID: usize = 64 << 10;

/// Copies a folder. What is there already stays, where nothing of the same name replaces it.
pub(in crate::transfer) async fn put(
    wire: &Wire,
    from: &Path,
    to: &str,
    options: &CopyOptions,
    copied: &mut Copied,
    progress: &mut (dyn FnMut(Transfer) + Send),
) -> Result<(), RemoteError> {
    let (path, links, mut seen) = (from.to_owned(), options.links, Copied::default());
    let reading = tokio::task::spawn_blocking(move || list::here(&path, links, &mut seen).map(|tree| (tree, seen)));
    let (mut tree, seen) = joined(reading).await?;
    seen.notes.into_iter().for_each(|note| copied.note(note));
    copied.more_notes = copied.more_notes.saturating_add(seen.more_notes);
    let packed = tree.sort_packed_first();

    let session = wire.sftp().await?;
    let (root, is_there) = root(&session, from, to).await?;
    let stage = part_name(root.rsplit('/').next().unwrap_or_default());
    let stage = stage.ok_or_else(|| unreadable(&root, "this machine gives no randomness"))?;
    let stage = root.rsplit_once('/').map_or_else(|| stage.clone(), |(folder, _)| format!("{folder}/{stage}"));
    let closed = FileAttributes { permissions: Some(0o700), ..FileAttributes::empty() };
    // Before the folder is made: a copy may be given up while it is.
    let guard = Stage { session: session.clone(), path: Some(stage.clone()) };
    session.raw.mkdir(stage.as_str(), closed).await.map_err(|error| failed(&root, error))?;

    let mut report = Report::start(progress, tree.bytes(), tree.files.len() as u64);
    let copy = TreeCopy { wire, session: &session, from, root: &root, stage: &stage, is_there, tree: &tree, options };
    match Box::pin(copy.run(packed, copied, &mut report)).await {
        Ok(()) => {
            if is_there {
                guard.remove().await;
            } else {
                guard.keep();
            }
            (copied.bytes, copied.files) = (tree.bytes(), tree.files.len() as u64);
            report.end();
            Ok(())
        }
        Err(error) => {
            let error = session.explain(&stage, &root, error).await;
            guard.remove().await;
            Err(error)
        }
    }
}

/// Where the tree goes, and whether there is one already.
async fn root(session: &Sftp, from: &Path, to: &str) -> Result<(String, bool), RemoteError> {
    let to = match to.trim_end_matches('/') {
        "" if to.is_empty() => ".",
        "" => "/",
        trimmed => trimmed,
    };
    match session.attributes(to).await? {
        None => return Ok((to.to_owned(), false)),
        Some(found) if !is_folder(&found) => return Err(unreadable(to, "is no folder")),
        Some(_) => {}
    }
    let name = crate::transfer::put::name_of(from);
    let name = name.ok_or_else(|| RemoteError::LocalFile { path: from.to_owned(), reason: "its name is not UTF-8".to_owned() })?;
    let inside = if to == "." { name } else { at(to, &name) };
    match session.attributes(&inside).await? {
        None => Ok((inside, false)),
        Some(found) if is_folder(&found) => Ok((inside, true)),
        Some(_) => Err(unreadable(&inside, "is no folder")),
    }
}

/// One copy of a tree to the host.
struct TreeCopy<'a> {
    wire: &'a Wire,
    session: &'a Sftp,
    from: &'a Path,
    root: &'a str,
    /// The folder beside the root, in which what goes packed is put, or the whole tree where there is none yet.
    stage: &'a str,
    is_there: bool,
    tree: &'a Tree,
    options: &'a CopyOptions,
}

impl TreeCopy<'_> {
    async fn run(&self, packed: usize, copied: &mut Copied, report: &mut Report<'_>) -> Result<(), RemoteError> {
        self.make_folders(self.stage).await?;
        if self.is_there {
            self.make_folders(self.root).await?;
        }
        let (small, single) = self.tree.files.split_at(packed);
        self.put_small(small, copied, report).await?;
        for file in single {
            report.current(&file.path);
            let source = Source::open(&self.from.join(&file.path)).await?;
            // Where there is a tree, the file there gives its blocks.
            let destination = at(if self.is_there { self.root } else { self.stage }, &file.path);
            let copying = crate::transfer::put::file(self.wire, self.session, source, &destination, self.options, copied, report);
            Box::pin(copying).await?;
            report.files(1);
        }
        if self.is_there {
            let moved = small.iter().map(|file| &file.path).chain(self.tree.links.iter().map(|link| &link.path));
            let moving =
                moved.map(|path| async move { self.session.rename_over(&at(self.stage, path), &at(self.root, path)).await }.boxed());
            return Many::new(moving, REQUESTS).all().await;
        }
        self.open_folders().await?;
        self.session.raw.rename(self.stage, self.root).await.map_err(|error| failed(self.root, error))?;
        Ok(())
    }

    /// Makes the folders of the tree, level by level; those that are there stay as they are.
    async fn make_folders(&self, root: &str) -> Result<(), RemoteError> {
        for level in 1..=self.deepest() {
            let making = self.level(level).map(|folder| {
                async move {
                    let path = at(root, &folder.path);
                    let permissions = if root == self.stage { 0o700 } else { folder.mode };
                    let open = FileAttributes { permissions: Some(permissions), ..FileAttributes::empty() };
                    match self.session.raw.mkdir(path.as_str(), open).await {
                        Ok(_) => Ok(()),
                        Err(error @ SftpError::Status(_)) => match self.session.attributes(&path).await? {
                            Some(found) if is_folder(&found) => Ok(()),
                            _ => Err(failed(&path, error)),
                        },
                        Err(error) => Err(failed(&path, error)),
                    }
                }
                .boxed()
            });
            Many::new(making, REQUESTS).all().await?;
        }
        Ok(())
    }

    /// Gives the folders of a new tree their permissions; the deepest first, as they may close them to us.
    async fn open_folders(&self) -> Result<(), RemoteError> {
        for level in (0..=self.deepest()).rev() {
            let setting = self.level(level).map(|folder| {
                async move {
                    let open = FileAttributes { permissions: Some(folder.mode), ..FileAttributes::empty() };
                    let path = at(self.stage, &folder.path);
                    self.session.raw.setstat(path.as_str(), open).await.map_err(|error| failed(&path, error)).map(drop)
                }
                .boxed()
            });
            Many::new(setting, REQUESTS).all().await?;
        }
        Ok(())
    }

    /// The folders that lie so deep; the root is on level 0.
    fn level(&self, level: usize) -> impl Iterator<Item = &Folder> + Send {
        self.tree.folders.iter().filter(move |folder| depth(&folder.path) == level)
    }

    fn deepest(&self) -> usize {
        self.tree.folders.iter().map(|folder| depth(&folder.path)).max().unwrap_or(0)
    }

    /// Brings small files and links into the stage: packed where the host has `tar`, else one by one.
    async fn put_small(&self, files: &[Entry], copied: &mut Copied, report: &mut Report<'_>) -> Result<(), RemoteError> {
        let mut cut = batches(files);
        if cut.is_empty() && !self.tree.links.is_empty() {
            cut.push(0..0);
        }
        let archives = cut.into_iter().enumerate().map(|(index, range)| {
            let files = files.get(range.clone()).unwrap_or_default();
            let links = if index == 0 { self.tree.links.as_slice() } else { &[] };
            async move { self.unpack(files, links).await.map(|unpacked| (files, links, unpacked)) }.boxed()
        });
        let mut archives = Many::new(archives, BATCHES);
        let mut left: Vec<(&[Entry], &[Link])> = Vec::new();
        while let Some(archive) = archives.next().await {
            let (files, links, unpacked) = archive?;
            match unpacked {
                Unpacked::Verified => {}
                Unpacked::Unverified => unverified(self.options, copied),
                Unpacked::No => {
                    left.push((files, links));
                    continue;
                }
            }
            report.current(files.last().map_or("", |file| &file.path));
            report.files(files.len() as u64);
            report.add(files.iter().map(|file| file.size).sum());
        }
        drop(archives);
        if !left.is_empty() {
            copied.note(CopyNote::NotPacked);
            unverified(self.options, copied);
        }
        for (files, links) in left {
            let mut singles = Many::new(files.iter().map(|file| self.put_one(file).boxed()), REQUESTS / 2);
            while let Some(size) = singles.next().await {
                report.files(1);
                report.add(size?);
            }
            for link in links {
                // OpenSSH takes the two the other way round than the draft says (its `PROTOCOL`, 4.1).
                let made = self.session.raw.symlink(link.target.as_str(), at(self.stage, &link.path)).await;
                made.map_err(|error| failed(&link.path, error))?;
            }
        }
        Ok(())
    }

    async fn unpack(&self, files: &[Entry], links: &[Link]) -> Result<Unpacked, RemoteError> {
        let sums = part_name("sums").ok_or_else(|| unreadable(self.root, "this machine gives no randomness"))?;
        let (from, owned, linked, list) = (self.from.to_owned(), files.to_vec(), links.to_vec(), sums.clone());
        let packing = tokio::task::spawn_blocking(move || pack::pack(&from, &owned, &linked, &list));
        let packed = joined(packing).await?;
        let times = if self.options.times { "" } else { "m" };
        let verify = if self.options.verify { "check" } else { "" };
        let line = ["sh", "-c", host::SCRIPT, "sh", "unpack", &operand(self.stage), times, &sums, verify];
        let told = match self.wire.exec(CommandLine::new(line), Some(packed), MOST_SAID).await {
            Ok(told) => told,
            Err(RemoteError::Refused { .. } | RemoteError::NotUnderstood { .. } | RemoteError::TooMuchOutput { .. }) => {
                return Ok(Unpacked::No);
            }
            Err(error) => return Err(error),
        };
        match told.status {
            Some(0) => Ok(Unpacked::Verified),
            Some(5) => Ok(Unpacked::Unverified),
            Some(6) => Err(RemoteError::Differs { path: harmless(self.root) }),
            Some(3 | 126 | 127) | None => Ok(Unpacked::No),
            Some(_) => Err(unreadable(self.root, String::from_utf8_lossy(&told.stderr).trim())),
        }
    }

    async fn put_one(&self, file: &Entry) -> Result<u64, RemoteError> {
        let (path, size) = (self.from.join(&file.path), file.size);
        let content = joined(tokio::task::spawn_blocking(move || pack::read(&path, size))).await?;
        let destination = at(self.stage, &file.path);
        let wrong = |error| failed(&destination, error);
        let raw = &self.session.raw;
        let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::WRITE;
        let closed = FileAttributes { permissions: Some(0o600), ..FileAttributes::empty() };
        let handle = raw.open(destination.as_str(), flags, closed).await.map_err(wrong)?.handle;
        for (index, piece) in content.chunks(self.session.piece).enumerate() {
            let offset = (index * self.session.piece) as u64;
            raw.write(handle.as_str(), offset, piece.to_vec()).await.map_err(wrong)?;
        }
        let times = self.options.times.then_some(file.modified);
        let open = FileAttributes { permissions: Some(file.mode), mtime: times, atime: times, ..FileAttributes::empty() };
        let (set, closed) = tokio::join!(raw.fsetstat(handle.as_str(), open), raw.close(handle.as_str()));
        set.and(closed).map_err(wrong)?;
        Ok(size)
    }
}

fn depth(path: &str) -> usize {
    if path.is_empty() { 0 } else { path.split('/').count() }
}

/// What became of an archive.
enum Unpacked {
    Verified,
    Unverified,
    /// The host could not.
    No,
}

fn unverified(options: &CopyOptions, copied: &mut Copied) {
    copied.verified = false;
    if options.verify && !copied.notes.contains(&CopyNote::NotVerified) {
        copied.note(CopyNote::NotVerified);
    }
}

/// The folder beside the tree's place, with all that is in it: gone when it is dropped, unless it became the tree.
struct Stage {
    session: Sftp,
    path: Option<String>,
}

impl Stage {
    fn keep(mut self) {
        self.path = None;
    }

    async fn remove(mut self) {
        if let Some(path) = self.path.take() {
            remove_tree(&self.session, &path).await;
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let Some(path) = self.path.take() else { return };
        let session = self.session.clone();
        remove_later(async move { remove_tree(&session, &path).await });
    }
}

/// Removes a folder that this copy made. A host that is gone, or takes nothing any more, keeps the rest: the first error is
/// what is told. Again when something came in between: `tar` may still be writing when its copy is given up.
async fn remove_tree(session: &Sftp, root: &str) {
    for attempt in 1..=20 {
        let Ok(tree) = list::there(session, root, beffroi_remote::Links::Keep, &mut Copied::default()).await else { return };
        let paths = tree.files.iter().map(|file| &file.path).chain(tree.links.iter().map(|link| &link.path));
        let mut removing = Many::new(paths.map(|path| session.raw.remove(at(root, path)).boxed()), REQUESTS);
        while removing.next().await.is_some() {}
        let mut gone = false;
        for folder in tree.folders.iter().rev() {
            gone = session.raw.rmdir(at(root, &folder.path)).await.is_ok();
        }
        if gone {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50 * attempt)).await;
    }
}
