//! `app upgrade`: where a script fails, YunoHost puts the safety backup back and ends with status 0.

use std::collections::BTreeMap;

use beffroi_domain::Message;
use serde_json::{Value, json};

use super::install::{manifest, note, package as package_of};
use super::seen::{ask_journal, catalog_is_there, ended, installed, journal_now, latest};
use crate::Cause;
use crate::facts::{App, apps};
use crate::manifest::Manifest;
use crate::manifest::read::texts;
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, need, question};

/// The most applications whose notes are read before one plan: each is a package to be looked at.
const MOST_NOTES: usize = 20;

/// The catalog, the latest operation; then what is to be read before: of the package that is named, else of each application.
pub(super) fn asks(given: &Given) -> Vec<Question> {
    let mut asks = vec![question(&["app", "catalog"]), ask_journal()];
    match given.maybe("source") {
        Some(source) => asks.push(question(&["app", "manifest", source])),
        None => {
            let info = |app: &String| question(&["app", "info", app, "--full", "--with-pre-upgrade-notifications"]);
            asks.extend(given.list("apps").iter().take(MOST_NOTES).map(info));
        }
    }
    asks
}

/// The package that is named, where one is.
fn source(given: &Given, seen: &Seen<'_>) -> Result<Option<Manifest>, Refusal> {
    given.maybe("source").map(|source| manifest(seen, 2, source)).transpose()
}

/// What packages want to be read before they are upgraded, and of which that was not read: they were not named, or too many were.
pub(super) fn notes(given: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let apps = given.list("apps");
    if let ([app], Ok(Some(manifest))) = (apps, source(given, seen)) {
        let version = seen.facts.apps.value().and_then(|apps| apps.get(app)).map(|app| app.version.as_str()).unwrap_or_default();
        let newer = |name: &str| name == "main" || version_of(name) > version_of(version);
        let notes = manifest.notes.get("PRE_UPGRADE").into_iter().flatten().filter(|(name, _)| newer(name));
        return notes.filter_map(|(_, text)| note("note.ynh-before-upgrade", app, text)).collect();
    }
    let (mut notes, mut unread, mut not_told) = (Vec::new(), Vec::new(), Vec::new());
    for (at, app) in apps.iter().enumerate() {
        match seen.answers.get(2 + at) {
            Some(_) if seen.facts.has_not("app info --with-pre-upgrade-notifications") => not_told.push(app.as_str()),
            Some(_) => notes.extend(notes_of(app, seen.answer(2 + at, "app info").ok())),
            None => unread.push(app.as_str()),
        }
    }
    if !not_told.is_empty() {
        notes.push(Message::new("note.ynh-not-told").with("apps", not_told.join(", ")));
    }
    if !unread.is_empty() {
        notes.push(Message::new("note.ynh-not-read").with("apps", unread.join(", ")));
    }
    notes
}

/// YunoHost gives those that are newer than what is installed: `{"upgrade": {"notifications": {name: text}}}`.
fn notes_of(app: &str, info: Option<Value>) -> Vec<Message> {
    let notes = info.as_ref().and_then(|info| info.get("upgrade")?.get("notifications")?.as_object());
    notes.into_iter().flatten().take(MOST_NOTES).filter_map(|(_, text)| note("note.ynh-before-upgrade", app, &texts(Some(text)))).collect()
}

/// The numbers of `1.2~ynh3`, for comparing, as YunoHost's `_parse_app_version` has them.
fn version_of(version: &str) -> Vec<u64> {
    version.split(|letter: char| !letter.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

/// Puts the applications that can be upgraded where none was named, so that the plan and its check name them.
pub(super) fn guard(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    catalog_is_there(seen, 0)?;
    let all = need(&seen.facts.apps, "apps")?;
    if let (Some(package), [app]) = (source(given, seen)?, given.list("apps"))
        && package_of(app) != package.id
    {
        return Err(Refusal::because(Cause::OtherPackage, format!("{app}: {}", package.id)));
    }
    if given.list("apps").is_empty() {
        if given.has("source") {
            return Err(Refusal::because(Cause::InvalidArgument, "source"));
        }
        let ready = all.iter().filter(|(_, app)| refuses(given, app).is_none()).map(|(id, _)| id.clone()).collect::<Vec<_>>();
        if ready.is_empty() {
            return Err(Refusal::because(Cause::NothingToUpgrade, ""));
        }
        given.put_list("apps", ready);
        return Ok(());
    }
    if given.has("source") && given.list("apps").len() > 1 {
        return Err(Refusal::because(Cause::InvalidArgument, "source"));
    }
    // YunoHost leaves out what it cannot upgrade, and says that all is well when it upgraded the others.
    given.list("apps").iter().try_for_each(|id| match refuses(given, installed(seen.facts, id)?) {
        Some(cause) => Err(Refusal::because(cause, id)),
        None => Ok(()),
    })
}

/// Why YunoHost would leave an application out (`_check_upgrade_targets` in its `src/app.py`).
fn refuses(given: &Given, app: &App) -> Option<Cause> {
    if given.has("source") {
        return None;
    }
    match app.upgrade_status.as_deref() {
        Some("up_to_date") => (!given.is_on("even-if-up-to-date")).then_some(Cause::NothingToUpgrade),
        Some("fail_requirements") => (!given.is_on("ignore-yunohost-version")).then_some(Cause::RequirementNotMet),
        Some("url_required") => Some(Cause::AppNotInCatalog),
        Some("bad_quality") => Some(Cause::AppNotVouchedFor),
        _ => None,
    }
}

/// The version of each, and the latest operation.
pub(super) fn remembers(given: &Given, seen: &Seen<'_>) -> Value {
    let versions: BTreeMap<&str, &str> =
        given.list("apps").iter().filter_map(|id| Some((id.as_str(), seen.facts.apps.value()?.get(id)?.version.as_str()))).collect();
    let journal = seen.answer(1, "log list").ok();
    json!({"versions": versions, "log": journal.as_ref().and_then(latest)})
}

pub(super) fn proof(given: &Given) -> Vec<Question> {
    [vec![question(&["app", "list"])], journal_now(given)].concat()
}

pub(super) fn judge(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = answers.read(0, apps)?;
    let journal = answers.json(1).unwrap_or_default();
    let since = before.get("log").and_then(Value::as_str).unwrap_or_default();
    let version = |id: &str| before.get("versions")?.get(id)?.as_str();
    let names = given.list("apps");
    let lost: Vec<&str> = names.iter().map(String::as_str).filter(|id| !now.contains_key(*id)).collect();
    if !lost.is_empty() {
        return Ok(CheckResult::Half(Message::new("found.apps-lost").with("apps", lost.join(" "))));
    }
    let done = |id: &&str| match ended(&journal, &format!("app_upgrade-{id}"), since) {
        Some(success) => success,
        None => now.get(*id).is_some_and(|app| version(id).is_some_and(|before| before != app.version)),
    };
    let (done, left): (Vec<&str>, Vec<&str>) = names.iter().map(String::as_str).partition(done);
    Ok(match (done.as_slice(), left.as_slice()) {
        (_, []) => CheckResult::Held,
        ([], _) => CheckResult::NotHeld(Message::new("found.apps-not-upgraded").with("apps", left.join(" "))),
        _ => CheckResult::Half(Message::new("found.apps-partly-upgraded").with("done", done.join(" ")).with("left", left.join(" "))),
    })
}
