//! `vault`

use std::io::IsTerminal;

use beffroi_api::ApiError;
use beffroi_api::ErrorCode;
use beffroi_api::wire::{Nothing, VaultCreate, VaultInfo};

use crate::args::VaultCommand;
use crate::context::Context;
use crate::output::{Answer, Ended, confirmed};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: VaultCommand) -> Ended {
    match command {
        VaultCommand::Create { path, name } => create(context, path, name).await,
        VaultCommand::Info => {
            let info = context.open().await?;
            Answer::new(&info, described(context, &info))
        }
        VaultCommand::List => {
            let list = context.api.vault_list(Nothing {}).await?;
            let rows: Vec<_> = list.vaults.iter().map(|vault| vec![vault.name.clone(), vault.path.clone()]).collect();
            Answer::new(&list, table(&[context.words("cli.name"), context.words("cli.path")], &rows))
        }
        VaultCommand::Verify => {
            context.open().await?;
            let report = context.api.vault_verify(Nothing {}).await?;
            let line = |held: bool, what: &str| format!("{} {what}\n", if held { "ok  " } else { "FAIL" });
            let text = report.checks.iter().map(|check| line(check.held, &context.say(&check.what))).collect();
            let exit = if report.intact { 0 } else { ErrorCode::VaultDamaged.exit_status() };
            Ok(Answer::new(&report, text)?.exiting(exit))
        }
    }
}

async fn create(context: &Context, path: String, name: Option<String>) -> Ended {
    let passphrase = context.passphrase("prompt.new-passphrase")?;
    if context.global.passphrase_file.is_none() {
        let again = context.ask_secret("prompt.again", "--passphrase-file")?;
        if !passphrase.to_bytes().same_as(&again.to_bytes()) {
            return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", context.words("cli.differ")).into());
        }
    }
    let created = context.api.vault_create(VaultCreate { path, name, passphrase: passphrase.into() }).await?;
    confirmed(context, "cli.created", &[("path", created.vault.path.clone())]);
    confirmed(context, "cli.recovery", &[]);
    Answer::new(&created, recovery_text(&created.recovery_words))
}

/// To a terminal, numbered to be copied by hand; to a file or a program, one line.
fn recovery_text(words: &str) -> String {
    if !std::io::stdout().is_terminal() {
        return format!("{words}\n");
    }
    let numbered: Vec<String> = words.split(' ').enumerate().map(|(index, word)| format!("{:>4}. {word:<10}", index + 1)).collect();
    numbered.chunks(6).map(|line| format!("{}\n", line.concat().trim_end())).collect()
}

fn described(context: &Context, info: &VaultInfo) -> String {
    let slot = |slot: &beffroi_api::wire::SlotInfo| {
        let cost = slot.memory_kib.zip(slot.passes).map(|(memory, passes)| format!(" (Argon2id {} MiB × {passes})", memory / 1024));
        let weakest = if slot.weakest { format!(", {}", context.words("cli.weakest")) } else { String::new() };
        format!("{}{}{weakest}", slot.kind, cost.unwrap_or_default())
    };
    let stages: Vec<&str> = info.stages.iter().map(|stage| stage.name.as_str()).collect();
    pairs(&[
        (context.words("cli.name"), info.name.clone()),
        (context.words("cli.path"), info.path.clone()),
        (context.words("cli.id"), info.id.clone()),
        (context.words("cli.format"), info.format.to_string()),
        (context.words("cli.ways-in"), info.slots.iter().map(slot).collect::<Vec<_>>().join("; ")),
        (context.words("cli.stages"), stages.join(", ")),
        (context.words("cli.hosts"), info.hosts.to_string()),
        (context.words("cli.secrets"), info.secrets.to_string()),
        (context.words("cli.journal"), info.journal_entries.to_string()),
    ])
}
