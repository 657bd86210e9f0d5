//! Finding hosts by a part of their names.

use beffroi_domain::HostId;

use crate::table::{first, id};
use crate::{Reader, StoreError};

impl Reader<'_> {
    /// Hosts whose name contains `text`, at most `most`: those whose name begins with it first, then by name. Upper and lower
    /// case ASCII letters are the same; names have no others. The empty text is found in every name.
    ///
    /// Reads the index of names, in its order, and rows for what is given back alone. The names are compared here: each
    /// call of a function of SQLite's allocates, and SQLCipher locks and wipes all that is allocated.
    ///
    /// # Errors
    /// Those of the database.
    pub fn search_hosts(&self, text: &str, most: u32) -> Result<Vec<(HostId, String)>, StoreError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (mut starting, mut inside) = (Vec::new(), Vec::new());
        let mut statement = self.0.prepare_cached("SELECT rowid, name FROM target ORDER BY name")?;
        let mut names = statement.query([])?;
        while let Some(row) = names.next()? {
            let name = row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?;
            let into = match position(name.as_bytes(), text.as_bytes()) {
                Some(0) => &mut starting,
                Some(_) => &mut inside,
                None => continue,
            };
            if into.len() < most {
                into.push((row.get::<_, i64>(0)?, name.to_owned()));
            }
            if starting.len() == most {
                break;
            }
        }
        let found = starting.into_iter().chain(inside).take(most).map(|(row, name)| {
            let found =
                first(self.0, "SELECT id FROM target WHERE rowid = ?", [row], |row| id(row.get_ref("id")?.as_blob()?, HostId::from_bytes))?;
            Ok(found.map(|id| (id, name)))
        });
        found.filter_map(Result::transpose).collect()
    }
}

/// Where `part` begins in `name`; upper and lower case ASCII letters are the same.
fn position(name: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() {
        return Some(0);
    }
    name.windows(part.len()).position(|window| window.eq_ignore_ascii_case(part))
}
