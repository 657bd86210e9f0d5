//! Brings a file's schema up to date.
//!
//! A migration that was released is never edited: a test holds each to the hash of its text. What SQL cannot say is in
//! a step that follows the text, in the same transaction.

mod schema2;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::StoreError;

/// `Bffr` in ASCII: tells a catalog from another program's database.
const APPLICATION_ID: i32 = 0x4266_6672;

/// What follows a migration's text.
type Step = fn(&Transaction<'_>) -> Result<(), StoreError>;

struct Migration {
    sql: &'static str,
    step: Option<Step>,
}

/// In order; the schema's number is how many were applied.
const MIGRATIONS: &[Migration] = &[
    Migration { sql: include_str!("migrations/0001-catalog.sql"), step: None },
    Migration { sql: include_str!("migrations/0002-chains.sql"), step: Some(schema2::fill) },
    Migration { sql: include_str!("migrations/0003-engine.sql"), step: None },
    Migration { sql: include_str!("migrations/0004-documents.sql"), step: None },
    Migration { sql: include_str!("migrations/0005-guests.sql"), step: None },
];

/// Gives a new file its schema.
pub(crate) fn create(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection, MIGRATIONS, |_| Ok(())).map(drop)
}

/// Applies what an existing file lacks, in one transaction, and gives the schema that it had if it lacked something. A
/// file without any schema is refused: it was emptied, and taking it for a new one would hide that.
///
/// `keep` is called with the old schema's number when nothing was changed yet and nobody else can write.
pub(crate) fn update(connection: &mut Connection, keep: impl FnOnce(u32) -> Result<(), StoreError>) -> Result<Option<u32>, StoreError> {
    if schema(connection)? == 0 {
        return Err(StoreError::NotACatalog);
    }
    apply(connection, MIGRATIONS, keep)
}

fn apply(
    connection: &mut Connection,
    migrations: &[Migration],
    keep: impl FnOnce(u32) -> Result<(), StoreError>,
) -> Result<Option<u32>, StoreError> {
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let is_known = |found: u32| if found > known { Err(StoreError::TooNew { found, known }) } else { Ok(found) };
    if is_known(schema(connection)?)? == known {
        return Ok(None);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited.
    let found = is_known(schema(&transaction)?)?;
    if found == known {
        return Ok(None);
    }
    keep(found)?;
    for migration in migrations.iter().skip(found as usize) {
        transaction.execute_batch(migration.sql)?;
        migration.step.map_or(Ok(()), |step| step(&transaction))?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(Some(found))
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
    const RELEASED: &[&str] = &[
        "7de141f57f63518cb1021556f97845d9ffd15beff7e91e769283f5196b6da471",
        "fb5279d05f52cbbb181b99eff464448abd38006575818a4a717cd246eafcc6d6",
        "38ad93e89e88fb123a550422f1d1b7255b1284d564917543d9b52fec7650effb",
        "b79bf8ecf2a2b13798f05fd45e52632a2c0c9217baba5849ca5b0ad62b88d32d",
        "0f6ad5caea3a2eee80317b9d0484e6aa7738533715bf649938222d34f0e40f32",
    ];

    #[test]
    fn released_migrations_are_frozen() {
        let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let hashes: Vec<String> = MIGRATIONS.iter().map(|migration| hex(&Sha256::digest(migration.sql.as_bytes()))).collect();
        assert_eq!(hashes, RELEASED, "a released migration is never edited: add another");
    }

    fn names(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").expect("prepared");
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("names")
    }

    fn first_schema() -> Connection {
        let mut connection = Connection::open_in_memory().expect("opened");
        apply(&mut connection, &MIGRATIONS[..1], |_| Ok(())).expect("the first schema");
        connection
    }

    #[test]
    fn a_migration_that_fails_leaves_the_old_schema() {
        let failing = |sql, step| [Migration { sql: MIGRATIONS[0].sql, step: None }, Migration { sql, step }];
        let fails: Step = |transaction| {
            transaction.execute_batch("DROP TABLE secret")?;
            Err(StoreError::Busy)
        };
        let mut connection = first_schema();
        let before = names(&connection);
        for migrations in
            [failing("CREATE TABLE half (x) STRICT; CREATE TABLE", None), failing("CREATE TABLE half (x ANY) STRICT", Some(fails))]
        {
            apply(&mut connection, &migrations, |_| Ok(())).expect_err("it fails");
            assert_eq!((schema(&connection).expect("read"), names(&connection)), (1, before.clone()));
        }
        assert!(matches!(apply(&mut connection, MIGRATIONS, |_| Err(StoreError::Busy)), Err(StoreError::Busy)));
        assert_eq!((schema(&connection).expect("read"), names(&connection)), (1, before), "without a copy nothing is changed");
        assert_eq!(apply(&mut connection, MIGRATIONS, |_| Ok(())).expect("migrated"), Some(1));
    }

    #[test]
    fn running_twice_is_harmless_and_copies_nothing() {
        let mut connection = first_schema();
        assert_eq!(update(&mut connection, |_| Ok(())).expect("migrated"), Some(1));
        let after = names(&connection);
        assert_eq!(update(&mut connection, |_| Err(StoreError::Busy)).expect("nothing to do"), None);
        assert_eq!(names(&connection), after);
        connection.pragma_update(None, "user_version", 99).expect("set");
        assert!(matches!(update(&mut connection, |_| Ok(())), Err(StoreError::TooNew { found: 99, known: 5 })));
        assert_eq!(names(&connection), after);
    }

    #[test]
    fn a_migrated_schema_is_that_of_a_new_file() {
        let mut new = Connection::open_in_memory().expect("opened");
        create(&mut new).expect("created");
        let mut old = first_schema();
        update(&mut old, |_| Ok(())).expect("migrated");
        assert_eq!(names(&new), names(&old));
        assert!(!names(&new).iter().any(|name| name.ends_with("_1") && !name.starts_with("sqlite_autoindex")), "{:?}", names(&new));
    }

    #[test]
    fn an_unreadable_first_entry_is_an_error_and_not_a_chain_of_nobody() {
        let mut connection = first_schema();
        connection.execute("INSERT INTO journal (sequence, entry, mac) VALUES (1, x'00', zeroblob(32))", []).expect("inserted");
        assert!(matches!(update(&mut connection, |_| Ok(())), Err(StoreError::Malformed { .. })));
        assert_eq!(schema(&connection).expect("read"), 1);
    }
}
