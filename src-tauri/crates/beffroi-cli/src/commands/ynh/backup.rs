//! `ynh backup …`

use std::collections::BTreeMap;

use beffroi_api::wire::{
    ActionRequest, Backup, BackupBrought, BackupCheck, BackupCollect, BackupContent, BackupCreate, BackupFate, BackupKeep, BackupList,
    BackupListed, BackupName, BackupPrune, BackupPruned, BackupPull, BackupPush, BackupRehearsal, BackupRehearse, BackupRestore,
    BackupSchedule, BackupVerify, CopyName, HostArchive, HostBackups, HostStatus, YnhValue,
};
use beffroi_api::{ApiError, ErrorCode};
use beffroi_remote::Transfer;
use indicatif::ProgressBar;
use serde_json::json;

use crate::LAST_WORK;
use crate::args::{BackupForms, BackupMake, Keep, What};
use crate::commands::copy::{bar, tell};
use crate::commands::host::described_json;
use crate::commands::plan::{carry_out, carry_out_made};
use crate::commands::run::typing;
use crate::context::Context;
use crate::input;
use crate::output::{Answer, Ended, confirmed, error_text, exit_of, plain, sentence};
use crate::table::table;

pub(crate) async fn run(context: &Context, command: BackupForms) -> Ended {
    match command {
        BackupForms::List { on } => list(context, on).await,
        BackupForms::Info { archive, on: None } => {
            context.open().await?;
            let backup = context.api.backup_show(BackupName { archive }).await?;
            let text = about(context, &backup);
            Answer::new(&backup, text)
        }
        BackupForms::Info { archive, on: Some(on) } => info_of_host(context, archive, on).await,
        BackupForms::Create(make) => create(context, make).await,
        BackupForms::Pull { host, name, destination } => {
            context.open().await?;
            let request = BackupPull { host, name, to: input::absolute(&destination)?, called: called() };
            let bar = bar(context);
            let mut progress = |at| tell(&bar, &at);
            brought(context, &bar, unless_interrupted(context, context.backup_pull(request, &mut progress)).await)
        }
        BackupForms::Verify { what } => verify(context, what).await,
        BackupForms::Push { archive, host } => push(context, archive, host).await,
        BackupForms::Restore { archive, on, apps, there } => restore(context, archive, on, apps, there).await,
        BackupForms::Prune { keep, host, on } => prune(context, &keep, host, on).await,
        BackupForms::Schedule { on, at, off: _, what, keep } => schedule(context, on, at, what, &keep).await,
        BackupForms::Collect { on, to } => collect(context, on, &to).await,
        BackupForms::Rehearse { archive, on } => rehearse(context, archive, on).await,
    }
}

/// Tells this work's progress from that of others, where another process does it.
fn called() -> Option<String> {
    Some(format!("cli-{}", std::process::id()))
}

/// Work that is cancelled when the program is interrupted, also where another process does it.
async fn unless_interrupted<T>(context: &Context, working: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
    tokio::pin!(working);
    tokio::select! {
        done = &mut working => return done,
        _ = tokio::signal::ctrl_c() => {}
    }
    context.api.copy_cancel(CopyName { name: called().unwrap_or_default() }).await?;
    match tokio::time::timeout(LAST_WORK, working).await {
        Ok(Ok(done)) => Ok(done),
        _ => Err(ApiError::new(ErrorCode::Interrupted)),
    }
}

async fn list(context: &Context, on: Option<String>) -> Ended {
    context.open().await?;
    let listed = context.api.backup_list(BackupList { on }).await?;
    let mut text = String::new();
    for host in &listed.hosts {
        text.push_str(&of_host(context, host));
    }
    if !listed.hosts.is_empty() {
        text.push_str(&format!("== {} ==\n", context.words("cli.backup-here")));
    }
    text.push_str(&kept(context, &listed));
    let ends = listed.hosts.iter().map(|host| (host.error.as_ref().map_or(HostStatus::Ok, HostStatus::of), host.error.as_ref()));
    let exit = exit_of(ends);
    Ok(described_json(context, &json!(listed), text)?.exiting(exit))
}

fn heading(context: &Context, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| context.words(key)).collect()
}

