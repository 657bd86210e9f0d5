//! Chains: whose entries the journal has, and the signatures over them.

use beffroi_domain::{ChainId, DeviceId, IdentityId};
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, number, optional_id, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A chain of journal entries: one for each person on each machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainRow {
    /// Its id.
    pub id: ChainId,
    /// The machine that writes it.
    pub device: DeviceId,
    /// The account on that machine.
    pub person: String,
    /// The identity that signs its checkpoints.
    pub identity: Option<IdentityId>,
    /// When its first entry was written, in milliseconds since 1970.
    pub started_ms: u64,
}

/// A signature over a chain up to and with one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The chain.
    pub chain: ChainId,
    /// The entry, counted from 1 in its chain.
    pub number: u64,
    /// What was signed: the chain's public link at that entry.
    pub link: [u8; 32],
    /// Who signed.
    pub identity: IdentityId,
    /// The signature: Ed25519, 64 bytes.
    pub signature: [u8; 64],
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl ChainRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, ChainId::from_bytes)?,
            device: id(row.get_ref("device")?.as_blob()?, DeviceId::from_bytes)?,
            person: row.get("person")?,
            identity: optional_id(row, "identity", IdentityId::from_bytes)?,
            started_ms: number(row, "started_ms")?,
        })
    }
}

impl CheckpointRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            chain: id(row.get_ref("chain")?.as_blob()?, ChainId::from_bytes)?,
            number: number(row, "number")?,
            link: row.get("link")?,
            identity: id(row.get_ref("identity")?.as_blob()?, IdentityId::from_bytes)?,
            signature: row.get("signature")?,
            at_ms: number(row, "at_ms")?,
        })
    }
}

impl Reader<'_> {
    /// Every chain, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn chains(&self) -> Result<Vec<ChainRow>, StoreError> {
        rows(self.0, "SELECT * FROM chain ORDER BY id", [], ChainRow::read)
    }

    /// The chain of a person on a machine.
    ///
    /// # Errors
    /// Those of the database.
    pub fn chain_of(&self, device: DeviceId, person: &str) -> Result<Option<ChainRow>, StoreError> {
        first(self.0, "SELECT * FROM chain WHERE device = ? AND person = ?", params![device.as_bytes(), person], ChainRow::read)
    }

    /// A chain's checkpoints, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn checkpoints(&self, chain: ChainId) -> Result<Vec<CheckpointRow>, StoreError> {
        rows(self.0, "SELECT * FROM checkpoint WHERE chain = ? ORDER BY number", [chain.as_bytes()], CheckpointRow::read)
    }

    /// A chain's last checkpoint.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_checkpoint(&self, chain: ChainId) -> Result<Option<CheckpointRow>, StoreError> {
        let sql = "SELECT * FROM checkpoint WHERE chain = ? ORDER BY number DESC LIMIT 1";
        first(self.0, sql, [chain.as_bytes()], CheckpointRow::read)
    }
}

impl Writer<'_> {
    /// Adds a chain.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the person has one on this machine.
    pub fn insert_chain(&self, row: &ChainRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO chain (id, device, person, identity, started_ms) VALUES (?, ?, ?, ?, ?)";
        let identity = row.identity.as_ref().map(IdentityId::as_bytes);
        let values = params![row.id.as_bytes(), row.device.as_bytes(), row.person, identity, signed(row.started_ms)];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Records which identity signs a chain from now on, or that none does.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the chain is not there.
    pub fn set_chain_identity(&self, chain: ChainId, identity: Option<IdentityId>) -> Result<(), StoreError> {
        let sql = "UPDATE chain SET identity = ? WHERE id = ?";
        execute_one(self.connection(), "chain", sql, params![identity.as_ref().map(IdentityId::as_bytes), chain.as_bytes()])
    }

    /// Adds a checkpoint.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the entry has one.
    pub fn insert_checkpoint(&self, row: &CheckpointRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO checkpoint (chain, number, link, identity, signature, at_ms) VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![row.chain.as_bytes(), signed(row.number), row.link, row.identity.as_bytes(), row.signature, signed(row.at_ms)];
        execute(self.connection(), sql, values).map(drop)
    }
}
