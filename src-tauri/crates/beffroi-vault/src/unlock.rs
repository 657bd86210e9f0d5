//! From what a person has to the root key, and from the root key to a new slot.

use beffroi_domain::{SlotId, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};

use crate::crypto::derive_secret_hash;
use crate::error::{NotEnoughMemory, SlotError, UnlockError};
use crate::header::Header;
use crate::identity::{IdentityCard, IdentityKeys};
use crate::kdf::{Kdf, KdfCost};
use crate::key_file::KeyFile;
use crate::recovery::{self, RecoveryWords};
use crate::slot::{Slot, SlotKind, Way, joint_material};

/// What opens a vault.
///
/// The three kinds with a passphrase cost one key derivation for each slot of the kind, until one opens; the others none.
#[derive(Debug, Clone, Copy)]
pub enum Unlock<'a> {
    /// The passphrase.
    Passphrase(&'a SecretText),
    /// The passphrase and the content of the key file.
    PassphraseAndKeyFile {
        /// The passphrase.
        passphrase: &'a SecretText,
        /// What [`KeyFile::make`] gave, byte for byte.
        file: &'a SecretBytes,
    },
    /// The passphrase and what the system's keyring keeps.
    PassphraseAndKeyring {
        /// The passphrase.
        passphrase: &'a SecretText,
        /// From the keyring.
        secret: &'a SecretKey,
    },
    /// The recovery words.
    RecoveryWords(&'a SecretText),
    /// A person's own keys.
    Identity(&'a IdentityKeys),
    /// What the system's keyring keeps.
    Keyring(&'a SecretKey),
}

impl Unlock<'_> {
    /// The kind of slot it opens.
    #[must_use]
    pub fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::PassphraseAndKeyFile { .. } => SlotKind::PassphraseKeyFile,
            Self::PassphraseAndKeyring { .. } => SlotKind::PassphraseKeyring,
            Self::RecoveryWords(_) => SlotKind::Recovery,
            Self::Identity(_) => SlotKind::Identity,
            Self::Keyring(_) => SlotKind::Keyring,
        }
    }

    fn wrong(&self) -> UnlockError {
        match self {
            Self::Passphrase(_) => UnlockError::WrongPassphrase,
            Self::PassphraseAndKeyFile { .. } => UnlockError::WrongPassphraseOrKeyFile,
            Self::PassphraseAndKeyring { .. } => UnlockError::WrongPassphraseOrKeyring,
            Self::RecoveryWords(_) => UnlockError::WrongRecoveryWords,
            Self::Identity(_) => UnlockError::WrongIdentity,
            Self::Keyring(_) => UnlockError::WrongKeyring,
        }
    }

    /// The material for a slot; nothing when it cannot be one of this slot.
    fn material(&self, vault: VaultId, way: Way) -> Result<Option<SecretKey>, UnlockError> {
        Ok(match (*self, way) {
            (Self::Passphrase(passphrase), Way::Passphrase(kdf)) => kdf.attempt(passphrase)?,
            (Self::PassphraseAndKeyFile { passphrase, file }, Way::PassphraseKeyFile(kdf)) => {
                let second = derive_secret_hash(file);
                kdf.attempt(passphrase)?.map(|first| joint_material(vault, SlotKind::PassphraseKeyFile, &first, &second))
            }
            (Self::PassphraseAndKeyring { passphrase, secret }, Way::PassphraseKeyring(kdf)) => {
                kdf.attempt(passphrase)?.map(|first| joint_material(vault, SlotKind::PassphraseKeyring, &first, secret))
            }
            (Self::RecoveryWords(words), Way::Recovery) => Some(recovery::read_material(words)?),
            (Self::Identity(keys), Way::Identity { ephemeral }) => keys.receive(vault, &ephemeral),
            (Self::Keyring(secret), Way::Keyring) => Some(copy(secret)),
            _ => None,
        })
    }
}

