//! The shell texts that change guests, and what they are told.

use beffroi_domain::GuestDriver;
use beffroi_remote::{CommandLine, quote};

use super::{Change, Settings, Stop};
use crate::model::{Guest, GuestState};

const STEP: &str = include_str!("../../../../../assets/remote/step.sh");
const LXC: &str =
    concat!(include_str!("../../../../../assets/remote/guest-written.sh"), include_str!("../../../../../assets/remote/guest-lxc.sh"));
const INCUS: &str = concat!(
    include_str!("../../../../../assets/remote/home.sh"),
    include_str!("../../../../../assets/remote/guest-written.sh"),
    include_str!("../../../../../assets/remote/guest-daemon.sh"),
    include_str!("../../../../../assets/remote/guest-rest.sh"),
    include_str!("../../../../../assets/remote/guest-incus.sh")
);
const PCT: &str =
    concat!(include_str!("../../../../../assets/remote/guest-proxmox.sh"), include_str!("../../../../../assets/remote/guest-pct.sh"));

/// Which guest of a host is meant, for its driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestPlace {
    /// Who drives it.
    pub driver: GuestDriver,
    /// Its project or folder; empty for the default one.
    pub project: String,
    /// Its driver's name for it.
    pub name: String,
}

impl GuestPlace {
    /// That of a guest.
    #[must_use]
    pub fn of(guest: &Guest) -> Self {
        Self { driver: guest.driver, project: guest.project.clone(), name: guest.name.clone() }
    }

    /// The client of Incus or LXD.
    pub(crate) fn client(&self) -> &'static str {
        if self.driver == GuestDriver::Incus { "incus" } else { "lxc" }
    }

    /// The shell text that does something to it: see the texts themselves for the words.
    #[must_use]
    pub fn shell(&self, words: &[String]) -> String {
        let verb = words.first().cloned().unwrap_or_default();
        let mut arguments = vec![verb];
        match self.driver {
            GuestDriver::Lxc => arguments.extend([self.name.clone(), self.project.clone()]),
            GuestDriver::Incus | GuestDriver::Lxd => {
                arguments.extend([self.client().to_owned(), self.project.clone(), self.name.clone()]);
            }
            GuestDriver::Proxmox => arguments.push(self.name.clone()),
        }
        arguments.extend(words.iter().skip(1).cloned());
        let arguments: Vec<_> = arguments.iter().map(|word| quote(word)).collect();
        format!("set -- {}\n{STEP}{}", arguments.join(" "), script(self.driver))
    }

    /// Where the log of its driver is, or what its console printed; and the text that gives the last lines. `kept`: the file that
    /// the console of a classic guest is written to.
    #[must_use]
    pub fn logs(&self, console: bool, kept: Option<&str>, lines: u32) -> (String, String) {
        let (name, project) = (quote(&self.name), if self.project.is_empty() { "default" } else { &self.project });
        let of_file = |file: &str| {
            let text = format!(
                "[ -r {0} ] || {{ echo \"there is no file {1}\" >&2; exit 1; }}; tail -n {lines} {0}",
                quote(file),
                file.replace(['"', '$', '`', '\\'], "?")
            );
            (file.to_owned(), text)
        };
        match (self.driver, console) {
            (GuestDriver::Lxc | GuestDriver::Proxmox, true) => match kept {
                Some(file) => of_file(file),
                None => (String::new(), "echo 'no file is kept of its console: lxc.console.logfile' >&2; exit 1".to_owned()),
            },
            (GuestDriver::Lxc, false) if self.project.is_empty() => of_file(&format!("/var/log/lxc/{}.log", self.name)),
            (GuestDriver::Lxc, false) => of_file(&format!("{}/{}/{}.log", self.project, self.name, self.name)),
            (GuestDriver::Proxmox, false) => of_file(&format!("/var/log/lxc/{}.log", self.name)),
            (GuestDriver::Incus | GuestDriver::Lxd, _) => {
                let words = if console { format!("console {name} --show-log") } else { format!("info {name} --show-log") };
                let command = format!("{} {words} --project {}", self.client(), quote(project));
                // The log comes after what is said of the guest.
                let after = if console { "1" } else { "found" };
                let script = format!(
                    "export PATH=\"$PATH:/snap/bin\"; said=$({command} </dev/null) || exit 1; printf '%s\\n' \"$said\" | awk '{after} {{ print }} /^(Console l|L)og:/ {{ found = 1 }}' | tail -n {lines}"
                );
                (command, script)
            }
        }
    }

    /// What opens its console in a terminal: the login prompt of the guest, where it has one.
    #[must_use]
    pub fn console(&self) -> CommandLine {
        let project = if self.project.is_empty() { "default" } else { &self.project };
        match self.driver {
            GuestDriver::Lxc if self.project.is_empty() => CommandLine::new(["lxc-console", "-n", &self.name, "-t", "0"]),
            GuestDriver::Lxc => CommandLine::new(["lxc-console", "-n", &self.name, "-P", &self.project, "-t", "0"]),
            GuestDriver::Incus | GuestDriver::Lxd => CommandLine::new([self.client(), "console", &self.name, "--project", project]),
            GuestDriver::Proxmox => CommandLine::new(["pct", "console", &self.name]),
        }
    }

    /// The same guest by another name.
    pub(super) fn called(&self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self.clone() }
    }
}

