//! What could be safer about a host: a table of checks over its last survey. No host is asked anything.
//!
//! The checks are what administrators of such machines look at first; they follow Lynis (accounts, sudo, packet filter, kernel
//! settings, loose files), ssh-audit (algorithms and keys that are broken) and YunoHost's own settings. A check that lacks what it
//! would judge by says so: it is never taken for passed.

mod accounts;
mod known;
mod ssh;
mod system;
mod yunohost;

pub(crate) use ssh::takes_passwords;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use beffroi_domain::{Message, TargetRecord};
use beffroi_survey::{Area, Facts, Missing};
use beffroi_yunohost::YunohostFacts;

use crate::session::Session;
use crate::surveys::Survey;
use crate::{App, AppError, now_ms};

/// What the checks say of a host.
#[derive(Debug)]
pub struct HostHardening {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// When the survey was taken that they look at, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// How long the survey took that was made now; zero when none was.
    pub took: Duration,
    /// What each says, what is to be done first before all else. None without a survey.
    pub checks: Vec<Checked>,
    /// Why there is no survey, or no newer one though it was asked for.
    pub error: Option<AppError>,
}

/// What a check says of a host.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The check's name, such as `ssh-passwords`.
    pub id: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What became of it.
    pub verdict: Verdict,
    /// What should be so.
    pub title: Message,
    /// What was found instead, or why it is not known; nothing where all is well.
    pub found: Option<Message>,
    /// Why it matters.
    pub why: Message,
    /// What to do; nothing where all is well.
    pub remedy: Option<Message>,
    /// What does it, where something of this program does.
    pub fix: Option<Fix>,
}

/// How much a check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody may get in by it, or what is lost is lost for good.
    High,
    /// It helps somebody who tries.
    Medium,
    /// One layer less.
    Low,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Something is to be done.
    ToDo,
    /// It cannot be told from what was read.
    Unknown,
    /// All is well.
    Ok,
}

/// What mends what was found: an action that goes through a plan as all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// An operation of YunoHost's, and what it is given.
    Yunohost {
        /// Its name.
        operation: &'static str,
        /// By parameter.
        given: BTreeMap<&'static str, FixValue>,
    },
    /// A command, as root.
    Run {
        /// Shell text.
        command: &'static str,
    },
    /// The clock is set from this machine's.
    SetClock,
}

/// A value of [`Fix::Yunohost`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FixValue {
    /// One line.
    Text(String),
    /// Several.
    List(Vec<String>),
}

/// What the checks look at.
struct Seen<'a> {
    facts: &'a Facts,
    yunohost: Option<&'a YunohostFacts>,
    /// Seconds by which the host's clock is ahead.
    skew: Option<i64>,
    /// Seconds since 1970.
    now: i64,
    /// Fingerprints of keys that this catalog gave to hosts, or logs in with.
    known_keys: &'a BTreeSet<String>,
    /// When the newest of its backups that were brought here was made, in milliseconds since 1970.
    kept_ms: Option<u64>,
}

/// What a check found.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    /// It says nothing about such a host.
    NotHere,
    Ok,
    ToDo(Vec<String>),
    /// A part of the survey that it would judge by is not there.
    Unknown(Option<Area>),
    /// It would be to do, but a packet filter stands before it, of which is not known what it lets through.
    Behind(Vec<String>),
}

