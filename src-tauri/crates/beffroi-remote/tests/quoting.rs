//! Quoted words arrive as they are in the shells that hosts have.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use beffroi_remote::{CommandLine, quote};
use proptest::prelude::*;

/// The shells that are always tested; a missing one fails the test.
const SHELLS: [&[&str]; 4] = [&["sh"], &["dash"], &["bash", "--posix"], &["busybox", "ash"]];

/// What the shell hands a program that prints its name and arguments, each followed by a NUL byte.
fn received(shell: &[&str], line: &CommandLine, path: &Path) -> Vec<String> {
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).args(["-c", line.as_str()]).env("PATH", format!("{}:/usr/bin:/bin", path.display()));
    let output = command.output().expect("a shell: install dash, bash and busybox");
    assert!(output.status.success(), "{shell:?} {line}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// A folder with a program of that name which prints what it got.
fn folder_with(program: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(program);
    std::fs::write(&file, "#!/bin/sh\nprintf '%s\\0' \"${0##*/}\" \"$@\"\n").expect("a program");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("permissions");
    folder
}

#[test]
fn programs_with_awkward_names_are_run() {
    for program in [
        "x=1", "-n", "~", "#", "#x", "if", "!", "{", "}", "a b", "it's", "\"", "$x", "`x`", "a\nb", "*", "?", "=x", "é", "\\", "&", "|",
        ";", ">",
    ] {
        let folder = folder_with(program);
        for shell in SHELLS {
            let line = CommandLine::new([program, "one", ""]);
            assert_eq!(received(shell, &line, folder.path()), [program, "one", ""], "{shell:?} {line}");
        }
    }
}

#[test]
fn awkward_arguments_arrive() {
    let folder = folder_with("show");
    let words = [
        "show",
        "x=1",
        "~",
        "~root",
        "-n",
        "--",
        "#",
        "a#",
        "\n",
        "\r\n",
        "\t",
        "",
        "'",
        "''",
        "\\'",
        "!",
        "!!",
        "$HOME",
        "$(id)",
        "`id`",
        "a;b",
        "*",
        "{a,b}",
        "=ls",
        "\u{1b}[31m",
        "é",
        "\u{202e}",
        "\\",
        "a\\nb",
        "^",
        "<(x)",
        "a&&b",
    ];
    for shell in SHELLS {
        assert_eq!(received(shell, &CommandLine::new(words), folder.path()), words, "{shell:?}");
    }
}

#[test]
fn a_nul_byte_is_dropped() {
    assert_eq!(quote("a\0b"), "'ab'");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_words_arrive(words in proptest::collection::vec("[^\0]{0,24}", 1..6)) {
        let folder = folder_with("show");
        let all: Vec<String> = std::iter::once("show".to_owned()).chain(words).collect();
        for shell in SHELLS {
            prop_assert_eq!(received(shell, &CommandLine::new(&all), folder.path()), all.clone());
        }
    }
}
