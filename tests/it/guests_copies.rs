//! Copies into real guests of classic LXC, Incus and LXD and out of them, as root of the host and as an account that is root by sudo:
//! a large file, a tree, a disk that is full.

use std::fs;

use crate::guests_inside::{Inside, content};

/// The SHA-256 of a file in a guest, as the guest computes it.
#[track_caller]
fn sum(inside: &Inside, guest: &str, file: &str) -> String {
    inside.said(guest, &format!("sha256sum {file} | cut -d' ' -f1")).trim().to_owned()
}

#[test]
fn a_hundred_megabytes_go_in_and_out() {
    let Some(inside) = Inside::up() else { return };
    let all = content(100_000_000);
    let here = inside.sandbox.files().join("here");
    fs::write(&here, &all).expect("room");
    let own = sum_here(&here);
    for (guest, ..) in inside.each() {
        let (there, back) = (format!("{guest}:there"), inside.sandbox.files().join("back"));
        let put = inside.sandbox.json(&["put", "here", &there]).success().data("put");
        assert_eq!((&put["bytes"], &put["verified"]), (&100_000_000.into(), &true.into()), "{guest}: {put}");
        assert_eq!((sum(&inside, &guest, "there"), &put["sha256"]), (own.clone(), &own.as_str().into()), "{guest}");
        let get = inside.sandbox.json(&["get", &there, "back"]).success().data("get");
        assert_eq!((&get["sha256"], &get["verified"]), (&put["sha256"], &true.into()), "{guest}: {get}");
        assert!(fs::read(&back).expect("a file") == all, "{guest}");
        fs::remove_file(&back).expect("a file");
        inside.said(&guest, "rm there");
    }
}

/// The same of a file of this machine, by its own tool.
pub(crate) fn sum_here(file: &std::path::Path) -> String {
    let output = std::process::Command::new("sha256sum").arg(file).output().expect("coreutils are there");
    String::from_utf8_lossy(&output.stdout).split(' ').next().expect("a sum").to_owned()
}

#[test]
fn a_tree_goes_in_and_out_and_a_full_disk_is_told() {
    let Some(inside) = Inside::up() else { return };
    let tree = inside.sandbox.files().join("tree");
    for at in 0..1000_usize {
        let folder = tree.join(format!("d{}", at % 20));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("é {at}")), content(1 + at % 600)).expect("a file");
    }
    std::os::unix::fs::symlink("d0/é 0", tree.join("link")).expect("a link");
    fs::write(tree.join("new\nline"), "x").expect("a file");
    fs::write(inside.sandbox.files().join("large"), content(8 << 20)).expect("a file");
    for (guest, ..) in inside.each() {
        let put = inside.sandbox.json(&["put", "tree", &format!("{guest}:there")]).success().data("put");
        assert_eq!((&put["files"], &put["verified"]), (&1001.into(), &true.into()), "{guest}: {put}");
        let counted = inside.said(&guest, "find there -type f -print0 | tr -cd '\\0' | wc -c; readlink there/link; cat there/new*line");
        assert_eq!(counted, "1001\nd0/é 0\nx", "{guest}");
        let get = inside.sandbox.json(&["get", &format!("{guest}:there"), "back"]).success().data("get");
        assert_eq!(get["files"], 1001, "{guest}: {get}");
        let back = inside.sandbox.files().join("back");
        for at in 0..1000_usize {
            let path = format!("d{}/é {at}", at % 20);
            assert!(fs::read(back.join(&path)).expect("a file") == fs::read(tree.join(&path)).expect("a file"), "{guest}: {path}");
        }
        fs::remove_dir_all(&back).expect("a folder");
        inside.said(&guest, "rm -r there; mkdir -p small && mount -t tmpfs -o size=2m none small");
        let error = inside.sandbox.json(&["put", "large", &format!("{guest}:small/large")]).exit(1).error();
        assert_eq!(error["code"], "host-disk-full", "{guest}: {error}");
        assert_eq!(inside.said(&guest, "ls -A small; umount small && rmdir small"), "", "{guest}");
    }
}
