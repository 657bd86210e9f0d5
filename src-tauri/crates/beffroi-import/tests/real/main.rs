//! Real files: what the programs themselves write is read here, and what is written here they read. One module per program.
//!
//! A program that is not installed is skipped, loudly; with `BEFFROI_REQUIRE=all` that is a failure.

mod age;
mod ansible;
mod connections;
mod kdbx;
#[path = "../kdbx_file/mod.rs"]
mod kdbx_file;
mod keys;
mod managers;
mod pass;
mod pkcs12;
mod sops;
mod ssh_config;

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The programs, each with its Debian package.
const PACKAGES: &[(&str, &str)] = &[
    ("age", "age"),
    ("age-keygen", "age"),
    ("ansible-inventory", "ansible-core"),
    ("ansible-vault", "ansible-core"),
    ("gopass", "gopass"),
    ("gpg", "gnupg"),
    ("keepassxc-cli", "keepassxc"),
    ("oathtool", "oathtool"),
    ("openssl", "openssl"),
    ("pass", "pass"),
    ("puttygen", "putty-tools"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
];

/// A program that is installed, with a home of its own that is empty at first and goes with it.
pub(crate) struct Tool {
    path: PathBuf,
    home: TempDir,
}

/// Finds a program of [`PACKAGES`]. None when it is not installed: the test ends there, having said so.
#[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
pub(crate) fn tool(name: &str) -> Option<Tool> {
    let (_, package) = PACKAGES.iter().find(|(program, _)| *program == name).expect("a program of PACKAGES");
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    if path.is_none() {
        let reason = format!("{name} is not installed: apt install {package}");
        assert!(std::env::var_os("BEFFROI_REQUIRE").is_none_or(|what| what != "all"), "nothing may be skipped: {reason}");
        eprintln!("skipped: {reason}");
    }
    path.map(|path| Tool { path, home: tempfile::tempdir().expect("a folder") })
}

impl Tool {
    /// Its home, where its files may lie as well.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program, about to run in its home, with nothing of this process's environment but where programs are.
    pub(crate) fn command<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>) -> Command {
        let mut command = Command::new(&self.path);
        command.args(words).current_dir(self.home()).env_clear().env("HOME", self.home()).env("LC_ALL", "C.UTF-8");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs it with this on its standard input, and gives what it printed. It has to succeed.
    pub(crate) fn run<Word: AsRef<OsStr>>(&self, words: impl IntoIterator<Item = Word>, input: impl AsRef<[u8]>) -> Vec<u8> {
        let output = finish(&mut self.command(words), input.as_ref());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {}: {said}", self.path.display(), output.status);
        output.stdout
    }
}

/// Runs a command to its end, whatever that is.
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut to = child.stdin.take().expect("a pipe");
    // What is written here is short; a program that ends without reading it is judged by its status.
    let _ = to.write_all(input);
    drop(to);
    child.wait_with_output().expect("it ends")
}

#[test]
fn the_programs_are_there() {
    for (program, _) in PACKAGES {
        let Some(tool) = tool(program) else { continue };
        // Whatever each one says to it, each one starts.
        finish(&mut tool.command(["--version"]), b"");
    }
}
