//! PKCS#12 (RFC 7292): private keys with their certificates, `.p12` and `.pfx`.
//!
//! The MAC is checked before anything inside is decrypted. Files of old (RC2 and triple DES with SHA-1) are read, and told; they are never
//! written. What asks for more rounds than the limit, all its parts together, is refused before a key is derived for the part.

use hmac::{Hmac, KeyInit, Mac};
use zeroize::Zeroizing;

use super::certificate::{Certificate, Key, join};
use super::keys::der::{BMP, Der, OCTETS, OID, SEQUENCE, SET, context};
use super::keys::password;
use super::keys::pbe::{Hash, Scheme, bmp, pkcs12_key};
use crate::collect::Collected;
use crate::hex::hex;
use crate::limits::{MOST_DEPTH, MOST_PBKDF2, affordable, within};
use crate::{ImportError, Parsed, Reading, Source, Unlock, Work};

const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
const ENCRYPTED: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06";
const BAG: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01";
const X509: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x16\x01";
const FRIENDLY_NAME: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14";
const LOCAL_KEY_ID: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x15";

/// Bags of a file.
const MOST_BAGS: u64 = 10_000;
/// How deep bags lie in each other.
const MOST_NESTED: usize = MOST_DEPTH / 8;

/// By its first element: version 3, and then what is data.
pub fn tells(source: &Source) -> bool {
    let Source::File { bytes, .. } = source else { return false };
    // Looks at its outermost elements only.
    outermost(bytes.expose()).is_ok()
}

fn outermost(bytes: &[u8]) -> Result<(Der<'_>, Der<'_>), ImportError> {
    let mut whole = Der::new("PFX", bytes).sequence()?;
    if whole.count()? != 3 || whole.peek() != Some(SEQUENCE) {
        return Err(whole.malformed());
    }
    let safe = whole.sequence()?;
    let mut look = safe;
    if look.peek() != Some(OID) {
        return Err(whole.malformed());
    }
    look.oid()?;
    Ok((safe, whole))
}

/// Every private key of it, with its certificates.
///
/// # Errors
/// [`ImportError::Locked`] without a password, [`ImportError::Wrong`] when the MAC does not match: a wrong password and a file that was
/// changed look alike; [`ImportError::TooExpensive`] before a key is derived, [`ImportError::Malformed`], [`ImportError::Truncated`],
/// [`ImportError::Unsupported`] for what is sealed by a public key, and for BER.
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    // Into what is wiped.
    let (mut safe, rest) = outermost(reading.source.bytes()?)?;
    if safe.oid()? != DATA {
        return Err(ImportError::Unsupported { what: "authSafe".to_owned() });
    }
    let contents = safe.expect(context(0))?.octets()?;
    let mut opening = Opening::new(reading);
    opening.check(rest, contents)?;
    let mut safes = Der::new("AuthenticatedSafe", contents).sequence()?;
    while !safes.is_empty() {
        let mut info = safes.sequence()?;
        match info.oid()? {
            DATA => opening.bags(info.expect(context(0))?.octets()?, 0)?,
            ENCRYPTED => {
                let mut data = info.expect(context(0))?.sequence()?;
                data.count()?;
                let mut sealed = data.sequence()?;
                sealed.oid()?;
                let scheme = Scheme::read(sealed.sequence()?)?;
                // [0], primitive.
                let bytes = sealed.expect(0x80)?.rest();
                let clear = opening.decrypt(&scheme, bytes)?;
                opening.bags(&clear, 0)?;
            }
            _ => return Err(ImportError::Unsupported { what: "envelopedData".to_owned() }),
        }
    }
    let Opening { keys, certificates, mut parsed, legacy, .. } = opening;
    let file = reading.source.name();
    if legacy {
        parsed.notice("weak-encryption", "");
    }
    join(keys, certificates, &file, &mut parsed)?;
    Ok(parsed)
}

/// What was found so far, and what opens the rest.
struct Opening<'a> {
    unlock: &'a Unlock,
    work: &'a Work,
    rounds: u64,
    bags: u64,
    legacy: bool,
    origins: Collected,
    keys: Vec<Key>,
    certificates: Vec<Certificate>,
    parsed: Parsed,
}

impl<'a> Opening<'a> {
    fn new(reading: &Reading<'a>) -> Self {
        let (keys, certificates, parsed) = (Vec::new(), Vec::new(), Parsed::default());
        Self {
            unlock: reading.unlock,
            work: reading.work,
            rounds: 0,
            bags: 0,
            legacy: false,
            origins: Collected::default(),
            keys,
            certificates,
            parsed,
        }
    }

    /// Counts rounds, of all parts together.
    fn costs(&mut self, rounds: u64) -> Result<(), ImportError> {
        self.rounds = affordable("iterations", self.rounds.saturating_add(rounds), MOST_PBKDF2)?;
        Ok(())
    }

