//! Jobs and the journal: what was done stays known.

use std::fs;

use beffroi_tests::Fleet;
use serde_json::{Value, json};

#[test]
fn a_job_keeps_its_steps_and_its_output() {
    let fleet = Fleet::of(&["plain-1"]);
    let words = ["--yes", "run", "--detach", "--on", "plain-1", "--", "echo one; echo two >&2; exit 4"];
    let answer = fleet.sandbox.json(&words).exit(1).data("run")["results"][0].take();
    assert_eq!(
        (&answer["status"], &answer["exit_code"], &answer["error"]["code"]),
        (&json!("failed"), &json!(4), &json!("command-failed"))
    );
    drop(fleet.sandbox.json(&["--yes", "run", "--detach", "--on", "plain-1", "--", "true"]).success().data("run"));

    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list")["jobs"].take();
    let states: Vec<_> =
        jobs.as_array().unwrap().iter().map(|job| (job["host"].as_str().unwrap(), job["state"].as_str().unwrap())).collect();
    assert_eq!(states, [("plain-1", "done"), ("plain-1", "failed")], "the newest first");

    let id = jobs[1]["id"].as_str().unwrap();
    let job = fleet.sandbox.json(&["job", "show", id]).success().data("job-show");
    assert_eq!((&job["steps"][0]["state"], &job["steps"][0]["exit_code"]), (&json!("failed"), &json!(4)));
    let said = |stream: &str| {
        let pieces = job["output"].as_array().unwrap().iter().filter(|piece| piece["stream"] == stream);
        pieces.filter_map(|piece| piece["text"].as_str()).collect::<String>()
    };
    assert_eq!((said("stdout").as_str(), said("stderr").as_str()), ("one\n", "two\n"));
    // The end of an identifier is enough.
    let end: String = id.chars().skip(id.len() - 8).collect();
    assert_eq!(fleet.sandbox.json(&["job", "show", &end]).success().data("job-show")["id"], id);
    let text = fleet.sandbox.beffroi(&["job", "show", &end]).success().stdout;
    assert!(text.contains("one\n") && text.contains(id), "{text}");
    // What ended is not run again.
    let again = fleet.sandbox.json(&["job", "attach", id]).exit(1).data("job-attach");
    assert_eq!((&again["results"][0]["exit_code"], again["output"].as_array().map(Vec::len)), (&json!(4), Some(2)));
    // And nothing of it is left on the host.
    assert_eq!(fleet.lab.ssh("plain-1", "ls -A \"$XDG_STATE_HOME\"/beffroi/jobs"), "");
}

#[test]
fn the_journal_tells_everything_in_a_chain() {
    let fleet = Fleet::of(&["plain-1"]);
    drop(fleet.sandbox.beffroi(&["run", "--on", "plain-1", "--", "true"]).success());
    let page = fleet.sandbox.json(&["journal", "list", "--limit", "500"]).success().data("journal-list");
    let entries = page["entries"].as_array().unwrap();
    assert_eq!(page["total"], entries.len());
    let numbers: Vec<u64> = entries.iter().rev().filter_map(|entry| entry["sequence"].as_u64()).collect();
    assert_eq!(numbers, (1..=entries.len() as u64).collect::<Vec<_>>(), "the newest first, without a gap");
    let events: Vec<_> = entries.iter().rev().filter_map(|entry| entry["event"]["key"].as_str()).collect();
    for event in ["vault-created", "vault-unlocked", "vault-locked", "secret-set", "host-added", "command-run"] {
        assert!(events.contains(&format!("journal.{event}").as_str()), "{event} in {events:?}");
    }
    let older = fleet.sandbox.json(&["journal", "list", "--limit", "2", "--before", "4"]).success().data("journal-list");
    assert_eq!(older["entries"].as_array().unwrap().iter().map(|entry| &entry["sequence"]).collect::<Vec<_>>(), [&json!(3), &json!(2)]);

    let report = fleet.sandbox.json(&["journal", "verify"]).success().data("journal-verify");
    assert_eq!((&report["intact"], &report["broken_at"]), (&json!(true), &Value::Null));

    let exported = fleet.sandbox.json(&["journal", "export", "journal.jsonl"]).success().data("journal-export");
    let text = fs::read_to_string(fleet.sandbox.files().join("journal.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exported["entries"], lines.len());
    for (line, number) in lines.iter().zip(1_u64..) {
        assert_eq!(line["sequence"], number);
        for field in ["mac", "state_digest"] {
            let hex = line[field].as_str().unwrap();
            assert!(hex.len() == 64 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()), "{field} of {line}");
        }
        for field in ["at_ms", "device", "person", "event", "values"] {
            assert!(!line[field].is_null(), "{field} of {line}");
        }
    }
    // The chain's values are those of the list.
    let listed: Vec<&Value> = entries.iter().rev().map(|entry| &entry["mac"]).collect();
    assert_eq!(lines.iter().take(listed.len()).map(|line| &line["mac"]).collect::<Vec<_>>(), listed);
    // A file that exists is not overwritten.
    assert_eq!(fleet.sandbox.json(&["journal", "export", "journal.jsonl"]).exit(1).error()["code"], "local-file");
}