/// A way in that is to be added.
#[derive(Debug, Clone, Copy)]
pub enum NewSlot<'a> {
    /// A passphrase.
    Passphrase {
        /// The passphrase.
        passphrase: &'a SecretText,
        /// What one guess is to cost.
        cost: KdfCost,
    },
    /// A passphrase and a generated file.
    PassphraseKeyFile {
        /// The passphrase.
        passphrase: &'a SecretText,
        /// What [`KeyFile::make`] gave.
        file: &'a SecretBytes,
        /// What one guess is to cost.
        cost: KdfCost,
    },
    /// A passphrase and what the system's keyring keeps.
    PassphraseKeyring {
        /// The passphrase.
        passphrase: &'a SecretText,
        /// 32 random bytes that were put there.
        secret: &'a SecretKey,
        /// What one guess is to cost.
        cost: KdfCost,
    },
    /// Recovery words, which are made.
    Recovery,
    /// The person whose card this is.
    Identity(&'a IdentityCard),
    /// 32 random bytes that were put into the system's keyring.
    Keyring(&'a SecretKey),
}

impl NewSlot<'_> {
    pub(crate) fn kind(&self) -> SlotKind {
        match self {
            Self::Passphrase { .. } => SlotKind::Passphrase,
            Self::PassphraseKeyFile { .. } => SlotKind::PassphraseKeyFile,
            Self::PassphraseKeyring { .. } => SlotKind::PassphraseKeyring,
            Self::Recovery => SlotKind::Recovery,
            Self::Identity(_) => SlotKind::Identity,
            Self::Keyring(_) => SlotKind::Keyring,
        }
    }

    /// Wraps the root key for it, under `id`. Gives the words of a recovery slot.
    pub(crate) fn make(&self, vault: VaultId, id: SlotId, root: &SecretKey) -> Result<(Slot, Option<RecoveryWords>), SlotError> {
        let mut words = None;
        let (way, material) = match *self {
            Self::Passphrase { passphrase, cost } => {
                let kdf = Kdf::make(cost)?;
                (Way::Passphrase(kdf), kdf.set(passphrase)?)
            }
            Self::PassphraseKeyFile { passphrase, file, cost } => {
                KeyFile::check(file)?;
                let kdf = Kdf::make(cost)?;
                let material = joint_material(vault, SlotKind::PassphraseKeyFile, &kdf.set(passphrase)?, &derive_secret_hash(file));
                (Way::PassphraseKeyFile(kdf), material)
            }
            Self::PassphraseKeyring { passphrase, secret, cost } => {
                let kdf = Kdf::make(cost)?;
                (Way::PassphraseKeyring(kdf), joint_material(vault, SlotKind::PassphraseKeyring, &kdf.set(passphrase)?, secret))
            }
            Self::Recovery => {
                let (material, made) = RecoveryWords::make()?;
                words = Some(made);
                (Way::Recovery, material)
            }
            Self::Identity(card) => {
                let (ephemeral, material) = card.send(vault)?.ok_or(SlotError::UnusableIdentity)?;
                (Way::Identity { ephemeral }, material)
            }
            Self::Keyring(secret) => (Way::Keyring, copy(secret)),
        };
        Ok((Slot::make(vault, id, way, &material, root)?, words))
    }
}

fn copy(secret: &SecretKey) -> SecretKey {
    // exposed to be copied into a key that is wiped as well
    SecretKey::new(*secret.expose())
}

/// The root key, and the slot that gave it.
pub(crate) struct Found {
    pub(crate) root: SecretKey,
    pub(crate) slot: SlotId,
}

/// Tries each slot of the right kind. What is malformed is said before any is tried.
pub(crate) fn find_root(header: &Header, unlock: Unlock<'_>) -> Result<Found, UnlockError> {
    match unlock {
        Unlock::RecoveryWords(words) => drop(recovery::read_material(words)?),
        Unlock::PassphraseAndKeyFile { file, .. } => KeyFile::check(file)?,
        _ => {}
    }
    let kind = unlock.kind();
    let mut slots = header.slots.iter().filter(|slot| slot.way.kind() == kind).peekable();
    if slots.peek().is_none() {
        return Err(UnlockError::NoSlot { kind });
    }
    for slot in slots {
        let Some(material) = unlock.material(header.vault, slot.way)? else { continue };
        if let Ok(root) = slot.unwrap(header.vault, &material) {
            return Ok(Found { root, slot: slot.id });
        }
    }
    Err(unlock.wrong())
}

/// Whether a slot of kind passphrase opens with a text. Those with a second factor cannot be tried by the text alone.
pub(crate) fn opens_a_passphrase_slot(header: &Header, secret: &SecretText) -> Result<bool, NotEnoughMemory> {
    for slot in &header.slots {
        let Way::Passphrase(kdf) = slot.way else { continue };
        if let Some(material) = kdf.attempt(secret)?
            && slot.unwrap(header.vault, &material).is_ok()
        {
            return Ok(true);
        }
    }
    Ok(false)
}
