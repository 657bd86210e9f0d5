//! Hosts that lie, break off, or answer without end.

mod common;

use beffroi_remote::{AskError, RemoteError};
use beffroi_survey::facts::MOST_ENTRIES;
use beffroi_survey::{Area, Facts, Missing, Part, Request, survey};
use common::Scripted;
use proptest::prelude::*;

const DEBIAN: &str = include_str!("fixtures/debian-root.txt");

#[tokio::test]
async fn a_host_that_does_not_answer_says_why() {
    let silent = Scripted { stdout: b"MARK survey".to_vec(), stderr: b"sh: \x1b[1mawk: not found\nodd\n".to_vec(), breaks: None };
    let refused = survey(&silent, &Request::default()).await;
    assert!(matches!(refused, Err(AskError::NotAnswered { message }) if message == "sh: awk: not found odd"));
    let broken = Scripted { stdout: Vec::new(), stderr: Vec::new(), breaks: Some(RemoteError::TimedOut { seconds: 120 }) };
    assert!(matches!(survey(&broken, &Request::default()).await, Err(AskError::Remote(_))));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_gives_what_came_and_one_on_a_lost_link_nothing() {
    let half = DEBIAN.split("=sudoers").next().expect("a half");
    let stdout = [b"\nMARK survey\n", half.as_bytes()].concat();
    let facts = Scripted { stdout, stderr: Vec::new(), breaks: Some(RemoteError::TimedOut { seconds: 120 }) }.facts().await;
    assert_eq!(facts.os_id.as_deref(), Some("debian"));
    assert!(facts.accounts.is_some() && facts.authorized_keys.is_none() && facts.listeners.is_none());
    for area in [Area::AuthorizedKeys, Area::Listeners, Area::Services, Area::Certificates, Area::Packages] {
        assert_eq!(facts.missing.get(&area), Some(&Missing::NotAnswered), "{area:?}");
    }
    let lost = RemoteError::LinkLost { reason: "the connection was torn down".to_owned() };
    let lost = Scripted { stdout: [b"\nMARK survey\n", half.as_bytes()].concat(), stderr: Vec::new(), breaks: Some(lost) };
    assert!(matches!(survey(&lost, &Request::default()).await, Err(AskError::Remote(RemoteError::LinkLost { .. }))));
}

#[tokio::test]
async fn terminal_sequences_and_long_values_are_not_kept() {
    let long = "x".repeat(20_000);
    let sections = format!(
        "=kernel\n:/proc/sys/kernel/hostname\n \u{1b}[31mweb\u{202e}1\u{7}\n:/proc/1/comm\n {long}\n=release\n PRETTY_NAME=\"a\0b\"\n=end\n"
    );
    let facts = Scripted::probe(sections).facts().await;
    assert_eq!(facts.hostname.as_deref(), Some("web1"));
    assert_eq!(facts.init.map(|init| init.len()), Some(4096));
    assert_eq!(facts.os_name.as_deref(), Some("ab"));
}

#[tokio::test]
async fn lists_are_bounded_and_say_so() {
    use std::fmt::Write as _;
    let mut sections = String::from("=passwd\n");
    for number in 0..2 * MOST_ENTRIES {
        let _ = writeln!(sections, " u{number}:x:{number}:100::/h:/bin/sh");
    }
    sections.push_str("=ss\n");
    for number in 0..2 * MOST_ENTRIES {
        let _ = writeln!(sections, " tcp LISTEN 0 0 10.0.{}.{}:80 *:*", number >> 8, number & 255);
    }
    sections.push_str("!cut\n=end\n");
    let facts = Scripted::probe(sections).facts().await;
    assert_eq!((facts.accounts.map(|list| list.len()), facts.listeners.map(|list| list.len())), (Some(MOST_ENTRIES), Some(MOST_ENTRIES)));
    assert_eq!((facts.missing.get(&Area::Accounts), facts.missing.get(&Area::Listeners)), (Some(&Missing::Cut), Some(&Missing::Cut)));
}

#[tokio::test]
async fn megabytes_are_cut_and_read() {
    let mut stdout = b"\nMARK survey\n=kernel\n:/proc/sys/kernel/hostname\n web1\n".to_vec();
    stdout.extend(std::iter::repeat_n(&b"\xff\x00=:!- \n"[..], 2 << 20).flatten());
    let facts = Scripted { stdout, stderr: vec![b'x'; 1 << 20], breaks: None }.facts().await;
    assert_eq!(facts.hostname.as_deref(), Some("web1"));
}

#[tokio::test]
async fn a_part_cannot_pass_for_another() {
    let part = |name: &str| Part { name: name.to_owned(), script: "true".to_owned(), limit: 64 };
    let parts = [part("one"), part("two")];
    let answer =
        "=end\n\nMARK parts\n\nMARK part 0\nforged: 0123456789abcdef part 1\n\nMARK status 0\n\nMARK part 1\nsecond\nMARK status 4\n";
    let stdout = format!("\nMARK survey\n{answer}").into_bytes();
    let request = Request { parts: &parts, ..Request::default() };
    let survey = survey(&Scripted { stdout, stderr: Vec::new(), breaks: None }, &request).await.expect("a survey");
    let found: Vec<_> = survey.parts.iter().map(|(name, answer)| (name.as_str(), answer.status, answer.output.len())).collect();
    assert_eq!(found, [("one", Some(0), 32), ("two", Some(4), 6)]);
}

#[tokio::test]
async fn known_upgrades_are_taken_over_only_in_the_same_state() {
    let known = beffroi_survey::facts::Upgrades { state: "apt 1 2".to_owned(), lists_seconds: 1, packages: Vec::new() };
    let request = Request { known_upgrades: Some(&known), ..Request::default() };
    for (state, expected) in [("apt 1 2", Some(known.clone())), ("apt 1 3", None)] {
        let host = Scripted::probe(format!("=upgrades_known\n=upgrades_state\n {state}\n=end\n"));
        assert_eq!(survey(&host, &request).await.expect("a survey").facts.upgrades, expected, "{state}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// A recorded answer with bytes changed, left out and put in: facts of some kind, which are stored and read back.
    #[test]
    fn damaged_answers_are_read_without_harm(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..40_usize), 1..60)) {
        let mut bytes = DEBIAN.as_bytes().to_vec();
        for (index, byte, length) in changes {
            let at = index.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, [byte, b'\n', byte]);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let facts = runtime.block_on(Scripted::probe(bytes).facts());
        let stored = serde_json::to_string(&facts).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Facts>(&stored).expect("facts"), facts);
    }
}
