//! `process`: what service managers keep running on hosts and in guests.

use beffroi_api::wire::{
    Process, ProcessChange, ProcessDetail, ProcessHost, ProcessList, ProcessListRequest, ProcessLogs, ProcessLogsRequest, ProcessOf,
    ProcessPlan,
};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::{ProcessCommand, WhichProcess};
use crate::commands::guest_life;
use crate::commands::host::described_json;
use crate::commands::plan::carry_out_made;
use crate::commands::ynh::read::size;
use crate::context::Context;
use crate::input::moment;
use crate::output::{Answer, Ended, error_text, exit_of, plain, sentence};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: ProcessCommand) -> Ended {
    context.open().await?;
    match command {
        ProcessCommand::List { on, keeper, state, all } => {
            let on = on.unwrap_or_else(|| "all".to_owned());
            let request = ProcessListRequest { on, keeper: keeper.map(Into::into), state: state.map(Into::into), all };
            let list = context.api.process_list(request).await?;
            let exit = exit_of(list.hosts.iter().map(|host| (host.status, host.error.as_ref())));
            let text = listed(context, &list);
            Ok(described_json(context, &list, text)?.exiting(exit))
        }
        ProcessCommand::Show(which) => {
            let detail = context.api.process_show(which.into()).await?;
            let text = shown(context, &detail);
            described_json(context, &detail, text)
        }
        ProcessCommand::Start(which) => change(context, which, ProcessChange::Start).await,
        ProcessCommand::Stop(which) => change(context, which, ProcessChange::Stop).await,
        ProcessCommand::Restart(which) => change(context, which, ProcessChange::Restart).await,
        ProcessCommand::Enable(which) => change(context, which, ProcessChange::Enable).await,
        ProcessCommand::Disable(which) => change(context, which, ProcessChange::Disable).await,
        ProcessCommand::Logs { which, lines, follow } => logs(context, which.into(), lines, follow).await,
    }
}

async fn change(context: &Context, which: WhichProcess, change: ProcessChange) -> Ended {
    let plan = context.api.process_plan(ProcessPlan { process: which.into(), change }).await?;
    carry_out_made(context, plan).await
}

async fn logs(context: &Context, process: ProcessOf, lines: u32, follow: bool) -> Ended {
    if follow && context.global.json {
        return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "--follow takes no --json").into());
    }
    let request = ProcessLogsRequest { process, lines };
    if follow {
        return guest_life::follow(async || Ok(context.api.process_logs(request.clone()).await?.lines)).await;
    }
    let found: ProcessLogs = context.api.process_logs(request).await?;
    let text = found.lines.iter().map(|line| format!("{}\n", plain(line))).collect();
    Answer::new(&found, text)
}

fn listed(context: &Context, list: &ProcessList) -> String {
    let heading =
        ["cli.host", "cli.name", "cli.process-keeper", "cli.process-state", "cli.process-boot", "cli.process-memory", "cli.process-since"]
            .map(|key| context.words(key));
    let rows: Vec<Vec<String>> =
        list.hosts.iter().flat_map(|host| host.processes.iter().map(|process| cells(context, &host.host, process))).collect();
    let mut text = if rows.is_empty() { String::new() } else { format!("{}\n", table(&heading, &rows)) };
    for host in &list.hosts {
        text.push_str(&summary(context, host));
    }
    text
}

fn cells(context: &Context, host: &str, process: &Process) -> Vec<String> {
    vec![
        host.to_owned(),
        process.name.clone(),
        kept_by(process),
        state(context, process),
        at_boot(context, process),
        process.memory_bytes.map(size).unwrap_or_default(),
        since(process),
    ]
}

/// What a host has that keeps processes, and what could not be read.
fn summary(context: &Context, host: &ProcessHost) -> String {
    if let Some(error) = &host.error {
        return format!("{}{}{}", plain(&host.host), context.language.colon(), error_text(context.language, error));
    }
    let keepers: Vec<String> = host
        .keepers
        .iter()
        .map(|there| {
            let owner = there.owner.as_ref().map(|owner| format!("({owner})")).unwrap_or_default();
            [there.keeper.name(), there.version.as_str(), &owner].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        })
        .collect();
    let (shown, total) = (host.processes.len().to_string(), host.total.to_string());
    let key = if keepers.is_empty() { "cli.process-no-keeper" } else { "cli.process-read" };
    let said = sentence(context, key, &[("keepers", keepers.join(", ")), ("shown", shown), ("total", total)]);
    let mut text = format!("{}{}{}\n", plain(&host.host), context.language.colon(), plain(&said));
    for missing in &host.missing {
        let of = [missing.keeper.map(|keeper| keeper.name().to_owned()), missing.owner.as_ref().map(|owner| format!("({owner})"))];
        let what = of.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let why = context.words(&format!("cli.process-{}", missing.why.name()));
        text.push_str(&format!("  {}\n", plain(&sentence(context, "cli.process-missing", &[("what", what), ("why", why)]))));
    }
    text
}

fn shown(context: &Context, detail: &ProcessDetail) -> String {
    let process = &detail.process;
    let count = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let rows = [
        ("cli.host", detail.host.clone()),
        ("cli.name", process.name.clone()),
        ("cli.process-description", process.description.clone()),
        ("cli.process-keeper", kept_by(process)),
        ("cli.process-state", state(context, process)),
        ("cli.process-since", since(process)),
        ("cli.process-boot", at_boot(context, process)),
        ("cli.process-by", process.boot_by.join(" ")),
        ("cli.process-saved", process.saved.map(|saved| yes_no(context, saved)).unwrap_or_default()),
        ("cli.process-pid", count(process.pid.map(u64::from))),
        ("cli.process-memory", process.memory_bytes.map(size).unwrap_or_default()),
        ("cli.process-restarts", count(process.restarts)),
        ("cli.process-instances", if process.instances > 1 { process.instances.to_string() } else { String::new() }),
        ("cli.process-aliases", process.aliases.join(" ")),
        ("cli.process-triggered", process.triggered_by.join(" ")),
        ("cli.process-definition", process.definition.clone().unwrap_or_default()),
        ("cli.process-logs", process.logs.join(" ")),
    ];
    let rows: Vec<(String, String)> =
        rows.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (context.words(key), value)).collect();
    pairs(&rows)
}

fn kept_by(process: &Process) -> String {
    match &process.owner {
        Some(owner) => format!("{} ({owner})", process.keeper.name()),
        None => process.keeper.name().to_owned(),
    }
}

/// In our words; where it is not well, in the keeper's too.
fn state(context: &Context, process: &Process) -> String {
    let ours = context.words(&format!("cli.process-{}", process.state.name()));
    let is_plain = process.says.is_empty() || process.says == process.state.name() || process.state.is_well();
    if is_plain { ours } else { format!("{ours} ({})", process.says) }
}

fn at_boot(context: &Context, process: &Process) -> String {
    process.at_boot.map(|on| yes_no(context, on)).unwrap_or_default()
}

fn yes_no(context: &Context, on: bool) -> String {
    context.words(if on { "cli.yes" } else { "cli.no" })
}

fn since(process: &Process) -> String {
    process.since_seconds.map(|seconds| moment(seconds.saturating_mul(1000))).unwrap_or_default()
}
