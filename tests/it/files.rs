//! Folders of hosts: listed and tidied, as the account and as root, on Debian and on BusyBox.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use beffroi_tests::{Containers, Fleet, Sandbox, until};
use serde_json::{Value, json};

use crate::ways::{add, key_of, password_of};

fn names(folder: &Value) -> Vec<&str> {
    folder["entries"].as_array().expect("entries").iter().filter_map(|entry| entry["name"].as_str()).collect()
}

#[test]
fn a_folder_is_listed_and_tidied_and_the_journal_knows() {
    let fleet = Fleet::of(&["plain-1"]);
    let home = fleet.lab.home("plain-1");
    fs::create_dir(home.join("box")).unwrap();
    fs::write(home.join("box/a\u{1b}[2J\u{202e}b"), "12").unwrap();
    symlink("/nowhere", home.join("box/link")).unwrap();
    let at = |name: &str| format!("plain-1:{}/box{name}", home.display());
    let folder = fleet.sandbox.json(&["files", &at("")]).success().data("files");
    assert_eq!(names(&folder), ["a\u{1b}[2J\u{202e}b", "link"]);
    assert_eq!((&folder["entries"][1]["target"], &folder["entries"][1]["leads"]), (&json!("/nowhere"), &Value::Null));
    assert_eq!(folder["parent"], json!(home.canonicalize().unwrap()));
    let shown = fleet.sandbox.beffroi(&["files", &at("")]).success().stdout;
    assert!(shown.contains("link -> /nowhere") && shown.contains("<ESC>[2J<U+202E>b"), "{shown}");

    drop(fleet.sandbox.beffroi(&["files", "mkdir", &at("/new")]).success());
    assert_eq!(fleet.sandbox.json(&["files", "mkdir", &at("/new")]).exit(1).error()["code"], "file-exists");
    let renamed = format!("{}/box/newer", home.display());
    drop(fleet.sandbox.beffroi(&["files", "rename", &at("/new"), &renamed]).success());
    fs::write(home.join("box/newer/inside"), "").unwrap();
    let remove = |flags: &[&str]| fleet.sandbox.json(&[&["files", "remove", &at("/link"), &at("/newer")], flags].concat());
    assert_eq!(remove(&[]).exit(2).error()["code"], "flag-missing");
    assert_eq!(remove(&["--yes"]).exit(7).error()["code"], "folder-not-empty");
    // The first was removed all the same.
    assert_eq!(remove(&["--yes", "--recursive"]).exit(1).error()["code"], "remote-file");
    let removed = fleet.sandbox.json(&["--yes", "files", "remove", "--recursive", &at("/newer")]).success().data("files-remove");
    assert_eq!(removed["removed"], 1);
    assert_eq!(fs::read_dir(home.join("box")).unwrap().count(), 1);

    let journal = fleet.sandbox.json(&["journal", "list"]).success().data("journal-list");
    let entries = journal["entries"].as_array().unwrap();
    let keys: Vec<&str> = entries.iter().filter_map(|entry| entry["event"]["key"].as_str()).filter(|key| key.contains("f")).collect();
    let ours: Vec<&str> =
        keys.into_iter().filter(|key| ["journal.folder-made", "journal.file-renamed", "journal.file-removed"].contains(key)).collect();
    assert_eq!(ours, ["journal.file-removed", "journal.file-removed", "journal.file-renamed", "journal.folder-made"], "{journal}");
    assert!(entries.iter().any(|entry| entry["event"]["values"]["path"].as_str().is_some_and(|path| path.ends_with("/box/newer"))));
}

