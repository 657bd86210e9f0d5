//! Policies: what is allowed on the hosts of a stage, authenticated by the caller.

use beffroi_domain::CompartmentId;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, mac, number, signed};
use crate::{Reader, StoreError, Writer};

/// A stage's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRow {
    /// The stage's compartment, whose key authenticates it.
    pub compartment: CompartmentId,
    /// The policy, in its canonical encoding.
    pub record: Vec<u8>,
    /// Grows with every change.
    pub revision: u64,
    /// Authenticates record, compartment and revision.
    pub mac: [u8; 32],
}

impl PolicyRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
            record: row.get("record")?,
            revision: number(row, "revision")?,
            mac: mac(row, "mac")?,
        })
    }
}

impl Reader<'_> {
    /// A compartment's policy.
    ///
    /// # Errors
    /// Those of the database.
    pub fn policy(&self, compartment: CompartmentId) -> Result<Option<PolicyRow>, StoreError> {
        first(self.0, "SELECT * FROM policy WHERE compartment = ?", [compartment.as_bytes()], PolicyRow::read)
    }
}

impl Writer<'_> {
    /// Adds a policy.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the compartment has one.
    pub fn insert_policy(&self, row: &PolicyRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO policy (compartment, record, revision, mac) VALUES (?, ?, ?, ?)";
        execute(self.connection(), sql, params![row.compartment.as_bytes(), row.record, signed(row.revision), row.mac]).map(drop)
    }

    /// Changes a policy; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision.
    pub fn update_policy(&self, row: &PolicyRow) -> Result<(), StoreError> {
        let sql = "UPDATE policy SET record = ?2, revision = ?3, mac = ?4 WHERE compartment = ?1 AND revision = ?3 - 1";
        let values = params![row.compartment.as_bytes(), row.record, signed(row.revision), row.mac];
        execute_one(self.connection(), "policy", sql, values)
    }

    /// Gives the policy of compartment `from` to that of `row`; the revision stays, the MAC is of the new place.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision, [`StoreError::Exists`] when the other
    /// compartment has a policy.
    pub fn move_policy(&self, from: CompartmentId, row: &PolicyRow) -> Result<(), StoreError> {
        let sql = "UPDATE policy SET compartment = ?2, record = ?3, mac = ?5 WHERE compartment = ?1 AND revision = ?4";
        let values = params![from.as_bytes(), row.compartment.as_bytes(), row.record, signed(row.revision), row.mac];
        execute_one(self.connection(), "policy", sql, values)
    }
}
