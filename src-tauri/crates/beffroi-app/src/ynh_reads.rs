//! What can be read of YunoHosts: of one kind on several hosts, and views over a fleet from what is stored.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Message, TargetRecord};
use beffroi_remote::Redaction;
use beffroi_yunohost::facts::Part;
use beffroi_yunohost::fleet::{Fleet, Instance};
use beffroi_yunohost::reading::{Cell, Entry, Reading};
use beffroi_yunohost::{Cause, Given, Operation};
use tokio::task::JoinSet;

use crate::connect::Rights;
use crate::plans::Order;
use crate::session::Session;
use crate::surveys::{AT_A_TIME, Survey};
use crate::{Action, App, AppError, MadePlan, now_ms};

mod resolving;

/// What a reading of one host gave.
#[derive(Debug)]
pub struct ReadAnswer {
    /// The host's name.
    pub host: String,
    /// How long it took; zero when a stored survey has it.
    pub took: Duration,
    /// When it was read, in milliseconds since 1970, and what; or why it was not.
    pub read: Result<(u64, Vec<Entry>), AppError>,
}

/// A host of a fleet.
#[derive(Debug)]
pub struct FleetHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// Its version of YunoHost.
    pub version: Option<String>,
    /// When its last survey was taken, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// Why there is no survey, or no newer one though it was asked for, or why a part of it is not known.
    pub error: Option<AppError>,
}

/// What is to be done on one host of several.
#[derive(Debug)]
pub struct HostOperation {
    /// The host's name.
    pub host: String,
    /// What is done.
    pub operation: &'static Operation,
    /// With what.
    pub given: Given,
}

/// The most orders of one plan.
const MOST_ORDERS: usize = 2_000;

/// A reading that checks records of DNS from this machine.
const DNS: &str = "domain-dns";

