//! What an operation was given, checked.

use std::collections::BTreeMap;

use beffroi_domain::Message;
use beffroi_secret::{SecretBytes, SecretText};

use super::{Kind, Operation, Param};

/// Keeps a request well under what the host's side of it reads, 1 MiB.
const MOST_ITEMS: usize = 1000;
const MOST_SETTING: usize = 64 << 10;

/// A value as somebody gave it, not checked yet.
#[derive(Debug)]
pub enum Raw {
    /// One line.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// A switch that is on or off.
    Switch(bool),
    /// A secret.
    Secret(SecretText),
    /// Values by name.
    Settings(BTreeMap<String, Setting>),
}

/// A value that fits its kind.
#[derive(Debug)]
pub enum Value {
    /// One line.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// A switch that is on.
    On,
    /// A secret.
    Secret(SecretText),
    /// Values by name.
    Settings(BTreeMap<String, Setting>),
}

/// A value among [`Raw::Settings`].
#[derive(Debug)]
pub enum Setting {
    /// Shown wherever the operation is.
    Shown(String),
    /// Never shown.
    Secret(SecretText),
}

/// What an operation was given: by the names of its parameters, each of its kind. Never shows a secret.
#[derive(Debug, Default)]
pub struct Given(BTreeMap<&'static str, Value>);

/// A value that YunoHost would refuse, or that would do harm. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGiven {
    /// The value does not fit.
    #[error("{value:?} is no {kind} for {param}")]
    Unfit {
        /// The parameter.
        param: &'static str,
        /// What it must be, see [`Kind::name`].
        kind: &'static str,
        /// The value; of a secret, how many characters it has.
        value: String,
    },
    /// Something that must be given is not.
    #[error("{param} is missing")]
    Missing {
        /// The parameter.
        param: &'static str,
    },
    /// The operation does not take it.
    #[error("there is no {param:?}")]
    Unknown {
        /// What was given.
        param: String,
    },
    /// More than 1,000 entries in one list.
    #[error("{count} entries for {param}")]
    TooMany {
        /// The parameter.
        param: &'static str,
        /// How many.
        count: usize,
    },
    /// Nothing was given that would change anything.
    #[error("nothing to change")]
    NothingToChange,
}

impl Given {
    /// Checks everything, without the host.
    ///
    /// # Errors
    /// The first [`InvalidGiven`].
    pub fn read(operation: &'static Operation, raw: BTreeMap<String, Raw>) -> Result<Self, InvalidGiven> {
        let given = Self::of(operation.params, raw)?;
        let places = operation.params.iter().filter(|param| param.required).count();
        if operation.needs_a_change && given.0.len() == places {
            return Err(InvalidGiven::NothingToChange);
        }
        Ok(given)
    }

    /// Checks what was given for these parameters.
    ///
    /// # Errors
    /// The first [`InvalidGiven`].
    pub fn of(params: &'static [Param], mut raw: BTreeMap<String, Raw>) -> Result<Self, InvalidGiven> {
        let mut given = Self::default();
        for param in params {
            match raw.remove(param.name) {
                None | Some(Raw::Switch(false)) => {}
                Some(value) => {
                    given.0.insert(param.name, checked(param.name, param.kind, value)?);
                }
            }
            let nothing = match given.0.get(param.name) {
                None => true,
                Some(Value::List(list)) => list.is_empty(),
                Some(_) => false,
            };
            if param.required && nothing {
                return Err(InvalidGiven::Missing { param: param.name });
            }
        }
        if let Some((param, _)) = raw.pop_first() {
            return Err(InvalidGiven::Unknown { param });
        }
        Ok(given)
    }

