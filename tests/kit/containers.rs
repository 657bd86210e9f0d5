//! The full lab: containers with systemd, sudo and passwords, or with BusyBox alone; hosts behind hosts (`tests/lab/README.md`).

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::warden::Warden;
use crate::{LabHost, Needles, PASSPHRASE, Sandbox, fail, python};

/// Containers of this test's own, on networks of their own: what it does to them, no other test sees. They are gone when it
/// goes out of scope, and also when the test is killed. Every program started on them is written down, and none may have
/// been given a password, a private key or a passphrase of the test: that is looked at when it goes out of scope.
#[derive(Debug)]
pub struct Containers {
    root: PathBuf,
    hosts: Vec<ContainerHost>,
    _warden: Warden,
}

/// One of its hosts.
#[derive(Debug, Clone)]
pub struct ContainerHost {
    /// Its name, such as `deb-1`.
    pub name: String,
    /// `debian`, `busybox` or `openrc`.
    pub image: String,
    /// Where it listens, as seen from the host that it is behind.
    pub address: String,
    /// TCP port.
    pub port: u16,
    /// The host one has to go through; none: it is reached from here.
    pub behind: Option<String>,
    /// The accounts, and the file with the password of each that has one.
    pub accounts: BTreeMap<String, Option<PathBuf>>,
    /// The file with the secret of one-time codes of the account `totp`, in hexadecimal.
    pub totp_seed_file: Option<PathBuf>,
    /// Its host keys by kind, such as `ed25519`, each as `SHA256:…`. Of the time when it was asked: see [`ContainerHost::rekey`].
    pub fingerprints: BTreeMap<String, String>,
    /// The driver of the guests it has: `lxc`, `incus`, `lxd` or `proxmox`.
    pub guests: Option<String>,
    /// The container it lives in: one of a crowd shares it with the others.
    pub container: String,
    folder: PathBuf,
}

impl Containers {
    /// Starts these hosts, and those one goes through to reach them. None, with the reason on standard error, on a machine
    /// that runs no containers; a failure there when `BEFFROI_REQUIRE` is `all`.
    #[track_caller]
    #[expect(clippy::print_stderr, reason = "a test that is skipped says why")]
    pub fn up(names: &[&str]) -> Option<Self> {
        let root = tempfile::Builder::new().prefix("beffroi-full-").tempdir().expect("a temporary folder can be made").keep();
        let mut lab = Self { hosts: Vec::new(), _warden: Warden::over(&root, Some(&script())), root };
        let folder = lab.folder();
        let reason = String::from_utf8_lossy(&order(&folder, &["possible"]).stdout).trim().to_owned();
        if !reason.is_empty() {
            assert!(std::env::var_os("BEFFROI_REQUIRE").is_none_or(|what| what != "all"), "nothing may be skipped: {reason}");
            eprintln!("skipped: {reason}");
            return None;
        }
        let up = order(&folder, &[&["up", "--trace", "--json"], names].concat());
        if !up.status.success() {
            fail(format!("the containers did not start. {}", String::from_utf8_lossy(&up.stderr)));
        }
        lab.hosts = hosts(&up, &folder);
        Some(lab)
    }

    /// The files of images of guests by their names, such as `openrc.tar.gz`; of the images `openrc`, `debian`, `app` and
    /// `node`. They are made where they are not there yet.
    #[track_caller]
    pub fn images(&self, names: &[&str]) -> BTreeMap<String, PathBuf> {
        let told = order(&self.folder(), &[&["images"], names].concat());
        assert!(told.status.success(), "no images. {}", String::from_utf8_lossy(&told.stderr));
        serde_json::from_slice(&told.stdout).expect("the lab names the files")
    }

    /// One of its hosts.
    #[track_caller]
    pub fn host(&self, name: &str) -> &ContainerHost {
        self.hosts.iter().find(|host| host.name == name).expect("the lab has that host")
    }

    /// The private key that every account but `totp` lets in.
    pub fn client_key(&self) -> PathBuf {
        self.folder().join("keys/id_ed25519")
    }

    /// The folder that everything of it is in.
    pub fn folder(&self) -> PathBuf {
        self.root.join("lab")
    }

