//! `inventory`, `ssh-config`, `proxy`: real `ssh`, `sftp` and `ansible` reach hosts, and guests without SSH, through the program.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use beffroi_tests::{Containers, Fleet, Sandbox, fail};
use serde_json::Value;

use crate::agent::events;
use crate::processes::{flask, in_kept, kept_guest};
use crate::refusals::refused;

/// A program of this machine in the sandbox's environment.
fn program(sandbox: &Sandbox, name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env_clear()
        .current_dir(sandbox.files())
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("HOME", sandbox.root().join("home"));
    command.env("XDG_STATE_HOME", sandbox.state()).env("XDG_RUNTIME_DIR", sandbox.runtime());
    command.env("ANSIBLE_LOCAL_TEMP", sandbox.root().join("tmp")).env("ANSIBLE_HOME", sandbox.root().join("ansible"));
    command
}

/// The configuration of `ssh`, in a file.
fn configured(sandbox: &Sandbox) -> PathBuf {
    sandbox.file("ssh.conf", &sandbox.beffroi(&["ssh-config"]).success().stdout)
}

fn ssh(sandbox: &Sandbox, words: &[&str]) -> Output {
    let mut command = program(sandbox, "ssh");
    command.args(["-F", "ssh.conf"]).args(words).stdin(Stdio::null());
    command.output().expect("ssh can be started")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn ssh_and_sftp_reach_a_host_through_the_agent() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    configured(sandbox);

    let output = ssh(sandbox, &["plain-1", "echo out; echo err >&2; exit 7"]);
    assert_eq!((output.status.code(), text(&output.stdout), text(&output.stderr)), (Some(7), "out\n".to_owned(), "err\n".to_owned()));
    assert_eq!(ssh(sandbox, &["plain-1", "kill -TERM $$"]).status.code(), Some(255), "as ssh ends for a signal");
    assert!(!ssh(sandbox, &["-o", "ClearAllForwardings=no", "-W", "127.0.0.1:1", "plain-1"]).status.success(), "ports are not forwarded");

    // Both ways at once, with a reader that takes its time: more than waits anywhere on the way.
    let sent: Vec<u8> = (0_u32..12 << 20).flat_map(u32::to_le_bytes).collect();
    let mut child = program(sandbox, "ssh")
        .args(["-F", "ssh.conf", "plain-1", "cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("ssh");
    let (mut to, mut from) = (child.stdin.take().expect("its input"), child.stdout.take().expect("its output"));
    let expected = sent.clone();
    let sender = thread::spawn(move || to.write_all(&sent));
    thread::sleep(std::time::Duration::from_secs(2));
    let mut came = Vec::new();
    from.read_to_end(&mut came).expect("read");
    sender.join().expect("no panic").expect("sent");
    assert!(came == expected && child.wait().expect("ended").success(), "{} of {} bytes", came.len(), expected.len());

    let sent = sandbox.file("sent", &"0123456789abcdef\n".repeat(100_000));
    sandbox.file("batch", &format!("put {0} up\nget up {0}.back\nrm up\n", sent.display()));
    let output = program(sandbox, "sftp").args(["-F", "ssh.conf", "-b", "batch", "plain-1"]).output().expect("sftp can be started");
    succeeded(&output);
    assert!(fs::read(&sent).expect("the file") == fs::read(sandbox.files().join("sent.back")).expect("the copy"));

    let found = events(sandbox);
    let count = |event: &str| found.iter().filter(|found| *found == event).count();
    assert!(count("journal.ssh-opened") >= 4 && count("journal.ssh-key-made") == 1, "{found:?}");
    // What was generated trusts the vault's key and no other.
    sandbox.file("other", "beffroi ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\n");
    assert!(!ssh(sandbox, &["-o", "UserKnownHostsFile=other", "plain-1", "true"]).status.success());
    // A lock ends it.
    let mut held =
        program(sandbox, "ssh").args(["-F", "ssh.conf", "plain-1", "echo here; sleep 600"]).stdout(Stdio::piped()).spawn().expect("ssh");
    let mut first = [0; 5];
    held.stdout.as_mut().expect("its output").read_exact(&mut first).expect("it runs");
    drop(sandbox.bare(&["vault", "lock"]).success());
    assert!(!held.wait().expect("it ends").success());
}

#[test]
fn fifty_at_once_are_served() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    configured(sandbox);
    thread::scope(|scope| {
        let started: Vec<_> = (0..50).map(|at| scope.spawn(move || ssh(sandbox, &["plain-1", &format!("sleep 1; echo {at}")]))).collect();
        for (at, output) in started.into_iter().enumerate() {
            assert_eq!(succeeded(&output.join().expect("no panic")), format!("{at}\n"));
        }
    });
}

#[test]
fn without_an_agent_the_vault_is_opened_for_one_run() {
    let fleet = Fleet::of(&["plain-1"]);
    let config = fleet.sandbox.beffroi(&["ssh-config", "--on", "plain-1"]).success().stdout;
    let config =
        config.replace("ProxyCommand ", "ProxyCommand env BEFFROI_AGENT=off ").replace(" proxy ", " --recovery-file recovery proxy ");
    fleet.sandbox.file("ssh.conf", &config);
    assert_eq!(succeeded(&ssh(&fleet.sandbox, &["plain-1", "echo here"])), "here\n");
    drop(refused(&fleet.sandbox, &["proxy", "nowhere"], 2, "host-not-found"));
}

#[test]
fn short_names_mean_the_one_host_of_a_stage() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    assert_eq!(sandbox.beffroi(&["run", "--on", "plain-1.dev", "--", "echo here"]).success().stdout.lines().count(), 1);
    assert_eq!(sandbox.json(&["host", "show", "plain-1.dev"]).success().data("host-show")["host"]["name"], "plain-1");
    for none in ["plain-1.prod", "plain-1.lxc"] {
        drop(refused(sandbox, &["host", "show", none], 2, "host-not-found"));
    }
}

