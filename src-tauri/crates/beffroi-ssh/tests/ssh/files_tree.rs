//! Trees there and back.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use beffroi_remote::{Copied, CopyNote, CopyOptions, Links, Remote, RemoteError, Transfer};
use beffroi_ssh::SshRemote;

use super::files::{bytes, names, text};
use super::server::{Server, run};

async fn put(remote: &SshRemote, from: &Path, to: &Path) -> Result<Copied, RemoteError> {
    remote.put(from, text(to), &CopyOptions::default(), &mut |_| {}).await
}

async fn get(remote: &SshRemote, from: &Path, to: &Path) -> Result<Copied, RemoteError> {
    remote.get(text(from), to, &CopyOptions::default(), &mut |_| {}).await
}

/// What is in a tree: content of files, targets of links, and folders.
pub(super) fn content(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("entries").map(|entry| entry.expect("an entry").path()) {
            let name = text(entry.strip_prefix(root).expect("inside")).to_owned();
            let kind = std::fs::symlink_metadata(&entry).expect("attributes");
            if kind.is_dir() {
                found.insert(name + "/", Vec::new());
                folders.push(entry);
            } else if kind.is_symlink() {
                found.insert(name + "@", text(&std::fs::read_link(&entry).expect("a link")).as_bytes().to_vec());
            } else {
                found.insert(name, std::fs::read(&entry).expect("a file"));
            }
        }
    }
    found
}

/// A tree with what is awkward in one.
pub(super) fn awkward(root: &Path) {
    let deep = root.join("a b/é/-rf/.hidden");
    std::fs::create_dir_all(&deep).expect("folders");
    std::fs::create_dir(root.join("empty")).expect("a folder");
    let longest = "n".repeat(255);
    for name in ["plain", "-n", "it's", "new\nline", "back\\slash", "$(id)", longest.as_str(), " ", "tab\t"] {
        std::fs::write(deep.join(name), name).expect("a file");
        std::fs::write(root.join(name), bytes(3000, 5)).expect("a file");
    }
    std::fs::write(root.join("nothing"), "").expect("a file");
    std::fs::write(root.join("large"), bytes(3 << 20, 9)).expect("a file");
    symlink("plain", root.join("link")).expect("a link");
    symlink("../../plain", root.join("a b/é/up")).expect("a link");
}

async fn a_tree_survives_the_round_trip_into_new_places(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there, back] = ["here", "there", "back"].map(|name| folder.path().join(name));
    awkward(&here);
    std::fs::set_permissions(here.join("plain"), PermissionsExt::from_mode(0o751)).expect("permissions");
    std::fs::set_permissions(here.join("empty"), PermissionsExt::from_mode(0o750)).expect("permissions");

    let sent = put(&remote, &here, &there).await.expect("sent");
    assert_eq!(content(&there), content(&here));
    assert!(sent.verified && sent.notes.is_empty(), "{sent:?}");
    let mode = |path: &Path| std::fs::metadata(path).expect("attributes").permissions().mode() & 0o7777;
    assert_eq!((mode(&there.join("plain")), mode(&there.join("empty"))), (0o751, 0o750));

    let received = get(&remote, &there, &back).await.expect("received");
    assert_eq!(content(&back), content(&here));
    assert!(received.verified && received.notes.is_empty(), "{received:?}");
    assert_eq!((sent.files, sent.bytes), (received.files, received.bytes));
    // Its owner's alone, executable as there.
    assert_eq!((mode(&back.join("plain")), mode(&back.join("empty")), mode(&back)), (0o700, 0o700, 0o700));
    assert_eq!(names(folder.path()), ["back", "here", "there"]);
}

