//! Backups that are brought, checked, and restored on another host.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_tests::{Fleet, Relay, until};
use serde_json::{Value, json};

/// Bytes of what an application of the story keeps: enough for a link to be cut in its middle.
const MUCH: usize = 24 << 20;

fn backup(fleet: &Fleet, words: &[&str]) -> Value {
    let name = format!("ynh-backup-{}", words.first().expect("a verb"));
    fleet.sandbox.json(&[&["--yes", "ynh", "backup"], words].concat()).success().data(&name)
}

/// Two YunoHosts, the first with a large backup of an application that the second has not.
fn story() -> (Fleet, PathBuf) {
    let fleet = Fleet::of(&["ynh-1", "ynh-slow"]);
    fleet.lab.slow("ynh-slow", 0);
    fleet.lab.ssh("ynh-slow", "yunohost app remove roundcube");
    fleet.lab.ssh("ynh-slow", "mkdir -p $BEFFROI_ROOT/home/yunohost.backup/archives");
    let state = fleet.lab.state("ynh-1").join("yunohost/state.json");
    fleet.lab.ssh("ynh-1", "yunohost app list");
    let mut kept: Value = serde_json::from_slice(&fs::read(&state).expect("the stand-in keeps it")).expect("it is JSON");
    kept["backup_bytes"] = json!(MUCH);
    fs::write(&state, kept.to_string()).expect("it can be written");
    fleet.lab.ssh("ynh-1", "yunohost backup create --name harvest --apps roundcube");
    let stick = fleet.sandbox.files().join("stick");
    (fleet, stick)
}

fn only_folder(stick: &Path) -> PathBuf {
    let mut folders = fs::read_dir(stick).expect("the stick is there").map(|entry| entry.expect("it can be read").path());
    let folder = folders.next().expect("something was brought");
    assert_eq!(folders.next(), None, "and nothing else");
    folder
}

#[test]
fn an_application_moves_to_another_instance_by_its_backup() {
    let (fleet, stick) = story();
    let place = stick.to_str().expect("plain");
    let brought = backup(&fleet, &["pull", "ynh-1", "harvest", place]);
    let id = brought["backup"]["id"].as_str().expect("it has one").to_owned();
    assert_eq!((&brought["backup"]["good"], &brought["backup"]["holds"]["apps"][0]["id"]), (&json!(true), &json!("roundcube")));
    let folder = only_folder(&stick);
    assert!(folder.ends_with(&id));
    let sealed = fs::read(folder.join("0000")).expect("a volume");
    assert!(!sealed.windows(9).any(|piece| piece == b"roundcube"), "nothing is in clear");
    assert_eq!(backup(&fleet, &["verify", place])["backups"][0]["error"], Value::Null);
    let rehearsed = backup(&fleet, &["rehearse", "harvest"]);
    assert_eq!(rehearsed["good"], true, "{rehearsed}");

    // It is there already: nothing is sent.
    let refused = fleet.sandbox.json(&["--yes", "ynh", "backup", "restore", &id, "--on", "ynh-1"]).exit(7).error();
    assert_eq!(refused["code"], "ynh-not-possible", "{refused}");
    let there = fleet.lab.state("ynh-slow").join("root/home/yunohost.backup/archives");
    assert!(!there.join("harvest.tar").exists());
    let results = fleet.sandbox.json(&["--yes", "ynh", "backup", "restore", &id, "--on", "ynh-slow"]).success().data("ynh-backup-restore");
    assert_eq!(results["results"][0]["status"], "changed", "{results}");
    assert!(fleet.lab.yunohost("ynh-slow", "app list")["apps"].to_string().contains("roundcube"));
    let one = fs::read(fleet.lab.state("ynh-1").join("root/home/yunohost.backup/archives/harvest.tar")).expect("the first");
    assert!(one == fs::read(there.join("harvest.tar")).expect("the second"), "it is the same to the byte");

    // The copy goes when it is one too many, and the last good one never does.
    let kept = backup(&fleet, &["prune", "--keep-daily", "1"]);
    assert_eq!(kept["backups"][0]["why"], json!(["daily", "last-good"]), "{kept}");
    let collected = backup(&fleet, &["collect", "--on", "all", "--to", place]);
    assert_eq!(collected["results"].as_array().map(Vec::len), Some(1), "what the other host has now: {collected}");
}

