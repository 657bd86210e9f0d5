//! The machine: what reaches it, what it lacks, what it would lose.

use std::net::IpAddr;

use beffroi_survey::facts::{Facts, Listener, Protocol};
use beffroi_survey::{Area, Missing};
use beffroi_yunohost::fleet::{Fleet, Instance};

use super::{Check, Fix, FixValue, Judged, Seen, check, no_fix};

pub(super) const CHECKS: &[Check] = &[
    check!("firewall", High, firewall, |seen| yunohost(seen, "firewall-reload", &[])),
    check!("exposed-services", High, exposed, no_fix),
    check!("open-ports", Medium, open_ports, no_fix),
    check!("guessing", Medium, guessing, |seen| yunohost(
        seen,
        "service-start",
        &[("services", FixValue::List(vec!["fail2ban".to_owned()]))]
    )),
    check!("supported-system", High, supported, no_fix),
    check!("security-upgrades", High, security_upgrades, upgrade),
    check!("package-lists", Medium, package_lists, fetch_lists),
    check!("automatic-upgrades", Medium, automatic_upgrades, |_| Some(Fix::Run { command: AUTOMATIC })),
    check!("restart", Medium, restart, |seen| yunohost(seen, "tools-reboot", &[])),
    check!("clock", Medium, clock, |_| Some(Fix::SetClock)),
    check!("certificates", High, certificates, no_fix),
    check!("disk", Medium, disk, no_fix),
    check!("backups", High, backups, |seen| yunohost(seen, "backup-create", &[])),
    check!("kernel-settings", Low, kernel_settings, no_fix),
    check!("processor", Low, processor, no_fix),
];

const UPGRADE: &str = "apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold upgrade";
const AUTOMATIC: &str = "DEBIAN_FRONTEND=noninteractive apt-get -y install unattended-upgrades && \
    printf 'APT::Periodic::Update-Package-Lists \"1\";\\nAPT::Periodic::Unattended-Upgrade \"1\";\\n' >/etc/apt/apt.conf.d/20auto-upgrades";

fn yunohost(seen: &Seen<'_>, operation: &'static str, given: &[(&'static str, FixValue)]) -> Option<Fix> {
    seen.yunohost?;
    Some(Fix::Yunohost { operation, given: given.iter().cloned().collect() })
}

fn has_apt(facts: &Facts) -> bool {
    facts.upgrades.as_ref().is_some_and(|upgrades| upgrades.state.starts_with("apt "))
}

fn upgrade(seen: &Seen<'_>) -> Option<Fix> {
    let target = [("target", FixValue::Text("system".to_owned()))];
    yunohost(seen, "tools-upgrade", &target).or_else(|| has_apt(seen.facts).then_some(Fix::Run { command: UPGRADE }))
}

fn fetch_lists(seen: &Seen<'_>) -> Option<Fix> {
    yunohost(seen, "tools-update", &[]).or_else(|| has_apt(seen.facts).then_some(Fix::Run { command: "apt-get update" }))
}

/// Whether what no rule lets through is dropped; `None` where it is not known.
fn filters(facts: &Facts) -> Option<bool> {
    let Some(firewall) = &facts.firewall else {
        return (facts.missing.get(&Area::Firewall) == Some(&Missing::NoTool)).then_some(false);
    };
    let drops = firewall.input_policies.values().any(|policy| policy != "accept");
    match firewall.rules {
        _ if firewall.ufw == Some(true) || drops => Some(true),
        Some(0) => Some(false),
        // Its rules may end in one that drops the rest.
        _ => None,
    }
}

fn firewall(seen: &Seen<'_>) -> Judged {
    match filters(seen.facts) {
        Some(true) => Judged::Ok,
        Some(false) => Judged::ToDo(vec!["accept".to_owned()]),
        None => Judged::Unknown(Some(Area::Firewall)),
    }
}

/// Whether others than the machine itself reach it.
fn is_public(listener: &Listener) -> bool {
    let address = listener.address.split('%').next().unwrap_or_default();
    !address.parse::<IpAddr>().is_ok_and(|address| match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback()),
    })
}

