//! Whom a parcel is for.

use std::path::Path;

use beffroi_import::Reader;
use beffroi_import::formats::parcel::MOST_READERS;
use beffroi_import::write::parcel::reader_key;
use beffroi_store::table::identity::IdentityRow;
use beffroi_vault::IdentityCard;

use crate::error::ParcelError;
use crate::session::Session;
use crate::{AppError, own_file};

/// Bytes of a file with a public key or a card.
const MOST_FILE: u64 = 64 << 10;
/// Characters of a name that is kept of a key.
const MOST_NAME: usize = 128;

impl Session {
    /// Whom these words mean: somebody whom the vault knows, by name or fingerprint; a public key of age or SSH; a file with one, or
    /// with a card. Each once.
    pub(super) fn readers(&self, words: &[String]) -> Result<Vec<Reader>, AppError> {
        let cards = self.cards()?;
        let mut readers: Vec<Reader> = Vec::new();
        for word in words {
            for reader in reader_of(&cards, word)? {
                if !readers.iter().any(|known| known.key == reader.key) {
                    readers.push(reader);
                }
            }
        }
        if readers.is_empty() || readers.len() > MOST_READERS {
            return Err(AppError::InvalidRequest { what: "a parcel is for 1 to 100 readers" });
        }
        Ok(readers)
    }

    /// The cards that the vault knows.
    pub(super) fn cards(&self) -> Result<Vec<IdentityCard>, AppError> {
        let rows = self.catalog.read(|reader| reader.identities())?;
        let card = |row: &IdentityRow| IdentityCard::from_text(&row.card).map_err(|_| AppError::damaged("the identities"));
        rows.iter().map(card).collect()
    }
}

fn reader_of(cards: &[IdentityCard], word: &str) -> Result<Vec<Reader>, AppError> {
    let unknown = || AppError::from(ParcelError::ReaderUnknown { reader: word.chars().take(MOST_NAME).collect() });
    let mut named = cards.iter().filter(|card| card.name() == word || card.fingerprint() == word);
    match (named.next(), named.next()) {
        (Some(card), None) => return Ok(vec![of_card(card)]),
        (Some(_), Some(_)) => return Err(unknown()),
        (None, _) => {}
    }
    if let Some(reader) = of_line(word) {
        return Ok(vec![reader]);
    }
    if !Path::new(word).is_file() {
        return Err(unknown());
    }
    let text = own_file::read(Path::new(word), MOST_FILE)?.into_text().map_err(|_| unknown())?;
    // A card or public keys: nothing secret.
    let lines = text.expose().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let of_line = |line| IdentityCard::from_text(line).ok().map(|card| of_card(&card)).or_else(|| self::of_line(line));
    let found = lines.map(|line| of_line(line).ok_or_else(unknown)).collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() { Err(unknown()) } else { Ok(found) }
}

fn of_card(card: &IdentityCard) -> Reader {
    Reader { name: card.name().to_owned(), key: card.age_recipient() }
}

/// A public key; what stands behind an SSH key is its name.
fn of_line(line: &str) -> Option<Reader> {
    let key = reader_key(line)?;
    let comment = line.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
    let name = comment.chars().filter(|c| !c.is_control()).take(MOST_NAME).collect();
    Some(Reader { name, key })
}
