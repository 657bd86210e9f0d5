//! Surveys: hosts' facts at a moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{CompartmentId, HostId, Role, TargetRecord};
use beffroi_remote::{AskError, RemoteError};
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;
use beffroi_store::table::survey::SurveyRow;
use beffroi_survey::facts::Role as Use;
use beffroi_survey::{Area, Difference, Diffs, Facts, Missing, Part, Request, survey};
use beffroi_vault::Place;
use beffroi_yunohost::{Answer, Question, YunohostFacts};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::connect::Rights;
use crate::session::Session;
use crate::{App, AppError, Change, now_ms};

/// A host's facts at a moment.
#[derive(Debug, Clone)]
pub struct Survey {
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// How long connecting and reading took, in milliseconds.
    pub took_ms: u64,
    /// The machine.
    pub facts: Facts,
    /// YunoHost, where it is installed.
    pub yunohost: Option<YunohostFacts>,
}

/// What differs between two surveys.
#[derive(Debug)]
pub struct SurveyDiff {
    /// The host and the time of the one, in milliseconds since 1970.
    pub before: (String, u64),
    /// Of the other.
    pub after: (String, u64),
    /// What differs, what matters for security first.
    pub differences: Vec<Difference>,
}

/// What surveying one host gave.
#[derive(Debug)]
pub struct SurveyAnswer {
    /// The host's name.
    pub host: String,
    /// How long it took; zero when a stored survey was given.
    pub took: Duration,
    /// The survey, or why there is none.
    pub survey: Result<Survey, AppError>,
}

/// The stored form around the facts.
#[derive(Serialize, Deserialize)]
struct Stored {
    took_ms: u64,
    facts: StoredFacts,
}

#[derive(Serialize, Deserialize)]
struct StoredFacts {
    system: Facts,
    yunohost: Option<YunohostFacts>,
}

/// Younger than this, a stored survey is given instead of a new one, unless asked otherwise.
pub(crate) const FRESH_MS: u64 = 10 * 60 * 1000;
/// Hosts that are read side by side.
pub(crate) const AT_A_TIME: usize = 16;
/// Time between two writes, while hosts are read.
const STORE_EVERY: Duration = Duration::from_secs(1);

/// A survey that is not stored yet.
struct Taken {
    target: TargetRecord,
    taken_ms: u64,
    stored: Stored,
}

/// A survey, and the answers to what was asked beside it of the host's YunoHost.
pub(crate) struct Read {
    pub(crate) survey: Survey,
    pub(crate) answers: Vec<Answer>,
}

/// What there is of a host.
enum Found {
    /// From before.
    Stored(Box<Survey>),
    /// A moment ago.
    Taken(Box<Taken>),
}

impl Taken {
    fn survey(self) -> Survey {
        let Stored { took_ms, facts: StoredFacts { system, yunohost } } = self.stored;
        Survey { taken_ms: self.taken_ms, took_ms, facts: system, yunohost }
    }
}

impl Survey {
    /// What the host is.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.yunohost.is_some() { Role::Yunohost } else { Role::Linux }
    }

    /// Seconds by which the host's clock is ahead of this machine's.
    #[must_use]
    pub fn clock_skew_s(&self) -> Option<i64> {
        let clock = i64::try_from(self.facts.clock_seconds?).ok()?;
        Some(clock - i64::try_from(self.taken_ms / 1000).ok()?)
    }

    /// What the machine is used for, by the names of the wire.
    #[must_use]
    pub fn role_names(&self) -> Vec<String> {
        let name = |role: &Use| serde_json::to_value(role).ok().and_then(|value| value.as_str().map(str::to_owned));
        self.facts.roles.iter().flatten().filter_map(name).collect()
    }

    /// Opens a stored survey.
    pub(crate) fn open(session: &Session, compartment: CompartmentId, row: &SurveyRow) -> Result<Self, AppError> {
        let bytes = session.unseal(&place(compartment, row.target, row.taken_ms), &row.sealed)?;
        // Facts of a host hold no secret; they are sealed because they are a stage's.
        let stored: Stored = serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a survey"))?;
        let StoredFacts { system, yunohost } = stored.facts;
        Ok(Self { taken_ms: row.taken_ms, took_ms: stored.took_ms, facts: system, yunohost })
    }
}

pub(crate) fn place(compartment: CompartmentId, host: HostId, taken_ms: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "survey", row: *host.as_bytes(), revision: taken_ms, field: "facts" }
}

