//! `vault`

use std::io::IsTerminal;
use std::path::Path;

use beffroi_api::ApiError;
use beffroi_api::ErrorCode;
use beffroi_api::wire::{
    Done, HealthFinding, HealthGrade, Nothing, VaultCheck, VaultCopy, VaultCreate, VaultInfo, VaultReport, VaultRestore,
};

use super::slot;
use crate::args::VaultCommand;
use crate::commands::agent;
use crate::context::{Context, open_there};
use crate::input;
use crate::output::{Answer, Ended, confirmed, sentence};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: VaultCommand) -> Ended {
    match command {
        VaultCommand::Create { path, name } => create(context, path, name).await,
        VaultCommand::Info => {
            let info = context.open().await?;
            Answer::new(&info, described(context, &info))
        }
        VaultCommand::List => {
            let list = context.anywhere().vault_list(Nothing {}).await?;
            let rows: Vec<_> = list.vaults.iter().map(|vault| vec![vault.name.clone(), vault.path.clone()]).collect();
            Answer::new(&list, table(&[context.words("cli.name"), context.words("cli.path")], &rows))
        }
        VaultCommand::Unlock { folder } => {
            let (client, _) = agent::there(context, None).await?;
            let info = context.open_in(&client, folder.as_deref()).await?;
            confirmed(context, "cli.opened", &[("name", info.name.clone()), ("path", info.path.clone())]);
            Answer::new(&info, String::new())
        }
        VaultCommand::Lock { open } => lock(context, open.as_deref().or(context.global.vault.as_deref())).await,
        VaultCommand::Verify => {
            context.open().await?;
            let report = context.api.vault_verify(Nothing {}).await?;
            let text = checks(context, &report);
            let exit = if report.intact { 0 } else { ErrorCode::VaultDamaged.exit_status() };
            Ok(Answer::new(&report, text)?.exiting(exit))
        }
        VaultCommand::Health => {
            context.open().await?;
            let health = context.api.vault_health(Nothing {}).await?;
            let line = |finding: &HealthFinding| {
                let remedy = finding.remedy.as_ref().map(|remedy| format!("      {}\n", context.say(remedy))).unwrap_or_default();
                let grade = match finding.grade {
                    HealthGrade::Bad => "bad ",
                    HealthGrade::Fair => "fair",
                    HealthGrade::Good => "ok  ",
                };
                format!("{grade}  {}\n{remedy}", context.say(&finding.what))
            };
            Answer::new(&health, health.findings.iter().map(line).collect())
        }
        VaultCommand::Passwd { new_passphrase_file } => slot::passwd(context, new_passphrase_file).await,
        VaultCommand::Rekey => slot::rekey(context).await,
        VaultCommand::Slot(command) => slot::run(context, command).await,
        VaultCommand::Copy { destination } => {
            context.open().await?;
            let copied = context.api.vault_copy(VaultCopy { destination: input::absolute(&destination)? }).await?;
            confirmed(context, "journal.vault-copied", &[("path", copied.path.clone())]);
            Answer::new(&copied, format!("{}\n", copied.path))
        }
        VaultCommand::Restore { source, destination, rehearse } => {
            let request = VaultRestore {
                source: input::absolute(&source)?,
                destination: input::absolute(&destination)?,
                authority: context.authority()?,
                rehearse,
            };
            let restored = context.api.vault_restore(request).await?;
            let text = pairs(&[
                (context.words("cli.name"), restored.name.clone()),
                (context.words("cli.path"), restored.path.clone().unwrap_or_else(|| context.words("cli.rehearsed"))),
                (context.words("cli.hosts"), restored.hosts.to_string()),
                (context.words("cli.secrets"), restored.secrets.to_string()),
                (context.words("cli.journal"), restored.journal_entries.to_string()),
                (context.words("cli.last-entry"), input::moment(restored.last_entry_ms)),
                (context.words("cli.missing"), restored.missing.to_string()),
            ]);
            let exit = if restored.report.intact { 0 } else { ErrorCode::VaultDamaged.exit_status() };
            let text = format!("{text}{}", checks(context, &restored.report));
            Ok(Answer::new(&restored, text)?.exiting(exit))
        }
    }
}

