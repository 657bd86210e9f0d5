//! `app upgrade`: where a script fails, YunoHost puts the safety backup back and ends with status 0.

use std::collections::BTreeMap;

use beffroi_domain::Message;
use serde_json::{Value, json};

use super::seen::{ask_journal, catalog_is_there, ended, installed, journal_now, latest};
use crate::Cause;
use crate::facts::{App, apps};
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, need, question};

pub(super) fn asks(_: &Given) -> Vec<Question> {
    vec![question(&["app", "catalog"]), ask_journal()]
}

/// Puts the applications that can be upgraded where none was named, so that the plan and its check name them.
pub(super) fn guard(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    catalog_is_there(seen, 0)?;
    let all = need(&seen.facts.apps, "apps")?;
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
