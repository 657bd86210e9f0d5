//! One module per table: its row, and every query on it.

pub mod announced_key;
pub mod chain;
pub mod compartment;
pub mod digest;
pub mod document;
pub mod guest_reading;
pub mod identity;
pub mod job;
pub mod journal;
pub mod ledger;
pub mod login;
pub mod merge;
pub mod output;
pub mod policy;
pub mod recipe;
pub mod run_result;
pub mod sealed;
pub mod search;
pub mod secret;
pub mod setting;
pub mod slot_note;
pub mod survey;
pub mod target;

use rusqlite::types::{FromSqlError, ValueRef};
use rusqlite::{Connection, Params, Row, RowIndex};

use crate::StoreError;

/// Reads an id column.
pub(crate) fn id<T>(bytes: &[u8], read: impl FnOnce(&[u8]) -> Result<T, beffroi_domain::InvalidId>) -> rusqlite::Result<T> {
    read(bytes).map_err(|_| FromSqlError::InvalidType.into())
}

/// Reads an id column that may be empty.
pub(crate) fn optional_id<T>(
    row: &Row<'_>,
    column: &str,
    read: impl FnOnce(&[u8]) -> Result<T, beffroi_domain::InvalidId>,
) -> rusqlite::Result<Option<T>> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        value => id(value.as_blob()?, read).map(Some),
    }
}

/// Reads a MAC column.
pub(crate) fn mac(row: &Row<'_>, column: &str) -> rusqlite::Result<[u8; 32]> {
    row.get(column)
}

/// Reads a number that is never negative.
pub(crate) fn number(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).and_then(|value| u64::try_from(value).map_err(|_| FromSqlError::OutOfRange(value).into()))
}

/// SQLite's integers are signed; times, revisions and offsets stay far below its limit.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Every row of a query.
pub(crate) fn rows<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params, read)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The first row of a query.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut found = statement.query(params)?;
    Ok(found.next()?.map(read).transpose()?)
}

/// Runs a statement; gives how many rows it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(connection.prepare_cached(sql)?.execute(params)?)
}

/// Runs a statement that must change exactly one row.
pub(crate) fn execute_one(connection: &Connection, table: &'static str, sql: &str, params: impl Params) -> Result<(), StoreError> {
    match execute(connection, sql, params)? {
        1 => Ok(()),
        _ => Err(StoreError::Conflict { table }),
    }
}

/// Reads a row that came with its entry in the index that the state digest reads: the columns `covered_id`,
/// `covered_revision` and `covered_mac`. A page of the table can be replayed without that index; the two differ then.
///
/// The row must be read from the table alone (`NOT INDEXED`), the entry from the index alone (`INDEXED BY`).
pub(crate) fn covered<T>(
    table: &'static str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> impl Fn(&Row<'_>) -> rusqlite::Result<Result<T, StoreError>> {
    move |row| {
        for (column, covered) in [("id", "covered_id"), ("revision", "covered_revision"), ("mac", "covered_mac")] {
            if row.get_ref(column)? != row.get_ref(covered)? {
                let id = id(row.get_ref("covered_id")?.as_blob()?, beffroi_domain::HostId::from_bytes)?;
                return Ok(Err(StoreError::Altered { table, id: id.to_string() }));
            }
        }
        read(row).map(Ok)
    }
}
