//! `backup …`

use beffroi_domain::Message;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Elsewhere;
use crate::Cause;
use crate::facts::{LoggedEnd, logged_operations};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Question, Refusal, Seen, WayBack, Weight, missing, need, not_answered,
    operation, question, still_there,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("backup list", "survey: backups"),
    ("backup info", "asked by the guards of `backup-restore` and by the proof of `backup-create`"),
    ("backup download", "only through YunoHost's API: archives are fetched over SSH"),
];

/// What YunoHost's journal calls the restoration of parts of the system.
const SYSTEM_RESTORED: &str = "-backup_restore_system";

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["backup", "create"],
        params: &[
            Param::option("name", Kind::Archive, "--name").making(),
            Param::option("description", Kind::Line(200), "--description"),
            Param::option("every-app", Kind::Switch, "--apps"),
            Param::option("every-part", Kind::Switch, "--system"),
            Param::option("apps", Kind::Apps, "--apps"),
            Param::option("system", Kind::Words, "--system"),
        ],
        weight: Weight::Heavy,
        asks: |_| vec![question(&["hook", "list", "backup"])],
        guard: guard_create,
        remembers: wanted,
        proof: |given| vec![info(given), question(&["backup", "list"])],
        judge: judge_create,
        ..operation!("backup-create")
    },
    Operation {
        command: &["backup", "delete"],
        params: &[Param::place("name", Kind::Archive)],
        way_back: WayBack::Lost,
        weight: Weight::Destroys,
        guard: |given, seen| must_exist(given, seen),
        proof: |_| vec![question(&["backup", "list"])],
        judge: |given, _, answers| {
            let there = answers.read(0, archives)?.iter().any(|name| name == given.text("name"));
            Ok(if there { still_there(given.text("name")) } else { CheckResult::Held })
        },
        ..operation!("backup-remove")
    },
    Operation {
        command: &["backup", "restore"],
        params: &[Param::place("name", Kind::Archive), Param::option("apps", Kind::Apps, "--apps")],
        weight: Weight::Heavy,
        asks: |given| vec![info(given)],
        guard: guard_restore,
        proof: |_| vec![question(&["app", "list"])],
        judge: judge_restore,
        ..operation!("backup-restore")
    },
    Operation {
        command: &["backup", "restore"],
        params: &[Param::place("name", Kind::Archive), Param::option("system", Kind::Words, "--system")],
        // YunoHost asks whether an installed system is really meant.
        always: &["--force"],
        way_back: WayBack::Lost,
        // Accounts, settings and certificates become those of the archive.
        weight: Weight::LocksOut,
        asks: |given| vec![info(given), latest(1)],
        guard: guard_restore_system,
        remembers: last_logged,
        proof: |_| vec![latest(50)],
        judge: judge_restore_system,
        ..operation!("backup-restore-system")
    },
];

/// Everything about one archive.
fn info(given: &Given) -> Question {
    question(&["backup", "info", given.text("name"), "--with-details"])
}

fn latest(most: u16) -> Question {
    crate::facts::LoggedOperation::list_question(most)
}

