//! A sample of the endurance that `./dev soak` goes on with for as long as it is told to.

use std::process::{Command, Stdio};

use beffroi_tests::example;
use serde_json::Value;

/// Runs the program on so many kills and changes of this seed; gives what it reached.
fn soak(amount: &str) -> Value {
    let done =
        Command::new(example("soak")).args(["vault", amount, "20261121"]).stdin(Stdio::null()).output().expect("as the test needs it");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stdout));
    serde_json::from_slice(&done.stdout).expect("as the test needs it")
}

#[test]
fn a_vault_holds_its_last_acknowledged_write_whenever_its_writer_is_killed() {
    let reached = soak("10x0");
    assert_eq!(reached["wrong"], 0, "{reached}");
    assert_eq!(reached["kills"], 10, "{reached}");
    let acknowledged: u64 = reached["acknowledged"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert!(acknowledged > 10, "{reached}");
}

#[test]
fn a_changed_folder_is_refused_or_reported_or_holds_exactly_what_was_written() {
    let reached = soak("0x300");
    assert_eq!(reached["wrong"], 0, "{reached}");
    assert_eq!(reached["mutations"], 300, "{reached}");
    // A judge that never refuses, or never finds anything right, does not look.
    let verdicts = |verdict: &str| -> u64 {
        let kinds = reached["mutations_by_kind"].as_object().unwrap().values();
        kinds.filter_map(|counts| counts[verdict].as_u64()).sum()
    };
    assert!(verdicts("refused") > 0 && verdicts("reported") > 0 && verdicts("right") > 0, "{reached}");
}
