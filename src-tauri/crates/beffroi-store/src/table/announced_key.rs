//! Host keys that were announced, and that nobody decided about yet.

use beffroi_domain::{Fingerprint, HostId};
use rusqlite::types::FromSqlError;
use rusqlite::{Row, params};

use crate::table::{execute, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A host key that its host announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedKeyRow {
    /// The key's SHA-256.
    pub fingerprint: Fingerprint,
    /// Its algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
    /// The public key as on the wire.
    pub key: Vec<u8>,
    /// Whether the host proved that it holds the key.
    pub proven: bool,
    /// When it was first announced, in milliseconds since 1970.
    pub at_ms: u64,
}

impl AnnouncedKeyRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let fingerprint = row.get::<_, String>("fingerprint")?.parse().map_err(|_| FromSqlError::InvalidType)?;
        let (algorithm, key, proven) = (row.get("algorithm")?, row.get("key")?, row.get("proven")?);
        Ok(Self { fingerprint, algorithm, key, proven, at_ms: number(row, "at_ms")? })
    }
}

impl Reader<'_> {
    /// The keys that a host announced, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn announced_keys(&self, host: HostId) -> Result<Vec<AnnouncedKeyRow>, StoreError> {
        let sql = "SELECT * FROM announced_key WHERE target = ? ORDER BY at_ms, fingerprint";
        rows(self.0, sql, [host.as_bytes()], AnnouncedKeyRow::read)
    }
}

impl Writer<'_> {
    /// Puts what a host announces in the place of what it announced before. A key that stood there keeps its time.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_announced_keys(&self, host: HostId, keys: &[AnnouncedKeyRow]) -> Result<(), StoreError> {
        let before = self.reader().announced_keys(host)?;
        execute(self.connection(), "DELETE FROM announced_key WHERE target = ?", [host.as_bytes()])?;
        let sql = "INSERT OR IGNORE INTO announced_key (target, fingerprint, algorithm, key, proven, at_ms) VALUES (?, ?, ?, ?, ?, ?)";
        for row in keys {
            let at_ms = before.iter().find(|known| known.fingerprint == row.fingerprint).map_or(row.at_ms, |known| known.at_ms);
            let values = params![host.as_bytes(), row.fingerprint.as_str(), row.algorithm, row.key, row.proven, signed(at_ms)];
            execute(self.connection(), sql, values)?;
        }
        Ok(())
    }
}
