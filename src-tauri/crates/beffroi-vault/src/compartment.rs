//! Compartments: what a stage's data is sealed under, and the two ways in which their keys are wrapped.
//!
//! A protected one is wrapped twice: inside under the stage's secret, outside under the root key. The outer layer can be
//! checked, and replaced when the root key changes, without the stage's secret (decision record 6).

use beffroi_domain::{Canonical, CanonicalReader, CompartmentId, StageName, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{self, NONCE, NoRandomness, NotAuthentic, WRAPPED};
use crate::error::CompartmentError;
use crate::kdf::{ALGORITHM, Kdf, KdfCost};

/// Wrapped under the root key: open whenever the vault is.
const UNDER_ROOT: &str = "root";
/// Wrapped under the stage's secret, then under the root key.
const UNDER_SECRET: &str = "secret";
const TAG: &str = "beffroi/compartment/1";
/// Bytes of the inner layer: its nonce and the wrapped key.
const INNER: usize = NONCE + WRAPPED;

/// A compartment that was just made. Its key is loaded; store the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCompartment {
    /// Its id.
    pub id: CompartmentId,
    /// Its key, wrapped. The kind of wrapping stands inside.
    pub wrapped: Vec<u8>,
}

/// What came of loading a compartment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    /// Its key is loaded.
    Open,
    /// It is protected. What is stored of it is authentic; its key takes the stage's secret.
    Sealed,
}

/// Whether a wrapped key takes the stage's secret. Not checked here: [`crate::OpenVault::load_compartment`] does.
#[must_use]
pub fn is_protected(wrapped: &[u8]) -> bool {
    protection(wrapped).is_some()
}

/// What one guess at the stage's secret costs; nothing when none is needed. Not checked, as in [`is_protected`].
#[must_use]
pub fn protection(wrapped: &[u8]) -> Option<KdfCost> {
    match Wrapped::read(wrapped) {
        Some(Wrapped::Secret { kdf, .. }) => Some(kdf.cost),
        _ => None,
    }
}

/// Which compartment of which vault: what every layer is bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) vault: VaultId,
    pub(crate) id: CompartmentId,
    pub(crate) stage: &'a StageName,
}

impl Name<'_> {
    /// `C(tag, vault, compartment, stage)`.
    fn start(&self, tag: &str) -> Canonical {
        Canonical::new(tag).bytes(self.vault.as_bytes()).bytes(self.id.as_bytes()).text(self.stage.as_str())
    }

    fn damaged(&self) -> CompartmentError {
        CompartmentError::Damaged { compartment: self.id }
    }

    /// `C("beffroi/compartment-wrap/1", vault, compartment, stage, "root")`.
    fn root_context(&self) -> Vec<u8> {
        self.start("beffroi/compartment-wrap/1").text(UNDER_ROOT).finish()
    }

    /// `C("beffroi/compartment-wrap/1", vault, compartment, stage, "secret", KDF parameters)`.
    fn outer_context(&self, kdf: &Kdf) -> Vec<u8> {
        kdf.encode(self.start("beffroi/compartment-wrap/1").text(UNDER_SECRET)).finish()
    }

    /// `C("beffroi/compartment-secret/1", vault, compartment, stage, KDF parameters)`.
    fn inner_context(&self, kdf: &Kdf) -> Vec<u8> {
        kdf.encode(self.start("beffroi/compartment-secret/1")).finish()
    }

    /// `HKDF(Argon2id(stage secret), info = C("beffroi/compartment-secret-key/1", vault, compartment, stage))`.
    fn inner_key(&self, material: &SecretKey) -> SecretKey {
        crypto::derive_key(self.vault, material, &self.start("beffroi/compartment-secret-key/1").finish())
    }

    /// `C("beffroi/compartment/1", "root", nonce, AEAD(wrapping key, nonce, compartment key))`.
    pub(crate) fn wrap(&self, nonce: &[u8; NONCE], wrapping: &SecretKey, key: &SecretKey) -> Result<Vec<u8>, NoRandomness> {
        let sealed = crypto::wrap_key(wrapping, nonce, &self.root_context(), key)?;
        Ok(Canonical::new(TAG).text(UNDER_ROOT).bytes(nonce).bytes(&sealed).finish())
    }

    /// Opens what [`Name::wrap`] or [`Inner::wrap`] gave, as far as the root key opens it.
    pub(crate) fn unwrap(&self, wrapping: &SecretKey, wrapped: &[u8]) -> Result<Unwrapped, CompartmentError> {
        match Wrapped::read(wrapped).ok_or_else(|| self.damaged())? {
            Wrapped::Unknown => Err(CompartmentError::UnknownWrapping { compartment: self.id }),
            Wrapped::Root { nonce, sealed } => {
                crypto::unwrap_key(wrapping, &nonce, &self.root_context(), &sealed).map(Unwrapped::Key).map_err(|_| self.damaged())
            }
            Wrapped::Secret { kdf, nonce, sealed } => {
                let inner = crypto::unseal(wrapping, &nonce, &self.outer_context(&kdf), sealed).map_err(|_| self.damaged())?;
                // exposed to be copied: ciphertext, as far as anybody without the stage's secret is concerned
                let bytes = inner.expose().as_slice().try_into().map_err(|_| self.damaged())?;
                Ok(Unwrapped::Inner(Inner { kdf, bytes }))
            }
        }
    }
}