fn shown(listener: &Listener) -> String {
    let kind = if listener.protocol == Protocol::Tcp { "tcp" } else { "udp" };
    let process = listener.process.as_deref().unwrap_or_default();
    format!("{kind} {} {process}", listener.port).trim_end().to_owned()
}

/// What listens for everybody and fits. The same port on several addresses is one.
fn open(facts: &Facts, fits: impl Fn(&Listener) -> bool) -> Judged {
    let Some(listeners) = &facts.listeners else { return Judged::Unknown(Some(Area::Listeners)) };
    let mut found: Vec<String> = listeners.iter().filter(|listener| is_public(listener) && fits(listener)).map(shown).collect();
    found.sort();
    found.dedup();
    match filters(facts) {
        Some(true) | None if !found.is_empty() => Judged::Behind(found),
        _ => Judged::of_part(found, facts, Area::Listeners),
    }
}

/// What nobody but the machine itself, or a network of its own, should reach: logins and files in clear (ftp, telnet, rexec,
/// rlogin, rsh, tftp), the portmapper and its file servers, databases and caches, container engines, remote screens.
const EXPOSED: [u16; 27] = [
    21, 23, 69, 111, 139, 445, 512, 513, 514, 873, 2049, 2375, 2379, 3306, 3389, 5432, 5900, 5984, 6379, 8086, 9000, 9200, 10_000, 11_211,
    15_672, 27_017, 50_000,
];

/// What a server is there for: SSH's own ports are added.
const EXPECTED: [u16; 19] = [22, 25, 53, 80, 110, 123, 143, 443, 465, 587, 636, 993, 995, 3478, 4190, 5222, 5269, 5349, 51_820];
/// Datagrams that a machine of any network takes: addresses given out, names and services told about.
const EXPECTED_UDP: [u16; 5] = [67, 68, 546, 1900, 5353];

fn exposed(seen: &Seen<'_>) -> Judged {
    open(seen.facts, |listener| EXPOSED.contains(&listener.port))
}

fn open_ports(seen: &Seen<'_>) -> Judged {
    let ssh = seen.facts.sshd.as_ref().and_then(|settings| settings.get("port"));
    let ssh: Vec<u16> = ssh.into_iter().flat_map(|ports| ports.split(' ')).filter_map(|port| port.parse().ok()).collect();
    open(seen.facts, |listener| {
        let udp = listener.protocol == Protocol::Udp;
        // A client's own port, chosen by the system.
        let chosen = udp && listener.port >= 32_768;
        let expected = EXPECTED.contains(&listener.port) || ssh.contains(&listener.port) || (udp && EXPECTED_UDP.contains(&listener.port));
        !expected && !chosen && !EXPOSED.contains(&listener.port)
    })
}

fn guessing(seen: &Seen<'_>) -> Judged {
    let Some(watched) = &seen.facts.watched_services else { return Judged::Unknown(Some(Area::Services)) };
    let guards = ["crowdsec", "fail2ban", "sshguard"];
    if guards.iter().any(|guard| watched.get(*guard) == Some(&true)) {
        return Judged::Ok;
    }
    Judged::ToDo(guards.map(str::to_owned).into())
}

/// When distributions end to mend security holes in a version, of long-term support to the last day, in seconds since 1970
/// (endoflife.date, November 2026): Debian's LTS, Ubuntu's five years.
const ENDS: [(&str, &str, i64); 9] = [
    ("debian", "9", 1_656_547_200),
    ("debian", "10", 1_719_705_600),
    ("debian", "11", 1_788_134_400),
    ("debian", "12", 1_845_936_000),
    ("debian", "13", 1_909_008_000),
    ("ubuntu", "18.04", 1_685_491_200),
    ("ubuntu", "20.04", 1_748_649_600),
    ("ubuntu", "22.04", 1_806_537_600),
    ("ubuntu", "24.04", 1_874_880_000),
];

