//! Files of other programs, in and out.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use beffroi_tests::Sandbox;
use serde_json::{Value, json};

fn names(sandbox: &Sandbox) -> Vec<String> {
    let list = sandbox.json(&["secret", "list"]).success().data("secret-list");
    list["secrets"].as_array().expect("a list").iter().map(|secret| secret["name"].as_str().expect("a name").to_owned()).collect()
}

fn written(sandbox: &Sandbox, name: &str, text: &str) -> String {
    sandbox.file(name, text).display().to_string()
}

#[test]
fn a_file_is_shown_taken_in_and_nothing_the_second_time() {
    let sandbox = Sandbox::with_vault();
    let file = written(&sandbox, "shop.env", "DB_PASSWORD='Un-Canard-Violet-71'\nAPI_TOKEN=orbit\n");
    let dry = sandbox.json(&["secret", "import", &file, "--dry-run"]).success();
    assert!(!dry.stdout.contains("Canard"), "no value is shown");
    let data = dry.data("secret-import");
    assert_eq!((&data["format"], &data["rows"][0]["standing"]), (&json!("env"), &json!("new")));
    assert!(names(&sandbox).is_empty(), "a look changes nothing");
    drop(sandbox.beffroi(&["secret", "import", &file]).exit(2));
    assert!(names(&sandbox).is_empty(), "nobody said yes");

    let import = |more: &[&str]| {
        sandbox.json(&[&["secret", "import", &file, "--yes"], more].concat()).success().data("secret-import")["done"].take()
    };
    assert_eq!(import(&["--under", "shop"])["added"], 2);
    assert_eq!(sandbox.beffroi(&["secret", "get", "shop/DB_PASSWORD"]).success().stdout, "Un-Canard-Violet-71\n");
    let again = import(&["--under", "shop"]);
    assert_eq!((&again["added"], &again["changed"], &again["same"]), (&json!(0), &json!(0), &json!(2)));

    // Edited here and there: the vault's stays until somebody decides.
    let here = written(&sandbox, "here", "edited-here");
    drop(sandbox.beffroi(&["secret", "set", "shop/API_TOKEN", "--from-file", &here]).success());
    drop(written(&sandbox, "shop.env", "DB_PASSWORD='Un-Canard-Violet-72'\nAPI_TOKEN=edited-there\n"));
    let done = import(&["--under", "shop"]);
    assert_eq!((&done["changed"], &done["conflicts"]), (&json!(1), &json!(1)));
    assert_eq!(sandbox.beffroi(&["secret", "get", "shop/API_TOKEN"]).success().stdout, "edited-here\n");
    assert_eq!(import(&["--under", "shop", "--take-theirs"])["changed"], 1);
    assert_eq!(sandbox.beffroi(&["secret", "get", "shop/API_TOKEN"]).success().stdout, "edited-there\n");
    let journal = sandbox.json(&["journal", "list"]).success().data("journal-list");
    let events = journal["entries"].as_array().unwrap().iter().filter(|entry| entry["event"]["key"] == "journal.secrets-imported");
    assert_eq!(events.count(), 4, "one entry for each");
}

