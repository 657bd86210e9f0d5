//! A job goes on when its link does not.

use beffroi_tests::{Fleet, LabHost, Relay, Running, until};
use serde_json::{Value, json};

/// Seconds that a change takes: 20 steps, each long enough to be met in the middle.
const SLOW: u32 = 8;
const ADD: [&str; 10] = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--on"];

/// `slow-1`, a YunoHost host behind a relay, on which changes take their time.
fn behind_a_relay() -> (Fleet, Relay) {
    let fleet = Fleet::of(&[]);
    fleet.lab.slow("ynh-slow", SLOW);
    let host = fleet.lab.host("ynh-slow");
    let relay = Relay::before(host);
    fleet.add("slow-1", &LabHost { port: relay.port(), ..host.clone() });
    fleet.sandbox.file("password", "Un-Canard-Violet-71\n");
    (fleet, relay)
}

fn adding(fleet: &Fleet) -> Running {
    fleet.sandbox.start(&[&ADD[..], &["slow-1"]].concat())
}

#[test]
fn a_link_that_is_cut_twice_costs_nothing() {
    let (fleet, relay) = behind_a_relay();
    let mut running = adding(&fleet);
    for step in ["Step 4 of 20", "Step 12 of 20"] {
        running.wait_for(step);
        relay.cut();
    }
    let answer = running.wait().success();
    assert_whole("what was shown", &answer.stderr);
    done_once(&fleet);

    let output = output(&fleet);
    assert_whole("what is kept", &text(&output));
    assert_eq!(notes(&output), ["note.link-lost", "note.attached", "note.link-lost", "note.attached"]);
}

#[test]
fn a_link_that_stands_still_and_then_goes_on_costs_nothing() {
    let (fleet, relay) = behind_a_relay();
    let mut running = adding(&fleet);
    running.wait_for("Step 4 of 20");
    relay.stall();
    until("the end on the host, which needs no link", || ended_on_the_host(&fleet).then_some(()));
    assert!(running.goes_on(), "the program waits");
    relay.resume();
    assert_whole("what was shown", &running.wait().success().stderr);
    assert_whole("what is kept", &text(&output(&fleet)));
    done_once(&fleet);
}

#[test]
fn a_link_that_is_cut_before_the_job_begins_is_told_and_changes_nothing() {
    let (fleet, relay) = behind_a_relay();
    relay.stall();
    let mut running = fleet.sandbox.start(&[&["--json"], &ADD[..], &["slow-1"]].concat());
    // Cut again and again until the program has given up: whenever it connects, it is cut.
    until("the program's end", || {
        relay.cut();
        (!running.goes_on()).then_some(())
    });
    let error = running.wait().exit(5).error();
    assert!(["host-unreachable", "link-lost"].contains(&error["code"].as_str().unwrap()), "{error}");
    assert!(!fleet.lab.users("ynh-slow").contains(&"ada".to_owned()));
}

/// Every step once, in order, and both ends of it.
#[track_caller]
fn assert_whole(what: &str, text: &str) {
    let steps: Vec<u32> = text.lines().filter_map(|line| line.split_once("Step ")?.1.split_once(" of 20")?.0.parse().ok()).collect();
    assert_eq!(steps, (1..=20).collect::<Vec<_>>(), "{what}: {text}");
    assert_eq!(text.matches("User created").count(), 1, "{what}: {text}");
}

/// The account exists, and was created by one operation that succeeded; the vault is intact.
#[track_caller]
fn done_once(fleet: &Fleet) {
    assert!(fleet.lab.users("ynh-slow").contains(&"ada".to_owned()));
    let operations = fleet.lab.yunohost("ynh-slow", "log list")["operation"].take();
    let operations: Vec<_> = operations.as_array().expect("operations").iter().map(|operation| &operation["success"]).collect();
    assert_eq!(operations, [&json!(true)]);
    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list")["jobs"].take();
    assert_eq!(jobs.as_array().map(Vec::len), Some(1));
    assert_eq!(jobs[0]["state"], "changed");
    assert_eq!(fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

fn ended_on_the_host(fleet: &Fleet) -> bool {
    let list = fleet.lab.yunohost("ynh-slow", "log list");
    list["operation"][0]["success"] == true
}

/// The pieces of the only job's output.
fn output(fleet: &Fleet) -> Vec<Value> {
    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list");
    let id = jobs["jobs"][0]["id"].as_str().expect("a job has an id");
    let mut job = fleet.sandbox.json(&["job", "show", id]).success().data("job-show");
    let Value::Array(pieces) = job["output"].take() else { return Vec::new() };
    pieces
}

fn text(output: &[Value]) -> String {
    output.iter().filter_map(|piece| piece["text"].as_str()).collect()
}

fn notes(output: &[Value]) -> Vec<&str> {
    output.iter().filter(|piece| piece["stream"] == "note").filter_map(|piece| piece["note"]["key"].as_str()).collect()
}
