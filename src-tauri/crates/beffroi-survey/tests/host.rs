//! The probe on this machine: the text that hosts run, in the shells that hosts have.
#![cfg(target_os = "linux")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use beffroi_remote::LocalRemote;
use beffroi_survey::facts::Upgrades;
use beffroi_survey::{Area, Facts, Missing, Part, Request, Survey, survey};
use tempfile::TempDir;

/// The shells that are always tried; a missing one fails the test.
const SHELLS: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "ash"]];

fn real(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").expect("PATH");
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists()).expect(name)
}

/// This machine, with another shell as its `sh`.
fn host(folder: &TempDir, shell: &[&str]) -> LocalRemote {
    let bin = folder.path().join(format!("bin-{}", shell[0]));
    std::fs::create_dir(&bin).expect("a folder");
    // Each knows by its name what it is to be.
    std::os::unix::fs::symlink(real(shell[0]), bin.join("sh")).expect("a link");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("PATH"));
    LocalRemote::new(folder.path()).with_variable("PATH", &path)
}

/// Writes a program. Another process does: a file that a child of another test still holds open cannot be run.
fn program(path: &Path, text: &str) {
    let written = Command::new("sh").args(["-c", "printf %s \"$1\" >\"$2\" && chmod 0755 \"$2\"", "sh", text]).arg(path).status();
    assert!(written.expect("a shell").success());
}

async fn surveyed(remote: &LocalRemote, parts: &[Part]) -> Survey {
    survey(remote, &Request { parts, ..Request::default() }).await.expect("a survey")
}

/// Without what changes from one moment to the next: other tests of this machine start and end processes and networks.
fn steady(facts: Facts) -> Facts {
    let mut facts = Facts {
        uptime_seconds: None,
        load: None,
        memory_available_bytes: None,
        swap_free_bytes: None,
        disk_used_bytes: None,
        inodes_used: None,
        clock_seconds: None,
        clock_nanoseconds: None,
        interfaces: None,
        default_routes: None,
        listeners: None,
        firewall: None,
        ..facts
    };
    for disk in facts.disks.iter_mut().flatten() {
        (disk.used_bytes, disk.available_bytes, disk.inodes_used) = (0, 0, 0);
    }
    facts
}

#[tokio::test]
async fn every_shell_tells_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut told = Vec::new();
    for shell in SHELLS {
        let facts = surveyed(&host(&folder, shell), &[]).await.facts;
        assert!(facts.clock_seconds > Some(1_700_000_000), "{shell:?}");
        assert!(facts.load.is_some() && facts.uptime_seconds.is_some() && facts.listeners.is_some(), "{shell:?}");
        told.push(steady(facts));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
}

#[tokio::test]
async fn this_machine_is_told_as_its_files_have_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let facts = surveyed(&LocalRemote::new(folder.path()), &[]).await.facts;
    let read = |path: &str| std::fs::read_to_string(path).expect(path).trim().to_owned();
    assert_eq!(facts.hostname, Some(read("/proc/sys/kernel/hostname")));
    assert_eq!(facts.kernel, Some(read("/proc/sys/kernel/osrelease")));
    assert!(facts.memory_total_bytes > facts.memory_available_bytes && facts.memory_available_bytes.is_some());
    assert!(facts.disk_total_bytes > facts.disk_used_bytes && facts.disk_used_bytes.is_some());
    assert_eq!(facts.cpus, std::thread::available_parallelism().ok().and_then(|count| u64::try_from(count.get()).ok()));
    let accounts = facts.accounts.expect("accounts");
    assert!(accounts.iter().any(|account| account.name == "root" && account.uid == 0));
    assert!(facts.user.is_some() && facts.uid.is_some() && facts.virtualisation.is_some());
    let stored = serde_json::to_string(&facts.machine).expect("JSON");
    assert!(!Path::new("/etc/machine-id").exists() || !stored.contains(&read("/etc/machine-id")));
}

#[tokio::test]
async fn a_port_that_opens_is_seen() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = socket.local_addr().expect("an address").port();
    let folder = tempfile::tempdir().expect("a folder");
    let facts = surveyed(&LocalRemote::new(folder.path()), &[]).await.facts;
    let listener = facts.listeners.as_ref().expect("listeners").iter().find(|listener| listener.port == port).expect("the port");
    assert_eq!(listener.address, "127.0.0.1");
}

#[tokio::test]
async fn programs_that_fail_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let remote = host(&folder, &["dash"]);
    for name in ["ss", "ip", "date"] {
        program(&folder.path().join("bin-dash").join(name), "#!/bin/sh\necho half of it\nexit 1\n");
    }
    let facts = surveyed(&remote, &[]).await.facts;
    for area in [Area::Listeners, Area::Addresses, Area::Clock] {
        assert_eq!(facts.missing.get(&area), Some(&Missing::Failed), "{area:?}");
    }
    assert!(facts.kernel.is_some() && facts.clock_seconds.is_none());
}

