//! A KeePass database, KDBX 4.1, as KeePass 2.48 and KeePassXC 2.7 and later open it; described at [`formats::kdbx`](crate::formats::kdbx).
//!
//! Everything of an entry is in it, with its history and its files; what KeePass has no word for (hosts, stage, kind) is in the
//! data of plug-ins, which other programs keep. Hosts and their keys, which are no secrets, are not in it.

mod document;
mod tree;

use std::io::Write;

use argon2::{Algorithm, Version};
use flate2::Compression;
use flate2::write::GzEncoder;
use hmac::Mac;
use zeroize::Zeroizing;

use crate::formats::kdbx::blocks::HEADER_BLOCK;
use crate::formats::kdbx::cipher::{self, InnerKind, InnerStream};
use crate::formats::kdbx::header::{KDBX, SIGNATURE, sha256};
use crate::formats::kdbx::kdf::{ARGON2ID, Kdf};
use crate::formats::kdbx::key::{self, Keys};
use crate::{ImportError, Parsed, Unlock};

/// The least memory that a key is derived with, in KiB.
pub const LEAST_KIB: u64 = 64 << 10;
/// The fewest passes over it.
pub const FEWEST_PASSES: u64 = 3;
/// Bytes of a block.
const BLOCK: usize = 1 << 20;

/// What a database is encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cipher {
    /// AES-256 in CBC.
    #[default]
    Aes256,
    /// ChaCha20.
    ChaCha20,
}

/// What deriving its key costs (Argon2id). Less than [`LEAST_KIB`] and [`FEWEST_PASSES`] is raised to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub kib: u64,
    /// Passes.
    pub passes: u64,
    /// Lanes.
    pub lanes: u64,
}

impl Default for Cost {
    fn default() -> Self {
        Self { kib: LEAST_KIB, passes: 8, lanes: 2 }
    }
}

/// Writes it.
///
/// # Errors
/// [`ImportError::Locked`] without a password and a key file, [`ImportError::TooExpensive`] for a cost that would not be paid
/// to read it again, [`ImportError::TooLarge`] for more, or deeper paths, than is read again, [`ImportError::Io`] without
/// randomness.
pub fn write(parsed: &Parsed, unlock: &Unlock, cipher: Cipher, cost: Cost) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let composite = key::composite(unlock)?;
    let salt = random::<32>()?;
    let (kib, passes) = (cost.kib.max(LEAST_KIB), cost.passes.max(FEWEST_PASSES));
    let kdf = Kdf::argon2(Algorithm::Argon2id, Version::V0x13, kib, passes, cost.lanes, salt.as_slice())?;
    let cipher = match cipher {
        Cipher::Aes256 => cipher::Cipher::Aes256,
        Cipher::ChaCha20 => cipher::Cipher::ChaCha20,
    };
    let (seed, iv) = (random::<32>()?, random::<16>()?);
    let (iv, _) = iv.split_at(cipher.iv_length());
    let header = header(cipher, seed.as_slice(), iv, &parameters(kib, passes, cost.lanes, salt.as_slice()));
    let mut payload = payload(parsed)?;
    let keys = Keys::new(&seed, &*kdf.derive(&composite)?);
    cipher.encrypt(&keys.cipher, iv, &mut payload)?;

    let mut file = Zeroizing::new(Vec::with_capacity(header.len() + payload.len() + payload.len() / BLOCK * 36 + 256));
    file.extend_from_slice(&header);
    file.extend_from_slice(&sha256(&header));
    file.extend_from_slice(&keys.mac(HEADER_BLOCK, &[&header]).finalize().into_bytes());
    // The last block is empty.
    for (number, block) in (0_u64..).zip(payload.chunks(BLOCK).chain([&[][..]])) {
        let length = u32::try_from(block.len()).unwrap_or(0).to_le_bytes();
        file.extend_from_slice(&keys.mac(number, &[&number.to_le_bytes(), &length, block]).finalize().into_bytes());
        file.extend_from_slice(&length);
        file.extend_from_slice(block);
    }
    Ok(file)
}

fn header(cipher: cipher::Cipher, seed: &[u8], iv: &[u8], kdf: &[u8]) -> Vec<u8> {
    let mut header = [&SIGNATURE[..], &KDBX, &1_u16.to_le_bytes(), &4_u16.to_le_bytes()].concat();
    let gzip = 1_u32.to_le_bytes();
    for (id, value) in [(2_u8, &cipher.uuid()[..]), (3, &gzip), (4, seed), (7, iv), (11, kdf), (0, b"\r\n\r\n")] {
        header.push(id);
        sized(&mut header, value);
    }
    header
}

/// The parameters of the key derivation, as a VariantMap.
fn parameters(kib: u64, passes: u64, lanes: u64, salt: &[u8]) -> Vec<u8> {
    let mut map = 0x0100_u16.to_le_bytes().to_vec();
    let lanes = u32::try_from(lanes).unwrap_or(1).to_le_bytes();
    let (memory, passes, version) = ((kib * 1024).to_le_bytes(), passes.to_le_bytes(), 0x13_u32.to_le_bytes());
    let values: [(u8, &str, &[u8]); 6] = [
        (0x42, "$UUID", &ARGON2ID.to_be_bytes()),
        (0x05, "I", &passes),
        (0x05, "M", &memory),
        (0x04, "P", &lanes),
        (0x42, "S", salt),
        (0x04, "V", &version),
    ];
    for (kind, name, value) in values {
        map.push(kind);
        sized(&mut map, name.as_bytes());
        sized(&mut map, value);
    }
    map.push(0);
    map
}

/// The inner header, the files and the document, compressed.
fn payload(parsed: &Parsed) -> Result<Zeroizing<Vec<u8>>, ImportError> {
    let key = random::<64>()?;
    let mut stream = InnerStream::new(InnerKind::ChaCha20, key.as_slice());
    let (document, files) = document::write(parsed, &mut stream)?;
    let mut inner = Zeroizing::new(Vec::new());
    for (id, value) in [(1_u8, &3_u32.to_le_bytes()[..]), (2, key.as_slice())] {
        inner.push(id);
        sized(&mut inner, value);
    }
    // What is written into memory is written.
    let failed = |source| ImportError::Io { path: String::new(), source };
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(&inner).map_err(failed)?;
    for file in files {
        let length = u32::try_from(file.len() + 1).map_err(|_| too_large(file.len()))?;
        // Protected in memory, where a program does that.
        let [a, b, c, d] = length.to_le_bytes();
        gzip.write_all(&[3, a, b, c, d, 1]).map_err(failed)?;
        gzip.write_all(file).map_err(failed)?;
    }
    gzip.write_all(&[0; 5]).map_err(failed)?;
    gzip.write_all(document.as_bytes()).map_err(failed)?;
    Ok(Zeroizing::new(gzip.finish().map_err(failed)?))
}

fn too_large(length: usize) -> ImportError {
    ImportError::TooLarge { what: "Binary", found: length as u64, most: u64::from(u32::MAX) }
}

fn sized(to: &mut Vec<u8>, value: &[u8]) {
    to.extend_from_slice(&u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
    to.extend_from_slice(value);
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, ImportError> {
    let mut bytes = Zeroizing::new([0; N]);
    let failed = |error| ImportError::Io { path: String::new(), source: std::io::Error::other(error) };
    getrandom::fill(bytes.as_mut_slice()).map_err(failed)?;
    Ok(bytes)
}
