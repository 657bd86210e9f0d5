//! Runs on many hosts: canary, waves, budget, retry, groups and diffs, interruption; in this process and in the agent.

use std::fs;

use beffroi_tests::{Fleet, until};
use serde_json::{Value, json};

/// A lab host under twelve names, of which the last has nobody who answers. One sshd takes ten logins at a time
/// (`MaxStartups`), so fewer are asked of it.
fn twelve() -> Fleet {
    let fleet = Fleet::of(&[]);
    let host = fleet.lab.host("plain-1").clone();
    for number in 1..=11 {
        fleet.add(&format!("host-{number:02}"), &host);
    }
    fleet.add_dead("host-12");
    fleet
}

/// Fails on the runs whose numbers stand in the file, counted by this very command.
const COUNTED: &str = "cd; echo >>ran; if grep -qx \"$(wc -l <ran)\" fails; then echo broken; exit 3; fi; seq 30";

fn fails(fleet: &Fleet, numbers: &str) {
    fs::write(fleet.lab.home("plain-1").join("fails"), numbers).expect("a file can be written");
    drop(fs::remove_file(fleet.lab.home("plain-1").join("ran")));
}

fn ran(fleet: &Fleet) -> usize {
    fs::read_to_string(fleet.lab.home("plain-1").join("ran")).map_or(0, |text| text.lines().count())
}

fn statuses(data: &Value) -> Vec<&str> {
    let results = data["results"].as_array().expect("results are listed").iter();
    results.map(|result| result["status"].as_str().expect("a result has a status")).collect()
}

#[test]
fn one_dead_host_among_twelve_is_told_and_the_others_are_one_group() {
    let fleet = twelve();
    let data = fleet.sandbox.json(&["run", "--on", "all", "--parallel", "4", "--", "echo here"]).exit(1).data("run");
    let mut expected = vec!["ok"; 11];
    expected.push("unreachable");
    assert_eq!(statuses(&data), expected);
    assert_eq!((&data["running"], &data["counts"]["ok"], &data["counts"]["unreachable"]), (&json!(false), &json!(11), &json!(1)));
    let groups = data["groups"].as_array().unwrap();
    assert_eq!((groups.len(), groups[0]["hosts"].as_array().unwrap().len()), (1, 11));
    assert_eq!((&groups[0]["stdout"], &groups[0]["exit_code"], &groups[0]["diff"]), (&json!("here\n"), &json!(0), &Value::Null));
    assert_eq!(data["results"][11]["error"]["code"], "host-unreachable");

    let text = fleet.sandbox.beffroi(&["run", "--on", "all", "--parallel", "4", "--", "echo here"]).exit(1);
    assert_eq!(text.stdout.matches("here\n").count(), 1, "{}", text.stdout);
    assert!(text.stdout.starts_with("== host-01, host-02, ") && text.stderr.contains("run retry"), "{text:?}");
}

#[test]
fn a_canary_stops_the_fleet_and_a_retry_goes_where_it_did_not_succeed() {
    let fleet = twelve();
    fails(&fleet, "1\n");
    let on = ["run", "--on", "all and not host-12", "--parallel", "1"];
    let run = |flags: &[&str]| fleet.sandbox.json(&[&on, flags, &["--", COUNTED]].concat());
    let stopped = run(&["--canary", "1"]).exit(1).data("run");
    assert_eq!((statuses(&stopped)[0], ran(&fleet)), ("failed", 1));
    assert!(statuses(&stopped)[1..].iter().all(|status| *status == "skipped"), "{stopped}");
    assert_eq!(stopped["results"][1]["error"]["code"], "run-skipped");

    // The next process has it from the vault.
    fails(&fleet, "3\n");
    let run_id = stopped["run"].as_str().unwrap();
    let again = fleet.sandbox.json(&["run", "retry", run_id, "--parallel", "1", "--waves", "2,100%"]).exit(1).data("run-retry");
    assert_eq!(statuses(&again).len(), 11);
    assert_eq!(statuses(&again)[..4], ["ok", "ok", "failed", "ok"], "the wave goes on to its end");
    fails(&fleet, "");
    let last = fleet.sandbox.json(&["run", "retry", again["run"].as_str().unwrap()]).success().data("run-retry");
    assert_eq!((last["results"].as_array().unwrap().len(), &last["results"][0]["host"], ran(&fleet)), (1, &json!("host-03"), 1));
    let left = fleet.sandbox.json(&["run", "retry", last["run"].as_str().unwrap()]).exit(2);
    assert_eq!(left.error()["code"], "run-nothing-left");

    let list = fleet.sandbox.json(&["run", "list"]).success().data("run-list");
    let ids: Vec<&Value> = list["runs"].as_array().unwrap().iter().map(|run| &run["run"]).collect();
    assert_eq!(ids, [&last["run"], &again["run"], &stopped["run"]], "the newest first");
    assert_eq!(list["runs"][2]["counts"]["skipped"], 10);
    let shown = fleet.sandbox.json(&["run", "show", run_id]).success().data("run-show");
    assert_eq!((statuses(&shown), &shown["commands"]), (statuses(&stopped), &json!([COUNTED])));
    assert_eq!((&shown["results"][0]["exit_code"], &shown["results"][0]["stdout"]), (&json!(3), &json!("")), "no output is stored");
}

