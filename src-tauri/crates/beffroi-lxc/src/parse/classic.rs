//! Classic LXC: a list in the form of `lxc-ls`, configurations, control groups and the network of each first process.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

use beffroi_domain::GuestDriver;

use super::value::{addresses, bytes, flag, is_global, processors, share, some, text};
use super::{bounded, note};
use crate::model::{Capability, Driver, Guest, GuestInterface, GuestState, Pool, Reading, Snapshot, Volume};
use crate::wire::{Answer, files};

/// What classic LXC can do wherever it is.
const CAPABILITIES: [Capability; 7] = [
    Capability::Freeze,
    Capability::Snapshots,
    Capability::LiveLimits,
    Capability::Copy,
    Capability::Rename,
    Capability::ConsoleLog,
    Capability::Files,
];
/// Files that one configuration may include, one through another.
const MOST_INCLUDES: usize = 16;
/// What is mounted by the distribution's own files, and belongs to no guest.
const NOT_VOLUMES: [&str; 9] = ["proc", "sysfs", "tmpfs", "cgroup", "cgroup2", "devpts", "mqueue", "securityfs", "debugfs"];

type Files<'a> = Vec<(&'a str, Vec<&'a str>)>;

pub(super) fn read(answer: &Answer<'_>, offset: i64, reading: &mut Reading) {
    let Some(section) = answer.section("lxc") else { return };
    let mut driver = Driver {
        driver: GuestDriver::Lxc,
        version: section.body.lines().next().map(text).unwrap_or_default(),
        capabilities: BTreeSet::from(CAPABILITIES),
        socket: None,
        socket_is_ours: false,
        has_client: true,
        paths: Vec::new(),
        projects: Vec::new(),
        members: Vec::new(),
        node: None,
    };
    for list in answer.all("lxc-list") {
        let path = list.word;
        driver.paths.push(text(path));
        note(reading, GuestDriver::Lxc, path, list);
        if let Some(pool) = answer.of("lxc-disk", path).and_then(|disk| pool(path, disk.body)) {
            reading.capacity.pools.push(pool);
        }
        let mut guests = listed(list.body, if path == section.word { "" } else { path });
        let body = |name: &str| answer.of(name, path).map_or("", |section| section.body);
        let (configs, live) = (files(body("lxc-config")), files(body("lxc-live")));
        let (snapshots, systems) = (files(body("lxc-snaps")), files(body("lxc-os")));
        let by_file: BTreeMap<&str, &Vec<&str>> = configs.iter().map(|(file, lines)| (*file, lines)).collect();
        let by_pid: BTreeMap<&str, &Vec<&str>> = live.iter().map(|(pid, lines)| (*pid, lines)).collect();
        let by_system: BTreeMap<&str, &Vec<&str>> = systems.iter().map(|(file, lines)| (*file, lines)).collect();
        let mut by_guest: BTreeMap<&str, Files<'_>> = BTreeMap::new();
        for (file, lines) in snapshots {
            let rest = file.strip_prefix(path).and_then(|rest| rest.strip_prefix('/'));
            if let Some((guest, rest)) = rest.and_then(|rest| rest.split_once("/snaps/")) {
                by_guest.entry(guest).or_default().push((rest, lines));
            }
        }
        for (name, guest) in &mut guests {
            let file = format!("{path}/{name}/config");
            configure(guest, &resolved(&file, &by_file), by_file.get(file.as_str()).map_or(&[][..], |lines| lines));
            let pid = guest.pid.map(|pid| pid.to_string()).unwrap_or_default();
            if let Some(lines) = by_pid.get(pid.as_str()) {
                running(guest, lines, reading.capacity.memory_total_bytes);
            } else {
                let all = guest.interfaces.iter().flat_map(|interface| interface.addresses.iter().map(String::as_str));
                guest.addresses = addresses(all);
            }
            for line in by_system.get(file.as_str()).into_iter().flat_map(|lines| lines.iter()) {
                let (key, value) = line.split_once('=').unwrap_or((line, ""));
                let value = some(value.trim().trim_matches(['"', '\'']));
                match key {
                    "ID" => guest.os = value,
                    "VERSION_ID" => guest.os_release = value,
                    _ => {}
                }
            }
            guest.snapshots = taken(by_guest.get(name.as_str()).map_or(&[][..], |files| files), offset);
        }
        reading.guests.extend(guests.into_iter().map(|(_, guest)| guest));
    }
    driver.paths = bounded(driver.paths);
    reading.drivers.push(driver);
}

