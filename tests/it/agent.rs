//! The process that holds the keys: started, asked, stopped, killed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use beffroi_tests::{Fleet, PASSPHRASE, ProcessWatch, Sandbox, forms_of, python, send, until};
use serde_json::{Value, json};

use crate::refusals::refused_by;

/// A machine with a vault that is open in an agent.
#[track_caller]
pub(crate) fn opened() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    sandbox
}

#[track_caller]
fn status(sandbox: &Sandbox) -> Value {
    sandbox.bare(&["--json", "agent", "status"]).success().data("agent-status")
}

#[track_caller]
fn pid(sandbox: &Sandbox) -> u32 {
    status(sandbox)["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("it has a process id")
}

#[test]
fn it_is_started_described_and_stopped() {
    let sandbox = Sandbox::with_vault();
    for words in [["agent", "status"], ["agent", "stop"], ["vault", "lock"]] {
        refused_by(&|flags| sandbox.bare(&[flags, &words].concat()), 1, "agent-absent");
    }
    let started = sandbox.json(&["agent", "--for", "1h"]).success().data("agent");
    assert_eq!((&started["kind"], started["vaults"].as_array().map(Vec::len)), (&json!("agent"), Some(1)), "{started}");

    let told = status(&sandbox);
    let vault = &told["vaults"][0];
    assert_eq!((&told["pid"], &told["version"]), (&started["pid"], &json!(env!("CARGO_PKG_VERSION"))));
    assert_eq!((&vault["name"], &vault["stages"]), (&json!("vault"), &json!(["dev"])), "{told}");
    assert_eq!(vault["path"], sandbox.vault().to_str().unwrap());
    let lasts = told["ends_ms"].as_u64().unwrap() - told["since_ms"].as_u64().unwrap();
    assert!((3_599_000..=3_601_000).contains(&lasts), "an hour: {told}");
    let text = sandbox.bare(&["agent", "status"]).success().stdout;
    assert!(text.contains(&told["pid"].to_string()) && text.contains("vault.beffroi"), "{text}");

    drop(sandbox.bare(&["--json", "agent", "stop"]).success().data("agent-stop"));
    assert!(!socket(&sandbox).exists(), "the socket is gone when the command ends");
    refused_by(&|flags| sandbox.bare(&[flags, &["agent", "status"]].concat()), 1, "agent-absent");
    // Locked, and free for others.
    let report = sandbox.json(&["vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
    assert_eq!(&events(&sandbox)[1..3], ["journal.vault-locked", "journal.vault-unlocked"], "the newest first, after this opening");
}

#[test]
fn a_second_one_is_not_started() {
    let sandbox = opened();
    let first = pid(&sandbox);
    let again = sandbox.bare(&["--lang", "en", "agent"]).success();
    assert!(again.stderr.contains("already") && again.stderr.contains(&first.to_string()), "{again:?}");
    let again = sandbox.bare(&["agent", "--foreground"]).success();
    assert!(again.stderr.contains("already"), "{again:?}");
    // It opens what is named in the first one. This one needs no secret: it is open.
    let named = sandbox.bare(&["--json", "--vault", "vault", "agent"]).success().data("agent");
    assert_eq!((&named["pid"], named["vaults"].as_array().map(Vec::len)), (&json!(first), Some(1)));
}

#[test]
fn of_many_that_are_started_at_once_one_is_left() {
    let sandbox = Sandbox::without_vault();
    let pids: BTreeSet<String> = std::thread::scope(|scope| {
        let start = || sandbox.bare(&["--json", "agent"]).success().data("agent")["pid"].to_string();
        let starting: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starting.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(pids.len(), 1, "{pids:?}");
    assert!(pids.contains(&pid(&sandbox).to_string()));
}

#[test]
fn fifty_at_once_are_answered_and_none_needs_the_passphrase() {
    let sandbox = opened();
    // Nothing that opens the vault is left where a command could find it.
    for file in ["passphrase", "recovery"] {
        fs::remove_file(sandbox.files().join(file)).unwrap();
    }
    std::thread::scope(|scope| {
        for number in 0..50 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let name = format!("n-{number}");
                if number % 2 == 0 {
                    drop(sandbox.bare(&["--json", "host", "add", &name, "127.0.0.1"]).success().data("host-add"));
                } else {
                    drop(sandbox.bare_reading("a password\n", &["--json", "secret", "set", &name]).success().data("secret-set"));
                }
            });
        }
    });
    let all = sandbox.bare(&["--json", "host", "list"]).success().data("host-list")["hosts"].as_array().map(Vec::len);
    let secrets = sandbox.bare(&["--json", "secret", "list"]).success().data("secret-list")["secrets"].as_array().map(Vec::len);
    assert_eq!((all, secrets), (Some(25), Some(25)));
    let events = events(&sandbox);
    let count = |event: &str| events.iter().filter(|found| *found == event).count();
    assert_eq!((count("journal.host-added"), count("journal.secret-set")), (25, 25));
    assert_eq!(count("journal.vault-unlocked"), 1, "opened once, by the agent: {events:?}");
    let journal = sandbox.bare(&["--json", "journal", "verify"]).success().data("journal-verify");
    assert_eq!(journal["intact"], true, "{journal}");
}

#[test]
fn neither_passphrase_nor_words_are_in_an_argument_list_or_an_environment() {
    let sandbox = Sandbox::with_vault();
    let words = fs::read_to_string(sandbox.files().join("recovery")).unwrap();
    let watch = ProcessWatch::start([forms_of(PASSPHRASE), forms_of(words.trim())].concat());
    drop(sandbox.bare(&["--vault", "vault", "--passphrase-file", "passphrase", "vault", "unlock"]).success());
    drop(sandbox.bare(&["agent", "stop"]).success());
    drop(sandbox.bare_reading(&words, &["--vault", "vault", "--recovery-file", "-", "agent"]).success());
    drop(sandbox.bare(&["host", "list"]).success());
    assert_eq!(watch.stop(), Vec::<String>::new());
}

#[test]
fn only_its_owner_comes_near_it() {
    let sandbox = opened();
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(socket(&sandbox).parent().unwrap()), mode(&socket(&sandbox))), (0o700, 0o600));
    if fs::metadata("/proc/self").map(|about| std::os::unix::fs::MetadataExt::uid(&about)).unwrap() != 0 {
        // Who is not root cannot be somebody else; that the other end is asked who it is, a unit test sees.
        return;
    }
    // Every door is opened, and still nobody else is answered.
    let open = [(sandbox.root().to_owned(), 0o711), (sandbox.runtime(), 0o711), (socket(&sandbox).parent().unwrap().to_owned(), 0o755)];
    for (path, mode) in open.into_iter().chain([(socket(&sandbox), 0o666)]) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    const KNOCK: &str = r#"
import os, socket, sys
user = int(sys.argv[2])
os.setgroups([])
os.setgid(user)
os.setuid(user)
message = b'{"id":1,"control":"hello"}'
knock = socket.socket(socket.AF_UNIX)
knock.settimeout(60)
knock.connect(sys.argv[1])
try:
    knock.sendall(len(message).to_bytes(4, "big") + message)
    print(knock.recv(100))
except (ConnectionResetError, BrokenPipeError):
    print(b"")
"#;
    let knock = |user: u32| {
        let output = python().args(["-c", KNOCK]).arg(socket(&sandbox)).arg(user.to_string()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(knock(65534), "b''\n");
    assert!(knock(0).contains("protocol"), "its owner is answered");
}

#[test]
fn one_that_was_killed_is_replaced() {
    let sandbox = opened();
    drop(sandbox.bare(&["host", "add", "before", "127.0.0.1"]).success());
    let killed = pid(&sandbox);
    send("KILL", killed);
    until("the end of the agent", || sandbox.bare(&["agent", "status"]).code.filter(|code| *code == 1));
    assert!(socket(&sandbox).exists(), "it left its socket behind");
    refused_by(&|flags| sandbox.bare(&[flags, &["host", "list"]].concat()), 3, "vault-locked");

    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    assert_ne!(pid(&sandbox), killed);
    let hosts = sandbox.bare(&["--json", "host", "list"]).success().data("host-list");
    assert_eq!(hosts["hosts"][0]["name"], "before", "{hosts}");
    let report = sandbox.bare(&["--json", "vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
}

#[test]
fn it_ends_when_its_time_is_up() {
    let sandbox = Sandbox::with_vault();
    drop(sandbox.beffroi(&["agent", "--for", "2s"]).success());
    until("its end", || sandbox.bare(&["agent", "status"]).code.filter(|code| *code == 1));
    until("the end of its socket", || (!socket(&sandbox).exists()).then_some(()));
    assert_eq!(events(&sandbox)[1], "journal.vault-locked", "after this opening");
}

#[test]
fn who_asks_first_after_a_sleep_finds_it_locked_when_its_time_was_up_in_it() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    for (start, asleep) in [(&["vault", "unlock"][..], [29, 31]), (&["agent", "--for", "20m"], [19, 2])] {
        let mut sandbox = Sandbox::with_vault();
        sandbox.keep_clock();
        drop(sandbox.beffroi(start).success());
        sandbox.sleep(minutes(asleep[0]), || ());
        drop(sandbox.bare(&["host", "list"]).success());
        sandbox.sleep(minutes(asleep[1]), || ());
        let first = sandbox.bare(&["--json", "host", "list"]).error();
        // It may be just about to end by itself.
        assert!(first["code"] == "vault-locked" || first["code"] == "agent-lost", "{first}");
        until("the end of the agent", || sandbox.bare(&["agent", "status"]).code.filter(|code| *code == 1));
        refused_by(&|flags| sandbox.bare(&[flags, &["host", "list"]].concat()), 3, "vault-locked");
    }
}

#[test]
fn a_signal_locks_and_ends_it() {
    for signal in ["TERM", "INT", "HUP"] {
        let sandbox = Sandbox::with_vault();
        let mut running = sandbox.start(&["agent", "--foreground"]);
        running.wait_for("ready");
        assert_eq!(status(&sandbox)["vaults"][0]["name"], "vault");
        send(signal, pid(&sandbox));
        drop(running.wait().success());
        assert!(!socket(&sandbox).exists(), "{signal}");
        assert_eq!(events(&sandbox)[1], "journal.vault-locked", "{signal}");
    }
}

#[test]
fn two_vaults_are_open_side_by_side() {
    let sandbox = opened();
    let made = sandbox.bare(&["--passphrase-file", "passphrase", "vault", "create", "other", "--name", "Atelier"]).success();
    sandbox.file("others", &made.stdout);
    drop(sandbox.bare(&["--vault", "other", "--recovery-file", "others", "vault", "unlock"]).success());
    refused_by(&|flags| sandbox.bare(&[flags, &["host", "list"]].concat()), 2, "several-vaults");

    // By its folder, with and without its ending, and by its name.
    drop(sandbox.bare(&["--vault", "vault", "host", "add", "here", "127.0.0.1"]).success());
    drop(sandbox.bare(&["--vault", "other.beffroi", "host", "add", "there", "127.0.0.1"]).success());
    let hosts = |vault: &str| {
        let hosts = sandbox.bare(&["--json", "--vault", vault, "host", "list"]).success().data("host-list")["hosts"].take();
        hosts.as_array().unwrap().iter().map(|host| host["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((hosts("vault"), hosts("Atelier")), (vec!["here".to_owned()], vec!["there".to_owned()]));
    let id = status(&sandbox)["vaults"].as_array().unwrap().iter().find(|vault| vault["name"] == "Atelier").unwrap()["id"].clone();
    assert_eq!(hosts(id.as_str().unwrap()), ["there"]);

    drop(sandbox.bare(&["vault", "lock", "Atelier"]).success());
    assert_eq!(sandbox.bare(&["--json", "host", "list"]).success().data("host-list")["hosts"][0]["name"], "here");
    // One that is not open there is opened for this run, and locked again.
    let other = ["--json", "--vault", "other", "--recovery-file", "others", "host", "list"];
    assert_eq!(sandbox.bare(&other).success().data("host-list")["hosts"][0]["name"], "there");
    assert_eq!(status(&sandbox)["vaults"].as_array().map(Vec::len), Some(1));
    drop(sandbox.bare(&["vault", "lock"]).success());
    assert_eq!(status(&sandbox)["vaults"], json!([]));
}

#[test]
fn it_is_left_alone_when_it_is_not_to_be_asked() {
    let sandbox = opened();
    let list = ["host", "list"];
    refused_by(&|flags| sandbox.bare(&[flags, &["--no-agent"], &list].concat()), 3, "vault-locked");
    refused_by(&|flags| sandbox.bare_in(&[("BEFFROI_AGENT", "off")], &[flags, &list].concat()), 3, "vault-locked");
    drop(sandbox.bare(&["--no-agent", "agent", "status"]).success());
    // It has the vault, so nobody else can.
    let held = refused_by(&|flags| sandbox.beffroi(&[flags, &["--no-agent"], &list].concat()), 3, "vault-in-use");
    assert!(held["message"].as_str().unwrap().contains(&pid(&sandbox).to_string()), "{held}");
}

#[test]
fn files_are_those_of_the_caller_wherever_the_agent_works() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    sandbox.file("there", "some content");
    assert_eq!(sandbox.bare(&["--json", "put", "there", "plain-1:kept"]).success().data("put")["bytes"], 12);
    drop(sandbox.bare(&["get", "plain-1:kept", "back"]).success());
    assert_eq!(fs::read(sandbox.files().join("back")).unwrap(), b"some content");
    drop(sandbox.bare(&["journal", "export", "journal.jsonl"]).success());
    assert!(sandbox.files().join("journal.jsonl").is_file());
    drop(sandbox.bare_reading("a password", &["secret", "set", "door", "--from-file", "-"]).success());
}

#[test]
fn an_interrupt_cancels_a_copy_that_the_agent_makes() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let agent = pid(sandbox);
    // All holes, and more than is copied before the interrupt.
    fs::File::create(sandbox.files().join("large")).and_then(|file| file.set_len(4 << 30)).unwrap();
    let parts = || {
        fs::read_dir(fleet.lab.home("plain-1"))
            .unwrap()
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().contains("beffroi-part"))
            .count()
    };
    for up in [true, false] {
        let there = sandbox.files().join("large").display().to_string();
        let words = if up {
            ["put".to_owned(), "large".to_owned(), "plain-1:large".to_owned()]
        } else {
            ["get".to_owned(), format!("plain-1:{there}"), "back".to_owned()]
        };
        let copying = sandbox.start_bare(&words.each_ref().map(String::as_str));
        let begun = || if up { parts() } else { listed(sandbox) }.gt(&0).then_some(());
        until("the beginning of the copy", begun);
        copying.interrupt();
        drop(copying.wait().exit(130));
        until("the end of the copy", || (parts() + listed(sandbox) == 0).then_some(()));
    }
    assert_eq!(pid(sandbox), agent);
    assert!(!fleet.lab.home("plain-1").join("large").exists() && !sandbox.files().join("back").exists());
}

/// Parts of files that are copied here.
fn listed(sandbox: &Sandbox) -> usize {
    let entries = fs::read_dir(sandbox.files()).into_iter().flatten().flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().contains("beffroi-part")).count()
}

#[test]
fn a_job_is_followed_and_an_interrupt_ends_only_the_following() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let run = |text: &str| sandbox.start_bare(&["--yes", "run", "--detach", "--on", "plain-1", "--", text]);

    let mut shown = run("echo began; until [ -e go ]; do sleep 0.05; done; echo went; rm go");
    shown.wait_for("out began\n");
    fs::write(fleet.lab.home("plain-1").join("go"), "").unwrap();
    shown.wait_for("out went\n");
    drop(shown.wait().success());

    let mut interrupted = run("echo again; until [ -e go ]; do sleep 0.05; done; echo done");
    interrupted.wait_for("out again\n");
    let agent = pid(sandbox);
    interrupted.interrupt();
    drop(interrupted.wait().exit(130));
    assert_eq!(pid(sandbox), agent);
    let job = newest_job(sandbox);
    assert_eq!((&job["state"], &job["attached"]), (&json!("running"), &json!(true)), "the agent follows it");
    fs::write(fleet.lab.home("plain-1").join("go"), "").unwrap();
    until("the end of the job", || Some(newest_job(sandbox)).filter(|job| job["state"] == "done"));
}

#[test]
fn a_job_goes_on_when_the_agent_is_stopped_and_another_attaches() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let text = "echo began; until [ -e go ]; do sleep 0.05; done; echo went";
    let mut following = sandbox.start_bare(&["--yes", "run", "--detach", "--on", "plain-1", "--", text]);
    following.wait_for("out began\n");
    drop(sandbox.bare(&["agent", "stop"]).success());
    let left = following.wait();
    assert!(matches!(left.code, Some(1 | 3)), "it says that the vault is locked or the agent is gone: {left:?}");

    fs::write(fleet.lab.home("plain-1").join("go"), "").unwrap();
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let job = newest_job(sandbox)["id"].as_str().unwrap().to_owned();
    let attached = sandbox.bare(&["--json", "job", "attach", &job]).success().data("job-attach");
    let output: String = attached["output"].as_array().unwrap().iter().filter_map(|piece| piece["text"].as_str()).collect();
    assert_eq!(output, "began\nwent\n");
}

#[track_caller]
fn newest_job(sandbox: &Sandbox) -> Value {
    sandbox.bare(&["--json", "job", "list"]).success().data("job-list")["jobs"][0].take()
}

/// The socket of the sandbox's agent.
pub(crate) fn socket(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.runtime().join("beffroi/agent.sock")
}

/// What the journal tells, the newest first.
#[track_caller]
pub(crate) fn events(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(&["journal", "list", "--limit", "500"]);
    let list = if list.code == Some(0) { list } else { sandbox.bare(&["--json", "journal", "list", "--limit", "500"]) };
    let entries = list.success().data("journal-list")["entries"].take();
    let event = |entry: &Value| entry["event"]["key"].as_str().expect("an entry has an event").to_owned();
    entries.as_array().expect("entries").iter().map(event).collect()
}
