//! Folders of hosts and of this machine: what lies in them, and tidying up.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use beffroi_domain::TargetRecord;
use beffroi_remote::{EntryKind, Folder, FolderEntry, MOST_ENTRIES};
use beffroi_ssh::{Removal, RemovalEnd, SshRemote};

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError};

/// Where something of a host's folders is changed, and how.
#[derive(Debug, Clone, Default)]
pub struct FolderOrder {
    /// The host.
    pub host: String,
    /// Whether it is done as root there.
    pub root: bool,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// What came of a removal of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilesRemoved {
    /// How many of the paths are gone: the first ones.
    pub removed: usize,
    /// Whether it was cancelled before the last one.
    pub cancelled: bool,
}

/// The longest path that is passed on (`PATH_MAX` of Linux).
const LONGEST: usize = 4096;
/// The most paths in one entry of the journal, and their bytes.
const MOST_ENTERED: (usize, usize) = (60, 8 << 10);
/// The most paths of one removal.
const MOST_PATHS: usize = 10_000;

impl App {
    /// What lies in a folder of a host; where its account is at home, when the path is empty.
    ///
    /// # Errors
    /// When the host cannot be worked on, or the folder cannot be read.
    pub async fn host_files(&self, host: &str, path: &str, root: bool) -> Result<Folder, AppError> {
        let session = self.session()?;
        let target = session.authentic_host(host).await?;
        let path = if path.is_empty() { "~" } else { checked(path)? };
        let remote = session.connect_as(&target, rights(root)).await?;
        Ok(remote.folder(path).await?)
    }

    /// Makes a folder on a host.
    ///
    /// # Errors
    /// When the host's stage does not let it be changed, the host cannot be worked on, or something is there already.
    pub async fn make_host_folder(&self, order: &FolderOrder, path: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let (target, remote) = session.to_tidy(order, &[path]).await?;
        let path = path.to_owned();
        entered(async move {
            remote.make_folder(&path).await?;
            session.journal_event("folder-made", Some(target.host), vec![("path", path)]).await
        })
        .await
    }

    /// Gives a file or folder of a host another name or place, where nothing is yet.
    ///
    /// # Errors
    /// As those of [`App::make_host_folder`]; what a system or a person stands on is left where it is.
    pub async fn rename_host_file(&self, order: &FolderOrder, from: &str, to: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let (target, remote) = session.to_tidy(order, &[from, to]).await?;
        let (from, to) = (from.to_owned(), to.to_owned());
        entered(async move {
            remote.rename_file(&from, &to).await?;
            session.journal_event("file-renamed", Some(target.host), vec![("from", from), ("to", to)]).await
        })
        .await
    }

    /// Removes files, links and folders of a host, one after the other, up to the first that cannot be, or until it is
    /// cancelled by its name; folders that are not empty only with `trees`.
    ///
    /// # Errors
    /// As those of [`App::rename_host_file`]. What was removed before is in the journal.
    pub async fn remove_host_files(
        &self,
        order: &FolderOrder,
        paths: &[String],
        trees: bool,
        name: Option<&str>,
    ) -> Result<FilesRemoved, AppError> {
        if paths.is_empty() || paths.len() > MOST_PATHS {
            return Err(AppError::InvalidRequest { what: "between 1 and 10,000 paths" });
        }
        let session = self.session()?;
        let begun = session.removals.begin(name);
        let named: Vec<&str> = paths.iter().map(String::as_str).collect();
        let (target, remote) = tokio::select! {
            biased;
            () = begun.stopped() => return Ok(FilesRemoved { removed: 0, cancelled: true }),
            ready = session.to_tidy(order, &named) => ready?,
        };
        let paths = paths.to_vec();
        entered(async move {
            let Removal { gone: removed, end } = remote.remove_files(&paths, trees, begun.stopped()).await;
            for values in entries(paths.get(..removed).unwrap_or(&paths)) {
                let event = if values.len() == 1 { "file-removed" } else { "files-removed" };
                session.journal_event(event, Some(target.host), values).await?;
            }
            let cancelled = end? == RemovalEnd::Stopped && removed < paths.len();
            if let Some(at) = paths.get(removed).filter(|_| cancelled) {
                session.journal_event("removal-cancelled", Some(target.host), vec![("path", at.clone())]).await?;
            }
            Ok(FilesRemoved { removed, cancelled })
        })
        .await
    }

