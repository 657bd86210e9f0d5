//! How much a difference matters.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Severity::{self, Change, Noise, Security};

/// Fields that change by themselves, and what a survey says of itself.
const NOISE: [&str; 11] = [
    "disk_total_bytes",
    "disk_used_bytes",
    "inodes_total",
    "inodes_used",
    "load",
    "memory_available_bytes",
    "missing",
    "swap_free_bytes",
    "uid",
    "uptime_seconds",
    "user",
];

/// Groups whose members can become root.
const STRONG_GROUPS: [&str; 12] =
    ["admin", "adm", "disk", "docker", "incus", "incus-admin", "kmem", "libvirt", "lxd", "shadow", "sudo", "wheel"];

/// How much it matters that the entry of that name was the one and is the other.
pub(super) fn of(field: &str, key: &[String], before: Option<&str>, after: Option<&str>) -> Severity {
    let key: Vec<&str> = key.iter().map(String::as_str).collect();
    let appeared = |yes: bool| if yes && after.is_some() { Security } else { Change };
    match field {
        noise if NOISE.contains(&noise) => Noise,
        "authorized_keys" | "sudo" | "sudo_rules" | "loose_files" => appeared(true),
        "accounts" => account(&key, after),
        "listeners" => appeared(before.is_none() && is_public(&key)),
        "sshd" => sshd(&key, before, after),
        "firewall" => firewall(&key, before, after),
        // A new key beside those known can be a rotation; to the client, it is another host all the same.
        "host_keys" => appeared(true),
        "hardening" => hardening(&key, before, after),
        "automatic_upgrades" => appeared(after == Some("false")),
        "watched_services" => appeared(after == Some("false") && key != ["yunohost-api"]),
        "disks" if key.len() > 1 => Noise,
        "upgrades" if key.first() == Some(&"lists_seconds") => Noise,
        "interfaces" if key.first().is_some_and(|name| comes_and_goes(name)) => Noise,
        _ => Change,
    }
}

fn account(key: &[&str], after: Option<&str>) -> Severity {
    let worse = match (key, after) {
        (_, None) => false,
        ([_], Some(_)) => true,
        ([_, "groups", group], Some(_)) => STRONG_GROUPS.contains(group),
        (_, Some(password)) => password == "set" || password == "empty",
    };
    if worse { Security } else { Change }
}

/// Whether others than the machine itself reach it. Ports that the system chooses for a client say little.
fn is_public(key: &[&str]) -> bool {
    let [protocol, address, port] = key else { return true };
    let chosen = *protocol == "udp" && port.parse::<u16>().is_ok_and(|port| port >= 32768);
    let loopback = address.parse::<IpAddr>().is_ok_and(|address| match address {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback() || address.to_ipv4_mapped().is_some_and(|address| address.is_loopback()),
    });
    !loopback && !chosen
}

/// Values from the strongest to the weakest.
const SSHD_SCALES: [(&str, &[&str]); 17] = [
    ("allowagentforwarding", &["no", "yes"]),
    ("allowtcpforwarding", &["no", "remote", "local", "yes"]),
    ("gatewayports", &["no", "clientspecified", "yes"]),
    ("gssapiauthentication", &["no", "yes"]),
    ("hostbasedauthentication", &["no", "yes"]),
    ("ignorerhosts", &["yes", "shosts-only", "no"]),
    ("kbdinteractiveauthentication", &["no", "yes"]),
    ("passwordauthentication", &["no", "yes"]),
    ("permitemptypasswords", &["no", "yes"]),
    ("permitrootlogin", &["no", "forced-commands-only", "prohibit-password", "yes"]),
    ("permittunnel", &["no", "point-to-point", "ethernet", "yes"]),
    ("permituserenvironment", &["no", "yes"]),
    ("pubkeyauthentication", &["yes", "no"]),
    ("strictmodes", &["yes", "no"]),
    ("x11forwarding", &["no", "yes"]),
    ("loglevel", &["VERBOSE", "INFO", "ERROR", "FATAL", "QUIET"]),
    ("persourcepenalties", &["yes", "no"]),
];

