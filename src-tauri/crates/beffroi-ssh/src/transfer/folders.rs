//! Folders of a host that runs no commands, by SFTP alone. Its names are text: one that is no UTF-8 has U+FFFD in it, and is
//! shown but never used.

use std::pin::Pin;

use beffroi_remote::{EntryKind, Folder, FolderEntry, MOST_ENTRIES, RemoteError};
use futures_util::future::join_all;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::{File, FileAttributes, StatusCode};

use super::session::Sftp;
use super::wire::Wire;
use super::{failed, is_folder, is_link, unreadable};
use crate::files::{Removal, RemovalEnd};
use crate::text::harmless;

/// Questions that are under way at once.
const AHEAD: usize = 8;
/// Links whose ends are looked at.
const MOST_LINKS: usize = 500;
/// Folders in folders that are removed.
const MOST_DEPTH: usize = 128;

/// What lies in a folder.
pub(crate) async fn list(wire: &Wire, path: &str) -> Result<Folder, RemoteError> {
    let session = wire.sftp().await?;
    let (real, home) = (real(&session, path).await?, real(&session, ".").await?);
    let (names, more) = names(&session, &real).await?;
    let mut entries: Vec<FolderEntry> = names.into_iter().filter_map(entry).collect();
    let links: Vec<usize> = (0..entries.len()).filter(|at| entries.get(*at).is_some_and(|entry| entry.kind == EntryKind::Link)).collect();
    for some in links.iter().take(MOST_LINKS).collect::<Vec<_>>().chunks(AHEAD) {
        let asked = some.iter().filter_map(|at| entries.get(**at)).map(|entry| end_of(&session, inside(&real, &entry.name)));
        for (at, (target, leads)) in some.iter().zip(join_all(asked).await) {
            if let Some(entry) = entries.get_mut(**at) {
                (entry.target, entry.leads) = (target, leads);
            }
        }
    }
    Ok(Folder { path: real, home, entries, more }.in_order())
}

/// Makes a folder.
pub(crate) async fn make(wire: &Wire, path: &str) -> Result<(), RemoteError> {
    let session = wire.sftp().await?;
    vacant(&session, path).await?;
    session.raw.mkdir(path, FileAttributes::empty()).await.map(drop).map_err(|error| failed(path, error))
}

/// Gives something another name or place, where nothing is yet.
pub(crate) async fn rename(wire: &Wire, from: &str, to: &str) -> Result<(), RemoteError> {
    let session = wire.sftp().await?;
    guard(&session, from).await?;
    vacant(&session, to).await?;
    // Version 3 never renames over something.
    session.raw.rename(from, to).await.map(drop).map_err(|error| failed(from, error))
}

/// Removes the paths one after the other, up to the first that cannot be, or until `stop` is done.
pub(crate) async fn remove(wire: &Wire, paths: &[String], trees: bool, mut stop: Pin<&mut (impl Future<Output = ()> + Send)>) -> Removal {
    let session = match wire.sftp().await {
        Ok(session) => session,
        Err(error) => return Removal { gone: 0, end: Err(error) },
    };
    for (gone, path) in paths.iter().enumerate() {
        let removing = async {
            guard(&session, path).await?;
            Box::pin(take_away(&session, path, trees, 0)).await
        };
        tokio::select! {
            biased;
            () = &mut stop => {
                // What was asked for just before may have been done.
                let is_gone = gone_by_now(&session, path).await;
                return Removal { gone: gone + usize::from(is_gone), end: Ok(RemovalEnd::Stopped) };
            }
            removed = removing => if let Err(error) = removed {
                return Removal { gone, end: Err(error) };
            },
        }
    }
    Removal { gone: paths.len(), end: Ok(RemovalEnd::Done) }
}

async fn gone_by_now(session: &Sftp, path: &str) -> bool {
    matches!(session.raw.lstat(path).await, Err(SftpError::Status(status)) if status.status_code == StatusCode::NoSuchFile)
}

