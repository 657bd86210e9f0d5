//! The part of a database that everybody can read: what it is encrypted with, and what deriving its key costs.

use sha2::{Digest, Sha256};

use super::cipher::{BLOCK, Cipher, InnerKind};
use super::kdf::Kdf;
use super::variant::Variants;
use crate::ImportError;
use crate::limits::within;

/// Bytes of a header. KeePass plug-ins may put data of theirs into it.
const MOST_HEADER: u64 = 1 << 20;
/// What every KeePass file begins with.
pub(crate) const SIGNATURE: [u8; 4] = [0x03, 0xd9, 0xa2, 0x9a];
/// What follows in one of KeePass 2.
pub(crate) const KDBX: [u8; 4] = [0x67, 0xfb, 0x4b, 0xb5];

/// The kind of a KeePass file, by its first eight bytes.
pub(super) fn signature(bytes: &[u8]) -> Option<[u8; 4]> {
    let (kind, _) = bytes.strip_prefix(&SIGNATURE)?.split_first_chunk::<4>()?;
    // KeePass 2, its first trials, KeePass 1.
    matches!(kind, [0x65..=0x67, 0xfb, 0x4b, 0xb5]).then_some(*kind)
}

/// A header, checked as far as it can be without a key.
pub(crate) struct Header<'a> {
    pub(super) cipher: Cipher,
    pub(super) gzip: bool,
    pub(super) seed: [u8; 32],
    pub(super) iv: &'a [u8],
    pub(super) kdf: Kdf,
    /// Only in version 3.
    pub(super) old: Option<Old<'a>>,
    /// Its bytes, the signature included.
    pub(super) whole: &'a [u8],
    /// What follows it.
    pub(super) body: &'a [u8],
}

/// What only version 3 has in its header.
pub(crate) struct Old<'a> {
    pub(super) stream: InnerKind,
    pub(super) stream_key: &'a [u8],
    /// What the payload begins with.
    pub(super) start: [u8; 32],
}

/// The fields of a header, as they stand there.
#[derive(Default)]
struct Fields<'a> {
    cipher: Option<&'a [u8]>,
    compression: Option<&'a [u8]>,
    seed: Option<&'a [u8]>,
    transform_seed: Option<&'a [u8]>,
    rounds: Option<&'a [u8]>,
    iv: Option<&'a [u8]>,
    stream_key: Option<&'a [u8]>,
    start: Option<&'a [u8]>,
    stream: Option<&'a [u8]>,
    kdf: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// Reads it, and refuses what is not read or costs too much.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let unsupported = |what: &str| Err(ImportError::Unsupported { what: what.to_owned() });
        match signature(bytes) {
            Some(KDBX) => {}
            Some([0x65, ..]) => return unsupported("KeePass 1 (KDB)"),
            Some(_) => return unsupported("KDBX 2"),
            None => return Err(ImportError::Malformed { what: "signature", at: 0 }),
        }
        let mut from = Bytes::new(bytes, "header");
        from.take(8)?;
        let (minor, major) = (from.u16()?, from.u16()?);
        if !matches!(major, 3 | 4) {
            return Err(ImportError::Unsupported { what: format!("KDBX {major}.{minor}") });
        }
        let fields = Fields::read(&mut from, major)?;
        let (whole, body) = bytes.split_at(from.at);
        let kdf = match fields.kdf {
            Some(parameters) if major == 4 => Kdf::read(&Variants::read(parameters)?)?,
            _ => Kdf::aes(array("TransformSeed", fields.transform_seed)?, u64::from_le_bytes(array("TransformRounds", fields.rounds)?))?,
        };
        let cipher = array("CipherID", fields.cipher)?;
        let Some(cipher) = Cipher::named(&cipher) else {
            return Err(ImportError::Unsupported { what: format!("CipherID {:032x}", u128::from_be_bytes(cipher)) });
        };
        let gzip = match u32::from_le_bytes(array("CompressionFlags", fields.compression)?) {
            0 => false,
            1 => true,
            other => return Err(ImportError::Unsupported { what: format!("CompressionFlags {other}") }),
        };
        let iv = fields.iv.filter(|iv| iv.len() == cipher.iv_length()).ok_or(ImportError::Malformed { what: "EncryptionIV", at: 0 })?;
        let old = if major == 3 { Some(fields.old(cipher, body)?) } else { None };
        Ok(Self { cipher, gzip, seed: array("MasterSeed", fields.seed)?, iv, kdf, old, whole, body })
    }
}

impl<'a> Fields<'a> {
    fn read(from: &mut Bytes<'a>, major: u16) -> Result<Self, ImportError> {
        let mut fields = Self::default();
        loop {
            let id = from.u8()?;
            let value = if major == 3 {
                let length = from.u16()?;
                from.take(usize::from(length))?
            } else {
                from.sized()?
            };
            within("header", from.at as u64, MOST_HEADER)?;
            let place = match id {
                0 => return Ok(fields),
                2 => &mut fields.cipher,
                3 => &mut fields.compression,
                4 => &mut fields.seed,
                5 => &mut fields.transform_seed,
                6 => &mut fields.rounds,
                7 => &mut fields.iv,
                8 => &mut fields.stream_key,
                9 => &mut fields.start,
                10 => &mut fields.stream,
                11 => &mut fields.kdf,
                // A comment, data of plug-ins, and what a later version may add.
                _ => continue,
            };
            *place = Some(value);
        }
    }

    fn old(&self, cipher: Cipher, body: &[u8]) -> Result<Old<'a>, ImportError> {
        // Seen before a key is derived: at least the first bytes and the padding are there, in whole blocks.
        if body.len() < 3 * BLOCK || (cipher != Cipher::ChaCha20 && !body.len().is_multiple_of(BLOCK)) {
            return Err(ImportError::Truncated { what: "payload" });
        }
        Ok(Old {
            stream: InnerKind::numbered(u32::from_le_bytes(array("InnerRandomStreamID", self.stream)?))?,
            stream_key: self.stream_key.ok_or(ImportError::Malformed { what: "ProtectedStreamKey", at: 0 })?,
            start: array("StreamStartBytes", self.start)?,
        })
    }
}

/// SHA-256 of something public.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A field of a length that the format gives.
fn array<const N: usize>(what: &'static str, field: Option<&[u8]>) -> Result<[u8; N], ImportError> {
    field.and_then(|field| field.try_into().ok()).ok_or(ImportError::Malformed { what, at: 0 })
}

/// Bytes that are read from their beginning.
pub(crate) struct Bytes<'a> {
    all: &'a [u8],
    what: &'static str,
    /// How many were read.
    pub(super) at: usize,
}

impl<'a> Bytes<'a> {
    /// `what` is what ends too early where they do.
    pub(super) fn new(all: &'a [u8], what: &'static str) -> Self {
        Self { all, what, at: 0 }
    }

    /// The next ones.
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], ImportError> {
        let end = self.at.saturating_add(count);
        let taken = self.all.get(self.at..end).ok_or(ImportError::Truncated { what: self.what })?;
        self.at = end;
        Ok(taken)
    }

    /// The next ones, as many as an array has.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        self.take(N)?.try_into().map_err(|_| ImportError::Truncated { what: self.what })
    }

    pub(super) fn u8(&mut self) -> Result<u8, ImportError> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, ImportError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, ImportError> {
        self.array().map(u32::from_le_bytes)
    }

    /// Bytes after their length.
    pub(super) fn sized(&mut self) -> Result<&'a [u8], ImportError> {
        let length = self.u32()?;
        self.take(usize::try_from(length).unwrap_or(usize::MAX))
    }
}
