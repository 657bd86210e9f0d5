//! `agent`

#[cfg(unix)]
mod foreground;
#[cfg(unix)]
mod launch;
#[cfg(not(unix))]
mod not_offered;

use std::time::Duration;

use beffroi_api::agent::{Client, Kind, Status};
use beffroi_api::wire::Done;
use beffroi_api::{ApiError, ErrorCode};
use beffroi_app::Places;

#[cfg(unix)]
use launch::launch;
#[cfg(not(unix))]
use not_offered::{foreground, launch};

use crate::args::{AgentArguments, AgentCommand};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed};
use crate::table::pairs;

/// Between two looks whether a process that was told to end is gone.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) async fn run(context: &Context, arguments: AgentArguments) -> Ended {
    let lasting = arguments.lasting.as_deref().map(input::seconds).transpose()?.map(Duration::from_secs);
    match arguments {
        AgentArguments { command: Some(AgentCommand::Status), .. } => {
            let status = context.agent().await?.status().await?;
            Answer::new(&status, described(context, &status))
        }
        AgentArguments { command: Some(AgentCommand::Stop), .. } => stop(context).await,
        AgentArguments { foreground: true, .. } => foreground::run(context, lasting).await,
        AgentArguments { .. } => start(context, lasting).await,
    }
}

/// The process that holds the keys, started when there is none; and whether it was.
pub(crate) async fn there(context: &Context, lasting: Option<Duration>) -> Result<(Client, bool), ApiError> {
    match context.agent().await {
        Ok(client) => Ok((client, false)),
        Err(ApiError { code: ErrorCode::AgentAbsent, .. }) => Ok((launch(lasting).await?, true)),
        Err(error) => Err(error),
    }
}

async fn start(context: &Context, lasting: Option<Duration>) -> Ended {
    let (client, started) = there(context, lasting).await?;
    let key = match (started, client.hello().kind) {
        (true, _) => "cli.agent-started",
        (false, Kind::Agent) => "cli.agent-runs",
        (false, Kind::Desktop) => "cli.desktop-runs",
    };
    confirmed(context, key, &[("process", client.hello().pid.to_string())]);
    if context.global.vault.is_some() {
        let info = context.open_in(&client, None).await?;
        confirmed(context, "cli.opened", &[("name", info.name), ("path", info.path)]);
    }
    Answer::new(&client.status().await?, String::new())
}

/// Stops it and waits until it is gone; a desktop locks and stays.
async fn stop(context: &Context) -> Ended {
    let places = Places::of_this_system();
    // Whatever version it speaks: otherwise nothing but a signal could end it.
    let client = Client::connect_to_any(&places).await?.ok_or_else(|| ApiError::new(ErrorCode::AgentAbsent))?;
    let process = client.hello().pid;
    client.stop().await?;
    if client.hello().kind == Kind::Agent {
        client.ended().await;
        // Gone is its socket as well: another can be started.
        while Client::connect_to_any(&places).await?.is_some_and(|other| other.hello().pid == process) {
            tokio::time::sleep(LOOK).await;
        }
    }
    let key = if client.hello().kind == Kind::Agent { "cli.agent-stopped" } else { "cli.desktop-locked" };
    confirmed(context, key, &[("process", process.to_string())]);
    Answer::new(&Done {}, String::new())
}

fn described(context: &Context, status: &Status) -> String {
    let kind = match status.hello.kind {
        Kind::Agent => "cli.agent",
        Kind::Desktop => "cli.desktop",
    };
    let mut rows = vec![
        (context.words("cli.kind"), context.words(kind)),
        (context.words("cli.process"), status.hello.pid.to_string()),
        (context.words("cli.version"), status.hello.version.clone()),
        (context.words("cli.since"), time(status.since_ms)),
    ];
    rows.extend(status.ends_ms.map(|ends| (context.words("cli.ends"), time(ends))));
    rows.push((context.words("cli.idle"), format!("{} s", status.idle_ms / 1000)));
    for vault in &status.vaults {
        rows.push((context.words("cli.open"), format!("{} ({}) {}", vault.name, vault.stages.join(", "), vault.path)));
    }
    pairs(&rows)
}

/// Local time to the second: it is this machine that ends it.
fn time(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}
