//! `host`

use beffroi_api::wire::{
    ActionRequest, HostAccess, HostAdd, HostBansRequest, HostDetail, HostEdit, HostKeyName, HostName, HostRow, HostScan, HostTestRequest,
    HostTrust, Nothing, SurveyRequest, SurveyResults,
};
use beffroi_api::{ApiError, ErrorCode};

use crate::args::HostCommand;
use crate::commands::plan::carry_out;
use crate::commands::{access, hardening, ledger};
use crate::context::Context;
use crate::output::{Answer, Ended, Failure, confirmed, describe_errors, error_text, exit_of, plain, sentence, talk};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: HostCommand) -> Ended {
    context.open().await?;
    match command {
        HostCommand::Add { name, address, access, trust, test } => {
            let HostAccess { port, user, jump, others, stage, tags, identity, password, one_time, sudo, legacy, .. } =
                access::wire(access)?;
            let tags = tags.unwrap_or_default();
            let request =
                HostAdd { name, address, port, user, stage, tags, identity, trust, jump, others, password, one_time, sudo, legacy };
            let row = context.api.host_add(request).await?;
            let address = format!("{}:{}", row.address, row.port);
            confirmed(context, "journal.host-added", &[("name", row.name.clone()), ("address", address)]);
            if test { tested(context, &row.name, false).await } else { Answer::new(&row, String::new()) }
        }
        HostCommand::List => list(context).await,
        HostCommand::Show { host } => {
            let detail = context.api.host_show(HostName { host }).await?;
            described_json(context, &detail, shown(context, &detail))
        }
        HostCommand::Remove { host } => {
            context.api.host_show(HostName { host: host.clone() }).await?;
            context.confirm("prompt.remove-host").await?;
            let done = context.api.host_remove(HostName { host: host.clone() }).await?;
            confirmed(context, "journal.host-removed", &[("name", host)]);
            Answer::new(&done, String::new())
        }
        HostCommand::Edit { host, name, address, access } => {
            let change = HostAccess { address, ..access::wire(access)? };
            let row = context.api.host_edit(HostEdit { host, name, change }).await?;
            confirmed(context, "journal.host-edited", &[("name", row.name.clone())]);
            Answer::new(&row, String::new())
        }
        HostCommand::Test { host, again } => tested(context, &host, again).await,
        HostCommand::Enrol { host, keep_password } => access::enrol(context, host, keep_password).await,
        HostCommand::Distrust { host, fingerprint } => {
            let row = context.api.host_distrust(HostKeyName { host, fingerprint: fingerprint.clone() }).await?;
            confirmed(context, "journal.host-distrusted", &[("name", row.name.clone()), ("fingerprint", fingerprint)]);
            Answer::new(&row, String::new())
        }
        HostCommand::Revoke { host, fingerprint } => {
            let row = context.api.host_revoke(HostKeyName { host, fingerprint: fingerprint.clone() }).await?;
            confirmed(context, "journal.host-key-revoked", &[("name", row.name.clone()), ("fingerprint", fingerprint)]);
            Answer::new(&row, String::new())
        }
        HostCommand::Import(arguments) => crate::commands::secret::import::import(context, *arguments).await,
        HostCommand::ImportKeys { file, on, dry_run } => access::import_keys(context, &file, on, dry_run).await,
        HostCommand::ExportKeys { destination, on, hashed } => access::export_keys(context, &destination, on, hashed).await,
        HostCommand::Trust { host, fingerprint, authority } => {
            let fingerprint = match fingerprint {
                Some(fingerprint) => fingerprint,
                None => accepted(context, &host).await?,
            };
            let row = context.api.host_trust(HostTrust { host, fingerprint: fingerprint.clone(), authority }).await?;
            confirmed(context, "journal.host-trusted", &[("name", row.name.clone()), ("fingerprint", fingerprint)]);
            Answer::new(&row, String::new())
        }
        HostCommand::Diff { host, with, before, noise } => ledger::diff(context, host, with, before, noise).await,
        HostCommand::Ledger { host, ask } => ledger::list(context, host, ask).await,
        HostCommand::Clean { host, older_than } => ledger::clean(context, host, older_than).await,
        HostCommand::Bans { on } => bans(context, on).await,
        HostCommand::Unban { on, address, through } => carry_out(context, on, ActionRequest::Unban { address, through }).await,
        HostCommand::SetClock { on } => carry_out(context, on, ActionRequest::SetClock).await,
        HostCommand::Detach { host } => ledger::detach(context, host).await,
        HostCommand::Hardening { on, refresh } => hardening::show(context, on, refresh).await,
        HostCommand::Survey { on, refresh } => {
            let results = context.api.host_survey(SurveyRequest { on, refresh }).await?;
            let exit = exit_of(results.results.iter().map(|result| (result.status, result.error.as_ref())));
            let text = surveys(context, &results);
            Ok(described_json(context, &results, text)?.exiting(exit))
        }
    }
}

/// An answer whose errors carry their sentences.
pub(crate) fn described_json(context: &Context, data: &impl serde::Serialize, text: String) -> Result<Answer, Failure> {
    let mut answer = Answer::new(data, text)?;
    describe_errors(context.language, &mut answer.data);
    Ok(answer)
}

