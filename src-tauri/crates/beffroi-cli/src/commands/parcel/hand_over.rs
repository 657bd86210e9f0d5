//! `parcel create`, `parcel open` and `parcel given`

use std::path::Path;

use beffroi_api::wire::{
    ParcelContent, ParcelCreate, ParcelGiven, ParcelHanded, ParcelReader, ParcelSecret, ParcelStanding, ParcelWhom, ParcelsGiven,
};

use crate::args::{ImportArguments, ParcelCreateArguments, ParcelOpenArguments};
use crate::commands::secret::import;
use crate::context::Context;
use crate::input::{self, moment};
use crate::output::{Answer, Ended, confirmed, plain, sentence, talk};
use crate::table::table;

pub(super) async fn create(context: &Context, arguments: ParcelCreateArguments) -> Ended {
    context.open().await?;
    // A file is one wherever the process works that reads it.
    let reader = |whom: &String| {
        let path = Path::new(whom);
        if path.is_file() { input::absolute(path) } else { Ok(whom.clone()) }
    };
    let readers = arguments.readers.iter().map(reader).collect::<Result<Vec<_>, _>>()?;
    let path = input::absolute(&arguments.destination)?;
    let request = |authority| ParcelCreate {
        authority,
        path: path.clone(),
        readers: readers.clone(),
        person: arguments.person.clone(),
        hosts: arguments.hosts.clone(),
        secrets: arguments.secrets.clone(),
        stages: arguments.stage.clone(),
        only_named: arguments.only_named,
    };
    let planned = context.api.parcel_create(request(None)).await?;
    let shown = content(context, &planned);
    if context.global.plan {
        return Answer::new(&planned, shown);
    }
    if !context.global.json && !context.global.quiet {
        talk(&shown);
    }
    context.confirm("prompt.parcel").await?;
    let made = context.api.parcel_create(request(Some(context.authority()?))).await?;
    let values = [
        ("secrets", made.secrets.len().to_string()),
        ("hosts", made.hosts.len().to_string()),
        ("path", made.path.clone()),
        ("fingerprint", made.fingerprint.clone()),
    ];
    confirmed(context, "cli.parcel-made", &values);
    Answer::new(&made, String::new())
}

pub(super) async fn open(context: &Context, arguments: ParcelOpenArguments) -> Ended {
    let ParcelOpenArguments { file, identity_file: identity, password_file, from, under, only, take_theirs, keep_mine } = arguments;
    let import = ImportArguments {
        file,
        format: Some("parcel".to_owned()),
        identity,
        password_file,
        from,
        under,
        only,
        take_theirs,
        keep_mine,
        ..ImportArguments::default()
    };
    import::import(context, import).await
}

pub(super) async fn given(context: &Context, who: Option<String>) -> Ended {
    context.open().await?;
    let given = context.api.parcel_given(ParcelWhom { who }).await?;
    let text = given_text(context, &given);
    Answer::new(&given, text)
}

/// What is in a parcel, and for whom.
fn content(context: &Context, content: &ParcelContent) -> String {
    let values = [("readers", names(&content.readers)), ("name", content.signer.clone()), ("fingerprint", content.fingerprint.clone())];
    let mut text = format!("{}\n", plain(&sentence(context, "cli.parcel-for", &values)));
    if !content.hosts.is_empty() {
        let heading = ["cli.host", "cli.stage", "cli.parcel-why"].map(|key| context.words(key));
        let why = |through| context.words(if through { "cli.parcel-through" } else { "cli.parcel-chosen" });
        let rows: Vec<_> = content.hosts.iter().map(|host| vec![host.name.clone(), host.stage.clone(), why(host.through)]).collect();
        text.push_str(&table(&heading, &rows));
    }
    if !content.secrets.is_empty() {
        let heading = ["cli.name", "cli.stage", "cli.kind", "cli.parcel-opens"].map(|key| context.words(key));
        let row = |secret: &ParcelSecret| vec![secret.name.clone(), secret.stage.clone(), secret.kind.clone(), secret.opens.join(", ")];
        text.push_str(&table(&heading, &content.secrets.iter().map(row).collect::<Vec<_>>()));
    }
    for left in &content.left {
        let why = context.words(&format!("import.refused.{}", left.why));
        let line = sentence(context, "cli.import-refused", &[("what", left.what.clone()), ("why", why)]);
        text.push_str(&format!("{}\n", plain(&line)));
    }
    text
}

