//! `secret import`, `secret export`, `host import`

use std::path::Path;

use beffroi_api::wire::{
    ImportApply, ImportChoice, ImportDone, ImportEntry, ImportMapping, ImportPreview, ImportRead, ImportRules, ImportStageOf,
    ImportStanding, ImportWaiting, SecretExport,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_secret::SecretText;
use serde_json::json;

use crate::args::{ExportArguments, ImportArguments, OtherProgramCommand};
use crate::context::Context;
use crate::input::{self, moment};
use crate::output::{Answer, Ended, confirmed, plain, sentence, talk};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: OtherProgramCommand) -> Ended {
    match command {
        OtherProgramCommand::Import(arguments) => import(context, *arguments).await,
        OtherProgramCommand::Export(arguments) => export(context, *arguments).await,
    }
}

pub(crate) async fn import(context: &Context, arguments: ImportArguments) -> Ended {
    let rules = rules(&arguments)?;
    let mut password = arguments.password_file.as_deref().map(input::secret_file).transpose()?;
    context.open().await?;
    let preview = loop {
        match context.api.import_read(request(&arguments, &rules, password.as_ref())?).await {
            // Asked once: a wrong one is said.
            Err(error) if error.code == ErrorCode::ImportNeedsPassword && password.is_none() && context.can_ask() => {
                password = Some(context.ask_secret("prompt.import-password", "--password-file")?);
            }
            other => break other?,
        }
    };
    let shown = shown(context, &preview);
    if arguments.dry_run || context.global.plan {
        context.api.import_forget(ImportWaiting { id: preview.id.clone() }).await?;
        return Answer::new(&preview, shown);
    }
    if !context.global.yes && context.can_ask() {
        talk(&shown);
    }
    let done = match taken(context, &arguments, rules, &preview.id).await {
        Ok(done) => done,
        Err(ended) => {
            // Its secrets are not left waiting. What stopped it is what is said.
            let _ = context.api.import_forget(ImportWaiting { id: preview.id.clone() }).await;
            return Err(ended.into());
        }
    };
    told(context, &preview, &done);
    Answer::new(&json!({ "name": preview.name, "format": preview.format, "done": done, "refused": preview.refused }), String::new())
}

/// Asks, and takes the file in.
async fn taken(context: &Context, arguments: &ImportArguments, rules: ImportRules, id: &str) -> Result<ImportDone, ApiError> {
    context.confirm("prompt.import").await?;
    let all = match (arguments.take_theirs, arguments.keep_mine) {
        (true, _) => Some(ImportChoice::Theirs),
        (_, true) => Some(ImportChoice::Mine),
        _ => None,
    };
    context.api.import_apply(ImportApply { id: id.to_owned(), rules, all, rows: Vec::new() }).await
}

fn request(arguments: &ImportArguments, rules: &ImportRules, password: Option<&SecretText>) -> Result<ImportRead, ApiError> {
    Ok(ImportRead {
        path: input::absolute(&arguments.file)?,
        format: arguments.format.clone(),
        password: password.map(|password| password.duplicate().into()),
        key_file: arguments.file_key.as_deref().map(input::absolute).transpose()?,
        identities: arguments.identity.iter().map(|file| input::absolute(file)).collect::<Result<_, _>>()?,
        mapping: arguments.map.as_deref().map(mapping).transpose()?,
        from: arguments.from.clone(),
        rules: rules.clone(),
    })
}

fn rules(arguments: &ImportArguments) -> Result<ImportRules, ApiError> {
    let stage_of = |given: &String| {
        let parts = given.rsplit_once('=').filter(|(group, stage)| !group.is_empty() && !stage.is_empty());
        let wrong = || ApiError::new(ErrorCode::InvalidRequest).with("what", format!("GROUP=STAGE, not {given}"));
        parts.map(|(group, stage)| ImportStageOf { group: group.to_owned(), stage: stage.to_owned() }).ok_or_else(wrong)
    };
    Ok(ImportRules {
        stage: arguments.stage.clone(),
        stage_of: arguments.stage_of.iter().map(stage_of).collect::<Result<_, _>>()?,
        discarded: arguments.include_discarded,
        only: arguments.only.clone(),
        without: arguments.without.clone(),
        without_hosts: Vec::new(),
        without_host_keys: arguments.without_host_keys,
        under: arguments.under.clone(),
    })
}

