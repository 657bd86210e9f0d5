//! What stands beside a secret's value, its files, and the trash.

use std::path::Path;

use beffroi_api::wire::{
    Nothing, SecretAbout, SecretAttach, SecretEdit, SecretFieldSet, SecretFile, SecretFileSave, SecretName, SecretPart, SecretRestore,
    SecretRevert, TrashEmpty,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;

use crate::args::{BesideCommand, EditArguments, PartArguments};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, sentence};
use crate::table::{pairs, table};

pub(super) async fn run(context: &Context, command: BesideCommand) -> Ended {
    let name_of = |name: &str| [("name", name.to_owned())];
    match command {
        BesideCommand::Show { name } => {
            context.open().await?;
            let about = context.api.secret_about(SecretName { name }).await?;
            Answer::new(&about, told(context, &about))
        }
        BesideCommand::Edit { name, edit } => {
            let edit = edited(name.clone(), *edit)?;
            context.open().await?;
            let about = context.api.secret_edit(edit).await?;
            confirmed(context, "journal.secret-edited", &name_of(&name));
            Answer::new(&about, String::new())
        }
        BesideCommand::Revert { name, past } => {
            context.open().await?;
            let there = context.api.secret_about(SecretName { name: name.clone() }).await?.past.len();
            let past = past.map_or(there, usize::from).checked_sub(1).filter(|past| *past < there);
            let past = past.ok_or_else(|| ApiError::new(ErrorCode::SecretNotFound).with("name", format!("{name} --past")))?;
            context.confirm("prompt.revert-secret").await?;
            let row = context.api.secret_revert(SecretRevert { name: name.clone(), past }).await?;
            confirmed(context, "journal.secret-set", &name_of(&name));
            Answer::new(&row, String::new())
        }
        BesideCommand::Attach { name, file } => {
            let path = input::absolute(&file)?;
            context.open().await?;
            let about = context.api.secret_attach(SecretAttach { name: name.clone(), path }).await?;
            let file = file.file_name().map_or_else(String::new, |file| file.to_string_lossy().into_owned());
            confirmed(context, "journal.secret-attached", &[("name", name), ("file", file)]);
            Answer::new(&about, String::new())
        }
        BesideCommand::Save { name, file, destination, force } => {
            let path = input::absolute(&destination)?;
            context.open().await?;
            let save = SecretFileSave { name, file, path: path.clone(), replace: force };
            let done = context.api.secret_file_save(save).await?;
            confirmed(context, "cli.written", &[("path", path)]);
            Answer::new(&done, String::new())
        }
        BesideCommand::Detach { name, file } => {
            context.open().await?;
            context.confirm("prompt.detach-file").await?;
            let about = context.api.secret_file_remove(SecretFile { name: name.clone(), file: file.clone() }).await?;
            confirmed(context, "journal.secret-detached", &[("name", name), ("file", file)]);
            Answer::new(&about, String::new())
        }
        BesideCommand::Trash => {
            context.open().await?;
            let list = context.api.trash_list(Nothing {}).await?;
            let heading = ["cli.name", "cli.kind", "cli.stage", "cli.removed", "cli.kept-until", "cli.id"].map(|key| context.words(key));
            let row = |secret: &beffroi_api::wire::TrashedSecret| {
                let (at, until) = (input::moment(secret.at_ms), input::moment(secret.until_ms));
                vec![secret.name.clone(), secret.kind.clone(), secret.stage.clone(), at, until, secret.id.clone()]
            };
            Answer::new(&list, table(&heading, &list.secrets.iter().map(row).collect::<Vec<_>>()))
        }
        BesideCommand::Restore { name, to } => {
            context.open().await?;
            let row = context.api.trash_restore(SecretRestore { name, to }).await?;
            confirmed(context, "journal.secret-restored", &name_of(&row.name));
            Answer::new(&row, String::new())
        }
        BesideCommand::EmptyTrash { name } => {
            context.open().await?;
            context.confirm("prompt.empty-trash").await?;
            let emptied = context.api.trash_empty(TrashEmpty { name }).await?;
            confirmed(context, "journal.trash-emptied", &[("count", emptied.secrets.to_string())]);
            Answer::new(&emptied, String::new())
        }
    }
}

