//! The journal: authenticated entries, each in its chain.

use beffroi_domain::ChainId;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The order of writing in this copy of the vault, counted from 1, without gaps.
    pub sequence: u64,
    /// The chain that it continues.
    pub chain: ChainId,
    /// Its place in the chain, counted from 1, without gaps.
    pub number: u64,
    /// The entry, in its canonical encoding.
    pub entry: Vec<u8>,
    /// The chain's value at this entry.
    pub mac: [u8; 32],
}

impl JournalRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            sequence: number(row, "sequence")?,
            chain: id(row.get_ref("chain")?.as_blob()?, ChainId::from_bytes)?,
            number: number(row, "number")?,
            entry: row.get("entry")?,
            mac: mac(row, "mac")?,
        })
    }
}

impl Reader<'_> {
    /// The last entry that was written, of whichever chain.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_entry(&self) -> Result<Option<JournalRow>, StoreError> {
        first(self.0, "SELECT * FROM journal ORDER BY sequence DESC LIMIT 1", [], JournalRow::read)
    }

    /// A chain's last entry.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_entry_of(&self, chain: ChainId) -> Result<Option<JournalRow>, StoreError> {
        let sql = "SELECT * FROM journal WHERE chain = ? ORDER BY number DESC LIMIT 1";
        first(self.0, sql, [chain.as_bytes()], JournalRow::read)
    }

    /// A chain's entries after a number, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn entries_of(&self, chain: ChainId, after: u64, most: u32) -> Result<Vec<JournalRow>, StoreError> {
        let sql = "SELECT * FROM journal WHERE chain = ? AND number > ? ORDER BY number LIMIT ?";
        rows(self.0, sql, params![chain.as_bytes(), signed(after), most], JournalRow::read)
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
    /// [`StoreError::Exists`] when its sequence number, or its number in the chain, is taken.
    pub fn append_entry(&self, row: &JournalRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO journal (sequence, chain, number, entry, mac) VALUES (?, ?, ?, ?, ?)";
        let values = params![signed(row.sequence), row.chain.as_bytes(), signed(row.number), row.entry, row.mac];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Sets the chain's value at an entry: the whole journal is chained anew when the vault gets a new root key.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is no such entry.
    pub fn set_entry_mac(&self, sequence: u64, mac: &[u8; 32]) -> Result<(), StoreError> {
        let sql = "UPDATE journal SET mac = ? WHERE sequence = ?";
        execute_one(self.connection(), "journal", sql, params![mac, signed(sequence)])
    }
}
