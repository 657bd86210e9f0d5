//! What differs between two surveys, of one host at two times or of two hosts: what matters for security first.

mod entries;
mod severity;

use std::collections::BTreeSet;

use crate::facts::{Area, Facts, Missing};
use entries::{Entries, Field};

pub use entries::IGNORED;

/// How much a difference matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Somebody can do more than before, or a protection is gone.
    Security,
    /// The machine is not what it was.
    Change,
    /// What changes by itself, or is known of one of the two only.
    Noise,
}

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub area: Area,
    /// How much it matters.
    pub severity: Severity,
    /// The name of a field of [`Facts`], then what names the entry: an account, a port, a path.
    pub path: Vec<String>,
    /// What it was; `None` when it was not there.
    pub before: Option<String>,
    /// What it is; `None` when it is not there any more.
    pub after: Option<String>,
}

/// What to tell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Diffs {
    /// Whether to tell [`Severity::Noise`] as well.
    pub noise: bool,
}

/// Compares two surveys.
///
/// What only one of them knows is told as noise. Where a survey did not read a list to its end, that an entry is not in
/// it says nothing. Differences come by severity, then what matters most, then by path.
#[must_use]
pub fn diff(before: &Facts, after: &Facts, what: Diffs) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (old, new) in entries::fields(before).into_iter().zip(entries::fields(after)) {
        let (old_whole, new_whole) = (is_whole(before, old.area), is_whole(after, old.area));
        match (&old.entries, &new.entries) {
            (Some(old_entries), Some(new_entries)) => {
                compare(&old, (old_entries, old_whole), (new_entries, new_whole), &mut differences);
            }
            (None, None) => {}
            (known, other) => differences.push(Difference {
                area: old.area,
                severity: Severity::Noise,
                path: vec![old.name.to_owned()],
                before: known.as_ref().map(summary),
                after: other.as_ref().map(summary),
            }),
        }
    }
    differences.retain(|difference| what.noise || difference.severity != Severity::Noise);
    let order = |difference: &Difference| (difference.severity, rank(difference.area));
    differences.sort_by(|one, other| order(one).cmp(&order(other)).then_with(|| one.path.cmp(&other.path)));
    differences
}

fn compare(field: &Field, old: (&Entries, bool), new: (&Entries, bool), differences: &mut Vec<Difference>) {
    let keys: BTreeSet<&Vec<String>> = old.0.keys().chain(new.0.keys()).collect();
    for key in keys {
        let (before, after) = (old.0.get(key), new.0.get(key));
        let says_nothing = (before.is_none() && !old.1) || (after.is_none() && !new.1);
        // An empty value is one that the survey could not see, such as the program behind a port.
        let unseen = before.zip(after).is_some_and(|(before, after)| before.is_empty() || after.is_empty());
        if before == after || says_nothing || unseen {
            continue;
        }
        let severity = severity::of(field.name, key, before.map(String::as_str), after.map(String::as_str));
        let path = std::iter::once(field.name.to_owned()).chain(key.iter().cloned()).collect();
        differences.push(Difference { area: field.area, severity, path, before: before.cloned(), after: after.cloned() });
    }
}

/// Whether a list of that area is all there is. That there is no packet filter to ask is an answer.
fn is_whole(facts: &Facts, area: Area) -> bool {
    match facts.missing.get(&area) {
        None => true,
        Some(why) => area == Area::Firewall && *why == Missing::NoTool,
    }
}

/// A single value, or how many there are.
fn summary(entries: &Entries) -> String {
    match entries.iter().next() {
        Some((key, value)) if key.is_empty() => value.clone(),
        _ => entries.len().to_string(),
    }
}

/// The order in which areas are told: who can get in, what is open, what is broken, the rest.
fn rank(area: Area) -> u8 {
    match area {
        Area::AuthorizedKeys => 0,
        Area::Sudo => 1,
        Area::Accounts => 2,
        Area::Listeners => 3,
        Area::Sshd => 4,
        Area::Firewall => 5,
        Area::HostKeys => 6,
        Area::Hardening => 7,
        Area::Services => 8,
        Area::Packages => 9,
        Area::Disks => 10,
        Area::System => 11,
        Area::Reboot => 12,
        Area::Certificates => 13,
        Area::Cron => 14,
        Area::Timers => 15,
        Area::Addresses => 16,
        Area::Routes => 17,
        Area::Clock => 18,
        Area::Memory => 19,
        Area::Survey => 20,
    }
}
