//! Files there and back.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use beffroi_remote::{CopyOptions, Remote, RemoteError, Transfer};
use beffroi_ssh::SshRemote;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sha2::{Digest, Sha256};

use super::server::{Server, run};

pub(super) fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

async fn put(remote: &SshRemote, from: &Path, to: &str) -> Result<u64, RemoteError> {
    Ok(remote.put(from, to, &CopyOptions::default(), &mut |_| {}).await?.bytes)
}

async fn get(remote: &SshRemote, from: &str, to: &Path) -> Result<u64, RemoteError> {
    Ok(remote.get(from, to, &CopyOptions::default(), &mut |_| {}).await?.bytes)
}

pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("entries")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    names
}

pub(super) fn bytes(size: usize, seed: u8) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    (0..size)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

/// A server whose commands find a shell and nothing else.
pub(super) fn bare(folder: &Path) -> Server {
    std::os::unix::fs::symlink("/bin/sh", folder.join("sh")).expect("a link");
    let sftp = ["/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/sftp-server"];
    let sftp = sftp.iter().find(|path| Path::new(path).exists()).expect("install openssh-sftp-server");
    let script = format!(
        "case $SSH_ORIGINAL_COMMAND in\ninternal-sftp*) exec {sftp} ;;\nesac\nPATH={0}\nexport PATH\nexec {0}/sh -c \"$SSH_ORIGINAL_COMMAND\"\n",
        text(folder)
    );
    std::fs::write(folder.join("run"), script).expect("a file");
    Server::with(&format!("Match all\nForceCommand {0}/sh {0}/run", text(folder)))
}

#[test]
fn any_file_survives_the_round_trip() {
    round_trips(&Server::start());
}

#[test]
fn any_file_survives_the_round_trip_by_a_shell() {
    round_trips(&Server::guest("busybox"));
}

fn round_trips(server: &Server) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let remote = runtime.block_on(server.connect());
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there, back) = (folder.path().join("here"), folder.path().join("there"), folder.path().join("back"));
    let sizes = prop_oneof![Just(0_usize), Just(1), Just(32 << 10), Just((32 << 10) + 1), 0_usize..200_000, 2_000_000_usize..5_000_000];
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&(sizes, any::<u8>(), 0_u32..8), |(size, seed, bits)| {
        let content = bytes(size, seed);
        std::fs::write(&here, &content).expect("a file");
        let mode = 0o600 | bits;
        std::fs::set_permissions(&here, PermissionsExt::from_mode(mode)).expect("permissions");
        let sent = runtime.block_on(put(&remote, &here, text(&there))).expect("sent");
        prop_assert_eq!(sent, size as u64);
        prop_assert_eq!(std::fs::metadata(&there).expect("it is there").permissions().mode() & 0o777, mode);
        let received = runtime.block_on(get(&remote, text(&there), &back)).expect("received");
        prop_assert_eq!(received, size as u64);
        prop_assert_eq!(Sha256::digest(std::fs::read(&back).expect("a file")), Sha256::digest(&content));
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
    assert_eq!(names(folder.path()), ["back", "here", "there"]);
}

async fn a_file_is_put_over_another_and_into_a_folder(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("here é");
    std::fs::write(&here, "new").expect("a file");
    let inside = folder.path().join("folder");
    std::fs::create_dir(&inside).expect("a folder");
    std::fs::write(inside.join("here é"), "old").expect("a file");
    put(&remote, &here, text(&inside)).await.expect("sent");
    put(&remote, &here, &format!("{}/", text(&inside))).await.expect("sent");
    assert_eq!(std::fs::read_to_string(inside.join("here é")).expect("a file"), "new");
    assert_eq!(names(&inside), ["here é"]);

    // At the end of a link, not in its place.
    symlink(inside.join("here é"), folder.path().join("link")).expect("a link");
    std::fs::write(&here, "newer").expect("a file");
    put(&remote, &here, text(&folder.path().join("link"))).await.expect("sent");
    assert!(std::fs::symlink_metadata(folder.path().join("link")).expect("a link").is_symlink());
    assert_eq!(std::fs::read_to_string(inside.join("here é")).expect("a file"), "newer");
}

