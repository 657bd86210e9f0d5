//! Surveys: hosts' facts at a moment.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{CompartmentId, HostId, Role, TargetRecord};
use beffroi_secret::SecretBytes;
use beffroi_store::table::survey::SurveyRow;
use beffroi_vault::Place;
use beffroi_yunohost::{HostFacts, SurveyError, survey};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::session::Session;
use crate::{App, AppError, Change, now_ms};

/// A host's facts at a moment.
#[derive(Debug, Clone)]
pub struct Survey {
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// How long connecting and reading took, in milliseconds.
    pub took_ms: u64,
    /// What was read.
    pub facts: HostFacts,
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
    facts: HostFacts,
}

/// Younger than this, a stored survey is given instead of a new one, unless asked otherwise.
const FRESH_MS: u64 = 10 * 60 * 1000;
/// Hosts that are read side by side.
pub(crate) const AT_A_TIME: usize = 16;

impl Survey {
    /// What the host is.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.facts.yunohost.is_some() { Role::Yunohost } else { Role::Linux }
    }

    /// Opens a stored survey.
    pub(crate) fn open(session: &Session, compartment: CompartmentId, row: &SurveyRow) -> Result<Self, AppError> {
        let bytes = session.unseal(&place(compartment, row.target, row.taken_ms), &row.sealed)?;
        // Facts of a host hold no secret; they are sealed because they are a stage's.
        let stored: Stored = serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a survey"))?;
        Ok(Self { taken_ms: row.taken_ms, took_ms: stored.took_ms, facts: stored.facts })
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
        let mut answers = Vec::new();
        loop {
            while working.len() < AT_A_TIME
                && let Some(target) = waiting.next()
            {
                let session = Arc::clone(&session);
                working.spawn(async move {
                    let started = Instant::now();
                    let stored = if refresh { None } else { session.young_survey(&target).await };
                    let (took, survey) = match stored {
                        Some(survey) => (Duration::ZERO, Ok(survey)),
                        None => {
                            let survey = session.survey(&target).await;
                            (started.elapsed(), survey)
                        }
                    };
                    SurveyAnswer { host: target.name.to_string(), took, survey }
                });
            }
            match working.join_next().await {
                Some(answer) => answers.push(answer.map_err(AppError::internal)?),
                None => break,
            }
        }
        answers.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(answers)
    }
}

impl Session {
    /// Reads a host in one round trip and stores what it says, sealed under its stage.
    pub(crate) async fn survey(self: &Arc<Self>, target: &TargetRecord) -> Result<Survey, AppError> {
        let started = Instant::now();
        let remote = self.connect(target).await?;
        let facts = survey(remote.as_ref()).await.map_err(|error| match error {
            SurveyError::Remote(error) => AppError::Remote(error),
            SurveyError::NotAnswered { message } => AppError::Remote(beffroi_remote::RemoteError::NotUnderstood { what: message }),
        })?;
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let host = target.host;
        let stage = target.stage.clone();
        let survey = self
            .blocking(move |session| {
                let compartment = session.compartment(&stage)?;
                let taken_ms = now_ms();
                let stored = Stored { took_ms, facts };
                let bytes = serde_json::to_vec(&stored).map(SecretBytes::new).map_err(AppError::internal)?;
                let sealed = session.seal(&place(compartment, host, taken_ms), &bytes)?;
                session.write(|writer| Ok(writer.insert_survey(&SurveyRow { target: host, taken_ms, sealed })?))?;
                Ok(Survey { taken_ms, took_ms, facts: stored.facts })
            })
            .await?;
        self.listener.heard(Change::Hosts);
        Ok(survey)
    }

    async fn young_survey(self: &Arc<Self>, target: &TargetRecord) -> Option<Survey> {
        let (host, stage) = (target.host, target.stage.clone());
        let stored = self.blocking(move |session| {
            let row = session.catalog.read(|reader| reader.last_survey(host))?;
            let young = row.filter(|row| row.taken_ms + FRESH_MS > now_ms());
            young.map(|row| Survey::open(session, session.compartment(&stage)?, &row)).transpose()
        });
        stored.await.ok().flatten()
    }
}
