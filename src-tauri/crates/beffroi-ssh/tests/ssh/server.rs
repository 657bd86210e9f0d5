//! An OpenSSH server for a test: on a free port of the loopback, with keys and a configuration of its own, as whoever
//! runs the test.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use beffroi_domain::{Fingerprint, GuestDriver, GuestWay};
use beffroi_remote::{CommandLine, Limits, Output, Remote, RunRequest};
use beffroi_secret::SecretText;
use beffroi_ssh::{ConnectLimits, Inside, Login, LoginKey, Pin, SshRemote, Target, Trust};

const SSHD: &str = "/usr/sbin/sshd";

pub(super) struct Server {
    pub(super) port: u16,
    folder: tempfile::TempDir,
    daemon: Child,
    /// Whether everything is done in what stands for a guest.
    is_guest: bool,
}

impl Server {
    pub(super) fn start() -> Self {
        Self::with("")
    }

    /// What stands for a guest: the same machine, led into by `lxc-attach.sh`, where `sh` is this one and no SFTP server is. With
    /// "busybox" all tools are its own, and there is Python.
    pub(super) fn guest(shell: &str) -> Self {
        let mut server = Self::prepared("", |folder| {
            let attach = folder.join("bin/lxc-attach");
            let path = if shell == "busybox" { "%DIR%/tools" } else { "%DIR%/tools:/usr/bin:/bin" };
            let script = include_str!("lxc-attach.sh").replace("%PATH%", path).replace("%DIR%", &folder.display().to_string());
            std::fs::write(&attach, script).expect("a script");
            std::fs::set_permissions(&attach, PermissionsExt::from_mode(0o755)).expect("permissions");
            let tools = folder.join("tools");
            std::fs::create_dir(&tools).expect("a folder");
            let path = Command::new("sh").args(["-c", "command -v \"$1\"", "sh", shell]).output().expect("sh").stdout;
            let path = String::from_utf8(path).expect("UTF-8").trim().to_owned();
            assert!(!path.is_empty(), "install {shell}");
            std::os::unix::fs::symlink(&path, tools.join("sh")).expect("a link");
            if shell == "busybox" {
                let listed = Command::new(&path).arg("--list").output().expect("busybox").stdout;
                std::os::unix::fs::symlink("/usr/bin/python3", tools.join("python3")).expect("a link");
                for tool in String::from_utf8(listed).expect("UTF-8").lines().filter(|tool| *tool != "sh") {
                    std::os::unix::fs::symlink(&path, tools.join(tool)).expect("a link");
                }
            }
        });
        server.is_guest = true;
        server
    }

    /// Adds lines to the configuration.
    pub(super) fn with(lines: &str) -> Self {
        Self::prepared(lines, |_| {})
    }

