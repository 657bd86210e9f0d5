//! Copies of a vault as people and scripts meet them.

use std::fs;
use std::path::Path;

use beffroi_tests::Sandbox;
use serde_json::{Value, json};

use crate::refusals::refused;

#[track_caller]
fn copied(sandbox: &Sandbox) -> String {
    let copy = sandbox.json(&["vault", "copy", "copies"]).success().data("vault-copy");
    assert_eq!(copy["report"]["intact"], true, "{copy}");
    copy["path"].as_str().expect("a path").to_owned()
}

fn furnished() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    for number in 1..=2 {
        drop(sandbox.beffroi(&["host", "add", &format!("host-{number}"), "127.0.0.1"]).success());
    }
    sandbox
}

#[test]
fn a_copy_is_made_rehearsed_and_restored() {
    let sandbox = furnished();
    assert_eq!(sandbox.json(&["vault", "info"]).success().data("vault-info")["last_copy_ms"], Value::Null);
    let copy = copied(&sandbox);
    let info = sandbox.json(&["vault", "info"]).success().data("vault-info");
    assert!(info["last_copy_ms"].is_u64(), "{info}");
    let text = sandbox.beffroi(&["vault", "copy", "copies"]).success();
    assert!(Path::new(text.stdout.trim()).join("catalog.db").exists(), "the folder is the data: {text:?}");
    drop(sandbox.beffroi(&["--yes", "host", "remove", "host-2"]).success());

    // It opens where it lies, on a machine that saw nothing newer.
    let elsewhere = Sandbox::without_vault();
    let words = sandbox.files().join("recovery");
    let open = ["--json", "--vault", &copy, "--recovery-file", words.to_str().unwrap()];
    assert_eq!(elsewhere.bare(&[&open[..], &["vault", "info"]].concat()).success().data("vault-info")["hosts"], 2);
    assert_eq!(elsewhere.bare(&[&open[..], &["vault", "verify"]].concat()).success().data("vault-verify")["intact"], true);

    let copy = copied(&sandbox);
    drop(sandbox.beffroi(&["host", "add", "host-3", "127.0.0.1"]).success());
    let (before, anchor) = (listing(&sandbox.files()), fs::read(sandbox.outer_anchor()).unwrap());
    let rehearsed = sandbox.json(&["vault", "restore", &copy, "restored", "--rehearse"]).success().data("vault-restore");
    assert_eq!((&rehearsed["path"], &rehearsed["hosts"], &rehearsed["report"]["intact"]), (&Value::Null, &json!(1), &json!(true)));
    assert!(rehearsed["missing"].as_u64() > Some(0), "{rehearsed}");
    assert!(listing(&sandbox.files()) == before && fs::read(sandbox.outer_anchor()).unwrap() == anchor, "something was written");

    let restored = sandbox.json(&["vault", "restore", &copy, "restored"]).success().data("vault-restore");
    let path = restored["path"].as_str().unwrap();
    assert!(path.ends_with("/restored.beffroi"), "{restored}");
    assert_eq!(restored["missing"], rehearsed["missing"]);
    let open = ["--json", "--vault", path, "--recovery-file", "recovery"];
    let info = sandbox.bare(&[&open[..], &["vault", "info"]].concat()).success().data("vault-info");
    assert_eq!((&info["hosts"], &info["read_only"]), (&json!(1), &Value::Null));
    drop(sandbox.bare(&[&open[..], &["host", "add", "host-4", "127.0.0.1"]].concat()).success());
    // The folder that was there before is older now than what this machine took up.
    refused(&sandbox, &["vault", "restore", &copy, "restored"], 3, "vault-exists");
    refused(&sandbox, &["vault", "restore", "nowhere", "other"], 3, "vault-not-found");
}

#[test]
fn a_vault_that_is_open_is_not_restored_over() {
    let sandbox = furnished();
    let copy = copied(&sandbox);
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    refused(&sandbox, &["vault", "restore", &copy, "restored"], 3, "vault-still-open");
    drop(sandbox.bare(&["agent", "stop"]).success());
    assert!(!sandbox.files().join("restored.beffroi").exists());
}

#[test]
fn a_damaged_copy_is_not_restored() {
    let sandbox = furnished();
    let copy = copied(&sandbox);
    for name in ["header.json", "catalog.db", "anchor"] {
        let path = Path::new(&copy).join(name);
        let whole = fs::read(&path).unwrap();
        let mut changed = whole.clone();
        let middle = whole.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, changed).unwrap();
        let answer = sandbox.json(&["vault", "restore", &copy, "restored"]).exit(3);
        let object = answer.json();
        let reported = object["data"]["report"]["intact"] == false && object["data"]["path"] == Value::Null;
        assert!(reported || object["error"]["code"].as_str().is_some_and(|code| code.starts_with("vault-")), "{name}: {object}");
        assert!(!sandbox.files().join("restored.beffroi").exists() && !sandbox.files().join("restored.beffroi.part").exists(), "{name}");
        fs::write(&path, whole).unwrap();
    }
    drop(sandbox.json(&["vault", "restore", &copy, "restored"]).success().data("vault-restore"));
}

/// Every file under a folder, with its content.
fn listing(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            found.extend(listing(&path))
        } else {
            found.push((path.clone(), fs::read(&path).expect("a folder can be read")))
        }
    }
    found.sort();
    found
}
