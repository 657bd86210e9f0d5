//! Runs: commands on many hosts at once, attached: they end when the link does.
//!
//! A run is driven by a task of its own ([`drive`]), host by host in the order of their names, in waves ([`pace`]). What
//! it gives is kept in memory while the vault stays open ([`live`]); how it ended on each host is stored, sealed under that
//! host's stage ([`stored`]), so that it can be run again where it did not succeed.

mod drive;
mod group;
mod live;
mod pace;
mod stored;
mod trouble;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use beffroi_domain::{Exit, HostId, RunId, TargetRecord};
use beffroi_remote::Output;
use serde::{Deserialize, Serialize};

pub use group::Group;
pub(crate) use live::Runs;
pub(crate) use pace::Course;
pub use pace::Pace;
pub(crate) use stored::place;
pub use trouble::Trouble;

use crate::session::{Happening, Session};
use crate::{App, AppError};
use live::{Live, LiveHost, Stopper};
use stored::{Past, StoredEnd};

/// A command for several hosts.
#[derive(Debug, Clone)]
pub struct RunOrder {
    /// Which hosts.
    pub on: String,
    /// What.
    pub what: RunWhat,
    /// How it goes through them.
    pub pace: Pace,
    /// What the person typed, where a stage asks for a name.
    pub typed: Option<String>,
}

/// What is run on each host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunWhat {
    /// The recipe that it comes from.
    pub recipe: Option<String>,
    /// Shell texts: one after the other, up to the first that fails.
    pub commands: Vec<String>,
    /// As root, by sudo.
    pub sudo: bool,
    /// For each host.
    pub timeout_s: u64,
}

/// A run, with what there is of its results.
#[derive(Debug)]
pub struct RunFacts {
    /// Its id.
    pub run: RunId,
    /// When it began, in milliseconds since 1970.
    pub started_ms: u64,
    /// Whether it goes on.
    pub running: bool,
    /// What is run; nothing when that is sealed.
    pub what: Option<RunWhat>,
    /// One per host, by name.
    pub results: Vec<HostResult>,
    /// Hosts that gave the same, the largest group first.
    pub groups: Vec<Group>,
}

/// What a run gave on one host.
#[derive(Debug, Clone)]
pub struct HostResult {
    /// The host's name.
    pub host: String,
    /// How it ended.
    pub end: RunEnd,
    /// The step that it ended with, counted from 1, where there are several.
    pub step: Option<u16>,
    /// From connecting to the end.
    pub took: Duration,
    /// What the commands wrote, while it is in memory.
    pub output: Option<Arc<Output>>,
}

/// How a run ended on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunEnd {
    /// Not yet.
    Running,
    /// By the command's exit.
    Exit(Exit),
    /// Without one.
    Trouble(Trouble),
}

impl HostResult {
    fn without_output(host: &str, end: RunEnd) -> Self {
        Self { host: host.to_owned(), end, step: None, took: Duration::ZERO, output: None }
    }

    /// Whether it succeeded.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        matches!(&self.end, RunEnd::Exit(exit) if exit.is_success())
    }
}