/// Guests with their names as they are: `STATE PID RAM SWAP AUTOSTART UNPRIVILEGED NAME`, a name may have spaces.
fn listed(body: &str, project: &str) -> Vec<(String, Guest)> {
    let mut guests = Vec::new();
    for line in body.lines().skip(1) {
        let mut rest = line.trim();
        let mut words = [""; 6];
        for word in &mut words {
            let (first, others) = rest.split_once(' ').unwrap_or((rest, ""));
            (*word, rest) = (first, others.trim_start());
        }
        let [state, pid, ram, swap, autostart, unprivileged] = words;
        // Of a name that nothing can be shown of, nothing is left.
        let Some(name) = some(rest).filter(|_| guests.len() < crate::model::MOST_GUESTS) else { continue };
        let mut guest = Guest::new(GuestDriver::Lxc, &text(project), &name);
        guest.state = self::state(state);
        guest.pid = pid.parse().ok();
        guest.memory_used_bytes = binary(ram);
        guest.swap_used_bytes = binary(swap);
        guest.autostart = flag(autostart);
        guest.unprivileged = flag(unprivileged);
        guests.push((rest.to_owned(), guest));
    }
    guests
}

/// `lxc-ls` divides by 1024 twice and calls that MB.
fn binary(text: &str) -> Option<u64> {
    bytes(&text.replace("MB", "MiB"))
}

fn state(word: &str) -> GuestState {
    match word {
        "RUNNING" | "THAWED" => GuestState::Running,
        "STOPPED" => GuestState::Stopped,
        "FROZEN" | "FREEZING" => GuestState::Frozen,
        "STARTING" => GuestState::Starting,
        "STOPPING" | "ABORTING" => GuestState::Stopping,
        _ => GuestState::Unknown,
    }
}

/// The folder's file system, of `df -Pk`.
fn pool(path: &str, body: &str) -> Option<Pool> {
    let mut words = body.lines().nth(1)?.split_whitespace().skip(1);
    let mut kib = || words.next()?.parse::<u64>().ok().map(|kib| kib.saturating_mul(1024));
    Some(Pool {
        driver: GuestDriver::Lxc,
        name: text(path),
        kind: "dir".to_owned(),
        total_bytes: kib(),
        used_bytes: kib(),
        free_bytes: kib(),
        promised_bytes: 0,
    })
}

/// A line of a configuration: its key and value.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    Some((key.trim(), value.trim()))
}

/// Every line of a configuration and of what it includes, in the order in which they count.
fn resolved<'a>(file: &str, by_file: &BTreeMap<&'a str, &Vec<&'a str>>) -> Vec<&'a str> {
    let mut lines = Vec::new();
    let mut budget = MOST_INCLUDES;
    resolve(file, by_file, &mut lines, &mut budget);
    lines
}

fn resolve<'a>(file: &str, by_file: &BTreeMap<&'a str, &Vec<&'a str>>, lines: &mut Vec<&'a str>, budget: &mut usize) {
    let Some(own) = by_file.get(file) else { return };
    for line in own.iter() {
        match pair(line) {
            Some(("lxc.include", other)) if *budget > 0 => {
                *budget -= 1;
                resolve(other, by_file, lines, budget);
            }
            _ => lines.push(line),
        }
    }
}

