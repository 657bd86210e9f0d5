//! Encryption by a password, as PKCS#8 and PKCS#12 files name it: PBES2 (RFC 8018, 6.2) with PBKDF2 or scrypt (RFC 7914), PBES1
//! (RFC 8018, 6.1) and the schemes of PKCS#12 (RFC 7292, appendix B and C). Whatever a file asks is checked before a key is derived.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use beffroi_secret::SecretText;
use hmac::digest::Digest;
use pbkdf2::pbkdf2_hmac;
use zeroize::Zeroizing;

use super::der::{Der, SEQUENCE};
use crate::limits::{MOST_PBKDF2, MOST_SCRYPT_LOG_N, affordable};
use crate::{ImportError, Work};

// RFC 8018, appendix A and C; RFC 7914, 7; RFC 7292, appendix C; NIST's registry for AES and SHA-2.
const PBES2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d";
const PBKDF2: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c";
const SCRYPT: &[u8] = b"\x2b\x06\x01\x04\x01\xda\x47\x04\x0b";
const PBES1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x05";
const PKCS12: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01";
const HMAC: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x02";
const DES_EDE3: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x03\x07";
const AES: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x01";
const SHA1: &[u8] = b"\x2b\x0e\x03\x02\x1a";
const SHA2: &[u8] = b"\x60\x86\x48\x01\x65\x03\x04\x02";

/// Memory of an scrypt, in bytes.
const MOST_SCRYPT_MEMORY: u64 = 1 << 30;

/// A hash function that a derivation uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

/// What is encrypted how. Nothing is derived yet, and what deriving costs is within the limits.
#[derive(Debug)]
pub(crate) struct Scheme<'a> {
    derivation: Derivation<'a>,
    cipher: Cipher,
    iv: &'a [u8],
}

#[derive(Debug)]
enum Derivation<'a> {
    Pbkdf2 { salt: &'a [u8], rounds: u32, hash: Hash },
    Scrypt { salt: &'a [u8], params: scrypt::Params },
    Pbkdf1 { salt: &'a [u8], rounds: u64, md5: bool },
    Pkcs12 { salt: &'a [u8], rounds: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Aes128,
    Aes192,
    Aes256,
    Des,
    DesEde3,
    Rc2 { key: usize },
}

impl Cipher {
    pub(crate) const fn key(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes192 | Self::DesEde3 => 24,
            Self::Aes256 => 32,
            Self::Des => 8,
            Self::Rc2 { key } => key,
        }
    }

    pub(crate) const fn block(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::Des | Self::DesEde3 | Self::Rc2 { .. } => 8,
        }
    }

    /// Decrypts in CBC mode and takes the padding off. None for what is not padded: the key was wrong.
    pub(crate) fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        fn cbc<C: BlockModeDecrypt + KeyIvInit>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
            let mut clear = Zeroizing::new(data.to_vec());
            let length = C::new_from_slices(key, iv).ok()?.decrypt_padded::<Pkcs7>(&mut clear).ok()?.len();
            clear.truncate(length);
            Some(clear)
        }
        match self {
            Self::Aes128 => cbc::<cbc::Decryptor<aes::Aes128>>(key, iv, data),
            Self::Aes192 => cbc::<cbc::Decryptor<aes::Aes192>>(key, iv, data),
            Self::Aes256 => cbc::<cbc::Decryptor<aes::Aes256>>(key, iv, data),
            Self::Des => cbc::<cbc::Decryptor<des::Des>>(key, iv, data),
            Self::DesEde3 => cbc::<cbc::Decryptor<des::TdesEde3>>(key, iv, data),
            Self::Rc2 { .. } => cbc::<cbc::Decryptor<rc2::Rc2>>(key, iv, data),
        }
    }
}

impl<'a> Scheme<'a> {
    /// Reads an `AlgorithmIdentifier`, of which this is the content.
    pub(crate) fn read(mut identifier: Der<'a>) -> Result<Self, ImportError> {
        let oid = identifier.oid()?;
        let mut parameters = identifier.sequence()?;
        if oid == PBES2 {
            return Self::pbes2(parameters);
        }
        let salt = parameters.octets()?;
        let rounds = affordable("iterations", parameters.count()?, MOST_PBKDF2)?.max(1);
        let pkcs12 = Derivation::Pkcs12 { salt, rounds };
        let (derivation, cipher) = match (oid.strip_prefix(PKCS12), oid.strip_prefix(PBES1)) {
            (Some([3]), _) => (pkcs12, Cipher::DesEde3),
            (Some([5]), _) => (pkcs12, Cipher::Rc2 { key: 16 }),
            (Some([6]), _) => (pkcs12, Cipher::Rc2 { key: 5 }),
            (_, Some([3])) => (Derivation::Pbkdf1 { salt, rounds, md5: true }, Cipher::Des),
            (_, Some([10])) => (Derivation::Pbkdf1 { salt, rounds, md5: false }, Cipher::Des),
            _ => return Err(ImportError::Unsupported { what: "encryptionAlgorithm".to_owned() }),
        };
        Ok(Self { derivation, cipher, iv: &[] })
    }

