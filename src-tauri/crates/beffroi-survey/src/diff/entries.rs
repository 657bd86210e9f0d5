//! Facts as entries that can be compared: of each field, values by what names them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::facts::{Account, Area, Certificate, Disk, Facts, Firewall, FirewallKind, Interface, Missing, Reboot, Sudo, Upgrades};

/// Values by what names them. A field that is one value has it under the empty key.
pub(super) type Entries = BTreeMap<Vec<String>, String>;

/// A field of [`Facts`].
pub(super) struct Field {
    pub(super) area: Area,
    pub(super) name: &'static str,
    /// `None` when it is not known.
    pub(super) entries: Option<Entries>,
}

/// What is not compared: the clock, which is never the same, and the mark of the state that packages were read in.
pub const IGNORED: [&str; 4] = ["authorized_keys.0.bits", "clock_seconds", "clock_nanoseconds", "upgrades.state"];

/// Every field, always in the same order. A new field of [`Facts`] must be named here, or this does not build.
pub(super) fn fields(facts: &Facts) -> Vec<Field> {
    let Facts {
        hostname,
        os_id,
        os_version,
        os_name,
        kernel,
        architecture,
        uptime_seconds,
        load,
        cpus,
        memory_total_bytes,
        memory_available_bytes,
        swap_total_bytes,
        swap_free_bytes,
        disk_total_bytes,
        disk_used_bytes,
        inodes_total,
        inodes_used,
        virtualisation,
        user,
        uid,
        clock_seconds: _,
        python3,
        yunohost,
        clock_nanoseconds: _,
        clock_synchronised,
        time_zone,
        utc_offset_minutes,
        machine,
        hardware_vendor,
        hardware_model,
        parent_hints,
        init,
        disks,
        interfaces,
        default_routes,
        resolvers,
        listeners,
        failed_services,
        upgrades,
        reboot,
        accounts,
        sudo,
        authorized_keys,
        host_keys,
        sshd,
        cron,
        timers,
        certificates,
        firewall,
        hardening,
        watched_services,
        automatic_upgrades,
        loose_files,
        roles,
        missing,
    } = facts;
    let field = |area, name, entries| Field { area, name, entries };
    vec![
        field(Area::System, "hostname", one(hostname)),
        field(Area::System, "os_id", one(os_id)),
        field(Area::System, "os_version", one(os_version)),
        field(Area::System, "os_name", one(os_name)),
        field(Area::System, "kernel", one(kernel)),
        field(Area::System, "architecture", one(architecture)),
        field(Area::Memory, "uptime_seconds", one(uptime_seconds)),
        field(Area::Memory, "load", load.map(|load| single(load.map(|load| load.to_string()).join(" ")))),
        field(Area::System, "cpus", one(cpus)),
        field(Area::Memory, "memory_total_bytes", one(memory_total_bytes)),
        field(Area::Memory, "memory_available_bytes", one(memory_available_bytes)),
        field(Area::Memory, "swap_total_bytes", one(swap_total_bytes)),
        field(Area::Memory, "swap_free_bytes", one(swap_free_bytes)),
        field(Area::Disks, "disk_total_bytes", one(disk_total_bytes)),
        field(Area::Disks, "disk_used_bytes", one(disk_used_bytes)),
        field(Area::Disks, "inodes_total", one(inodes_total)),
        field(Area::Disks, "inodes_used", one(inodes_used)),
        field(Area::System, "virtualisation", one(virtualisation)),
        field(Area::Survey, "user", one(user)),
        field(Area::Survey, "uid", one(uid)),
        field(Area::System, "python3", one(python3)),
        field(Area::System, "yunohost", one(yunohost)),
        field(Area::Clock, "clock_synchronised", one(clock_synchronised)),
        field(Area::Clock, "time_zone", one(time_zone)),
        field(Area::Clock, "utc_offset_minutes", one(utc_offset_minutes)),
        field(Area::System, "machine", one(machine)),
        field(Area::System, "hardware_vendor", one(hardware_vendor)),
        field(Area::System, "hardware_model", one(hardware_model)),
        field(Area::System, "parent_hints", many(parent_hints, |hint| [(vec![hint.clone()], hint.clone())])),
        field(Area::System, "init", one(init)),
        field(Area::Disks, "disks", many(disks, disk)),
        field(Area::Addresses, "interfaces", many(interfaces, interface)),
        field(
            Area::Routes,
            "default_routes",
            many(default_routes, |route| [(vec![route.interface.clone(), route.gateway.clone()], route.metric.to_string())]),
        ),
        field(Area::Routes, "resolvers", resolvers.as_ref().map(|resolvers| single(resolvers.join(" ")))),
        field(
            Area::Listeners,
            "listeners",
            many(listeners, |listener| {
                let key = vec![word(&listener.protocol), listener.address.clone(), listener.port.to_string()];
                [(key, listener.process.clone().unwrap_or_default())]
            }),
        ),
        field(Area::Services, "failed_services", many(failed_services, |name| [(vec![name.clone()], name.clone())])),
        field(Area::Packages, "upgrades", upgrades.as_ref().map(packages)),
        field(Area::Reboot, "reboot", reboot.as_ref().map(restart)),
        field(Area::Accounts, "accounts", many(accounts, account)),
        field(Area::Sudo, "sudo", sudo.as_ref().map(members)),
        field(Area::Sudo, "sudo_rules", sudo.as_ref().and_then(rules)),
        field(
            Area::AuthorizedKeys,
            "authorized_keys",
            many(authorized_keys, |key| {
                let value = [key.options.as_str(), &key.algorithm, &key.comment].join(" ").trim().to_owned();
                [(vec![key.account.clone(), key.fingerprint.clone(), key.file.clone()], value)]
            }),
        ),
        field(
            Area::HostKeys,
            "host_keys",
            many(host_keys, |key| [(vec![key.algorithm.clone(), key.fingerprint.clone()], key.fingerprint.clone())]),
        ),
        field(Area::Sshd, "sshd", many(sshd, |(name, value)| [(vec![name.clone()], value.clone())])),
        field(
            Area::Cron,
            "cron",
            many(cron, |entry| {
                let key = vec![entry.file.clone(), entry.account.clone(), entry.schedule.clone(), entry.command.clone()];
                [(key, if entry.command.is_empty() { entry.file.clone() } else { entry.command.clone() })]
            }),
        ),
        field(Area::Timers, "timers", many(timers, |timer| [(vec![timer.name.clone()], word(&timer.active))])),
        field(Area::Certificates, "certificates", many(certificates, certificate)),
        field(Area::Firewall, "firewall", firewall.as_ref().map(filter).or_else(|| none_to_ask(facts))),
        field(Area::Hardening, "hardening", many(hardening, |(name, value)| [(vec![name.clone()], value.clone())])),
        field(Area::Services, "watched_services", many(watched_services, |(name, runs)| [(vec![name.clone()], runs.to_string())])),
        field(Area::Packages, "automatic_upgrades", one(automatic_upgrades)),
        field(Area::Accounts, "loose_files", many(loose_files, |file| [(vec![file.clone()], file.clone())])),
        field(Area::System, "roles", many(roles, |role| [(vec![word(role)], word(role))])),
        field(Area::Survey, "missing", Some(missing.iter().map(|(area, why)| (vec![word(area)], word(why))).collect())),
    ]
}