    /// A copy, for another host: guards put there what is missing.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        let copy = |value: &Value| match value {
            Value::Text(text) => Value::Text(text.clone()),
            Value::List(list) => Value::List(list.clone()),
            Value::On => Value::On,
            Value::Secret(secret) => Value::Secret(secret.duplicate()),
            Value::Settings(settings) => {
                let setting = |setting: &Setting| match setting {
                    Setting::Shown(value) => Setting::Shown(value.clone()),
                    Setting::Secret(secret) => Setting::Secret(secret.duplicate()),
                };
                Value::Settings(settings.iter().map(|(name, value)| (name.clone(), setting(value))).collect())
            }
        };
        Self(self.0.iter().map(|(name, value)| (*name, copy(value))).collect())
    }

    /// A text; empty where it was not given.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.maybe(name).unwrap_or_default()
    }

    /// A text, where it was given.
    #[must_use]
    pub fn maybe(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// A list; empty where it was not given.
    #[must_use]
    pub fn list(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(Value::On))
    }

    /// Whether it was given at all.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The settings of one parameter that may be shown, by name.
    pub fn settings(&self, name: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
        let settings = match self.0.get(name) {
            Some(Value::Settings(settings)) => Some(settings),
            _ => None,
        };
        settings.into_iter().flatten().map(|(name, setting)| match setting {
            Setting::Shown(value) => (name.as_str(), Some(value.as_str())),
            Setting::Secret(_) => (name.as_str(), None),
        })
    }

    /// Puts what was not given.
    pub(crate) fn put(&mut self, name: &'static str, text: &str) {
        self.0.entry(name).or_insert_with(|| Value::Text(text.to_owned()));
    }

    /// Puts a list that was not given.
    pub(crate) fn put_list(&mut self, name: &'static str, list: Vec<String>) {
        self.0.entry(name).or_insert(Value::List(list));
    }

    /// Puts a value among the settings of one parameter, unless it has one.
    pub(crate) fn put_setting(&mut self, name: &'static str, key: &str, text: &str) {
        let settings = self.0.entry(name).or_insert_with(|| Value::Settings(BTreeMap::new()));
        if let Value::Settings(settings) = settings {
            settings.entry(key.to_owned()).or_insert_with(|| Setting::Shown(text.to_owned()));
        }
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Everything in it that must never be shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<SecretBytes> {
        let mut secrets = Vec::new();
        for value in self.0.values() {
            match value {
                Value::Secret(secret) => secrets.push(secret.to_bytes()),
                Value::Settings(settings) => secrets.extend(settings.values().filter_map(|setting| match setting {
                    Setting::Secret(secret) => Some(secret.to_bytes()),
                    Setting::Shown(_) => None,
                })),
                Value::Text(_) | Value::List(_) | Value::On => {}
            }
        }
        secrets
    }

    /// The same without its secrets, each of which it remembers by name only.
    #[must_use]
    pub fn without_secrets(&self) -> BTreeMap<String, serde_json::Value> {
        let stored = |value: &Value| match value {
            Value::Text(text) => text.as_str().into(),
            Value::List(list) => list.clone().into(),
            Value::On => true.into(),
            Value::Secret(_) => serde_json::Value::Null,
            Value::Settings(settings) => settings
                .iter()
                .map(|(name, setting)| match setting {
                    Setting::Shown(value) => (name.clone(), value.as_str().into()),
                    Setting::Secret(_) => (name.clone(), serde_json::Value::Null),
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
        };
        self.0.iter().map(|(name, value)| ((*name).to_owned(), stored(value))).collect()
    }

    /// What [`Given::without_secrets`] gave, read again. Its secrets are empty; a parameter that is not known any more is
    /// left out.
    pub(crate) fn stored(operation: &'static Operation, stored: &BTreeMap<String, serde_json::Value>) -> Self {
        let empty = || SecretText::new(String::new());
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let read = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Some(Value::Text(text.clone())),
            serde_json::Value::Array(list) => Some(Value::List(list.iter().map(text).collect())),
            serde_json::Value::Bool(true) => Some(Value::On),
            serde_json::Value::Null => Some(Value::Secret(empty())),
            serde_json::Value::Object(settings) => Some(Value::Settings(
                settings
                    .iter()
                    .map(|(name, value)| {
                        let setting = if value.is_null() { Setting::Secret(empty()) } else { Setting::Shown(text(value)) };
                        (name.clone(), setting)
                    })
                    .collect(),
            )),
            _ => None,
        };
        Self(operation.params.iter().filter_map(|param| Some((param.name, read(stored.get(param.name)?)?))).collect())
    }

    /// A sentence with everything that may be shown as its values: lists with a space between.
    pub(crate) fn message(&self, key: &'static str) -> Message {
        let shown = self.0.iter().filter_map(|(name, value)| match value {
            Value::Text(text) => Some((*name, text.clone())),
            Value::List(list) => Some((*name, list.join(" "))),
            Value::Settings(settings) => Some((*name, settings.keys().map(String::as_str).collect::<Vec<_>>().join(" "))),
            Value::On | Value::Secret(_) => None,
        });
        Message { key, values: shown.collect() }
    }
}

fn checked(param: &'static str, kind: Kind, raw: Raw) -> Result<Value, InvalidGiven> {
    let unfit = |value: String| InvalidGiven::Unfit { param, kind: kind.name(), value };
    match (kind, raw) {
        (Kind::Switch, Raw::Switch(_)) => Ok(Value::On),
        (Kind::Settings, Raw::Settings(settings)) => {
            if settings.len() > MOST_ITEMS {
                return Err(InvalidGiven::TooMany { param, count: settings.len() });
            }
            for (name, setting) in &settings {
                let (fits, shown) = match setting {
                    Setting::Shown(value) => (value.len() <= MOST_SETTING && !value.contains('\0'), name.clone()),
                    // Only its length is looked at.
                    Setting::Secret(secret) => (secret.expose().len() <= MOST_SETTING, name.clone()),
                };
                if !Kind::Key.fits(name) || !fits {
                    return Err(unfit(shown));
                }
            }
            Ok(Value::Settings(settings))
        }
        (kind, Raw::Secret(secret)) if kind.is_secret() => {
            // Looked at here, goes nowhere.
            let (fits, length) = (kind.fits(secret.expose()), secret.expose().chars().count());
            if fits { Ok(Value::Secret(secret)) } else { Err(unfit(format!("{length} characters"))) }
        }
        (kind, Raw::List(list)) if kind.is_list() => {
            if list.len() > MOST_ITEMS {
                return Err(InvalidGiven::TooMany { param, count: list.len() });
            }
            match list.iter().find(|item| !kind.fits(item)) {
                Some(item) => Err(unfit(item.clone())),
                None => Ok(Value::List(list)),
            }
        }
        (kind, Raw::Text(text)) if !kind.is_list() && !kind.is_secret() => {
            if kind.fits(&text) {
                Ok(Value::Text(text))
            } else {
                Err(unfit(text))
            }
        }
        (_, Raw::Text(_) | Raw::List(_) | Raw::Switch(_) | Raw::Secret(_) | Raw::Settings(_)) => Err(unfit(String::new())),
    }
}