fn of_host(context: &Context, host: &HostBackups) -> String {
    let mut text = format!("== {} ==\n", host.host);
    if let Some(error) = &host.error {
        return text + &error_text(context.language, error);
    }
    let keys = ["cli.name", "cli.backup-made", "cli.backup-age", "cli.bytes", "cli.contents", "cli.backup-here"];
    let row = |archive: &HostArchive| {
        let here = archive.kept.as_deref().map(ending).unwrap_or_default();
        let cells =
            vec![archive.name.clone(), input::moment(archive.made_s * 1000), age(context, Some(archive.made_s)), archive.bytes.to_string()];
        [cells, vec![holds(archive.holds.as_ref()), here]].concat()
    };
    text.push_str(&table(&heading(context, &keys), &host.archives.iter().map(row).collect::<Vec<_>>()));
    if let Some(times) = &host.schedule {
        let next = times.next_s.map(|next| input::moment(next * 1000)).unwrap_or_default();
        text.push_str(&sentence(context, "cli.backup-times", &[("calendar", plain(&times.calendar)), ("next", next)]));
        text.push('\n');
        let key = match (times.last_began_s, times.last_ended_s, times.last_good) {
            (None, ..) => "cli.backup-times-none",
            (Some(_), None, _) => "cli.backup-times-cut",
            (Some(_), Some(_), true) => "cli.backup-times-good",
            (Some(_), Some(_), false) => "cli.backup-times-failed",
        };
        let began = times.last_began_s.map(|began| input::moment(began * 1000)).unwrap_or_default();
        let name = times.last_name.clone().unwrap_or_default();
        text.push_str(&sentence(context, key, &[("moment", began), ("name", plain(&name)), ("lacks", plain(&times.lacks.join(", ")))]));
        text.push('\n');
    }
    text
}

fn kept(context: &Context, listed: &BackupListed) -> String {
    let keys = ["cli.id", "cli.host", "cli.name", "cli.backup-age", "cli.bytes", "cli.contents", "cli.backup-checked", "cli.path"];
    let row = |backup: &Backup| {
        let checked = match (backup.good, backup.verified_ms) {
            (false, _) => context.words("cli.backup-bad"),
            (true, Some(at)) => input::moment(at),
            (true, None) => context.words("cli.backup-never"),
        };
        let content =
            [holds(backup.holds.as_ref()), lacks(context, backup).map_or_else(String::new, |lacks| format!(" ! {lacks}"))].concat();
        let place =
            if backup.here { backup.folder.clone() } else { sentence(context, "cli.backup-away", &[("path", backup.folder.clone())]) };
        let cells =
            vec![ending(&backup.id), backup.host.clone(), backup.name.clone(), age(context, backup.made_s), backup.bytes.to_string()];
        [cells, vec![content, checked, place]].concat()
    };
    let mut text = table(&heading(context, &keys), &listed.kept.iter().map(row).collect::<Vec<_>>());
    if listed.sealed > 0 {
        text.push_str(&format!("{}\n", sentence(context, "cli.backup-sealed", &[("count", listed.sealed.to_string())])));
    }
    text
}

/// What is enough of an id to name it.
fn ending(id: &str) -> String {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned()
}

fn age(context: &Context, made_s: Option<u64>) -> String {
    let Some(made) = made_s else { return String::new() };
    let hours = (input::now_ms() / 1000).saturating_sub(made) / 3600;
    let (key, count) = if hours < 48 { ("cli.backup-hours", hours) } else { ("cli.backup-days", hours / 24) };
    sentence(context, key, &[("count", count.to_string())])
}

