//! Runs.

use beffroi_app::{Group, HostResult, Pace, RunEnd, RunFacts, RunOrder, RunWhat, exit_words};
use beffroi_domain::Exit;

use crate::handlers::host::{milliseconds, on};
use crate::wire::{HostStatus, Nothing, Run, RunCounts, RunGroup, RunList, RunName, RunPace, RunReport, RunResult, RunRetry, RunRow};
use crate::{Api, ApiError, ErrorCode};

/// Seconds for each host, where nothing is said.
const TIMEOUT_S: u64 = 60;

impl Api {
    /// `run`
    pub async fn run(&self, request: Run) -> Result<RunReport, ApiError> {
        let started = self.run_start(request).await?;
        self.run_wait(RunName { run: started.run }).await
    }

    /// `run_start`
    pub async fn run_start(&self, request: Run) -> Result<RunReport, ApiError> {
        let Run { on, command, sudo, timeout_s, pace, parallel, typed } = request;
        let timeout_s = seconds(timeout_s).unwrap_or(TIMEOUT_S);
        let what = RunWhat { recipe: None, commands: vec![command], sudo, timeout_s };
        let pace = Pace { parallel: parallel.or(pace.parallel), ..pace_of(pace) };
        Ok(report(self.app().start_run(RunOrder { on, what, pace, typed }).await?))
    }

    /// `run_wait`
    pub async fn run_wait(&self, request: RunName) -> Result<RunReport, ApiError> {
        Ok(report(self.app().wait_run(&request.run).await?))
    }

    /// `run_list`
    pub async fn run_list(&self, _: Nothing) -> Result<RunList, ApiError> {
        Ok(RunList { runs: self.app().runs().await?.into_iter().map(row).collect() })
    }

    /// `run_show`
    pub async fn run_show(&self, request: RunName) -> Result<RunReport, ApiError> {
        Ok(report(self.app().show_run(&request.run).await?))
    }

    /// `run_retry`
    pub async fn run_retry(&self, request: RunRetry) -> Result<RunReport, ApiError> {
        let RunRetry { run, timeout_s, pace, typed } = request;
        Ok(report(self.app().retry_run(&run, seconds(timeout_s), &pace_of(pace), typed.as_deref()).await?))
    }

    /// `run_cancel`
    pub async fn run_cancel(&self, request: RunName) -> Result<RunReport, ApiError> {
        Ok(report(self.app().cancel_run(&request.run).await?))
    }
}

/// A time for each host, within a day.
pub(crate) fn seconds(given: Option<u64>) -> Option<u64> {
    given.map(|seconds| seconds.clamp(1, 24 * 3600))
}

pub(crate) fn pace_of(pace: RunPace) -> Pace {
    let RunPace { parallel, canary, waves, budget } = pace;
    Pace { parallel, canary, waves, budget }
}

pub(crate) fn report(facts: RunFacts) -> RunReport {
    let RunFacts { run, started_ms, running, what, results, groups } = facts;
    let results: Vec<RunResult> = results.into_iter().map(result).collect();
    let (recipe, commands, sudo) = what.map_or_else(Default::default, |what| (what.recipe, what.commands, what.sudo));
    RunReport {
        run: run.to_string(),
        started_ms,
        running,
        recipe,
        commands,
        sudo,
        counts: counts(&results),
        results,
        groups: groups.into_iter().map(group).collect(),
    }
}

fn row(facts: RunFacts) -> RunRow {
    let RunReport { run, started_ms, running, recipe, commands, counts, .. } = report(facts);
    let command = (!commands.is_empty()).then(|| commands.join("; "));
    RunRow { run, started_ms, running, recipe, command, counts }
}

fn counts(results: &[RunResult]) -> RunCounts {
    let mut counts = RunCounts { hosts: results.len(), ..RunCounts::default() };
    for result in results {
        match result.status {
            HostStatus::Ok | HostStatus::Changed => counts.ok += 1,
            HostStatus::Failed => counts.failed += 1,
            HostStatus::Unreachable => counts.unreachable += 1,
            HostStatus::Sealed => counts.sealed += 1,
            HostStatus::Skipped => counts.skipped += 1,
            HostStatus::Cancelled => counts.cancelled += 1,
            HostStatus::Running => {}
        }
    }
    counts
}

pub(crate) fn exit_of(exit: &Exit) -> (Option<u32>, Option<String>) {
    match exit {
        Exit::Status(status) => (Some(*status), None),
        Exit::Signal(signal) => (None, Some(signal.clone())),
        Exit::Unknown => (None, None),
    }
}

fn group(group: Group) -> RunGroup {
    let (exit_code, signal) = exit_of(&group.exit);
    RunGroup { hosts: group.hosts, exit_code, signal, stdout: group.stdout, stderr: group.stderr, diff: group.diff }
}

fn result(result: HostResult) -> RunResult {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let HostResult { host, end, step, took, output } = result;
    let (status, exit_code, signal, error) = match end {
        RunEnd::Running => (HostStatus::Running, None, None, None),
        RunEnd::Exit(exit) => {
            let (exit_code, signal) = exit_of(&exit);
            let said = exit_words(&exit);
            let error = (!exit.is_success()).then(|| ApiError::new(ErrorCode::CommandFailed).with("exit", said).on(&host));
            (if error.is_some() { HostStatus::Failed } else { HostStatus::Ok }, exit_code, signal, error)
        }
        RunEnd::Trouble(trouble) => {
            let error = on(trouble.error(), &host);
            (HostStatus::of(&error), None, None, Some(error))
        }
    };
    RunResult {
        host,
        status,
        exit_code,
        signal,
        duration_ms: milliseconds(took),
        stdout: output.as_ref().map(|output| text(&output.stdout)).unwrap_or_default(),
        stderr: output.as_ref().map(|output| text(&output.stderr)).unwrap_or_default(),
        cut: output.as_ref().is_some_and(|output| output.cut),
        error: error.map(|error| ApiError { step, ..error }),
    }
}
