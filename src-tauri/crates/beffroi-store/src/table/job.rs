//! Jobs and their steps.

use beffroi_domain::{CompartmentId, Exit, HostId, JobId, JobState, RunId, StepState};
use rusqlite::types::FromSqlError;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRow {
    /// Its id.
    pub id: JobId,
    /// Shared by the jobs of one plan.
    pub run: RunId,
    /// The host. It may have been removed from the catalog since.
    pub target: HostId,
    /// The compartment whose key seals the rest.
    pub compartment: CompartmentId,
    /// What it does, sealed.
    pub record: Vec<u8>,
    /// What the host still has to be given, sealed; gone once the job ended well.
    pub input: Option<Vec<u8>>,
    /// Why it failed, sealed.
    pub failure: Option<Vec<u8>>,
    /// Where it stands.
    pub state: JobState,
    /// When it was recorded, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// How often it was begun, counted from 1.
    pub attempt: u32,
}

/// A step of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRow {
    /// Counted from 1.
    pub number: u16,
    /// Where it stands.
    pub state: StepState,
    /// When it began, in milliseconds since 1970.
    pub started_ms: Option<u64>,
    /// When it ended.
    pub ended_ms: Option<u64>,
    /// How its command ended.
    pub exit: Option<Exit>,
    /// Bytes of standard output that are stored.
    pub stdout_offset: u64,
    /// Bytes of standard error that are stored.
    pub stderr_offset: u64,
}

fn optional(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<u64>> {
    match row.get_ref(column)? {
        rusqlite::types::ValueRef::Null => Ok(None),
        _ => number(row, column).map(Some),
    }
}

/// The names of [`Exit`]'s variants in the database.
const STATUS: &str = "status";
const SIGNAL: &str = "signal";
const UNKNOWN: &str = "unknown";

fn read_exit(row: &Row<'_>) -> rusqlite::Result<Option<Exit>> {
    let kind: Option<String> = row.get("exit_kind")?;
    match kind.as_deref() {
        None => Ok(None),
        Some(STATUS) => Ok(Some(Exit::Status(row.get("exit_status")?))),
        Some(SIGNAL) => Ok(Some(Exit::Signal(row.get("exit_signal")?))),
        Some(UNKNOWN) => Ok(Some(Exit::Unknown)),
        Some(_) => Err(FromSqlError::InvalidType.into()),
    }
}

impl JobRow {
    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, JobId::from_bytes)?,
            run: id(row.get_ref("run")?.as_blob()?, RunId::from_bytes)?,
            target: id(row.get_ref("target")?.as_blob()?, HostId::from_bytes)?,
            compartment: id(row.get_ref("compartment")?.as_blob()?, CompartmentId::from_bytes)?,
            record: row.get("record")?,
            input: row.get("input")?,
            failure: row.get("failure")?,
            state: JobState::from_name(row.get_ref("state")?.as_str()?).ok_or(FromSqlError::InvalidType)?,
            created_ms: number(row, "created_ms")?,
            ended_ms: optional(row, "ended_ms")?,
            attempt: row.get("attempt")?,
        })
    }
}

impl StepRow {
    /// A step that has not begun.
    #[must_use]
    pub fn pending(number: u16) -> Self {
        Self { number, state: StepState::Pending, started_ms: None, ended_ms: None, exit: None, stdout_offset: 0, stderr_offset: 0 }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            state: StepState::from_name(row.get_ref("state")?.as_str()?).ok_or(FromSqlError::InvalidType)?,
            started_ms: optional(row, "started_ms")?,
            ended_ms: optional(row, "ended_ms")?,
            exit: read_exit(row)?,
            stdout_offset: number(row, "stdout_offset")?,
            stderr_offset: number(row, "stderr_offset")?,
        })
    }
}

impl Reader<'_> {
    /// Jobs, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs(&self, most: u32) -> Result<Vec<JobRow>, StoreError> {
        rows(self.0, "SELECT * FROM job ORDER BY id DESC LIMIT ?", [most], JobRow::read)
    }

    /// A host's jobs, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs_of(&self, host: HostId, most: u32) -> Result<Vec<JobRow>, StoreError> {
        rows(self.0, "SELECT * FROM job WHERE target = ? ORDER BY id DESC LIMIT ?", params![host.as_bytes(), most], JobRow::read)
    }

    /// A host's jobs of one plan, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs_of_run(&self, host: HostId, run: RunId) -> Result<Vec<JobRow>, StoreError> {
        let values = params![host.as_bytes(), run.as_bytes()];
        rows(self.0, "SELECT * FROM job WHERE target = ? AND run = ? ORDER BY id", values, JobRow::read)
    }

    /// Jobs that stand somewhere, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub fn jobs_in(&self, state: JobState, most: u32) -> Result<Vec<JobRow>, StoreError> {
        rows(self.0, "SELECT * FROM job WHERE state = ? ORDER BY id DESC LIMIT ?", params![state.name(), most], JobRow::read)
    }

    /// One job.
    ///
    /// # Errors
    /// Those of the database.
    pub fn job(&self, job: JobId) -> Result<Option<JobRow>, StoreError> {
        first(self.0, "SELECT * FROM job WHERE id = ?", [job.as_bytes()], JobRow::read)
    }

    /// A job's steps, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn steps(&self, job: JobId) -> Result<Vec<StepRow>, StoreError> {
        rows(self.0, "SELECT * FROM step WHERE job = ? ORDER BY number", [job.as_bytes()], StepRow::read)
    }
}

