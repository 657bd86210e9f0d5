//! `beffroi`: everything the desktop does, for scripts, for machines without a display, and for tests.
//!
//! Data goes to standard output, talk and progress to standard error. Without a terminal nothing is ever asked.

mod args;
mod commands;
mod context;
mod follow;
mod help;
mod input;
mod output;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};
use tokio::runtime::{Builder, Runtime};

use args::{AgentArguments, Arguments, Command};
use context::Context;

/// Longer than any work on the catalog takes.
const LAST_WORK: Duration = Duration::from_secs(3);

/// What is freed is wiped: libraries leave keys and texts in the memory they give back.
#[global_allocator]
static ALLOCATOR: beffroi_secret::WipingAllocator = beffroi_secret::WipingAllocator;

fn main() -> ExitCode {
    // First: before a passphrase is read. Where the system refuses, the program works as before.
    let _ = beffroi_api::harden::process();
    let language = context::language_of_arguments();
    // Flags are the same in every language: the words are looked up when there is something to say.
    let parsed = parsed(Arguments::command()).or_else(|_| parsed(help::spoken(Arguments::command(), language)));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error, language),
    };
    log_to_stderr(arguments.global.verbose);
    match answered(Context::new(arguments.global), arguments.command) {
        Ok(code) => code,
        Err(error) => output::fatal(&error.to_string()),
    }
}

fn parsed(command: clap::Command) -> Result<Arguments, clap::Error> {
    command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches))
}

/// Runs the command. Where another process does the work, this one needs no threads.
fn answered(mut context: Context, command: Command) -> std::io::Result<ExitCode> {
    if let Command::Proxy { host } = &command
        && context.may_ask()
    {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let led = runtime.block_on(commands::proxy::elsewhere(&context, host));
        // What waits for input is waited for no longer.
        runtime.shutdown_background();
        match led {
            Ok(None) => {}
            Ok(Some(answer)) => return Ok(output::finish(&context, "proxy", Ok(answer))),
            Err(error) => return Ok(output::finish(&context, "proxy", Err(error.into()))),
        }
    }
    // The agent is not asked by itself.
    let asks = !matches!(command, Command::Agent(AgentArguments { foreground: true, .. }));
    if asks {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(context.look_for_agent());
        if context.is_answered_elsewhere() {
            return Ok(ended(runtime, context, command));
        }
    }
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    // A connection lives in the runtime that it was made in.
    if asks && context.agent.take().is_some() {
        runtime.block_on(context.look_for_agent());
    }
    Ok(ended(runtime, context, command))
}

fn ended(runtime: Runtime, context: Context, command: Command) -> ExitCode {
    let code = runtime.block_on(run(context, command));
    // What is detached goes on at its host; what works on the catalog must be over before the process takes its
    // libraries down.
    runtime.shutdown_timeout(LAST_WORK);
    code
}

async fn run(context: Context, command: Command) -> ExitCode {
    let name = commands::name(&command);
    // The agent takes signals in its own way.
    let done = if matches!(command, Command::Agent(AgentArguments { foreground: true, .. })) || commands::takes_interrupts(&command) {
        commands::run(&context, command).await
    } else {
        tokio::select! {
            done = commands::run(&context, command) => done,
            _ = tokio::signal::ctrl_c() => Err(beffroi_api::ApiError::new(beffroi_api::ErrorCode::Interrupted).into()),
        }
    };
    let code = output::finish(&context, &name, done);
    context.close().await;
    code
}

/// `-v` says what is done, `-vv` more, of this program only; `BEFFROI_LOG` overrides both.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "beffroi=info",
        _ => "beffroi=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("BEFFROI_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).without_time().init();
}
