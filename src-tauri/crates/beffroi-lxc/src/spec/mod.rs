//! The specification of a guest: one file of TOML for every driver and every stage.
//!
//! Its JSON schema is `assets/schemas/guest.schema.json`. What a stage wants otherwise stands under `[stage.NAME]` and is laid
//! over the rest: tables are joined, anything else is replaced. Values of secrets never stand in it, only their names.

mod fault;
mod lint;
pub mod make;
mod read;
#[cfg(test)]
mod tests;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use serde::Serialize;
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

pub use fault::{Expected, FaultKind, SpecFault};
pub use lint::{Finding, lint};
use read::{Faults, Fields, Value, overlay};

/// Bytes of the longest file.
pub const MOST_BYTES: usize = 256 << 10;
/// The most of each list.
const MOST: usize = 200;
/// Bytes of the longest content that stands in the file itself.
const MOST_CONTENT: usize = 64 << 10;
/// Where logs go, in every guest.
const LOGS: &str = "/var/log";

/// The keys of the file.
const WITH_STAGES: &[&str] = &[
    "image",
    "service",
    "packages",
    "files",
    "environment",
    "volumes",
    "logs",
    "ports",
    "limits",
    "user",
    "health",
    "network",
    "autostart",
    "unprivileged",
    "nesting",
    "needs",
    "stage",
];

/// The same without `stage`, its last.
const ROOT: &[&str] = WITH_STAGES.split_at(WITH_STAGES.len() - 1).0;

/// What a guest is to be, for one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spec {
    /// What its root is made from.
    pub image: Image,
    /// The one thing it is there for.
    pub service: Option<Service>,
    /// Packages that it has beside those of its image.
    pub packages: Packages,
    /// Files that are put there, in their order.
    pub files: Vec<File>,
    /// The environment of the service.
    pub environment: BTreeMap<String, Setting>,
    /// What outlives its root, the one for logs included.
    pub volumes: Vec<Volume>,
    /// Ports of the host that lead into it.
    pub ports: Vec<Port>,
    /// What it may use at most.
    pub limits: SpecLimits,
    /// The account that the service runs as; root when there is none.
    pub user: Option<User>,
    /// How it is seen that it works.
    pub health: Option<Health>,
    /// How it is connected.
    pub network: Network,
    /// Whether it starts with its host.
    pub autostart: bool,
    /// Whether its root is nobody on the host.
    pub unprivileged: bool,
    /// Whether guests may run inside it.
    pub nesting: bool,
    /// Guests of the same host without which it does not work.
    pub needs: Vec<String>,
}

/// What a root is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// Its name on the host.
    pub name: String,
    /// Its SHA-256, hexadecimal: an image of this name and another content is refused.
    pub sha256: Option<String>,
}

/// A service, kept running by what the image starts as process 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Its name for systemd or OpenRC.
    pub name: String,
    /// The program and its arguments; empty where the image or a package brings the service.
    pub command: Vec<String>,
    /// The folder that it starts in.
    pub folder: Option<String>,
}

/// Packages, for the image's own package manager.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Packages {
    /// By name, from where the guest finds them.
    pub install: Vec<String>,
    /// Files of packages beside the specification, for a guest without a network.
    pub files: Vec<String>,
}

/// A file that is put into the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct File {
    /// Where.
    pub path: String,
    /// What is in it.
    pub from: Content,
    /// Its rights, as `chmod` takes them.
    pub mode: u32,
    /// `user` or `user:group` of the guest.
    pub owner: String,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// This text.
    Content(String),
    /// What this file beside the specification holds.
    Source(String),
}

/// A variable's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// This text.
    Value(String),
    /// The value that a secret of the catalog has at that time.
    Secret(String),
}

/// A folder that outlives the guest's root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Its name, among those of the guest.
    pub name: String,
    /// Where it lies in the guest.
    pub path: String,
    /// Bytes that it may take, where the driver can hold it to that.
    pub size: Option<u64>,
}

/// A port of the host that leads into the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Where the host listens.
    pub listen: SocketAddr,
    /// The port in the guest.
    pub guest: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// What a guest may use at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SpecLimits {
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Thousandths of a processor.
    pub cpus: Option<u64>,
    /// Bytes of its root, where the driver can hold it to that.
    pub disk: Option<u64>,
}

