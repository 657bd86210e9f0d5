//! Groups, of the paths of entries.

use std::collections::BTreeMap;

use crate::limits::{MOST_DEPTH, within};
use crate::{Entry, ImportError};

/// What the bin is called.
pub(super) const BIN: &str = "Recycle Bin";

/// A group.
#[derive(Default)]
pub(super) struct Group<'a> {
    pub(super) entries: Vec<&'a Entry>,
    pub(super) groups: BTreeMap<&'a str, Self>,
}

impl<'a> Group<'a> {
    /// The root of all of them. What was thrown away lies below the bin, wherever it was.
    pub(super) fn root(entries: &'a [Entry]) -> Result<Self, ImportError> {
        let mut root = Self::default();
        for entry in entries {
            // The root and the bin come before it.
            within("Group", entry.path.len() as u64 + 2, MOST_DEPTH as u64)?;
            let mut path = entry.path.iter().map(String::as_str).peekable();
            let mut group = &mut root;
            if entry.discarded {
                path.next_if_eq(&BIN);
                group = group.groups.entry(BIN).or_default();
            }
            for name in path {
                group = group.groups.entry(name).or_default();
            }
            group.entries.push(entry);
        }
        Ok(root)
    }
}