/// Asks for the inventory and makes the program that `ansible -i` takes.
fn inventory(sandbox: &Sandbox) -> Value {
    use std::os::unix::fs::PermissionsExt;

    let script = sandbox.file("inventory", &sandbox.beffroi(&["inventory", "--script"]).success().stdout);
    fs::set_permissions(script, fs::Permissions::from_mode(0o700)).expect("it is ours");
    let output = program(sandbox, "ansible-inventory").args(["-i", "./inventory", "--list"]).output().expect("ansible can be started");
    serde_json::from_str(&succeeded(&output)).unwrap_or_else(|error| fail(error.to_string()))
}

const PLAYBOOK: &str = r#"
- hosts: "{{ where }}"
  gather_facts: true
  tasks:
    - command: echo {{ beffroi_name }}
      register: said
    - copy: { content: "{{ said.stdout }}\n", dest: "{{ folder }}/copied" }
    - file: { path: "{{ folder }}/made", state: directory, mode: "0750" }
    - template: { src: page.j2, dest: "{{ folder }}/made/page" }
    - command: cat {{ folder }}/made/page
      register: page
    - assert: { that: "page.stdout == 'stage ' ~ beffroi_stage ~ ' of ' ~ beffroi_name" }
"#;

#[test]
fn ansible_runs_a_playbook_on_a_host() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["host", "edit", "plain-1", "--tag", "web-1"]).success());
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let listed = inventory(sandbox);
    assert_eq!(listed["tag_web_1"]["hosts"], serde_json::json!(["plain-1"]), "{listed:#}");
    assert_eq!(listed["stage_dev"]["hosts"], serde_json::json!(["plain-1"]));
    // The host is this machine.
    let folder = sandbox.root().join("played");
    fs::create_dir(&folder).expect("a folder");
    play(sandbox, "plain-1", folder.to_str().expect("plain"));
    assert_eq!(fs::read_to_string(folder.join("copied")).expect("it was copied"), "plain-1\n");
    let one = sandbox.json(&["inventory", "--host", "plain-1"]).success().data("inventory");
    assert_eq!(one["beffroi_stage"], "dev");
}

fn play(sandbox: &Sandbox, on: &str, folder: &str) {
    sandbox.file("playbook.yml", PLAYBOOK);
    sandbox.file("page.j2", "stage {{ beffroi_stage }} of {{ beffroi_name }}\n");
    let mut command = program(sandbox, "ansible-playbook");
    command.args(["-i", "./inventory", "-e", &format!("where={on} folder={folder}"), "playbook.yml"]);
    succeeded(&command.output().expect("ansible can be started"));
}

