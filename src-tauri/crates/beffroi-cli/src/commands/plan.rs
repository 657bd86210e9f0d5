//! Showing a plan, asking, running it, following its jobs.

use beffroi_api::wire::{
    ActionRequest, CommandPartView, HostStatus, JobView, PlanMake, PlanRun, PlanView, RefusedHost, RunResult, RunResults, StepView,
    UndoView,
};
use beffroi_api::{ApiError, ErrorCode};

use crate::commands::host::described_json;
use crate::context::Context;
use crate::follow::follow;
use crate::input;
use crate::output::{Ended, error_text, exit_of, plain, sentence, talk};

/// Makes the plan of an action and, unless only the plan was asked for, runs it to its end.
pub(crate) async fn carry_out(context: &Context, on: String, action: ActionRequest) -> Ended {
    carry_out_from(context, PlanMake { on, action, snapshot: None }, None).await
}

/// The same, on one host first where a pilot is named.
pub(crate) async fn carry_out_from(context: &Context, asked: PlanMake, pilot: Option<String>) -> Ended {
    context.open().await?;
    let plan = context.api.plan_make(asked).await?;
    run_made(context, plan, pilot).await
}

/// Shows a plan and, unless only the plan was asked for, runs it to its end.
pub(crate) async fn carry_out_made(context: &Context, plan: PlanView) -> Ended {
    run_made(context, plan, None).await
}

async fn run_made(context: &Context, plan: PlanView, pilot: Option<String>) -> Ended {
    if let Some(pilot) = pilot.as_ref().filter(|pilot| !plan.hosts.iter().any(|part| part.host == **pilot)) {
        return Err(ApiError::new(ErrorCode::PilotNotPlanned).with("host", pilot).into());
    }
    let refusals: Vec<_> = plan.refused.iter().map(|refused| (HostStatus::of(&refused.error), Some(&refused.error))).collect();
    if context.global.plan {
        let exit = exit_of(refusals.into_iter());
        return Ok(described_json(context, &plan, text(context, &plan))?.exiting(exit));
    }
    // One host, and it cannot be done there: that is the answer.
    if let ([], [refused]) = (plan.hosts.as_slice(), plan.refused.as_slice()) {
        return Err(refused.error.clone().into());
    }
    let results = results_from(context, plan, pilot).await?;
    if let ([RunResult { error: Some(error), .. }], false) = (results.as_slice(), context.global.json) {
        return Err(error.clone().into());
    }
    answer(context, results)
}

/// Shows a plan, asks, and runs it to its end: what became of each host.
pub(crate) async fn results_of(context: &Context, plan: PlanView) -> Result<Vec<RunResult>, ApiError> {
    results_from(context, plan, None).await
}

async fn results_from(context: &Context, plan: PlanView, pilot: Option<String>) -> Result<Vec<RunResult>, ApiError> {
    if !context.global.json && !context.global.quiet {
        talk(&text(context, &plan));
        if let Some(pilot) = &pilot {
            talk(&format!("{}\n", sentence(context, "text.pilot", &[("host", pilot.clone())])));
        }
    }
    let mut results = failed_results(&plan.refused);
    if !plan.hosts.is_empty() {
        let typed = agreed(context, &plan).await?;
        let started = context.api.plan_run(PlanRun { plan: plan.id.clone(), typed, pilot }).await?;
        results.extend(by_host(follow(context, started.jobs).await?.iter().map(result)));
    }
    results.sort_by(|one, other| one.host.cmp(&other.host));
    Ok(results)
}

/// Hosts that a plan leaves alone, as results.
fn failed_results(refused: &[RefusedHost]) -> Vec<RunResult> {
    refused.iter().map(|refused| failed(&refused.host, &refused.error)).collect()
}

/// One result for each host: of several jobs the first that did not succeed, else the last; with the time of all.
fn by_host(results: impl Iterator<Item = RunResult>) -> Vec<RunResult> {
    let succeeded = |result: &RunResult| matches!(result.status, HostStatus::Ok | HostStatus::Changed);
    let mut hosts: Vec<RunResult> = Vec::new();
    for result in results {
        match hosts.iter_mut().find(|known| known.host == result.host) {
            None => hosts.push(result),
            Some(known) => {
                let duration_ms = known.duration_ms + result.duration_ms;
                let changed = known.status == HostStatus::Changed;
                if succeeded(known) {
                    *known = result;
                }
                // What only ran beside something that was changed does not hide it.
                if changed && known.status == HostStatus::Ok {
                    known.status = HostStatus::Changed;
                }
                known.duration_ms = duration_ms;
            }
        }
    }
    hosts
}

/// Asks for a yes, or for the name that a stage wants typed: `--yes` is not enough there.
async fn agreed(context: &Context, plan: &PlanView) -> Result<Option<String>, ApiError> {
    if plan.confirm.is_empty() {
        return context.confirm("prompt.run-plan").await.map(|()| None);
    }
    match &context.global.confirm {
        Some(typed) => Ok(Some(typed.clone())),
        None => name_typed(context, &plan.confirm.join(", ")).await.map(Some),
    }
}

