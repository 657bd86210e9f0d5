//! `run`, `put`, `get`

use std::io::IsTerminal;
use std::path::Path;

use beffroi_api::wire::{ActionRequest, CopiedFile, CopyFile, Run, RunResult};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_remote::Transfer;
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::RunArguments;
use crate::commands::host::described_json;
use crate::commands::plan;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, error_text, exit_of, plain, print, talk};

pub(crate) async fn run(context: &Context, arguments: RunArguments) -> Ended {
    // Words are joined by spaces, as `ssh` does: it is shell text on the host.
    let command = arguments.command.join(" ");
    if arguments.detach {
        return plan::carry_out(context, arguments.on, ActionRequest::Run { command }).await;
    }
    context.open().await?;
    let request = Run {
        on: arguments.on,
        command,
        timeout_s: arguments.timeout,
        parallel: arguments.parallel,
        typed: context.global.confirm.clone(),
    };
    let results = match context.api.run(request.clone()).await {
        Err(error) if error.code == ErrorCode::ConfirmationNeeded => {
            let typed = Some(plan::name_typed(context, error.values.get("names").map_or("", String::as_str)).await?);
            context.api.run(Run { typed, ..request }).await?
        }
        other => other?,
    };
    let exit = exit_of(results.results.iter().map(|result| (result.status, result.error.as_ref())));
    let exit = match results.results.as_slice() {
        [RunResult { exit_code: Some(code), .. }] if arguments.pass_exit => u8::try_from(*code).unwrap_or(255),
        _ => exit,
    };
    if !context.global.json {
        show(context, &results.results, arguments.pass_exit);
    }
    Ok(described_json(context, &results, String::new())?.exiting(exit))
}

fn show(context: &Context, results: &[RunResult], pass_exit: bool) {
    let several = results.len() > 1;
    for result in results {
        if several {
            print(&format!("== {} ==\n", result.host));
        }
        print(&shown(&result.stdout, std::io::stdout().is_terminal()));
        talk(&shown(&result.stderr, std::io::stderr().is_terminal()));
        if let Some(error) = result.error.as_ref().filter(|_| !(pass_exit && result.exit_code.is_some())) {
            talk(&error_text(context.language, error));
        }
    }
}

/// To a terminal the text of a host goes harmless; to a file or another program as it is.
fn shown(text: &str, to_terminal: bool) -> String {
    if to_terminal { plain(text) } else { text.to_owned() }
}

pub(crate) async fn put(context: &Context, source: &str, destination: &str) -> Ended {
    let (host, remote) = on_host(destination)?;
    context.open().await?;
    let bar = bar(context);
    let local = input::absolute(Path::new(source))?;
    let request = CopyFile { host, local, remote, typed: context.global.confirm.clone() };
    let copied = match context.put(request.clone(), &mut |at| tell(&bar, at)).await {
        Err(error) if error.code == ErrorCode::ConfirmationNeeded => {
            let typed = Some(plan::name_typed(context, error.values.get("names").map_or("", String::as_str)).await?);
            context.put(CopyFile { typed, ..request }, &mut |at| tell(&bar, at)).await?
        }
        other => other?,
    };
    copied_answer(&bar, &copied)
}

pub(crate) async fn get(context: &Context, source: &str, destination: &str) -> Ended {
    let (host, remote) = on_host(source)?;
    context.open().await?;
    let bar = bar(context);
    let request = CopyFile { host, local: input::absolute(Path::new(destination))?, remote, typed: None };
    let copied = context.get(request, &mut |at| tell(&bar, at)).await?;
    copied_answer(&bar, &copied)
}

fn copied_answer(bar: &ProgressBar, copied: &CopiedFile) -> Ended {
    bar.finish_and_clear();
    Answer::new(copied, String::new())
}

fn on_host(text: &str) -> Result<(String, String), ApiError> {
    match text.split_once(':') {
        Some((host, path)) if !host.is_empty() && !path.is_empty() => Ok((host.to_owned(), path.to_owned())),
        _ => Err(ApiError::new(ErrorCode::InvalidRequest).with("what", format!("HOST:PATH, not {text}"))),
    }
}

/// A bar on standard error; nothing where that is no terminal.
fn bar(context: &Context) -> ProgressBar {
    if context.global.quiet || context.global.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn tell(bar: &ProgressBar, at: Transfer) {
    bar.set_length(at.total);
    bar.set_position(at.done);
}
