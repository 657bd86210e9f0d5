//! `secret template`, and the fields that a template asks for.

use std::path::Path;

use beffroi_api::wire::{Nothing, SecretEdit, SecretFieldSet, SecretTemplate, TemplateField, TemplateName, TemplatePlace, TemplateSet};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;

use crate::args::TemplateCommand;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, plain, sentence};
use crate::table::table;

pub(super) async fn run(context: &Context, command: TemplateCommand) -> Ended {
    context.open().await?;
    match command {
        TemplateCommand::List => {
            let list = context.api.template_list(Nothing {}).await?;
            let heading = ["cli.name", "cli.secret-title", "cli.own", "cli.fields"].map(|key| context.words(key));
            let row = |template: &SecretTemplate| {
                let title = if template.own { template.name.clone() } else { context.words(&format!("template.{}", template.name)) };
                let own = context.words(if template.own { "cli.yes" } else { "cli.no" });
                let fields: Vec<_> = template.fields.iter().map(|field| called(context, template, field)).collect();
                vec![template.name.clone(), title, own, fields.join(", ")]
            };
            Answer::new(&list, table(&heading, &list.templates.iter().map(row).collect::<Vec<_>>()))
        }
        TemplateCommand::Set { name, account, address, one_time, expires, field, hidden_field } => {
            let places = [
                (account, TemplatePlace::Account),
                (address, TemplatePlace::Address),
                (one_time, TemplatePlace::OneTime),
                (expires, TemplatePlace::Expires),
            ];
            let places = places.into_iter().filter(|(is_wanted, _)| *is_wanted);
            let places = places.map(|(_, place)| TemplateField { place, name: String::new() });
            let named = |names: Vec<String>, place| names.into_iter().map(move |name| TemplateField { place, name });
            let named = named(field, TemplatePlace::Field).chain(named(hidden_field, TemplatePlace::Hidden));
            let kept = context.api.template_set(TemplateSet { name, fields: places.chain(named).collect() }).await?;
            confirmed(context, "journal.template-set", &[("name", kept.name.clone())]);
            Answer::new(&kept, String::new())
        }
        TemplateCommand::Remove { name } => {
            let done = context.api.template_remove(TemplateName { name: name.clone() }).await?;
            confirmed(context, "journal.template-removed", &[("name", name)]);
            Answer::new(&done, String::new())
        }
    }
}

/// The template of a name.
pub(super) async fn find(context: &Context, name: &str) -> Result<SecretTemplate, ApiError> {
    let list = context.api.template_list(Nothing {}).await?;
    let found = list.templates.into_iter().find(|template| template.name == name);
    found.ok_or_else(|| ApiError::new(ErrorCode::TemplateUnknown).with("name", name))
}

/// What the fields of a template are to be: from files, and where somebody can be asked, from the terminal. A field may be
/// left empty; nothing when all of them are.
pub(super) fn filled(context: &Context, secret: &str, template: &SecretTemplate, fill: &[String]) -> Result<Option<SecretEdit>, ApiError> {
    let wrong = |what: String| ApiError::new(ErrorCode::InvalidRequest).with("what", what);
    let mut given = Vec::new();
    for pair in fill {
        // Standard input is read once, and may be the secret.
        let parted = pair.split_once('=').filter(|(_, file)| *file != "-");
        let (name, file) = parted.ok_or_else(|| wrong(format!("FIELD=FILE, not {pair}")))?;
        let is_it = |field: &&TemplateField| name == key_of(field) || name == called(context, template, field);
        let names = || template.fields.iter().map(key_of).collect::<Vec<_>>().join(", ");
        let field = template.fields.iter().find(is_it).ok_or_else(|| wrong(format!("--fill {name}: {}", names())))?;
        given.push((field, input::secret_file(Path::new(file))?));
    }
    let mut edit = SecretEdit {
        name: secret.to_owned(),
        title: None,
        path: None,
        user: None,
        urls: None,
        tags: None,
        notes: None,
        totp: None,
        passphrase: None,
        expires_ms: None,
        fields: Vec::new(),
    };
    let mut is_empty = true;
    for field in &template.fields {
        let name = called(context, template, field);
        let value = match given.iter().position(|(other, _)| *other == field) {
            Some(at) => given.swap_remove(at).1,
            None if context.can_ask() => {
                input::hidden(&format!("{} ", plain(&sentence(context, "prompt.field", &[("name", name.clone())]))))?
            }
            None => continue,
        };
        // Its length only.
        if !value.expose().is_empty() {
            is_empty = false;
            put(&mut edit, field.place, name, value)?;
        }
    }
    Ok((!is_empty).then_some(edit))
}

fn put(edit: &mut SecretEdit, place: TemplatePlace, name: String, value: SecretText) -> Result<(), ApiError> {
    // What is shown is a line like any other.
    let line = |value: &SecretText| value.expose().trim().to_owned();
    match place {
        TemplatePlace::Account => edit.user = Some(line(&value)),
        TemplatePlace::Address => edit.urls = Some(vec![line(&value)]),
        TemplatePlace::OneTime => edit.totp = Some(value.into()),
        TemplatePlace::Expires => edit.expires_ms = Some(input::end_ms(&line(&value))?),
        TemplatePlace::Field | TemplatePlace::Hidden => {
            edit.fields.push(SecretFieldSet { name, value: value.into(), hidden: place == TemplatePlace::Hidden });
        }
    }
    Ok(())
}

/// What a field is called, for people.
fn called(context: &Context, template: &SecretTemplate, field: &TemplateField) -> String {
    if template.own && !field.name.is_empty() { field.name.clone() } else { context.words(&format!("template.{}", key_of(field))) }
}

/// What a field is called, for programs.
fn key_of(field: &TemplateField) -> &str {
    match field.place {
        TemplatePlace::Account => "account",
        TemplatePlace::Address => "address",
        TemplatePlace::OneTime => "one-time",
        TemplatePlace::Expires => "expires",
        TemplatePlace::Field | TemplatePlace::Hidden => &field.name,
    }
}
