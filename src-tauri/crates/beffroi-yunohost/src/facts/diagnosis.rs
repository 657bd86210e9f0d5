//! The reports of YunoHost's diagnosis: `diagnosis show --full`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Part;
use super::read::{MOST_ENTRIES, part, texts};
use crate::Cause;
use crate::ask::Answer;
use crate::operation::{Question, question};
use crate::text::{filled, text};
use beffroi_remote::clean;

/// The question that is answered by [`Diagnosis`].
pub(crate) const DIAGNOSIS_SHOW: &[&str] = &["diagnosis", "show", "--full"];

/// Reports that YunoHost does not make while the report `ip` holds an error (`dependencies` in `src/diagnosers/`).
const NEED_INTERNET: &[&str] = &["dnsrecords", "ports", "web", "mail"];

/// The most bytes of [`Finding::data`], as JSON.
const MOST_DATA: usize = 16 << 10;

/// What YunoHost found of itself, report by report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnosis {
    /// The reports, in YunoHost's order.
    pub reports: Vec<DiagnosisReport>,
}

/// A report on one category.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DiagnosisReport {
    /// The category: `ip`, `dnsrecords`, `services`…
    pub id: String,
    /// The same in English words.
    pub description: String,
    /// When it was made, in seconds since 1970; `None` for never.
    pub made_at: Option<i64>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Something that was found, good or bad.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Finding {
    /// `SUCCESS`, `INFO`, `WARNING` or `ERROR`: a host may say others.
    pub status: String,
    /// A sentence in English.
    pub summary: String,
    /// What to do, in English; may hold HTML.
    pub details: Vec<String>,
    /// What it is about, by name: `test=ping`, `domain=example.org`. Filters go by it.
    pub about: BTreeMap<String, String>,
    /// Measured values, as YunoHost gives them; null where they are too long.
    pub data: Value,
    /// Whether a filter hides it.
    pub ignored: bool,
}

impl Finding {
    /// Whether it is a warning or an error that nobody chose to ignore.
    #[must_use]
    pub fn is_trouble(&self) -> bool {
        !self.ignored && self.is_issue()
    }

    /// Whether a filter could hide it.
    pub(crate) fn is_issue(&self) -> bool {
        matches!(self.status.as_str(), "WARNING" | "ERROR")
    }

    /// The words of the filter that hides it and what is alike: the category, then what it is about. What holds `=` cannot be
    /// said in a filter.
    #[must_use]
    pub fn filter(&self, category: &str) -> Vec<String> {
        let about = self.about.iter().filter(|(_, value)| !value.contains('='));
        std::iter::once(category.to_owned()).chain(about.map(|(key, value)| format!("{key}={value}"))).collect()
    }

    /// Whether it fits the criteria of a filter, `key=value` (`issue_matches_criterias` in `src/diagnosis.py`).
    pub(crate) fn fits(&self, criteria: &BTreeMap<String, String>) -> bool {
        criteria.iter().all(|(key, value)| self.about.get(key) == Some(value))
    }
}

impl DiagnosisReport {
    /// Whether this finding of it only says that the host has no way to the Internet: on an isolated host that is no trouble.
    ///
    /// Of all that YunoHost finds it is the one error of the report `ip` about the test `ping`, "The server does not seem to
    /// be connected to the Internet at all!?": having found it, it looks no further.
    #[must_use]
    pub fn only_needs_internet(&self, finding: &Finding) -> bool {
        let ping = finding.about.get("test").is_some_and(|test| test == "ping");
        self.id == "ip" && finding.status == "ERROR" && (ping || finding.summary.contains("connected to the Internet at all"))
    }
}

impl Diagnosis {
    /// What to ask beside a survey.
    #[must_use]
    pub fn question() -> Question {
        question(DIAGNOSIS_SHOW)
    }

    /// Reads the answer to [`Self::question`]. Before the first diagnosis there is no report.
    #[must_use]
    pub fn read(answer: &Answer) -> Part<Self> {
        if answer.is_empty() {
            return Part::Read { value: Self::default() };
        }
        part(Some(answer), diagnosis)
    }

    /// What is kept with a survey: warnings and errors, ignored or not, without what was measured.
    #[must_use]
    pub fn kept(mut self) -> Self {
        for report in &mut self.reports {
            report.findings.retain(Finding::is_issue);
            report.findings.iter_mut().for_each(|finding| finding.data = Value::Null);
        }
        self
    }

