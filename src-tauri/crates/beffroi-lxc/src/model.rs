//! The one model of guests, whoever drives them, in the form in which it is stored.
//!
//! Every text comes from a host: hostile, cleaned of control characters, 4 KiB at most. A list holds at most
//! [`MOST_ENTRIES`]. What is `None` was not learned. Values of a guest's environment are never kept.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_domain::GuestDriver;
use serde::{Deserialize, Serialize};

/// The most entries that are kept of one list of a guest or a host.
pub const MOST_ENTRIES: usize = 256;
/// The most guests of a host.
pub const MOST_GUESTS: usize = 4096;

/// What a host said of its guests at a moment.
///
/// Fields are only ever added, each with a default: what an earlier version stored still reads.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestReading"))]
#[serde(default)]
pub struct Reading {
    /// Which drivers are there, in the order of [`GuestDriver`].
    pub drivers: Vec<Driver>,
    /// Guests of all of them, by driver, project and name.
    pub guests: Vec<Guest>,
    /// What the host has to give.
    pub capacity: Capacity,
    /// Images that guests can be made from without fetching any.
    pub images: Vec<Image>,
    /// What could not be read, and why.
    pub missing: Vec<Missing>,
    /// The host's clock, in seconds since 1970-01-01 UTC.
    pub clock_seconds: Option<u64>,
}

impl Reading {
    /// A guest by its driver, project and name there.
    #[must_use]
    pub fn guest(&self, driver: GuestDriver, project: &str, name: &str) -> Option<&Guest> {
        self.guests.iter().find(|guest| guest.driver == driver && guest.project == project && guest.name == name)
    }

    /// Guests that go by a name: their driver's own, or the one they are shown by. More than one where drivers or projects share it.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Guest> {
        self.guests.iter().filter(move |guest| guest.name == name || guest.shown_name() == name)
    }

    /// What is said of a driver, where it is there.
    #[must_use]
    pub fn driver(&self, driver: GuestDriver) -> Option<&Driver> {
        self.drivers.iter().find(|there| there.driver == driver)
    }
}

/// A driver of guests that is on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestDriver"))]
pub struct Driver {
    /// Which.
    #[serde(with = "crate::named")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub driver: GuestDriver,
    /// Its version, as it tells it; empty where it does not.
    pub version: String,
    /// What it can do here.
    pub capabilities: BTreeSet<Capability>,
    /// Its unix socket, where it has one.
    #[serde(default)]
    pub socket: Option<String>,
    /// Whether the account that asked may use that socket; else root's client is used.
    #[serde(default)]
    pub socket_is_ours: bool,
    /// Whether its client's program is there; else changes are requests to the socket.
    #[serde(default = "there")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub has_client: bool,
    /// Folders of containers that were read (classic LXC), the default one first.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Its projects (Incus, LXD).
    #[serde(default)]
    pub projects: Vec<String>,
    /// Machines of its cluster; empty where there is none.
    #[serde(default)]
    pub members: Vec<Member>,
    /// The name of the machine that answered, in its cluster.
    #[serde(default)]
    pub node: Option<String>,
}

/// What readings of before said nothing of was there.
fn there() -> bool {
    true
}

impl Driver {
    /// Whether it can do something here.
    #[must_use]
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }
}

/// What a driver may be able to do. What is not in its set is refused, never tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestCapability"))]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Processes can be frozen and thawed.
    Freeze,
    /// Snapshots of a stopped guest.
    Snapshots,
    /// Snapshots while it runs.
    RunningSnapshots,
    /// Snapshots with the state of memory.
    StatefulSnapshots,
    /// Memory and processor limits are changed while it runs.
    LiveLimits,
    /// The root's size can be limited.
    DiskLimit,
    /// Another guest can be made of a stopped one.
    Copy,
    /// The same while it runs.
    RunningCopy,
    /// A stopped guest can have another name.
    Rename,
    /// A port of the host is led into a guest by the driver itself.
    ProxyPorts,
    /// It keeps images that guests are made from.
    Images,
    /// An image can be made of a guest.
    ImageFromGuest,
    /// What the console printed can be read.
    ConsoleLog,
    /// Volumes of their own, in pools.
    Volumes,
    /// Profiles that guests share.
    Profiles,
    /// Virtual machines.
    VirtualMachines,
    /// Files go in and out without a program inside.
    Files,
    /// Projects keep guests apart.
    Projects,
    /// The machine that a guest is on can be chosen.
    Cluster,
}

