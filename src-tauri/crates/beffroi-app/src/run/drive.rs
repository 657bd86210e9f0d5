//! Driving a run through its hosts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{Exit, TargetRecord};
use beffroi_remote::{Chunk, CommandLine, Limits, Output, Process, Remote, RunRequest};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::live::Live;
use super::{Course, HostResult, RunEnd, RunWhat, StoredEnd, Trouble};
use crate::session::Session;
use crate::{AppError, Change};

/// Most bytes of each stream that are kept for each host.
const MOST_BYTES: usize = 1 << 20;
/// How long a command that is to end may take to do so.
const ENDING: Duration = Duration::from_secs(10);
/// Time between two words on how far it is, and between two writes of results.
const TELL_EVERY: Duration = Duration::from_millis(100);
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// Runs it on its hosts, wave by wave, until all had their turn or it is stopped.
pub(super) async fn drive(session: Arc<Session>, live: Arc<Live>, targets: Vec<TargetRecord>, course: Course) {
    let mut driver = Driver { session, live, done: 0, failed: 0, total: targets.len(), told: Instant::now(), unwritten: Vec::new() };
    driver.tell(true);
    let mut waiting = targets.into_iter().enumerate();
    let mut stopped = false;
    for (number, size) in course.waves.iter().enumerate() {
        let wave: Vec<(usize, TargetRecord)> = waiting.by_ref().take(*size).collect();
        stopped = driver.wave(wave, &course).await;
        let too_many = if number == 0 && course.canary { driver.failed > 0 } else { driver.is_over(&course) };
        if stopped || too_many || (course.strict && driver.failed > 0) {
            break;
        }
    }
    driver.finish(stopped).await;
}

struct Driver {
    session: Arc<Session>,
    live: Arc<Live>,
    done: usize,
    failed: usize,
    total: usize,
    told: Instant,
    /// Hosts whose result is not stored yet.
    unwritten: Vec<usize>,
}

impl Driver {
    fn is_over(&self, course: &Course) -> bool {
        self.failed > course.budget
    }

    /// Runs it on the hosts of one wave. Gives whether it was stopped on request.
    async fn wave(&mut self, wave: Vec<(usize, TargetRecord)>, course: &Course) -> bool {
        let mut waiting = wave.into_iter();
        let mut working = JoinSet::new();
        let stopping = self.live.stopping();
        let mut written = Instant::now();
        loop {
            while working.len() < course.parallel
                && !self.is_over(course)
                && !*stopping.borrow()
                && let Some((at, target)) = waiting.next()
            {
                let (session, what, stopping) = (Arc::clone(&self.session), self.live.what.clone(), stopping.clone());
                working.spawn(async move { (at, on_host(&session, &target, &what, stopping).await) });
            }
            match working.join_next().await {
                None => return *stopping.borrow(),
                Some(Ok((at, result))) => self.ended(at, result),
                Some(Err(error)) => tracing::warn!(%error, "a host's part of a run ended in a fault"),
            }
            if written.elapsed() >= WRITE_EVERY {
                self.write().await;
                written = Instant::now();
            }
        }
    }

    fn ended(&mut self, at: usize, result: HostResult) {
        self.done += 1;
        self.failed += usize::from(!result.succeeded());
        self.live.put(at, result);
        self.unwritten.push(at);
        self.tell(false);
    }

    fn tell(&mut self, at_once: bool) {
        if at_once || self.told.elapsed() >= TELL_EVERY {
            self.told = Instant::now();
            let (done, total, failed) = (self.done as u64, self.total as u64, self.failed as u64);
            self.session.listener.heard(Change::RunProgress { run: self.live.run, done, total, failed });
        }
    }

    /// Says of every host whose turn did not come that it did not, and stores what is not stored yet.
    async fn finish(mut self, stopped: bool) {
        let skipped = Trouble::Skipped { run: self.live.run.to_string() };
        for (at, result) in self.live.results().into_iter().enumerate().filter(|(_, result)| result.end == RunEnd::Running) {
            self.live.put(at, HostResult::without_output(&result.host, RunEnd::Trouble(skipped.clone())));
            self.unwritten.push(at);
        }
        tracing::info!(done = self.done, failed = self.failed, stopped, "a run ended");
        self.write().await;
        self.live.end();
        self.session.runs.let_go();
        self.tell(true);
    }