/// What the root key opens.
pub(crate) enum Unwrapped {
    /// The compartment's key.
    Key(SecretKey),
    /// The layer under the stage's secret.
    Inner(Inner),
}

/// The layer under the stage's secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Inner {
    pub(crate) kdf: Kdf,
    /// `nonce ‖ AEAD(inner key, nonce, compartment key)`.
    bytes: [u8; INNER],
}

impl Inner {
    /// Seals the compartment's key under the material of the stage's secret.
    pub(crate) fn make(name: Name<'_>, kdf: Kdf, nonce: &[u8; NONCE], material: &SecretKey, key: &SecretKey) -> Result<Self, NoRandomness> {
        let sealed = crypto::wrap_key(&name.inner_key(material), nonce, &name.inner_context(&kdf), key)?;
        let mut bytes = [0; INNER];
        let (start, end) = bytes.split_at_mut(NONCE);
        start.copy_from_slice(nonce);
        end.copy_from_slice(&sealed);
        Ok(Self { kdf, bytes })
    }

    /// Opens it. The outer layer was authenticated, so a refusal means that the secret is wrong.
    pub(crate) fn open(&self, name: Name<'_>, material: &SecretKey) -> Result<SecretKey, NotAuthentic> {
        let (nonce, sealed) = self.bytes.split_first_chunk().ok_or(NotAuthentic)?;
        let sealed = sealed.try_into().map_err(|_| NotAuthentic)?;
        crypto::unwrap_key(&name.inner_key(material), nonce, &name.inner_context(&self.kdf), sealed)
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[cfg(test)]
    pub(crate) fn with_cost(mut self, cost: KdfCost) -> Self {
        self.kdf.cost = cost;
        self
    }

    /// `C("beffroi/compartment/1", "secret", KDF parameters, nonce, AEAD(wrapping key, nonce, inner layer))`.
    pub(crate) fn wrap(&self, name: Name<'_>, nonce: &[u8; NONCE], wrapping: &SecretKey) -> Result<Vec<u8>, NoRandomness> {
        // A few bytes are within the cipher's limits: there is no other way to fail.
        let sealed = crypto::seal(wrapping, nonce, &name.outer_context(&self.kdf), &self.bytes, &[]).map_err(|_| NoRandomness)?;
        Ok(self.kdf.encode(Canonical::new(TAG).text(UNDER_SECRET)).bytes(nonce).bytes(&sealed).finish())
    }
}

/// A wrapped key as it is stored, taken apart.
enum Wrapped<'a> {
    Root {
        nonce: [u8; NONCE],
        sealed: [u8; WRAPPED],
    },
    Secret {
        kdf: Kdf,
        nonce: [u8; NONCE],
        sealed: &'a [u8],
    },
    /// A kind that a newer version may know.
    Unknown,
}

impl<'a> Wrapped<'a> {
    fn read(wrapped: &'a [u8]) -> Option<Self> {
        let mut reader = CanonicalReader::new(TAG, wrapped).ok()?;
        let read = match reader.text().ok()? {
            UNDER_ROOT => Self::Root { nonce: reader.bytes().ok()?.try_into().ok()?, sealed: reader.bytes().ok()?.try_into().ok()? },
            UNDER_SECRET => {
                let kdf = read_kdf(&mut reader)?;
                Self::Secret { kdf, nonce: reader.bytes().ok()?.try_into().ok()?, sealed: reader.bytes().ok()? }
            }
            _ => return Some(Self::Unknown),
        };
        reader.finish().ok()?;
        Some(read)
    }
}

/// Reads what [`Kdf::encode`] wrote. A cost outside the limits is refused here, before anything is derived.
fn read_kdf(reader: &mut CanonicalReader<'_>) -> Option<Kdf> {
    if reader.text().ok()? != ALGORITHM {
        return None;
    }
    let mut number = || u32::try_from(reader.number().ok()?).ok();
    let cost = KdfCost { memory_kib: number()?, passes: number()?, lanes: number()? };
    if !cost.is_within_limits() {
        return None;
    }
    Some(Kdf { cost, salt: reader.bytes().ok()?.try_into().ok()? })
}