#[test]
fn ansible_runs_one_playbook_on_a_host_and_in_its_guest() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = &Sandbox::with_vault();
    lab.known_to(sandbox, &["lxc-1"]);
    let host = kept_guest(&lab);
    flask(host);
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    drop(sandbox.beffroi(&["run", "--on", "lxc-1/kept", "--", "true"]).success());
    let listed = inventory(sandbox);
    assert!(listed["guests"]["hosts"].as_array().expect("hosts").contains(&"kept.lxc-1".into()), "{listed:#}");
    host.exec("mkdir /root/played; lxc-attach -n kept --clear-env -- mkdir /root/played");
    play(sandbox, "lxc-1:kept.lxc-1", "/root/played");
    assert_eq!(host.exec("cat /root/played/copied"), "lxc-1\n");
    assert_eq!(in_kept(host, "cat /root/played/copied"), "lxc-1/kept");
    // What the guest's own init keeps.
    sandbox.file("playbook.yml", "- hosts: kept.lxc-1\n  tasks:\n    - service: { name: shop, state: started, enabled: true }\n    - wait_for: { port: 8000 }\n    - uri: { url: \"http://127.0.0.1:8000/\", return_content: true }\n      register: page\n    - assert: { that: \"page.content == 'open'\" }\n");
    succeeded(&program(sandbox, "ansible-playbook").args(["-i", "./inventory", "playbook.yml"]).output().expect("ansible can be started"));
    assert!(in_kept(host, "rc-update show default").contains("shop"));
}

#[test]
fn ssh_and_ansible_reach_a_guest_that_has_no_ssh() {
    let Some(lab) = Containers::up(&["lxc-1"]) else { return };
    let sandbox = &Sandbox::with_vault();
    lab.known_to(sandbox, &["lxc-1"]);
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    // A guest that is named once is known from then on, and by its short name.
    for name in ["lxc-1/web", "web.lxc", "web.dev"] {
        assert_eq!(sandbox.beffroi(&["run", "--on", name, "--", "hostname"]).success().stdout.trim(), "web", "{name}");
    }
    configured(sandbox);
    for name in ["web.lxc-1", "lxc-1/web"] {
        let output = ssh(sandbox, &[name, "hostname; env | grep -c ^SSH_; exit 9"]);
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(9), "web\n0\n".to_owned()), "{}", text(&output.stderr));
    }
    // Nobody becomes root by asking for somebody else.
    let other = ssh(sandbox, &["-l", "nobody", "web.lxc-1", "id -u"]);
    assert_eq!((other.status.code(), other.stdout.len()), (Some(255), 0), "{}", text(&other.stdout));
    assert!(text(&other.stderr).contains("root"), "{}", text(&other.stderr));
    let sent = sandbox.file("sent", &"0123456789abcdef\n".repeat(50_000));
    sandbox.file("batch", &format!("put {0} /tmp/up\nget /tmp/up {0}.back\n", sent.display()));
    succeeded(&program(sandbox, "sftp").args(["-F", "ssh.conf", "-b", "batch", "web.lxc-1"]).output().expect("sftp can be started"));
    assert!(fs::read(&sent).expect("the file") == fs::read(sandbox.files().join("sent.back")).expect("the copy"));
    let terminal = ssh(sandbox, &["-tt", "web.lxc-1", "stty size; tty"]);
    assert!(succeeded(&terminal).contains("/dev/pts/"), "{}", text(&terminal.stdout));
    let listed = inventory(sandbox);
    // The other guest was never named: it is there, and so it is listed.
    for group in ["guests", "driver_lxc"] {
        assert_eq!(listed[group]["hosts"], serde_json::json!(["old.lxc-1", "web.lxc-1"]), "{listed:#}");
    }
    sandbox.file("playbook.yml", "- hosts: guests\n  gather_facts: false\n  tasks:\n    - raw: echo {{ beffroi_name }} > /tmp/played; cat /tmp/played\n      register: said\n    - assert: { that: \"said.stdout | trim == 'lxc-1/web'\" }\n");
    let output = program(sandbox, "ansible-playbook").args(["-i", "./inventory", "--limit", "web.lxc-1", "playbook.yml"]).output();
    succeeded(&output.expect("ansible can be started"));
    assert_eq!(lab.host("lxc-1").exec("lxc-attach -n web --clear-env -- cat /tmp/played").trim(), "lxc-1/web");
    // A host that has the name goes before; where several are meant, none is taken.
    drop(sandbox.beffroi(&["host", "add", "web", "192.0.2.7"]).success());
    let error = refused(sandbox, &["host", "show", "web.dev"], 2, "host-ambiguous");
    assert!(error.to_string().contains("lxc-1/web"), "{error}");
}
