//! `vault slot`, `vault passwd`, `vault rekey`

use std::path::PathBuf;

use beffroi_api::wire::{Nothing, SlotAdd, SlotInfo, SlotRemove, VaultPasswd, VaultRekey};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;
use clap::ValueEnum;

use super::vault::recovery_text;
use crate::args::{SlotCommand, SlotKind};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: SlotCommand) -> Ended {
    match command {
        SlotCommand::List => {
            context.open().await?;
            let list = context.api.slot_list(Nothing {}).await?;
            let heading = ["cli.id", "cli.kind", "cli.label", "cli.cost"].map(|key| context.words(key));
            let row = |slot: &SlotInfo| vec![slot.id.clone(), kind(context, slot), slot.label.clone().unwrap_or_default(), cost(slot)];
            Answer::new(&list, table(&heading, &list.slots.iter().map(row).collect::<Vec<_>>()))
        }
        SlotCommand::Add { kind, new_passphrase_file, new_key_file, identity, label } => {
            context.open().await?;
            let has_passphrase = matches!(kind, SlotKind::Passphrase | SlotKind::PassphraseKeyFile | SlotKind::PassphraseKeyring);
            let passphrase = if has_passphrase { Some(new_passphrase(context, new_passphrase_file)?.into()) } else { None };
            let needs = |flag: &str| ApiError::new(ErrorCode::FlagMissing).with("flag", flag);
            if kind == SlotKind::PassphraseKeyFile && new_key_file.is_none() {
                return Err(needs("--new-key-file").into());
            }
            if kind == SlotKind::Identity && identity.is_none() {
                return Err(needs("--identity").into());
            }
            let request = SlotAdd {
                authority: context.authority()?,
                kind: kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default(),
                passphrase,
                key_file: new_key_file.as_deref().map(input::absolute).transpose()?,
                identity,
                label,
            };
            if kind == SlotKind::Keyring {
                confirmed(context, "cli.keyring-warning", &[]);
            }
            let added = context.api.slot_add(request).await?;
            confirmed(context, "journal.slot-added", &[("kind", added.slot.kind.clone()), ("slot", added.slot.id.clone())]);
            let text = match &added.recovery_words {
                Some(words) => {
                    confirmed(context, "cli.recovery", &[]);
                    recovery_text(words)
                }
                None => String::new(),
            };
            Answer::new(&added, text)
        }
        SlotCommand::Remove { id } => {
            context.open().await?;
            let list = context.api.slot_list(Nothing {}).await?;
            let mut meant = list.slots.into_iter().filter(|slot| slot.id == id || (id.len() >= 4 && slot.id.ends_with(&id)));
            let (Some(slot), None) = (meant.next(), meant.next()) else {
                return Err(ApiError::new(ErrorCode::SlotNotFound).with("id", id).into());
            };
            context.confirm("prompt.remove-slot").await?;
            let done = context.api.slot_remove(SlotRemove { authority: context.authority()?, slot: slot.id.clone() }).await?;
            confirmed(context, "journal.slot-removed", &[("kind", slot.kind), ("slot", slot.id)]);
            Answer::new(&done, String::new())
        }
    }
}

pub(crate) async fn passwd(context: &Context, file: Option<PathBuf>) -> Ended {
    context.open().await?;
    let new = new_passphrase(context, file)?.into();
    let done = context.api.vault_passwd(VaultPasswd { authority: context.authority()?, new }).await?;
    confirmed(context, "cli.passwd", &[]);
    Answer::new(&done, String::new())
}

pub(crate) async fn rekey(context: &Context) -> Ended {
    context.open().await?;
    context.confirm("prompt.rekey").await?;
    let rekeyed = context.api.vault_rekey(VaultRekey { authority: context.authority()? }).await?;
    confirmed(context, "journal.vault-rekeyed", &[]);
    for slot in &rekeyed.dropped {
        confirmed(context, "journal.slot-removed", &[("kind", slot.kind.clone()), ("slot", slot.id.clone())]);
    }
    confirmed(context, "cli.recovery", &[]);
    Answer::new(&rekeyed, recovery_text(&rekeyed.recovery_words))
}

/// A new passphrase: from a file, else typed twice.
fn new_passphrase(context: &Context, file: Option<PathBuf>) -> Result<SecretText, ApiError> {
    if let Some(file) = file {
        return input::secret_file(&file);
    }
    let flag = "--new-passphrase-file";
    let new = context.ask_secret("prompt.new-passphrase", flag)?;
    let again = context.ask_secret("prompt.again", flag)?;
    if new.to_bytes().same_as(&again.to_bytes()) {
        Ok(new)
    } else {
        Err(ApiError::new(ErrorCode::InvalidRequest).with("what", context.words("cli.differ")))
    }
}

pub(crate) fn kind(context: &Context, slot: &SlotInfo) -> String {
    if slot.weakest { format!("{} ({})", slot.kind, context.words("cli.weakest")) } else { slot.kind.clone() }
}

pub(crate) fn cost(slot: &SlotInfo) -> String {
    let cost = slot.memory_kib.zip(slot.passes).map(|(memory, passes)| format!("Argon2id {} MiB × {passes}", memory / 1024));
    cost.unwrap_or_default()
}
