//! Finding what tests run: the program under test, and Python for the lab.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{fail, once_per_run};

/// The built `beffroi`.
///
/// Cargo tells a test only where the programs of its own package are, so the kit asks Cargo to build it, once per test
/// process; under nextest, where each test is a process, once per run. `BEFFROI_CLI` names a program that is built already.
#[track_caller]
pub fn beffroi() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("BEFFROI_CLI") {
        Some(program) => std::path::absolute(program).expect("BEFFROI_CLI names a program"),
        None => built("beffroi", &["--package", "beffroi-cli"]),
    })
}

/// One of the examples of this package, built.
#[track_caller]
pub fn example(name: &'static str) -> PathBuf {
    built(name, &["--package", env!("CARGO_PKG_NAME"), "--example", name])
}

/// Python 3, which the lab is written in.
#[track_caller]
pub fn python() -> Command {
    static FOUND: OnceLock<bool> = OnceLock::new();
    let answers = || {
        let asked = Command::new("python3").arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    };
    if !*FOUND.get_or_init(answers) {
        fail("python3 is missing and the lab is written in it: install Python 3.9 or later (Debian, Ubuntu: apt install python3)");
    }
    Command::new("python3")
}

/// Built by the first who asks for it, who leaves where it is to the others.
fn built(name: &str, what: &[&str]) -> PathBuf {
    let note = once_per_run(name, |folder| {
        let program = build(what, name);
        fs::write(folder.join("path"), program.to_str().expect("the target folder has a plain name")).expect("a file can be written");
    });
    PathBuf::from(fs::read_to_string(note.join("path")).expect("a file can be read"))
}

fn build(what: &[&str], name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--message-format=json-render-diagnostics"]).args(what);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let built = command.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::inherit()).output().expect("cargo can be started");
    assert!(built.status.success(), "cargo build {} failed", what.join(" "));
    let messages = String::from_utf8_lossy(&built.stdout);
    let executable = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(|message| {
        let is_it = message["reason"] == "compiler-artifact" && message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
    });
    executable.expect("cargo says where it put a program")
}
