//! Ways into a vault as people and scripts meet them, with a real keyring, and a change of all keys that is killed.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use beffroi_tests::{Sandbox, until};
use serde_json::{Value, json};

use crate::refusals::{refused, refused_by};

#[track_caller]
fn slots(sandbox: &Sandbox) -> Vec<Value> {
    let mut list = sandbox.json(&["vault", "slot", "list"]).success().data("vault-slot-list");
    let Value::Array(slots) = list["slots"].take() else { beffroi_tests::fail("a list") };
    slots
}

#[test]
fn ways_in_are_added_listed_used_and_removed() {
    let sandbox = Sandbox::with_vault();
    sandbox.file("new-passphrase", "teapot canyon silver marble\n");
    let add = |words: &[&str]| sandbox.json(&[&["vault", "slot", "add"], words].concat()).success().data("vault-slot-add")["slot"].take();
    let file = add(&["passphrase-key-file", "--new-passphrase-file", "new-passphrase", "--new-key-file", "stick", "--label", "the stick"]);
    assert_eq!((&file["kind"], &file["label"]), (&json!("passphrase-key-file"), &json!("the stick")));
    assert!(file["memory_kib"].as_u64() >= Some(64 << 10) && file["passes"].as_u64() >= Some(3), "under the floor: {file}");
    let words = sandbox.json(&["vault", "slot", "add", "recovery"]).success().data("vault-slot-add");
    sandbox.file("words", words["recovery_words"].as_str().unwrap());
    let kinds: Vec<_> = slots(&sandbox).iter().map(|slot| slot["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds, ["passphrase", "recovery", "passphrase-key-file", "recovery"]);

    let open = |flags: &[&str]| sandbox.bare(&[&["--json", "--vault", "vault"], flags, &["vault", "info"]].concat());
    drop(open(&["--passphrase-file", "new-passphrase", "--key-file", "stick"]).success().data("vault-info"));
    drop(open(&["--recovery-file", "words"]).success().data("vault-info"));
    assert_eq!(open(&["--passphrase-file", "new-passphrase"]).exit(3).error()["code"], "vault-wrong-passphrase");
    assert_eq!(open(&["--passphrase-file", "passphrase", "--key-file", "stick"]).exit(3).error()["code"], "vault-wrong-passphrase");
    assert_eq!(open(&["--passphrase-file", "new-passphrase", "--key-file", "recovery"]).exit(2).error()["code"], "key-file-invalid");

    for slot in [&file, &words["slot"]] {
        let id = slot["id"].as_str().unwrap();
        drop(sandbox.json(&["--yes", "vault", "slot", "remove", id]).success().data("vault-slot-remove"));
    }
    let absent = open(&["--passphrase-file", "new-passphrase", "--key-file", "stick"]).exit(3).error();
    assert_eq!(absent["code"], "slot-absent");
    assert_eq!(open(&["--recovery-file", "words"]).exit(3).error()["code"], "vault-wrong-recovery-words");
    assert_eq!(slots(&sandbox).len(), 2);
    // The one that is left with the words, by the end of its id; then the words are the last.
    let passphrase = slots(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    let end: String = passphrase.chars().skip(passphrase.len() - 8).collect();
    drop(sandbox.json(&["--yes", "vault", "slot", "remove", &end]).success().data("vault-slot-remove"));
    let last = slots(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    refused(&sandbox, &["--yes", "vault", "slot", "remove", &last], 7, "slot-last");
    assert_eq!(slots(&sandbox).len(), 1);
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn what_is_missing_or_wrong_is_said_and_nothing_is_changed() {
    let sandbox = Sandbox::with_vault();
    let header = fs::read(sandbox.vault().join("header.json")).unwrap();
    sandbox.file("short", "eleven char");
    sandbox.file("new-passphrase", "teapot canyon silver marble\n");
    for (words, flag) in [
        (&["vault", "passwd"][..], "--new-passphrase-file"),
        (&["vault", "slot", "add", "passphrase"], "--new-passphrase-file"),
        (&["vault", "slot", "add", "passphrase-key-file", "--new-passphrase-file", "new-passphrase"], "--new-key-file"),
        (&["vault", "slot", "add", "identity"], "--identity"),
        (&["vault", "rekey"], "--yes"),
    ] {
        let error = refused(&sandbox, words, 2, "flag-missing");
        assert!(error["message"].as_str().unwrap().contains(flag), "{words:?}: {error}");
    }
    let id = slots(&sandbox)[0]["id"].as_str().unwrap().to_owned();
    let error = refused(&sandbox, &["vault", "slot", "remove", &id], 2, "flag-missing");
    assert!(error["message"].as_str().unwrap().contains("--yes"), "{error}");
    refused(&sandbox, &["--yes", "vault", "slot", "remove", "none"], 2, "slot-not-found");
    refused(&sandbox, &["vault", "passwd", "--new-passphrase-file", "short"], 2, "vault-passphrase-weak");
    refused(&sandbox, &["vault", "passwd", "--new-passphrase-file", "nowhere"], 1, "local-file");
    refused(&sandbox, &["vault", "slot", "add", "identity", "--identity", "nobody"], 2, "identity-not-found");
    let to_recovery =
        ["vault", "slot", "add", "passphrase-key-file", "--new-passphrase-file", "new-passphrase", "--new-key-file", "recovery"];
    refused(&sandbox, &to_recovery, 2, "key-file-invalid");
    // The words cannot go on as the way in of a vault with new keys.
    refused(&sandbox, &["--yes", "vault", "rekey"], 2, "invalid-request");
    let bare = |words: &[&str], exit, code| refused_by(&|flags| sandbox.bare(&[flags, &["--vault", "vault"], words].concat()), exit, code);
    bare(&["--with-identity", "vault", "info"], 3, "identity-not-open");
    let error = bare(&["vault", "info"], 2, "flag-missing");
    assert!(error["message"].as_str().unwrap().contains("--passphrase-file"), "{error}");
    assert!(fs::read(sandbox.vault().join("header.json")).unwrap() == header, "a way in was changed");
}

#[test]
fn another_passphrase_takes_the_place_of_the_old_one() {
    let sandbox = Sandbox::with_vault();
    sandbox.file("new-passphrase", "teapot canyon silver marble\n");
    let answer = sandbox.bare(&[
        "--vault",
        "vault",
        "--passphrase-file",
        "passphrase",
        "vault",
        "passwd",
        "--new-passphrase-file",
        "new-passphrase",
    ]);
    let said = answer.success().stderr;
    assert!(!said.trim().is_empty(), "it says that copies still open with the old one");
    let open = |file: &str| sandbox.bare(&["--json", "--vault", "vault", "--passphrase-file", file, "vault", "info"]);
    drop(open("new-passphrase").success());
    assert_eq!(open("passphrase").exit(3).error()["code"], "vault-wrong-passphrase");
    // From standard input, both to open and to prove it, in one run.
    let words = ["--json", "--vault", "vault", "--passphrase-file", "-", "vault", "passwd", "--new-passphrase-file", "passphrase"];
    drop(sandbox.bare_reading("teapot canyon silver marble\n", &words).success().data("vault-passwd"));
    drop(open("passphrase").success());
}

/// A vault with 30 secrets and 3 hosts, and a second passphrase that a change of all keys will drop.
fn furnished() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    for number in 1..=3 {
        drop(sandbox.beffroi(&["host", "add", &format!("host-{number}"), "127.0.0.1"]).success());
    }
    for number in 0..5 {
        drop(sandbox.beffroi_reading("a-secret-value", &["secret", "set", &format!("s-{number}")]).success());
    }
    sandbox
}

#[test]
fn a_vault_with_new_keys_has_everything_and_the_old_words_do_not_open_it() {
    let sandbox = furnished();
    let exported = sandbox.files().join("before.jsonl");
    drop(sandbox.json(&["journal", "export", "before.jsonl"]).success().data("journal-export"));
    let copy = sandbox.duplicate();
    let by_passphrase =
        |words: &[&str]| sandbox.bare(&[&["--json", "--vault", "vault", "--passphrase-file", "passphrase"], words].concat());
    let rekeyed = by_passphrase(&["--yes", "vault", "rekey"]).success().data("vault-rekey");
    let words = rekeyed["recovery_words"].as_str().unwrap();
    assert_eq!(words.split(' ').count(), 24);
    assert_eq!((&rekeyed["vault"]["hosts"], &rekeyed["vault"]["secrets"], &rekeyed["dropped"]), (&json!(3), &json!(5), &json!([])));
    assert_eq!(sandbox.json(&["vault", "info"]).exit(3).error()["code"], "vault-wrong-recovery-words");
    sandbox.file("recovery", words);
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
    let journal = sandbox.json(&["journal", "verify"]).success().data("journal-verify");
    assert_eq!(journal["intact"], true, "{journal}");
    assert!(journal["chains"][0]["signed"].as_u64() > Some(0), "the signatures still hold: {journal}");
    for file in ["before.jsonl", "after.jsonl"] {
        if file == "after.jsonl" {
            drop(sandbox.json(&["journal", "export", file]).success().data("journal-export"));
        }
        let signer = journal["chains"][0]["signer"].as_str().unwrap();
        let report = sandbox.bare(&["--json", "journal", "verify", "--file", file, "--signer", signer]).success().data("journal-verify");
        assert_eq!(report["intact"], true, "{file}: {report}");
    }
    assert!(exported.exists() && !sandbox.vault().join("rekey").exists());
    // The folder of before opens with the old words, where nothing newer was seen.
    assert_eq!(copy.json(&["vault", "info"]).success().data("vault-info")["secrets"], 5);
}

#[test]
fn a_change_of_all_keys_that_is_killed_leaves_the_old_keys_or_the_new_ones() {
    let sandbox = furnished();
    let words = ["--json", "--vault", "vault", "--passphrase-file", "passphrase", "--yes", "vault", "rekey"];
    let started = std::time::Instant::now();
    let made = sandbox.bare(&words).success().data("vault-rekey");
    sandbox.file("recovery", made["recovery_words"].as_str().unwrap());
    let whole = started.elapsed();
    for round in 1..=10_u32 {
        let mut running = sandbox.start_bare(&words);
        let until_killed = whole * round / 10;
        let began = std::time::Instant::now();
        while running.goes_on() && began.elapsed() < until_killed {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let answer = running.kill();
        // Which it is, the program may not have lived to say; its passphrase opens either.
        let open = |words: &[&str]| sandbox.bare(&[&["--json", "--vault", "vault", "--passphrase-file", "passphrase"], words].concat());
        let report = open(&["vault", "verify"]).success().data("vault-verify");
        assert_eq!(report["intact"], true, "round {round}: {report}");
        let info = open(&["vault", "info"]).success().data("vault-info");
        assert_eq!((&info["hosts"], &info["secrets"], &info["read_only"]), (&json!(3), &json!(5), &Value::Null), "round {round}");
        if answer.stdout.contains("recovery_words") {
            sandbox.file("recovery", answer.data("vault-rekey")["recovery_words"].as_str().unwrap());
            drop(sandbox.json(&["vault", "info"]).success());
        }
    }
    assert!(!sandbox.vault().join("rekey").exists(), "nothing of the work is left once the vault was opened");
}

/// A session bus and GNOME's keyring on it, unlocked or not, of this sandbox's own.
struct Keyring {
    bus: Child,
    daemon: Option<Child>,
    address: String,
}

impl Keyring {
    /// `password`: what the login unlocks with. None: a bus without a keyring.
    #[track_caller]
    fn start(sandbox: &Sandbox, password: Option<&str>) -> Self {
        let socket: PathBuf = sandbox.runtime().join("bus");
        drop(fs::remove_file(&socket));
        let address = format!("unix:path={}", socket.display());
        let rules = sandbox.file(
            "bus.conf",
            &format!(
                r#"<busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth><policy context="default">
                <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#
            ),
        );
        let mut command = Command::new("dbus-daemon");
        command.arg("--nofork").arg("--nopidfile").arg(format!("--config-file={}", rules.display()));
        let bus = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let bus = bus.expect("dbus-daemon is missing: install D-Bus (Debian, Ubuntu: apt install dbus)");
        until("the bus", || socket.exists().then_some(()));
        let mut keyring = Self { bus, daemon: None, address };
        keyring.daemon = password.map(|password| keyring.daemon(sandbox, password));
        keyring
    }

    fn daemon(&self, sandbox: &Sandbox, password: &str) -> Child {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets", "--unlock"]).env_clear().env("PATH", "/usr/bin:/bin");
        command.env("HOME", sandbox.root().join("home")).env("XDG_RUNTIME_DIR", sandbox.runtime());
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = command.spawn();
        let mut daemon = daemon.expect("gnome-keyring-daemon is missing (Debian, Ubuntu: apt install gnome-keyring)");
        daemon.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("written");
        let asks = ["--print-reply", "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner"];
        until("the keyring on the bus", || {
            let mut ask = Command::new("dbus-send");
            ask.arg(format!("--bus={}", self.address)).args(asks).arg("string:org.freedesktop.secrets");
            let answer = ask.output().expect("dbus-send is missing: install D-Bus (Debian, Ubuntu: apt install dbus-bin)");
            String::from_utf8_lossy(&answer.stdout).contains("boolean true").then_some(())
        });
        daemon
    }

    fn run(&self, sandbox: &Sandbox, words: &[&str]) -> beffroi_tests::Answer {
        let environment = [("DBUS_SESSION_BUS_ADDRESS", self.address.as_str())];
        sandbox.bare_in(&environment, &[&["--json", "--vault", "vault"], words].concat())
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        for child in self.daemon.iter_mut().chain([&mut self.bus]) {
            // One that ended already cannot be killed, and need not be.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

#[test]
fn a_login_that_is_unlocked_opens_the_vault_by_its_keyring() {
    let sandbox = Sandbox::with_vault();
    sandbox.file("new-passphrase", "teapot canyon silver marble\n");
    let keyring = Keyring::start(&sandbox, Some("login"));
    let with_words = |words: &[&str]| keyring.run(&sandbox, &[&["--recovery-file", "recovery"], words].concat());
    let alone = with_words(&["vault", "slot", "add", "keyring", "--label", "this laptop"]).success().data("vault-slot-add")["slot"].take();
    assert_eq!((&alone["kind"], &alone["weakest"]), (&json!("keyring"), &json!(true)), "as strong as the login, and it says so");
    let second = ["vault", "slot", "add", "passphrase-keyring", "--new-passphrase-file", "new-passphrase"];
    let both = with_words(&second).success().data("vault-slot-add")["slot"].take();

    drop(keyring.run(&sandbox, &["--keyring", "host", "list"]).success().data("host-list"));
    drop(keyring.run(&sandbox, &["--keyring", "--passphrase-file", "new-passphrase", "host", "list"]).success().data("host-list"));
    let wrong = keyring.run(&sandbox, &["--keyring", "--passphrase-file", "passphrase", "host", "list"]).exit(3).error();
    assert_eq!(wrong["code"], "vault-wrong-passphrase");
    let one = keyring.run(&sandbox, &["--passphrase-file", "new-passphrase", "host", "list"]).exit(3).error();
    assert_eq!(one["code"], "vault-wrong-passphrase", "the second factor is needed");
    let findings = with_words(&["vault", "health"]).success().data("vault-health")["findings"].take();
    let weakest = findings.as_array().unwrap().iter().find(|finding| finding["what"]["key"] == "health.weakest").unwrap().clone();
    assert_eq!(weakest["grade"], "fair", "{weakest}");

    // Locked by a login that has another password, or gone: a typed error, and no hang.
    drop(keyring);
    let locked = Keyring::start(&sandbox, Some("another login"));
    let error = locked.run(&sandbox, &["--keyring", "host", "list"]).exit(3).error();
    assert!(["keyring-locked", "keyring-unavailable"].contains(&error["code"].as_str().unwrap()), "{error}");
    drop(locked);

    let keyring = Keyring::start(&sandbox, Some("login"));
    for slot in [&alone, &both] {
        let words = ["--recovery-file", "recovery", "--yes", "vault", "slot", "remove", slot["id"].as_str().unwrap()];
        drop(keyring.run(&sandbox, &words).success().data("vault-slot-remove"));
    }
    for words in [&["--keyring", "host", "list"][..], &["--keyring", "--passphrase-file", "new-passphrase", "host", "list"]] {
        assert_eq!(keyring.run(&sandbox, words).exit(3).error()["code"], "slot-absent", "{words:?}");
    }
}

#[test]
fn the_keyring_alone_is_never_the_last_way_in() {
    let sandbox = Sandbox::with_vault();
    let keyring = Keyring::start(&sandbox, Some("login"));
    drop(keyring.run(&sandbox, &["--recovery-file", "recovery", "vault", "slot", "add", "keyring"]).success());
    let ids: Vec<_> = slots(&sandbox).iter().map(|slot| (slot["kind"].clone(), slot["id"].as_str().unwrap().to_owned())).collect();
    let remove = |id: &str| keyring.run(&sandbox, &["--keyring", "--yes", "vault", "slot", "remove", id]);
    let id = |kind: &str| ids.iter().find(|(of, _)| of == kind).unwrap().1.clone();
    drop(remove(&id("passphrase")).success().data("vault-slot-remove"));
    assert_eq!(remove(&id("recovery")).exit(7).error()["code"], "slot-last");
    drop(sandbox.json(&["vault", "info"]).success().data("vault-info"));
}

#[test]
fn without_a_keyring_the_error_says_so_and_nothing_is_added() {
    let sandbox = Sandbox::with_vault();
    let before = slots(&sandbox);
    let add = ["--recovery-file", "recovery", "vault", "slot", "add", "keyring"];
    // No bus at all.
    refused_by(&|flags| sandbox.bare(&[flags, &["--vault", "vault"], &add].concat()), 3, "keyring-unavailable");
    // A bus without a keyring.
    let bus = Keyring::start(&sandbox, None);
    assert_eq!(bus.run(&sandbox, &add).exit(3).error()["code"], "keyring-unavailable");
    assert_eq!(slots(&sandbox), before, "no way in that nothing opens");
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
    let open = bus.run(&sandbox, &["--keyring", "host", "list"]).exit(3).error();
    assert_eq!(open["code"], "slot-absent");
}