fn supported(seen: &Seen<'_>) -> Judged {
    let (Some(id), Some(version)) = (&seen.facts.os_id, &seen.facts.os_version) else { return Judged::Unknown(None) };
    let Some((.., end)) = ENDS.iter().find(|(of, number, _)| of == id && number == version) else { return Judged::Unknown(None) };
    Judged::of(if seen.now > *end { vec![format!("{id} {version}")] } else { Vec::new() })
}

fn security_upgrades(seen: &Seen<'_>) -> Judged {
    let Some(upgrades) = &seen.facts.upgrades else { return Judged::Unknown(Some(Area::Packages)) };
    let waiting = upgrades.packages.iter().filter(|package| package.security);
    Judged::of(waiting.map(|package| format!("{} {}", package.name, package.candidate)).collect())
}

const DAY: i64 = 86_400;
/// After so long a list of packages says little about what is known to be broken.
const OLD_LISTS_DAYS: i64 = 7;

fn package_lists(seen: &Seen<'_>) -> Judged {
    let (Some(upgrades), Some(clock)) = (&seen.facts.upgrades, seen.facts.clock_seconds) else {
        return Judged::Unknown(Some(Area::Packages));
    };
    // By the host's own clock, which may be wrong: both times are of it.
    let taken = i64::try_from(clock).unwrap_or(i64::MAX);
    let days = (taken - i64::try_from(upgrades.lists_seconds).unwrap_or(0)) / DAY;
    Judged::of(if days > OLD_LISTS_DAYS { vec![days.to_string()] } else { Vec::new() })
}

fn automatic_upgrades(seen: &Seen<'_>) -> Judged {
    match seen.facts.automatic_upgrades {
        Some(true) => Judged::Ok,
        Some(false) => Judged::ToDo(vec!["unattended-upgrades".to_owned()]),
        None => Judged::Unknown(Some(Area::Packages)),
    }
}

fn restart(seen: &Seen<'_>) -> Judged {
    let Some(reboot) = &seen.facts.reboot else { return Judged::Unknown(Some(Area::Reboot)) };
    match (reboot.required, reboot.packages.is_empty()) {
        (false, _) => Judged::Ok,
        (true, true) => Judged::ToDo(seen.facts.kernel.clone().into_iter().collect()),
        (true, false) => Judged::ToDo(reboot.packages.clone()),
    }
}

/// See [`crate::guards`]: from here on what is signed may not be valid.
const SKEW: u64 = 300;

fn clock(seen: &Seen<'_>) -> Judged {
    match (seen.skew, seen.facts.clock_synchronised) {
        (Some(skew), _) if skew.unsigned_abs() >= SKEW => Judged::ToDo(vec![format!("{skew} s")]),
        (_, Some(false)) => Judged::ToDo(vec!["NTP".to_owned()]),
        (Some(_), Some(true)) => Judged::Ok,
        _ => Judged::Unknown(Some(Area::Clock)),
    }
}

/// Renewals begin a month before the end: two weeks before it, one has failed.
const NEAR_DAYS: i64 = 14;

fn certificates(seen: &Seen<'_>) -> Judged {
    let Some(certificates) = &seen.facts.certificates else { return Judged::Unknown(Some(Area::Certificates)) };
    let days = |end: i64| (end - seen.now).div_euclid(DAY);
    let near = certificates.iter().filter(|certificate| days(certificate.not_after_seconds) < NEAR_DAYS);
    let found = near.map(|certificate| {
        let name = certificate.names.first().map_or(certificate.subject.as_str(), String::as_str);
        format!("{name} ({})", days(certificate.not_after_seconds))
    });
    Judged::of_part(found.collect(), seen.facts, Area::Certificates)
}

/// Where less than a tenth is free, logs and databases may stop at any time.
fn disk(seen: &Seen<'_>) -> Judged {
    let Some(disks) = &seen.facts.disks else { return Judged::Unknown(Some(Area::Disks)) };
    let full = |used: u64, total: u64| total > 0 && used.saturating_mul(10) >= total.saturating_mul(9);
    let found = disks.iter().filter(|disk| !disk.read_only).filter_map(|disk| {
        let taken = disk.total_bytes.saturating_sub(disk.available_bytes);
        let bytes = full(taken, disk.total_bytes);
        let (used, total) = if bytes { (taken, disk.total_bytes) } else { (disk.inodes_used, disk.inodes_total) };
        full(used, total).then(|| format!("{} {} %", disk.mount, used.saturating_mul(100) / total.max(1)))
    });
    Judged::of_part(found.collect(), seen.facts, Area::Disks)
}

