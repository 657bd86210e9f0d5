//! A parcel ([`crate::formats::parcel`] says how it is written), encrypted with age for its readers.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::age_json::{For, encrypted};
use crate::formats::beffroi_json;
use crate::formats::parcel::{Header, MARK};
use crate::limits::{MOST_TEXT, within};
use crate::{ImportError, Parsed, Reader};

/// A public key that age encrypts for, as [`Reader::key`] has it: `age1…`, `ssh-ed25519 …` or `ssh-rsa …` without its comment. None for
/// anything else: what a plugin of age would have to be run for, too.
#[must_use]
pub fn reader_key(text: &str) -> Option<String> {
    let text = text.trim();
    let native = text.parse::<age::x25519::Recipient>().map(|key| key.to_string());
    native.ok().or_else(|| text.parse::<age::ssh::Recipient>().ok().map(|key| key.to_string()))
}

/// Bytes of the signature in Base64, its line feed and the header's.
const SIGNATURE_LINES: usize = 90;

/// A parcel that waits for its signature.
#[derive(Debug)]
pub struct Unsigned {
    header: Vec<u8>,
    content: Zeroizing<Vec<u8>>,
    digest: [u8; 32],
    keys: Vec<String>,
}

impl Unsigned {
    /// Everything of `parsed`, from the holder of a card, for these readers.
    ///
    /// # Errors
    /// [`ImportError::Locked`] when nobody could read it, [`ImportError::TooLarge`].
    pub fn new(parsed: &Parsed, id: &str, card: &str, made_ms: u64, readers: Vec<Reader>) -> Result<Self, ImportError> {
        if readers.is_empty() {
            return Err(ImportError::Locked { what: "identity" });
        }
        let keys = readers.iter().map(|reader| reader.key.clone()).collect();
        let (entries, hosts) = (parsed.entries.len() as u64, parsed.hosts.len() as u64);
        let header = Header { id: id.to_owned(), card: card.to_owned(), made_ms, readers, entries, hosts };
        let header = serde_json::to_vec(&header).map_err(|_| ImportError::Malformed { what: "parcel", at: 2 })?;
        let content = beffroi_json::write(parsed)?;
        // With the lines before it: what nobody would open is not written.
        within("parcel", (MARK.len() + header.len() + content.len() + SIGNATURE_LINES) as u64, MOST_TEXT)?;
        let digest = Sha256::digest(&*content).into();
        Ok(Self { header, content, digest, keys })
    }

    /// What is to be signed: the header, and SHA-256 of the rest.
    #[must_use]
    pub fn to_sign(&self) -> (&[u8], &[u8; 32]) {
        (&self.header, &self.digest)
    }

    /// The parcel with its signature, in clear.
    pub(crate) fn signed(&self, signature: &[u8; 64]) -> Zeroizing<Vec<u8>> {
        let signature = STANDARD.encode(signature);
        let parts = [MARK, &self.header, b"\n", signature.as_bytes(), b"\n", &self.content];
        // Of its whole length, so that it leaves no copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.into_iter().for_each(|part| bytes.extend_from_slice(part));
        bytes
    }

    /// The file.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] with its place in the list for a reader's key that is none.
    pub fn seal(&self, signature: &[u8; 64]) -> Result<Vec<u8>, ImportError> {
        encrypted(&self.signed(signature), For::Keys(&self.keys))
    }
}
