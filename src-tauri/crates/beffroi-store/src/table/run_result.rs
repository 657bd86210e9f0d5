//! Results of runs: what a run on many hosts gave on each of them, sealed.

use beffroi_domain::{CompartmentId, HostId, RunId};
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// What a run gave on one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunResultRow {
    /// The run.
    pub run: RunId,
    /// The host.
    pub target: HostId,
    /// The compartment that seals it: that of the host's stage when it was run there.
    pub compartment: CompartmentId,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: u64,
    /// What was run and how it ended, sealed.
    pub sealed: Vec<u8>,
}

/// Runs that are kept.
const KEPT: i64 = 100;

impl RunResultRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            run: id(row.get_ref("run")?.as_blob()?, RunId::from_bytes)?,
            target: id(row.get_ref("target")?.as_blob()?, HostId::from_bytes)?,
            compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
            at_ms: number(row, "at_ms")?,
            sealed: row.get("sealed")?,
        })
    }
}

impl Reader<'_> {
    /// The results of a run that are still there: those of hosts that were removed are not.
    ///
    /// # Errors
    /// Those of the database.
    pub fn run_results(&self, run: RunId) -> Result<Vec<RunResultRow>, StoreError> {
        rows(self.0, "SELECT * FROM run_result WHERE run = ? ORDER BY target", [run.as_bytes()], RunResultRow::read)
    }

    /// The runs, newest first: their ids sort by the time they were made.
    ///
    /// # Errors
    /// Those of the database.
    pub fn runs(&self) -> Result<Vec<RunId>, StoreError> {
        let read = |row: &Row<'_>| id(row.get_ref("run")?.as_blob()?, RunId::from_bytes);
        rows(self.0, "SELECT DISTINCT run FROM run_result ORDER BY run DESC", [], read)
    }
}

impl Writer<'_> {
    /// Records what a run gave on a host, in the place of what was recorded of it there.
    ///
    /// # Errors
    /// [`StoreError::Dangling`] when the host or the compartment is not there.
    pub fn put_run_result(&self, row: &RunResultRow) -> Result<(), StoreError> {
        // Two statements: one for both would keep a copy of every page that it changes, should it fail half-way.
        let sql = "INSERT INTO run_result (run, target, compartment, at_ms, sealed) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let (run, target, compartment) = (row.run.as_bytes(), row.target.as_bytes(), row.compartment.as_bytes());
        if execute(self.connection(), sql, params![run, target, compartment, signed(row.at_ms), row.sealed])? == 1 {
            return Ok(());
        }
        let sql = "UPDATE run_result SET compartment = ?, at_ms = ?, sealed = ? WHERE run = ? AND target = ?";
        execute_one(self.connection(), "run_result", sql, params![compartment, signed(row.at_ms), row.sealed, run, target])
    }

    /// Lets go of all but the last 100 runs.
    ///
    /// # Errors
    /// Those of the database.
    pub fn forget_old_runs(&self) -> Result<(), StoreError> {
        let sql = "DELETE FROM run_result WHERE run <= (SELECT DISTINCT run FROM run_result ORDER BY run DESC LIMIT 1 OFFSET ?)";
        execute(self.connection(), sql, [KEPT]).map(drop)
    }
}
