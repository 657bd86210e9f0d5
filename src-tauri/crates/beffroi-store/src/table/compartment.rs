//! Compartments: what a stage is inside the vault.

use std::collections::HashMap;

use beffroi_domain::CompartmentId;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, id, mac, number, rows, signed};
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

/// What is under a compartment, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Hosts.
    pub targets: usize,
    /// Secrets.
    pub secrets: usize,
}

impl Reader<'_> {
    /// How many hosts and secrets there are, by compartment. Reads the whole of both tables: the caller keeps the answer
    /// until something is written.
    ///
    /// # Errors
    /// Those of the database.
    pub fn counts(&self) -> Result<HashMap<CompartmentId, Counts>, StoreError> {
        let mut counts: HashMap<CompartmentId, Counts> = HashMap::new();
        // Counted here: SQLite would sort, and SQLCipher locks and wipes each allocation of a sorter.
        self.each_compartment("SELECT compartment FROM target NOT INDEXED", |compartment| {
            counts.entry(compartment).or_default().targets += 1;
        })?;
        self.each_compartment("SELECT compartment FROM secret NOT INDEXED", |compartment| {
            counts.entry(compartment).or_default().secrets += 1;
        })?;
        Ok(counts)
    }

    fn each_compartment(&self, sql: &str, mut count: impl FnMut(CompartmentId)) -> Result<(), StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            count(id(row.get_ref("compartment")?.as_blob().map_err(rusqlite::Error::from)?, CompartmentId::from_bytes)?);
        }
        Ok(())
    }

    /// Every compartment, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn compartments(&self) -> Result<Vec<CompartmentRow>, StoreError> {
        rows(self.0, "SELECT * FROM compartment NOT INDEXED ORDER BY id", [], CompartmentRow::read)
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

    /// Changes a compartment's wrapped key; `row.revision` is the new one, one more than what is stored. The stage stays.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision or is of another stage.
    pub fn update_compartment(&self, row: &CompartmentRow) -> Result<(), StoreError> {
        let sql = "UPDATE compartment SET wrapped = ?3, revision = ?4, mac = ?5 WHERE id = ?1 AND stage = ?2 AND revision = ?4 - 1";
        let values = params![row.id.as_bytes(), row.stage, row.wrapped, signed(row.revision), row.mac];
        execute_one(self.connection(), "compartment", sql, values)
    }

    /// Puts another compartment in the place of `from`, of the same stage. All that was under `from` must be moved to it
    /// in the same transaction ([`Writer::replace_sealed`], then the hosts and the policy): what still refers to `from`
    /// when the transaction ends undoes all of it, with [`StoreError::Dangling`].
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when `from` is not there or is of another stage.
    pub fn exchange_compartment(&self, from: CompartmentId, row: &CompartmentRow) -> Result<(), StoreError> {
        // Until the transaction ends, which also resets it. A stage has one compartment, so that none can stand beside it.
        self.connection().execute_batch("PRAGMA defer_foreign_keys = ON")?;
        let sql = "UPDATE compartment SET id = ?2, wrapped = ?4, revision = ?5, mac = ?6 WHERE id = ?1 AND stage = ?3";
        let values = params![from.as_bytes(), row.id.as_bytes(), row.stage, row.wrapped, signed(row.revision), row.mac];
        execute_one(self.connection(), "compartment", sql, values)
    }

    /// Removes a compartment and its policy.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there, [`StoreError::Dangling`] when something is under it.
    pub fn delete_compartment(&self, compartment: CompartmentId) -> Result<(), StoreError> {
        execute_one(self.connection(), "compartment", "DELETE FROM compartment WHERE id = ?", [compartment.as_bytes()])
    }
}