impl App {
    /// Surveys the selected hosts, several at a time; one that fails does not stop the others. Answers come by name.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn survey(&self, on: &str, refresh: bool) -> Result<Vec<SurveyAnswer>, AppError> {
        let session = self.session()?;
        let mut waiting = session.select(on).await?.into_iter();
        let mut working = JoinSet::new();
        let (mut answers, mut unstored, mut stored) = (Vec::new(), Vec::new(), Instant::now());
        loop {
            while working.len() < AT_A_TIME
                && let Some(target) = waiting.next()
            {
                let session = Arc::clone(&session);
                working.spawn(async move {
                    let started = Instant::now();
                    let stored = if refresh { None } else { session.young_survey(&target).await };
                    let (took, survey) = match stored {
                        Some(survey) => (Duration::ZERO, Ok(Found::Stored(Box::new(survey)))),
                        None => {
                            let survey = session.read_survey(&target, true, &[]).await;
                            (started.elapsed(), survey.map(|(taken, _)| Found::Taken(Box::new(taken))))
                        }
                    };
                    (target.name.to_string(), took, survey)
                });
            }
            // A host that takes its time does not hold up what others said.
            let ended = tokio::select! {
                ended = working.join_next() => Some(ended.transpose().map_err(AppError::internal)?),
                () = tokio::time::sleep_until((stored + STORE_EVERY).into()), if !unstored.is_empty() => None,
            };
            let is_last = matches!(ended, Some(None));
            match ended.flatten() {
                Some((host, took, Ok(Found::Taken(taken)))) => unstored.push((host, took, *taken)),
                Some((host, took, Ok(Found::Stored(survey)))) => answers.push(SurveyAnswer { host, took, survey: Ok(*survey) }),
                Some((host, took, Err(error))) => answers.push(SurveyAnswer { host, took, survey: Err(error) }),
                None => {}
            }
            if is_last || stored.elapsed() >= STORE_EVERY {
                answers.extend(session.store_surveys(std::mem::take(&mut unstored)).await?);
                stored = Instant::now();
            }
            if is_last {
                break;
            }
        }
        answers.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(answers)
    }
}

impl App {
    /// What differs between a host's last survey and the one before it, or the last one before a moment; or between the last
    /// surveys of two hosts. With `noise`, what changes by itself is told too.
    ///
    /// # Errors
    /// [`AppError::HostNotFound`]; [`AppError::NothingToCompare`] when there are not two surveys.
    pub async fn diff_host(&self, host: &str, with: Option<&str>, before_ms: Option<u64>, noise: bool) -> Result<SurveyDiff, AppError> {
        let session = self.session()?;
        let (one, other) = (host.to_owned(), with.map(str::to_owned));
        session
            .blocking(move |session| {
                let missing = || AppError::NothingToCompare { name: one.clone() };
                let mut of_one = session.surveys_of(&one)?.into_iter();
                let after = of_one.next().ok_or_else(missing)?;
                let (name, before) = match &other {
                    // The other host is what this one is held against.
                    Some(other) => {
                        let first = session.surveys_of(other)?.into_iter().next();
                        (other.clone(), first.ok_or_else(|| AppError::NothingToCompare { name: other.clone() })?)
                    }
                    None => {
                        let found = of_one.find(|survey| before_ms.is_none_or(|before| survey.taken_ms <= before));
                        (one.clone(), found.ok_or_else(missing)?)
                    }
                };
                let differences = beffroi_survey::diff(&before.facts, &after.facts, Diffs { noise });
                Ok(SurveyDiff { before: (name, before.taken_ms), after: (one.clone(), after.taken_ms), differences })
            })
            .await
    }
}

impl Session {
    /// A host's surveys, the newest first.
    fn surveys_of(&self, host: &str) -> Result<Vec<Survey>, AppError> {
        let target = self.target_named(host)?;
        if !self.is_open(target.compartment) {
            return Err(self.sealed(target.compartment));
        }
        let rows = self.catalog.read(|reader| reader.surveys_of(target.record.host))?;
        rows.iter().map(|row| Survey::open(self, target.compartment, row)).collect()
    }

    /// Reads a host, and stores what it says.
    pub(crate) async fn survey(
        self: &Arc<Self>,
        target: &TargetRecord,
        ask_upgrades: bool,
        questions: &[Question],
    ) -> Result<Read, AppError> {
        let (taken, answers) = self.read_survey(target, ask_upgrades, questions).await?;
        let survey = self.blocking(move |session| {
            session.store(&[&taken])?;
            Ok(taken.survey())
        });
        let survey = survey.await?;
        self.listener.heard(Change::Hosts);
        Ok(Read { survey, answers })
    }

