//! The texts that are sent, run by the shells that they may meet, on a host that is made up of a few programs and files.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use beffroi_process::change::Change;
use beffroi_process::{Keeper, Missing, Reading, State, Why, reading};

const SHELLS: [&[&str]; 3] = [&["dash"], &["bash", "--posix"], &["busybox", "sh"]];
const PROCESSES_SH: &str =
    concat!(include_str!("../../../../assets/remote/pm2.sh"), include_str!("../../../../assets/remote/processes.sh"));

/// A host below a folder: its `/etc`, its `/run`, and programs that stand before those of the machine.
struct Host(PathBuf);

impl Host {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&root));
        let host = Self(root);
        host.program("systemctl", "exit 1");
        host
    }

    fn at(&self, path: &str) -> String {
        self.0.join(path).display().to_string()
    }

    fn file(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn program(&self, name: &str, text: &str) {
        let path = format!("bin/{name}");
        self.file(&path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(self.at(&path), fs::Permissions::from_mode(0o755)).expect("made a program");
    }

    /// Runs a text there.
    fn run(&self, shell: &[&str], text: &str) -> Output {
        // Neither what hangs nor what is looked at again is waited for.
        let mut text = text.replace("most=20", "most=1").replace("sleep 1", ":");
        for folder in ["etc/init.d", "etc/conf.d", "etc/runlevels", "run/openrc", "run/systemd"] {
            text = text.replace(&format!("/{folder}"), &self.at(folder));
        }
        let path = format!("{}:{}", self.at("bin"), std::env::var("PATH").expect("a path"));
        let mut command = Command::new("/usr/bin/timeout");
        command.arg("60").args(shell).args(["-c", &text]).env("PATH", path).stdin(Stdio::null());
        command.output().expect("a shell: install dash, bash and busybox")
    }

    fn read(&self, shell: &[&str]) -> Reading {
        let output = self.run(shell, &format!("n=M\n{PROCESSES_SH}"));
        reading(&output.stdout, "M").expect("it spoke")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn account() -> String {
    let output = Command::new("id").arg("-un").output().expect("id");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// What a change of a process does, and what it looks at.
fn texts(change: Change, told: &str, keeper: Keeper) -> [String; 2] {
    let found = reading(format!("\nM begin\n{told}\nM end\n").as_bytes(), "M").expect("it spoke");
    let process = found.processes.iter().find(|process| process.keeper == keeper).expect("it is there");
    let changing = change.prepare("h", process, &found, true).expect("it can be done");
    changing.steps.into_iter().map(|(_, shell)| shell).collect::<Vec<_>>().try_into().expect("two steps")
}

/// Of a process `shop` of this account's pm2, on a machine that OpenRC starts.
fn of_pm2(host: &Host, change: Change) -> [String; 2] {
    let told = format!("k openrc 0.45\np {} {} 1 6\nj {{\"name\":\"shop\",\"status\":\"online\"}}", account(), host.at("home"));
    texts(change, &told, Keeper::Pm2)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn nobody_who_hangs_or_lies_hides_what_others_keep() {
    let host = Host::new("read");
    let (me, home) = (account(), host.at("home"));
    host.program("rc-status", "[ \"$1\" = --version ] || printf ' web [ started ]\\n trap [ started ]\\n zero [ started ]\\n'");
    host.program("getent", &format!("echo '{me}:x:'$(id -u)':0::{home}:/bin/sh'"));
    // It hangs, and leaves a child that holds the pipe.
    host.program("node", "setsid /bin/sleep 20 &\nexec /bin/sleep 20");
    host.file("home/.pm2/dump.pm2", "[]");
    host.file("run/openrc/softlevel", "default");
    host.file("var/web.pid", &format!("{}\n", std::process::id()));
    for (service, pidfile) in [("web", "var/web.pid"), ("trap", "var/trap.pid"), ("zero", "var/zero.pid")] {
        host.file(&format!("run/openrc/daemons/{service}/001"), &format!("exec=/x\npidfile={}\n", host.at(pidfile)));
    }
    host.file("run/openrc/options/trap/pidfile", &host.at("var/trap.pid"));
    assert!(Command::new("mkfifo").arg(host.at("var/trap.pid")).status().expect("mkfifo").success());
    symlink("/dev/zero", host.at("var/zero.pid")).expect("linked");
    for shell in SHELLS {
        let found = host.read(shell);
        let pids: Vec<_> = found.processes.iter().map(|process| (process.name.as_str(), process.pid)).collect();
        assert_eq!(pids, [("trap", None), ("web", Some(std::process::id())), ("zero", None)], "{shell:?}");
        assert!(found.processes.iter().all(|process| process.state == State::Running));
        let missing = [Missing { keeper: Some(Keeper::Pm2), owner: Some(me.clone()), why: Why::Failed }];
        assert_eq!(found.missing, missing, "{shell:?}: the account, and nothing else");
        assert!(found.keeper(Keeper::Pm2, Some(&me)).is_some());
    }
}

#[test]
fn who_asks_for_one_process_asks_nobody_else() {
    let host = Host::new("one");
    host.program("rc-status", "[ \"$1\" = --version ] || echo ' web [ started ]'");
    host.program("getent", &format!("touch {}", host.at("asked")));
    host.file("run/openrc/softlevel", "default");
    for shell in SHELLS {
        let output = host.run(shell, &format!("n=M\nonly=openrc\n{PROCESSES_SH}"));
        assert_eq!(reading(&output.stdout, "M").expect("it spoke").processes.len(), 1, "{shell:?}");
        assert!(!Path::new(&host.at("asked")).exists(), "{shell:?}: no account is looked for");
    }
    fs::create_dir_all(host.at("run/systemd/system")).expect("made");
    host.program(
        "systemctl",
        "case $1 in show) for last; do :; done; echo \"Id=$last\"; echo ActiveState=active ;; list*) echo other.service ;; esac",
    );
    for shell in SHELLS {
        let output = host.run(shell, &format!("n=M\nonly=systemd\nunit=web.service\n{PROCESSES_SH}"));
        let found = reading(&output.stdout, "M").expect("it spoke");
        assert_eq!(found.processes.iter().map(|process| process.name.as_str()).collect::<Vec<_>>(), ["web"], "{shell:?}");
    }
}

#[test]
fn a_stop_is_not_proven_by_a_keeper_that_does_not_answer() {
    let host = Host::new("unanswered");
    fs::create_dir_all(host.at("home/.pm2")).expect("made");
    let [_, of_systemd] = texts(Change::Stop, "k systemd 252\nu Id=shop.service\nu ActiveState=active", Keeper::Systemd);
    let [_, of_pm2] = of_pm2(&host, Change::Stop);
    for shell in SHELLS {
        let output = host.run(shell, &of_systemd);
        assert!(!output.status.success() && said(&output).contains("systemd does not tell"), "{shell:?}: {}", said(&output));
        let output = host.run(shell, &of_pm2);
        assert!(!output.status.success() && said(&output).contains("pm2 does not tell"), "{shell:?}: {}", said(&output));
    }
}

#[test]
fn the_pm2_of_one_account_is_not_taken_for_another_ones() {
    let host = Host::new("whose");
    let me = account();
    host.program("rc-update", &format!("echo \"$@\" >>{}", host.at("updated")));
    host.program("node", "case $1 in -e) exit 1 ;; esac");
    host.program("pm2", &format!("echo \"$@\" >>{}", host.at("started")));
    host.file("home/.pm2/none", "");
    host.file("etc/runlevels/default/pm2", "");
    let [disable, _] = of_pm2(&host, Change::Disable);
    let [enable, _] = of_pm2(&host, Change::Enable);
    // The list is written already.
    let enable = enable.replace("of_pm2 save &&", "");
    for shell in SHELLS {
        host.file("etc/init.d/pm2", &format!("#!/sbin/openrc-run\nuser=${{PM2_USER:-{me}admin}}\n"));
        let output = host.run(shell, &disable);
        assert!(output.status.success(), "{shell:?}: {}", said(&output));
        assert!(!Path::new(&host.at("updated")).exists(), "{shell:?}: it is another one's");
        let output = host.run(shell, &enable);
        assert!(!output.status.success() && said(&output).contains(&format!("the pm2 of {me}admin")), "{shell:?}: {}", said(&output));
        assert!(!Path::new(&host.at("started")).exists(), "{shell:?}: the script is left as it was");

        // Said where the administrator says it.
        host.file("etc/conf.d/pm2", &format!("PM2_USER=\"{me}\"\n"));
        let output = host.run(shell, &disable);
        assert!(output.status.success(), "{shell:?}: {}", said(&output));
        assert_eq!(fs::read_to_string(host.at("updated")).expect("asked"), "delete pm2 default\n", "{shell:?}");
        fs::remove_file(host.at("updated")).expect("removed");
        fs::remove_file(host.at("etc/conf.d/pm2")).expect("removed");
    }
}

#[test]
fn a_link_in_the_place_of_a_log_is_not_followed() {
    let host = Host::new("link");
    host.file("shadow", "canary\n");
    host.file("web.err", "cannot bind\n");
    symlink(host.at("shadow"), host.at("web.log")).expect("linked");
    host.program("rc-service", "exit 1");
    let told = format!("k openrc 0.45\ns web [ stopped ]\ni web output_log {}\ni web error_log {}", host.at("web.log"), host.at("web.err"));
    let [start, _] = texts(Change::Start, &told, Keeper::OpenRc);
    let found = reading(format!("\nM begin\n{told}\nM end\n").as_bytes(), "M").expect("it spoke");
    let (_, logs) = beffroi_process::logs(&found.processes[0], &found, 50);
    for shell in SHELLS {
        let output = host.run(shell, &start);
        assert!(!output.status.success() && said(&output).contains("cannot bind") && !said(&output).contains("canary"), "{shell:?}");
        let output = host.run(shell, &logs);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "cannot bind\n", "{shell:?}");
        assert!(said(&output).contains("no plain file"), "{shell:?}");
    }
}
