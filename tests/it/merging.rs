//! Two copies of a vault that were worked on apart, merged as people and scripts meet it.

use std::time::Instant;

use beffroi_tests::Sandbox;
use serde_json::{Value, json};

use crate::refusals::refused;

/// A vault here, and a copy of it that another machine worked on: `host-2`, a new value of `shared`, `only-there`.
fn parted() -> (Sandbox, String) {
    let here = Sandbox::with_vault();
    drop(here.beffroi(&["host", "add", "host-1", "127.0.0.1"]).success());
    drop(here.beffroi_reading("base", &["secret", "set", "shared"]).success());
    let copy = here.json(&["vault", "copy", "copies"]).success().data("vault-copy")["path"].as_str().expect("a path").to_owned();
    let there = Sandbox::without_vault();
    let words = here.files().join("recovery");
    let open = ["--vault", &copy, "--recovery-file", words.to_str().expect("UTF-8")];
    drop(there.bare(&[&open[..], &["host", "add", "host-2", "127.0.0.1"]].concat()).success());
    for (value, name) in [("canary-theirs", "shared"), ("x", "only-there")] {
        drop(there.bare_reading(value, &[&open[..], &["secret", "set", name]].concat()).success());
    }
    (here, copy)
}

fn names(list: &Value, what: &str) -> Vec<String> {
    let rows = list[what].as_array().expect("a list").iter();
    rows.map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn what_both_changed_is_shown_and_decided_in_a_file() {
    let (here, copy) = parted();
    drop(here.beffroi_reading("canary-mine", &["secret", "set", "shared"]).success());
    let shown = here.json(&["--plan", "parcel", "merge", &copy]).exit(7);
    assert!(!shown.stdout.contains("canary"), "{}", shown.stdout);
    let data = &shown.json()["data"];
    assert_eq!(
        (&data["merged"], &data["conflicts"][0]["name"], &data["conflicts"][0]["kept"]),
        (&json!(false), &json!("shared"), &Value::Null)
    );
    let said = here.beffroi(&["parcel", "merge", &copy]).exit(7);
    assert!(said.stdout.contains("secret  shared") && said.stdout.contains("host-2"), "{said:?}");
    assert_eq!(names(&here.json(&["host", "list"]).success().data("host-list"), "hosts"), ["host-1"], "nothing was written");

    here.file("resolve", "# What is kept\n\nsecret:shared theirs\n");
    here.file("wrong", "secret:shared\n");
    refused(&here, &["parcel", "merge", &copy, "--resolve", "wrong"], 1, "local-file");
    refused(&here, &["parcel", "merge", &here.vault().display().to_string()], 2, "merge-itself");
    // Nobody said yes to what would be taken.
    refused(&here, &["parcel", "merge", &copy, "--resolve", "resolve"], 2, "flag-missing");
    assert_eq!(names(&here.json(&["host", "list"]).success().data("host-list"), "hosts"), ["host-1"], "nothing was written");
    let french = here.beffroi(&["--lang", "fr", "parcel", "merge", &copy]).exit(7);
    assert!(french.stdout.contains("      valeur: "), "{french:?}");
    let merged = here.json(&["--yes", "parcel", "merge", &copy, "--resolve", "resolve"]).success().data("parcel-merge");
    assert_eq!((&merged["merged"], &merged["conflicts"][0]["kept"]), (&json!(true), &json!("theirs")));
    assert_eq!(here.beffroi(&["secret", "get", "shared"]).success().stdout.trim(), "canary-theirs");
    assert_eq!(here.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
    let again = here.json(&["parcel", "merge", &copy]).success().data("parcel-merge");
    assert_eq!((&again["merged"], &again["taken"]), (&json!(false), &json!([])));
}

#[test]
fn a_merge_that_is_killed_did_all_of_it_or_nothing() {
    let (here, copy) = parted();
    let whole = here.duplicate();
    let begun = Instant::now();
    drop(whole.json(&["--yes", "parcel", "merge", &copy]).success());
    let length = begun.elapsed();
    let mut none = 0;
    for part in 0..12 {
        let tried = here.duplicate();
        let merge = tried.start(&["--yes", "parcel", "merge", &copy]);
        std::thread::sleep(length * part / 10);
        drop(merge.kill());
        assert_eq!(tried.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true, "killed at {part}");
        let hosts = names(&tried.json(&["host", "list"]).success().data("host-list"), "hosts");
        let secrets = names(&tried.json(&["secret", "list"]).success().data("secret-list"), "secrets");
        let all = (hosts.as_slice() == ["host-1", "host-2"], secrets.iter().any(|name| name == "only-there"));
        assert_eq!(all.0, all.1, "killed at {part}: {hosts:?} {secrets:?}");
        none += usize::from(!all.0);
        let merged = tried.json(&["--yes", "parcel", "merge", &copy]).success().data("parcel-merge");
        assert_eq!(merged["conflicts"], json!([]));
        assert_eq!(names(&tried.json(&["host", "list"]).success().data("host-list"), "hosts"), ["host-1", "host-2"]);
        let beside = std::fs::read_dir(tried.vault().parent().expect("a folder")).expect("listed").flatten();
        let is_left = |name: &str| name.contains(".merge-");
        let mut left = beside.filter(|entry| is_left(&entry.file_name().to_string_lossy()) && entry.path().join("other").exists());
        assert!(left.next().is_none(), "what the killed one had copied aside is gone");
    }
    assert!(none > 0, "one at least was killed before it was done");
}
