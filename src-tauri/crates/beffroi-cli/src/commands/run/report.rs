//! Following a run to its end, and showing what it gave.

use std::collections::BTreeMap;
use std::io::IsTerminal;

use beffroi_api::wire::{HostStatus, Nothing, RunCounts, RunGroup, RunName, RunReport, RunResult, RunRetry, RunRow};
use beffroi_api::{ApiError, ErrorCode};
use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{RunCommand, YesNo};
use crate::commands::host::described_json;
use crate::commands::plan::status_name;
use crate::commands::run::{paced, typing};
use crate::context::Context;
use crate::input;
use crate::output::{Ended, error_text, exit_of, plain, print, sentence, talk};
use crate::table::table;

/// How results are shown.
pub(crate) struct Show {
    /// Whether the command's own exit status is the answer.
    pub(crate) pass_exit: bool,
    /// Whether a group is shown as what differs from the largest one.
    pub(crate) diff: bool,
}

/// Waits for the end of a run and shows it. When interrupted, the run is stopped, and what is done so far is shown.
pub(crate) async fn follow(context: &Context, started: RunReport, show: &Show) -> Ended {
    let name = RunName { run: started.run.clone() };
    let bar = bar(context, started.counts.hosts);
    let waiting = context.api.run_wait(name.clone());
    tokio::pin!(waiting);
    let waited = loop {
        tokio::select! {
            waited = &mut waiting => break Some(waited?),
            _ = tokio::signal::ctrl_c() => break None,
            () = context.until_something_changed(), if !bar.is_hidden() => tell(context, &bar, &started.run),
        }
    };
    bar.finish_and_clear();
    match waited {
        Some(report) => shown(context, &report, show),
        None => {
            let report = context.api.run_cancel(name).await?;
            Ok(shown(context, &report, show)?.exiting(ErrorCode::Interrupted.exit_status()))
        }
    }
}

/// What is known of past runs.
pub(crate) async fn past(context: &Context, command: RunCommand) -> Ended {
    context.open().await?;
    match command {
        RunCommand::List => {
            let list = context.api.run_list(Nothing {}).await?;
            let heading = ["cli.id", "cli.run-started", "cli.run-hosts", "cli.state", "cli.run-command"].map(|key| context.words(key));
            let rows: Vec<_> = list.runs.iter().map(|row| line(context, row)).collect();
            described_json(context, &list, table(&heading, &rows))
        }
        RunCommand::Show { run } => {
            let report = context.api.run_show(RunName { run }).await?;
            let heading = ["cli.host", "cli.state", "cli.run-exit", "cli.run-duration"].map(|key| context.words(key));
            let row = |result: &RunResult| {
                let exit = result.exit_code.map(|code| code.to_string()).or_else(|| result.signal.clone()).unwrap_or_default();
                vec![result.host.clone(), status(context, result.status), exit, format!("{} ms", result.duration_ms)]
            };
            let commands: String = report.commands.iter().map(|command| format!("$ {}\n", plain(command))).collect();
            let results = table(&heading, &report.results.iter().map(row).collect::<Vec<_>>());
            let outputs = groups(context, &report, true, true);
            let text = format!("{commands}{}\n\n{results}\n{outputs}{}", counts(context, &report.counts), troubles(context, &report));
            described_json(context, &report, text)
        }
        RunCommand::Retry { run, pace } => {
            let request = RunRetry { run, timeout_s: pace.timeout, pace: paced(&pace), typed: None };
            let started = typing(context, async |typed| context.api.run_retry(RunRetry { typed, ..request.clone() }).await).await?;
            follow(context, started, &Show { pass_exit: false, diff: pace.diff != Some(YesNo::No) }).await
        }
        RunCommand::Cancel { run } => {
            let report = context.api.run_cancel(RunName { run }).await?;
            let text = format!("{}\n", counts(context, &report.counts));
            described_json(context, &report, text)
        }
    }
}

fn line(context: &Context, row: &RunRow) -> Vec<String> {
    let state = if row.running { context.words("cli.run-going") } else { counts(context, &row.counts) };
    let title = row.recipe.clone().or_else(|| row.command.clone()).unwrap_or_default();
    vec![row.run.clone(), input::moment(row.started_ms), row.counts.hosts.to_string(), state, title]
}

