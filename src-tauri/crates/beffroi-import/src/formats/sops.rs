//! SOPS: YAML, JSON, dotenv and INI files whose values are encrypted one by one, opened with age identities only.
//!
//! The format is that of <https://github.com/getsops/sops> (`sops.go`, `aes/cipher.go`, `stores/`): values are
//! `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` with a nonce of 32 bytes, authentic with their path (`a:b:`); the data key lies
//! in the file once for each recipient; `mac` is the SHA-512 of all values in their order, encrypted with `lastmodified` as its
//! path. Nothing is given before the mac was checked. Keys of PGP and of clouds are never asked for.

use std::collections::HashMap;

use aes_gcm::aead::{AeadInOut, Tag};
use aes_gcm::{AesGcm, KeyInit, aes::Aes256, aes::cipher::consts::U32};
use base64::{Engine, engine::general_purpose::STANDARD};
use beffroi_secret::{SecretBytes, SecretText};
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::collect::{NamesCount, is_private_key};
use crate::formats::{age::AgeKeys, inside};
use crate::limits::{MOST_ENTRIES, MOST_VALUE, within};
use crate::yaml::{Node, Value};
use crate::{Entry, ImportError, Kind, Parsed, Reading, Source, decode};

mod layout;

type Cipher = AesGcm<Aes256, U32>;

const BEGINS: &str = "ENC[AES256_GCM,";
/// What the mac begins with when it covers encrypted values only (SHA-256 of `sops`).
const ONLY_ENCRYPTED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b, 0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f,
    0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// A text with a value of SOPS in it, and its metadata.
pub fn tells(source: &Source) -> bool {
    let Ok(Ok(text)) = source.bytes().map(std::str::from_utf8) else { return false };
    text.contains(BEGINS) && text.contains("lastmodified") && text.contains("sops")
}

/// Every encrypted value as a secret, named by its path; a whole file (`sops -e --input-type binary`) as what it is.
///
/// # Errors
/// [`ImportError::Locked`] and [`ImportError::Wrong`] of `identity`, [`ImportError::Unsupported`] for a key that is shared among
/// several groups or has no recipient of age, [`ImportError::Altered`] for a value or a mac that does not match.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let text = decode(reading.source.bytes()?)?;
    let name = reading.source.name();
    let layout::File { documents, metadata, repeated } = layout::read(&name, &text)?;
    let key = data_key(&metadata, reading)?;
    let cipher = Cipher::new_from_slice(&key).map_err(|_| ImportError::Malformed { what: "enc", at: metadata.line })?;

    let only_encrypted = metadata.get("mac_only_encrypted").and_then(Node::text) == Some("true");
    let mut opening = Opening { cipher, hash: Sha512::new(), only_encrypted, found: Vec::new(), left: Vec::new(), named: HashMap::new() };
    if only_encrypted {
        opening.hash.update(ONLY_ENCRYPTED);
    }
    for document in &documents {
        opening.open(document, &mut Vec::new())?;
    }
    let (found, left) = opening.checked(&metadata)?;

    if documents.len() == 1 && name_of_whole(&documents) && found.len() == 1 && left.is_empty() {
        let bytes = found.into_iter().map(|(_, value)| value.to_bytes()).next().unwrap_or_else(|| SecretBytes::new(Vec::new()));
        return inside::read(name.trim_end_matches(".json"), bytes, reading);
    }
    let (mut parsed, mut names) = (Parsed::default(), NamesCount::default());
    repeated.iter().for_each(|(key, line)| parsed.notice("repeated-key", format!("{key}: {line}")));
    for (path, value) in found {
        // Its length only.
        let length = value.expose().len();
        if length == 0 || length > MOST_VALUE {
            parsed.refuse(path, if length == 0 { "no-value" } else { "too-large" });
            continue;
        }
        // Its first line only.
        let kind = if is_private_key(value.expose()) { Kind::PrivateKey } else { Kind::Token };
        let entry = Entry { origin: path.clone(), title: path, kind, value: Some(value), ..Entry::default() };
        names.add(&entry)?;
        parsed.entries.push(entry);
    }
    left.into_iter().for_each(|path| parsed.refuse(path, "not-encrypted"));
    Ok(parsed)
}

fn name_of_whole(documents: &[Node]) -> bool {
    documents.iter().all(|document| matches!(document.pairs(), [(key, _)] if key.as_str() == "data"))
}

