//! `recipe`

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use beffroi_api::wire::{ActionRequest, HostStatus, Nothing, RecipeName, RecipePlan, RecipeRow, RecipeRun, RecipeSet, RunStep};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{How, RecipeCommand, YesNo};
use crate::commands::host::described_json;
use crate::commands::plan;
use crate::commands::run::report::{Show, follow};
use crate::commands::run::{paced, typing};
use crate::context::Context;
use crate::output::{Answer, Ended, confirmed, error_text, exit_of, plain, sentence};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: RecipeCommand) -> Ended {
    if let RecipeCommand::Set { file } = &command {
        // Before the vault is opened, which may read standard input as well.
        let text = text_of(context, file)?;
        context.open().await?;
        let view = context.api.recipe_set(RecipeSet { text }).await?;
        confirmed(context, "journal.recipe-set", &[("name", view.name.clone())]);
        return Answer::new(&view, String::new());
    }
    context.open().await?;
    match command {
        RecipeCommand::List => {
            let list = context.api.recipe_list(Nothing {}).await?;
            let heading = ["cli.name", "cli.recipe-parameters", "cli.recipe-steps", "cli.recipe-description"].map(|key| context.words(key));
            let row = |recipe: &RecipeRow| {
                let about = recipe.error.as_ref().map_or_else(|| recipe.description.clone(), |error| context.language.error(error));
                vec![recipe.name.clone(), recipe.parameters.join(" "), recipe.steps.to_string(), about]
            };
            described_json(context, &list, table(&heading, &list.recipes.iter().map(row).collect::<Vec<_>>()))
        }
        RecipeCommand::Show { name } => {
            let view = context.api.recipe_show(RecipeName { name }).await?;
            Answer::new(&view, plain(&view.text))
        }
        RecipeCommand::Remove { name } => {
            context.api.recipe_show(RecipeName { name: name.clone() }).await.map(drop).or_else(unless_damaged)?;
            context.confirm("prompt.remove-recipe").await?;
            let done = context.api.recipe_remove(RecipeName { name: name.clone() }).await?;
            confirmed(context, "journal.recipe-removed", &[("name", name)]);
            Answer::new(&done, String::new())
        }
        RecipeCommand::Run { name, on, values, how } => carried_out(context, name, on, &values, how).await,
        RecipeCommand::Set { .. } => Answer::new(&Nothing {}, String::new()),
    }
}

/// One that is damaged can be removed all the same.
fn unless_damaged(error: ApiError) -> Result<(), ApiError> {
    if error.code == ErrorCode::VaultDamaged { Ok(()) } else { Err(error) }
}

async fn carried_out(context: &Context, recipe: String, on: String, values: &[String], how: How) -> Ended {
    let values = values.iter().map(|value| pair(value)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let How { sudo, detach, pace } = how;
    let request = RecipeRun { recipe, on, values, sudo, timeout_s: pace.timeout, pace: paced(&pace), typed: None };
    if context.global.plan || detach {
        let plan = context.api.recipe_plan(request.clone()).await?;
        if detach {
            return detached(context, request.on, plan).await;
        }
        let exit = exit_of(plan.hosts.iter().map(|host| {
            let status = host.error.as_ref().map_or(HostStatus::Ok, HostStatus::of);
            (status, host.error.as_ref())
        }));
        return Ok(described_json(context, &plan, planned(context, &plan))?.exiting(exit));
    }
    let started = typing(context, async |typed| context.api.recipe_start(RecipeRun { typed, ..request.clone() }).await).await?;
    follow(context, started, &Show { pass_exit: false, diff: pace.diff != Some(YesNo::No) }).await
}

/// A recipe as a plan and its jobs: its steps one after the other on each host.
async fn detached(context: &Context, on: String, plan: RecipePlan) -> Ended {
    let root = plan.sudo;
    let steps = plan.hosts.into_iter().next().map(|host| host.steps).unwrap_or_default();
    let steps = steps.into_iter().map(|step| RunStep { title: Some(step.title), command: step.command }).collect();
    plan::carry_out(context, on, ActionRequest::RunSteps { steps, root }).await
}

fn pair(text: &str) -> Result<(String, String), ApiError> {
    let split = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = split.ok_or_else(|| ApiError::new(ErrorCode::InvalidRequest).with("what", format!("NAME=VALUE, not {text}")))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn planned(context: &Context, plan: &RecipePlan) -> String {
    let mut text = format!("{}{}\n", plan.recipe, if plan.sudo { " (sudo)" } else { "" });
    for host in &plan.hosts {
        let wave = sentence(context, "cli.run-wave", &[("wave", host.wave.to_string())]);
        text.push_str(&format!("\n{} ({}, {wave})\n", host.host, host.stage));
        for (number, step) in (1..).zip(&host.steps) {
            text.push_str(&format!("  {number}. {}\n     $ {}\n", plain(&step.title), plain(&step.command)));
        }
        text.extend(host.error.as_ref().map(|error| error_text(context.language, error)));
    }
    text
}

/// Larger than any recipe: what is read of a file.
const MOST_BYTES: u64 = 64 << 10;

fn text_of(context: &Context, file: &Path) -> Result<String, ApiError> {
    let failed = |reason: &dyn std::fmt::Display| ApiError::new(ErrorCode::LocalFile).with("path", file.display()).with("reason", reason);
    let from_stdin = Path::new("-");
    if file == from_stdin && context.global.passphrase_file.as_deref() == Some(from_stdin) {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "standard input can be read once"));
    }
    let mut text = String::new();
    let mut read = |from: &mut dyn Read| from.take(MOST_BYTES + 1).read_to_string(&mut text);
    let read = if file == from_stdin { read(&mut std::io::stdin().lock()) } else { File::open(file).and_then(|mut file| read(&mut file)) };
    let bytes = read.map_err(|error| failed(&error))?;
    if bytes as u64 > MOST_BYTES { Err(failed(&"more than 65,536 bytes")) } else { Ok(text) }
}
