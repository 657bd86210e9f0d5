//! What opens a database: a password, a key file, or both.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use quick_xml::Reader;
use quick_xml::events::Event;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{ImportError, Unlock};

/// Bytes of a key file that is XML. A longer one is a file like any other, and its hash is the key.
const MOST_XML_KEY: usize = 64 << 10;

/// The hash of all that was given.
pub(crate) fn composite(unlock: &Unlock) -> Result<Zeroizing<[u8; 32]>, ImportError> {
    if unlock.password.is_none() && unlock.key_file.is_none() {
        return Err(ImportError::Locked { what: "password" });
    }
    let mut all = Sha256::new();
    if let Some(password) = &unlock.password {
        // Hashed here.
        let hashed: Zeroizing<[u8; 32]> = Zeroizing::new(Sha256::digest(password.expose().as_bytes()).into());
        all.update(hashed.as_slice());
    }
    if let Some(file) = &unlock.key_file {
        // Hashed here.
        all.update(key_file(file.expose())?.as_slice());
    }
    Ok(Zeroizing::new(all.finalize().into()))
}

/// The key that a key file holds: XML of version 1 (base64) or 2 (hexadecimal, with a check), 32 bytes, 64 hexadecimal digits; that
/// of any other file is its SHA-256.
fn key_file(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, ImportError> {
    if let Some(key) = xml_key(bytes)? {
        return Ok(key);
    }
    if let Ok(key) = <[u8; 32]>::try_from(bytes) {
        return Ok(Zeroizing::new(key));
    }
    if bytes.len() == 64
        && let Some(key) = hexadecimal(bytes)
    {
        return Ok(key);
    }
    Ok(Zeroizing::new(Sha256::digest(bytes).into()))
}

/// None for what is no XML, or some other XML.
fn xml_key(bytes: &[u8]) -> Result<Option<Zeroizing<[u8; 32]>>, ImportError> {
    let text = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if text.len() > MOST_XML_KEY || !text.trim_ascii_start().starts_with(b"<") {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(text) else { return Ok(None) };
    let mut reader = Reader::from_str(text);
    let (mut path, mut version, mut data, mut check) = (Vec::new(), String::new(), Zeroizing::new(String::new()), None);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                path.push(start.name().as_ref().to_owned());
                if path == ["KeyFile", "Key", "Data"] {
                    check = start.try_get_attribute("Hash").ok().flatten().map(|hash| hash.value.into_owned());
                }
            }
            Ok(Event::End(_)) => drop(path.pop()),
            Ok(Event::Text(text)) if path == ["KeyFile", "Meta", "Version"] => version.push_str(text.trim()),
            Ok(Event::Text(text)) if path == ["KeyFile", "Key", "Data"] => data.extend(text.split_ascii_whitespace()),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            // Not XML after all.
            Err(_) => return Ok(None),
        }
    }
    let malformed = || ImportError::Malformed { what: "KeyFile", at: 0 };
    let (major, _) = version.split_once('.').unwrap_or((&version, ""));
    match major {
        _ if data.is_empty() => Ok(None),
        "1" => {
            let key = Zeroizing::new(STANDARD.decode(data.as_bytes()).map_err(|_| malformed())?);
            <[u8; 32]>::try_from(key.as_slice()).map(|key| Some(Zeroizing::new(key))).map_err(|_| malformed())
        }
        "2" => {
            let key = hexadecimal(data.as_bytes()).ok_or_else(malformed)?;
            let hashed: [u8; 32] = Sha256::digest(key.as_slice()).into();
            let expected = hashed.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
            if let Some(check) = check
                && u32::from_str_radix(&check, 16) != Ok(expected)
            {
                return Err(ImportError::Altered { what: "KeyFile Hash" });
            }
            Ok(Some(key))
        }
        _ => Err(ImportError::Unsupported { what: format!("KeyFile {}", version.chars().take(16).collect::<String>()) }),
    }
}

/// 32 bytes in 64 digits.
fn hexadecimal(digits: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
    let mut key = Zeroizing::new([0; 32]);
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != 32 || !rest.is_empty() {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(pairs) {
        let digit = |place: usize| pair.get(place).and_then(|digit| char::from(*digit).to_digit(16));
        *byte = u8::try_from(digit(0)? << 4 | digit(1)?).ok()?;
    }
    Some(key)
}

/// What a derived key is made into.
pub(crate) struct Keys {
    /// Of the cipher.
    pub(crate) cipher: Zeroizing<[u8; 32]>,
    macs: Zeroizing<[u8; 64]>,
}

impl Keys {
    /// Of the seed in a header, and the derived key.
    pub(crate) fn new(seed: &[u8; 32], derived: &[u8; 32]) -> Self {
        let cipher = Sha256::new().chain_update(seed).chain_update(derived).finalize();
        let macs = Sha512::new().chain_update(seed).chain_update(derived).chain_update([1]).finalize();
        Self { cipher: Zeroizing::new(cipher.into()), macs: Zeroizing::new(macs.into()) }
    }

    /// The MAC of the block of a number, of these pieces.
    pub(crate) fn mac(&self, number: u64, pieces: &[&[u8]]) -> Hmac<Sha256> {
        let key: Zeroizing<[u8; 64]> =
            Zeroizing::new(Sha512::new().chain_update(number.to_le_bytes()).chain_update(self.macs.as_slice()).finalize().into());
        let mut mac = Hmac::<Sha256>::new(&(*key).into());
        for piece in pieces {
            mac.update(piece);
        }
        mac
    }
}

/// Whether two public checks are the same.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}
