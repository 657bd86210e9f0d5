//! `identity` and `search`

use beffroi_api::wire::{Found, FoundBy, FoundKind, IdentityCreate, IdentityFile, IdentityInfo, Nothing, SearchRequest};

use crate::args::IdentityCommand;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: IdentityCommand) -> Ended {
    context.open().await?;
    match command {
        IdentityCommand::Show => {
            let list = context.api.identity_list(Nothing {}).await?;
            let heading = ["cli.name", "cli.fingerprint", "cli.own", "cli.recipient"].map(|key| context.words(key));
            let yes = |yes| context.words(if yes { "cli.yes" } else { "cli.no" });
            let row = |identity: &IdentityInfo| {
                vec![identity.name.clone(), identity.fingerprint.clone(), yes(identity.own), identity.recipient.clone()]
            };
            Answer::new(&list, table(&heading, &list.identities.iter().map(row).collect::<Vec<_>>()))
        }
        IdentityCommand::Create { name } => {
            let made = context.api.identity_create(IdentityCreate { name }).await?;
            confirmed(context, "journal.identity-made", &[("name", made.name.clone())]);
            Answer::new(&made, format!("{}\n", made.fingerprint))
        }
        IdentityCommand::Export { file } => {
            let own = context.api.identity_export(IdentityFile { path: input::absolute(&file)? }).await?;
            Answer::new(&own, format!("{}\n", own.fingerprint))
        }
        IdentityCommand::Import { file } => {
            let card = context.api.identity_import(IdentityFile { path: input::absolute(&file)? }).await?;
            let values = [("name", card.name.clone()), ("fingerprint", card.fingerprint.clone())];
            confirmed(context, "journal.identity-imported", &values);
            Answer::new(&card, String::new())
        }
    }
}

pub(crate) async fn search(context: &Context, text: String) -> Ended {
    context.open().await?;
    let found = context.api.search(SearchRequest { text, limit: None, only: None }).await?;
    let heading = ["cli.kind", "cli.name", "cli.stage", "cli.found-by"].map(|key| context.words(key));
    let row = |found: &Found| {
        let kind = match found.kind {
            FoundKind::Host => "host",
            FoundKind::Secret => "secret",
        };
        vec![kind.to_owned(), found.name.clone(), found.stage.clone(), found_by(context, found)]
    };
    Answer::new(&found, table(&heading, &found.found.iter().map(row).collect::<Vec<_>>()))
}

/// By what something was found, and the text; nothing for its name.
pub(super) fn found_by(context: &Context, found: &Found) -> String {
    let key = match found.by {
        FoundBy::Name => return String::new(),
        // The text begins with the field's name.
        FoundBy::Field => return found.text.clone(),
        FoundBy::Title => "cli.secret-title",
        FoundBy::Account => "cli.account",
        FoundBy::Address => "cli.address",
        FoundBy::Tag => "cli.tag",
        FoundBy::Group => "cli.group",
        FoundBy::Host => "cli.host",
    };
    format!("{} {}", context.words(key), found.text)
}
