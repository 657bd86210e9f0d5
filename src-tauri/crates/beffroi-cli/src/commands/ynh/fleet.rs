//! `ynh fleet …`: one view over many hosts, from what is stored.

use beffroi_api::wire::{
    FleetApp, FleetCertificate, FleetFinding, FleetVersion, InstanceBackups, PendingUpgrade, YnhFleet, YnhFleetRequest,
};
use serde_json::{Value, json};

use super::read::size;
use crate::commands::host::described_json;
use crate::context::Context;
use crate::input;
use crate::output::{Ended, error_text, exit_of};
use crate::table::table;

pub(super) async fn show(context: &Context, view: &str, on: Option<String>, refresh: bool) -> Ended {
    context.open().await?;
    let fleet = context.api.ynh_fleet(YnhFleetRequest { on, refresh }).await?;
    if let ([host], false) = (fleet.hosts.as_slice(), context.global.json)
        && let (Some(error), None) = (&host.error, host.taken_ms)
    {
        return Err(error.clone().into());
    }
    let (data, text) = told(context, view, &fleet);
    let mut ages = String::new();
    for host in &fleet.hosts {
        ages.extend(host.error.as_ref().map(|error| error_text(context.language, error)));
    }
    let rows: Vec<Vec<String>> = fleet
        .hosts
        .iter()
        .map(|host| vec![host.host.clone(), host.version.clone().unwrap_or_default(), host.taken_ms.map(input::moment).unwrap_or_default()])
        .collect();
    let heading = ["cli.host", "cli.version", "cli.ynh-read-at"].map(|key| context.words(key));
    let text = format!("{text}\n{}{ages}", table(&heading, &rows));
    let exit = exit_of(fleet.hosts.iter().map(|host| (host.status, host.error.as_ref())));
    Ok(described_json(context, &json!({ "hosts": fleet.hosts, view: data }), text)?.exiting(exit))
}

/// The view, for programs and for people.
fn told(context: &Context, view: &str, fleet: &YnhFleet) -> (Value, String) {
    let YnhFleet { views, .. } = fleet;
    let lines = |keys: &[&str], rows: Vec<Vec<String>>| match rows.as_slice() {
        [] => format!("{}\n", context.words("cli.ynh-fleet-nothing")),
        rows => table(&keys.iter().map(|key| context.words(key)).collect::<Vec<_>>(), rows),
    };
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let yes = |on: bool, key: &str| if on { context.words(key) } else { String::new() };
    let moment = |ms: Option<u64>| ms.map(input::moment).unwrap_or_default();
    match view {
        "versions" => {
            let row = |line: &FleetVersion| {
                vec![line.what.clone(), line.version.clone(), line.repo.clone(), yes(line.behind, "cli.ynh-behind"), line.hosts.join(" ")]
            };
            let keys = ["field.ynh-what", "field.ynh-version", "field.ynh-repo", "cli.state", "cli.hosts"];
            (json!(views.versions), lines(&keys, views.versions.iter().map(row).collect()))
        }
        "apps" => {
            let row = |line: &FleetApp| {
                let at: Vec<String> = line.instances.iter().map(|at| format!("{}:{}", at.host, at.id)).collect();
                vec![line.app.clone(), line.version.clone(), yes(line.behind, "cli.ynh-behind"), at.join(" ")]
            };
            let keys = ["field.ynh-app", "field.ynh-version", "cli.state", "cli.hosts"];
            (json!(views.apps), lines(&keys, views.apps.iter().map(row).collect()))
        }
        "upgrades" => {
            let row = |line: &PendingUpgrade| {
                let at: Vec<String> = line.hosts.iter().map(|at| format!("{}:{}", at.host, at.version)).collect();
                let mut touches: Vec<&str> = line.hosts.iter().filter_map(|at| at.touches.as_deref()).collect();
                touches.dedup();
                // One of them is always empty: only a package is important, and it has no status.
                let state = [line.status.clone(), yes(line.important, "cli.ynh-important")].concat();
                vec![line.kind.clone(), line.name.clone(), some(&line.new_version), state, touches.join(", "), at.join(" ")]
            };
            let keys = ["field.ynh-kind", "field.ynh-name", "field.ynh-new_version", "cli.state", "field.ynh-touches", "cli.hosts"];
            (json!(views.upgrades), lines(&keys, views.upgrades.iter().map(row).collect()))
        }
        "certificates" => {
            let row = |line: &FleetCertificate| {
                let days = line.days.map(|days| days.to_string()).unwrap_or_default();
                vec![line.host.clone(), line.domain.clone(), line.issuer.clone(), line.issuer_kind.clone(), days, line.summary.clone()]
            };
            let keys = ["cli.host", "field.ynh-domain", "field.ynh-issuer", "field.ynh-kind", "field.ynh-days", "field.ynh-certificate"];
            (json!(views.certificates), lines(&keys, views.certificates.iter().map(row).collect()))
        }
        "diagnosis" => {
            let row = |line: &FleetFinding| {
                let apart = [yes(line.ignored, "field.ynh-ignored"), yes(line.only_no_internet, "field.ynh-only_no_internet")];
                let apart = apart.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
                let hosts: Vec<&str> = line.hosts.iter().map(|at| at.host.as_str()).collect();
                vec![line.status.clone(), line.category.clone(), apart, line.summary.clone(), hosts.join(" "), line.filter.join(" ")]
            };
            let keys =
                ["field.ynh-status", "field.ynh-category", "cli.ynh-set-aside", "field.ynh-summary", "cli.hosts", "field.ynh-filter"];
            (json!(views.diagnosis), lines(&keys, views.diagnosis.iter().map(row).collect()))
        }
        _ => {
            let row = |line: &InstanceBackups| {
                let programs: Vec<String> =
                    line.programs.iter().map(|program| format!("{} {} {}", program.id, moment(program.last_ms), program.result)).collect();
                let count = line.archives.map(|count| count.to_string()).unwrap_or_default();
                vec![line.host.clone(), count, size(line.bytes), some(&line.newest), moment(line.newest_ms), programs.join(", ")]
            };
            let keys = ["cli.host", "cli.ynh-archives", "field.ynh-bytes", "cli.ynh-newest", "field.ynh-made_ms", "cli.ynh-programs"];
            (json!(views.backups), lines(&keys, views.backups.iter().map(row).collect()))
        }
    }
}
