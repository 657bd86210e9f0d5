//! Settings of the vault itself, such as its name.

use crate::table::{execute, first};
use crate::{Reader, StoreError, Writer};

impl Reader<'_> {
    /// A setting's value.
    ///
    /// # Errors
    /// Those of the database.
    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        first(self.0, "SELECT value FROM setting WHERE key = ?", [key], |row| row.get(0))
    }
}

impl Writer<'_> {
    /// Sets a setting.
    ///
    /// # Errors
    /// Those of the database.
    pub fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        execute(self.connection(), sql, [key, value]).map(drop)
    }
}
