//! The journal: reading, checking, signing.

use std::collections::HashMap;
use std::path::Path;

use beffroi_domain::{ChainId, DeviceId, JournalEntry};
use beffroi_store::table::chain::CheckpointRow;
use beffroi_store::table::journal::JournalRow;
use beffroi_vault::{IdentityCard, JOURNAL_START, checkpoint_message, journal_link, journal_start};

use crate::export::{self, ExportFault};
use crate::session::{Happening, Session};
use crate::{App, AppError, now_ms};

/// An entry, with the chain's value at it.
#[derive(Debug, Clone)]
pub struct JournalLine {
    /// The entry.
    pub entry: JournalEntry,
    /// Its place in this copy of the vault, counted from 1.
    pub sequence: u64,
    /// Its chain.
    pub chain: ChainId,
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
    /// What each person did on each device.
    pub chains: Vec<ChainFacts>,
}

/// A chain of the journal: what one person did on one device.
#[derive(Debug, Clone)]
pub struct ChainFacts {
    /// Its id.
    pub id: ChainId,
    /// The account.
    pub person: String,
    /// The machine.
    pub device: DeviceId,
    /// Its entries.
    pub entries: u64,
    /// The last entry that a good signature covers; 0 when none does.
    pub signed: u64,
    /// Who signed.
    pub signer: Option<IdentityCard>,
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

    /// Checks that every entry is chained to the one before it, that the anchor agrees, and every signature.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read. A broken chain is in the answer.
    pub async fn verify_journal(&self) -> Result<JournalFacts, AppError> {
        self.session()?.blocking(Session::check_journal).await
    }

    /// Signs the journal and writes it to a new file that can be checked without the vault. Gives the number of entries.
    ///
    /// # Errors
    /// When the file exists or cannot be written; nothing is left of it then.
    pub async fn export_journal(&self, path: &Path) -> Result<u64, AppError> {
        let path = path.to_owned();
        self.session()?
            .blocking(move |session| {
                let failed = |error: &dyn std::fmt::Display| AppError::LocalFile { path: path.clone(), reason: error.to_string() };
                session.sign_journal();
                let file = std::fs::File::create_new(&path).map_err(|error| failed(&error))?;
                let written = export::write(session, std::io::BufWriter::new(file)).map_err(|error| match error {
                    ExportFault::File(error) => failed(&error),
                    ExportFault::Vault(error) => error,
                });
                if written.is_err() {
                    drop(std::fs::remove_file(&path));
                }
                let entries = written?;
                if session.behind.is_none() {
                    session.commit(Happening::new("journal-exported").with("path", path.display()), |_| Ok(()))?;
                }
                Ok(entries)
            })
            .await
    }

    /// Checks an exported journal without any vault. With `signer`, every entry must be covered by a signature of the
    /// identity that has this fingerprint; several are parted by commas, one for each person who wrote.
    ///
    /// # Errors
    /// When the file cannot be read or is no exported journal. What does not hold is in the answer.
    pub async fn check_export(&self, path: &Path, signer: Option<String>) -> Result<JournalFacts, AppError> {
        let path = path.to_owned();
        tokio::task::spawn_blocking(move || export::check(&path, signer.as_deref())).await.map_err(AppError::internal)?
    }
}

/// The state of a chain while the journal is walked through.
struct Walked {
    number: u64,
    mac: [u8; 32],
    link: [u8; 32],
    first: Option<(String, DeviceId)>,
}

impl Session {
    /// Checks every chain, the anchor against them, and every signature.
    pub(crate) fn check_journal(&self) -> Result<JournalFacts, AppError> {
        let anchor = self.vault.read_anchor()?.newest();
        let (chains, cards) = self.catalog.read(|reader| Ok::<_, AppError>((reader.chains()?, reader.identities()?)))?;
        let mut checkpoints = HashMap::new();
        for chain in &chains {
            for point in self.catalog.read(|reader| reader.checkpoints(chain.id))? {
                checkpoints.insert((chain.id, point.number), point);
            }
        }
        let card = |id| cards.iter().find(|row| row.id == id).and_then(|row| IdentityCard::from_text(&row.card).ok());
        let mut facts = JournalFacts { entries: 0, broken_at: None, head: JOURNAL_START, chains: Vec::new() };
        let mut walked: HashMap<ChainId, Walked> = HashMap::new();
        let mut signed: HashMap<ChainId, (u64, IdentityCard)> = HashMap::new();
        self.each_entry(0, |row| {
            let chain = walked.entry(row.chain).or_insert_with(|| Walked {
                number: 0,
                mac: JOURNAL_START,
                link: journal_start(self.vault.id(), row.chain),
                first: None,
            });
            let entry = JournalEntry::from_canonical(&row.entry).ok().filter(|entry| entry.sequence == row.number);
            let mut right = row.sequence == facts.entries + 1
                && row.number == chain.number + 1
                && row.mac == self.vault.journal_mac(&chain.mac, &row.entry)
                && anchor.is_none_or(|anchor| anchor.sequence != row.sequence || anchor.journal_head == row.mac);
            match entry {
                Some(entry) => {
                    let writer = chain.first.get_or_insert_with(|| (entry.person.clone(), entry.device));
                    right &= *writer == (entry.person, entry.device);
                }
                None => right = false,
            }
            chain.link = journal_link(&chain.link, &row.entry);
            if let Some(point) = checkpoints.get(&(row.chain, row.number)) {
                let message = checkpoint_message(self.vault.id(), row.chain, row.number, &chain.link, point.at_ms);
                match card(point.identity).filter(|card| card.verify(&message, &point.signature).is_ok()) {
                    Some(card) => drop(signed.insert(row.chain, (row.number, card))),
                    None => right = false,
                }
            }
            if right {
                (facts.entries, facts.head) = (row.sequence, row.mac);
                (chain.number, chain.mac) = (row.number, row.mac);
            } else {
                facts.broken_at = Some(facts.entries + 1);
            }
            Ok::<_, AppError>(right)
        })?;
        if facts.broken_at.is_none() && anchor.is_some_and(|anchor| anchor.sequence > facts.entries) {
            facts.broken_at = Some(facts.entries + 1);
        }
        facts.chains = chains
            .into_iter()
            .map(|chain| {
                let (signed, signer) = signed.remove(&chain.id).map_or((0, None), |(number, card)| (number, Some(card)));
                let entries = walked.get(&chain.id).map_or(0, |walked| walked.number);
                ChainFacts { id: chain.id, person: chain.person, device: chain.device, entries, signed, signer }
            })
            .collect();
        Ok(facts)
    }