fn holds(content: Option<&BackupContent>) -> String {
    content.map_or_else(String::new, |content| {
        let apps = content.apps.iter().map(|app| app.id.as_str());
        apps.chain(content.system.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    })
}

/// What was to be in it and is not.
fn lacks(context: &Context, backup: &Backup) -> Option<String> {
    let missing = || plain(&backup.lacks.join(", "));
    (!backup.lacks.is_empty()).then(|| sentence(context, "cli.backup-lacks", &[("missing", missing())]))
}

fn about(context: &Context, backup: &Backup) -> String {
    let row = |key: &str, value: String| vec![context.words(key), value];
    let mut rows = vec![
        row("cli.id", backup.id.clone()),
        row("cli.host", backup.host.clone()),
        row("cli.name", backup.name.clone()),
        row("cli.stage", backup.stage.clone()),
        row("cli.backup-made", backup.made_s.map(|made| input::moment(made * 1000)).unwrap_or_default()),
        row("cli.bytes", backup.bytes.to_string()),
        row("cli.path", backup.folder.clone()),
        vec!["SHA-256".to_owned(), backup.sha256.clone().unwrap_or_default()],
        row("cli.backup-checked", backup.verified_ms.map_or_else(|| context.words("cli.backup-never"), input::moment)),
    ];
    rows.extend(lacks(context, backup).map(|lacks| row("cli.contents", format!("! {lacks}"))));
    if let Some(content) = &backup.holds {
        rows.push(vec!["YunoHost".to_owned(), content.yunohost.clone().unwrap_or_default()]);
        rows.push(row("cli.description", content.description.clone()));
        rows.extend(content.apps.iter().map(|app| row("cli.contents", format!("{} {} ({})", app.id, app.version, app.bytes.unwrap_or(0)))));
        rows.extend(content.system.iter().map(|part| row("cli.contents", part.clone())));
    }
    table(&[context.words("cli.what"), context.words("cli.value")], &rows)
}

async fn info_of_host(context: &Context, archive: String, on: String) -> Ended {
    context.open().await?;
    let listed = context.api.backup_list(BackupList { on: Some(on.clone()) }).await?;
    let host = listed.hosts.into_iter().next();
    if let Some(error) = host.as_ref().and_then(|host| host.error.clone()) {
        return Err(error.into());
    }
    let found = host.and_then(|host| host.archives.into_iter().find(|one| one.name == archive));
    let Some(found) = found else { return Err(ApiError::new(ErrorCode::BackupNotFound).with("name", archive).on(&on).into()) };
    let mut text = format!("{}  {}  {}\n", found.name, input::moment(found.made_s * 1000), found.bytes);
    for app in found.holds.iter().flat_map(|content| &content.apps) {
        text.push_str(&format!("{} {}\n", plain(&app.id), plain(&app.version)));
    }
    Answer::new(&found, text)
}

fn chosen(every: bool, some: Vec<String>) -> Option<Vec<String>> {
    if every { Some(Vec::new()) } else { Some(some).filter(|some| !some.is_empty()) }
}

async fn create(context: &Context, make: BackupMake) -> Ended {
    let BackupMake { name, description, what, on, to } = make;
    let Some(to) = to else {
        return carry_out(context, on, ActionRequest::Ynh { operation: "backup-create".to_owned(), given: given(name, description, what) })
            .await;
    };
    context.open().await?;
    let request = BackupCreate {
        host: on,
        to: input::absolute(&to)?,
        name,
        description: description.unwrap_or_default(),
        apps: chosen(what.every_app, what.apps),
        system: chosen(what.every_part, what.system),
        typed: None,
        called: called(),
    };
    let bar = bar(context);
    let ask = async |typed| context.backup_create(BackupCreate { typed, ..request.clone() }, &mut |at| tell(&bar, &at)).await;
    brought(context, &bar, unless_interrupted(context, typing(context, ask)).await)
}

/// What YunoHost's own command is given.
fn given(name: Option<String>, description: Option<String>, what: What) -> BTreeMap<String, YnhValue> {
    let texts = [("name", name), ("description", description)];
    let lists = [("apps", what.apps), ("system", what.system)];
    let switches = [("every-app", what.every_app), ("every-part", what.every_part)];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), YnhValue::Text(text?))));
    let lists = lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(name, list)| (name.to_owned(), YnhValue::List(list)));
    let switches = switches.into_iter().filter(|(_, on)| *on).map(|(name, on)| (name.to_owned(), YnhValue::Switch(on)));
    texts.chain(lists).chain(switches).collect()
}

