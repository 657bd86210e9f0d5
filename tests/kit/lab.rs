//! The lab: real SSH servers on this machine, and a stand-in for YunoHost (`tests/lab/README.md`).

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::warden::Warden;
use crate::{Needles, PASSPHRASE, fail, python};

/// SSH servers of this test's own. They are gone when it goes out of scope, and also when the test is killed.
#[derive(Debug)]
pub struct Lab {
    root: PathBuf,
    hosts: Vec<LabHost>,
    _warden: Warden,
}

/// One of its hosts.
#[derive(Debug, Clone)]
pub struct LabHost {
    /// Its name, such as `ynh-1`.
    pub name: String,
    /// Where it listens.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The account that can log in.
    pub user: String,
    /// `plain` or `yunohost`.
    pub role: String,
    /// Its host key, as `SHA256:…`.
    pub fingerprint: String,
}

impl Lab {
    /// Starts `plain-1`, `ynh-1` and `ynh-slow`.
    #[track_caller]
    pub fn up() -> Self {
        let root = tempfile::Builder::new().prefix("beffroi-lab-").tempdir().expect("a temporary folder can be made").keep();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/lab");
        let mut up = python();
        up.arg(&script).args(["up", "--speed", "0", "--json", "--dir"]).arg(root.join("lab")).stdin(Stdio::null());
        // What runs under a tracer cannot have another.
        if !is_traced() {
            up.arg("--trace");
        }
        let mut lab = Self { hosts: Vec::new(), _warden: Warden::over(&root, Some(&script)), root };
        let output = up.output().expect("python3 can be started");
        if !output.status.success() {
            fail(format!("the lab did not start. {}", String::from_utf8_lossy(&output.stderr)));
        }
        let described: Value = serde_json::from_slice(&output.stdout).expect("the lab describes itself");
        lab.hosts = described["hosts"].as_array().expect("it lists its hosts").iter().map(LabHost::read).collect();
        lab
    }

    /// One of its hosts.
    #[track_caller]
    pub fn host(&self, name: &str) -> &LabHost {
        self.hosts.iter().find(|host| host.name == name).expect("the lab has that host")
    }

    /// The private key that every host lets in.
    pub fn client_key(&self) -> PathBuf {
        self.folder().join("keys/id_ed25519")
    }

    /// The folder that everything of it is in.
    pub fn folder(&self) -> PathBuf {
        self.root.join("lab")
    }

    /// The home folder of a host's account.
    pub fn home(&self, host: &str) -> PathBuf {
        self.folder().join("hosts").join(host).join("home")
    }

    /// What a host keeps: jobs, and what the stand-in knows.
    pub fn state(&self, host: &str) -> PathBuf {
        self.folder().join("hosts").join(host).join("state")
    }

    /// Runs shell text on a host with OpenSSH, so that no test believes the program about a host. Gives its output.
    #[track_caller]
    pub fn ssh(&self, host: &str, text: &str) -> String {
        let known = format!("UserKnownHostsFile={}", self.folder().join("known_hosts").display());
        let (port, user) = (self.host(host).port.to_string(), &self.host(host).user);
        let mut command = Command::new("ssh");
        command.args(["-F", "none", "-o", "BatchMode=yes", "-o", &known, "-p", &port, "-l", user, "-i"]).arg(self.client_key());
        let output = command.args([&self.host(host).address, text]).stdin(Stdio::null()).output();
        let output = output.expect("ssh is missing: install OpenSSH (Debian, Ubuntu: apt install openssh-client)");
        assert!(output.status.success(), "ssh {host} {text}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("the host writes UTF-8")
    }

    /// What a YunoHost command that prints JSON says on a host.
    #[track_caller]
    pub fn yunohost(&self, host: &str, command: &str) -> Value {
        serde_json::from_str(&self.ssh(host, &format!("yunohost {command} --output-as json"))).expect("the stand-in prints JSON")
    }

    /// The logins of a host's accounts.
    #[track_caller]
    pub fn users(&self, host: &str) -> Vec<String> {
        let list = self.yunohost(host, "user list");
        list["users"].as_object().expect("accounts have names").keys().cloned().collect()
    }

    /// Makes each change on a host last this long, in 20 steps that it tells about.
    pub fn slow(&self, host: &str, seconds: u32) {
        let mut file = File::options().append(true).open(self.home(host).join(".bashrc")).expect("a host has that file");
        writeln!(file, "export BEFFROI_LAB_SLOW_SECONDS={seconds}").expect("it can be written");
    }

    /// Gives a YunoHost host its first state; nothing was asked of it yet.
    #[track_caller]
    pub fn seed(&self, host: &str, seed: &Value) {
        let file = self.root.join(format!("{host}-seed.json"));
        fs::write(&file, seed.to_string()).expect("a file can be written");
        let state = self.state(host).join("yunohost");
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/yunohost/bin/yunohost");
        let mut command = python();
        command.arg(program).args(["user", "list"]).env("BEFFROI_LAB_STATE", state).env("BEFFROI_LAB_SEED", file);
        let output = command.env("BEFFROI_LAB_SPEED", "0").stdin(Stdio::null()).output().expect("python3 can be started");
        assert!(output.status.success(), "the stand-in did not take the seed: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Fails the test if a program on a host was ever given a secret as an argument or in its environment.
impl Drop for Lab {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let trace = fs::read(self.folder().join("trace")).unwrap_or_default();
        let mut needles = Needles::new();
        needles.add_text("the passphrase of a vault", PASSPHRASE);
        if let Some(line) = fs::read_to_string(self.client_key()).ok().as_deref().and_then(|key| key.lines().nth(2)) {
            needles.add("the private key", line.as_bytes());
        }
        let found: Vec<_> = needles.within(&trace).into_iter().map(|(name, _)| name).collect();
        assert!(found.is_empty(), "in the arguments or the environment of a program on a host: {}", found.join(", "));
    }
}

fn is_traced() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("TracerPid:")).is_some_and(|pid| pid.trim() != "0")
}

impl LabHost {
    fn read(described: &Value) -> Self {
        let text = |name: &str| described[name].as_str().expect("the lab describes its hosts").to_owned();
        let port = described["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a host has a port");
        let [name, address, user, role, fingerprint] = ["name", "address", "user", "role", "host_key_fingerprint"].map(text);
        Self { name, address, port, user, role, fingerprint }
    }
}
