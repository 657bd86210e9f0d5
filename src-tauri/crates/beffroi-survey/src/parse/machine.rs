//! The machine: names, memory, clock, disks, what it runs in.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::{bounded, cut, text};
use crate::facts::{Area, Disk, Facts, Missing, Reboot};
use crate::wire::Answer;

/// Stands before the machine id when it is hashed.
const MACHINE_LABEL: &[u8] = b"beffroi machine\n";

pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    kernel(answer, facts);
    release(answer, facts);
    memory(answer, facts);
    clock(answer, facts);
    if answer.section("sizes").is_some() {
        facts.disks = Some(disks(answer, facts));
    }
    let root = facts.disks.iter().flatten().find(|disk| disk.mount == "/").cloned();
    if let Some(root) = root {
        (facts.disk_total_bytes, facts.disk_used_bytes) = (Some(root.total_bytes), Some(root.used_bytes));
        (facts.inodes_total, facts.inodes_used) = (Some(root.inodes_total), Some(root.inodes_used));
    }
    if answer.section("hints").is_some() {
        let hints = hints(answer);
        facts.virtualisation = Some(virtualisation(answer, &hints, facts));
        facts.parent_hints = Some(hints);
        facts.reboot = Some(reboot(answer, facts));
    }
}

fn kernel(answer: &Answer<'_>, facts: &mut Facts) {
    let Some(section) = answer.section("kernel") else { return };
    let first = |file: &str| section.first(file);
    facts.hostname = first("/proc/sys/kernel/hostname").and_then(text);
    facts.kernel = first("/proc/sys/kernel/osrelease").and_then(text);
    facts.architecture = first("/proc/sys/kernel/arch").or_else(|| answer.lines("arch").next()).and_then(text);
    facts.uptime_seconds = first("/proc/uptime").and_then(|line| line.split(['.', ' ']).next()?.parse().ok());
    facts.load = first("/proc/loadavg").and_then(load);
    facts.init = first("/proc/1/comm").and_then(text);
    facts.time_zone = first("/etc/timezone").or_else(|| answer.lines("zone").next().and_then(zone)).and_then(text);
    facts.machine = first("/etc/machine-id").or_else(|| first("/var/lib/dbus/machine-id")).and_then(machine);
    facts.hardware_vendor = first("/sys/class/dmi/id/sys_vendor").and_then(text);
    facts.hardware_model = first("/sys/class/dmi/id/product_name").and_then(text);
    for line in answer.lines("self") {
        match line.split_once(':') {
            Some(("Uid", ids)) => facts.uid = ids.split_whitespace().nth(1).and_then(|id| id.parse().ok()),
            Some(("Cpus_allowed_list", list)) => facts.cpus = processors(list.trim()),
            _ => {}
        }
    }
}

/// The first three numbers of `/proc/loadavg` (proc(5)).
fn load(line: &str) -> Option<[f64; 3]> {
    let mut numbers = line.split(' ').map(|word| word.parse::<f64>().ok().filter(|load| load.is_finite() && *load >= 0.0));
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

/// How many a list such as `0-3,8` names (cpuset(7), list format).
fn processors(list: &str) -> Option<u64> {
    let mut count = 0_u64;
    for range in list.split(',') {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.parse::<u32>().ok()?, last.parse::<u32>().ok()?);
        count += u64::from(last.checked_sub(first)?) + 1;
    }
    Some(count)
}

/// The name of a zone, of the link that `/etc/localtime` is (localtime(5)).
fn zone(link: &str) -> Option<&str> {
    link.split_once("zoneinfo/").map(|(_, name)| name)
}

fn machine(id: &str) -> Option<String> {
    let right = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| hex(&Sha256::new().chain_update(MACHINE_LABEL).chain_update(id.to_ascii_lowercase()).finalize()))
}

/// Bytes in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// os-release(5): the first file there is.
fn release(answer: &Answer<'_>, facts: &mut Facts) {
    let mut lines = answer.lines("release").peekable();
    let lines: Vec<&str> = if lines.peek().is_some() { lines.collect() } else { answer.lines("release2").collect() };
    for (key, value) in lines.iter().filter_map(|line| line.split_once('=')) {
        let value = text(value.trim().trim_matches(['"', '\'']));
        match key {
            "ID" => facts.os_id = value,
            "VERSION_ID" => facts.os_version = value,
            "PRETTY_NAME" => facts.os_name = value,
            _ => {}
        }
    }
}