    fn pbes2(mut parameters: Der<'a>) -> Result<Self, ImportError> {
        let (mut kdf, mut encryption) = (parameters.sequence()?, parameters.sequence()?);
        let cipher = match encryption.oid()? {
            DES_EDE3 => Cipher::DesEde3,
            oid => match oid.strip_prefix(AES) {
                Some([2]) => Cipher::Aes128,
                Some([22]) => Cipher::Aes192,
                Some([42]) => Cipher::Aes256,
                _ => return Err(ImportError::Unsupported { what: "encryptionScheme".to_owned() }),
            },
        };
        let iv = encryption.octets()?;
        if iv.len() != cipher.block() {
            return Err(encryption.malformed());
        }
        let oid = kdf.oid()?;
        let mut parameters = kdf.sequence()?;
        let derivation = match oid {
            PBKDF2 => pbkdf2_parameters(&mut parameters)?,
            SCRYPT => scrypt_parameters(&mut parameters)?,
            _ => return Err(ImportError::Unsupported { what: "keyDerivationFunc".to_owned() }),
        };
        Ok(Self { derivation, cipher, iv })
    }

    /// Whether it is one that is no longer made: a key of DES or RC2, or derived once as PKCS#12 did.
    pub(crate) fn is_legacy(&self) -> bool {
        matches!(self.derivation, Derivation::Pbkdf1 { .. } | Derivation::Pkcs12 { .. })
    }

    /// Rounds of a hash that it costs, or what it costs as much as.
    pub(crate) fn rounds(&self) -> u64 {
        match self.derivation {
            Derivation::Pbkdf2 { rounds, .. } => u64::from(rounds),
            Derivation::Scrypt { .. } => MOST_PBKDF2 / 4,
            Derivation::Pbkdf1 { rounds, .. } | Derivation::Pkcs12 { rounds, .. } => rounds,
        }
    }

    /// Decrypts.
    pub(crate) fn decrypt(&self, data: &[u8], password: &SecretText, work: &Work) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        work.derives("iterations", self.rounds(), MOST_PBKDF2)?;
        // The key is made of it here.
        let text = password.expose();
        let mut key = Zeroizing::new(vec![0; self.cipher.key()]);
        let mut iv = Zeroizing::new(self.iv.to_vec());
        match &self.derivation {
            Derivation::Pbkdf2 { salt, rounds, hash } => match hash {
                Hash::Sha1 => pbkdf2_hmac::<sha1::Sha1>(text.as_bytes(), salt, *rounds, &mut key),
                Hash::Sha224 => pbkdf2_hmac::<sha2::Sha224>(text.as_bytes(), salt, *rounds, &mut key),
                Hash::Sha256 => pbkdf2_hmac::<sha2::Sha256>(text.as_bytes(), salt, *rounds, &mut key),
                Hash::Sha384 => pbkdf2_hmac::<sha2::Sha384>(text.as_bytes(), salt, *rounds, &mut key),
                Hash::Sha512 => pbkdf2_hmac::<sha2::Sha512>(text.as_bytes(), salt, *rounds, &mut key),
            },
            Derivation::Scrypt { salt, params } => {
                let refused = |_| ImportError::Malformed { what: "scrypt", at: 0 };
                scrypt::scrypt(text.as_bytes(), salt, params, &mut key).map_err(refused)?;
            }
            Derivation::Pbkdf1 { salt, rounds, md5 } => {
                let derived = if *md5 { pbkdf1::<md5::Md5>(text, salt, *rounds) } else { pbkdf1::<sha1::Sha1>(text, salt, *rounds) };
                let (first, rest) = derived.split_at(8);
                key.copy_from_slice(first);
                iv.extend_from_slice(rest.get(..8).unwrap_or_default());
            }
            Derivation::Pkcs12 { salt, rounds } => {
                let password = bmp(text);
                pkcs12_key(Hash::Sha1, 1, &password, salt, *rounds, &mut key);
                iv.resize(self.cipher.block(), 0);
                pkcs12_key(Hash::Sha1, 2, &password, salt, *rounds, &mut iv);
            }
        }
        self.cipher.decrypt(&key, &iv, data).ok_or(ImportError::Wrong { what: "password" })
    }
}

fn pbkdf2_parameters<'a>(parameters: &mut Der<'a>) -> Result<Derivation<'a>, ImportError> {
    let salt = parameters.octets()?;
    let rounds = affordable("iterationCount", parameters.count()?, MOST_PBKDF2)?;
    let rounds = u32::try_from(rounds).ok().filter(|rounds| *rounds > 0).ok_or_else(|| parameters.malformed())?;
    if parameters.peek().is_some_and(|tag| tag != SEQUENCE) {
        parameters.count()?;
    }
    let hash = match parameters.optional(SEQUENCE)? {
        None => Hash::Sha1,
        Some(mut prf) => match prf.oid()?.strip_prefix(HMAC) {
            Some([7]) => Hash::Sha1,
            Some([8]) => Hash::Sha224,
            Some([9]) => Hash::Sha256,
            Some([10]) => Hash::Sha384,
            Some([11]) => Hash::Sha512,
            _ => return Err(ImportError::Unsupported { what: "prf".to_owned() }),
        },
    };
    Ok(Derivation::Pbkdf2 { salt, rounds, hash })
}

