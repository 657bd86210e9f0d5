//! From the sections of the probe to facts. What is not understood in one entry is left out, the others are kept.

mod access;
mod certificate;
mod machine;
mod network;
mod packages;
mod service;
mod sshd;

use std::collections::BTreeMap;

use crate::facts::{Area, Facts, MOST_ENTRIES, Missing, Upgrades};
use crate::wire::Answer;
use beffroi_remote::clean;

/// Of what area a section tells. A section that is not here cannot be missed.
const AREAS: [(&str, Area); 37] = [
    ("addresses", Area::Addresses),
    ("certificates", Area::Certificates),
    ("clock", Area::Clock),
    ("crashed", Area::Services),
    ("cron", Area::Cron),
    ("cron_scripts", Area::Cron),
    ("firewall", Area::Firewall),
    ("groups", Area::Sudo),
    ("hardening", Area::Hardening),
    ("hints", Area::System),
    ("host_keys", Area::HostKeys),
    ("if_inet6", Area::Addresses),
    ("interfaces", Area::Addresses),
    ("iptables", Area::Firewall),
    ("kernel", Area::System),
    ("kernels", Area::Reboot),
    ("keys", Area::AuthorizedKeys),
    ("listening", Area::Listeners),
    ("memory", Area::Memory),
    ("mounts", Area::Disks),
    ("nft", Area::Firewall),
    ("passwd", Area::Accounts),
    ("programs", Area::System),
    ("reboot", Area::Reboot),
    ("references", Area::Certificates),
    ("release", Area::System),
    ("resolvers", Area::Routes),
    ("routes", Area::Routes),
    ("shadow", Area::Accounts),
    ("sizes", Area::Disks),
    ("ss", Area::Listeners),
    ("sshd_config", Area::Sshd),
    ("sudoers", Area::Sudo),
    ("ufw", Area::Firewall),
    ("units", Area::Services),
    ("upgrades", Area::Packages),
    ("upgrades_state", Area::Packages),
];

/// Sections of which one at least comes with every whole answer, with their areas.
const ALWAYS: [(&[&str], Area); 15] = [
    (&["memory"], Area::Memory),
    (&["passwd"], Area::Accounts),
    (&["groups"], Area::Sudo),
    (&["cron_scripts"], Area::Cron),
    (&["certificates"], Area::Certificates),
    (&["host_keys"], Area::HostKeys),
    (&["sshd_config"], Area::Sshd),
    (&["hardening"], Area::Hardening),
    (&["keys"], Area::AuthorizedKeys),
    (&["sizes"], Area::Disks),
    (&["clock"], Area::Clock),
    (&["interfaces"], Area::Addresses),
    (&["ss", "netstat", "listening"], Area::Listeners),
    (&["units", "crashed"], Area::Services),
    (&["upgrades_state"], Area::Packages),
];

/// Reads everything. `known` are the upgrades that the host was told are known here.
pub(crate) fn facts(answer: &Answer<'_>, known: Option<&Upgrades>) -> Facts {
    let mut facts = Facts { missing: missing(answer), ..Facts::default() };
    machine::read(answer, &mut facts);
    network::read(answer, &mut facts);
    access::read(answer, &mut facts);
    service::read(answer, &mut facts);
    sshd::read(answer, &mut facts);
    packages::read(answer, known, &mut facts);
    certificate::read(answer, &mut facts);
    facts
}

fn missing(answer: &Answer<'_>) -> BTreeMap<Area, Missing> {
    let area = |name: &str| AREAS.iter().find(|(section, _)| *section == name).map(|(_, area)| *area);
    let mut missing = BTreeMap::new();
    let mut add = |area: Area, why: Missing| {
        missing.entry(area).or_insert(why);
        if area == Area::Services {
            missing.entry(Area::Timers).or_insert(why);
        }
    };
    for (section, word) in &answer.missing {
        if let Some(area) = area(section).filter(|_| *section != "shadow") {
            add(area, reason(word));
        }
    }
    for (name, section) in answer.sections().filter(|(_, section)| section.cut || section.failed) {
        if let Some(area) = area(name) {
            add(area, if section.cut { Missing::Cut } else { Missing::Failed });
        }
    }
    if !answer.ended {
        for (names, area) in ALWAYS {
            if names.iter().all(|name| answer.section(name).is_none()) {
                add(area, Missing::NotAnswered);
            }
        }
    }
    missing
}

fn reason(word: &str) -> Missing {
    match word {
        "not-readable" => Missing::NotReadable,
        "no-tool" => Missing::NoTool,
        "not-asked" => Missing::NotAsked,
        _ => Missing::Failed,
    }
}

/// A text of the host, or nothing when nothing is left of it.
fn text(value: &str) -> Option<String> {
    Some(clean(value)).filter(|text| !text.is_empty())
}

/// A list in order, without repetition, as long as a list may be. Tells in `facts` when it was longer.
fn bounded<T: Ord>(mut list: Vec<T>, area: Area, facts: &mut Facts) -> Vec<T> {
    list.sort();
    list.dedup();
    cut(list, area, facts)
}

/// A list as long as a list may be. Tells in `facts` when it was longer.
fn cut<T>(mut list: Vec<T>, area: Area, facts: &mut Facts) -> Vec<T> {
    if list.len() > MOST_ENTRIES {
        list.truncate(MOST_ENTRIES);
        facts.missing.insert(area, Missing::Cut);
    }
    list
}
