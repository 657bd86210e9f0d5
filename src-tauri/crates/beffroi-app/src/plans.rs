//! Plans: what an action would do, shown before it is done.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{HostPlan, Message, Plan, PlanId, RunId, TargetRecord, VaultId};

use tokio::sync::Semaphore;

use crate::action::Prepared;
use crate::jobs::JobFacts;
use crate::session::Session;
use crate::surveys::{AT_A_TIME, Read, Survey};
use crate::{Action, App, AppError};

/// A plan that can be run.
#[derive(Debug)]
pub struct MadePlan {
    /// What it would do.
    pub plan: Plan,
    /// The stage and the warnings of each of its hosts, in the same order.
    pub standings: Vec<HostStanding>,
    /// Names, any one of which must be typed before it is run. Empty when a yes is enough.
    pub confirm: Vec<String>,
    /// Hosts it leaves alone, and why.
    pub refused: Vec<RefusedHost>,
}

/// What the stage of a host asks, and what speaks against the plan there.
#[derive(Debug, Clone)]
pub struct HostStanding {
    /// The stage.
    pub stage: String,
    /// What speaks against it, without forbidding it.
    pub warnings: Vec<Message>,
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
    confirm: Vec<String>,
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
    pub async fn make_plan(&self, on: &str, action: Action) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        action.validate()?;
        let targets = session.select(on).await?;
        let mut made = MadePlan {
            plan: Plan { id: PlanId::make(), title: action.title(), hosts: Vec::new() },
            standings: Vec::new(),
            confirm: Vec::new(),
            refused: Vec::new(),
        };
        let mut hosts = Vec::new();
        for (target, read) in session.read_for(&action, targets).await {
            let prepared = read.and_then(|read| {
                let prepared = action.prepare(read.as_ref())?;
                let mut warnings: Vec<Message> = read.as_ref().map(|read| warnings_of(&read.survey)).unwrap_or_default();
                warnings.extend(prepared.warnings.iter().cloned());
                Ok((session.allow(&target, warnings)?, prepared))
            });
            match prepared {
                Ok(((standing, typed), prepared)) => {
                    let host_name = target.name.to_string();
                    if typed {
                        made.confirm.extend([host_name.clone(), target.stage.to_string()]);
                    }
                    made.plan.hosts.push(HostPlan { host: target.host, host_name, steps: prepared.steps.clone() });
                    made.standings.push(standing);
                    hosts.push((target, prepared));
                }
                Err(error) => made.refused.push(RefusedHost { host: target.name.to_string(), error }),
            }
        }
        // Of many hosts, one name says too little: then it is the stage's.
        if made.plan.hosts.len() > 1 {
            made.confirm.retain(|name| made.standings.iter().any(|standing| standing.stage == *name));
        }
        made.confirm.sort_unstable();
        made.confirm.dedup();
        let confirm = made.confirm.clone();
        let mut plans = self.plans();
        plans.retain(|_, pending| pending.made.elapsed() < KEPT);
        plans.insert(made.plan.id, Pending { vault: session.vault.id(), made: Instant::now(), confirm, hosts });
        Ok(made)
    }

    /// Runs a plan: records one job per host and starts to follow them. Returns once they are recorded.
    ///
    /// # Errors
    /// [`AppError::PlanNotFound`] when it was run, forgotten, or is older than 30 minutes; [`AppError::NameNotTyped`] and
    /// [`AppError::StageSealed`], which leave the plan as it is.
    pub async fn run_plan(&self, plan: PlanId, typed: Option<&str>) -> Result<Vec<JobFacts>, AppError> {
        let session = self.session()?;
        let is_fresh = |pending: &Pending| pending.made.elapsed() < KEPT && pending.vault == session.vault.id();
        let pending = {
            let mut plans = self.plans();
            let waiting = plans.get(&plan).filter(|pending| is_fresh(pending)).ok_or(AppError::PlanNotFound)?;
            if !waiting.confirm.is_empty() && !waiting.confirm.iter().any(|name| typed == Some(name)) {
                return Err(AppError::NameNotTyped { names: waiting.confirm.clone() });
            }
            for (target, _) in &waiting.hosts {
                session.refuse_frozen(&session.open_stage(&target.stage)?)?;
            }
            plans.remove(&plan).ok_or(AppError::PlanNotFound)?
        };
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

/// Used part of a host's disk from which a change there is worth a warning, in percent.
const FULL_DISK: u64 = 95;

impl Session {
    /// Whether the stages of hosts let something be done there at once, without a plan. `typed` is what the person typed.
    pub(crate) fn allow_at_once(&self, targets: &[TargetRecord], typed: Option<&str>) -> Result<(), AppError> {
        let mut names = Vec::new();
        for target in targets {
            // A sealed stage is said host by host.
            let Ok(stage) = self.open_stage(&target.stage) else { continue };
            self.refuse_frozen(&stage)?;
            if stage.policy.typed_confirmation {
                names.extend((targets.len() == 1).then(|| target.name.to_string()));
                names.push(stage.name.to_string());
            }
        }
        names.sort_unstable();
        names.dedup();
        if names.is_empty() || names.iter().any(|name| typed == Some(name)) { Ok(()) } else { Err(AppError::NameNotTyped { names }) }
    }

    /// Whether a host's stage lets it be changed now: its standing, and whether a name must be typed.
    fn allow(&self, target: &TargetRecord, warnings: Vec<Message>) -> Result<(HostStanding, bool), AppError> {
        let stage = self.open_stage(&target.stage)?;
        self.refuse_frozen(&stage)?;
        match warnings.first() {
            Some(why) if stage.policy.refuse_warnings => Err(AppError::PolicyRefused { why: why.clone() }),
            _ => Ok((HostStanding { stage: stage.name.to_string(), warnings }, stage.policy.typed_confirmation)),
        }
    }

    /// What an action needs to know, of every host side by side: one round trip each.
    async fn read_for(
        self: &Arc<Self>,
        action: &Action,
        targets: Vec<TargetRecord>,
    ) -> Vec<(TargetRecord, Result<Option<Read>, AppError>)> {
        let Some(questions) = action.asks() else {
            return targets.into_iter().map(|target| (target, Ok(None))).collect();
        };
        let (places, questions) = (Arc::new(Semaphore::new(AT_A_TIME)), Arc::new(questions));
        let mut reading = Vec::new();
        for target in targets {
            let (session, places, questions) = (Arc::clone(self), Arc::clone(&places), Arc::clone(&questions));
            let to_read = target.clone();
            let read = async move {
                let _place = places.acquire().await.map_err(AppError::internal)?;
                session.survey(&to_read, false, &questions).await
            };
            reading.push((target, tokio::spawn(read)));
        }
        let mut all = Vec::new();
        for (target, read) in reading {
            let read = read.await.map_err(AppError::internal).flatten();
            all.push((target, read.map(Some)));
        }
        all
    }
}

/// What speaks against changing a host, as its survey has it.
fn warnings_of(survey: &Survey) -> Vec<Message> {
    let (used, total) = (survey.facts.disk_used_bytes.unwrap_or(0), survey.facts.disk_total_bytes.unwrap_or(0));
    let percent = used.saturating_mul(100).checked_div(total).filter(|percent| *percent >= FULL_DISK);
    percent.map(|percent| Message::new("warning.disk-full").with("percent", percent)).into_iter().collect()
}
