//! A machine of its own for the program: home, state, vault.

use std::fs::{self, DirBuilder};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::clock::Clock;
use crate::running::stop;
use crate::warden::Warden;
use crate::{Answer, OnTerminal, Running, beffroi, python, send};

/// The passphrase of every sandbox's vault.
pub const PASSPHRASE: &str = "quartz lantern orchard nimble";

/// A home, a state folder and, once made, a vault, which are nobody else's. Removed when it goes out of scope, and when the
/// test is killed, with every program that still runs in it.
///
/// Stretching a passphrase is slow by design and no flag makes it faster, so once the vault is made its recovery words
/// open it, which need no stretching.
#[derive(Debug)]
pub struct Sandbox {
    /// Goes first: it looks into the folder.
    _warden: Option<Warden>,
    folder: TempDir,
    clock: Option<Clock>,
    /// What names are, in the place of `/etc/hosts`.
    names: Option<PathBuf>,
}

impl Sandbox {
    /// A machine that never saw a vault.
    #[track_caller]
    pub fn without_vault() -> Self {
        let folder = tempfile::Builder::new().prefix("beffroi-sandbox-").tempdir().expect("a temporary folder can be made");
        let warden = Warden::over(folder.path(), None);
        let sandbox = Self { folder, _warden: Some(warden), clock: None, names: None };
        for part in ["home", "state", "files"] {
            fs::create_dir(sandbox.folder.path().join(part)).expect("a folder can be made");
        }
        DirBuilder::new().mode(0o700).create(sandbox.runtime()).expect("a folder can be made");
        sandbox.file("passphrase", &format!("{PASSPHRASE}\n"));
        sandbox
    }

    /// A machine with a new vault.
    #[track_caller]
    pub fn with_vault() -> Self {
        let sandbox = Self::without_vault();
        let made = sandbox.bare(&["--json", "--passphrase-file", "passphrase", "vault", "create", "vault"]).success().data("vault-create");
        sandbox.file("recovery", made["recovery_words"].as_str().expect("the recovery words are text"));
        sandbox
    }

    /// Runs the program on the vault.
    #[track_caller]
    pub fn beffroi(&self, words: &[&str]) -> Answer {
        run(self.in_vault(words), words, None)
    }

    /// The same with `--json`.
    #[track_caller]
    pub fn json(&self, words: &[&str]) -> Answer {
        self.beffroi(&[&["--json"], words].concat())
    }

    /// Runs the program on the vault with something on its standard input.
    #[track_caller]
    pub fn beffroi_reading(&self, input: &str, words: &[&str]) -> Answer {
        run(self.in_vault(words), words, Some(input))
    }

    /// Starts the program on the vault and lets it run.
    #[track_caller]
    pub fn start(&self, words: &[&str]) -> Running {
        Running::start(words, self.in_vault(words))
    }

    /// Starts the program without a word about the vault and lets it run.
    #[track_caller]
    pub fn start_bare(&self, words: &[&str]) -> Running {
        Running::start(words, self.with(words))
    }

    /// Starts the program on the vault in a terminal of its own.
    #[track_caller]
    pub fn in_terminal(&self, words: &[&str]) -> OnTerminal {
        OnTerminal::start(words, &self.in_vault(words))
    }

    /// Runs the program without a word about the vault.
    #[track_caller]
    pub fn bare(&self, words: &[&str]) -> Answer {
        run(self.with(words), words, None)
    }

    /// The same with something on its standard input.
    #[track_caller]
    pub fn bare_reading(&self, input: &str, words: &[&str]) -> Answer {
        run(self.with(words), words, Some(input))
    }

    /// The same with more in its environment.
    #[track_caller]
    pub fn bare_in(&self, environment: &[(&str, &str)], words: &[&str]) -> Answer {
        let mut command = self.with(words);
        command.envs(environment.iter().copied());
        run(command, words, None)
    }

