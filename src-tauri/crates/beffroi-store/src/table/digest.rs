//! The rows that the journal's state digest covers.

use beffroi_domain::ChainId;
use rusqlite::{Row, params};

use crate::table::identity::IdentityRow;
use crate::table::{number, rows};
use crate::{Reader, StoreError};

/// A row that the state digest covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestSource {
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: [u8; 16],
    /// Its revision; for a chain the number of its last entry.
    pub revision: u64,
    /// Its MAC; for a secret, a document and an identity the hash of what is stored, for a chain its value at the last entry.
    pub mac: [u8; 32],
}

/// What is read of each table. Of the three big ones it is an index that holds nothing else, of the others what everybody
/// reads.
const SOURCES: [(&str, &str); 6] = [
    ("target", "SELECT id, revision, mac FROM target INDEXED BY target_by_digest ORDER BY id"),
    ("secret", "SELECT id, revision, mac FROM secret INDEXED BY secret_by_digest ORDER BY id"),
    ("document", "SELECT id, revision, mac FROM document INDEXED BY document_by_digest ORDER BY id"),
    ("compartment", "SELECT id, revision, mac FROM compartment NOT INDEXED ORDER BY id"),
    ("policy", "SELECT compartment AS id, revision, mac FROM policy ORDER BY compartment"),
    ("recipe", "SELECT id, revision, mac FROM recipe ORDER BY id"),
];

const HEADS: &str = "SELECT chain AS id, number AS revision, mac FROM journal
                     JOIN chain ON chain.id = journal.chain
                      AND journal.number = (SELECT max(number) FROM journal AS other WHERE other.chain = chain.id)
                     WHERE chain.id IS NOT ? ORDER BY chain.id";

impl Reader<'_> {
    /// Every row whose replay must be noticed: compartments, target records, policies and recipes with their MACs; secrets,
    /// documents and identities with the SHA-256 of what is stored of them; the last entry of every chain but `writing`, the one that
    /// the entry with the digest is in, whose head changes with it.
    ///
    /// Of hosts, secrets and documents only the index is read, no record and no envelope. Two things make that enough: whoever reads
    /// a row compares it with its entry in the index, so that an older page of the table alone is refused; and the hash of a
    /// secret or a document is made again from what was read ([`Reader::sealed_secret`], [`Catalog::verify`](crate::Catalog::verify)).
    ///
    /// # Errors
    /// Those of the database.
    pub fn digest_sources(&self, writing: Option<ChainId>) -> Result<Vec<DigestSource>, StoreError> {
        let source = |table: &'static str| {
            // By place: names are looked up anew in each of many thousand rows.
            move |row: &Row<'_>| Ok(DigestSource { table, id: row.get(0)?, revision: number(row, 1)?, mac: row.get(2)? })
        };
        let mut sources = Vec::new();
        for (table, sql) in SOURCES {
            sources.extend(rows(self.0, sql, [], source(table))?);
        }
        sources.extend(rows(self.0, "SELECT * FROM identity ORDER BY id", [], |row| {
            let row = IdentityRow::read(row)?;
            Ok(DigestSource { table: "identity", id: *row.id.as_bytes(), revision: row.revision, mac: row.hash() })
        })?);
        let writing = writing.as_ref().map(ChainId::as_bytes);
        sources.extend(rows(self.0, HEADS, params![writing], source("chain"))?);
        Ok(sources)
    }
}

#[cfg(test)]
mod tests {
    use beffroi_secret::SecretKey;

    use super::*;
    use crate::{Catalog, StoreError};

    #[test]
    fn the_big_tables_are_read_from_their_indexes_alone() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let catalog = Catalog::create(&folder.path().join("catalog.db"), &SecretKey::new([1; 32])).expect("created");
        let plan = |sql: &str| {
            let explain = |row: &Row<'_>| row.get::<_, String>("detail");
            catalog.read(|reader| rows(reader.0, &format!("EXPLAIN QUERY PLAN {sql}"), [], explain)).map(|lines| lines.join("; "))
        };
        for (table, sql) in &SOURCES[..3] {
            let plan: Result<String, StoreError> = plan(sql);
            let plan = plan.expect("planned");
            assert!(plan.contains(&format!("USING COVERING INDEX {table}_by_digest")) && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
