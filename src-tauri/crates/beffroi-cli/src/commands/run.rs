//! `run`

pub(crate) mod report;

use beffroi_api::wire::{ActionRequest, Run, RunPace};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{How, Pace, RunArguments, YesNo};
use crate::commands::plan;
use crate::context::Context;
use crate::output::Ended;
use report::Show;

pub(crate) async fn run(context: &Context, arguments: RunArguments) -> Ended {
    let RunArguments { on, how, pass_exit, command, past } = arguments;
    if let Some(command) = past {
        return report::past(context, command).await;
    }
    let on = on.ok_or_else(|| ApiError::new(ErrorCode::FlagMissing).with("flag", "--on"))?;
    // Words are joined by spaces, as `ssh` does: it is shell text on the host.
    let command = command.join(" ");
    if how.detach || context.global.plan {
        return plan::carry_out(context, on, ActionRequest::Run { command, root: how.sudo }).await;
    }
    context.open().await?;
    let How { sudo, pace, .. } = how;
    let request =
        Run { on, command, sudo, timeout_s: pace.timeout, pace: paced(&pace), parallel: None, typed: context.global.confirm.clone() };
    let started = typing(context, async |typed| context.api.run_start(Run { typed, ..request.clone() }).await).await?;
    let show = Show { pass_exit, diff: pace.diff != Some(YesNo::No) };
    report::follow(context, started, &show).await
}

/// How a run goes through its hosts, as the flags say.
pub(crate) fn paced(pace: &Pace) -> RunPace {
    RunPace { parallel: pace.parallel, canary: pace.canary, waves: pace.waves.clone(), budget: pace.budget.clone() }
}

/// Asks for something; should a stage want a name typed, asks for that and then again.
pub(crate) async fn typing<T>(context: &Context, ask: impl AsyncFn(Option<String>) -> Result<T, ApiError>) -> Result<T, ApiError> {
    match ask(context.global.confirm.clone()).await {
        Err(error) if error.code == ErrorCode::ConfirmationNeeded => {
            let names = error.values.get("names").map_or("", String::as_str);
            ask(Some(plan::name_typed(context, names).await?)).await
        }
        other => other,
    }
}
