//! What is kept of an operation so that its effect can be checked later, by another run of the program.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Given, Operation, Seen};

/// An operation without its secrets, in stored form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct ActionRecord {
    /// [`Operation::id`].
    pub operation: String,
    /// [`Given::without_secrets`].
    pub given: BTreeMap<String, serde_json::Value>,
    /// What [`Operation::remembers`] of before.
    pub before: serde_json::Value,
}

/// The forms in which records were stored.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Record {
        operation: String,
        given: BTreeMap<String, serde_json::Value>,
        #[serde(default)]
        before: serde_json::Value,
    },
    /// Of the first four actions, before there were operations: `{"action": "user-add/1", "username": …}`.
    Action {
        action: String,
        #[serde(flatten)]
        fields: BTreeMap<String, serde_json::Value>,
    },
}

impl From<Stored> for ActionRecord {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Record { operation, given, before } => Self { operation, given, before },
            Stored::Action { action, mut fields } => {
                let operation = action.split('/').next().unwrap_or_default().to_owned();
                let before = fields.remove("changed_before").unwrap_or_default();
                // A password was stored as whether it was to change.
                fields.retain(|name, value| !value.is_null() && (name != "password" || *value != false));
                let given = fields.into_iter().map(|(name, value)| match name.as_str() {
                    "name" => ("service".to_owned(), value),
                    "password" => (name, serde_json::Value::Null),
                    _ => (name.replace('_', "-"), value),
                });
                Self { operation, given: given.collect(), before }
            }
        }
    }
}

impl ActionRecord {
    /// Makes the record of an operation, before it is sent.
    #[must_use]
    pub fn of(operation: &Operation, given: &Given, seen: &Seen<'_>) -> Self {
        Self { operation: operation.id.to_owned(), given: given.without_secrets(), before: (operation.remembers)(given, seen) }
    }

    /// What it is about, for a sentence: the first thing that it was given.
    #[must_use]
    pub fn about(&self) -> String {
        let first = Operation::find(&self.operation).and_then(|operation| operation.params.first());
        match first.and_then(|param| self.given.get(param.name)) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(serde_json::Value::Array(list)) => list.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(" "),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_before_there_were_operations_are_read() {
        let read = |text: &str| serde_json::from_str::<ActionRecord>(text).expect("a record");
        let edit = read(
            r#"{"action": "user-edit/1", "username": "bob", "fullname": null, "password": true, "mailbox_quota": "1G", "add_mailalias": []}"#,
        );
        assert_eq!((edit.operation.as_str(), edit.about().as_str()), ("user-edit", "bob"));
        let given = Given::stored(Operation::find("user-edit").expect("an operation"), &edit.given);
        assert!(given.has("password") && !given.has("fullname") && given.text("mailbox-quota") == "1G");
        let restart = read(r#"{"action": "service-restart/1", "name": "nginx", "changed_before": "2026-11-21T00:10:26+00:00"}"#);
        assert_eq!((restart.about().as_str(), restart.before.as_str()), ("nginx", Some("2026-11-21T00:10:26+00:00")));
    }
}