/// An account of the guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: Option<u64>,
}

/// How it is seen that a guest works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// What is asked.
    pub check: Check,
    /// Seconds between two tries.
    pub interval: u64,
    /// How often it is tried before it counts as not working.
    pub retries: u64,
}

/// What is asked of a guest that is to work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A program of the guest's, which ends with 0.
    Command(Vec<String>),
    /// A request to its own 127.0.0.1, answered with a status below 400.
    Http {
        /// The port.
        port: u16,
        /// The path.
        path: String,
    },
}

/// How a guest is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// As the host does it for its guests.
    Host,
    /// Not at all.
    Off,
    /// By a bridge of the host.
    Bridge {
        /// The bridge.
        bridge: String,
        /// Its address with the length of its network; by DHCP when absent.
        address: Option<String>,
        /// Its way out.
        gateway: Option<String>,
    },
}

/// A file of specification: what it says for all stages and for each. Every stage was read, so that none has a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecFile {
    base: Spec,
    stages: BTreeMap<String, Spec>,
}

impl SpecFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Every fault, at most 50, in the order of their lines.
    pub fn parse(text: &str) -> Result<Self, Vec<SpecFault>> {
        if text.len() > MOST_BYTES {
            return Err(vec![SpecFault::new(0, "", FaultKind::TooLong)]);
        }
        let mut faults = Faults::of(text);
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(0, |span| faults.line(span.start));
            vec![SpecFault::new(line, "", FaultKind::Syntax { reason: error.message().to_owned() })]
        })?;
        let table = table.into_inner();
        let base = spec(&table, WITH_STAGES, &mut faults);
        let mut stages = BTreeMap::new();
        // A fault of what is said for all would be told again for each stage.
        if faults.list.is_empty() {
            for (name, over) in stage_tables(&table, &mut faults) {
                let mut joined = table.clone();
                joined.remove("stage");
                if let DeValue::Table(over) = over.value {
                    overlay(&mut joined, over);
                }
                if let Some(read) = spec(&joined, ROOT, &mut faults) {
                    stages.insert(name, read);
                }
            }
        }
        faults.list.sort_by_key(|fault| fault.line);
        match base {
            Some(base) if faults.list.is_empty() => Ok(Self { base, stages }),
            _ => Err(faults.list),
        }
    }

    /// What it says for a stage.
    #[must_use]
    pub fn of_stage(&self, stage: &str) -> &Spec {
        self.stages.get(stage).unwrap_or(&self.base)
    }

    /// The stages for which it says something of their own.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        self.stages.keys().map(String::as_str)
    }
}

