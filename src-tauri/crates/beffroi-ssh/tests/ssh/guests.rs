//! Commands and files in what stands for a guest, with the shells and tools that guests have.

use std::os::unix::fs::{PermissionsExt, symlink};

use beffroi_domain::Exit;
use beffroi_remote::{CopyOptions, Remote, RemoteError};
use sha2::{Digest, Sha256};

use super::files::{bytes, names, text};
use super::files_tree::{awkward, content};
use super::server::{Server, first_line, gone, request, run};

const SHELLS: [&str; 3] = ["busybox", "dash", "bash"];

#[tokio::test]
async fn every_shell_serves_files_with_whatever_names() {
    for shell in SHELLS {
        let server = Server::guest(shell);
        let remote = server.connect().await;
        let folder = tempfile::tempdir().expect("a folder");
        let [here, there, back] = ["here", "there", "back"].map(|name| folder.path().join(name));
        awkward(&here);
        // Bytes that shells use for themselves, and what a line would end with.
        for name in ["\u{c1}\u{c2}\u{c8}\u{101}\u{2028}", "end\n", "\\n", "%s%b", "*", "~", "a\\\\b"] {
            std::fs::write(here.join(name), bytes(600_000, 3)).expect("a file");
        }
        remote.put(&here, text(&there), &CopyOptions::default(), &mut |_| {}).await.expect(shell);
        assert!(content(&there) == content(&here), "{shell}");
        remote.get(text(&there), &back, &CopyOptions::default(), &mut |_| {}).await.expect(shell);
        assert!(content(&back) == content(&here), "{shell}");
        assert_eq!(names(folder.path()), ["back", "here", "there"], "{shell}");
    }
}

#[tokio::test]
async fn a_hundred_megabytes_go_there_and_back() {
    let server = Server::guest("busybox");
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there, back] = ["here", "there", "back"].map(|name| folder.path().join(name));
    let all = bytes(100_000_003, 6);
    std::fs::write(&here, &all).expect("a file");
    let sum: [u8; 32] = Sha256::digest(&all).into();
    let sent = remote.put(&here, text(&there), &CopyOptions::default(), &mut |_| {}).await.expect("sent");
    assert_eq!((sent.sha256, sent.verified), (Some(sum), true));
    let received = remote.get(text(&there), &back, &CopyOptions::default(), &mut |_| {}).await.expect("received");
    assert_eq!((received.sha256, received.verified), (Some(sum), true));
    assert_eq!(Sha256::digest(std::fs::read(&back).expect("a file")), Sha256::digest(&all));
}

/// What a program says that finds no room, where its output is a file of ours.
#[tokio::test]
async fn a_full_disk_is_told_and_leaves_nothing() {
    let server = Server::guest("dash");
    // What writes into a file stops when it is at 300 KiB.
    let cat = server.file("tools/cat");
    let script = "#!/bin/sh\nhead -c 300000\necho \"cat: write error: No space left on device\" >&2\nexit 1\n";
    std::fs::write(&cat, script).expect("a script");
    std::fs::set_permissions(&cat, PermissionsExt::from_mode(0o755)).expect("permissions");
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (here, there) = (folder.path().join("here"), folder.path().join("there"));
    std::fs::create_dir(&there).expect("a folder");
    // The first fails while it is sent, the second when it is closed.
    for size in [20 << 20, 310_000] {
        std::fs::write(&here, bytes(size, 1)).expect("a file");
        let error = remote.put(&here, text(&there), &CopyOptions::default(), &mut |_| {}).await.expect_err("an error");
        assert!(matches!(&error, RemoteError::RemoteFile { reason, .. } if reason.contains("No space left")), "{error:?}");
        assert!(names(&there).is_empty());
    }
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_read_is_told_and_the_next_is_whole() {
    let server = Server::guest("busybox");
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (there, back) = (folder.path().join("there"), folder.path().join("back"));
    std::fs::write(&there, bytes(40 << 20, 1)).expect("a file");
    let file = std::fs::File::options().write(true).open(&there).expect("a file");
    let mut shrink = |at: beffroi_remote::Transfer| {
        if at.done > 1 << 20 {
            file.set_len(30 << 20).expect("shorter");
        }
    };
    let options = CopyOptions { verify: false, ..CopyOptions::default() };
    let error = remote.get(text(&there), &back, &options, &mut shrink).await.expect_err("an error");
    assert!(matches!(&error, RemoteError::RemoteFile { reason, .. } if reason.contains("shorter")), "{error:?}");
    let received = remote.get(text(&there), &back, &CopyOptions::default(), &mut |_| {}).await.expect("received");
    assert_eq!((received.bytes, received.verified), (30 << 20, true));
    assert_eq!(names(folder.path()), ["back", "there"]);
}

#[tokio::test]
async fn a_guest_without_the_tools_says_which() {
    let server = Server::guest("dash");
    let attach = server.file("bin/lxc-attach");
    let script = std::fs::read_to_string(&attach).expect("a script");
    std::fs::write(&attach, script.replace(":/usr/bin:/bin\n", "\n").replace("/tools:/usr/bin:/bin}", "/tools}")).expect("a script");
    let remote = server.connect().await;
    let error = remote.get("/etc/hostname", &server.file("never"), &CopyOptions::default(), &mut |_| {}).await.expect_err("an error");
    assert!(matches!(&error, RemoteError::Refused { reason } if reason.contains("there is no stat")), "{error:?}");
}

#[tokio::test]
async fn what_is_no_file_is_refused_at_once() {
    let server = Server::guest("busybox");
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    symlink(&pipe, folder.path().join("link")).expect("a link");
    for name in ["pipe", "link"] {
        let from = folder.path().join(name);
        let error =
            remote.get(text(&from), &folder.path().join("never"), &CopyOptions::default(), &mut |_| {}).await.expect_err("an error");
        assert!(matches!(&error, RemoteError::RemoteFile { reason, .. } if reason.contains("not a regular file")), "{error:?}");
    }
    assert_eq!(names(folder.path()), ["link", "pipe"]);
}

#[tokio::test]
async fn commands_in_a_guest_end_as_they_say_and_are_ended_there() {
    for shell in SHELLS {
        let server = Server::guest(shell);
        let remote = server.connect().await;
        let output = run(&remote, "printf \"a'b\"; printf c >&2; exit 7").await;
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice(), output.exit), (&b"a'b"[..], &b"c"[..], Exit::Status(7)), "{shell}");
        assert_eq!(run(&remote, "kill -TERM $$").await.exit, Exit::Status(143), "{shell}");
        for script in ["echo $$; exec sleep 1201", "sleep 1202 & echo $!; wait", "sh -c 'echo $$; sleep 1203; :' | cat"] {
            let mut process = remote.start(request(script)).await.expect("a process");
            let pid = first_line(process.as_mut()).await;
            drop(process);
            gone(&pid).await;
        }
    }
}
