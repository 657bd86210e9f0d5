//! Finding what tests run: the program under test, and Python for the lab.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::fail;

/// The built `beffroi`.
///
/// Cargo tells a test only where the programs of its own package are, so the kit asks Cargo to build it, once per test
/// process; under nextest, where each test is a process, once per run. `BEFFROI_CLI` names a program that is built already.
#[track_caller]
pub fn beffroi() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| match std::env::var_os("BEFFROI_CLI") {
        Some(program) => std::path::absolute(program).expect("BEFFROI_CLI names a program"),
        None => once_per_run("beffroi", || build(&["--package", "beffroi-cli"], "beffroi")),
    })
}

/// One of the examples of this package, built.
#[track_caller]
pub fn example(name: &'static str) -> PathBuf {
    once_per_run(name, || build(&["--package", env!("CARGO_PKG_NAME"), "--example", name], name))
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

/// The first process of a nextest run builds; the others wait for it and read where the program is.
fn once_per_run(name: &str, build: impl FnOnce() -> PathBuf) -> PathBuf {
    let Ok(run) = std::env::var("NEXTEST_RUN_ID") else {
        return build();
    };
    // Beside the test's own program: nobody else writes there.
    let tests = std::env::current_exe().expect("a program knows where it is");
    let note = tests.with_file_name(format!("{name}-of-this-run"));
    let file = File::options().create(true).truncate(false).write(true).open(&note).expect("the target folder can be written");
    file.lock().expect("a file of the target folder can be locked");
    let told = fs::read_to_string(&note).unwrap_or_default();
    if let Some((_, program)) = told.split_once('\n').filter(|(of, program)| *of == run && Path::new(program).is_file()) {
        return PathBuf::from(program);
    }
    let program = build();
    fs::write(&note, format!("{run}\n{}", program.display())).expect("the target folder can be written");
    program
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
