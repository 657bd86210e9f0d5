//! What several operations on applications read.

use beffroi_domain::Message;
use serde_json::Value;

use crate::Cause;
use crate::facts::{App, LoggedEnd, YunohostFacts, logged_operations};
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, need, question};

/// As many operations as an upgrade of everything may take.
const JOURNAL: &[&str] = &["log", "list", "--limit", "200"];

/// Where YunoHost keeps no catalog and cannot download one, whatever writes the configuration of its portal fails afterwards.
pub(super) fn ask_catalog(_: &Given) -> Vec<Question> {
    vec![question(&["app", "catalog"])]
}

/// The catalog must be there.
pub(super) fn catalog_is_there(seen: &Seen<'_>, number: usize) -> Result<(), Refusal> {
    match seen.answer(number, "app catalog") {
        Err(Refusal::NotRead { cause: Cause::CatalogUnreachable, .. }) => Err(Refusal::because(Cause::CatalogUnreachable, "")),
        other => other.map(drop),
    }
}

/// The application must be installed.
pub(super) fn installed<'a>(facts: &'a YunohostFacts, app: &str) -> Result<&'a App, Refusal> {
    need(&facts.apps, "apps")?.get(app).ok_or_else(|| Refusal::because(Cause::AppUnknown, app))
}

/// The same, of what the operation was given.
pub(super) fn given_installed<'a>(given: &Given, seen: &Seen<'a>) -> Result<&'a App, Refusal> {
    installed(seen.facts, given.text("app"))
}

/// The application at an address, by YunoHost's own rule (`_get_conflicting_apps`): the same path, or the whole domain.
/// `map` is what `app map --raw` prints: `{domain: {path: {"label", "id"}}}`.
pub(super) fn taken<'a>(map: &'a Value, domain: &str, path: &str, but: &str) -> Option<&'a str> {
    let path = normal(path);
    let apart = |path: &str| path.starts_with("/.well-known/");
    let taken = map.get(domain)?.as_object()?.iter().find(|(other, app)| {
        let same = normal(other) == path || (!apart(&path) && !apart(other) && (path == "/" || other.as_str() == "/"));
        same && app.get("id").and_then(Value::as_str) != Some(but)
    });
    taken.and_then(|(_, app)| app.get("id")?.as_str())
}

/// As YunoHost writes a path (`WebPathOption`).
pub(super) fn normal(path: &str) -> String {
    format!("/{}", path.trim_matches('/'))
}

/// Whether `domain_path` of a list of applications is this address.
pub(super) fn is_at(shown: Option<&str>, domain: &str, path: &str) -> bool {
    let (shown_domain, shown_path) = shown.unwrap_or_default().split_once('/').unwrap_or_default();
    shown_domain == domain && normal(shown_path) == normal(path)
}

/// The latest operation that YunoHost has written down.
pub(super) fn ask_journal() -> Question {
    question(&["log", "list", "--limit", "1"])
}

/// What it has written down, long enough to have what was just done.
pub(super) fn journal_now(_: &Given) -> Vec<Question> {
    vec![question(JOURNAL)]
}

/// The name of the latest operation: names begin with the date and the time.
pub(super) fn latest(journal: &Value) -> Option<String> {
    logged_operations(journal)?.into_iter().map(|entry| entry.name).max()
}

/// How an operation ended that began after the one remembered: `None` where there is none, or it is not over.
/// `what` is the name without its date, such as `app_upgrade-hextris`.
pub(super) fn ended(journal: &Value, what: &str, since: &str) -> Option<bool> {
    let entries = logged_operations(journal)?;
    let own = |name: &str| name.get(16..) == Some(what) && name != since && name.get(..15) >= since.get(..15);
    match entries.iter().rev().find(|entry| own(&entry.name))?.end {
        LoggedEnd::Succeeded => Some(true),
        LoggedEnd::Failed => Some(false),
        LoggedEnd::Running => None,
    }
}

/// Nothing of it can be seen from outside.
pub(super) fn not_shown(answers: &Answers) -> Result<CheckResult, CheckError> {
    answers.json(0)?;
    Ok(CheckResult::NotKnown(Message::new("found.not-shown")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_taken_by_the_same_path_or_the_whole_domain() {
        let map = json!({"a.test": {"/wiki": {"id": "wiki"}}, "b.test": {"/": {"id": "site"}}});
        assert_eq!(taken(&map, "a.test", "/wiki/", ""), Some("wiki"));
        assert_eq!(taken(&map, "a.test", "/", ""), Some("wiki"));
        assert_eq!(taken(&map, "b.test", "/any", ""), Some("site"));
        for (domain, path, but) in
            [("a.test", "/wiki2", ""), ("a.test", "/wiki", "wiki"), ("c.test", "/", ""), ("b.test", "/.well-known/x", "")]
        {
            assert_eq!(taken(&map, domain, path, but), None, "{domain}{path}");
        }
    }

    #[test]
    fn the_journal_tells_what_was_done_since() {
        let entry = |name: &str, success: Value| json!({"name": name, "success": success});
        let journal = json!({"operation": [
            entry("20261121-000100-app_upgrade-a", true.into()),
            entry("20261121-000200-app_upgrade-a", false.into()),
            entry("20261121-000300-app_upgrade-b", "?".into()),
        ]});
        assert_eq!(latest(&journal).as_deref(), Some("20261121-000300-app_upgrade-b"));
        assert_eq!(ended(&journal, "app_upgrade-a", "20261121-000100-app_upgrade-a"), Some(false));
        assert_eq!(ended(&journal, "app_upgrade-a", "20261121-000200-app_upgrade-a"), None);
        assert_eq!(ended(&journal, "app_upgrade-b", ""), None, "not over");
        assert_eq!(ended(&json!({}), "app_upgrade-b", ""), None);
    }

    #[test]
    fn an_address_is_read_as_it_is_shown() {
        assert!(is_at(Some("a.test/wiki"), "a.test", "/wiki/") && is_at(Some("a.test/"), "a.test", "/"));
        assert!(!is_at(Some("a.test/wiki"), "a.test", "/") && !is_at(None, "a.test", "/"));
    }
}
