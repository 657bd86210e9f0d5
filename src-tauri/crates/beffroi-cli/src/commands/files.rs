//! `files`

use std::time::Duration;

use beffroi_api::wire::{FileKind, FilesRemoved, FolderEntry, HostFileRemove, HostFileRename, HostFiles, HostFolderMake, RemovalName};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{FilesArguments, FilesCommand};
use crate::commands::copy::on_host;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, sentence};
use crate::table::table;

/// Longer than it takes to end a command on a host that hardly answers.
const LAST_REMOVAL: Duration = Duration::from_secs(40);

pub(crate) async fn run(context: &Context, arguments: FilesArguments) -> Ended {
    match arguments.change {
        None => list(context, arguments.place.as_deref().unwrap_or_default(), arguments.sudo).await,
        Some(FilesCommand::Mkdir { place, sudo }) => make(context, &place, sudo).await,
        Some(FilesCommand::Rename { place, to, sudo }) => rename(context, &place, &to, sudo).await,
        Some(FilesCommand::Remove { places, recursive, sudo }) => remove(context, &places, recursive, sudo).await,
    }
}

async fn list(context: &Context, place: &str, root: bool) -> Ended {
    let (host, path) = match place.strip_suffix(':') {
        Some(host) if !host.is_empty() && !host.contains(':') => (host.to_owned(), String::new()),
        _ => on_host(place)?,
    };
    context.open().await?;
    let folder = context.api.host_files(HostFiles { host, path, root }).await?;
    let heading = ["cli.mode", "cli.owner", "cli.bytes", "cli.changed", "cli.name"].map(|key| context.words(key));
    let mut text = table(&heading, &folder.entries.iter().map(row).collect::<Vec<_>>());
    if folder.more {
        text.push_str(&format!("{}\n", sentence(context, "cli.more-entries", &[("count", folder.entries.len().to_string())])));
    }
    Answer::new(&folder, text)
}

fn row(entry: &FolderEntry) -> Vec<String> {
    let owner = [&entry.owner, &entry.group].map(|name| name.as_deref().unwrap_or("?")).join(":");
    let size = entry.size.filter(|_| entry.kind == FileKind::File).map(|size| size.to_string()).unwrap_or_default();
    let changed = entry.modified_s.and_then(|seconds| u64::try_from(seconds).ok()).map(|seconds| input::moment(seconds * 1000));
    let name = match &entry.target {
        Some(target) => format!("{} -> {target}", entry.name),
        None if entry.kind == FileKind::Dir => format!("{}/", entry.name),
        None => entry.name.clone(),
    };
    vec![mode(entry), owner, size, changed.unwrap_or_default(), name]
}

/// As `ls -l` writes it (POSIX `ls`, "file mode").
fn mode(entry: &FolderEntry) -> String {
    let kind = match entry.kind {
        FileKind::File => '-',
        FileKind::Dir => 'd',
        FileKind::Link => 'l',
        FileKind::Other => '?',
    };
    let Some(bits) = entry.mode else { return format!("{kind}?????????") };
    let mut mode = String::from(kind);
    for (shift, special, marks) in [(6, 0o4000, ['s', 'S']), (3, 0o2000, ['s', 'S']), (0, 0o1000, ['t', 'T'])] {
        let may = |bit: u32| bits >> shift & bit != 0;
        mode.push(if may(4) { 'r' } else { '-' });
        mode.push(if may(2) { 'w' } else { '-' });
        mode.push(match (bits & special != 0, may(1)) {
            (false, true) => 'x',
            (false, false) => '-',
            (true, true) => marks[0],
            (true, false) => marks[1],
        });
    }
    mode
}

async fn make(context: &Context, place: &str, root: bool) -> Ended {
    let (host, path) = on_host(place)?;
    context.open().await?;
    let request = HostFolderMake { host, path, root, typed: None };
    let done = typing(context, async |typed| context.api.host_folder_make(HostFolderMake { typed, ..request.clone() }).await).await?;
    confirmed(context, "journal.folder-made", &[("path", request.path)]);
    Answer::new(&done, String::new())
}

async fn rename(context: &Context, place: &str, to: &str, root: bool) -> Ended {
    let (host, from) = on_host(place)?;
    context.open().await?;
    let request = HostFileRename { host, from, to: to.to_owned(), root, typed: None };
    let done = typing(context, async |typed| context.api.host_file_rename(HostFileRename { typed, ..request.clone() }).await).await?;
    confirmed(context, "journal.file-renamed", &[("from", request.from), ("to", request.to)]);
    Answer::new(&done, String::new())
}

async fn remove(context: &Context, places: &[String], recursive: bool, root: bool) -> Ended {
    let places = places.iter().map(|place| on_host(place)).collect::<Result<Vec<_>, _>>()?;
    let host = places.first().map(|(host, _)| host.clone()).unwrap_or_default();
    if places.iter().any(|(other, _)| *other != host) {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "HOST:PATH, all of one host").into());
    }
    let paths: Vec<String> = places.into_iter().map(|(_, path)| path).collect();
    context.open().await?;
    context.confirm(if recursive { "prompt.remove-trees" } else { "prompt.remove-files" }).await?;
    // Tells this removal from others, where another process does it.
    let name = format!("cli-{}", std::process::id());
    let request = HostFileRemove { host, paths, recursive, root, typed: None, name: Some(name.clone()) };
    let removing = typing(context, async |typed| context.api.host_file_remove(HostFileRemove { typed, ..request.clone() }).await);
    let removed = unless_interrupted(context, name, removing).await?;
    for path in request.paths.iter().take(removed.removed) {
        confirmed(context, "journal.file-removed", &[("path", path.clone())]);
    }
    let answer = Answer::new(&removed, String::new())?;
    if !removed.cancelled {
        return Ok(answer);
    }
    if let Some(at) = request.paths.get(removed.removed) {
        confirmed(context, "journal.removal-cancelled", &[("path", at.clone())]);
    }
    Ok(answer.exiting(ErrorCode::Interrupted.exit_status()))
}

/// A removal that is cancelled when the program is interrupted, also where another process does it. It is waited for: then it
/// is known what is gone.
async fn unless_interrupted(
    context: &Context,
    name: String,
    removing: impl Future<Output = Result<FilesRemoved, ApiError>>,
) -> Result<FilesRemoved, ApiError> {
    tokio::pin!(removing);
    tokio::select! {
        removed = &mut removing => return removed,
        _ = tokio::signal::ctrl_c() => {}
    }
    context.api.host_file_remove_cancel(RemovalName { name }).await?;
    tokio::time::timeout(LAST_REMOVAL, removing).await.unwrap_or_else(|_| Err(ApiError::new(ErrorCode::Interrupted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_reads_as_everywhere() {
        let entry = |kind, mode| FolderEntry {
            name: String::new(),
            usable: true,
            kind,
            target: None,
            leads: None,
            size: None,
            modified_s: None,
            mode,
            owner: None,
            group: None,
        };
        assert_eq!(mode(&entry(FileKind::File, Some(0o644))), "-rw-r--r--");
        assert_eq!(mode(&entry(FileKind::Dir, Some(0o1777))), "drwxrwxrwt");
        assert_eq!(mode(&entry(FileKind::File, Some(0o6754))), "-rwsr-sr--");
        assert_eq!(mode(&entry(FileKind::File, Some(0o7000))), "---S--S--T");
        assert_eq!(mode(&entry(FileKind::Link, None)), "l?????????");
    }
}
