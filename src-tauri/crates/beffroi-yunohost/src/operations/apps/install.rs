//! `app install` and `app remove`.

use std::collections::BTreeMap;

use beffroi_domain::Message;
use serde_json::{Value, json};

use super::seen::{ask_journal, catalog_is_there, ended, given_installed, is_at, journal_now, latest, taken};
use crate::Cause;
use crate::facts::apps;
use crate::manifest::{Field, FieldKind, Manifest, Texts, Unfit, Wrong, check};
use crate::operation::{Answers, CheckError, CheckResult, Given, Question, Refusal, Seen, differs, missing, need, question, still_there};

/// Which questions YunoHost has, what the package asks and needs, which addresses are taken, and what was done last.
pub(super) fn asks(given: &Given) -> Vec<Question> {
    vec![
        question(&["app", "catalog"]),
        question(&["app", "manifest", given.text("source")]),
        question(&["app", "map", "--raw"]),
        ask_journal(),
    ]
}

/// The manifest that was asked for as this question.
pub(super) fn manifest(seen: &Seen<'_>, number: usize, about: &str) -> Result<Manifest, Refusal> {
    let json = match seen.answer(number, "app manifest") {
        Err(Refusal::NotRead { cause: cause @ (Cause::AppNotInCatalog | Cause::SourceUnreachable), .. }) => {
            return Err(Refusal::because(cause, about));
        }
        other => other?,
    };
    let not_understood = || Refusal::NotRead { what: "app manifest".to_owned(), cause: Cause::AnswerNotUnderstood, message: String::new() };
    Manifest::read(&json).ok_or_else(not_understood)
}

pub(super) fn guard(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    catalog_is_there(seen, 0)?;
    let manifest = manifest(seen, 1, given.text("source"))?;
    guard_package(given, &manifest)?;
    put_answers(given, &manifest.questions)?;
    let only = |kind| {
        let mut names = manifest.questions.iter().filter(|field| field.kind == kind).map(|field| field.id.as_str());
        names.next().filter(|_| names.next().is_none())
    };
    let (Some(domain), Some(path)) = (only(FieldKind::Domain), only(FieldKind::Path)) else { return Ok(()) };
    let answer = |name: &str| given.settings("answers").find(|(key, _)| *key == name).and_then(|(_, value)| value).unwrap_or_default();
    let (domain, path) = (answer(domain), answer(path));
    match taken(&seen.answer(2, "app map")?, domain, path, "") {
        Some(other) => Err(Refusal::because(Cause::UrlTaken, format!("{domain}{path}: {other}"))),
        None => Ok(()),
    }
}

/// Says no to what YunoHost would refuse, or ask a question about.
fn guard_package(given: &Given, manifest: &Manifest) -> Result<(), Refusal> {
    let excused = |name: &str| match name {
        "ram" => given.is_on("force"),
        "required_yunohost_version" => given.is_on("ignore-yunohost-version"),
        _ => false,
    };
    if let Some((_, unmet)) = manifest.requirements.iter().find(|(name, requirement)| !requirement.passed && !excused(name)) {
        return Err(Refusal::because(Cause::RequirementNotMet, &unmet.message));
    }
    if !manifest.is_vouched_for() && !given.is_on("force") {
        return Err(Refusal::because(Cause::AppNotVouchedFor, &manifest.id));
    }
    Ok(())
}

/// Holds the answers against the questions, and puts the defaults of those that have none: the plan shows what YunoHost would
/// take without a word.
pub(super) fn put_answers(given: &mut Given, questions: &[Field]) -> Result<(), Refusal> {
    let answers: BTreeMap<&str, Option<&str>> = given.settings("answers").collect();
    let checked = check(questions, &answers);
    if let Some(wrong) = checked.wrong.into_iter().next() {
        return Err(refuse(wrong));
    }
    for default in checked.silent {
        given.put_setting("answers", &default.field, &default.default);
    }
    Ok(())
}

/// A wrong answer as a refusal.
pub(super) fn refuse(wrong: Wrong) -> Refusal {
    let cause = match wrong.why {
        Unfit::NotAsked => Cause::AnswerUnknown,
        Unfit::Missing => Cause::AnswerMissing,
        Unfit::NoChoice | Unfit::Form | Unfit::Range => Cause::InvalidArgument,
        Unfit::NotSecret => Cause::SettingIsSecret,
        Unfit::Hidden => Cause::SettingDependsOnOthers,
    };
    Refusal::because(cause, wrong.field)
}

