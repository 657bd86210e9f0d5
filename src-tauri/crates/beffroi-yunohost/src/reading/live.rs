//! What is asked of the host when somebody wants it. None of it takes YunoHost's lock for longer than its answer takes.

use beffroi_remote::{Redaction, clean};
use beffroi_secret::SecretBytes;
use serde_json::{Map, Value};

use super::Shows::{Bytes, Code, Lines, List, Moment, State, Switch, Text};
use super::{Cell, Entry, MOST_ENTRIES, Reading, Source, entry, field, list, maybe, moment, number, some};
use crate::facts::{LoggedEnd, LoggedOperation, firewall_rules, logged_operations};
use crate::operation::{Given, Kind, Param, question};
use crate::text::{filled, text};

/// The most lines of a log.
const MOST_LINES: u32 = 2_000;
/// The most bytes of one line.
const MOST_LINE: usize = 4 << 10;

/// How many lines of a log, or entries of a list, are wanted.
const COUNT: Param = Param::option("lines", Kind::Number(MOST_LINES), "--number");

pub(super) static READINGS: &[Reading] = &[
    Reading {
        id: "domain-dns",
        // Whether the records are there, as the operator's machine sees it: the application looks.
        params: &[Param::place("domain", Kind::Domain), Param::option("check", Kind::Switch, "--check")],
        fields: &[
            field("record", Code),
            field("type", State),
            field("value", Code),
            field("ttl", Code),
            field("here", State),
            field("resolves", List),
            field("note", Text),
        ],
        one: false,
        source: Source::Host(|given| question(&["domain", "dns", "suggest", given.text("domain")]), dns_records),
    },
    Reading {
        id: "backup-info",
        params: &[Param::place("name", Kind::Archive)],
        fields: &[
            field("made_ms", Moment),
            field("bytes", Bytes),
            field("description", Text),
            field("path", Code),
            field("from_version", Code),
            field("apps", Lines),
            field("system", List),
        ],
        one: true,
        source: Source::Host(|given| question(&["backup", "info", given.text("name"), "--with-details"]), backup),
    },
    Reading {
        id: "service-log",
        params: &[Param::place("service", Kind::Service), COUNT],
        fields: &[field("file", Code), field("lines", Lines)],
        one: true,
        source: Source::Host(|given| question(&["service", "log", given.text("service"), "--number", lines(given)]), service_log),
    },
    Reading {
        id: "settings-list",
        params: &[],
        fields: &[field("key", Code), field("value", Code), field("ask", Text)],
        one: false,
        source: Source::Host(|_| question(&["settings", "list"]), settings),
    },
    Reading {
        id: "firewall-list",
        params: &[],
        fields: &[field("port", Code), field("protocol", State), field("open", Switch), field("upnp", Switch), field("comment", Text)],
        one: false,
        source: Source::Host(|_| question(&["firewall", "list", "--raw"]), firewall),
    },
    Reading {
        id: "log-list",
        params: &[COUNT],
        fields: &[
            field("name", Code),
            field("description", Text),
            field("made_ms", Moment),
            field("state", State),
            field("by", Text),
            field("parent", Code),
        ],
        one: false,
        source: Source::Host(|given| question(&["log", "list", "--with-details", "--limit", lines(given)]), log_list),
    },
    Reading {
        id: "log-show",
        params: &[Param::place("logged", Kind::Line(250)), COUNT],
        fields: &[
            field("name", Code),
            field("description", Text),
            field("made_ms", Moment),
            field("ended_ms", Moment),
            field("state", State),
            field("by", Text),
            field("error", Text),
            field("lines", Lines),
        ],
        one: true,
        source: Source::Host(|given| question(&["log", "show", given.text("logged"), "--number", lines(given)]), log_show),
    },
    Reading {
        id: "migration-list",
        params: &[],
        fields: &[field("id", Code), field("state", State), field("mode", State), field("description", Text), field("disclaimer", Text)],
        one: false,
        source: Source::Host(|_| question(&["tools", "migrations", "list"]), migrations),
    },
    Reading {
        id: "regen-conf-diff",
        params: &[],
        fields: &[field("category", Code), field("file", Code), field("lines", Lines)],
        one: true,
        // It takes YunoHost's lock, and must not wait for it longer than for an answer.
        source: Source::Host(|_| question(&["tools", "regen-conf", "--list-pending", "--with-diff", "--timeout", "20"]), pending_files),
    },
];

/// Fifty, as YunoHost itself has it, unless more or fewer are asked for.
fn lines(given: &Given) -> &str {
    given.maybe("lines").unwrap_or("50")
}

