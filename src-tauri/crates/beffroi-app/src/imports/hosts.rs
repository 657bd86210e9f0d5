//! Hosts of a file: which are new, which are known, and what they come to.

use std::collections::HashMap;

use beffroi_domain::{Access, HostId, HostName, Login, SecretId, StageName, TargetRecord};
use beffroi_import::formats::ssh_config::local_user;
use beffroi_import::{Format, Host, HostKey, Parsed};
use beffroi_ssh::known_hosts;

use super::names::{Names, host_name, tag};
use super::rows::is_without;
use super::side::Side;
use super::stages::StageRules;
use super::{ImportRules, Pending};
use crate::host_keys::KnownHostsOfHost;
use crate::hosts::{checked_address, checked_user};
use crate::session::{Session, Standing};

/// Hosts that one way leads through, at most.
const MOST_JUMPS: usize = 16;

/// How a host of a file stands against the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostStanding {
    /// Not there yet.
    New,
    /// There, by its name or by its address and port.
    Known,
    /// There by its name, with another address, port or account.
    Changed,
    /// Not taken, and why: `address` or `user` are none that can be connected with, `record-forged`, `jump-missing`, `jump-loop`.
    Refused(&'static str),
    /// Its stage is sealed.
    Sealed,
}

/// A host of a file, compared with the vault.
pub(super) struct JudgedHost {
    /// Its place in the file.
    pub(super) host: usize,
    pub(super) standing: HostStanding,
    pub(super) name: String,
    pub(super) stage: StageName,
    /// The host of the vault that it is.
    pub(super) target: Option<usize>,
}

/// Compares the hosts of a file with those of the vault. What the person asks for by name is no question of hosts.
pub(super) fn judge_hosts(session: &Session, side: &Side, pending: &Pending, stages: &StageRules, rules: &ImportRules) -> Vec<JudgedHost> {
    let mut names = Names::new(side.targets.iter().map(|target| target.record.name.to_string()));
    let mut judged = Vec::new();
    let only = rules.only.as_deref().unwrap_or_default().trim_matches('*').to_lowercase();
    for (place, host) in pending.parsed.hosts.iter().enumerate() {
        if !host.name.to_lowercase().contains(&only) && !host.address.contains(&only) {
            continue;
        }
        if rules.without_hosts.contains(&place) || is_without(rules, &host.name) || is_without(rules, address(host)) {
            continue;
        }
        let found = known(side, host);
        let target = found.and_then(|found| side.targets.get(found));
        let stage = match target {
            Some(target) => target.record.stage.clone(),
            None => stages.of(&host.path, host.stage.as_deref()).unwrap_or(stages.chosen()).clone(),
        };
        let reaches = |record: &TargetRecord| {
            let is_it = |access: &Access| access.address.eq_ignore_ascii_case(address(host)) && access.port == port(host);
            record.accesses().any(is_it)
        };
        let standing = match target {
            _ if checked_address(address(host)).is_err() => HostStanding::Refused("address"),
            _ if host.user.as_deref().is_some_and(|user| checked_user(user).is_err()) => HostStanding::Refused("user"),
            Some(target) if target.standing == Standing::Sealed => HostStanding::Sealed,
            Some(target) if target.standing == Standing::Forged => HostStanding::Refused("record-forged"),
            Some(target) => {
                let same_user = host.user.as_ref().is_none_or(|user| target.record.accesses().any(|access| access.user == *user));
                if reaches(&target.record) && same_user { HostStanding::Known } else { HostStanding::Changed }
            }
            None if session.open_stage(&stage).is_err() => HostStanding::Sealed,
            None => HostStanding::New,
        };
        let name = match target {
            Some(target) => target.record.name.to_string(),
            None => names.host(&host.name).to_string(),
        };
        judged.push(JudgedHost { host: place, standing, name, stage, target: found });
    }
    refuse_jumps(side, &pending.parsed.hosts, &mut judged);
    judged
}

/// Refuses new hosts whose way leads nowhere, or through themselves: a connection that left out the host before would go elsewhere.
fn refuse_jumps(side: &Side, hosts: &[Host], judged: &mut [JudgedHost]) {
    let before = |place: usize| hosts.get(place).and_then(|host| host.jump.last()).map(|jump| host_name(jump));
    loop {
        let standing: HashMap<String, (usize, HostStanding)> =
            judged.iter().filter_map(|judged| Some((host_name(&hosts.get(judged.host)?.name), (judged.host, judged.standing)))).collect();
        let why = |place: usize| {
            let mut next = before(place)?;
            for _ in 0..=hosts.len().min(MOST_JUMPS) {
                match standing.get(&next) {
                    Some((_, HostStanding::Refused(_) | HostStanding::Sealed)) => return Some("jump-missing"),
                    Some((_, HostStanding::Known | HostStanding::Changed)) => return None,
                    Some((place, HostStanding::New)) => next = before(*place)?,
                    None => return if side.host_named(&next).is_some() { None } else { Some("jump-missing") },
                }
            }
            Some("jump-loop")
        };
        let refused: Vec<_> =
            judged.iter().map(|judged| if judged.standing == HostStanding::New { why(judged.host) } else { None }).collect();
        if refused.iter().all(Option::is_none) {
            return;
        }
        for (judged, why) in judged.iter_mut().zip(refused) {
            judged.standing = why.map_or(judged.standing, HostStanding::Refused);
        }
    }
}

