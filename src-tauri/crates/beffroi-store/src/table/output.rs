//! Output of jobs, in order of arrival, sealed.

use beffroi_domain::JobId;
use rusqlite::types::FromSqlError;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// Where a piece came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Ours: that the link was lost, that it was attached again.
    Note,
}

impl OutputStream {
    /// The name in the database and on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Note => "note",
        }
    }
}

/// A piece of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputRow {
    /// Grows by one from piece to piece of a job.
    pub ordinal: u64,
    /// The step that wrote it.
    pub step: u16,
    /// When it arrived, in milliseconds since 1970.
    pub at_ms: u64,
    /// Where it came from.
    pub stream: OutputStream,
    /// Where it starts in its stream, in bytes.
    pub offset: u64,
    /// The bytes, sealed.
    pub sealed: Vec<u8>,
}

impl OutputRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let name = row.get_ref("stream")?.as_str()?;
        let streams = [OutputStream::Stdout, OutputStream::Stderr, OutputStream::Note];
        Ok(Self {
            ordinal: number(row, "ordinal")?,
            step: row.get("step")?,
            at_ms: number(row, "at_ms")?,
            stream: streams.into_iter().find(|stream| stream.name() == name).ok_or(FromSqlError::InvalidType)?,
            offset: number(row, "stream_offset")?,
            sealed: row.get("sealed")?,
        })
    }
}

impl Reader<'_> {
    /// A job's pieces after an ordinal, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub fn output(&self, job: JobId, after: u64, most: u32) -> Result<Vec<OutputRow>, StoreError> {
        let sql = "SELECT * FROM output WHERE job = ? AND ordinal > ? ORDER BY ordinal LIMIT ?";
        rows(self.0, sql, params![job.as_bytes(), signed(after), most], OutputRow::read)
    }

    /// The ordinal that a job's next piece gets.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_ordinal(&self, job: JobId) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(ordinal), 0) + 1 AS next FROM output WHERE job = ?";
        Ok(first(self.0, sql, [job.as_bytes()], |row| number(row, "next"))?.unwrap_or(1))
    }
}

impl Writer<'_> {
    /// Adds a piece and moves its step's offset to `end`, in the same transaction: whatever happens, a byte is neither
    /// lost nor there twice.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the step's offset is not where the piece starts.
    pub fn append_output(&self, job: JobId, piece: &OutputRow, end: u64) -> Result<(), StoreError> {
        let sql = match piece.stream {
            OutputStream::Stdout => "UPDATE step SET stdout_offset = ? WHERE job = ? AND number = ? AND stdout_offset = ?",
            OutputStream::Stderr => "UPDATE step SET stderr_offset = ? WHERE job = ? AND number = ? AND stderr_offset = ?",
            OutputStream::Note => return self.insert_output(job, piece),
        };
        execute_one(self.connection(), "step", sql, params![signed(end), job.as_bytes(), piece.step, signed(piece.offset)])?;
        self.insert_output(job, piece)
    }

    /// Moves a step's offset past bytes that are not kept.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the step is not there.
    pub fn pass_output(&self, job: JobId, step: u16, stream: OutputStream, end: u64) -> Result<(), StoreError> {
        let sql = match stream {
            OutputStream::Stdout => "UPDATE step SET stdout_offset = ? WHERE job = ? AND number = ?",
            OutputStream::Stderr => "UPDATE step SET stderr_offset = ? WHERE job = ? AND number = ?",
            OutputStream::Note => return Ok(()),
        };
        execute_one(self.connection(), "step", sql, params![signed(end), job.as_bytes(), step])
    }

    fn insert_output(&self, job: JobId, piece: &OutputRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO output (job, ordinal, step, at_ms, stream, stream_offset, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            job.as_bytes(),
            signed(piece.ordinal),
            piece.step,
            signed(piece.at_ms),
            piece.stream.name(),
            signed(piece.offset),
            piece.sealed
        ];
        execute(self.connection(), sql, values).map(drop)
    }
}
