//! `person`

use std::path::PathBuf;

use beffroi_api::ErrorCode;
use beffroi_api::wire::{
    DriftRequest, DriftView, HostStatus, ImportFault, ImportRow, MatrixHost, MatrixReason, MatrixRequest, Nothing, OffboardReport,
    PersonAccount, PersonAction, PersonCard, PersonChange, PersonExport, PersonImport, PersonImportView, PersonLink, PersonName,
    PersonPlan, PersonReportCheck, PersonReportRequest, PersonView, PlanView, SurveyRequest,
};
use serde_json::json;

use crate::args::{CardArguments, PersonCommand};
use crate::commands::plan::{carry_out_made, failed_results, outcome};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, exit_of, sentence, talk};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: PersonCommand) -> Ended {
    if let PersonCommand::Report { verify: Some(file), signer, .. } = command {
        return verify(context, &file, signer).await;
    }
    context.open().await?;
    match command {
        PersonCommand::List => list(context).await,
        PersonCommand::Show { person } => {
            let view = context.api.person_show(PersonName { name: person }).await?;
            Answer::new(&view, shown(context, &view))
        }
        PersonCommand::Add { person, card, on, domain, mailbox_quota, groups } => {
            let add = |fullname, login| PersonAction::Add { fullname, login, domain, mailbox_quota, groups };
            add_person(context, person, card, on, add).await
        }
        PersonCommand::Edit { person, card } => {
            let view = context.api.person_edit(of(person, card)).await?;
            confirmed(context, "journal.person-changed", &[("name", view.name.clone())]);
            Answer::new(&view, String::new())
        }
        PersonCommand::Remove { person } => {
            context.confirm("prompt.remove-person").await?;
            let done = context.api.person_remove(PersonName { name: person.clone() }).await?;
            confirmed(context, "journal.person-removed", &[("name", person)]);
            Answer::new(&done, String::new())
        }
        PersonCommand::Link { person, on, login } => {
            // An account is linked as the host has it now.
            context.api.host_survey(SurveyRequest { on: on.clone(), refresh: false }).await?;
            let view = context.api.person_link(PersonLink { name: person, on, login }).await?;
            Answer::new(&view, shown(context, &view))
        }
        PersonCommand::Unlink { person, on } => {
            let view = context.api.person_unlink(PersonLink { name: person, on, login: None }).await?;
            Answer::new(&view, shown(context, &view))
        }
        PersonCommand::Accept { person, on } => {
            let done = context.api.person_accept(PersonLink { name: person.clone(), on, login: None }).await?;
            confirmed(context, "journal.person-accepted", &[("name", person)]);
            Answer::new(&done, String::new())
        }
        PersonCommand::Matrix { on, person, csv, refresh } => matrix(context, on, person, csv, refresh).await,
        PersonCommand::Grant(rights) => {
            let change = match rights.groups {
                groups if groups.is_empty() => PersonAction::Grant { permissions: rights.permissions },
                groups => PersonAction::Join { groups },
            };
            change_one(context, rights.person, rights.on, change).await
        }
        PersonCommand::Revoke(rights) => {
            let change = match rights.groups {
                groups if groups.is_empty() => PersonAction::Revoke { permissions: rights.permissions },
                groups => PersonAction::Leave { groups },
            };
            change_one(context, rights.person, rights.on, change).await
        }
        PersonCommand::AddKey(key) => change_one(context, key.person, key.on, PersonAction::AddKey { key: key.key }).await,
        PersonCommand::RemoveKey(key) => change_one(context, key.person, key.on, PersonAction::RemoveKey { key: key.key }).await,
        PersonCommand::Rotate { person, on } => change_one(context, person, on, PersonAction::Rotate {}).await,
        PersonCommand::Import { file, on, update } => import(context, &file, on, update).await,
        PersonCommand::Export { what, on, out } => {
            let path = out.map(|out| input::absolute(&out)).transpose()?;
            let written = context.api.person_export(PersonExport { what, on, path }).await?;
            let text = if written.path.is_some() { String::new() } else { written.text.clone() };
            Answer::new(&written, text)
        }
        PersonCommand::Offboard { person, on, purge, report } => offboard(context, person, on, purge, report).await,
        PersonCommand::Report { person, out, .. } => {
            let path = out.map(|out| input::absolute(&out)).transpose()?;
            let made = context.api.person_report(PersonReportRequest { name: person.unwrap_or_default(), path }).await?;
            Answer::new(&made, in_words(context, &made.report))
        }
        PersonCommand::Drift { on, refresh } => drift(context, on, refresh).await,
    }
}