/// The text that changes guests of a driver.
fn script(driver: GuestDriver) -> &'static str {
    match driver {
        GuestDriver::Lxc => LXC,
        GuestDriver::Incus | GuestDriver::Lxd => INCUS,
        GuestDriver::Proxmox => PCT,
    }
}

/// The words of a text that makes a change. `next`: a number that no container of Proxmox has.
pub(super) fn verb(change: &Change, place: &GuestPlace, guest: &Guest, next: &str) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match change {
        Change::Start => words(&["start"]),
        Change::Stop(stop) => stopping("stop", *stop),
        Change::Restart(stop) => stopping("restart", *stop),
        Change::Freeze => words(&["freeze"]),
        Change::Thaw => words(&["thaw"]),
        Change::Rename { to } if matches!(place.driver, GuestDriver::Incus | GuestDriver::Lxd) => {
            [words(&["rename", to]), own_volumes(place, guest)].concat()
        }
        Change::Rename { to } => words(&["rename", to]),
        Change::Copy { to } if place.driver == GuestDriver::Proxmox => words(&["copy", next, to]),
        Change::Copy { to } => words(&["copy", to]),
        Change::Set(settings) => [words(&["set"]), guarded(settings, place.driver, guest)].concat(),
        Change::Delete { volumes: false } => words(&["delete"]),
        Change::Delete { volumes: true } => [words(&["delete"]), own_volumes(place, guest)].concat(),
        Change::Snapshot { name } => words(&["snapshot", name]),
        Change::Restore { name } if place.driver == GuestDriver::Proxmox => words(&["restore", name, afterwards(guest)]),
        Change::Restore { name } => words(&["restore", name]),
        Change::Forget { name } => words(&["forget", name]),
    }
}

/// How it is read back: as it is shown, and the text.
pub(super) fn reading_back(change: &Change, place: &GuestPlace, guest: &Guest, next: &str) -> (String, String) {
    let renamed = match change {
        Change::Rename { to } | Change::Copy { to } if place.driver != GuestDriver::Proxmox => Some(place.called(to)),
        Change::Copy { .. } => Some(place.called(next)),
        _ => None,
    };
    let place = renamed.as_ref().unwrap_or(place);
    let words: Vec<String> = match change {
        Change::Start | Change::Restart(_) | Change::Thaw => is("running"),
        Change::Stop(_) if guest.ephemeral => is("absent"),
        Change::Stop(_) => is("stopped"),
        Change::Freeze => is("frozen"),
        Change::Rename { to } if place.driver == GuestDriver::Proxmox => vec!["holds".to_owned(), "name".to_owned(), to.clone()],
        Change::Rename { .. } | Change::Copy { .. } => is("there"),
        Change::Set(settings) => [vec!["holds".to_owned()], pairs(settings, place.driver)].concat(),
        Change::Delete { .. } => is("absent"),
        Change::Snapshot { name } => [is("snapshot"), vec![name.clone()]].concat(),
        Change::Restore { name } if place.driver == GuestDriver::Proxmox => {
            [is("restored"), vec![afterwards(guest).to_owned(), name.clone()]].concat()
        }
        Change::Restore { .. } => is("restored"),
        Change::Forget { name } => [is("no-snapshot"), vec![name.clone()]].concat(),
    };
    (super::words::reading(change, place), place.shell(&words))
}

