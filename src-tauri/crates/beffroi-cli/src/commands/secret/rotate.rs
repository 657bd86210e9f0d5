//! `secret where` and `secret rotate`

use beffroi_api::ApiError;
use beffroi_api::wire::{
    PersonAction, Rotation, RotationHost, RotationStep, RotationWay, SecretName, SecretRotate, SecretUse, SecretWhere,
};

use crate::commands::host::described_json;
use crate::commands::person::change_one;
use crate::commands::run::typing;
use crate::context::Context;
use crate::input::moment;
use crate::output::{Ended, error_text, plain, sentence, talk};
use crate::table::table;

/// Where a secret lives.
pub(crate) async fn places(context: &Context, name: String) -> Ended {
    context.open().await?;
    let found = context.api.secret_where(SecretName { name }).await?;
    let text = places_text(context, &found);
    described_json(context, &found, text)
}

fn places_text(context: &Context, found: &SecretWhere) -> String {
    let heading = ["cli.host", "cli.account", "cli.used-as", "cli.last-opened", "cli.refused-at"].map(|key| context.words(key));
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
        vec![place.host.clone(), place.user.clone(), used, at(place.taken_ms), at(place.refused_ms)]
    };
    let mut rows: Vec<_> = found.places.iter().map(place).collect();
    for account in &found.accounts {
        let used = sentence(context, "secret-use.person", &[("person", account.person.clone())]);
        rows.push(vec![account.host.clone(), account.login.clone(), used, String::new(), String::new()]);
    }
    let mut text = if rows.is_empty() { format!("{}\n", context.words("cli.secret-nowhere")) } else { table(&heading, &rows) };
    if let Some(rotation) = &found.rotation {
        text.push_str(&standing(context, rotation));
    }
    text
}

/// Rotates a secret: what is to be done on each host is shown first, and somebody says yes. How far hosts are is told as they go.
pub(crate) async fn run(context: &Context, request: SecretRotate) -> Ended {
    context.open().await?;
    // The password of a person's account is changed as `person rotate` does it.
    let found = context.api.secret_where(SecretName { name: request.name.clone() }).await?;
    if let ([account], true) = (found.accounts.as_slice(), found.places.is_empty()) {
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
    let exit = if rotation.over { 0 } else { failed.map_or(0, |error| error.code.exit_status()) };
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
    let row = |host: &RotationHost| vec![host.host.clone(), host.accounts.join(", "), context.words(words(host.step))];
    let mut text = table(&heading, &rotation.hosts.iter().map(row).collect::<Vec<_>>());
    text.extend(rotation.hosts.iter().filter_map(|host| host.error.as_ref()).map(|error| error_text(context.language, error)));
    let key = match (rotation.over, rotation.back) {
        (true, false) => "journal.secret-rotated",
        (true, true) => "journal.secret-rotation-undone",
        (false, _) => "rotation.goes-on",
    };
    let values = [("name", rotation.name.clone()), ("next", rotation.next.clone())];
    text.push_str(&format!("{}\n", sentence(context, key, &values)));
    text
}