fn checks(context: &Context, report: &VaultReport) -> String {
    let line = |check: &VaultCheck| {
        let why = check.why.as_ref().map(|why| format!("      {}\n", context.say(why))).unwrap_or_default();
        format!("{}  {}\n{why}", if check.held { "ok  " } else { "FAIL" }, context.say(&check.what))
    };
    report.checks.iter().map(line).collect()
}

/// Locks a vault in the process that holds the keys, or every vault.
async fn lock(context: &Context, named: Option<&Path>) -> Ended {
    let client = context.agent().await?;
    let vault = match named {
        Some(named) => Some(open_there(&client, Some(named)).await?.ok_or_else(|| ApiError::new(ErrorCode::VaultLocked))?),
        None => None,
    };
    let done: Done = client.call(vault.as_ref().map(|vault| vault.id.as_str()), "vault_lock", &Nothing {}).await?;
    confirmed(context, "journal.vault-locked", &[]);
    Answer::new(&done, String::new())
}

async fn create(context: &Context, path: String, name: Option<String>) -> Ended {
    let passphrase = context.passphrase("prompt.new-passphrase")?;
    if context.global.passphrase_file.is_none() {
        let again = context.ask_secret("prompt.again", "--passphrase-file")?;
        if !passphrase.to_bytes().same_as(&again.to_bytes()) {
            return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", context.words("cli.differ")).into());
        }
    }
    let created = context.here.vault_create(VaultCreate { path, name, passphrase: passphrase.into() }).await?;
    confirmed(context, "cli.created", &[("path", created.vault.path.clone())]);
    confirmed(context, "cli.recovery", &[]);
    Answer::new(&created, recovery_text(&created.recovery_words))
}

/// To a terminal, numbered to be copied by hand; to a file or a program, one line.
pub(crate) fn recovery_text(words: &str) -> String {
    if !std::io::stdout().is_terminal() {
        return format!("{words}\n");
    }
    let numbered: Vec<String> = words.split(' ').enumerate().map(|(index, word)| format!("{:>4}. {word:<10}", index + 1)).collect();
    numbered.chunks(6).map(|line| format!("{}\n", line.concat().trim_end())).collect()
}

fn described(context: &Context, info: &VaultInfo) -> String {
    let slot = |slot: &beffroi_api::wire::SlotInfo| {
        let cost = slot::cost(slot);
        let cost = if cost.is_empty() { cost } else { format!(" [{cost}]") };
        format!("{}{cost}", slot::kind(context, slot))
    };
    let stages: Vec<&str> = info.stages.iter().map(|stage| stage.name.as_str()).collect();
    let described = pairs(&[
        (context.words("cli.name"), info.name.clone()),
        (context.words("cli.path"), info.path.clone()),
        (context.words("cli.id"), info.id.clone()),
        (context.words("cli.format"), info.format.to_string()),
        (context.words("cli.ways-in"), info.slots.iter().map(slot).collect::<Vec<_>>().join("; ")),
        (context.words("cli.stages"), stages.join(", ")),
        (context.words("cli.hosts"), info.hosts.to_string()),
        (context.words("cli.secrets"), info.secrets.to_string()),
        (context.words("cli.journal"), info.journal_entries.to_string()),
        (context.words("cli.last-copy"), info.last_copy_ms.map_or_else(|| context.words("cli.no"), input::moment)),
    ]);
    let said = info.read_only.iter().chain(&info.warnings);
    let warnings: String = said.map(|what| format!("{}\n", sentence(context, "cli.warning", &[("what", context.say(what))]))).collect();
    format!("{described}{warnings}")
}
