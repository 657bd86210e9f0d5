//! What goes wrong between a laptop and real SSH servers: links that die in every way, keys that change, bastions that
//! refuse, output that is not text or does not end.

use std::fs;
use std::path::Path;
use std::time::Duration;

use beffroi_tests::{Containers, Fleet, Relay, Running, Sandbox, Way, until};
use serde_json::json;

use crate::jobs_far::{attach, began, left_running, newest, notes, text};

/// More memory, in bytes, than any amount of output may take: with 10 GB of it a job takes 88 MiB, and a run 56.
const MOST_RESIDENT: u64 = 192 << 20;

const TEN_MINUTES: Duration = Duration::from_secs(600);

/// Tells its lines, writes down how far it is, and ends when there is a file `go`.
const TELLING: &str =
    "echo began; n=0; until [ -e go ]; do n=$((n+1)); echo line $n; echo $n >at.new; mv at.new at; sleep 0.1; done; exit 6";

/// How far the job of [`TELLING`] is.
fn told(home: &Path) -> u32 {
    until("what a job writes down", || fs::read_to_string(home.join("at")).ok()?.trim().parse().ok())
}

/// Waits until the job is further than it was.
fn further(home: &Path) -> u32 {
    let before = told(home);
    until("a job that goes on", || Some(told(home)).filter(|now| *now > before + 3))
}

#[test]
fn a_link_may_die_in_any_way_and_no_line_is_lost() {
    let mut fleet = Fleet::of(&[]);
    fleet.sandbox.keep_clock();
    let home = fleet.lab.home("plain-1");
    let relay = Relay::before(fleet.lab.host("plain-1"));
    fleet.add("far", relay.host());
    let mut running = began(&fleet.sandbox, "far", TELLING);
    let back = |running: &mut Running| running.wait_for(&format!("out line {}\n", further(&home)));
    back(&mut running);

    // Reset at both ends; closed in an orderly way; standing still and going on.
    relay.cut();
    back(&mut running);
    relay.finish();
    back(&mut running);
    relay.stall();
    further(&home);
    relay.resume();
    back(&mut running);
    // Half-open: what the host says is lost, and nobody is told that it is.
    relay.vanish(Way::Down);
    back(&mut running);
    // A lid that is closed for ten minutes: the program stands still, and its link is forgotten on the way meanwhile.
    assert_eq!(fleet.sandbox.programs().len(), 1, "one program runs");
    fleet.sandbox.sleep(TEN_MINUTES, || {
        relay.vanish(Way::Both);
        further(&home)
    });
    back(&mut running);

    fs::write(home.join("go"), "").expect("written");
    drop(running.wait().exit(1));
    let id = newest(&fleet.sandbox)["id"].as_str().expect("an id").to_owned();
    let data = fleet.sandbox.json(&["job", "show", &id]).success().data("job-show");
    let lines: String = (1..=told(&home)).map(|number| format!("line {number}\n")).collect();
    assert_eq!(text(&data, "stdout"), format!("began\n{lines}"));
    let step = &data["steps"][0];
    let took_ms = step["ended_ms"].as_u64().zip(step["started_ms"].as_u64()).map(|(ended, started)| ended - started);
    assert_eq!(step["exit_code"], 6, "{step}");
    assert!(took_ms.is_some_and(|took| took > 600_000), "the clock jumped for the program too: {step}");
    // Each of the four was noticed, and what stood still was not taken for dead.
    assert_eq!(notes(&data), ["note.link-lost", "note.attached"].repeat(4));
}