/// What a guest's configuration says. `own` are the lines of its own file: what it mounts, the distribution's files mount for everybody.
fn configure(guest: &mut Guest, lines: &[&str], own: &[&str]) {
    let mut nets: BTreeMap<u32, GuestInterface> = BTreeMap::new();
    let (mut quota, mut period) = (None, None);
    let mut rest_of_time = None;
    if !own.is_empty() {
        // What is not said is not so.
        guest.autostart = guest.autostart.or(Some(false));
        guest.unprivileged = guest.unprivileged.or(Some(false));
    }
    for (key, value) in lines.iter().filter_map(|line| pair(line)) {
        match key {
            "lxc.rootfs.path" | "lxc.rootfs" => guest.root = some(value),
            "lxc.arch" => guest.architecture = some(value).map(|arch| architecture(&arch)),
            "lxc.ephemeral" => guest.ephemeral = value == "1",
            "lxc.start.auto" => guest.autostart = flag(value),
            "lxc.idmap" | "lxc.id_map" => guest.unprivileged = Some(!value.is_empty()),
            "lxc.console.logfile" | "lxc.console" => guest.console_log = some(value).filter(|file| file != "none"),
            "lxc.group" => {
                let groups = value.split(',').filter_map(some);
                guest.groups.extend(groups);
            }
            "lxc.cgroup2.memory.max" | "lxc.cgroup.memory.limit_in_bytes" => guest.memory_limit_bytes = bytes(value),
            "lxc.cgroup2.cpuset.cpus" | "lxc.cgroup.cpuset.cpus" => guest.cpu_limit_thousandths = set(value),
            "lxc.cgroup2.cpu.max" => {
                let (quota, period) = value.split_once(' ').unwrap_or((value, "100000"));
                rest_of_time = quota.parse().ok().and_then(|quota| share(quota, period.trim().parse().ok()?));
            }
            "lxc.cgroup.cpu.cfs_quota_us" => quota = value.parse().ok(),
            "lxc.cgroup.cpu.cfs_period_us" => period = value.parse().ok(),
            _ if key == "lxc.environment" || key.starts_with("lxc.environment.") => {
                let name = value.split_once('=').map_or(value, |(name, _)| name);
                guest.environment.extend(some(name));
            }
            _ => {
                if let Some((number, part)) = net(key) {
                    network(nets.entry(number).or_default(), part, value);
                } else if key == "lxc.network.type" {
                    // Before LXC 3 a network began with its type.
                    nets.entry(u32::try_from(nets.len()).unwrap_or(u32::MAX)).or_default();
                } else if let (Some(part), Some(mut last)) = (key.strip_prefix("lxc.network."), nets.last_entry()) {
                    network(last.get_mut(), part, value);
                }
            }
        }
    }
    let quota = quota.and_then(|quota| share(quota, period.unwrap_or(100_000))).or(rest_of_time);
    guest.cpu_limit_thousandths = match (guest.cpu_limit_thousandths, quota) {
        (Some(set), Some(share)) => Some(set.min(share)),
        (one, other) => one.or(other),
    };
    for line in own {
        if let Some(mark) = line.trim().strip_prefix("# beffroi: ") {
            guest.mark = some(mark);
        } else if let Some(template) = line.split_once("Template used to create this container:") {
            guest.image = some(template.1);
        } else if let Some(("lxc.mount.entry", entry)) = pair(line) {
            guest.volumes.extend(volume(entry));
        }
    }
    guest.volumes = bounded(std::mem::take(&mut guest.volumes));
    guest.groups = bounded(std::mem::take(&mut guest.groups));
    guest.environment.sort();
    guest.environment.dedup();
    guest.environment = bounded(std::mem::take(&mut guest.environment));
    for (number, mut interface) in nets {
        if interface.name.is_empty() {
            interface.name = format!("eth{number}");
        }
        guest.interfaces.push(interface);
    }
    guest.interfaces = bounded(std::mem::take(&mut guest.interfaces));
}

/// A set of processors; a number alone is one of them, not how many.
fn set(text: &str) -> Option<u64> {
    if text.trim().parse::<u64>().is_ok() { Some(1000) } else { processors(text) }
}

/// `lxc.net.0.link` is of network 0.
fn net(key: &str) -> Option<(u32, &str)> {
    let (number, part) = key.strip_prefix("lxc.net.")?.split_once('.')?;
    Some((number.parse().ok()?, part))
}

