//! Proxmox VE: `/cluster/resources`, and the configurations of `/etc/pve`. What its containers are made of is classic LXC
//! with the number as name, whose first process tells what the interface does not.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_domain::GuestDriver;
use serde_json::Value;

use super::value::{addresses, bytes, flag, json_flag, json_fraction, json_number, json_some, json_text, some, text, whole};
use super::{bounded, note};
use crate::model::{
    Capability, Config, Driver, Guest, GuestInterface, GuestKind, GuestState, Image, MOST_GUESTS, Member, Missing, Pool, Reading, Snapshot,
    Volume, Why,
};
use crate::wire::{Answer, files};

/// What it can do wherever it is. A name is another matter: the number stays, the host name changes.
const CAPABILITIES: [Capability; 8] = [
    Capability::LiveLimits,
    Capability::DiskLimit,
    Capability::Copy,
    Capability::Rename,
    Capability::Images,
    Capability::Volumes,
    Capability::VirtualMachines,
    Capability::Files,
];
/// Kinds of storage of which a volume can be kept as it was.
const WITH_SNAPSHOTS: [&str; 6] = ["zfspool", "lvmthin", "rbd", "btrfs", "cephfs", "zfs"];

/// A configuration: the guest's own, and that of each snapshot by its name.
#[derive(Default)]
struct Kept {
    now: Config,
    snapshots: BTreeMap<String, Config>,
}

pub(super) fn read(answer: &Answer<'_>, reading: &mut Reading) {
    let Some(version) = answer.section("proxmox") else { return };
    let mut driver = Driver {
        driver: GuestDriver::Proxmox,
        // pve-manager/8.2.2/9355359cd7afbae4 (running kernel: …)
        version: version.body.trim().split('/').nth(1).map(text).unwrap_or_default(),
        capabilities: BTreeSet::from(CAPABILITIES),
        socket: None,
        socket_is_ours: false,
        has_client: true,
        paths: Vec::new(),
        projects: Vec::new(),
        members: Vec::new(),
        node: None,
    };
    let resources = answer.section("proxmox-resources");
    let body = resources.filter(|section| section.status == Some(0)).map(|section| section.body.trim());
    let parsed: Option<Value> = body.and_then(|body| serde_json::from_str(body).ok());
    if let Some(section) = resources {
        note(reading, GuestDriver::Proxmox, "instances", section);
    }
    if body.is_some() && parsed.is_none() {
        reading.missing.push(Missing { driver: Some(GuestDriver::Proxmox), what: "instances".to_owned(), why: Why::NotUnderstood });
    }
    let node = own_node(answer, parsed.as_ref());
    driver.node.clone_from(&node);
    let configs = answer.section("proxmox-config").map(|section| configs(section.body)).unwrap_or_default();
    let mut guests = Vec::new();
    for value in parsed.as_ref().and_then(Value::as_array).into_iter().flatten().take(2 * MOST_GUESTS) {
        match value["type"].as_str() {
            Some("lxc" | "qemu") => guests.extend(guest(value, &configs)),
            Some("node") => driver.members.push(member(value)),
            // Each node tells of its own; what all share is told by all.
            Some("storage") if json_some(&value["node"]) == node || node.is_none() => reading.capacity.pools.extend(pool(value)),
            _ => {}
        }
    }
    if driver.members.len() > 1 {
        driver.capabilities.insert(Capability::Cluster);
    } else {
        driver.members.clear();
    }
    driver.members = bounded(driver.members);
    if reading.capacity.pools.iter().any(|pool| pool.driver == GuestDriver::Proxmox && WITH_SNAPSHOTS.contains(&pool.kind.as_str())) {
        driver.capabilities.extend([Capability::Snapshots, Capability::RunningSnapshots]);
    }
    join(&mut guests, node.as_deref(), reading);
    reading.guests.append(&mut guests);
    reading.images.extend(answer.section("proxmox-images").into_iter().flat_map(|section| section.body.lines().filter_map(image)));
    reading.drivers.push(driver);
}

/// The machine that answered, as its cluster calls it: by its host name, or the only one that there is.
fn own_node(answer: &Answer<'_>, resources: Option<&Value>) -> Option<String> {
    let called = answer.section("proxmox-node").and_then(|section| some(section.body.trim().split('.').next()?));
    let all = resources.and_then(Value::as_array).into_iter().flatten().filter(|value| value["type"] == "node");
    let nodes: Vec<String> = all.filter_map(|value| json_some(&value["node"])).collect();
    if let [one] = nodes.as_slice() { Some(one.clone()) } else { called }
}

