//! `ynh … list|info|show|log|diff`: what is read, as a table or as names and values, following the table of readings.

use std::collections::BTreeMap;

use beffroi_api::wire::{HostStatus, YnhCell, YnhField, YnhRead, YnhReadResult, YnhReading, YnhValue};
use serde_json::{Value, json};

use crate::commands::host::described_json;
use crate::context::Context;
use crate::input;
use crate::output::{Ended, confirmed, error_text, exit_of, plain};
use crate::table::{pairs, table};

/// What programs read before readings had `entries`: the list by another name, and whether it is names only.
const FORMER: &[(&str, &str, bool)] = &[
    ("user-list", "users", false),
    ("group-list", "groups", false),
    ("permission-list", "permissions", false),
    ("app-list", "apps", false),
    ("service-list", "services", false),
    ("domain-list", "domains", true),
    ("backup-list", "backups", true),
];

pub(super) async fn read(context: &Context, reading: &YnhReading, given: BTreeMap<String, YnhValue>, on: String, refresh: bool) -> Ended {
    context.open().await?;
    let answer = context.api.ynh_read(YnhRead { on, reading: reading.id.clone(), given, refresh }).await?;
    let several = answer.results.len() > 1;
    let (mut results, mut text) = (Vec::new(), String::new());
    for result in &answer.results {
        if several {
            text.push_str(&format!("== {} ==\n", result.host));
        }
        match &result.error {
            Some(error) => text.push_str(&error_text(context.language, error)),
            None => text.push_str(&shown(context, reading, &result.entries)),
        }
        if let (true, 0, Some(taken_ms)) = (reading.surveyed, result.duration_ms, result.taken_ms) {
            confirmed(context, "cli.ynh-as-of", &[("host", result.host.clone()), ("moment", input::moment(taken_ms))]);
        }
        results.push(object(reading, result));
    }
    if let ([YnhReadResult { error: Some(error), .. }], false) = (answer.results.as_slice(), context.global.json) {
        return Err(error.clone().into());
    }
    let exit = exit_of(answer.results.iter().map(|result| (result.status, result.error.as_ref())));
    Ok(described_json(context, &json!({ "results": results }), text)?.exiting(exit))
}

/// A result for programs: every field of every entry, null where it is not known.
fn object(reading: &YnhReading, result: &YnhReadResult) -> Value {
    let YnhReadResult { host, status, duration_ms, taken_ms, entries, error } = result;
    let mut object = json!({ "host": host, "status": status, "duration_ms": duration_ms });
    if *status == HostStatus::Ok {
        let whole = |entry: &BTreeMap<String, YnhCell>| -> Value {
            let mut whole: serde_json::Map<String, Value> = reading.fields.iter().map(|field| (field.name.clone(), Value::Null)).collect();
            whole.extend(entry.iter().map(|(name, value)| (name.clone(), json!(value))));
            whole.into()
        };
        let entries: Vec<Value> = entries.iter().map(whole).collect();
        if let Some((_, former, names)) = FORMER.iter().find(|(id, ..)| *id == reading.id) {
            object[*former] = if *names { entries.iter().map(|entry| entry["name"].clone()).collect() } else { json!(entries) };
        }
        object["taken_ms"] = json!(taken_ms);
        object["entries"] = entries.into();
    }
    if let Some(error) = error {
        object["error"] = json!(error);
    }
    object
}

fn shown(context: &Context, reading: &YnhReading, entries: &[BTreeMap<String, YnhCell>]) -> String {
    let label = |field: &YnhField| context.words(&format!("field.ynh-{}", field.name));
    if reading.one {
        let block = |entry: &BTreeMap<String, YnhCell>| {
            let (lines, values): (Vec<&YnhField>, Vec<&YnhField>) = reading.fields.iter().partition(|field| field.shows == "lines");
            let there = values.into_iter().filter(|field| entry.contains_key(&field.name));
            let mut text = pairs(&there.map(|field| (label(field), cell(context, field, entry.get(&field.name)))).collect::<Vec<_>>());
            for field in lines {
                if let Some(YnhCell::List(lines)) = entry.get(&field.name) {
                    text.extend(lines.iter().map(|line| format!("  {}\n", plain(line))));
                }
            }
            text
        };
        return entries.iter().map(block).collect::<Vec<_>>().join("\n");
    }
    // Several lines do not fit in a cell; a column in which nothing stands says nothing.
    let is_told =
        |field: &&YnhField| field.shows != "lines" && (entries.is_empty() || entries.iter().any(|entry| entry.contains_key(&field.name)));
    let fields: Vec<&YnhField> = reading.fields.iter().filter(is_told).collect();
    let heading: Vec<String> = fields.iter().map(|field| label(field)).collect();
    let row = |entry: &BTreeMap<String, YnhCell>| fields.iter().map(|field| cell(context, field, entry.get(&field.name))).collect();
    table(&heading, &entries.iter().map(row).collect::<Vec<Vec<String>>>())
}

fn cell(context: &Context, field: &YnhField, value: Option<&YnhCell>) -> String {
    match value {
        None => String::new(),
        Some(YnhCell::Text(text)) => text.clone(),
        Some(YnhCell::List(list)) => list.join(" "),
        Some(YnhCell::Switch(on)) => context.words(if *on { "cli.yes" } else { "cli.no" }),
        Some(YnhCell::Number(number)) => match (field.shows.as_str(), u64::try_from(*number)) {
            ("moment", Ok(ms)) => input::moment(ms),
            ("bytes", Ok(bytes)) => size(bytes),
            _ => number.to_string(),
        },
    }
}

/// In the largest unit of which there is at least one.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut tenths = u128::from(bytes) * 10;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    let name = UNITS[unit];
    if unit == 0 { format!("{bytes} {name}") } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!([0, 1023, 1024, 109_643, 3 << 30].map(size), ["0 B", "1023 B", "1.0 KiB", "107.0 KiB", "3.0 GiB"]);
    }
}