fn network(interface: &mut GuestInterface, part: &str, value: &str) {
    match part {
        "name" => interface.name = text(value),
        "link" => interface.parent = text(value),
        "hwaddr" => interface.hardware_address = text(value),
        "veth.pair" => interface.host_name = text(value),
        "ipv4.address" | "ipv6.address" | "ipv4" | "ipv6" if interface.addresses.len() < 64 => {
            // What follows the address is its broadcast address.
            interface.addresses.extend(value.split_whitespace().next().and_then(some));
        }
        _ => {}
    }
}

/// An entry as of fstab(5): source, place inside, type, options. `\040` is a space.
fn volume(entry: &str) -> Option<Volume> {
    let mut words = entry.split_whitespace().map(|word| text(&word.replace("\\040", " ")));
    let (source, path, kind) = (words.next()?, words.next()?, words.next()?);
    let options = words.next().unwrap_or_default();
    if NOT_VOLUMES.contains(&kind.as_str()) || ["/sys", "/proc", "/dev"].iter().any(|root| source.starts_with(root)) {
        return None;
    }
    let path = format!("/{}", path.trim_start_matches('/'));
    Some(Volume {
        name: String::new(),
        source,
        pool: String::new(),
        path,
        read_only: options.split(',').any(|option| option == "ro"),
        size_bytes: None,
    })
}

/// Names of the kernel's for what LXC and Debian call otherwise.
fn architecture(name: &str) -> String {
    match name {
        "amd64" | "linux64" => "x86_64".to_owned(),
        "i386" | "x86" | "linux32" => "i686".to_owned(),
        "arm64" => "aarch64".to_owned(),
        other => other.to_owned(),
    }
}

/// What the control group and the network of the first process tell.
pub(super) fn running(guest: &mut Guest, lines: &[&str], total: Option<u64>) {
    let mut live: BTreeMap<String, GuestInterface> = BTreeMap::new();
    let (mut inet, mut routes) = (Vec::new(), Vec::new());
    let mut with_swap: Option<u64> = None;
    for line in lines {
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        match kind {
            "memory" => guest.memory_used_bytes = rest.trim().parse().ok().or(guest.memory_used_bytes),
            "memsw" => with_swap = rest.trim().parse().ok(),
            "swap" => guest.swap_used_bytes = rest.trim().parse().ok(),
            // The list does not ask: version 1 tells a word, version 2 a number.
            "frozen" if guest.state == GuestState::Running && matches!(rest.trim(), "FROZEN" | "FREEZING" | "frozen 1") => {
                guest.state = GuestState::Frozen;
            }
            "limit" => {
                let limit = rest.trim().parse::<u64>().ok().filter(|limit| total.is_none_or(|total| *limit < total));
                guest.memory_limit_bytes = limit.or(guest.memory_limit_bytes);
            }
            "cpu" => match rest.split_once(' ') {
                Some(("usage_usec", micro)) => {
                    guest.cpu_used_nanoseconds = micro.parse::<u64>().ok().map(|micro| micro.saturating_mul(1000))
                }
                None => guest.cpu_used_nanoseconds = rest.trim().parse().ok(),
                Some(_) => {}
            },
            "dev" => {
                if let Some(interface) = counters(rest).filter(|_| live.len() < 64) {
                    live.insert(interface.name.clone(), interface);
                }
            }
            "inet6" => {
                if let Some((name, address)) = inet6(rest)
                    && let Some(interface) = live.get_mut(&name)
                {
                    interface.addresses.push(address);
                }
            }
            "route" => routes.extend(route(rest)),
            "inet" if inet.len() < 256 => inet.extend(rest.trim().parse::<Ipv4Addr>().ok().filter(|address| !address.is_loopback())),
            _ => {}
        }
    }
    if let (Some(both), Some(memory)) = (with_swap, guest.memory_used_bytes) {
        guest.swap_used_bytes = Some(both.saturating_sub(memory));
    }
    for address in &inet {
        // The most narrow route that leads to where the address is, says on which interface it stands.
        let on = routes.iter().filter(|(_, network, mask)| u32::from(*address) & mask == *network && *mask != 0);
        let on = on.max_by_key(|(_, _, mask)| mask.count_ones()).map(|(name, _, mask)| (name.clone(), mask.count_ones()));
        let (name, shown) = match on {
            Some((name, prefix)) => (Some(name), format!("{address}/{prefix}")),
            None => (live.keys().next().cloned().filter(|_| live.len() == 1), address.to_string()),
        };
        if let Some(interface) = name.and_then(|name| live.get_mut(&name)) {
            interface.addresses.insert(0, shown);
        }
    }
    let of_interfaces = live.values().flat_map(|interface| interface.addresses.iter().cloned());
    let all: Vec<String> = of_interfaces.chain(inet.iter().map(ToString::to_string)).collect();
    guest.addresses = addresses(all.iter().map(String::as_str).filter(|address| is_global(address)));
    for (_, mut interface) in live {
        if let Some(known) = guest.interfaces.iter().find(|known| known.name == interface.name) {
            interface.parent.clone_from(&known.parent);
            interface.host_name.clone_from(&known.host_name);
            interface.hardware_address.clone_from(&known.hardware_address);
        }
        interface.state = "up".to_owned();
        guest.interfaces.retain(|known| known.name != interface.name);
        guest.interfaces.push(interface);
    }
}

