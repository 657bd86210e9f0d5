//! From schema 1 to 2: the journal becomes one chain, secrets get the hash of what is stored of them.

use beffroi_domain::{ChainId, JournalEntry};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::StoreError;
use crate::table::secret::stored_mac;
use crate::table::signed;

/// Moves the rows of the two tables whose shape changed.
pub(super) fn fill(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    fill_journal(transaction)?;
    fill_secrets(transaction)?;
    Ok(transaction.execute_batch("DROP TABLE journal_1; DROP TABLE secret_1;")?)
}

/// All entries go into one chain, numbered by their sequence: each one's MAC was made over that of the entry before it,
/// whoever wrote it, and holds in that order only. The chain is of the device and person of the first entry.
fn fill_journal(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "SELECT entry FROM journal_1 ORDER BY sequence LIMIT 1";
    let Some(first) = transaction.query_row(sql, [], |row| row.get::<_, Vec<u8>>(0)).optional()? else {
        return Ok(());
    };
    let first = JournalEntry::from_canonical(&first).map_err(|_| StoreError::Malformed { reason: "the first journal entry".to_owned() })?;
    let chain = ChainId::make();
    transaction.execute(
        "INSERT INTO chain (id, device, person, started_ms) VALUES (?, ?, ?, ?)",
        params![chain.as_bytes(), first.device.as_bytes(), first.person, signed(first.at_ms)],
    )?;
    let sql = "INSERT INTO journal (sequence, chain, number, entry, mac) SELECT sequence, ?, sequence, entry, mac FROM journal_1";
    transaction.execute(sql, [chain.as_bytes()])?;
    Ok(())
}

fn fill_secrets(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut statement = transaction.prepare("SELECT rowid, name, compartment, kind, sealed FROM secret_1 ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    let mut insert = transaction.prepare(
        "INSERT INTO secret (id, name, compartment, kind, revision, mac, created_ms, changed_ms, sealed)
         SELECT id, name, compartment, kind, revision, ?, created_ms, changed_ms, sealed FROM secret_1 WHERE rowid = ?",
    )?;
    while let Some(row) = rows.next()? {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let blob = |column| row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from);
        let mac = stored_mac(text("name")?, blob("compartment")?, text("kind")?, blob("sealed")?);
        insert.execute(params![mac, row.get::<_, i64>("rowid")?])?;
    }
    Ok(())
}
