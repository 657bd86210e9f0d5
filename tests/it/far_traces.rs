//! What a host sees of passwords: no program there is given one, and none is written to its disk, not even for a moment.

use std::fs;
use std::path::PathBuf;

use beffroi_tests::{ContainerHost, Containers, Needles, Sandbox, files_with};

use crate::ways::{add, key_of, password_of};

const USER: &str = "Canari-Compte-8842-Mistral";
const CHANGED: &str = "Canari-Autre-1297-Tramontane";
const APP: &str = "Canari-Appli-6604-Sirocco";
/// Where the detectors are tried.
const PLANTED: [&str; 3] = ["planted-in-an-argument-81", "planted-in-an-environment-82", "planted-in-a-file-83"];

/// All that is written on the disk of a host, seen from outside it.
fn disk(lab: &Containers, host: &ContainerHost) -> PathBuf {
    let folders = fs::read_dir(lab.folder()).expect("the lab has a folder").flatten().map(|entry| entry.path());
    let kept = |folder: PathBuf| folder.join(&host.container).join("delta");
    folders.map(kept).chain([lab.folder().join(&host.container).join("delta")]).find(|delta| delta.is_dir()).expect("its disk")
}

/// A text that reads a file of this machine.
fn file(sandbox: &Sandbox, name: &str, content: &str) -> String {
    sandbox.file(name, content).to_str().expect("plain").to_owned()
}

/// An application that asks for a password.
fn package(sandbox: &Sandbox) -> String {
    let folder = sandbox.root().join("workshop_ynh");
    fs::create_dir_all(folder.join("scripts")).expect("room");
    let manifest = "packaging_format = 2\nid = \"workshop\"\nname = \"Workshop\"\nversion = \"1.0~ynh1\"\n[install.domain]\n\
        type = \"domain\"\n[install.path]\ntype = \"path\"\ndefault = \"/workshop\"\n[install.password]\ntype = \"password\"\n";
    fs::write(folder.join("manifest.toml"), manifest).expect("room");
    fs::write(folder.join("scripts/install"), "#!/bin/bash\n").expect("room");
    format!("local:{}", folder.display())
}

/// Everything with a password that is done with a YunoHost, as an administrator who has to give one for sudo. Gives the passwords
/// that were made on the way.
fn journey(sandbox: &Sandbox) -> Vec<String> {
    let beffroi = |words: &[&str]| drop(sandbox.json(&[&["--yes"], words].concat()).success());
    let (user, changed, app) = (file(sandbox, "user", USER), file(sandbox, "changed", CHANGED), file(sandbox, "app", APP));
    let on = ["--on", "deb"];
    beffroi(&[&["ynh", "user", "add", "marie", "--fullname", "Marie Curie", "--password-file", &user], &on[..]].concat());
    beffroi(&[&["ynh", "user", "edit", "marie", "--password-file", &changed], &on[..]].concat());
    beffroi(&[&["person", "add", "ada", "--fullname", "Ada Lovelace"], &on[..]].concat());
    let secret = || sandbox.beffroi(&["secret", "get", "people/ada/deb"]).success().stdout.trim().to_owned();
    let first = secret();
    beffroi(&[&["person", "rotate", "ada"], &on[..]].concat());
    let made = vec![first, secret()];
    beffroi(&[&["ynh", "domain", "add", "third.example"], &on[..]].concat());
    let answers = ["--force", "--set", "domain=third.example", "--set-file", &format!("password={app}")];
    beffroi(&[&["ynh", "app", "install", &package(sandbox)], &answers[..], &on[..]].concat());
    beffroi(&["ynh", "backup", "create", "--to", "stick", "--name", "night", "--apps", "roundcube", "--on", "deb"]);
    beffroi(&["ynh", "backup", "schedule", "--at", "daily", "--on", "deb"]);
    beffroi(&["ynh", "settings", "set", "security.ssh.ssh_port", "--value", "2222", "--on", "deb"]);
    beffroi(&["host", "survey", "deb", "--refresh"]);
    made
}

#[test]
fn no_password_is_given_to_a_program_or_lies_on_a_disk_of_a_host() {
    let Some(lab) = Containers::up(&["deb-1"]) else { return };
    let (sandbox, host) = (Sandbox::with_vault(), lab.host("deb-1"));
    key_of(&sandbox, &lab);
    password_of(&sandbox, "admin/password", host, "admin");
    lab.administered("deb-1");
    host.exec("yunohost firewall open 2222 SSH && mkdir -p /home/yunohost.backup/archives");
    add(&sandbox, "deb", host, &["--user", "admin", "--identity", "admin/password", "--sudo", "admin/password"]);
    let disk = disk(&lab, host);
    // The detectors see.
    let [argument, environment, file] = PLANTED;
    host.exec(&format!("echo {file} >/var/tmp/planted"));
    let mut planted = Needles::new();
    planted.add_text("planted", file);
    assert_eq!(files_with(&disk, &planted), [format!("planted in {}", disk.join("var/tmp/planted").display())]);
    drop(sandbox.beffroi(&["run", "--on", "deb", "--", &format!("PLANTED={environment} /bin/true {argument}")]).success());
    let traced = lab.trace();
    for text in [argument, environment] {
        assert!(traced.windows(text.len()).any(|piece| piece == text.as_bytes()), "{text} was not found: the detector is blind");
    }

    let mut needles = Needles::new();
    let sudo = host.password("admin");
    for (name, text) in [("an account's", USER), ("its next one", CHANGED), ("an application's", APP), ("sudo's", &sudo)] {
        needles.add_text(name, text);
    }
    let (made, seen) = std::thread::scope(|scope| {
        let going = scope.spawn(|| journey(&sandbox));
        // What is on the disk for a moment, too.
        let mut seen = Vec::new();
        while !going.is_finished() {
            seen.extend(files_with(&disk, &needles));
        }
        (going.join().expect("the journey ends well"), seen)
    });
    assert_eq!(seen, Vec::<String>::new(), "for a moment");
    assert_ne!(made[0], made[1]);
    for password in &made {
        assert!(password.len() > 10, "one was made");
        needles.add_text("a person's", password);
    }
    host.exec("journalctl --sync");
    assert_eq!(files_with(&disk, &needles), Vec::<String>::new(), "on the disk");
    // What lies in memory only: sockets and shared memory of the services that go on.
    let memory = host.exec("tar -c --ignore-failed-read --warning=none -C / run dev/shm 2>/dev/null | base64 -w0; true");
    let found = needles.within(memory.as_bytes());
    assert!(found.is_empty(), "in /run or /dev/shm: {found:?}");
    let users = host.exec("yunohost user list --output-as json");
    assert!(users.contains("marie") && users.contains("ada"), "{users}");
    let trace = lab.trace();
    assert!(trace.len() > traced.len(), "programs were started");
    let given: Vec<_> = needles.within(&trace).into_iter().map(|(name, _)| name).collect();
    assert!(given.is_empty(), "in the arguments or the environment of a program: {}", given.join(", "));
}