fn memory(answer: &Answer<'_>, facts: &mut Facts) {
    for (key, value) in answer.lines("memory").filter_map(|line| line.split_once(':')) {
        let bytes = value.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()?.checked_mul(1024));
        match key {
            "MemTotal" => facts.memory_total_bytes = bytes,
            "MemAvailable" => facts.memory_available_bytes = bytes,
            "SwapTotal" => facts.swap_total_bytes = bytes,
            "SwapFree" => facts.swap_free_bytes = bytes,
            _ => {}
        }
    }
}

/// `date '+%s.%N %z'`; a date(1) that does not know `%N` leaves it out or as it is.
fn clock(answer: &Answer<'_>, facts: &mut Facts) {
    let Some((time, offset)) = answer.lines("clock").next().and_then(|line| line.trim().split_once(' ')) else { return };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    facts.clock_seconds = seconds.parse().ok();
    facts.clock_nanoseconds = (fraction.len() == 9).then(|| fraction.parse().ok()).flatten();
    facts.utc_offset_minutes = minutes(offset);
    let hinted = |path: &str| answer.lines("hints").any(|line| line == path);
    if hinted("/run/systemd/timesync") {
        facts.clock_synchronised = Some(hinted("/run/systemd/timesync/synchronized"));
    }
}

/// Minutes of an offset such as `+0530`.
fn minutes(offset: &str) -> Option<i32> {
    let (sign, digits) = offset.split_at_checked(1)?;
    let (hours, rest) = digits.split_at_checked(2)?;
    let right = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = hours.parse::<i32>().ok()? * 60 + rest.parse::<i32>().ok()?;
    right.then_some(if sign == "-" { -minutes } else { minutes })
}

/// Joins what `/proc/self/mounts` says (fstab(5)) with what stat(1) says of each, one line: block size, blocks, free
/// ones, those free for others than root, inodes, free ones, mount point.
fn disks(answer: &Answer<'_>, facts: &mut Facts) -> Vec<Disk> {
    let mut mounts = BTreeMap::new();
    for line in answer.lines("mounts") {
        let words: Vec<&str> = line.split(' ').collect();
        if let [device, mount, kind, options, ..] = words.as_slice() {
            mounts.insert(unescape(mount), (*device, *kind, *options));
        }
    }
    let mut disks = Vec::new();
    for line in answer.lines("sizes") {
        let mut words = line.splitn(7, ' ');
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        let numbers = [number(), number(), number(), number(), number(), number()];
        let [Some(size), Some(blocks), Some(free), Some(available), Some(inodes), Some(inodes_free)] = numbers else { continue };
        let Some(mount) = words.next() else { continue };
        let (device, kind, options) = mounts.get(mount).copied().unwrap_or_default();
        disks.push(Disk {
            mount: text(mount).unwrap_or_default(),
            device: text(&unescape(device)).unwrap_or_default(),
            kind: text(kind).unwrap_or_default(),
            read_only: options.split(',').any(|option| option == "ro"),
            total_bytes: blocks.saturating_mul(size),
            used_bytes: blocks.saturating_sub(free).saturating_mul(size),
            available_bytes: available.saturating_mul(size),
            inodes_total: inodes,
            inodes_used: inodes.saturating_sub(inodes_free),
        });
    }
    if disks.is_empty() {
        facts.missing.entry(Area::Disks).or_insert(Missing::NoTool);
    }
    disks.sort_by(|one, other| one.mount.cmp(&other.mount));
    cut(disks, Area::Disks, facts)
}

/// Undoes the octal escapes of the kernel's tables (fstab(5)).
fn unescape(word: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .iter()
        .fold(word.to_owned(), |word, (escape, character)| word.replace(escape, character))
}

fn hints(answer: &Answer<'_>) -> BTreeSet<String> {
    let mut hints = BTreeSet::new();
    let section = answer.section("kernel");
    let container = section.and_then(|section| section.first("/run/systemd/container"));
    let environ = answer.lines("environ").find_map(|line| line.strip_prefix("container="));
    hints.extend(container.or(environ).and_then(text).map(|kind| format!("container={kind}")));
    hints.extend(section.and_then(|section| section.first("/sys/hypervisor/type")).and_then(text).map(|kind| format!("hypervisor={kind}")));
    for line in answer.lines("hints") {
        let hint = match line {
            "/.dockerenv" => "dockerenv",
            "/run/.containerenv" => "containerenv",
            "/dev/lxd/sock" => "lxd-agent",
            "/dev/incus/sock" => "incus-agent",
            "/dev/.lxc" => "lxc-device",
            "/proc/vz" => "vz",
            "/proc/bc" => "vz-parent",
            _ => continue,
        };
        hints.insert(hint.to_owned());
    }
    if answer.lines("mounts").any(|line| line == "lxcfs" || line.starts_with("lxcfs ")) {
        hints.insert("lxcfs".to_owned());
    }
    if answer.lines("cpu").any(|line| line.starts_with("flags")) {
        hints.insert("hypervisor-flag".to_owned());
    }
    hints
}