/// The host of the vault that a file's is: by its name, else by its address and port.
fn known(side: &Side, host: &Host) -> Option<usize> {
    // Every client has a 192.168.1.10: behind another host an address says nothing.
    let is_there = |access: &Access| access.port == port(host) && access.jump.is_none() && host.jump.is_empty();
    let reaches = |place: &usize| side.targets.get(*place).is_some_and(|target| target.record.accesses().any(is_there));
    side.host_named(&host_name(&host.name)).or_else(|| side.hosts_at(address(host)).into_iter().find(reaches))
}

pub(super) fn address(host: &Host) -> &str {
    if host.address.is_empty() { &host.name } else { &host.address }
}

pub(super) fn port(host: &Host) -> u16 {
    host.port.unwrap_or(22)
}

/// The account that a new host is logged in to: the one that its file says, or means by saying none.
pub(super) fn account(host: &Host, format: Format) -> String {
    let meant = || match format {
        Format::SshConfig | Format::SshFolder => Some(local_user()).filter(|user| checked_user(user).is_ok()),
        _ => None,
    };
    host.user.clone().or_else(meant).unwrap_or_else(|| "root".to_owned())
}

/// The record of a new host, without its way through others.
pub(super) fn record(host: &Host, format: Format, name: HostName, stage: StageName) -> TargetRecord {
    let user = account(host, format);
    let access = Access::new(address(host), port(host), user);
    let mut record = TargetRecord::new(HostId::make(), name, stage, access);
    record.tags = host.tags.iter().filter_map(|label| tag(label)).take(32).collect();
    record.tags.sort();
    record.tags.dedup();
    record
}

/// Has a host log in with a secret, unless it logs in with something. Whether it does now.
pub(super) fn bind(record: &mut TargetRecord, secret: SecretId, stage: &StageName, user: Option<&str>) -> bool {
    let same_user = user.is_none_or(|user| user == record.access.user);
    if record.login.is_some() || record.stage != *stage || !same_user {
        return false;
    }
    record.login = Some(Login::Secret(secret));
    true
}

/// The keys of hosts of a file, as `known_hosts` has them.
pub(super) fn host_keys(keys: &[HostKey]) -> Vec<known_hosts::Entry> {
    let mut text = String::new();
    for key in keys {
        let marker = match key.marker {
            "cert-authority" => "@cert-authority ",
            "revoked" => "@revoked ",
            _ => "",
        };
        text.push_str(&format!("{marker}{} {}\n", key.hosts, key.key));
    }
    known_hosts::parse(text.as_bytes()).entries
}

/// How many of the keys of a file are of no host that comes with it: they are not trusted.
pub(super) fn keys_left(parsed: &Parsed, hosts: &[JudgedHost]) -> usize {
    let new = hosts.iter().filter(|judged| judged.standing == HostStanding::New);
    let way = |host: &Host| Access::new(address(host), port(host), "");
    let ways: Vec<Access> = new.filter_map(|judged| parsed.hosts.get(judged.host)).filter(|host| host.jump.is_empty()).map(way).collect();
    let is_taken = |entry: &&known_hosts::Entry| ways.iter().any(|way| crate::host_keys::is_about(entry, way));
    parsed.host_keys.len() - host_keys(&parsed.host_keys).iter().filter(is_taken).count()
}

impl Session {
    /// Trusts what a file's `known_hosts` says of a new host.
    pub(super) fn take_keys(&self, record: &mut TargetRecord, keys: &[known_hosts::Entry]) {
        let accesses: Vec<Access> = record.accesses().filter(|access| access.jump.is_none()).cloned().collect();
        let mut found = KnownHostsOfHost::default();
        for entry in keys {
            let meant: Vec<&Access> = accesses.iter().filter(|access| crate::host_keys::is_about(entry, access)).collect();
            if !meant.is_empty() {
                crate::host_keys::take_entry(self, entry, &meant, record, &mut found);
            }
        }
    }
}
