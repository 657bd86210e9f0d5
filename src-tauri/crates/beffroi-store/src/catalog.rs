//! The catalog: opening it, the two kinds of access to it, copying and closing it.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use beffroi_secret::SecretKey;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, MAIN_DB, OpenFlags, TransactionBehavior};

use crate::copy::{self, CopyProgress};
use crate::file::{self, OpenedFile};
use crate::{StoreError, key, migration};

/// An open catalog.
pub struct Catalog {
    connection: Mutex<Connection>,
    file: OpenedFile,
    migrated_from: Option<u32>,
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
        file::make_private(path)?;
        let made = connect(path, key).and_then(|mut connection| {
            migration::create(&mut connection)?;
            file::sync_folder_of(path)?;
            Ok(Self { connection: Mutex::new(connection), file: OpenedFile::remember(path)?, migrated_from: None })
        });
        if made.is_err() {
            // The first error says what happened; the file was made by this call and holds nothing.
            let _ = std::fs::remove_file(path);
        }
        made
    }

    /// Opens a catalog and brings its schema up to date. Before that, a copy of the old one is put beside the file:
    /// `catalog.db.schema-1`, under the same key, on disk before anything is changed.
    ///
    /// # Errors
    /// [`StoreError::NotAuthentic`] for a wrong key or a damaged file, [`StoreError::TooNew`] for a newer schema,
    /// [`StoreError::Disk`] for a file that may not be written, or when there is no room for the copy. The file is as it
    /// was then.
    pub fn open(path: &Path, key: &SecretKey) -> Result<Self, StoreError> {
        let file = OpenedFile::remember(path)?;
        let mut connection = connect(path, key)?;
        let migrated_from = migration::update(&mut connection, |schema| copy::keep_beside(path, key, schema))?;
        Ok(Self { connection: Mutex::new(connection), file, migrated_from })
    }

    /// The schema that the file had when it was opened, if it was an older one.
    #[must_use]
    pub fn migrated_from(&self) -> Option<u32> {
        self.migrated_from
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
    /// Those of `work`, and of the database; [`StoreError::Disk`] when the disk is full, or the file was removed or
    /// exchanged since it was opened.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = work(&Writer(Reader(&transaction)))?;
        self.file.check()?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// Copies the catalog, as it is now and under the same key, to a file that must not exist and only its owner may
    /// read. On disk when this returns; what others write waits meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Disk`] when it cannot be made; nothing is left of it then.
    pub fn copy_to(&self, path: &Path, key: &SecretKey, progress: impl FnMut(CopyProgress)) -> Result<(), StoreError> {
        let mut connection = self.lock();
        let snapshot = connection.transaction()?;
        copy::copy(&snapshot, path, key, progress)
    }

    /// Puts what stands in the write-ahead log into the file, and empties the log: what was there before is gone from it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process reads it, [`StoreError::Disk`]. Nothing is lost then.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        let busy: bool = self.lock().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy { Err(StoreError::Busy) } else { Ok(()) }
    }

    /// Closes the catalog: what stands in the write-ahead log goes into the file, and the log is removed.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when another process reads it, [`StoreError::Disk`]. The log stays then, and nothing is lost.
    pub fn close(self) -> Result<(), StoreError> {
        let connection = self.connection.into_inner().unwrap_or_else(PoisonError::into_inner);
        let busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(StoreError::Busy);
        }
        connection.close().map_err(|(_, error)| error.into())
    }

    /// Closes the file under a catalog that others may still hold: whatever they ask of it afterwards fails.
    ///
    /// # Errors
    /// As [`Catalog::close`]; the catalog goes on then.
    pub fn shut(&self) -> Result<(), StoreError> {
        self.empty_log()?;
        let nothing = Connection::open_in_memory()?;
        let connection = std::mem::replace(&mut *self.lock(), nothing);
        connection.close().map_err(|(_, error)| error.into())
    }

    /// Checks every page's authenticity, the database's own consistency, and that of every secret and document what is
    /// stored is what was written. Gives what is wrong; empty when nothing is.
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
        if wrong.is_empty() {
            let reader = Reader(&connection);
            wrong.extend(reader.altered_secrets()?.iter().chain(&reader.altered_documents()?).map(ToString::to_string));
        }
        Ok(wrong)
    }

    /// A panic of another thread inside `work` rolled its transaction back; the connection itself is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a file that exists and gives it its key. Nothing is read yet.
pub(crate) fn keyed(path: &Path, raw: &SecretKey) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    // SQLite opens what it may not write for reading alone, and would say so at the first write.
    if connection.is_readonly(MAIN_DB)? {
        return Err(StoreError::Disk { reason: "the file may not be written".to_owned() });
    }
    connection.busy_timeout(Duration::from_secs(5))?;
    // Before the key: what SQLCipher allocates is locked into memory and wiped when it is freed. A call of an SQL
    // function for each row is slow by that; reading rows is not.
    connection.execute_batch("PRAGMA cipher_memory_security = ON")?;
    key::set(&connection, raw)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // SQLCipher would write to standard error, of which this program decides.
    connection.execute_batch("PRAGMA cipher_log_level = NONE; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

/// Opens a catalog's file. The cache of 16 MiB holds what the state digest and the search read of 10,000 hosts.
fn connect(path: &Path, raw: &SecretKey) -> Result<Connection, StoreError> {
    let connection = keyed(path, raw)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -16384;",
    )?;
    // Else a statement whose values could matter to its plan is prepared anew each time that it is given others.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
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
            ("cache_size", "-16384"),
            ("secure_delete", "1"),
            ("temp_store", "2"),
            ("trusted_schema", "0"),
            ("foreign_keys", "1"),
            ("cell_size_check", "1"),
            ("busy_timeout", "5000"),
            ("application_id", "1114007154"),
            ("user_version", "5"),
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

    fn limit(catalog: &Catalog, pages: u32) {
        let connection = catalog.lock();
        connection.pragma_update(None, "max_page_count", pages).expect("set");
    }

    fn pages(catalog: &Catalog) -> u32 {
        catalog.lock().pragma_query_value(None, "page_count", |row| row.get(0)).expect("read")
    }

    #[test]
    fn a_full_disk_is_an_error_and_the_old_state_intact() {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let catalog = Catalog::create(&folder.path().join("catalog.db"), &SecretKey::new([1; 32])).expect("created");
        let name = |catalog: &Catalog| catalog.read(|reader| reader.setting("name"));
        catalog.write(|writer| writer.set_setting("name", "before")).expect("written");
        limit(&catalog, pages(&catalog) + 2);
        let written = catalog.write(|writer| {
            writer.set_setting("name", "after")?;
            writer.set_setting("big", &"x".repeat(100_000))
        });
        assert!(matches!(&written, Err(StoreError::Disk { reason }) if reason.contains("full")), "{written:?}");
        assert_eq!(name(&catalog).expect("read").as_deref(), Some("before"));
        assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
        catalog.write(|writer| writer.set_setting("name", "small")).expect("what needs no room is still written");
        limit(&catalog, 1_000_000);
        catalog.write(|writer| writer.set_setting("big", &"x".repeat(100_000))).expect("there is room again");
        assert_eq!(name(&catalog).expect("read").as_deref(), Some("small"));
    }
}
