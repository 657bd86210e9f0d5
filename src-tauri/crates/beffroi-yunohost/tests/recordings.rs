//! What every recording of a real YunoHost 12.1.25 is taken for: `tests/recordings.txt`, one line each, reviewed.
//!
//! `BEFFROI_WRITE=1 cargo test -p beffroi-yunohost --test recordings` writes it anew. Whether something was done by half is
//! not in what a command says but in the state: the tests of each area judge that.

mod common;

use std::fmt::Write as _;
use std::path::Path;

use beffroi_domain::Exit;
use beffroi_yunohost::Outcome;
use common::recordings;
use serde_json::Value;

/// One line: the recording's name, what it is taken for, and why.
fn classed(name: &str, recorded: &Value) -> String {
    let text = |field: &str| recorded[field].as_str().unwrap_or_default();
    let status = recorded["exit"].as_i64().unwrap_or(-1);
    let outcome =
        Outcome::read(text("stdout").as_bytes(), text("stderr").as_bytes(), &u32::try_from(status).map_or(Exit::Unknown, Exit::Status));
    match outcome.cause {
        None => format!("{name} | succeeded"),
        Some(cause) => format!("{name} | failed with status {status}: {}", cause.name()),
    }
}

#[test]
fn every_recording_is_taken_for_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines = String::new();
    for path in recordings() {
        let recorded: Value = serde_json::from_slice(&std::fs::read(&path).expect("a recording")).expect("JSON");
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name");
        writeln!(lines, "{}", classed(name, &recorded)).expect("text");
    }
    let kept = root.join("tests/recordings.txt");
    if std::env::var_os("BEFFROI_WRITE").is_some() {
        std::fs::write(&kept, &lines).expect("written");
    }
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    for (now, before) in lines.lines().zip(before.lines()) {
        assert_eq!(now, before);
    }
    assert_eq!(lines.lines().count(), before.lines().count(), "recordings came or went: write the list anew and read it");
}
