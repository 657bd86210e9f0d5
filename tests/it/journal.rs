//! Jobs and the journal: what was done stays known.

use std::fs;

use beffroi_tests::{Fleet, Sandbox};
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
    let lines = lines(&fleet.sandbox.files().join("journal.jsonl"));
    let (heading, rest) = lines.split_first().unwrap();
    assert_eq!(heading["format"], "beffroi-journal/1");
    let chain = &heading["chains"][0];
    assert!(chain["card"].is_string() && heading["chains"].as_array().map(Vec::len) == Some(1), "{heading}");
    let (points, exported_entries): (Vec<_>, Vec<_>) = rest.iter().partition(|line| line["checkpoint"].is_object());
    assert_eq!(exported["entries"], exported_entries.len());
    for (line, number) in exported_entries.iter().zip(1_u64..) {
        assert_eq!((&line["number"], &line["chain"]), (&json!(number), &chain["chain"]));
        for field in ["at_ms", "event", "entry", "values"] {
            assert!(!line[field].is_null(), "{field} of {line}");
        }
    }
    // It says what the list says, and is signed to its end.
    let listed: Vec<_> = entries.iter().rev().filter_map(|entry| entry["event"]["key"].as_str()?.strip_prefix("journal.")).collect();
    let told: Vec<_> = exported_entries.iter().take(listed.len()).filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(told, listed);
    assert_eq!(points.last().map(|point| &point["checkpoint"]["number"]), Some(&json!(exported_entries.len())));
    // A file that exists is not overwritten.
    assert_eq!(fleet.sandbox.json(&["journal", "export", "journal.jsonl"]).exit(1).error()["code"], "local-file");
}

fn lines(path: &std::path::Path) -> Vec<Value> {
    fs::read_to_string(path)
        .expect("an export of JSON lines")
        .lines()
        .map(|line| serde_json::from_str(line).expect("an export of JSON lines"))
        .collect()
}

#[test]
fn a_client_checks_an_export_without_the_vault() {
    let sandbox = Sandbox::with_vault();
    drop(sandbox.beffroi(&["host", "add", "host-1", "127.0.0.1"]).success());
    drop(sandbox.beffroi(&["journal", "export", "journal.jsonl"]).success());
    let own = sandbox.json(&["identity", "show"]).success().data("identity-show")["identities"][0]["fingerprint"].take();
    let signer = own.as_str().unwrap();

    // Somebody who has the file and nothing else.
    let client = Sandbox::without_vault();
    let file = client.file("theirs.jsonl", &fs::read_to_string(sandbox.files().join("journal.jsonl")).unwrap());
    let check = |flags: &[&str]| client.bare(&[&["--json", "journal", "verify", "--file", "theirs.jsonl"], flags].concat());
    for flags in [&[][..], &["--signer", signer]] {
        let report = check(flags).success().data("journal-verify");
        assert_eq!(
            (&report["intact"], &report["broken_at"], &report["chains"][0]["signer"]),
            (&json!(true), &Value::Null, &own),
            "{report}"
        );
        assert_eq!(report["chains"][0]["signed"], report["entries"], "{report}");
    }
    let other = check(&["--signer", &signer.replace(|letter: char| letter.is_ascii_lowercase(), "x")]).exit(3).data("journal-verify");
    assert_eq!(other["intact"], false, "{other}");
    for language in ["en", "fr"] {
        let text = client.bare(&["--lang", language, "journal", "verify", "--file", "theirs.jsonl", "--signer", signer]).success().stdout;
        assert!(text.contains(signer) && !text.contains(['{', '}']), "{text}");
    }

    // Each line that tells something else is found, and where.
    let whole = fs::read_to_string(&file).unwrap();
    let all: Vec<&str> = whole.lines().collect();
    for at in 1..all.len() - 1 {
        let mut changed: Vec<String> = all.iter().map(|line| (*line).to_owned()).collect();
        changed[at] = changed[at].replacen("\"number\":", "\"number\":9", 1);
        fs::write(&file, changed.join("\n")).unwrap();
        let report = check(&["--signer", signer]).exit(3).data("journal-verify");
        assert!(report["intact"] == false && report["broken_at"].is_u64(), "line {at}: {report}");
    }
    for (content, what) in [("", "nothing"), ("{}\n", "an object"), ("\u{0}\u{1}", "bytes")] {
        fs::write(&file, content).unwrap();
        let error = check(&[]).exit(1).error();
        assert_eq!(error["code"], "local-file", "{what}: {error}");
    }
    let gone =
        crate::refusals::refused_by(&|flags| client.bare(&[flags, &["journal", "verify", "--file", "nowhere"]].concat()), 1, "local-file");
    assert!(gone["message"].as_str().unwrap().contains("nowhere"), "{gone}");
}

#[test]
fn each_machine_has_a_chain_of_its_own() {
    let sandbox = Sandbox::with_vault();
    // The same vault on another machine: another home and state.
    let other = Sandbox::without_vault();
    let path = sandbox.vault();
    let words = sandbox.files().join("recovery");
    let there = |words_of_it: &[&str]| {
        other.bare(&[&["--json", "--vault", path.to_str().unwrap(), "--recovery-file", words.to_str().unwrap()], words_of_it].concat())
    };
    drop(there(&["host", "add", "host-1", "127.0.0.1"]).success().data("host-add"));
    let report = sandbox.json(&["journal", "verify"]).success().data("journal-verify");
    let chains = report["chains"].as_array().unwrap();
    assert_eq!(chains.len(), 2, "{report}");
    assert_ne!(chains[0]["device"], chains[1]["device"]);
    assert_eq!(chains.iter().filter_map(|chain| chain["entries"].as_u64()).sum::<u64>(), report["entries"].as_u64().unwrap());
    assert_eq!(there(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}
