//! Key slots: the root key, wrapped once for each way into the vault.

use beffroi_domain::{Canonical, SlotId, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{self, NONCE, NoRandomness, NotAuthentic, TAG};
use crate::kdf::{KdfCost, SALT};

/// Bytes of a wrapped root key.
pub(crate) const WRAPPED: usize = 32 + TAG;

/// A way into a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotKind {
    /// A passphrase, through Argon2id.
    Passphrase,
    /// 24 words, printed once.
    Recovery,
}

impl SlotKind {
    /// The name in the header and in the canonical encoding.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Recovery => "recovery",
        }
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

/// The kind of a slot with its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Passphrase { cost: KdfCost, salt: [u8; SALT] },
    Recovery,
}

impl Way {
    pub(crate) fn kind(self) -> SlotKind {
        match self {
            Self::Passphrase { .. } => SlotKind::Passphrase,
            Self::Recovery => SlotKind::Recovery,
        }
    }
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
    pub(crate) fn make(vault: VaultId, way: Way, material: &SecretKey, root: &SecretKey) -> Result<Self, NoRandomness> {
        Self::wrap(vault, SlotId::make(), way, crypto::make_public()?, material, root)
    }

    /// Wraps under a given id and nonce.
    pub(crate) fn wrap(
        vault: VaultId,
        id: SlotId,
        way: Way,
        nonce: [u8; NONCE],
        material: &SecretKey,
        root: &SecretKey,
    ) -> Result<Self, NoRandomness> {
        let mut slot = Self { id, way, nonce, wrapped: [0; WRAPPED] };
        // exposed to be sealed; the plaintext buffer is the one that becomes the ciphertext
        let sealed = crypto::seal(&slot.wrapping_key(vault, material), &nonce, &slot.context(vault), root.expose(), &[]);
        // 32 bytes are within the cipher's limits and always give 48: there is no other way to fail.
        slot.wrapped = sealed.ok().and_then(|bytes| bytes.try_into().ok()).ok_or(NoRandomness)?;
        Ok(slot)
    }

    /// Gives the root key to whoever holds the right `material`.
    pub(crate) fn unwrap(&self, vault: VaultId, material: &SecretKey) -> Result<SecretKey, NotAuthentic> {
        let opened = crypto::unseal(&self.wrapping_key(vault, material), &self.nonce, &self.context(vault), &self.wrapped)?;
        crypto::to_key(&opened)
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
            Way::Passphrase { cost, salt } => start
                .text("argon2id")
                .number(u64::from(cost.memory_kib))
                .number(u64::from(cost.passes))
                .number(u64::from(cost.lanes))
                .bytes(&salt)
                .finish(),
            Way::Recovery => start.finish(),
        }
    }

    pub(crate) fn summary(&self) -> SlotSummary {
        let cost = match self.way {
            Way::Passphrase { cost, .. } => Some(cost),
            Way::Recovery => None,
        };
        SlotSummary { id: self.id, kind: self.way.kind(), cost }
    }
}