/// A machine of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestMember"))]
#[serde(default)]
pub struct Member {
    /// Its name there.
    pub name: String,
    /// What its cluster says of it, such as `online`, in lower case.
    pub state: String,
    /// Where the others reach it; empty where that is not told.
    pub address: String,
    /// What it does there, such as `database-leader`.
    pub roles: Vec<String>,
}

/// What a guest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum GuestKind {
    /// Shares the kernel of its host.
    #[default]
    Container,
    /// Has a kernel of its own.
    Vm,
}

/// What a guest is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "kebab-case")]
pub enum GuestState {
    /// It runs.
    Running,
    /// It does not.
    Stopped,
    /// Its processes are held.
    Frozen,
    /// On its way up.
    Starting,
    /// On its way down.
    Stopping,
    /// Its driver says that something is wrong.
    Error,
    /// Not told, or not understood.
    #[default]
    Unknown,
}

impl GuestState {
    /// Whether commands can run in it.
    #[must_use]
    pub fn is_running(self) -> bool {
        self == Self::Running
    }
}

/// A guest, as its driver knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Guest {
    /// Who drives it.
    #[serde(with = "crate::named")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub driver: GuestDriver,
    /// Its project (Incus, LXD) or the folder it lies in (classic LXC); empty for the default one.
    pub project: String,
    /// Its driver's name for it; the number, for Proxmox.
    pub name: String,
    /// What Proxmox shows beside the number: the host name; empty for all others.
    #[serde(default)]
    pub title: String,
    /// What it is.
    #[serde(default)]
    pub kind: GuestKind,
    /// What it does.
    #[serde(default)]
    pub state: GuestState,
    /// Its first process, as the host numbers it.
    #[serde(default)]
    pub pid: Option<u64>,
    /// Whether its root is nobody on the host.
    #[serde(default)]
    pub unprivileged: Option<bool>,
    /// Whether it starts with the host.
    #[serde(default)]
    pub autostart: Option<bool>,
    /// Whether it is deleted when it stops.
    #[serde(default)]
    pub ephemeral: bool,
    /// Whether it is there to be copied only (Proxmox).
    #[serde(default)]
    pub template: bool,
    /// What it was made from, as its driver tells it.
    #[serde(default)]
    pub image: Option<String>,
    /// Its distribution, such as `debian`.
    #[serde(default)]
    pub os: Option<String>,
    /// The distribution's release.
    #[serde(default)]
    pub os_release: Option<String>,
    /// Its architecture, as `uname -m` names it.
    #[serde(default)]
    pub architecture: Option<String>,
    /// When it was made, in seconds since 1970-01-01 UTC.
    #[serde(default)]
    pub created_seconds: Option<u64>,
    /// Seconds since it started.
    #[serde(default)]
    pub uptime_seconds: Option<u64>,
    /// Memory it uses, in bytes.
    #[serde(default)]
    pub memory_used_bytes: Option<u64>,
    /// The most it may use; `None` where it may use all of the host's.
    #[serde(default)]
    pub memory_limit_bytes: Option<u64>,
    /// Swap it uses, in bytes.
    #[serde(default)]
    pub swap_used_bytes: Option<u64>,
    /// Processors it may use, in thousandths; `None` where it may use all of the host's.
    #[serde(default)]
    pub cpu_limit_thousandths: Option<u64>,
    /// Processor time it used since its start, in nanoseconds.
    #[serde(default)]
    pub cpu_used_nanoseconds: Option<u64>,
    /// Processors it used at the moment, in thousandths, where its driver tells that.
    #[serde(default)]
    pub cpu_now_thousandths: Option<u64>,
    /// Its processes.
    #[serde(default)]
    pub processes: Option<u64>,
    /// What its root takes, in bytes, where its driver tells that without counting files.
    #[serde(default)]
    pub disk_used_bytes: Option<u64>,
    /// The most its root may take.
    #[serde(default)]
    pub disk_limit_bytes: Option<u64>,
    /// Where its root is on the host (classic LXC: `lxc.rootfs.path`), or in which pool.
    #[serde(default)]
    pub root: Option<String>,
    /// Every address of every interface that is reachable from elsewhere (scope global), sorted, without prefix.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// Its network interfaces but the loopback.
    #[serde(default)]
    pub interfaces: Vec<GuestInterface>,
    /// Its snapshots, the oldest first.
    #[serde(default)]
    pub snapshots: Vec<Snapshot>,
    /// What is mounted into it from outside its root.
    #[serde(default)]
    pub volumes: Vec<Volume>,
    /// Ports that its driver leads into it.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// The machine of the cluster that it is on.
    #[serde(default)]
    pub location: Option<String>,
    /// What holds it for now, such as `backup` (Proxmox).
    #[serde(default)]
    pub lock: Option<String>,
    /// Its profiles, in their order.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// Groups (classic LXC) or tags (Proxmox).
    #[serde(default)]
    pub groups: Vec<String>,
    /// What was written there as its description, one line.
    #[serde(default)]
    pub description: Option<String>,
    /// Where its console's output is kept on the host (classic LXC: `lxc.console.logfile`).
    #[serde(default)]
    pub console_log: Option<String>,
    /// Names of variables of its environment; never their values.
    #[serde(default)]
    pub environment: Vec<String>,
    /// What Beffroi wrote there when it made it: the digest of its specification. `user.beffroi` of Incus and LXD, the line
    /// What can be set of it, in its driver's own words, as its own configuration has it (Incus, LXD): `memory`, `cpu`, `autostart`,
    /// `disk`. A change is held against it, so that none that somebody else makes meanwhile is overwritten.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub settings: Option<BTreeMap<String, String>>,
    /// `# beffroi: …` of a classic configuration, the tag `beffroi-…` of Proxmox.
    #[serde(default)]
    pub mark: Option<String>,
}

