//! What a guest is made with: the files that its host is given, the steps that it takes, and what the host says of what is there.

use std::collections::BTreeMap;

use beffroi_domain::{GuestDriver, Message, StepKind, Undo};
use beffroi_remote::quote;

use super::{Check, Content, Network, Setting, Spec};
use crate::change::ChangeStep;

const COMMON: &str =
    concat!(include_str!("../../../../../assets/remote/guest-written.sh"), include_str!("../../../../../assets/remote/guest-make.sh"));
const PLACE: &str = include_str!("../../../../../assets/remote/guest-place.sh");
const LXC: &str = include_str!("../../../../../assets/remote/guest-make-lxc.sh");
const DAEMON: &str =
    concat!(include_str!("../../../../../assets/remote/guest-make-incus.sh"), include_str!("../../../../../assets/remote/guest-daemon.sh"));
const PROXMOX: &str =
    concat!(include_str!("../../../../../assets/remote/guest-proxmox.sh"), include_str!("../../../../../assets/remote/guest-make-pct.sh"));
/// Where the host does not see a root, what is state in it is noted inside.
const STATE: &str = include_str!("../../../../../assets/remote/guest-state.sh");

/// A part of a guest that can be made by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Volumes, root and configuration; it runs then.
    Image,
    /// The account of the service.
    User,
    /// Files.
    Files,
    /// Packages.
    Packages,
    /// The service and its environment.
    Service,
    /// Whether it works.
    Health,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [Self::Image, Self::User, Self::Packages, Self::Files, Self::Service, Self::Health];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::User => "user",
            Self::Files => "files",
            Self::Packages => "packages",
            Self::Service => "service",
            Self::Health => "health",
        }
    }

    /// Reads a [`Part::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

/// Which guest is made, and how.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// What it is to be.
    pub spec: &'a Spec,
    /// Who drives it.
    pub driver: GuestDriver,
    /// Its project or folder; empty for the default.
    pub project: &'a str,
    /// Its driver's name for it.
    pub name: &'a str,
    /// A number that no container of Proxmox has, for the root that is made; of no meaning to the others.
    pub number: &'a str,
    /// Tells one making from another.
    pub plan: &'a str,
    /// What is noted at the guest.
    pub digest: &'a str,
    /// Whether its root is replaced.
    pub rebuild: bool,
}

/// A file of those that the host is given, by its path among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// This text.
    Text(String),
    /// A file beside the specification, by the path that the specification gives it.
    Source(String),
}

