//! All that is sealed under a compartment, value by value: so that it can be sealed under another.
//!
//! One value is in memory at a time. Each is found by the key that follows the last one's, so that what is replaced
//! meanwhile is neither given twice nor left out.

use beffroi_domain::{CompartmentId, HostId, JobId, RunId};
use rusqlite::params;

use crate::table::document::DocumentRow;
use crate::table::guest_reading::GuestReadingRow;
use crate::table::identity::IdentityRow;
use crate::table::job::JobRow;
use crate::table::output::{OutputRow, OutputStream};
use crate::table::run_result::RunResultRow;
use crate::table::secret::SecretRow;
use crate::table::survey::SurveyRow;
use crate::table::{execute_one, first, signed};
use crate::{Reader, StoreError, Writer};

/// A sealed value: where it stands, and all that its place is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedValue {
    /// A secret's value.
    Secret(SecretRow),
    /// A host's facts at a moment.
    Survey {
        /// The host.
        target: HostId,
        /// When it was taken, in milliseconds since 1970.
        taken_ms: u64,
    },
    /// What a host last said of its guests.
    GuestReading {
        /// The host.
        target: HostId,
        /// When it said so, in milliseconds since 1970.
        taken_ms: u64,
    },
    /// What a job does.
    JobRecord {
        /// The job.
        job: JobId,
        /// Its host.
        target: HostId,
    },
    /// What a job's host still has to be given.
    JobInput {
        /// The job.
        job: JobId,
        /// Its host.
        target: HostId,
    },
    /// Why a job failed.
    JobFailure {
        /// The job.
        job: JobId,
        /// Its host.
        target: HostId,
    },
    /// A piece of a job's output.
    Output {
        /// The job.
        job: JobId,
        /// Its host.
        target: HostId,
        /// The piece.
        ordinal: u64,
        /// The step that wrote it.
        step: u16,
        /// Where it came from.
        stream: OutputStream,
        /// Where it starts in its stream, in bytes.
        offset: u64,
    },
    /// What a run gave on a host.
    RunResult {
        /// The run.
        run: RunId,
        /// The host.
        target: HostId,
        /// When it was written, in milliseconds since 1970.
        at_ms: u64,
    },
    /// A document.
    Document(DocumentRow),
    /// The private half of an identity. What was read of it is [`IdentityRow::private`] too.
    Identity(IdentityRow),
}

