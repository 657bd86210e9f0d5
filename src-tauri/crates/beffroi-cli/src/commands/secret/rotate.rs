//! `secret where` and `secret rotate`

use beffroi_api::ApiError;
use beffroi_api::wire::{
    PersonAction, PlaceCheck, PlaceState, Rotation, RotationHost, RotationStep, RotationWay, SecretAsk, SecretRotate, SecretUse,
    SecretWhere,
};

use crate::commands::host::described_json;
use crate::commands::person::change_one;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input::moment;
use crate::output::{Ended, error_text, plain, sentence, talk};
use crate::table::table;

/// The status of a check that found a host and its secret apart.
const DRIFTED: u8 = 7;

/// Where a secret lives; with `check`, after every host was asked. Ends with 7 where the secret and a host do not agree, else with the
/// status of what kept a host from saying.
pub(crate) async fn places(context: &Context, name: String, check: bool) -> Ended {
    context.open().await?;
    let found = context.api.secret_where(SecretAsk { name, check }).await?;
    let text = places_text(context, &found, check);
    let checks = || found.places.iter().filter_map(|place| place.check.as_ref());
    let drifted = checks().any(|check| check.state == PlaceState::Refused || check.earlier_keys.is_some_and(|keys| keys > 0));
    let failed = checks().find_map(|check| check.error.as_ref()).map_or(0, |error| error.code.exit_status());
    Ok(described_json(context, &found, text)?.exiting(if drifted { DRIFTED } else { failed }))
}

/// What a host that was asked said.
fn checked(context: &Context, check: &PlaceCheck) -> String {
    let said = context.words(match check.state {
        PlaceState::Opens => "secret-check.opens",
        PlaceState::Unasked => "secret-check.unasked",
        PlaceState::Refused => "secret-check.refused",
        PlaceState::Unknown => "secret-check.unknown",
    });
    match check.earlier_keys {
        Some(keys) if keys > 0 => format!("{said}; {}", sentence(context, "secret-check.earlier-keys", &[("count", keys.to_string())])),
        _ => said,
    }
}

fn places_text(context: &Context, found: &SecretWhere, check: bool) -> String {
    let mut heading: Vec<_> =
        ["cli.host", "cli.account", "cli.used-as", "cli.last-opened", "cli.refused-at"].map(|key| context.words(key)).into();
    heading.extend(check.then(|| context.words("cli.checked")));
    let at = |at_ms: Option<u64>| at_ms.map(moment).unwrap_or_default();
    let used = |used| match used {
        SecretUse::Login => "secret-use.login",
        SecretUse::Second => "secret-use.second",
        SecretUse::OneTime => "secret-use.one-time",
        SecretUse::Sudo => "secret-use.sudo",
    };
    let place = |place: &beffroi_api::wire::SecretPlace| {
        let used = context.words(used(place.used));
        let used = if place.next { format!("{used} ({})", context.words("cli.new-value")) } else { used };
        let opened = match (place.taken_ms, place.earlier_ms) {
            (None, Some(earlier)) => sentence(context, "secret-check.earlier-value", &[("at", moment(earlier))]),
            (taken, _) => at(taken),
        };
        let mut row = vec![place.host.clone(), place.user.clone(), used, opened, at(place.refused_ms)];
        row.extend(check.then(|| place.check.as_ref().map(|check| checked(context, check)).unwrap_or_default()));
        row
    };
    let mut rows: Vec<_> = found.places.iter().map(place).collect();
    for account in &found.accounts {
        let used = sentence(context, "secret-use.person", &[("person", account.person.clone())]);
        let mut row = vec![account.host.clone(), account.login.clone(), used];
        row.resize(heading.len(), String::new());
        rows.push(row);
    }
    let mut text = if rows.is_empty() { format!("{}\n", context.words("cli.secret-nowhere")) } else { table(&heading, &rows) };
    let errors = found.places.iter().filter_map(|place| place.check.as_ref()?.error.as_ref());
    text.extend(errors.map(|error| error_text(context.language, error)));
    if let Some(rotation) = &found.rotation {
        text.push_str(&standing(context, rotation));
    }
    text
}

