//! Many instances at once, as their last surveys have them: versions, upgrades that wait, certificates, what the diagnosis found,
//! backups. Nothing is asked of any host.

mod backups;
mod upgrades;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use backups::{BackupProgram, InstanceBackups};
pub use upgrades::{PendingAt, PendingUpgrade};

use crate::facts::{Finding, YunohostFacts};
use version::newest;

/// An instance, as its last survey has it.
#[derive(Debug, Clone, Copy)]
pub struct Instance<'a> {
    /// The host's name.
    pub host: &'a str,
    /// When the survey was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// What the machine runs, such as `Debian GNU/Linux 12 (bookworm)`.
    pub os: Option<&'a str>,
    /// What the survey found.
    pub facts: &'a YunohostFacts,
}

/// A version of something, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetVersion {
    /// Of what: a package of YunoHost, or `os`.
    pub what: String,
    /// The version.
    pub version: String,
    /// `stable`, `testing`, `unstable`; empty for the system.
    pub repo: String,
    /// Hosts that have it.
    pub hosts: Vec<String>,
    /// Whether another host has a newer one.
    pub behind: bool,
}

/// A version of an application, and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetApp {
    /// The application by its name in the catalog, such as `nextcloud`.
    pub app: String,
    /// The version.
    pub version: String,
    /// Whether another host has a newer one, or the catalog of one of these hosts.
    pub behind: bool,
    /// Where it is installed.
    pub instances: Vec<FleetAppAt>,
}

/// An application on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetAppAt {
    /// The host.
    pub host: String,
    /// The instance, such as `nextcloud__2`.
    pub id: String,
    /// What people see.
    pub name: String,
    /// Where it answers, when it does.
    pub domain_path: Option<String>,
    /// `up_to_date`, `upgradable`, `url_required` or another word of YunoHost's.
    pub upgrade: Option<String>,
    /// The version an upgrade would bring.
    pub new_version: Option<String>,
}

/// The certificate of a domain of a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetCertificate {
    /// The host.
    pub host: String,
    /// The domain.
    pub domain: String,
    /// Whether it is the main one.
    pub main: bool,
    /// Who signed it.
    pub issuer: String,
    /// What YunoHost takes the issuer for: `letsencrypt`, `selfsigned`, `other`…
    pub issuer_kind: String,
    /// Days left, counted from now; below zero once it ended.
    pub days: Option<i64>,
    /// `danger`, `warning`, `success`…
    pub style: String,
    /// What YunoHost says in a word.
    pub summary: String,
}

/// Something that the diagnosis found on one host or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetFinding {
    /// The category: `ip`, `services`…
    pub category: String,
    /// `ERROR` or `WARNING`.
    pub status: String,
    /// A sentence in English, as the first of the hosts has it.
    pub summary: String,
    /// What to do, in English.
    pub details: Vec<String>,
    /// The filter that hides it: the words of `diagnosis ignore`.
    pub filter: Vec<String>,
    /// Whether a filter hides it on these hosts.
    pub ignored: bool,
    /// Whether it only says that the host has no way to the Internet.
    pub only_no_internet: bool,
    /// Hosts on which it was found, and when.
    pub hosts: Vec<FleetFindingAt>,
}

/// A finding on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FleetFindingAt {
    /// The host.
    pub host: String,
    /// The sentence there.
    pub summary: String,
    /// When the report was made, in milliseconds since 1970.
    pub made_ms: Option<u64>,
}

/// All views over a fleet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Fleet {
    /// Which version of YunoHost, of its packages and of the system is where.
    pub versions: Vec<FleetVersion>,
    /// Which version of each application is where.
    pub apps: Vec<FleetApp>,
    /// What upgrades wait, and what they touch.
    pub upgrades: Vec<PendingUpgrade>,
    /// The certificates, those that end first before the others.
    pub certificates: Vec<FleetCertificate>,
    /// What the diagnosis found, errors first; ignored ones and those that only say that there is no Internet last.
    pub diagnosis: Vec<FleetFinding>,
    /// The backups of each host, the oldest first.
    pub backups: Vec<InstanceBackups>,
}