/// The key of the values, from the first recipient whose identity is there.
fn data_key(metadata: &Node, reading: &Reading<'_>) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let groups = metadata.get("key_groups").map(Node::items).unwrap_or_default();
    if groups.len() > 1 {
        return Err(ImportError::Unsupported { what: "shamir_threshold".to_owned() });
    }
    let of = |node: &Node| node.get("age").map(Node::items).unwrap_or_default().to_vec();
    let recipients: Vec<Node> = std::iter::once(metadata).chain(groups).flat_map(of).collect();
    if recipients.is_empty() {
        return Err(ImportError::Unsupported { what: "sops: pgp, kms, …".to_owned() });
    }
    within("age", recipients.len() as u64, 256)?;
    let keys = AgeKeys::new(reading.unlock, reading.work)?;
    let mut why = ImportError::Locked { what: "identity" };
    for recipient in &recipients {
        let enc = recipient.get("enc").and_then(Node::text).ok_or(ImportError::Malformed { what: "enc", at: recipient.line })?;
        match keys.open(enc.as_bytes()) {
            // Goes into the cipher.
            Ok(key) if key.expose().len() == 32 => return Ok(Zeroizing::new(key.expose().clone())),
            Ok(_) => return Err(ImportError::Malformed { what: "enc", at: recipient.line }),
            Err(error @ (ImportError::Wrong { .. } | ImportError::Locked { .. })) => why = error,
            Err(error) => return Err(error),
        }
    }
    Err(why)
}

/// The values, and what the mac is made of.
struct Opening {
    cipher: Cipher,
    hash: Sha512,
    only_encrypted: bool,
    found: Vec<(String, SecretText)>,
    /// What was not encrypted.
    left: Vec<String>,
    /// How often each path was found.
    named: HashMap<String, usize>,
}

/// What was opened, by its path; and the paths of what was not encrypted.
type Opened = (Vec<(String, SecretText)>, Vec<String>);

impl Opening {
    fn open(&mut self, node: &Node, path: &mut Vec<String>) -> Result<(), ImportError> {
        match &node.value {
            Value::Map(pairs) => pairs.iter().try_for_each(|(key, node)| {
                path.push(key.to_string());
                let opened = self.open(node, path);
                path.pop();
                opened
            }),
            // Its items have the path of the list.
            Value::List(items) => items.iter().try_for_each(|node| self.open(node, path)),
            Value::Text { text, plain } => {
                within("entries", (self.found.len() + self.left.len()) as u64 + 1, MOST_ENTRIES as u64)?;
                if text.starts_with(BEGINS) {
                    let value = self.decrypt(text, &format!("{}:", path.join(":")), node.line)?;
                    // Its hash is a part of the mac.
                    self.hash.update(value.expose());
                    let named = self.named(path);
                    let value = value.into_text().map_err(|_| ImportError::Malformed { what: "data", at: node.line })?;
                    self.found.push((named, value));
                } else if !node.is_null() {
                    if !self.only_encrypted {
                        self.hash.update(layout::written(text, *plain).as_bytes());
                    }
                    if !text.is_empty() {
                        self.left.push(path.join("."));
                    }
                }
                Ok(())
            }
        }
    }

    /// A path as a name; items of a list are told apart by their number.
    fn named(&mut self, path: &[String]) -> String {
        let name = path.join(".");
        let before = self.named.entry(name.clone()).or_default();
        *before += 1;
        if *before == 1 { name } else { format!("{name}[{}]", *before - 1) }
    }

    fn decrypt(&self, text: &str, path: &str, line: u64) -> Result<SecretBytes, ImportError> {
        let malformed = || ImportError::Malformed { what: "ENC[AES256_GCM]", at: line };
        let inside = text.trim().strip_prefix(BEGINS).and_then(|text| text.strip_suffix(']')).ok_or_else(malformed)?;
        let (mut data, mut nonce, mut tag) = (None, None, None);
        for field in inside.split(',') {
            let (name, value) = field.split_once(':').ok_or_else(malformed)?;
            let place = match name {
                "data" => &mut data,
                "iv" => &mut nonce,
                "tag" => &mut tag,
                _ => continue,
            };
            *place = Some(STANDARD.decode(value).map_err(|_| malformed())?);
        }
        let (Some(data), Some(nonce), Some(tag)) = (data, nonce, tag) else { return Err(malformed()) };
        let nonce: [u8; 32] = nonce.try_into().map_err(|_| malformed())?;
        let tag: [u8; 16] = tag.try_into().map_err(|_| malformed())?;
        let mut data = Zeroizing::new(data);
        let opened =
            self.cipher.decrypt_inout_detached(&nonce.into(), path.as_bytes(), data.as_mut_slice().into(), &Tag::<Cipher>::from(tag));
        opened.map_err(|_| ImportError::Altered { what: "tag" })?;
        Ok(SecretBytes::new(data.to_vec()))
    }

    /// What was found, if the mac says that it is all of it.
    fn checked(self, metadata: &Node) -> Result<Opened, ImportError> {
        let of =
            |name: &'static str| metadata.get(name).and_then(Node::text).ok_or(ImportError::Malformed { what: name, at: metadata.line });
        let mac = self.decrypt(of("mac")?, of("lastmodified")?, metadata.line)?;
        let found = crate::hex::hex(&self.hash.finalize()).to_ascii_uppercase();
        // Compared here.
        if !bool::from(mac.expose().ct_eq(found.as_bytes())) {
            return Err(ImportError::Altered { what: "mac" });
        }
        Ok((self.found, self.left))
    }
}
