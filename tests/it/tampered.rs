//! A vault that somebody changed: refused or reported, never wrong data.

use std::fs;
use std::path::Path;

use beffroi_tests::{Answer, Sandbox, until};
use serde_json::{Value, json};

/// What a damaged vault may be called.
const CODES: [&str; 4] = ["vault-damaged", "vault-too-new", "vault-wrong-recovery-words", "vault-not-found"];

#[test]
fn every_byte_of_the_header_counts() {
    let sandbox = Sandbox::with_vault();
    let path = sandbox.vault().join("header.json");
    let whole = fs::read(&path).unwrap();
    let refused = |content: &[u8], what: &str| {
        fs::write(&path, content).unwrap();
        let answer = sandbox.json(&["vault", "info"]);
        assert_eq!(answer.code, Some(3), "{what} was not refused: {answer:?}");
        let error = answer.error();
        assert!(CODES.contains(&error["code"].as_str().unwrap()), "{what}: {error}");
        assert_eq!(fs::read(&path).unwrap(), content, "{what}: nothing is repaired behind the owner's back");
    };
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        // Every bit has its turn; of letters, their case too.
        changed[at] ^= if at % 3 == 0 && whole[at].is_ascii_alphabetic() { 0x20 } else { 1 << (at % 8) };
        refused(&changed, &format!("a change of byte {at}"));
    }
    for length in [0, 1, whole.len() / 3, whole.len() / 2, whole.len() - 2, whole.len() - 1] {
        refused(&whole[..length], &format!("a cut to {length} bytes"));
    }
    for more in [" ".to_owned(), "\n".repeat(2), "x".to_owned(), " ".repeat(70 << 10), "[".repeat(1 << 20)] {
        refused(&[&whole[..], more.as_bytes()].concat(), &format!("{} bytes more", more.len()));
    }
    let spaced = String::from_utf8(whole.clone()).unwrap().replace("\n  ", "\n ");
    refused(spaced.as_bytes(), "other white space");
    let mut again: Value = serde_json::from_slice(&whole).unwrap();
    again["slots"].as_array_mut().unwrap().remove(0);
    refused(again.to_string().as_bytes(), "a slot less");

    fs::write(&path, &whole).unwrap();
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn the_header_of_another_vault_is_refused() {
    let (sandbox, other) = (Sandbox::with_vault(), Sandbox::with_vault());
    fs::copy(other.vault().join("header.json"), sandbox.vault().join("header.json")).unwrap();
    drop(sandbox.json(&["vault", "info"]).exit(3).error());
    // Nor does the other's way in lead to this one's records.
    fs::copy(other.files().join("recovery"), sandbox.files().join("recovery")).unwrap();
    assert_eq!(sandbox.json(&["vault", "info"]).exit(3).error()["code"], "vault-damaged");
}

/// A vault with something in it.
fn furnished() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    for number in 1..=3 {
        drop(sandbox.beffroi(&["host", "add", &format!("host-{number}"), "127.0.0.1", "--tag", "kept"]).success());
    }
    drop(sandbox.beffroi_reading("a-secret-value", &["secret", "set", "kept"]).success());
    sandbox
}

/// It says so, in one way or the other.
#[track_caller]
fn reported(answer: &Answer, what: &str) {
    assert_eq!(answer.code, Some(3), "{what} was not noticed: {answer:?}");
    let object = answer.json();
    let refused = CODES.iter().chain(&["vault-behind"]).any(|code| object["error"]["code"] == *code);
    let report = object["data"]["intact"] == false;
    assert!(refused || report, "{what}: {object}");
}