fn single(value: String) -> Entries {
    Entries::from([(Vec::new(), value)])
}

fn one<T: ToString>(value: &Option<T>) -> Option<Entries> {
    value.as_ref().map(|value| single(value.to_string()))
}

fn many<'a, L, T, E>(list: &'a Option<L>, entries: impl Fn(T) -> E) -> Option<Entries>
where
    &'a L: IntoIterator<Item = T>,
    E: IntoIterator<Item = (Vec<String>, String)>,
{
    list.as_ref().map(|list| list.into_iter().flat_map(entries).collect())
}

/// The word by which a value is stored.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

fn disk(disk: &Disk) -> Vec<(Vec<String>, String)> {
    let Disk { mount, device, kind, read_only, total_bytes, used_bytes, available_bytes, inodes_total, inodes_used } = disk;
    let access = if *read_only { "ro" } else { "rw" };
    let of = |what: &str, value: &u64| (vec![mount.clone(), what.to_owned()], value.to_string());
    vec![
        (vec![mount.clone()], format!("{device} {kind} {access} {total_bytes}")),
        of("used_bytes", used_bytes),
        of("available_bytes", available_bytes),
        of("inodes_total", inodes_total),
        of("inodes_used", inodes_used),
    ]
}

fn interface(interface: &Interface) -> Vec<(Vec<String>, String)> {
    let Interface { name, state, hardware_address, addresses } = interface;
    let mut entries: Vec<_> = addresses.iter().map(|address| (vec![name.clone(), address.clone()], address.clone())).collect();
    entries.push((vec![name.clone()], format!("{state} {hardware_address}").trim().to_owned()));
    entries
}

