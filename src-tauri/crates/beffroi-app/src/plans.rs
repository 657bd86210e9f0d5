//! Plans: what an action would do, shown before it is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{HostPlan, Plan, PlanId, RunId, TargetRecord, VaultId};

use tokio::sync::Semaphore;

use crate::action::Prepared;
use crate::jobs::JobFacts;
use crate::session::Session;
use crate::surveys::AT_A_TIME;
use crate::{Action, App, AppError};

/// A plan that can be run.
#[derive(Debug)]
pub struct MadePlan {
    /// What it would do.
    pub plan: Plan,
    /// The stage of each of its hosts, in the same order.
    pub stages: Vec<String>,
    /// Hosts it leaves alone, and why.
    pub refused: Vec<RefusedHost>,
}

/// A host that a plan leaves alone.
#[derive(Debug)]
pub struct RefusedHost {
    /// Its name.
    pub host: String,
    /// Why.
    pub error: AppError,
}

/// A plan that waits to be run, with its secrets.
pub(crate) struct Pending {
    pub(crate) vault: VaultId,
    made: Instant,
    hosts: Vec<(TargetRecord, Prepared)>,
}

/// A plan shows what a host was like; after this long it is too old to be run.
const KEPT: Duration = Duration::from_secs(30 * 60);

impl App {
    /// Makes the plan of an action. Hosts are read, one round trip each, and nothing is changed.
    ///
    /// # Errors
    /// When the action is not one that can be sent, or the selector does not select a host. A host on which the action
    /// cannot be done is in the answer.
    pub async fn make_plan(&self, on: &str, mut action: Action) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        action.validate()?;
        let targets = session.select(on).await?;
        let mut made = MadePlan {
            plan: Plan { id: PlanId::make(), title: action.title(), hosts: Vec::new() },
            stages: Vec::new(),
            refused: Vec::new(),
        };
        let mut hosts = Vec::new();
        for (target, facts) in session.read_for(&action, targets).await {
            let prepared = facts.and_then(|facts| action.prepare(facts.as_ref()));
            match prepared {
                Ok(prepared) => {
                    let host_name = target.name.to_string();
                    made.plan.hosts.push(HostPlan { host: target.host, host_name, steps: prepared.steps.clone() });
                    made.stages.push(target.stage.to_string());
                    hosts.push((target, prepared));
                }
                Err(error) => made.refused.push(RefusedHost { host: target.name.to_string(), error }),
            }
        }
        let mut plans = self.plans();
        plans.retain(|_, pending| pending.made.elapsed() < KEPT);
        plans.insert(made.plan.id, Pending { vault: session.vault.id(), made: Instant::now(), hosts });
        Ok(made)
    }

    /// Runs a plan: records one job per host and starts to follow them. Returns once they are recorded.
    ///
    /// # Errors
    /// [`AppError::PlanNotFound`] when it was run, forgotten, or is older than 30 minutes.
    pub async fn run_plan(&self, plan: PlanId) -> Result<Vec<JobFacts>, AppError> {
        let session = self.session()?;
        let is_fresh = |pending: &Pending| pending.made.elapsed() < KEPT && pending.vault == session.vault.id();
        let pending = self.plans().remove(&plan).filter(is_fresh).ok_or(AppError::PlanNotFound)?;
        let run = RunId::make();
        let mut jobs = Vec::new();
        for (target, prepared) in pending.hosts {
            jobs.push(session.begin_job(run, &target, prepared).await?);
        }
        Ok(jobs)
    }

    /// Forgets a plan and its secrets.
    pub fn forget_plan(&self, plan: PlanId) {
        self.plans().remove(&plan);
    }
}

impl Session {
    /// The facts that an action needs, of every host side by side.
    async fn read_for(
        self: &Arc<Self>,
        action: &Action,
        targets: Vec<TargetRecord>,
    ) -> Vec<(TargetRecord, Result<Option<beffroi_yunohost::HostFacts>, AppError>)> {
        if !action.needs_survey() {
            return targets.into_iter().map(|target| (target, Ok(None))).collect();
        }
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut reading = Vec::new();
        for target in targets {
            let (session, places) = (Arc::clone(self), Arc::clone(&places));
            let read = target.clone();
            let survey = async move {
                let _place = places.acquire().await.map_err(AppError::internal)?;
                session.survey(&read).await
            };
            reading.push((target, tokio::spawn(survey)));
        }
        let mut read = Vec::new();
        for (target, survey) in reading {
            let survey = survey.await.map_err(AppError::internal).flatten();
            read.push((target, survey.map(|survey| Some(survey.facts))));
        }
        read
    }
}
