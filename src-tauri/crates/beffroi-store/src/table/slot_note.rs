//! Notes on the ways into the vault: what people call them. The ways themselves stand in the header.

use beffroi_domain::{IdentityId, SlotId};
use rusqlite::{Row, params};

use crate::table::{execute, id, number, optional_id, rows, signed};
use crate::{Reader, StoreError, Writer};

/// What people call a way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotNoteRow {
    /// The slot of the header.
    pub slot: SlotId,
    /// What it is called.
    pub label: String,
    /// Whose it is, when it is a person's identity.
    pub identity: Option<IdentityId>,
    /// When it was added, in milliseconds since 1970.
    pub added_ms: u64,
}

impl SlotNoteRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            slot: id(row.get_ref("slot")?.as_blob()?, SlotId::from_bytes)?,
            label: row.get("label")?,
            identity: optional_id(row, "identity", IdentityId::from_bytes)?,
            added_ms: number(row, "added_ms")?,
        })
    }
}

impl Reader<'_> {
    /// Every note, the oldest slot first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn slot_notes(&self) -> Result<Vec<SlotNoteRow>, StoreError> {
        rows(self.0, "SELECT * FROM slot_note ORDER BY slot", [], SlotNoteRow::read)
    }
}

impl Writer<'_> {
    /// Sets a slot's note, whether or not there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_slot_note(&self, row: &SlotNoteRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO slot_note (slot, label, identity, added_ms) VALUES (?, ?, ?, ?) ON CONFLICT (slot)
                   DO UPDATE SET label = excluded.label, identity = excluded.identity, added_ms = excluded.added_ms";
        let identity = row.identity.as_ref().map(IdentityId::as_bytes);
        execute(self.connection(), sql, params![row.slot.as_bytes(), row.label, identity, signed(row.added_ms)]).map(drop)
    }

    /// Removes a slot's note, if it has one: a way in that was added just before the program was killed has none.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_slot_note(&self, slot: SlotId) -> Result<(), StoreError> {
        execute(self.connection(), "DELETE FROM slot_note WHERE slot = ?", [slot.as_bytes()]).map(drop)
    }

    /// Removes every note.
    ///
    /// # Errors
    /// Those of the database.
    pub fn delete_slot_notes(&self) -> Result<(), StoreError> {
        execute(self.connection(), "DELETE FROM slot_note", []).map(drop)
    }
}
