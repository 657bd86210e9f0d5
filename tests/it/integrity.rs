//! What a vault that is not as it should be is still good for, and what is said of how it is kept.

use std::fs;

use beffroi_tests::{Sandbox, until};
use serde_json::{Value, json};

use crate::refusals::refused;

/// A vault that was put back as it was some entries ago, both its catalog and its anchor.
#[track_caller]
fn put_back() -> Sandbox {
    let sandbox = Sandbox::with_vault();
    for name in ["host-1", "host-2"] {
        drop(sandbox.beffroi(&["host", "add", name, "127.0.0.1"]).success());
    }
    drop(sandbox.beffroi_reading("value", &["secret", "set", "kept"]).success());
    let old = ["catalog.db", "anchor"].map(|name| (name, fs::read(sandbox.vault().join(name)).expect("the files of a vault")));
    drop(sandbox.beffroi(&["--yes", "host", "remove", "host-2"]).success());
    for (name, content) in old {
        fs::write(sandbox.vault().join(name), content).expect("the files of a vault");
    }
    sandbox
}

#[test]
fn a_vault_that_lacks_entries_is_read_and_each_change_is_refused() {
    let sandbox = put_back();
    let info = sandbox.json(&["vault", "info"]).success().data("vault-info");
    assert_eq!((&info["hosts"], info["read_only"]["values"]["missing"].as_str().or(Some("")).is_some()), (&json!(2), true));
    assert!(info["read_only"].is_object(), "it says so: {info}");
    for language in ["en", "fr"] {
        let text = sandbox.beffroi(&["--lang", language, "vault", "info"]).success();
        assert!([&text.stdout, &text.stderr].iter().any(|said| said.contains('3')), "and how much is missing: {text:?}");
    }
    for words in [&["host", "list"][..], &["secret", "list"], &["stage", "list"], &["journal", "list"], &["vault", "health"]] {
        drop(sandbox.json(words).success());
    }
    let report = sandbox.json(&["vault", "verify"]).exit(3).data("vault-verify");
    assert_eq!(report["intact"], false, "{report}");
    drop(sandbox.json(&["journal", "verify"]).exit(3).data("journal-verify"));

    let before = (fs::read(sandbox.vault().join("header.json")).unwrap(), fs::read(sandbox.vault().join("catalog.db")).unwrap());
    sandbox.file("new-passphrase", "teapot canyon silver marble\n");
    for words in [
        &["host", "add", "host-3", "127.0.0.1"][..],
        &["--yes", "host", "remove", "host-1"],
        &["host", "trust", "host-1", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
        &["secret", "set", "new", "--from-file", "passphrase"],
        &["--yes", "secret", "remove", "kept"],
        &["stage", "add", "prod"],
        &["stage", "policy", "dev", "--typed", "yes"],
        &["identity", "create", "Ada"],
        &["vault", "slot", "add", "recovery"],
        &["vault", "passwd", "--new-passphrase-file", "new-passphrase"],
        &["--yes", "run", "--detach", "--on", "host-1", "--", "true"],
        &["run", "--on", "host-1", "--", "true"],
    ] {
        let error = sandbox.json(words).exit(3).error();
        assert_eq!(error["code"], "vault-behind", "{words:?}: {error}");
    }
    let error = refused(&sandbox, &["host", "add", "host-3", "127.0.0.1"], 3, "vault-behind");
    assert!(error["message"].as_str().unwrap().contains('3'), "how much is missing: {error}");
    let after = (fs::read(sandbox.vault().join("header.json")).unwrap(), fs::read(sandbox.vault().join("catalog.db")).unwrap());
    assert!(before == after, "it is left as it is");
    assert_eq!(sandbox.json(&["vault", "info"]).success().data("vault-info")["hosts"], 2);
}

#[test]
fn a_catalog_that_is_ahead_of_its_anchor_is_checked_forward() {
    let sandbox = Sandbox::with_vault();
    let old = fs::read(sandbox.vault().join("anchor")).unwrap();
    drop(sandbox.beffroi(&["host", "add", "host-1", "127.0.0.1"]).success());
    for path in [sandbox.vault().join("anchor"), sandbox.outer_anchor()] {
        fs::write(path, &old).unwrap();
    }
    let report = sandbox.json(&["vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
    assert_eq!(sandbox.json(&["vault", "info"]).success().data("vault-info")["hosts"], 1);
}

#[test]
fn what_a_synchroniser_left_is_named() {
    let sandbox = Sandbox::with_vault();
    for name in
        ["catalog.sync-conflict-20260101-120000-ABCDEFG.db", "catalog (Copie en conflit de Léa 2026-01-01).db", "header-LAPTOP7.json"]
    {
        fs::write(sandbox.vault().join(name), "whatever").unwrap();
        let info = sandbox.json(&["vault", "info"]).success().data("vault-info");
        assert!(info["warnings"].to_string().contains(name), "{info}");
        let health = sandbox.json(&["vault", "health"]).success().data("vault-health")["findings"].take();
        let found = health.as_array().unwrap().iter().find(|finding| finding["what"].to_string().contains(name)).cloned();
        assert_eq!(found.map(|finding| finding["grade"].clone()), Some(json!("bad")), "{health}");
        let report = sandbox.json(&["vault", "verify"]).exit(3).data("vault-verify");
        assert_eq!(report["intact"], false, "{name}: {report}");
        fs::remove_file(sandbox.vault().join(name)).unwrap();
    }
    assert_eq!(sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[track_caller]
fn grades(sandbox: &Sandbox) -> Vec<(String, String)> {
    let health = sandbox.json(&["vault", "health"]).success().data("vault-health")["findings"].take();
    let finding = |finding: &Value| {
        assert_eq!(finding["remedy"].is_null(), finding["grade"] == "good", "what to do, where something is: {finding}");
        (
            finding["what"]["key"].as_str().expect("findings have a kind").to_owned(),
            finding["grade"].as_str().expect("findings have a kind").to_owned(),
        )
    };
    health.as_array().expect("findings have a kind").iter().map(finding).collect()
}

#[test]
fn health_says_what_is_bad_first() {
    let sandbox = Sandbox::with_vault();
    let of = |found: &[(String, String)], key: &str| found.iter().find(|(what, _)| what == key).map(|(_, grade)| grade.clone());
    let found = grades(&sandbox);
    assert_eq!(of(&found, "health.copy-none").as_deref(), Some("fair"), "{found:?}");
    assert_eq!(of(&found, "health.weakest").as_deref(), Some("good"), "{found:?}");
    assert!(of(&found, "health.no-recovery").is_none() && of(&found, "health.stage-unprotected").is_none(), "{found:?}");

    drop(sandbox.beffroi(&["stage", "add", "prod"]).success());
    let found = grades(&sandbox);
    assert_eq!(found.first(), Some(&("health.stage-unprotected".to_owned(), "bad".to_owned())), "the worst first: {found:?}");
    drop(sandbox.beffroi(&["stage", "protect", "prod"]).success());
    drop(sandbox.beffroi(&["vault", "copy", "copies"]).success());
    let found = grades(&sandbox);
    assert!(of(&found, "health.stage-unprotected").is_none(), "{found:?}");
    assert_eq!(of(&found, "health.copy").as_deref(), Some("good"), "{found:?}");

    // Without recovery words.
    let slots = sandbox.json(&["vault", "slot", "list"]).success().data("vault-slot-list")["slots"].take();
    let words = slots.as_array().unwrap().iter().find(|slot| slot["kind"] == "recovery").unwrap()["id"].as_str().unwrap().to_owned();
    let by_passphrase =
        |words: &[&str]| sandbox.bare(&[&["--json", "--vault", "vault", "--passphrase-file", "passphrase"], words].concat());
    drop(by_passphrase(&["--yes", "vault", "slot", "remove", &words]).success().data("vault-slot-remove"));
    let found = by_passphrase(&["vault", "health"]).success().data("vault-health")["findings"].take();
    let missing = found.as_array().unwrap().iter().find(|finding| finding["what"]["key"] == "health.no-recovery").cloned();
    assert_eq!(missing.map(|finding| finding["grade"].clone()), Some(json!("fair")), "{found}");
    for language in ["en", "fr"] {
        let text =
            sandbox.bare(&["--lang", language, "--vault", "vault", "--passphrase-file", "passphrase", "vault", "health"]).success().stdout;
        assert!(!text.contains(['{', '}']) && !text.contains("health."), "{text}");
    }
}

#[test]
fn a_vault_whose_agent_was_killed_opens_with_what_was_acknowledged() {
    let sandbox = Sandbox::with_vault();
    drop(sandbox.beffroi(&["vault", "unlock"]).success());
    let status = sandbox.bare(&["--json", "agent", "status"]).success().data("agent-status");
    drop(sandbox.bare(&["--json", "host", "add", "host-1", "127.0.0.1"]).success().data("host-add"));
    beffroi_tests::send("KILL", u32::try_from(status["pid"].as_u64().unwrap()).unwrap());
    let hosts = until("the lock of the killed one to be free", || {
        let answer = sandbox.json(&["host", "list"]);
        (answer.code == Some(0)).then(|| answer.data("host-list"))
    });
    assert_eq!(hosts["hosts"].as_array().map(Vec::len), Some(1));
}
