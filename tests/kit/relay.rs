//! A link that can be made bad (`tests/lab/relay.py`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::warden::Warden;
use crate::{LabHost, python, until};

/// A relay in front of a host. Ended when it goes out of scope.
#[derive(Debug)]
pub struct Relay {
    child: Child,
    control: PathBuf,
    port: u16,
    _warden: Warden,
}

impl Relay {
    /// Starts one in front of a host.
    #[track_caller]
    pub fn before(host: &LabHost) -> Self {
        let folder = tempfile::Builder::new().prefix("beffroi-relay-").tempdir().expect("a temporary folder can be made").keep();
        let warden = Warden::over(&folder, None);
        let control = folder.join("control.json");
        let mut command = python();
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/relay.py")).arg("--to").arg(format!("{}:{}", host.address, host.port));
        command.arg("--control").arg(&control).stdin(Stdio::null()).stdout(Stdio::null()).current_dir(&folder);
        let child = command.spawn().expect("python3 can be started");
        let mut relay = Self { child, control, port: 0, _warden: warden };
        relay.port = until("the relay's port", || relay.told()?["port"].as_u64()?.try_into().ok());
        relay
    }

    /// Where it listens, on the address of the host.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Resets every connection.
    #[track_caller]
    pub fn cut(&self) {
        let before = self.cuts();
        self.signal("USR1");
        until("the cut", || (self.cuts() > before).then_some(()));
    }

    /// Forwards nothing more, and closes nothing.
    #[track_caller]
    pub fn stall(&self) {
        self.signal("USR2");
        until("the stall", || self.is_stalled().then_some(()));
    }

    /// Goes on where it stalled.
    #[track_caller]
    pub fn resume(&self) {
        self.signal("USR2");
        until("the end of the stall", || (!self.is_stalled()).then_some(()));
    }

    fn told(&self) -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(&self.control).ok()?).ok()
    }

    fn cuts(&self) -> u64 {
        self.told().and_then(|told| told["cuts"].as_u64()).unwrap_or_default()
    }

    fn is_stalled(&self) -> bool {
        self.told().is_some_and(|told| told["stalled"] == true)
    }

    fn signal(&self, name: &str) {
        // Its own word about its number: the child may be a launcher of Python's.
        let pid = self.told().and_then(|told| told["pid"].as_u64()).expect("the relay runs");
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the relay is gone");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // One that ended already cannot be killed, and need not be.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
