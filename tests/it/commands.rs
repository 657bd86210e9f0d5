//! Commands and files on hosts.

use std::fs;

use beffroi_tests::{Fleet, processes_called, until};
use serde_json::{Value, json};

#[test]
fn a_command_gives_its_output_and_its_exit_status() {
    let fleet = Fleet::of(&["plain-1"]);
    let run = |words: &[&str]| fleet.sandbox.beffroi(&[&["run", "--on", "plain-1"], words].concat());

    let done = run(&["--", "echo", "to stdout;", "echo to stderr >&2"]).success();
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("to stdout\n", "to stderr\n"));

    let failed = run(&["--json", "--", "echo out; exit 3"]).exit(1).data("run")["results"][0].take();
    assert_eq!((&failed["host"], &failed["status"], &failed["exit_code"]), (&json!("plain-1"), &json!("failed"), &json!(3)));
    assert_eq!((&failed["stdout"], &failed["error"]["code"]), (&json!("out\n"), &json!("command-failed")));
    assert!(failed["duration_ms"].is_u64(), "{failed}");

    drop(run(&["--pass-exit", "--", "exit 3"]).exit(3));
    drop(run(&["--pass-exit", "--", "true"]).success());
    let killed = run(&["--json", "--", "kill -KILL $$"]).exit(1).data("run")["results"][0].take();
    assert_eq!((&killed["exit_code"], &killed["error"]["code"]), (&Value::Null, &json!("command-failed")), "{killed}");
}

#[test]
fn a_dead_host_does_not_stop_the_others() {
    let fleet = Fleet::of(&["plain-1", "ynh-1"]);
    fleet.add_dead("dead");
    let answer = fleet.sandbox.json(&["run", "--on", "all", "--", "pwd"]).exit(1).data("run");
    let results = answer["results"].as_array().unwrap();
    let status = |index: usize| (results[index]["host"].as_str().unwrap(), results[index]["status"].as_str().unwrap());
    assert_eq!([status(0), status(1), status(2)], [("dead", "unreachable"), ("plain-1", "ok"), ("ynh-1", "ok")]);
    assert_eq!(results[0]["error"]["code"], "host-unreachable");
    assert_eq!(results[0]["exit_code"], Value::Null);
    for result in results.iter().skip(1) {
        let home = fleet.lab.home(result["host"].as_str().unwrap());
        assert_eq!((&result["exit_code"], &result["stdout"]), (&json!(0), &json!(format!("{}\n", home.display()))));
    }
    // As text, hosts that gave the same under one heading, and the one that failed among what is said.
    let text = fleet.sandbox.beffroi(&["run", "--on", "all", "--parallel", "1", "--", "echo here"]).exit(1);
    assert!(text.stdout.contains("== plain-1, ynh-1 ==\nhere\n") && text.stderr.contains("dead"), "{text:?}");
}

#[test]
fn a_command_that_does_not_end_is_ended() {
    let fleet = Fleet::of(&["plain-1"]);
    // A length that no other test sleeps for.
    let sleep = format!("sleep 9{}.1", std::process::id());
    let forever = format!("touch began; exec {sleep}");
    let answer = fleet.sandbox.json(&["run", "--on", "plain-1", "--timeout", "2", "--", &forever]).exit(1);
    assert_eq!(answer.error()["code"], "timed-out");
    assert!(fleet.lab.home("plain-1").join("began").exists());
    until("the end of the command on the host", || processes_called(&sleep).is_empty().then_some(()));
}

#[test]
fn a_file_comes_back_as_it_went() {
    let fleet = Fleet::of(&["plain-1"]);
    let content: Vec<u8> = (0..5_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    fs::write(fleet.sandbox.files().join("there"), &content).unwrap();
    let put = fleet.sandbox.json(&["put", "there", "plain-1:kept here.bin"]).success().data("put");
    assert_eq!(put["bytes"], content.len());
    assert!(fs::read(fleet.lab.home("plain-1").join("kept here.bin")).unwrap() == content, "the host has other bytes");

    let sum = |text: &str| text.split_whitespace().next().unwrap().to_owned();
    let there = fleet.sandbox.beffroi(&["run", "--on", "plain-1", "--", "sha256sum 'kept here.bin'"]).success();
    let got = fleet.sandbox.json(&["get", "plain-1:kept here.bin", "back"]).success().data("get");
    assert_eq!(got["bytes"], content.len());
    let here = std::process::Command::new("sha256sum").arg(fleet.sandbox.files().join("back")).output().unwrap();
    assert_eq!(sum(&there.stdout), sum(&String::from_utf8(here.stdout).unwrap()));
    assert!(fs::read(fleet.sandbox.files().join("back")).unwrap() == content, "other bytes came back");

    // An empty one too, and nothing lies about afterwards.
    fleet.sandbox.file("empty", "");
    drop(fleet.sandbox.beffroi(&["put", "empty", "plain-1:empty"]).success());
    let mut left: Vec<_> = fs::read_dir(fleet.lab.home("plain-1")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".bashrc", "empty", "kept here.bin"]);
}