fn brought(context: &Context, bar: &ProgressBar, done: Result<BackupBrought, ApiError>) -> Ended {
    bar.finish_and_clear();
    let done = done?;
    let mut text = format!("{}\n", done.backup.id);
    if !done.lacks.is_empty() {
        text.push_str(&format!("! {}\n", sentence(context, "cli.backup-lacks", &[("missing", plain(&done.lacks.join(", ")))])));
    }
    if !done.backup.good {
        text.push_str(&format!("! {}\n", context.words("cli.backup-bad")));
    }
    if done.backup.good {
        confirmed(context, "cli.backup-brought", &[("name", plain(&done.backup.name)), ("path", done.backup.folder.clone())]);
    }
    let exit = match (done.backup.good, done.lacks.is_empty()) {
        (false, _) => ErrorCode::BackupDamaged.exit_status(),
        (true, false) => ErrorCode::HalfDone.exit_status(),
        (true, true) => 0,
    };
    Ok(Answer::new(&done, text)?.exiting(exit))
}

async fn verify(context: &Context, what: String) -> Ended {
    context.open().await?;
    let what = if std::path::Path::new(&what).is_dir() { input::absolute(std::path::Path::new(&what))? } else { what };
    let bar = bar(context);
    let mut progress = |at| tell(&bar, &at);
    let verified = unless_interrupted(context, context.backup_verify(BackupVerify { what, called: called() }, &mut progress)).await;
    bar.finish_and_clear();
    let verified = verified?;
    let line = |check: &BackupCheck| {
        let name = format!("{}:{}", check.host.as_deref().unwrap_or("?"), check.name.as_deref().unwrap_or("?"));
        match &check.error {
            None => format!("{}  {}  {}\n", context.words("cli.backup-good"), plain(&name), check.bytes),
            Some(error) => format!("{}  {}\n{}", context.words("cli.backup-bad"), plain(&name), error_text(context.language, error)),
        }
    };
    let text = verified.backups.iter().map(line).collect();
    let exit = verified.backups.iter().filter_map(|check| check.error.as_ref()).map(|error| error.code.exit_status()).max();
    Ok(described_json(context, &json!(verified), text)?.exiting(exit.unwrap_or(0)))
}

async fn push(context: &Context, archive: String, host: String) -> Ended {
    context.open().await?;
    let request = BackupPush { archive, host, typed: None, called: called() };
    let bar = bar(context);
    let ask = async |typed| context.backup_push(BackupPush { typed, ..request.clone() }, &mut |at| tell(&bar, &at)).await;
    let pushed = unless_interrupted(context, typing(context, ask)).await;
    bar.finish_and_clear();
    let pushed = pushed?;
    let key = if pushed.sent { "cli.backup-pushed" } else { "cli.backup-was-there" };
    confirmed(context, key, &[("name", plain(&pushed.name)), ("host", request.host)]);
    Answer::new(&pushed, String::new())
}

async fn restore(context: &Context, archive: String, on: String, apps: Vec<String>, there: bool) -> Ended {
    context.open().await?;
    let here = if there { None } else { context.api.backup_show(BackupName { archive: archive.clone() }).await.ok() };
    match here {
        Some(backup) => {
            let plan = context.api.backup_restore_plan(BackupRestore { archive: backup.id, on, apps }).await?;
            carry_out_made(context, plan).await
        }
        None => {
            let name = ("name".to_owned(), YnhValue::Text(archive));
            let apps = (!apps.is_empty()).then(|| ("apps".to_owned(), YnhValue::List(apps)));
            let given = std::iter::once(name).chain(apps).collect();
            carry_out(context, on, ActionRequest::Ynh { operation: "backup-restore".to_owned(), given }).await
        }
    }
}

fn keeping(keep: &Keep) -> BackupKeep {
    BackupKeep { last: keep.keep_last, daily: keep.keep_daily, weekly: keep.keep_weekly, monthly: keep.keep_monthly }
}

async fn prune(context: &Context, keep: &Keep, host: Option<String>, on: Option<String>) -> Ended {
    context.open().await?;
    let there = on.is_some();
    let request = BackupPrune { keep: keeping(keep), host: on.or(host), there, apply: false };
    let decided = context.api.backup_prune(request.clone()).await?;
    let text = fates(context, &decided);
    let goes = decided.backups.iter().any(|one| one.why.is_empty() && !one.away);
    if context.global.plan || !goes {
        return described_json(context, &json!(decided), text);
    }
    if !context.global.json && !context.global.quiet {
        crate::output::talk(&text);
    }
    if let Some(plan) = decided.plan {
        return carry_out_made(context, plan).await;
    }
    context.confirm("prompt.backup-prune").await?;
    let done = context.api.backup_prune(BackupPrune { apply: true, ..request }).await?;
    Answer::new(&done, String::new())
}

