//! Copies that use what is there already: earlier parts, and the files that are to be replaced.

use std::path::{Path, PathBuf};

use beffroi_remote::{Copied, CopyNote, CopyOptions, Remote, RemoteError, Transfer};
use beffroi_ssh::SshRemote;
use sha2::{Digest, Sha256};

use super::files::{bytes, names, text};
use super::server::Server;

const RESUME: CopyOptions = CopyOptions { resume: true, verify: true, delta: false, times: false, links: beffroi_remote::Links::Keep };

async fn copy(remote: &SshRemote, up: bool, from: &Path, to: &Path, options: &CopyOptions) -> Result<Copied, RemoteError> {
    if up { remote.put(from, text(to), options, &mut |_| {}).await } else { remote.get(text(from), to, options, &mut |_| {}).await }
}

/// Where a copy goes to, in a folder of its own.
fn goal(folder: &Path, up: bool, name: &str) -> PathBuf {
    let own = folder.join(format!("to-{up}"));
    std::fs::create_dir(&own).expect("a folder");
    own.join(name)
}

/// Whether a file is what was to be copied, and nothing lies beside it.
fn is_whole(to: &Path, content: &[u8]) -> bool {
    let alone = names(to.parent().expect("a folder")) == [to.file_name().expect("a name").to_string_lossy()];
    alone && Sha256::digest(std::fs::read(to).expect("a file")) == Sha256::digest(content)
}

/// Begins a copy that is cut after some of it, and gives the part that it leaves.
async fn cut(server: &Server, up: bool, from: &Path, to: &Path) -> PathBuf {
    let remote = server.connect().await;
    let mut cut = |at: Transfer| {
        if at.done > 6 << 20 {
            server.cut();
        }
    };
    let error = if up {
        remote.put(from, text(to), &RESUME, &mut cut).await.expect_err("an error")
    } else {
        remote.get(text(from), to, &RESUME, &mut cut).await.expect_err("an error")
    };
    assert!(matches!(error, RemoteError::LinkLost { .. }), "{error}");
    let folder = to.parent().expect("a folder");
    let names = names(folder);
    assert!(names.len() == 1 && names[0].starts_with("file.beffroi-part-"), "{names:?}");
    folder.join(&names[0])
}

async fn a_copy_that_was_cut_goes_on_where_it_was(server: Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let content = bytes(24 << 20, 4);
    let from = folder.path().join("from");
    std::fs::write(&from, &content).expect("a file");
    for up in [true, false] {
        let to = goal(folder.path(), up, "file");
        cut(&server, up, &from, &to).await;
        let remote = server.connect().await;
        let copied = copy(&remote, up, &from, &to, &RESUME).await.expect("copied");
        assert!(copied.resumed >= 4 << 20 && copied.resumed < 24 << 20, "{copied:?}");
        assert!(copied.verified && copied.bytes == 24 << 20, "{copied:?}");
        assert_eq!(copied.sha256, Some(Sha256::digest(&content).into()));
        assert!(is_whole(&to, &content));
    }
}

async fn blocks_of_a_part_that_are_wrong_are_sent_again(server: Server) {
    let folder = tempfile::tempdir().expect("a folder");
    let content = bytes(24 << 20, 4);
    let from = folder.path().join("from");
    std::fs::write(&from, &content).expect("a file");
    for up in [true, false] {
        let to = goal(folder.path(), up, "file");
        let part = cut(&server, up, &from, &to).await;
        // Wrong bytes in one block, and more at the end than there should be.
        let mut damaged = std::fs::read(&part).expect("a part");
        let was = damaged.len();
        damaged[(1 << 20) + 5] ^= 1;
        damaged.resize(30 << 20, 7);
        std::fs::write(&part, damaged).expect("a part");
        let remote = server.connect().await;
        let copied = copy(&remote, up, &from, &to, &RESUME).await.expect("copied");
        assert!(copied.resumed > 0 && copied.resumed <= was as u64 - (1 << 20), "{copied:?}");
        assert!(is_whole(&to, &content));
    }
}