/// A check. Its sentences are `hardening.ID`, `hardening.ID.found`, `.why` and `.remedy` of the message catalogs.
struct Check {
    id: &'static str,
    severity: Severity,
    judge: fn(&Seen<'_>) -> Judged,
    fix: fn(&Seen<'_>) -> Option<Fix>,
    title: &'static str,
    found: &'static str,
    why: &'static str,
    remedy: &'static str,
}

macro_rules! check {
    ($id:literal, $severity:ident, $judge:expr, $fix:expr) => {
        $crate::hardening::Check {
            id: $id,
            severity: $crate::hardening::Severity::$severity,
            judge: $judge,
            fix: $fix,
            title: concat!("hardening.", $id),
            found: concat!("hardening.", $id, ".found"),
            why: concat!("hardening.", $id, ".why"),
            remedy: concat!("hardening.", $id, ".remedy"),
        }
    };
}
use check;

/// The most of what was found that is named.
const MOST_NAMED: usize = 12;

fn no_fix(_: &Seen<'_>) -> Option<Fix> {
    None
}

/// A value of YunoHost's settings.
fn set(seen: &Seen<'_>, setting: &str, value: &str) -> Option<Fix> {
    seen.yunohost?;
    let given = [("setting", FixValue::Text(setting.to_owned())), ("value", FixValue::Text(value.to_owned()))];
    Some(Fix::Yunohost { operation: "settings-set", given: given.into() })
}

impl Judged {
    /// Nothing found is well, anything else is to be done.
    fn of(found: Vec<String>) -> Self {
        if found.is_empty() { Self::Ok } else { Self::ToDo(found) }
    }

    /// The same where some of what would be looked at may be missing: nothing found says nothing then.
    fn of_part(found: Vec<String>, facts: &Facts, area: Area) -> Self {
        if found.is_empty() && facts.missing.contains_key(&area) { Self::Unknown(Some(area)) } else { Self::of(found) }
    }
}

impl Check {
    fn check(&self, seen: &Seen<'_>) -> Option<Checked> {
        let (verdict, found) = match (self.judge)(seen) {
            Judged::NotHere => return None,
            Judged::Ok => (Verdict::Ok, None),
            Judged::ToDo(what) => (Verdict::ToDo, Some(Message::new(self.found).with("what", named(&what)))),
            Judged::Unknown(area) => (Verdict::Unknown, Some(Message::new(unknown(seen.facts, area)))),
            Judged::Behind(what) => (Verdict::Unknown, Some(Message::new("hardening.behind-filter").with("what", named(&what)))),
        };
        let wanted = verdict != Verdict::Ok;
        let fix = if verdict == Verdict::ToDo { (self.fix)(seen) } else { None };
        Some(Checked {
            id: self.id,
            severity: self.severity,
            verdict,
            title: Message::new(self.title),
            found,
            why: Message::new(self.why),
            remedy: wanted.then(|| Message::new(self.remedy)),
            fix,
        })
    }
}

/// What was found, as one text: the first of them, and how many more there are.
fn named(what: &[String]) -> String {
    let first: Vec<&str> = what.iter().take(MOST_NAMED).map(String::as_str).collect();
    let more = what.len() - first.len();
    let first = first.join(", ");
    if more > 0 { format!("{first} (+{more})") } else { first }
}

fn unknown(facts: &Facts, area: Option<Area>) -> &'static str {
    match area.and_then(|area| facts.missing.get(&area)) {
        Some(Missing::NotReadable) => "hardening.unknown-not-readable",
        Some(Missing::NoTool) => "hardening.unknown-no-tool",
        Some(Missing::Cut) => "hardening.unknown-cut",
        Some(Missing::Failed | Missing::NotAnswered) => "hardening.unknown-failed",
        Some(Missing::NotAsked) | None => "hardening.unknown",
    }
}

/// The names of all checks. Their sentences are `hardening.ID`, and the same with `.found`, `.why` and `.remedy`.
pub fn hardening_checks() -> impl Iterator<Item = &'static str> {
    TABLES.into_iter().flatten().map(|check| check.id)
}

const TABLES: [&[Check]; 4] = [ssh::CHECKS, accounts::CHECKS, system::CHECKS, yunohost::CHECKS];

/// All checks over one survey: what is to be done first, the graver before the lighter.
fn checked(seen: &Seen<'_>) -> Vec<Checked> {
    let mut checks: Vec<Checked> = TABLES.into_iter().flatten().filter_map(|check| check.check(seen)).collect();
    checks.sort_by_key(|check| (check.verdict, check.severity));
    checks
}

impl App {
    /// What could be safer about the selected hosts, from their last surveys, by name of the host. With `refresh` they are surveyed
    /// first; a host that cannot be is told, with what its earlier survey says.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn hardening(&self, on: &str, refresh: bool) -> Result<Vec<HostHardening>, AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        let mut asked = BTreeMap::new();
        if refresh {
            let surveys = self.survey(on, true).await?;
            asked.extend(surveys.into_iter().map(|answer| (answer.host, (answer.took, answer.survey.err()))));
        }
        let known = session.known_keys(&targets).await?;
        session.blocking(move |session| session.hardening(targets, &known, asked)).await
    }
}

impl Session {
    fn hardening(
        &self,
        targets: Vec<TargetRecord>,
        known_keys: &BTreeSet<String>,
        mut asked: BTreeMap<String, (Duration, Option<AppError>)>,
    ) -> Result<Vec<HostHardening>, AppError> {
        let mut surveys = self.last_surveys()?;
        let (kept, _) = self.kept_backups()?;
        let of = |target: TargetRecord| {
            let (host, stage) = (target.name.to_string(), target.stage.to_string());
            let survey = surveys.remove(&target.host);
            let none = || self.compartment(&target.stage).err().unwrap_or_else(|| AppError::NotSurveyed { name: host.clone() });
            let (took, failed) = asked.remove(&host).unwrap_or_default();
            let error = failed.or_else(|| survey.is_none().then(none));
            // One whose content was found damaged is none.
            let kept = kept.iter().filter(|kept| kept.host == host && (kept.good || kept.verified_ms.is_none()));
            let kept_ms = kept.map(|kept| kept.made_s.map_or(kept.stored_ms, |made| made.saturating_mul(1000))).max();
            let checks = survey.as_ref().map(|survey| of_survey(survey, known_keys, kept_ms)).unwrap_or_default();
            HostHardening { host, stage, taken_ms: survey.map(|survey| survey.taken_ms), took, checks, error }
        };
        let mut hosts: Vec<HostHardening> = targets.into_iter().map(of).collect();
        hosts.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(hosts)
    }
}

fn of_survey(survey: &Survey, known_keys: &BTreeSet<String>, kept_ms: Option<u64>) -> Vec<Checked> {
    let now = i64::try_from(now_ms() / 1000).unwrap_or(i64::MAX);
    let Survey { facts, yunohost, .. } = survey;
    checked(&Seen { facts, yunohost: yunohost.as_ref(), skew: survey.clock_skew_s(), now, known_keys, kept_ms })
}

#[cfg(test)]
mod tests;
