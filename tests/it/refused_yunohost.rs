//! Refusals about what YunoHost keeps, by the guards of a plan and by YunoHost itself.

use beffroi_tests::Fleet;

use crate::refusals::{Standing, refused};

const LONG: &str = "Un-Canard-Violet-71\n";

/// Asserts that these words of `ynh` are refused on `ynh-1` and that nothing changed there.
#[track_caller]
fn refused_there(fleet: &Fleet, words: &[&str], exit: i32, code: &str) -> serde_json::Value {
    let before = Standing::of(fleet);
    let error = refused(&fleet.sandbox, &[&["--yes", "ynh"], words, &["--on", "ynh-1"]].concat(), exit, code);
    before.holds(fleet);
    error
}

fn fleet() -> Fleet {
    let fleet = Fleet::of(&["ynh-1"]);
    fleet.sandbox.file("password", LONG);
    fleet
}

const ADD: [&str; 6] = ["user", "add", "tom.reed", "--fullname", "Tom Reed", "--password-file"];

#[test]
fn an_account_that_exists_already() {
    let error = refused_there(&fleet(), &[&ADD[..], &["password"]].concat(), 7, "ynh-user-exists");
    assert_eq!(error["host"], "ynh-1");
    assert!(error["message"].as_str().unwrap().contains("tom.reed"), "{error}");
}

#[test]
fn a_password_that_yunohost_does_not_take() {
    let fleet = fleet();
    let users = fleet.lab.users("ynh-1");
    // The second stands in YunoHost's own answer, which is masked before it is shown, and is understood all the same.
    for weak in ["123456789", "password"] {
        fleet.sandbox.file("weak", weak);
        let words = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--password-file", "weak", "--on", "ynh-1"];
        refused(&fleet.sandbox, &words, 1, "ynh-password-refused");
    }
    assert_eq!(fleet.lab.users("ynh-1"), users);
    assert_eq!(fleet.sandbox.json(&["vault", "verify"]).success().data("vault-verify")["intact"], true);
}

#[test]
fn an_account_that_does_not_exist() {
    let fleet = fleet();
    refused_there(&fleet, &["user", "remove", "nobody.here"], 7, "ynh-user-unknown");
    refused_there(&fleet, &["user", "edit", "nobody.here", "--fullname", "No Body"], 7, "ynh-user-unknown");
}

#[test]
fn the_last_administrator() {
    let fleet = fleet();
    drop(fleet.sandbox.json(&["--yes", "ynh", "user", "remove", "camille", "--on", "ynh-1"]).success().data("ynh-user-remove"));
    refused_there(&fleet, &["user", "remove", "julien"], 7, "ynh-last-admin");
}

#[test]
fn a_service_and_a_domain_that_do_not_exist() {
    let fleet = fleet();
    refused_there(&fleet, &["service", "restart", "no-such-service"], 7, "ynh-service-unknown");
    let words = ["user", "add", "ada", "--fullname", "Ada L", "--password-file", "password", "--domain", "elsewhere.example"];
    refused_there(&fleet, &words, 7, "ynh-domain-unknown");
}

#[test]
fn names_and_quotas_that_yunohost_does_not_take() {
    let fleet = fleet();
    let add = |name: &'static str| ["user", "add", name, "--fullname", "Ada L", "--password-file", "password"];
    for name in ["Ada", "a b", "é", "", "ada;id", "$(id)", "../ada", "--help-me"] {
        let words = [&add("x")[..2], &["--fullname", "Ada L", "--password-file", "password", "--", name]].concat();
        let words = [&["--yes", "ynh"], &words[..2], &["--on", "ynh-1"], &words[2..]].concat();
        refused(&fleet.sandbox, &words, 2, "ynh-invalid");
    }
    refused_there(&fleet, &[&add("ada")[..], &["--mailbox-quota", "much"]].concat(), 2, "ynh-invalid");
    refused_there(&fleet, &["user", "edit", "tom.reed"], 2, "invalid-request");
}

#[test]
fn a_host_without_yunohost() {
    let fleet = fleet();
    fleet.add("plain-1", &fleet.lab.host("plain-1").clone());
    let before = Standing::of(&fleet);
    for words in [&["ynh", "user", "list"][..], &["ynh", "service", "restart", "nginx"], &["--yes", "ynh", "user", "remove", "tom.reed"]] {
        refused(&fleet.sandbox, &[words, &["--on", "plain-1"]].concat(), 7, "ynh-absent");
    }
    before.holds(&fleet);
}

#[test]
fn a_change_that_nobody_said_yes_to() {
    let fleet = fleet();
    let before = Standing::of(&fleet);
    let on = ["--on", "ynh-1"];
    for words in [&["ynh", "user", "remove", "tom.reed"][..], &["ynh", "service", "restart", "nginx"]] {
        let error = refused(&fleet.sandbox, &[words, &on].concat(), 2, "flag-missing");
        assert!(error["message"].as_str().unwrap().contains("--yes"), "the flag is named: {error}");
    }
    for words in [["host", "remove", "ynh-1"], ["secret", "remove", "key"]] {
        let error = refused(&fleet.sandbox, &words, 2, "flag-missing");
        assert!(error["message"].as_str().unwrap().contains("--yes"), "the flag is named: {error}");
    }
    let words = ["--yes", "ynh", "user", "add", "ada", "--fullname", "Ada L", "--on", "ynh-1"];
    let error = refused(&fleet.sandbox, &words, 2, "flag-missing");
    assert!(error["message"].as_str().unwrap().contains("--password-file"), "the flag is named: {error}");
    before.holds(&fleet);
}
