//! What was inside an encrypted file, read as a format of its own.

use beffroi_secret::SecretBytes;

use crate::collect::is_private_key;
use crate::formats::parcel;
use crate::limits::{MOST_ATTACHMENT, MOST_VALUE, within};
use crate::{Attachment, Entry, ImportError, Kind, Parsed, Reading, Source, detect, format};

/// Reads it as what it seems to be; what is none of the formats, or is encrypted once more, is kept as one entry. What opened
/// the outside may open the inside as well.
///
/// # Errors
/// Those of the format; [`ImportError::TooLarge`] for what is kept whole.
pub fn read(name: &str, bytes: SecretBytes, reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let name = ["age", "asc", "gpg", "vault", "enc"]
        .iter()
        .find_map(|ending| name.strip_suffix(ending).and_then(|name| name.strip_suffix('.')))
        .unwrap_or(name);
    let source = Source::File { name: name.to_owned(), bytes };
    // One that is not as it should be is refused, and never kept as a file.
    if parcel::tells(&source) {
        return parcel::read(&source);
    }
    // Boxes in boxes would cost a key each.
    let Some(format) = detect(&source).filter(|format| !format.seals()) else { return whole(source) };
    match format::read(format, &Reading { source: &source, unlock: reading.unlock, work: reading.work }) {
        // It only looked like one.
        Err(ImportError::Malformed { .. } | ImportError::Truncated { .. } | ImportError::Unsupported { .. }) => whole(source),
        read => read,
    }
}

/// The file as one entry: a key, a text, or a file.
fn whole(source: Source) -> Result<Parsed, ImportError> {
    let Source::File { name, bytes } = source else { return Err(ImportError::WrongPlace { needs: "file" }) };
    let mut entry = Entry { origin: name.clone(), title: name.clone(), ..Entry::default() };
    match bytes.into_text() {
        // Its length and its first line only.
        Ok(text) if text.expose().len() <= MOST_VALUE => {
            if is_private_key(text.expose()) {
                (entry.kind, entry.value) = (Kind::PrivateKey, Some(text));
            } else if text.expose().trim_end().lines().count() == 1 {
                let line = zeroize::Zeroizing::new(text.expose().trim_end_matches(['\r', '\n']).to_owned());
                (entry.kind, entry.value) = (Kind::Token, Some(beffroi_secret::SecretText::new(line.to_string())));
            } else {
                (entry.kind, entry.notes) = (Kind::Note, Some(text));
            }
        }
        Ok(text) => attach(&mut entry, name, text.to_bytes())?,
        Err(bytes) => attach(&mut entry, name, bytes)?,
    }
    Ok(Parsed { entries: vec![entry], ..Parsed::default() })
}

fn attach(entry: &mut Entry, name: String, bytes: SecretBytes) -> Result<(), ImportError> {
    // Its length only.
    within("attachment", bytes.expose().len() as u64, MOST_ATTACHMENT)?;
    entry.kind = Kind::Note;
    entry.attachments.push(Attachment { name, bytes });
    Ok(())
}