#[test]
fn an_interrupted_removal_stops_and_tells_what_is_gone() {
    let fleet = Fleet::of(&["plain-1"]);
    let home = fleet.lab.home("plain-1");
    // Takes its time over what is called "slow".
    let (rm, begun) = (home.join("bin/rm"), home.join("begun"));
    fs::create_dir(home.join("bin")).unwrap();
    fs::write(&rm, "#!/bin/sh\ncase \"$*\" in *slow*) : >~/begun; exec sleep 1151 ;; *) exec /bin/rm \"$@\" ;; esac\n").unwrap();
    fs::set_permissions(&rm, PermissionsExt::from_mode(0o755)).unwrap();
    let shell = fs::read_to_string(home.join(".bashrc")).unwrap();
    fs::write(home.join(".bashrc"), format!("export PATH=\"$HOME/bin:$PATH\"\n{shell}")).unwrap();
    let at = |name: &str| home.join(name).display().to_string();
    for by_agent in [false, true] {
        if by_agent {
            drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
        }
        drop(fs::remove_file(&begun));
        let names = ["a, b", "c", "slow", "z"];
        names.iter().for_each(|name| fs::write(home.join(name), "").unwrap());
        let places = names.map(|name| format!("plain-1:{}", at(name)));
        let words = [&["--json", "--yes", "files", "remove"][..], &places.each_ref().map(String::as_str)].concat();
        let removing = fleet.sandbox.start(&words);
        until("the removal of the third", || begun.exists().then_some(()));
        removing.interrupt();
        let told = removing.wait().exit(130).data("files-remove");
        assert_eq!((&told["removed"], &told["cancelled"]), (&json!(2), &json!(true)), "{told}");
        assert_eq!(names.map(|name| home.join(name).exists()), [false, false, true, true]);

        let journal = fleet.sandbox.json(&["journal", "list", "--limit", "10"]).success().data("journal-list");
        let newest = |key: &str| journal["entries"].as_array().unwrap().iter().find(|entry| entry["event"]["key"] == key).unwrap();
        let (cancelled, removed) = (newest("journal.removal-cancelled"), newest("journal.files-removed"));
        assert_eq!((&cancelled["event"]["values"], &cancelled["items"]), (&json!({ "path": at("slow") }), &json!([])));
        assert_eq!((&removed["event"]["values"], &removed["items"]), (&json!({ "count": "2" }), &json!([at("a, b"), at("c")])));
    }
    let shown = fleet.sandbox.beffroi(&["journal", "list", "--limit", "10"]).success().stdout;
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    assert!(lines.windows(2).any(|pair| pair == [at("a, b"), at("c")]), "one path a line: {shown}");
    // Who checks the journal without the vault reads the same.
    drop(fleet.sandbox.beffroi(&["journal", "export", "journal.jsonl"]).success());
    let exported = fs::read_to_string(fleet.sandbox.files().join("journal.jsonl")).unwrap();
    let paths = json!([at("a, b"), at("c")]).to_string();
    assert!(exported.contains(&paths), "{paths} is not in {exported}");
    let report = fleet.sandbox.json(&["journal", "verify", "--file", "journal.jsonl"]).success().data("journal-verify");
    assert_eq!(report["intact"], true, "{report}");
}

#[test]
fn a_stage_that_wants_a_name_typed_wants_it_for_folders_too() {
    let fleet = Fleet::of(&["plain-1"]);
    drop(fleet.sandbox.beffroi(&["stage", "policy", "dev", "--typed", "yes"]).success());
    let home = fleet.lab.home("plain-1");
    fs::write(home.join("kept"), "").unwrap();
    let kept = format!("plain-1:{}/kept", home.display());
    let moved = format!("{}/moved", home.display());
    let words: [&[&str]; 3] =
        [&["files", "mkdir", &format!("plain-1:{moved}")], &["files", "rename", &kept, &moved], &["--yes", "files", "remove", &kept]];
    for words in words {
        assert_eq!(fleet.sandbox.json(words).exit(7).error()["code"], "confirmation-needed", "{words:?}");
        assert!(home.join("kept").exists() && !home.join("moved").exists(), "{words:?}");
    }
    // To look changes nothing.
    drop(fleet.sandbox.beffroi(&["files", &format!("plain-1:{}", home.display())]).success());
    drop(fleet.sandbox.beffroi(&["--confirm", "dev", "--yes", "files", "remove", &kept]).success());
    assert!(!home.join("kept").exists());
}

