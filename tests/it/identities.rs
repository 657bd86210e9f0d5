//! Identities: who signs, and who is given a way into somebody else's vault.

use std::fs;

use beffroi_tests::Sandbox;
use serde_json::json;

use crate::refusals::{refused, refused_by};

#[test]
fn a_card_is_given_to_another_vault_and_opens_it_through_the_agent() {
    let (own, clients) = (Sandbox::with_vault(), Sandbox::with_vault());
    let made = own.json(&["identity", "create", "Léa"]).success().data("identity-create");
    assert_eq!((&made["name"], &made["own"]), (&json!("Léa"), &json!(true)));
    let fingerprint = made["fingerprint"].as_str().unwrap();
    let exported = own.json(&["identity", "export", "lea.card"]).success().data("identity-export");
    assert_eq!(exported["fingerprint"], fingerprint);
    let card = own.files().join("lea.card");
    assert!(!fs::read_to_string(&card).unwrap().is_empty());
    assert_eq!(own.json(&["identity", "export", "lea.card"]).exit(1).error()["code"], "local-file", "a file is not written over");

    let path = card.to_str().unwrap();
    let imported = clients.json(&["identity", "import", path]).success().data("identity-import");
    assert_eq!((&imported["fingerprint"], &imported["own"]), (&json!(fingerprint), &json!(false)));
    refused(&clients, &["identity", "import", path], 2, "identity-exists");
    let known = clients.json(&["identity", "show"]).success().data("identity-show")["identities"].take();
    assert!(known.as_array().unwrap().iter().any(|identity| identity["fingerprint"] == fingerprint), "{known}");
    let words = ["vault", "slot", "add", "identity", "--identity", fingerprint, "--label", "Léa"];
    assert_eq!(clients.json(&words).success().data("vault-slot-add")["slot"]["kind"], "identity");

    // By itself it opens nothing; beside the vault that has its private half, no secret is asked for.
    let theirs = clients.vault();
    let theirs = theirs.to_str().unwrap();
    let open = ["--vault", theirs, "--with-identity", "vault", "unlock"];
    refused_by(&|flags| own.bare(&[flags, &open].concat()), 3, "identity-not-open");
    drop(own.beffroi(&["vault", "unlock"]).success());
    drop(own.bare(&[&["--json"], &open[..]].concat()).success().data("vault-unlock"));
    let status = own.bare(&["--json", "agent", "status"]).success().data("agent-status");
    assert_eq!(status["vaults"].as_array().map(Vec::len), Some(2), "{status}");
    drop(own.bare(&["--json", "--vault", theirs, "host", "list"]).success().data("host-list"));
    drop(own.bare(&["--json", "agent", "stop"]).success());
}

#[test]
fn what_is_no_card_is_refused() {
    let sandbox = Sandbox::with_vault();
    for (name, content) in [("empty", ""), ("text", "not a card\n"), ("words", "AAAA AAAA AAAA")] {
        let path = sandbox.file(name, content);
        refused(&sandbox, &["identity", "import", path.to_str().unwrap()], 1, "local-file");
    }
    refused(&sandbox, &["identity", "import", "nowhere"], 1, "local-file");
    refused(&sandbox, &["identity", "create", ""], 2, "invalid-name");
    refused(&sandbox, &["identity", "create", "two\nlines"], 2, "invalid-name");
}