async fn what_is_no_part_of_ours_is_not_taken_up(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [from, victim] = ["from", "victim"].map(|name| folder.path().join(name));
    std::fs::write(&from, bytes(100_000, 1)).expect("a file");
    std::fs::write(&victim, "untouched").expect("a file");
    for up in [true, false] {
        let to = goal(folder.path(), up, "file");
        let trap = to.with_file_name("file.beffroi-part-0123456789abcdef");
        std::os::unix::fs::symlink(&victim, &trap).expect("a link");
        let copied = copy(&remote, up, &from, &to, &RESUME).await.expect("copied");
        assert_eq!(copied.resumed, 0);
        assert_eq!(std::fs::read(&to).expect("a file"), bytes(100_000, 1));
        assert_eq!(std::fs::read_to_string(&victim).expect("a file"), "untouched");
    }
}

async fn only_differences_are_sent(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let old = bytes(12 << 20, 8);
    // Something in front, something changed, something cut off.
    let mut new = b"a line in front\n".to_vec();
    new.extend_from_slice(&old[..11 << 20]);
    new[5 << 20..(5 << 20) + 100].fill(0);
    let from = folder.path().join("from");
    std::fs::write(&from, &new).expect("a file");
    for up in [true, false] {
        let to = goal(folder.path(), up, "it's a file");
        std::fs::write(&to, &old).expect("a file");
        let copied = copy(&remote, up, &from, &to, &CopyOptions::default()).await.expect("copied");
        assert!(copied.unchanged > 10 << 20 && copied.unchanged < new.len() as u64, "{copied:?}");
        assert!(copied.verified && copied.notes.is_empty(), "{copied:?}");
        assert!(is_whole(&to, &new));
        // Nothing in common: all is sent, and nobody needs to know.
        std::fs::write(&to, bytes(6 << 20, 77)).expect("a file");
        let copied = copy(&remote, up, &from, &to, &CopyOptions::default()).await.expect("copied");
        assert_eq!((copied.unchanged, copied.notes), (0, Vec::new()));
    }
}

#[tokio::test]
async fn a_host_without_tools_is_sent_all_and_says_what_it_could_not() {
    let bare = tempfile::tempdir().expect("a folder");
    let server = super::files::bare(bare.path());
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::write(&from, bytes(5 << 20, 1)).expect("a file");
    std::fs::write(&to, bytes(5 << 20, 2)).expect("a file");
    let options = CopyOptions { delta: true, ..RESUME };
    let copied = copy(&remote, true, &from, &to, &options).await.expect("copied");
    assert_eq!(copied.notes, [CopyNote::NotResumed, CopyNote::NoDifferences, CopyNote::NotVerified]);
    assert!(!copied.verified && copied.sha256.is_some());
    assert_eq!(std::fs::read(&to).expect("a file"), bytes(5 << 20, 1));
}

async fn the_time_of_the_last_change_is_kept_where_it_is_asked_for(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let tree = folder.path().join("tree");
    std::fs::create_dir(&tree).expect("a folder");
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for (name, size) in [("small", 10), ("large", 1 << 20)] {
        std::fs::write(tree.join(name), bytes(size, 1)).expect("a file");
        std::fs::File::options().write(true).open(tree.join(name)).expect("a file").set_modified(then).expect("a time");
    }
    let options = CopyOptions { times: true, ..CopyOptions::default() };
    for up in [true, false] {
        let to = folder.path().join(format!("to-{up}"));
        copy(&remote, up, &tree, &to, &options).await.expect("copied");
        for name in ["small", "large"] {
            assert_eq!(std::fs::metadata(to.join(name)).expect("attributes").modified().expect("a time"), then, "{name} {up}");
        }
    }
}

async fn many_copies_at_once_do_not_wait_for_each_other_for_ever(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let from = folder.path().join("from");
    std::fs::write(&from, bytes(300_000, 1)).expect("a file");
    let copies = (0..24).map(|index| {
        let (remote, from, to) = (&remote, &from, folder.path().join(format!("to-{index}")));
        async move { copy(remote, true, from, &to, &CopyOptions::default()).await }
    });
    for copied in futures_util::future::join_all(copies).await {
        assert!(copied.expect("copied").verified);
    }
}

both_ways!(
    a_copy_that_was_cut_goes_on_where_it_was,
    blocks_of_a_part_that_are_wrong_are_sent_again,
    what_is_no_part_of_ours_is_not_taken_up,
    only_differences_are_sent,
    the_time_of_the_last_change_is_kept_where_it_is_asked_for,
    many_copies_at_once_do_not_wait_for_each_other_for_ever
);