#[test]
fn a_link_that_is_cut_costs_only_what_was_on_its_way() {
    let (fleet, stick) = story();
    let relay = Relay::before(fleet.lab.host("ynh-1"));
    fleet.add("far", relay.host());
    relay.set(&["rate-kb=8000"]);
    let place = stick.to_str().expect("plain");
    let running = fleet.sandbox.start(&["--json", "ynh", "backup", "pull", "far", "harvest", place]);
    let grown = |least: u64| {
        let volumes = fs::read_dir(&stick).into_iter().flatten().flatten().map(|part| part.path().join("0000"));
        volumes.filter_map(|volume| fs::metadata(volume).ok()).any(|about| about.len() > least)
    };
    until("a part of it is here", || grown(3 << 20).then_some(()));
    relay.cut();
    until("it goes on", || grown(8 << 20).then_some(()));
    relay.cut();
    let brought = running.wait().success().data("ynh-backup-pull");
    assert_eq!(brought["backup"]["good"], true, "{brought}");
    assert_eq!(backup(&fleet, &["verify", place])["backups"][0]["error"], Value::Null);
}

#[test]
fn two_that_bring_the_same_do_not_write_over_each_other() {
    let (fleet, stick) = story();
    let relay = Relay::before(fleet.lab.host("ynh-1"));
    fleet.add("far", relay.host());
    // The key of backups is there before the vault is copied: both have the same one.
    fleet.lab.ssh("ynh-1", "yunohost backup create --name small --system conf_ynh_settings");
    backup(&fleet, &["pull", "far", "small", fleet.sandbox.files().join("other").to_str().expect("plain")]);
    let copy = fleet.sandbox.duplicate();
    relay.set(&["rate-kb=4000"]);
    let place = stick.to_str().expect("plain");
    let pull = ["--json", "ynh", "backup", "pull", "far", "harvest", place];
    let first = fleet.sandbox.start(&pull);
    until("a part of it is here", || {
        let parts = fs::read_dir(&stick).into_iter().flatten().flatten().filter_map(|part| fs::metadata(part.path().join("0000")).ok());
        parts.into_iter().any(|about| about.len() > 2 << 20).then_some(())
    });
    let second = copy.beffroi(&pull).exit(1).error();
    assert_eq!(second["code"], "backup-busy", "{second}");
    let brought = first.wait().success().data("ynh-backup-pull");
    assert_eq!((&brought["backup"]["good"], &brought["resumed"]), (&json!(true), &json!(0)));
    assert!(only_folder(&stick).ends_with(brought["backup"]["id"].as_str().expect("it has one")));
    assert_eq!(backup(&fleet, &["verify", place])["backups"][0]["error"], Value::Null);
}

#[test]
fn what_is_damaged_never_reaches_a_host() {
    let (fleet, stick) = story();
    let place = stick.to_str().expect("plain");
    let brought = backup(&fleet, &["pull", "ynh-1", "harvest", place]);
    let id = brought["backup"]["id"].as_str().expect("it has one");
    let volume = only_folder(&stick).join("0000");
    let mut bytes = fs::read(&volume).expect("a volume");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&volume, bytes).expect("room");
    let checked = fleet.sandbox.json(&["ynh", "backup", "verify", place]).exit(1).data("ynh-backup-verify");
    assert_eq!(checked["backups"][0]["error"]["code"], "backup-damaged", "{checked}");
    for words in [&["push", id, "ynh-slow"][..], &["restore", id, "--on", "ynh-slow"]] {
        drop(fleet.sandbox.json(&[&["--yes", "ynh", "backup"], words].concat()).exit(1));
    }
    let there = fleet.lab.state("ynh-slow").join("root/home/yunohost.backup/archives");
    assert!(fs::read_dir(there).into_iter().flatten().count() == 0, "nothing was begun there");
}