impl App {
    /// Begins to run a command on every selected host.
    ///
    /// # Errors
    /// When no vault is open, the selector does not select a host, a stage is frozen or wants a name typed, or the pace is
    /// none. What fails on a host is in its result.
    pub async fn start_run(&self, order: RunOrder) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        let targets = session.select(&order.on).await?;
        let live = session.begin_run(targets, Vec::new(), order.what, &order.pace, order.typed.as_deref()).await?;
        session.facts(live).await
    }

    /// Begins to run the same again on the hosts on which it did not succeed.
    ///
    /// # Errors
    /// [`AppError::RunNotFound`], [`AppError::RunNothingLeft`], and those of [`App::start_run`].
    pub async fn retry_run(&self, run: &str, timeout_s: Option<u64>, pace: &Pace, typed: Option<&str>) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        if session.runs.find(run).is_some_and(|live| live.is_running()) {
            return Err(AppError::InvalidRequest { what: "the run goes on" });
        }
        let past = session.past(run).await?;
        let Some(mut what) = past.what.clone() else {
            return Err(past.sealed_stage().unwrap_or_else(|| AppError::RunNotFound { run: run.to_owned() }));
        };
        what.timeout_s = timeout_s.unwrap_or(what.timeout_s);
        let (targets, foregone) = session.left_of(past).await?;
        if targets.is_empty() {
            return Err(AppError::RunNothingLeft { run: run.to_owned() });
        }
        let live = session.begin_run(targets, foregone, what, pace, typed).await?;
        session.facts(live).await
    }

    /// Waits for the end of a run. When the future is dropped before, the run is stopped.
    ///
    /// # Errors
    /// [`AppError::RunNotFound`].
    pub async fn wait_run(&self, run: &str) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        let Some(live) = session.runs.find(run) else { return session.past(run).await.map(Past::facts) };
        let stopper = Stopper(Arc::clone(&live));
        stopper.0.ended().await;
        session.facts(live).await
    }

    /// A run, with what there is of its results.
    ///
    /// # Errors
    /// [`AppError::RunNotFound`].
    pub async fn show_run(&self, run: &str) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        match session.runs.find(run) {
            Some(live) => session.facts(live).await,
            None => session.past(run).await.map(Past::facts),
        }
    }

    /// Stops a run: commands that run are ended, nothing new is started. Returns once it has ended.
    ///
    /// # Errors
    /// [`AppError::RunNotFound`].
    pub async fn cancel_run(&self, run: &str) -> Result<RunFacts, AppError> {
        let session = self.session()?;
        let Some(live) = session.runs.find(run) else { return session.past(run).await.map(Past::facts) };
        if live.stop() {
            session.journal_event("run-cancelled", None, Vec::new()).await?;
        }
        live.ended().await;
        session.facts(live).await
    }

    /// The last runs, newest first, without their output.
    ///
    /// # Errors
    /// When no vault is open.
    pub async fn runs(&self) -> Result<Vec<RunFacts>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| {
                let runs = session.catalog.read(|reader| reader.runs())?;
                let facts = runs.into_iter().map(|run| match session.runs.get(run) {
                    Some(live) => Ok(session.live_facts(&live, false)),
                    None => session.read_past(run).map(Past::facts),
                });
                facts.collect()
            })
            .await
    }
}

/// Bytes of output that are grouped and compared in no time.
const SMALL: usize = 16 << 10;

impl Session {
    /// Records a run and starts to drive it. `foregone` are hosts whose result is known before it begins.
    pub(crate) async fn begin_run(
        self: &Arc<Self>,
        targets: Vec<TargetRecord>,
        foregone: Vec<(HostId, HostResult)>,
        what: RunWhat,
        pace: &Pace,
        typed: Option<&str>,
    ) -> Result<Arc<Live>, AppError> {
        if what.commands.is_empty() || what.commands.iter().any(|command| command.trim().is_empty()) {
            return Err(AppError::InvalidRequest { what: "the command is empty" });
        }
        let course = Course::new(pace, targets.len())?;
        self.allow_at_once(&targets, typed)?;
        // The journal is under no stage's key: what was run in a protected one is that stage's.
        let is_protected = |target: &TargetRecord| self.stage(&target.stage).is_ok_and(|stage| stage.protected);
        let told = if targets.iter().any(is_protected) { "…".to_owned() } else { what.commands.join("; ") };
        let mut happening = Happening::new("command-run").with("hosts", targets.len()).with("command", told);
        happening.host = if let [target] = targets.as_slice() { Some(target.host) } else { None };
        let live = Arc::new(Live::new(what, self.live_hosts(&targets), foregone));
        let begun = Arc::clone(&live);
        self.blocking(move |session| {
            let rows = begun.hosts.iter().filter_map(|host| session.stored_row(&begun, host, StoredEnd::Begun, Duration::ZERO, None));
            let rows = rows.collect::<Result<Vec<_>, _>>()?;
            session.commit(happening, |writer| {
                rows.iter().try_for_each(|row| writer.put_run_result(row))?;
                Ok(writer.forget_old_runs()?)
            })
        })
        .await?;
        self.runs.add(&live);
        tokio::spawn(drive::drive(Arc::clone(self), Arc::clone(&live), targets, course));
        Ok(live)
    }

