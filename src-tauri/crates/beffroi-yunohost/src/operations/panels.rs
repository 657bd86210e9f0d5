//! Configuration panels: of the host (`settings …`) and of a domain (`domain config …`).
//!
//! A panel has sections, a section has options, and `panel.section.option` names an option. The form of the answers is that
//! of YunoHost 12: with `--full` the tree, each option with its type; without it a flat map in which passwords are masked.

use beffroi_domain::Message;
use serde_json::Value;

use crate::Cause;
use crate::manifest::{Panel, Unfit, check_panels, fields};
use crate::operation::{CheckResult, Given, Kind, Param, Question, Refusal, Seen, differs, missing, question};
use crate::text::yes_or_no;

/// An option, or a section of which several options are set together.
pub(super) const KEY: Param = Param::place("setting", Kind::Key);
pub(super) const VALUE: Param = Param::option("value", Kind::Line(4096), "--value");
/// Each may be a secret.
pub(super) const VALUES: Param = Param::option("values", Kind::Settings, "--args");

/// Types whose values are shown as they were given; the others may be shown in another form.
const PLAIN: &[&str] = &["boolean", "select", "number", "range", "string", "app", "domain", "user", "group"];

/// What an option is set to; YunoHost 11 has another word for it.
pub(super) fn held(option: &Value) -> Option<&Value> {
    option.get("value").or_else(|| option.get("current_value"))
}

/// The options of a panel that was read with `--full`, each with its whole key.
pub(super) fn options(full: &Value) -> impl Iterator<Item = (String, &Value)> {
    parts(full, "panels").flat_map(|panel| {
        parts(panel, "sections").flat_map(move |section| {
            parts(section, "options").map(move |option| (format!("{}.{}.{}", id(panel), id(section), id(option)), option))
        })
    })
}

