//! The folders of mRemoteNG: rows that others name as their parent.

use std::collections::HashMap;

use super::table::Table;
use super::{Column, Plan};
use crate::ImportError;
use crate::limits::MOST_DEPTH;

/// Each folder's name and parent, by its number.
#[derive(Default)]
pub(super) struct Folders(HashMap<String, (String, String)>);

impl Folders {
    /// Children stand before their folders: all rows are gone through once before.
    pub(super) fn of(table: &Table<'_>, plan: &Plan) -> Result<Self, ImportError> {
        let mut folders = HashMap::new();
        for next in table.rows().skip(1) {
            let (_, cells) = next?;
            let cell = |column| plan.cell(&cells, column);
            if cell(Column::Node).eq_ignore_ascii_case("container") {
                folders.insert(cell(Column::Origin).to_owned(), (cell(Column::Title).to_owned(), cell(Column::Parent).to_owned()));
            }
        }
        Ok(Self(folders))
    }

    /// The folders above, the outermost first. Those that lie in each other end somewhere.
    pub(super) fn path(&self, parent: &str) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = parent;
        while let Some((name, above)) = self.0.get(next)
            && path.len() < MOST_DEPTH
        {
            path.push(name.clone());
            next = above;
        }
        path.reverse();
        path
    }
}
