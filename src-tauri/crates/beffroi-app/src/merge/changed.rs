//! Which rows each entry of the journal changes. It is noted beside the entry, so that two copies can be merged by what each
//! did since they parted.

use std::cmp::Ordering;

use beffroi_store::table::merge::RowKey;
use beffroi_store::{DigestSource, Reader};

use crate::AppError;

/// The tables in the order of [`Reader::digest_sources`].
const ORDER: [&str; 7] = ["target", "secret", "document", "compartment", "policy", "recipe", "identity"];

/// What the state digest covers row by row.
pub(crate) fn covered_rows(reader: &Reader<'_>) -> Result<Vec<DigestSource>, AppError> {
    Ok(only_rows(reader.digest_sources(None)?))
}

/// The same without the heads of chains.
pub(crate) fn only_rows(mut sources: Vec<DigestSource>) -> Vec<DigestSource> {
    sources.retain(|source| RowKey::new(source.table, source.id).is_some());
    sources
}

/// The rows that differ between two states, were added or removed. Both are in the order of [`Reader::digest_sources`].
pub(crate) fn changed(before: &[DigestSource], after: &[DigestSource]) -> Vec<RowKey> {
    let rank = |source: &DigestSource| (ORDER.iter().position(|table| *table == source.table), source.id);
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    let mut found = Vec::new();
    let mut note = |source: &DigestSource| found.extend(RowKey::new(source.table, source.id));
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return found,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => rank(one).cmp(&rank(other)),
        };
        match order {
            Ordering::Less => before.next().into_iter().for_each(&mut note),
            Ordering::Greater => after.next().into_iter().for_each(&mut note),
            Ordering::Equal => {
                if let (Some(one), Some(other)) = (before.next(), after.next())
                    && one != other
                {
                    note(other);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_added_changed_or_removed_is_found() {
        let row = |table, id, revision| DigestSource { table, id: [id; 16], revision, mac: [0; 32] };
        let before = [row("target", 1, 1), row("target", 2, 1), row("secret", 1, 1), row("identity", 9, 1)];
        let after = [row("target", 2, 2), row("secret", 1, 1), row("document", 4, 1), row("identity", 9, 1)];
        let key = |table, id| RowKey::new(table, [id; 16]).expect("a noted table");
        assert_eq!(changed(&before, &after), [key("target", 1), key("target", 2), key("document", 4)]);
        assert_eq!(changed(&after, &after), []);
        assert_eq!(changed(&[], &before).len(), 4);
    }
}