impl Reader<'_> {
    /// Gives every value that is sealed under a compartment to `visit`, with its bytes.
    ///
    /// # Errors
    /// Those of `visit`, and of the database; [`StoreError::Altered`] for a secret that is not as it was written.
    pub fn sealed_values<E: From<StoreError>>(
        &self,
        compartment: CompartmentId,
        mut visit: impl FnMut(&SealedValue, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.walk(compartment, |value, sealed| visit(value, sealed), |_| Ok(()))
    }

    /// Secrets, surveys, readings of guests, jobs with their output, results of runs, documents, identities. `after_job` is called when all of a job was visited.
    fn walk<E: From<StoreError>>(
        &self,
        compartment: CompartmentId,
        mut visit: impl FnMut(&SealedValue, &[u8]) -> Result<(), E>,
        mut after_job: impl FnMut(JobId) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut after = Vec::new();
        while let Some((row, sealed)) = self.next_secret(compartment, &after)? {
            after = row.id.as_bytes().to_vec();
            visit(&SealedValue::Secret(row), &sealed)?;
        }
        let mut after = (Vec::new(), 0);
        while let Some(row) = self.next_survey(compartment, &after.0, after.1)? {
            after = (row.target.as_bytes().to_vec(), row.taken_ms);
            visit(&SealedValue::Survey { target: row.target, taken_ms: row.taken_ms }, &row.sealed)?;
        }
        let mut after = Vec::new();
        while let Some(row) = self.next_guest_reading(compartment, &after)? {
            after = row.target.as_bytes().to_vec();
            visit(&SealedValue::GuestReading { target: row.target, taken_ms: row.taken_ms }, &row.sealed)?;
        }
        let mut after = Vec::new();
        while let Some(row) = self.next_job(compartment, &after)? {
            let (job, target) = (row.id, row.target);
            after = job.as_bytes().to_vec();
            let mut ordinal = 0;
            while let Some(OutputRow { sealed, step, stream, offset, ordinal: found, .. }) = self.output(job, ordinal, 1)?.pop() {
                ordinal = found;
                visit(&SealedValue::Output { job, target, ordinal, step, stream, offset }, &sealed)?;
            }
            visit(&SealedValue::JobRecord { job, target }, &row.record)?;
            row.input.map_or(Ok(()), |sealed| visit(&SealedValue::JobInput { job, target }, &sealed))?;
            row.failure.map_or(Ok(()), |sealed| visit(&SealedValue::JobFailure { job, target }, &sealed))?;
            after_job(job)?;
        }
        let mut after = (Vec::new(), Vec::new());
        while let Some(row) = self.next_run_result(compartment, &after.0, &after.1)? {
            after = (row.run.as_bytes().to_vec(), row.target.as_bytes().to_vec());
            visit(&SealedValue::RunResult { run: row.run, target: row.target, at_ms: row.at_ms }, &row.sealed)?;
        }
        let mut after = Vec::new();
        while let Some((row, sealed)) = self.next_document(compartment, &after)? {
            after = row.id.as_bytes().to_vec();
            visit(&SealedValue::Document(row), &sealed)?;
        }
        let mut after = Vec::new();
        while let Some(row) = self.next_identity(compartment, &after)? {
            after = row.id.as_bytes().to_vec();
            let sealed = row.private.as_ref().map(|half| half.sealed.clone()).unwrap_or_default();
            visit(&SealedValue::Identity(row), &sealed)?;
        }
        Ok(())
    }

    fn next_survey(&self, compartment: CompartmentId, target: &[u8], taken_ms: u64) -> Result<Option<SurveyRow>, StoreError> {
        let sql = "SELECT survey.* FROM survey CROSS JOIN target ON target.id = survey.target
                   WHERE (survey.target, survey.taken_ms) > (?, ?) AND target.compartment = ?
                   ORDER BY survey.target, survey.taken_ms LIMIT 1";
        first(self.0, sql, params![target, signed(taken_ms), compartment.as_bytes()], SurveyRow::read)
    }

    fn next_guest_reading(&self, compartment: CompartmentId, target: &[u8]) -> Result<Option<GuestReadingRow>, StoreError> {
        let sql = "SELECT guest_reading.* FROM guest_reading CROSS JOIN target ON target.id = guest_reading.target
                   WHERE guest_reading.target > ? AND target.compartment = ? ORDER BY guest_reading.target LIMIT 1";
        first(self.0, sql, params![target, compartment.as_bytes()], GuestReadingRow::read)
    }

    fn next_job(&self, compartment: CompartmentId, after: &[u8]) -> Result<Option<JobRow>, StoreError> {
        let sql = "SELECT * FROM job WHERE compartment = ? AND id > ? ORDER BY id LIMIT 1";
        first(self.0, sql, params![compartment.as_bytes(), after], JobRow::read)
    }

    fn next_run_result(&self, compartment: CompartmentId, run: &[u8], target: &[u8]) -> Result<Option<RunResultRow>, StoreError> {
        let sql = "SELECT * FROM run_result WHERE compartment = ? AND (run, target) > (?, ?) ORDER BY run, target LIMIT 1";
        first(self.0, sql, params![compartment.as_bytes(), run, target], RunResultRow::read)
    }

    fn next_identity(&self, compartment: CompartmentId, after: &[u8]) -> Result<Option<IdentityRow>, StoreError> {
        let sql = "SELECT * FROM identity WHERE compartment = ? AND id > ? ORDER BY id LIMIT 1";
        first(self.0, sql, params![compartment.as_bytes(), after], IdentityRow::read)
    }
}

