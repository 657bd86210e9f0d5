//! What a password-protected export of Bitwarden is sealed with.
//!
//! A master key of 32 bytes is derived of the password: by PBKDF2-HMAC-SHA256 with the text of the salt as it stands in the
//! file, base64 and all, or by Argon2id with the SHA-256 of that text. HKDF-Expand-SHA256 makes two keys of it, `enc` and
//! `mac`. An encrypted string is `2.<iv>|<text>|<mac>` in base64: AES-256-CBC with PKCS#7, and HMAC-SHA256 over the IV and the
//! encrypted text (<https://bitwarden.com/help/encrypted-export/>, the clients' `KeyGenerationService` and `EncString`).

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use beffroi_secret::SecretText;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::limits::{MOST_ARGON2_KIB, MOST_ARGON2_LANES, MOST_ARGON2_WORK, MOST_PBKDF2, affordable};
use crate::{ImportError, Work};

/// The least salt that Bitwarden makes is 16 bytes; the most that is read, as its text.
const MOST_SALT: usize = 1_024;

/// How a key is derived: checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kdf {
    /// PBKDF2-HMAC-SHA256.
    Pbkdf2 {
        /// Its rounds.
        rounds: u32,
    },
    /// Argon2id.
    Argon2id {
        /// Its passes.
        passes: u32,
        /// Its memory, in MiB.
        mib: u32,
        /// Its lanes.
        lanes: u32,
    },
}

impl Kdf {
    /// As the file says, `kdfType` and its parameters, within what is done for a file from outside.
    ///
    /// # Errors
    /// [`ImportError::TooExpensive`], [`ImportError::Malformed`] for what no derivation has.
    pub(super) fn of(kind: u64, rounds: u64, mib: Option<u64>, lanes: Option<u64>) -> Result<Self, ImportError> {
        let number = |what, found: u64| match u32::try_from(found) {
            Ok(0) | Err(_) => Err(ImportError::Malformed { what, at: 0 }),
            Ok(found) => Ok(found),
        };
        match kind {
            0 => Ok(Self::Pbkdf2 { rounds: number("kdfIterations", affordable("kdfIterations", rounds, MOST_PBKDF2)?)? }),
            1 => {
                let (mib, lanes) = (mib.unwrap_or(0), lanes.unwrap_or(0));
                affordable("kdfMemory", mib, MOST_ARGON2_KIB >> 10)?;
                affordable("kdfParallelism", lanes, MOST_ARGON2_LANES)?;
                affordable("kdfIterations", rounds, MOST_ARGON2_WORK)?;
                affordable("kdfIterations", rounds.saturating_mul(mib << 10), MOST_ARGON2_WORK)?;
                Ok(Self::Argon2id {
                    passes: number("kdfIterations", rounds)?,
                    mib: number("kdfMemory", mib)?,
                    lanes: number("kdfParallelism", lanes)?,
                })
            }
            other => Err(ImportError::Unsupported { what: format!("kdfType {other}") }),
        }
    }

    /// Whether it is less than Bitwarden itself has asked for since 2023.
    pub(super) const fn is_weak(self) -> bool {
        match self {
            Self::Pbkdf2 { rounds } => rounds < 600_000,
            Self::Argon2id { passes, mib, .. } => mib < 16 || passes < 2,
        }
    }

    /// The keys of a password, with the text of the salt.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] for parameters that do not go together, and for a salt without end.
    pub(crate) fn keys(self, password: &SecretText, salt: &str, work: &Work) -> Result<Keys, ImportError> {
        if salt.is_empty() || salt.len() > MOST_SALT {
            return Err(ImportError::Malformed { what: "salt", at: 0 });
        }
        let mut master = Zeroizing::new([0_u8; 32]);
        // Derived from here.
        let password = password.expose().as_bytes();
        match self {
            Self::Pbkdf2 { rounds } => {
                work.derives("kdfIterations", u64::from(rounds), MOST_PBKDF2)?;
                pbkdf2::pbkdf2_hmac::<Sha256>(password, salt.as_bytes(), rounds, master.as_mut_slice());
            }
            Self::Argon2id { passes, mib, lanes } => {
                let refused = |_| ImportError::Malformed { what: "kdfMemory", at: 0 };
                let parameters = Params::new(mib << 10, passes, lanes, Some(32)).map_err(refused)?;
                work.derives("kdfIterations", u64::from(passes).saturating_mul(u64::from(mib) << 10), MOST_ARGON2_WORK)?;
                let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
                argon2.hash_password_into(password, &Sha256::digest(salt.as_bytes()), master.as_mut_slice()).map_err(refused)?;
            }
        }
        Keys::of(&master)
    }
}

