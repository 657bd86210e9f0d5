//! Compartments: what a stage is inside the vault.

use beffroi_domain::CompartmentId;
use rusqlite::{Row, params};

use crate::table::{execute, id, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A compartment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompartmentRow {
    /// Its id.
    pub id: CompartmentId,
    /// The stage it is for.
    pub stage: String,
    /// Its key, wrapped.
    pub wrapped: Vec<u8>,
    /// Grows with every change.
    pub revision: u64,
    /// Authenticates the row.
    pub mac: [u8; 32],
}

impl CompartmentRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, CompartmentId::from_bytes)?,
            stage: row.get("stage")?,
            wrapped: row.get("wrapped")?,
            revision: number(row, "revision")?,
            mac: mac(row, "mac")?,
        })
    }
}

impl Reader<'_> {
    /// Every compartment, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn compartments(&self) -> Result<Vec<CompartmentRow>, StoreError> {
        rows(self.0, "SELECT * FROM compartment ORDER BY id", [], CompartmentRow::read)
    }
}

impl Writer<'_> {
    /// Adds a compartment.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its stage has one.
    pub fn insert_compartment(&self, row: &CompartmentRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO compartment (id, stage, wrapped, revision, mac) VALUES (?, ?, ?, ?, ?)";
        execute(self.connection(), sql, params![row.id.as_bytes(), row.stage, row.wrapped, signed(row.revision), row.mac]).map(drop)
    }
}
