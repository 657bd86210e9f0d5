//! Another operation of YunoHost holds the lock: said before, said while a job waits, and said when it waited for too long. And a
//! job of which nothing is left on its host.

use std::fs::OpenOptions;
use std::io::Write as _;

use beffroi_tests::{Fleet, until};
use serde_json::{Value, json};

use crate::jobs_far::{newest, notes, text};

const HOST: &str = "ynh-slow";
const LOCK: &str = "$BEFFROI_ROOT/run/moulinette_yunohost.lock";
const PASSWORD: &str = "Kanarie-im-Vorhof-4711";

/// A host on which somebody else's account is being made, by a command whose arguments are nobody's business.
fn busy(seconds: u32) -> Fleet {
    let fleet = Fleet::of(&[HOST]);
    fleet.lab.slow(HOST, seconds);
    let mut file = OpenOptions::new().append(true).open(fleet.lab.home(HOST).join(".bashrc")).expect("a host has that file");
    writeln!(file, "export BEFFROI_LAB_WARNING_SECONDS=0.5").expect("it can be written");
    fleet.lab.ssh(HOST, "nohup yunohost user group create outside </dev/null >/dev/null 2>&1 &");
    until("the lock to be held", || (!fleet.lab.ssh(HOST, &format!("cat {LOCK} 2>/dev/null || true")).is_empty()).then_some(()));
    fleet
}

fn make_group(name: &str) -> [&str; 7] {
    ["--yes", "ynh", "group", "create", name, "--on", HOST]
}

#[test]
fn who_holds_the_lock_is_said_before_and_while_a_job_waits() {
    let fleet = busy(8);
    let answer = fleet.sandbox.beffroi(&make_group("inside")).success();
    let all = format!("{}{}", answer.stdout, answer.stderr);
    assert!(all.contains("An operation of YunoHost is running on ynh-slow since "), "{all}");
    assert!(all.contains("Create 'outside' group (by root)"), "{all}");
    assert!(all.contains("at most 10 minutes"), "{all}");
    assert!(all.contains("Waiting for another operation of YunoHost, running since "), "{all}");
    let job = newest(&fleet.sandbox);
    let shown = fleet.sandbox.json(&["job", "show", job["id"].as_str().expect("an id")]).success().data("job-show");
    let waits = shown["output"].as_array().expect("output").iter().find(|piece| piece["note"]["key"] == "note.ynh-waits-by");
    let waits = waits.unwrap_or_else(|| beffroi_tests::fail(format!("a note: {shown}")));
    assert_eq!((&waits["note"]["values"]["what"], &waits["note"]["values"]["by"]), (&json!("Create 'outside' group"), &json!("root")));
    let french = fleet.sandbox.beffroi(&["--lang", "fr", "job", "show", job["id"].as_str().expect("an id")]).success();
    assert!(french.stdout.contains("En attente d’une autre opération YunoHost"), "{}", french.stdout);
}

#[test]
fn a_lock_that_was_left_behind_is_no_hindrance() {
    let fleet = Fleet::of(&[HOST]);
    fleet.lab.slow(HOST, 0);
    fleet.lab.ssh(HOST, &format!("mkdir -p $BEFFROI_ROOT/run; sh -c 'exit' & gone=$!; wait; echo $gone >{LOCK}"));
    let answer = fleet.sandbox.beffroi(&make_group("inside")).success();
    let all = format!("{}{}", answer.stdout, answer.stderr);
    assert!(all.contains("YunoHost ignores it") && !all.contains("is running on"), "{all}");
}

#[test]
fn a_job_of_which_nothing_is_left_is_found_in_the_journal_of_yunohost() {
    let fleet = Fleet::of(&[HOST]);
    fleet.lab.slow(HOST, 8);
    fleet.sandbox.file("password", PASSWORD);
    let words = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--on", HOST];
    let mut running = fleet.sandbox.start(&words);
    running.wait_for("Step 5 of 20");
    fleet.lab.ssh(HOST, "rm -rf \"$XDG_STATE_HOME\"/beffroi/jobs");
    drop(running.wait().success());
    let job = newest(&fleet.sandbox);
    assert_eq!((&job["state"], &job["error"]), (&json!("changed"), &Value::Null), "{job}");
    let shown = fleet.sandbox.json(&["job", "show", job["id"].as_str().expect("an id")]).success().data("job-show");
    assert!(notes(&shown).contains(&"note.from-journal"), "{shown}");
    let said = text(&shown, "stdout");
    let steps: Vec<u32> = said.lines().filter_map(|line| line.split_once("Step ")?.1.split_once(" of 20")?.0.parse().ok()).collect();
    assert_eq!(steps, (1..=20).collect::<Vec<_>>(), "each once: {said}");
    assert!(said.contains("SUCCESS User created"), "its end: {said}");
    assert!(!shown.to_string().contains(PASSWORD), "{shown}");
    assert!(fleet.lab.users(HOST).contains(&"ada".to_owned()));
}

#[test]
fn a_job_whose_operation_was_killed_with_it_stays_vanished() {
    let fleet = Fleet::of(&[HOST]);
    fleet.lab.slow(HOST, 30);
    let mut running = fleet.sandbox.start(&make_group("inside"));
    running.wait_for("Step 2 of 20");
    fleet.lab.ssh(HOST, &format!("rm -rf \"$XDG_STATE_HOME\"/beffroi/jobs; kill -9 $(cat {LOCK})"));
    drop(running.wait());
    let job = newest(&fleet.sandbox);
    assert_eq!(job["state"], "failed", "{job}");
    assert!(["job-vanished", "job-not-started"].iter().any(|code| job["error"]["code"] == *code), "{job}");
}
