//! What runs on the machine: services, timers, cron, packet filters, hardening, roles.

use std::collections::{BTreeMap, BTreeSet};

use super::{bounded, text};
use crate::facts::{Area, CronEntry, Facts, Firewall, FirewallKind, MOST_ENTRIES, Role, Timer};
use crate::wire::Answer;

pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    if answer.section("units").is_some_and(|section| !section.failed) {
        let units: Vec<_> = answer.lines("units").filter_map(unit).collect();
        let failed = units.iter().filter(|(_, state)| *state == "failed").filter_map(|(name, _)| text(name)).collect();
        facts.failed_services = Some(bounded(failed, Area::Services, facts));
        let timers = units.iter().filter(|(name, _)| name.ends_with(".timer"));
        let timers = timers.filter_map(|(name, state)| Some(Timer { name: text(name)?, active: *state == "active" }));
        facts.timers = Some(bounded(timers.collect(), Area::Timers, facts));
        let watched = units.iter().filter_map(|(name, state)| Some((name.strip_suffix(".service")?, *state == "active")));
        let watched = watched.filter(|(name, _)| WATCHED.contains(name)).map(|(name, runs)| (name.to_owned(), runs));
        facts.watched_services = Some(watched.collect());
    } else if answer.section("crashed").is_some() {
        // rc-status puts a line around them: a runlevel, or that there are none.
        let names = answer.lines("crashed").map(str::trim).filter(|name| !name.is_empty() && !name.contains([' ', ':', '*']));
        facts.failed_services = Some(bounded(names.filter_map(text).collect(), Area::Services, facts));
    }
    if answer.section("cron").is_some() {
        facts.cron = Some(bounded(cron(answer), Area::Cron, facts));
    }
    facts.firewall = firewall(answer);
    if answer.section("hardening").is_some() {
        facts.hardening = Some(hardening(answer));
    }
    if answer.section("programs").is_some() {
        programs(answer, facts);
        facts.automatic_upgrades = automatic_upgrades(answer);
    }
    if let Some(section) = answer.section("loose").filter(|section| !section.failed) {
        let mut files: Vec<String> = section.lines().filter_map(text).collect();
        files.sort();
        files.truncate(MOST_ENTRIES);
        facts.loose_files = Some(files);
    }
}

/// Services whose state is kept.
const WATCHED: [&str; 4] = ["crowdsec", "fail2ban", "sshguard", "yunohost-api"];

/// What apt.conf(5) says to apt's own timer: `APT::Periodic::Unattended-Upgrade "1";`, off unless it is set, in days or as a time;
/// the last one counts. Of settings in braces nothing is taken.
fn automatic_upgrades(answer: &Answer<'_>) -> Option<bool> {
    let manager = answer.lines("upgrades_state").next()?.trim();
    if !manager.starts_with("apt ") {
        return None;
    }
    let there = answer.lines("programs").any(|path| path.ends_with("/unattended-upgrade"));
    let (mut enabled, mut upgrades) = (true, false);
    for line in answer.lines("periodic") {
        let (name, value) = line.trim().trim_start_matches("APT::Periodic").split_once([' ', '\t'])?;
        let is_on = !matches!(value.trim().trim_end_matches(';').trim_matches('"'), "0" | "false" | "no" | "");
        match name.trim_start_matches(':') {
            "Enable" => enabled = is_on,
            "Unattended-Upgrade" => upgrades = is_on,
            _ => return None,
        }
    }
    Some(there && enabled && upgrades)
}

/// Name and state of a line of `systemctl list-units --plain --no-legend`: name, whether loaded, state, and more. A bullet
/// stands before a unit that has no file.
fn unit(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace().skip_while(|word| !word.contains('.'));
    let name = words.next()?;
    Some((name, words.nth(1)?))
}

fn cron(answer: &Answer<'_>) -> Vec<CronEntry> {
    let section = answer.section("cron");
    let mut entries: Vec<CronEntry> =
        section.into_iter().flat_map(|section| section.lines_of_files()).filter_map(|(file, line)| entry(file, line)).collect();
    for path in answer.lines("cron_scripts") {
        let mut parts = path.rsplit('/');
        let (Some(name), Some(folder)) = (parts.next(), parts.next()) else { continue };
        if name == ".placeholder" {
            continue;
        }
        let schedule = folder.strip_prefix("cron.").unwrap_or(folder);
        entries.extend(text(path).zip(text(schedule)).map(|(file, schedule)| CronEntry {
            file,
            account: "root".to_owned(),
            schedule,
            command: String::new(),
        }));
    }
    entries
}