impl Guest {
    /// A guest of which nothing but its name is known.
    #[must_use]
    pub fn new(driver: GuestDriver, project: &str, name: &str) -> Self {
        Self {
            driver,
            project: project.to_owned(),
            name: name.to_owned(),
            title: String::new(),
            kind: GuestKind::default(),
            state: GuestState::default(),
            pid: None,
            unprivileged: None,
            autostart: None,
            ephemeral: false,
            template: false,
            image: None,
            os: None,
            os_release: None,
            architecture: None,
            created_seconds: None,
            uptime_seconds: None,
            memory_used_bytes: None,
            memory_limit_bytes: None,
            swap_used_bytes: None,
            cpu_limit_thousandths: None,
            cpu_used_nanoseconds: None,
            cpu_now_thousandths: None,
            processes: None,
            disk_used_bytes: None,
            disk_limit_bytes: None,
            root: None,
            addresses: Vec::new(),
            interfaces: Vec::new(),
            snapshots: Vec::new(),
            volumes: Vec::new(),
            ports: Vec::new(),
            location: None,
            lock: None,
            profiles: Vec::new(),
            groups: Vec::new(),
            description: None,
            console_log: None,
            environment: Vec::new(),
            settings: None,
            mark: None,
        }
    }

    /// The name that a person knows it by: its title where it has one.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }
}

/// A network interface of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct GuestInterface {
    /// Its name inside.
    pub name: String,
    /// `up`, `down`; empty where that is not told.
    pub state: String,
    /// The hardware address; empty where that is not told.
    pub hardware_address: String,
    /// The bridge or interface of the host that it is joined to; empty where there is none.
    pub parent: String,
    /// Its other end on the host, such as `veth1a2b3c`; empty where there is none.
    pub host_name: String,
    /// Addresses with their prefix where it is known, of every scope.
    pub addresses: Vec<String>,
    /// Bytes received since it came up.
    pub received_bytes: Option<u64>,
    /// Bytes sent since it came up.
    pub sent_bytes: Option<u64>,
}

/// A snapshot of a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestSnapshot"))]
#[serde(default)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// When it was made, in seconds since 1970-01-01 UTC.
    pub created_seconds: Option<u64>,
    /// Whether the state of memory is in it.
    pub stateful: bool,
    /// What was written beside it.
    pub comment: Option<String>,
}

/// What is mounted into a guest from outside its root.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestVolume"))]
#[serde(default)]
pub struct Volume {
    /// The device's or mount point's name; empty for classic LXC.
    pub name: String,
    /// A folder of the host, or a volume of the pool.
    pub source: String,
    /// The pool that has it; empty for a folder of the host.
    pub pool: String,
    /// Where it is inside.
    pub path: String,
    /// Whether it is mounted to be read only.
    pub read_only: bool,
    /// Its size, where it has one.
    pub size_bytes: Option<u64>,
}

