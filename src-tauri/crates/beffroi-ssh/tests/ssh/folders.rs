//! Folders of a host: looked at and tidied, by the script and by SFTP alone.

use std::fs;
use std::future::{pending, ready};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use beffroi_remote::{EntryKind, Folder, FolderEntry, MOST_ENTRIES, RemoteError};
use beffroi_ssh::{Removal, RemovalEnd, SshRemote};

use super::files::{bare, names, text};
use super::server::{self, Server};

/// A shell; SFTP alone; a shell that finds neither `find` nor `stat`, and no `mkdir`.
fn every_way(work: impl AsyncFn(&str, SshRemote, &Path)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let programs = tempfile::tempdir().expect("a folder");
    let servers = [
        ("a shell", Server::start()),
        ("SFTP alone", Server::with("Match all\nForceCommand internal-sftp")),
        ("a bare shell", bare(programs.path())),
    ];
    for (way, server) in servers {
        let folder = tempfile::tempdir().expect("a folder");
        runtime.block_on(async { work(way, server.connect().await, folder.path()).await });
    }
}

fn entry<'a>(folder: &'a Folder, name: &str) -> &'a FolderEntry {
    folder.entries.iter().find(|entry| entry.name == name).expect("it is there")
}

#[test]
fn a_folder_is_told_as_it_is_whatever_its_names() {
    every_way(async |way, remote, folder| {
        fs::write(folder.join("plain"), "12345").expect("a file");
        fs::set_permissions(folder.join("plain"), PermissionsExt::from_mode(0o4640)).expect("a mode");
        fs::create_dir(folder.join("-rf")).expect("a folder");
        for name in ["a\nb", "\u{1b}[2J", "\u{202e}gnp", " ", "it's", "$(id)"] {
            fs::write(folder.join(name), "").expect("a file");
        }
        fs::write(folder.join(std::ffi::OsStr::from_bytes(b"bad\xff")), "").expect("a file");
        for (target, link) in [("-rf", "to-folder"), ("plain", "to-file"), ("no\nwhere", "dangling")] {
            symlink(target, folder.join(link)).expect("a link");
        }
        let told = remote.folder(text(folder)).await.expect("a folder");
        assert_eq!((Path::new(&told.path), told.more), (fs::canonicalize(folder).expect("a path").as_path(), false), "{way}");
        assert_eq!(told.entries.len(), 12, "{way}: {told:?}");
        assert!(told.entries.is_sorted_by_key(|entry| &entry.name), "{way}");
        for name in ["a\nb", "\u{1b}[2J", "\u{202e}gnp", " ", "it's", "$(id)"] {
            assert!(entry(&told, name).usable, "{way}: {name:?}");
        }
        let plain = entry(&told, "plain");
        assert_eq!((plain.kind, plain.size, plain.mode), (EntryKind::File, Some(5), Some(0o4640)), "{way}");
        let changed = fs::metadata(folder.join("plain")).and_then(|found| found.modified()).expect("a time");
        let changed = changed.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
        assert_eq!(plain.modified_s, i64::try_from(changed).ok(), "{way}");
        assert!(plain.owner.is_some() && plain.group.is_some(), "{way}");
        assert_eq!(entry(&told, "-rf").kind, EntryKind::Folder, "{way}");
        let links = ["to-folder", "to-file", "dangling"].map(|name| (entry(&told, name).target.clone(), entry(&told, name).leads));
        let expected = [("-rf", Some(EntryKind::Folder)), ("plain", Some(EntryKind::File)), ("no\nwhere", None)];
        assert_eq!(links, expected.map(|(target, leads)| (Some(target.to_owned()), leads)), "{way}");
        let unusable: Vec<&str> = told.entries.iter().filter(|entry| !entry.usable).map(|entry| entry.name.as_str()).collect();
        assert!(unusable.len() == 1 && unusable[0].starts_with("bad"), "{way}: {unusable:?}");

        for missing in ["none", "plain", "none/deeper"] {
            let error = remote.folder(&format!("{}/{missing}", text(folder))).await.expect_err("no folder");
            assert!(matches!(error, RemoteError::RemoteFile { .. }), "{way}: {missing}: {error}");
        }
    });
}

#[test]
fn a_huge_folder_is_told_in_part() {
    every_way(async |way, remote, folder| {
        for number in 0..=MOST_ENTRIES {
            fs::write(folder.join(format!("{number:05}")), "").expect("a file");
        }
        let told = remote.folder(text(folder)).await.expect("a folder");
        assert_eq!((told.entries.len(), told.more), (MOST_ENTRIES, true), "{way}");
        fs::remove_file(folder.join("00000")).expect("it is there");
        let told = remote.folder(text(folder)).await.expect("a folder");
        assert_eq!((told.entries.len(), told.more), (MOST_ENTRIES, false), "{way}");
    });
}

