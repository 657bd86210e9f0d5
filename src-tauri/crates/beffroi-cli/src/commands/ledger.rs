//! `host`: what lies on hosts, and what differs between surveys.

use std::fmt::Write as _;

use beffroi_api::wire::{HostClean, HostCleaned, HostDetach, HostDiff, HostDifference, HostDifferences, HostLedgerRequest, LedgerEntry};

use crate::commands::host::described_json;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, plain, sentence};
use crate::table::table;

pub(crate) async fn diff(context: &Context, host: String, with: Option<String>, before: Option<String>, noise: bool) -> Ended {
    let before_ms = before.as_deref().map(input::moment_ms).transpose()?;
    let found = context.api.host_diff(HostDiff { host, with, before_ms, noise }).await?;
    let text = text_of(context, &found);
    described_json(context, &found, text)
}

fn text_of(context: &Context, found: &HostDifferences) -> String {
    let side = |side: &beffroi_api::wire::SurveyMoment| format!("{} {}", side.host, input::moment(side.taken_ms));
    let mut text = format!("--- {}\n+++ {}\n", side(&found.before), side(&found.after));
    let mut severity = "";
    for difference in &found.differences {
        if difference.severity != severity {
            severity = &difference.severity;
            let _ = writeln!(text, "{}", context.words(&format!("severity.{severity}")));
        }
        text.push_str(&lines(difference));
    }
    if found.differences.is_empty() {
        let _ = writeln!(text, "{}", context.words("cli.no-difference"));
    }
    text
}

fn lines(difference: &HostDifference) -> String {
    let path = plain(&difference.path.join(" "));
    let line =
        |sign: char, value: &Option<String>| value.as_ref().map(|value| format!("  {sign} {path}: {}\n", plain(value))).unwrap_or_default();
    format!("{}{}", line('-', &difference.before), line('+', &difference.after))
}

pub(crate) async fn list(context: &Context, host: String, ask: bool) -> Ended {
    let ledger = context.api.host_ledger(HostLedgerRequest { host, ask }).await?;
    let heading = ["cli.kind", "cli.what", "cli.state", "cli.size"].map(|key| context.words(key));
    let row = |entry: &LedgerEntry| {
        let size = entry.bytes.map(|bytes| format!("{} KiB", bytes.div_ceil(1024))).unwrap_or_default();
        vec![entry.kind.clone(), entry.what.clone(), entry.state.clone().unwrap_or_default(), size]
    };
    let mut text = table(&heading, &ledger.entries.iter().map(row).collect::<Vec<_>>());
    if let Some(count) = ledger.leftovers.filter(|count| *count > 0) {
        let _ = writeln!(text, "{}", sentence(context, "cli.leftovers", &[("count", count.to_string())]));
    }
    Answer::new(&ledger, text)
}

pub(crate) async fn clean(context: &Context, host: String, older_than: Option<String>) -> Ended {
    let older_s = older_than.as_deref().map(input::seconds).transpose()?.unwrap_or(0);
    context.confirm("prompt.clean").await?;
    let cleaned = typing(context, async |typed| context.api.host_clean(HostClean { host: host.clone(), older_s, typed }).await).await?;
    answered(context, &host, &cleaned)
}

pub(crate) async fn detach(context: &Context, host: String) -> Ended {
    context.confirm("prompt.detach").await?;
    let cleaned = typing(context, async |typed| context.api.host_detach(HostDetach { host: host.clone(), typed }).await).await?;
    answered(context, &host, &cleaned)
}

fn answered(context: &Context, host: &str, cleaned: &HostCleaned) -> Ended {
    let values = [("name", host.to_owned()), ("folders", cleaned.folders.len().to_string())];
    Answer::new(cleaned, format!("{}\n", sentence(context, "journal.host-cleaned", &values)))
}
