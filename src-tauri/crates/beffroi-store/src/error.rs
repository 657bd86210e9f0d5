//! Why the catalog could not be read or written.

/// Why the catalog could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key does not open the file, or its pages are not authentic.
    #[error("the catalog's pages are not authentic under this key")]
    NotAuthentic,
    /// The file is of another program.
    #[error("not a catalog")]
    NotACatalog,
    /// The schema is newer than this program.
    #[error("the catalog has schema {found}, this program knows {known}")]
    TooNew {
        /// The file's schema.
        found: u32,
        /// The newest this program knows.
        known: u32,
    },
    /// A row with this unique value is there already.
    #[error("{what} exists already")]
    Exists {
        /// Table and column, as SQLite says them.
        what: String,
    },
    /// A row refers to one that is not there, or would after the change.
    #[error("a row refers to one that is not there")]
    Dangling,
    /// The row is not there, or not at the revision that was expected.
    #[error("{table}: the row is not there, or was changed meanwhile")]
    Conflict {
        /// The table.
        table: &'static str,
    },
    /// What a column holds is not what this program writes there.
    #[error("a row does not hold what it should: {reason}")]
    Malformed {
        /// What was found; never the value itself.
        reason: String,
    },
    /// What is stored of a row is not what was written: the hash that stands beside it is of something else.
    #[error("{table} {id} is not as it was written")]
    Altered {
        /// The table.
        table: &'static str,
        /// The row's id.
        id: String,
    },
    /// Another process holds the file.
    #[error("the catalog is in use")]
    Busy,
    /// The disk: full, read-only, gone.
    #[error("the catalog cannot be read or written: {reason}")]
    Disk {
        /// What the system said.
        reason: String,
    },
    /// A fault of this crate.
    #[error("the catalog: {reason}")]
    Fault {
        /// What SQLite said.
        reason: String,
    },
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        let reason = error.to_string();
        if let Error::FromSqlConversionFailure(..) | Error::InvalidColumnType(..) | Error::IntegralValueOutOfRange(..) = error {
            return Self::Malformed { reason };
        }
        match error.sqlite_error().map(|failure| (failure.code, failure.extended_code)) {
            Some((ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt, _)) => Self::NotAuthentic,
            Some((
                ErrorCode::ConstraintViolation,
                rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            )) => Self::Exists { what: reason },
            Some((ErrorCode::ConstraintViolation, rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY)) => Self::Dangling,
            Some((ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _)) => Self::Busy,
            Some((ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen, _)) => {
                Self::Disk { reason }
            }
            _ => Self::Fault { reason },
        }
    }
}