fn scrypt_parameters<'a>(parameters: &mut Der<'a>) -> Result<Derivation<'a>, ImportError> {
    let salt = parameters.octets()?;
    let (cost, block, lanes) = (parameters.count()?, parameters.count()?, parameters.count()?);
    if !cost.is_power_of_two() {
        return Err(parameters.malformed());
    }
    let log = affordable("costParameter", u64::from(cost.ilog2()), MOST_SCRYPT_LOG_N)?;
    affordable("scrypt", 128_u64.saturating_mul(cost).saturating_mul(block), MOST_SCRYPT_MEMORY)?;
    affordable("scrypt", 128_u64.saturating_mul(cost).saturating_mul(block).saturating_mul(lanes), 2 * MOST_SCRYPT_MEMORY)?;
    let narrow = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let params = u8::try_from(log).ok().and_then(|log| scrypt::Params::new(log, narrow(block), narrow(lanes)).ok());
    Ok(Derivation::Scrypt { salt, params: params.ok_or_else(|| parameters.malformed())? })
}

impl Hash {
    /// The one of an object identifier.
    pub(crate) fn of(oid: &[u8]) -> Option<Self> {
        match (oid == SHA1, oid.strip_prefix(SHA2)) {
            (true, _) => Some(Self::Sha1),
            (_, Some([1])) => Some(Self::Sha256),
            (_, Some([2])) => Some(Self::Sha384),
            (_, Some([3])) => Some(Self::Sha512),
            (_, Some([4])) => Some(Self::Sha224),
            _ => None,
        }
    }

    /// Bytes of what it gives.
    pub(crate) fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// RFC 8018, 5.1.
fn pbkdf1<D: Digest>(text: &str, salt: &[u8], rounds: u64) -> Zeroizing<Vec<u8>> {
    let mut derived = Zeroizing::new(D::new_with_prefix(text.as_bytes()).chain_update(salt).finalize().to_vec());
    for _ in 1..rounds {
        let next = D::digest(&derived);
        derived.copy_from_slice(&next);
    }
    derived
}

/// A password as PKCS#12 has it: UTF-16 with the largest byte first, and a zero at its end (RFC 7292, B.1).
pub(crate) fn bmp(text: &str) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() * 2 + 2));
    for unit in text.encode_utf16().chain([0]) {
        bytes.extend_from_slice(&unit.to_be_bytes());
    }
    bytes
}

/// Fills a key as RFC 7292, B.2 has it. `id`: 1 a key, 2 an initialisation vector, 3 a key for a MAC.
pub(crate) fn pkcs12_key(hash: Hash, id: u8, password: &[u8], salt: &[u8], rounds: u64, key: &mut [u8]) {
    match hash {
        Hash::Sha1 => fill::<sha1::Sha1>(64, id, password, salt, rounds, key),
        Hash::Sha224 => fill::<sha2::Sha224>(64, id, password, salt, rounds, key),
        Hash::Sha256 => fill::<sha2::Sha256>(64, id, password, salt, rounds, key),
        Hash::Sha384 => fill::<sha2::Sha384>(128, id, password, salt, rounds, key),
        Hash::Sha512 => fill::<sha2::Sha512>(128, id, password, salt, rounds, key),
    }
}

fn fill<D: Digest>(block: usize, id: u8, password: &[u8], salt: &[u8], rounds: u64, key: &mut [u8]) {
    let whole = |bytes: &[u8]| bytes.len().div_ceil(block) * block;
    let mut input = Zeroizing::new(Vec::with_capacity(whole(salt) + whole(password)));
    for part in [salt, password] {
        input.extend(part.iter().copied().cycle().take(whole(part)));
    }
    let diversifier = vec![id; block];
    for piece in key.chunks_mut(<D as Digest>::output_size()) {
        let mut derived = Zeroizing::new(D::new_with_prefix(&diversifier).chain_update(input.as_slice()).finalize().to_vec());
        for _ in 1..rounds {
            let next = D::digest(&derived);
            derived.copy_from_slice(&next);
        }
        piece.copy_from_slice(derived.get(..piece.len()).unwrap_or_default());
        for chunk in input.chunks_mut(block) {
            // What was derived, repeated, and one are added, modulo 2^(8 × block).
            let addend: Zeroizing<Vec<u8>> = Zeroizing::new(derived.iter().copied().cycle().take(block).collect());
            let mut carry = 1_u16;
            for (byte, add) in chunk.iter_mut().zip(addend.iter()).rev() {
                carry += u16::from(*byte) + u16::from(*add);
                *byte = carry.to_le_bytes()[0];
                carry >>= 8;
            }
        }
    }
}
