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
    let parsed = help::spoken(Arguments::command(), language).try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error, language),
    };
    log_to_stderr(arguments.global.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::fatal(&error.to_string()),
    };
    let code = runtime.block_on(run(Context::new(arguments.global), arguments.command));
    // What is detached goes on at its host; what works on the catalog must be over before the process takes its
    // libraries down.
    runtime.shutdown_timeout(LAST_WORK);
    code
}

async fn run(mut context: Context, command: Command) -> ExitCode {
    let name = commands::name(&command);
    let done = if matches!(command, Command::Agent(AgentArguments { foreground: true, .. })) {
        // It is not asked by itself, and takes signals in its own way.
        commands::run(&context, command).await
    } else if commands::says_what_is_done(&command) {
        context.look_for_agent().await;
        commands::run(&context, command).await
    } else {
        tokio::select! {
            done = async { context.look_for_agent().await; commands::run(&context, command).await } => done,
            _ = tokio::signal::ctrl_c() => Err(beffroi_api::ApiError::new(beffroi_api::ErrorCode::Interrupted).into()),
        }
    };
    let code = output::finish(&context, name, done);
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