/// Takes over what classic LXC said of the same containers, which are not told twice.
fn join(guests: &mut [Guest], node: Option<&str>, reading: &mut Reading) {
    let of_classic: BTreeMap<String, Guest> = reading
        .guests
        .iter()
        .filter(|guest| guest.driver == GuestDriver::Lxc && guest.project.is_empty())
        .map(|guest| (guest.name.clone(), guest.clone()))
        .collect();
    let mut joined = BTreeSet::new();
    for guest in guests.iter_mut().filter(|guest| guest.kind == GuestKind::Container && guest.location.as_deref() == node) {
        let Some(classic) = of_classic.get(&guest.name) else { continue };
        joined.insert(guest.name.clone());
        guest.pid = classic.pid;
        // The interface tells one that is held as running.
        if classic.state == GuestState::Frozen {
            guest.state = GuestState::Frozen;
        }
        guest.cpu_used_nanoseconds = classic.cpu_used_nanoseconds;
        guest.swap_used_bytes = classic.swap_used_bytes;
        if classic.pid.is_some() {
            guest.addresses.clone_from(&classic.addresses);
            guest.interfaces = classic.interfaces.iter().cloned().map(|live| parent(live, &guest.interfaces)).collect();
        }
    }
    reading.guests.retain(|guest| !(guest.driver == GuestDriver::Lxc && guest.project.is_empty() && joined.contains(&guest.name)));
}

fn parent(mut live: GuestInterface, known: &[GuestInterface]) -> GuestInterface {
    if let Some(known) = known.iter().find(|known| known.name == live.name) {
        live.parent.clone_from(&known.parent);
        live.hardware_address.clone_from(&known.hardware_address);
    }
    live
}

fn member(value: &Value) -> Member {
    Member { name: json_text(&value["node"]), state: json_text(&value["status"]), address: String::new(), roles: Vec::new() }
}

fn pool(value: &Value) -> Option<Pool> {
    let (total_bytes, used_bytes) = (json_number(&value["maxdisk"]), json_number(&value["disk"]));
    Some(Pool {
        driver: GuestDriver::Proxmox,
        name: json_some(&value["storage"])?,
        kind: json_text(&value["plugintype"]),
        total_bytes,
        used_bytes,
        free_bytes: total_bytes.zip(used_bytes).map(|(total, used)| total.saturating_sub(used)),
        promised_bytes: 0,
    })
}

fn guest(value: &Value, configs: &BTreeMap<String, Kept>) -> Option<Guest> {
    let id = json_some(&value["vmid"]).or_else(|| json_text(&value["id"]).rsplit('/').next().and_then(some))?;
    let mut guest = Guest::new(GuestDriver::Proxmox, "", &id);
    guest.kind = if value["type"] == "qemu" { GuestKind::Vm } else { GuestKind::Container };
    guest.title = json_text(&value["name"]);
    guest.state = match json_text(&value["status"]).as_str() {
        "running" => GuestState::Running,
        "stopped" => GuestState::Stopped,
        "paused" | "suspended" => GuestState::Frozen,
        _ => GuestState::Unknown,
    };
    guest.template = json_flag(&value["template"]) == Some(true);
    guest.location = json_some(&value["node"]);
    guest.lock = json_some(&value["lock"]);
    let processors = json_fraction(&value["maxcpu"]);
    guest.cpu_limit_thousandths = processors.and_then(|count| whole(count * 1000.0)).filter(|count| *count > 0);
    guest.cpu_now_thousandths = json_fraction(&value["cpu"]).zip(processors).and_then(|(part, count)| whole(part * count * 1000.0));
    guest.memory_limit_bytes = json_number(&value["maxmem"]).filter(|bytes| *bytes > 0);
    let is_up = guest.state != GuestState::Stopped;
    guest.memory_used_bytes = json_number(&value["mem"]).filter(|_| is_up);
    guest.disk_limit_bytes = json_number(&value["maxdisk"]).filter(|bytes| *bytes > 0);
    guest.disk_used_bytes = json_number(&value["disk"]).filter(|bytes| *bytes > 0);
    guest.uptime_seconds = json_number(&value["uptime"]).filter(|seconds| *seconds > 0);
    let tags = json_text(&value["tags"]);
    guest.groups = bounded(tags.split([';', ',', ' ']).filter_map(some).collect());
    guest.mark = guest.groups.iter().find_map(|tag| tag.strip_prefix("beffroi-").map(str::to_owned));
    if let Some(kept) = configs.get(&id) {
        configure(&mut guest, kept);
    }
    Some(guest)
}

