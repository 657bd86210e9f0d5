//! Plans: what an action would do, shown before it is done.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Access, HostId, HostPlan, Message, Plan, PlanId, RunId, Step, TargetRecord, VaultId};

use beffroi_yunohost::facts::LockHolder;
use tokio::sync::Semaphore;

use crate::action::Prepared;
use crate::jobs::{JobFacts, Settlement};
use crate::people::Departure;
use crate::session::Session;
use crate::surveys::{AT_A_TIME, Read, Survey};
use crate::{Action, App, AppError, GuardError, GuestError};

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

/// What is to be done on one host. Several orders for one host are done in their order, each as a job of its own that begins when
/// the one before it succeeded; they are planned together: what one of them must not do keeps the host out of the plan.
pub(crate) struct Order {
    /// The host.
    pub(crate) target: TargetRecord,
    /// What is done there; several hosts may share it.
    pub(crate) action: Arc<Action>,
    /// What is recorded here once it was done.
    pub(crate) settles: Vec<Settlement>,
    /// Whether it has nothing to do with the order before it, and is done also when that one failed.
    apart: bool,
    /// The host that leads there, whatever the record says.
    through: Option<HostId>,
    /// Another host, on which nothing begins before this succeeded.
    leads: Option<HostId>,
}

impl Order {
    /// An action on a host, of which only the host has to know.
    pub(crate) fn new(target: TargetRecord, action: Arc<Action>) -> Self {
        Self { target, action, settles: Vec::new(), apart: false, through: None, leads: None }
    }

    /// Says that it has nothing to do with the order before it.
    pub(crate) fn set_apart(&mut self) {
        self.apart = true;
    }

    /// The same, done before anything begins on another host, which is left alone when this cannot be done.
    pub(crate) fn leading(mut self, host: HostId) -> Self {
        self.leads = Some(host);
        self
    }

    /// The same, by another host, whatever the record says of the way.
    pub(crate) fn through(mut self, host: HostId) -> Self {
        self.through = Some(host);
        self
    }

    /// The same, with something to be recorded once it was done.
    pub(crate) fn settling(mut self, settlement: Settlement) -> Self {
        self.settles.push(settlement);
        self
    }
}

/// What an order comes to; the rest as there.
struct HostJob {
    prepared: Prepared,
    apart: bool,
    leads: Option<HostId>,
}

/// What a host's orders come to, in their order.
type HostJobs = Vec<HostJob>;

