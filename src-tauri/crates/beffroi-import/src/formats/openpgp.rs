//! Messages of OpenPGP, opened with private keys that were given: an armored export each. No `gpg` is run, no keyring read.

use beffroi_secret::SecretBytes;
use pgp::composed::{Deserializable, Message, SignedSecretKey};
use pgp::errors::Error;
use pgp::types::{Password, S2kParams, SecretParams, StringToKey};

use crate::limits::{MOST_ARGON2_KIB, MOST_ARGON2_LANES, MOST_ARGON2_WORK, affordable, within};
use crate::{ImportError, Unlock, Work};

const MARK: &str = "-----BEGIN PGP PRIVATE KEY BLOCK-----";
/// Private keys that are tried.
const MOST_KEYS: usize = 32;
/// Bytes of a private key.
const MOST_KEY: usize = 256 << 10;
/// How deep a message lies in others: signed, compressed, encrypted.
const MOST_LAYERS: usize = 4;

/// What opens messages: made once, for a store of them.
pub(crate) struct PgpKeys<'a> {
    keys: Vec<SignedSecretKey>,
    work: &'a Work,
}

impl<'a> PgpKeys<'a> {
    /// Takes the OpenPGP keys of an unlocking; its password is their passphrase.
    ///
    /// # Errors
    /// [`ImportError::Malformed`] for a damaged key, [`ImportError::Locked`] and [`ImportError::Wrong`] of its passphrase,
    /// [`ImportError::TooExpensive`], [`ImportError::TooLarge`].
    pub(crate) fn new(unlock: &Unlock, work: &'a Work) -> Result<Self, ImportError> {
        let mut keys = Vec::new();
        for identity in &unlock.identities {
            // Read as keys here.
            let text = identity.expose();
            let Some(at) = text.find(MARK) else { continue };
            within("identity", text.len() as u64, MOST_KEY as u64)?;
            let armored = text.get(at..).unwrap_or_default();
            let (found, _) = SignedSecretKey::from_armor_many(armored.as_bytes()).map_err(|_| malformed())?;
            for key in found {
                within("identity", keys.len() as u64 + 1, MOST_KEYS as u64)?;
                keys.push(opened(key.map_err(|_| malformed())?, unlock, work)?);
            }
        }
        Ok(Self { keys, work })
    }

    /// What is in a message, armored or binary.
    ///
    /// # Errors
    /// [`ImportError::Locked`] without a key, [`ImportError::Wrong`] when none is one of its recipients,
    /// [`ImportError::Altered`] for what was changed, [`ImportError::Malformed`], [`ImportError::TooLarge`].
    pub(crate) fn open(&self, bytes: &[u8]) -> Result<SecretBytes, ImportError> {
        if self.keys.is_empty() {
            return Err(ImportError::Locked { what: "identity" });
        }
        let (mut message, _) = Message::from_reader(bytes).map_err(|_| damaged())?;
        for _ in 0..MOST_LAYERS {
            message = match message {
                Message::Encrypted { .. } => {
                    let none = Password::empty();
                    message.decrypt_with_keys(vec![&none], self.keys.iter().collect()).map_err(|error| match error {
                        Error::MissingKey => ImportError::Wrong { what: "identity" },
                        _ => damaged(),
                    })?
                }
                Message::Compressed { .. } => message.decompress().map_err(|_| damaged())?,
                Message::Signed { .. } if message.is_compressed() || message.is_encrypted() => return Err(damaged()),
                Message::Literal { .. } | Message::Signed { .. } => {
                    // What protects it is at its end, and was checked once it is read.
                    let clear = self.work.inflate("OpenPGP", bytes.len() as u64, &mut message).map_err(|error| match error {
                        ImportError::Malformed { .. } => ImportError::Altered { what: "OpenPGP" },
                        error => error,
                    })?;
                    return Ok(SecretBytes::new(clear.to_vec()));
                }
            };
        }
        Err(ImportError::TooLarge { what: "OpenPGP", found: MOST_LAYERS as u64 + 1, most: MOST_LAYERS as u64 })
    }
}

fn malformed() -> ImportError {
    ImportError::Malformed { what: "identity", at: 1 }
}

fn damaged() -> ImportError {
    ImportError::Malformed { what: "OpenPGP", at: 0 }
}

/// A key without its passphrase: what opens messages are its subkeys, and itself where it has none.
fn opened(mut key: SignedSecretKey, unlock: &Unlock, work: &Work) -> Result<SignedSecretKey, ImportError> {
    let password = || -> Result<Password, ImportError> {
        let password = unlock.password.as_ref().ok_or(ImportError::Locked { what: "password" })?;
        // Goes into its key derivation.
        Ok(Password::from(password.expose().as_str()))
    };
    let wrong = |_| ImportError::Wrong { what: "password" };
    if key.secret_subkeys.is_empty()
        && let Some((cost, most)) = cost(key.primary_key.secret_params())?
    {
        work.derives("S2K", cost, most)?;
        key.primary_key.remove_password(&password()?).map_err(wrong)?;
    }
    for subkey in &mut key.secret_subkeys {
        if let Some((cost, most)) = cost(subkey.key.secret_params())? {
            work.derives("S2K", cost, most)?;
            subkey.key.remove_password(&password()?).map_err(wrong)?;
        }
    }
    Ok(key)
}

/// What it costs to derive the key of its passphrase, and what one may cost at most; none where there is no passphrase.
fn cost(secret: &SecretParams) -> Result<Option<(u64, u64)>, ImportError> {
    let SecretParams::Encrypted(encrypted) = secret else { return Ok(None) };
    let (S2kParams::Aead { s2k, .. } | S2kParams::Cfb { s2k, .. } | S2kParams::MalleableCfb { s2k, .. }) = encrypted.string_to_key_params()
    else {
        return Err(ImportError::Unsupported { what: "S2K".to_owned() });
    };
    match s2k {
        StringToKey::Argon2 { t, p, m_enc, .. } => {
            let memory = affordable("m", 1_u64.checked_shl(u32::from(*m_enc)).unwrap_or(u64::MAX), MOST_ARGON2_KIB)?;
            let cost = affordable("t", u64::from(*t).saturating_mul(memory), MOST_ARGON2_WORK)?;
            affordable("p", u64::from(*p), MOST_ARGON2_LANES)?;
            Ok(Some((cost, MOST_ARGON2_WORK)))
        }
        // At most 65 MB that are hashed: a part of a second.
        StringToKey::Simple { .. } | StringToKey::Salted { .. } | StringToKey::IteratedAndSalted { .. } => Ok(Some((1, 50))),
        // A key of a smart card, or one that is not there.
        _ => Err(ImportError::Unsupported { what: "S2K".to_owned() }),
    }
}
