//! From the JSON of YunoHost to questions: what is not understood in one is left out, the others are kept.

use std::collections::BTreeMap;

use beffroi_remote::clean;
use serde_json::{Map, Value};

use super::{Choice, Field, FieldKind, Manifest, Panel, Pattern, Requirement, Section, Texts, Wants};
use crate::text::{filled, paragraphs, text};

/// The most of one list or map, and of languages and unknown entries.
const MOST: usize = 500;
const MOST_CHOICES: usize = 10_000;
const MOST_SMALL: usize = 32;
/// The most bytes of an entry that is kept as it came.
const MOST_UNKNOWN: usize = 4096;

/// The entries of a field that are read; the others are [`Field::more`].
const KNOWN: &[&str] = &[
    "id",
    "type",
    "ask",
    "help",
    "default",
    "value",
    "current_value",
    "optional",
    "readonly",
    "redact",
    "choices",
    "pattern",
    "min",
    "max",
    "step",
    "yes",
    "no",
    "example",
    "visible",
    "enabled",
];

impl Manifest {
    /// Reads what `app manifest` prints, or an entry's `manifest` of a catalog, whose questions are a map.
    #[must_use]
    pub fn read(json: &Value) -> Option<Self> {
        let entry = json.as_object()?;
        let integration = json.get("integration").unwrap_or(&Value::Null);
        let quality = json.get("quality").unwrap_or(&Value::Null);
        Some(Self {
            id: filled(json, "id")?,
            name: text(json, "name"),
            description: texts(json.get("description")),
            version: text(json, "version"),
            multi_instance: integration.get("multi_instance").is_some_and(is_true),
            wants: wants(integration),
            questions: questions(entry.get("install")),
            requirements: requirements(json.get("requirements")),
            notes: notes(json.get("notifications")),
            level: quality.get("level").and_then(Value::as_i64).filter(|level| *level >= 0),
            state: text(quality, "state"),
            antifeatures: words(json.get("antifeatures")),
        })
    }
}

impl Panel {
    /// Reads the panels that a `--full` configuration prints: `{"panels": [{"sections": [{"options": []}]}]}`.
    #[must_use]
    pub fn read_all(json: &Value) -> Option<Vec<Self>> {
        let panels = json.get("panels")?.as_array()?.iter().take(MOST);
        Some(panels.filter_map(Self::read).collect())
    }

    fn read(json: &Value) -> Option<Self> {
        let sections = list(json.get("sections")).filter_map(Section::read).collect();
        Some(Self { id: filled(json, "id")?, name: texts(json.get("name")), help: texts(json.get("help")), sections })
    }
}

impl Section {
    fn read(json: &Value) -> Option<Self> {
        Some(Self {
            id: filled(json, "id")?,
            name: texts(json.get("name")),
            help: texts(json.get("help")),
            visible: condition(json.get("visible")),
            actions: json.get("is_action_section").is_some_and(is_true),
            fields: questions(json.get("options")),
        })
    }
}

impl Field {
    /// Reads one question. `name` is its name where it is an entry of a map.
    fn read(json: &Value, name: Option<&str>) -> Option<Self> {
        let entry = json.as_object()?;
        let kind = FieldKind::named(json.get("type").and_then(Value::as_str).unwrap_or("string"));
        let secret = kind == FieldKind::Password || json.get("redact").is_some_and(is_true);
        let unless_secret = |name: &str| entry.get(name).and_then(scalar).filter(|_| !secret);
        Some(Self {
            id: name.map(clean).filter(|name| !name.is_empty()).or_else(|| filled(json, "id"))?,
            kind,
            ask: texts(json.get("ask")),
            help: texts(json.get("help")),
            default: unless_secret("default"),
            value: unless_secret("value").or_else(|| unless_secret("current_value")),
            optional: json.get("optional").is_some_and(is_true),
            readonly: json.get("readonly").is_some_and(is_true),
            secret,
            choices: choices(json.get("choices")),
            pattern: pattern(json.get("pattern")),
            min: json.get("min").and_then(Value::as_i64),
            max: json.get("max").and_then(Value::as_i64),
            step: json.get("step").and_then(Value::as_i64),
            yes: entry.get("yes").and_then(scalar),
            no: entry.get("no").and_then(scalar),
            example: unless_secret("example"),
            visible: condition(json.get("visible")),
            enabled: condition(json.get("enabled")),
            more: if secret { BTreeMap::new() } else { unknown(entry) },
        })
    }
}

/// `install` of a manifest: a list from `app manifest`, a map by name in a catalog.
fn questions(json: Option<&Value>) -> Vec<Field> {
    match json {
        Some(Value::Array(list)) => list.iter().take(MOST).filter_map(|entry| Field::read(entry, None)).collect(),
        Some(Value::Object(map)) => map.iter().take(MOST).filter_map(|(name, entry)| Field::read(entry, Some(name))).collect(),
        _ => Vec::new(),
    }
}

