//! Identities: people's public cards, and the private half of one's own, sealed.

use beffroi_domain::{Canonical, CompartmentId, IdentityId};
use rusqlite::{Row, params};
use sha2::{Digest, Sha256};

use crate::table::{execute, execute_one, first, id, number, optional_id, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A person's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRow {
    /// Its id.
    pub id: IdentityId,
    /// What people call them.
    pub name: String,
    /// The public card, as it is handed from person to person.
    pub card: String,
    /// The private half; absent from the cards of others.
    pub private: Option<PrivateHalf>,
    /// Grows with every change.
    pub revision: u64,
    /// When it was made or taken in, in milliseconds since 1970.
    pub created_ms: u64,
}

/// The private half of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivateHalf {
    /// The compartment whose key seals it.
    pub compartment: CompartmentId,
    /// The keys, sealed.
    pub sealed: Vec<u8>,
}

impl IdentityRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let private = match optional_id(row, "compartment", CompartmentId::from_bytes)? {
            Some(compartment) => Some(PrivateHalf { compartment, sealed: row.get("sealed")? }),
            None => None,
        };
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, IdentityId::from_bytes)?,
            name: row.get("name")?,
            card: row.get("card")?,
            private,
            revision: number(row, "revision")?,
            created_ms: number(row, "created_ms")?,
        })
    }

    /// The SHA-256 of `C("beffroi/identity-row/1", name, card, compartment, sealed)`; the last two are empty for others.
    pub(crate) fn hash(&self) -> [u8; 32] {
        let (compartment, sealed) = match &self.private {
            Some(half) => (&half.compartment.as_bytes()[..], half.sealed.as_slice()),
            None => (&[][..], &[][..]),
        };
        let content = Canonical::new("beffroi/identity-row/1").text(&self.name).text(&self.card).bytes(compartment).bytes(sealed);
        Sha256::digest(content.finish()).into()
    }
}

impl Reader<'_> {
    /// Every identity, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn identities(&self) -> Result<Vec<IdentityRow>, StoreError> {
        rows(self.0, "SELECT * FROM identity ORDER BY name, id", [], IdentityRow::read)
    }

    /// Those that have a private half here, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn own_identities(&self) -> Result<Vec<IdentityRow>, StoreError> {
        rows(self.0, "SELECT * FROM identity WHERE sealed IS NOT NULL ORDER BY id", [], IdentityRow::read)
    }

    /// The identity of an id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn identity(&self, identity: IdentityId) -> Result<Option<IdentityRow>, StoreError> {
        first(self.0, "SELECT * FROM identity WHERE id = ?", [identity.as_bytes()], IdentityRow::read)
    }
}

impl Writer<'_> {
    /// Adds an identity.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its id is taken.
    pub fn insert_identity(&self, row: &IdentityRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO identity (id, name, card, compartment, sealed, revision, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.card,
            row.private.as_ref().map(|half| half.compartment.as_bytes()),
            row.private.as_ref().map(|half| &half.sealed),
            signed(row.revision),
            signed(row.created_ms)
        ];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Removes an identity, and with it the private half. What it signed stays.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn delete_identity(&self, identity: IdentityId) -> Result<(), StoreError> {
        execute_one(self.connection(), "identity", "DELETE FROM identity WHERE id = ?", [identity.as_bytes()])
    }
}