/// Asks for one of the names that a stage wants typed; without a terminal, says which.
pub(crate) async fn name_typed(context: &Context, names: &str) -> Result<String, ApiError> {
    if context.global.confirm.is_some() || !context.can_ask() {
        return Err(ApiError::new(ErrorCode::ConfirmationNeeded).with("names", names));
    }
    let prompt = format!("{} ", sentence(context, "prompt.typed", &[("names", names.to_owned())]));
    let typed = tokio::task::spawn_blocking(move || input::line(&prompt)).await;
    typed.map_err(|error| ApiError::new(ErrorCode::Internal).with("what", error))?
}

/// The answer of work on several hosts.
pub(crate) fn answer(context: &Context, results: Vec<RunResult>) -> Ended {
    let exit = exit_of(results.iter().map(|result| (result.status, result.error.as_ref())));
    let text = results.iter().map(|result| outcome(context, result)).collect();
    Ok(described_json(context, &RunResults { results }, text)?.exiting(exit))
}

pub(crate) fn outcome(context: &Context, result: &RunResult) -> String {
    match &result.error {
        Some(error) => error_text(context.language, error),
        None => {
            format!("{}{}{}\n", result.host, context.language.colon(), context.words(&format!("status.{}", status_name(result.status))))
        }
    }
}

pub(crate) fn status_name(status: HostStatus) -> &'static str {
    match status {
        HostStatus::Ok => "ok",
        HostStatus::Changed => "changed",
        HostStatus::Failed => "failed",
        HostStatus::Unreachable => "unreachable",
        HostStatus::Sealed => "sealed",
        HostStatus::Skipped => "skipped",
        HostStatus::Cancelled => "cancelled",
        HostStatus::Running => "running",
    }
}

fn failed(host: &str, error: &ApiError) -> RunResult {
    RunResult {
        host: host.to_owned(),
        status: HostStatus::of(error),
        exit_code: None,
        signal: None,
        duration_ms: 0,
        stdout: String::new(),
        stderr: String::new(),
        cut: false,
        error: Some(error.clone()),
    }
}

/// A job's end as the result of its host. Its output is in the job.
pub(crate) fn result(job: &JobView) -> RunResult {
    // The command that counts: the last that ended.
    let step = job.steps.iter().rev().find(|step| step.exit_code.is_some() || step.signal.is_some());
    let status = match job.state.as_str() {
        "changed" => HostStatus::Changed,
        "done" => HostStatus::Ok,
        "cancelled" => HostStatus::Cancelled,
        "failed" => HostStatus::Failed,
        _ => HostStatus::Running,
    };
    let running = || ApiError::new(ErrorCode::JobStillRunning).on(&job.host).with("job", &job.id);
    RunResult {
        host: job.host.clone(),
        status,
        exit_code: step.and_then(|step| step.exit_code),
        signal: step.and_then(|step| step.signal.clone()),
        duration_ms: job.ended_ms.unwrap_or(job.created_ms).saturating_sub(job.created_ms),
        stdout: String::new(),
        stderr: String::new(),
        cut: false,
        error: job.error.clone().or_else(|| (status == HostStatus::Running).then(running)),
    }
}

fn text(context: &Context, plan: &PlanView) -> String {
    let mut text = format!("{}\n", plain(&context.say(&plan.title)));
    for part in &plan.hosts {
        text.push_str(&format!("\n{} ({})\n", part.host, part.stage));
        let warning = |warning| sentence(context, "cli.warning", &[("what", plain(&context.say(warning)))]);
        text.extend(part.warnings.iter().map(|what| format!("  {}\n", warning(what))));
        text.extend(part.steps.iter().map(|step| step_text(context, step)));
    }
    for refused in &plan.refused {
        text.push_str(&format!("\n{}", error_text(context.language, &refused.error)));
    }
    text
}

fn step_text(context: &Context, step: &StepView) -> String {
    let words: Vec<String> = step
        .command
        .iter()
        .map(|part| match part {
            CommandPartView::Text { text } => plain(text),
            CommandPartView::Secret { name } => format!("••••••••({name})"),
        })
        .collect();
    let undo = match &step.undo {
        UndoView::Nothing => context.words("cli.undo-nothing"),
        UndoView::By { how } => context.say(how),
        UndoView::Not { why } => sentence(context, "cli.undo-not", &[("why", context.say(why))]),
    };
    format!(
        "  {}. {}\n     $ {}\n     {} {}\n     {} {}\n",
        step.number,
        plain(&context.say(&step.what)),
        words.join(" "),
        context.words("cli.check"),
        plain(&context.say(&step.check)),
        context.words("cli.undo"),
        plain(&undo)
    )
}