/// A line of crontab(5). Those of the system name the account; of a person's the file does.
fn entry(file: &str, line: &str) -> Option<CronEntry> {
    let line = line.trim();
    let own = ["/var/spool/cron/crontabs/", "/etc/crontabs/"].iter().find_map(|folder| file.strip_prefix(folder));
    let fields = if line.starts_with('@') { 1 } else { 5 };
    let mut words = line.split_whitespace();
    let schedule: Vec<&str> = words.by_ref().take(fields).collect();
    // `NAME = value` sets a variable.
    let is_time = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '*' | '@' | '?'));
    if schedule.len() < fields || !schedule.first().is_some_and(is_time) {
        return None;
    }
    let account = own.or_else(|| words.next())?;
    let command = words.collect::<Vec<_>>().join(" ");
    Some(CronEntry { file: text(file)?, account: text(account)?, schedule: text(&schedule.join(" "))?, command: text(&command)? })
}

fn firewall(answer: &Answer<'_>) -> Option<Firewall> {
    let ufw = answer.lines("ufw").find_map(|line| line.trim().strip_prefix("ENABLED=")).map(|value| value.trim_matches('"') == "yes");
    let mut firewall = Firewall { ufw, ..Firewall::default() };
    if let Some(section) = answer.section("nft").filter(|section| !section.failed) {
        firewall.kind = FirewallKind::Nftables;
        for line in section.lines() {
            if let Some(rules) = line.strip_prefix("rules ") {
                firewall.rules = rules.parse().ok();
            } else if line.contains("hook input") {
                firewall.input_policies.extend(nft_policy(line));
            }
        }
    } else if let Some(section) = answer.section("iptables").filter(|section| !section.failed) {
        firewall.kind = FirewallKind::Iptables;
        firewall.rules = u64::try_from(section.lines().filter(|line| line.starts_with("-A ")).count()).ok();
        let policy = section.lines().find_map(|line| line.strip_prefix("-P INPUT ")).and_then(text);
        firewall.input_policies.extend(policy.map(|policy| ("filter INPUT".to_owned(), policy.to_ascii_lowercase())));
    }
    (firewall.kind != FirewallKind::Unknown || ufw.is_some()).then_some(firewall)
}

/// The probe's line of a chain: the lines of nft(8) that begin its table, the chain and its type, joined.
fn nft_policy(line: &str) -> Option<(String, String)> {
    let mut parts = line.split('{');
    let table = parts.next()?.trim().strip_prefix("table ")?;
    let chain = parts.next()?.trim().strip_prefix("chain ")?;
    let policy = line.split_once("policy ").and_then(|(_, rest)| rest.split(';').next()).unwrap_or("accept");
    Some((text(&format!("{table} {chain}"))?, text(policy)?))
}

fn hardening(answer: &Answer<'_>) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    for (file, value) in answer.section("hardening").into_iter().flat_map(|section| section.lines_of_files()) {
        let name = if let Some(name) = file.strip_prefix("/proc/sys/") {
            name.replace('/', ".")
        } else if let Some((_, name)) = file.split_once("/vulnerabilities/") {
            if value.starts_with("Not affected") {
                continue;
            }
            format!("vulnerability.{name}")
        } else {
            match file {
                "/sys/kernel/security/lsm" => "lsm",
                "/sys/kernel/security/lockdown" => "lockdown",
                "/sys/module/apparmor/parameters/enabled" => "apparmor",
                "/sys/fs/selinux/enforce" => "selinux",
                _ => continue,
            }
            .to_owned()
        };
        settings.extend(text(&name).zip(text(value)));
    }
    settings
}

fn programs(answer: &Answer<'_>, facts: &mut Facts) {
    let mut roles = BTreeSet::new();
    for path in answer.lines("programs").chain(answer.lines("hints")) {
        let Some((_, name)) = path.rsplit_once('/') else { continue };
        match name {
            "python3" => facts.python3 = text(path),
            "yunohost" => facts.yunohost = text(path),
            _ => {}
        }
        roles.extend(ROLES.iter().find(|(program, _)| *program == name).map(|(_, role)| *role));
    }
    facts.roles = Some(roles);
}

