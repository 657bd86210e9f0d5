//! What is in a tree, here and on the host.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use beffroi_remote::{Copied, CopyNote, Links, RemoteError};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{File, FileAttributes, StatusCode};

use super::{Entry, Folder, Link, MOST_DEPTH, MOST_ENTRIES, Tree, is_name, joined, leads_inside};
use crate::text::harmless;
use crate::transfer::session::Sftp;
use crate::transfer::{failed, is_folder, is_kind, is_link, local, permissions, unreadable};

/// Questions for more names of one folder that are under way at once.
const READ_AHEAD: usize = 8;
/// Folders that are read at once.
const FOLDERS: usize = 16;

/// Reads a local tree.
pub(super) fn here(root: &Path, links: Links, copied: &mut Copied) -> Result<Tree, RemoteError> {
    let mut tree = Tree::default();
    let found = std::fs::metadata(root).map_err(|error| local(root, &error))?;
    let mut waiting = vec![(String::new(), root.to_owned(), permissions(&found))];
    while let Some((path, folder, mode)) = waiting.pop() {
        let wrong = |error: std::io::Error| local(&folder, &error);
        for entry in std::fs::read_dir(&folder).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let Ok(name) = entry.file_name().into_string() else {
                copied.note(CopyNote::Name { path: harmless(&joined(&path, &entry.file_name().to_string_lossy())) });
                continue;
            };
            let below = joined(&path, &name);
            match entry_here(&entry.path(), &below, links)? {
                Found::Folder(mode) => waiting.push((below, entry.path(), mode)),
                Found::File(file) => tree.files.push(file),
                Found::Link(target) => tree.links.push(Link { path: below, target }),
                Found::Outside => copied.note(CopyNote::LinkOutside { path: harmless(&below) }),
                Found::Special => copied.note(CopyNote::Special { path: harmless(&below) }),
            }
        }
        if path.split('/').count() > MOST_DEPTH || tree.count() + waiting.len() > MOST_ENTRIES {
            return Err(RemoteError::LocalFile { path: folder, reason: "the tree is too large".to_owned() });
        }
        tree.folders.push(Folder { path, mode });
    }
    tree.folders.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(tree)
}

/// What an entry is.
enum Found {
    Folder(u32),
    File(Entry),
    Link(String),
    Outside,
    Special,
}

fn entry_here(path: &PathBuf, below: &str, links: Links) -> Result<Found, RemoteError> {
    let wrong = |error: std::io::Error| local(path, &error);
    let mut found = std::fs::symlink_metadata(path).map_err(wrong)?;
    if found.is_symlink() {
        let target = std::fs::read_link(path).map_err(wrong)?;
        match (links, target.to_str(), std::fs::metadata(path)) {
            (Links::Keep, Some(target), _) if leads_inside(below, target) => return Ok(Found::Link(target.to_owned())),
            (Links::Follow, _, Ok(end)) if end.is_file() => found = end,
            _ => return Ok(Found::Outside),
        }
    }
    if found.is_dir() {
        return Ok(Found::Folder(permissions(&found)));
    }
    if !found.is_file() {
        return Ok(Found::Special);
    }
    let modified = found.modified().ok().and_then(|when| when.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|since| u32::try_from(since.as_secs()).ok()).unwrap_or(0);
    Ok(Found::File(Entry { path: below.to_owned(), size: found.len(), mode: permissions(&found), modified }))
}