impl Spec {
    /// One form for everything that says the same: JSON without spaces, every default written out, sizes in bytes.
    #[must_use]
    pub fn canonical(&self) -> String {
        // Nothing in it cannot be written as JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What a guest was made from, as it is noted at the guest: the SHA-256 of the canonical form and of each file beside it, by the
    /// path that the specification gives it. Values of secrets are no part of it.
    #[must_use]
    pub fn digest(&self, sources: &BTreeMap<String, [u8; 32]>) -> String {
        let mut hash = Sha256::new();
        hash.update(b"beffroi/guest-spec/1\n");
        hash.update(self.canonical());
        for (path, content) in sources {
            hash.update(b"\n");
            hash.update(path);
            hash.update(b"\n");
            hash.update(content);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The files beside the specification that it needs, each once.
    #[must_use]
    pub fn sources(&self) -> BTreeSet<&str> {
        let files = self.files.iter().filter_map(|file| match &file.from {
            Content::Source(path) => Some(path.as_str()),
            Content::Content(_) => None,
        });
        files.chain(self.packages.files.iter().map(String::as_str)).collect()
    }

    /// The names of the secrets that it needs, each once.
    #[must_use]
    pub fn secrets(&self) -> BTreeSet<&str> {
        let named = self.environment.values().filter_map(|setting| match setting {
            Setting::Secret(name) => Some(name.as_str()),
            Setting::Value(_) => None,
        });
        named.collect()
    }

    /// Whether a path of the guest lies in a volume.
    #[must_use]
    pub fn is_in_volume(&self, path: &str) -> bool {
        self.volumes.iter().any(|volume| path == volume.path || path.strip_prefix(&volume.path).is_some_and(|rest| rest.starts_with('/')))
    }
}

fn stage_tables<'a>(table: &'a DeTable<'a>, faults: &mut Faults) -> Vec<(String, Value<'a>)> {
    let Some(stages) = table.get("stage") else { return Vec::new() };
    let stages = Value::of(stages, "stage".to_owned()).named(faults, MOST);
    for (name, value) in &stages {
        if !values::is_name(name) {
            value.wrong(faults, Expected::Name);
        }
        // Whatever is unknown is told where it stands, not where it was laid over something.
        value.table(faults, ROOT);
    }
    if faults.list.is_empty() { stages } else { Vec::new() }
}

/// The specification that a table says; nothing where too much is missing to say.
fn spec(table: &DeTable<'_>, known: &'static [&'static str], faults: &mut Faults) -> Option<Spec> {
    let fields = Fields::of(table, 0, "", known, faults);
    let image = fields.need(faults, "image").and_then(|value| image(&value, faults));
    let list = |key: &str, faults: &mut Faults| fields.get(key).map(|value| value.list(faults, MOST)).unwrap_or_default();
    let flag = |key: &str, faults: &mut Faults| fields.get(key).and_then(|value| value.boolean(faults));
    let service = fields.get("service").and_then(|value| service(&value, faults));
    let packages = fields.get("packages").and_then(|value| packages(&value, faults)).unwrap_or_default();
    let files: Vec<File> = list("files", faults).iter().filter_map(|value| file(value, faults)).collect();
    let environment = fields.get("environment").map(|value| environment(&value, faults)).unwrap_or_default();
    let mut volumes: Vec<Volume> = list("volumes", faults).iter().filter_map(|value| volume(value, faults)).collect();
    let ports: Vec<Port> = list("ports", faults).iter().filter_map(|value| port(value, faults)).collect();
    let limits = fields.get("limits").and_then(|value| limits(&value, faults)).unwrap_or_default();
    let user = fields.get("user").and_then(|value| user(&value, faults));
    let health = fields.get("health").and_then(|value| health(&value, faults));
    let network = fields.get("network").and_then(|value| network(&value, faults)).unwrap_or(Network::Host);
    let needs = list("needs", faults);
    let needs = needs.iter().filter_map(|value| value.text(faults, Expected::Name, values::is_name)).collect();
    if flag("logs", faults).unwrap_or(true) && !volumes.iter().any(|volume| volume.path == LOGS) {
        volumes.push(Volume { name: "logs".to_owned(), path: LOGS.to_owned(), size: None });
    }
    twice(files.iter().map(|file| file.path.clone()), "files", &fields, faults);
    twice(volumes.iter().map(|volume| volume.name.clone()), "volumes", &fields, faults);
    twice(volumes.iter().map(|volume| volume.path.clone()), "volumes", &fields, faults);
    twice(ports.iter().map(|port| (port.listen, port.protocol.clone())), "ports", &fields, faults);
    let autostart = flag("autostart", faults).unwrap_or(true);
    let unprivileged = flag("unprivileged", faults).unwrap_or(true);
    let nesting = flag("nesting", faults).unwrap_or(false);
    Some(Spec {
        image: image?,
        service,
        packages,
        files,
        environment,
        volumes,
        ports,
        limits,
        user,
        health,
        network,
        autostart,
        unprivileged,
        nesting,
        needs,
    })
}

fn twice<T: Ord>(all: impl Iterator<Item = T>, key: &'static str, fields: &Fields<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    let is_double = all.map(|one| seen.insert(one)).any(|is_new| !is_new);
    if let Some(value) = fields.get(key).filter(|_| is_double) {
        value.fault(faults, FaultKind::Twice);
    }
}

fn image(value: &Value<'_>, faults: &mut Faults) -> Option<Image> {
    let is_image = |text: &str| {
        let follows = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        (1..=100).contains(&text.len()) && text.chars().all(follows) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
    };
    if value.value.is_str() {
        let name = value.text(faults, Expected::Name, is_image)?;
        return Some(Image { name, sha256: None });
    }
    let fields = value.table(faults, &["name", "sha256"])?;
    let name = fields.need(faults, "name").and_then(|value| value.text(faults, Expected::Name, is_image));
    let sha256 = fields.get("sha256").and_then(|value| value.text(faults, Expected::Digest, values::is_digest));
    Some(Image { name: name?, sha256 })
}

fn words(value: &Value<'_>, faults: &mut Faults) -> Vec<String> {
    let list = value.list(faults, MOST);
    list.iter().filter_map(|word| word.text(faults, Expected::Text, values::is_line)).collect()
}

fn service(value: &Value<'_>, faults: &mut Faults) -> Option<Service> {
    let fields = value.table(faults, &["name", "command", "folder"])?;
    let name = fields.need(faults, "name").and_then(|value| value.text(faults, Expected::Name, values::is_service));
    let command = fields.get("command").map(|value| {
        let command = words(&value, faults);
        // What a program is found by must not depend on the environment.
        if !command.first().is_some_and(|program| values::is_path(program)) {
            value.wrong(faults, Expected::Path);
        }
        command
    });
    let folder = fields.get("folder").and_then(|value| value.text(faults, Expected::Path, values::is_path));
    Some(Service { name: name?, command: command.unwrap_or_default(), folder })
}

fn packages(value: &Value<'_>, faults: &mut Faults) -> Option<Packages> {
    let fields = value.table(faults, &["install", "files"])?;
    let install = fields.get("install").map(|value| value.list(faults, MOST)).unwrap_or_default();
    let files = fields.get("files").map(|value| value.list(faults, MOST)).unwrap_or_default();
    Some(Packages {
        install: install.iter().filter_map(|value| value.text(faults, Expected::Package, values::is_package)).collect(),
        files: files.iter().filter_map(|value| value.text(faults, Expected::Source, values::is_source)).collect(),
    })
}

fn file(value: &Value<'_>, faults: &mut Faults) -> Option<File> {
    let fields = value.table(faults, &["path", "content", "source", "mode", "owner"])?;
    let path = fields.need(faults, "path").and_then(|value| value.text(faults, Expected::Path, values::is_path));
    let content = fields.get("content").map(|value| value.text(faults, Expected::Text, |text| text.len() <= MOST_CONTENT));
    let source = fields.get("source").map(|value| value.text(faults, Expected::Source, values::is_source));
    let from = match (content, source) {
        (Some(content), None) => content.map(Content::Content),
        (None, Some(source)) => source.map(Content::Source),
        _ => {
            fields.fault(faults, FaultKind::Either { one: "content", other: "source" });
            None
        }
    };
    let mode = fields.get("mode").map_or(Some(0o644), |value| value.parsed(faults, Expected::Mode, values::mode));
    let owner = fields.get("owner").map(|value| value.text(faults, Expected::Owner, values::is_owner));
    Some(File { path: path?, from: from?, mode: mode?, owner: owner.unwrap_or_else(|| Some("root:root".to_owned()))? })
}

fn environment(value: &Value<'_>, faults: &mut Faults) -> BTreeMap<String, Setting> {
    let mut settings = BTreeMap::new();
    for (name, value) in value.named(faults, MOST) {
        if !values::is_variable(&name) {
            value.wrong(faults, Expected::Variable);
        }
        let setting = if value.value.is_table() {
            let fields = value.table(faults, &["secret"]);
            let secret = fields.and_then(|fields| fields.need(faults, "secret"));
            secret
                .and_then(|value| value.text(faults, Expected::Text, |text| !text.is_empty() && values::is_line(text)))
                .map(Setting::Secret)
        } else {
            value.text(faults, Expected::Text, values::is_line).map(Setting::Value)
        };
        settings.extend(setting.map(|setting| (name, setting)));
    }
    settings
}

fn volume(value: &Value<'_>, faults: &mut Faults) -> Option<Volume> {
    let fields = value.table(faults, &["name", "path", "size"])?;
    let name = fields.need(faults, "name").and_then(|value| value.text(faults, Expected::Name, values::is_name));
    let path = fields.need(faults, "path").and_then(|value| value.text(faults, Expected::Path, values::is_path));
    let size = fields.get("size").and_then(|value| value.parsed(faults, Expected::Size, values::size));
    Some(Volume { name: name?, path: path?, size })
}

fn port(value: &Value<'_>, faults: &mut Faults) -> Option<Port> {
    let fields = value.table(faults, &["listen", "guest", "protocol"])?;
    let listen = fields.need(faults, "listen").and_then(|value| value.parsed(faults, Expected::Listen, values::listen));
    let guest = fields.need(faults, "guest").and_then(|value| value.whole(faults, 1, 65_535));
    let protocol = fields.get("protocol").map(|value| value.text(faults, Expected::Protocol, |text| matches!(text, "tcp" | "udp")));
    Some(Port { listen: listen?, guest: u16::try_from(guest?).ok()?, protocol: protocol.unwrap_or_else(|| Some("tcp".to_owned()))? })
}

fn limits(value: &Value<'_>, faults: &mut Faults) -> Option<SpecLimits> {
    let fields = value.table(faults, &["memory", "cpus", "disk"])?;
    let mut size = |key: &str| fields.get(key).and_then(|value| value.parsed(faults, Expected::Size, values::size));
    let (memory, disk) = (size("memory"), size("disk"));
    let cpus = fields.get("cpus").and_then(|value| {
        let number = match value.value {
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let taken = number.filter(|number| (0.01..=1024.0).contains(number));
        if taken.is_none() {
            value.wrong(faults, Expected::Processors);
        }
        // Between 10 and 1,024,000.
        taken.map(|number| (number * 1000.0).round() as u64)
    });
    Some(SpecLimits { memory, cpus, disk })
}

fn user(value: &Value<'_>, faults: &mut Faults) -> Option<User> {
    if value.value.is_str() {
        let name = value.text(faults, Expected::Account, values::is_account)?;
        return Some(User { name, uid: None });
    }
    let fields = value.table(faults, &["name", "uid"])?;
    let name = fields.need(faults, "name").and_then(|value| value.text(faults, Expected::Account, values::is_account));
    let uid = fields.get("uid").and_then(|value| value.whole(faults, 1, 65_533));
    Some(User { name: name?, uid })
}

fn health(value: &Value<'_>, faults: &mut Faults) -> Option<Health> {
    let fields = value.table(faults, &["command", "http", "interval", "retries"])?;
    let command = fields.get("command").map(|value| {
        let command = words(&value, faults);
        if command.is_empty() {
            value.wrong(faults, Expected::List);
        }
        command
    });
    let http = fields.get("http").map(|value| http(&value, faults));
    let check = match (command, http) {
        (Some(command), None) => Some(Check::Command(command)),
        (None, Some(http)) => http,
        _ => {
            fields.fault(faults, FaultKind::Either { one: "command", other: "http" });
            None
        }
    };
    let interval = fields.get("interval").map_or(Some(2), |value| value.parsed(faults, Expected::Time, values::seconds));
    let retries = fields.get("retries").map_or(Some(15), |value| value.whole(faults, 1, 1000));
    Some(Health { check: check?, interval: interval?, retries: retries? })
}

fn http(value: &Value<'_>, faults: &mut Faults) -> Option<Check> {
    let is_request = |text: &str| text.starts_with('/') && text.chars().all(|c| c.is_ascii_graphic()) && text.len() <= 1000;
    let fields = value.table(faults, &["port", "path"])?;
    let port = fields.need(faults, "port").and_then(|value| value.whole(faults, 1, 65_535));
    let path = fields.get("path").map(|value| value.text(faults, Expected::Request, is_request));
    Some(Check::Http { port: u16::try_from(port?).ok()?, path: path.unwrap_or_else(|| Some("/".to_owned()))? })
}

fn network(value: &Value<'_>, faults: &mut Faults) -> Option<Network> {
    let fields = value.table(faults, &["off", "bridge", "address", "gateway"])?;
    if let Some(off) = fields.get("off") {
        let off = off.boolean(faults)?;
        if !off || ["bridge", "address", "gateway"].iter().any(|key| fields.get(key).is_some()) {
            fields.fault(faults, FaultKind::Either { one: "off = true", other: "bridge" });
        }
        return Some(Network::Off);
    }
    let bridge = fields.need(faults, "bridge").and_then(|value| value.text(faults, Expected::Name, values::is_interface));
    let address =
        fields.get("address").map(|value| value.text(faults, Expected::Address, |text| text == "dhcp" || values::is_network(text)));
    let gateway = fields.get("gateway").map(|value| value.text(faults, Expected::Gateway, |text| text.parse::<std::net::IpAddr>().is_ok()));
    let address = address.flatten().filter(|address| address != "dhcp");
    Some(Network::Bridge { bridge: bridge?, address, gateway: gateway.flatten() })
}