#[test]
fn debian_and_busybox_tell_the_same_and_keep_what_they_stand_on() {
    let Some(lab) = Containers::up(&["deb-1", "busy-1"]) else { return };
    let (sandbox, hosts) = (Sandbox::with_vault(), ["deb-1", "busy-1"]);
    lab.known_to(&sandbox, &hosts);
    let make = "mkdir -p /srv/box/full/deep && cd /srv/box && printf 12345 >'it is' && printf x >\"$(printf 'a\\nb')\" && ln -s full to-folder && \
                ln -s ../../nowhere dangling && mkfifo pipe && chmod 1750 full && touch -d '2026-01-02 03:04:05' 'it is' full pipe";
    let told: Vec<Value> = hosts
        .iter()
        .map(|name| {
            lab.host(name).exec(make);
            let mut folder = sandbox.json(&["files", &format!("{name}:/srv/box")]).success().data("files");
            for entry in folder["entries"].as_array_mut().unwrap() {
                // Of a link and of what was made a moment ago, sizes and times are the system's.
                let fields = entry.as_object_mut().unwrap();
                if fields["kind"] != "file" || fields["name"] != "it is" {
                    fields.retain(|field, _| ["name", "kind", "target", "leads", "usable", "owner", "group"].contains(&field.as_str()));
                }
            }
            folder
        })
        .collect();
    assert_eq!(told[0], told[1]);
    assert_eq!(names(&told[0]), ["a\nb", "dangling", "full", "it is", "pipe", "to-folder"]);
    let sized = &told[0]["entries"][3];
    assert_eq!((&sized["size"], &sized["modified_s"], &sized["owner"]), (&json!(5), &json!(1_767_323_045), &json!("root")));

    for name in hosts {
        let host = lab.host(name);
        host.exec("ln -sfn / /srv/box/to-root; mkdir -p /home/someone/kept");
        let protected = [
            "/",
            "/etc",
            "/usr/bin",
            "/root",
            "/root/",
            "/home",
            "/home/someone",
            "/srv/box/to-root/etc",
            "/proc/1",
            "/dev/null",
            "/srv/../var",
        ];
        for path in protected {
            let place = format!("{name}:{path}");
            let error = sandbox.json(&["--yes", "files", "remove", "--recursive", &place]).exit(7).error();
            assert_eq!(error["code"], "path-protected", "{place}: {error}");
        }
        let error = sandbox.json(&["files", "rename", &format!("{name}:/etc"), "/etc-2"]).exit(7).error();
        assert_eq!(error["code"], "path-protected", "{name}");
        // What a link leads to stays, and what is in a home may go.
        for path in ["/srv/box/to-root", "/home/someone/kept"] {
            drop(sandbox.beffroi(&["--yes", "files", "remove", "--recursive", &format!("{name}:{path}")]).success());
        }
        assert_eq!(
            host.exec("ls -d /etc/passwd /home/someone && ls /home/someone").lines().collect::<Vec<_>>(),
            ["/etc/passwd", "/home/someone"]
        );
    }
}

#[test]
fn as_root_is_as_root() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    password_of(&sandbox, "admin/password", host, "admin");
    add(&sandbox, "web", host, &["--user", "admin", "--identity", "key", "--sudo", "admin/password"]);
    host.exec("mkdir -p /root/only && touch /root/only/root");
    let refused = sandbox.json(&["files", "web:/root/only"]).exit(1).error();
    assert_eq!(refused["code"], "remote-file", "{refused}");
    let told = sandbox.json(&["files", "--sudo", "web:/root/only"]).success().data("files");
    assert_eq!(names(&told), ["root"]);
    assert_eq!(sandbox.json(&["files", "mkdir", "web:/root/made"]).exit(1).error()["code"], "remote-file");
    drop(sandbox.beffroi(&["files", "mkdir", "--sudo", "web:/root/made"]).success());
    assert_eq!(host.exec("stat -c %U /root/made").trim(), "root");
    drop(sandbox.beffroi(&["--yes", "files", "remove", "--sudo", "--recursive", "web:/root/only", "web:/root/made"]).success());
    assert_eq!(host.exec("ls /root").trim(), "");
    // Nobody leads root astray with a link where a folder was.
    host.exec("mkdir /root/kept && touch /root/kept/file && ln -s /root/kept /home/admin/box");
    for words in [
        &["--yes", "files", "remove", "--sudo", "web:/home/admin/box/file"][..],
        &["files", "rename", "--sudo", "web:/home/admin/box/file", "/tmp/x"],
    ] {
        assert_eq!(sandbox.json(words).exit(1).error()["code"], "remote-file", "{words:?}");
    }
    assert_eq!(host.exec("ls /root/kept").trim(), "file");
    // Home is the account's, whoever looks.
    let home = sandbox.json(&["files", "--sudo", "web:"]).success().data("files");
    assert_eq!(home["path"], "/home/admin", "{home}");
}
