//! Readings of guests: what a host last said of those that it has, sealed.

use beffroi_domain::HostId;
use rusqlite::{Row, params};

use crate::table::{execute, first, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// What a host said of its guests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestReadingRow {
    /// The host.
    pub target: HostId,
    /// When it said so, in milliseconds since 1970.
    pub taken_ms: u64,
    /// What it said, sealed under the host's stage.
    pub sealed: Vec<u8>,
}

impl GuestReadingRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            target: id(row.get_ref("target")?.as_blob()?, HostId::from_bytes)?,
            taken_ms: number(row, "taken_ms")?,
            sealed: row.get("sealed")?,
        })
    }
}

impl Reader<'_> {
    /// The last reading of a host's guests.
    ///
    /// # Errors
    /// Those of the database.
    pub fn guest_reading(&self, host: HostId) -> Result<Option<GuestReadingRow>, StoreError> {
        first(self.0, "SELECT * FROM guest_reading WHERE target = ?", [host.as_bytes()], GuestReadingRow::read)
    }

    /// The last reading of every host that has one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn guest_readings(&self) -> Result<Vec<GuestReadingRow>, StoreError> {
        rows(self.0, "SELECT * FROM guest_reading ORDER BY target", [], GuestReadingRow::read)
    }
}

impl Writer<'_> {
    /// Stores a reading in the place of the one before it.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_guest_reading(&self, row: &GuestReadingRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO guest_reading (target, taken_ms, sealed) VALUES (?1, ?2, ?3)
                   ON CONFLICT (target) DO UPDATE SET taken_ms = ?2, sealed = ?3";
        execute(self.connection(), sql, params![row.target.as_bytes(), signed(row.taken_ms), row.sealed]).map(drop)
    }
}
