//! A host that lies, floods, and tries to drive the operator's terminal.

use beffroi_tests::Fleet;
use serde_json::{Value, json};

/// The most of each stream that is kept.
const MOST: usize = 1 << 20;

#[test]
fn output_without_end_is_cut_and_marked() {
    let fleet = Fleet::of(&["plain-1"]);
    let flood = "yes out | head -c 5000000; yes err | head -c 5000000 >&2";
    let answer = fleet.sandbox.json(&["run", "--on", "plain-1", "--", flood]);
    let result = answer.data("run")["results"][0].take();
    assert_eq!((&result["cut"], &result["host"]), (&json!(true), &json!("plain-1")));
    let length = |stream: &str| result[stream].as_str().unwrap().len();
    assert!(length("stdout") <= MOST && length("stderr") <= MOST, "{} and {}", length("stdout"), length("stderr"));
    assert!(length("stdout") + length("stderr") > 1000, "what was kept is shown");

    let short = fleet.sandbox.json(&["run", "--on", "plain-1", "--", "yes | head -c 500000"]).success().data("run")["results"][0].take();
    assert_eq!((&short["cut"], short["stdout"].as_str().map(str::len)), (&json!(false), Some(500_000)));
}

#[test]
fn a_job_that_floods_is_kept_up_to_a_limit() {
    let fleet = Fleet::of(&["plain-1"]);
    let words = ["--yes", "run", "--detach", "--on", "plain-1", "--", "yes 0123456789abcde | head -c 18000000; echo the end"];
    let done = fleet.sandbox.json(&words).success().data("run")["results"][0].take();
    assert_eq!((&done["status"], &done["exit_code"]), (&json!("ok"), &json!(0)));
    let id = fleet.sandbox.json(&["job", "list"]).success().data("job-list")["jobs"][0]["id"].take();
    let job = fleet.sandbox.json(&["job", "show", id.as_str().unwrap()]).success().data("job-show");
    let pieces = job["output"].as_array().unwrap();
    let kept: usize = pieces.iter().filter_map(|piece| piece["text"].as_str()).map(str::len).sum();
    assert!(kept <= 17 << 20, "{kept} bytes are kept");
    assert!(pieces.iter().any(|piece| piece["note"]["key"] == "note.cut"), "and it is said that there was more");
}

#[test]
fn bytes_that_are_no_text_are_shown_as_such() {
    let fleet = Fleet::of(&["plain-1"]);
    let noise = r"printf '\000\001\033[31m\377\376\302\n'";
    let result = fleet.sandbox.json(&["run", "--on", "plain-1", "--", noise]).success().data("run")["results"][0].take();
    assert_eq!(result["stdout"], "\u{0}\u{1}\u{1b}[31m\u{fffd}\u{fffd}\u{fffd}\n");
}

#[test]
fn a_host_cannot_drive_the_terminal() {
    let fleet = Fleet::of(&["plain-1"]);
    let nasty = r#"printf '\033]0;owned\007\033[2J\302\233\342\200\256 seen\n'"#;
    fleet.sandbox.file("nasty", &format!("{nasty}\n{nasty} >&2\n"));
    drop(fleet.sandbox.beffroi(&["put", "nasty", "plain-1:nasty"]).success());
    let run = "$BEFFROI run --on plain-1 -- sh ./nasty";
    let job = "$BEFFROI --yes run --detach --on plain-1 -- sh ./nasty";
    // On a terminal as a whole; with only one of the two streams on it; as a job.
    for line in [run.to_owned(), format!("{run} >/dev/null"), format!("{run} 2>/dev/null"), job.to_owned()] {
        let shown = fleet.sandbox.on_terminal(&line).success().stdout;
        assert!(shown.contains("seen"), "{line}: {shown:?}");
        let raw = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'];
        assert!(!shown.contains(raw), "{line} let the host drive the terminal: {shown:?}");
    }
    // Into a file it goes as it is: that is data.
    let exact = fleet.sandbox.beffroi(&["run", "--on", "plain-1", "--", "sh", "./nasty"]).success();
    assert!(exact.stdout.contains("\u{1b}[2J"), "{exact:?}");
}

#[test]
fn names_from_a_host_are_shown_as_text() {
    let fleet = Fleet::of(&["ynh-1"]);
    let names = ["\u{1b}[2J\u{1b}]0;owned\u{7}", "Ada \u{202e}nimda", "<img src=x onerror=alert(1)>", "a\tb\nc", "{name} %s $HOME"];
    let users: Vec<Value> = names
        .iter()
        .zip(["u1", "u2", "u3", "u4", "u5"])
        .map(|(fullname, username)| json!({ "username": username, "fullname": fullname }))
        .collect();
    fleet.lab.seed("ynh-1", &json!({ "domains": ["a.example"], "users": users }));

    let list = fleet.sandbox.json(&["ynh", "user", "list", "--on", "ynh-1"]).success().data("ynh-user-list");
    let given: Vec<_> = list["results"][0]["users"].as_array().unwrap().iter().map(|user| user["fullname"].as_str().unwrap()).collect();
    let driving = |text: &str| text.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c));
    assert!(!given.iter().any(|name| driving(name)), "{given:?}");
    assert_eq!(given.iter().zip(names).filter(|(given, name)| *given == name).count(), 2, "harmless names stay as they are: {given:?}");

    for text in [
        fleet.sandbox.beffroi(&["ynh", "user", "list", "--on", "ynh-1"]).success().stdout,
        fleet.sandbox.on_terminal("$BEFFROI ynh user list --on ynh-1").success().stdout.replace('\r', ""),
    ] {
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\t']), "{text:?}");
        // On the terminal it is said beside the data when the host was read.
        let lines = text.lines().filter(|line| !line.starts_with("ynh-1: "));
        assert_eq!(lines.count(), 1 + names.len(), "one line for each: {text:?}");
        assert!(text.contains("<img src=x onerror=alert(1)>") && text.contains("{name} %s $HOME"), "{text:?}");
    }
}
