//! What is read in a survey.

use std::collections::BTreeMap;

use super::Shows::{Bytes, Code, Lines, List, Moment, Number, State, Switch, Text};
use super::{Cell, Entry, MOST_ENTRIES, Reading, Source, entry, field, list, maybe, moment, number, some};
use crate::Cause;
use crate::facts::{App, Certificate, Part, Permission, YunohostFacts};
use crate::operation::{Given, Kind, Param};

pub(super) static READINGS: &[Reading] = &[
    Reading {
        id: "app-list",
        params: &[],
        fields: &[
            field("id", Code),
            field("name", Text),
            field("version", Code),
            field("domain_path", Code),
            field("upgrade", State),
            field("new_version", Code),
        ],
        one: false,
        source: Source::Survey(|facts, _| facts.apps.each(app)),
    },
    Reading {
        id: "app-info",
        params: &[Param::place("app", Kind::App)],
        fields: &[
            field("id", Code),
            field("name", Text),
            field("description", Text),
            field("version", Code),
            field("domain_path", Code),
            field("upgrade", State),
            field("new_version", Code),
            field("permissions", Lines),
        ],
        one: true,
        source: Source::Survey(app_info),
    },
    Reading {
        id: "user-list",
        params: &[],
        fields: &[
            field("username", Code),
            field("fullname", Text),
            field("mail", Code),
            field("mailbox_quota", Code),
            field("groups", List),
            field("mail_aliases", List),
            field("mail_forwards", List),
        ],
        one: false,
        source: Source::Survey(|facts, _| {
            facts.users.each(|name, user| {
                let groups: Vec<String> = user.groups.iter().filter(|group| *group != name && *group != "all_users").cloned().collect();
                entry([
                    ("username", some(name)),
                    ("fullname", Some(Cell::Text(user.fullname.clone()))),
                    ("mail", Some(Cell::Text(user.mail.clone()))),
                    ("mailbox_quota", Some(Cell::Text(user.mailbox_quota.clone()))),
                    ("groups", list(&groups)),
                    ("mail_aliases", list(&user.mail_aliases)),
                    ("mail_forwards", list(&user.mail_forwards)),
                ])
            })
        }),
    },
    Reading {
        id: "group-list",
        params: &[],
        fields: &[field("name", Code), field("members", List)],
        one: false,
        source: Source::Survey(|facts, _| {
            facts.groups.each(|name, group| entry([("name", some(name)), ("members", list(&group.members))]))
        }),
    },
    Reading {
        id: "permission-list",
        params: &[],
        fields: &[
            field("name", Code),
            field("label", Text),
            field("url", Code),
            field("allowed", List),
            field("users", List),
            field("protected", Switch),
            field("show_tile", Switch),
        ],
        one: false,
        source: Source::Survey(|facts, _| facts.permissions.each(permission)),
    },
    Reading {
        id: "domain-list",
        params: &[],
        fields: &[field("name", Code), field("main", Switch), field("issuer", Text), field("certificate", State), field("days", Number)],
        one: false,
        source: Source::Survey(domains),
    },
    Reading {
        id: "backup-list",
        params: &[],
        fields: &[field("name", Code), field("made_ms", Moment), field("bytes", Bytes), field("description", Text), field("path", Code)],
        one: false,
        source: Source::Survey(|facts, _| {
            facts.backups.each(|name, backup| {
                entry([
                    ("name", some(name)),
                    ("made_ms", backup.created_at.as_deref().and_then(moment)),
                    ("bytes", backup.size_bytes.and_then(number)),
                    ("description", maybe(backup.description.as_ref())),
                    ("path", maybe(backup.path.as_ref())),
                ])
            })
        }),
    },
    Reading {
        id: "service-list",
        params: &[],
        fields: &[
            field("name", Code),
            field("status", State),
            field("start_on_boot", State),
            field("configuration", State),
            field("last_state_change", Code),
            field("description", Text),
        ],
        one: false,
        source: Source::Survey(|facts, _| {
            facts.services.each(|name, service| {
                entry([
                    ("name", some(name)),
                    ("status", Some(Cell::Text(service.status.clone()))),
                    ("start_on_boot", Some(Cell::Text(service.start_on_boot.clone()))),
                    ("configuration", Some(Cell::Text(service.configuration.clone()))),
                    ("last_state_change", some(service.last_state_change.as_deref().unwrap_or("unknown"))),
                    ("description", Some(Cell::Text(service.description.clone()))),
                ])
            })
        }),
    },
    Reading {
        id: "diagnosis-show",
        params: &[Param::option("all", Kind::Switch, "--all")],
        fields: &[
            field("category", Code),
            field("status", State),
            field("summary", Text),
            field("ignored", Switch),
            field("only_no_internet", Switch),
            field("filter", List),
            field("made_ms", Moment),
            field("details", Lines),
        ],
        one: false,
        source: Source::Survey(diagnosis),
    },
    Reading {
        id: "upgrades",
        params: &[],
        fields: &[
            field("kind", State),
            field("name", Code),
            field("version", Code),
            field("new_version", Code),
            field("upgrade", State),
            field("touches", Text),
        ],
        one: false,
        source: Source::Survey(upgrades),
    },
];