impl Writer<'_> {
    /// Gives every value that is sealed under `from` to `reseal`, and stores in its place what that gives, under `to`.
    /// The two may be the same. Ids and revisions stay. Gives the number of values.
    ///
    /// A survey or a reading of guests is under the compartment of its host: hosts are moved after this ([`Reader::targets_in`],
    /// [`Writer::update_target`]), and so is the policy ([`Writer::move_policy`]).
    ///
    /// # Errors
    /// Those of `reseal`, and of the database; nothing was changed when the transaction ends with one.
    pub fn replace_sealed<E: From<StoreError>>(
        &self,
        from: CompartmentId,
        to: CompartmentId,
        mut reseal: impl FnMut(&SealedValue, &[u8]) -> Result<Vec<u8>, E>,
    ) -> Result<u64, E> {
        let mut count = 0;
        let replace = |value: &SealedValue, sealed: &[u8]| -> Result<(), E> {
            count += 1;
            let sealed = reseal(value, sealed)?;
            Ok(self.put_sealed(to, value, &sealed)?)
        };
        let move_job = |job: JobId| {
            let sql = "UPDATE job SET compartment = ? WHERE id = ?";
            Ok(execute_one(self.connection(), "job", sql, params![to.as_bytes(), job.as_bytes()])?)
        };
        self.reader().walk(from, replace, move_job)?;
        Ok(count)
    }

    fn put_sealed(&self, to: CompartmentId, value: &SealedValue, sealed: &[u8]) -> Result<(), StoreError> {
        let in_job = |sql, job: &JobId| execute_one(self.connection(), "job", sql, params![sealed, job.as_bytes()]);
        match value {
            SealedValue::Secret(row) => {
                let moved = SecretRow { compartment: to, ..row.clone() };
                let sql = "UPDATE secret SET compartment = ?, sealed = ?, mac = ? WHERE id = ?";
                execute_one(self.connection(), "secret", sql, params![to.as_bytes(), sealed, moved.mac(sealed), row.id.as_bytes()])
            }
            SealedValue::Survey { target, taken_ms } => {
                let sql = "UPDATE survey SET sealed = ? WHERE target = ? AND taken_ms = ?";
                execute_one(self.connection(), "survey", sql, params![sealed, target.as_bytes(), signed(*taken_ms)])
            }
            SealedValue::GuestReading { target, .. } => {
                let sql = "UPDATE guest_reading SET sealed = ? WHERE target = ?";
                execute_one(self.connection(), "guest_reading", sql, params![sealed, target.as_bytes()])
            }
            SealedValue::JobRecord { job, .. } => in_job("UPDATE job SET record = ? WHERE id = ?", job),
            SealedValue::JobInput { job, .. } => in_job("UPDATE job SET input = ? WHERE id = ?", job),
            SealedValue::JobFailure { job, .. } => in_job("UPDATE job SET failure = ? WHERE id = ?", job),
            SealedValue::Output { job, ordinal, .. } => {
                let sql = "UPDATE output SET sealed = ? WHERE job = ? AND ordinal = ?";
                execute_one(self.connection(), "output", sql, params![sealed, job.as_bytes(), signed(*ordinal)])
            }
            SealedValue::RunResult { run, target, .. } => {
                let sql = "UPDATE run_result SET compartment = ?, sealed = ? WHERE run = ? AND target = ?";
                let values = params![to.as_bytes(), sealed, run.as_bytes(), target.as_bytes()];
                execute_one(self.connection(), "run_result", sql, values)
            }
            SealedValue::Document(row) => {
                let moved = DocumentRow { compartment: to, ..row.clone() };
                let sql = "UPDATE document SET compartment = ?, sealed = ?, mac = ? WHERE id = ?";
                execute_one(self.connection(), "document", sql, params![to.as_bytes(), sealed, moved.mac(sealed), row.id.as_bytes()])
            }
            SealedValue::Identity(row) => {
                let sql = "UPDATE identity SET compartment = ?, sealed = ? WHERE id = ?";
                execute_one(self.connection(), "identity", sql, params![to.as_bytes(), sealed, row.id.as_bytes()])
            }
        }
    }
}
