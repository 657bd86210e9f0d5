//! Surveys: hosts' facts at a moment, sealed.

use beffroi_domain::HostId;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, number, rows, signed};
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

    /// The surveys of a host, the newest first: at most 30.
    ///
    /// # Errors
    /// Those of the database.
    pub fn surveys_of(&self, host: HostId) -> Result<Vec<SurveyRow>, StoreError> {
        rows(self.0, "SELECT * FROM survey WHERE target = ? ORDER BY taken_ms DESC", [host.as_bytes()], SurveyRow::read)
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
    /// Puts other sealed facts in the place of a survey's.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn replace_survey(&self, row: &SurveyRow) -> Result<(), StoreError> {
        let sql = "UPDATE survey SET sealed = ? WHERE target = ? AND taken_ms = ?";
        execute_one(self.connection(), "survey", sql, params![row.sealed, row.target.as_bytes(), signed(row.taken_ms)])
    }

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
