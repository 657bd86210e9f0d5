//! Brings a file's schema up to date.
//!
//! A migration that was released is never edited: a test holds each to the hash of its text.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// `Bffr` in ASCII: tells a catalog from another program's database.
const APPLICATION_ID: i32 = 0x4266_6672;

/// In order; the schema's number is how many were applied.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001-catalog.sql")];

/// Gives a new file its schema.
pub(crate) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection)
}

/// Applies what an existing file lacks, in one transaction. A file without any schema is refused: it was emptied, and
/// taking it for a new one would hide that.
pub(crate) fn update(connection: &mut Connection) -> Result<(), StoreError> {
    if schema(connection)? == 0 {
        return Err(StoreError::NotACatalog);
    }
    apply(connection)
}

fn apply(connection: &mut Connection) -> Result<(), StoreError> {
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found = schema(connection)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = schema(&transaction)?;
    for migration in MIGRATIONS.iter().skip(found as usize) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}

fn schema(connection: &Connection) -> Result<u32, StoreError> {
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    match (version, application) {
        (0, 0) | (1.., APPLICATION_ID) => Ok(version),
        _ => Err(StoreError::NotACatalog),
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// A line is added with each migration, and none is ever changed.
    const RELEASED: &[&str] = &["7de141f57f63518cb1021556f97845d9ffd15beff7e91e769283f5196b6da471"];

    #[test]
    fn released_migrations_are_frozen() {
        let hashes: Vec<String> =
            MIGRATIONS.iter().map(|sql| Sha256::digest(sql.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()).collect();
        assert_eq!(hashes, RELEASED, "a released migration is never edited: add another");
    }
}