    /// Cancels the removals of a name. Where none goes on, nothing is done.
    ///
    /// # Errors
    /// When no vault is open.
    pub fn cancel_removal(&self, name: &str) -> Result<(), AppError> {
        self.session()?.removals.stop(name);
        Ok(())
    }

    /// What lies in a folder of this machine; at home, when there is no path. Nothing is opened, and a link is only looked at.
    ///
    /// # Errors
    /// [`AppError::LocalFile`] when it is not there, is no folder or cannot be read.
    pub async fn local_files(&self, path: Option<&str>) -> Result<Folder, AppError> {
        self.session()?;
        let home = std::env::home_dir().filter(|home| home.is_absolute()).unwrap_or_else(|| PathBuf::from("/"));
        let path = path.filter(|path| !path.is_empty()).map(|path| here(&home, path)).transpose()?;
        let reading = move || read_here(&path.unwrap_or_else(|| home.clone()), &home);
        tokio::task::spawn_blocking(reading).await.map_err(AppError::internal)?
    }

    /// Makes a folder on this machine.
    ///
    /// # Errors
    /// [`AppError::LocalFile`] when it cannot be made, or something is there.
    pub async fn make_local_folder(&self, path: &str) -> Result<(), AppError> {
        self.session()?;
        let path = here(Path::new("/"), path)?;
        tokio::fs::create_dir(&path).await.map_err(|error| local(&path, &error))
    }

    /// Gives a file or folder of this machine another name or place, where nothing is yet.
    ///
    /// # Errors
    /// [`AppError::LocalFile`] when it cannot be done, or something is there.
    pub async fn rename_local_file(&self, from: &str, to: &str) -> Result<(), AppError> {
        self.session()?;
        let (from, to) = (here(Path::new("/"), from)?, here(Path::new("/"), to)?);
        let renaming =
            move || renamed(&from, &to).map_err(|error| local(if error.kind() == ErrorKind::AlreadyExists { &to } else { &from }, &error));
        tokio::task::spawn_blocking(renaming).await.map_err(AppError::internal)?
    }
}

impl Session {
    /// The host and its connection, where its stage lets something be changed there at once.
    async fn to_tidy(self: &Arc<Self>, order: &FolderOrder, paths: &[&str]) -> Result<(TargetRecord, Arc<SshRemote>), AppError> {
        paths.iter().try_for_each(|path| checked(path).map(drop))?;
        let target = self.authentic_host(&order.host).await?;
        self.allow_at_once(std::slice::from_ref(&target), order.typed.as_deref())?;
        let remote = self.connect_as(&target, rights(order.root)).await?;
        Ok((target, remote))
    }
}

/// Does what changes a host in a task of its own: it is in the journal even where nobody waits for it any more.
async fn entered<T: Send + 'static>(work: impl Future<Output = Result<T, AppError>> + Send + 'static) -> Result<T, AppError> {
    tokio::spawn(work).await.map_err(AppError::internal)?
}

fn rights(root: bool) -> Rights {
    if root { Rights::Root } else { Rights::Account }
}

