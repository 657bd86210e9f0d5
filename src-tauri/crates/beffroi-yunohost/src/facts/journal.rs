//! YunoHost's own journal of its operations, `log list` and `log show`: how one ended that nobody was there to see.
//!
//! Not every operation is in it: those on services, on the diagnosis and the refresh of the caches are not.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;

use super::Part;
use super::read::{MOST_ENTRIES, part};
use crate::ask::Answer;
use crate::operation::{ActionRecord, Operation, Question, question};
use crate::text::{filled, text};

/// Seconds by which an entry may seem older than the command that it is of: names of entries have no fractions.
const SLACK: i64 = 2;

/// How an operation ended, as YunoHost wrote down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoggedEnd {
    /// It has not: it runs, or the host stopped in the middle of it.
    #[default]
    Running,
    /// Well.
    Succeeded,
    /// Badly.
    Failed,
}

/// An operation in the journal of a YunoHost. Its arguments, its environment and what it printed are not kept: they may hold
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoggedOperation {
    /// `20261121-001243-backup_restore_app-my_webapp`: UTC, what it does, what it is about.
    pub name: String,
    /// What it does, in English.
    pub description: String,
    /// When it started, to the second.
    pub started_at: Option<Timestamp>,
    /// How it ended.
    pub end: LoggedEnd,
    /// Who started it: an account, or `Non-interactive task` for what came over SSH without a terminal.
    pub started_by: Option<String>,
    /// The operation that it is a part of.
    pub parent: Option<String>,
    /// Why it failed, in YunoHost's words.
    pub error: Option<String>,
}

impl LoggedOperation {
    /// Asks for the latest operations.
    #[must_use]
    pub fn list_question(most: u16) -> Question {
        question(&["log", "list", "--with-details", "--limit", &most.to_string()])
    }

    /// Reads the answer to [`Self::list_question`]: oldest first, without errors.
    #[must_use]
    pub fn read_list(answer: &Answer) -> Part<Vec<Self>> {
        part(Some(answer), logged_operations)
    }

    /// Asks for one operation by its name. Its lines are not wanted: one is the least that YunoHost gives.
    #[must_use]
    pub fn show_question(name: &str) -> Question {
        question(&["log", "show", name, "--number", "1"])
    }

    /// Reads the answer to [`Self::show_question`].
    #[must_use]
    pub fn read_show(answer: &Answer) -> Part<Self> {
        part(Some(answer), |json| {
            let details = json.get("metadata").unwrap_or(&Value::Null);
            let shown = logged(json)?;
            Some(Self {
                end: end(details.get("success")),
                started_by: filled(details, "started_by"),
                parent: filled(details, "parent"),
                error: filled(details, "error"),
                ..shown
            })
        })
    }

    /// Finds the entry of an operation that was sent when the clock of the host showed `sent`: the first one after it that does
    /// the same about the same thing. `None` where YunoHost had not begun it, or keeps no journal of such operations.
    #[must_use]
    pub fn find<'a>(list: &'a [Self], record: &ActionRecord, sent: Timestamp) -> Option<&'a Self> {
        let kinds = kinds(Operation::find(&record.operation)?);
        list.iter().find(|entry| {
            let late = entry.started_at.is_some_and(|started| started.as_second() >= sent.as_second() - SLACK);
            let (kind, subject) = entry.parts();
            late && kinds.iter().any(|name| name == kind) && subject.is_none_or(|subject| is_about(record, subject))
        })
    }

    /// What its name says that it does, and what it is about.
    fn parts(&self) -> (&str, Option<&str>) {
        let rest = self.name.splitn(3, '-').nth(2).unwrap_or_default();
        rest.split_once('-').map_or((rest, None), |(kind, subject)| (kind, Some(subject)))
    }
}

/// What YunoHost's journal calls an operation: the name of the function behind its command (`is_unit_operation` in `src/log.py`).
fn kinds(operation: &Operation) -> Vec<String> {
    let own: &[&str] = match operation.command {
        ["user", "group", "add" | "remove" | "add-mailalias" | "remove-mailalias"] => &["user_group_update"],
        ["user", "permission", ..] => &["user_permission_update"],
        ["backup", "restore"] => &["backup_restore_app", "backup_restore_system"],
        ["tools", "migrations", "run"] => &["tools_migrations_migrate_forward"],
        ["tools", "regen-conf"] => &["regen_conf"],
        ["domain", "cert", "install"] => &["letsencrypt_cert_install", "selfsigned_cert_install"],
        ["domain", "cert", "renew"] => &["letsencrypt_cert_renew"],
        words => return vec![words.join("_").replace('-', "_")],
    };
    own.iter().map(|name| (*name).to_owned()).collect()
}

/// Whether one of the values of an operation is this one; where it was given none, everything may be meant.
fn is_about(record: &ActionRecord, subject: &str) -> bool {
    let mut values = record.given.values().filter(|value| value.is_string() || value.is_array()).peekable();
    let is = |value: &Value| value.as_str() == Some(subject);
    // Several categories of the configuration have but a count: `2_categories`.
    values.peek().is_none()
        || subject.ends_with("_categories")
        || values.any(|value| is(value) || value.as_array().is_some_and(|list| list.iter().any(is)))
}

/// `{"operation": [{"name", "description", "success", "started_at"[, "parent", "started_by"]}]}`.
pub(crate) fn logged_operations(json: &Value) -> Option<Vec<LoggedOperation>> {
    Some(json.get("operation")?.as_array()?.iter().take(MOST_ENTRIES).filter_map(logged).collect())
}

fn logged(entry: &Value) -> Option<LoggedOperation> {
    let name = filled(entry, "name")?;
    let moment = name.get(..15).and_then(|moment| DateTime::strptime("%Y%m%d-%H%M%S", moment).ok());
    Some(LoggedOperation {
        started_at: moment.and_then(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC).ok()).map(|zoned| zoned.timestamp()),
        description: text(entry, "description"),
        end: end(entry.get("success")),
        started_by: filled(entry, "started_by"),
        parent: filled(entry, "parent"),
        error: None,
        name,
    })
}

/// `true`, `false`, or `"?"` for neither yet.
fn end(success: Option<&Value>) -> LoggedEnd {
    match success.and_then(Value::as_bool) {
        Some(true) => LoggedEnd::Succeeded,
        Some(false) => LoggedEnd::Failed,
        None => LoggedEnd::Running,
    }
}
