//! What YunoHost keeps of an application: its label, its settings.

use serde_json::Value;

use super::seen::given_installed;
use crate::Cause;
use crate::facts::apps;
use crate::operation::{Answers, CheckError, CheckResult, Given, Refusal, Seen, differs, held_or, missing, still_there};

/// By which YunoHost finds the application again; other operations change the address and the permissions.
const PROTECTED: &[&str] = &["_permissions", "app", "id", "domain", "path"];

pub(super) fn guard_installed(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen).map(drop)
}

pub(super) fn guard_label(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen)?;
    if given.text("label").trim().is_empty() { Err(Refusal::because(Cause::InvalidArgument, "label")) } else { Ok(()) }
}

pub(super) fn judge_label(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let apps = answers.read(0, apps)?;
    Ok(match apps.get(given.text("app")) {
        None => missing(given.text("app")),
        Some(app) => held_or(app.name == given.text("label").trim(), || differs(&["label"])),
    })
}

pub(super) fn guard_set(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen)?;
    let key = given.text("setting");
    if PROTECTED.contains(&key) { Err(Refusal::because(Cause::SettingProtected, key)) } else { Ok(()) }
}

/// YunoHost says nothing when the key is not there.
pub(super) fn guard_unset(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    guard_set(given, seen)?;
    let there = setting(&seen.answer(0, "app info")?, given.text("setting")).is_some();
    if there { Ok(()) } else { Err(Refusal::because(Cause::SettingUnknown, given.text("setting"))) }
}

/// A setting as text, from what `app info --full` prints.
fn setting(info: &Value, key: &str) -> Option<String> {
    match info.get("settings")?.get(key)? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Of an application that may be gone.
fn setting_now(given: &Given, key: &str, answers: &Answers) -> Result<Result<Option<String>, CheckResult>, CheckError> {
    Ok(answers.or_cause(0)?.map(|info| setting(&info, key)).map_err(|_| missing(given.text("app"))))
}

pub(super) fn judge_set(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    Ok(match setting_now(given, given.text("setting"), answers)? {
        Err(gone) => gone,
        Ok(None) => missing(given.text("setting")),
        Ok(Some(value)) => held_or(value == given.text("value"), || differs(&["value"])),
    })
}

pub(super) fn judge_unset(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    Ok(match setting_now(given, given.text("setting"), answers)? {
        Err(gone) => gone,
        Ok(None) => CheckResult::Held,
        Ok(Some(_)) => still_there(given.text("setting")),
    })
}

/// YunoHost keeps it as a setting of its own (`_dismiss_notification_post_install`).
pub(super) fn judge_dismiss(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let key = format!("_dismiss_notification_{}", given.text("notification"));
    Ok(match setting_now(given, &key, answers)? {
        Err(gone) => gone,
        Ok(value) => held_or(value.as_deref() == Some("1"), || differs(&["notification"])),
    })
}
