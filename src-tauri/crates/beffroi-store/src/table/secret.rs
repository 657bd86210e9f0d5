//! Secrets: their names, and their envelopes.

use beffroi_domain::{Canonical, CompartmentId, SecretId};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};

use crate::table::{covered, execute, execute_one, first, id, mac, number, rows, signed};
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

/// Secrets as the state digest covers them (see [`covered`]).
macro_rules! select {
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT row.id, row.name, row.compartment, row.kind, row.revision, row.created_ms, row.changed_ms, row.mac, ",
            $more,
            "entry.id AS covered_id, entry.revision AS covered_revision, entry.mac AS covered_mac
             FROM secret AS entry INDEXED BY secret_by_digest
             LEFT JOIN secret AS row NOT INDEXED ON row.rowid = entry.rowid ",
            $rest
        )
    };
}

/// The SHA-256 of `C("beffroi/secret-row/1", name, compartment, kind, sealed)`: what the state digest covers of a secret.
/// The envelope already binds a secret to its row and revision; this adds that an older page with an older secret is not
/// taken for the newest.
pub(crate) fn stored_mac(name: &str, compartment: &[u8], kind: &str, sealed: &[u8]) -> [u8; 32] {
    let content = Canonical::new("beffroi/secret-row/1").text(name).bytes(compartment).text(kind).bytes(sealed);
    Sha256::digest(content.finish()).into()
}

impl SecretRow {
    pub(crate) fn mac(&self, sealed: &[u8]) -> [u8; 32] {
        stored_mac(&self.name, self.compartment.as_bytes(), &self.kind, sealed)
    }

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

/// A secret, its envelope, and whether the hash that stands beside them is theirs.
struct Sealed {
    row: SecretRow,
    sealed: Vec<u8>,
    right: bool,
}

impl Sealed {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (mac, sealed, row) = (mac(row, "mac")?, row.get::<_, Vec<u8>>("sealed")?, SecretRow::read(row)?);
        Ok(Self { right: row.mac(&sealed) == mac, row, sealed })
    }

    fn check(self) -> Result<(SecretRow, Vec<u8>), StoreError> {
        if self.right { Ok((self.row, self.sealed)) } else { Err(altered(&self.row)) }
    }
}

fn altered(row: &SecretRow) -> StoreError {
    StoreError::Altered { table: "secret", id: row.id.to_string() }
}

impl Reader<'_> {
    /// Every secret, by name, without envelopes.
    ///
    /// # Errors
    /// [`StoreError::Altered`] for a row that is not the one that the state digest covers.
    pub fn secrets(&self) -> Result<Vec<SecretRow>, StoreError> {
        let found = rows(self.0, select!("", ""), [], covered("secret", SecretRow::read))?;
        let mut secrets = found.into_iter().collect::<Result<Vec<_>, _>>()?;
        secrets.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(secrets)
    }

    /// The secret of a name.
    ///
    /// # Errors
    /// As for [`Reader::secrets`].
    pub fn secret_named(&self, name: &str) -> Result<Option<SecretRow>, StoreError> {
        let sql = select!("", "WHERE entry.id = (SELECT id FROM secret WHERE name = ?)");
        match first(self.0, sql, [name], covered("secret", SecretRow::read))?.transpose()? {
            Some(row) if row.name != name => Err(altered(&row)),
            found => Ok(found),
        }
    }

    /// The secret of an id, and its envelope.
    ///
    /// # Errors
    /// As for [`Reader::secrets`], and when the hash that the state digest covers is not of what was read.
    pub fn sealed_secret(&self, secret: SecretId) -> Result<Option<(SecretRow, Vec<u8>)>, StoreError> {
        let sql = select!("row.sealed, ", "WHERE entry.id = ?");
        first(self.0, sql, [secret.as_bytes()], covered("secret", Sealed::read))?.transpose()?.map(Sealed::check).transpose()
    }

    /// The first secret of a compartment after an id, and its envelope. One that cannot be trusted is of every
    /// compartment.
    pub(crate) fn next_secret(&self, compartment: CompartmentId, after: &[u8]) -> Result<Option<(SecretRow, Vec<u8>)>, StoreError> {
        let sql = select!(
            "row.sealed, ",
            "WHERE entry.id > ? AND (row.compartment = ? OR row.revision IS NOT entry.revision OR row.mac IS NOT entry.mac)
             ORDER BY entry.id LIMIT 1"
        );
        let values = params![after, compartment.as_bytes()];
        first(self.0, sql, values, covered("secret", Sealed::read))?.transpose()?.map(Sealed::check).transpose()
    }

    /// Secrets that are not as they were written.
    pub(crate) fn altered_secrets(&self) -> Result<Vec<StoreError>, StoreError> {
        let read = |row: &Row<'_>| covered("secret", Sealed::read)(row).map(|found| found.and_then(Sealed::check).err());
        Ok(rows(self.0, select!("row.sealed, ", "ORDER BY entry.id"), [], read)?.into_iter().flatten().collect())
    }
}

impl Writer<'_> {
    /// Adds a secret.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken.
    pub fn insert_secret(&self, row: &SecretRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO secret (id, name, compartment, kind, sealed, revision, created_ms, changed_ms, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.compartment.as_bytes(),
            row.kind,
            sealed,
            signed(row.revision),
            signed(row.created_ms),
            signed(row.changed_ms),
            row.mac(sealed)
        ];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Changes a secret; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision.
    pub fn update_secret(&self, row: &SecretRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "UPDATE secret SET name = ?2, compartment = ?3, kind = ?4, sealed = ?5, revision = ?6, changed_ms = ?7, mac = ?8
                   WHERE id = ?1 AND revision = ?6 - 1";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.compartment.as_bytes(),
            row.kind,
            sealed,
            signed(row.revision),
            signed(row.changed_ms),
            row.mac(sealed)
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
