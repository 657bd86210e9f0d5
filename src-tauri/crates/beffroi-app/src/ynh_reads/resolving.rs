//! Whether records of DNS are there, as the resolver of this machine sees it: another one may see others.
//!
//! It answers addresses only; of other kinds of records nothing is said.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use beffroi_yunohost::reading::{Cell, Entry};
use tokio::task::JoinSet;

/// For all names together.
const TIME: Duration = Duration::from_secs(10);
/// The most names that are asked about.
const MOST_NAMES: usize = 50;

/// Adds to each record what its name leads to here, and whether that is what it should be.
pub(super) async fn check(domain: &str, entries: &mut [Entry]) {
    let records: Vec<Option<(String, String)>> = entries.iter().map(|entry| Some((text(entry, "record")?, text(entry, "type")?))).collect();
    let Some(zone) = zone(domain, records.iter().flatten().map(|(record, _)| record.as_str())) else { return };
    let names: Vec<Option<String>> = records.iter().map(|record| wanted(&zone, record.as_ref()?)).collect();
    let mut asked: Vec<String> = names.iter().flatten().cloned().collect();
    asked.sort_unstable();
    asked.dedup();
    asked.truncate(MOST_NAMES);
    let found = resolve(asked).await;
    for ((entry, record), name) in entries.iter_mut().zip(&records).zip(names) {
        if record.is_none() {
            continue;
        }
        let answer = name.and_then(|name| found.get(&name));
        entry.insert("here", Cell::Text(verdict(entry, answer).to_owned()));
        if let Some(Some(addresses)) = answer {
            entry.insert("resolves", Cell::List(addresses.iter().map(IpAddr::to_string).collect()));
        }
    }
}

fn text(entry: &Entry, field: &str) -> Option<String> {
    match entry.get(field) {
        Some(Cell::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// `as-it-should-be`, `other`, `nothing`, or `not-looked-at`.
fn verdict(entry: &Entry, answer: Option<&Option<Vec<IpAddr>>>) -> &'static str {
    let Some(answer) = answer else { return "not-looked-at" };
    let value = text(entry, "value").and_then(|value| value.parse::<IpAddr>().ok());
    match (answer, value) {
        (None, _) => "nothing",
        // A name that leads to anything is all that can be seen of an alias.
        (Some(addresses), None) if addresses.is_empty() => "nothing",
        (Some(_), None) => "as-it-should-be",
        (Some(addresses), Some(value)) if addresses.contains(&value) => "as-it-should-be",
        (Some(addresses), Some(value)) if !addresses.iter().any(|address| address.is_ipv4() == value.is_ipv4()) => "nothing",
        (Some(_), Some(_)) => "other",
    }
}

/// What the names of a zone file are relative to: the domain itself where one of them is `@`, else the domain above it under which
/// all of them are the domain or something below it.
fn zone<'a>(domain: &str, records: impl Iterator<Item = &'a str>) -> Option<String> {
    let records: Vec<&str> = records.collect();
    if records.is_empty() || records.contains(&"@") {
        return Some(domain.to_owned());
    }
    let above = domain.match_indices('.').filter_map(|(at, _)| domain.get(at + 1..));
    let below = |full: &str| full == domain || full.ends_with(&format!(".{domain}"));
    above.into_iter().find(|zone| records.iter().all(|record| below(&format!("{record}.{zone}")))).map(str::to_owned)
}

/// The name to ask about: of records that lead to an address, without wildcards, and such as can be a host's.
fn wanted(zone: &str, (record, kind): &(String, String)) -> Option<String> {
    if !matches!(kind.as_str(), "A" | "AAAA" | "CNAME") {
        return None;
    }
    let name = match record.as_str() {
        "@" => zone.to_owned(),
        // Any name below it will do.
        "*" => format!("beffroi-check.{zone}"),
        other => format!("{}.{zone}", other.strip_prefix("*.").map_or_else(|| other.to_owned(), |rest| format!("beffroi-check.{rest}"))),
    };
    let fits = name.len() <= 253 && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    fits.then_some(name)
}

/// The addresses of each name; `None` where it leads nowhere. A name that was not answered in time is not there.
async fn resolve(names: Vec<String>) -> BTreeMap<String, Option<Vec<IpAddr>>> {
    let mut working = JoinSet::new();
    for name in names {
        working.spawn(async move {
            let found = tokio::net::lookup_host((format!("{name}."), 0)).await;
            let addresses = found.ok().map(|found| {
                let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
                addresses.sort_unstable();
                addresses.dedup();
                addresses
            });
            (name, addresses)
        });
    }
    let mut found = BTreeMap::new();
    let all = async {
        while let Some(answer) = working.join_next().await {
            found.extend(answer);
        }
    };
    // What was answered by then counts.
    drop(tokio::time::timeout(TIME, all).await);
    found
}

#[cfg(test)]
mod tests {
    use beffroi_yunohost::reading::{Cell, Entry};

    use super::*;

    fn record(name: &str, kind: &str, value: &str) -> Entry {
        [("record", name), ("type", kind), ("value", value)].into_iter().map(|(field, text)| (field, Cell::Text(text.to_owned()))).collect()
    }

    #[test]
    fn names_are_relative_to_the_zone_of_the_domain() {
        let of = |domain: &str, records: &[&str]| zone(domain, records.iter().copied());
        assert_eq!(of("example.org", &["@", "mail._domainkey"]).as_deref(), Some("example.org"));
        assert_eq!(of("cloud.example.org", &["cloud", "*.cloud"]).as_deref(), Some("example.org"));
        assert_eq!(of("a.b.example.org", &["a.b"]).as_deref(), Some("example.org"));
        assert_eq!(of("example.org", &["elsewhere"]), None);
        let asked = |zone: &str, name: &str, kind: &str| wanted(zone, &(name.to_owned(), kind.to_owned()));
        assert_eq!(asked("example.org", "@", "A").as_deref(), Some("example.org"));
        assert_eq!(asked("example.org", "*.cloud", "CNAME").as_deref(), Some("beffroi-check.cloud.example.org"));
        for (name, kind) in [("@", "MX"), ("a b", "A"), (&*"x".repeat(300), "A")] {
            assert_eq!(asked("example.org", name, kind), None);
        }
    }

    #[test]
    fn what_resolves_is_held_against_the_record() {
        let here = |value: &str, answer: Option<&[&str]>| {
            let addresses = answer.map(|all| all.iter().map(|address| address.parse().expect("an address")).collect::<Vec<IpAddr>>());
            verdict(&record("@", "A", value), Some(&addresses))
        };
        assert_eq!(here("203.0.113.5", Some(&["203.0.113.5", "2001:db8::1"])), "as-it-should-be");
        assert_eq!(here("203.0.113.5", Some(&["203.0.113.6"])), "other");
        assert_eq!(here("203.0.113.5", Some(&["2001:db8::1"])), "nothing");
        assert_eq!(here("203.0.113.5", None), "nothing");
        assert_eq!(here("@", Some(&["203.0.113.5"])), "as-it-should-be");
        assert_eq!(verdict(&record("@", "MX", "10 x."), None), "not-looked-at");
    }

    #[tokio::test]
    async fn records_that_cannot_be_asked_about_say_so() {
        let mut entries = vec![record("@", "MX", "10 x."), Entry::from([("note", Cell::Text("a sentence".to_owned()))])];
        check("example.org", &mut entries).await;
        assert_eq!(entries[0]["here"], Cell::Text("not-looked-at".to_owned()));
        assert!(!entries[1].contains_key("here"));
    }
}
