//! How logging in went: with which credential, to which host, as whom.

use beffroi_domain::HostId;
use rusqlite::{Row, params};

use crate::table::{execute, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// What one logs in with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credential {
    /// A secret's id, or `agent` and the fingerprint of its key.
    pub name: String,
    /// The secret's revision: another value is another credential. 0 for a key of an agent.
    pub revision: u64,
}

/// How logging in to a host went last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRow {
    /// The host.
    pub target: HostId,
    /// The account.
    pub user: String,
    /// When it was last taken there, in milliseconds since 1970.
    pub taken_ms: Option<u64>,
    /// When it was refused there, unless it was allowed again since.
    pub refused_ms: Option<u64>,
    /// What was refused: `publickey`, `password`, `keyboard-interactive`; empty for one that was taken.
    pub method: String,
}

fn optional(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => number(row, column).map(Some),
    }
}

impl LoginRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            target: id(row.get_ref("target")?.as_blob()?, HostId::from_bytes)?,
            user: row.get("user")?,
            taken_ms: optional(row, "taken_ms")?,
            refused_ms: optional(row, "refused_ms")?,
            method: row.get("method")?,
        })
    }
}

impl Reader<'_> {
    /// Where a credential was tried, and how that went.
    ///
    /// # Errors
    /// Those of the database.
    pub fn logins_with(&self, credential: &Credential) -> Result<Vec<LoginRow>, StoreError> {
        let sql = "SELECT * FROM login WHERE credential = ? AND revision = ?";
        rows(self.0, sql, params![credential.name, signed(credential.revision)], LoginRow::read)
    }

    /// Where any value of a credential was tried, and how that went: its revision, and the host.
    ///
    /// # Errors
    /// Those of the database.
    pub fn logins_of(&self, credential: &str) -> Result<Vec<(u64, LoginRow)>, StoreError> {
        let sql = "SELECT * FROM login WHERE credential = ? ORDER BY revision";
        rows(self.0, sql, params![credential], |row| Ok((number(row, "revision")?, LoginRow::read(row)?)))
    }

    /// When each credential was last taken by any host, whatever its revision, in milliseconds since 1970.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_taken(&self) -> Result<Vec<(String, u64)>, StoreError> {
        let sql = "SELECT credential, max(taken_ms) AS taken_ms FROM login WHERE taken_ms IS NOT NULL GROUP BY credential";
        rows(self.0, sql, [], |row| Ok((row.get("credential")?, number(row, "taken_ms")?)))
    }

    /// Every refusal that still stands: the credential, and where.
    ///
    /// # Errors
    /// Those of the database.
    pub fn refused_logins(&self) -> Result<Vec<(Credential, LoginRow)>, StoreError> {
        rows(self.0, "SELECT * FROM login WHERE refused_ms IS NOT NULL ORDER BY credential, target", [], |row| {
            Ok((Credential { name: row.get("credential")?, revision: number(row, "revision")? }, LoginRow::read(row)?))
        })
    }
}

impl Writer<'_> {
    /// Records how logging in went: what stood there of this credential, host and account is replaced.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_login(&self, credential: &Credential, row: &LoginRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO login (credential, revision, target, user, taken_ms, refused_ms, method) VALUES (?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT DO UPDATE SET taken_ms = coalesce(excluded.taken_ms, taken_ms), refused_ms = excluded.refused_ms,
                   method = excluded.method";
        let optional = |at: Option<u64>| at.map(signed);
        let values = params![
            credential.name,
            signed(credential.revision),
            row.target.as_bytes(),
            row.user,
            optional(row.taken_ms),
            optional(row.refused_ms),
            row.method
        ];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Lets a credential be tried again wherever it was refused. Gives how many refusals that were.
    ///
    /// # Errors
    /// Those of the database.
    pub fn allow_login(&self, credential: &str) -> Result<usize, StoreError> {
        let sql = "UPDATE login SET refused_ms = NULL, method = '' WHERE credential = ? AND refused_ms IS NOT NULL";
        execute(self.connection(), sql, [credential])
    }
}
