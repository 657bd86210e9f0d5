//! `tools update|upgrade` and `tools migrations …`: all of these may end well and have done nothing.

use beffroi_domain::Message;
use serde_json::{Value, json};

use crate::Cause;
use crate::facts::{PendingUpgrades, UPDATE_NOREFRESH, pending_upgrades};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Refusal, Seen, WayBack, Weight, operation, question,
};

/// Lists migrations with their states.
const MIGRATIONS: &[&str] = &["tools", "migrations", "list"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["tools", "update"],
        params: &[Param::place("target", Kind::Choice(&["all", "apps", "system"])).required(false)],
        way_back: WayBack::Nothing,
        asks: |_| vec![question(UPDATE_NOREFRESH)],
        remembers: |_, seen| json!(pending(seen).ok().and_then(|pending| pending.last_apps_catalog_update)),
        proof: |_| vec![question(UPDATE_NOREFRESH)],
        judge: judge_update,
        ..operation!("tools-update")
    },
    Operation {
        command: &["tools", "upgrade"],
        params: &[Param::place("target", Kind::Choice(&["apps", "system"]))],
        way_back: WayBack::Lost,
        weight: Weight::Heavy,
        asks: |_| vec![question(UPDATE_NOREFRESH)],
        guard: |_, seen| pending(seen).map(drop),
        remembers: |given, seen| pending(seen).map(|pending| pending.names(given.text("target"))).unwrap_or_default().into(),
        proof: |_| vec![question(UPDATE_NOREFRESH)],
        judge: judge_upgrade,
        ..operation!("tools-upgrade")
    },
    Operation {
        command: &["tools", "migrations", "run"],
        params: &[
            Param::place("targets", Kind::Words).required(false),
            Param::option("accept-disclaimer", Kind::Switch, "--accept-disclaimer"),
            Param::option("auto", Kind::Switch, "--auto"),
            Param::option("skip", Kind::Switch, "--skip"),
            Param::option("force-rerun", Kind::Switch, "--force-rerun"),
        ],
        way_back: WayBack::Lost,
        weight: Weight::Heavy,
        asks: |_| vec![question(MIGRATIONS)],
        guard: guard_migrations,
        warns: warn_migrations,
        remembers: |given, seen| migrations_asked(given, seen).unwrap_or_default().into_iter().map(|one| one.id).collect(),
        proof: |_| vec![question(MIGRATIONS)],
        judge: judge_migrations,
        ..operation!("tools-migrations-run")
    },
];

fn pending(seen: &Seen<'_>) -> Result<PendingUpgrades, Refusal> {
    let not_read =
        || Refusal::NotRead { what: "tools update_norefresh".to_owned(), cause: Cause::AnswerNotUnderstood, message: String::new() };
    if seen.facts.has_not("tools update_norefresh") {
        return Err(Refusal::because(Cause::NotOffered, seen.facts.named_here("tools update_norefresh")));
    }
    pending_upgrades(&seen.answer(0, "tools update_norefresh")?).ok_or_else(not_read)
}

