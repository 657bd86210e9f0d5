//! `guest`: what hosts tell of their guests.

use beffroi_api::wire::{GuestDetail, GuestHost, GuestList, GuestListRequest, GuestRow, GuestShow};
use serde::Serialize;

use crate::args::GuestCommand;
use crate::commands::host::described_json;
use crate::commands::ynh::read::size;
use crate::commands::{guest_life, guest_make};
use crate::context::Context;
use crate::input;
use crate::output::{Ended, error_text, exit_of, plain, sentence};
use crate::table::{pairs, table};

pub(crate) async fn run(context: &Context, command: GuestCommand) -> Ended {
    match command {
        GuestCommand::List { on, refresh, stored } => {
            context.open().await?;
            let list = context.api.guest_list(GuestListRequest { on, refresh, stored }).await?;
            let exit = exit_of(list.hosts.iter().map(|host| (host.status, host.error.as_ref())));
            let text = listed(context, &list);
            Ok(described_json(context, &list, text)?.exiting(exit))
        }
        GuestCommand::Show { guest, refresh } => {
            context.open().await?;
            let detail = context.api.guest_show(GuestShow { guest, refresh }).await?;
            let text = shown(context, &detail);
            described_json(context, &detail, text)
        }
        GuestCommand::Make(command) => guest_make::run(context, command).await,
        GuestCommand::Life(command) => {
            context.open().await?;
            guest_life::run(context, command).await
        }
    }
}

fn listed(context: &Context, list: &GuestList) -> String {
    let heading = ["cli.name", "cli.guest-state", "cli.guest-memory", "cli.guest-cpus", "cli.guest-disk", "cli.address"]
        .map(|key| context.words(key));
    let rows: Vec<Vec<String>> = list.hosts.iter().flat_map(|host| &host.guests).map(|row| cells(context, row)).collect();
    let mut text = if rows.is_empty() { String::new() } else { format!("{}\n", table(&heading, &rows)) };
    for host in &list.hosts {
        text.push_str(&summary(context, host));
    }
    text
}

fn cells(context: &Context, row: &GuestRow) -> Vec<String> {
    let Some(guest) = &row.guest else {
        return vec![row.name.clone(), context.words("cli.guest-not-there"), String::new(), String::new(), String::new(), String::new()];
    };
    vec![
        row.name.clone(),
        context.words(&format!("cli.guest-{}", word(&guest.state))),
        of(guest.memory_used_bytes, guest.memory_limit_bytes),
        guest.cpu_limit_thousandths.map(thousandths).unwrap_or_default(),
        of(guest.disk_used_bytes, guest.disk_limit_bytes),
        guest.addresses.join(" "),
    ]
}

/// What a host has to give: promised, used, free.
fn summary(context: &Context, host: &GuestHost) -> String {
    let mut text = String::new();
    let colon = context.language.colon();
    let drivers: Vec<String> = host.drivers.iter().map(|driver| format!("{} {}", driver.driver.name(), driver.version)).collect();
    let told = match (host.taken_ms, drivers.is_empty()) {
        (None, _) if host.error.is_some() => String::new(),
        (None, _) => context.words("cli.guests-never-read"),
        (Some(taken), true) => sentence(context, "cli.guests-no-driver", &[("when", input::moment(taken))]),
        (Some(taken), false) => sentence(context, "cli.guests-read", &[("drivers", drivers.join(", ")), ("when", input::moment(taken))]),
    };
    if !told.is_empty() {
        text.push_str(&format!("{}{colon}{}\n", plain(&host.host), plain(&told)));
    }
    if let Some(error) = &host.error {
        text.push_str(&error_text(context.language, error));
    }
    let promised = &host.capacity.promised;
    if host.drivers.is_empty() {
        return text;
    }
    let mut line = |key: &str, values: &[(&str, String)]| text.push_str(&format!("  {}\n", plain(&sentence(context, key, values))));
    let bytes = |bytes: Option<u64>| bytes.map_or_else(|| "?".to_owned(), size);
    line(
        "cli.guests-memory",
        &[
            ("total", bytes(host.capacity.memory_total_bytes)),
            ("promised", size(promised.memory_bytes)),
            ("without", promised.without_memory_limit.to_string()),
            ("used", size(promised.memory_used_bytes)),
            ("free", bytes(host.capacity.memory_available_bytes)),
        ],
    );
    let cores = host.capacity.cores.map_or_else(|| "?".to_owned(), |cores| cores.to_string());
    let without = promised.without_cpu_limit.to_string();
    line("cli.guests-cpus", &[("total", cores), ("promised", thousandths(promised.cpu_thousandths)), ("without", without)]);
    for pool in &host.capacity.pools {
        line(
            "cli.guests-disk",
            &[
                ("pool", pool.name.clone()),
                ("kind", pool.kind.clone()),
                ("total", bytes(pool.total_bytes)),
                ("promised", size(pool.promised_bytes)),
                ("used", bytes(pool.used_bytes)),
                ("free", bytes(pool.free_bytes)),
            ],
        );
    }
    for missing in &host.missing {
        let of = missing.driver.map(|driver| driver.name().to_owned()).unwrap_or_default();
        let why = context.words(&format!("cli.guests-{}", word(&missing.why)));
        line("cli.guests-missing", &[("what", format!("{of} {}", missing.what).trim().to_owned()), ("why", why)]);
    }
    text
}