#[test]
fn a_changed_byte_of_any_page_of_the_database_is_noticed() {
    const PAGE: usize = 4096;
    let original = furnished();
    let whole = fs::read(original.vault().join("catalog.db")).unwrap();
    assert!(whole.len().is_multiple_of(PAGE) && whole.len() > 4 * PAGE, "{} bytes", whole.len());
    for page in 0..whole.len() / PAGE {
        let sandbox = original.duplicate();
        let mut changed = whole.clone();
        // Another place in each page: content, initialisation vector and MAC have their turn.
        let at = page * PAGE + (page * 1597 + 13) % PAGE;
        changed[at] ^= 0x10;
        fs::write(sandbox.vault().join("catalog.db"), changed).unwrap();
        reported(&sandbox.json(&["vault", "verify"]), &format!("byte {at}, on page {page}"));
    }
    let cut = original.duplicate();
    for length in [0, 100, PAGE, whole.len() - PAGE, whole.len() - 1] {
        fs::write(cut.vault().join("catalog.db"), &whole[..length]).unwrap();
        reported(&cut.json(&["vault", "verify"]), &format!("a cut to {length} bytes"));
    }
}

#[test]
fn a_page_of_yesterday_in_the_database_of_today_is_noticed() {
    const PAGE: usize = 4096;
    let original = furnished();
    let old = fs::read(original.vault().join("catalog.db")).unwrap();
    drop(original.beffroi(&["--yes", "host", "remove", "host-2"]).success());
    let new = fs::read(original.vault().join("catalog.db")).unwrap();
    let differing = (0..old.len().min(new.len()) / PAGE).filter(|page| old[page * PAGE..][..PAGE] != new[page * PAGE..][..PAGE]);
    let differing: Vec<usize> = differing.collect();
    assert!(!differing.is_empty());
    for page in differing {
        let sandbox = original.duplicate();
        let mut mixed = new.clone();
        mixed[page * PAGE..][..PAGE].copy_from_slice(&old[page * PAGE..][..PAGE]);
        fs::write(sandbox.vault().join("catalog.db"), mixed).unwrap();
        let answer = sandbox.json(&["vault", "verify"]);
        if answer.code == Some(0) {
            // A page that holds nothing any more: then nothing of yesterday may show.
            let names = sandbox.json(&["host", "list"]).success().data("host-list");
            assert_eq!(names, original.json(&["host", "list"]).success().data("host-list"), "page {page} brought yesterday back");
        } else {
            reported(&answer, &format!("page {page} of yesterday"));
        }
    }
}