/// `backup list` gives `{"archives": [name]}`.
fn archives(json: &Value) -> Option<Vec<String>> {
    Some(json.get("archives")?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The applications or the parts of the system that an archive holds: `{"apps": {id: {}}, "system": {part: …}}`.
fn held(info: &Value, what: &str) -> Option<Vec<String>> {
    match info.get(what)? {
        Value::Object(map) => Some(map.keys().cloned().collect()),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

fn must_exist(given: &Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let name = given.text("name");
    let known = need(&seen.facts.backups, "backups")?.contains_key(name);
    if known { Ok(()) } else { Err(Refusal::because(Cause::BackupUnknown, name)) }
}

/// Of a name that it does not know YunoHost makes an `ERROR` line and goes on with the others: the archive would lack it.
fn guard_create(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    // As YunoHost would name it; what it chose could not be found again.
    given.put("name", &Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string());
    let name = given.text("name");
    if need(&seen.facts.backups, "backups")?.contains_key(name) {
        return Err(Refusal::because(Cause::BackupExists, name));
    }
    let apps = need(&seen.facts.apps, "apps")?;
    if let Some(app) = given.list("apps").iter().find(|app| !apps.contains_key(*app)) {
        return Err(Refusal::because(Cause::AppUnknown, app));
    }
    let parts = hooks(seen)?;
    if let Some(part) = given.list("system").iter().find(|part| !parts.contains(part)) {
        return Err(Refusal::because(Cause::NameUnknown, part));
    }
    let twice = |every, some| given.is_on(every) && !given.list(some).is_empty();
    if twice("every-app", "apps") || twice("every-part", "system") {
        return Err(Refusal::because(Cause::InvalidArgument, if twice("every-app", "apps") { "apps" } else { "system" }));
    }
    Ok(())
}

/// The parts of the system that can be saved: `hook list backup` gives `{"hooks": [name]}`.
fn hooks(seen: &Seen<'_>) -> Result<Vec<String>, Refusal> {
    let json = seen.answer(0, "hook list")?;
    Ok(json.get("hooks").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// What the archive must hold. Without any choice YunoHost saves everything.
fn wanted(given: &Given, seen: &Seen<'_>) -> Value {
    let chosen = ["apps", "system"].map(|some| !given.list(some).is_empty());
    let every = ["every-app", "every-part"].map(|every| given.is_on(every));
    let all = !chosen.iter().chain(&every).any(|one| *one);
    let apps: Vec<String> = match seen.facts.apps.value() {
        Some(apps) if all || given.is_on("every-app") => apps.keys().cloned().collect(),
        _ => given.list("apps").to_vec(),
    };
    let system = if all || given.is_on("every-part") { hooks(seen).unwrap_or_default() } else { given.list("system").to_vec() };
    json!({ "apps": apps, "system": system })
}

fn judge_create(given: &Given, wanted: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let name = given.text("name");
    let info = match answers.answer(0)?.json() {
        Ok(info) => info,
        Err((Cause::BackupUnknown, _)) => return Ok(missing(name)),
        Err((Cause::Other | Cause::Traceback, _)) if answers.read(1, archives)?.iter().any(|there| there == name) => {
            return Ok(CheckResult::Half(Message::new("found.backup-not-readable").with("name", name)));
        }
        Err(refused) => return Err(not_answered(refused)),
    };
    let lacks = |what: &str| {
        let held = held(&info, what).unwrap_or_default();
        let wanted = wanted.get(what).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        wanted.filter(|name| !held.iter().any(|held| held == name)).map(str::to_owned).collect::<Vec<_>>()
    };
    let lacks = [lacks("apps"), lacks("system")].concat();
    Ok(if lacks.is_empty() {
        CheckResult::Held
    } else {
        CheckResult::Half(Message::new("found.backup-lacks").with("name", name).with("missing", lacks.join(", ")))
    })
}

/// What an archive holds of `what`, and what was asked for of it: without a choice, all of it.
fn from_archive(given: &mut Given, seen: &Seen<'_>, what: &'static str) -> Result<(), Refusal> {
    must_exist(given, seen)?;
    let held = held(&seen.answer(0, "backup info")?, what).unwrap_or_default();
    if held.is_empty() {
        return Err(Refusal::because(Cause::NotInBackup, given.text("name")));
    }
    if given.list(what).is_empty() {
        given.put_list(what, held);
        return Ok(());
    }
    // YunoHost would go on with the others.
    let unknown = given.list(what).iter().find(|name| !held.contains(name));
    unknown.map_or(Ok(()), |name| Err(Refusal::because(Cause::NotInBackup, name)))
}

/// YunoHost restores no application over itself, whatever it is told.
fn guard_restore(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    from_archive(given, seen, "apps")?;
    let installed = need(&seen.facts.apps, "apps")?;
    let there: Vec<&str> = given.list("apps").iter().map(String::as_str).filter(|app| installed.contains_key(*app)).collect();
    if there.is_empty() { Ok(()) } else { Err(Refusal::because(Cause::AppInstalled, there.join(", "))) }
}

fn guard_restore_system(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    from_archive(given, seen, "system")
}

/// An application whose restoration fails is removed again: those that are there were restored.
fn judge_restore(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let installed = answers.read(0, |json| {
        let entries = json.get("apps")?.as_array()?.iter();
        Some(entries.filter_map(|entry| Some(entry.get("id")?.as_str()?.to_owned())).collect::<Vec<_>>())
    })?;
    let asked = given.list("apps");
    let absent: Vec<&str> = asked.iter().filter(|app| !installed.contains(app)).map(String::as_str).collect();
    Ok(match absent.len() {
        0 => CheckResult::Held,
        count if count == asked.len() => missing(&absent.join(", ")),
        _ => CheckResult::Half(Message::new("found.not-restored").with("missing", absent.join(", "))),
    })
}

/// The newest entry of YunoHost's journal. Names begin with the time: later ones come after it.
fn last_logged(_: &Given, seen: &Seen<'_>) -> Value {
    let list = seen.answer(1, "log list").ok().and_then(|json| logged_operations(&json)).unwrap_or_default();
    list.last().map(|entry| entry.name.clone()).into()
}

/// The state of accounts and settings cannot be compared with an archive: YunoHost's journal tells whether every part came back.
fn judge_restore_system(_: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let list = answers.read(0, logged_operations)?;
    let before = before.as_str().unwrap_or_default();
    let entry = list.iter().rev().find(|entry| entry.name.as_str() > before && entry.name.ends_with(SYSTEM_RESTORED));
    Ok(match entry.map(|entry| entry.end) {
        Some(LoggedEnd::Succeeded) => CheckResult::Held,
        Some(LoggedEnd::Failed | LoggedEnd::Running) => CheckResult::Half(Message::new("found.restored-in-part")),
        None => CheckResult::NotHeld(Message::new("found.not-begun")),
    })
}
