//! The ciphers around a database, and the streams that its protected values are hidden with.

use aes::Aes256;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, StreamCipher};
use chacha20::ChaCha20;
use salsa20::Salsa20;
use sha2::{Digest, Sha256, Sha512};
use twofish::Twofish;
use zeroize::Zeroizing;

use crate::ImportError;

/// Bytes of a block of AES and of Twofish.
pub(crate) const BLOCK: usize = 16;

/// What a database is encrypted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    Aes256,
    ChaCha20,
    Twofish,
}

impl Cipher {
    /// The one of a UUID.
    pub(crate) fn named(uuid: &[u8; 16]) -> Option<Self> {
        [Self::Aes256, Self::ChaCha20, Self::Twofish].into_iter().find(|cipher| cipher.uuid() == *uuid)
    }

    /// Its UUID in a header.
    pub(crate) fn uuid(self) -> [u8; 16] {
        let number: u128 = match self {
            Self::Aes256 => 0x31c1_f2e6_bf71_4350_be58_0521_6afc_5aff,
            Self::ChaCha20 => 0xd603_8a2b_8b6f_4cb5_a524_339a_31db_b59a,
            Self::Twofish => 0xad68_f29f_576f_4bb9_a36a_d47a_f965_346c,
        };
        number.to_be_bytes()
    }

    /// Bytes of its initialisation vector.
    pub(crate) fn iv_length(self) -> usize {
        if self == Self::ChaCha20 { 12 } else { BLOCK }
    }

    /// Encrypts in place, padded where that is needed.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for Twofish, which is read only.
    pub(crate) fn encrypt(self, key: &[u8; 32], iv: &[u8], bytes: &mut Vec<u8>) -> Result<(), ImportError> {
        let wrong_iv = |_| ImportError::Malformed { what: "EncryptionIV", at: 0 };
        match self {
            Self::Aes256 => {
                let mode = cbc::Encryptor::<Aes256>::new_from_slices(key, iv).map_err(wrong_iv)?;
                let length = bytes.len();
                bytes.resize((length / BLOCK + 1) * BLOCK, 0);
                mode.encrypt_padded::<Pkcs7>(bytes, length).map(drop).map_err(|_| ImportError::Malformed { what: "padding", at: 0 })
            }
            // A stream: both ways are one.
            Self::ChaCha20 => self.decrypt(key, iv, bytes),
            Self::Twofish => Err(ImportError::Unsupported { what: "Twofish".to_owned() }),
        }
    }

    /// Decrypts in place; padding stays.
    ///
    /// # Errors
    /// [`ImportError::Truncated`] for what is no whole number of blocks.
    pub(crate) fn decrypt(self, key: &[u8; 32], iv: &[u8], bytes: &mut [u8]) -> Result<(), ImportError> {
        let wrong_iv = |_| ImportError::Malformed { what: "EncryptionIV", at: 0 };
        let partial = |_| ImportError::Truncated { what: "payload" };
        match self {
            Self::Aes256 => {
                let mode = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).map_err(wrong_iv)?;
                mode.decrypt_padded::<NoPadding>(bytes).map(drop).map_err(partial)
            }
            Self::Twofish => {
                let mode = cbc::Decryptor::<Twofish>::new_from_slices(key, iv).map_err(wrong_iv)?;
                mode.decrypt_padded::<NoPadding>(bytes).map(drop).map_err(partial)
            }
            Self::ChaCha20 => {
                let mut stream = ChaCha20::new_from_slices(key, iv).map_err(wrong_iv)?;
                // 256 GiB: no file that is read is as long.
                stream.try_apply_keystream(bytes).map_err(|_| ImportError::Malformed { what: "payload", at: 0 })
            }
        }
    }
}

/// How many of the bytes come before the padding (PKCS #7) that a block cipher needs. None where it is none.
pub(crate) fn unpadded(cipher: Cipher, bytes: &[u8]) -> Option<usize> {
    if cipher == Cipher::ChaCha20 {
        return Some(bytes.len());
    }
    let count = usize::from(*bytes.last()?);
    let length = bytes.len().checked_sub(count)?;
    let padding = bytes.get(length..)?;
    ((1..=BLOCK).contains(&count) && padding.iter().all(|byte| usize::from(*byte) == count)).then_some(length)
}

/// What values are hidden with inside a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InnerKind {
    Salsa20,
    ChaCha20,
}

impl InnerKind {
    /// The one of a number in a header.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for ArcFour, for none, and for others.
    pub(crate) fn numbered(number: u32) -> Result<Self, ImportError> {
        match number {
            2 => Ok(Self::Salsa20),
            3 => Ok(Self::ChaCha20),
            _ => Err(ImportError::Unsupported { what: format!("InnerRandomStreamID {number}") }),
        }
    }
}

/// One stream over all protected values of a document, in their order.
pub(crate) enum InnerStream {
    Salsa20(Box<Salsa20>),
    ChaCha20(Box<ChaCha20>),
}

impl InnerStream {
    /// At its beginning.
    pub(crate) fn new(kind: InnerKind, key: &[u8]) -> Self {
        match kind {
            InnerKind::Salsa20 => {
                let key: Zeroizing<[u8; 32]> = Zeroizing::new(Sha256::digest(key).into());
                let nonce = [0xe8, 0x30, 0x09, 0x4b, 0x97, 0x20, 0x5d, 0x2a];
                Self::Salsa20(Box::new(Salsa20::new(&(*key).into(), &nonce.into())))
            }
            InnerKind::ChaCha20 => {
                let both: Zeroizing<[u8; 64]> = Zeroizing::new(Sha512::digest(key).into());
                let (mut key, mut nonce) = (Zeroizing::new([0; 32]), [0; 12]);
                key.iter_mut().zip(both.iter()).for_each(|(to, from)| *to = *from);
                nonce.iter_mut().zip(both.iter().skip(32)).for_each(|(to, from)| *to = *from);
                Self::ChaCha20(Box::new(ChaCha20::new(&(*key).into(), &nonce.into())))
            }
        }
    }

    /// Hides or shows the next value.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] at the end of the stream, after 256 GiB.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) -> Result<(), ImportError> {
        match self {
            Self::Salsa20(stream) => stream.try_apply_keystream(bytes),
            Self::ChaCha20(stream) => stream.try_apply_keystream(bytes),
        }
        .map_err(|_| ImportError::Malformed { what: "Value", at: 0 })
    }
}
