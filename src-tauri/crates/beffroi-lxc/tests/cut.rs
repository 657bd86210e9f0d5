//! Guests made, rebuilt, kept and restored by the texts themselves, killed at every program that moves, copies or removes
//! something, and begun again: where each ends is where one that nothing cut ends. No container is needed: the programs of LXC
//! are stand-ins that keep the state of a guest in a file.

#[path = "cut/bed.rs"]
mod bed;

use bed::{Bed, CREATE, REBUILD};

/// Those of its parts that write.
fn writing(parts: &[&'static str]) -> Vec<&'static str> {
    parts.iter().copied().filter(|part| !matches!(*part, "health" | "check")).collect()
}

#[test]
fn a_guest_whose_making_was_cut_anywhere_is_made_by_the_retry() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.cut_everywhere(|| (), "first", &writing(&CREATE));
    assert_eq!(bed.read("lxc/web/rootfs/etc/version"), "one\n");
    assert_eq!(bed.read("lxc/.volumes/web/data/first"), "of the image one\n", "a new volume has what the image has there");
    assert_eq!(bed.list("lxc/web"), [".beffroi", "config", "rootfs"], "no orphan");
}

#[test]
fn a_guest_whose_rebuild_was_cut_anywhere_has_the_new_root_after_the_retry() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.place("second", "two", true, "");
    bed.make("first", &CREATE).expect("made");
    bed.write("lxc/.volumes/web/data/kept", "kept\n");
    let made = bed.kept();
    bed.cut_everywhere(|| bed.put_back(&made), "second", &writing(&REBUILD));
    assert_eq!((bed.read("lxc/web/rootfs/etc/version"), bed.read("lxc/web/.beffroi/root")), ("two\n".into(), "second\n".into()));
    assert_eq!(bed.read("lxc/.volumes/web/data/kept"), "kept\n");
    assert_eq!(bed.list("lxc/web"), [".beffroi", "config", "rootfs"], "no orphan");
}

#[test]
fn a_root_of_which_no_moment_is_known_is_not_thrown_away() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.place("second", "two", true, "");
    // A small core first: nothing notes when it was done.
    bed.make("first", &["volumes", "root", "swap", "config", "start"]).expect("made");
    bed.write("lxc/web/rootfs/etc/precious", "precious\n");
    let said = bed.make("second", &["strays"]).expect_err("refused");
    assert!(said.contains("not known"), "{said}");
}

#[test]
fn what_was_state_when_a_snapshot_was_made_is_state_after_it_was_restored() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.place("second", "two", true, "");
    bed.make("first", &CREATE).expect("made");
    bed.change(&["snapshot", "clean"]).expect("kept");
    bed.tick();
    bed.write("lxc/web/rootfs/srv/state", "of the service\n");
    bed.change(&["snapshot", "used"]).expect("kept");
    let used = bed.kept();

    bed.cut_change_everywhere(|| bed.put_back(&used), &["restore", "clean"]);
    assert!(!bed.exists("lxc/web/rootfs/srv/state"));
    bed.make("second", &["strays"]).expect("nothing in it is state");

    bed.change(&["restore", "used"]).expect("restored");
    let said = bed.make("second", &["strays"]).expect_err("refused");
    assert_eq!(said.lines().skip(1).collect::<Vec<_>>(), ["/srv/state"], "{said}");
    bed.tick();
    bed.write("lxc/web/rootfs/srv/later", "of the service\n");
    let said = bed.make("second", &["strays"]).expect_err("refused");
    assert_eq!(said.lines().skip(1).collect::<Vec<_>>(), ["/srv/later", "/srv/state"], "{said}");
}

#[test]
fn a_snapshot_that_was_cut_anywhere_is_whole_after_the_retry() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.make("first", &CREATE).expect("made");
    let made = bed.kept();
    bed.cut_change_everywhere(|| bed.put_back(&made), &["snapshot", "s"]);
    assert_eq!(bed.list("lxc/web/snaps/s"), [".beffroi", "config", "rootfs", "ts"]);
    assert_eq!(bed.state(), "RUNNING", "what was held was let go");
}

#[test]
fn what_has_no_room_is_not_begun() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.make("first", &CREATE).expect("made");
    bed.change(&["snapshot", "s"]).expect("kept");
    bed.stand_in("df", "echo 'Filesystem 1024-blocks Used Available Capacity Mounted'; echo '/dev/x 100 99 1 99% /'");
    let before = bed.tree();
    for verb in ["copy", "snapshot", "restore"] {
        let name = if verb == "restore" { "s" } else { "other" };
        let said = bed.change(&["may", verb, name]).expect("an answer");
        let words: Vec<&str> = said.split_whitespace().collect();
        assert!(words[0] == "room" && words[2].parse::<u64>().is_ok_and(|wanted| wanted > 1024) && words[3] == "1024", "{verb}: {said}");
        bed.set_state("STOPPED");
        let said = bed.change(&[verb, name]).expect_err("refused");
        assert!(said.contains("1 KiB are free"), "{verb}: {said}");
    }
    let mut left = bed.tree();
    left.retain(|path, _| !path.ends_with(".beffroi-restore"));
    assert_eq!(left, before, "nothing was changed");
}