/// Which piece of a secret is asked for.
pub(super) fn part_of(part: PartArguments) -> SecretPart {
    match part {
        PartArguments { notes: true, .. } => SecretPart::Notes,
        PartArguments { totp: true, .. } => SecretPart::Totp,
        PartArguments { passphrase: true, .. } => SecretPart::Passphrase,
        PartArguments { field: Some(name), .. } => SecretPart::Field { name },
        PartArguments { past: Some(past), .. } => SecretPart::Past { at: usize::from(past).saturating_sub(1) },
        _ => SecretPart::Value,
    }
}

fn told(context: &Context, about: &SecretAbout) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut line = |key: &str, value: String| {
        if !value.is_empty() {
            lines.push((context.words(key), value));
        }
    };
    let is_there = |there: bool| if there { "••••••" } else { "" }.to_owned();
    line("cli.name", about.secret.name.clone());
    line("cli.secret-title", about.title.clone());
    line("cli.kind", about.secret.kind.clone());
    line("cli.stage", about.secret.stage.clone());
    line("cli.group", about.path.join("/"));
    line("cli.account", about.user.clone());
    line("cli.address", about.urls.join(", "));
    line("cli.tags", about.tags.join(", "));
    line("cli.used-by", about.secret.used_by.join(", "));
    line("cli.changed", input::moment(about.secret.changed_ms));
    line("cli.expires", about.expires_ms.map(input::moment).unwrap_or_default());
    line("cli.notes", is_there(about.has_notes));
    line("cli.totp", is_there(about.has_totp));
    line("cli.key-passphrase", is_there(about.has_passphrase));
    line("cli.origin", about.origin.clone().unwrap_or_default());
    for field in &about.fields {
        lines.push((field.name.clone(), field.value.clone().unwrap_or_else(|| is_there(true))));
    }
    for file in &about.attachments {
        lines.push((
            context.words("cli.file"),
            sentence(context, "cli.file-of", &[("name", file.name.clone()), ("bytes", file.size.to_string())]),
        ));
    }
    for (at, until_ms) in about.past.iter().enumerate() {
        let until = if *until_ms == 0 { "?".to_owned() } else { input::moment(*until_ms) };
        lines.push((context.words("cli.past"), sentence(context, "cli.past-of", &[("number", (at + 1).to_string()), ("until", until)])));
    }
    pairs(&lines)
}

fn edited(name: String, edit: EditArguments) -> Result<SecretEdit, ApiError> {
    let EditArguments { title, group, user, url, tag, notes_file, totp_file, key_passphrase_file, expires, field, hidden_field, clear } =
        edit;
    let is_cleared = |what: &str| clear.iter().any(|cleared| cleared == what);
    let list = |given: Vec<String>, what: &str| (!given.is_empty() || is_cleared(what)).then_some(given);
    let text = |given: Option<std::path::PathBuf>, what: &str| match given {
        Some(file) => input::secret_file(&file).map(Some),
        None => Ok(is_cleared(what).then(|| SecretText::new(String::new()))),
    };
    let mut fields = Vec::new();
    for (given, hidden) in [(field, false), (hidden_field, true)] {
        for pair in given {
            let (name, file) = pair.split_once('=').ok_or_else(|| ApiError::new(ErrorCode::InvalidRequest).with("what", "NAME=FILE"))?;
            fields.push(SecretFieldSet { name: name.to_owned(), value: input::secret_file(Path::new(file))?.into(), hidden });
        }
    }
    const PARTS: [&str; 7] = ["account", "addresses", "tags", "notes", "totp", "passphrase", "title"];
    for name in clear.iter().filter(|name| !PARTS.contains(&name.as_str())) {
        fields.push(SecretFieldSet { name: name.clone(), value: SecretText::new(String::new()).into(), hidden: false });
    }
    let expires_ms = match expires.as_deref() {
        Some("never") => Some(0),
        Some(day) => Some(input::end_ms(day)?),
        None => None,
    };
    Ok(SecretEdit {
        name,
        title: title.or_else(|| is_cleared("title").then(String::new)),
        path: group.map(|group| group.split('/').map(str::to_owned).collect()),
        user: user.or_else(|| is_cleared("account").then(String::new)),
        urls: list(url, "addresses"),
        tags: list(tag, "tags"),
        notes: text(notes_file, "notes")?.map(Into::into),
        totp: text(totp_file, "totp")?.map(Into::into),
        passphrase: text(key_passphrase_file, "passphrase")?.map(Into::into),
        expires_ms,
        fields,
    })
}
