//! The commands of drivers, as a plan shows them.

use beffroi_domain::GuestDriver;
use beffroi_remote::CommandLine;

use super::script::{GuestPlace, own_volumes, pairs};
use super::{Change, Settings, Stop};
use crate::model::{Guest, GuestState};

/// The commands that the text may run for a change, in their order. `next`: a number that no container of Proxmox has.
pub(super) fn commands(change: &Change, place: &GuestPlace, guest: &Guest, next: &str) -> Vec<String> {
    let by = By { place, guest };
    match change {
        Change::Start => by.start(),
        Change::Stop(stop) => by.stop(*stop),
        Change::Restart(stop) => [by.stop(*stop), By { place, guest: &stopped(guest) }.start()].concat(),
        Change::Freeze => by.hold("lxc-freeze", "pause"),
        Change::Thaw => by.hold("lxc-unfreeze", "start"),
        Change::Rename { to } => match place.driver {
            GuestDriver::Lxc => {
                let volumes = !own_volumes(place, guest).is_empty();
                let moved = volumes
                    .then(|| by.shell(&["mv", &by.folder(&format!(".volumes/{}", place.name)), &by.folder(&format!(".volumes/{to}"))]));
                let snapshots = guest.snapshots.iter().map(|snapshot| by.edit(&format!("{}/snaps/{}", by.folder(to), snapshot.name)));
                [by.shell(&["mv", &by.home(), &by.folder(to)])]
                    .into_iter()
                    .chain(moved)
                    .chain([by.edit(&by.folder(to))])
                    .chain(snapshots)
                    .collect()
            }
            GuestDriver::Incus | GuestDriver::Lxd => {
                let own = own_volumes(place, guest);
                let volume = |pair: &[String]| {
                    let called = pair[1].strip_prefix(&format!("{}.", place.name)).unwrap_or(&pair[1]);
                    by.client(&["storage", "volume", "rename", &pair[0], &pair[1], &format!("{to}.{called}")])
                };
                std::iter::once(by.client(&["rename", &place.name, to])).chain(own.chunks_exact(2).map(volume)).collect()
            }
            _ => by.each("", &[], &["rename", &place.name, to], &["set", &place.name, "--hostname", to]),
        },
        Change::Copy { to } => by.copy(to, next),
        Change::Set(settings) => by.set(settings),
        Change::Delete { volumes } => by.delete(*volumes),
        Change::Snapshot { name } => by.snapshot(name),
        Change::Restore { name } => by.restore(name),
        Change::Forget { name } => match place.driver {
            GuestDriver::Lxd => vec![by.client(&["delete", &format!("{}/{name}", place.name)])],
            GuestDriver::Lxc => {
                let snaps = format!("{}/snaps", by.home());
                let left = by.shell(&["rm", "-rf", &format!("{snaps}/{name}"), &format!("{snaps}/.beffroi-{name}")]);
                vec![by.lxc("lxc-snapshot", &["-d", name]), left]
            }
            _ => by.each("lxc-snapshot", &["-d", name], &["snapshot", "delete", &place.name, name], &["delsnapshot", &place.name, name]),
        },
    }
}

/// The command that reads the state back.
pub(super) fn reading(change: &Change, place: &GuestPlace) -> String {
    let guest = Guest::new(place.driver, &place.project, &place.name);
    let by = By { place, guest: &guest };
    match (change, place.driver) {
        (Change::Snapshot { .. } | Change::Forget { .. }, GuestDriver::Lxc) => by.lxc("lxc-snapshot", &["-L"]),
        (Change::Snapshot { .. } | Change::Forget { .. }, GuestDriver::Proxmox) => by.pct(&["listsnapshot", &place.name]),
        (Change::Set(_), GuestDriver::Lxc) => by.lxc("lxc-cgroup", &["memory.max"]),
        (Change::Set(_) | Change::Rename { .. }, GuestDriver::Proxmox) => by.pct(&["config", &place.name]),
        (Change::Set(_), _) => by.client(&["config", "show", &place.name]),
        (_, GuestDriver::Lxc) => by.lxc("lxc-info", &["-s"]),
        (_, GuestDriver::Proxmox) => by.pct(&["status", &place.name]),
        (_, _) => by.client(&["info", &place.name]),
    }
}

