//! `journal`

use std::path::Path;

use beffroi_api::ErrorCode;
use beffroi_api::wire::{JournalChain, JournalCheck, JournalExport, JournalPageRequest, JournalRow, Nothing};

use crate::args::JournalCommand;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, sentence};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: JournalCommand) -> Ended {
    if !matches!(command, JournalCommand::Verify { file: Some(_), .. }) {
        context.open().await?;
    }
    match command {
        JournalCommand::List { limit, before } => {
            let page = context.api.journal_list(JournalPageRequest { before, limit }).await?;
            let heading = ["cli.number", "cli.time", "cli.person", "cli.host", "cli.event"].map(|key| context.words(key));
            let rows = |entry: &JournalRow| {
                let host = entry.host.clone().unwrap_or_default();
                let row = [entry.sequence.to_string(), time(entry.at_ms), entry.person.clone(), host, context.say(&entry.event)];
                let item = |item: &String| ["", "", "", "", item].map(str::to_owned).to_vec();
                std::iter::once(row.to_vec()).chain(entry.items.iter().map(item)).collect::<Vec<_>>()
            };
            Answer::new(&page, table(&heading, &page.entries.iter().flat_map(rows).collect::<Vec<_>>()))
        }
        JournalCommand::Verify { file, signer } => {
            let report = match &file {
                Some(file) => context.api.journal_check(JournalCheck { path: input::absolute(file)?, signer }).await?,
                None => context.api.journal_verify(Nothing {}).await?,
            };
            let (key, exit) = match report.broken_at {
                None => ("cli.journal-intact", 0),
                Some(_) => ("cli.journal-broken", ErrorCode::VaultDamaged.exit_status()),
            };
            let values = [
                ("entries", report.entries.to_string()),
                ("at", report.broken_at.unwrap_or_default().to_string()),
                ("head", report.head.clone()),
            ];
            let heading = ["cli.person", "cli.device", "cli.entries", "cli.signed", "cli.signer"].map(|key| context.words(key));
            let row = |chain: &JournalChain| {
                let signer = chain.signer_name.iter().chain(&chain.signer).cloned().collect::<Vec<_>>().join(" ");
                vec![chain.person.clone(), chain.device.clone(), chain.entries.to_string(), chain.signed.to_string(), signer]
            };
            let chains = table(&heading, &report.chains.iter().map(row).collect::<Vec<_>>());
            let text = format!("{}\n{chains}", sentence(context, key, &values));
            Ok(Answer::new(&report, text)?.exiting(exit))
        }
        JournalCommand::Export { destination } => {
            let exported = context.api.journal_export(JournalExport { path: input::absolute(Path::new(&destination))? }).await?;
            confirmed(context, "journal.journal-exported", &[("path", exported.path.clone())]);
            Answer::new(&exported, String::new())
        }
    }
}

/// UTC, to the second: the same on every machine.
fn time(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default()
}
