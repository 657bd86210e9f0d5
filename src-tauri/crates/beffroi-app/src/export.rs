//! The exported journal: a file that a client can check without the vault.
//!
//! One JSON object a line. The first names the format, the vault and its chains:
//! `{"format":"beffroi-journal/1","vault":ID,"chains":[{"chain":ID,"person":…,"device":ID,"card":TEXT or null}]}`.
//! Each entry is `{"chain":ID,"number":N,"entry":BASE64,"at_ms":…,"event":…,"host":…,"values":{…}}`: `entry` is the
//! canonical entry (`beffroi/journal-entry/1`), the rest is what it says, for those who read. A signature follows the last entry
//! it covers: `{"checkpoint":{"chain":ID,"number":N,"at_ms":…,"signature":BASE64}}`, Ed25519 over
//! `C("beffroi/checkpoint/1", vault, chain, number, link, at_ms)`, where
//! `link_n = SHA-256(link_{n-1} ‖ entry)` and `link_0 = SHA-256(C("beffroi/journal-start/1", vault, chain))`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use beffroi_domain::{ChainId, DeviceId, JournalEntry, VaultId};
use beffroi_vault::{IdentityCard, JOURNAL_START, checkpoint_message, journal_link, journal_start};
use serde::{Deserialize, Serialize};

use crate::AppError;
use crate::journal::{ChainFacts, JournalFacts};
use crate::session::Session;

const FORMAT: &str = "beffroi-journal/1";
/// Bytes of the longest line that is read.
const MOST_LINE: u64 = 1 << 20;
/// Bytes of the longest file that is read.
const MOST_FILE: u64 = 4 << 30;

#[derive(Serialize, Deserialize)]
struct Heading {
    format: String,
    vault: String,
    chains: Vec<ChainLine>,
}

#[derive(Serialize, Deserialize)]
struct ChainLine {
    chain: String,
    person: String,
    device: String,
    card: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Checkpoint { checkpoint: CheckpointLine },
    Entry(EntryLine),
}

#[derive(Serialize, Deserialize)]
struct CheckpointLine {
    chain: String,
    number: u64,
    at_ms: u64,
    signature: String,
}

#[derive(Serialize, Deserialize)]
struct EntryLine {
    chain: String,
    number: u64,
    entry: String,
    at_ms: u64,
    event: String,
    host: Option<String>,
    values: serde_json::Map<String, serde_json::Value>,
}

