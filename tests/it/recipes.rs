//! Recipes: files that are refused, values that stay words, plans, jobs; in this process and in the agent.

use std::fs;

use beffroi_tests::{Answer, Fleet, Sandbox};
use serde_json::json;

const NOTE: &str = r#"
name = "note"
description = "Writes something down"
canary = 1

[[parameters]]
name = "text"
type = "text"
max = 100

[[parameters]]
name = "mode"
type = "choice"
choices = ["once", "twice"]
default = "once"

[[steps]]
title = "Write"
command = "cd; printf '%s\\n' {text} {mode} >>noted"

[[steps]]
title = "Show"
command = "cd; cat noted"
"#;

fn set(sandbox: &Sandbox, text: &str) -> Answer {
    sandbox.file("recipe.toml", text);
    sandbox.json(&["recipe", "set", "recipe.toml"])
}

#[test]
fn a_recipe_is_kept_shown_and_run_with_values_that_stay_words() {
    let fleet = Fleet::of(&["plain-1"]);
    assert_eq!(set(&fleet.sandbox, NOTE).success().data("recipe-set")["revision"], 1);
    assert_eq!(fleet.sandbox.beffroi(&["recipe", "show", "note"]).success().stdout, NOTE);
    let list = fleet.sandbox.json(&["recipe", "list"]).success().data("recipe-list");
    assert_eq!((&list["recipes"][0]["name"], &list["recipes"][0]["parameters"]), (&json!("note"), &json!(["text", "mode"])));

    let noted = fleet.lab.home("plain-1").join("noted");
    for through_agent in [false, true] {
        if through_agent {
            drop(fleet.sandbox.beffroi(&["vault", "unlock"]).success());
        }
        for value in ["; rm -rf ~", "a\nb", "it's \"$HOME\" `id` \\", "漢字 é", "-e", "{mode}", ""] {
            drop(fs::remove_file(&noted));
            let given = format!("text={value}");
            let words = ["recipe", "run", "note", "--on", "plain-1", "-p", &given];
            let planned = fleet.sandbox.json(&[&["--plan"], &words[..]].concat()).success().data("recipe-run");
            assert!(!noted.exists(), "a plan does nothing");
            let data = fleet.sandbox.json(&words).success().data("recipe-run");
            assert_eq!(data["commands"][0], planned["hosts"][0]["steps"][0]["command"]);
            assert_eq!(fs::read_to_string(&noted).unwrap(), format!("{value}\nonce\n"), "{value:?}");
            assert_eq!((&data["results"][0]["stdout"], &data["recipe"]), (&json!(format!("{value}\nonce\n")), &json!("note")));
        }
    }
}

#[test]
fn what_a_recipe_does_not_take_is_refused_before_anything_is_done() {
    let fleet = Fleet::of(&["plain-1"]);
    drop(set(&fleet.sandbox, NOTE).success());
    let run = |values: &[&str]| {
        let values: Vec<&str> = values.iter().flat_map(|value| ["-p", value]).collect();
        fleet.sandbox.json(&[&["recipe", "run", "note", "--on", "plain-1"], &values[..]].concat()).exit(2).error()
    };
    let missing = run(&[]);
    assert_eq!(missing["code"], "recipe-value-missing");
    assert!(missing["remedy"].as_str().unwrap().contains("-p text="), "{missing}");
    assert_eq!(run(&["txt=a"])["code"], "recipe-value-unknown");
    let invalid = run(&["text=a", "mode=thrice"]);
    assert!(invalid["remedy"].as_str().unwrap().contains("once | twice"), "{invalid}");
    assert_eq!(run(&[&format!("text={}", "x".repeat(101))])["code"], "recipe-value-invalid");
    assert_eq!(run(&["text"])["code"], "invalid-request");
    assert_eq!(fleet.sandbox.json(&["recipe", "run", "other", "--on", "plain-1"]).exit(2).error()["code"], "recipe-not-found");
    assert!(!fleet.lab.home("plain-1").join("noted").exists());
    // Detached, its steps are those of a job.
    let detached = ["--yes", "recipe", "run", "note", "--detach", "--on", "plain-1", "-p", "text=a b"];
    let results = fleet.sandbox.json(&detached).success().data("recipe-run");
    assert_eq!(results["results"][0]["status"], "ok", "{results}");
    assert_eq!(fs::read_to_string(fleet.lab.home("plain-1").join("noted")).unwrap(), "a b\nonce\n");
}

#[test]
fn a_file_that_is_no_recipe_is_refused_with_its_place() {
    let sandbox = Sandbox::with_vault();
    for (text, code, said) in [
        ("name = ", "recipe-syntax", "line 1"),
        ("name = \"a\"\nstep = []\n", "recipe-syntax", "line 2"),
        ("name = \"a\"\n[[steps]]\ncommand = \"echo {x}\"\n", "recipe-placeholder-unknown", "“x”"),
        (&NOTE.replace("{text} {mode}", "'{text}' {mode}"), "recipe-placeholder-misplaced", "'…'"),
        (&NOTE.replace(" {mode}", ""), "recipe-parameter-unused", "“mode”"),
        (&NOTE.replace("\"choice\"", "\"password\""), "recipe-parameter-invalid", "choices"),
        (&NOTE.replace("\"text\"\nmax = 100", "\"secret\""), "recipe-parameter-secret", "secret"),
        (&NOTE.replace("\"note\"", "\"No Te\""), "recipe-limit", "name"),
    ] {
        let error = set(&sandbox, text).exit(2).error();
        assert_eq!(error["code"], code, "{text}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
    assert_eq!(sandbox.json(&["recipe", "set", "missing.toml"]).exit(1).error()["code"], "local-file");
    assert_eq!(sandbox.json(&["recipe", "list"]).success().data("recipe-list")["recipes"], json!([]));
    drop(sandbox.beffroi_reading(NOTE, &["recipe", "set", "-"]).success());
    drop(sandbox.beffroi(&["--yes", "recipe", "remove", "note"]).success());
    assert_eq!(sandbox.json(&["recipe", "show", "note"]).exit(2).error()["code"], "recipe-not-found");
}