/// The words of systemd-detect-virt(1).
fn virtualisation(answer: &Answer<'_>, hints: &BTreeSet<String>, facts: &Facts) -> String {
    let has = |hint: &str| hints.contains(hint);
    if let Some(kind) = hints.iter().find_map(|hint| hint.strip_prefix("container=")) {
        return kind.to_owned();
    }
    for (hint, kind) in [("containerenv", "podman"), ("lxd-agent", "lxc"), ("incus-agent", "lxc"), ("lxc-device", "lxc"), ("lxcfs", "lxc")]
    {
        if has(hint) {
            return kind.to_owned();
        }
    }
    if has("vz") && !has("vz-parent") {
        return "openvz".to_owned();
    }
    let root_overlay = answer.lines("mounts").any(|line| line.split(' ').nth(1) == Some("/") && line.split(' ').nth(2) == Some("overlay"));
    if has("dockerenv") && root_overlay {
        return "docker".to_owned();
    }
    if let Some(kind) = hints.iter().find_map(|hint| hint.strip_prefix("hypervisor=")) {
        return kind.to_owned();
    }
    let hardware =
        format!("{} {}", facts.hardware_vendor.as_deref().unwrap_or_default(), facts.hardware_model.as_deref().unwrap_or_default());
    let known = HARDWARE.iter().find(|(word, _)| hardware.contains(word)).map(|(_, kind)| *kind);
    known.unwrap_or(if has("hypervisor-flag") { "vm-other" } else { "none" }).to_owned()
}

/// What virtual machines call themselves, and what systemd-detect-virt(1) calls them.
const HARDWARE: [(&str, &str); 12] = [
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("KubeVirt", "kvm"),
    ("QEMU", "qemu"),
    ("VMware", "vmware"),
    ("VirtualBox", "oracle"),
    ("innotek", "oracle"),
    ("Xen", "xen"),
    ("Bochs", "bochs"),
    ("Parallels", "parallels"),
    ("Amazon EC2", "amazon"),
    ("Virtual Machine", "microsoft"),
];

/// A restart is waited for when a package said so, or a newer kernel of the running flavour is installed.
fn reboot(answer: &Answer<'_>, facts: &mut Facts) -> Reboot {
    let packages = bounded(answer.lines("reboot").filter_map(text).collect(), Area::Reboot, facts);
    let asked = answer.lines("hints").any(|line| line == "/run/reboot-required");
    Reboot { required: asked || newer_kernel(answer, facts), packages }
}

fn newer_kernel(answer: &Answer<'_>, facts: &Facts) -> bool {
    let Some(running) = facts.kernel.as_deref() else { return false };
    let flavour = |release: &str| release.rsplit('-').next().map(str::to_owned);
    let same = |release: &&str| flavour(release) == flavour(running);
    let installed = answer.lines("kernels").filter_map(|path| path.rsplit_once("/vmlinuz-").map(|(_, release)| release));
    let installed: Vec<&str> = installed.filter(same).collect();
    // A kernel that is not among those installed is another's: a container's host, or a hypervisor gave it.
    installed.contains(&running) && installed.iter().any(|release| numbers(release) > numbers(running))
}

/// The numbers in a text, which give the order of releases.
fn numbers(release: &str) -> Vec<u64> {
    release.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_kernel_are_read_or_left_out() {
        assert_eq!(processors("0-3,8"), Some(5));
        for bad in ["", "a", "3-1", "0-", "1-4294967296"] {
            assert_eq!(processors(bad), None, "{bad}");
        }
        assert_eq!(minutes("+0530"), Some(330));
        assert_eq!(minutes("-0330"), Some(-210));
        for bad in ["", "+", "+1", "+1é1", "+05300", "+ab00"] {
            assert_eq!(minutes(bad), None, "{bad}");
        }
        assert_eq!(load("NaN 1 2"), None);
        assert_eq!(load("0.5 1 2 1/96 12"), Some([0.5, 1.0, 2.0]));
        assert!(numbers("6.1.0-31-amd64") > numbers("6.1.0-9-amd64"));
    }

    #[test]
    fn a_machine_id_is_never_shown() {
        let id = "0123456789abcdef0123456789abcdef";
        let hash = machine(id).expect("a hash");
        assert_eq!(hash.len(), 64);
        assert!(!hash.contains(id));
        assert_eq!(machine("uninitialized"), None);
    }
}