pub(crate) enum ExportFault {
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

fn put(file: &mut impl Write, line: &impl Serialize) -> Result<(), ExportFault> {
    let text = serde_json::to_string(line).map_err(AppError::internal)?;
    Ok(writeln!(file, "{text}")?)
}

/// Writes the journal. Gives the number of entries.
pub(crate) fn write(session: &Session, mut file: impl Write) -> Result<u64, ExportFault> {
    let (chains, identities) = session.catalog.read(|reader| Ok::<_, AppError>((reader.chains()?, reader.identities()?)))?;
    let mut points = HashMap::new();
    let mut lines = Vec::new();
    for chain in &chains {
        let of_chain = session.catalog.read(|reader| Ok::<_, AppError>(reader.checkpoints(chain.id)?))?;
        let signer = of_chain.last().map(|point| point.identity);
        let card = identities.iter().find(|row| Some(row.id) == signer).map(|row| row.card.clone());
        lines.push(ChainLine { chain: chain.id.to_string(), person: chain.person.clone(), device: chain.device.to_string(), card });
        // A chain whose signer changed is vouched for by the last one alone: its signature covers all before it.
        points.extend(of_chain.into_iter().filter(|point| Some(point.identity) == signer).map(|point| ((chain.id, point.number), point)));
    }
    put(&mut file, &Heading { format: FORMAT.to_owned(), vault: session.vault.id().to_string(), chains: lines })?;
    let mut entries = 0;
    session.each_entry::<ExportFault>(0, |row| {
        let line = session.line(row.clone())?;
        put(
            &mut file,
            &EntryLine {
                chain: row.chain.to_string(),
                number: row.number,
                entry: STANDARD.encode(&row.entry),
                at_ms: line.entry.at_ms,
                values: words(&line.entry),
                event: line.entry.event,
                host: line.host,
            },
        )?;
        if let Some(point) = points.get(&(row.chain, row.number)) {
            let signature = STANDARD.encode(point.signature);
            let checkpoint = CheckpointLine { chain: row.chain.to_string(), number: point.number, at_ms: point.at_ms, signature };
            put(&mut file, &Line::Checkpoint { checkpoint })?;
        }
        entries += 1;
        Ok(true)
    })?;
    file.flush()?;
    Ok(entries)
}

/// An entry's values for whoever reads the file; several of one name are a list.
fn words(entry: &JournalEntry) -> serde_json::Map<String, serde_json::Value> {
    let value = |values: Vec<&str>| match values.as_slice() {
        [only] => (*only).into(),
        several => several.into(),
    };
    entry.values_by_name().into_iter().map(|(name, values)| (name.to_owned(), value(values))).collect()
}

/// A chain while its lines are read.
struct Chain {
    id: ChainId,
    person: String,
    device: DeviceId,
    card: Option<IdentityCard>,
    number: u64,
    link: [u8; 32],
    signed: u64,
}

/// Checks a file that [`write`] wrote.
pub(crate) fn check(path: &Path, signer: Option<&str>) -> Result<JournalFacts, AppError> {
    let failed = |error: &dyn std::fmt::Display| AppError::LocalFile { path: path.to_owned(), reason: error.to_string() };
    let file = File::open(path).map_err(|error| failed(&error))?;
    let mut lines = BufReader::new(file.take(MOST_FILE));
    let heading: Heading = next_line(&mut lines)
        .map_err(|error| failed(&error))?
        .and_then(|line| serde_json::from_str(&line).ok())
        .filter(|heading: &Heading| heading.format == FORMAT)
        .ok_or_else(|| failed(&"not an exported journal"))?;
    let malformed = || failed(&"not an exported journal");
    let vault: VaultId = heading.vault.parse().map_err(|_| malformed())?;
    let mut chains = Vec::new();
    for line in heading.chains {
        let id: ChainId = line.chain.parse().map_err(|_| malformed())?;
        let device: DeviceId = line.device.parse().map_err(|_| malformed())?;
        let card = line.card.as_deref().and_then(|card| IdentityCard::from_text(card).ok());
        let is_asked_for =
            |card: &IdentityCard| signer.is_none_or(|signers| signers.split(',').any(|signer| card.fingerprint() == signer.trim()));
        let card = card.filter(is_asked_for);
        chains.push(Chain { id, person: line.person, device, card, number: 0, link: journal_start(vault, id), signed: 0 });
    }
    let mut facts = JournalFacts { entries: 0, broken_at: None, head: JOURNAL_START, chains: Vec::new() };
    while facts.broken_at.is_none()
        && let Some(line) = next_line(&mut lines).map_err(|error| failed(&error))?
    {
        let held = match serde_json::from_str(&line) {
            Ok(Line::Entry(entry)) => take_entry(&mut chains, &entry).map(|()| facts.entries += 1),
            Ok(Line::Checkpoint { checkpoint }) => take_checkpoint(vault, &mut chains, &checkpoint),
            Err(_) => None,
        };
        if held.is_none() {
            facts.broken_at = Some(facts.entries + 1);
        }
    }
    // A chain begins with an entry: one without any was cut off.
    if facts.broken_at.is_none() && chains.iter().any(|chain| chain.number == 0) {
        facts.broken_at = Some(facts.entries + 1);
    }
    // Of a signer that was named, every entry must bear the signature.
    if facts.broken_at.is_none() && signer.is_some() && chains.iter().any(|chain| chain.signed < chain.number) {
        facts.broken_at = Some(chains.iter().map(|chain| chain.signed).min().unwrap_or(0) + 1);
    }
    if let [only] = chains.as_slice() {
        facts.head = only.link;
    }
    let of_chain = |chain: Chain| ChainFacts {
        id: chain.id,
        person: chain.person,
        device: chain.device,
        entries: chain.number,
        signed: chain.signed,
        signer: chain.card.filter(|_| chain.signed > 0),
    };
    facts.chains = chains.into_iter().map(of_chain).collect();
    Ok(facts)
}

fn next_line(lines: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = lines.take(MOST_LINE).read_line(&mut line)?;
    Ok((read > 0).then_some(line))
}

/// Takes an entry into its chain; nothing when it does not fit, or its words are not what was chained.
fn take_entry(chains: &mut [Chain], line: &EntryLine) -> Option<()> {
    let chain = chains.iter_mut().find(|chain| chain.id.to_string() == line.chain)?;
    let bytes = STANDARD.decode(&line.entry).ok()?;
    let entry = JournalEntry::from_canonical(&bytes).ok()?;
    let says = line.number == entry.sequence && line.at_ms == entry.at_ms && line.event == entry.event && line.values == words(&entry);
    let fits = entry.sequence == chain.number + 1 && entry.person == chain.person && entry.device == chain.device;
    if !(says && fits) {
        return None;
    }
    chain.number = entry.sequence;
    chain.link = journal_link(&chain.link, &bytes);
    Some(())
}

/// Takes a signature; one by somebody else than the chain's signer counts for nothing, a wrong one as damage.
fn take_checkpoint(vault: VaultId, chains: &mut [Chain], line: &CheckpointLine) -> Option<()> {
    let chain = chains.iter_mut().find(|chain| chain.id.to_string() == line.chain)?;
    let Some(card) = &chain.card else {
        return Some(());
    };
    let signature: [u8; 64] = STANDARD.decode(&line.signature).ok()?.try_into().ok()?;
    let message = checkpoint_message(vault, chain.id, line.number, &chain.link, line.at_ms);
    card.verify(&message, &signature).ok().filter(|()| line.number == chain.number)?;
    chain.signed = line.number;
    Some(())
}