fn parts<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn id(of: &Value) -> &str {
    of.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// The question for what is to be set, before and with its types; and the one for its section, afterwards.
pub(super) fn whole(before: &[&str], key: &str) -> Question {
    question(&[before, &[key, "--full"]].concat())
}

pub(super) fn section(before: &[&str], given: &Given) -> Question {
    let key = given.text("setting");
    let section = if given.has("value") { key.rsplit_once('.').map_or(key, |(section, _)| section) } else { key };
    question(&[before, &[section]].concat())
}

/// What is to be set, by whole keys; the values of secrets are left out.
pub(super) fn pairs(given: &Given) -> Vec<(String, Option<&str>)> {
    let key = given.text("setting");
    match given.maybe("value") {
        Some(value) => vec![(key.to_owned(), Some(value))],
        None => given.settings("values").map(|(name, value)| (format!("{key}.{name}"), value)).collect(),
    }
}

/// The tree that [`whole`] asked for.
pub(super) fn tree(key: &str, seen: &Seen<'_>) -> Result<Value, Refusal> {
    match seen.answer(0, "settings") {
        Err(Refusal::NotRead { cause: cause @ (Cause::SettingUnknown | Cause::DomainUnknown), .. }) => Err(Refusal::because(cause, key)),
        tree => tree,
    }
}

/// Says no to values that the options do not take, and to a password that would be seen.
pub(super) fn guard_values(given: &Given, tree: &Value) -> Result<(), Refusal> {
    let key = given.text("setting");
    // One value is for an option, several are for a section.
    let words = if given.has("value") { 3 } else { 2 };
    if given.has("value") == given.has("values") || key.split('.').count() != words {
        return Err(Refusal::because(Cause::InvalidArgument, key));
    }
    let panels = Panel::read_all(tree).unwrap_or_default();
    let pairs = pairs(given);
    for (key, value) in &pairs {
        let field = fields(&panels).find(|(name, _)| name == key).map(|(_, field)| field);
        let field = field.ok_or_else(|| Refusal::because(Cause::SettingUnknown, key))?;
        let about = || value.map_or_else(|| key.clone(), |value| format!("{key}: {value}"));
        if field.readonly || field.kind.is_shown_only() {
            return Err(Refusal::because(Cause::InvalidArgument, about()));
        }
        match field.refuses(*value) {
            Some(Unfit::NotSecret) => return Err(Refusal::because(Cause::SettingIsSecret, key)),
            Some(_) => return Err(Refusal::because(Cause::InvalidArgument, about())),
            // Alone, YunoHost breaks off with an internal error: it looks for the option on which this one depends.
            None if given.has("value") && field.visible.is_some() => return Err(Refusal::because(Cause::SettingDependsOnOthers, key)),
            None => {}
        }
    }
    guard_visible(&panels, given)
}

/// Says no to a value of a field that is not asked for with the others: YunoHost would set the others, and take no notice of it.
pub(super) fn guard_visible(panels: &[Panel], given: &Given) -> Result<(), Refusal> {
    let hidden = check_panels(panels, &given.settings("values").collect()).wrong.into_iter().find(|wrong| wrong.why == Unfit::Hidden);
    hidden.map_or(Ok(()), |wrong| Err(Refusal::because(Cause::SettingDependsOnOthers, wrong.field)))
}

/// The types of what is to be set, which say whether the values can be recognised afterwards.
pub(super) fn remember_types(given: &Given, seen: &Seen<'_>) -> Value {
    let Ok(tree) = tree(given.text("setting"), seen) else { return Value::Null };
    let pairs = pairs(given);
    let wanted = |name: &str| pairs.iter().any(|(key, _)| key == name);
    options(&tree)
        .filter(|(name, _)| wanted(name))
        .map(|(name, option)| (name, kind(option).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn kind(option: &Value) -> &str {
    option.get("type").and_then(Value::as_str).unwrap_or_default()
}

/// Compares the section, as read without `--full`, with what was given, and with what was remembered of the types.
pub(super) fn judge_values(given: &Given, types: &Value, answer: Result<Value, Cause>) -> CheckResult {
    let Ok(section) = answer else { return missing(given.text("setting")) };
    let (mut other, mut not_shown) = (Vec::new(), false);
    let pairs = pairs(given);
    for (key, wanted) in &pairs {
        let shown = section.get(key).and_then(|shown| shown.get("value")).and_then(Value::as_str).map(str::trim);
        let plain = types.get(key).and_then(Value::as_str).is_some_and(|kind| PLAIN.contains(&kind));
        match (shown, wanted.map(str::trim)) {
            (Some(shown), Some(wanted)) if shown == wanted || same_answer(shown, wanted) => {}
            (Some(_), None) => not_shown = true,
            (Some(_), Some(_)) if !plain => not_shown = true,
            _ => other.push(key.as_str()),
        }
    }
    match other.len() {
        0 if not_shown => CheckResult::NotKnown(Message::new("found.not-shown")),
        0 => CheckResult::Held,
        count if count == pairs.len() => CheckResult::NotHeld(differs(&other)),
        _ => CheckResult::Half(differs(&other)),
    }
}

fn same_answer(shown: &str, wanted: &str) -> bool {
    yes_or_no(shown).is_some() && yes_or_no(shown) == yes_or_no(wanted)
}

/// Whether an option has its default value; `None` for one that YunoHost leaves alone when it resets.
pub(super) fn is_default(option: &Value) -> Option<bool> {
    let text = |name: &str| match option.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::Bool(yes)) => u8::from(*yes).to_string(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    let (default, is) = (text("default"), |name: &str| option.get(name) == Some(&true.into()));
    let reset = option.get("value").is_some() && !is("readonly") && (is("optional") || !default.is_empty());
    reset.then(|| text("value") == default)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_option_is_at_its_default_in_each_of_its_forms() {
        for (value, default) in
            [(json!(1), json!(true)), (json!(0), json!(false)), (json!(null), json!("")), (json!("1"), json!("1")), (json!(22), json!(22))]
        {
            assert_eq!(is_default(&json!({"value": value, "default": default, "optional": true})), Some(true), "{value} {default}");
        }
        assert_eq!(is_default(&json!({"value": 2222, "default": 22})), Some(false));
        assert_eq!(is_default(&json!({"value": "a"})), None, "it has none, and must have a value");
        assert_eq!(is_default(&json!({"type": "alert"})), None);
    }

    #[test]
    fn options_have_whole_keys() {
        let full = json!({"panels": [{"id": "a", "sections": [{"id": "b", "options": [{"id": "c"}, {"id": "d"}]}]}, {"id": "e"}]});
        let keys: Vec<String> = options(&full).map(|(key, _)| key).collect();
        assert_eq!(keys, ["a.b.c", "a.b.d"]);
        assert_eq!(options(&json!(5)).count(), 0);
    }
}