    /// Reads a host in one round trip, with its upgradable packages where it is asked for them.
    async fn read_survey(
        self: &Arc<Self>,
        target: &TargetRecord,
        ask_upgrades: bool,
        questions: &[Question],
    ) -> Result<(Taken, Vec<Answer>), AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        self.read_survey_over(&remote, target, ask_upgrades, questions).await
    }

    /// Reads a host over a connection that there is. Nothing is stored.
    pub(crate) async fn read_over(
        self: &Arc<Self>,
        remote: &SshRemote,
        target: &TargetRecord,
        questions: &[Question],
    ) -> Result<Read, AppError> {
        let (taken, answers) = self.read_survey_over(remote, target, false, questions).await?;
        Ok(Read { survey: taken.survey(), answers })
    }

    async fn read_survey_over(
        self: &Arc<Self>,
        remote: &SshRemote,
        target: &TargetRecord,
        ask_upgrades: bool,
        questions: &[Question],
    ) -> Result<(Taken, Vec<Answer>), AppError> {
        let started = Instant::now();
        let known = self.last_facts(target).await.and_then(|facts| facts.upgrades);
        let yunohost = beffroi_yunohost::survey_part(questions);
        let parts = [Part { name: yunohost.name.to_owned(), script: yunohost.script, limit: yunohost.limit }];
        let request = Request { parts: &parts, known_upgrades: known.as_ref(), ask_upgrades };
        let found = survey(remote, &request).await.map_err(|error| match error {
            AskError::Remote(error) => AppError::Remote(error),
            AskError::NotAnswered { message } => AppError::Remote(RemoteError::NotUnderstood { what: message }),
            other @ AskError::NoRandom => AppError::internal(other),
        })?;
        let part = found.parts.into_iter().next();
        let answer = part.and_then(|(_, answer)| YunohostFacts::from_part(&answer.output, answer.status, answer.cut, questions.len()));
        let (yunohost, answers) = answer.map_or((None, Vec::new()), |(facts, answers)| (Some(facts), answers));
        let mut system = found.facts;
        if system.missing.get(&Area::Packages) == Some(&Missing::NotAsked) {
            // Known from before, with the state that it was of.
            system.upgrades = system.upgrades.or(known);
        }
        let facts = StoredFacts { system, yunohost };
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok((Taken { target: target.clone(), taken_ms: now_ms(), stored: Stored { took_ms, facts } }, answers))
    }

    /// Stores surveys, each sealed under its host's stage. All at once; one that cannot be stored keeps no other from it.
    async fn store_surveys(self: &Arc<Self>, taken: Vec<(String, Duration, Taken)>) -> Result<Vec<SurveyAnswer>, AppError> {
        if taken.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.blocking(move |session| {
            let all: Vec<&Taken> = taken.iter().map(|(_, _, taken)| taken).collect();
            let at_once = session.store(&all).is_ok();
            let answer = |(host, took, taken): (String, Duration, Taken)| {
                let stored = if at_once { Ok(()) } else { session.store(&[&taken]) };
                SurveyAnswer { host, took, survey: stored.map(|()| taken.survey()) }
            };
            Ok(taken.into_iter().map(answer).collect())
        });
        let answers = answers.await?;
        self.listener.heard(Change::Hosts);
        Ok(answers)
    }

    fn store(&self, taken: &[&Taken]) -> Result<(), AppError> {
        let row = |taken: &&Taken| {
            let Taken { target, taken_ms, stored } = taken;
            let place = place(self.compartment(&target.stage)?, target.host, *taken_ms);
            let bytes = serde_json::to_vec(stored).map(SecretBytes::new).map_err(AppError::internal)?;
            Ok(SurveyRow { target: target.host, taken_ms: *taken_ms, sealed: self.seal(&place, &bytes)? })
        };
        let rows = taken.iter().map(row).collect::<Result<Vec<_>, AppError>>()?;
        self.write(|writer| Ok(rows.iter().try_for_each(|row| writer.insert_survey(row))?))
    }

    /// What is stored of a host, when it can be read.
    async fn last_facts(self: &Arc<Self>, target: &TargetRecord) -> Option<Facts> {
        let (host, stage) = (target.host, target.stage.clone());
        let stored = self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.last_survey(host))?;
            row.map(|row| Survey::open(session, session.compartment(&stage)?, &row)).transpose()
        });
        stored.await.ok().flatten().map(|survey| survey.facts)
    }

    /// Whether a job was begun or ended on a host since a moment: what was read there before is not so any more.
    pub(crate) fn worked_on_since(&self, host: HostId, moment_ms: u64) -> Result<bool, AppError> {
        // Jobs of a host go one after the other: an older one than these ended before them.
        let jobs = self.catalog.read(|reader| reader.jobs_of(host, 16))?;
        Ok(jobs.iter().any(|job| job.created_ms >= moment_ms || job.ended_ms.is_none_or(|ended| ended >= moment_ms)))
    }

    async fn young_survey(self: &Arc<Self>, target: &TargetRecord) -> Option<Survey> {
        let (host, stage) = (target.host, target.stage.clone());
        let stored = self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.last_survey(host))?;
            let young = row.filter(|row| row.taken_ms + FRESH_MS > now_ms());
            let young = match young {
                Some(row) if session.worked_on_since(host, row.taken_ms)? => None,
                other => other,
            };
            young.map(|row| Survey::open(session, session.compartment(&stage)?, &row)).transpose()
        });
        stored.await.ok().flatten()
    }
}
