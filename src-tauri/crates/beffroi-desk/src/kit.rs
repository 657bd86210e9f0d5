//! For tests: buses of their own, and tests that run again in a process with an environment of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

use tempfile::TempDir;

/// Set in such a process: which part of the test it is.
pub(crate) const STEP: &str = "BEFFROI_TEST_STEP";

pub(crate) fn step() -> Option<String> {
    env::var(STEP).ok()
}

/// A machine's surroundings: a home, the addresses of a session bus and a system bus where nothing listens yet.
pub(crate) struct Machine {
    folder: TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) fn session_bus(&self) -> String {
        self.address("session")
    }

    fn address(&self, bus: &str) -> String {
        format!("unix:path={}", self.folder.path().join(bus).display())
    }

    /// A program that sees these surroundings only.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for name in ["DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_ID", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        command
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", self.address("session"))
            .env("DBUS_SYSTEM_BUS_ADDRESS", self.address("system"));
        command
    }

    /// Runs one step of a test in a process of its own, and expects it to pass.
    pub(crate) fn run(&self, test: &str, step: &str) {
        self.run_with(test, step, &[]);
    }

    pub(crate) fn run_with(&self, test: &str, step: &str, environment: &[(&str, &str)]) {
        let mut command = self.command(env::current_exe().expect("this test"));
        command.args(["--exact", test]).env(STEP, step).envs(environment.iter().copied());
        let output = command.output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout);
        let passed = output.status.success() && said.contains("1 passed");
        assert!(passed, "step {step}: {said}{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A bus where nothing is started on demand. It stops when this is dropped.
pub(crate) struct Bus(Child);

impl Bus {
    pub(crate) fn start(address: &str) -> Self {
        let socket = address.strip_prefix("unix:path=").expect("an address of this kit");
        let rules = format!("{socket}.conf");
        fs::write(
            &rules,
            format!(
                r#"<busconfig><type>session</type><listen>{address}</listen><auth>EXTERNAL</auth><policy context="default">
                <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"#
            ),
        )
        .expect("written");
        let mut command = Command::new("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--print-address=1"]).arg(format!("--config-file={rules}"));
        let mut bus = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("dbus-daemon is installed");
        let mut line = String::new();
        BufReader::new(bus.stdout.take().expect("a pipe")).read_line(&mut line).expect("its address");
        assert!(line.starts_with("unix:path="), "it listens: {line}");
        Self(bus)
    }

    /// The bus of this process, for a test that runs in such a process.
    pub(crate) fn start_here(variable: &str) -> Self {
        Self::start(&env::var(variable).expect("run by the kit"))
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
