//! What is kept of an operation so that its effect can be checked later, by another run of the program.

use std::collections::BTreeMap;

use beffroi_domain::Undo;
use serde::{Deserialize, Serialize};

use super::{Given, Operation, Seen};
use crate::Outcome;

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

    /// Takes out of what a command said that ended well what is no failure of it, though YunoHost calls it an error: what a
    /// diagnosis found, and what an isolated host cannot fetch for its package sources. The state decides about the rest.
    pub fn forgive(&self, outcome: &mut Outcome) {
        if outcome.succeeded || !outcome.exit.is_success() {
            return;
        }
        let found = |error: &str| error.starts_with("Found ") || error.starts_with("Can't run diagnosis for ");
        let diagnosed = self.operation == "diagnosis-run" && outcome.errors.iter().all(|error| found(error));
        // The key of a package source comes from the Internet (`conf_regen/10-apt`); without it gpg gets nothing to read.
        let no_key = outcome.warnings.iter().any(|warning| warning.contains("no valid OpenPGP data found"));
        let offline = no_key && outcome.errors.iter().all(|error| error.ends_with("/conf_regen/10-apt"));
        if diagnosed || offline {
            (outcome.succeeded, outcome.cause) = (true, None);
        }
    }

    /// How to go back from it, as its plan said; nothing for an operation that this program does not know any more.
    #[must_use]
    pub fn way_back(&self) -> Option<Undo> {
        let operation = Operation::find(&self.operation)?;
        Some(operation.undo(&Given::stored(operation, &self.given)))
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

    #[test]
    fn what_is_no_failure_is_forgiven() {
        use beffroi_domain::Exit;
        let said = |operation: &str, stderr: &str, exit| {
            let record = ActionRecord { operation: operation.to_owned(), given: BTreeMap::new(), before: serde_json::Value::Null };
            let mut outcome = Outcome::read(b"", stderr.as_bytes(), &exit);
            record.forgive(&mut outcome);
            outcome.succeeded
        };
        // As an isolated YunoHost 12.1.25 says it.
        let diagnosed = "ERROR Found 1 significant issue(s) related to Internet connectivity!\n\
            ERROR Can't run diagnosis for Web while there are important issues related to Internet connectivity.\n";
        let regenerated =
            "WARNING gpg: no valid OpenPGP data found.\nERROR Could not run script: /usr/share/yunohost/hooks/conf_regen/10-apt\n";
        assert!(said("diagnosis-run", diagnosed, Exit::Status(0)));
        assert!(said("tools-regen-conf", regenerated, Exit::Status(0)) && said("domain-main", regenerated, Exit::Status(0)));
        assert!(!said("user-add", diagnosed, Exit::Status(0)), "only where it was asked for");
        assert!(!said("diagnosis-run", diagnosed, Exit::Status(1)) && !said("diagnosis-run", "ERROR No such category\n", Exit::Status(0)));
        let broken = regenerated.replace("10-apt", "03-ssh");
        assert!(!said("tools-regen-conf", &broken, Exit::Status(0)), "another script is another matter");
    }
}
