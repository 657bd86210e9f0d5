//! The configuration panels of applications, and their actions, which are buttons of such a panel.

use std::collections::BTreeMap;

use beffroi_domain::Message;
use serde_json::{Value, json};

use super::super::panels::guard_visible;
use super::install::refuse;
use super::seen::{ask_journal, ended, given_installed, latest};
use crate::Cause;
use crate::manifest::{Field, FieldKind, Panel, Unfit, Wrong, fields};
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, differs, missing, question};

/// The panel with what each field may be. Passwords stand in it in clear: the reader drops them.
pub(super) fn panel(given: &Given) -> Vec<Question> {
    vec![question(&["app", "config", "get", given.text("app"), "--full"])]
}

fn seen_panel(seen: &Seen<'_>) -> Result<Vec<Panel>, Refusal> {
    let json = match seen.answer(0, "app config get") {
        Err(Refusal::NotRead { cause: Cause::ConfigPanelMissing, .. }) => return Err(Refusal::because(Cause::ConfigPanelMissing, "")),
        other => other?,
    };
    let not_understood =
        || Refusal::NotRead { what: "app config get".to_owned(), cause: Cause::AnswerNotUnderstood, message: String::new() };
    Panel::read_all(&json).ok_or_else(not_understood)
}

/// A field by its key, and what it is to be; `None` for a secret.
type Wanted<'a> = (String, &'a Field, Option<&'a str>);

/// What was given, by the fields of the panel.
///
/// One value comes with the whole key of its field, several by their names under `values`, in the part that `setting` names if any.
fn wanted<'a>(given: &'a Given, panels: &'a [Panel]) -> Result<Vec<Wanted<'a>>, Wrong> {
    let key = given.maybe("setting").unwrap_or_default();
    let wrong = |field: &str, why| Wrong { field: field.to_owned(), why };
    if let Some(value) = given.maybe("value") {
        let (name, field) = fields(panels).find(|(name, _)| name == key).ok_or_else(|| wrong(key, Unfit::NotAsked))?;
        return Ok(vec![(name, field, Some(value))]);
    }
    let within = |name: &str| key.is_empty() || name.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let find =
        |name: &str| fields(panels).find(|(full, field)| field.id == name && within(full)).ok_or_else(|| wrong(name, Unfit::NotAsked));
    given.settings("values").map(|(name, value)| find(name).map(|(full, field)| (full, field, value))).collect()
}

pub(super) fn guard(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen)?;
    if given.has("value") == given.has("values") {
        return Err(Refusal::because(Cause::InvalidArgument, "value"));
    }
    let panels = seen_panel(seen)?;
    for (key, field, value) in wanted(given, &panels).map_err(refuse)? {
        if field.readonly || field.kind.is_shown_only() {
            return Err(Refusal::because(Cause::SettingUnknown, key));
        }
        if let Some(why) = field.refuses(value) {
            return Err(refuse(Wrong { field: key, why }));
        }
        // Alone, YunoHost breaks off with an internal error: it looks for the field on which this one depends.
        if given.has("value") && field.visible.is_some() {
            return Err(Refusal::because(Cause::SettingDependsOnOthers, key));
        }
    }
    guard_visible(&panels, given)
}

/// What the fields that are given held before, but secrets.
pub(super) fn remembers(given: &Given, seen: &Seen<'_>) -> Value {
    let Ok(panels) = seen_panel(seen) else { return Value::Null };
    let wanted = wanted(given, &panels).unwrap_or_default();
    wanted.into_iter().map(|(key, field, _)| (key, field.value.clone())).collect::<BTreeMap<_, _>>().into_iter().collect()
}

pub(super) fn judge(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let panels = match answers.or_cause(0)? {
        Ok(json) => Panel::read_all(&json).unwrap_or_default(),
        Err(_) => return Ok(missing(given.text("app"))),
    };
    let Ok(wanted) = wanted(given, &panels) else { return Ok(missing(given.text("setting"))) };
    let (shown, hidden): (Vec<_>, Vec<_>) = wanted.iter().partition(|(_, field, value)| value.is_some() && !field.secret);
    let same = |field: &Field, value: Option<&str>| field.is_same(value.unwrap_or_default(), field.value.as_deref().unwrap_or_default());
    let (held, other): (Vec<_>, Vec<_>) = shown.into_iter().partition(|(_, field, value)| same(field, *value));
    let moved = |(key, field, _): &&Wanted<'_>| before.get(key).and_then(Value::as_str) != field.value.as_deref();
    let names: Vec<&str> = other.iter().map(|(key, ..)| key.as_str()).collect();
    Ok(match (other.is_empty(), hidden.is_empty()) {
        (true, true) => CheckResult::Held,
        (true, false) => CheckResult::NotKnown(Message::new("found.not-shown")),
        (false, _) if held.iter().any(moved) => CheckResult::Half(differs(&names)),
        (false, _) => CheckResult::NotHeld(differs(&names)),
    })
}

pub(super) fn asks_action(given: &Given) -> Vec<Question> {
    [panel(given), vec![ask_journal()]].concat()
}

pub(super) fn guard_action(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen)?;
    let panels = seen_panel(seen)?;
    let action = given.text("action").to_owned();
    let unknown = || Refusal::because(Cause::ActionUnknown, &action);
    let part = action.rsplit_once('.').map(|(part, _)| part).ok_or_else(unknown)?;
    if !fields(&panels).any(|(key, field)| key == action && field.kind == FieldKind::Button) {
        return Err(unknown());
    }
    let asked: Vec<&Field> =
        fields(&panels).filter(|(key, _)| key.rsplit_once('.').map(|(part, _)| part) == Some(part)).map(|(_, field)| field).collect();
    for (name, value) in given.settings("answers") {
        let wrong = |why| refuse(Wrong { field: name.to_owned(), why });
        let field = asked.iter().find(|field| field.id == name).ok_or_else(|| wrong(Unfit::NotAsked))?;
        if let Some(why) = field.refuses(value) {
            return Err(wrong(why));
        }
    }
    Ok(())
}

/// The latest operation: what an action did, only its application knows, but YunoHost notes how it ended.
pub(super) fn remembers_action(_: &Given, seen: &Seen<'_>) -> Value {
    let journal = seen.answer(1, "log list").ok();
    json!(journal.as_ref().and_then(latest))
}

pub(super) fn judge_action(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let what = format!("app_action_run-{}", given.text("app"));
    Ok(match ended(&answers.json(0)?, &what, before.as_str().unwrap_or_default()) {
        Some(true) => CheckResult::Held,
        Some(false) => CheckResult::NotHeld(Message::new("found.app-action-failed").with("action", given.text("action"))),
        None => CheckResult::NotKnown(Message::new("found.not-shown")),
    })
}