/// The text that hosts run, with accounts of the test's making.
fn keys_of(shell: &[&str], passwd: &Path) -> String {
    let text = include_str!("../../../../assets/remote/survey.sh").replace("/etc/passwd", passwd.to_str().expect("text"));
    let mut command = Command::new(shell[0]);
    let mut running =
        command.args(&shell[1..]).args(["-c", "eval \"$(cat)\""]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a shell");
    running.stdin.take().expect("a pipe").write_all(format!("n=mark\nknown=\nask=0\n{text}\nsurvey\n").as_bytes()).expect("written");
    let output = running.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let leak = text.lines().find(|line| line.contains("canary"));
    assert_eq!(leak, None, "nothing but public keys leaves the host");
    text.split_once("=keys\n").and_then(|(_, rest)| rest.split_once("=sizes\n")).expect("the keys").0.to_owned()
}

#[test]
fn people_of_the_host_can_neither_hold_the_probe_up_nor_use_it_to_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut passwd = String::new();
    let mut home = |name: &str| {
        let home = folder.path().join(name);
        std::fs::create_dir_all(home.join(".ssh")).expect("a folder");
        passwd.push_str(&format!("{}:x:1000:1000::{}:/bin/sh\n", name.replace(' ', "-"), home.display()));
        home.join(".ssh/authorized_keys")
    };
    let good = "ssh-ed25519 AAAAC3Nz good";
    std::fs::write(home("it's a good one"), format!("# ssh-rsa AAAAcanary\nno-pty {good}\n")).expect("written");
    let pipe = home("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    std::fs::write(folder.path().join("shadow"), "root:$6$canary:1::::::\n").expect("written");
    std::os::unix::fs::symlink(folder.path().join("shadow"), home("reader")).expect("a link");
    std::fs::write(home("padder"), format!("{good}\n{}{good} canary\n", "# x\n".repeat(20_000))).expect("written");
    std::fs::write(home("exact"), format!("{}\n", "x".repeat(65_535))).expect("written");
    let endless = std::fs::File::create(home("endless")).expect("a file");
    endless.set_len(8 << 30).expect("a length");
    let file = folder.path().join("passwd");
    std::fs::write(&file, passwd).expect("written");
    for shell in SHELLS {
        let keys = keys_of(shell, &file);
        let of = |name: &str| {
            let from = format!(":{} {}/.ssh/authorized_keys\n", name.replace(' ', "-"), folder.path().join(name).display());
            let rest = keys.split_once(&from).map(|(_, rest)| rest.split(':').next().unwrap_or_default().trim_end_matches('\n').to_owned());
            rest.map(|rest| rest.lines().map(str::to_owned).collect::<Vec<_>>())
        };
        assert_eq!(of("it's a good one"), Some(vec![format!(" no-pty {good}")]), "{shell:?}");
        assert_eq!((of("pipe"), of("reader"), of("exact")), (None, Some(Vec::new()), Some(Vec::new())), "{shell:?}");
        assert_eq!(of("padder"), Some(vec![format!(" {good}"), "!cut".to_owned()]), "{shell:?}");
        assert_eq!(of("endless"), Some(vec!["!cut".to_owned()]), "{shell:?}");
    }
}

/// A package manager that counts how often it was asked.
const APT: &str = "#!/bin/sh\necho asked >>\"${0}.asked\"\necho Listing...\n\
    echo 'openssl/stable-security 3.0.2 amd64 [upgradable from: 3.0.1]'\necho 'vim/stable 2 amd64 [upgradable from: 1]'\n";

#[tokio::test]
async fn the_package_manager_is_asked_once_for_each_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let remote = host(&folder, &["dash"]);
    let apt = folder.path().join("bin-dash/apt");
    program(&apt, APT);
    let ask = async |known, ask_upgrades| {
        let request = Request { known_upgrades: known, ask_upgrades, ..Request::default() };
        survey(&remote, &request).await.expect("a survey").facts
    };
    if !Path::new("/var/lib/dpkg/status").exists() {
        assert_eq!(ask(None, true).await.missing.get(&Area::Packages), Some(&Missing::NoTool));
        return;
    }
    let asked = || std::fs::read_to_string(apt.with_extension("asked")).map_or(0, |text| text.lines().count());
    let not_asked = ask(None, false).await;
    assert_eq!((not_asked.upgrades, not_asked.missing.get(&Area::Packages), asked()), (None, Some(&Missing::NotAsked), 0));
    let known = ask(None, true).await.upgrades.expect("upgrades");
    assert_eq!((known.packages.len(), known.security(), asked()), (2, 1, 1));
    let again = ask(Some(&known), true).await;
    assert_eq!((again.upgrades.as_ref(), asked()), (Some(&known), 1), "the state is the same");
    let other = Upgrades { state: "apt 1 2'; echo x".to_owned(), ..known.clone() };
    assert_eq!((ask(Some(&other), true).await.upgrades.as_ref(), asked()), (Some(&known), 2), "the state is another");
}

#[tokio::test]
async fn parts_answer_in_the_same_round_trip() {
    let part = |name: &str, script: &str, limit| Part { name: name.to_owned(), script: script.to_owned(), limit };
    let parts = [
        part("plain", "echo 'it'\\''s'; echo complaint >&2; exit 3", 1000),
        part("endless", "yes", 5000),
        part("broken", "if then fi ((", 1000),
        part("quiet", "cat; n=; exit 0", 1000),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for shell in SHELLS {
        let survey = surveyed(&host(&folder, shell), &parts).await;
        assert!(survey.facts.kernel.is_some());
        let [plain, endless, broken, quiet] = survey.parts.as_slice() else { unreachable!("four answers") };
        assert_eq!(
            (plain.0.as_str(), plain.1.status, plain.1.output.as_slice()),
            ("plain", Some(3), &b"it's\ncomplaint\n"[..]),
            "{shell:?}"
        );
        assert_eq!((endless.1.status, endless.1.cut, endless.1.output.len()), (None, true, 5000), "{shell:?}");
        assert!(broken.1.status.is_some_and(|status| status > 0), "{shell:?}: {broken:?}");
        assert_eq!((quiet.1.status, quiet.1.output.len()), (Some(0), 0), "{shell:?}: its input is empty");
    }
}
