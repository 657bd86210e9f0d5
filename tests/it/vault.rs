//! A vault and its secrets, from the first command on.

use beffroi_tests::{Fleet, PASSPHRASE, Sandbox};
use serde_json::{Value, json};

#[test]
fn a_vault_is_made_described_and_verified() {
    let sandbox = Sandbox::without_vault();
    let made = sandbox.bare(&["--passphrase-file", "passphrase", "vault", "create", "vault", "--name", "Atelier Dubois"]).success();
    let words = made.stdout.trim();
    assert_eq!(words.split(' ').count(), 24, "the recovery words are the data: {}", made.stdout);
    assert!(!made.stderr.contains(words), "and are not talked about: {}", made.stderr);
    sandbox.file("recovery", words);

    let info = sandbox.json(&["vault", "info"]).success().data("vault-info");
    assert_eq!(
        (&info["name"], &info["format"], &info["hosts"], &info["secrets"]),
        (&json!("Atelier Dubois"), &json!(1), &json!(0), &json!(0))
    );
    let policy = json!({ "typed_confirmation": false, "refuse_warnings": false, "unsealed_s": 3600, "freeze": null });
    let dev = json!({ "name": "dev", "protected": false, "open": true, "seconds_left": null, "policy": policy, "hosts": 0, "secrets": 0 });
    assert_eq!(info["stages"], json!([dev]));
    assert_eq!((&info["read_only"], &info["warnings"], &info["last_copy_ms"]), (&Value::Null, &json!([]), &Value::Null));
    let kinds: Vec<_> = info["slots"].as_array().unwrap().iter().map(|slot| (slot["kind"].as_str(), slot["weakest"].as_bool())).collect();
    assert_eq!(kinds, [(Some("passphrase"), Some(true)), (Some("recovery"), Some(false))]);
    let cost = &info["slots"][0];
    assert!(cost["memory_kib"].as_u64() >= Some(64 << 10) && cost["passes"].as_u64() >= Some(3), "under the floor: {cost}");

    let report = sandbox.json(&["vault", "verify"]).success().data("vault-verify");
    assert_eq!(report["intact"], true, "{report}");
    assert!(report["checks"].as_array().unwrap().iter().all(|check| check["held"] == true), "{report}");

    let known = sandbox.bare(&["--json", "vault", "list"]).success().data("vault-list");
    assert_eq!(known["vaults"][0]["path"], sandbox.vault().to_str().unwrap());
    assert_eq!(known["vaults"][0]["present"], true);
}

#[test]
fn the_passphrase_opens_it_from_a_file_from_standard_input_and_from_the_environment() {
    let sandbox = Sandbox::with_vault();
    let opened = |answer: beffroi_tests::Answer| assert_eq!(answer.success().data("vault-info")["name"], "vault");
    opened(sandbox.bare(&["--json", "--vault", "vault", "--passphrase-file", "passphrase", "vault", "info"]));
    let words = ["--json", "--vault", "vault.beffroi", "--passphrase-file", "-", "vault", "info"];
    opened(sandbox.bare_reading(&format!("{PASSPHRASE}\n"), &words));
    let environment = [("BEFFROI_VAULT", "vault.beffroi"), ("BEFFROI_PASSPHRASE_FILE", "passphrase")];
    opened(sandbox.bare_in(&environment, &["--json", "vault", "info"]));
}

#[test]
fn only_its_owner_can_read_the_vault() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_vault();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&sandbox.vault()), 0o700);
    for entry in std::fs::read_dir(sandbox.vault()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
    assert_eq!(mode(&sandbox.state().join("beffroi")), 0o700);
}

#[test]
fn a_secret_is_stored_listed_used_and_removed() {
    let fleet = Fleet::of(&["plain-1"]);
    let sandbox = &fleet.sandbox;
    let stored = sandbox.beffroi_reading("a password from standard input\n", &["--json", "secret", "set", "door/front"]).success();
    assert_eq!(stored.data("secret-set")["kind"], "password");

    let list = sandbox.json(&["secret", "list"]).success();
    assert!(!list.stdout.contains("standard input") && !list.stdout.contains("PRIVATE KEY"), "{}", list.stdout);
    let secrets = list.data("secret-list")["secrets"].take();
    let rows: Vec<_> = secrets.as_array().unwrap().iter().map(|row| (&row["name"], &row["kind"], &row["used_by"])).collect();
    let (no_one, one) = (json!([]), json!(["plain-1"]));
    let names = ["door/front", "key", "password", "private-key"].map(|name| json!(name));
    assert_eq!(rows, [(&names[0], &names[2], &no_one), (&names[1], &names[3], &one)]);

    let used = sandbox.json(&["secret", "remove", "key", "--yes"]).exit(2).error();
    assert_eq!(used["code"], "secret-in-use");
    assert!(used["message"].as_str().unwrap().contains("plain-1"), "{used}");

    drop(sandbox.json(&["secret", "remove", "door/front", "--yes"]).success().data("secret-remove"));
    let left = sandbox.json(&["secret", "list"]).success().data("secret-list")["secrets"].take();
    assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
}