/// Rotates a secret: what is to be done on each host is shown first, and somebody says yes. How far hosts are is told as they go.
pub(crate) async fn run(context: &Context, request: SecretRotate) -> Ended {
    context.open().await?;
    // The password of a person's account is changed as `person rotate` does it.
    let found = context.api.secret_where(SecretAsk { name: request.name.clone(), check: false }).await?;
    // It is done at once: there is nothing to go on with, to go back from or to leave out.
    let at_once = matches!(request.way, RotationWay::Begin) && request.on.is_none() && !request.keep_old;
    if let ([account], true, true) = (found.accounts.as_slice(), found.places.is_empty(), at_once) {
        return change_one(context, account.person.clone(), account.host.clone(), PersonAction::Rotate {}).await;
    }
    let planned = context.api.rotation_plan(request.clone()).await?;
    let text = plan_text(context, &planned.rotation, request.way);
    if context.global.plan {
        return described_json(context, &planned, text);
    }
    if !context.global.json && !context.global.quiet {
        talk(&text);
    }
    context.confirm("prompt.rotate").await?;
    let rotation = typing(context, async |typed| followed(context, SecretRotate { typed, ..request.clone() }).await).await?;
    let failed = rotation.hosts.iter().find_map(|host| host.error.as_ref());
    let exit = match failed {
        Some(error) if !rotation.over && rotation.hosts.len() == 1 => error.code.exit_status(),
        Some(_) if !rotation.over => 1,
        _ => 0,
    };
    let text = standing(context, &rotation);
    Ok(described_json(context, &rotation, text)?.exiting(exit))
}

/// The rotation as far as it goes, each step told when it is recorded.
async fn followed(context: &Context, request: SecretRotate) -> Result<Rotation, ApiError> {
    let rotating = context.api.secret_rotate(request);
    tokio::pin!(rotating);
    loop {
        tokio::select! {
            rotated = &mut rotating => {
                tell(context);
                return rotated;
            }
            () = context.until_something_changed() => tell(context),
        }
    }
}

fn tell(context: &Context) {
    if context.global.quiet {
        return;
    }
    for (host, step) in context.rotated() {
        talk(&format!("{}: {}\n", plain(&host), context.words(words(step))));
    }
}

fn words(step: RotationStep) -> &'static str {
    match step {
        RotationStep::Waiting => "rotation.waiting",
        RotationStep::Deploying => "rotation.deploying",
        RotationStep::Deployed => "rotation.deployed",
        RotationStep::Switched => "rotation.switched",
        RotationStep::Revoking => "rotation.revoking",
        RotationStep::Done => "rotation.done",
    }
}

fn plan_text(context: &Context, rotation: &Rotation, way: RotationWay) -> String {
    let key = match way {
        RotationWay::Begin => "rotation.plan-begin",
        RotationWay::Resume => "rotation.plan-resume",
        RotationWay::Back if rotation.lost => "rotation.plan-give-up",
        RotationWay::Back => "rotation.plan-back",
    };
    let values = [("name", rotation.name.clone()), ("next", rotation.next.clone()), ("count", rotation.hosts.len().to_string())];
    let mut text = format!("{}\n", sentence(context, key, &values));
    for host in &rotation.hosts {
        text.push_str(&format!("{} ({})\n", plain(&host.host), host.stage));
        text.extend(host.steps.iter().enumerate().map(|(at, step)| format!("  {}. {}\n", at + 1, plain(&context.say(step)))));
    }
    text
}

/// Where every host of a rotation stands, and what keeps it there.
fn standing(context: &Context, rotation: &Rotation) -> String {
    let heading = ["cli.host", "cli.account", "cli.state"].map(|key| context.words(key));
    let step = |host: &RotationHost| match host.step {
        RotationStep::Switched if host.unproven => "rotation.switched-unproven",
        step => words(step),
    };
    let row = |host: &RotationHost| vec![host.host.clone(), host.accounts.join(", "), context.words(step(host))];
    let mut text = table(&heading, &rotation.hosts.iter().map(row).collect::<Vec<_>>());
    text.extend(rotation.hosts.iter().filter_map(|host| host.error.as_ref()).map(|error| error_text(context.language, error)));
    for host in rotation.hosts.iter().filter(|host| host.unproven) {
        text.push_str(&format!("{}\n", sentence(context, "rotation.on-its-word", &[("host", host.host.clone())])));
    }
    let key = match (rotation.over, rotation.back) {
        _ if rotation.lost && rotation.over => "journal.secret-rotation-given-up",
        _ if rotation.lost => "rotation.lost",
        (true, false) => "journal.secret-rotated",
        (true, true) => "journal.secret-rotation-undone",
        (false, _) => "rotation.goes-on",
    };
    let values = [("name", rotation.name.clone()), ("next", rotation.next.clone())];
    text.push_str(&format!("{}\n", sentence(context, key, &values)));
    text
}
