//! The ledger: what was left on hosts, until it is removed again.

use beffroi_domain::HostId;
use rusqlite::params;

use crate::table::{execute, rows, signed};
use crate::{Reader, StoreError, Writer};

/// Something that lies on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// What sort of thing, such as `job-folder`.
    pub kind: String,
    /// Which.
    pub what: String,
}

impl Reader<'_> {
    /// What still lies on a host, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn left_on(&self, host: HostId) -> Result<Vec<LedgerRow>, StoreError> {
        let sql = "SELECT kind, what FROM ledger WHERE target = ? AND removed_ms IS NULL ORDER BY id";
        rows(self.0, sql, [host.as_bytes()], |row| Ok(LedgerRow { kind: row.get(0)?, what: row.get(1)? }))
    }
}

impl Writer<'_> {
    /// Records that something is about to be put on a host. Saying it twice is saying it once;
    /// what was removed since lies there again.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_left(&self, host: HostId, row: &LedgerRow, at_ms: u64) -> Result<(), StoreError> {
        let sql = "INSERT INTO ledger (target, kind, what, created_ms) VALUES (?, ?, ?, ?)
                   ON CONFLICT DO UPDATE SET created_ms = excluded.created_ms, removed_ms = NULL WHERE removed_ms IS NOT NULL";
        execute(self.connection(), sql, params![host.as_bytes(), row.kind, row.what, signed(at_ms)]).map(drop)
    }

    /// Records that it is there no more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_removed(&self, host: HostId, row: &LedgerRow, at_ms: u64) -> Result<(), StoreError> {
        let sql = "UPDATE ledger SET removed_ms = ? WHERE target = ? AND kind = ? AND what = ? AND removed_ms IS NULL";
        execute(self.connection(), sql, params![signed(at_ms), host.as_bytes(), row.kind, row.what]).map(drop)
    }
}