async fn a_file_is_got_into_a_folder_and_for_its_owner_alone(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(server.file("tool"), "#!/bin/sh\n").expect("a file");
    std::fs::set_permissions(server.file("tool"), PermissionsExt::from_mode(0o755)).expect("permissions");
    get(&remote, text(&server.file("tool")), folder.path()).await.expect("received");
    assert_eq!(std::fs::metadata(folder.path().join("tool")).expect("a file").permissions().mode() & 0o777, 0o700);
    std::fs::write(server.file("data"), "x").expect("a file");
    get(&remote, text(&server.file("data")), folder.path()).await.expect("received");
    assert_eq!(std::fs::metadata(folder.path().join("data")).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(names(folder.path()), ["data", "tool"]);
    // One that says it is empty, and is not.
    assert!(get(&remote, "/proc/self/status", folder.path()).await.expect("received") > 0);
}

async fn progress_begins_at_nothing_and_ends_at_all(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    std::fs::write(&here, bytes(3 << 20, 1)).expect("a file");
    for up in [true, false] {
        let mut seen = Vec::new();
        let mut note = |at: Transfer| seen.push(at);
        if up {
            remote.put(&here, text(&there), &CopyOptions::default(), &mut note).await.expect("sent");
        } else {
            remote.get(text(&there), &here, &CopyOptions::default(), &mut note).await.expect("received");
        }
        let total = 3 << 20;
        assert_eq!(seen.first().map(|at| (at.done, at.total, at.files)), Some((0, total, 1)));
        assert_eq!(seen.last().map(|at| (at.done, at.total, at.files_done)), Some((total, total, 1)));
        assert!(seen.windows(2).all(|pair| (pair[0].done, pair[0].files_done) < (pair[1].done, pair[1].files_done)), "{seen:?}");
        assert!((4..=10).contains(&seen.len()), "{seen:?}");
    }
}

async fn what_cannot_be_got_leaves_nothing(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("here");
    for missing in ["/no/such/file", "/", "/.", "/tmp/..", "", "/tmp/\u{1b}[2Jx"] {
        let error = get(&remote, missing, &here).await.expect_err("an error");
        assert!(matches!(error, RemoteError::RemoteFile { .. }), "{missing}: {error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error:?}");
    }
    let error = get(&remote, "/etc/hostname", Path::new("/no/such/folder/x")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LocalFile { .. }), "{error}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

async fn what_cannot_be_put_leaves_nothing(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("here");
    let there = folder.path().join("there");
    std::fs::create_dir(&there).expect("a folder");
    for local in [folder.path().join("missing").as_path(), Path::new("/dev/null")] {
        let error = put(&remote, local, text(&there)).await.expect_err("an error");
        assert!(matches!(error, RemoteError::LocalFile { .. }), "{error}");
    }
    std::fs::write(&here, "x").expect("a file");
    for bad in ["/no/such/folder/x", "/no/such/folder/", "/proc/version/x"] {
        let error = put(&remote, &here, bad).await.expect_err("an error");
        assert!(matches!(error, RemoteError::RemoteFile { .. }), "{bad}: {error}");
    }
    // A folder where the file should be: the part is written, and the rename fails.
    std::fs::create_dir(there.join("here")).expect("a folder");
    let error = put(&remote, &here, text(&there)).await.expect_err("an error");
    assert!(matches!(error, RemoteError::RemoteFile { .. }), "{error}");
    assert_eq!(names(&there), ["here"]);
}

async fn a_transfer_that_is_given_up_leaves_nothing(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    std::fs::create_dir(&there).expect("a folder");
    std::fs::write(&here, bytes(20 << 20, 3)).expect("a file");
    for up in [true, false] {
        let begun = tokio::sync::Notify::new();
        let mut note = |at: Transfer| {
            if at.done > 0 {
                begun.notify_one();
            }
        };
        let (there_text, options) = (text(&there).to_owned(), CopyOptions::default());
        if up {
            tokio::select! {
                done = remote.put(&here, &there_text, &options, &mut note) => panic!("{done:?}"),
                () = begun.notified() => {}
            }
        } else {
            tokio::select! {
                done = remote.get(text(&here), &there, &options, &mut note) => panic!("{done:?}"),
                () = begun.notified() => {}
            }
        }
        // The part on the host goes by a task of its own.
        while !names(&there).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
}

#[tokio::test]
async fn a_host_without_sftp_says_so() {
    let server = Server::with("Match all\nForceCommand true");
    let remote = server.connect().await;
    let error = get(&remote, "/etc/hostname", Path::new("/tmp/beffroi-never")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::Refused { .. } | RemoteError::LinkLost { .. } | RemoteError::NotUnderstood { .. }), "{error}");
}

both_ways!(
    a_file_is_put_over_another_and_into_a_folder,
    a_file_is_got_into_a_folder_and_for_its_owner_alone,
    progress_begins_at_nothing_and_ends_at_all,
    what_cannot_be_got_leaves_nothing,
    what_cannot_be_put_leaves_nothing,
    a_transfer_that_is_given_up_leaves_nothing
);
