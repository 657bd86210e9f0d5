//! Documents of the application: what kind each is, and its envelope.

use beffroi_domain::{Canonical, CompartmentId, DocumentId};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};

use crate::table::{covered, execute, execute_one, first, id, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// Everything about a document but what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its id.
    pub id: DocumentId,
    /// What it is.
    pub kind: String,
    /// The compartment whose key seals it.
    pub compartment: CompartmentId,
    /// Grows with every change.
    pub revision: u64,
}

/// Documents as the state digest covers them (see [`covered`]).
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT row.id, row.kind, row.compartment, row.revision, row.mac, row.sealed,
                    entry.id AS covered_id, entry.revision AS covered_revision, entry.mac AS covered_mac
             FROM document AS entry INDEXED BY document_by_digest
             LEFT JOIN document AS row NOT INDEXED ON row.rowid = entry.rowid ",
            $rest
        )
    };
}

impl DocumentRow {
    /// The SHA-256 of `C("beffroi/document-row/1", kind, compartment, sealed)`: what the state digest covers of a document.
    pub(crate) fn mac(&self, sealed: &[u8]) -> [u8; 32] {
        let content = Canonical::new("beffroi/document-row/1").text(&self.kind).bytes(self.compartment.as_bytes()).bytes(sealed);
        Sha256::digest(content.finish()).into()
    }
}

/// Reads a document with its envelope; the hash that stands beside them must be theirs.
fn sealed(row: &Row<'_>) -> rusqlite::Result<Result<(DocumentRow, Vec<u8>), StoreError>> {
    let (mac, sealed) = (mac(row, "mac")?, row.get::<_, Vec<u8>>("sealed")?);
    let row = DocumentRow {
        id: id(row.get_ref("id")?.as_blob()?, DocumentId::from_bytes)?,
        kind: row.get("kind")?,
        compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
        revision: number(row, "revision")?,
    };
    let right = row.mac(&sealed) == mac;
    Ok(if right { Ok((row, sealed)) } else { Err(StoreError::Altered { table: "document", id: row.id.to_string() }) })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Result<(DocumentRow, Vec<u8>), StoreError>> {
    Ok(covered("document", sealed)(row)?.and_then(|found| found))
}

impl Reader<'_> {
    /// Every document of a kind with its envelope, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Altered`] for a row that is not the one that the state digest covers.
    pub fn documents(&self, kind: &str) -> Result<Vec<(DocumentRow, Vec<u8>)>, StoreError> {
        rows(self.0, select!("WHERE entry.id IN (SELECT id FROM document WHERE kind = ?) ORDER BY entry.id"), [kind], read)?
            .into_iter()
            .collect()
    }

    /// The document of an id, and its envelope.
    ///
    /// # Errors
    /// As for [`Reader::documents`].
    pub fn document(&self, document: DocumentId) -> Result<Option<(DocumentRow, Vec<u8>)>, StoreError> {
        first(self.0, select!("WHERE entry.id = ?"), [document.as_bytes()], read)?.transpose()
    }

    /// How many documents of a kind there are.
    ///
    /// # Errors
    /// Those of the database.
    pub fn count_documents(&self, kind: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) AS count FROM document WHERE kind = ?";
        Ok(first(self.0, sql, [kind], |row| number(row, "count"))?.unwrap_or(0))
    }

    /// The first document of a compartment after an id. One that cannot be trusted is of every compartment.
    pub(crate) fn next_document(&self, compartment: CompartmentId, after: &[u8]) -> Result<Option<(DocumentRow, Vec<u8>)>, StoreError> {
        let sql = select!(
            "WHERE entry.id > ? AND (row.compartment = ? OR row.revision IS NOT entry.revision OR row.mac IS NOT entry.mac)
             ORDER BY entry.id LIMIT 1"
        );
        first(self.0, sql, params![after, compartment.as_bytes()], read)?.transpose()
    }

    /// Documents that are not as they were written.
    pub(crate) fn altered_documents(&self) -> Result<Vec<StoreError>, StoreError> {
        Ok(rows(self.0, select!("ORDER BY entry.id"), [], |row| read(row).map(Result::err))?.into_iter().flatten().collect())
    }
}

impl Writer<'_> {
    /// Adds a document.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one of this id.
    pub fn insert_document(&self, row: &DocumentRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO document (id, kind, compartment, revision, mac, sealed) VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![row.id.as_bytes(), row.kind, row.compartment.as_bytes(), signed(row.revision), row.mac(sealed), sealed];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Changes a document; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision, or another kind.
    pub fn update_document(&self, row: &DocumentRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql =
            "UPDATE document SET compartment = ?3, revision = ?4, mac = ?5, sealed = ?6 WHERE id = ?1 AND kind = ?2 AND revision = ?4 - 1";
        let values = params![row.id.as_bytes(), row.kind, row.compartment.as_bytes(), signed(row.revision), row.mac(sealed), sealed];
        execute_one(self.connection(), "document", sql, values)
    }

    /// Removes a document.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn delete_document(&self, document: DocumentId) -> Result<(), StoreError> {
        execute_one(self.connection(), "document", "DELETE FROM document WHERE id = ?", [document.as_bytes()])
    }
}
