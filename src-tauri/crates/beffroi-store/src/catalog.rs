//! The file: opening it, and the two kinds of access to it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beffroi_secret::SecretKey;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::{StoreError, key, migration};

/// An open catalog.
pub struct Catalog {
    connection: Mutex<Connection>,
}

/// Sees one consistent state of the catalog.
pub struct Reader<'a>(pub(crate) &'a Connection);

/// A transaction: what is written through it is kept whole, or not at all.
pub struct Writer<'a>(Reader<'a>);

impl<'a> Writer<'a> {
    /// Reads inside the transaction: what was written through it is seen.
    #[must_use]
    pub fn reader(&self) -> &Reader<'a> {
        &self.0
    }

    pub(crate) fn connection(&self) -> &Connection {
        self.0.0
    }
}

impl Catalog {
    /// Makes a catalog in a file that must not exist.
    ///
    /// # Errors
    /// [`StoreError::Disk`] when it cannot be made; nothing is left of it then.
    pub fn create(path: &Path, key: &SecretKey) -> Result<Self, StoreError> {
        make_private(path).map_err(|error| StoreError::Disk { reason: error.to_string() })?;
        let made = Self::connect(path, key, migration::create).and_then(|catalog| {
            sync_folder_of(path).map_err(|error| StoreError::Disk { reason: error.to_string() })?;
            Ok(catalog)
        });
        if made.is_err() {
            // The first error says what happened; the file was made by this call and holds nothing.
            let _ = std::fs::remove_file(path);
        }
        made
    }

    /// Opens a catalog and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NotAuthentic`] for a wrong key or a damaged file, [`StoreError::TooNew`] for a newer schema.
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, StoreError> {
        Self::connect(path, key, migration::update)
    }

    fn connect(path: &Path, raw: &SecretKey, prepare: fn(&mut Connection) -> Result<(), StoreError>) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // Before the key: what SQLCipher frees is wiped. Costs nothing that can be measured.
        connection.execute_batch("PRAGMA cipher_memory_security = ON")?;
        key::set(&connection, raw)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        // SQLCipher would write to standard error, of which this program decides.
        connection.execute_batch(
            "PRAGMA cipher_log_level = NONE;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA foreign_keys = ON;
             PRAGMA secure_delete = ON;
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;",
        )?;
        connection.set_prepared_statement_cache_capacity(64);
        prepare(&mut connection)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Reads; everything that `work` sees is of one moment.
    ///
    /// # Errors
    /// Those of `work`, and of the database.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred).map_err(StoreError::from)?;
        work(&Reader(&transaction))
    }

    /// Writes: when `work` succeeds, all of it is on disk before this returns; when it fails, nothing was changed.
    ///
    /// # Errors
    /// Those of `work`, and of the database.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = work(&Writer(Reader(&transaction)))?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Checks every page's authenticity, then the database's own consistency. Gives what is wrong; empty when nothing is.
    ///
    /// # Errors
    /// When the check itself cannot run.
    pub fn verify(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.lock();
        let mut wrong = Vec::new();
        for pragma in ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(20)", "PRAGMA foreign_key_check"] {
            let mut statement = connection.prepare(pragma)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let said: String = row.get(0)?;
                if said != "ok" {
                    wrong.push(said);
                }
            }
        }
        Ok(wrong)
    }

    /// A panic of another thread inside `work` rolled its transaction back; the connection itself is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn make_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes the file's name durable. Windows does so by itself and cannot open a folder.
fn sync_folder_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(folder) if cfg!(unix) && !folder.as_os_str().is_empty() => std::fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_has_the_settings_that_the_format_promises() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let path = folder.path().join("catalog.db");
        drop(Catalog::create(&path, &SecretKey::new([1; 32])).expect("created"));
        let catalog = Catalog::open(&path, &SecretKey::new([1; 32])).expect("opened");
        let connection = catalog.lock();
        for (pragma, expected) in [
            ("journal_mode", "wal"),
            ("synchronous", "2"),
            ("secure_delete", "1"),
            ("temp_store", "2"),
            ("trusted_schema", "0"),
            ("foreign_keys", "1"),
            ("cell_size_check", "1"),
            ("busy_timeout", "5000"),
            ("application_id", "1114007154"),
            ("user_version", "1"),
            ("cipher_page_size", "4096"),
            ("cipher_hmac_algorithm", "HMAC_SHA512"),
            ("cipher_use_hmac", "1"),
            ("cipher_log_level", "NONE"),
            ("cipher_memory_security", "1"),
        ] {
            let value: rusqlite::types::Value = connection.pragma_query_value(None, pragma, |row| row.get(0)).expect(pragma);
            let value = match value {
                rusqlite::types::Value::Integer(number) => number.to_string(),
                rusqlite::types::Value::Text(text) => text,
                other => format!("{other:?}"),
            };
            assert_eq!(value, expected, "{pragma}");
        }
        assert!(connection.db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE).expect("defensive"));
    }
}