/// The two keys of an export.
pub(crate) struct Keys {
    encrypt: Zeroizing<[u8; 32]>,
    authenticate: Hmac<Sha256>,
}

impl Keys {
    fn of(master: &[u8; 32]) -> Result<Self, ImportError> {
        let failed = || ImportError::Unsupported { what: "HKDF".to_owned() };
        let hkdf = Hkdf::<Sha256>::from_prk(master).map_err(|_| failed())?;
        let (mut encrypt, mut authenticate) = (Zeroizing::new([0_u8; 32]), Zeroizing::new([0_u8; 32]));
        hkdf.expand(b"enc", encrypt.as_mut_slice()).map_err(|_| failed())?;
        hkdf.expand(b"mac", authenticate.as_mut_slice()).map_err(|_| failed())?;
        let authenticate = Hmac::new_from_slice(authenticate.as_slice()).map_err(|_| failed())?;
        Ok(Self { encrypt, authenticate })
    }

    /// Seals a text.
    ///
    /// # Errors
    /// [`ImportError::Io`] when the system gives no random bytes.
    pub(crate) fn seal(&self, text: &[u8]) -> Result<String, ImportError> {
        let iv = random::<16>()?;
        let mut sealed = Zeroizing::new(vec![0; text.len() + 16]);
        sealed.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        let encrypt = cbc::Encryptor::<Aes256>::new((&*self.encrypt).into(), (&iv).into());
        let sealed =
            encrypt.encrypt_padded::<Pkcs7>(&mut sealed, text.len()).map_err(|_| ImportError::Malformed { what: "data", at: 0 })?;
        let mac = self.authenticate.clone().chain_update(iv).chain_update(sealed).finalize().into_bytes();
        let text = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
        Ok(format!("2.{}|{}|{}", text(&iv), text(sealed), text(&mac)))
    }
}

/// Bytes that nobody knows.
///
/// # Errors
/// [`ImportError::Io`] when the system gives none.
pub(crate) fn random<const COUNT: usize>() -> Result<[u8; COUNT], ImportError> {
    let mut bytes = [0; COUNT];
    getrandom::fill(&mut bytes)
        .map_err(|error| ImportError::Io { path: "random".to_owned(), source: std::io::Error::other(error.to_string()) })?;
    Ok(bytes)
}

/// An encrypted string, taken apart.
pub(super) struct Sealed {
    what: &'static str,
    iv: [u8; 16],
    text: Vec<u8>,
    mac: [u8; 32],
}

impl Sealed {
    /// Takes it apart. `what` is its name in the file.
    ///
    /// # Errors
    /// [`ImportError::Unsupported`] for another kind of string, [`ImportError::Malformed`].
    pub(super) fn of(what: &'static str, text: &str) -> Result<Self, ImportError> {
        let malformed = || ImportError::Malformed { what, at: 0 };
        let (kind, rest) = text.split_once('.').ok_or_else(malformed)?;
        if kind != "2" {
            let known = kind.len() <= 2 && kind.bytes().all(|byte| byte.is_ascii_digit());
            return Err(if known { ImportError::Unsupported { what: format!("{what} {kind}.") } } else { malformed() });
        }
        let bytes = |part: &str| BASE64_STANDARD.decode(part).map_err(|_| malformed());
        let mut parts = rest.split('|');
        let (Some(iv), Some(text), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(malformed());
        };
        let (iv, text, mac) = (bytes(iv)?.try_into(), bytes(text)?, bytes(mac)?.try_into());
        let (Ok(iv), Ok(mac)) = (iv, mac) else { return Err(malformed()) };
        if text.is_empty() || !text.len().is_multiple_of(16) {
            return Err(malformed());
        }
        Ok(Self { what, iv, text, mac })
    }

    /// Whether these keys sealed it.
    pub(super) fn is_of(&self, keys: &Keys) -> bool {
        keys.authenticate.clone().chain_update(self.iv).chain_update(&self.text).verify_slice(&self.mac).is_ok()
    }

    /// What is in it.
    ///
    /// # Errors
    /// [`ImportError::Altered`] when these keys did not seal it.
    pub(super) fn open(self, keys: &Keys) -> Result<Zeroizing<Vec<u8>>, ImportError> {
        if !self.is_of(keys) {
            return Err(ImportError::Altered { what: "mac" });
        }
        let mut text = Zeroizing::new(self.text);
        let open = cbc::Decryptor::<Aes256>::new((&*keys.encrypt).into(), (&self.iv).into());
        let length = open.decrypt_padded::<Pkcs7>(&mut text).map_err(|_| ImportError::Malformed { what: self.what, at: 0 })?.len();
        text.truncate(length);
        Ok(text)
    }
}
