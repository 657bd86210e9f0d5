//! The table of YunoHost's actions: what each is here, how it is proved, and which test sees it through.
//!
//! `BEFFROI_WRITE=1 cargo test -p beffroi-yunohost --test table` writes it anew.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use beffroi_yunohost::{Given, Operation};
use common::kept;

/// The functions of these tests in which a name stands, as `file: function`.
fn tests_of(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let quoted = format!("\"{name}\"");
    let mut files: Vec<_> = std::fs::read_dir(folder).expect("this folder").flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut found = Vec::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|kind| kind == "rs")) {
        let file = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = std::fs::read_to_string(path).expect("a test");
        let mut function = "";
        for line in text.lines() {
            if let Some((_, rest)) = line.split_once("fn ") {
                function = rest.split(['(', '<']).next().unwrap_or_default();
            }
            let told = format!("{file}: {function}");
            if line.contains(&quoted) && !found.contains(&told) {
                found.push(told);
            }
        }
    }
    found
}

/// The table as it should be: an action that is several operations has a line for each.
fn table() -> String {
    let map: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&std::fs::read(kept("actionsmap.json")).expect("the action map")).expect("JSON");
    let elsewhere: BTreeMap<&str, &str> = Operation::elsewhere().collect();
    let mut rows = String::new();
    let (mut operations, mut others) = (0, 0);
    for action in map.keys() {
        for operation in Operation::all().filter(|operation| operation.command.join(" ") == *action) {
            operations += 1;
            let proof = (operation.proof)(&Given::default());
            let proof: Vec<String> = proof.iter().map(|words| words.join(" ").trim().to_owned()).collect();
            let tests = tests_of(operation.id);
            assert!(!tests.is_empty(), "no test names {}", operation.id);
            writeln!(rows, "| `{action}` | `{}` | `{}` | {} |", operation.id, proof.join("`, `"), tests.join("; ")).expect("text");
        }
        if let Some(reason) = elsewhere.get(action.as_str()) {
            others += 1;
            writeln!(rows, "| `{action}` | – | {reason} | – |").expect("text");
        }
    }
    format!(
        "# The {} actions of YunoHost 12.1.25\n\n{operations} operations, and {others} actions that are none. Written by `tests/table.rs`.\n\n\
         | action | operation | what is read to prove it, or why it is none | seen through by |\n| --- | --- | --- | --- |\n{rows}",
        map.len()
    )
}

#[test]
fn the_table_of_actions_is_as_the_operations_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ACTIONS.md");
    let table = table();
    if std::env::var_os("BEFFROI_WRITE").is_some() {
        std::fs::write(&path, &table).expect("written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == table, "ACTIONS.md is old: BEFFROI_WRITE=1 cargo test -p beffroi-yunohost --test table");
}