/// Settings of which any other value lets other people in, or in another way.
const SSHD_DOORS: [&str; 10] = [
    "allowgroups",
    "allowusers",
    "authenticationmethods",
    "authorizedkeyscommand",
    "authorizedkeysfile",
    "chrootdirectory",
    "denygroups",
    "denyusers",
    "forcecommand",
    "trustedusercakeys",
];

/// Lists of algorithms: one more may be a weak one.
const SSHD_LISTS: [&str; 5] = ["ciphers", "hostkeyalgorithms", "kexalgorithms", "macs", "pubkeyacceptedalgorithms"];

fn sshd(key: &[&str], before: Option<&str>, after: Option<&str>) -> Severity {
    let [name] = key else { return Change };
    if SSHD_DOORS.contains(name) {
        return Security;
    }
    let weaker = if let Some((_, scale)) = SSHD_SCALES.iter().find(|(setting, _)| setting == name) {
        // What is not said is the default, which a newer sshd may have changed.
        let place = |value: Option<&str>| value.map(|value| scale.iter().position(|step| *step == value));
        match (place(before), place(after)) {
            (Some(Some(before)), Some(Some(after))) => after > before,
            (None, Some(Some(after))) => after > 0,
            _ => true,
        }
    } else if SSHD_LISTS.contains(name) {
        let set = |list: Option<&str>| list.into_iter().flat_map(|list| list.split(',')).map(str::to_owned).collect::<BTreeSet<_>>();
        !set(after).is_subset(&set(before))
    } else {
        *name == "maxauthtries" && grew(before, after)
    };
    if weaker { Security } else { Change }
}

fn grew(before: Option<&str>, after: Option<&str>) -> bool {
    let number = |value: Option<&str>| value.and_then(|value| value.parse::<i64>().ok());
    number(before).zip(number(after)).is_none_or(|(before, after)| after > before)
}

fn firewall(key: &[&str], before: Option<&str>, after: Option<&str>) -> Severity {
    let weaker = match key {
        ["rules"] => before != Some("0") && before.is_some() && matches!(after, None | Some("0")),
        ["ufw"] => before == Some("true"),
        ["input_policies", _] => before.is_some_and(|policy| policy != "accept"),
        _ => false,
    };
    if weaker { Security } else { Change }
}

/// Settings of the kernel that are weaker when they are lower.
const LOWER_IS_WEAKER: [&str; 14] = [
    "fs.protected_fifos",
    "fs.protected_hardlinks",
    "fs.protected_regular",
    "fs.protected_symlinks",
    "kernel.dmesg_restrict",
    "kernel.kexec_load_disabled",
    "kernel.kptr_restrict",
    "kernel.modules_disabled",
    "kernel.perf_event_paranoid",
    "kernel.randomize_va_space",
    "kernel.unprivileged_bpf_disabled",
    "kernel.yama.ptrace_scope",
    "net.ipv4.tcp_syncookies",
    "selinux",
];

/// Those that are weaker when they are higher.
const HIGHER_IS_WEAKER: [&str; 4] =
    ["fs.suid_dumpable", "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.all.send_redirects"];

fn hardening(key: &[&str], before: Option<&str>, after: Option<&str>) -> Severity {
    let [name] = key else { return Change };
    let weaker = if name.starts_with("vulnerability.") {
        after.is_some_and(|state| state.starts_with("Vulnerable"))
    } else if LOWER_IS_WEAKER.contains(name) {
        after.is_none() || grew(after, before)
    } else if HIGHER_IS_WEAKER.contains(name) {
        after.is_some() && grew(before, after)
    } else {
        matches!(*name, "lsm" | "lockdown" | "apparmor") && before.is_some()
    };
    if weaker { Security } else { Change }
}

/// Interfaces of containers and virtual machines.
fn comes_and_goes(name: &str) -> bool {
    ["veth", "tap", "vnet", "br-", "fwbr", "fwln", "fwpr", "lxc", "cali", "ifb"].iter().any(|prefix| name.starts_with(prefix))
}