async fn take_away(session: &Sftp, path: &str, trees: bool, depth: usize) -> Result<(), RemoteError> {
    let wrong = |error| failed(path, error);
    if !is_folder(&session.raw.lstat(path).await.map_err(wrong)?.attrs) {
        return session.raw.remove(path).await.map(drop).map_err(wrong);
    }
    // As long as there is something: a folder that is read while it is emptied may skip names.
    loop {
        let (names, _) = names(session, path).await?;
        let names: Vec<FolderEntry> = names.into_iter().filter_map(entry).collect();
        if names.is_empty() {
            return session.raw.rmdir(path).await.map(drop).map_err(wrong);
        }
        if !trees {
            return Err(RemoteError::FolderNotEmpty { path: harmless(path) });
        }
        if depth == MOST_DEPTH {
            return Err(unreadable(path, "the tree is too deep"));
        }
        for name in names {
            if !name.usable {
                return Err(unreadable(&inside(path, &name.name), "its name is no UTF-8"));
            }
            Box::pin(take_away(session, &inside(path, &name.name), trees, depth + 1)).await?;
        }
    }
}

/// Refuses what a system or a person stands on. Less than where there is a shell: an account that has SFTP only is rarely root.
async fn guard(session: &Sftp, path: &str) -> Result<(), RemoteError> {
    let path = path.trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
    if name.is_empty() {
        return Err(RemoteError::PathProtected { path: "/".to_owned() });
    }
    if matches!(name, "." | "..") {
        return Err(unreadable(path, "names no file"));
    }
    let folder = if folder.is_empty() { "/" } else { folder };
    let (folder, home) = (real(session, folder).await?, real(session, ".").await?);
    let full = inside(&folder, name);
    let is_home = home == full || home.starts_with(&format!("{full}/")) || folder == "/home";
    if folder == "/" || is_home || ["/proc/", "/sys/", "/dev/"].iter().any(|root| full.starts_with(root)) {
        return Err(RemoteError::PathProtected { path: harmless(&full) });
    }
    Ok(())
}

async fn vacant(session: &Sftp, path: &str) -> Result<(), RemoteError> {
    match session.raw.lstat(path).await {
        Ok(_) => Err(RemoteError::FileExists { path: harmless(path) }),
        Err(SftpError::Status(status)) if status.status_code == StatusCode::NoSuchFile => Ok(()),
        Err(error) => Err(failed(path, error)),
    }
}

async fn real(session: &Sftp, path: &str) -> Result<String, RemoteError> {
    let named = session.raw.realpath(path).await.map_err(|error| failed(path, error))?;
    let real = named.files.into_iter().next().map(|file| file.filename);
    real.filter(|real| real.starts_with('/')).ok_or_else(|| unreadable(path, "it has no real path"))
}

async fn names(session: &Sftp, folder: &str) -> Result<(Vec<File>, bool), RemoteError> {
    let wrong = |error| failed(folder, error);
    let handle = session.raw.opendir(folder).await.map_err(wrong)?.handle;
    let (mut names, mut ahead) = (Vec::new(), 1);
    let more = 'reading: loop {
        for answer in join_all((0..ahead).map(|_| session.raw.readdir(handle.as_str()))).await {
            match answer {
                Ok(more) => names.extend(more.files),
                Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => break 'reading false,
                Err(error) => return Err(wrong(error)),
            }
        }
        if names.len() > MOST_ENTRIES + 2 {
            break true;
        }
        ahead = AHEAD;
    };
    session.raw.close(handle).await.map_err(wrong)?;
    Ok((names, more))
}

/// Where a link leads, and what is there.
async fn end_of(session: &Sftp, path: String) -> (Option<String>, Option<EntryKind>) {
    let target = session.raw.readlink(path.as_str()).await.ok().and_then(|named| named.files.into_iter().next());
    let end = session.raw.stat(path).await.ok().and_then(|end| end.attrs.permissions);
    (target.map(|file| file.filename), end.map(EntryKind::of_mode))
}

fn entry(file: File) -> Option<FolderEntry> {
    let name = file.filename;
    if name.is_empty() || name.contains(['/', '\0']) || matches!(name.as_str(), "." | "..") {
        return None;
    }
    let attributes = file.attrs;
    let kind = if is_link(&attributes) { EntryKind::Link } else { attributes.permissions.map_or(EntryKind::Other, EntryKind::of_mode) };
    Some(FolderEntry {
        usable: !name.contains(char::REPLACEMENT_CHARACTER),
        name,
        kind,
        target: None,
        leads: None,
        size: attributes.size,
        modified_s: attributes.mtime.map(i64::from),
        mode: attributes.permissions.map(|mode| mode & 0o7777),
        owner: attributes.uid.map(|id| id.to_string()),
        group: attributes.gid.map(|id| id.to_string()),
    })
}

fn inside(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}
