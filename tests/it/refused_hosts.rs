//! Refusals on the way to a host: its key, its address, its login; and of files.

use std::fs;

use beffroi_tests::{Fleet, LabHost};

use crate::refusals::{Standing, refused, refused_by};

const RUN: [&str; 5] = ["run", "--on", "web-1", "--", "touch was-here"];

/// Adds `web-1`, with these flags, asserts that nothing can be run there, and that nothing was.
#[track_caller]
fn not_reached(fleet: &Fleet, host: &LabHost, flags: &[&str], exit: i32, code: &str) -> serde_json::Value {
    not_reached_after(&|| (), fleet, host, flags, exit, code)
}

/// The same, something being done before every try and at the end.
#[track_caller]
fn not_reached_after(something: &dyn Fn(), fleet: &Fleet, host: &LabHost, flags: &[&str], exit: i32, code: &str) -> serde_json::Value {
    drop(fleet.add_with("web-1", host, flags).success());
    let before = Standing::of(fleet);
    let trying = |words: &[&str]| {
        something();
        fleet.sandbox.beffroi(words)
    };
    let error = refused_by(&|flags| trying(&[flags, &RUN].concat()), exit, code);
    assert_eq!(error["host"], "web-1");
    for words in [&["host", "test", "web-1"][..], &["--yes", "ynh", "user", "remove", "tom.reed", "--on", "web-1"]] {
        assert_eq!(trying(&[&["--json"], words].concat()).exit(exit).error()["code"], code, "{words:?}");
    }
    something();
    before.holds(fleet);
    error
}

#[test]
fn a_host_key_that_nobody_trusted() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("ynh-1");
    let error = not_reached(&fleet, host, &["--identity", "key"], 4, "host-key-unknown");
    let command = format!("beffroi host trust web-1 {}", host.fingerprint);
    assert!(error["remedy"].as_str().unwrap().contains(&command), "the remedy can be typed: {error}");
}

#[test]
fn a_host_key_that_changed() {
    let fleet = Fleet::of(&[]);
    let trusted = &fleet.lab.host("plain-1").fingerprint;
    let error = not_reached(&fleet, fleet.lab.host("ynh-1"), &["--identity", "key", "--trust", trusted], 4, "host-key-changed");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(trusted.as_str()) && message.contains(&fleet.lab.host("ynh-1").fingerprint), "{error}");
}

#[test]
fn an_address_where_nobody_listens() {
    let fleet = Fleet::of(&[]);
    let (host, dead) = (fleet.lab.host("ynh-1"), dead(&fleet));
    not_reached(&fleet, &dead, &["--identity", "key", "--trust", &host.fingerprint], 5, "host-unreachable");
}

#[test]
fn a_login_that_is_refused() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("ynh-1");
    let path = fleet.sandbox.files().join("other");
    let made = std::process::Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&path).status();
    assert!(made.is_ok_and(|status| status.success()), "ssh-keygen is missing: install OpenSSH (apt install openssh-client)");
    drop(fleet.sandbox.beffroi(&["secret", "set", "other", "--from-file", "other"]).success());
    // What was refused once is offered again only when somebody says so.
    let allow = || drop(fleet.sandbox.beffroi(&["secret", "allow", "other"]).success());
    let flags = ["--identity", "other", "--trust", &host.fingerprint];
    let error = not_reached_after(&allow, &fleet, host, &flags, 5, "login-refused");
    assert!(error["message"].as_str().unwrap().contains(&host.user), "{error}");
    drop(fleet.sandbox.json(&RUN).exit(5));
    // What is kept of it says which way in was refused.
    let runs = fleet.sandbox.json(&["run", "list"]).success().data("run-list");
    let run = runs["runs"][0]["run"].as_str().unwrap();
    let shown = fleet.sandbox.beffroi(&["run", "show", run]).success().stdout;
    assert!(shown.contains("refused: key"), "{shown}");
    refused(&fleet.sandbox, &RUN, 5, "credential-held");
}

#[test]
fn a_host_without_a_secret_to_log_in_with() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("ynh-1");
    not_reached(&fleet, host, &["--trust", &host.fingerprint], 5, "no-credential");
}

#[test]
fn a_secret_that_is_no_key() {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("ynh-1");
    fleet.sandbox.file("cut", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXkt\n-----END OPENSSH PRIVATE KEY-----\n");
    drop(fleet.sandbox.beffroi(&["secret", "set", "cut", "--from-file", "cut"]).success());
    not_reached(&fleet, host, &["--identity", "cut", "--trust", &host.fingerprint], 5, "credential-unusable");
}

#[test]
fn files_that_are_not_there() {
    let fleet = Fleet::of(&["ynh-1"]);
    fleet.sandbox.file("here", "content");
    let before = (Standing::of(&fleet), files(&fleet));
    refused(&fleet.sandbox, &["put", "missing", "ynh-1:there"], 1, "local-file");
    refused(&fleet.sandbox, &["put", "here", "ynh-1:no/such/folder/file"], 1, "remote-file");
    refused(&fleet.sandbox, &["get", "ynh-1:missing", "here-too"], 1, "remote-file");
    refused(&fleet.sandbox, &["get", "ynh-1:.bashrc", "no/such/folder/file"], 1, "local-file");
    for nameless in ["ynh-1:.", "ynh-1:~", "ynh-1:./"] {
        refused(&fleet.sandbox, &["get", nameless, "here"], 2, "copy-nameless");
    }
    refused(&fleet.sandbox, &["get", "ynh-1:/", "a-folder"], 1, "remote-file");
    refused(&fleet.sandbox, &["put", ".", "ynh-1:.bashrc"], 1, "remote-file");
    assert_eq!(files(&fleet), before.1, "something was left behind");
    before.0.holds(&fleet);
}

#[test]
fn a_file_that_is_there_keeps_its_content_when_a_copy_fails() {
    let fleet = Fleet::of(&["ynh-1"]);
    fleet.sandbox.file("kept", "old");
    refused(&fleet.sandbox, &["get", "ynh-1:missing", "kept"], 1, "remote-file");
    assert_eq!(fs::read_to_string(fleet.sandbox.files().join("kept")).unwrap(), "old");
}

fn files(fleet: &Fleet) -> Vec<std::ffi::OsString> {
    let mut files: Vec<_> = fs::read_dir(fleet.sandbox.files()).expect("files").map(|entry| entry.expect("a file").file_name()).collect();
    files.sort();
    files
}

/// The host at a port where nobody listens.
fn dead(fleet: &Fleet) -> LabHost {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    LabHost { port: listener.local_addr().expect("it listens somewhere").port(), ..fleet.lab.host("ynh-1").clone() }
}
