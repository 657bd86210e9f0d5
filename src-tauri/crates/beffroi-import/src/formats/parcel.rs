//! A parcel: hosts and secrets that somebody hands to somebody else, signed. It is only ever found in a file of age.
//!
//! ```text
//! beffroi-parcel-1
//! {"id": …, "card": …, "madeMs": …, "readers": [{"name": …, "key": …}, …], "entries": 2, "hosts": 1}
//! the signature, in Base64
//! the rest: Beffroi's own JSON
//! ```
//!
//! The header is one line of JSON; members that are not known are passed over. What is signed is the header's bytes and SHA-256 of the
//! rest, by the Ed25519 key on the card. Whom it was made for is signed too, so that nobody can encrypt what they were handed to
//! somebody else, who would take it for a parcel to them.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::formats::beffroi_json;
use crate::limits::{MOST_TEXT, within};
use crate::{ImportError, Parcel, Parsed, Reader, Source};

/// What every version begins with.
const START: &[u8] = b"beffroi-parcel-";
/// The version that is read and written.
pub(crate) const MARK: &[u8] = b"beffroi-parcel-1\n";
/// Bytes of the header.
const MOST_HEADER: u64 = 256 << 10;
/// Whom one parcel is made for, at most.
pub const MOST_READERS: usize = 100;

/// The line of JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    pub(crate) id: String,
    pub(crate) card: String,
    pub(crate) made_ms: u64,
    pub(crate) readers: Vec<Reader>,
    /// How many entries and hosts follow.
    pub(crate) entries: u64,
    pub(crate) hosts: u64,
}

/// Bytes that begin as one, of whatever version.
pub fn tells(source: &Source) -> bool {
    source.bytes().is_ok_and(|bytes| bytes.starts_with(START))
}

/// What is in it, and who it says made it: [`Parsed::parcel`].
///
/// # Errors
/// [`ImportError::Unsupported`] for a later version, [`ImportError::Malformed`], [`ImportError::Truncated`],
/// [`ImportError::TooLarge`].
pub fn read(source: &Source) -> Result<Parsed, ImportError> {
    let bytes = source.bytes()?;
    within("parcel", bytes.len() as u64, MOST_TEXT)?;
    let rest = bytes.strip_prefix(MARK).ok_or_else(|| unsupported(bytes))?;
    let (line, rest) = line(rest)?;
    within("parcel header", line.len() as u64, MOST_HEADER)?;
    let header: Header = serde_json::from_slice(line).map_err(|_| malformed(2))?;
    within("readers", header.readers.len() as u64, MOST_READERS as u64)?;
    let (signature, content) = self::line(rest)?;
    let signature = STANDARD.decode(signature).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| malformed(3))?;
    let mut parsed = beffroi_json::parse(content)?;
    let entries = (parsed.entries.len() + parsed.refused.len()) as u64;
    if entries != header.entries || parsed.hosts.len() as u64 != header.hosts {
        return Err(malformed(2));
    }
    parsed.parcel = Some(Parcel {
        header: line.to_vec(),
        content: Sha256::digest(content).into(),
        signature,
        id: header.id,
        card: header.card,
        made_ms: header.made_ms,
        readers: header.readers,
        opened_with: Vec::new(),
    });
    Ok(parsed)
}

fn line(bytes: &[u8]) -> Result<(&[u8], &[u8]), ImportError> {
    let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(ImportError::Truncated { what: "parcel" })?;
    let (line, rest) = bytes.split_at_checked(end).ok_or(ImportError::Truncated { what: "parcel" })?;
    Ok((line, rest.get(1..).unwrap_or_default()))
}

fn malformed(at: u64) -> ImportError {
    ImportError::Malformed { what: "parcel", at }
}

fn unsupported(bytes: &[u8]) -> ImportError {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    ImportError::Unsupported { what: String::from_utf8_lossy(first.get(..32).unwrap_or(first)).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::parcel::Unsigned;
    use crate::write::sample;

    fn clear() -> Vec<u8> {
        let reader = Reader { name: "Léa".to_owned(), key: "age1x".to_owned() };
        let unsigned = Unsigned::new(&sample::entries(), "id-1", "a card", 7, vec![reader]).expect("written");
        unsigned.signed(&[9; 64]).to_vec()
    }

    fn parsed(bytes: &[u8]) -> Result<Parsed, ImportError> {
        read(&Source::file("parcel", bytes))
    }

    #[test]
    fn what_was_written_is_read() {
        let (bytes, sample) = (clear(), sample::entries());
        assert!(tells(&Source::file("parcel", bytes.clone())));
        let parsed = parsed(&bytes).expect("read");
        let parcel = parsed.parcel.expect("a parcel");
        assert_eq!((parcel.id.as_str(), parcel.card.as_str(), parcel.made_ms), ("id-1", "a card", 7));
        assert_eq!((parcel.signature, parcel.readers[0].name.as_str()), ([9; 64], "Léa"));
        assert_eq!((parsed.entries.len(), parsed.hosts.len()), (sample.entries.len(), sample.hosts.len()));
    }

    #[test]
    fn what_is_cut_or_another_version_is_refused() {
        let bytes = clear();
        for length in 0..bytes.len() {
            assert!(parsed(&bytes[..length]).is_err(), "cut at {length}");
        }
        let later = [b"beffroi-parcel-2\n", &bytes[MARK.len()..]].concat();
        assert!(matches!(parsed(&later), Err(ImportError::Unsupported { what }) if what == "beffroi-parcel-2"));
    }

    #[test]
    fn whatever_is_changed_is_not_what_was_signed() {
        let bytes = clear();
        let before = parsed(&bytes).expect("read").parcel.expect("a parcel");
        for at in (0..bytes.len()).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            if let Ok(Some(after)) = parsed(&changed).map(|parsed| parsed.parcel) {
                let is_same = after.header == before.header && after.content == before.content && after.signature == before.signature;
                assert!(!is_same, "byte {at}");
            }
        }
    }

    #[test]
    fn a_header_that_counts_otherwise_is_refused() {
        let text = String::from_utf8(clear()).expect("text");
        let other = text.replacen("\"hosts\":", "\"hosts\":1", 1);
        assert!(matches!(parsed(other.as_bytes()), Err(ImportError::Malformed { what: "parcel", at: 2 })));
    }
}