/// A plan that waits to be run, with its secrets.
pub(crate) struct Pending {
    pub(crate) vault: VaultId,
    made: Instant,
    confirm: Vec<String>,
    hosts: Vec<(TargetRecord, HostJobs)>,
    /// Who leaves by it: noted when it is run.
    pub(crate) departures: Vec<Departure>,
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
        let (title, action) = (action.title(), Arc::new(action));
        let orders = session.select(on).await?.into_iter().map(|target| Order::new(target, Arc::clone(&action))).collect();
        self.plan_orders(&session, title, orders).await
    }

    /// Makes one plan of what differs from host to host: see [`Order`]. Hosts are read, one round trip each, and nothing is
    /// changed.
    ///
    /// # Errors
    /// When an action is not one that can be sent. A host on which one of its actions cannot be done is in the answer.
    pub(crate) async fn plan_orders(&self, session: &Arc<Session>, title: Message, orders: Vec<Order>) -> Result<MadePlan, AppError> {
        orders.iter().try_for_each(|order| order.action.validate())?;
        let mut made = MadePlan {
            plan: Plan { id: PlanId::make(), title, hosts: Vec::new() },
            standings: Vec::new(),
            confirm: Vec::new(),
            refused: Vec::new(),
        };
        let (mut hosts, mut own) = (Vec::new(), Vec::new());
        // Hosts without what was to be done before anything there.
        let mut not_led: Vec<HostId> = Vec::new();
        for (target, orders, read) in session.read_for(by_host(orders)).await {
            let leads: Vec<HostId> = orders.iter().filter_map(|order| order.leads).collect();
            if not_led.contains(&target.host) {
                made.refused.push(not_kept(&target));
                continue;
            }
            match read.and_then(|read| session.prepare(&target, orders, read)) {
                Ok((standing, typed, prepared)) => {
                    let host_name = target.name.to_string();
                    if typed {
                        made.confirm.extend([host_name.clone(), target.stage.to_string()]);
                    }
                    own.extend(prepared.iter().filter_map(|job| job.prepared.confirm.clone()));
                    let steps = prepared.iter().flat_map(|job| job.prepared.steps.clone());
                    // Each job counts its own.
                    let steps = (1..).zip(steps).map(|(number, step)| Step { number, ..step }).collect();
                    made.plan.hosts.push(HostPlan { host: target.host, host_name, steps });
                    made.standings.push(standing);
                    hosts.push((target, prepared));
                }
                Err(error) => {
                    not_led.extend(leads);
                    made.refused.push(RefusedHost { host: target.name.to_string(), error });
                }
            }
        }
        // Of many hosts, one name says too little: then it is the stage's.
        if made.plan.hosts.len() > 1 {
            made.confirm.retain(|name| made.standings.iter().any(|standing| standing.stage == *name));
        }
        if !own.is_empty() {
            // One of them stands for all of one host, and for nothing elsewhere.
            if hosts.len() > 1 {
                return Err(AppError::InvalidRequest { what: "guests whose names have to be typed are changed on one host at a time" });
            }
            made.confirm = own;
        }
        made.confirm.sort_unstable();
        made.confirm.dedup();
        let confirm = made.confirm.clone();
        let mut plans = self.plans();
        plans.retain(|_, pending| pending.made.elapsed() < KEPT);
        plans.insert(made.plan.id, Pending { vault: session.vault.id(), made: Instant::now(), confirm, hosts, departures: Vec::new() });
        Ok(made)
    }

    /// Runs a plan: records one job per host and starts to follow them. Returns once they are recorded.
    ///
    /// # Errors
    /// [`AppError::PlanNotFound`] when it was run, forgotten, or is older than 30 minutes; [`AppError::NameNotTyped`] and
    /// [`AppError::StageSealed`], which leave the plan as it is.
    pub async fn run_plan(&self, plan: PlanId, typed: Option<&str>) -> Result<Vec<JobFacts>, AppError> {
        self.run_plan_from(plan, typed, None).await
    }

    /// Runs a plan, on one host first where a pilot is named: the others begin once everything succeeded there, and not at all
    /// when something did not.
    ///
    /// # Errors
    /// As [`run_plan`](Self::run_plan); [`GuardError::PilotNotPlanned`], which leaves the plan as it is too.
    pub async fn run_plan_from(&self, plan: PlanId, typed: Option<&str>, pilot: Option<&str>) -> Result<Vec<JobFacts>, AppError> {
        let session = self.session()?;
        let is_fresh = |pending: &Pending| pending.made.elapsed() < KEPT && pending.vault == session.vault.id();
        let pending = {
            let mut plans = self.plans();
            let waiting = plans.get(&plan).filter(|pending| is_fresh(pending)).ok_or(AppError::PlanNotFound)?;
            if !waiting.confirm.is_empty() && !waiting.confirm.iter().any(|name| typed == Some(name)) {
                return Err(AppError::NameNotTyped { names: waiting.confirm.clone() });
            }
            if let Some(host) = pilot.filter(|pilot| !waiting.hosts.iter().any(|(target, _)| target.name.as_str() == *pilot)) {
                return Err(GuardError::PilotNotPlanned { host: host.to_owned() }.into());
            }
            for (target, _) in &waiting.hosts {
                session.refuse_frozen(&session.open_stage(&target.stage)?)?;
            }
            plans.remove(&plan).ok_or(AppError::PlanNotFound)?
        };
        let run = RunId::make();
        session.begin_departures(run, pending.departures).await?;
        // What has to be done before the pilot, the pilot, what has to be done before others, the others.
        let turn = |host: &TargetRecord, leads: Option<HostId>, pilot_id: Option<HostId>| match (leads, pilot_id) {
            (Some(led), Some(pilot)) if led == pilot => 0,
            (_, Some(pilot)) if host.host == pilot => 1,
            (Some(_), _) => 2,
            (None, _) => 3,
        };
        let pilot = pending.hosts.iter().find(|(target, _)| pilot == Some(target.name.as_str())).map(|(target, _)| target.host);
        let mut waiting: Vec<(TargetRecord, HostJob)> =
            pending.hosts.into_iter().flat_map(|(target, jobs)| jobs.into_iter().map(move |job| (target.clone(), job))).collect();
        waiting.sort_by_key(|(target, job)| turn(target, job.leads, pilot));
        let (mut jobs, mut last, mut led) = (Vec::new(), HashMap::new(), HashMap::new());
        for (target, HostJob { mut prepared, apart, leads }) in waiting {
            let turn = turn(&target, leads, pilot);
            let first = || pilot.filter(|_| turn > 1).and_then(|pilot| last.get(&pilot).cloned());
            let before = || last.get(&target.host).cloned();
            // What is set apart waits for the pilot all the same; on the pilot itself, one job after the other.
            prepared.record.after =
                if apart && turn != 1 { None } else { before() }.or_else(|| led.get(&target.host).cloned()).or_else(first);
            let job = session.begin_job(run, &target, prepared).await?;
            last.insert(target.host, job.id.to_string());
            led.extend(leads.map(|leads| (leads, job.id.to_string())));
            jobs.push(job);
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
        // What a package wants to be read speaks against nothing.
        match warnings.iter().find(|warning| !warning.key.starts_with("note.")) {
            Some(why) if stage.policy.refuse_warnings => Err(AppError::PolicyRefused { why: why.clone() }),
            _ => Ok((HostStanding { stage: stage.name.to_string(), warnings }, stage.policy.typed_confirmation)),
        }
    }

    /// The jobs of a host's orders, guarded by what was read of it; its standing, and whether a name must be typed.
    fn prepare(&self, target: &TargetRecord, orders: Vec<Order>, read: Option<Read>) -> Result<(HostStanding, bool, HostJobs), AppError> {
        let (survey, answers) = read.map(|read| (read.survey, read.answers)).unzip();
        let mut warnings: Vec<Message> = survey.as_ref().map(warnings_of).unwrap_or_default();
        let (mut answers, mut read) = (answers.unwrap_or_default().into_iter(), survey.map(|survey| Read { survey, answers: Vec::new() }));
        let (mut jobs, mut wants_lock) = (Vec::new(), false);
        for order in orders {
            let asked = order.action.asks().map_or(0, |questions| questions.len());
            if let Some(read) = &mut read {
                read.answers = answers.by_ref().take(asked).collect();
            }
            let by_password = |access: &Access| self.read_offer(target, access).is_ok_and(|offer| offer.login.password.is_some());
            crate::guards::refuse_own_account(target, &order.action, by_password)?;
            let mut prepared = order.action.prepare(read.as_ref())?;
            if let Some(read) = &mut read {
                order.action.foresee(&mut read.survey);
            }
            prepared.record.settles = order.settles;
            prepared.record.through = order.through.map(|host| host.to_string());
            for warning in &prepared.warnings {
                if !warnings.contains(warning) {
                    warnings.push(warning.clone());
                }
            }
            wants_lock |= order.action.wants_lock();
            jobs.push(HostJob { prepared, apart: order.apart, leads: order.leads });
        }
        if let Some(facts) = read.as_ref().and_then(|read| read.survey.yunohost.as_ref()).filter(|_| wants_lock) {
            warnings.extend(crate::guards::lock_held(target.name.as_str(), facts, answers.next().as_ref()));
        }
        let (standing, typed) = self.allow(target, warnings)?;
        Ok((standing, typed, jobs))
    }

    /// What the orders of every host need to know, side by side: one round trip each.
    async fn read_for(self: &Arc<Self>, hosts: Vec<(TargetRecord, Vec<Order>)>) -> Vec<ReadHost> {
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        let mut reading = Vec::new();
        for (target, orders) in hosts {
            let mut asked: Vec<_> = orders.iter().filter_map(|order| order.action.asks()).collect();
            // After what the orders ask themselves.
            if orders.iter().any(|order| order.action.wants_lock()) {
                asked.push(vec![LockHolder::question()]);
            }
            let (session, places, to_read) = (Arc::clone(self), Arc::clone(&places), target.clone());
            let read = async move {
                if asked.is_empty() {
                    return Ok(None);
                }
                let _place = places.acquire().await.map_err(AppError::internal)?;
                session.survey(&to_read, false, &asked.concat()).await.map(Some)
            };
            reading.push((target, orders, tokio::spawn(read)));
        }
        let mut all = Vec::new();
        for (target, orders, read) in reading {
            all.push((target, orders, read.await.map_err(AppError::internal).flatten()));
        }
        all
    }
}