impl<T> Part<BTreeMap<String, T>> {
    /// An entry of each.
    fn each(&self, read: impl Fn(&String, &T) -> Entry) -> Part<Vec<Entry>> {
        match self {
            Self::Read { value } => Part::Read { value: value.iter().map(|(name, value)| read(name, value)).collect() },
            Self::Failed { cause, message } => Part::Failed { cause: *cause, message: message.clone() },
        }
    }
}

fn app(id: &String, app: &App) -> Entry {
    entry([
        ("id", some(id)),
        ("name", Some(Cell::Text(app.name.clone()))),
        ("version", Some(Cell::Text(app.version.clone()))),
        ("description", maybe(app.description.as_ref())),
        ("domain_path", maybe(app.domain_path.as_ref())),
        ("upgrade", maybe(app.upgrade_status.as_ref())),
        ("new_version", maybe(app.new_version.as_ref())),
    ])
}

fn app_info(facts: &YunohostFacts, given: &Given) -> Part<Vec<Entry>> {
    let id = given.text("app").to_owned();
    let apps = match &facts.apps {
        Part::Read { value } => value,
        Part::Failed { cause, message } => return Part::Failed { cause: *cause, message: message.clone() },
    };
    let Some(found) = apps.get(&id) else { return Part::Failed { cause: Cause::AppUnknown, message: String::new() } };
    let mut told = app(&id, found);
    let own = |name: &str| name.strip_prefix(id.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let permissions = facts.permissions.value().into_iter().flatten().filter(|(name, _)| own(name));
    let lines = permissions.map(|(name, permission)| format!("{name}: {}", permission.allowed.join(", ")));
    told.insert("permissions", Cell::List(lines.collect()));
    Part::Read { value: vec![told] }
}

fn permission(name: &String, permission: &Permission) -> Entry {
    entry([
        ("name", some(name)),
        ("label", Some(Cell::Text(permission.label.clone()))),
        ("url", maybe(permission.url.as_ref())),
        ("allowed", list(&permission.allowed)),
        ("users", list(&permission.corresponding_users)),
        ("protected", Some(Cell::Switch(permission.protected))),
        ("show_tile", Some(Cell::Switch(permission.show_tile))),
    ])
}

/// The main domain first.
fn domains(facts: &YunohostFacts, _: &Given) -> Part<Vec<Entry>> {
    facts.domains.as_ref().map(|domains| {
        let mut names: Vec<&String> = domains.names.iter().collect();
        names.sort_by_key(|name| Some(*name) != domains.main.as_ref());
        let certificates = facts.certificates.value();
        let told = |name: &String| {
            let certificate = certificates.and_then(|certificates| certificates.get(name));
            entry([
                ("name", some(name)),
                ("main", Some(Cell::Switch(Some(name) == domains.main.as_ref()))),
                ("issuer", certificate.and_then(|certificate| some(certificate.issuer.as_str()))),
                ("certificate", certificate.and_then(|certificate: &Certificate| some(certificate.summary.as_str()))),
                ("days", certificate.and_then(|certificate| certificate.days).map(Cell::Number)),
            ])
        };
        names.into_iter().map(told).collect()
    })
}

/// What may be a trouble; what somebody chose to ignore only when it is asked for.
fn diagnosis(facts: &YunohostFacts, given: &Given) -> Part<Vec<Entry>> {
    facts.diagnosis.as_ref().map(|diagnosis| {
        let mut entries = Vec::new();
        for report in &diagnosis.reports {
            for finding in report.findings.iter().filter(|finding| given.is_on("all") || !finding.ignored) {
                entries.push(entry([
                    ("category", some(report.id.as_str())),
                    ("status", some(finding.status.as_str())),
                    ("summary", Some(Cell::Text(finding.summary.clone()))),
                    ("ignored", Some(Cell::Switch(finding.ignored))),
                    ("only_no_internet", Some(Cell::Switch(report.only_needs_internet(finding)))),
                    ("filter", list(&finding.filter(&report.id))),
                    ("made_ms", report.made_at.and_then(|seconds| seconds.checked_mul(1000)).map(Cell::Number)),
                    ("details", list(&finding.details)),
                ]));
            }
        }
        entries.truncate(MOST_ENTRIES);
        entries
    })
}

fn upgrades(facts: &YunohostFacts, _: &Given) -> Part<Vec<Entry>> {
    facts.upgrades.as_ref().map(|pending| {
        let mut entries = Vec::new();
        for app in &pending.apps {
            let place = facts.apps.value().and_then(|apps| apps.get(&app.id)?.domain_path.as_ref());
            entries.push(entry([
                ("kind", some("app")),
                ("name", some(app.id.as_str())),
                ("version", some(app.current_version.as_str())),
                ("new_version", maybe(app.new_version.as_ref())),
                ("upgrade", some(app.status.as_str())),
                ("touches", maybe(place)),
            ]));
        }
        for (group, packages) in &pending.packages {
            entries.extend(packages.iter().map(|package| {
                entry([
                    ("kind", some("package")),
                    ("name", some(package.name.as_str())),
                    ("version", some(package.current_version.as_str())),
                    ("new_version", some(package.new_version.as_str())),
                    ("touches", some(group.as_str())),
                ])
            }));
        }
        entries.extend(pending.pending_migrations.iter().map(|id| entry([("kind", some("migration")), ("name", some(id.as_str()))])));
        entries.truncate(MOST_ENTRIES);
        entries
    })
}