impl Writer<'_> {
    /// Adds a job and its steps.
    ///
    /// # Errors
    /// Those of the database.
    pub fn insert_job(&self, row: &JobRow, steps: &[StepRow]) -> Result<(), StoreError> {
        let sql = "INSERT INTO job (id, run, target, compartment, record, input, failure, state, created_ms, ended_ms)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            row.id.as_bytes(),
            row.run.as_bytes(),
            row.target.as_bytes(),
            row.compartment.as_bytes(),
            row.record,
            row.input,
            row.failure,
            row.state.name(),
            signed(row.created_ms),
            row.ended_ms.map(signed)
        ];
        execute(self.connection(), sql, values)?;
        steps.iter().try_for_each(|step| {
            let sql = "INSERT INTO step (job, number, state) VALUES (?, ?, ?)";
            execute(self.connection(), sql, params![row.id.as_bytes(), step.number, step.state.name()]).map(drop)
        })
    }

    /// Records that a job runs.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn set_job_running(&self, job: JobId) -> Result<(), StoreError> {
        let sql = "UPDATE job SET state = ? WHERE id = ?";
        execute_one(self.connection(), "job", sql, params![JobState::Running.name(), job.as_bytes()])
    }

    /// Records a job's end, and erases what it was given unless it is kept for another try.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn end_job(&self, job: JobId, state: JobState, failure: Option<&[u8]>, keep_input: bool, at_ms: u64) -> Result<(), StoreError> {
        let sql = "UPDATE job SET state = ?, failure = ?, ended_ms = ?, input = CASE WHEN ? THEN input END WHERE id = ?";
        execute_one(self.connection(), "job", sql, params![state.name(), failure, signed(at_ms), keep_input, job.as_bytes()])
    }

    /// Puts an ended job back to where it can be begun again: its steps that are not done are as if they had never been.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn retry_job(&self, job: JobId) -> Result<(), StoreError> {
        let sql = "UPDATE job SET state = ?, failure = NULL, ended_ms = NULL, attempt = attempt + 1 WHERE id = ?";
        execute_one(self.connection(), "job", sql, params![JobState::Queued.name(), job.as_bytes()])?;
        let sql = "UPDATE step SET state = ?, started_ms = NULL, ended_ms = NULL, exit_kind = NULL, exit_status = NULL, exit_signal = NULL,
                   stdout_offset = 0, stderr_offset = 0 WHERE job = ? AND state <> ?";
        let values = params![StepState::Pending.name(), job.as_bytes(), StepState::Done.name()];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Erases what jobs that ended before a time were given. Gives how many had something.
    ///
    /// # Errors
    /// Those of the database.
    pub fn erase_inputs(&self, ended_before_ms: u64) -> Result<usize, StoreError> {
        let sql = "UPDATE job SET input = NULL WHERE input IS NOT NULL AND ended_ms < ?";
        execute(self.connection(), sql, [signed(ended_before_ms)])
    }

    /// Records where a step stands. Its offsets are [`Writer::append_output`]'s.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn set_step(&self, job: JobId, step: &StepRow) -> Result<(), StoreError> {
        let (kind, status, signal) = match &step.exit {
            Some(Exit::Status(status)) => (Some(STATUS), Some(*status), None),
            Some(Exit::Signal(signal)) => (Some(SIGNAL), None, Some(signal.as_str())),
            Some(Exit::Unknown) => (Some(UNKNOWN), None, None),
            None => (None, None, None),
        };
        let sql = "UPDATE step SET state = ?, started_ms = ?, ended_ms = ?, exit_kind = ?, exit_status = ?, exit_signal = ?
                   WHERE job = ? AND number = ?";
        let values = params![
            step.state.name(),
            step.started_ms.map(signed),
            step.ended_ms.map(signed),
            kind,
            status,
            signal,
            job.as_bytes(),
            step.number
        ];
        execute_one(self.connection(), "step", sql, values)
    }
}
