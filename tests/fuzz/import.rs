//! A reading of a file from outside, and what holds of every one.

use std::collections::HashSet;

use beffroi_import::limits::{MOST_ENTRIES, MOST_VALUE};
use beffroi_import::{Entry, Format, Parsed, Reading, Source, Unlock, Work};

/// Reads bytes as a format. None when they are refused.
pub fn read(format: Format, name: &str, bytes: &[u8], unlock: &Unlock) -> Option<Parsed> {
    read_from(format, &Source::file(name, bytes), unlock)
}

/// The same for a file or a folder.
pub fn read_from(format: Format, source: &Source, unlock: &Unlock) -> Option<Parsed> {
    let work = Work::default();
    let parsed = beffroi_import::read(format, &Reading { source, unlock, work: &work }).ok()?;
    holds(&parsed);
    Some(parsed)
}

/// What holds of everything that was read.
pub fn holds(parsed: &Parsed) {
    assert!(parsed.entries.len() <= MOST_ENTRIES);
    let origins: HashSet<&str> = parsed.entries.iter().map(|entry| entry.origin.as_str()).collect();
    assert_eq!(origins.len(), parsed.entries.len(), "each has an origin of its own");
    for entry in &parsed.entries {
        assert!(entry.value.as_ref().is_none_or(|value| value.expose().len() <= MOST_VALUE));
        assert!(entry.attachments.iter().all(|file| !file.name.is_empty() && !file.name.contains('/')), "no name is a path");
    }
    let known = |host: &beffroi_import::Host| host.credential.as_deref().is_none_or(|origin| origins.contains(origin));
    assert!(parsed.hosts.iter().all(known), "what a host logs in with is there");
}

/// The value of an entry.
pub fn value(entry: &Entry) -> &str {
    entry.value.as_ref().map_or("", |value| value.expose().as_str())
}