impl Making<'_> {
    /// The files that the host is given. No secret is among them.
    #[must_use]
    pub fn given(&self) -> BTreeMap<String, Given> {
        let spec = self.spec;
        let (script, state) = match self.driver {
            GuestDriver::Lxc => (LXC, ""),
            GuestDriver::Incus | GuestDriver::Lxd => (DAEMON, STATE),
            GuestDriver::Proxmox => (PROXMOX, STATE),
        };
        let mut given = BTreeMap::from([
            ("make".to_owned(), Given::Text(format!("{PLACE}{script}{state}{COMMON}"))),
            ("spec".to_owned(), Given::Text(self.values())),
            ("command".to_owned(), Given::Text(self.command())),
            ("health".to_owned(), Given::Text(self.health())),
        ]);
        let mut files = String::new();
        for (number, file) in (1..).zip(&spec.files) {
            files.push_str(&format!("{number}\t{:o}\t{}\t{}\n", file.mode, file.owner, file.path));
            let content = match &file.from {
                Content::Content(text) => Given::Text(text.clone()),
                Content::Source(path) => Given::Source(path.clone()),
            };
            given.insert(format!("content/{number}"), content);
        }
        for (number, path) in (1..).zip(&spec.packages.files) {
            // Their names matter to the package managers; two of one name stay apart.
            let name = path.rsplit('/').next().unwrap_or(path);
            let place = format!("local/{name}");
            let place = if given.contains_key(&place) { format!("local/{number}-{name}") } else { place };
            given.insert(place, Given::Source(path.clone()));
        }
        let lines = |all: &[String]| all.iter().map(|one| format!("{one}\n")).collect::<String>();
        given.insert("files".to_owned(), Given::Text(files));
        given.insert("packages".to_owned(), Given::Text(lines(&spec.packages.install)));
        let volumes = spec.volumes.iter().map(|volume| {
            let size = volume.size.map(|size| size.to_string()).unwrap_or_default();
            format!("{}\t{}\t{size}\n", volume.name, volume.path)
        });
        given.insert("volumes".to_owned(), Given::Text(volumes.collect()));
        let ports = spec.ports.iter().map(|port| format!("{}\t{}\t{}\n", port.protocol, port.listen, port.guest));
        given.insert("ports".to_owned(), Given::Text(ports.collect()));
        given
    }

    fn values(&self) -> String {
        let spec = self.spec;
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
        let (network, bridge, address, gateway) = match &spec.network {
            Network::Host => ("host", "", "", ""),
            Network::Off => ("off", "", "", ""),
            Network::Bridge { bridge, address, gateway } => {
                ("bridge", bridge.as_str(), address.as_deref().unwrap_or_default(), gateway.as_deref().unwrap_or_default())
            }
        };
        let (http_port, http_path) = match spec.health.as_ref().map(|health| &health.check) {
            Some(Check::Http { port, path }) => (port.to_string(), path.as_str()),
            _ => (String::new(), ""),
        };
        let client = if self.driver == GuestDriver::Incus { "incus" } else { "lxc" };
        let values: [(&str, String); 28] = [
            ("client", client.to_owned()),
            ("project", self.project.to_owned()),
            ("guest", self.name.to_owned()),
            ("number", self.number.to_owned()),
            ("plan", self.plan.to_owned()),
            ("digest", self.digest.to_owned()),
            ("rebuild", yes(self.rebuild)),
            ("image", spec.image.name.clone()),
            ("image_sha256", spec.image.sha256.clone().unwrap_or_default()),
            ("unprivileged", yes(spec.unprivileged)),
            ("nesting", yes(spec.nesting)),
            ("autostart", u8::from(spec.autostart).to_string()),
            ("memory", number(spec.limits.memory)),
            ("cpus", number(spec.limits.cpus)),
            ("disk", number(spec.limits.disk)),
            ("network", network.to_owned()),
            ("bridge", bridge.to_owned()),
            ("address", address.to_owned()),
            ("gateway", gateway.to_owned()),
            ("user", spec.user.as_ref().map(|user| user.name.clone()).unwrap_or_default()),
            ("uid", number(spec.user.as_ref().and_then(|user| user.uid))),
            ("service", spec.service.as_ref().map(|service| service.name.clone()).unwrap_or_default()),
            ("http_port", http_port),
            ("http_path", http_path.to_owned()),
            ("interval", number(Some(spec.health.as_ref().map_or(2, |health| health.interval)))),
            ("retries", number(Some(spec.health.as_ref().map_or(15, |health| health.retries)))),
            ("store", STORE.to_owned()),
            ("memory_mib", number(spec.limits.memory.map(|bytes| bytes.div_ceil(1 << 20)))),
        ];
        values.iter().map(|(name, value)| format!("{name}={}\n", quote(value))).collect()
    }

    /// The program of the service.
    fn command(&self) -> String {
        let Some(service) = self.spec.service.as_ref().filter(|service| !service.command.is_empty()) else { return String::new() };
        let words: Vec<String> = service.command.iter().map(|word| quote(word).to_string()).collect();
        let folder = service.folder.as_ref().map(|folder| format!("cd {} || exit 1\n", quote(folder))).unwrap_or_default();
        format!("#!/bin/sh\n{folder}exec {}\n", words.join(" "))
    }

    fn health(&self) -> String {
        match self.spec.health.as_ref().map(|health| &health.check) {
            Some(Check::Command(words)) => words.iter().map(|word| quote(word).to_string()).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        }
    }

    /// The steps that it takes, of what was sent to a folder of the host. `called`: what the guest is called here. `seen`: what is
    /// there. With `only`, just these parts.
    #[must_use]
    pub fn steps(&self, called: &str, folder: &str, seen: &Look, only: &[Part]) -> Vec<ChangeStep> {
        let is_new = seen.is_absent() || self.rebuild;
        let wanted = |part: Part| only.is_empty() || only.contains(&part);
        let differs = |name: &str| is_new || !seen.is_same(name);
        let mut names: Vec<&'static str> = Vec::new();
        if self.rebuild {
            names.push("strays");
        }
        if wanted(Part::Image) && seen.lacks_ids() {
            names.push("ids");
        }
        if wanted(Part::Image) && (is_new || !seen.is_running || ["volumes", "root", "config"].iter().any(|part| differs(part))) {
            names.extend(["volumes", "root", "swap", "config", "start"]);
        }
        let spec = self.spec;
        let mut part = |part: Part, name: &'static str, is_any: bool| {
            if is_any && wanted(part) && differs(name) {
                names.push(name);
            }
        };
        part(Part::User, "user", spec.user.is_some());
        part(Part::Packages, "packages", spec.packages != super::Packages::default());
        part(Part::Files, "files", !spec.files.is_empty());
        if wanted(Part::Service) && (self.spec.service.is_some() && ["service", "files", "packages"].iter().any(|name| differs(name))) {
            names.push("service");
        }
        if wanted(Part::Health) {
            names.push("health");
        }
        if only.is_empty() {
            names.extend(["done", "check"]);
        }
        names.iter().map(|name| self.step(name, called, folder, seen)).collect()
    }

    fn step(&self, name: &'static str, called: &str, folder: &str, seen: &Look) -> ChangeStep {
        // One that was there before is not taken away to undo what was changed of it.
        let made = if seen.is_absent() {
            Undo::By(Message::new("undo.guest-made").with("guest", called))
        } else {
            Undo::Not(Message::new("undo.guest-part"))
        };
        let shell = format!("sh {} {name}", quote(&format!("{folder}/make")));
        let (key, kind, undo) = match name {
            "ids" => ("step.guest-ids", StepKind::Change, Undo::By(Message::new("undo.guest-ids"))),
            "strays" => ("step.guest-strays", StepKind::Read, Undo::NothingToUndo),
            "volumes" => ("step.guest-volumes", StepKind::Change, made),
            "root" => ("step.guest-root", StepKind::Change, made),
            "swap" => ("step.guest-swap", StepKind::Change, Undo::Not(Message::new("undo.guest-swap"))),
            "config" => ("step.guest-config", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "start" => ("step.guest-start", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "user" => ("step.guest-user", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "files" => ("step.guest-files", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "packages" => ("step.guest-packages", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "service" => ("step.guest-service", StepKind::Change, Undo::Not(Message::new("undo.guest-part"))),
            "health" => ("step.guest-health", StepKind::Read, Undo::NothingToUndo),
            "done" => ("step.guest-done", StepKind::Change, Undo::Not(Message::new("undo.guest-done"))),
            _ => ("step.guest-check", StepKind::Read, Undo::NothingToUndo),
        };
        let what = Message::new(key)
            .with("guest", called)
            .with("image", &self.spec.image.name)
            .with("volumes", list(self.spec.volumes.iter().map(|volume| volume.name.as_str())))
            .with("count", self.spec.files.len())
            .with("packages", list(self.spec.packages.install.iter().chain(&self.spec.packages.files).map(String::as_str)))
            .with("service", self.spec.service.as_ref().map(|service| service.name.as_str()).unwrap_or_default());
        ChangeStep { kind, what, commands: vec![shell.clone()], shell, check: Message::new("check.exit"), undo }
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// Where images of classic LXC are kept.
pub const STORE: &str = "/var/lib/beffroi/images";

/// The file of an environment, as both a shell and systemd read it. `value` gives the value of a secret.
///
/// # Errors
/// The name of a secret that `value` does not have.
pub fn environment<'a>(spec: &'a Spec, value: impl Fn(&str) -> Option<&'a str>) -> Result<String, &'a str> {
    let mut text = String::new();
    for (name, setting) in &spec.environment {
        let value = match setting {
            Setting::Value(value) => value.as_str(),
            Setting::Secret(secret) => value(secret).ok_or(secret.as_str())?,
        };
        text.push_str(name);
        text.push_str("=\"");
        for c in value.chars() {
            if matches!(c, '"' | '\\' | '$' | '`') {
                text.push('\\');
            }
            text.push(c);
        }
        text.push_str("\"\n");
    }
    Ok(text)
}

/// What a host says of a guest that is to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    parts: BTreeMap<String, String>,
    /// Whether it runs.
    pub is_running: bool,
}

impl Look {
    /// Reads what `make look` printed.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines().skip_while(|line| *line != "beffroi-guest 1");
        lines.next()?;
        let mut look = Self::default();
        for line in lines.take(50) {
            match line.split_once(' ') {
                Some(("state", state)) => look.is_running = state == "running",
                Some((part, how)) if part.len() <= 20 && how.len() <= 20 => {
                    look.parts.insert(part.to_owned(), how.to_owned());
                }
                _ => {}
            }
        }
        Some(look)
    }

    /// Whether a part is as the specification says.
    #[must_use]
    pub fn is_same(&self, part: &str) -> bool {
        self.parts.get(part).is_some_and(|how| how == "same")
    }

    /// Whether there is no such guest, and nothing of one.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.parts.get("guest").is_some_and(|how| how == "absent")
    }

    /// Whether the guest was made by somebody else.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.parts.get("guest").is_some_and(|how| how == "foreign")
    }

    /// Whether everything is as the specification says.
    #[must_use]
    pub fn is_all_same(&self) -> bool {
        self.is_running && ["root", "mark"].iter().all(|part| self.is_same(part)) && self.parts.iter().all(|(_, how)| how == "same")
    }

    /// Whether root of the host has no range of ids that unprivileged guests could have.
    #[must_use]
    pub fn lacks_ids(&self) -> bool {
        self.parts.get("ids").is_some_and(|how| how == "differs")
    }

    /// Whether its root was made from another image than is asked for.
    #[must_use]
    pub fn has_other_root(&self) -> bool {
        self.parts.get("root").is_some_and(|how| how == "differs")
    }
}