async fn a_tree_goes_over_another_and_leaves_the_rest(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [tree, there, back] = ["tree", "there", "back"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(tree.join("d/new")).expect("folders");
    for (name, text) in [("a", "new"), ("d/b", "new"), ("d/new/c", "new")] {
        std::fs::write(tree.join(name), text).expect("a file");
    }
    symlink("a", tree.join("l")).expect("a link");
    for root in [&there, &back] {
        std::fs::create_dir_all(root.join("tree/d")).expect("folders");
        for name in ["tree/a", "tree/d/b", "tree/d/other", "tree/l"] {
            std::fs::write(root.join(name), "old and longer").expect("a file");
        }
    }
    let mut whole = content(&tree);
    whole.insert("d/other".to_owned(), b"old and longer".to_vec());
    let sent = put(&remote, &tree, &there).await.expect("sent");
    assert_eq!(content(&there.join("tree")), whole);
    get(&remote, &tree, &back).await.expect("received");
    assert_eq!(content(&back.join("tree")), {
        whole.remove("l@");
        whole.insert("l@".to_owned(), b"a".to_vec());
        whole
    });
    assert_eq!((sent.files, names(&there), names(&back)), (3, vec!["tree".to_owned()], vec!["tree".to_owned()]));
}

async fn two_thousand_small_files_take_few_requests(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there, back] = ["here", "there", "back"].map(|name| folder.path().join(name));
    for index in 0..2000_usize {
        let inside = here.join(format!("d{}", index % 20));
        std::fs::create_dir_all(&inside).expect("a folder");
        std::fs::write(inside.join(index.to_string()), bytes(1 + index % 700, 1)).expect("a file");
    }
    let mut seen: Vec<Transfer> = Vec::new();
    let sent = remote.put(&here, text(&there), &CopyOptions::default(), &mut |at| seen.push(at)).await.expect("sent");
    assert_eq!((sent.files, sent.verified), (2000, true));
    assert_eq!(content(&there), content(&here));
    let last = seen.last().expect("progress");
    assert_eq!((last.files_done, last.files, last.done), (2000, 2000, sent.bytes));
    assert_eq!(get(&remote, &there, &back).await.expect("received").files, 2000);
    assert_eq!(content(&back), content(&here));
}

#[tokio::test]
async fn a_host_without_tools_gets_and_gives_trees_all_the_same() {
    let bare = tempfile::tempdir().expect("a folder");
    let server = super::files::bare(bare.path());
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there, back] = ["here", "there", "back"].map(|name| folder.path().join(name));
    awkward(&here);
    let sent = put(&remote, &here, &there).await.expect("sent");
    assert_eq!(content(&there), content(&here));
    assert!(!sent.verified && sent.notes.contains(&CopyNote::NotPacked) && sent.notes.contains(&CopyNote::NotVerified), "{sent:?}");
    let received = get(&remote, &there, &back).await.expect("received");
    assert_eq!(content(&back), content(&here));
    assert!(!received.verified && received.notes.contains(&CopyNote::NotPacked), "{received:?}");
    assert_eq!(names(folder.path()), ["back", "here", "there"]);
}

async fn what_leaves_the_tree_is_left_out_with_a_note(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there, back, followed] = ["here", "there", "back", "followed"].map(|name| folder.path().join(name));
    std::fs::create_dir(&here).expect("a folder");
    std::fs::write(folder.path().join("secret"), "outside").expect("a file");
    symlink("../secret", here.join("up")).expect("a link");
    symlink("/etc/hostname", here.join("absolute")).expect("a link");
    let pipe = std::process::Command::new("mkfifo").arg(here.join("pipe")).status().expect("mkfifo");
    assert!(pipe.success());
    let outside = |name: &str| CopyNote::LinkOutside { path: name.to_owned() };
    for copied in [put(&remote, &here, &there).await.expect("sent"), get(&remote, &here, &back).await.expect("received")] {
        assert!(copied.notes.contains(&outside("up")) && copied.notes.contains(&outside("absolute")), "{copied:?}");
        assert!(copied.notes.contains(&CopyNote::Special { path: "pipe".to_owned() }), "{copied:?}");
    }
    assert!(content(&there).is_empty() && content(&back).is_empty());
    let options = CopyOptions { links: Links::Follow, ..CopyOptions::default() };
    remote.put(&here, text(&followed), &options, &mut |_| {}).await.expect("sent");
    assert_eq!(std::fs::read_to_string(followed.join("up")).expect("a file"), "outside");
}