fn of(name: String, card: CardArguments) -> PersonCard {
    let CardArguments { fullname, login, mail, notes } = card;
    PersonCard { name, fullname, login, mail, notes }
}

async fn list(context: &Context) -> Ended {
    let list = context.api.person_list(Nothing {}).await?;
    let heading = ["cli.name", "cli.login", "cli.fullname", "cli.hosts", "cli.left"].map(|key| context.words(key));
    let row = |person: &PersonView| {
        let there = person.accounts.iter().filter(|account| account.standing == "linked").map(|account| account.host.as_str());
        let hosts = there.collect::<Vec<_>>().join(" ");
        let left = person.left_ms.map(day).unwrap_or_default();
        vec![person.name.clone(), person.login.clone(), person.fullname.clone(), hosts, left]
    };
    Answer::new(&list, table(&heading, &list.people.iter().map(row).collect::<Vec<_>>()))
}

fn shown(context: &Context, person: &PersonView) -> String {
    let card = [
        ("cli.name", person.name.clone()),
        ("cli.login", person.login.clone()),
        ("cli.fullname", person.fullname.clone()),
        ("cli.mail", person.mail.clone()),
        ("cli.notes", person.notes.clone()),
        ("cli.left", person.left_ms.map(day).unwrap_or_default()),
    ];
    let card: Vec<(String, String)> =
        card.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (context.words(key), value)).collect();
    let heading = ["cli.host", "cli.login", "cli.state", "cli.groups", "cli.permissions", "cli.secret"].map(|key| context.words(key));
    let row = |account: &PersonAccount| {
        let (groups, permissions) =
            account.seen.as_ref().map(|seen| (seen.groups.join(" "), seen.permissions.join(" "))).unwrap_or_default();
        let standing = context.words(&format!("standing.{}", account.standing));
        vec![account.host.clone(), account.login.clone(), standing, groups, permissions, account.secret.clone().unwrap_or_default()]
    };
    let rows: Vec<_> = person.accounts.iter().map(row).collect();
    let mut text = pairs(&card);
    if !rows.is_empty() {
        text.push_str(&format!("\n{}", table(&heading, &rows)));
    }
    if person.sealed > 0 {
        text.push_str(&format!("{}\n", sentence(context, "cli.people-sealed", &[("count", person.sealed.to_string())])));
    }
    text
}

async fn add_person(
    context: &Context,
    name: String,
    card: CardArguments,
    on: Option<String>,
    add: impl FnOnce(Option<String>, Option<String>) -> PersonAction,
) -> Ended {
    let (fullname, login) = (card.fullname.clone(), card.login.clone());
    let Some(on) = on else {
        let view = context.api.person_add(of(name, card)).await?;
        confirmed(context, "journal.person-added", &[("name", view.name.clone())]);
        return Answer::new(&view, String::new());
    };
    let known = context.api.person_show(PersonName { name: name.clone() }).await;
    match known {
        // Somebody who has a card gets accounts on more hosts.
        Ok(_) => {}
        Err(error) if error.code == ErrorCode::PersonNotFound && context.global.plan => {}
        Err(error) if error.code == ErrorCode::PersonNotFound => drop(context.api.person_add(of(name.clone(), card)).await?),
        Err(error) => return Err(error.into()),
    }
    change_one(context, name, on, add(fullname, login)).await
}