    /// Checks that entry `sequence` has the value `mac`, and every entry after it.
    pub(crate) fn check_chain(&self, sequence: u64, mac: [u8; 32]) -> Result<(), AppError> {
        let broken = |at: u64| AppError::damaged(format!("journal entry {at}"));
        let (mut at, mut heads, mut found) = (sequence.saturating_sub(1), HashMap::new(), false);
        self.each_entry(sequence.saturating_sub(1), |row| {
            at += 1;
            let right = row.sequence == at
                && if found {
                    let (number, head) = match heads.get(&row.chain) {
                        Some(head) => *head,
                        None => self.head_before(row)?,
                    };
                    row.number == number + 1 && row.mac == self.vault.journal_mac(&head, &row.entry)
                } else {
                    row.mac == mac
                };
            found = true;
            heads.insert(row.chain, (row.number, row.mac));
            if right { Ok(true) } else { Err(broken(at)) }
        })?;
        if found { Ok(()) } else { Err(broken(sequence)) }
    }

    /// The entry before this one in its chain: its number and the chain's value.
    fn head_before(&self, row: &JournalRow) -> Result<(u64, [u8; 32]), AppError> {
        let Some(before) = row.number.checked_sub(2) else {
            return Ok((0, JOURNAL_START));
        };
        let rows = self.catalog.read(|reader| reader.entries_of(row.chain, before, 1))?;
        Ok(rows.first().map_or((0, JOURNAL_START), |row| (row.number, row.mac)))
    }

    /// Signs this chain up to its last entry. A journal that cannot be signed now is signed later.
    pub(crate) fn sign_journal(&self) {
        if self.behind.is_some() {
            return;
        }
        if let Err(error) = self.checkpoint() {
            tracing::warn!(%error, "the journal was not signed");
        }
    }

    fn checkpoint(&self) -> Result<(), AppError> {
        let Some(signer) = self.signer() else {
            return Ok(());
        };
        self.write(|writer| {
            let reader = writer.reader();
            let last = reader.last_checkpoint(self.chain)?;
            let (mut number, mut link) =
                last.map_or_else(|| (0, journal_start(self.vault.id(), self.chain)), |point| (point.number, point.link));
            let before = number;
            loop {
                let rows = reader.entries_of(self.chain, number, PAGE)?;
                let Some(newest) = rows.last() else { break };
                number = newest.number;
                link = rows.iter().fold(link, |link, row| journal_link(&link, &row.entry));
            }
            if number == before {
                return Ok(());
            }
            let at_ms = now_ms();
            let message = checkpoint_message(self.vault.id(), self.chain, number, &link, at_ms);
            let signature = signer.keys.sign(&message);
            Ok(writer.insert_checkpoint(&CheckpointRow { chain: self.chain, number, link, identity: signer.id, signature, at_ms })?)
        })
    }

    /// Gives every entry after a number to `look`, the oldest first, until it says no.
    pub(crate) fn each_entry<E: From<AppError>>(&self, after: u64, mut look: impl FnMut(&JournalRow) -> Result<bool, E>) -> Result<(), E> {
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

    pub(crate) fn line(&self, row: JournalRow) -> Result<JournalLine, AppError> {
        let entry = JournalEntry::from_canonical(&row.entry).map_err(|_| AppError::damaged(format!("journal entry {}", row.sequence)))?;
        let name = match entry.host {
            None => None,
            Some(host) => Some(self.catalog.read(|reader| reader.target(host))?.map_or_else(|| host.to_string(), |row| row.name)),
        };
        Ok(JournalLine { entry, sequence: row.sequence, chain: row.chain, mac: row.mac, host: name })
    }
}

/// A MAC or digest as people and files have it: lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