#[test]
fn folders_are_made_and_things_renamed_where_nothing_is() {
    every_way(async |way, remote, folder| {
        let at = |name: &str| format!("{}/{name}", text(folder));
        remote.make_folder(&at("it's\nnew")).await.expect("a folder");
        let again = remote.make_folder(&at("it's\nnew")).await.expect_err("it is there");
        assert!(matches!(again, RemoteError::FileExists { .. }), "{way}: {again}");
        let nowhere = remote.make_folder(&at("none/new")).await.expect_err("nowhere");
        assert!(matches!(nowhere, RemoteError::RemoteFile { .. }), "{way}: {nowhere}");

        fs::write(folder.join("file"), "kept").expect("a file");
        symlink("nowhere", folder.join("dangling")).expect("a link");
        for taken in ["it's\nnew", "dangling"] {
            let error = remote.rename_file(&at("file"), &at(taken)).await.expect_err("it is there");
            assert!(matches!(error, RemoteError::FileExists { .. }), "{way}: {taken}: {error}");
        }
        remote.rename_file(&at("file"), &at("it's\nnew/-rf")).await.expect("renamed");
        remote.rename_file(&at("dangling"), &at("link")).await.expect("renamed");
        assert_eq!(fs::read_to_string(folder.join("it's\nnew/-rf")).expect("a file"), "kept", "{way}");
        assert_eq!(names(folder), ["it's\nnew", "link"], "{way}");
    });
}

#[test]
fn only_what_was_meant_is_removed() {
    every_way(async |way, remote, folder| {
        let at = |name: &str| format!("{}/{name}", text(folder));
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("kept"), "").expect("a file");
        fs::create_dir_all(folder.join("full/deep")).expect("folders");
        fs::write(folder.join("full/deep/\u{1b}x"), "").expect("a file");
        symlink(outside.path(), folder.join("full/out")).expect("a link");
        symlink(outside.path(), folder.join("link")).expect("a link");
        fs::create_dir(folder.join("empty")).expect("a folder");
        fs::write(folder.join("-rf *"), "").expect("a file");

        let Removal { gone, end: refused } =
            remote.remove_files(&[at("empty"), at("-rf *"), at("full"), at("link")], false, pending()).await;
        assert_eq!(gone, 2, "{way}: {refused:?}");
        assert!(matches!(&refused, Err(RemoteError::FolderNotEmpty { path }) if path.ends_with("/full")), "{way}: {refused:?}");
        assert_eq!(names(folder), ["full", "link"], "{way}");

        // With a slash at its end, a link is a link still.
        let Removal { gone, end: removed } = remote.remove_files(&[at("link/"), at("full")], true, pending()).await;
        assert!(gone == 2 && removed.is_ok(), "{way}: {removed:?}");
        assert!(names(folder).is_empty(), "{way}");
        assert_eq!(names(outside.path()), ["kept"], "{way}");

        for wrong in ["none", ".", "..", "none/x"] {
            let Removal { gone, end: refused } = remote.remove_files(&[at(wrong)], true, pending()).await;
            assert!(gone == 0 && matches!(refused, Err(RemoteError::RemoteFile { .. })), "{way}: {wrong}: {refused:?}");
        }
        assert!(folder.exists(), "{way}");
    });
}

#[test]
fn many_paths_go_in_several_commands() {
    every_way(async |way, remote, folder| {
        let paths: Vec<String> = (0..900).map(|number| format!("{}/{}-{number}", text(folder), "'".repeat(60))).collect();
        for path in &paths {
            fs::write(path, "").expect("a file");
        }
        let Removal { gone, end: removed } = remote.remove_files(&paths, false, pending()).await;
        assert!(gone == 900 && removed.is_ok(), "{way}: {gone} {removed:?}");
        assert!(names(folder).is_empty(), "{way}");
    });
}

#[test]
fn a_removal_that_was_told_to_stop_before_it_began_removes_nothing() {
    every_way(async |way, remote, folder| {
        fs::write(folder.join("kept"), "").expect("a file");
        let paths = [format!("{}/kept", text(folder))];
        let Removal { gone, end } = remote.remove_files(&paths, true, ready(())).await;
        assert!(gone == 0 && matches!(end, Ok(RemovalEnd::Stopped)), "{way}: {end:?}");
        assert_eq!(names(folder), ["kept"], "{way}");
    });
}

/// `rm` that takes its time over what is called "slow", before it removes it or after.
#[tokio::test]
async fn a_removal_stops_where_it_is_told_to_and_knows_what_is_gone() {
    for (how, expected, left) in [("before", 2, &["slow", "z"][..]), ("after", 3, &["z"])] {
        let server = Server::start();
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| format!("{}/{name}", text(folder.path()));
        for name in ["a", "b", "slow", "z"] {
            fs::write(folder.path().join(name), "").expect("a file");
        }
        let (rm, begun) = (server.file("bin/rm"), server.file("begun"));
        let waits = format!("echo $$ >{0}.part; mv {0}.part {0}; exec sleep 1141", begun.display());
        let slow = if how == "before" { waits } else { format!("/bin/rm \"$@\"; {waits}") };
        fs::write(&rm, format!("#!/bin/sh\ncase \"$*\" in *slow*) {slow} ;; *) exec /bin/rm \"$@\" ;; esac\n")).expect("a program");
        fs::set_permissions(&rm, PermissionsExt::from_mode(0o755)).expect("a mode");

        let stop = async {
            while !begun.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let paths = ["a", "b", "slow", "z"].map(at);
        let Removal { gone, end } = server.connect().await.remove_files(&paths, false, stop).await;
        assert!(gone == expected && matches!(end, Ok(RemovalEnd::Stopped)), "{how}: {gone} {end:?}");
        assert_eq!(names(folder.path()), left, "{how}");
        server::gone(fs::read_to_string(&begun).expect("a number").trim()).await;
    }
}
