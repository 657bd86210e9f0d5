//! Surveys: hosts' facts at a moment, sealed.

use beffroi_domain::HostId;
use rusqlite::{Row, params};

use crate::table::{execute, first, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRow {
    /// The host.
    pub target: HostId,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: u64,
    /// The facts, sealed under the host's stage.
    pub sealed: Vec<u8>,
}

/// Surveys kept of one host.
const KEPT: i64 = 30;

impl SurveyRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            target: id(row.get_ref("target")?.as_blob()?, HostId::from_bytes)?,
            taken_ms: number(row, "taken_ms")?,
            sealed: row.get("sealed")?,
        })
    }
}

impl Reader<'_> {
    /// The last survey of a host.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_survey(&self, host: HostId) -> Result<Option<SurveyRow>, StoreError> {
        first(self.0, "SELECT * FROM survey WHERE target = ? ORDER BY taken_ms DESC LIMIT 1", [host.as_bytes()], SurveyRow::read)
    }

    /// The last survey of every host that has one.
    ///
    /// # Errors
    /// Those of the database.
    pub fn last_surveys(&self) -> Result<Vec<SurveyRow>, StoreError> {
        let sql = "SELECT * FROM survey WHERE (target, taken_ms) IN (SELECT target, max(taken_ms) FROM survey GROUP BY target)";
        rows(self.0, sql, [], SurveyRow::read)
    }
}

impl Writer<'_> {
    /// Adds a survey, and lets go of all but the host's last 30.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one of the same millisecond.
    pub fn insert_survey(&self, row: &SurveyRow) -> Result<(), StoreError> {
        let target = row.target.as_bytes();
        execute(
            self.connection(),
            "INSERT INTO survey (target, taken_ms, sealed) VALUES (?, ?, ?)",
            params![target, signed(row.taken_ms), row.sealed],
        )?;
        let sql = "DELETE FROM survey WHERE target = ?1 AND taken_ms NOT IN
                   (SELECT taken_ms FROM survey WHERE target = ?1 ORDER BY taken_ms DESC LIMIT ?2)";
        execute(self.connection(), sql, params![target, KEPT]).map(drop)
    }
}