async fn a_folder_here_that_is_a_link_is_not_followed(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [tree, elsewhere] = ["tree", "elsewhere"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(tree.join("d")).expect("folders");
    std::fs::write(tree.join("d/a"), "x").expect("a file");
    std::fs::create_dir_all(folder.path().join("here/tree")).expect("folders");
    std::fs::create_dir(&elsewhere).expect("a folder");
    symlink(&elsewhere, folder.path().join("here/tree/d")).expect("a link");
    let error = get(&remote, &tree, &folder.path().join("here")).await.expect_err("an error");
    assert!(matches!(error, RemoteError::LocalFile { .. }), "{error}");
    assert!(names(&elsewhere).is_empty());
}

async fn a_tree_that_is_given_up_or_cannot_be_put_leaves_nothing(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [here, there] = ["here", "there"].map(|name| folder.path().join(name));
    std::fs::create_dir_all(&here).expect("a folder");
    std::fs::create_dir_all(&there).expect("a folder");
    for index in 0..600 {
        std::fs::write(here.join(format!("f{index}")), bytes(100_000, 2)).expect("a file");
    }
    let into = there.join("new");
    let options = CopyOptions::default();
    for up in [true, false] {
        let begun = tokio::sync::Notify::new();
        let mut note = |at: Transfer| {
            if at.done > 0 {
                begun.notify_one();
            }
        };
        tokio::select! {
            done = async { if up { remote.put(&here, text(&into), &options, &mut note).await } else { remote.get(text(&here), &into, &options, &mut note).await } } => panic!("{done:?}"),
            () = begun.notified() => {}
        }
        while !names(&there).is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
    for wrong in ["/no/such/folder/x", "/etc/hostname"] {
        let error = put(&remote, &here, Path::new(wrong)).await.expect_err("an error");
        assert!(matches!(error, RemoteError::RemoteFile { .. }), "{error}");
    }
    assert_eq!(run(&remote, "echo free").await.stdout, b"free\n");
}

async fn what_has_no_name_there_gets_the_one_that_is_given_here(server: Server) {
    let remote = server.connect().await;
    let folder = tempfile::tempdir().expect("a folder");
    let tree = folder.path().join("tree");
    awkward(&tree);
    let expected = content(&tree);
    for (number, end) in ["/.", "/./", "/empty/..", "/", "//"].into_iter().enumerate() {
        let (from, to) = (format!("{}{end}", text(&tree)), folder.path().join(format!("to-{number}")));
        let copied = get(&remote, Path::new(&from), &to).await.expect("copied");
        assert!(copied.verified && content(&to) == expected, "{from}");
        // Into something that is here already, only what has a name: that of the host is no name for something here.
        let again = get(&remote, Path::new(&from), &to).await;
        if end.contains('.') {
            assert!(matches!(&again, Err(RemoteError::Nameless { destination, .. }) if *destination == to), "{from}: {again:?}");
            assert!(content(&to) == expected, "{from}");
        } else {
            assert!(again.is_ok() && content(&to.join("tree")) == expected, "{from}: {again:?}");
        }
    }
}

both_ways!(
    a_tree_survives_the_round_trip_into_new_places,
    a_tree_goes_over_another_and_leaves_the_rest,
    two_thousand_small_files_take_few_requests,
    what_leaves_the_tree_is_left_out_with_a_note,
    a_folder_here_that_is_a_link_is_not_followed,
    a_tree_that_is_given_up_or_cannot_be_put_leaves_nothing,
    what_has_no_name_there_gets_the_one_that_is_given_here
);
