//! `job`

use beffroi_api::wire::{JobName, JobOutputRequest, JobRetry, JobView, Nothing};

use crate::args::JobCommand;
use crate::commands::host::described_json;
use crate::commands::plan;
use crate::commands::run::typing;
use crate::context::Context;
use crate::follow::follow;
use crate::output::{Ended, error_text, plain};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: JobCommand) -> Ended {
    context.open().await?;
    match command {
        JobCommand::List => {
            let list = context.api.job_list(Nothing {}).await?;
            let heading = ["cli.id", "cli.host", "cli.state", "cli.title"].map(|key| context.words(key));
            let row = |job: &JobView| vec![job.id.clone(), job.host.clone(), state(context, job), context.say(&job.title)];
            let text = table(&heading, &list.jobs.iter().map(row).collect::<Vec<_>>());
            described_json(context, &list, text)
        }
        JobCommand::Show { job } => {
            let view = context.api.job_show(JobName { job }).await?;
            let (pieces, output) = output(context, &view).await?;
            let text = format!("{}{output}", described(context, &view));
            let mut answer = described_json(context, &view, text)?;
            answer.data["output"] = pieces;
            Ok(answer)
        }
        JobCommand::Attach { job } => {
            let view = context.api.job_attach(JobName { job }).await?;
            ended(context, view).await
        }
        JobCommand::Cancel { job } => {
            let view = context.api.job_cancel(JobName { job }).await?;
            let answer = ended(context, view).await?;
            // Cancelled is what was asked for.
            let cancelled = answer.data["results"][0]["status"] == "cancelled";
            Ok(if cancelled { answer.exiting(0) } else { answer })
        }
        JobCommand::Retry { job } => {
            let view = context.api.job_show(JobName { job: job.clone() }).await?;
            if context.global.plan {
                let text = described(context, &view);
                return described_json(context, &view, text);
            }
            context.confirm("prompt.retry").await?;
            let view = typing(context, async |typed| context.api.job_retry(JobRetry { job: job.clone(), typed }).await).await?;
            ended(context, view).await
        }
    }
}

/// Follows the job, and answers with how it ended and all of its output.
async fn ended(context: &Context, view: JobView) -> Ended {
    let views = follow(context, vec![view]).await?;
    let results: Vec<_> = views.iter().map(plan::result).collect();
    let mut answer = plan::answer(context, results)?;
    if let Some(view) = views.first() {
        let (pieces, _) = output(context, view).await?;
        answer.data["output"] = pieces;
    }
    Ok(answer)
}

/// A job's whole output: its pieces for programs, its text for people.
async fn output(context: &Context, job: &JobView) -> Result<(serde_json::Value, String), beffroi_api::ApiError> {
    let (mut pieces, mut text, mut after) = (Vec::new(), String::new(), 0);
    loop {
        let output = context.api.job_output(JobOutputRequest { job: job.id.clone(), after }).await?;
        for piece in output.pieces {
            after = piece.ordinal;
            match &piece.note {
                Some(note) => text.push_str(&format!("-- {}\n", context.say(note))),
                None => text.push_str(&plain(&piece.text)),
            }
            pieces.push(serde_json::json!(piece));
        }
        if !output.more {
            return Ok((pieces.into(), text));
        }
    }
}

fn state(context: &Context, job: &JobView) -> String {
    context.words(&format!("state.{}", job.state))
}

fn described(context: &Context, job: &JobView) -> String {
    let mut text = format!("{}\n{} · {} · {}\n", plain(&context.say(&job.title)), job.id, job.host, state(context, job));
    for step in &job.steps {
        let state = context.words(&format!("state.{}", step.state));
        let signal = || step.signal.as_ref().map(|name| format!(", signal {}", plain(name)));
        let exit = step.exit_code.map(|code| format!(", exit {code}")).or_else(signal).unwrap_or_default();
        text.push_str(&format!("  {}. {} ({state}{exit})\n", step.number, plain(&context.say(&step.what))));
    }
    text.extend(job.error.as_ref().map(|error| error_text(context.language, error)));
    text
}