    async fn write(&mut self) {
        let (live, unwritten) = (Arc::clone(&self.live), std::mem::take(&mut self.unwritten));
        if unwritten.is_empty() {
            return;
        }
        let written = self.session.blocking(move |session| {
            let results = live.results();
            let row = |at: &usize| {
                let (host, result) = (live.hosts.get(*at)?, results.get(*at)?);
                session.stored_row(&live, host, StoredEnd::from(&result.end), result.took, result.step)
            };
            let rows = unwritten.iter().filter_map(row).collect::<Result<Vec<_>, _>>()?;
            session.write(|writer| {
                for row in &rows {
                    // A host that was removed meanwhile takes its results with it.
                    if writer.reader().target(row.target)?.is_some() {
                        writer.put_run_result(row)?;
                    }
                }
                Ok(())
            })
        });
        if let Err(error) = written.await {
            tracing::warn!(%error, "results of a run were not stored");
        }
    }
}

/// Waits until the run is to stop.
async fn asked(stopping: &mut watch::Receiver<bool>) {
    // The run has the sender, and whoever waits has the run.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Runs it on one host.
async fn on_host(session: &Arc<Session>, target: &TargetRecord, what: &RunWhat, mut stopping: watch::Receiver<bool>) -> HostResult {
    let started = Instant::now();
    let mut so_far = SoFar::default();
    let ended = so_far.run(session, target, what, &mut stopping).await;
    let SoFar { output, step } = so_far;
    let (end, output) = match ended {
        Ok(exit) => (RunEnd::Exit(exit), output),
        Err(error) => (RunEnd::Trouble(error.into()), output.filter(|output| !(output.stdout.is_empty() && output.stderr.is_empty()))),
    };
    HostResult {
        host: target.name.to_string(),
        end,
        step: (what.commands.len() > 1).then_some(step).filter(|step| *step > 0),
        took: started.elapsed(),
        output: output.map(Arc::new),
    }
}

/// What a host gave so far.
#[derive(Default)]
struct SoFar {
    output: Option<Output>,
    step: u16,
}

impl SoFar {
    async fn run(
        &mut self,
        session: &Arc<Session>,
        target: &TargetRecord,
        what: &RunWhat,
        stopping: &mut watch::Receiver<bool>,
    ) -> Result<Exit, AppError> {
        let connecting = async { if what.sudo { session.connect_root(target).await } else { session.connect(target).await } };
        let remote = tokio::select! {
            biased;
            () = asked(stopping) => return Err(AppError::RunCancelled),
            remote = Box::pin(connecting) => remote?,
        };
        let until = Instant::now() + Duration::from_secs(what.timeout_s);
        let mut exit = Exit::Unknown;
        for command in &what.commands {
            self.step += 1;
            // The last second is a whole one: a limit of nothing would end what has just begun.
            let time = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
            let limits = Limits { time, most_bytes: MOST_BYTES };
            let request = RunRequest::new(CommandLine::shell(command.clone())).with_limits(limits);
            let mut process = tokio::select! {
                biased;
                () = asked(stopping) => return Err(AppError::RunCancelled),
                process = remote.start(request) => process?,
            };
            exit = self.collect(process.as_mut(), stopping).await?;
            if !exit.is_success() {
                break;
            }
        }
        Ok(exit)
    }

    async fn collect(&mut self, process: &mut dyn Process, stopping: &mut watch::Receiver<bool>) -> Result<Exit, AppError> {
        let output = self.output.get_or_insert_with(|| Output { stdout: Vec::new(), stderr: Vec::new(), exit: Exit::Unknown, cut: false });
        output.exit = Exit::Unknown;
        loop {
            let chunk = tokio::select! {
                biased;
                () = asked(stopping) => {
                    let _ = tokio::time::timeout(ENDING, process.cancel()).await;
                    return Err(AppError::RunCancelled);
                }
                chunk = process.next() => chunk?,
            };
            let (stream, bytes) = match chunk {
                None => return Ok(output.exit.clone()),
                Some(Chunk::Exit(exit)) => {
                    output.exit = exit;
                    continue;
                }
                Some(Chunk::Stdout(bytes)) => (&mut output.stdout, bytes),
                Some(Chunk::Stderr(bytes)) => (&mut output.stderr, bytes),
            };
            let room = MOST_BYTES.saturating_sub(stream.len());
            output.cut |= bytes.len() > room;
            stream.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        }
    }
}