/// Renames what is there to where nothing is, also when something comes to be there meanwhile.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn renamed(from: &Path, to: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // The file system cannot (`renameat2(2)`).
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => renamed_after_a_look(from, to),
        done => Ok(done?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn renamed(from: &Path, to: &Path) -> std::io::Result<()> {
    renamed_after_a_look(from, to)
}

/// The same where the system looks and renames in two steps. What comes to be there between them is replaced.
fn renamed_after_a_look(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::symlink_metadata(to) {
        Ok(_) => Err(ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => std::fs::rename(from, to),
        Err(error) => Err(error),
    }
}

/// Paths as they stand in entries of the journal, several in one: each entry is a transaction.
fn entries(paths: &[String]) -> Vec<Vec<(&'static str, String)>> {
    let mut parts: Vec<Vec<&String>> = Vec::new();
    let mut bytes = 0;
    for path in paths {
        bytes += path.len();
        match parts.last_mut() {
            Some(part) if part.len() < MOST_ENTERED.0 && bytes <= MOST_ENTERED.1 => part.push(path),
            _ => {
                bytes = path.len();
                parts.push(vec![path]);
            }
        }
    }
    let count = |part: &[&String]| (part.len() > 1).then(|| ("count", part.len().to_string()));
    parts.into_iter().map(|part| count(&part).into_iter().chain(part.into_iter().map(|path| ("path", path.clone()))).collect()).collect()
}

/// A path that a host can be given.
fn checked(path: &str) -> Result<&str, AppError> {
    if path.is_empty() || path.len() > LONGEST || path.contains('\0') {
        return Err(AppError::InvalidRequest { what: "a path of at most 4096 bytes" });
    }
    Ok(path)
}

/// A path of this machine: absolute, or from home.
fn here(home: &Path, path: &str) -> Result<PathBuf, AppError> {
    let path = checked(path)?;
    let path = match path.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None if path == "~" => home.to_owned(),
        None => PathBuf::from(path),
    };
    if path.is_absolute() { Ok(path) } else { Err(AppError::InvalidRequest { what: "a path of this machine is absolute" }) }
}

fn local(path: &Path, error: &std::io::Error) -> AppError {
    AppError::LocalFile { path: path.to_owned(), reason: error.to_string() }
}

fn read_here(path: &Path, home: &Path) -> Result<Folder, AppError> {
    let real = path.canonicalize().map_err(|error| local(path, &error))?;
    let text = |path: &Path| path.to_str().map(str::to_owned);
    let unnamed = || AppError::LocalFile { path: real.clone(), reason: "its name is no UTF-8".to_owned() };
    let mut folder = Folder { path: text(&real).ok_or_else(unnamed)?, home: text(home).unwrap_or_default(), ..Folder::default() };
    for entry in std::fs::read_dir(&real).map_err(|error| local(&real, &error))? {
        if folder.entries.len() == MOST_ENTRIES {
            folder.more = true;
            break;
        }
        // What goes away while it is looked at is gone.
        folder.entries.extend(entry.ok().and_then(|entry| entry_here(&entry)));
    }
    Ok(folder.in_order())
}

fn entry_here(entry: &std::fs::DirEntry) -> Option<FolderEntry> {
    let found = std::fs::symlink_metadata(entry.path()).ok()?;
    let (name, usable) = match entry.file_name().into_string() {
        Ok(name) => (name, true),
        Err(name) => (name.to_string_lossy().into_owned(), false),
    };
    let kind = kind_of(&found.file_type());
    let is_link = kind == EntryKind::Link;
    let target = if is_link { std::fs::read_link(entry.path()).ok() } else { None };
    let leads = if is_link { std::fs::metadata(entry.path()).ok() } else { None };
    let modified = found.modified().ok().and_then(|when| when.duration_since(UNIX_EPOCH).ok());
    Some(FolderEntry {
        name,
        usable,
        kind,
        target: target.map(|target| target.to_string_lossy().into_owned()),
        leads: leads.map(|leads| kind_of(&leads.file_type())),
        size: Some(found.len()),
        modified_s: modified.and_then(|since| i64::try_from(since.as_secs()).ok()),
        mode: mode_of(&found),
        owner: None,
        group: None,
    })
}

fn kind_of(kind: &std::fs::FileType) -> EntryKind {
    if kind.is_symlink() {
        EntryKind::Link
    } else if kind.is_dir() {
        EntryKind::Folder
    } else if kind.is_file() {
        EntryKind::File
    } else {
        EntryKind::Other
    }
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere there is none")]
fn mode_of(found: &std::fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(found.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode_of(_: &std::fs::Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_here_is_read_without_opening_anything() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("plain"), "12345").expect("a file");
        std::fs::create_dir(at("inner")).expect("a folder");
        let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo runs");
        assert!(made.success());
        for (target, link) in [("inner", "to-folder"), ("nowhere", "dangling"), ("pipe", "to-pipe")] {
            std::os::unix::fs::symlink(target, at(link)).expect("a link");
        }
        let read = read_here(folder.path(), Path::new("/home/x")).expect("a folder");
        let told: Vec<_> = read.entries.iter().map(|entry| (entry.name.as_str(), entry.kind, entry.leads)).collect();
        use EntryKind::{File, Folder, Link, Other};
        let expected = [
            ("dangling", Link, None),
            ("inner", Folder, None),
            ("pipe", Other, None),
            ("plain", File, None),
            ("to-folder", Link, Some(Folder)),
            ("to-pipe", Link, Some(Other)),
        ];
        assert_eq!(told, expected);
        assert_eq!((read.home.as_str(), read.more), ("/home/x", false));
        assert_eq!(read.entries.iter().find(|entry| entry.name == "plain").and_then(|entry| entry.size), Some(5));
        assert!(matches!(read_here(&at("plain"), Path::new("/")), Err(AppError::LocalFile { .. })));
        assert!(matches!(read_here(&at("missing"), Path::new("/")), Err(AppError::LocalFile { .. })));
    }

    #[test]
    fn every_path_that_is_gone_is_entered_as_it_is() {
        let paths: Vec<String> = (0..1000).map(|number| format!("/srv/a, b/{number}")).collect();
        let told = entries(&paths);
        assert!(told.len() < 20, "{}", told.len());
        let mut entered = Vec::new();
        for values in told {
            let of: Vec<String> = values.iter().filter(|(name, _)| *name == "path").map(|(_, path)| path.clone()).collect();
            assert_eq!(values.first(), Some(&("count", of.len().to_string())));
            entered.extend(of);
        }
        assert_eq!(entered, paths);
        let [long, other] = ["x".repeat(8000), "/b".repeat(200)];
        assert_eq!(entries(&[long.clone(), other.clone()]), [vec![("path", long)], vec![("path", other)]]);
        assert!(entries(&[]).is_empty());
    }

    #[test]
    fn nothing_is_replaced_by_a_rename() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for rename in [renamed, renamed_after_a_look] {
            std::fs::write(at("from"), "new").expect("a file");
            std::fs::write(at("taken"), "old").expect("a file");
            std::os::unix::fs::symlink("nowhere", at("link")).expect("a link");
            for taken in ["taken", "link"] {
                assert_eq!(rename(&at("from"), &at(taken)).map_err(|error| error.kind()), Err(ErrorKind::AlreadyExists));
            }
            assert_eq!(rename(&at("missing"), &at("free")).map_err(|error| error.kind()), Err(ErrorKind::NotFound));
            rename(&at("from"), &at("free")).expect("renamed");
            assert_eq!([at("taken"), at("free")].map(|path| std::fs::read_to_string(path).expect("a file")), ["old", "new"]);
            assert!(!at("from").exists());
            std::fs::remove_file(at("free")).and_then(|()| std::fs::remove_file(at("link"))).expect("they are there");
        }
    }

    #[test]
    fn paths_are_checked_before_anything_is_asked() {
        for wrong in ["", "a\0b", &"x".repeat(LONGEST + 1)] {
            assert!(checked(wrong).is_err());
        }
        assert!(here(Path::new("/h"), "relative").is_err());
        assert_eq!(here(Path::new("/h"), "~/a").ok(), Some(PathBuf::from("/h/a")));
        assert_eq!(here(Path::new("/h"), "~").ok(), Some(PathBuf::from("/h")));
    }
}