/// Waits for the program's end. Gives the most memory it had, in bytes.
fn peak(sandbox: &Sandbox, running: &mut Running) -> u64 {
    let mut peak = 0;
    while running.goes_on() {
        for pid in sandbox.programs() {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let size = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
            peak = peak.max(size.unwrap_or(0) << 10);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(peak > 0, "nothing was measured");
    peak
}

#[test]
fn output_that_does_not_end_or_is_not_text_is_bounded_and_told() {
    let fleet = Fleet::of(&["plain-1"]);
    let on = ["--on", "plain-1", "--"];
    // No line's end anywhere, bytes that are no text, and text that is cut where one of its characters goes on.
    let id = left_running(&fleet.sandbox, "plain-1", "echo began; printf 'a\\377b\\303'; yes € | head -n 90000 | tr -d '\\n'");
    let data = attach(&fleet.sandbox, &id).success().data("job-attach");
    let told = text(&data, "stdout");
    assert!(
        told == format!("began\na\u{fffd}b\u{fffd}{}", "€".repeat(90_000)),
        "{} of {} characters are damaged",
        told.matches('\u{fffd}').count(),
        told.chars().count()
    );
    assert_eq!(notes(&data), Vec::<&str>::new());
    let run = fleet.sandbox.json(&[&["run"], &on[..], &["printf 'a\\377b\\303'"]].concat()).success().data("run");
    assert_eq!(run["results"][0]["stdout"], "a\u{fffd}b\u{fffd}");

    // More than anybody keeps: 300 MB through a job, and through a command.
    let flood = "head -c 300000000 /dev/zero | tr '\\0' x";
    let mut running = fleet.sandbox.start(&[&["--json", "--yes", "run", "--detach"], &on[..], &[flood]].concat());
    let job_peak = peak(&fleet.sandbox, &mut running);
    assert_eq!(running.wait().success().data("run")["results"][0]["exit_code"], 0);
    let id = newest(&fleet.sandbox)["id"].as_str().expect("an id").to_owned();
    let data = fleet.sandbox.json(&["job", "show", &id]).success().data("job-show");
    let kept = text(&data, "stdout");
    assert!(kept.len() <= 16 << 20 && kept.len() > 15 << 20 && kept.bytes().all(|byte| byte == b'x'), "{} are kept", kept.len());
    assert_eq!(notes(&data), ["note.cut", "note.dropped"]);

    let mut running = fleet.sandbox.start(&[&["--json", "run"], &on[..], &[flood]].concat());
    let run_peak = peak(&fleet.sandbox, &mut running);
    let run = running.wait().success().data("run");
    let result = &run["results"][0];
    assert_eq!((&result["exit_code"], &result["cut"]), (&json!(0), &json!(true)));
    assert!(job_peak.max(run_peak) < MOST_RESIDENT, "{job_peak} and {run_peak} bytes of memory");
}

#[test]
fn a_key_that_changed_stops_the_following_and_not_the_job() {
    let Some(lab) = Containers::up(&["busy-1"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["busy-1"]);
    let id = left_running(&sandbox, "busy-1", "echo began; until [ -e /root/go ]; do sleep 0.1; done; echo last");
    let changed = lab.host("busy-1").rekey();
    let refused = attach(&sandbox, &id);
    assert!(refused.stdout.contains("host-key-changed") || refused.stdout.contains("job-still-running"), "{refused:?}");
    assert_eq!(newest(&sandbox)["state"], "running", "what runs there is not said to have ended");
    drop(changed.exec("touch /root/go"));
    drop(sandbox.beffroi(&["host", "trust", "busy-1", &changed.fingerprints["ed25519"]]).success());
    let data = attach(&sandbox, &id).success().data("job-attach");
    assert_eq!(text(&data, "stdout"), "began\nlast\n");
}

#[test]
fn a_bastion_that_drops_one_of_three_connections_is_asked_again() {
    let fleet = Fleet::of(&[]);
    let relay = Relay::before(fleet.lab.host("plain-1"));
    fleet.add("bastion", relay.host());
    for name in ["ynh-1", "ynh-slow"] {
        let host = fleet.lab.host(name);
        drop(fleet.add_with(name, host, &["--trust", &host.fingerprint, "--identity", "key", "--jump", "bastion"]).success());
    }
    relay.set(&["drop-every=3"]);
    for round in 1..=6 {
        let run = fleet.sandbox.json(&["run", "--on", "all", "--", "echo here"]).success().data("run");
        let results = run["results"].as_array().expect("results");
        assert!(results.len() == 3 && results.iter().all(|result| result["stdout"] == "here\n"), "round {round}: {run}");
    }
    let state = relay.state();
    assert!(state["accepted"].as_u64().is_some_and(|accepted| accepted >= 8), "one of three was dropped and came again: {state}");
}

#[test]
fn a_hundred_hosts_behind_a_bastion_with_default_limits_are_all_reached() {
    let Some(lab) = Containers::up(&["crowd"]) else { return };
    let sandbox = Sandbox::with_vault();
    lab.known_to(&sandbox, &["bastion"]);
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    for number in 1..=100 {
        let name = format!("crowd-{number:03}");
        let host = lab.host(&name).login("root");
        let port = host.port.to_string();
        let to = ["host", "add", &name, &host.address, "--port", &port, "--user", "root", "--jump", "bastion"];
        drop(sandbox.beffroi(&[&to[..], &["--trust", &host.fingerprint, "--identity", "key"]].concat()).success());
    }
    for round in 1..=2 {
        let run = sandbox.json(&["run", "--on", "all and not bastion", "--", "echo $SSH_CONNECTION"]).success().data("run");
        let results = run["results"].as_array().expect("results");
        assert_eq!(results.iter().filter(|result| result["exit_code"] == 0).count(), 100, "round {round}: {run}");
        let at = |result: &serde_json::Value| result["stdout"].as_str().and_then(|line| line.split(' ').nth(2)).map(str::to_owned);
        let addresses: std::collections::BTreeSet<_> = results.iter().filter_map(at).collect();
        assert_eq!(addresses.len(), 100, "round {round}: each answers for itself");
    }
}