fn choices(json: Option<&Value>) -> Vec<Choice> {
    let plain = |value: String| Choice { label: value.clone(), value };
    match json {
        Some(Value::Array(list)) => list.iter().take(MOST_CHOICES).filter_map(scalar).map(plain).collect(),
        Some(Value::Object(map)) => {
            let labelled =
                |(value, label): (&String, &Value)| Choice { value: clean(value), label: texts(Some(label)).in_language("en").to_owned() };
            map.iter().take(MOST_CHOICES).map(labelled).collect()
        }
        _ => Vec::new(),
    }
}

/// `{"regexp", "error"}`, or the expression alone.
fn pattern(json: Option<&Value>) -> Option<Pattern> {
    match json? {
        Value::String(regexp) => Some(Pattern { regexp: clean(regexp), error: Texts::default() }),
        pattern => Some(Pattern { regexp: filled(pattern, "regexp")?, error: texts(pattern.get("error")) }),
    }
}

/// `true` for always; else a sentence of the language of conditions, or `false`.
fn condition(json: Option<&Value>) -> Option<String> {
    match json? {
        Value::Bool(false) => Some("false".to_owned()),
        Value::String(text) => Some(clean(text)).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn wants(integration: &Value) -> Wants {
    let architectures = match integration.get("architectures") {
        Some(Value::String(all)) if all == "all" => Vec::new(),
        Some(Value::String(one)) => vec![clean(one)],
        many => words(many),
    };
    let ram = integration.get("ram").unwrap_or(&Value::Null);
    Wants {
        yunohost: text(integration, "yunohost"),
        architectures,
        disk: text(integration, "disk"),
        ram_build: text(ram, "build"),
        ram_runtime: text(ram, "runtime"),
    }
}

fn requirements(json: Option<&Value>) -> BTreeMap<String, Requirement> {
    let requirement = |entry: &Value| Requirement { passed: entry.get("passed").is_some_and(is_true), message: text(entry, "error") };
    entries(json).map(|(name, entry)| (clean(name), requirement(entry))).collect()
}

fn notes(json: Option<&Value>) -> BTreeMap<String, BTreeMap<String, Texts>> {
    let by_name = |entry: &Value| entries(Some(entry)).map(|(name, note)| (clean(name), texts(Some(note)))).collect();
    entries(json).map(|(moment, entry)| (clean(moment), by_name(entry))).collect()
}

fn unknown(entry: &Map<String, Value>) -> BTreeMap<String, Value> {
    let small = |value: &Value| !value.is_null() && value.to_string().len() <= MOST_UNKNOWN;
    let unknown = entry.iter().filter(|(name, value)| !KNOWN.contains(&name.as_str()) && small(value)).take(MOST_SMALL);
    unknown.map(|(name, value)| (clean(name), cleaned(value))).collect()
}

/// The same with its texts cleaned; its size is limited already.
fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => clean(text).into(),
        Value::Array(list) => list.iter().map(cleaned).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(name, value)| (clean(name), cleaned(value))).collect()),
        other => other.clone(),
    }
}

/// A text, or one in several languages.
pub(crate) fn texts(json: Option<&Value>) -> Texts {
    Texts(match json {
        Some(Value::String(text)) => BTreeMap::from([("en".to_owned(), paragraphs(text))]),
        Some(Value::Object(map)) => {
            let languages = map.iter().filter_map(|(language, text)| Some((clean(language), paragraphs(text.as_str()?))));
            languages.take(MOST_SMALL).collect()
        }
        _ => BTreeMap::new(),
    })
}

/// A value of its own as text; `None` for what is none, a list with commas between, as YunoHost writes tags.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(paragraphs(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(u8::from(*yes).to_string()),
        Value::Array(list) => Some(list.iter().take(MOST).filter_map(Value::as_str).map(clean).collect::<Vec<_>>().join(",")),
        Value::Null | Value::Object(_) => None,
    }
}

/// `true`, `1`, or a word for yes: manifests are written by hand.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_i64() != Some(0),
        Value::String(word) => matches!(word.as_str(), "true" | "yes" | "1"),
        _ => false,
    }
}

pub(crate) fn words(json: Option<&Value>) -> Vec<String> {
    list(json).filter_map(Value::as_str).map(clean).filter(|word| !word.is_empty()).collect()
}

fn list(json: Option<&Value>) -> impl Iterator<Item = &Value> {
    json.and_then(Value::as_array).into_iter().flatten().take(MOST)
}

fn entries(json: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    json.and_then(Value::as_object).into_iter().flatten().take(MOST)
}