fn counts(context: &Context, counts: &RunCounts) -> String {
    let RunCounts { ok, failed, unreachable, sealed, skipped, cancelled, .. } = counts;
    let values = [
        ("ok", ok.to_string()),
        ("failed", failed.to_string()),
        ("unreachable", unreachable.to_string()),
        ("sealed", sealed.to_string()),
        ("skipped", skipped.to_string()),
        ("cancelled", cancelled.to_string()),
    ];
    sentence(context, "cli.run-counts", &values)
}

fn status(context: &Context, status: HostStatus) -> String {
    context.words(&format!("status.{}", status_name(status)))
}

fn shown(context: &Context, report: &RunReport, show: &Show) -> Ended {
    let exit = exit_of(report.results.iter().map(|result| (result.status, result.error.as_ref())));
    let exit = match report.results.as_slice() {
        [RunResult { exit_code: Some(code), .. }] if show.pass_exit => u8::try_from(*code).unwrap_or(255),
        _ => exit,
    };
    if !context.global.json {
        outputs(context, report, show);
        if exit != 0 && report.results.len() > 1 && !context.global.quiet {
            let retry = sentence(context, "cli.run-retry", &[("run", report.run.clone())]);
            talk(&format!("{}\n{retry}\n", counts(context, &report.counts)));
        }
    }
    Ok(described_json(context, report, String::new())?.exiting(exit))
}

/// Output as it is, once for each group of hosts; then why hosts did not succeed.
fn outputs(context: &Context, report: &RunReport, show: &Show) {
    if let [result] = report.results.as_slice() {
        print(&harmless(&result.stdout, std::io::stdout().is_terminal()));
        talk(&harmless(&result.stderr, std::io::stderr().is_terminal()));
        if let Some(error) = result.error.as_ref().filter(|_| !(show.pass_exit && result.exit_code.is_some())) {
            talk(&error_text(context.language, error));
        }
        return;
    }
    print(&groups(context, report, show.diff, std::io::stdout().is_terminal()));
    talk(&troubles(context, report));
}

/// Why hosts did not succeed, once for all that say the same.
fn troubles(context: &Context, report: &RunReport) -> String {
    let mut said: BTreeMap<String, Vec<&RunResult>> = BTreeMap::new();
    for result in &report.results {
        if let Some(error) = &result.error {
            let alike = format!("{:?}", (error.code.name(), &error.values, error.step));
            said.entry(alike).or_default().push(result);
        }
    }
    let text = |alike: &Vec<&RunResult>| {
        let hosts: Vec<&str> = alike.iter().map(|result| result.host.as_str()).collect();
        let error = alike.first().and_then(|result| result.error.clone());
        error.map(|error| error_text(context.language, &ApiError { host: Some(hosts.join(", ")), ..error }))
    };
    said.values().filter_map(text).collect()
}

fn groups(context: &Context, report: &RunReport, diff: bool, to_terminal: bool) -> String {
    let largest = report.groups.first().map(|group| group.hosts.join(", ")).unwrap_or_default();
    report.groups.iter().map(|group| one_group(context, group, &largest, diff, to_terminal)).collect()
}

fn one_group(context: &Context, group: &RunGroup, largest: &str, diff: bool, to_terminal: bool) -> String {
    let hosts = group.hosts.join(", ");
    let (title, text) = match group.diff.as_ref().filter(|_| diff) {
        Some(diff) => (sentence(context, "cli.run-differs", &[("hosts", hosts), ("largest", largest.to_owned())]), diff),
        None => (hosts, &group.stdout),
    };
    let mut shown = format!("== {title} ==\n{}", harmless(text, to_terminal));
    if !shown.ends_with('\n') {
        shown.push('\n');
    }
    shown.extend(group.stderr.lines().map(|line| format!("! {}\n", harmless(line, to_terminal))));
    shown
}

/// To a terminal the text of a host goes harmless; to a file or another program as it is.
fn harmless(text: &str, to_terminal: bool) -> String {
    if to_terminal { plain(text) } else { text.to_owned() }
}

/// A line on standard error that says how far it is; nothing where that is no terminal, or for a single host.
fn bar(context: &Context, hosts: usize) -> ProgressBar {
    if context.global.quiet || context.global.json || hosts < 2 {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {msg}");
    let bar = ProgressBar::new(hosts as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.tick();
    bar
}

fn tell(context: &Context, bar: &ProgressBar, run: &str) {
    if let Some(at) = context.run_at().filter(|at| at.run == run) {
        bar.set_position(at.done);
        let values = [("done", at.done.to_string()), ("total", at.total.to_string()), ("failed", at.failed.to_string())];
        bar.set_message(sentence(context, "cli.run-progress", &values));
    }
}
