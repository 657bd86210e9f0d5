//! One question, with what it may be answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Texts;

/// The types of YunoHost 12 (`src/utils/form.py`, `OptionType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    #[default]
    String,
    /// Several lines.
    Text,
    /// One of the choices.
    Select,
    /// Several words, of the choices where there are some.
    Tags,
    /// A number.
    Number,
    /// A number, by a slider.
    Range,
    /// Yes or no.
    Boolean,
    /// A day, `2026-11-21`.
    Date,
    /// A time, `23:59`.
    Time,
    /// A colour, `#ff0000`.
    Color,
    /// An e-mail address.
    Email,
    /// The path of an address, `/wiki`.
    Path,
    /// An `http://` or `https://` address.
    Url,
    /// A file.
    File,
    /// A domain of the host.
    Domain,
    /// An application of the host.
    App,
    /// A user of the host.
    User,
    /// A group of the host.
    Group,
    /// A password; its value is never taken.
    Password,
    /// A text to be read.
    DisplayText,
    /// The same, in Markdown.
    Markdown,
    /// A warning to be read.
    Alert,
    /// Runs an action.
    Button,
    /// A type that a newer YunoHost has: treated as one line.
    Other,
}

impl FieldKind {
    /// YunoHost's word for a type.
    pub(super) fn named(word: &str) -> Self {
        match word {
            "string" => Self::String,
            "text" => Self::Text,
            "select" => Self::Select,
            "tags" => Self::Tags,
            "number" => Self::Number,
            "range" => Self::Range,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "time" => Self::Time,
            "color" => Self::Color,
            "email" => Self::Email,
            "path" => Self::Path,
            "url" => Self::Url,
            "file" => Self::File,
            "domain" => Self::Domain,
            "app" => Self::App,
            "user" => Self::User,
            "group" => Self::Group,
            "password" => Self::Password,
            "display_text" => Self::DisplayText,
            "markdown" => Self::Markdown,
            "alert" => Self::Alert,
            "button" => Self::Button,
            _ => Self::Other,
        }
    }

    /// Whether it is only to be read or pressed: it takes no answer.
    #[must_use]
    pub fn is_shown_only(self) -> bool {
        matches!(self, Self::DisplayText | Self::Markdown | Self::Alert | Self::Button)
    }
}

/// One of the values that a field may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is answered.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// What a text must look like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pattern {
    /// A regular expression of Python.
    pub regexp: String,
    /// What is said when it does not match.
    pub error: Texts,
}

/// A question of a manifest, or a field of a panel.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Field {
    /// Its name among the answers; in a panel the last part of its key.
    pub id: String,
    /// What it may be.
    pub kind: FieldKind,
    /// The question.
    pub ask: Texts,
    /// What explains it.
    pub help: Texts,
    /// What is taken when nothing is answered.
    pub default: Option<String>,
    /// What it is now, in a panel. Never that of a password.
    pub value: Option<String>,
    /// Whether it may stay empty.
    pub optional: bool,
    /// Whether it can only be read.
    pub readonly: bool,
    /// Whether it must be masked: passwords, and what the package says is secret.
    pub secret: bool,
    /// What it may be; empty where anything goes.
    pub choices: Vec<Choice>,
    /// What it must look like.
    pub pattern: Option<Pattern>,
    /// The smallest number.
    pub min: Option<i64>,
    /// The greatest.
    pub max: Option<i64>,
    /// The step from one to the next.
    pub step: Option<i64>,
    /// The word for yes.
    pub yes: Option<String>,
    /// The word for no.
    pub no: Option<String>,
    /// An example.
    pub example: Option<String>,
    /// The condition under which it is shown, in YunoHost's language of conditions (`with_sftp`, `a == 'b'`); `None` for always.
    pub visible: Option<String>,
    /// The condition under which a button may be pressed; `None` for always.
    pub enabled: Option<String>,
    /// What the host said beside all this: at most 32 entries of 4 KiB. Nothing of a secret field.
    pub more: BTreeMap<String, Value>,
}