#[test]
fn a_write_ahead_log_that_was_changed_cut_or_lost_is_noticed() {
    let original = killed_while_open();
    let log = original.vault().join("catalog.db-wal");
    let whole = fs::read(&log).unwrap();
    assert!(whole.len() > 4096, "a killed process leaves its log");
    for at in [40, 60, whole.len() / 4, whole.len() / 2] {
        let sandbox = original.duplicate();
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(sandbox.vault().join("catalog.db-wal"), changed).unwrap();
        reported(&sandbox.json(&["vault", "verify"]), &format!("byte {at} of the log"));
    }
    for length in [0, 32, 4096] {
        let sandbox = original.duplicate();
        fs::write(sandbox.vault().join("catalog.db-wal"), &whole[..length]).unwrap();
        reported(&sandbox.json(&["vault", "verify"]), &format!("a log cut to {length} bytes"));
    }
    assert_eq!(original.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

/// A vault whose process was killed after it wrote: the newest entries are in the write-ahead log only.
fn killed_while_open() -> Sandbox {
    let sandbox = furnished();
    drop(sandbox.beffroi(&["host", "add", "silent", "127.0.0.1", "--port", &silent_port()]).success());
    let before = fs::read(sandbox.outer_anchor()).expect("an anchor");
    let running = sandbox.start(&["host", "test", "silent"]);
    let log = sandbox.vault().join("catalog.db-wal");
    until("the log of an open vault", || fs::metadata(&log).is_ok_and(|log| log.len() > 4096).then_some(()));
    until("the anchor of the opening", || {
        (fs::read(sandbox.outer_anchor()).expect("an anchor") != before && anchored(&sandbox) == Some(true)).then_some(())
    });
    drop(running.kill());
    sandbox
}

/// Whether both copies of the anchor are the same, as they are once an entry is written.
fn anchored(sandbox: &Sandbox) -> Option<bool> {
    Some(fs::read(sandbox.vault().join("anchor")).ok()? == fs::read(sandbox.outer_anchor()).ok()?)
}

/// A port that takes connections and never says a word.
fn silent_port() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    let port = listener.local_addr().expect("it listens somewhere").port();
    // Open for as long as this test's process lives.
    std::mem::forget(listener);
    port.to_string()
}

#[test]
fn an_older_copy_of_the_whole_folder_is_only_read_where_a_newer_one_was_seen() {
    let sandbox = furnished();
    let copy = sandbox.duplicate();
    drop(sandbox.beffroi(&["--yes", "host", "remove", "host-2"]).success());
    let newer = fs::read(sandbox.vault().join("catalog.db")).unwrap();
    replace_folder(&copy.vault(), &sandbox.vault());

    let behind = |why: &str| {
        let info = sandbox.json(&["vault", "info"]).success().data("vault-info");
        assert!(info["read_only"].is_object() && info["hosts"] == 3, "{why}: {info}");
        reported(&sandbox.json(&["vault", "verify"]), why);
        let error = crate::refusals::refused(&sandbox, &["--yes", "host", "remove", "host-2"], 3, "vault-behind");
        assert!(error["message"].as_str().unwrap().contains(char::is_numeric), "how much is missing: {error}");
    };
    behind("the whole folder");
    let (now, then) = (sandbox.vault().join("catalog.db"), copy.vault().join("catalog.db"));
    assert!(fs::read(&now).unwrap() == fs::read(then).unwrap(), "it is left as it is");
    // The database alone is no better, nor is an old database with the new anchor in the folder.
    fs::copy(sandbox.outer_anchor(), sandbox.vault().join("anchor")).unwrap();
    behind("the database alone");
    // The newer one is taken again.
    fs::write(now, newer).unwrap();
    let hosts = sandbox.json(&["host", "list"]).success().data("host-list");
    assert_eq!(hosts["hosts"].as_array().map(Vec::len), Some(2));
    drop(sandbox.beffroi(&["--yes", "host", "remove", "host-3"]).success());
    // On a machine that never saw the newer one, the older one is what there is.
    assert_eq!(copy.json(&["vault", "info"]).success().data("vault-info")["hosts"], 3);
}

/// Something done to the bytes of a file.
type Damage = fn(&mut Vec<u8>);

#[test]
fn anchors_that_were_changed_or_taken_away_are_noticed() {
    let original = furnished();
    let damages: [(&str, Damage); 4] = [
        ("changed", |anchor| anchor[80] ^= 4),
        ("with another MAC", |anchor| anchor[150] ^= 4),
        ("cut", |anchor| anchor.truncate(100)),
        ("emptied", Vec::clear),
    ];
    for (what, damage) in damages {
        for outer in [false, true] {
            let sandbox = original.duplicate();
            let path = if outer { sandbox.outer_anchor() } else { sandbox.vault().join("anchor") };
            let mut anchor = fs::read(&path).unwrap();
            damage(&mut anchor);
            fs::write(path, anchor).unwrap();
            reported(&sandbox.json(&["vault", "verify"]), &format!("an anchor {what} (on this machine: {outer})"));
        }
    }
    let both = original.duplicate();
    fs::remove_file(both.outer_anchor()).unwrap();
    fs::remove_file(both.vault().join("anchor")).unwrap();
    reported(&both.json(&["vault", "verify"]), "both anchors taken away");
    // One alone is what a vault has that was carried to a new machine; the other is made anew.
    for outer in [false, true] {
        let sandbox = original.duplicate();
        fs::remove_file(if outer { sandbox.outer_anchor() } else { sandbox.vault().join("anchor") }).unwrap();
        assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
        assert_eq!(anchored(&sandbox), Some(true));
    }
}

#[test]
fn rows_cannot_be_read_with_another_vaults_key() {
    let (sandbox, other) = (furnished(), furnished());
    fs::copy(other.vault().join("catalog.db"), sandbox.vault().join("catalog.db")).unwrap();
    assert_eq!(sandbox.json(&["host", "list"]).exit(3).error()["code"], json!("vault-damaged"));
}

fn replace_folder(from: &Path, to: &Path) {
    fs::remove_dir_all(to).expect("a folder can be removed");
    fs::create_dir(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file can be copied");
    }
}
