//! The journal: a chain of authenticated entries.

use rusqlite::{Row, params};

use crate::table::{execute, first, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// Counted from 1, without gaps.
    pub sequence: u64,
    /// The entry, in its canonical encoding.
    pub entry: Vec<u8>,
    /// The chain's value at this entry.
    pub mac: [u8; 32],
}

impl JournalRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { sequence: number(row, "sequence")?, entry: row.get("entry")?, mac: mac(row, "mac")? })
    }
}

impl Reader<'_> {
    /// The last entry.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_entry(&self) -> Result<Option<JournalRow>, StoreError> {
        first(self.0, "SELECT * FROM journal ORDER BY sequence DESC LIMIT 1", [], JournalRow::read)
    }

    /// Entries after a sequence number, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn entries_after(&self, sequence: u64, most: u32) -> Result<Vec<JournalRow>, StoreError> {
        rows(
            self.0,
            "SELECT * FROM journal WHERE sequence > ? ORDER BY sequence LIMIT ?",
            params![signed(sequence), most],
            JournalRow::read,
        )
    }

    /// Entries before a sequence number, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn entries_before(&self, sequence: u64, most: u32) -> Result<Vec<JournalRow>, StoreError> {
        let sql = "SELECT * FROM journal WHERE sequence < ? ORDER BY sequence DESC LIMIT ?";
        rows(self.0, sql, params![signed(sequence), most], JournalRow::read)
    }
}

impl Writer<'_> {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its number is taken.
    pub fn append_entry(&self, row: &JournalRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO journal (sequence, entry, mac) VALUES (?, ?, ?)";
        execute(self.connection(), sql, params![signed(row.sequence), row.entry, row.mac]).map(drop)
    }
}
