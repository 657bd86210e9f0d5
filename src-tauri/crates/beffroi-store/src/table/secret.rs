//! Secrets: their names, and their envelopes.

use beffroi_domain::{CompartmentId, SecretId};
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// Everything about a secret but itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// Its id.
    pub id: SecretId,
    /// Its name.
    pub name: String,
    /// The compartment whose key seals it.
    pub compartment: CompartmentId,
    /// What it is.
    pub kind: String,
    /// Grows with every change.
    pub revision: u64,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it was last changed.
    pub changed_ms: u64,
}

const COLUMNS: &str = "id, name, compartment, kind, revision, created_ms, changed_ms";

impl SecretRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, SecretId::from_bytes)?,
            name: row.get("name")?,
            compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
            kind: row.get("kind")?,
            revision: number(row, "revision")?,
            created_ms: number(row, "created_ms")?,
            changed_ms: number(row, "changed_ms")?,
        })
    }
}

impl Reader<'_> {
    /// Every secret, by name, without envelopes.
    ///
    /// # Errors
    /// Those of the database.
    pub fn secrets(&self) -> Result<Vec<SecretRow>, StoreError> {
        rows(self.0, &format!("SELECT {COLUMNS} FROM secret ORDER BY name"), [], SecretRow::read)
    }

    /// The secret of a name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn secret_named(&self, name: &str) -> Result<Option<SecretRow>, StoreError> {
        first(self.0, &format!("SELECT {COLUMNS} FROM secret WHERE name = ?"), [name], SecretRow::read)
    }

    /// The secret of an id, and its envelope.
    ///
    /// # Errors
    /// Those of the database.
    pub fn sealed_secret(&self, secret: SecretId) -> Result<Option<(SecretRow, Vec<u8>)>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, sealed FROM secret WHERE id = ?");
        first(self.0, &sql, [secret.as_bytes()], |row| Ok((SecretRow::read(row)?, row.get("sealed")?)))
    }
}

impl Writer<'_> {
    /// Adds a secret.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken.
    pub fn insert_secret(&self, row: &SecretRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql =
            "INSERT INTO secret (id, name, compartment, kind, sealed, revision, created_ms, changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.compartment.as_bytes(),
            row.kind,
            sealed,
            signed(row.revision),
            signed(row.created_ms),
            signed(row.changed_ms)
        ];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Changes a secret; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision.
    pub fn update_secret(&self, row: &SecretRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE secret SET name = ?2, compartment = ?3, kind = ?4, sealed = ?5, revision = ?6, changed_ms = ?7
                   WHERE id = ?1 AND revision = ?6 - 1";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.compartment.as_bytes(),
            row.kind,
            sealed,
            signed(row.revision),
            signed(row.changed_ms)
        ];
        execute_one(self.connection(), "secret", sql, values)
    }

    /// Removes a secret.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn delete_secret(&self, secret: SecretId) -> Result<(), StoreError> {
        execute_one(self.connection(), "secret", "DELETE FROM secret WHERE id = ?", [secret.as_bytes()])
    }
}
