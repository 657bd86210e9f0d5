//! Key slots: the root key, wrapped once for each way into the vault.

use beffroi_domain::{Canonical, SlotId, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{self, NONCE, NoRandomness, NotAuthentic, WRAPPED};
use crate::kdf::{Kdf, KdfCost};

/// Slots of the longest header.
pub(crate) const MOST_SLOTS: usize = 16;

/// A way into a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A passphrase, through Argon2id.
    Passphrase,
    /// A passphrase and a generated file.
    PassphraseKeyFile,
    /// A passphrase and 32 random bytes that the system's keyring keeps.
    PassphraseKeyring,
    /// 24 words, printed once.
    Recovery,
    /// A person's X25519 key.
    Identity,
    /// 32 random bytes that the system's keyring keeps, alone: as strong as the login.
    Keyring,
}

impl SlotKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Passphrase, Self::PassphraseKeyFile, Self::PassphraseKeyring, Self::Recovery, Self::Identity, Self::Keyring];

    /// The name in the header and in the canonical encoding.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::PassphraseKeyFile => "passphrase-key-file",
            Self::PassphraseKeyring => "passphrase-keyring",
            Self::Recovery => "recovery",
            Self::Identity => "identity",
            Self::Keyring => "keyring",
        }
    }

    /// Reads [`SlotKind::name`] back.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it opens on any machine, whatever became of the system's keyring. A vault always keeps one such slot.
    #[must_use]
    pub fn works_without_keyring(self) -> bool {
        !matches!(self, Self::PassphraseKeyring | Self::Keyring)
    }
}

/// What anyone may know of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotSummary {
    /// Its id.
    pub id: SlotId,
    /// Its kind.
    pub kind: SlotKind,
    /// What one guess costs; nothing for kinds that hold a full random key.
    pub cost: Option<KdfCost>,
}

/// The kind of a slot with its public parameters. No name of a person: an identity slot holds a key that was made for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Passphrase(Kdf),
    PassphraseKeyFile(Kdf),
    PassphraseKeyring(Kdf),
    Recovery,
    Identity { ephemeral: [u8; 32] },
    Keyring,
}

impl Way {
    pub(crate) fn kind(self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::PassphraseKeyFile(_) => SlotKind::PassphraseKeyFile,
            Self::PassphraseKeyring(_) => SlotKind::PassphraseKeyring,
            Self::Recovery => SlotKind::Recovery,
            Self::Identity { .. } => SlotKind::Identity,
            Self::Keyring => SlotKind::Keyring,
        }
    }

    fn kdf(self) -> Option<Kdf> {
        match self {
            Self::Passphrase(kdf) | Self::PassphraseKeyFile(kdf) | Self::PassphraseKeyring(kdf) => Some(kdf),
            Self::Recovery | Self::Identity { .. } | Self::Keyring => None,
        }
    }
}

/// The material of the two kinds with a second factor:
/// `HKDF(Argon2id(passphrase) ‖ second, info = C("beffroi/slot-material/1", kind))`.
pub(crate) fn joint_material(vault: VaultId, kind: SlotKind, passphrase: &SecretKey, second: &SecretKey) -> SecretKey {
    crypto::derive_joint_key(vault, passphrase, second, &Canonical::new("beffroi/slot-material/1").text(kind.name()).finish())
}

/// The material of an identity slot:
/// `HKDF(shared secret, info = C("beffroi/slot-material/1", "identity", ephemeral, recipient))`.
pub(crate) fn shared_material(vault: VaultId, shared: &SecretKey, ephemeral: &[u8; 32], recipient: &[u8; 32]) -> SecretKey {
    let info = Canonical::new("beffroi/slot-material/1").text(SlotKind::Identity.name()).bytes(ephemeral).bytes(recipient).finish();
    crypto::derive_key(vault, shared, &info)
}

/// A slot as it stands in the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) id: SlotId,
    pub(crate) way: Way,
    pub(crate) nonce: [u8; NONCE],
    pub(crate) wrapped: [u8; WRAPPED],
}

impl Slot {
    /// Wraps the root key for whoever holds `material`.
    pub(crate) fn make(vault: VaultId, id: SlotId, way: Way, material: &SecretKey, root: &SecretKey) -> Result<Self, NoRandomness> {
        Self::wrap(vault, id, way, crypto::make_public()?, material, root)
    }

    /// Wraps under a given nonce.
    pub(crate) fn wrap(
        vault: VaultId,
        id: SlotId,
        way: Way,
        nonce: [u8; NONCE],
        material: &SecretKey,
        root: &SecretKey,
    ) -> Result<Self, NoRandomness> {
        let mut slot = Self { id, way, nonce, wrapped: [0; WRAPPED] };
        slot.wrapped = crypto::wrap_key(&slot.wrapping_key(vault, material), &nonce, &slot.context(vault), root)?;
        Ok(slot)
    }

    /// Gives the root key to whoever holds the right `material`.
    pub(crate) fn unwrap(&self, vault: VaultId, material: &SecretKey) -> Result<SecretKey, NotAuthentic> {
        crypto::unwrap_key(&self.wrapping_key(vault, material), &self.nonce, &self.context(vault), &self.wrapped)
    }

    /// `HKDF(material, info = C("beffroi/slot-key/1", kind))`.
    fn wrapping_key(&self, vault: VaultId, material: &SecretKey) -> SecretKey {
        let info = Canonical::new("beffroi/slot-key/1").text(self.way.kind().name()).finish();
        crypto::derive_key(vault, material, &info)
    }

    /// `C("beffroi/slot/1", vault, slot, kind, parameters…)`: what the wrapping is bound to.
    pub(crate) fn context(&self, vault: VaultId) -> Vec<u8> {
        let start = Canonical::new("beffroi/slot/1").bytes(vault.as_bytes()).bytes(self.id.as_bytes()).text(self.way.kind().name());
        match self.way {
            Way::Passphrase(kdf) | Way::PassphraseKeyFile(kdf) | Way::PassphraseKeyring(kdf) => kdf.encode(start),
            Way::Identity { ephemeral } => start.text("x25519").bytes(&ephemeral),
            Way::Recovery | Way::Keyring => start,
        }
        .finish()
    }

    pub(crate) fn summary(&self) -> SlotSummary {
        SlotSummary { id: self.id, kind: self.way.kind(), cost: self.way.kdf().map(|kdf| kdf.cost) }
    }
}