/// The package, its instances, where it will answer, and the latest operation.
pub(super) fn remembers(given: &Given, seen: &Seen<'_>) -> Value {
    let Ok(manifest) = manifest(seen, 1, "") else { return Value::Null };
    let instances: Vec<&String> =
        seen.facts.apps.value().map(|apps| apps.keys().filter(|id| package(id) == manifest.id).collect()).unwrap_or_default();
    let answer = |kind| {
        let field = manifest.questions.iter().find(|field| field.kind == kind)?;
        given.settings("answers").find(|(key, _)| *key == field.id)?.1
    };
    let journal = seen.answer(3, "log list").ok();
    json!({
        "package": manifest.id,
        "instances": instances,
        "domain": answer(FieldKind::Domain),
        "path": answer(FieldKind::Path),
        "log": journal.as_ref().and_then(latest),
    })
}

/// What the package wants to be read before it is installed.
pub(super) fn notes(_: &Given, seen: &Seen<'_>) -> Vec<Message> {
    let Ok(manifest) = manifest(seen, 1, "") else { return Vec::new() };
    let notes = manifest.notes.get("PRE_INSTALL").into_iter().flatten();
    notes.filter_map(|(_, text)| note("note.ynh-before-install", &manifest.id, text)).collect()
}

/// The most characters of a note that a plan shows.
const MOST_NOTE: usize = 4000;

/// A note as a sentence that is to be read, in the words of YunoHost where Beffroi asks; nothing where it is empty.
pub(super) fn note(key: &'static str, app: &str, texts: &Texts) -> Option<Message> {
    let text: String = texts.in_language("en").chars().take(MOST_NOTE).collect();
    (!text.trim().is_empty()).then(|| Message::new(key).with("app", app).with("text", text))
}

/// `hextris` of `hextris__2`.
pub(super) fn package(id: &str) -> &str {
    id.split("__").next().unwrap_or_default()
}

pub(super) fn proof(given: &Given) -> Vec<Question> {
    [vec![question(&["app", "list"]), question(&["user", "permission", "list", "--full"])], journal_now(given)].concat()
}

pub(super) fn judge(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let (apps, permissions) = (answers.read(0, apps)?, answers.json(1)?);
    let text = |name: &str| before.get(name).and_then(Value::as_str);
    let was = |id: &str| before.get("instances").and_then(Value::as_array).into_iter().flatten().any(|other| other.as_str() == Some(id));
    let wanted = text("package").unwrap_or_default();
    let Some((id, app)) = apps.iter().find(|(id, _)| package(id) == wanted && !was(id)) else {
        return Ok(missing(if wanted.is_empty() { given.text("source") } else { wanted }));
    };
    let mut fields = Vec::new();
    if given.maybe("label").is_some_and(|label| label != app.name) {
        fields.push("label");
    }
    if let (Some(domain), Some(path)) = (text("domain"), text("path"))
        && !is_at(app.domain_path.as_deref(), domain, path)
    {
        fields.push("path");
    }
    if permissions.get("permissions").and_then(|all| all.get(format!("{id}.main"))).is_none() {
        fields.push("permission");
    }
    // What a failed installation leaves behind is listed like what works: the journal tells.
    if answers.json(2).ok().and_then(|journal| ended(&journal, &format!("app_install-{wanted}"), text("log").unwrap_or_default()))
        == Some(false)
    {
        return Ok(CheckResult::Half(Message::new("found.app-left-by-failure").with("app", id)));
    }
    Ok(if fields.is_empty() { CheckResult::Held } else { CheckResult::Half(differs(&fields)) })
}

pub(super) fn guard_remove(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    given_installed(given, seen)?;
    catalog_is_there(seen, 0)
}

pub(super) fn proof_remove(_: &Given) -> Vec<Question> {
    vec![question(&["app", "list"]), question(&["user", "permission", "list"])]
}

pub(super) fn judge_remove(given: &Given, _: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let app = given.text("app");
    if answers.read(0, apps)?.contains_key(app) {
        return Ok(still_there(app));
    }
    let permissions = answers.json(1)?;
    let left = permissions
        .get("permissions")
        .and_then(Value::as_object)
        .is_some_and(|all| all.keys().any(|name| name.split('.').next() == Some(app)));
    Ok(if left { CheckResult::Half(Message::new("found.app-permissions-left").with("app", app)) } else { CheckResult::Held })
}

/// The domain must be one of the host's.
pub(super) fn domain_exists(seen: &Seen<'_>, domain: &str) -> Result<(), Refusal> {
    let known = need(&seen.facts.domains, "domains")?.names.iter().any(|name| name == domain);
    if known { Ok(()) } else { Err(Refusal::because(Cause::DomainUnknown, domain)) }
}