/// A port that a driver leads into a guest.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestPort"))]
#[serde(default)]
pub struct Port {
    /// The device's name.
    pub name: String,
    /// Where it listens, such as `tcp:0.0.0.0:80`.
    pub listen: String,
    /// Where that leads, such as `tcp:127.0.0.1:8000`.
    pub connect: String,
    /// Whether it listens inside and leads to the host, the other way round.
    pub from_inside: bool,
    /// Whether the kernel's rules do it instead of a process.
    pub nat: bool,
}

/// An image that guests can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestImage"))]
pub struct Image {
    /// Whose.
    #[serde(with = "crate::named")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub driver: GuestDriver,
    /// Its project (Incus, LXD); empty for the default one.
    #[serde(default)]
    pub project: String,
    /// What tells it apart: SHA-256 in hex (Incus, LXD), the volume's id (Proxmox).
    pub id: String,
    /// Names for it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it says of itself.
    #[serde(default)]
    pub description: String,
    /// Container or virtual machine.
    #[serde(default)]
    pub kind: GuestKind,
    /// Its architecture, as `uname -m` names it.
    #[serde(default)]
    pub architecture: Option<String>,
    /// Its size, in bytes.
    #[serde(default)]
    pub size_bytes: Option<u64>,
    /// When it was taken in, in seconds since 1970-01-01 UTC.
    #[serde(default)]
    pub created_seconds: Option<u64>,
}

/// What a host has to give.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestCapacity"))]
#[serde(default)]
pub struct Capacity {
    /// Processors that are online.
    pub cores: Option<u64>,
    /// Memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory that a new program could have, in bytes.
    pub memory_available_bytes: Option<u64>,
    /// Where guests lie: pools of the drivers; for classic LXC the file system of its folder.
    pub pools: Vec<Pool>,
    /// What guests were promised, whether they run or not.
    pub promised: Promised,
}

/// Where guests lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestPool"))]
pub struct Pool {
    /// Whose.
    #[serde(with = "crate::named")]
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub driver: GuestDriver,
    /// Its name; for classic LXC the folder.
    pub name: String,
    /// How it keeps them, such as `dir`, `zfs`, `lvmthin`.
    #[serde(default)]
    pub kind: String,
    /// Its size, in bytes.
    #[serde(default)]
    pub total_bytes: Option<u64>,
    /// What is used of it.
    #[serde(default)]
    pub used_bytes: Option<u64>,
    /// What can still be written.
    #[serde(default)]
    pub free_bytes: Option<u64>,
    /// Sum of the sizes that roots of guests in it may grow to.
    #[serde(default)]
    pub promised_bytes: u64,
}

/// What guests were promised: the sums of their limits. Templates are not counted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestPromised"))]
#[serde(default)]
pub struct Promised {
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Processors, in thousandths.
    pub cpu_thousandths: u64,
    /// Disk, in bytes.
    pub disk_bytes: u64,
    /// What the guests use of memory now, in bytes.
    pub memory_used_bytes: u64,
    /// Guests that were counted.
    pub guests: u64,
    /// Of these, how many may use all memory of the host.
    pub without_memory_limit: u64,
    /// How many may use all its processors.
    pub without_cpu_limit: u64,
    /// How many have a root without a size.
    pub without_disk_limit: u64,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestMissing"))]
pub struct Missing {
    /// Of which driver; `None` for the machine.
    #[serde(default, with = "crate::named::option")]
    #[cfg_attr(feature = "ts", ts(type = "string | null"))]
    pub driver: Option<GuestDriver>,
    /// What: a word such as `instances`, `images`, `pools`, `members`.
    pub what: String,
    /// Why.
    pub why: Why,
}

/// Why something could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(rename = "GuestMissingWhy"))]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The account may not.
    NotAllowed,
    /// The driver's program failed, or its service does not answer.
    Failed,
    /// The answer was longer than one may be.
    Cut,
    /// The answer was not understood.
    NotUnderstood,
    /// The answer ended before.
    NotAnswered,
}

/// Configuration of a guest by key, without what may hold a secret.
pub(crate) type Config = BTreeMap<String, String>;