#[test]
fn waves_and_a_budget_bound_what_goes_wrong() {
    let fleet = twelve();
    let run = |flags: &[&str], exit| {
        fails(&fleet, "2\n5\n");
        let words = [&["run", "--on", "all and not host-12", "--parallel", "1"], flags, &["--", COUNTED]].concat();
        let data = fleet.sandbox.json(&words).exit(exit).data("run");
        let letters: String = statuses(&data).iter().map(|status| status.chars().next().unwrap()).collect();
        assert_eq!(letters.matches('s').count(), 11 - ran(&fleet), "{letters}");
        letters
    };
    assert_eq!(run(&["--waves", "1,10%,100%"], 1), "ofossssssss", "10 % of eleven hosts are two");
    assert_eq!(run(&["--budget", "1"], 1), "ofoofssssss");
    assert_eq!(run(&["--budget", "20%"], 1), "ofoofoooooo");
    assert_eq!(run(&["--canary", "1", "--waves", "3", "--budget", "9"], 1), "ofoofoooooo");
    for (flag, value) in [("--waves", "0"), ("--waves", "1;2"), ("--budget", "x"), ("--canary", "0")] {
        let refused = fleet.sandbox.json(&["run", "--on", "all", flag, value, "--", "true"]).exit(2);
        assert_eq!((&refused.error()["code"], ran(&fleet)), (&json!("run-pace-invalid"), 11), "{flag} {value}");
    }
}

#[test]
fn an_output_that_differs_is_shown_as_what_differs() {
    let fleet = twelve();
    let command = "cd; seq 100; mkdir odd 2>/dev/null && echo odd; true";
    let on = ["run", "--on", "all and not host-12", "--parallel", "4"];
    let text = fleet.sandbox.beffroi(&[&on[..], &["--", command]].concat()).success().stdout;
    assert!(text.contains("+odd\n") && text.contains("@@") && text.matches("\n50\n").count() == 1, "{text}");
    fs::remove_dir(fleet.lab.home("plain-1").join("odd")).unwrap();
    let whole = fleet.sandbox.beffroi(&[&on[..], &["--diff", "no", "--", command]].concat()).success().stdout;
    assert!(whole.matches("\n50\n").count() == 2 && !whole.contains("@@"), "{whole}");
}

#[test]
fn who_interrupts_is_told_what_was_done_so_far() {
    let fleet = twelve();
    for through_agent in [false, true] {
        if through_agent {
            drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
        }
        drop(fs::remove_file(fleet.lab.home("plain-1").join("ran")));
        // The first ends, the second does not.
        let command = "cd; echo >>ran; [ \"$(wc -l <ran)\" = 2 ] && exec sleep 300; echo whole";
        let on = ["--json", "run", "--on", "host-01 or host-02 or host-03", "--parallel", "1"];
        let running = fleet.sandbox.start(&[&on[..], &["--", command]].concat());
        until("the second host at work", || (ran(&fleet) == 2).then_some(()));
        running.interrupt();
        let data = running.wait().exit(130).data("run");
        assert_eq!(statuses(&data), ["ok", "cancelled", "skipped"], "agent: {through_agent}");
        assert_eq!((&data["results"][0]["stdout"], &data["running"]), (&json!("whole\n"), &json!(false)));
        let shown = fleet.sandbox.json(&["run", "show", data["run"].as_str().unwrap()]).success().data("run-show");
        assert_eq!(statuses(&shown), statuses(&data));
        let kept = if through_agent { "whole\n" } else { "" };
        assert_eq!(shown["results"][0]["stdout"], kept, "output stays while the vault is open");
    }
}

#[test]
fn the_agent_stops_a_run_whose_asker_is_killed() {
    let fleet = twelve();
    drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
    let command = "cd; echo >>ran; exec sleep 300";
    let running = fleet.sandbox.start(&["run", "--on", "host-01 or host-02", "--parallel", "1", "--", command]);
    until("a host at work", || (ran(&fleet) == 1).then_some(()));
    drop(running.kill());
    let ended = until("the end of the run", || {
        let list = fleet.sandbox.json(&["run", "list"]).success().data("run-list");
        (list["runs"][0]["running"] == false).then_some(list)
    });
    let counts = &ended["runs"][0]["counts"];
    assert_eq!((&counts["cancelled"], &counts["skipped"], ran(&fleet)), (&json!(1), &json!(1), 1));
}

#[test]
fn only_the_plan_is_shown_when_only_that_is_asked_for() {
    let fleet = Fleet::of(&["plain-1"]);
    let plan = fleet.sandbox.json(&["--plan", "run", "--on", "plain-1", "--", "touch ran"]).success().data("run");
    assert_eq!(plan["hosts"][0]["steps"][0]["command"][0]["text"], "touch ran", "{plan}");
    drop(fleet.sandbox.beffroi(&["run", "--sudo", "--detach", "--on", "plain-1", "--", "true"]).exit(2));
    assert!(!fleet.lab.home("plain-1").join("ran").exists());
}
