//! What two copies of one vault need to be merged: which rows each entry of the journal changed, and rows that are taken as
//! they stand in the other copy, with their revisions.

use beffroi_domain::{ChainId, CompartmentId, JobId};
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::table::compartment::CompartmentRow;
use crate::table::document::DocumentRow;
use crate::table::identity::IdentityRow;
use crate::table::policy::PolicyRow;
use crate::table::recipe::RecipeRow;
use crate::table::secret::SecretRow;
use crate::table::target::TargetRow;
use crate::table::{execute, rows, signed};
use crate::{Reader, StoreError, Writer};

/// The tables of which changes are noted: those that the state digest covers row by row.
const NOTED: [&str; 7] = ["compartment", "document", "identity", "policy", "recipe", "secret", "target"];

/// A row that the state digest covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// Its table.
    pub table: &'static str,
    /// Its id.
    pub id: [u8; 16],
}

/// What was copied of what no digest covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HistoryTaken {
    /// Surveys of hosts.
    pub surveys: u64,
    /// Jobs that ended, with their output.
    pub jobs: u64,
    /// Results of runs.
    pub runs: u64,
}

impl RowKey {
    /// The key of a row of one of the noted tables.
    #[must_use]
    pub fn new(table: &str, id: [u8; 16]) -> Option<Self> {
        NOTED.into_iter().find(|noted| *noted == table).map(|table| Self { table, id })
    }

    fn write(self, text: &mut String) {
        // The first letter of each table is its own.
        text.extend(self.table.chars().next());
        text.extend(self.id.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|half| char::from_digit(half.into(), 16)));
    }

    fn read(text: &str) -> Option<Self> {
        let table = NOTED.into_iter().find(|noted| text.starts_with(noted.get(..1).unwrap_or_default()))?;
        let mut id = [0; 16];
        for (place, byte) in id.iter_mut().enumerate() {
            let half = text.get(1 + 2 * place..3 + 2 * place)?;
            *byte = u8::from_str_radix(half, 16).ok()?;
        }
        Some(Self { table, id })
    }
}

/// Characters of a row in the note of an entry.
const WIDTH: usize = 33;

/// The setting with what an entry changed. Numbers are as wide as any, so that they sort as numbers.
fn note(chain: ChainId, number: u64) -> String {
    format!("changed/{chain}/{number:020}")
}

