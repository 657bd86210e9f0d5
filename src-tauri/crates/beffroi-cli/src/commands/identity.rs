//! `identity` and `search`

use beffroi_api::wire::{Found, IdentityCreate, IdentityFile, IdentityInfo, Nothing, SearchRequest};

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
            let heading = ["cli.name", "cli.fingerprint", "cli.own"].map(|key| context.words(key));
            let yes = |yes| context.words(if yes { "cli.yes" } else { "cli.no" });
            let row = |identity: &IdentityInfo| vec![identity.name.clone(), identity.fingerprint.clone(), yes(identity.own)];
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
    let found = context.api.search(SearchRequest { text, limit: None }).await?;
    let heading = ["cli.kind", "cli.name", "cli.stage"].map(|key| context.words(key));
    let row = |found: &Found| vec![found.kind.clone(), found.name.clone(), found.stage.clone()];
    Answer::new(&found, table(&heading, &found.found.iter().map(row).collect::<Vec<_>>()))
}