fn mapping(file: &Path) -> Result<ImportMapping, ApiError> {
    let text = input::list_file(file)?;
    // Names of columns, no secret.
    let wrong = |_| ApiError::new(ErrorCode::InvalidRequest).with("what", r#"--map: {"columns": ["title", …], "header": true}"#);
    serde_json::from_str(text.expose()).map_err(wrong)
}

/// What would become of a file, as a table.
fn shown(context: &Context, preview: &ImportPreview) -> String {
    let values = [
        ("name", preview.name.clone()),
        ("format", preview.format.clone()),
        ("rows", preview.rows.len().to_string()),
        ("hosts", preview.hosts.len().to_string()),
    ];
    let mut text = format!("{}\n", plain(&sentence(context, "cli.import-summary", &values)));
    text.push_str(&signed(context, preview));
    let standing = |standing: ImportStanding, why: Option<String>| why.unwrap_or_else(|| context.words(&key(standing)));
    if !preview.rows.is_empty() {
        let heading = [
            "cli.import-entry",
            "cli.account",
            "cli.import-becomes",
            "cli.hosts",
            "cli.stage",
            "cli.import-against",
            "cli.import-findings",
        ];
        let row = |entry: &ImportEntry| {
            let why = entry.why.as_ref().map(|why| context.words(&format!("import.refused.{why}")));
            let fields: Vec<String> = entry.fields.iter().map(|field| context.language.field(field)).collect();
            let against = [standing(entry.standing, why), fields.join(", ")].join(" ").trim().to_owned();
            let title = entry.path.iter().chain([&entry.title]).cloned().collect::<Vec<_>>().join("/");
            let (user, name) = (entry.user.clone().unwrap_or_default(), entry.name.clone());
            vec![title, user, name, entry.hosts.join(", "), entry.stage.clone(), against, findings(context, entry)]
        };
        text.push_str(&table(&heading.map(|key| context.words(key)), &preview.rows.iter().map(row).collect::<Vec<_>>()));
    }
    if !preview.hosts.is_empty() {
        let heading = ["cli.host", "cli.address", "cli.account", "cli.stage", "cli.import-against"].map(|key| context.words(key));
        let rows: Vec<_> = preview
            .hosts
            .iter()
            .map(|host| {
                let why = host.why.as_ref().map(|why| context.words(&format!("import.host-refused.{why}")));
                let (address, user) = (format!("{}:{}", host.address, host.port), host.user.clone().unwrap_or_default());
                vec![host.name.clone(), address, user, host.stage.clone(), standing(host.standing, why)]
            })
            .collect();
        text.push_str(&table(&heading, &rows));
    }
    text.push_str(&aside(context, preview));
    text
}

/// Who signed a parcel.
fn signed(context: &Context, preview: &ImportPreview) -> String {
    let Some(signer) = &preview.signer else { return String::new() };
    let values = [
        ("name", signer.name.clone()),
        ("fingerprint", signer.fingerprint.clone()),
        ("time", moment(signer.made_ms)),
        ("readers", signer.readers.join(", ")),
    ];
    let key = if signer.known { "import.signed-known" } else { "import.signed-compared" };
    let older = signer.newer_ms.map(|newer| sentence(context, "import.signed-older", &[("time", moment(newer))]));
    [Some(sentence(context, key, &values)), older].into_iter().flatten().map(|line| format!("{}\n", plain(&line))).collect()
}

fn key(standing: ImportStanding) -> String {
    let name = serde_json::to_value(standing).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    format!("import.standing.{name}")
}

fn findings(context: &Context, entry: &ImportEntry) -> String {
    let said = |finding: &beffroi_api::wire::ImportFinding| {
        sentence(context, &format!("import.finding.{}", finding.key), &[("value", finding.value.to_string())])
    };
    entry.findings.iter().map(said).collect::<Vec<_>>().join(", ")
}

/// What was left out of a file, what should be known of it, and what vanished from it.
fn aside(context: &Context, preview: &ImportPreview) -> String {
    let refused = preview.refused.iter().map(|refused| {
        let why = context.words(&format!("import.refused.{}", refused.why));
        sentence(context, "cli.import-refused", &[("what", refused.what.clone()), ("why", why)])
    });
    let notices = preview.notices.iter().map(|notice| {
        let said = sentence(context, &format!("import.notice.{}", notice.key), &[("what", notice.what.clone())]);
        if notice.what.is_empty() {
            said
        } else {
            sentence(context, "cli.import-notice", &[("what", notice.what.clone()), ("notice", said)])
        }
    });
    let keys =
        (preview.host_keys_left > 0).then(|| sentence(context, "cli.import-keys-left", &[("count", preview.host_keys_left.to_string())]));
    let vanished =
        (!preview.vanished.is_empty()).then(|| sentence(context, "cli.import-vanished", &[("names", preview.vanished.join(", "))]));
    refused.chain(notices).chain(keys).chain(vanished).map(|line| format!("{}\n", plain(&line))).collect()
}

/// Says what was done.
fn told(context: &Context, preview: &ImportPreview, done: &ImportDone) {
    if context.global.quiet || context.global.json {
        return;
    }
    let values = [
        ("added", done.added),
        ("changed", done.changed),
        ("same", done.same + done.kept),
        ("conflicts", done.conflicts),
        ("left", done.left),
        ("refused", done.refused + preview.refused.len() as u64),
        ("hosts", done.hosts_added + done.hosts_changed),
    ];
    confirmed(context, "cli.import-done", &values.map(|(name, value)| (name, value.to_string())));
    talk(&aside(context, preview));
    if done.conflicts > 0 {
        confirmed(context, "cli.import-decide", &[]);
    }
    if !done.unbound.is_empty() {
        confirmed(context, "cli.import-unbound", &[("names", done.unbound.join(", "))]);
    }
}

async fn export(context: &Context, arguments: ExportArguments) -> Ended {
    let mut password = arguments.export_password_file.as_deref().map(input::secret_file).transpose()?;
    if password.is_none() && arguments.recipient.is_empty() && matches!(arguments.format.as_str(), "kdbx" | "bitwarden" | "age") {
        password = Some(context.ask_secret("prompt.export-password", "--export-password-file")?);
    }
    context.open().await?;
    let written = context
        .api
        .secret_export(SecretExport {
            authority: context.authority()?,
            path: input::absolute(&arguments.destination)?,
            format: arguments.format,
            on: arguments.on,
            stage: arguments.stage,
            find: arguments.find,
            password: password.map(Into::into),
            recipients: arguments.recipient,
            force: arguments.force,
        })
        .await?;
    let values = [("secrets", written.secrets.to_string()), ("hosts", written.hosts.to_string()), ("path", written.path.clone())];
    confirmed(context, "cli.exported", &values);
    for left in &written.left {
        let why = context.words(&format!("import.refused.{}", left.why));
        confirmed(context, "cli.import-refused", &[("what", left.what.clone()), ("why", why)]);
    }
    Answer::new(&written, String::new())
}