fn stopped(guest: &Guest) -> Guest {
    Guest { state: GuestState::Stopped, ..guest.clone() }
}

/// Commands of the driver of a guest.
struct By<'a> {
    place: &'a GuestPlace,
    guest: &'a Guest,
}

impl By<'_> {
    fn shell(&self, words: &[&str]) -> String {
        CommandLine::new(words).to_string()
    }

    fn lxc(&self, program: &str, words: &[&str]) -> String {
        let mut line = vec![program, "-n", &self.place.name];
        if !self.place.project.is_empty() {
            line.extend(["-P", &self.place.project]);
        }
        line.extend(words);
        self.shell(&line)
    }

    fn client(&self, words: &[&str]) -> String {
        let project = if self.place.project.is_empty() { "default" } else { &self.place.project };
        let mut line = vec![self.place.client()];
        line.extend(words);
        line.extend(["--project", project]);
        self.shell(&line)
    }

    fn pct(&self, words: &[&str]) -> String {
        self.shell(&[&["pct"], words].concat())
    }

    /// One command, whoever drives the guest.
    fn each(&self, program: &str, lxc: &[&str], client: &[&str], pct: &[&str]) -> Vec<String> {
        vec![match self.place.driver {
            GuestDriver::Lxc => self.lxc(program, lxc),
            GuestDriver::Incus | GuestDriver::Lxd => self.client(client),
            GuestDriver::Proxmox => self.pct(pct),
        }]
    }

    /// Proxmox has no command of its own for that: what is held there is a container of LXC with the number as its name.
    fn hold(&self, program: &str, client: &str) -> Vec<String> {
        vec![match self.place.driver {
            GuestDriver::Lxc | GuestDriver::Proxmox => self.lxc(program, &[]),
            GuestDriver::Incus | GuestDriver::Lxd => self.client(&[client, &self.place.name]),
        }]
    }

    fn base(&self) -> &str {
        if self.place.project.is_empty() { "/var/lib/lxc" } else { &self.place.project }
    }

    fn folder(&self, name: &str) -> String {
        format!("{}/{name}", self.base())
    }

    fn home(&self) -> String {
        self.folder(&self.place.name)
    }

    /// Where what is written below a classic guest's root lies.
    fn data(&self) -> String {
        let root = self.guest.root.as_deref().and_then(|root| root.rsplit(':').next());
        root.filter(|root| root.starts_with('/')).map_or_else(|| format!("{}/rootfs", self.home()), str::to_owned)
    }

    fn edit(&self, home: &str) -> String {
        format!("edit {}", self.shell(&[&format!("{home}/config")]))
    }

    fn start(&self) -> Vec<String> {
        let name = &self.place.name;
        if self.guest.state == GuestState::Frozen {
            return self.hold("lxc-unfreeze", "start");
        }
        self.each("lxc-start", &["-d"], &["start", name], &["start", name])
    }

    fn stop(&self, stop: Stop) -> Vec<String> {
        let (name, seconds) = (&self.place.name, stop.timeout.as_secs().max(1).to_string());
        if stop.force {
            return self.each("lxc-stop", &["-k"], &["stop", name, "--force"], &["stop", name]);
        }
        let mut commands = Vec::new();
        if self.guest.state == GuestState::Frozen {
            commands.extend(self.hold("lxc-unfreeze", "start"));
        }
        let asked = ["shutdown", name, "--timeout", &seconds, "--forceStop", "0"];
        commands.extend(self.each("lxc-stop", &["--nokill", "-t", &seconds], &["stop", name, "--timeout", &seconds], &asked));
        commands
    }

    fn copy(&self, to: &str, next: &str) -> Vec<String> {
        let name = &self.place.name;
        let mark = format!("user.beffroi-copy=of {name}");
        match self.place.driver {
            GuestDriver::Lxc => {
                // Under a name of its own until it is whole.
                let half = format!("{to}.beffroi-copy");
                let mut words = vec!["-N", &half];
                if !self.place.project.is_empty() {
                    words.extend(["-p", &self.place.project]);
                }
                if self.guest.root.as_deref().is_some_and(|root| root.starts_with("overlay")) {
                    words.push("-s");
                }
                vec![self.lxc("lxc-copy", &words), self.shell(&["mv", &self.folder(&half), &self.folder(to)]), self.edit(&self.folder(to))]
            }
            GuestDriver::Incus | GuestDriver::Lxd => {
                let half = format!("{to}-beffroi-copy");
                vec![self.client(&["copy", name, &half, "--config", &mark]), self.client(&["rename", &half, to])]
            }
            GuestDriver::Proxmox => vec![self.pct(&["clone", name, next, "--hostname", to, "--full", "1"])],
        }
    }

    fn set(&self, settings: &Settings) -> Vec<String> {
        let name = &self.place.name;
        let words = pairs(settings, self.place.driver);
        let mut commands = Vec::new();
        for pair in words.chunks_exact(2) {
            let (what, value) = (pair[0].as_str(), pair[1].as_str());
            match (self.place.driver, what) {
                (GuestDriver::Lxc, "autostart") => commands.push(format!("{}: lxc.start.auto = {value}", self.edit(&self.home()))),
                (GuestDriver::Lxc, _) => {
                    // Which version of control groups a host has, only it knows.
                    let quota = value.parse::<u64>().unwrap_or(0).saturating_mul(100).to_string();
                    let (files, values) = match (what, value) {
                        ("memory", "none") => (["memory.max", "memory.limit_in_bytes"], ["max".to_owned(), "-1".to_owned()]),
                        ("memory", _) => (["memory.max", "memory.limit_in_bytes"], [value.to_owned(), value.to_owned()]),
                        (_, "none") => (["cpu.max", "cpu.cfs_quota_us"], ["max 100000".to_owned(), "-1".to_owned()]),
                        _ => (["cpu.max", "cpu.cfs_quota_us"], [format!("{quota} 100000"), quota]),
                    };
                    let or = |of: &dyn Fn(usize) -> String| format!("{} [cgroup 1: {}]", of(0), of(1));
                    if self.guest.state != GuestState::Stopped {
                        commands.push(or(&|one| self.lxc("lxc-cgroup", &[files[one], &values[one]])));
                    }
                    let key = |one: usize| format!("lxc.{}.{}", ["cgroup2", "cgroup"][one], files[one]);
                    let written =
                        |one: usize| if value == "none" { format!("{} -", key(one)) } else { format!("{} = {}", key(one), values[one]) };
                    commands.push(format!("{}: {}", self.edit(&self.home()), or(&written)));
                }
                (GuestDriver::Incus | GuestDriver::Lxd, "disk") => {
                    commands.push(self.client(&["config", "device", "override", name, "root", &format!("size={value}")]));
                }
                (GuestDriver::Incus | GuestDriver::Lxd, _) => {
                    let key = match what {
                        "memory" => "limits.memory",
                        "cpu" => "limits.cpu",
                        _ => "boot.autostart",
                    };
                    let command = match value {
                        "none" => self.client(&["config", "unset", name, key]),
                        _ => self.client(&["config", "set", name, &format!("{key}={value}")]),
                    };
                    commands.push(command);
                }
                (GuestDriver::Proxmox, "disk") => {
                    let size = value.parse::<u64>().unwrap_or(0).div_ceil(1 << 30);
                    commands.push(self.pct(&["resize", name, "rootfs", &format!("{size}G")]));
                }
                (GuestDriver::Proxmox, _) => {
                    let mebibytes = (value.parse::<u64>().unwrap_or(0) >> 20).to_string();
                    let words = match (what, value) {
                        ("memory", _) => ["--memory", &mebibytes],
                        ("cpu", "none") => ["--delete", "cores"],
                        ("cpu", _) => ["--cores", value],
                        _ => ["--onboot", value],
                    };
                    commands.push(self.pct(&[&["set", name][..], &words[..]].concat()));
                }
            }
        }
        commands
    }

    fn delete(&self, volumes: bool) -> Vec<String> {
        let (name, home) = (&self.place.name, self.home());
        let mut commands = Vec::new();
        if self.place.driver == GuestDriver::Lxc {
            commands.extend(self.guest.snapshots.iter().map(|snapshot| self.lxc("lxc-snapshot", &["-d", &snapshot.name])));
        }
        commands.extend(self.each("lxc-destroy", &[], &["delete", name], &["destroy", name, "--purge", "1"]));
        if self.place.driver == GuestDriver::Lxc {
            commands.push(self.shell(&["rm", "-rf", &home]));
        }
        if volumes {
            let own = own_volumes(self.place, self.guest);
            match self.place.driver {
                GuestDriver::Lxc => commands.extend(own.iter().map(|folder| self.shell(&["rm", "-rf", folder]))),
                _ => commands.extend(own.chunks_exact(2).map(|pair| self.client(&["storage", "volume", "delete", &pair[0], &pair[1]]))),
            }
        }
        commands
    }

    fn snapshot(&self, snapshot: &str) -> Vec<String> {
        let name = &self.place.name;
        match self.place.driver {
            GuestDriver::Lxc => {
                let (data, home) = (self.data(), self.home());
                let (part, whole) = (format!("{home}/snaps/.beffroi-{snapshot}"), format!("{home}/snaps/{snapshot}"));
                let last = data.rsplit('/').next().unwrap_or_default().to_owned();
                let copied = self.shell(&["cp", "-a", &data, &format!("{part}/{last}")]);
                let mut commands = vec![self.shell(&["rm", "-rf", &part])];
                let running = self.guest.state == GuestState::Running;
                commands.extend(running.then(|| self.lxc("lxc-freeze", &[])));
                commands.push(copied);
                commands.push(self.shell(&["mv", &part, &whole]));
                commands.extend(running.then(|| self.lxc("lxc-unfreeze", &[])));
                commands
            }
            GuestDriver::Lxd => vec![self.client(&["snapshot", name, snapshot])],
            GuestDriver::Incus => vec![self.client(&["snapshot", "create", name, snapshot])],
            GuestDriver::Proxmox => vec![self.pct(&["snapshot", name, snapshot])],
        }
    }

    fn restore(&self, snapshot: &str) -> Vec<String> {
        let name = &self.place.name;
        match self.place.driver {
            GuestDriver::Lxc => {
                let (data, home) = (self.data(), self.home());
                let last = data.rsplit('/').next().unwrap_or_default();
                let saved = format!("{home}/snaps/{snapshot}/{last}");
                let (fresh, old) = (format!("{data}.beffroi-new"), format!("{data}.beffroi-old"));
                let runs = self.guest.state != GuestState::Stopped;
                let minute = Stop { timeout: std::time::Duration::from_secs(60), force: false };
                let mut commands = if runs { self.stop(minute) } else { Vec::new() };
                for words in [
                    &["rm", "-rf", &fresh][..],
                    &["cp", "-a", &saved, &fresh],
                    &["rm", "-rf", &old],
                    &["mv", &data, &old],
                    &["mv", &fresh, &data],
                    &["mv", &format!("{home}/config.beffroi-new"), &format!("{home}/config")],
                    &["rm", "-rf", &old],
                ] {
                    commands.push(self.shell(words));
                }
                commands.extend(runs.then(|| self.lxc("lxc-start", &["-d"])));
                commands
            }
            GuestDriver::Lxd => vec![self.client(&["restore", name, snapshot])],
            GuestDriver::Incus => vec![self.client(&["snapshot", "restore", name, snapshot])],
            GuestDriver::Proxmox => {
                let started = (self.guest.state != GuestState::Stopped).then(|| self.pct(&["start", name]));
                std::iter::once(self.pct(&["rollback", name, snapshot])).chain(started).collect()
            }
        }
    }
}