    /// Every program that was started on its hosts since it is up, arguments and environments.
    pub fn trace(&self) -> Vec<u8> {
        fs::read(self.folder().join("trace")).unwrap_or_default()
    }

    /// Stores the key in the sandbox's vault as the secret `key`, and adds these hosts, which are reached from here, with
    /// their keys trusted, logged in to as root.
    #[track_caller]
    pub fn known_to(&self, sandbox: &Sandbox, names: &[&str]) {
        let key = self.client_key();
        drop(sandbox.beffroi(&["secret", "set", "key", "--from-file", key.to_str().expect("a plain name")]).success());
        for name in names {
            let host = self.host(name).login("root");
            let port = host.port.to_string();
            let to = ["host", "add", name, &host.address, "--port", &port, "--user", &host.user];
            drop(sandbox.beffroi(&[&to[..], &["--trust", &host.fingerprint, "--identity", "key"]].concat()).success());
        }
    }

    /// Makes a Debian a YunoHost: the stand-in, whose settings of SSH are those of the machine's own server.
    #[track_caller]
    pub fn administered(&self, host: &str) {
        let host = self.host(host);
        let (lab, known) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("lab"), "StrictHostKeyChecking=no");
        let text = "tar -c --exclude=__pycache__ -C \"$1/yunohost\" bin seeds ynh_standin -C \"$1/full\" yunohost.py nginx.py certificates.sh directory.sh | \
            ssh -F none -o BatchMode=yes -o \"$2\" -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i \"$3\" \"root@$4\" \
            'mkdir -p /opt/standin && tar -x -C /opt/standin && install /opt/standin/yunohost.py /usr/bin/yunohost'";
        let mut copy = Command::new("sh");
        copy.args(["-c", text, "sh"]).arg(lab).arg(known).arg(self.client_key()).arg(&host.address).stdin(Stdio::null());
        let output = copy.output().expect("sh can be started");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The same with a directory of accounts (slapd, with NSS and PAM as YunoHost has them): users, each with a password, the first an
    /// administrator. They are none of the machine's own.
    #[track_caller]
    pub fn administered_with(&self, host: &str, users: &[(&str, &str)]) {
        self.administered(host);
        let address = &self.host(host).address;
        let mut fill = Command::new("ssh");
        fill.args(["-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]);
        fill.args(["-o", "LogLevel=ERROR", "-i"]).arg(self.client_key()).arg(format!("root@{address}"));
        let mut filling = fill.arg("sh /opt/standin/directory.sh").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("ssh");
        let lines: String = users.iter().map(|(user, password)| format!("{user} {password}\n")).collect();
        filling.stdin.take().expect("an input").write_all(lines.as_bytes()).expect("it reads");
        let output = filling.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What no program on a host may ever be given.
    fn secrets(&self) -> Needles {
        let mut needles = Needles::new();
        needles.add_text("the passphrase of a vault", PASSPHRASE);
        let key = fs::read_to_string(self.client_key()).expect("the lab has a key");
        let line = key.lines().nth(2).expect("a key has several lines");
        needles.add("the private key", line.as_bytes());
        for host in &self.hosts {
            for (account, file) in &host.accounts {
                if file.is_some() {
                    needles.add_text(&format!("the password of {account} on {}", host.name), &host.password(account));
                }
            }
        }
        needles
    }
}

impl Drop for Containers {
    fn drop(&mut self) {
        if self.hosts.is_empty() || std::thread::panicking() {
            return;
        }
        let (trace, needles) = (self.trace(), self.secrets());
        let found: Vec<_> = needles.within(&trace).into_iter().map(|(name, _)| name).collect();
        assert!(found.is_empty(), "in the arguments or the environment of a program on a host: {}", found.join(", "));
    }
}

impl ContainerHost {
    /// One of its accounts, as other parts of the kit know hosts.
    pub fn login(&self, user: &str) -> LabHost {
        LabHost {
            name: self.name.clone(),
            address: self.address.clone(),
            port: self.port,
            user: user.to_owned(),
            role: self.image.clone(),
            fingerprint: self.fingerprints["ed25519"].clone(),
        }
    }

    /// The password of one of its accounts.
    #[track_caller]
    pub fn password(&self, user: &str) -> String {
        fs::read_to_string(self.password_file(user)).expect("a password can be read")
    }

    /// The file with the password of one of its accounts.
    #[track_caller]
    pub fn password_file(&self, user: &str) -> &Path {
        self.accounts.get(user).and_then(Option::as_deref).expect("that account has a password")
    }

    /// Runs shell text on it as root, past its SSH server, so that no test believes the program about a host. Gives its output.
    #[track_caller]
    pub fn exec(&self, text: &str) -> String {
        let output = order(&self.folder, &["exec", &self.container, "--", "sh", "-c", text]);
        assert!(output.status.success(), "{}: {text}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("the host writes UTF-8")
    }

    /// What tells one boot from another.
    #[track_caller]
    pub fn boot_id(&self) -> String {
        self.exec("cat /proc/sys/kernel/random/boot_id").trim().to_owned()
    }

    /// Boots it again, and waits until people can log in.
    #[track_caller]
    pub fn reboot(&self) {
        self.order(&["reboot"]);
    }

    /// Pulls its plug; its files stay.
    #[track_caller]
    pub fn stop(&self) {
        self.order(&["stop"]);
    }

    /// Starts it after that, and waits until people can log in.
    #[track_caller]
    pub fn start(&self) {
        self.order(&["start"]);
    }

    /// Restarts its SSH server, and waits until that listens.
    #[track_caller]
    pub fn restart_sshd(&self) {
        self.order(&["sshd"]);
    }

    /// Gives it other host keys. Gives the host as it is then.
    #[track_caller]
    pub fn rekey(&self) -> Self {
        self.order(&["rekey"]);
        let told = order(&self.folder, &["status", "--json"]);
        hosts(&told, &self.folder).into_iter().find(|host| host.name == self.name).expect("it is still there")
    }

    /// Leaves no room on the disk that holds a folder; what is in the folder stays. Until it is healed or boots.
    #[track_caller]
    pub fn fill(&self, folder: &str) {
        self.order(&["fill", folder]);
    }

    /// Lets nobody write to a folder, root included. Until it is healed or boots.
    #[track_caller]
    pub fn read_only(&self, folder: &str) {
        self.order(&["readonly", folder]);
    }

    /// Undoes both.
    #[track_caller]
    pub fn heal(&self, folder: &str) {
        self.order(&["heal", folder]);
    }

    #[track_caller]
    fn order(&self, words: &[&str]) {
        let (verb, rest) = words.split_first().expect("an order has a verb");
        let output = order(&self.folder, &[&[*verb, &self.container], rest].concat());
        assert!(output.status.success(), "{verb} {}: {}", self.name, String::from_utf8_lossy(&output.stderr));
    }

    fn read(described: &Value, folder: &Path) -> Self {
        let text = |name: &str| described[name].as_str().expect("the lab describes its hosts").to_owned();
        let file = |value: &Value| value.as_str().map(PathBuf::from);
        let accounts = described["accounts"].as_array().expect("a host has accounts").iter();
        let keys = described["host_key_fingerprints"].as_object().expect("a host has keys").iter();
        Self {
            name: text("name"),
            container: text("container"),
            image: text("image"),
            address: text("address"),
            port: described["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a host has a port"),
            behind: described["behind"].as_str().map(str::to_owned),
            guests: described["guests"].as_str().map(str::to_owned),
            accounts: accounts
                .map(|account| (account["user"].as_str().expect("an account has a name").to_owned(), file(&account["password_file"])))
                .collect(),
            totp_seed_file: file(&described["totp_seed_file"]),
            fingerprints: keys.map(|(kind, key)| (kind.clone(), key.as_str().expect("a key has a fingerprint").to_owned())).collect(),
            folder: folder.to_owned(),
        }
    }
}

fn hosts(told: &Output, folder: &Path) -> Vec<ContainerHost> {
    let described: Value = serde_json::from_slice(&told.stdout).expect("the lab describes itself");
    described["hosts"].as_array().expect("it lists its hosts").iter().map(|host| ContainerHost::read(host, folder)).collect()
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/lab")
}

fn order(folder: &Path, words: &[&str]) -> Output {
    let mut command: Command = python();
    let (verb, rest) = words.split_first().expect("an order has a verb");
    command.arg(script()).args(["full", verb, "--dir"]).arg(folder).args(rest);
    command.stdin(Stdio::null()).output().expect("python3 can be started")
}
