//! Jobs: what a plan became on each host.

mod failure;
mod follow;
mod follower;
mod guest;
mod looked_up;
mod output;
mod proof;
mod reboot;
mod record;
mod settle;
mod tied;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{CompartmentId, HostId, JobId, JobState, RunId, StepState, TargetRecord};
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_vault::Place;

pub use failure::Why;
pub(crate) use follow::JOB_FOLDER;
pub(crate) use output::piece_place;
pub use output::{OutputNote, OutputText};
pub(crate) use proof::not_checked;
pub(crate) use record::{JobAction, JobRecord};
pub use record::{StoredMessage, StoredPart, StoredStep};

pub(crate) use settle::{AccountChange, Settlement};
pub(crate) use tied::{Tie, WAIT};

use crate::action::Prepared;
pub(crate) use follower::Follower;

use crate::run::Trouble;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};
pub(crate) use failure::Failure;
use record::JobInput;

/// A job, with everything that may be shown of it.
#[derive(Debug)]
pub struct JobFacts {
    /// Its id.
    pub id: JobId,
    /// Shared by the jobs of one plan.
    pub run: RunId,
    /// The host's name today, else its id.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// What it is for.
    pub title: StoredMessage,
    /// Where it stands.
    pub state: JobState,
    /// Whether this process follows it.
    pub attached: bool,
    /// When it was recorded, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// Its steps: what they do, and where they stand.
    pub steps: Vec<(StoredStep, StepRow)>,
    /// Why it failed.
    pub error: Option<AppError>,
}

const MOST_LISTED: u32 = 200;

impl App {
    /// The last 200 jobs, newest first.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn jobs(&self) -> Result<Vec<JobFacts>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| session.catalog.read(|reader| reader.jobs(MOST_LISTED))?.iter().map(|row| session.job_facts(row)).collect())
            .await
    }

    /// One job, by its id or an ending of it that no other has.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`].
    pub async fn job(&self, job: &str) -> Result<JobFacts, AppError> {
        let session = self.session()?;
        let job = job.to_owned();
        session.blocking(move |session| session.job_facts(&session.find_job(&job)?)).await
    }

    /// Follows a job again, from where its output was left. Does nothing to one that ended or is followed already.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`].
    pub async fn attach_job(&self, job: &str) -> Result<JobFacts, AppError> {
        let session = self.session()?;
        let named = job.to_owned();
        let row = session.blocking(move |session| session.find_job(&named)).await?;
        if !row.state.has_ended() && !session.is_open(row.compartment) {
            return Err(session.sealed(row.compartment));
        }
        // One that waited while its stage was sealed was never sent to its host: it is now.
        if !row.state.has_ended() && session.follow(row.id, row.state == JobState::Queued) {
            session.journal_event("job-attached", Some(row.target), Vec::new()).await?;
        }
        self.job(&row.id.to_string()).await
    }

    /// Stops a job on its host, and follows it to its end.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`].
    pub async fn cancel_job(&self, job: &str) -> Result<JobFacts, AppError> {
        let session = self.session()?;
        let named = job.to_owned();
        let row = session.blocking(move |session| session.find_job(&named)).await?;
        if !row.state.has_ended() {
            if !session.is_open(row.compartment) {
                return Err(session.sealed(row.compartment));
            }
            session.follow(row.id, false);
            session.journal_event("job-cancelled", Some(row.target), Vec::new()).await?;
            if let Some(follower) = session.follower(row.id) {
                follower.stop();
            }
        }
        self.job(&row.id.to_string()).await
    }

    /// Begins a job again that failed or was stopped, from the step that did not succeed: what was done before it is not done
    /// again. It is the same job, with the same input.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`]; [`AppError::JobNotFailed`]; [`AppError::JobInputGone`] when it is older than a week; those
    /// of the host's stage.
    pub async fn retry_job(&self, job: &str, typed: Option<&str>) -> Result<JobFacts, AppError> {
        let session = self.session()?;
        let named = job.to_owned();
        let row = session.blocking(move |session| session.find_job(&named)).await?;
        let id = row.id.to_string();
        if !matches!(row.state, JobState::Failed | JobState::Cancelled) {
            return Err(AppError::JobNotFailed { job: id });
        }
        if !session.is_open(row.compartment) {
            return Err(session.sealed(row.compartment));
        }
        if row.input.is_none() {
            return Err(AppError::JobInputGone { job: id });
        }
        let target = session.target_of(row.target).await?;
        session.allow_at_once(std::slice::from_ref(&target), typed)?;
        let retried = row.clone();
        session
            .blocking(move |session| {
                let steps = session.catalog.read(|reader| reader.steps(retried.id))?;
                let from = steps.iter().find(|step| step.state != StepState::Done).map_or(1, |step| step.number);
                let happening = Happening::new("job-retried").on(retried.target).with("step", from);
                session.commit(happening, |writer| Ok(writer.retry_job(retried.id)?))?;
                session.note_retry(&retried, from)
            })
            .await?;
        session.listener.heard(Change::Job(row.id));
        session.follow(row.id, true);
        self.job(&id).await
    }

    /// Waits until this process no longer follows a job: it ended, or cannot be followed for now.
    ///
    /// # Errors
    /// [`AppError::JobNotFound`].
    pub async fn wait_for_job(&self, job: JobId) -> Result<JobFacts, AppError> {
        let session = self.session()?;
        if let Some(follower) = session.follower(job) {
            drop(session);
            follower.ended().await;
        }
        self.job(&job.to_string()).await
    }
}