fn shown(context: &Context, detail: &GuestDetail) -> String {
    let row = &detail.row;
    let mut rows = vec![("cli.name", row.name.clone())];
    if let Some(stage) = &row.stage {
        rows.push(("cli.stage", stage.clone()));
    }
    if let Some(declared) = &row.declared {
        let when = input::moment(declared.at_ms);
        rows.push((
            "cli.guest-declared",
            sentence(context, "cli.guest-declared-from", &[("image", declared.image.clone()), ("when", when)]),
        ));
        let drift: Vec<String> = declared.drift.iter().map(|what| context.words(&format!("cli.guest-drift-{what}"))).collect();
        rows.push(("cli.guest-drift", drift.join(", ")));
    }
    let Some(guest) = &row.guest else {
        rows.push(("cli.guest-state", context.words("cli.guest-not-there")));
        return told(context, rows);
    };
    rows.push(("cli.guest-state", context.words(&format!("cli.guest-{}", word(&guest.state)))));
    let mut by = vec![guest.driver.name().to_owned()];
    by.extend(detail.driver.as_ref().map(|driver| driver.version.clone()));
    by.extend((!guest.project.is_empty()).then(|| format!("({})", guest.project)));
    rows.push(("cli.guest-driver", by.join(" ")));
    let system = [guest.os.as_deref(), guest.os_release.as_deref(), guest.architecture.as_deref()];
    rows.push(("cli.guest-system", system.into_iter().flatten().collect::<Vec<_>>().join(" ")));
    rows.push(("cli.guest-image", guest.image.clone().unwrap_or_default()));
    let yes_no = |flag: Option<bool>| flag.map(|on| context.words(if on { "cli.yes" } else { "cli.no" })).unwrap_or_default();
    rows.push(("cli.guest-unprivileged", yes_no(guest.unprivileged)));
    rows.push(("cli.guest-autostart", yes_no(guest.autostart)));
    rows.push(("cli.guest-memory", of(guest.memory_used_bytes, guest.memory_limit_bytes)));
    rows.push(("cli.guest-cpus", guest.cpu_limit_thousandths.map(thousandths).unwrap_or_default()));
    rows.push(("cli.guest-disk", of(guest.disk_used_bytes, guest.disk_limit_bytes)));
    rows.push(("cli.guest-root", guest.root.clone().unwrap_or_default()));
    rows.push(("cli.address", guest.addresses.join(" ")));
    rows.extend(guest.interfaces.iter().map(|one| {
        let parent = if one.parent.is_empty() { String::new() } else { format!("→ {}", one.parent) };
        (
            "cli.guest-interface",
            [one.name.as_str(), &one.hardware_address, &parent].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "),
        )
    }));
    rows.extend(guest.volumes.iter().map(|one| {
        let source = if one.pool.is_empty() { one.source.clone() } else { format!("{}:{}", one.pool, one.source) };
        ("cli.guest-volume", format!("{} ← {source}", one.path))
    }));
    rows.extend(guest.ports.iter().map(|one| ("cli.guest-port", format!("{} → {}", one.listen, one.connect))));
    rows.extend(guest.snapshots.iter().map(|one| {
        let when = one.created_seconds.map(|seconds| input::moment(seconds.saturating_mul(1000))).unwrap_or_default();
        ("cli.guest-snapshot", format!("{} {when}", one.name))
    }));
    rows.push(("cli.guest-location", guest.location.clone().unwrap_or_default()));
    rows.push(("cli.guest-lock", guest.lock.clone().unwrap_or_default()));
    rows.push(("cli.guest-profiles", guest.profiles.join(" ")));
    rows.push(("cli.guest-read", input::moment(detail.taken_ms)));
    told(context, rows)
}

/// What has nothing to say is left out.
fn told(context: &Context, rows: Vec<(&str, String)>) -> String {
    let rows: Vec<(String, String)> =
        rows.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (context.words(key), value)).collect();
    pairs(&rows)
}

/// The name of a value on the wire.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// What is used, of what there may be.
fn of(used: Option<u64>, limit: Option<u64>) -> String {
    match (used, limit) {
        (Some(used), Some(limit)) => format!("{} / {}", size(used), size(limit)),
        (Some(used), None) => size(used),
        (None, Some(limit)) => format!("- / {}", size(limit)),
        (None, None) => String::new(),
    }
}

/// `1500` as `1.5`.
fn thousandths(number: u64) -> String {
    let text = format!("{}.{:03}", number / 1000, number % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!([0, 250, 1000, 1500, 10_000].map(thousandths), ["0", "0.25", "1", "1.5", "10"]);
        assert_eq!(of(Some(1 << 20), Some(64 << 20)), "1.0 MiB / 64.0 MiB");
        assert_eq!((of(None, Some(1 << 30)), of(None, None)), ("- / 1.0 GiB".to_owned(), String::new()));
    }
}