/// Reads a tree of the host; names that cannot stand here are left out.
pub(super) async fn there(session: &Sftp, root: &str, links: Links, copied: &mut Copied) -> Result<Tree, RemoteError> {
    let mut tree = Tree::default();
    let mut waiting = vec![Folder { path: String::new(), mode: 0 }];
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < FOLDERS
            && let Some(folder) = waiting.pop()
        {
            under_way.push(async move {
                let path = at(root, &folder.path);
                let names = names(session, &path).await;
                (folder, names)
            });
        }
        let Some((folder, names)) = under_way.next().await else { break };
        let names = names?;
        if folder.path.split('/').count() > MOST_DEPTH || tree.count() + waiting.len() + names.len() > MOST_ENTRIES {
            return Err(unreadable(root, "the tree is too large"));
        }
        for File { filename: name, attrs, .. } in names {
            let below = joined(&folder.path, &name);
            if matches!(name.as_str(), "." | "..") {
            } else if !is_name(&name) {
                copied.note(CopyNote::Name { path: harmless(&below) });
            } else if is_folder(&attrs) {
                waiting.push(Folder { path: below, mode: mode(&attrs) });
            } else if is_link(&attrs) {
                // What it leads to is asked for below, for all at once.
                tree.links.push(Link { path: below, target: String::new() });
            } else if is_kind(&attrs, 0o100_000) {
                tree.files.push(file(below, &attrs));
            } else {
                copied.note(CopyNote::Special { path: harmless(&below) });
            }
        }
        tree.folders.push(folder);
    }
    drop(under_way);
    resolve(session, root, links, &mut tree, copied).await?;
    tree.folders.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(tree)
}

/// The path of something in a tree.
pub(super) fn at(root: &str, below: &str) -> String {
    if below.is_empty() { root.to_owned() } else { format!("{}/{below}", root.trim_end_matches('/')) }
}

fn mode(attributes: &FileAttributes) -> u32 {
    attributes.permissions.unwrap_or(0) & 0o777
}

fn file(path: String, attributes: &FileAttributes) -> Entry {
    Entry { path, size: attributes.size.unwrap_or(0), mode: mode(attributes), modified: attributes.mtime.unwrap_or(0) }
}

/// The names in a folder, asked for several times at once: the server gives about a hundred each time.
async fn names(session: &Sftp, folder: &str) -> Result<Vec<File>, RemoteError> {
    let wrong = |error| failed(folder, error);
    let handle = session.raw.opendir(folder).await.map_err(wrong)?.handle;
    let mut names = Vec::new();
    // The first folder that is small costs no more than it must.
    let mut ahead = 1;
    'reading: loop {
        for answer in join_all((0..ahead).map(|_| session.raw.readdir(handle.as_str()))).await {
            match answer {
                Ok(more) => names.extend(more.files),
                Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => break 'reading,
                Err(error) => return Err(wrong(error)),
            }
            if names.len() > MOST_ENTRIES {
                return Err(unreadable(folder, "the tree is too large"));
            }
        }
        ahead = READ_AHEAD;
    }
    session.raw.close(handle).await.map_err(wrong)?;
    Ok(names)
}

/// Finds where links lead: they stay, or the file at their end is taken in their place.
async fn resolve(session: &Sftp, root: &str, links: Links, tree: &mut Tree, copied: &mut Copied) -> Result<(), RemoteError> {
    let unresolved = std::mem::take(&mut tree.links);
    for some in unresolved.chunks(super::REQUESTS) {
        let asked = some.iter().map(|link| async move {
            let path = at(root, &link.path);
            match links {
                Links::Keep => {
                    session.raw.readlink(path).await.map(|named| (named.files.into_iter().next().map(|file| file.filename), None))
                }
                Links::Follow => session.raw.stat(path).await.map(|end| (None, Some(end.attrs))),
            }
        });
        for (link, answer) in some.iter().zip(join_all(asked).await) {
            match answer {
                Ok((Some(target), _)) if leads_inside(&link.path, &target) => tree.links.push(Link { path: link.path.clone(), target }),
                Ok((_, Some(end))) if is_kind(&end, 0o100_000) => tree.files.push(file(link.path.clone(), &end)),
                Ok(_) | Err(SftpError::Status(_)) => copied.note(CopyNote::LinkOutside { path: harmless(&link.path) }),
                Err(error) => return Err(failed(&link.path, error)),
            }
        }
    }
    Ok(())
}
