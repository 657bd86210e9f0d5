//! Incus and LXD: what `/1.0` and what is below it answers. Unknown fields are passed over, `null` is nothing.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_domain::GuestDriver;
use serde_json::Value;

use super::value::{
    addresses, bytes, flag, json_flag, json_number, json_some, json_text, json_texts, moment, processors, share, some, text,
};
use super::{bounded, note};
use crate::model::{
    Capability, Driver, Guest, GuestInterface, GuestKind, GuestState, Image, MOST_ENTRIES, MOST_GUESTS, Member, Missing, Pool, Port,
    Reading, Snapshot, Volume, Why,
};
use crate::wire::{Answer, Section};

/// What both can do wherever they are.
const CAPABILITIES: [Capability; 13] = [
    Capability::Freeze,
    Capability::Snapshots,
    Capability::RunningSnapshots,
    Capability::LiveLimits,
    Capability::Copy,
    Capability::RunningCopy,
    Capability::Rename,
    Capability::ProxyPorts,
    Capability::Images,
    Capability::ImageFromGuest,
    Capability::ConsoleLog,
    Capability::Profiles,
    Capability::Files,
];

pub(super) fn read(answer: &Answer<'_>, driver: GuestDriver, reading: &mut Reading) {
    let name = driver.name();
    let Some(section) = answer.section(name) else { return };
    // The path ends where the word about it begins; it may be empty.
    let (socket, ours) = section.body.trim_matches('\n').rsplit_once(' ').unwrap_or((section.body, ""));
    let mut there = Driver {
        driver,
        version: String::new(),
        capabilities: BTreeSet::from(CAPABILITIES),
        socket: some(socket),
        socket_is_ours: ours == "1",
        // What a shell says of a program that is not there.
        has_client: answer.section(&format!("{name}-instances")).is_none_or(|section| section.status != Some(127)),
        paths: Vec::new(),
        projects: Vec::new(),
        members: Vec::new(),
        node: None,
    };
    let mut json = |what: &str| -> Option<Value> {
        let section = answer.section(&format!("{name}-{what}"))?;
        parsed(section, driver, what, &mut reading.missing)
    };
    let (server, instances, images) = (json("server"), json("instances"), json("images"));
    let (projects, pools) = (json("projects"), json("pools"));
    // One that is in no cluster says so by failing: nothing is missing.
    let members = answer.section(&format!("{name}-members")).filter(|section| section.status == Some(0));
    let members = members.and_then(|section| serde_json::from_str::<Value>(section.body.trim()).ok());
    for what in ["server", "instances"] {
        if let Some(section) = answer.section(&format!("{name}-{what}")) {
            note(reading, driver, what, section);
        }
    }
    let rooms = format!("{name}-room");
    let room = |pool: &str| -> Option<Value> { serde_json::from_str(answer.of(&rooms, pool)?.body.trim()).ok() };
    reading.capacity.pools.extend(storage(driver, pools.as_ref(), &room));
    serve(&mut there, server.as_ref(), &reading.capacity.pools);
    there.projects = projects.iter().flat_map(names).collect();
    there.members = bounded(members.iter().filter_map(Value::as_array).flatten().map(member).collect());
    let total = reading.capacity.memory_total_bytes;
    reading.guests.extend(list(instances.as_ref()).take(MOST_GUESTS).filter_map(|value| guest(driver, value, total)));
    reading.images.extend(list(images.as_ref()).take(MOST_GUESTS).filter_map(|value| image(driver, value)));
    reading.drivers.push(there);
}