#[test]
fn a_name_whose_volumes_were_kept_is_not_taken() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.make("first", &CREATE).expect("made");
    bed.write("lxc/.volumes/other/data/kept", "of an earlier guest\n");
    bed.set_state("STOPPED");
    let before = bed.tree();
    assert!(bed.change(&["may", "rename", "other"]).expect("an answer").starts_with("there "));
    assert!(bed.change(&["may", "rename", "free"]).expect("an answer").is_empty());
    assert!(bed.change(&["rename", "other"]).expect_err("refused").contains("is there already"));
    assert_eq!(bed.tree(), before, "nothing was moved");
    let stopped = bed.kept();
    bed.cut_change_everywhere(|| bed.put_back(&stopped), &["rename", "free"]);
    assert_eq!((bed.exists("lxc/.volumes/web"), bed.list("lxc/.volumes/free")), (false, vec!["data".into(), "logs".into()]));
    assert!(bed.read("lxc/free/config").contains("/.volumes/free/data") && !bed.read("lxc/free/config").contains("web"));
}

#[test]
fn a_guest_that_was_never_made_to_its_end_can_be_deleted() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.make("first", &["volumes"]).expect("begun");
    assert!(bed.read("lxc/web/config").contains("lxc.start.auto = 0"), "it is listed");
    bed.change(&["delete"]).expect("deleted");
    assert!(!bed.exists("lxc/web"));
}

#[test]
fn a_guest_that_lies_is_given_no_file_of_its_host() {
    let bed = Bed::new();
    bed.place("first", "one", false, "[packages]\ninstall = [\"nginx\"]\nfiles = [\"tool.whl\"]\n");
    bed.make("first", &["volumes", "root", "swap", "config", "start"]).expect("made");
    bed.write("secret", "a-secret-of-the-host\n");
    bed.write("lies", "nginx\nlocal aa ../../secret\nlocal bb tool.whl\nnginx-\n--allow-unauthenticated\n");
    bed.write("given", "");
    bed.make("first", &["packages"]).expect("installed");
    let (given, asked) = (bed.read("given"), bed.read("asked"));
    assert!(!given.contains("a-secret-of-the-host") && given.contains("of tool.whl"), "{given}");
    let installed = asked.lines().find(|line| line.ends_with("fi beffroi nginx"));
    assert!(installed.is_some() && !asked.contains("--allow-unauthenticated") && !asked.contains("nginx-"), "{asked}");
}

#[test]
fn no_account_of_the_host_comes_near_a_root_that_is_the_hosts() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.make("first", &CREATE).expect("made");
    assert_eq!((bed.mode("lxc/web"), bed.mode("lxc/.volumes/web"), bed.mode("lxc/web/.beffroi")), (0o700, 0o700, 0o700));
}

#[test]
fn nothing_is_copied_through_a_root_that_a_running_guest_could_change() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    bed.place("more", "one", false, "[[volumes]]\nname = \"more\"\npath = \"/srv/more\"\n");
    bed.make("first", &CREATE).expect("made");
    assert_eq!(bed.state(), "RUNNING");
    bed.write("copied", "");
    bed.make("more", &["volumes", "root", "swap"]).expect("a volume more");
    assert_eq!(bed.read("copied"), "STOPPED\n", "it does not run while its files are copied");
    // A link on the way leads nowhere.
    let root = bed.path("lxc/web/rootfs/srv");
    std::fs::remove_dir_all(root.join("more")).expect("removed");
    std::os::unix::fs::symlink(bed.path("store"), root.join("more")).expect("linked");
    std::fs::remove_dir_all(bed.path("lxc/.volumes/web/more")).expect("removed");
    bed.make("more", &["volumes", "root", "swap"]).expect("a volume more");
    assert!(bed.list("lxc/.volumes/web/more").is_empty());
}

#[test]
fn an_environment_lies_on_no_disk_of_the_host() {
    let bed = Bed::new();
    bed.place("first", "one", false, "[service]\nname = \"site\"\ncommand = [\"/bin/x\"]\n");
    bed.make("first", &["volumes", "root", "swap", "config", "start"]).expect("made");
    bed.write("given", "");
    let secret = "TOKEN=\"a-secret-of-the-guest\"\n";
    for (part, is_given) in [("look", false), ("service", true), ("check", false)] {
        bed.write("given", "");
        // Its end is not what is asked for here: the stand-in keeps nothing running.
        drop(bed.make_with("first", part, secret));
        assert_eq!(bed.read("given").contains("a-secret-of-the-guest"), is_given, "{part}: the guest is what it is for");
        bed.write("given", "");
        let left = bed.holding("a-secret-of-the-guest");
        assert!(left.is_empty(), "{part}: {left:?}");
    }
}

#[test]
fn root_has_a_range_of_ids_of_its_own_or_is_told_so() {
    let bed = Bed::new();
    bed.place("first", "one", false, "");
    let plain = bed.read("first/spec");
    bed.write("first/spec", &format!("{plain}unprivileged=yes\n"));
    let looked = || bed.make("first", &["look"]).expect("an answer");
    assert!(looked().contains("ids differs"));
    bed.write("etc/subuid", "ada:100000:65536");
    bed.make("first", &["ids"]).expect("written");
    assert_eq!(bed.read("etc/subuid"), "ada:100000:65536\nroot:165536:65536\n");
    assert_eq!(bed.read("etc/subgid"), "root:165536:65536\n");
    assert!(looked().contains("ids same"));
    // Numbers that are somebody else's in the other file are not root's.
    bed.write("etc/subgid", "bob:170000:65536\n");
    let said = bed.make("first", &["ids"]).expect_err("refused");
    assert!(said.contains("somebody else") && bed.read("etc/subgid") == "bob:170000:65536\n", "{said}");
}
