//! Everything as JSON ([`crate::formats::beffroi_json`] says how), encrypted with age: for keys, or with a passphrase.

use std::io::Write;

use age::secrecy::SecretString;
use age::{Encryptor, Recipient};
use beffroi_secret::SecretText;

use crate::formats::beffroi_json;
use crate::{ImportError, Parsed};

/// log2 of scrypt's N: what `age -p` uses.
const WORK_FACTOR: u8 = 18;

/// Who may open it.
#[derive(Debug, Clone, Copy)]
pub enum For<'a> {
    /// Whoever holds one of these keys: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`.
    Keys(&'a [String]),
    /// Whoever knows this passphrase.
    Passphrase(&'a SecretText),
}

/// Writes everything of `parsed` but what was left out, as a binary file of age.
///
/// # Errors
/// [`ImportError::Malformed`] with its place in the list for a key that is none; [`ImportError::Locked`] when there is no key.
pub fn write(parsed: &Parsed, readers: For<'_>) -> Result<Vec<u8>, ImportError> {
    encrypted(&beffroi_json::write(parsed)?, readers)
}

/// Encrypts bytes, as a binary file of age.
///
/// # Errors
/// As [`write`].
pub(super) fn encrypted(clear: &[u8], readers: For<'_>) -> Result<Vec<u8>, ImportError> {
    let keys: Vec<Box<dyn Recipient>> = match readers {
        For::Keys([]) => return Err(ImportError::Locked { what: "identity" }),
        For::Keys(keys) => keys.iter().zip(1..).map(|(key, at)| recipient(key, at)).collect::<Result<_, _>>()?,
        For::Passphrase(passphrase) => {
            // Goes into scrypt.
            let mut key = age::scrypt::Recipient::new(SecretString::from(passphrase.expose().clone()));
            key.set_work_factor(WORK_FACTOR);
            vec![Box::new(key)]
        }
    };
    let failed = |_| ImportError::Malformed { what: "age", at: 0 };
    let encryptor = Encryptor::with_recipients(keys.iter().map(|key| &**key)).map_err(|_| ImportError::Malformed { what: "age", at: 0 })?;
    let mut sealed = Vec::with_capacity(clear.len() + clear.len() / 1024 + 1024);
    let mut writer = encryptor.wrap_output(&mut sealed).map_err(failed)?;
    writer.write_all(clear).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(sealed)
}

fn recipient(key: &str, at: u64) -> Result<Box<dyn Recipient>, ImportError> {
    let key = key.trim();
    if let Ok(key) = key.parse::<age::x25519::Recipient>() {
        return Ok(Box::new(key));
    }
    match key.parse::<age::ssh::Recipient>() {
        Ok(key) => Ok(Box::new(key)),
        Err(_) => Err(ImportError::Malformed { what: "recipient", at }),
    }
}
