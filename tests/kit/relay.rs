//! A link that can be made bad (`tests/lab/relay.py`).

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::warden::Warden;
use crate::{LabHost, fail, python};

/// A relay in front of a host. Ended when it goes out of scope, and all that goes through it is cut.
#[derive(Debug)]
pub struct Relay {
    child: Child,
    control: PathBuf,
    host: LabHost,
    _warden: Warden,
}

/// A direction of what goes through a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the host.
    Up,
    /// From the host.
    Down,
    /// Each.
    Both,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Both => "both",
        }
    }
}

impl Relay {
    /// Starts one in front of a host.
    #[track_caller]
    pub fn before(host: &LabHost) -> Self {
        let folder = tempfile::Builder::new().prefix("beffroi-relay-").tempdir().expect("a temporary folder can be made").keep();
        let warden = Warden::over(&folder, None);
        let control = folder.join("control");
        let mut command = python();
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/relay.py")).arg("--to").arg(format!("{}:{}", host.address, host.port));
        command.arg("--control").arg(&control).stdin(Stdio::null()).stdout(Stdio::piped()).current_dir(&folder);
        let mut child = command.spawn().expect("python3 can be started");
        let mut line = String::new();
        let said = child.stdout.take().map(|output| BufReader::new(output).read_line(&mut line));
        let Some(port) = said.and_then(|_| line.trim().parse().ok()) else { fail("the relay did not tell its port") };
        let host = LabHost { address: "127.0.0.1".to_owned(), port, ..host.clone() };
        Self { child, control, host, _warden: warden }
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.host.port
    }

    /// The host as it is reached through it.
    pub fn host(&self) -> &LabHost {
        &self.host
    }

    /// Changes what the link is like for what is sent from now on, such as `["delay-ms=25", "drop-every=3"]`: the settings
    /// are listed in the relay itself.
    #[track_caller]
    pub fn set(&self, settings: &[&str]) {
        self.order(&format!("set {}", settings.join(" ")));
    }

    /// Resets every connection.
    #[track_caller]
    pub fn cut(&self) {
        self.order("cut");
    }

    /// Closes every connection in an orderly way.
    #[track_caller]
    pub fn finish(&self) {
        self.order("finish");
    }

    /// Forwards nothing more, and closes nothing.
    #[track_caller]
    pub fn stall(&self) {
        self.stall_one(Way::Both);
    }

    /// Forwards nothing more in one direction, and closes nothing.
    #[track_caller]
    pub fn stall_one(&self, way: Way) {
        self.order(&format!("stall {}", way.word()));
    }

    /// Goes on where it stalled.
    #[track_caller]
    pub fn resume(&self) {
        self.order("resume");
    }

    /// From now on the present connections lose what is sent in a direction, their end included: half-open. New ones work.
    #[track_caller]
    pub fn vanish(&self, way: Way) {
        self.order(&format!("vanish {}", way.word()));
    }

    /// What it is like and what went through it: the settings, `accepted`, `open`, `cuts`, `stalled`, `bytes`.
    #[track_caller]
    pub fn state(&self) -> Value {
        self.order("state")
    }

    /// Gives one order; it is done when this returns.
    #[track_caller]
    fn order(&self, order: &str) -> Value {
        let mut line = String::new();
        let mut control = UnixStream::connect(&self.control).expect("the relay runs");
        control.write_all(format!("{order}\n").as_bytes()).expect("the relay reads");
        BufReader::new(control).read_line(&mut line).expect("the relay answers");
        let state: Value = serde_json::from_str(&line).expect("the relay tells its state");
        assert!(state["error"].is_null(), "{state}");
        state
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // One that ended already cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