/// A host with its orders, and what was read of it where they need to know something.
type ReadHost = (TargetRecord, Vec<Order>, Result<Option<Read>, AppError>);

/// Orders host by host, each host where it first appears.
fn by_host(orders: Vec<Order>) -> Vec<(TargetRecord, Vec<Order>)> {
    let mut hosts: Vec<(TargetRecord, Vec<Order>)> = Vec::new();
    let mut places: HashMap<HostId, usize> = HashMap::new();
    for order in orders {
        let place = *places.entry(order.target.host).or_insert(hosts.len());
        match hosts.get_mut(place) {
            Some((_, orders)) => orders.push(order),
            None => hosts.push((order.target.clone(), vec![order])),
        }
    }
    hosts
}

/// A host on which nothing is done, since what was to be kept of it before cannot be.
pub(crate) fn not_kept(target: &TargetRecord) -> RefusedHost {
    let name = target.name.to_string();
    RefusedHost { host: name.clone(), error: GuestError::NotKeptBefore { name }.into() }
}

/// What speaks against changing a host, as its survey has it.
fn warnings_of(survey: &Survey) -> Vec<Message> {
    let (used, total) = (survey.facts.disk_used_bytes.unwrap_or(0), survey.facts.disk_total_bytes.unwrap_or(0));
    let percent = used.saturating_mul(100).checked_div(total).filter(|percent| *percent >= FULL_DISK);
    percent.map(|percent| Message::new("warning.disk-full").with("percent", percent)).into_iter().collect()
}