fn fates(context: &Context, decided: &BackupPruned) -> String {
    let row = |one: &BackupFate| {
        let why = match (one.why.is_empty(), one.away) {
            (true, true) => context.words("cli.backup-goes-away"),
            (true, false) => context.words("cli.backup-goes"),
            (false, _) => one.why.iter().map(|why| context.words(&format!("cli.backup-stays-{why}"))).collect::<Vec<_>>().join(", "),
        };
        let made = one.made_s.map(|made| input::moment(made * 1000)).unwrap_or_default();
        vec![one.host.clone(), one.name.clone(), made, one.bytes.to_string(), why]
    };
    let keys = ["cli.host", "cli.name", "cli.backup-made", "cli.bytes", "cli.backup-fate"];
    table(&heading(context, &keys), &decided.backups.iter().map(row).collect::<Vec<_>>())
}

async fn schedule(context: &Context, host: String, calendar: Option<String>, what: What, keep: &Keep) -> Ended {
    context.open().await?;
    let request = BackupSchedule {
        host,
        calendar,
        apps: chosen(what.every_app, what.apps),
        system: chosen(what.every_part, what.system),
        keep: keeping(keep),
        typed: None,
    };
    let done = typing(context, async |typed| context.api.backup_schedule(BackupSchedule { typed, ..request.clone() }).await).await?;
    match &request.calendar {
        Some(calendar) => confirmed(context, "journal.backup-scheduled", &[("calendar", calendar.clone())]),
        None => confirmed(context, "journal.backup-unscheduled", &[]),
    }
    Answer::new(&done, String::new())
}

async fn collect(context: &Context, on: String, to: &std::path::Path) -> Ended {
    context.open().await?;
    let request = BackupCollect { on, to: input::absolute(to)?, called: called() };
    let bar = bar(context);
    let collected = unless_interrupted(context, context.backup_collect(request, &mut |at: Transfer| tell(&bar, &at))).await;
    bar.finish_and_clear();
    let collected = collected?;
    let mut text = String::new();
    for one in &collected.results {
        let name = one.name.as_deref().unwrap_or_default();
        text.push_str(&format!("{}:{}\n", one.host, plain(name)));
        if let Some(error) = &one.error {
            text.push_str(&error_text(context.language, error));
        }
    }
    let ends: Vec<_> =
        collected.results.iter().map(|one| (one.error.as_ref().map_or(HostStatus::Ok, HostStatus::of), one.error.as_ref())).collect();
    let exit = exit_of(ends.into_iter());
    Ok(described_json(context, &json!(collected), text)?.exiting(exit))
}

async fn rehearse(context: &Context, archive: String, on: Option<String>) -> Ended {
    context.open().await?;
    let bar = bar(context);
    let found = context.backup_rehearse(BackupRehearse { archive, called: called() }, &mut |at| tell(&bar, &at)).await;
    bar.finish_and_clear();
    let found = found?;
    let text = report(context, &found);
    match on {
        Some(on) if found.good => {
            if !context.global.json && !context.global.quiet {
                crate::output::talk(&text);
            }
            let plan = context.api.backup_restore_plan(BackupRestore { archive: found.backup.id, on, apps: Vec::new() }).await?;
            carry_out_made(context, plan).await
        }
        _ => {
            let exit = if found.good { 0 } else { ErrorCode::BackupDamaged.exit_status() };
            Ok(Answer::new(&found, text)?.exiting(exit))
        }
    }
}

fn report(context: &Context, found: &BackupRehearsal) -> String {
    let mut text = format!("{}:{}  {}\n", found.backup.host, plain(&found.backup.name), input::moment(found.at_ms));
    for check in &found.checks {
        let mark = if check.held { context.words("cli.yes") } else { context.words("cli.no") };
        text.push_str(&format!("  {mark}  {}\n", plain(&context.say(&check.what))));
        if let Some(why) = &check.why {
            text.push_str(&format!("      {}\n", plain(&context.say(why))));
        }
    }
    for odd in &found.odd {
        text.push_str(&format!("      {}\n", plain(odd)));
    }
    text
}