impl Session {
    /// Records a job and starts to follow it.
    pub(crate) async fn begin_job(self: &Arc<Self>, run: RunId, target: &TargetRecord, prepared: Prepared) -> Result<JobFacts, AppError> {
        let target = target.clone();
        let id = JobId::make();
        let row = self
            .blocking(move |session| {
                let compartment = session.compartment(&target.stage)?;
                let row = JobRow {
                    id,
                    run,
                    target: target.host,
                    compartment,
                    record: Vec::new(),
                    input: None,
                    failure: None,
                    state: JobState::Queued,
                    created_ms: now_ms(),
                    ended_ms: None,
                    attempt: 1,
                };
                let input = JobInput { stdin: prepared.input, secrets: prepared.secrets };
                let row = JobRow {
                    record: session.seal(&place_in(&row, "record"), &prepared.record.to_bytes()?)?,
                    input: Some(session.seal(&place_in(&row, "input"), &input.to_bytes())?),
                    ..row
                };
                let steps: Vec<StepRow> = prepared.steps.iter().map(|step| StepRow::pending(step.number)).collect();
                let happening = prepared.record.queued().on(target.host);
                session.commit(happening, |writer| {
                    writer.insert_job(&row, &steps)?;
                    Self::foretell(writer, &row, &prepared.record.settles)
                })?;
                Ok(row)
            })
            .await?;
        self.follow(id, true);
        self.blocking(move |session| session.job_facts(&row)).await
    }

