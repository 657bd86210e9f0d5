//! `diagnosis …`

use std::collections::BTreeMap;

use beffroi_domain::Message;
use serde_json::Value;

use super::Elsewhere;
use crate::Cause;
use crate::facts::{DIAGNOSIS_SHOW, Diagnosis, ignore_filters, shown};
use crate::operation::{
    Answers, CheckError, CheckResult, Given, Kind, Operation, Param, Refusal, Seen, WayBack, missing, not_answered, operation, question,
    still_there,
};

/// Actions that are no operation.
pub(super) static ELSEWHERE: &[Elsewhere] = &[
    ("diagnosis list", "the categories are those of `diagnosis show --full`, which is read"),
    ("diagnosis show", "read as `facts::Diagnosis`; with `--share` it would send the reports to a public site"),
    ("diagnosis get", "one report of `diagnosis show --full`, without words"),
];

/// Lists the filters. It takes YunoHost's lock, and must not wait for it longer than for an answer.
const IGNORE_LIST: &[&str] = &["diagnosis", "ignore", "--list", "--timeout", "20"];

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        command: &["diagnosis", "run"],
        params: &[Param::place("categories", Kind::Words).required(false)],
        // Without it a report that is a few minutes old would not be made again.
        always: &["--force"],
        way_back: WayBack::Nothing,
        asks: |_| vec![question(DIAGNOSIS_SHOW)],
        guard: guard_run,
        remembers: when_made,
        proof: |_| vec![question(DIAGNOSIS_SHOW)],
        judge: judge_run,
        ..operation!("diagnosis-run")
    },
    Operation {
        command: &["diagnosis", "ignore"],
        params: &[Param::option("filter", Kind::Words, "--filter").required(true)],
        asks: |_| vec![question(DIAGNOSIS_SHOW)],
        guard: guard_ignore,
        proof: |_| vec![question(IGNORE_LIST)],
        judge: |given, _, answers| filtered(given, answers, true),
        ..operation!("diagnosis-ignore")
    },
    Operation {
        command: &["diagnosis", "unignore"],
        params: &[Param::option("filter", Kind::Words, "--filter").required(true)],
        asks: |_| vec![question(IGNORE_LIST)],
        guard: guard_unignore,
        proof: |_| vec![question(IGNORE_LIST)],
        judge: |given, _, answers| filtered(given, answers, false),
        ..operation!("diagnosis-unignore")
    },
];

/// The reports as they were before; none where there was no diagnosis yet.
fn before(seen: &Seen<'_>) -> Result<Diagnosis, Refusal> {
    let not_read = |(cause, message)| Refusal::NotRead { what: "diagnosis".to_owned(), cause, message };
    match seen.answers.first() {
        Some(answer) => shown(answer).map_err(not_read),
        None => Err(not_read((Cause::AnswerNotUnderstood, String::new()))),
    }
}

/// Before the first diagnosis the categories of the host are not known, and YunoHost itself says which it does not have.
fn guard_run(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let known = before(seen)?;
    let unknown = given.list("categories").iter().find(|category| !known.reports.is_empty() && known.report(category).is_none());
    unknown.map_or(Ok(()), |category| Err(Refusal::because(Cause::NameUnknown, category)))
}

/// When each report was made.
fn when_made(_: &Given, seen: &Seen<'_>) -> Value {
    let reports = before(seen).unwrap_or_default().reports;
    reports.into_iter().filter_map(|report| Some((report.id, Value::from(report.made_at?)))).collect::<serde_json::Map<_, _>>().into()
}

fn judge_run(given: &Given, before: &Value, answers: &Answers) -> Result<CheckResult, CheckError> {
    let now = shown(answers.answer(0)?).map_err(not_answered)?;
    let asked = given.list("categories");
    let is_new = |id: &str| {
        let made = now.report(id).and_then(|report| report.made_at);
        made.is_some_and(|made| before.get(id).and_then(Value::as_i64).is_none_or(|before| made > before))
    };
    let waits: Vec<&str> = now.waits_for_internet().collect();
    let wanted = now.reports.iter().map(|report| report.id.as_str()).filter(|id| asked.is_empty() || asked.iter().any(|name| name == id));
    let (new, old): (Vec<&str>, Vec<&str>) = wanted.partition(|id| is_new(id));
    let old_without_reason: Vec<&str> = old.iter().copied().filter(|id| !waits.contains(id)).collect();
    let message = |key, list: &[&str]| Message::new(key).with("categories", list.join(", "));
    Ok(match (new.is_empty(), old.is_empty()) {
        (true, _) => CheckResult::NotHeld(message("found.no-new-report", &old)),
        (false, true) => CheckResult::Held,
        // What needs the Internet cannot be looked at without one: the rest of the diagnosis is whole.
        (false, false) if old_without_reason.is_empty() => CheckResult::Held,
        (false, false) => CheckResult::Half(message("found.no-new-report", &old_without_reason)),
    })
}

/// A filter in words: the category, then criteria as `key=value`.
fn parse(given: &Given) -> Result<(&str, BTreeMap<String, String>), Refusal> {
    let words = given.list("filter");
    let category = words.first().ok_or_else(|| Refusal::because(Cause::InvalidArgument, "filter"))?;
    // YunoHost takes what is between the first two signs.
    let criterion = |word: &String| match word.split_once('=') {
        Some((key, value)) if !value.contains('=') => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Refusal::because(Cause::InvalidArgument, word)),
    };
    Ok((category, words.iter().skip(1).map(criterion).collect::<Result<_, _>>()?))
}

/// YunoHost refuses a filter for which it found nothing; without a report, or with one that has no warning and no error, it
/// breaks off with an internal error.
fn guard_ignore(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (known, (category, criteria)) = (before(seen)?, parse(given)?);
    let report = known.report(category);
    if report.is_none() && !known.reports.is_empty() {
        return Err(Refusal::because(Cause::NameUnknown, category));
    }
    let fits = report.is_some_and(|report| report.findings.iter().any(|finding| finding.is_issue() && finding.fits(&criteria)));
    if fits { Ok(()) } else { Err(Refusal::because(Cause::NoSuchFinding, given.list("filter").join(" "))) }
}

/// Of a filter that is not there YunoHost only warns.
fn guard_unignore(given: &mut Given, seen: &Seen<'_>) -> Result<(), Refusal> {
    let (category, criteria) = parse(given)?;
    let filters = ignore_filters(&seen.answer(0, "diagnosis ignore --list")?).unwrap_or_default();
    let there = filters.get(category).is_some_and(|filters| filters.contains(&criteria));
    if there { Ok(()) } else { Err(Refusal::because(Cause::NoSuchFinding, given.list("filter").join(" "))) }
}

fn filtered(given: &Given, answers: &Answers, wanted: bool) -> Result<CheckResult, CheckError> {
    let filters = answers.read(0, ignore_filters)?;
    let there = parse(given).is_ok_and(|(category, criteria)| filters.get(category).is_some_and(|filters| filters.contains(&criteria)));
    let words = given.list("filter").join(" ");
    Ok(match (there, wanted) {
        (true, true) | (false, false) => CheckResult::Held,
        (false, true) => missing(&words),
        (true, false) => still_there(&words),
    })
}