/// By what program, or folder, a role is known.
const ROLES: [(&str, Role); 38] = [
    ("apache2", Role::Apache),
    ("borg", Role::Backup),
    ("caddy", Role::Caddy),
    ("dnsmasq", Role::Dns),
    ("dockerd", Role::Docker),
    ("dovecot", Role::Dovecot),
    ("exportfs", Role::Nfs),
    ("fail2ban-server", Role::Fail2ban),
    ("haproxy", Role::Haproxy),
    ("httpd", Role::Apache),
    ("incusd", Role::Incus),
    ("k3s", Role::Kubernetes),
    ("knotd", Role::Dns),
    ("kubelet", Role::Kubernetes),
    ("libvirtd", Role::Libvirt),
    ("lxc-ls", Role::Lxc),
    ("lxd", Role::Lxd),
    ("mariadbd", Role::Mariadb),
    ("mysqld", Role::Mariadb),
    ("named", Role::Dns),
    ("nginx", Role::Nginx),
    ("nsd", Role::Dns),
    ("pdns_server", Role::Dns),
    ("podman", Role::Podman),
    ("postfix", Role::Postfix),
    ("postgres", Role::Postgresql),
    ("proxmox-backup-client", Role::Backup),
    ("pve", Role::Proxmox),
    ("pveversion", Role::Proxmox),
    ("redis-server", Role::Redis),
    ("restic", Role::Backup),
    ("slapd", Role::Ldap),
    ("smbd", Role::Samba),
    ("unbound", Role::Dns),
    ("valkey-server", Role::Redis),
    ("virtqemud", Role::Libvirt),
    ("wg", Role::Wireguard),
    ("yunohost", Role::Yunohost),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_with_and_without_a_bullet() {
        assert_eq!(unit("nginx.service loaded failed failed A web server"), Some(("nginx.service", "failed")));
        assert_eq!(unit("● gone.service not-found failed failed gone.service"), Some(("gone.service", "failed")));
        assert_eq!(unit("apt-daily.timer loaded active waiting Daily"), Some(("apt-daily.timer", "active")));
        assert_eq!(unit("none"), None);
    }

    #[test]
    fn whether_packages_are_upgraded_by_themselves() {
        let of = |manager: &str, program: &str, lines: &str| {
            automatic_upgrades(&Answer::read(&format!("=upgrades_state\n {manager} 1 2\n=programs\n {program}\n=periodic\n:/a\n{lines}")))
        };
        let (there, on) = ("/usr/bin/unattended-upgrade", " APT::Periodic::Unattended-Upgrade \"1\";\n");
        assert_eq!(of("apt", there, on), Some(true));
        assert_eq!(of("apt", there, &format!("{on} APT::Periodic::Enable \"0\";\n")), Some(false));
        assert_eq!(of("apt", there, &format!("{on} APT::Periodic::Unattended-Upgrade \"0\";\n")), Some(false), "the last one counts");
        assert_eq!((of("apt", "/usr/bin/apt", on), of("apt", there, "")), (Some(false), Some(false)));
        assert_eq!((of("apk", there, on), of("apt", there, " APT::Periodic {\n")), (None, None));
    }

    #[test]
    fn lines_of_cron() {
        let of = |file: &str, line: &str| entry(file, line).map(|entry| (entry.account, entry.schedule, entry.command));
        let some = |account: &str, schedule: &str, command: &str| Some((account.to_owned(), schedule.to_owned(), command.to_owned()));
        assert_eq!(of("/etc/cron.d/x", "*/5 * * * 1-5 www-data  php  cron"), some("www-data", "*/5 * * * 1-5", "php cron"));
        assert_eq!(of("/var/spool/cron/crontabs/anna", "@reboot run it"), some("anna", "@reboot", "run it"));
        for line in ["PATH=/bin", "MAILTO = root", "", "* * *", "1 2 3 4 5", "SHELL=/bin/sh a b c d e f"] {
            assert_eq!(of("/etc/crontab", line), None, "{line}");
        }
    }

    #[test]
    fn what_becomes_of_packets_that_no_rule_decides() {
        let line = "table inet filter {\tchain input {\t\ttype filter hook input priority filter; policy drop;";
        assert_eq!(nft_policy(line), Some(("inet filter input".to_owned(), "drop".to_owned())));
        assert_eq!(nft_policy("hook input"), None);
        let of = |sections: &str| firewall(&Answer::read(sections)).expect("a firewall");
        let nft = of(&format!("=nft\n {line}\n rules 3\n=ufw\n:/etc/ufw/ufw.conf\n ENABLED=yes\n"));
        assert_eq!((nft.kind, nft.rules, nft.ufw, nft.input_policies.len()), (FirewallKind::Nftables, Some(3), Some(true), 1));
        let iptables = of("=iptables\n -P INPUT DROP\n -P FORWARD ACCEPT\n -A INPUT -i lo -j ACCEPT\n");
        assert_eq!((iptables.kind, iptables.rules), (FirewallKind::Iptables, Some(1)));
        assert_eq!(iptables.input_policies["filter INPUT"], "drop");
    }
}
