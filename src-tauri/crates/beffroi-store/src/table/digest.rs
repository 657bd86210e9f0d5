//! The rows that the journal's state digest covers.

use beffroi_domain::Canonical;
use sha2::{Digest, Sha256};

use crate::table::{mac, number, rows};
use crate::{Reader, StoreError};

/// A row that the state digest covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSource {
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: [u8; 16],
    /// Its revision.
    pub revision: u64,
    /// Its MAC, or for a secret the hash of what is stored.
    pub mac: [u8; 32],
}

impl Reader<'_> {
    /// Every row whose replay must be noticed: compartments and target records with their MACs, and secrets with the
    /// SHA-256 of what is stored of them. The envelope already binds a secret to its row and revision; the digest adds
    /// that an older page with an older secret is not taken for the newest.
    ///
    /// # Errors
    /// Those of the database.
    pub fn digest_sources(&self) -> Result<Vec<DigestSource>, StoreError> {
        let mut sources = Vec::new();
        for (table, sql) in
            [("compartment", "SELECT id, revision, mac FROM compartment"), ("target", "SELECT id, revision, mac FROM target")]
        {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(DigestSource { table, id: row.get("id")?, revision: number(row, "revision")?, mac: mac(row, "mac")? })
            };
            sources.extend(rows(self.0, sql, [], read)?);
        }
        let sql = "SELECT id, revision, name, compartment, kind, sealed FROM secret";
        sources.extend(rows(self.0, sql, [], |row| {
            let content = Canonical::new("beffroi/secret-row/1")
                .text(row.get_ref("name")?.as_str()?)
                .bytes(row.get_ref("compartment")?.as_blob()?)
                .text(row.get_ref("kind")?.as_str()?)
                .bytes(row.get_ref("sealed")?.as_blob()?)
                .finish();
            Ok(DigestSource {
                table: "secret",
                id: row.get("id")?,
                revision: number(row, "revision")?,
                mac: Sha256::digest(content).into(),
            })
        })?);
        Ok(sources)
    }
}
