//! Jobs far from their operator: what outlives a logout, an SSH server and a boot, what is ended, followed from elsewhere,
//! begun again, queued and bounded.

use std::fs;
use std::process::Command;

use beffroi_tests::{Answer, ContainerHost, Containers, Fleet, Running, Sandbox, until};
use serde_json::{Value, json};

/// Starts a job, whose command says `began` first, and follows it.
#[track_caller]
pub(crate) fn began(sandbox: &Sandbox, host: &str, command: &str) -> Running {
    let mut running = sandbox.start(&["--yes", "run", "--detach", "--on", host, "--", command]);
    running.wait_for("out began\n");
    running
}

/// The same; then the program that started it is killed. Gives the job's id.
#[track_caller]
pub(crate) fn left_running(sandbox: &Sandbox, host: &str, command: &str) -> String {
    drop(began(sandbox, host, command).kill());
    newest(sandbox)["id"].as_str().expect("a job has an id").to_owned()
}

/// The job that was recorded last.
#[track_caller]
pub(crate) fn newest(sandbox: &Sandbox) -> Value {
    sandbox.json(&["job", "list"]).success().data("job-list")["jobs"][0].take()
}

/// Follows a job to its end. Gives its answer and, of a stream, all that is kept.
#[track_caller]
pub(crate) fn attach(sandbox: &Sandbox, id: &str) -> Answer {
    sandbox.json(&["job", "attach", id])
}

/// What a job wrote to a stream, as `job attach`, `show`, `cancel` and `retry` answer.
pub(crate) fn text(data: &Value, stream: &str) -> String {
    let pieces = data["output"].as_array().expect("an answer about a job has its output").iter();
    pieces.filter(|piece| piece["stream"] == stream).filter_map(|piece| piece["text"].as_str()).collect()
}

/// What happened between the pieces.
pub(crate) fn notes(data: &Value) -> Vec<&str> {
    let pieces = data["output"].as_array().expect("an answer about a job has its output").iter();
    pieces.filter_map(|piece| piece["note"]["key"].as_str()).collect()
}

/// What the program left on a host.
pub(crate) fn left_on(host: &ContainerHost) -> String {
    host.exec("ls -A /var/lib/beffroi/jobs 2>/dev/null || true")
}

/// Numbers one to a last one, each in a line.
pub(crate) fn numbers(last: u32) -> String {
    (1..=last).map(|number| format!("{number}\n")).collect()
}

/// How many processes of a host have this in their arguments.
fn processes(host: &ContainerHost, pattern: &str) -> usize {
    let each = format!("for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; echo; done | grep -c '{pattern}' || true");
    host.exec(&each).trim().parse().expect("grep counts")
}

const BOTH: [&str; 2] = ["deb-1", "busy-1"];

#[test]
fn a_job_outlives_the_logout_and_the_ssh_server() {
    let Some(lab) = Containers::up(&BOTH) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &BOTH);
    for name in BOTH {
        let host = lab.host(name);
        let command = "echo began; until [ -e /root/go ]; do sleep 0.1; done; seq 20000; echo last >&2; exit 3";
        let id = left_running(&sandbox, name, command);
        let units = host.exec("systemctl list-units --plain --no-legend 'beffroi-*.service' 2>/dev/null || true");
        if name == "deb-1" {
            assert!(units.contains(&format!("beffroi-{id}.1.service")) && units.contains("running"), "{units}");
        } else {
            let session = host.exec("pid=$(cut -d' ' -f1 /var/lib/beffroi/jobs/*/pid); cut -d' ' -f1,6 /proc/$pid/stat");
            let (leader, session) = session.trim().split_once(' ').expect("two numbers");
            assert_eq!(leader, session, "{name}: it has a session of its own");
        }
        host.restart_sshd();
        drop(host.exec("touch /root/go"));
        let answer = attach(&sandbox, &id).exit(1);
        let (data, error) = (answer.data("job-attach"), answer.error());
        assert_eq!((&data["results"][0]["exit_code"], &error["code"]), (&json!(3), &json!("command-failed")), "{name}: {error}");
        assert_eq!(text(&data, "stdout"), format!("began\n{}", numbers(20000)), "{name}");
        assert_eq!(text(&data, "stderr"), "last\n", "{name}");
        assert_eq!(left_on(host), "", "{name}: nothing of it is left");
    }
}