async fn change_one(context: &Context, person: String, on: String, change: PersonAction) -> Ended {
    let plan = context.api.person_plan(PersonPlan { changes: vec![PersonChange { person, on, change }] }).await?;
    carried_out(context, plan).await
}

/// Carries a plan out, and reads its hosts: what is told of people afterwards is as it is now.
async fn carried_out(context: &Context, plan: PlanView) -> Ended {
    let hosts: Vec<String> = plan.hosts.iter().map(|host| host.host.clone()).collect();
    let ended = carry_out_made(context, plan).await;
    if !context.global.plan && !hosts.is_empty() {
        // A host that cannot be read now is read another time.
        drop(context.api.host_survey(SurveyRequest { on: hosts.join(" or "), refresh: true }).await);
    }
    ended
}

async fn matrix(context: &Context, on: String, person: Option<String>, csv: bool, refresh: bool) -> Ended {
    context.api.host_survey(SurveyRequest { on: on.clone(), refresh }).await?;
    if csv && person.is_none() {
        let written = context.api.person_export(PersonExport { what: "matrix".to_owned(), on, path: None }).await?;
        return Answer::new(&written, written.text.clone());
    }
    let matrix = context.api.person_matrix(MatrixRequest { on, person }).await?;
    let heading = ["cli.host", "cli.login", "cli.name", "cli.permission", "cli.why"].map(|key| context.words(key));
    let rows: Vec<Vec<String>> = matrix.hosts.iter().flat_map(|host| matrix_rows(context, host)).collect();
    Answer::new(&matrix, table(&heading, &rows))
}

fn matrix_rows(context: &Context, host: &MatrixHost) -> Vec<Vec<String>> {
    let why = |reason: &MatrixReason| match reason {
        MatrixReason::Visitors => context.words("why.visitors"),
        MatrixReason::AllUsers => context.words("why.all-users"),
        MatrixReason::Group { name } => sentence(context, "why.group", &[("group", name.clone())]),
        MatrixReason::Direct => context.words("why.direct"),
    };
    let rows = host.accounts.iter().flat_map(|account| account.access.iter().map(move |access| (account, access)));
    rows.map(|(account, access)| {
        let person = account.person.clone().unwrap_or_default();
        let why = access.why.iter().map(why).collect::<Vec<_>>().join(", ");
        vec![host.host.clone(), account.login.clone(), person, access.permission.clone(), why]
    })
    .collect()
}

async fn import(context: &Context, file: &std::path::Path, on: String, update: bool) -> Ended {
    context.api.host_survey(SurveyRequest { on: on.clone(), refresh: false }).await?;
    let text = input::list_file(file)?;
    let ask = |text: beffroi_secret::SecretText| PersonImport { text: text.into(), on: on.clone(), update };
    let import = context.api.person_import(ask(text.duplicate())).await?;
    if !import.faults.is_empty() {
        let exit = ErrorCode::InvalidRequest.exit_status();
        return Ok(Answer::new(&import, faults(context, &import.faults))?.exiting(exit));
    }
    let told = effects(context, &import);
    let again = import.again;
    let Some(plan) = import.plan else {
        return Answer::new(&import, told);
    };
    if !context.global.json && !context.global.quiet {
        talk(&told);
    }
    let ended = carried_out(context, plan).await;
    if context.global.plan || !again || ended.is_err() {
        return ended;
    }
    // Addresses are set on accounts that are there: those that were just made.
    let addresses = PersonImport { text: text.into(), on: on.clone(), update: true };
    match context.api.person_import(addresses).await?.plan {
        Some(plan) => carried_out(context, plan).await,
        None => ended,
    }
}

fn faults(context: &Context, faults: &[ImportFault]) -> String {
    let heading = ["cli.line", "cli.column", "cli.what"].map(|key| context.words(key));
    let row = |fault: &ImportFault| vec![fault.line.to_string(), fault.column.clone(), context.words(&format!("import.{}", fault.what))];
    table(&heading, &faults.iter().map(row).collect::<Vec<_>>())
}

