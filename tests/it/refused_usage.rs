//! Refusals of what was typed: before any host is asked.

use beffroi_tests::{Fleet, Sandbox};

use crate::refusals::refused;

#[test]
fn a_selector_that_is_not_one() {
    let fleet = Fleet::of(&["ynh-1"]);
    for selector in ["tag:", "and", "(ynh-1", "ynh-1)", "ynh-1 ynh-1", "not", "colour:red", "Ynh-1", "", "tag:a or", "😀"] {
        refused(&fleet.sandbox, &["run", "--on", selector, "--", "true"], 2, "invalid-selector");
    }
    let error = refused(&fleet.sandbox, &["run", "--on", "tag:nothing", "--", "true"], 2, "nothing-selected");
    assert!(error["message"].as_str().unwrap().contains("tag:nothing"), "{error}");
    refused(&fleet.sandbox, &["run", "--on", "ynh-1,elsewhere", "--", "true"], 2, "host-not-found");
    assert_eq!(fleet.sandbox.json(&["run", "--on", "all", "--", "ls"]).success().data("run")["results"][0]["stdout"], "");
}

#[test]
fn names_that_nothing_has() {
    let sandbox = Sandbox::with_vault();
    for words in [["host", "show", "web-9"], ["host", "test", "web-9"], ["host", "trust", "web-9"], ["host", "survey", "web-9"]] {
        let error = refused(&sandbox, &words, 2, "host-not-found");
        assert!(error["message"].as_str().unwrap().contains("web-9"), "{error}");
    }
    refused(&sandbox, &["--yes", "host", "remove", "web-9"], 2, "host-not-found");
    refused(&sandbox, &["--yes", "secret", "remove", "nothing"], 2, "secret-not-found");
    for words in [["job", "show", "01234567"], ["job", "attach", "01234567"], ["job", "cancel", "no"]] {
        refused(&sandbox, &words, 2, "job-not-found");
    }
}

#[test]
fn names_that_are_none() {
    let sandbox = Sandbox::with_vault();
    for name in ["Web", "-web", "all", "and", "a b", "wéb", "", "web/", "."] {
        refused(&sandbox, &["host", "add", "--", name, "127.0.0.1"], 2, "invalid-name");
    }
    refused(&sandbox, &["host", "add", "web/1", "127.0.0.1"], 2, "guest-no-ssh");
    for flags in [["--trust", "SHA256:short"], ["--tag", "a b"], ["--stage", "Nowhere!"]] {
        refused(&sandbox, &[&["host", "add", "web-1", "127.0.0.1"][..], &flags].concat(), 2, "invalid-name");
    }
    refused(&sandbox, &["host", "add", "web-1", "127.0.0.1", "--stage", "prod"], 2, "stage-not-found");
    refused(&sandbox, &["host", "add", "web-1", "127.0.0.1", "--identity", "nothing"], 2, "secret-not-found");
    sandbox.file("value", "value");
    refused(&sandbox, &["secret", "set", "a b", "--from-file", "value"], 2, "invalid-name");
    refused(&sandbox, &["secret", "set", "x", "--from-file", "missing"], 1, "local-file");
    assert_eq!(sandbox.json(&["vault", "info"]).success().data("vault-info")["hosts"], 0);
    drop(sandbox.beffroi(&["host", "add", "web-1", "127.0.0.1"]).success());
    refused(&sandbox, &["host", "add", "web-1", "127.0.0.1"], 2, "host-exists");
    for words in [["put", "value", "web-1"], ["get", ":value", "here"]] {
        refused(&sandbox, &words, 2, "invalid-request");
    }
}

#[test]
fn words_that_the_program_does_not_know() {
    let sandbox = Sandbox::without_vault();
    for words in [&["no-such"][..], &["run"], &["run", "--on", "all"], &["host", "add", "x"], &["host", "list", "--port", "1"], &[]] {
        let error = sandbox.bare(&[&["--json"], words].concat()).exit(2).error();
        assert_eq!(error["code"], "invalid-request", "{words:?}");
        assert!(!error["message"].as_str().unwrap().is_empty() && !error["remedy"].as_str().unwrap().is_empty(), "{error}");
        let text = sandbox.bare(words).exit(2);
        assert!(text.stdout.is_empty() && !text.stderr.is_empty(), "{text:?}");
    }
}
