//! Applications: a folder of this machine is sent, installed and upgraded; an upgrade that fails is recognised, though YunoHost
//! ends as if all were well; what was sent is taken away again.

use std::fs;
use std::path::{Path, PathBuf};

use beffroi_tests::Fleet;
use serde_json::Value;

const SECRET: &str = "Canary-Passw0rd-7";

/// The folder of a package at a version.
fn package(at: &Path, version: &str, upgrade: &str) -> PathBuf {
    fs::create_dir_all(at.join("scripts")).expect("as the test needs it");
    let manifest = format!(
        "packaging_format = 2\nid = \"workshop\"\nname = \"Workshop\"\nversion = \"{version}\"\n[install.domain]\ntype = \"domain\"\n\
         [install.path]\ntype = \"path\"\ndefault = \"/workshop\"\n[install.password]\ntype = \"password\"\n"
    );
    fs::write(at.join("manifest.toml"), manifest).expect("as the test needs it");
    fs::write(at.join("scripts/install"), "#!/bin/bash\n").expect("as the test needs it");
    fs::write(at.join("scripts/upgrade"), upgrade).expect("as the test needs it");
    at.to_owned()
}

fn local(path: &Path) -> String {
    format!("local:{}", path.display())
}

fn version(fleet: &Fleet) -> Value {
    fleet.lab.yunohost("ynh-1", "app info workshop")["version"].clone()
}

/// What lies on the host because of what was sent.
fn sent(fleet: &Fleet) -> usize {
    let ledger = fleet.sandbox.json(&["host", "ledger", "ynh-1"]).success().data("host-ledger");
    ledger["entries"].as_array().expect("as the test needs it").iter().filter(|entry| entry["kind"] == "sent").count()
}

#[test]
fn a_folder_is_sent_installed_and_upgraded_and_a_failed_upgrade_is_rolled_back() {
    let fleet = Fleet::of(&["ynh-1"]);
    let beffroi = |words: &[&str]| fleet.sandbox.json(&[&["--yes", "ynh", "app"], words, &["--on", "ynh-1"]].concat());
    let folder = |name: &str| fleet.sandbox.root().join(name);

    // What is no package is refused before anything is sent.
    fs::create_dir_all(folder("empty")).expect("as the test needs it");
    let refused = beffroi(&["install", &local(&folder("empty"))]).exit(2).error();
    assert_eq!((&refused["code"], sent(&fleet)), (&Value::from("app-package-invalid"), 0));

    let first = local(&package(&folder("first_ynh"), "1.0~ynh1", ""));
    let password = folder("password");
    fs::write(&password, SECRET).expect("as the test needs it");
    let answers = ["--set", "domain=third.example", "--set-file", &format!("password={}", password.display())];
    drop(fleet.sandbox.json(&["--yes", "ynh", "domain", "add", "third.example", "--on", "ynh-1"]).success());
    // YunoHost does not vouch for it, and nobody said so: what was sent is taken away.
    let refused = beffroi(&[&["install", &first], &answers[..]].concat()).exit(7).error();
    assert_eq!((&refused["code"], sent(&fleet)), (&Value::from("ynh-not-possible"), 0));
    let done = beffroi(&[&["install", &first, "--force"], &answers[..]].concat()).success();
    assert!(!done.stdout.contains(SECRET) && !done.stderr.contains(SECRET));
    assert_eq!((version(&fleet), sent(&fleet)), (Value::from("1.0~ynh1"), 0));

    let second = local(&package(&folder("second_ynh"), "1.1~ynh1", ""));
    drop(beffroi(&["upgrade", "workshop", "--source", &second]).success());
    assert_eq!((version(&fleet), sent(&fleet)), (Value::from("1.1~ynh1"), 0));

    let broken = local(&package(&folder("broken_ynh"), "1.2~ynh1", "ynh_die \"Out of paint\"\n"));
    let failed = beffroi(&["upgrade", "workshop", "--source", &broken]).exit(1).stdout;
    assert!(failed.contains("Out of paint"), "{failed}");
    assert_eq!(version(&fleet), "1.1~ynh1", "YunoHost put its safety backup back");
    // It may be tried again with what was sent, until the host is cleaned.
    assert_eq!(sent(&fleet), 1);
    drop(fleet.sandbox.json(&["--yes", "host", "clean", "ynh-1"]).success());
    assert_eq!(sent(&fleet), 0);

    let other = beffroi(&["upgrade", "roundcube", "--source", &second]).exit(7).error();
    assert!(other["message"].as_str().expect("as the test needs it").contains("another application"), "{other}");
}

#[test]
fn catalogs_forms_and_panels_are_read() {
    let fleet = Fleet::of(&["ynh-1"]);
    let read = |words: &[&str], command: &str| fleet.sandbox.json(&[&["ynh"], words].concat()).success().data(command);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/yunohost/12.1.25/catalog.json");
    let found = read(&["app", "catalog", "--file", file, "--search", "fichiers partage"], "ynh-app-catalog");
    assert_eq!((&found["apps"][0]["id"], &found["total"]), (&Value::from("nextcloud"), &Value::from(3)));
    let manifest = read(&["app", "manifest", "dokuwiki", "--on", "ynh-1"], "ynh-app-manifest");
    let password = manifest["questions"]
        .as_array()
        .expect("as the test needs it")
        .iter()
        .find(|question| question["id"] == "password")
        .expect("as the test needs it");
    assert_eq!((&password["secret"], &password["kind"]), (&Value::from(true), &Value::from("password")));
    let settings = read(&["settings", "show", "--on", "ynh-1"], "ynh-settings-show");
    assert!(settings["panels"].as_array().expect("as the test needs it").iter().any(|panel| panel["id"] == "security"));
    let domain = read(&["domain", "config-show", "atelier-dubois.example", "--on", "ynh-1"], "ynh-domain-config-show");
    assert!(!domain["panels"].as_array().expect("as the test needs it").is_empty());
    let missing = fleet.sandbox.json(&["ynh", "app", "config-show", "nosuch", "--on", "ynh-1"]).exit(1).error();
    assert!(missing["message"].as_str().expect("as the test needs it").contains("nosuch"), "{missing}");
    // A file that is no catalog is not sent.
    let wrong = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/yunohost/12.1.25/actionsmap.json");
    let refused = fleet.sandbox.json(&["--yes", "ynh", "app", "catalog-keep", wrong, "--on", "ynh-1"]).exit(2).error();
    assert_eq!(refused["code"], "app-catalog-invalid", "{refused}");
}