/// Lines of a log, the last ones, each cleaned and cut.
fn cleaned(lines: Option<&Value>) -> Vec<String> {
    let all = lines.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let kept = all.len().saturating_sub(MOST_LINES as usize);
    all.iter().skip(kept).filter_map(Value::as_str).map(cut).collect()
}

/// A line, cleaned and of bounded length. Its indentation stays.
fn cut(line: &str) -> String {
    let mut end = line.len().min(MOST_LINE);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let line = line.get(..end).unwrap_or_default();
    let indented = line.len() - line.trim_start_matches(' ').len();
    format!("{}{}", " ".repeat(indented), clean(line))
}

/// A zone file in one string: lines such as `@ 3600 IN MX 10 example.org.`, `; Mail` above some of them. Of a domain that cannot
/// have records, a sentence.
fn dns_records(json: &Value) -> Option<Vec<Entry>> {
    let (mut entries, mut heading) = (Vec::new(), String::new());
    for line in json.as_str()?.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_ENTRIES) {
        if let Some(words) = line.strip_prefix(';') {
            heading = clean(words.trim());
            continue;
        }
        let mut words = line.splitn(5, ' ');
        let record = match [words.next(), words.next(), words.next(), words.next(), words.next()] {
            [Some(name), Some(ttl), Some("IN"), Some(kind), Some(value)] => ttl.parse().ok().map(|ttl| (name, ttl, kind, value)),
            _ => None,
        };
        entries.push(match record {
            Some((name, ttl, kind, value)) => entry([
                ("record", some(clean(name))),
                ("ttl", Some(Cell::Number(ttl))),
                ("type", some(clean(kind))),
                ("value", some(cut(value))),
                ("note", some(heading.as_str())),
            ]),
            None => entry([("note", some(cut(line)))]),
        });
    }
    Some(entries)
}

/// `backup info --with-details`.
fn backup(json: &Value) -> Option<Vec<Entry>> {
    let apps = json.get("apps").and_then(Value::as_object).into_iter().flatten().take(MOST_ENTRIES);
    let app = |(id, app): (&String, &Value)| format!("{} {} {}", clean(id), text(app, "version"), text(app, "name"));
    let apps: Vec<String> = apps.map(app).collect();
    let system = json.get("system").and_then(Value::as_object).into_iter().flatten().take(MOST_ENTRIES);
    let system: Vec<String> = system.map(|(part, _)| clean(part)).collect();
    json.as_object()?;
    Some(vec![entry([
        ("made_ms", moment(&text(json, "created_at"))),
        ("bytes", json.get("size").and_then(Value::as_i64).map(Cell::Number)),
        ("description", maybe(filled(json, "description").as_ref())),
        ("path", maybe(filled(json, "path").as_ref())),
        ("from_version", maybe(filled(json, "from_yunohost_version").as_ref())),
        ("apps", list(&apps)),
        ("system", list(&system)),
    ])])
}

/// `{"journalctl": [], "/var/log/…": []}`: an entry for each that holds something.
fn service_log(json: &Value) -> Option<Vec<Entry>> {
    let files = json.as_object()?.iter().take(200);
    let told = |(file, lines): (&String, &Value)| {
        let lines = cleaned(Some(lines));
        (!lines.is_empty()).then(|| entry([("file", some(clean(file))), ("lines", list(&lines))]))
    };
    Some(files.filter_map(told).collect())
}

/// `{key: {"ask", "value"}}`; a password comes as stars.
fn settings(json: &Value) -> Option<Vec<Entry>> {
    let told = |(key, entry_of): (&String, &Value)| {
        let value = entry_of.get("value")?;
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(entry([("key", some(clean(key))), ("value", Some(Cell::Text(cut(&value)))), ("ask", maybe(filled(entry_of, "ask").as_ref()))]))
    };
    Some(json.as_object()?.iter().take(MOST_ENTRIES).filter_map(told).collect())
}

/// Both forms, see [`firewall_rules`].
fn firewall(json: &Value) -> Option<Vec<Entry>> {
    let (json, mut entries) = (firewall_rules(json), Vec::new());
    for protocol in ["tcp", "udp"] {
        let mut rules: Vec<_> = json.get(protocol)?.as_object()?.iter().take(MOST_ENTRIES).collect();
        // By number, ranges by their first one.
        rules.sort_by_key(|(port, _)| port.split([':', '-']).next().and_then(|first| first.parse::<u32>().ok()));
        for (port, rule) in rules {
            let switch = |name: &str| rule.get(name).and_then(Value::as_bool).map(Cell::Switch);
            entries.push(entry([
                ("port", some(clean(port))),
                ("protocol", some(protocol)),
                ("open", switch("open")),
                ("upnp", switch("upnp")),
                ("comment", maybe(filled(rule, "comment").as_ref())),
            ]));
        }
    }
    Some(entries)
}

