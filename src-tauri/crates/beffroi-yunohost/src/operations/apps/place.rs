//! Where applications answer: `app change-url` and `app makedefault`.

use beffroi_domain::Message;
use serde_json::Value;

use super::install::domain_exists;
use super::seen::{given_installed, is_at, taken};
use crate::Cause;
use crate::facts::apps;
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, differs, held_or, missing, question};

pub(super) fn asks(given: &Given) -> Vec<Question> {
    vec![question(&["app", "map", "--raw"]), question(&["app", "info", given.text("app"), "--full"])]
}

pub(super) fn guard(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let app = given_installed(given, seen)?;
    let (id, domain, path) = (given.text("app"), given.text("domain"), given.text("path"));
    domain_exists(seen, domain)?;
    if is_at(app.domain_path.as_deref(), domain, path) {
        return Err(Refusal::because(Cause::UrlTaken, format!("{domain}{path}: {id}")));
    }
    if seen.answer(1, "app info")?.get("supports_change_url").and_then(Value::as_bool) == Some(false) {
        return Err(Refusal::because(Cause::ChangeUrlUnsupported, id));
    }
    match taken(&seen.answer(0, "app map")?, domain, path, id) {
        Some(other) => Err(Refusal::because(Cause::UrlTaken, format!("{domain}{path}: {other}"))),
        None => Ok(()),
    }
}

/// Where it was.
pub(super) fn remembers(given: &Given, seen: &Seen<'_>) -> Value {
    seen.facts.apps.value().and_then(|apps| apps.get(given.text("app"))?.domain_path.clone()).into()
}

pub(super) fn proof(_: &Given) -> Vec<Question> {
    vec![question(&["app", "list"]), question(&["app", "map", "--raw"])]
}

pub(super) fn judge(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let (id, domain, path) = (given.text("app"), given.text("domain"), given.text("path"));
    let (apps, map) = (answers.read(0, apps)?, answers.json(1)?);
    let Some(app) = apps.get(id) else { return Ok(missing(id)) };
    let mapped = map.get(domain).and_then(Value::as_object).is_some_and(|paths| {
        paths
            .iter()
            .any(|(at, app)| is_at(Some(&format!("{domain}{at}")), domain, path) && app.get("id").and_then(Value::as_str) == Some(id))
    });
    Ok(match (is_at(app.domain_path.as_deref(), domain, path), mapped) {
        (true, true) => CheckResult::Held,
        (false, false) if app.domain_path.as_deref() == before.as_str() => CheckResult::NotHeld(differs(&["path"])),
        _ => CheckResult::Half(differs(&["path"])),
    })
}

/// The domain is that of the application where none was given.
pub(super) fn guard_default(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let app = given_installed(given, seen)?;
    let own = app.domain_path.as_deref().and_then(|place| place.split_once('/')).map(|(domain, _)| domain);
    // One that answers nowhere has nothing to show there, and YunoHost breaks off on it.
    let Some(own) = own else { return Err(Refusal::because(Cause::InvalidArgument, given.text("app"))) };
    given.put("domain", own);
    domain_exists(seen, given.text("domain"))
}

pub(super) fn proof_default(given: &Given) -> Vec<Question> {
    vec![question(&["domain", "config", "get", given.text("domain"), "feature.app.default_app"])]
}

/// The application that the root of the domain leads to; empty for none.
fn default_app(answers: &Answers) -> Result<String, CheckError> {
    answers.read(0, |json| json.as_str().map(|app| if app == "_none" { String::new() } else { app.to_owned() }))
}

pub(super) fn judge_default(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = default_app(answers)?;
    Ok(held_or(now == given.text("app"), || Message::new("found.default-app-is").with("app", now)))
}

pub(super) fn judge_undefault(_: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = default_app(answers)?;
    Ok(held_or(now.is_empty(), || Message::new("found.default-app-is").with("app", now)))
}