fn is(what: &str) -> Vec<String> {
    vec!["is".to_owned(), what.to_owned()]
}

/// What a guest does once it was restored, where its driver leaves it stopped.
fn afterwards(guest: &Guest) -> &'static str {
    if guest.state == GuestState::Stopped { "stopped" } else { "running" }
}

fn stopping(verb: &str, stop: Stop) -> Vec<String> {
    match (verb, stop.force) {
        ("stop", true) => vec!["kill".to_owned()],
        (_, true) => vec![verb.to_owned(), "0".to_owned()],
        (_, false) => vec![verb.to_owned(), stop.timeout.as_secs().max(1).to_string()],
    }
}

/// Settings as [`pairs`], before each one `was-WORD` with what was read of it, where that is known: where the host has another value
/// by then, somebody else changed it, and it stays.
fn guarded(settings: &Settings, driver: GuestDriver, guest: &Guest) -> Vec<String> {
    let was = |word: &str| {
        let own = guest.settings.as_ref()?;
        Some([format!("was-{word}"), own.get(word).cloned().unwrap_or_else(|| "none".to_owned())])
    };
    let pairs = pairs(settings, driver);
    pairs.chunks_exact(2).flat_map(|pair| was(&pair[0]).into_iter().flatten().chain(pair.iter().cloned())).collect()
}

/// Settings as pairs of a word and a value of the driver's.
pub(super) fn pairs(settings: &Settings, driver: GuestDriver) -> Vec<String> {
    let none = || "none".to_owned();
    let mut words = Vec::new();
    let mut add = |word: &str, value: String| words.extend([word.to_owned(), value]);
    if let Some(memory) = settings.memory_bytes {
        add("memory", memory.map_or_else(none, |bytes| bytes.to_string()));
    }
    if let Some(cpu) = settings.cpu_thousandths {
        let unit = if driver == GuestDriver::Lxc { 1 } else { 1000 };
        add("cpu", cpu.map_or_else(none, |thousandths| (thousandths / unit).to_string()));
    }
    if let Some(bytes) = settings.disk_bytes {
        add("disk", bytes.to_string());
    }
    if let Some(on) = settings.autostart {
        let value = match (driver, on) {
            (GuestDriver::Incus | GuestDriver::Lxd, _) => on.to_string(),
            (_, on) => u8::from(on).to_string(),
        };
        add("autostart", value);
    }
    words
}

/// The volumes that were made for it and for nobody else, as its driver names them: for classic LXC folders below the one that
/// volumes of guests are made in, never another folder of the host; for Incus and LXD those called `GUEST.DEVICE`, with their pools.
pub(super) fn own_volumes(place: &GuestPlace, guest: &Guest) -> Vec<String> {
    let base = if place.project.is_empty() { "/var/lib/lxc" } else { &place.project };
    let own = format!("{base}/.volumes/{}/", place.name);
    let is_own =
        |source: &str| source.strip_prefix(&own).is_some_and(|rest| !rest.is_empty() && !rest.contains("..") && !rest.contains('/'));
    guest
        .volumes
        .iter()
        .flat_map(|volume| match place.driver {
            GuestDriver::Lxc if is_own(&volume.source) => vec![volume.source.clone()],
            GuestDriver::Incus | GuestDriver::Lxd
                if !volume.pool.is_empty() && volume.source == format!("{}.{}", place.name, volume.name) =>
            {
                vec![volume.pool.clone(), volume.source.clone()]
            }
            _ => Vec::new(),
        })
        .collect()
}