    /// Checks the MAC (RFC 7292, 5.1).
    fn check(&mut self, mut rest: Der<'_>, contents: &[u8]) -> Result<(), ImportError> {
        if rest.is_empty() {
            self.parsed.notice("no-mac", "");
            return Ok(());
        }
        let mut data = rest.sequence()?;
        let mut digest = data.sequence()?;
        let unsupported = || ImportError::Unsupported { what: "MacData".to_owned() };
        let hash = Hash::of(digest.sequence()?.oid()?).ok_or_else(unsupported)?;
        let said = digest.octets()?;
        let salt = data.octets()?;
        let rounds = if data.is_empty() { 1 } else { data.count()?.max(1) };
        self.costs(rounds)?;
        let secret = password(self.unlock, self.work)?;
        self.work.derives("iterations", rounds, MOST_PBKDF2)?;
        // Only into the derivation.
        let text = bmp(secret.expose());
        let mut key = Zeroizing::new(vec![0; hash.length()]);
        pkcs12_key(hash, 3, &text, salt, rounds, &mut key);
        let mut same = verifies(hash, &key, contents, said);
        // No password is two things: an empty one, or none at all.
        if !same && text.len() == 2 {
            pkcs12_key(hash, 3, &[], salt, rounds, &mut key);
            same = verifies(hash, &key, contents, said);
        }
        self.legacy |= hash == Hash::Sha1;
        if same { Ok(()) } else { Err(ImportError::Wrong { what: "password" }) }
    }

    fn decrypt(&mut self, scheme: &Scheme<'_>, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        self.costs(scheme.rounds())?;
        self.legacy |= scheme.is_legacy();
        let secret = password(self.unlock, self.work)?;
        scheme.decrypt(bytes, secret, self.work)
    }

    /// Reads bags (RFC 7292, 4.2).
    fn bags(&mut self, contents: &[u8], depth: usize) -> Result<(), ImportError> {
        within("SafeContents", depth as u64, MOST_NESTED as u64)?;
        let mut bags = Der::new("SafeContents", contents).sequence()?;
        while !bags.is_empty() {
            self.bags += 1;
            within("SafeBag", self.bags, MOST_BAGS)?;
            let mut bag = bags.sequence()?;
            let (kind, value) = (bag.oid()?, bag.expect(context(0))?);
            let attributes = Attributes::read(bag.optional(SET)?)?;
            let mut inside = value;
            match kind.strip_prefix(BAG) {
                Some([1]) => self.key(value.rest(), attributes),
                Some([2]) => {
                    let mut sealed = inside.sequence()?;
                    let scheme = Scheme::read(sealed.sequence()?)?;
                    let clear = self.decrypt(&scheme, sealed.octets()?)?;
                    self.key(&clear, attributes);
                }
                Some([3]) => {
                    let mut certificate = inside.sequence()?;
                    if certificate.oid()? == X509 {
                        let bytes = certificate.expect(context(0))?.octets()?;
                        self.certificates.push(Certificate::read(bytes)?);
                    } else {
                        self.parsed.refuse(attributes.name.unwrap_or_else(|| "certBag".to_owned()), "unknown-block");
                    }
                }
                Some([6]) => self.bags(value.rest(), depth + 1)?,
                kind => {
                    let what = match kind {
                        Some([4]) => "crlBag",
                        Some([5]) => "secretBag",
                        _ => "SafeBag",
                    };
                    self.parsed.refuse(attributes.name.unwrap_or_else(|| what.to_owned()), "unknown-block");
                }
            }
        }
        Ok(())
    }

    fn key(&mut self, bytes: &[u8], Attributes { name, id }: Attributes) {
        let number = self.keys.len() + 1;
        let origin = id.map_or_else(|| name.clone().unwrap_or_else(|| format!("key-{number}")), |id| hex(&id));
        let origin = self.origins.unique(origin);
        self.keys.push(Key { origin, name, label: "PRIVATE KEY".to_owned(), bytes: Zeroizing::new(bytes.to_vec()) });
    }
}

fn verifies(hash: Hash, key: &[u8], contents: &[u8], said: &[u8]) -> bool {
    macro_rules! mac {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(key).is_ok_and(|mac| mac.chain_update(contents).verify_slice(said).is_ok())
        };
    }
    match hash {
        Hash::Sha1 => mac!(sha1::Sha1),
        Hash::Sha224 => mac!(sha2::Sha224),
        Hash::Sha256 => mac!(sha2::Sha256),
        Hash::Sha384 => mac!(sha2::Sha384),
        Hash::Sha512 => mac!(sha2::Sha512),
    }
}

/// What is said of a bag.
#[derive(Default)]
struct Attributes {
    name: Option<String>,
    id: Option<Vec<u8>>,
}

impl Attributes {
    fn read(set: Option<Der<'_>>) -> Result<Self, ImportError> {
        let mut found = Self::default();
        let Some(mut set) = set else { return Ok(found) };
        while !set.is_empty() {
            let mut attribute = set.sequence()?;
            let (kind, mut values) = (attribute.oid()?, attribute.expect(SET)?);
            match kind {
                FRIENDLY_NAME => {
                    let units: Vec<u16> =
                        values.expect(BMP)?.rest().chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
                    found.name =
                        Some(String::from_utf16_lossy(&units).chars().take(200).collect()).filter(|name: &String| !name.is_empty());
                }
                LOCAL_KEY_ID => found.id = Some(values.expect(OCTETS)?.rest().iter().copied().take(64).collect()),
                _ => {}
            }
        }
        Ok(found)
    }
}
