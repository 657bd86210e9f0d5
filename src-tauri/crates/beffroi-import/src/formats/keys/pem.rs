//! PEM (RFC 7468; RFC 1421 for the lines before the data), and the private keys that stand in it: PKCS#1 (RFC 8017, A.1.2), SEC1
//! (RFC 5915), PKCS#8 (RFC 5958, RFC 8410), the DSA of OpenSSL, and its encryption of old (`DEK-Info`, a key made with one MD5).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_secret::SecretText;
use hmac::digest::Digest;
use md5::Md5;
use ssh_key::private::{DsaKeypair, DsaPrivateKey, EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair, RsaPrivateKey};
use ssh_key::public::{DsaPublicKey, RsaPublicKey};
use ssh_key::{EcdsaCurve, Mpint, PrivateKey};
use zeroize::Zeroizing;

use super::der::{Der, context};
use super::pbe::{Cipher, Scheme};
use super::{Opened, Weakness};
use crate::hex::unhex;
use crate::limits::{MOST_PBKDF2, MOST_VALUE, within};
use crate::{ImportError, Unlock, Work};

const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const EC: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
const P521: &[u8] = b"\x2b\x81\x04\x00\x23";
const ED25519: &[u8] = b"\x2b\x65\x70";

/// Bits of an RSA key: OpenSSH reads no longer ones (`SSHBUF_MAX_BIGNUM`).
const MOST_BITS: u64 = 16_384;
/// Blocks of a file: the certificates of a whole system are some hundred.
const MOST_BLOCKS: usize = 1_000;

/// A block of a file.
pub(crate) struct Block<'a> {
    /// `RSA PRIVATE KEY`.
    pub(crate) label: &'a str,
    /// What it says of its encryption.
    pub(crate) dek: Option<&'a str>,
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// The blocks of a text; what stands between them says nothing.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block<'_>>, ImportError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("-----BEGIN ") {
        let (_, from) = rest.split_at(start);
        let line = 1 + text.get(..text.len() - from.len()).unwrap_or_default().matches('\n').count() as u64;
        let malformed = || ImportError::Malformed { what: "PEM", at: line };
        let (head, after) = from.split_once('\n').ok_or(ImportError::Truncated { what: "PEM" })?;
        let label = head.trim_end().strip_prefix("-----BEGIN ").and_then(|label| label.strip_suffix("-----")).ok_or_else(malformed)?;
        let (body, tail) = after.split_once("-----END ").ok_or(ImportError::Truncated { what: "PEM" })?;
        let tail = tail.strip_prefix(label).and_then(|tail| tail.strip_prefix("-----")).ok_or_else(malformed)?;
        within("PEM", body.len() as u64, MOST_VALUE as u64)?;
        let (dek, body) = headers(body);
        let mut packed = Zeroizing::new(String::with_capacity(body.len()));
        packed.extend(body.split_ascii_whitespace());
        let bytes = Zeroizing::new(STANDARD.decode(packed.as_bytes()).map_err(|_| malformed())?);
        found.push(Block { label, dek, bytes });
        within("PEM", found.len() as u64, MOST_BLOCKS as u64)?;
        rest = tail;
    }
    Ok(found)
}

/// What the lines before the data say of encryption, and the data.
fn headers(body: &str) -> (Option<&str>, &str) {
    let (mut dek, mut rest) = (None, body);
    while let Some((line, after)) = rest.split_once('\n') {
        match line.split_once(':') {
            Some(("DEK-Info", value)) => dek = Some(value.trim()),
            Some(_) => {}
            None => break,
        }
        rest = after;
    }
    (dek, rest)
}