#[test]
fn what_cannot_be_read_says_what_where_and_what_to_do() {
    let sandbox = Sandbox::with_vault();
    let error = |words: &[&str], exit: i32| sandbox.json(&[&["secret", "import", "--yes"], words].concat()).exit(exit).error();
    let broken = written(&sandbox, "broken.env", "A=1\nno line of it\n");
    let malformed = error(&[&broken], 1);
    assert_eq!(malformed["code"], "import-malformed");
    assert!(malformed["message"].as_str().unwrap().contains("byte 2"), "the line: {malformed}");
    assert_eq!(error(&[&broken, "--format", "floppy"], 2)["code"], "import-format-unknown");
    assert_eq!(error(&[&written(&sandbox, "what.bin", "\u{1}")], 2)["code"], "import-no-format");
    assert_eq!(error(&["missing.env"], 1)["code"], "import-unreadable");
    let table = written(&sandbox, "table.csv", "Spalte A,Spalte B\nx,y\n");
    assert_eq!(error(&[&table], 2)["code"], "import-needs-mapping");
    let map = written(&sandbox, "map.json", r#"{"columns": ["title", "password"], "header": true}"#);
    let done = sandbox.json(&["secret", "import", &table, "--map", &map, "--yes"]).success().data("secret-import");
    assert_eq!(done["done"]["added"], 1);
    assert_eq!(names(&sandbox), ["x"]);
}

#[test]
fn hosts_of_a_list_come_without_trust() {
    let sandbox = Sandbox::with_vault();
    let list = written(
        &sandbox,
        "config",
        "Host gate\n  HostName 203.0.113.9\n  Port 2222\n  User op\nHost db\n  HostName 10.0.0.5\n  ProxyJump gate\n",
    );
    let done = sandbox.json(&["host", "import", &list, "--format", "ssh-config", "--yes"]).success().data("host-import");
    assert_eq!(done["done"]["hosts_added"], 2);
    let hosts = sandbox.json(&["host", "list"]).success().data("host-list");
    let db = hosts["hosts"].as_array().unwrap().iter().find(|host| host["name"] == "db").unwrap();
    assert_eq!((&db["jump"], &db["pins"]), (&json!("gate"), &json!([])));
}

#[test]
fn what_goes_out_comes_back_the_same_elsewhere() {
    let (sandbox, elsewhere) = (Sandbox::with_vault(), Sandbox::with_vault());
    for (name, value) in [("web/root", "pa\"ss\\wörd"), ("formula", "=1+1")] {
        let file = written(&sandbox, "value", value);
        drop(sandbox.beffroi(&["secret", "set", name, "--from-file", &file]).success());
    }
    let password = written(&sandbox, "file-password", "teapot-canyon-silver-marble");
    for format in ["kdbx", "bitwarden", "age", "csv", "env"] {
        let to = sandbox.root().join(format!("out.{format}")).display().to_string();
        let mut words = vec!["secret", "export", to.as_str(), "--format", format];
        if matches!(format, "kdbx" | "bitwarden" | "age") {
            words.extend(["--export-password-file", password.as_str()]);
        }
        let data: Value = sandbox.json(&words).success().data("secret-export");
        assert_eq!(data["secrets"], 2, "{format}");
        assert_eq!(std::fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600, "{format}");
        assert_eq!(sandbox.json(&words).exit(2).error()["code"], "export-exists", "{format}");
        drop(sandbox.json(&[&words[..], &["--force"]].concat()).success());
    }
    let to = sandbox.root().join("out.kdbx").display().to_string();
    let import = ["secret", "import", to.as_str(), "--password-file", password.as_str(), "--yes"];
    assert_eq!(elsewhere.json(&import).success().data("secret-import")["done"]["added"], 2);
    assert_eq!(elsewhere.beffroi(&["secret", "get", "web/root"]).success().stdout, "pa\"ss\\wörd\n");
    assert_eq!(elsewhere.json(&import).success().data("secret-import")["done"]["same"], 2);
    let wrong = written(&elsewhere, "wrong", "not the password");
    let refused = elsewhere.json(&["secret", "import", &to, "--password-file", &wrong, "--yes"]).exit(2).error();
    assert_eq!(refused["code"], "import-wrong-password");
    let journal = sandbox.json(&["journal", "list"]).success().data("journal-list");
    let told = journal["entries"].as_array().unwrap().iter().filter(|entry| entry["event"]["key"] == "journal.secrets-exported");
    assert_eq!(told.count(), 10, "each time a file was written");
}

#[test]
fn killed_in_the_middle_there_is_everything_or_nothing() {
    let sandbox = Sandbox::with_vault();
    let lines: String = (0..3000).map(|number| format!("NAME_{number}=value-{number}\n")).collect();
    let file = written(&sandbox, "many.env", &lines);
    for millis in [150, 400, 700, 1000, 1400] {
        let import = sandbox.start(&["secret", "import", &file, "--yes"]);
        std::thread::sleep(Duration::from_millis(millis));
        drop(import.kill());
        let there = names(&sandbox).len();
        assert!(there == 0 || there == 3000, "{there} after {millis} ms");
    }
    assert_eq!(sandbox.json(&["secret", "import", &file, "--yes"]).success().data("secret-import")["done"]["refused"], 0);
    assert_eq!(names(&sandbox).len(), 3000);
    drop(sandbox.beffroi(&["vault", "verify"]).success());
}
