//! Versions as Debian orders them (deb-version(7)): an epoch, then what its authors gave, then Debian's revision; digits by their
//! value and other characters by letter, `~` before everything, even the end.

use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Which of two versions is later.
fn compare(one: &str, other: &str) -> Ordering {
    let (one_epoch, one) = epoch(one);
    let (other_epoch, other) = epoch(other);
    let revision = |version: &'_ str| version.rfind('-').unwrap_or(version.len());
    let (one, one_revision) = one.split_at(revision(one));
    let (other, other_revision) = other.split_at(revision(other));
    one_epoch.cmp(&other_epoch).then_with(|| parts(one, other)).then_with(|| parts(one_revision, other_revision))
}

fn epoch(version: &str) -> (u64, &str) {
    match version.split_once(':') {
        Some((epoch, rest)) => epoch.parse().map_or((0, version), |epoch| (epoch, rest)),
        None => (0, version),
    }
}

fn parts(mut one: &str, mut other: &str) -> Ordering {
    while !one.is_empty() || !other.is_empty() {
        let (one_words, one_rest) = split(one, |c| !c.is_ascii_digit());
        let (other_words, other_rest) = split(other, |c| !c.is_ascii_digit());
        let (one_digits, one_after) = split(one_rest, |c| c.is_ascii_digit());
        let (other_digits, other_after) = split(other_rest, |c| c.is_ascii_digit());
        let order = words(one_words, other_words).then_with(|| digits(one_digits, other_digits));
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (one_after, other_after);
    }
    Ordering::Equal
}

fn split(text: &str, is: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is(c)).unwrap_or(text.len()))
}

/// Letters before other characters; the end before both, and `~` before the end.
fn words(one: &str, other: &str) -> Ordering {
    let weight = |c: Option<char>| match c {
        Some('~') => (0, '~'),
        None => (1, ' '),
        Some(c) if c.is_ascii_alphabetic() => (2, c),
        Some(c) => (3, c),
    };
    let (mut one, mut other) = (one.chars(), other.chars());
    loop {
        let (left, right) = (one.next(), other.next());
        match weight(left).cmp(&weight(right)) {
            Ordering::Equal if left.is_none() => return Ordering::Equal,
            Ordering::Equal => {}
            order => return order,
        }
    }
}

/// As numbers of any length.
fn digits(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    one.len().cmp(&other.len()).then_with(|| one.cmp(other))
}

/// The latest version of each thing.
pub(super) fn newest<'a>(versions: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeMap<&'a str, &'a str> {
    let mut latest: BTreeMap<&str, &str> = BTreeMap::new();
    for (what, version) in versions {
        let known = latest.entry(what).or_insert(version);
        if compare(version, known) == Ordering::Greater {
            *known = version;
        }
    }
    latest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_debian_orders_them() {
        // In order, as `dpkg --compare-versions` has it.
        let ordered = [
            "",
            "0.9",
            "1.0~beta1",
            "1.0",
            "1.0-1",
            "1.0a",
            "1.0+b1",
            "1.2~ynh1",
            "1.2~ynh10",
            "1.2",
            "1.10",
            "2023.06.09~ynh2",
            "2023.06.10~ynh1",
            "1:0.1",
        ];
        for pair in ordered.windows(2) {
            assert_eq!((compare(pair[0], pair[1]), compare(pair[1], pair[0])), (Ordering::Less, Ordering::Greater), "{pair:?}");
        }
        assert_eq!(compare("1.01", "1.1"), Ordering::Equal);
        assert_eq!(compare(&"9".repeat(1000), &"9".repeat(999)), Ordering::Greater, "of any length");
        let latest = newest([("a", "1.9"), ("a", "1.10"), ("b", "2~rc"), ("b", "2")].into_iter());
        assert_eq!(latest, BTreeMap::from([("a", "1.10"), ("b", "2")]));
    }
}