#[test]
fn a_boot_in_the_middle_is_told_and_the_job_can_be_begun_again() {
    let Some(lab) = Containers::up(&BOTH) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &BOTH);
    for name in BOTH {
        let host = lab.host(name);
        let running = began(&sandbox, name, "echo began; echo x >>/root/runs; [ -e /root/go ] || exec sleep 1000");
        let before = host.boot_id();
        host.reboot();
        assert_ne!(host.boot_id(), before, "{name}");
        drop(running.wait().exit(1));
        let job = newest(&sandbox);
        assert_eq!((&job["state"], &job["error"]["code"]), (&json!("failed"), &json!("host-rebooted")), "{name}: {job}");
        assert_eq!(host.exec("cat /root/runs"), "x\n", "{name}: nothing begins again by itself");

        drop(host.exec("touch /root/go"));
        let id = job["id"].as_str().expect("an id");
        let again = sandbox.json(&["--yes", "job", "retry", id]).success().data("job-retry");
        assert_eq!(again["results"][0]["status"], "ok", "{name}: {again}");
        assert!(notes(&again).contains(&"note.retried"), "{name}: {again}");
        assert_eq!((host.exec("cat /root/runs"), left_on(host)), ("x\nx\n".to_owned(), String::new()), "{name}");
    }
}

#[test]
fn cancelling_ends_what_became_a_daemon() {
    let Some(lab) = Containers::up(&BOTH) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &BOTH);
    for name in BOTH {
        let host = lab.host(name);
        let daemon = "setsid sh -c 'sleep 8642 & exec sleep 8642' </dev/null >/dev/null 2>&1 &";
        let id = left_running(&sandbox, name, &format!("({daemon}); echo began; trap '' TERM; sleep 8642; sleep 8642"));
        until("the daemon and its child", || (processes(host, "^sleep 864[2]") == 3).then_some(()));
        let cancelled = sandbox.json(&["job", "cancel", &id]).success().data("job-cancel");
        assert_eq!(cancelled["results"][0]["status"], "cancelled", "{name}: {cancelled}");
        assert_eq!(processes(host, "^sleep 864[2]"), 0, "{name}: all of it is gone");
        assert_eq!(left_on(host), "", "{name}");
    }
}

#[test]
fn a_host_whose_folder_cannot_be_written_starts_nothing() {
    let Some(lab) = Containers::up(&BOTH) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &BOTH);
    for name in BOTH {
        let host = lab.host(name);
        drop(host.exec("mkdir -p /var/lib"));
        let spoil: [(&str, &dyn Fn()); 2] = [("read-only", &|| host.read_only("/var/lib")), ("full", &|| host.fill("/var/lib"))];
        for (why, spoil) in spoil {
            spoil();
            let command = "echo began; echo x >>/root/runs";
            let refused = sandbox.json(&["--yes", "run", "--detach", "--on", name, "--", command]).exit(1).error();
            assert_eq!(refused["code"], "host-folder", "{name}, {why}: {refused}");
            host.heal("/var/lib");
            assert_eq!(host.exec("cat /root/runs 2>/dev/null || true"), "", "{name}, {why}: nothing was started");
            assert_eq!(left_on(host), "", "{name}, {why}");
            let id = newest(&sandbox)["id"].take();
            let again = sandbox.json(&["--yes", "job", "retry", id.as_str().expect("an id")]).success().data("job-retry");
            assert_eq!(text(&again, "stdout"), "began\n", "{name}, {why}: {again}");
            assert_eq!(host.exec("cat /root/runs && rm /root/runs"), "x\n", "{name}, {why}");
        }
        // A disk that fills while a job writes costs output, which is told, and not how it ended.
        drop(host.exec("mkdir -p /var/lib/beffroi && mount -t tmpfs -o size=1m none /var/lib/beffroi"));
        let id = left_running(&sandbox, name, "echo began; until [ -e /root/go ]; do sleep 0.1; done; seq 2000; exit 5");
        drop(host.exec("head -c 2000000 /dev/zero >/var/lib/beffroi/fill || true; touch /root/go"));
        let data = attach(&sandbox, &id).exit(1).data("job-attach");
        let told = text(&data, "stdout");
        assert_eq!(data["results"][0]["exit_code"], 5, "{name}: {data}");
        assert!(
            format!("began\n{}", numbers(2000)).starts_with(&told) && told.starts_with("began\n"),
            "{name}: its beginning, without gaps: {told}"
        );
        assert_eq!(notes(&data), ["note.dropped"], "{name}: {data}");
    }
}