/// A backup that is older than this is missed when it is needed.
const OLD_BACKUP_DAYS: i64 = 8;

fn backups(seen: &Seen<'_>) -> Judged {
    // What backs up other machines tells nothing that a survey could read.
    let Some(facts) = seen.yunohost else { return Judged::Unknown(None) };
    let fleet = Fleet::of(&[Instance { host: "", taken_ms: 0, os: None, facts }], 0);
    let Some(line) = fleet.backups.into_iter().next() else { return Judged::Unknown(None) };
    let programs = line.programs.iter().filter(|program| program.result == "success").filter_map(|program| program.last_ms);
    let newest = programs.chain(line.newest_ms).chain(seen.kept_ms).max();
    let Some(newest) = newest.and_then(|newest| i64::try_from(newest / 1000).ok()) else {
        // A program whose last run nobody tells may have made one.
        let unread = line.archives.is_none() || line.programs.iter().any(|program| program.result.is_empty());
        return if unread { Judged::Unknown(None) } else { Judged::ToDo(vec!["–".to_owned()]) };
    };
    let days = (seen.now - newest) / DAY;
    Judged::of(if days > OLD_BACKUP_DAYS { vec![days.to_string()] } else { Vec::new() })
}

/// A container has the kernel of the machine that it runs in.
fn has_own_kernel(facts: &Facts) -> bool {
    let shared = ["docker", "lxc", "lxc-libvirt", "openvz", "podman", "proot", "rkt", "systemd-nspawn", "wsl"];
    !facts.virtualisation.as_ref().is_some_and(|kind| shared.contains(&kind.as_str()))
}

/// Settings of the kernel and what is well of them (Lynis, `KRNL-6000`, as far as nothing ordinary breaks by it).
const KERNEL: [(&str, &[&str]); 10] = [
    ("kernel.randomize_va_space", &["2"]),
    ("kernel.kptr_restrict", &["1", "2"]),
    ("kernel.dmesg_restrict", &["1"]),
    ("kernel.unprivileged_bpf_disabled", &["1", "2"]),
    ("fs.protected_symlinks", &["1"]),
    ("fs.protected_hardlinks", &["1"]),
    ("fs.suid_dumpable", &["0"]),
    ("net.ipv4.tcp_syncookies", &["1", "2"]),
    ("net.ipv4.conf.all.accept_redirects", &["0"]),
    ("net.ipv4.conf.all.accept_source_route", &["0"]),
];

fn kernel_settings(seen: &Seen<'_>) -> Judged {
    if !has_own_kernel(seen.facts) {
        return Judged::NotHere;
    }
    let Some(settings) = seen.facts.hardening.as_ref().filter(|settings| !settings.is_empty()) else {
        return Judged::Unknown(Some(Area::Hardening));
    };
    let of = |(name, well): &(&str, &[&str])| {
        let value = settings.get(*name)?;
        (!well.contains(&value.as_str())).then(|| format!("{name} = {value}"))
    };
    Judged::of(KERNEL.iter().filter_map(of).collect())
}

fn processor(seen: &Seen<'_>) -> Judged {
    if !has_own_kernel(seen.facts) {
        return Judged::NotHere;
    }
    let Some(settings) = seen.facts.hardening.as_ref().filter(|settings| !settings.is_empty()) else {
        return Judged::Unknown(Some(Area::Hardening));
    };
    let weak = settings.iter().filter(|(name, value)| name.starts_with("vulnerability.") && value.starts_with("Vulnerable"));
    Judged::of(weak.map(|(name, _)| name.trim_start_matches("vulnerability.").to_owned()).collect())
}