impl Fleet {
    /// Computes the views. `now_ms` is the present, in milliseconds since 1970.
    #[must_use]
    pub fn of(instances: &[Instance<'_>], now_ms: u64) -> Self {
        Self {
            versions: versions(instances),
            apps: apps(instances),
            upgrades: upgrades::pending(instances),
            certificates: certificates(instances, now_ms),
            diagnosis: diagnosis(instances),
            backups: backups::backups(instances),
        }
    }
}

fn versions(instances: &[Instance<'_>]) -> Vec<FleetVersion> {
    let mut found: BTreeMap<(&str, &str, &str), Vec<String>> = BTreeMap::new();
    for instance in instances {
        for (name, package) in instance.facts.versions.value().into_iter().flatten() {
            found.entry((name, &package.version, &package.repo)).or_default().push(instance.host.to_owned());
        }
        if let Some(os) = instance.os {
            found.entry(("os", os, "")).or_default().push(instance.host.to_owned());
        }
    }
    let latest = newest(found.keys().map(|(what, version, _)| (*what, *version)));
    let line = |((what, version, repo), hosts): ((&str, &str, &str), Vec<String>)| FleetVersion {
        behind: latest.get(what).is_some_and(|latest| *latest != version),
        what: what.to_owned(),
        version: version.to_owned(),
        repo: repo.to_owned(),
        hosts,
    };
    let mut lines: Vec<FleetVersion> = found.into_iter().map(line).collect();
    // YunoHost itself, then the system, then the rest.
    lines.sort_by_key(|line| (line.what != "yunohost", line.what != "os"));
    lines
}

/// The name in the catalog of an instance: `hextris__2` is a second `hextris`.
fn catalog_name(id: &str) -> &str {
    id.rsplit_once("__").filter(|(_, number)| number.parse::<u32>().is_ok()).map_or(id, |(name, _)| name)
}

fn apps(instances: &[Instance<'_>]) -> Vec<FleetApp> {
    let mut found: BTreeMap<(&str, &str), Vec<FleetAppAt>> = BTreeMap::new();
    let mut offered = Vec::new();
    for instance in instances {
        for (id, app) in instance.facts.apps.value().into_iter().flatten() {
            let name = catalog_name(id);
            offered.extend(app.new_version.as_deref().map(|version| (name, version)));
            found.entry((name, &app.version)).or_default().push(FleetAppAt {
                host: instance.host.to_owned(),
                id: id.clone(),
                name: app.name.clone(),
                domain_path: app.domain_path.clone(),
                upgrade: app.upgrade_status.clone(),
                new_version: app.new_version.clone(),
            });
        }
    }
    let latest = newest(found.keys().copied().chain(offered));
    let line = |((app, version), instances): ((&str, &str), Vec<FleetAppAt>)| FleetApp {
        behind: latest.get(app).is_some_and(|latest| *latest != version),
        app: app.to_owned(),
        version: version.to_owned(),
        instances,
    };
    found.into_iter().map(line).collect()
}

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

fn certificates(instances: &[Instance<'_>], now_ms: u64) -> Vec<FleetCertificate> {
    let mut lines = Vec::new();
    for instance in instances {
        let gone = i64::try_from(now_ms.saturating_sub(instance.taken_ms) / DAY_MS).unwrap_or(i64::MAX);
        let main = instance.facts.domains.value().and_then(|domains| domains.main.as_ref());
        for (domain, certificate) in instance.facts.certificates.value().into_iter().flatten() {
            lines.push(FleetCertificate {
                host: instance.host.to_owned(),
                domain: domain.clone(),
                main: main == Some(domain),
                issuer: certificate.issuer.clone(),
                issuer_kind: certificate.issuer_kind.clone(),
                days: certificate.days.map(|days| days.saturating_sub(gone)),
                style: certificate.style.clone(),
                summary: certificate.summary.clone(),
            });
        }
    }
    lines.sort_by(|one, other| (one.days, &one.host, &one.domain).cmp(&(other.days, &other.host, &other.domain)));
    lines
}

fn diagnosis(instances: &[Instance<'_>]) -> Vec<FleetFinding> {
    let mut found: BTreeMap<(Vec<String>, String, bool), FleetFinding> = BTreeMap::new();
    for instance in instances {
        for report in instance.facts.diagnosis.value().into_iter().flat_map(|diagnosis| &diagnosis.reports) {
            for finding in &report.findings {
                let filter = finding.filter(&report.id);
                let line = found.entry((filter.clone(), finding.status.clone(), finding.ignored)).or_insert_with(|| FleetFinding {
                    category: report.id.clone(),
                    status: finding.status.clone(),
                    summary: finding.summary.clone(),
                    details: finding.details.clone(),
                    filter,
                    ignored: finding.ignored,
                    only_no_internet: report.only_needs_internet(finding),
                    hosts: Vec::new(),
                });
                line.hosts.push(at(instance, report.made_at, finding));
            }
        }
    }
    let mut lines: Vec<FleetFinding> = found.into_values().collect();
    for line in &mut lines {
        // A filter that hides nothing but its category stands for several findings of one host.
        let mut seen = BTreeSet::new();
        line.hosts.retain(|at| seen.insert(at.host.clone()));
    }
    lines.sort_by_key(|line| (line.ignored, line.only_no_internet, line.status != "ERROR", std::cmp::Reverse(line.hosts.len())));
    lines
}

fn at(instance: &Instance<'_>, made_at: Option<i64>, finding: &Finding) -> FleetFindingAt {
    let made_ms = made_at.and_then(|seconds| u64::try_from(seconds).ok()?.checked_mul(1000));
    FleetFindingAt { host: instance.host.to_owned(), summary: finding.summary.clone(), made_ms }
}
