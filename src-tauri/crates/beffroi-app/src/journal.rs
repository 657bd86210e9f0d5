//! The journal: reading, checking, exporting.

use std::io::Write;
use std::path::Path;

use beffroi_domain::JournalEntry;
use beffroi_store::table::journal::JournalRow;
use beffroi_vault::JOURNAL_START;

use crate::session::{Happening, Session};
use crate::{App, AppError};

/// An entry, with the chain's value at it.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The entry.
    pub entry: JournalEntry,
    /// The chain's value.
    pub mac: [u8; 32],
    /// The name of the entry's host today, else its id.
    pub host: Option<String>,
}

/// What checking the journal found.
#[derive(Debug, Clone)]
pub struct JournalFacts {
    /// Entries that were checked.
    pub entries: u64,
    /// The first entry that is wrong or missing.
    pub broken_at: Option<u64>,
    /// The chain's value at the last entry.
    pub head: [u8; 32],
}

const PAGE: u32 = 1000;

impl App {
    /// A page of the journal, newest first, and the number of entries in all.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn journal(&self, before: Option<u64>, limit: u32) -> Result<(Vec<JournalLine>, u64), AppError> {
        self.session()?
            .blocking(move |session| {
                let (rows, last) = session.catalog.read(|reader| {
                    let last = reader.last_entry()?.map_or(0, |row| row.sequence);
                    Ok::<_, AppError>((reader.entries_before(before.unwrap_or(u64::MAX), limit.clamp(1, PAGE))?, last))
                })?;
                let lines = rows.into_iter().map(|row| session.line(row)).collect::<Result<_, _>>()?;
                Ok((lines, last))
            })
            .await
    }

    /// Checks that every entry is chained to the one before it and that the anchor agrees.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read. A broken chain is in the answer.
    pub async fn verify_journal(&self) -> Result<JournalFacts, AppError> {
        self.session()?.blocking(Session::check_journal).await
    }

    /// Writes the journal to a new file, one JSON object a line, the oldest first. Gives the number of entries.
    ///
    /// # Errors
    /// When the file exists or cannot be written; nothing is left of it then.
    pub async fn export_journal(&self, path: &Path) -> Result<u64, AppError> {
        let path = path.to_owned();
        self.session()?
            .blocking(move |session| {
                let failed = |error: &dyn std::fmt::Display| AppError::LocalFile { path: path.clone(), reason: error.to_string() };
                let file = std::fs::File::create_new(&path).map_err(|error| failed(&error))?;
                let written = session.write_lines(std::io::BufWriter::new(file)).map_err(|error| match error {
                    ExportFault::File(error) => failed(&error),
                    ExportFault::Vault(error) => error,
                });
                if written.is_err() {
                    drop(std::fs::remove_file(&path));
                }
                let entries = written?;
                session.commit(Happening::new("journal-exported").with("path", path.display()), |_| Ok(()))?;
                Ok(entries)
            })
            .await
    }
}

enum ExportFault {
    File(std::io::Error),
    Vault(AppError),
}

impl From<AppError> for ExportFault {
    fn from(error: AppError) -> Self {
        Self::Vault(error)
    }
}

impl From<std::io::Error> for ExportFault {
    fn from(error: std::io::Error) -> Self {
        Self::File(error)
    }
}

impl Session {
    /// Checks the whole chain, and the anchor against it.
    pub(crate) fn check_journal(&self) -> Result<JournalFacts, AppError> {
        let mut facts = JournalFacts { entries: 0, broken_at: None, head: JOURNAL_START };
        let anchor = self.vault.read_anchor()?.newest();
        self.each_entry(0, |row| {
            let right = row.sequence == facts.entries + 1
                && row.mac == self.vault.journal_mac(&facts.head, &row.entry)
                && JournalEntry::from_canonical(&row.entry).is_ok_and(|entry| entry.sequence == row.sequence)
                && anchor.is_none_or(|anchor| anchor.sequence != row.sequence || anchor.journal_head == row.mac);
            if right {
                facts.entries = row.sequence;
                facts.head = row.mac;
            } else {
                facts.broken_at = Some(facts.entries + 1);
            }
            Ok::<_, AppError>(right)
        })?;
        if facts.broken_at.is_none() && anchor.is_some_and(|anchor| anchor.sequence > facts.entries) {
            facts.broken_at = Some(facts.entries + 1);
        }
        Ok(facts)
    }

    /// Checks that entry `sequence` has the value `mac`, and every entry after it.
    pub(crate) fn check_chain(&self, sequence: u64, mac: [u8; 32]) -> Result<(), AppError> {
        let broken = |at: u64| AppError::damaged(format!("journal entry {at}"));
        let (mut at, mut head) = (sequence.saturating_sub(1), None);
        self.each_entry(sequence.saturating_sub(1), |row| {
            at += 1;
            let right = row.sequence == at
                && match head {
                    None => row.mac == mac,
                    Some(head) => row.mac == self.vault.journal_mac(&head, &row.entry),
                };
            head = Some(row.mac);
            if right { Ok(true) } else { Err(broken(at)) }
        })?;
        if head.is_some() { Ok(()) } else { Err(broken(sequence)) }
    }

    /// Gives every entry after a number to `look`, the oldest first, until it says no.
    fn each_entry<E: From<AppError>>(&self, after: u64, mut look: impl FnMut(&JournalRow) -> Result<bool, E>) -> Result<(), E> {
        let mut after = after;
        loop {
            let rows = self.catalog.read(|reader| Ok::<_, AppError>(reader.entries_after(after, PAGE)?))?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.sequence;
            for row in &rows {
                if !look(row)? {
                    return Ok(());
                }
            }
        }
    }

    fn line(&self, row: JournalRow) -> Result<JournalLine, AppError> {
        let entry = JournalEntry::from_canonical(&row.entry).map_err(|_| AppError::damaged(format!("journal entry {}", row.sequence)))?;
        let name = match entry.host {
            None => None,
            Some(host) => Some(self.catalog.read(|reader| reader.target(host))?.map_or_else(|| host.to_string(), |row| row.name)),
        };
        Ok(JournalLine { entry, mac: row.mac, host: name })
    }

    fn write_lines(&self, mut file: impl Write) -> Result<u64, ExportFault> {
        let mut entries = 0;
        self.each_entry::<ExportFault>(0, |row| {
            let line = self.line(row.clone())?;
            let values: serde_json::Map<_, _> =
                line.entry.values.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            let object = serde_json::json!({
                "sequence": line.entry.sequence,
                "at_ms": line.entry.at_ms,
                "device": line.entry.device.to_string(),
                "person": line.entry.person,
                "event": line.entry.event,
                "host": line.host,
                "values": values,
                "state_digest": hex(&line.entry.state_digest),
                "mac": hex(&line.mac),
            });
            writeln!(file, "{object}")?;
            entries += 1;
            Ok(true)
        })?;
        file.flush()?;
        Ok(entries)
    }
}

/// A MAC or digest as people and files have it: lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
