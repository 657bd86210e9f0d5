//! From the JSON of YunoHost to facts: what is not understood in one entry is left out, the others are kept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::certificates::certificates;
use super::upgrades::pending_upgrades;
use super::{App, Backup, Diagnosis, Domains, Group, Package, Part, Permission, ServiceState, User, YunohostFacts};
use crate::Cause;
use crate::ask::Answer;
use crate::text::{filled, text};
use beffroi_remote::clean;

/// The most entries that are kept of one map or list.
pub(super) const MOST_ENTRIES: usize = 10_000;

impl YunohostFacts {
    /// Reads the answers to [`crate::survey::COMMANDS`], in that order.
    pub(crate) fn read(answers: &[Answer]) -> Self {
        let answer = |number: usize| answers.get(number);
        Self {
            versions: part(answer(0), |json| Some(named(json.as_object()?, package))),
            users: part(answer(1), users),
            groups: part(answer(2), groups),
            permissions: part(answer(3), permissions),
            apps: part(answer(4), apps),
            domains: part(answer(5), domains),
            services: part(answer(6), |json| Some(named(json.as_object()?, service))),
            backups: part(answer(7), backups),
            certificates: part(answer(8), certificates),
            upgrades: part(answer(9), pending_upgrades),
            diagnosis: answer(10).map_or_else(Part::not_asked, Diagnosis::read).map(Diagnosis::kept),
            backup_runs: BTreeMap::new(),
            settings: None,
            lock: None,
            lacks: BTreeSet::new(),
        }
    }
}

pub(super) fn part<T>(answer: Option<&Answer>, read: impl FnOnce(&Value) -> Option<T>) -> Part<T> {
    let Some(answer) = answer else {
        return Part::Failed { cause: Cause::AnswerNotUnderstood, message: String::new() };
    };
    match answer.json().and_then(|json| read(&json).ok_or_else(|| (Cause::AnswerNotUnderstood, String::new()))) {
        Ok(value) => Part::Read { value },
        Err((cause, message)) => Part::Failed { cause, message },
    }
}

/// `user list --fields …` gives `{"users": {name: {field: value}}}`.
pub(crate) fn users(json: &Value) -> Option<BTreeMap<String, User>> {
    Some(named(json.get("users")?.as_object()?, |entry| User {
        fullname: text(entry, "fullname"),
        mail: text(entry, "mail"),
        mail_aliases: texts(entry, "mail-alias"),
        mail_forwards: texts(entry, "mail-forward"),
        mailbox_quota: text(entry, "mailbox-quota"),
        groups: texts(entry, "groups"),
    }))
}

/// `user group list` gives `{"groups": {name: {"members": []}}}`.
pub(crate) fn groups(json: &Value) -> Option<BTreeMap<String, Group>> {
    Some(named(json.get("groups")?.as_object()?, |entry| Group { members: texts(entry, "members") }))
}

/// An entry of `service status`, or the whole answer when one service was asked for.
pub(crate) fn service(entry: &Value) -> ServiceState {
    ServiceState {
        status: text(entry, "status"),
        start_on_boot: text(entry, "start_on_boot"),
        last_state_change: filled(entry, "last_state_change").filter(|time| time != "unknown"),
        description: text(entry, "description"),
        configuration: text(entry, "configuration"),
    }
}

fn package(entry: &Value) -> Package {
    Package { version: text(entry, "version"), repo: text(entry, "repo") }
}

/// `user permission list --full` gives `{"permissions": {"app.name": {field: value}}}`.
pub(crate) fn permissions(json: &Value) -> Option<BTreeMap<String, Permission>> {
    Some(named(json.get("permissions")?.as_object()?, permission))
}

fn permission(entry: &Value) -> Permission {
    Permission {
        label: text(entry, "label"),
        url: filled(entry, "url"),
        allowed: sorted(texts(entry, "allowed")),
        corresponding_users: sorted(texts(entry, "corresponding_users")),
        protected: entry.get("protected").and_then(Value::as_bool).unwrap_or_default(),
        show_tile: entry.get("show_tile").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// `app list --full` gives `{"apps": [{"id", …, "upgrade": {"status", "new_version"}}]}`; YunoHost 11 `"upgradable", "new_version"`.
pub(crate) fn apps(json: &Value) -> Option<BTreeMap<String, App>> {
    let entries = json.get("apps")?.as_array()?.iter().take(MOST_ENTRIES);
    let named = entries.filter_map(|entry| {
        let app = App {
            name: text(entry, "name"),
            version: text(entry, "version"),
            description: filled(entry, "description"),
            domain_path: filled(entry, "domain_path"),
            upgrade_status: entry
                .get("upgrade")
                .and_then(|upgrade| filled(upgrade, "status"))
                .or_else(|| filled(entry, "upgradable").map(status_of)),
            new_version: entry
                .get("upgrade")
                .unwrap_or(entry)
                .get("new_version")
                .and_then(Value::as_str)
                .map(clean)
                .filter(|version| !version.is_empty()),
        };
        Some((filled(entry, "id")?, app))
    });
    Some(named.collect())
}

/// The word of YunoHost 12 for one of 11.
fn status_of(upgradable: String) -> String {
    match upgradable.as_str() {
        "yes" => "upgradable".to_owned(),
        "no" => "up_to_date".to_owned(),
        _ => upgradable,
    }
}

/// `domain list` gives `{"domains": [], "main": ""}`.
pub(crate) fn domains(json: &Value) -> Option<Domains> {
    json.get("domains")?.as_array()?;
    Some(Domains { names: sorted(texts(json, "domains")), main: filled(json, "main") })
}

/// `backup list --with-info` gives `{"archives": {name: {}}}`, and `{"archives": []}` when there is none.
fn backups(json: &Value) -> Option<BTreeMap<String, Backup>> {
    let archives = json.get("archives")?;
    if archives.as_array().is_some_and(Vec::is_empty) {
        return Some(BTreeMap::new());
    }
    Some(named(archives.as_object()?, |entry| Backup {
        path: filled(entry, "path"),
        created_at: filled(entry, "created_at"),
        description: filled(entry, "description"),
        size_bytes: entry.get("size").and_then(Value::as_u64),
    }))
}

pub(super) fn named<T>(entries: &Map<String, Value>, read: impl Fn(&Value) -> T) -> BTreeMap<String, T> {
    let entries = entries.iter().filter(|(_, entry)| entry.is_object()).take(MOST_ENTRIES);
    entries.map(|(name, entry)| (clean(name), read(entry))).filter(|(name, _)| !name.is_empty()).collect()
}

pub(super) fn texts(entry: &Value, field: &str) -> Vec<String> {
    let list = entry.get(field).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).take(MOST_ENTRIES).map(clean).collect()
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts
}