/// JSON of a section. What failed is said elsewhere; what is no JSON is said here.
fn parsed(section: &Section<'_>, driver: GuestDriver, what: &str, missing: &mut Vec<Missing>) -> Option<Value> {
    let body = section.body.trim();
    if body.is_empty() || section.status != Some(0) {
        return None;
    }
    let parsed: Option<Value> = serde_json::from_str(body).ok();
    if parsed.is_none() {
        missing.push(Missing { driver: Some(driver), what: what.to_owned(), why: Why::NotUnderstood });
    }
    parsed
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

/// `/1.0/projects/NAME?…`, or objects with a name.
fn names(value: &Value) -> Vec<String> {
    let name = |value: &Value| match value {
        Value::String(path) => path.rsplit('/').next().and_then(some),
        other => json_some(&other["name"]),
    };
    bounded(value.as_array().into_iter().flatten().filter_map(name).collect())
}

fn serve(driver: &mut Driver, server: Option<&Value>, pools: &[Pool]) {
    let Some(server) = server else { return };
    let environment = &server["environment"];
    let has = |extension: &str| server["api_extensions"].as_array().into_iter().flatten().any(|one| one == extension);
    driver.version = json_text(&environment["server_version"]);
    driver.node = json_some(&environment["server_name"]);
    let mut add = |is: bool, capability| is.then(|| driver.capabilities.insert(capability));
    add(has("storage"), Capability::Volumes);
    add(has("projects"), Capability::Projects);
    add(json_flag(&environment["server_clustered"]) == Some(true), Capability::Cluster);
    add(json_text(&environment["driver"]).contains("qemu"), Capability::VirtualMachines);
    // A plain folder has no size of its own.
    add(pools.iter().any(|pool| pool.driver == driver.driver && pool.kind != "dir"), Capability::DiskLimit);
}

fn storage(driver: GuestDriver, pools: Option<&Value>, room: &dyn Fn(&str) -> Option<Value>) -> Vec<Pool> {
    let pool = |value: &Value| {
        let name = json_some(&value["name"])?;
        let space = room(&name).map(|room| room["space"].clone()).unwrap_or_default();
        let (total_bytes, used_bytes) = (json_number(&space["total"]), json_number(&space["used"]));
        let free_bytes = total_bytes.zip(used_bytes).map(|(total, used)| total.saturating_sub(used));
        Some(Pool { driver, name, kind: json_text(&value["driver"]), total_bytes, used_bytes, free_bytes, promised_bytes: 0 })
    };
    bounded(list(pools).filter_map(pool).collect())
}

fn member(value: &Value) -> Member {
    Member {
        name: json_text(&value["server_name"]),
        state: json_text(&value["status"]).to_lowercase(),
        address: json_text(&value["url"]),
        roles: json_texts(&value["roles"]),
    }
}

fn image(driver: GuestDriver, value: &Value) -> Option<Image> {
    let properties = &value["properties"];
    Some(Image {
        driver,
        project: project(value),
        id: json_some(&value["fingerprint"])?,
        aliases: bounded(list(Some(&value["aliases"])).filter_map(|alias| json_some(&alias["name"])).collect()),
        description: json_text(&properties["description"]),
        kind: kind(value),
        architecture: json_some(&value["architecture"]),
        size_bytes: json_number(&value["size"]),
        created_seconds: moment(&value["uploaded_at"]),
    })
}

fn project(value: &Value) -> String {
    json_some(&value["project"]).filter(|project| project != "default").unwrap_or_default()
}

fn kind(value: &Value) -> GuestKind {
    if value["type"] == "virtual-machine" { GuestKind::Vm } else { GuestKind::Container }
}

/// An instance with its state. A guest without a name is none.
fn guest(driver: GuestDriver, value: &Value, total: Option<u64>) -> Option<Guest> {
    let mut guest = Guest::new(driver, &project(value), &json_some(&value["name"])?);
    guest.kind = kind(value);
    guest.state = state(value);
    guest.architecture = json_some(&value["architecture"]);
    guest.created_seconds = moment(&value["created_at"]);
    guest.ephemeral = json_flag(&value["ephemeral"]) == Some(true);
    guest.description = json_some(&value["description"]);
    guest.profiles = json_texts(&value["profiles"]);
    guest.location = json_some(&value["location"]).filter(|location| location != "none");
    guest.snapshots = snapshots(&value["snapshots"]);
    // What profiles give counts as well.
    let config = if value["expanded_config"].is_object() { &value["expanded_config"] } else { &value["config"] };
    configure(&mut guest, config, total);
    guest.settings = Some(settings(value));
    let devices = if value["expanded_devices"].is_object() { &value["expanded_devices"] } else { &value["devices"] };
    let nics = devices_of(&mut guest, devices);
    running(&mut guest, &value["state"], &nics);
    Some(guest)
}

/// What the guest's own configuration says of what can be set, profiles left aside.
fn settings(value: &Value) -> BTreeMap<String, String> {
    let own = |key: &str| json_some(&value["config"][key]);
    let all = [
        ("memory", own("limits.memory")),
        ("cpu", own("limits.cpu")),
        ("autostart", own("boot.autostart")),
        ("disk", json_some(&value["devices"]["root"]["size"])),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Of the configuration only what the model has; values of the environment are not read.
fn configure(guest: &mut Guest, config: &Value, total: Option<u64>) {
    let one = |key: &str| config[key].as_str();
    guest.unprivileged = Some(one("security.privileged").and_then(flag) != Some(true));
    if guest.kind == GuestKind::Vm {
        guest.unprivileged = None;
    }
    guest.autostart = one("boot.autostart").and_then(flag);
    guest.image = one("image.description").and_then(some).or_else(|| one("volatile.base_image").and_then(some));
    guest.os = one("image.os").and_then(some).map(|os| os.to_lowercase());
    guest.os_release = one("image.release").and_then(some);
    guest.mark = one("user.beffroi").and_then(some);
    guest.memory_limit_bytes = one("limits.memory").and_then(|limit| match limit.trim().strip_suffix('%') {
        Some(percent) => total?.checked_mul(percent.trim().parse().ok()?).map(|bytes| bytes / 100),
        None => bytes(limit),
    });
    let allowance = one("limits.cpu.allowance").and_then(|allowance| {
        // `50%` counts only while others want the processor; `25ms/100ms` always.
        let (quota, period) = allowance.split_once('/')?;
        let milliseconds = |text: &str| text.trim().strip_suffix("ms")?.parse().ok();
        share(milliseconds(quota)?, milliseconds(period)?)
    });
    let processors = one("limits.cpu").and_then(processors);
    guest.cpu_limit_thousandths = match (processors, allowance) {
        (Some(count), Some(share)) => Some(count.min(share)),
        (one, other) => one.or(other),
    };
    let keys = config.as_object().into_iter().flatten().map(|(key, _)| key);
    guest.environment = bounded(keys.filter_map(|key| key.strip_prefix("environment.").and_then(some)).collect());
}

/// Volumes, ports and the root's place. Gives the parent of each network interface, by its name inside.
fn devices_of(guest: &mut Guest, devices: &Value) -> BTreeMap<String, String> {
    let mut nics = BTreeMap::new();
    for (name, device) in devices.as_object().into_iter().flatten().take(MOST_ENTRIES) {
        let (name, one) = (text(name), |key: &str| json_text(&device[key]));
        match device["type"].as_str() {
            Some("disk") if device["path"] == "/" => {
                guest.root = json_some(&device["pool"]);
                guest.disk_limit_bytes = device["size"].as_str().and_then(bytes);
            }
            Some("disk") => guest.volumes.push(Volume {
                name,
                source: one("source"),
                pool: one("pool"),
                path: one("path"),
                read_only: json_flag(&device["readonly"]) == Some(true),
                size_bytes: device["size"].as_str().and_then(bytes),
            }),
            Some("proxy") => guest.ports.push(Port {
                name,
                listen: one("listen"),
                connect: one("connect"),
                from_inside: matches!(device["bind"].as_str(), Some("container" | "instance" | "guest")),
                nat: json_flag(&device["nat"]) == Some(true),
            }),
            Some("nic") => {
                let parent = json_some(&device["network"]).unwrap_or_else(|| one("parent"));
                nics.insert(json_some(&device["name"]).unwrap_or(name), parent);
            }
            _ => {}
        }
    }
    nics
}

fn running(guest: &mut Guest, state: &Value, nics: &BTreeMap<String, String>) {
    guest.pid = json_number(&state["pid"]).filter(|pid| *pid > 0);
    // A stopped guest has -1 processes, an old daemon says so without a sign.
    guest.processes = json_number(&state["processes"]).filter(|_| guest.pid.is_some());
    guest.cpu_used_nanoseconds = json_number(&state["cpu"]["usage"]).filter(|_| guest.pid.is_some());
    guest.memory_used_bytes = json_number(&state["memory"]["usage"]).filter(|_| guest.pid.is_some());
    guest.swap_used_bytes = json_number(&state["memory"]["swap_usage"]).filter(|_| guest.pid.is_some());
    guest.disk_used_bytes = json_number(&state["disk"]["root"]["usage"]).filter(|used| *used > 0);
    for (name, interface) in state["network"].as_object().into_iter().flatten().take(64) {
        if interface["type"] == "loopback" || name == "lo" {
            continue;
        }
        let address = |address: &Value| {
            let bare = json_some(&address["address"])?;
            Some(match json_some(&address["netmask"]) {
                Some(prefix) => format!("{bare}/{prefix}"),
                None => bare,
            })
        };
        guest.interfaces.push(GuestInterface {
            state: json_text(&interface["state"]).to_lowercase(),
            hardware_address: json_text(&interface["hwaddr"]),
            parent: nics.get(name).cloned().unwrap_or_default(),
            host_name: json_text(&interface["host_name"]),
            addresses: bounded(list(Some(&interface["addresses"])).filter_map(address).collect()),
            received_bytes: json_number(&interface["counters"]["bytes_received"]),
            sent_bytes: json_number(&interface["counters"]["bytes_sent"]),
            name: text(name),
        });
    }
    // One that does not run has the interfaces that it will have.
    for (name, parent) in nics {
        if !guest.interfaces.iter().any(|interface| interface.name == *name) {
            guest.interfaces.push(GuestInterface { name: name.clone(), parent: parent.clone(), ..GuestInterface::default() });
        }
    }
    guest.interfaces = bounded(std::mem::take(&mut guest.interfaces));
    let all = guest.interfaces.iter().flat_map(|interface| interface.addresses.iter().map(String::as_str));
    guest.addresses = addresses(all);
}

fn snapshots(value: &Value) -> Vec<Snapshot> {
    let snapshot = |value: &Value| {
        let name = json_some(&value["name"])?;
        Some(Snapshot {
            // An old daemon puts the instance's name before it.
            name: name.rsplit('/').next().unwrap_or(&name).to_owned(),
            created_seconds: moment(&value["created_at"]),
            stateful: json_flag(&value["stateful"]) == Some(true),
            comment: json_some(&value["description"]),
        })
    };
    let mut snapshots: Vec<Snapshot> = list(Some(value)).filter_map(snapshot).collect();
    snapshots.sort_by(|one, other| (one.created_seconds, &one.name).cmp(&(other.created_seconds, &other.name)));
    bounded(snapshots)
}

/// By number where there is one: words are for people.
fn state(value: &Value) -> GuestState {
    let inner = &value["state"]["status_code"];
    match json_number(&value["status_code"]).or_else(|| json_number(inner)) {
        Some(103 | 111 | 113) => GuestState::Running,
        Some(102) => GuestState::Stopped,
        Some(101 | 106) => GuestState::Starting,
        Some(107 | 108) => GuestState::Stopping,
        Some(109 | 110) => GuestState::Frozen,
        Some(112) => GuestState::Error,
        Some(_) => GuestState::Unknown,
        None => match json_text(&value["status"]).to_lowercase().as_str() {
            "running" | "ready" | "thawed" => GuestState::Running,
            "stopped" => GuestState::Stopped,
            "frozen" => GuestState::Frozen,
            "error" => GuestState::Error,
            _ => GuestState::Unknown,
        },
    }
}