impl Reader<'_> {
    /// The rows that a chain's entries changed, added or removed, from the one after `after`.
    ///
    /// # Errors
    /// Those of the database; [`StoreError::Malformed`].
    pub fn changed_rows(&self, chain: ChainId, after: u64) -> Result<Vec<RowKey>, StoreError> {
        let malformed = || StoreError::Malformed { reason: "the rows that an entry changed".to_owned() };
        let mut found = Vec::new();
        for (_, text) in self.change_notes(chain, after)? {
            let bytes = text.as_bytes().chunks(WIDTH);
            for piece in bytes {
                let piece = std::str::from_utf8(piece).map_err(|_| malformed())?;
                found.push(RowKey::read(piece).ok_or_else(malformed)?);
            }
        }
        Ok(found)
    }

    fn change_notes(&self, chain: ChainId, after: u64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT key, value FROM setting WHERE key > ? AND key < ? ORDER BY key";
        // The character after the stroke: behind every number.
        rows(self.0, sql, [note(chain, after), format!("changed/{chain}0")], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}

impl Writer<'_> {
    /// Notes the rows that an entry changed, added or removed. Two copies are merged by what is noted since they parted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note_changed(&self, chain: ChainId, number: u64, changed: &[RowKey]) -> Result<(), StoreError> {
        if changed.is_empty() {
            return Ok(());
        }
        let mut text = String::with_capacity(WIDTH * changed.len());
        changed.iter().for_each(|row| row.write(&mut text));
        self.set_setting(&note(chain, number), &text)
    }

    /// Takes over what another copy noted of a chain's entries from the one after `after`.
    ///
    /// # Errors
    /// Those of both databases.
    pub fn take_change_notes(&self, other: &Reader<'_>, chain: ChainId, after: u64) -> Result<(), StoreError> {
        other.change_notes(chain, after)?.iter().try_for_each(|(key, value)| self.set_setting(key, value))
    }

    /// Lets rows refer to others that are written later in this transaction, and gives up the unique names of rows that are
    /// about to be replaced, so that names can be exchanged.
    ///
    /// # Errors
    /// Those of the database.
    pub fn begin_merge(&self, replaced: &[RowKey]) -> Result<(), StoreError> {
        self.connection().execute_batch("PRAGMA defer_foreign_keys = ON")?;
        for row in replaced {
            let sql = match row.table {
                "target" => "UPDATE target SET name = hex(id) WHERE id = ?",
                "secret" => "UPDATE secret SET name = hex(id) WHERE id = ?",
                "recipe" => "UPDATE recipe SET name = hex(id) WHERE id = ?",
                _ => continue,
            };
            execute(self.connection(), sql, [row.id])?;
        }
        Ok(())
    }

    /// Removes a row that may not be there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_row(&self, row: RowKey) -> Result<(), StoreError> {
        let sql = match row.table {
            "target" => "DELETE FROM target WHERE id = ?",
            "secret" => "DELETE FROM secret WHERE id = ?",
            "document" => "DELETE FROM document WHERE id = ?",
            "recipe" => "DELETE FROM recipe WHERE id = ?",
            "identity" => "DELETE FROM identity WHERE id = ?",
            "policy" => "DELETE FROM policy WHERE compartment = ?",
            _ => "DELETE FROM compartment WHERE id = ?",
        };
        execute(self.connection(), sql, [row.id]).map(drop)
    }

    /// Puts a host's row in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when another one has the name.
    pub fn put_target(&self, row: &TargetRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO target (id, name, compartment, record, revision, mac) VALUES (?, ?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, compartment = excluded.compartment, record = excluded.record,
                   revision = excluded.revision, mac = excluded.mac";
        let values = params![row.id.as_bytes(), row.name, row.compartment.as_bytes(), row.record, signed(row.revision), row.mac];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Puts a secret's row in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when another one has the name.
    pub fn put_secret(&self, row: &SecretRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO secret (id, name, compartment, kind, sealed, revision, created_ms, changed_ms, mac)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, compartment = excluded.compartment, kind = excluded.kind,
                   sealed = excluded.sealed, revision = excluded.revision, changed_ms = excluded.changed_ms, mac = excluded.mac";
        let values = params![
            row.id.as_bytes(),
            row.name,
            row.compartment.as_bytes(),
            row.kind,
            sealed,
            signed(row.revision),
            signed(row.created_ms),
            signed(row.changed_ms),
            row.mac(sealed)
        ];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Puts a document in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_document(&self, row: &DocumentRow, sealed: &[u8]) -> Result<(), StoreError> {
        let sql = "INSERT INTO document (id, kind, compartment, revision, mac, sealed) VALUES (?, ?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, compartment = excluded.compartment,
                   revision = excluded.revision, mac = excluded.mac, sealed = excluded.sealed";
        let values = params![row.id.as_bytes(), row.kind, row.compartment.as_bytes(), signed(row.revision), row.mac(sealed), sealed];
        execute(self.connection(), sql, values).map(drop)
    }

    /// Puts a compartment in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its stage has another one.
    pub fn put_compartment(&self, row: &CompartmentRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO compartment (id, stage, wrapped, revision, mac) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET wrapped = excluded.wrapped, revision = excluded.revision, mac = excluded.mac";
        execute(self.connection(), sql, params![row.id.as_bytes(), row.stage, row.wrapped, signed(row.revision), row.mac]).map(drop)
    }

    /// Puts a policy in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_policy(&self, row: &PolicyRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO policy (compartment, record, revision, mac) VALUES (?, ?, ?, ?)
                   ON CONFLICT (compartment) DO UPDATE SET record = excluded.record, revision = excluded.revision, mac = excluded.mac";
        execute(self.connection(), sql, params![row.compartment.as_bytes(), row.record, signed(row.revision), row.mac]).map(drop)
    }

    /// Puts a recipe in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when another one has the name.
    pub fn put_recipe(&self, row: &RecipeRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO recipe (id, name, record, revision, mac) VALUES (?, ?, ?, ?, ?)
                   ON CONFLICT (id) DO UPDATE SET name = excluded.name, record = excluded.record, revision = excluded.revision,
                   mac = excluded.mac";
        execute(self.connection(), sql, params![row.id.as_bytes(), row.name, row.record, signed(row.revision), row.mac]).map(drop)
    }

    /// Puts an identity in place as it is, whatever revision is there.
    ///
    /// # Errors
    /// Those of the database.
    pub fn put_identity(&self, row: &IdentityRow) -> Result<(), StoreError> {
        self.drop_row(RowKey { table: "identity", id: *row.id.as_bytes() })?;
        self.insert_identity(row)
    }

    /// Copies what no digest covers and this copy lacks: surveys, jobs that ended, results of runs, what lies on hosts. Only
    /// what is sealed under a compartment that is here too. A job that goes on by what is known here and ended by what is known there
    /// ended, unless this process follows it. Called when the hosts are in place.
    ///
    /// # Errors
    /// Those of both databases.
    pub fn take_history(&self, other: &Reader<'_>, is_followed: impl Fn(JobId) -> bool) -> Result<HistoryTaken, StoreError> {
        let into = self.connection();
        let of_host = |compartment: &CompartmentId, target: &[u8]| {
            let sql = "SELECT count(*) FROM target WHERE id = ? AND compartment = ?";
            count(into, sql, params![target, compartment.as_bytes()]).map(|count| count > 0)
        };
        let mut taken = HistoryTaken::default();
        let surveys = "SELECT survey.*, target.compartment AS theirs FROM survey JOIN target ON target.id = survey.target";
        copy_rows(
            other.0,
            into,
            "survey",
            surveys,
            &[],
            |compartment, target| of_host(compartment, target),
            |_| {
                taken.surveys += 1;
                Ok(())
            },
        )?;
        let runs = "SELECT *, compartment AS theirs FROM run_result";
        copy_rows(
            other.0,
            into,
            "run_result",
            runs,
            &[],
            |compartment, target| of_host(compartment, target),
            |_| {
                taken.runs += 1;
                Ok(())
            },
        )?;
        let is_here = |compartment: &CompartmentId, _: &[u8]| {
            count(into, "SELECT count(*) FROM compartment WHERE id = ?", [compartment.as_bytes()]).map(|count| count > 0)
        };
        self.give_up_open_jobs(other, is_followed)?;
        let jobs = "SELECT *, compartment AS theirs FROM job WHERE ended_ms IS NOT NULL";
        copy_rows(other.0, into, "job", jobs, &[], is_here, |job| {
            taken.jobs += 1;
            for (table, sql) in [("step", "SELECT * FROM step WHERE job = ?"), ("output", "SELECT * FROM output WHERE job = ?")] {
                copy_rows(other.0, into, table, sql, std::slice::from_ref(job), |_, _| Ok(true), |_| Ok(()))?;
            }
            Ok(())
        })?;
        self.take_ledger(other)?;
        Ok(taken)
    }

    /// Removes jobs that ended in the other copy and did not here, for those of the other copy to come. One that was begun
    /// once more here goes on.
    fn give_up_open_jobs(&self, other: &Reader<'_>, is_followed: impl Fn(JobId) -> bool) -> Result<(), StoreError> {
        let mut statement = other.0.prepare("SELECT id, attempt, compartment FROM job WHERE ended_ms IS NOT NULL")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let (job, attempt, compartment): (Vec<u8>, u32, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if JobId::from_bytes(&job).is_ok_and(|job| !is_followed(job)) {
                // Its steps and its output go along.
                let sql = "DELETE FROM job WHERE id = ? AND ended_ms IS NULL AND attempt <= ? AND compartment = ?";
                execute(self.connection(), sql, params![job, attempt, compartment])?;
            }
        }
        Ok(())
    }

    fn take_ledger(&self, other: &Reader<'_>) -> Result<(), StoreError> {
        let mut statement = other.0.prepare("SELECT target, kind, what, created_ms, removed_ms FROM ledger")?;
        let mut found = statement.query([])?;
        while let Some(row) = found.next()? {
            let values = (0..5).map(|column| row.get::<_, Value>(column)).collect::<Result<Vec<_>, _>>()?;
            let sql = "INSERT INTO ledger (target, kind, what, created_ms, removed_ms) VALUES (?, ?, ?, ?, ?)
                       ON CONFLICT DO UPDATE SET removed_ms = excluded.removed_ms
                       WHERE removed_ms IS NULL AND excluded.removed_ms > created_ms";
            execute(self.connection(), sql, params_from_iter(values))?;
        }
        Ok(())
    }
}

fn count(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<i64, StoreError> {
    Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
}

/// Inserts rows that are not there yet: `fits` is asked with the row's compartment (the column `theirs`, when there is one) and its
/// target, `after` called with the first column of each that was inserted.
fn copy_rows(
    from: &Connection,
    into: &Connection,
    table: &str,
    select: &str,
    values: &[Value],
    fits: impl Fn(&CompartmentId, &[u8]) -> Result<bool, StoreError>,
    mut after: impl FnMut(&Value) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = from.prepare(select)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let kept: Vec<usize> = names.iter().enumerate().filter(|(_, name)| *name != "theirs").map(|(at, _)| at).collect();
    let columns: Vec<&str> = kept.iter().filter_map(|at| names.get(*at)).map(String::as_str).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let insert = format!("INSERT OR IGNORE INTO {table} ({}) VALUES ({marks})", columns.join(", "));
    let is_theirs = names.iter().any(|name| name == "theirs");
    let mut found = statement.query(params_from_iter(values))?;
    while let Some(row) = found.next()? {
        if is_theirs {
            let compartment: Vec<u8> = row.get("theirs")?;
            let target: Vec<u8> = row.get("target")?;
            let Ok(compartment) = CompartmentId::from_bytes(&compartment) else { continue };
            if !fits(&compartment, &target)? {
                continue;
            }
        }
        let values = kept.iter().map(|at| row.get::<_, Value>(*at)).collect::<Result<Vec<_>, _>>()?;
        if execute(into, &insert, params_from_iter(&values))? == 1
            && let Some(first) = values.first()
        {
            after(first)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use beffroi_domain::{Exit, HostId, JobState, RunId, StepState};
    use beffroi_secret::SecretKey;

    use super::*;
    use crate::Catalog;
    use crate::table::job::{JobRow, StepRow};

    #[test]
    fn a_job_that_ended_in_the_other_copy_ended() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let catalog = |name: &str| Catalog::create(&folder.path().join(name), &SecretKey::new([1; 32])).expect("created");
        let (here, there) = (catalog("here.db"), catalog("there.db"));
        let stage = CompartmentRow { id: CompartmentId::make(), stage: "dev".to_owned(), wrapped: vec![1], revision: 1, mac: [0; 32] };
        let job = |id: JobId| JobRow {
            id,
            run: RunId::make(),
            target: HostId::make(),
            compartment: stage.id,
            record: vec![1],
            input: Some(vec![2]),
            failure: None,
            state: JobState::Running,
            created_ms: 1,
            ended_ms: None,
            attempt: 1,
        };
        let [ended, followed, again] = [JobId::make(), JobId::make(), JobId::make()];
        for side in [&here, &there] {
            side.write(|writer| {
                writer.insert_compartment(&stage)?;
                [ended, followed, again].iter().try_for_each(|id| writer.insert_job(&job(*id), &[StepRow::pending(1)]))
            })
            .expect("written");
        }
        let done = StepRow { state: StepState::Done, exit: Some(Exit::Status(0)), ended_ms: Some(8), ..StepRow::pending(1) };
        there
            .write(|writer| {
                [ended, followed, again].iter().try_for_each(|id| {
                    writer.set_step(*id, &done)?;
                    writer.end_job(*id, JobState::Done, None, false, 9)
                })
            })
            .expect("ended");
        here.write(|writer| writer.retry_job(again)).expect("begun again");
        let taken = there.read(|theirs| here.write(|writer| writer.take_history(theirs, |id| id == followed))).expect("taken");
        assert_eq!(taken.jobs, 1);
        let found = here.read(|reader| {
            let job = |id| Ok::<_, StoreError>(reader.job(id)?.expect("a job"));
            let steps = reader.steps(ended)?;
            Ok::<_, StoreError>((job(ended)?, job(followed)?, job(again)?, steps))
        });
        let (taken, kept, retried, steps) = found.expect("read");
        assert_eq!((taken.state, taken.ended_ms, taken.input), (JobState::Done, Some(9), None));
        assert_eq!(steps, [done]);
        assert_eq!((kept.ended_ms, retried.ended_ms, retried.attempt), (None, None, 2));
    }

    #[test]
    fn what_an_entry_changed_is_read_back_by_its_number() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let catalog = Catalog::create(&folder.path().join("catalog.db"), &SecretKey::new([1; 32])).expect("created");
        let (one, other) = (ChainId::make(), ChainId::make());
        let key = |table, byte| RowKey::new(table, [byte; 16]).expect("a noted table");
        assert_eq!(RowKey::new("job", [0; 16]), None);
        let noted: Vec<RowKey> = NOTED.iter().zip(0xf8..0xff).map(|(table, byte)| key(table, byte)).collect();
        let read = catalog.write(|writer| {
            writer.note_changed(one, 9, &noted)?;
            writer.note_changed(one, 10, &[key("secret", 1)])?;
            writer.note_changed(one, 11, &[])?;
            writer.note_changed(other, 3, &[key("target", 2)])?;
            let reader = writer.reader();
            Ok::<_, StoreError>([reader.changed_rows(one, 8)?, reader.changed_rows(one, 9)?, reader.changed_rows(one, 10)?])
        });
        let mut all = noted;
        all.push(key("secret", 1));
        assert_eq!(read.expect("read"), [all, vec![key("secret", 1)], vec![]]);
    }
}