    fn live_hosts(&self, targets: &[TargetRecord]) -> Vec<LiveHost> {
        let host = |target: &TargetRecord| LiveHost {
            id: target.host,
            name: target.name.to_string(),
            // Of one whose stage is sealed nothing can be recorded.
            compartment: self.compartment(&target.stage).ok(),
        };
        targets.iter().map(host).collect()
    }

    /// What there is of a run in memory, grouped where that may take a while.
    async fn facts(self: &Arc<Self>, live: Arc<Live>) -> Result<RunFacts, AppError> {
        if live.bytes() <= SMALL {
            return Ok(self.live_facts(&live, true));
        }
        self.blocking(move |session| Ok(session.live_facts(&live, true))).await
    }

    fn live_facts(&self, live: &Live, with_output: bool) -> RunFacts {
        // What a sealed stage holds is not to be had from an open vault.
        let sealed = |host: &LiveHost| host.compartment.filter(|compartment| !self.is_open(*compartment));
        let mut results: Vec<HostResult> = live.results();
        for (host, result) in live.hosts.iter().zip(&mut results) {
            if let Some(compartment) = sealed(host) {
                let stage = self.stage_of(compartment);
                *result = HostResult::without_output(&host.name, RunEnd::Trouble(Trouble::Sealed { stage }));
                live.forget_output(host.id);
            }
            if !with_output {
                result.output = None;
            }
        }
        results.sort_by(|one, other| one.host.cmp(&other.host));
        let all_sealed = live.hosts.iter().all(|host| sealed(host).is_some());
        let groups = if with_output { group::groups(&results) } else { Vec::new() };
        RunFacts {
            run: live.run,
            started_ms: live.started_ms,
            running: live.is_running(),
            what: (!all_sealed).then(|| live.what.clone()),
            results,
            groups,
        }
    }

    /// Of a run that ended: the hosts to run it on again, and those on which it cannot be.
    async fn left_of(self: &Arc<Self>, past: Past) -> Result<(Vec<TargetRecord>, Vec<(HostId, HostResult)>), AppError> {
        self.blocking(move |session| {
            let known: HashMap<HostId, TargetRecord> =
                session.targets()?.into_iter().map(|target| (target.record.host, target.record)).collect();
            let (mut targets, mut foregone) = (Vec::new(), Vec::new());
            for (id, result) in past.results.into_iter().filter(|(_, result)| !result.succeeded()) {
                let gone = |trouble| (id, HostResult::without_output(&result.host, RunEnd::Trouble(trouble)));
                match (known.get(&id), past.sealed.get(&id)) {
                    (None, _) => foregone.push(gone(Trouble::HostGone)),
                    // Whether it succeeded there cannot be told.
                    (_, Some(stage)) => foregone.push(gone(Trouble::Sealed { stage: stage.clone() })),
                    (Some(target), None) => targets.push(target.clone()),
                }
            }
            targets.sort_by(|one, other| one.name.cmp(&other.name));
            Ok((targets, foregone))
        })
        .await
    }
}

/// The end of a command as it is said everywhere: `exit 3`, `signal KILL`.
#[must_use]
pub fn exit_words(exit: &Exit) -> String {
    match exit {
        Exit::Status(status) => format!("exit {status}"),
        Exit::Signal(name) => format!("signal {name}"),
        Exit::Unknown => "?".to_owned(),
    }
}
