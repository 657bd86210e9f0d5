//! Recipes: saved runs, authenticated by the caller.

use beffroi_domain::RecipeId;
use rusqlite::{Row, params};

use crate::table::{execute, execute_one, first, id, mac, number, rows, signed};
use crate::{Reader, StoreError, Writer};

/// A recipe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipeRow {
    /// Its id.
    pub id: RecipeId,
    /// Its name; the same as in the record, here so that it is unique.
    pub name: String,
    /// The recipe, in its canonical encoding.
    pub record: Vec<u8>,
    /// Grows with every change.
    pub revision: u64,
    /// Authenticates record, id and revision.
    pub mac: [u8; 32],
}

impl RecipeRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: id(row.get_ref("id")?.as_blob()?, RecipeId::from_bytes)?,
            name: row.get("name")?,
            record: row.get("record")?,
            revision: number(row, "revision")?,
            mac: mac(row, "mac")?,
        })
    }
}

impl Reader<'_> {
    /// The recipes, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recipes(&self) -> Result<Vec<RecipeRow>, StoreError> {
        rows(self.0, "SELECT * FROM recipe ORDER BY name", [], RecipeRow::read)
    }

    /// The recipe of a name.
    ///
    /// # Errors
    /// Those of the database.
    pub fn recipe_named(&self, name: &str) -> Result<Option<RecipeRow>, StoreError> {
        first(self.0, "SELECT * FROM recipe WHERE name = ?", [name], RecipeRow::read)
    }
}

impl Writer<'_> {
    /// Adds a recipe.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken.
    pub fn insert_recipe(&self, row: &RecipeRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO recipe (id, name, record, revision, mac) VALUES (?, ?, ?, ?, ?)";
        execute(self.connection(), sql, params![row.id.as_bytes(), row.name, row.record, signed(row.revision), row.mac]).map(drop)
    }

    /// Changes a recipe; `row.revision` is the new one, one more than what is stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when what is stored has another revision.
    pub fn update_recipe(&self, row: &RecipeRow) -> Result<(), StoreError> {
        let sql = "UPDATE recipe SET name = ?2, record = ?3, revision = ?4, mac = ?5 WHERE id = ?1 AND revision = ?4 - 1";
        execute_one(self.connection(), "recipe", sql, params![row.id.as_bytes(), row.name, row.record, signed(row.revision), row.mac])
    }

    /// Removes a recipe.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not there.
    pub fn delete_recipe(&self, recipe: RecipeId) -> Result<(), StoreError> {
        execute_one(self.connection(), "recipe", "DELETE FROM recipe WHERE id = ?", [recipe.as_bytes()])
    }
}