/// A line of /proc/net/dev.
fn counters(line: &str) -> Option<GuestInterface> {
    let (name, numbers) = line.split_once(':')?;
    let name = some(name).filter(|name| name != "lo" && !name.contains(['|', ' ']))?;
    let numbers: Vec<u64> = numbers.split_whitespace().map_while(|number| number.parse().ok()).collect();
    Some(GuestInterface {
        name,
        received_bytes: numbers.first().copied(),
        sent_bytes: numbers.get(8).copied(),
        ..GuestInterface::default()
    })
}

/// A line of /proc/net/if_inet6: address, number, prefix, scope, flags, interface; all but the last in hex.
fn inet6(line: &str) -> Option<(String, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [address, _, prefix, _, _, name] = words[..] else { return None };
    let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
    let prefix = u8::from_str_radix(prefix, 16).ok()?;
    Some((text(name), format!("{address}/{prefix}")))
}

/// A line of /proc/net/route: interface, destination, gateway, flags, …, mask as the eighth; hex in the order of the
/// machine's bytes, of which Linux machines of today have the least first.
fn route(line: &str) -> Option<(String, u32, u32)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, network, mask) = (words.first()?, words.get(1)?, words.get(7)?);
    let address = |hex: &str| u32::from_str_radix(hex, 16).ok().map(u32::swap_bytes);
    Some((text(name), address(network)?, address(mask)?))
}

/// Snapshots by their files `NAME/ts` and `NAME/comment`. The time is the host's own.
fn taken(files: &[(&str, Vec<&str>)], offset: i64) -> Vec<Snapshot> {
    let mut snapshots: BTreeMap<&str, Snapshot> = BTreeMap::new();
    for (file, lines) in files {
        let Some((name, part)) = file.split_once('/') else { continue };
        let snapshot = snapshots.entry(name).or_insert_with(|| Snapshot { name: text(name), ..Snapshot::default() });
        match part {
            "ts" => snapshot.created_seconds = lines.first().and_then(|line| local_moment(line, offset)),
            "comment" => snapshot.comment = some(&lines.join(" ")),
            _ => {}
        }
    }
    let mut snapshots: Vec<Snapshot> = snapshots.into_values().collect();
    snapshots.sort_by(|one, other| (one.created_seconds, &one.name).cmp(&(other.created_seconds, &other.name)));
    bounded(snapshots)
}

/// `2026:11:22 15:04:05` of a clock that is so many seconds ahead of UTC.
fn local_moment(line: &str, offset: i64) -> Option<u64> {
    let moment = jiff::civil::DateTime::strptime("%Y:%m:%d %H:%M:%S", line.trim()).ok()?;
    let seconds = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    u64::try_from(seconds.checked_sub(offset)?).ok()
}