/// Whether a block has a private key that is read here.
pub(crate) fn is_key(label: &str) -> bool {
    matches!(label, "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "PRIVATE KEY" | "ENCRYPTED PRIVATE KEY")
}

/// What a block's key is, decrypted: its bytes in clear and what was weak about it.
pub(crate) fn clear(block: &Block<'_>, unlock: &Unlock, work: &Work) -> Result<(Zeroizing<Vec<u8>>, Option<Weakness>), ImportError> {
    if block.label == "ENCRYPTED PRIVATE KEY" {
        let mut whole = Der::new("EncryptedPrivateKeyInfo", &block.bytes).sequence()?;
        let scheme = Scheme::read(whole.sequence()?)?;
        let data = whole.octets()?;
        let password = super::password(unlock, work)?;
        let weak = scheme.is_legacy().then_some(Weakness::OldEncryption);
        return Ok((scheme.decrypt(data, password, work)?, weak));
    }
    let Some(dek) = block.dek else { return Ok((block.bytes.clone(), None)) };
    let (cipher, iv) = dek.split_once(',').ok_or(ImportError::Malformed { what: "DEK-Info", at: 0 })?;
    let cipher = match cipher {
        "AES-128-CBC" => Cipher::Aes128,
        "AES-192-CBC" => Cipher::Aes192,
        "AES-256-CBC" => Cipher::Aes256,
        "DES-EDE3-CBC" => Cipher::DesEde3,
        "DES-CBC" => Cipher::Des,
        _ => return Err(ImportError::Unsupported { what: "DEK-Info".to_owned() }),
    };
    let iv =
        unhex(iv.trim().as_bytes()).filter(|iv| iv.len() == cipher.block()).ok_or(ImportError::Malformed { what: "DEK-Info", at: 0 })?;
    let password = super::password(unlock, work)?;
    // One MD5 or two.
    work.derives("DEK-Info", 1, MOST_PBKDF2)?;
    let key = dek_key(password, iv.get(..8).unwrap_or_default(), cipher.key());
    let clear = cipher.decrypt(&key, &iv, &block.bytes).ok_or(ImportError::Wrong { what: "password" })?;
    Ok((clear, Some(Weakness::Md5)))
}

/// `EVP_BytesToKey` with MD5 and one round.
fn dek_key(password: &SecretText, salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    while key.len() < length {
        let before = key.len().saturating_sub(16);
        let last = if key.is_empty() { &[][..] } else { key.get(before..).unwrap_or_default() };
        // Only into the hash.
        let next = Md5::new_with_prefix(last).chain_update(password.expose().as_bytes()).chain_update(salt).finalize();
        key.extend_from_slice(&next);
    }
    key.truncate(length);
    key
}

/// Reads a block's key as one that `ssh` uses.
pub(super) fn read(block: &Block<'_>, unlock: &Unlock, work: &Work) -> Result<Opened, ImportError> {
    let encrypted = block.dek.is_some() || block.label == "ENCRYPTED PRIVATE KEY";
    let (clear, weak) = clear(block, unlock, work)?;
    let data = keypair(block.label, &clear).map_err(|error| match error {
        // A wrong key gives a padding that looks right once in 256 times.
        ImportError::Malformed { .. } | ImportError::Truncated { .. } if encrypted => ImportError::Wrong { what: "password" },
        error => error,
    })?;
    let key = PrivateKey::try_from(data).map_err(|_| ImportError::Malformed { what: "PrivateKey", at: 0 })?;
    Ok(Opened { key, was_encrypted: encrypted, weak })
}

/// The key of a block in clear.
pub(crate) fn keypair(label: &str, clear: &[u8]) -> Result<KeypairData, ImportError> {
    let whole = Der::new("PrivateKey", clear).sequence()?;
    match label {
        "RSA PRIVATE KEY" => rsa(whole),
        "EC PRIVATE KEY" => sec1(whole, None),
        "DSA PRIVATE KEY" => dsa(whole),
        _ => pkcs8(whole),
    }
}

/// What a private key of PKCS#8 says.
fn pkcs8(mut whole: Der<'_>) -> Result<KeypairData, ImportError> {
    whole.count()?;
    let mut algorithm = whole.sequence()?;
    let (oid, inside) = (algorithm.oid()?, Der::new("PrivateKey", whole.octets()?));
    let unsupported = || ImportError::Unsupported { what: "privateKeyAlgorithm".to_owned() };
    let mut key = inside;
    match oid {
        RSA => rsa(key.sequence()?),
        EC => {
            // A curve by its parameters is none of those that ssh knows.
            let curve = algorithm.oid().map_err(|_| unsupported())?;
            sec1(key.sequence()?, Some(curve))
        }
        ED25519 => {
            let seed = <&[u8; 32]>::try_from(key.octets()?).map_err(|_| key.malformed())?;
            Ok(KeypairData::from(Ed25519Keypair::from_seed(seed)))
        }
        // PKCS#8 leaves a DSA's public number out, and nothing that is used today takes such a key.
        _ => Err(unsupported()),
    }
}

fn number(der: &mut Der<'_>) -> Result<Mpint, ImportError> {
    let bytes = der.positive()?;
    within("modulus", bytes.len() as u64 * 8, MOST_BITS)?;
    Ok(Mpint::from_positive_bytes(bytes))
}

fn rsa(mut key: Der<'_>) -> Result<KeypairData, ImportError> {
    if key.count()? != 0 {
        return Err(ImportError::Unsupported { what: "multi-prime RSA".to_owned() });
    }
    let (n, e, d) = (number(&mut key)?, number(&mut key)?, number(&mut key)?);
    let (p, q) = (number(&mut key)?, number(&mut key)?);
    number(&mut key)?;
    number(&mut key)?;
    let iqmp = number(&mut key)?;
    let malformed = |_| ImportError::Malformed { what: "RSAPrivateKey", at: 0 };
    let (public, private) = (RsaPublicKey::new(e, n).map_err(malformed)?, RsaPrivateKey::new(d, iqmp, p, q).map_err(malformed)?);
    Ok(KeypairData::Rsa(RsaKeypair::new(public, private).map_err(malformed)?))
}

fn sec1(mut key: Der<'_>, curve: Option<&[u8]>) -> Result<KeypairData, ImportError> {
    key.count()?;
    let secret = key.octets()?;
    let named = key.optional(context(0))?.map(|mut named| named.oid()).transpose();
    let unsupported = || ImportError::Unsupported { what: "namedCurve".to_owned() };
    let named = named.map_err(|_| unsupported())?;
    let curve = match curve.or(named) {
        Some(P256) => EcdsaCurve::NistP256,
        Some(P384) => EcdsaCurve::NistP384,
        Some(P521) => EcdsaCurve::NistP521,
        _ => return Err(unsupported()),
    };
    let public = key.optional(context(1))?.map(|mut public| public.bits()).transpose()?;
    ecdsa(curve, secret, public)
}

/// A key of a curve, from its number; its public half is computed, and has to be the one that is said.
pub(super) fn ecdsa(curve: EcdsaCurve, secret: &[u8], public: Option<&[u8]>) -> Result<KeypairData, ImportError> {
    let malformed = || ImportError::Malformed { what: "ECPrivateKey", at: 0 };
    let size = match curve {
        EcdsaCurve::NistP256 => 32,
        EcdsaCurve::NistP384 => 48,
        EcdsaCurve::NistP521 => 66,
    };
    let digits = secret.get(secret.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    let mut whole = Zeroizing::new(vec![0; size.max(digits.len()) - digits.len()]);
    whole.extend_from_slice(digits);
    if whole.len() != size {
        return Err(malformed());
    }
    let pair = match curve {
        EcdsaCurve::NistP256 => {
            let key = p256::SecretKey::from_slice(&whole).map_err(|_| malformed())?;
            EcdsaKeypair::NistP256 { public: key.public_key().into(), private: key.into() }
        }
        EcdsaCurve::NistP384 => {
            let key = p384::SecretKey::from_slice(&whole).map_err(|_| malformed())?;
            EcdsaKeypair::NistP384 { public: key.public_key().into(), private: key.into() }
        }
        EcdsaCurve::NistP521 => {
            let key = p521::SecretKey::from_slice(&whole).map_err(|_| malformed())?;
            EcdsaKeypair::NistP521 { public: key.public_key().into(), private: key.into() }
        }
    };
    // A compressed point is not compared: it is computed anyway.
    if public.is_some_and(|public| public.first() == Some(&4) && public != pair.public_key_bytes()) {
        return Err(ImportError::Altered { what: "publicKey" });
    }
    Ok(KeypairData::Ecdsa(pair))
}

fn dsa(mut key: Der<'_>) -> Result<KeypairData, ImportError> {
    key.count()?;
    let (p, q, g, y) = (number(&mut key)?, number(&mut key)?, number(&mut key)?, number(&mut key)?);
    let malformed = |_| ImportError::Malformed { what: "DSAPrivateKey", at: 0 };
    let public = DsaPublicKey::new(p, q, g, y).map_err(malformed)?;
    let private = DsaPrivateKey::new(number(&mut key)?).map_err(malformed)?;
    Ok(KeypairData::Dsa(DsaKeypair::new(public, private).map_err(malformed)?))
}

/// Writes a key of PKCS#8 as PEM.
pub(crate) fn write(label: &str, bytes: &[u8]) -> Zeroizing<String> {
    let encoded = Zeroizing::new(STANDARD.encode(bytes));
    let mut text = Zeroizing::new(String::with_capacity(encoded.len() + encoded.len() / 64 + 2 * label.len() + 40));
    text.extend(["-----BEGIN ", label, "-----\n"]);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.extend([line, "\n"]);
        rest = after;
    }
    text.extend(["-----END ", label, "-----\n"]);
    text
}