fn state(end: LoggedEnd) -> Option<Cell> {
    some(match end {
        LoggedEnd::Running => "running",
        LoggedEnd::Succeeded => "success",
        LoggedEnd::Failed => "failed",
    })
}

fn logged(log: &LoggedOperation) -> Entry {
    entry([
        ("name", some(log.name.as_str())),
        ("description", some(log.description.as_str())),
        ("made_ms", log.started_at.map(|moment| Cell::Number(moment.as_millisecond()))),
        ("state", state(log.end)),
        ("by", maybe(log.started_by.as_ref())),
        ("parent", maybe(log.parent.as_ref())),
    ])
}

/// The newest first.
fn log_list(json: &Value) -> Option<Vec<Entry>> {
    Some(logged_operations(json)?.iter().rev().map(logged).collect())
}

/// An operation with its lines. Values that its metadata calls passwords, keys or the like are masked in them: YunoHost does that
/// with those that it knows, and scripts of applications print others.
fn log_show(json: &Value) -> Option<Vec<Entry>> {
    let details = json.get("metadata").unwrap_or(&Value::Null);
    let secrets: Vec<SecretBytes> =
        ["args", "env"].into_iter().filter_map(|part| details.get(part)?.as_object()).flat_map(secret_values).collect();
    let mask = Redaction::new(&secrets);
    let lines: Vec<String> = cleaned(json.get("logs")).iter().map(|line| mask.text(line)).collect();
    let end = match details.get("success").and_then(Value::as_bool) {
        Some(true) => LoggedEnd::Succeeded,
        Some(false) => LoggedEnd::Failed,
        None => LoggedEnd::Running,
    };
    Some(vec![entry([
        ("name", some(filled(json, "name")?)),
        ("description", some(text(json, "description"))),
        ("made_ms", moment(&text(details, "started_at"))),
        ("ended_ms", moment(&text(details, "ended_at"))),
        ("state", state(end)),
        ("by", maybe(filled(details, "started_by").as_ref())),
        ("error", filled(details, "error").map(|error| Cell::Text(mask.text(&error)))),
        ("lines", list(&lines)),
    ])])
}

/// Values of at least four characters whose names say that they are secret.
fn secret_values(values: &Map<String, Value>) -> Vec<SecretBytes> {
    let is_secret = |name: &str| {
        let name = name.to_lowercase();
        ["password", "passwd", "pwd", "secret", "token", "key", "credential"].iter().any(|word| name.contains(word))
    };
    let secret = values.iter().filter(|(name, _)| is_secret(name)).filter_map(|(_, value)| value.as_str());
    secret.filter(|value| value.len() >= 4).map(|value| SecretBytes::new(value.as_bytes().to_vec())).collect()
}

fn migrations(json: &Value) -> Option<Vec<Entry>> {
    let told = |one: &Value| {
        Some(entry([
            ("id", some(filled(one, "id")?)),
            ("number", one.get("number").and_then(Value::as_u64).and_then(number)),
            ("state", maybe(filled(one, "state").as_ref())),
            ("mode", maybe(filled(one, "mode").as_ref())),
            ("description", maybe(filled(one, "description").as_ref())),
            ("disclaimer", maybe(filled(one, "disclaimer").as_ref())),
        ]))
    };
    Some(json.get("migrations")?.as_array()?.iter().take(MOST_ENTRIES).filter_map(told).collect())
}

/// `{category: {file: {"pending_conf", "diff"}}}`. A file without a difference is one that YunoHost would write as it is: a look
/// that broke off leaves such behind.
fn pending_files(json: &Value) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    for (category, files) in json.as_object()?.iter().take(MOST_ENTRIES) {
        for (file, pending) in files.as_object().into_iter().flatten().take(MOST_ENTRIES) {
            // An older YunoHost names the file only.
            let diff = pending.get("diff").and_then(Value::as_str);
            let lines: Vec<String> = diff.unwrap_or_default().lines().take(MOST_LINES as usize).map(cut).collect();
            if diff.is_none() || !lines.is_empty() {
                entries.push(entry([("category", some(clean(category))), ("file", some(clean(file))), ("lines", list(&lines))]));
            }
        }
    }
    Some(entries)
}