    /// Runs shell text on a terminal, `$BEFFROI` standing for the program on the vault. Gives what the terminal was sent.
    #[track_caller]
    pub fn on_terminal(&self, text: &str) -> Answer {
        const PTY: &str = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(['sh', '-c', sys.argv[1]])))";
        let vault = self.vault();
        let line = format!("{} --vault {} --recovery-file recovery", beffroi().display(), vault.display());
        let mut command = python();
        command.args(["-c", PTY, text]).current_dir(self.files()).env("BEFFROI", line).env("TERM", "xterm").env("LANG", "en");
        command.env("XDG_STATE_HOME", self.state()).env("XDG_RUNTIME_DIR", self.runtime()).stdin(Stdio::null());
        Answer::new(&[text], &command.output().expect("python3 can be started"))
    }

    /// Where the program runs, and where relative paths begin.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Writes a file there.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.files().join(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// The vault's folder.
    pub fn vault(&self) -> PathBuf {
        self.files().join("vault.beffroi")
    }

    /// What the machine itself keeps: `XDG_STATE_HOME`.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Where the process that holds the keys listens, below: `XDG_RUNTIME_DIR`. The warden ends it.
    pub fn runtime(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    /// The copy of the anchor outside of the vault.
    pub fn outer_anchor(&self) -> PathBuf {
        let folder = self.state().join("beffroi/anchors");
        let mut anchors = fs::read_dir(folder).expect("anchors are kept there").map(|entry| entry.expect("it can be read").path());
        anchors.next().expect("the vault has an anchor")
    }

    /// Everything: home, state, vault and files.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A copy of this machine, vault, anchors and all, to be damaged. What it remembers by path is the first one's.
    pub fn duplicate(&self) -> Self {
        let folder = tempfile::Builder::new().prefix("beffroi-sandbox-").tempdir().expect("a temporary folder can be made");
        copy_folder(self.root(), folder.path());
        Self { folder, _warden: None, clock: None, names: None }
    }

    /// What is started from now on goes by clocks that [`Sandbox::sleep`] puts forward.
    #[track_caller]
    pub fn keep_clock(&mut self) {
        self.clock = Some(Clock::in_folder(self.root()));
    }

    /// What is started from now on finds these names at these addresses: as root, since it is given an `/etc/hosts` of its own.
    pub fn resolve(&mut self, names: &[(&str, &str)]) {
        let lines: String = names.iter().map(|(name, address)| format!("{address} {name}\n")).collect();
        self.names = Some(self.file("hosts", &format!("127.0.0.1 localhost\n{lines}")));
    }

    /// The machine sleeps: every program in it stands still while `meanwhile` happens, and then the clocks that go on in a
    /// sleep are so much later. Asks for [`Sandbox::keep_clock`] first.
    #[track_caller]
    pub fn sleep<T>(&self, length: Duration, meanwhile: impl FnOnce() -> T) -> T {
        let clock = self.clock.as_ref().expect("the sandbox keeps a clock");
        let programs = self.programs();
        programs.iter().for_each(|pid| stop(*pid));
        let happened = meanwhile();
        clock.put_forward(length);
        programs.iter().for_each(|pid| send("CONT", *pid));
        happened
    }

    /// The process ids of the programs that run in it, what holds the keys among them.
    pub fn programs(&self) -> Vec<u32> {
        let numbered = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbered = numbered.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        // It works in no folder, and writes down which process it is.
        let keeper = fs::read_to_string(self.runtime().join("beffroi/agent.lock")).ok().and_then(|pid| pid.trim().parse().ok());
        let is_called = |pid: u32| fs::read(format!("/proc/{pid}/cmdline")).map(|words| String::from_utf8_lossy(&words).into_owned());
        let is_keeper = |pid: u32| keeper == Some(pid) && is_called(pid).is_ok_and(|words| words.contains("agent\0--foreground"));
        let is_here = |pid: u32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|folder| folder == self.files());
        numbered.filter(|pid| is_here(*pid) || is_keeper(*pid)).collect()
    }

    fn in_vault(&self, words: &[&str]) -> Command {
        self.with(&[&["--vault", "vault.beffroi", "--recovery-file", "recovery"], words].concat())
    }

    fn with(&self, words: &[&str]) -> Command {
        let mut command = match &self.names {
            None => Command::new(beffroi()),
            Some(names) => {
                let mut command = Command::new("unshare");
                command.args(["--mount", "sh", "-c", "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"", "sh"]);
                command.arg(names).arg(beffroi());
                command
            }
        };
        command.args(words).env_clear().current_dir(self.files());
        command.env("HOME", self.folder.path().join("home")).env("XDG_STATE_HOME", self.state());
        command.env("XDG_RUNTIME_DIR", self.runtime()).env("PATH", "/usr/bin:/bin").env("LANG", "en_GB.UTF-8");
        command.envs(self.clock.iter().flat_map(Clock::environment));
        command
    }
}

/// Copies a folder with everything in it; `to` exists.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder can be read") {
        let entry = entry.expect("a folder can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            let mode = entry.metadata().expect("a folder can be looked at").permissions().mode();
            DirBuilder::new().recursive(true).mode(mode).create(&target).expect("a folder can be made");
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}

#[track_caller]
fn run(mut command: Command, words: &[&str], input: Option<&str>) -> Answer {
    let stdin = if input.is_some() { Stdio::piped() } else { Stdio::null() };
    let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program can be started");
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        // A program that does not read is not a fault of the kit's.
        drop(stdin.write_all(input.as_bytes()));
    }
    Answer::new(words, &child.wait_with_output().expect("a child can be waited for"))
}