#[test]
fn another_laptop_with_the_same_vault_follows_a_job_to_its_end() {
    let fleet = Fleet::of(&["plain-1"]);
    let id = left_running(&fleet.sandbox, "plain-1", "echo began; seq 20000; until [ -e go ]; do sleep 0.1; done; echo last; exit 4");
    let other = Sandbox::without_vault();
    let copied = Command::new("cp").arg("-r").args([fleet.sandbox.vault(), other.vault()]).status();
    assert!(copied.expect("cp can be started").success());
    fs::copy(fleet.sandbox.files().join("recovery"), other.files().join("recovery")).expect("copied");

    let following = other.start(&["--json", "job", "attach", &id]);
    fs::write(fleet.lab.home("plain-1").join("go"), "").expect("written");
    let answer = following.wait().exit(1);
    let data = answer.data("job-attach");
    assert_eq!(data["results"][0]["exit_code"], 4, "{}", data["results"]);
    assert_eq!(text(&data, "stdout"), format!("began\n{}last\n", numbers(20000)), "what the first laptop had taken, and the rest");
    assert_eq!(fleet.lab.ssh("plain-1", "ls -A \"$XDG_STATE_HOME\"/beffroi/jobs 2>/dev/null || true"), "");
}

const STEPS: &str = r#"
name = "steps"
description = "Three steps, of which the second wants a file"

[[steps]]
command = "echo one >>ran"

[[steps]]
command = "echo two >>ran; test -e go"

[[steps]]
command = "echo three >>ran"
"#;

#[test]
fn a_job_of_several_steps_goes_on_where_it_failed() {
    let fleet = Fleet::of(&["plain-1"]);
    fleet.sandbox.file("steps.toml", STEPS);
    drop(fleet.sandbox.beffroi(&["recipe", "set", "steps.toml"]).success());
    let ran = || fs::read_to_string(fleet.lab.home("plain-1").join("ran")).expect("the first step wrote it");
    let states = || {
        let job = newest(&fleet.sandbox);
        let steps = job["steps"].as_array().expect("steps").iter().map(|step| step["state"].as_str().expect("a state").to_owned());
        (job["state"].as_str().expect("a state").to_owned(), steps.collect::<Vec<_>>())
    };
    let words = ["--yes", "recipe", "run", "steps", "--on", "plain-1", "--detach"];
    assert_eq!(fleet.sandbox.json(&words).exit(1).error()["code"], "command-failed");
    assert_eq!((states(), ran()), (("failed".to_owned(), vec!["done".into(), "failed".into(), "skipped".into()]), "one\ntwo\n".to_owned()));

    let id = newest(&fleet.sandbox)["id"].as_str().expect("an id").to_owned();
    let retry = ["--yes", "job", "retry", &id];
    assert_eq!(fleet.sandbox.json(&retry).exit(1).error()["code"], "command-failed", "what was missing is still missing");
    fs::write(fleet.lab.home("plain-1").join("go"), "").expect("written");
    drop(fleet.sandbox.json(&retry).success());
    assert_eq!(states(), ("done".to_owned(), vec!["done".to_owned(); 3]));
    assert_eq!(ran(), "one\ntwo\ntwo\ntwo\nthree\n", "the first step ran once");
    assert_eq!(fleet.sandbox.json(&retry).exit(2).error()["code"], "job-not-failed");
}

#[test]
fn jobs_on_one_host_take_turns_and_others_do_not_wait_for_them() {
    let fleet = Fleet::of(&["plain-1", "ynh-1"]);
    drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
    let go = fleet.lab.home("plain-1").join("go");
    let first = began(&fleet.sandbox, "plain-1", "echo began; until [ -e go ]; do sleep 0.1; done; echo first >>order");
    let second = fleet.sandbox.start(&["--yes", "run", "--detach", "--on", "plain-1", "--", "echo second >>order"]);
    until("the second job", || (newest(&fleet.sandbox)["title"]["values"]["command"] == "echo second >>order").then_some(()));
    drop(fleet.sandbox.beffroi(&["--yes", "run", "--detach", "--on", "ynh-1", "--", "true"]).success());
    let jobs = fleet.sandbox.json(&["job", "list"]).success().data("job-list")["jobs"].take();
    let states: Vec<_> = jobs.as_array().expect("jobs").iter().map(|job| job["state"].as_str().expect("a state")).collect();
    assert_eq!(states, ["done", "queued", "running"], "{jobs}");
    fs::write(go, "").expect("written");
    drop(first.wait().success());
    drop(second.wait().success());
    assert_eq!(fs::read_to_string(fleet.lab.home("plain-1").join("order")).expect("written"), "first\nsecond\n");
}
