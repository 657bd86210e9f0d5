//! Hosts: their authenticated target records.

use beffroi_domain::{CompartmentId, HostId};
use rusqlite::{Row, params};

use crate::table::{covered, execute, execute_one, first, id, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetRow {
    /// Its id.
    pub id: HostId,
    /// Its name; the same as in the record, here so that it is unique.
    pub name: String,
    /// The compartment whose key authenticates it.
    pub compartment: CompartmentId,
    /// The target record, in its canonical encoding.
    pub record: Vec<u8>,
    /// Grows with every change.
    pub revision: u64,
    /// Authenticates record, id and revision.
    pub mac: [u8; 32],
}

impl TargetRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, HostId::from_bytes)?,
            name: row.get("name")?,
            compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
            record: row.get("record")?,
            revision: number(row, "revision")?,
            mac: mac(row, "mac")?,
        })
    }
}

/// Hosts as the state digest covers them (see [`covered`]).
macro_rules! select {
    ($($rest:literal)?) => {
        concat!(
            "SELECT row.*, entry.id AS covered_id, entry.revision AS covered_revision, entry.mac AS covered_mac
             FROM target AS entry INDEXED BY target_by_digest
             LEFT JOIN target AS row NOT INDEXED ON row.rowid = entry.rowid ",
            $($rest)?
        )
    };
}

impl Reader<'_> {
    /// Every host, by name.
    ///
    /// # Errors
    /// [`StoreError::Altered`] for a row that is not the one that the state digest covers.
    pub fn targets(&self) -> Result<Vec<TargetRow>, StoreError> {
        let found = rows(self.0, select!(), [], covered("target", TargetRow::read))?;
        let mut targets = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        targets.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(targets)
    }

    /// The hosts of a compartment, by name.
    ///
    /// # Errors
    /// As for [`Reader::targets`].
    pub fn targets_in(&self, compartment: CompartmentId) -> Result<Vec<TargetRow>, StoreError> {
        let mut targets = self.targets()?;
        targets.retain(|row| row.compartment == compartment);
        Ok(targets)
    }

    /// The host of a name.
    ///
    /// # Errors
    /// As for [`Reader::targets`].
    pub fn target_named(&self, name: &str) -> Result<Option<TargetRow>, StoreError> {
        let sql = select!("WHERE entry.id = (SELECT id FROM target WHERE name = ?)");
        match first(self.0, sql, [name], covered("target", TargetRow::read))?.transpose()? {
            Some(row) if row.name != name => Err(StoreError::Altered { table: "target", id: row.id.to_string() }),
            found => Ok(found),
        }
    }

    /// The host of an id.
    ///
    /// # Errors
    /// As for [`Reader::targets`].
    pub fn target(&self, host: HostId) -> Result<Option<TargetRow>, StoreError> {
        first(self.0, select!("WHERE entry.id = ?"), [host.as_bytes()], covered("target", TargetRow::read))?.transpose()
    }
}

impl Writer<'_> {
    /// Adds a host.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken.
    pub fn insert_target(&self, row: &TargetRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO target (id, name, compartment, record, revision, mac) VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![row.id.as_bytes(), row.name, row.compartment.as_bytes(), row.record, signed(row.revision), row.mac];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Changes a host; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision.
    pub fn update_target(&self, row: &TargetRow) -> Result<(), StoreError> {
        let sql = "UPDATE target SET name = ?2, compartment = ?3, record = ?4, revision = ?5, mac = ?6 WHERE id = ?1 AND revision = ?5 - 1";
        let values = params![row.id.as_bytes(), row.name, row.compartment.as_bytes(), row.record, signed(row.revision), row.mac];
        execute_one(self.connection(), "target", sql, values)
    }

    /// Removes a host and its surveys.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn delete_target(&self, host: HostId) -> Result<(), StoreError> {
        execute_one(self.connection(), "target", "DELETE FROM target WHERE id = ?", [host.as_bytes()])
    }
}