fn names(readers: &[ParcelReader]) -> String {
    let called = readers.iter().map(|reader| if reader.name.is_empty() { reader.key.as_str() } else { reader.name.as_str() });
    called.collect::<Vec<_>>().join(", ")
}

/// What was handed over, and what is to be done about it.
fn given_text(context: &Context, given: &ParcelsGiven) -> String {
    let mut text = String::new();
    let mut say = |line: String| text.push_str(&format!("{}\n", plain(&line)));
    for way in &given.ways {
        let label = if way.label.is_empty() { way.kind.clone() } else { way.label.clone() };
        match (&way.slot, way.until_ms) {
            (Some(slot), _) => say(sentence(context, "cli.parcel-way", &[("label", label), ("slot", slot.clone())])),
            (None, until) => {
                say(sentence(context, "cli.parcel-past-way", &[("label", label), ("time", moment(until.unwrap_or_default()))]));
            }
        }
    }
    if !given.protected.is_empty() {
        say(sentence(context, "cli.parcel-protected", &[("stages", given.protected.join(", "))]));
    }
    if given.sealed > 0 {
        say(sentence(context, "cli.parcel-sealed", &[("count", given.sealed.to_string())]));
    }
    if given.parcels.is_empty() && given.ways.is_empty() {
        say(context.words("cli.parcel-none"));
    }
    if !given.parcels.is_empty() {
        let heading = ["cli.parcel-made-at", "cli.parcel-reader", "cli.hosts", "cli.secrets", "cli.parcel-open", "cli.file"];
        let row = |parcel: &ParcelGiven| {
            let to = parcel.person.iter().cloned().chain([names(&parcel.readers)]).collect::<Vec<_>>().join(": ");
            let (secrets, open) = (parcel.secrets.to_string(), parcel.open.to_string());
            vec![moment(parcel.made_ms), to, parcel.hosts.join(", "), secrets, open, parcel.file.clone()]
        };
        text.push_str(&table(&heading.map(|key| context.words(key)), &given.parcels.iter().map(row).collect::<Vec<_>>()));
    }
    let open: Vec<&ParcelHanded> = given.secrets.iter().filter(|secret| secret.standing != ParcelStanding::Changed).collect();
    if !open.is_empty() {
        let heading = ["cli.name", "cli.stage", "cli.parcel-seen-at", "cli.state", "cli.hosts"].map(|key| context.words(key));
        let row = |secret: &&ParcelHanded| {
            let state = context.words(if secret.standing == ParcelStanding::Gone { "parcel.gone" } else { "parcel.same" });
            vec![secret.name.clone(), secret.stage.clone(), moment(secret.since_ms), state, secret.hosts.join(", ")]
        };
        text.push_str(&table(&heading, &open.iter().map(row).collect::<Vec<_>>()));
    }
    let of = |rotatable| open.iter().filter(move |secret| secret.rotatable == rotatable);
    if of(true).next().is_some() {
        text.push_str(&format!("{}\n", context.words("cli.parcel-rotate")));
        text.extend(of(true).map(|secret| format!("  beffroi secret rotate {}\n", plain(&secret.name))));
    }
    if of(false).next().is_some() {
        text.push_str(&format!("{}\n", context.words("cli.parcel-by-hand")));
        text.extend(of(false).map(|secret| format!("  {}\n", plain(&secret.name))));
    }
    text
}
