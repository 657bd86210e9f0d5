//! `secret`

mod beside;
mod health;
pub(crate) mod import;
mod rotate;
mod template;

use std::collections::HashMap;
use std::io::IsTerminal;
use std::path::Path;

use beffroi_api::messages::Language;
use beffroi_api::wire::{
    CredentialName, Found, FoundKind, HeldLogin, KeyGenerate, KeyKind, Nothing, PassphraseGenerate, RotationWay, SearchRequest,
    SecretGenerate, SecretList, SecretName, SecretPartName, SecretRename, SecretRotate, SecretRow, SecretSet, WordList,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretBytes;

use super::identity::found_by;
use crate::args::{KeyType, Lang, MadeKind, SecretCommand};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed};
use crate::table::table;

/// The most that one search finds.
const MOST_FOUND: u32 = 500;

pub(crate) async fn run(context: &Context, command: SecretCommand) -> Ended {
    match command {
        SecretCommand::OtherProgram(command) => import::run(context, command).await,
        SecretCommand::List { find } => {
            context.open().await?;
            let list = context.api.secret_list(Nothing {}).await?;
            if let Some(text) = find {
                return found(context, text, list).await;
            }
            let heading = ["cli.name", "cli.kind", "cli.stage", "cli.used-by", "cli.refused-by"].map(|key| context.words(key));
            let refused = |held: &[HeldLogin]| held.iter().map(|login| format!("{}@{}", login.user, login.host)).collect::<Vec<_>>();
            let rows: Vec<_> = list
                .secrets
                .iter()
                .map(|secret| {
                    let (used, refused) = (secret.used_by.join(", "), refused(&secret.held).join(", "));
                    vec![secret.name.clone(), secret.kind.clone(), secret.stage.clone(), used, refused]
                })
                .collect();
            Answer::new(&list, table(&heading, &rows))
        }
        SecretCommand::Set { name, from_file, stage, template, fill } => {
            let from_stdin = Path::new("-");
            let wants_stdin = from_file.as_deref() == Some(from_stdin) || (from_file.is_none() && !std::io::stdin().is_terminal());
            if wants_stdin && context.global.passphrase_file.as_deref() == Some(from_stdin) {
                return Err(ApiError::new(ErrorCode::FlagMissing).with("flag", "--from-file").into());
            }
            let value = match &from_file {
                Some(file) => input::secret_file(file)?,
                None if wants_stdin => input::secret_file(from_stdin)?,
                None => context.ask_secret("prompt.secret", "--from-file")?,
            };
            context.open().await?;
            let beside = match &template {
                Some(template) => template::filled(context, &name, &template::find(context, template).await?, &fill)?,
                None => None,
            };
            let row = context.api.secret_set(SecretSet { name, value: value.into(), stage }).await?;
            confirmed(context, "journal.secret-set", &[("name", row.name.clone())]);
            if let Some(beside) = beside {
                context.api.secret_edit(beside).await?;
                confirmed(context, "journal.secret-edited", &[("name", row.name.clone())]);
            }
            Answer::new(&row, String::new())
        }
        SecretCommand::Template(command) => template::run(context, command).await,
        SecretCommand::Get { name, part } => {
            context.open().await?;
            let revealed = context.api.secret_part(SecretPartName { name, part: beside::part_of(part) }).await?;
            if context.global.json {
                return Answer::secret(&revealed);
            }
            // To standard output, as was asked for; a line of its own unless it ends with one.
            let value = revealed.value.expose();
            let mut text = Vec::with_capacity(value.len() + 1);
            text.extend_from_slice(value.as_bytes());
            if !value.ends_with('\n') {
                text.push(b'\n');
            }
            Ok(Answer::secret_text(SecretBytes::new(text)))
        }
        SecretCommand::Generate { name, kind: MadeKind::Key, key_type, comment, stage, .. } => {
            let key = match key_type {
                KeyType::Ed25519 => KeyKind::Ed25519,
                KeyType::EcdsaP256 => KeyKind::EcdsaP256,
                KeyType::Rsa3072 => KeyKind::Rsa3072,
                KeyType::Rsa4096 => KeyKind::Rsa4096,
            };
            context.open().await?;
            let key = context.api.key_generate(KeyGenerate { name, stage, key, comment }).await?;
            confirmed(context, "journal.secret-set", &[("name", key.name.clone())]);
            Answer::new(&key, format!("{}\n", key.line))
        }
        SecretCommand::Generate {
            name,
            kind: MadeKind::Password,
            words,
            word_list,
            separator,
            capitals,
            digit,
            length,
            no_symbols,
            digits_only,
            look_alikes,
            stage,
            ..
        } => {
            context.open().await?;
            if context.api.secret_list(Nothing {}).await?.secrets.iter().any(|secret| secret.name == name) {
                return Err(ApiError::new(ErrorCode::SecretExists).with("name", name).into());
            }
            let made = match words {
                Some(words) => {
                    let list = word_list_of(word_list, context.language);
                    context.api.passphrase_generate(PassphraseGenerate { words, list, separator, capitals, digit }).await?
                }
                None => {
                    let symbols = !no_symbols && !digits_only;
                    let order = SecretGenerate { length, lower: !digits_only, upper: !digits_only, digits: true, symbols, look_alikes };
                    context.api.secret_generate(order).await?
                }
            };
            let row = context.api.secret_set(SecretSet { name, value: made.value.into_secret().into(), stage }).await?;
            confirmed(context, "journal.secret-set", &[("name", row.name.clone())]);
            Answer::new(&row, String::new())
        }
        SecretCommand::Rename { name, to } => {
            context.open().await?;
            let row = context.api.secret_rename(SecretRename { name: name.clone(), to }).await?;
            confirmed(context, "journal.secret-renamed", &[("name", name), ("to", row.name.clone())]);
            Answer::new(&row, String::new())
        }
        SecretCommand::Remove { name } => {
            context.open().await?;
            context.confirm("prompt.remove-secret").await?;
            let done = context.api.secret_remove(SecretName { name: name.clone() }).await?;
            confirmed(context, "journal.secret-removed", &[("name", name)]);
            Answer::new(&done, String::new())
        }
        SecretCommand::Beside(command) => beside::run(context, command).await,
        SecretCommand::Health(command) => health::run(context, command).await,
        SecretCommand::Where { name, check } => rotate::places(context, name, check).await,
        SecretCommand::Rotate { name, on, keep_old, resume, back } => {
            let way = match (resume, back) {
                (true, _) => RotationWay::Resume,
                (_, true) => RotationWay::Back,
                _ => RotationWay::Begin,
            };
            rotate::run(context, SecretRotate { name, on, way, keep_old, typed: None }).await
        }
        SecretCommand::Allow { name } => {
            context.open().await?;
            let allowed = context.api.credential_allow(CredentialName { name: name.clone() }).await?;
            confirmed(context, "journal.credential-allowed", &[("name", name)]);
            Answer::new(&allowed, String::new())
        }
    }
}

/// Those of a list that a text finds, the nearest first.
async fn found(context: &Context, text: String, list: SecretList) -> Ended {
    let found = context.api.search(SearchRequest { text, limit: Some(MOST_FOUND), only: Some(FoundKind::Secret) }).await?.found;
    let mut rows: HashMap<String, SecretRow> = list.secrets.into_iter().map(|row| (row.name.clone(), row)).collect();
    let row = |found: &Found| {
        let row = rows.remove(&found.name)?;
        let line = vec![row.name.clone(), row.kind.clone(), row.stage.clone(), row.used_by.join(", "), found_by(context, found)];
        Some((row, line))
    };
    let (secrets, lines): (Vec<_>, Vec<_>) = found.iter().filter_map(row).unzip();
    let heading = ["cli.name", "cli.kind", "cli.stage", "cli.used-by", "cli.found-by"].map(|key| context.words(key));
    Answer::new(&SecretList { secrets }, table(&heading, &lines))
}

fn word_list_of(wanted: Option<Lang>, language: Language) -> WordList {
    match (wanted, language) {
        (Some(Lang::Fr), _) | (None, Language::French) => WordList::French,
        (Some(Lang::En), _) | (None, Language::English) => WordList::English,
    }
}