async fn list(context: &Context) -> Ended {
    let list = context.api.host_list(Nothing {}).await?;
    let heading = ["cli.name", "cli.stage", "cli.address", "cli.role", "cli.version", "cli.tags"].map(|key| context.words(key));
    let row = |host: &HostRow| {
        vec![
            host.name.clone(),
            host.stage.clone(),
            way(host),
            host.role.clone().unwrap_or_default(),
            host.summary.as_ref().map(|summary| summary.version.clone()).unwrap_or_default(),
            host.tags.join(" "),
        ]
    };
    let text = table(&heading, &list.hosts.iter().map(row).collect::<Vec<_>>());
    described_json(context, &list, text)
}

async fn tested(context: &Context, host: &str, again: bool) -> Ended {
    let test = context.api.host_test(HostTestRequest { host: host.to_owned(), again }).await?;
    let text = access::test_text(context, &test);
    Ok(described_json(context, &test, text)?.exiting(access::exit_of_test(&test)))
}

/// The key that the host shows now, once a person said that it is the right one.
async fn accepted(context: &Context, host: &str) -> Result<String, ApiError> {
    let row = context.api.host_show(HostName { host: host.to_owned() }).await?.host;
    let key = context.api.host_scan(HostScan { address: row.address.clone(), port: Some(row.port), jump: row.jump.clone() }).await?;
    if !context.can_ask() {
        let unknown = ApiError::new(ErrorCode::HostKeyUnknown).on(host).with("host", host);
        let address = format!("{}:{}", row.address, row.port);
        return Err(unknown.with("address", address).with("fingerprint", key.fingerprint).with("algorithm", key.algorithm));
    }
    talk(&format!("{} {}\n", key.algorithm, key.fingerprint));
    context.confirm("prompt.trust").await?;
    Ok(key.fingerprint)
}

fn surveys(context: &Context, results: &SurveyResults) -> String {
    let mut text = String::new();
    for result in &results.results {
        let Some(survey) = &result.survey else {
            text.extend(result.error.as_ref().map(|error| error_text(context.language, error)));
            continue;
        };
        text.push_str(&format!("{} ({} ms)\n", result.host, survey.took_ms));
        let facts = facts(context, survey);
        text.extend(pairs(&facts).lines().map(|line| format!("  {line}\n")));
    }
    text
}

fn shown(context: &Context, detail: &HostDetail) -> String {
    let host = &detail.host;
    let mut rows = vec![
        (context.words("cli.name"), host.name.clone()),
        (context.words("cli.stage"), host.stage.clone()),
        (context.words("cli.address"), way(host)),
        (context.words("cli.identity"), host.identity.clone().unwrap_or_default()),
        (context.words("cli.tags"), host.tags.join(" ")),
    ];
    rows.extend(access::rows(context, detail));
    rows.extend(detail.survey.iter().flat_map(|survey| facts(context, survey)));
    let mut text = pairs(&rows);
    text.extend(host.trouble.as_ref().map(|error| error_text(context.language, error)));
    for message in host.summary.iter().flat_map(|summary| &summary.attention) {
        text.push_str(&format!("! {}\n", plain(&context.say(message))));
    }
    text
}

fn facts(context: &Context, survey: &beffroi_api::wire::HostSurvey) -> Vec<(String, String)> {
    let system = &survey.system;
    let gib = |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), |bytes| format!("{:.1}", bytes as f64 / f64::from(1 << 30)));
    let mut facts = vec![
        (context.words("cli.system"), format!("{}, {} {}", system.os, system.kernel, system.architecture)),
        (context.words("cli.memory"), format!("{} / {} GiB", gib(system.memory_available), gib(system.memory_total))),
        (context.words("cli.disk"), format!("{} / {} GiB", gib(system.disk_used), gib(system.disk_total))),
    ];
    if let Some(yunohost) = &survey.yunohost {
        let count = |list: Option<usize>| list.map_or_else(|| "?".to_owned(), |count| count.to_string());
        let counts = [
            ("apps", count(yunohost.apps.as_ref().map(Vec::len))),
            ("people", count(yunohost.users.as_ref().map(Vec::len))),
            ("domains", count(yunohost.domains.as_ref().map(Vec::len))),
        ];
        facts.push(("YunoHost".to_owned(), yunohost.version.clone().unwrap_or_default()));
        facts.push((context.words("cli.contents"), sentence(context, "cli.counts", &counts)));
    }
    facts
}

async fn bans(context: &Context, on: String) -> Ended {
    let bans = context.api.host_bans(HostBansRequest { on }).await?;
    let heading = ["cli.host", "cli.jail", "cli.address"].map(|key| context.words(key));
    let mut rows = Vec::new();
    for result in &bans.results {
        for jail in result.jails.iter().flatten() {
            rows.extend(jail.banned.iter().map(|address| vec![result.host.clone(), jail.name.clone(), address.clone()]));
        }
    }
    let mut text = table(&heading, &rows);
    for error in bans.results.iter().filter_map(|result| result.error.as_ref()) {
        text.push_str(&error_text(context.language, error));
    }
    let exit = exit_of(bans.results.iter().map(|result| (result.status, result.error.as_ref())));
    Ok(described_json(context, &bans, text)?.exiting(exit))
}

/// How a host is reached: `USER@ADDRESS:PORT`, of a guest `USER@NAME (DRIVER)`.
fn way(host: &HostRow) -> String {
    match &host.guest {
        Some(guest) => format!("{}@{} ({})", host.user, guest.name, guest.driver),
        None => format!("{}@{}:{}", host.user, host.address, host.port),
    }
}