/// The age of the catalog of applications tells whether it was fetched. That of the packages is new even where nothing could be
/// fetched: of these the command's word counts, and it names what it could not reach.
fn judge_update(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    // An older YunoHost does not tell how old its caches are.
    if answers.answer(0)?.json().is_err_and(|(cause, _)| cause == Cause::WrongUsage) {
        return Ok(CheckResult::NotKnown(Message::new("found.not-shown")));
    }
    let now = answers.read(0, pending_upgrades)?.last_apps_catalog_update;
    let newer = match (before.as_u64(), now) {
        (Some(before), Some(now)) => now < before,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    Ok(match (given.maybe("target"), newer) {
        (Some("apps"), true) => CheckResult::Held,
        // A host may be told to fetch no catalog: it then says that it did.
        (Some("apps"), false) => CheckResult::NotKnown(Message::new("found.catalog-as-before")),
        _ => CheckResult::NotKnown(Message::new("found.not-shown")),
    })
}

/// What was to be upgraded before, and still is.
fn judge_upgrade(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = answers.read(0, pending_upgrades)?.names(given.text("target"));
    let before: Vec<&str> = before.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Ok(remains(&before, |name| now.iter().any(|now| now == name)))
}

/// Whether all, some or none of it is left.
fn remains(before: &[&str], is_left: impl Fn(&str) -> bool) -> CheckResult {
    let left: Vec<&str> = before.iter().copied().filter(|name| is_left(name)).collect();
    let told = || Message::new("found.still-pending").with("names", left.join(", "));
    match left.len() {
        0 => CheckResult::Held,
        count if count == before.len() => CheckResult::NotHeld(told()),
        _ => CheckResult::Half(told()),
    }
}

/// A migration of the host.
struct Migration {
    id: String,
    name: String,
    state: String,
    description: String,
    manual: bool,
    /// What is to be read and accepted first; empty where nothing is.
    disclaimer: String,
}

/// `{"migrations": [{"id", "number", "name", "mode", "state", "description", "disclaimer"}]}`.
fn migrations(json: &Value) -> Option<Vec<Migration>> {
    let text = |entry: &Value, field: &str| entry.get(field).and_then(Value::as_str).map(beffroi_remote::clean);
    let read = |entry: &Value| {
        Some(Migration {
            id: text(entry, "id")?,
            name: text(entry, "name").unwrap_or_default(),
            state: text(entry, "state").unwrap_or_default(),
            description: text(entry, "description").unwrap_or_default(),
            manual: text(entry, "mode").is_some_and(|mode| mode == "manual"),
            disclaimer: text(entry, "disclaimer").unwrap_or_default(),
        })
    };
    Some(json.get("migrations")?.as_array()?.iter().filter_map(read).collect())
}

/// Those that were named, by id, name or number, as YunoHost takes them; without names, those that wait.
fn migrations_asked(given: &Given, seen: &Seen<'_>) -> Result<Vec<Migration>, Refusal> {
    let all = migrations(&seen.answer(0, "tools migrations list")?).unwrap_or_default();
    let targets = given.list("targets");
    let is = |one: &Migration, name: &String| one.id == *name || one.name == *name || one.id.split('_').next() == Some(name);
    if let Some(unknown) = targets.iter().find(|name| !all.iter().any(|one| is(one, name))) {
        return Err(Refusal::because(Cause::NameUnknown, unknown));
    }
    let asked = |one: &Migration| if targets.is_empty() { one.state == "pending" } else { targets.iter().any(|name| is(one, name)) };
    Ok(all.into_iter().filter(asked).filter(|one| !(given.is_on("auto") && one.manual)).collect())
}

/// YunoHost goes on to the next migration, and ends well, where something is to be accepted first: `--accept-disclaimer` counts for
/// one migration only.
fn guard_migrations(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let asked = migrations_asked(given, seen)?;
    let (skip, again) = (given.is_on("skip"), given.is_on("force-rerun"));
    if usize::from(skip) + usize::from(again) + usize::from(given.is_on("auto")) > 1
        || ((skip || again) && given.list("targets").is_empty())
    {
        return Err(Refusal::because(Cause::InvalidArgument, "skip, force-rerun, auto"));
    }
    // YunoHost says that there is nothing to run, and ends well.
    if asked.is_empty() {
        return Err(Refusal::because(Cause::NothingToMigrate, ""));
    }
    if let Some(one) = asked.iter().find(|one| (one.state == "pending") == again) {
        return Err(Refusal::because(Cause::NotPending, &one.id));
    }
    let mut with_disclaimer = asked.iter().filter(|one| !one.disclaimer.is_empty() && !skip);
    if given.is_on("accept-disclaimer") {
        with_disclaimer.next();
    }
    with_disclaimer.next().map_or(Ok(()), |one| Err(Refusal::because(Cause::DisclaimerNotAccepted, &one.id)))
}

/// The most characters of what is to be accepted that a plan shows.
const MOST_DISCLAIMER: usize = 4000;

/// Which migrations it comes to, what is to be read of each; and what should be done before one that waits for a person's hand, as
/// the change to another release of Debian does. Room and clock are guarded beside it.
fn warn_migrations(given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let asked = migrations_asked(given, seen).unwrap_or_default();
    let mut told = Vec::new();
    for one in &asked {
        told.push(Message::new("note.ynh-migration").with("name", &one.id).with("what", &one.description));
        if !one.disclaimer.is_empty() {
            let text: String = one.disclaimer.chars().take(MOST_DISCLAIMER).collect();
            told.push(Message::new("note.ynh-disclaimer").with("name", &one.id).with("text", text));
        }
    }
    if given.is_on("skip") || !asked.iter().any(|one| one.manual) {
        return told;
    }
    let waiting = seen.facts.upgrades.value().map_or(0, |pending| pending.names("system").len() + pending.names("apps").len());
    if waiting > 0 {
        told.push(Message::new("warning.ynh-upgrades-first").with("count", waiting));
    }
    if seen.facts.backups.value().is_some_and(std::collections::BTreeMap::is_empty) {
        told.push(Message::new("warning.ynh-backup-first"));
    }
    told
}

fn judge_migrations(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = answers.read(0, migrations)?;
    let before: Vec<&str> = before.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let done = if given.is_on("skip") { "skipped" } else { "done" };
    let result = remains(&before, |id| !now.iter().any(|one| one.id == id && one.state == done));
    Ok(match result {
        // One that was run before is done, whether or not it was run again.
        CheckResult::Held if given.is_on("force-rerun") => CheckResult::NotKnown(Message::new("found.not-shown")),
        result => result,
    })
}