impl App {
    /// Reads one kind of facts of the selected hosts, several at a time; one that fails does not stop the others. Answers come by
    /// name. What surveys have comes from a young one in which nothing was done since, unless `refresh` wants a new one.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn ynh_read(&self, on: &str, reading: &'static Reading, given: Given, refresh: bool) -> Result<Vec<ReadAnswer>, AppError> {
        if reading.question(&given).is_none() {
            let surveys = self.survey(on, refresh).await?;
            let read = |survey: Survey| {
                let facts = survey.yunohost.as_ref().ok_or(AppError::YunohostAbsent)?;
                let part = reading.of_survey(facts, &given).ok_or(AppError::InvalidRequest { what: "no survey has it" })?;
                Ok((survey.taken_ms, told(reading, &given, part)?))
            };
            let answers = surveys.into_iter();
            return Ok(answers
                .map(|answer| ReadAnswer { host: answer.host, took: answer.took, read: answer.survey.and_then(read) })
                .collect());
        }
        let session = self.session()?;
        let mut waiting = session.select(on).await?.into_iter();
        let (given, mut working, mut answers) = (Arc::new(given), JoinSet::new(), Vec::new());
        loop {
            while working.len() < AT_A_TIME
                && let Some(target) = waiting.next()
            {
                let (session, given) = (Arc::clone(&session), Arc::clone(&given));
                working.spawn(async move {
                    let started = Instant::now();
                    let read = session.ask_reading(&target, reading, &given).await.map(|entries| (now_ms(), entries));
                    ReadAnswer { host: target.name.to_string(), took: started.elapsed(), read }
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

    /// Views over the selected hosts from their last surveys, however old: no host is asked anything, unless `refresh` wants
    /// new ones first. Hosts without YunoHost are left out.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn ynh_fleet(&self, on: &str, refresh: bool) -> Result<(Vec<FleetHost>, Fleet), AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        let mut failed: BTreeMap<String, AppError> = BTreeMap::new();
        if refresh {
            let surveys = self.survey(on, true).await?;
            failed.extend(surveys.into_iter().filter_map(|answer| Some((answer.host, answer.survey.err()?))));
        }
        session.blocking(move |session| session.fleet(targets, failed)).await
    }
}

impl App {
    /// Makes one plan of operations that differ from host to host. Hosts are read, one round trip each, and nothing is changed.
    /// Several operations on a host have nothing to do with one another: each is done whatever became of the others.
    ///
    /// # Errors
    /// When there are none or too many, or a host is not in the catalog. A host on which one of its operations cannot be done is
    /// in the answer.
    pub async fn plan_operations(&self, operations: Vec<HostOperation>) -> Result<MadePlan, AppError> {
        if operations.is_empty() || operations.len() > MOST_ORDERS {
            return Err(AppError::InvalidRequest { what: "between 1 and 2,000 operations" });
        }
        let session = self.session()?;
        let title = Message::new("title.ynh-each").with("count", operations.len());
        let find = move |session: &Session| {
            let order = |one: HostOperation| {
                let target = session.target_named(&one.host)?.record;
                let mut order = Order::new(target, Arc::new(Action::Yunohost { operation: one.operation, given: one.given }));
                order.set_apart();
                Ok(order)
            };
            operations.into_iter().map(order).collect::<Result<Vec<_>, AppError>>()
        };
        let orders = session.blocking(find).await?;
        self.plan_orders(&session, title, orders).await
    }
}

impl Session {
    async fn ask_reading(
        self: &Arc<Self>,
        target: &TargetRecord,
        reading: &'static Reading,
        given: &Given,
    ) -> Result<Vec<Entry>, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let mut entries = told(reading, given, reading.ask(remote.as_ref(), given).await?)?;
        if reading.id == DNS && given.is_on("check") {
            resolving::check(given.text("domain"), &mut entries).await;
        }
        // A host shows in its logs, traces and panels what it was given.
        let stage = self.compartment(&target.stage)?;
        let masking = self.blocking(move |session| session.masking(|secret| secret.compartment == stage)).await?;
        entries.iter_mut().flat_map(|entry| entry.values_mut()).for_each(|cell| mask(cell, &masking));
        Ok(entries)
    }

    fn fleet(&self, targets: Vec<TargetRecord>, mut failed: BTreeMap<String, AppError>) -> Result<(Vec<FleetHost>, Fleet), AppError> {
        let mut surveys = self.last_surveys()?;
        let (mut hosts, mut found) = (Vec::new(), Vec::new());
        for target in targets {
            let (host, stage) = (target.name.to_string(), target.stage.to_string());
            let survey = surveys.remove(&target.host);
            let error = failed.remove(&host).or_else(|| match &survey {
                Some(survey) => survey.yunohost.as_ref().and_then(|facts| facts.not_read()).map(|(part, cause, said)| AppError::Yunohost {
                    cause,
                    about: part.to_owned(),
                    said: said.to_owned(),
                }),
                // Of a sealed stage nothing is told, not even whether there is something.
                None => Some(self.compartment(&target.stage).err().unwrap_or_else(|| AppError::NotSurveyed { name: host.clone() })),
            });
            let version = survey.as_ref().map(|survey| survey.yunohost.as_ref().and_then(|facts| facts.version()).map(str::to_owned));
            let taken_ms = survey.as_ref().map(|survey| survey.taken_ms);
            match survey {
                Some(survey) if survey.yunohost.is_some() => found.push((host.clone(), survey)),
                // No YunoHost; but one that could not be asked anew is told.
                Some(_) if error.is_none() => continue,
                Some(_) | None => {}
            }
            hosts.push(FleetHost { host, stage, version: version.flatten(), taken_ms, error });
        }
        let instances = found.iter().filter_map(|(host, survey)| {
            let facts = survey.yunohost.as_ref()?;
            Some(Instance { host, taken_ms: survey.taken_ms, os: survey.facts.os_name.as_deref(), facts })
        });
        let instances: Vec<Instance<'_>> = instances.collect();
        let fleet = Fleet::of(&instances, now_ms());
        Ok((hosts, fleet))
    }
}

fn mask(cell: &mut Cell, masking: &Redaction) {
    match cell {
        Cell::Text(text) => *text = masking.text(text),
        Cell::List(texts) => texts.iter_mut().for_each(|text| *text = masking.text(text)),
        Cell::Number(_) | Cell::Switch(_) => {}
    }
}

fn told(reading: &Reading, given: &Given, part: Part<Vec<Entry>>) -> Result<Vec<Entry>, AppError> {
    // What was asked about, where that may be what is not there.
    let about = || reading.params.iter().find_map(|param| given.maybe(param.name)).unwrap_or(reading.id).to_owned();
    match part {
        Part::Read { value } => Ok(value),
        Part::Failed { cause: Cause::ProgramMissing, .. } => Err(AppError::YunohostAbsent),
        Part::Failed { cause, message } => Err(AppError::Yunohost { cause, about: about(), said: message }),
    }
}