fn effects(context: &Context, import: &PersonImportView) -> String {
    let heading = ["cli.line", "cli.login", "cli.fullname", "cli.host", "cli.what"].map(|key| context.words(key));
    let rows = |row: &ImportRow| {
        let of_host = |effect: &beffroi_api::wire::ImportEffect| {
            let what = context.words(&format!("effect.{}", effect.effect));
            let what = if effect.columns.is_empty() { what } else { format!("{what}: {}", effect.columns.join(", ")) };
            vec![row.line.to_string(), row.login.clone(), row.fullname.clone(), effect.host.clone(), what]
        };
        row.effects.iter().map(of_host).collect::<Vec<_>>()
    };
    table(&heading, &import.rows.iter().flat_map(rows).collect::<Vec<_>>())
}

async fn offboard(context: &Context, person: String, on: String, purge: bool, report: Option<PathBuf>) -> Ended {
    let path = report.map(|report| input::absolute(&report)).transpose()?;
    let change = PersonChange { person: person.clone(), on, change: PersonAction::Offboard { purge } };
    let plan = context.api.person_plan(PersonPlan { changes: vec![change] }).await?;
    if context.global.plan {
        return carry_out_made(context, plan).await;
    }
    let refused = plan.refused.clone();
    let hosts: Vec<String> = plan.hosts.iter().map(|host| host.host.clone()).collect();
    let mut results =
        if plan.hosts.is_empty() { failed_results(&refused) } else { crate::commands::plan::results_of(context, plan).await? };
    results.sort_by(|one, other| one.host.cmp(&other.host));
    drop(context.api.host_survey(SurveyRequest { on: hosts.join(" or "), refresh: true }).await);
    let made = context.api.person_report(PersonReportRequest { name: person, path }).await?;
    let exit = exit_of(results.iter().map(|result| (result.status, result.error.as_ref())));
    let told: String =
        results.iter().filter(|result| result.status != HostStatus::Changed).map(|result| outcome(context, result)).collect();
    if !context.global.json && !told.is_empty() {
        talk(&told);
    }
    let data = json!({ "results": results, "report": made });
    Ok(Answer::new(&data, in_words(context, &made.report))?.exiting(exit))
}

fn in_words(context: &Context, report: &OffboardReport) -> String {
    match context.language {
        beffroi_api::messages::Language::English => report.text_en.clone(),
        beffroi_api::messages::Language::French => report.text_fr.clone(),
    }
}

async fn verify(context: &Context, file: &std::path::Path, signer: Option<String>) -> Ended {
    let checked = context.api.person_report_check(PersonReportCheck { path: input::absolute(file)?, signer }).await?;
    let by = sentence(context, "cli.signed-by", &[("signer", checked.signer.clone())]);
    Answer::new(&checked, format!("{by}\n\n{}", in_words(context, &checked.report)))
}

async fn drift(context: &Context, on: String, refresh: bool) -> Ended {
    context.api.host_survey(SurveyRequest { on: on.clone(), refresh }).await?;
    let drift = context.api.person_drift(DriftRequest { on }).await?;
    let heading = ["cli.host", "cli.login", "cli.name", "cli.what"].map(|key| context.words(key));
    let row = |drift: &DriftView| {
        let what = sentence(context, &format!("drift.{}", drift.kind), &[("what", drift.what.clone())]);
        vec![drift.host.clone(), drift.login.clone(), drift.person.clone().unwrap_or_default(), what]
    };
    if drift.drift.is_empty() {
        return Answer::new(&drift, format!("{}\n", context.words("cli.no-drift")));
    }
    Answer::new(&drift, table(&heading, &drift.drift.iter().map(row).collect::<Vec<_>>()))
}

/// UTC: the same on every machine.
fn day(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}