fn packages(upgrades: &Upgrades) -> Entries {
    let Upgrades { state: _, lists_seconds, packages } = upgrades;
    let mut entries = Entries::from([(vec!["lists_seconds".to_owned()], lists_seconds.to_string())]);
    for package in packages {
        let kind = if package.security { " security" } else { "" };
        entries.insert(vec!["packages".to_owned(), package.name.clone()], format!("{} {}{kind}", package.installed, package.candidate));
    }
    entries
}

fn restart(reboot: &Reboot) -> Entries {
    let Reboot { required, packages } = reboot;
    let packages = packages.iter().map(|package| (vec!["packages".to_owned(), package.clone()], package.clone()));
    packages.chain([(vec!["required".to_owned()], required.to_string())]).collect()
}

fn account(account: &Account) -> Vec<(Vec<String>, String)> {
    let Account { name, uid, home, shell, groups, password } = account;
    let groups = groups.iter().map(|group| (vec![name.clone(), "groups".to_owned(), group.clone()], group.clone()));
    let password = password.as_ref().map(word).unwrap_or_default();
    let own = [(vec![name.clone()], format!("{uid} {shell} {home}")), (vec![name.clone(), "password".to_owned()], password)];
    groups.chain(own).collect()
}

fn members(sudo: &Sudo) -> Entries {
    sudo.members.iter().map(|member| (vec![member.group.clone(), member.account.clone()], member.account.clone())).collect()
}

fn rules(sudo: &Sudo) -> Option<Entries> {
    many(&sudo.rules, |rule| {
        let kind = if rule.no_password { "NOPASSWD" } else { "PASSWD" };
        [(vec![rule.file.clone(), rule.who.clone(), rule.rule.clone(), kind.to_owned()], rule.rule.clone())]
    })
}

fn certificate(certificate: &Certificate) -> Vec<(Vec<String>, String)> {
    let Certificate { path, subject, issuer, names, not_before_seconds, not_after_seconds, fingerprint } = certificate;
    let of = |what: &str, value: String| (vec![path.clone(), what.to_owned()], value);
    vec![
        (vec![path.clone()], fingerprint.clone()),
        of("subject", subject.clone()),
        of("issuer", issuer.clone()),
        of("names", names.join(" ")),
        of("not_before_seconds", not_before_seconds.to_string()),
        of("not_after_seconds", not_after_seconds.to_string()),
    ]
}

/// That no packet filter is installed is an answer.
fn none_to_ask(facts: &Facts) -> Option<Entries> {
    (facts.missing.get(&Area::Firewall) == Some(&Missing::NoTool)).then(Entries::new)
}

fn filter(firewall: &Firewall) -> Entries {
    let Firewall { kind, rules, input_policies, ufw } = firewall;
    let known = if *kind == FirewallKind::Unknown { String::new() } else { word(kind) };
    let mut entries = Entries::from([(vec!["kind".to_owned()], known)]);
    entries.extend(rules.map(|rules| (vec!["rules".to_owned()], rules.to_string())));
    entries.extend(ufw.map(|ufw| (vec!["ufw".to_owned()], ufw.to_string())));
    entries.extend(input_policies.iter().map(|(chain, policy)| (vec!["input_policies".to_owned(), chain.clone()], policy.clone())));
    entries
}
