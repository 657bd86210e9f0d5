//! `person`

use std::path::PathBuf;

use beffroi_api::messages::Language;
use beffroi_api::wire::{
    DriftRequest, DriftView, HostStatus, ImportFault, ImportRow, MatrixHost, MatrixReason, MatrixRequest, Nothing, OffboardReport,
    PersonAccount, PersonAction, PersonCard, PersonChange, PersonExport, PersonImport, PersonImportView, PersonLink, PersonName,
    PersonPlan, PersonReport, PersonReportCheck, PersonReportRequest, PersonView, PlanRun, PlanView, SurveyRequest,
};
use beffroi_api::{ApiError, ErrorCode};
use serde_json::json;

use crate::args::{CardArguments, PersonCommand};
use crate::commands::plan::{carry_out_made, outcome, results_of};
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, error_text, exit_of, plain, sentence, talk};
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
        PersonCommand::Unlink { person, on, login } => {
            let view = context.api.person_unlink(PersonLink { name: person, on, login }).await?;
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
            Answer::new(&made, in_words(context.language, &made.report))
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

pub(crate) async fn change_one(context: &Context, person: String, on: String, change: PersonAction) -> Ended {
    let plan = context.api.person_plan(PersonPlan { changes: vec![PersonChange { person, on, change }] }).await?;
    carried_out(context, plan).await
}

/// Carries a plan out, and reads its hosts: what is told of people afterwards is as it is now.
async fn carried_out(context: &Context, plan: PlanView) -> Ended {
    let hosts: Vec<String> = plan.hosts.iter().map(|host| host.host.clone()).collect();
    let ended = carry_out_made(context, plan).await;
    if !context.global.plan {
        read_anew(context, &hosts).await;
    }
    ended
}

/// Reads hosts. One that cannot be read now is read another time.
async fn read_anew(context: &Context, hosts: &[String]) {
    if !hosts.is_empty() {
        drop(context.api.host_survey(SurveyRequest { on: hosts.join(" or "), refresh: true }).await);
    }
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
    let import = context.api.person_import(PersonImport { text: text.into(), on, update }).await?;
    if !import.faults.is_empty() {
        let exit = ErrorCode::InvalidRequest.exit_status();
        return Ok(Answer::new(&import, faults(context, &import.faults))?.exiting(exit));
    }
    let told = effects(context, &import);
    let Some(plan) = import.plan else {
        return Answer::new(&import, told);
    };
    if !context.global.json && !context.global.quiet {
        talk(&told);
    }
    carried_out(context, plan).await
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
            let what =
                if effect.columns.is_empty() { what } else { format!("{what}{}{}", context.language.colon(), effect.columns.join(", ")) };
            vec![row.line.to_string(), row.login.clone(), row.fullname.clone(), effect.host.clone(), what]
        };
        row.effects.iter().map(of_host).collect::<Vec<_>>()
    };
    table(&heading, &import.rows.iter().flat_map(rows).collect::<Vec<_>>())
}

async fn offboard(context: &Context, person: String, on: String, purge: bool, report: Option<PathBuf>) -> Ended {
    let path = report.map(|report| new_file(&report)).transpose()?;
    let change = PersonChange { person: person.clone(), on, change: PersonAction::Offboard { purge } };
    let plan = context.api.person_plan(PersonPlan { changes: vec![change] }).await?;
    if context.global.plan {
        return carry_out_made(context, plan).await;
    }
    let hosts: Vec<String> = plan.hosts.iter().map(|host| host.host.clone()).collect();
    let id = plan.id.clone();
    let mut results = results_of(context, plan).await?;
    if hosts.is_empty() {
        // That they are to leave, and why nothing could be done yet, is noted as well.
        context.confirm("prompt.run-plan").await?;
        context.api.plan_run(PlanRun { plan: id, typed: None, pilot: None }).await?;
    }
    results.sort_by(|one, other| one.host.cmp(&other.host));
    read_anew(context, &hosts).await;
    let exit = exit_of(results.iter().map(|result| (result.status, result.error.as_ref())));
    let told: String =
        results.iter().filter(|result| result.status != HostStatus::Changed).map(|result| outcome(context, result)).collect();
    if !context.global.json && !told.is_empty() {
        talk(&told);
    }
    let (made, failed) = written_down(context, person, path).await?;
    let mut data = json!({ "results": results, "report": made });
    let mut exit = exit;
    if let Some(error) = failed {
        talk(&error_text(context.language, &error));
        exit = exit.max(error.code.exit_status());
        data["report_error"] = json!(error);
    }
    Ok(Answer::new(&data, in_words(context.language, &made.report))?.exiting(exit))
}

/// The report of what was done. Where it cannot be written to its file any more it is told all the same, and why.
async fn written_down(context: &Context, name: String, path: Option<String>) -> Result<(PersonReport, Option<ApiError>), ApiError> {
    let ask = |path| PersonReportRequest { name: name.clone(), path };
    if path.is_none() {
        return Ok((context.api.person_report(ask(None)).await?, None));
    }
    match context.api.person_report(ask(path)).await {
        Ok(made) => Ok((made, None)),
        Err(error) => Ok((context.api.person_report(ask(None)).await?, Some(error))),
    }
}

/// A file that is to be made later. That it cannot be is said before anything is done.
fn new_file(path: &std::path::Path) -> Result<String, ApiError> {
    let path = input::absolute(path)?;
    let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&path).and_then(|_| std::fs::remove_file(&path));
    made.map_err(|error| ApiError::new(ErrorCode::LocalFile).with("path", &path).with("reason", error))?;
    Ok(path)
}

/// What a report says. It may be anybody's, and is made harmless.
fn in_words(language: Language, report: &OffboardReport) -> String {
    match language {
        Language::English => plain(&report.text_en),
        Language::French => plain(&report.text_fr),
    }
}

async fn verify(context: &Context, file: &std::path::Path, signer: Option<String>) -> Ended {
    let checked = context.api.person_report_check(PersonReportCheck { path: input::absolute(file)?, signer }).await?;
    let by = sentence(context, "cli.signed-by", &[("signer", plain(&checked.signer))]);
    Answer::new(&checked, format!("{by}\n\n{}", in_words(context.language, &checked.report)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_drives_no_terminal() {
        let report = json!({
            "person": "ada", "fullname": "Ada", "planned_ms": 1, "made_ms": 2, "purge": false, "accounts": [], "not_linked": [],
            "shared": [], "sealed": 0, "remains": [], "journal_entry": 1, "journal_head": "",
            "text_en": "removed\n\u{1b}[2J\u{1b}]0;owned\u{7}", "text_fr": "supprim\u{e9}\u{202e}",
        });
        let report: OffboardReport = serde_json::from_value(report).expect("a report");
        let shown = [Language::English, Language::French].map(|language| in_words(language, &report));
        assert!(shown[0].starts_with("removed\n<ESC>[2J") && shown[1].starts_with("supprimé<"), "{shown:?}");
        assert!(shown.iter().all(|text| !text.contains(['\u{1b}', '\u{7}', '\u{202e}'])), "{shown:?}");
    }
}
