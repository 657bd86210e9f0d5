//! Refusals of the vault: wrong secret, damaged, too new, in use, not there.

use std::fs;

use beffroi_tests::{Fleet, Sandbox, until};
use serde_json::{Value, json};

use crate::refusals::{refused, refused_by};

#[test]
fn a_wrong_passphrase() {
    let sandbox = Sandbox::with_vault();
    let header = fs::read(sandbox.vault().join("header.json")).unwrap();
    sandbox.file("wrong", "quartz lantern orchard nimbler\n");
    let words = ["--vault", "vault.beffroi", "--passphrase-file", "wrong", "host", "list"];
    refused_by(&|flags| sandbox.bare(&[flags, &words].concat()), 3, "vault-wrong-passphrase");
    assert_eq!(fs::read(sandbox.vault().join("header.json")).unwrap(), header);
    // The journal has the making, this opening, and nothing in between.
    assert_eq!(sandbox.json(&["vault", "info"]).success().data("vault-info")["journal_entries"], 3);
}

#[test]
fn wrong_recovery_words() {
    let sandbox = Sandbox::with_vault();
    let right = fs::read_to_string(sandbox.files().join("recovery")).unwrap();
    let twisted: Vec<&str> = right.split(' ').rev().collect();
    let other = Sandbox::with_vault();
    let others = fs::read_to_string(other.files().join("recovery")).unwrap();
    for words in [twisted.join(" "), others, "abandon ".repeat(24), String::new(), "\u{0}".to_owned()] {
        sandbox.file("recovery", &words);
        refused(&sandbox, &["host", "list"], 3, "vault-wrong-recovery-words");
    }
    sandbox.file("recovery", &right);
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn a_header_that_was_made_by_a_newer_program() {
    let sandbox = Sandbox::with_vault();
    let path = sandbox.vault().join("header.json");
    let mut header: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(header["version"], 1);
    header["version"] = json!(2);
    fs::write(&path, header.to_string()).unwrap();
    let error = refused(&sandbox, &["vault", "info"], 3, "vault-too-new");
    assert!(error["message"].as_str().unwrap().contains('2'), "the version is told: {error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), header.to_string(), "it is left as it is");
}

#[test]
fn a_vault_that_is_not_there() {
    let sandbox = Sandbox::without_vault();
    sandbox.file("recovery", &"abandon ".repeat(24));
    refused(&sandbox, &["vault", "info"], 3, "vault-not-found");
    assert!(!sandbox.vault().exists());
    refused_by(&|flags| sandbox.bare(&[flags, &["--passphrase-file", "passphrase", "host", "list"]].concat()), 3, "vault-locked");
}

#[test]
fn a_vault_where_something_is_already() {
    let sandbox = Sandbox::with_vault();
    let header = fs::read(sandbox.vault().join("header.json")).unwrap();
    let words = ["--passphrase-file", "passphrase", "vault", "create", "vault"];
    refused_by(&|flags| sandbox.bare(&[flags, &words].concat()), 3, "vault-exists");
    assert_eq!(fs::read(sandbox.vault().join("header.json")).unwrap(), header);
}

#[test]
fn a_passphrase_that_is_too_short() {
    let sandbox = Sandbox::without_vault();
    sandbox.file("short", "eleven char\n");
    let words = ["--passphrase-file", "short", "vault", "create", "vault"];
    refused_by(&|flags| sandbox.bare(&[flags, &words].concat()), 2, "vault-passphrase-weak");
    assert!(!sandbox.vault().exists());
}

#[test]
fn a_vault_that_another_process_has_open() {
    let fleet = Fleet::of(&["plain-1"]);
    let held = fleet.sandbox.start(&["run", "--on", "plain-1", "--timeout", "600", "--", "touch began; sleep 600"]);
    until("the command on the host", || fleet.lab.home("plain-1").join("began").exists().then_some(()));
    let error = refused(&fleet.sandbox, &["host", "list"], 3, "vault-in-use");
    assert!(error["message"].as_str().unwrap().contains(char::is_numeric), "the process is told: {error}");
    drop(held.kill());
    // What held it is gone, and with it the lock.
    drop(fleet.sandbox.beffroi(&["host", "list"]).success());
}

#[test]
fn a_missing_passphrase_where_nobody_can_be_asked() {
    let sandbox = Sandbox::with_vault();
    let error = refused_by(&|flags| sandbox.bare(&[flags, &["--vault", "vault.beffroi", "host", "list"]].concat()), 2, "flag-missing");
    assert!(error["message"].as_str().unwrap().contains("--passphrase-file"), "the flag is named: {error}");
}
