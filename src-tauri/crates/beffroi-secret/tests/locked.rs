//! What the system says about the memory that keys lie in.
#![cfg(target_os = "linux")]

use std::ops::Range;
use std::process::Command;
use std::{env, fs};

use beffroi_secret::{SecretKey, keys_are_locked};

/// Set for a copy of this test that runs in a process of its own, with limits of its own.
const ALONE: &str = "BEFFROI_TEST_ALONE";

/// No limits but those of whoever runs the tests.
const ANY: &str = "true";

/// Runs one test of this file again in a new process, after the shell ran `limits`. Root would not be held to a limit of
/// locked memory, so it gives up that right.
fn alone(test: &str, limits: &str) {
    let script = format!(
        r#"{limits} || exit 1
        [ "$(id -u)" != 0 ] || exec setpriv --bounding-set=-ipc_lock -- "$0" --exact "$1"
        exec "$0" --exact "$1""#
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .arg(env::current_exe().expect("this test"))
        .arg(test)
        .env(ALONE, "1")
        .output()
        .expect("sh starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

fn is_alone() -> bool {
    env::var_os(ALONE).is_some()
}

/// The blocks of `/proc/self/smaps`, one for each mapping.
fn smaps() -> Vec<String> {
    let text = fs::read_to_string("/proc/self/smaps").expect("Linux has smaps");
    let mut blocks: Vec<String> = Vec::new();
    for line in text.lines() {
        if range(line).is_some() {
            blocks.push(String::new());
        }
        blocks.last_mut().expect("it begins with a range").extend([line, "\n"]);
    }
    blocks
}

/// The addresses at the start of a block: `7f00-7fff rw-p …`.
fn range(line: &str) -> Option<Range<usize>> {
    let (from, to) = line.split_once(' ')?.0.split_once('-')?;
    Some(usize::from_str_radix(from, 16).ok()?..usize::from_str_radix(to, 16).ok()?)
}

fn field<'a>(block: &'a str, name: &str) -> &'a str {
    block.lines().find_map(|line| line.strip_prefix(name)).expect("a field of smaps").trim()
}

fn has_flag(block: &str, flag: &str) -> bool {
    field(block, "VmFlags:").split(' ').any(|set| set == flag)
}

fn is_locked(block: &str) -> bool {
    has_flag(block, "lo")
}

#[test]
fn a_key_lies_in_a_locked_page_that_is_left_out_of_dumps_and_forks() {
    const TEST: &str = "a_key_lies_in_a_locked_page_that_is_left_out_of_dumps_and_forks";
    if !is_alone() {
        return alone(TEST, ANY);
    }
    let key = SecretKey::new([0xc7; 32]);
    let address = key.expose().as_ptr().addr();
    let blocks = smaps();
    let block = blocks.iter().find(|block| range(block).is_some_and(|range| range.contains(&address))).expect("it is mapped");
    assert!(is_locked(block) && keys_are_locked(), "the limit of locked memory must allow one page (ulimit -l): {block}");
    assert_eq!(field(block, "Locked:"), "4 kB");
    assert!(has_flag(block, "dd"), "not in dumps: {block}");
    assert!(has_flag(block, "dc"), "not in forks: {block}");
}

#[test]
fn a_dropped_key_leaves_no_locked_page_behind() {
    const TEST: &str = "a_dropped_key_leaves_no_locked_page_behind";
    if !is_alone() {
        return alone(TEST, ANY);
    }
    let locked = || smaps().iter().filter(|block| is_locked(block)).count();
    let before = locked();
    let keys: Vec<SecretKey> = (0..10).map(|n| SecretKey::new([n; 32])).collect();
    assert!(locked() > before);
    drop(keys);
    assert_eq!(locked(), before);
}

#[test]
fn past_the_limit_of_locked_memory_keys_are_made_all_the_same_and_the_fact_is_told() {
    const TEST: &str = "past_the_limit_of_locked_memory_keys_are_made_all_the_same_and_the_fact_is_told";
    if !is_alone() {
        return alone(TEST, "ulimit -l 64");
    }
    let few: Vec<SecretKey> = (0..8).map(key_of).collect();
    assert!(keys_are_locked(), "64 KiB are sixteen pages");
    let many: Vec<SecretKey> = (8..10_000).map(key_of).collect();
    assert!(!keys_are_locked());
    for (n, key) in (0..).zip(few.iter().chain(&many)) {
        assert_eq!(key.expose(), key_of(n).expose());
    }
    drop((few, many));
    assert!(!keys_are_locked(), "what went to swap once may still be there");
}

/// A key that is like no other.
fn key_of(n: u16) -> SecretKey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&n.to_be_bytes());
    SecretKey::new(bytes)
}
