//! Processes that service managers keep on hosts and in guests: listed, changed by plans, and what they wrote. Each look reads the
//! host anew, in one round trip; nothing of it is stored.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{HostName, TargetRecord, Undo};
use beffroi_process::change::{Change, Changing};
use beffroi_process::{Keeper, Process, Reading};
use beffroi_remote::{CommandLine, Limits, Remote, RunRequest, clean};
use tokio::task::JoinSet;

use crate::action::Prepared;
use crate::connect::Rights;
use crate::jobs::JobAction;
use crate::plans::{MadePlan, Order};
use crate::session::Session;
use crate::surveys::AT_A_TIME;
use crate::{Action, App, AppError, ProcessError, now_ms};

/// The processes of a host.
#[derive(Debug)]
pub struct HostProcesses {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// How long it took.
    pub took: Duration,
    /// When it was read, in milliseconds since 1970.
    pub taken_ms: u64,
    /// What it said, or why that is not known.
    pub reading: Result<Reading, AppError>,
}

/// Which process of a host.
#[derive(Debug, Clone)]
pub struct ProcessName {
    /// The host or guest.
    pub host: String,
    /// Its name, or another one that it goes by.
    pub name: String,
    /// Who keeps it, where several have one of that name.
    pub keeper: Option<Keeper>,
    /// Whose pm2 keeps it.
    pub owner: Option<String>,
}

/// What a process wrote.
#[derive(Debug)]
pub struct ProcessLogs {
    /// Where it was read.
    pub from: String,
    /// The lines, the oldest first in each place.
    pub lines: Vec<String>,
}

/// A change of a process, ready to be planned on its host.
#[derive(Debug)]
pub struct ProcessWork {
    change: Change,
    changing: Changing,
}

/// The most that is read of a log.
const MOST_LOG_BYTES: usize = 4 << 20;

impl ProcessWork {
    pub(crate) fn title(&self) -> beffroi_domain::Message {
        self.changing.title.clone()
    }

    /// As a job of its host's.
    pub(crate) fn prepare(&self) -> Result<Prepared, AppError> {
        let (steps, shells): (Vec<_>, Vec<_>) = self.changing.steps.iter().cloned().unzip();
        let first = shells.first().ok_or_else(|| AppError::internal("a change of a process without steps"))?;
        let undo = match steps.first().map(|step| &step.undo) {
            Some(Undo::By(message) | Undo::Not(message)) => Some(message.into()),
            Some(Undo::NothingToUndo) | None => None,
        };
        let action = JobAction::Process { change: self.change.name().to_owned(), undo };
        let command = CommandLine::shell(first.clone());
        let mut prepared = Prepared::new(&self.changing.title, action, &command, None, Vec::new(), steps);
        for (stored, shell) in prepared.record.steps.iter_mut().zip(shells) {
            // What only looks is run as the other is: what it finds is the job's end.
            stored.detached = true;
            stored.shell = Some(shell);
        }
        prepared.warnings = self.changing.warnings.clone();
        Ok(prepared)
    }
}