    /// The same, after something was put into the server's folder, which is `%DIR%` in the lines.
    pub(super) fn prepared(lines: &str, prepare: impl FnOnce(&Path)) -> Self {
        assert!(PathBuf::from(SSHD).exists(), "install openssh-server: there is no {SSHD}");
        let folder = tempfile::tempdir().expect("a folder");
        // A home of its own: nobody's `.bashrc` runs.
        std::fs::create_dir(folder.path().join("home")).expect("a folder");
        // First in `PATH`: what stands for a program of the host.
        std::fs::create_dir(folder.path().join("bin")).expect("a folder");
        // sshd wants the folder for its separated part; as another user it does without.
        let _ = std::fs::create_dir_all("/run/sshd");
        for name in ["host", "id_ed25519", "stranger"] {
            keygen(&folder.path().join(name), "ed25519", "256", "");
        }
        for (name, kind, bits, passphrase) in
            [("id_ecdsa", "ecdsa", "256", ""), ("id_rsa", "rsa", "2048", ""), ("id_encrypted", "ed25519", "256", "open sesame")]
        {
            shared(&folder.path().join(name), kind, bits, passphrase);
        }
        let authorized: String = ["id_ed25519", "id_ecdsa", "id_rsa", "id_encrypted"]
            .iter()
            .map(|name| std::fs::read_to_string(folder.path().join(format!("{name}.pub"))).expect("a public key"))
            .collect();
        std::fs::write(folder.path().join("authorized"), authorized).expect("authorized keys");
        prepare(folder.path());
        let lines = lines.replace("%DIR%", &folder.path().display().to_string());
        // Between the look and sshd's bind another test may take the port: then it is tried again.
        for _ in 0..10 {
            let port = free_port();
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/host\nAuthorizedKeysFile {0}/authorized\nPidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\nLogLevel ERROR\nSetEnv HOME={0}/home XDG_STATE_HOME={0}/state PATH={0}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin\n{lines}\n",
                folder.path().display()
            );
            let path = folder.path().join("config");
            std::fs::write(&path, config).expect("a configuration");
            let mut daemon = Command::new(SSHD).args(["-D", "-e", "-f"]).arg(&path).stderr(Stdio::null()).spawn().expect("sshd");
            while daemon.try_wait().expect("a status").is_none() {
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    return Self { port, folder, daemon, is_guest: false };
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        unreachable!("sshd does not start");
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn key(&self, name: &str) -> Login {
        private(self.key_text(name), None)
    }

    pub(super) fn key_text(&self, name: &str) -> SecretText {
        SecretText::new(std::fs::read_to_string(self.file(name)).expect("a key"))
    }

    /// The fingerprint of a key, as `ssh-keygen` gives it.
    pub(super) fn fingerprint(&self, name: &str) -> Fingerprint {
        let output = Command::new("ssh-keygen").arg("-lf").arg(self.file(&format!("{name}.pub"))).output().expect("ssh-keygen");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        text.split(' ').nth(1).expect("a fingerprint").parse().expect("a fingerprint")
    }

    pub(super) fn target(&self, login: Login) -> Target {
        let trust = pinned(self.fingerprint("host"));
        Target { address: "127.0.0.1".to_owned(), port: self.port, user: user(), trust, login, legacy: Vec::new() }
    }

    pub(super) async fn connect(&self) -> SshRemote {
        let remote = SshRemote::connect(None, &self.target(self.key("id_ed25519")), ConnectLimits::default()).await.expect("a connection");
        if self.is_guest { remote.inside(guest()) } else { remote }
    }

    /// Cuts every connection, by killing the processes of sshd that serve them, and nothing that they run.
    pub(super) fn cut(&self) {
        let serving = children(&self.daemon.id().to_string());
        let is_sshd = |pid: &String| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.starts_with("sshd"));
        serving.iter().filter(|pid| is_sshd(pid)).for_each(|pid| kill(pid));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for child in children(&self.daemon.id().to_string()) {
            kill(&child);
        }
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The way into the guest of [`Server::guest`].
pub(super) fn guest() -> Inside {
    Inside::new(GuestWay { driver: GuestDriver::Lxc, project: String::new(), name: "web".to_owned() }, "root")
}

/// A login with a private key.
pub(super) fn private(key: SecretText, passphrase: Option<SecretText>) -> Login {
    Login { key: Some(LoginKey::Private { key, passphrase, certificate: None }), ..Login::default() }
}

/// Trust in one key.
pub(super) fn pinned(fingerprint: Fingerprint) -> Trust {
    Trust { pins: vec![Pin { fingerprint, algorithm: None }], ..Trust::default() }
}

pub(super) fn keygen(path: &Path, kind: &str, bits: &str, passphrase: &str) {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-t", kind, "-b", bits, "-N", passphrase, "-C", "test", "-f"]).arg(path);
    assert!(command.status().expect("ssh-keygen").success());
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("permissions");
}

/// A key that takes long to make: one of each kind for all servers of a run.
fn shared(path: &Path, kind: &'static str, bits: &str, passphrase: &str) {
    type Pair = [Vec<u8>; 2];
    static MADE: Mutex<BTreeMap<(&str, bool), Pair>> = Mutex::new(BTreeMap::new());
    let public = path.with_extension("pub");
    let mut made = MADE.lock().expect("no panic");
    let [key, other] = made.entry((kind, passphrase.is_empty())).or_insert_with(|| {
        keygen(path, kind, bits, passphrase);
        [path, &public].map(|path| std::fs::read(path).expect("a key"))
    });
    std::fs::write(path, key).and_then(|()| std::fs::write(&public, other)).expect("a key");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("permissions");
}

pub(super) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

pub(super) fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

fn children(parent: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("processes").flatten() {
        let pid = entry.file_name().to_string_lossy().into_owned();
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let fields = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned()).unwrap_or_default();
        if fields.split(' ').nth(1) == Some(parent) {
            found.extend(children(&pid));
            found.push(pid);
        }
    }
    found
}

pub(super) fn kill(pid: &str) {
    let _ = Command::new("kill").args(["-KILL", pid]).stderr(Stdio::null()).status();
}

/// Waits until a process is gone.
pub(super) async fn gone(pid: &str) {
    loop {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('Z')) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub(super) fn request(script: &str) -> RunRequest {
    RunRequest::new(CommandLine::shell(script))
}

pub(super) fn for_at_most(script: &str, time: Duration) -> RunRequest {
    request(script).with_limits(Limits { time, ..Limits::default() })
}

pub(super) async fn run(remote: &SshRemote, script: &str) -> Output {
    remote.run(request(script)).await.expect("an output")
}

/// The first line of standard output.
pub(super) async fn first_line(process: &mut dyn beffroi_remote::Process) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        let chunk = process.next().await.expect("a chunk");
        assert!(matches!(chunk, Some(beffroi_remote::Chunk::Stdout(_))), "no line: {chunk:?}");
        if let Some(beffroi_remote::Chunk::Stdout(bytes)) = chunk {
            line.extend(bytes);
        }
    }
    String::from_utf8(line).expect("UTF-8").trim().to_owned()
}