    /// Starts a task that follows a job; `false` when there is one. `new`: the job may be started on its host.
    fn follow(self: &Arc<Self>, job: JobId, new: bool) -> bool {
        let follower = Arc::new(Follower::new());
        {
            let mut followed = self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if followed.contains_key(&job) {
                return false;
            }
            followed.insert(job, Arc::clone(&follower));
        }
        self.out_of_reach.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&job);
        let session = Arc::clone(self);
        tokio::spawn(async move {
            session.drive(job, &follower, new).await;
            session.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&job);
            let listener = Arc::clone(&session.listener);
            drop(session);
            follower.end();
            listener.heard(Change::Job(job));
        });
        true
    }

    pub(crate) fn follower(&self, job: JobId) -> Option<Arc<Follower>> {
        self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&job).cloned()
    }

    /// The tasks that follow jobs of a compartment.
    pub(crate) fn jobs_followed_in(&self, compartment: CompartmentId) -> Result<Vec<Arc<Follower>>, AppError> {
        let followed = self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let mut found = Vec::new();
        for (job, follower) in followed {
            let row = self.catalog.read(|reader| reader.job(job))?;
            found.extend(row.filter(|row| row.compartment == compartment).map(|_| follower));
        }
        Ok(found)
    }

    /// Ends the tasks that follow jobs. The jobs go on at their hosts.
    pub(crate) fn let_go_of_jobs(&self) {
        for follower in self.followed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).values() {
            follower.leave();
        }
    }

    /// Waits a little until nothing else uses this session, so that its keys are wiped and its lock is free.
    pub(crate) async fn wait_until_alone(self: &Arc<Self>) {
        for _ in 0..200 {
            if Arc::strong_count(self) == 1 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    fn find_job(&self, job: &str) -> Result<JobRow, AppError> {
        let missing = || AppError::JobNotFound { job: job.chars().take(64).collect() };
        if let Ok(id) = job.parse() {
            return self.catalog.read(|reader| reader.job(id))?.ok_or_else(missing);
        }
        let jobs = self.catalog.read(|reader| reader.jobs(MOST_LISTED))?;
        let mut ending = jobs.into_iter().filter(|row| job.len() >= 4 && row.id.to_string().ends_with(job));
        match (ending.next(), ending.next()) {
            (Some(row), None) => Ok(row),
            _ => Err(missing()),
        }
    }

    /// The places on a host that jobs which have not ended may yet need; with `ended`, those of all jobs. A job of a sealed stage
    /// does not say.
    pub(crate) fn places_of_jobs(&self, host: HostId, ended: bool) -> Result<Vec<String>, AppError> {
        let rows = self.catalog.read(|reader| reader.jobs(MOST_LISTED))?;
        let going = rows.iter().filter(|row| row.target == host && (ended || !row.state.has_ended()) && self.is_open(row.compartment));
        going.map(|row| Ok(self.job_record(row)?.sent)).collect::<Result<Vec<_>, AppError>>().map(|places| places.concat())
    }

    pub(crate) fn job_facts(&self, row: &JobRow) -> Result<JobFacts, AppError> {
        let attached = self.follower(row.id).is_some();
        // Its follower may have ended it and left since it was read: it would be told as running, and nobody there.
        let ended = if attached || row.state.has_ended() { None } else { self.catalog.read(|reader| reader.job(row.id))? };
        let row = ended.as_ref().unwrap_or(row);
        // What a job of a sealed stage does is that stage's; that there is one, and where it stands, is not.
        let (record, failure) = if self.is_open(row.compartment) {
            (self.job_record(row)?, row.failure.as_ref().map(|sealed| self.unseal(&place_in(row, "failure"), sealed)).transpose()?)
        } else {
            (JobRecord::sealed(&self.stage_of(row.compartment)), None)
        };
        let (steps, host) = self.catalog.read(|reader| Ok::<_, AppError>((reader.steps(row.id)?, reader.target(row.target)?)))?;
        Ok(JobFacts {
            id: row.id,
            run: row.run,
            host: host.map_or_else(|| row.target.to_string(), |row| row.name),
            stage: self.stage_of(row.compartment),
            title: record.title,
            state: row.state,
            attached,
            created_ms: row.created_ms,
            ended_ms: row.ended_ms,
            steps: record.steps.into_iter().zip(steps).collect(),
            error: match failure {
                Some(bytes) => Some(Failure::from_bytes(&bytes)?.into()),
                None => self.why_not_followed(row),
            },
        })
    }

    /// Why a job that goes on is not followed, when that is known.
    fn why_not_followed(&self, row: &JobRow) -> Option<AppError> {
        if row.state.has_ended() || self.follower(row.id).is_some() {
            return None;
        }
        self.out_of_reach.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&row.id).cloned().map(Trouble::error)
    }

    pub(crate) fn job_record(&self, row: &JobRow) -> Result<JobRecord, AppError> {
        JobRecord::from_bytes(&self.unseal(&place_in(row, "record"), &row.record)?)
    }
}

fn place_in(row: &JobRow, field: &'static str) -> Place<'static> {
    job_place(row.compartment, row.target, row.id, field)
}

/// Where a part of a job is sealed: `record`, `input` or `failure`.
pub(crate) fn job_place(compartment: CompartmentId, host: HostId, job: JobId, field: &'static str) -> Place<'static> {
    Place { compartment, target: Some(host), table: "job", row: *job.as_bytes(), revision: 1, field }
}