impl App {
    /// What is kept on the selected hosts and guests; several at a time, one round trip each. One that fails does not stop the others.
    /// Answers come by name.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn list_processes(&self, on: &str) -> Result<Vec<HostProcesses>, AppError> {
        let session = self.session()?;
        let mut waiting = session.select(on).await?.into_iter();
        let (mut working, mut listed) = (JoinSet::new(), Vec::new());
        loop {
            while working.len() < AT_A_TIME
                && let Some(target) = waiting.next()
            {
                let session = Arc::clone(&session);
                working.spawn(async move {
                    let started = Instant::now();
                    let reading = session.read_processes(&target).await;
                    let (host, stage) = (target.name.to_string(), target.stage.to_string());
                    HostProcesses { host, stage, took: started.elapsed(), taken_ms: now_ms(), reading }
                });
            }
            match working.join_next().await.transpose().map_err(AppError::internal)? {
                Some(host) => listed.push(host),
                None => break,
            }
        }
        listed.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(listed)
    }

    /// One process, read now.
    ///
    /// # Errors
    /// [`ProcessError::NotThere`], [`ProcessError::Ambiguous`], and those of the connection to its host.
    pub async fn show_process(&self, named: &ProcessName) -> Result<Process, AppError> {
        Ok(self.session()?.process_now(named).await?.1)
    }

    /// Plans a change of a process. Its host is read in one round trip, and nothing is changed.
    ///
    /// # Errors
    /// As [`App::show_process`]; [`ProcessError::Refused`].
    pub async fn plan_process(&self, named: &ProcessName, change: Change) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        let (target, process, reading) = session.process_now(named).await?;
        let host = target.name.to_string();
        let refused = |why| ProcessError::Refused { host: host.clone(), name: process.name.clone(), why };
        let changing = change.prepare(&host, &process, &reading, target.guest().is_some()).map_err(refused)?;
        let title = changing.title.clone();
        let order = Order::new(target, Arc::new(Action::Process(Box::new(ProcessWork { change, changing }))));
        self.plan_orders(&session, title, vec![order]).await
    }

    /// The last lines of what a process wrote, `lines` for each place that it writes to.
    ///
    /// # Errors
    /// As [`App::show_process`]; [`ProcessError::NoLog`].
    pub async fn process_logs(&self, named: &ProcessName, lines: u32) -> Result<ProcessLogs, AppError> {
        let session = self.session()?;
        // Those who follow ask often: where its keeper is known, no other one is asked.
        let (target, process, reading) = session.find_process(named, named.keeper).await?;
        let (from, shell) = beffroi_process::logs(&process, &reading, lines);
        let remote = session.connect_as(&target, Rights::Most).await?;
        let limits = Limits { most_bytes: MOST_LOG_BYTES, ..Limits::default() };
        let output = remote.run(RunRequest::new(CommandLine::shell(shell)).with_limits(limits)).await?;
        if !output.exit.is_success() && output.stdout.is_empty() {
            let said = clean(&String::from_utf8_lossy(&output.stderr).replace('\n', " "));
            return Err(ProcessError::NoLog { name: process.name, said }.into());
        }
        let lines = String::from_utf8_lossy(&output.stdout).lines().map(clean).collect();
        Ok(ProcessLogs { from, lines })
    }
}

impl Session {
    async fn read_processes(self: &Arc<Self>, target: &TargetRecord) -> Result<Reading, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        beffroi_process::probe(&*remote).await.map_err(|error| ProcessError::of_probe(&target.name, error))
    }

    /// What one keeper has of a name.
    async fn read_process(self: &Arc<Self>, target: &TargetRecord, named: &ProcessName, keeper: Keeper) -> Result<Reading, AppError> {
        let remote = self.connect_as(target, Rights::Most).await?;
        let read = beffroi_process::probe_one(&*remote, keeper, named.owner.as_deref(), &named.name).await;
        read.map_err(|error| ProcessError::of_probe(&target.name, error))
    }

    /// A process as it is now, its host, and what else is kept there.
    async fn process_now(self: &Arc<Self>, named: &ProcessName) -> Result<(TargetRecord, Process, Reading), AppError> {
        self.find_process(named, None).await
    }

    /// A process, its host, and what was read there: of all keepers, or only of one.
    async fn find_process(
        self: &Arc<Self>,
        named: &ProcessName,
        only: Option<Keeper>,
    ) -> Result<(TargetRecord, Process, Reading), AppError> {
        if let Ok(name) = named.host.parse::<HostName>() {
            self.adopt(&[name]).await?;
        }
        let target = self.authentic_host(&named.host).await?;
        let reading = match only {
            Some(keeper) => self.read_process(&target, named, keeper).await?,
            None => self.read_processes(&target).await?,
        };
        let host = || target.name.to_string();
        let is_it = |process: &&Process| {
            process.goes_by(&named.name)
                && named.keeper.is_none_or(|keeper| process.keeper == keeper)
                && (named.owner.is_none() || process.owner == named.owner)
        };
        let found: Vec<&Process> = reading.processes.iter().filter(is_it).collect();
        match found[..] {
            [process] => Ok((target.clone(), process.clone(), reading)),
            [] => Err(ProcessError::NotThere { host: host(), name: named.name.clone() }.into()),
            ref several => {
                let whose = |process: &&Process| match &process.owner {
                    Some(owner) => format!("{} ({owner})", process.keeper.name()),
                    None => process.keeper.name().to_owned(),
                };
                Err(ProcessError::Ambiguous { host: host(), name: named.name.clone(), keepers: several.iter().map(whose).collect() }.into())
            }
        }
    }
}