/// Of files `/etc/pve/nodes/NODE/lxc/ID.conf`, by number.
fn configs(body: &str) -> BTreeMap<String, Kept> {
    let mut configs = BTreeMap::new();
    for (file, lines) in files(body) {
        let Some(id) = file.rsplit('/').next().and_then(|name| name.strip_suffix(".conf")) else { continue };
        let mut kept = Kept::default();
        let mut section: Option<String> = None;
        for line in lines {
            if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                section = Some(text(name));
            } else if let Some((key, value)) = line.split_once(':') {
                let into = match &section {
                    None => &mut kept.now,
                    // Changes that wait, and what belongs to no snapshot.
                    Some(name) if name.contains(':') => continue,
                    Some(name) => kept.snapshots.entry(name.clone()).or_default(),
                };
                into.insert(text(key), text(value));
            }
        }
        configs.insert(text(id), kept);
    }
    configs
}

fn configure(guest: &mut Guest, kept: &Kept) {
    let one = |key: &str| kept.now.get(key).map(String::as_str);
    guest.architecture = one("arch").map(|arch| if arch == "amd64" { "x86_64" } else { arch }.to_owned());
    guest.os = one("ostype").map(str::to_owned);
    guest.autostart = Some(one("onboot").and_then(flag) == Some(true));
    guest.lock = guest.lock.take().or_else(|| one("lock").map(str::to_owned));
    if guest.kind == GuestKind::Container {
        guest.unprivileged = Some(one("unprivileged").and_then(flag) == Some(true));
        if guest.title.is_empty() {
            guest.title = one("hostname").unwrap_or_default().to_owned();
        }
    }
    for (key, value) in &kept.now {
        let (first, options) = options(value);
        if key == "rootfs" {
            guest.root = first.split_once(':').map(|(storage, _)| storage.to_owned()).or_else(|| some(first));
            guest.disk_limit_bytes = options.get("size").and_then(|size| bytes(size)).or(guest.disk_limit_bytes);
        } else if numbered(key, "mp") {
            let (pool, source) = first.split_once(':').filter(|(pool, _)| !pool.contains('/')).unwrap_or(("", first));
            guest.volumes.push(Volume {
                name: key.clone(),
                source: source.to_owned(),
                pool: pool.to_owned(),
                path: options.get("mp").map(|path| (*path).to_owned()).unwrap_or_default(),
                read_only: options.get("ro") == Some(&"1"),
                size_bytes: options.get("size").and_then(|size| bytes(size)),
            });
        } else if numbered(key, "net") && guest.kind == GuestKind::Container {
            let option = |name: &str| options.get(name).map(|value| (*value).to_owned()).unwrap_or_default();
            let fixed = ["ip", "ip6"].into_iter().filter_map(|name| options.get(name)).filter(|ip| ip.contains(['.', ':']));
            guest.interfaces.push(GuestInterface {
                name: option("name"),
                hardware_address: option("hwaddr").to_lowercase(),
                parent: option("bridge"),
                addresses: fixed.map(|ip| (*ip).to_owned()).collect(),
                ..GuestInterface::default()
            });
        }
    }
    let all = guest.interfaces.iter().flat_map(|interface| interface.addresses.iter().map(String::as_str));
    guest.addresses = addresses(all);
    let snapshot = |(name, config): (&String, &Config)| Snapshot {
        name: name.clone(),
        created_seconds: config.get("snaptime").and_then(|time| time.parse().ok()),
        stateful: config.contains_key("vmstate"),
        comment: None,
    };
    let mut snapshots: Vec<Snapshot> = kept.snapshots.iter().map(snapshot).collect();
    snapshots.sort_by(|one, other| (one.created_seconds, &one.name).cmp(&(other.created_seconds, &other.name)));
    guest.snapshots = bounded(snapshots);
}

/// `local:vm-1-disk-0,size=8G,mp=/x`: what comes first, and the rest by name. Of a network nothing comes first.
fn options(value: &str) -> (&str, BTreeMap<&str, &str>) {
    let mut parts = value.split(',');
    let head = value.split(',').next().unwrap_or_default();
    let first = if head.contains('=') { "" } else { parts.next().unwrap_or_default().trim() };
    let named = parts.filter_map(|part| part.split_once('=')).map(|(name, value)| (name.trim(), value.trim()));
    (first, named.collect())
}

fn numbered(key: &str, word: &str) -> bool {
    key.strip_prefix(word).is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A line of `ls -ln`: a template of containers, as a volume's id.
fn image(line: &str) -> Option<Image> {
    let mut words = line.split_whitespace();
    let size_bytes = words.nth(4)?.parse().ok();
    let path = line.split_once(" /").map(|(_, path)| path)?;
    let (folder, file) = path.split_once("/template/cache/")?;
    let storage = if folder == "var/lib/vz" { "local" } else { folder.strip_prefix("mnt/pve/")? };
    Some(Image {
        driver: GuestDriver::Proxmox,
        project: String::new(),
        id: text(&format!("{storage}:vztmpl/{file}")),
        aliases: Vec::new(),
        description: text(file),
        kind: GuestKind::Container,
        architecture: None,
        size_bytes,
        created_seconds: None,
    })
}