    /// Whether the host says that it has no way to the Internet.
    #[must_use]
    pub fn is_isolated(&self) -> bool {
        self.reports.iter().any(|report| report.findings.iter().any(|finding| report.only_needs_internet(finding)))
    }

    /// Warnings and errors that nobody chose to ignore, without those that only say that there is no Internet.
    pub fn troubles(&self) -> impl Iterator<Item = (&DiagnosisReport, &Finding)> {
        let each = |report| move |finding| (report, finding);
        let all = self.reports.iter().flat_map(move |report: &DiagnosisReport| report.findings.iter().map(each(report)));
        all.filter(|(report, finding)| finding.is_trouble() && !report.only_needs_internet(finding))
    }

    /// The categories that YunoHost did not look at, or not again, because it has no way to the Internet.
    pub fn waits_for_internet(&self) -> impl Iterator<Item = &str> {
        let isolated = self.is_isolated();
        let waits = move |report: &&DiagnosisReport| isolated && NEED_INTERNET.contains(&report.id.as_str());
        self.reports.iter().filter(waits).map(|report| report.id.as_str())
    }

    /// A report by its category.
    pub(crate) fn report(&self, id: &str) -> Option<&DiagnosisReport> {
        self.reports.iter().find(|report| report.id == id)
    }
}

/// `{"reports": [{"id", "description", "timestamp", "items": []}]}`; the time is -1 where there is no report yet.
fn diagnosis(json: &Value) -> Option<Diagnosis> {
    let reports = json.get("reports")?.as_array()?.iter().take(MOST_ENTRIES);
    let reports = reports.filter_map(|entry| {
        let findings = entry.get("items").and_then(Value::as_array).into_iter().flatten().take(MOST_ENTRIES);
        Some(DiagnosisReport {
            id: filled(entry, "id")?,
            description: text(entry, "description"),
            made_at: entry.get("timestamp").and_then(Value::as_i64).filter(|time| *time >= 0),
            findings: findings.map(finding).collect(),
        })
    });
    Some(Diagnosis { reports: reports.collect() })
}

fn finding(entry: &Value) -> Finding {
    let about = entry.get("meta").and_then(Value::as_object).into_iter().flatten().take(100);
    // As YunoHost compares them with a filter: as text.
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let data = entry.get("data").filter(|data| data.to_string().len() <= MOST_DATA);
    Finding {
        status: text(entry, "status"),
        summary: text(entry, "summary"),
        details: texts(entry, "details"),
        about: about.map(|(key, value)| (clean(key), clean(&shown(value)))).collect(),
        data: data.map(cleaned).unwrap_or_default(),
        ignored: entry.get("ignored").and_then(Value::as_bool).unwrap_or_default(),
    }
}

/// The same value, its texts without control characters. As deep as the reader of JSON allows, 128.
fn cleaned(value: &Value) -> Value {
    match value {
        Value::String(text) => clean(text).into(),
        Value::Array(list) => list.iter().map(cleaned).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (clean(key), cleaned(value))).collect::<serde_json::Map<_, _>>().into(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The filters of `diagnosis ignore --list`, by category: `{"ignore_filters": {category: [{key: value}]}}`.
pub(crate) fn ignore_filters(json: &Value) -> Option<BTreeMap<String, Vec<BTreeMap<String, String>>>> {
    let criteria = |filter: &Value| {
        let pairs = filter.as_object().into_iter().flatten().take(100);
        pairs.filter_map(|(key, value)| Some((clean(key), clean(value.as_str()?)))).collect()
    };
    let filters = json.get("ignore_filters")?.as_object()?.iter().take(MOST_ENTRIES);
    let list = |list: &Value| list.as_array().into_iter().flatten().take(MOST_ENTRIES).map(criteria).collect();
    Some(filters.map(|(category, filters)| (clean(category), list(filters))).collect())
}

/// Reads `diagnosis show --full` where an operation needs it.
pub(crate) fn shown(answer: &Answer) -> Result<Diagnosis, (Cause, String)> {
    match Diagnosis::read(answer) {
        Part::Read { value } => Ok(value),
        Part::Failed { cause, message } => Err((cause, message)),
    }
}
