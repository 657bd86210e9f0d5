//! Compartments: what a stage's data is sealed under.

use beffroi_domain::{Canonical, CanonicalReader, CompartmentId, StageName, VaultId};
use beffroi_secret::SecretKey;

use crate::crypto::{self, NONCE};
use crate::error::CompartmentError;

/// Wrapped under the root key: open whenever the vault is.
const UNDER_ROOT: &str = "root";
const TAG: &str = "beffroi/compartment/1";

/// A compartment that was just made. Its key is loaded; store the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCompartment {
    /// Its id.
    pub id: CompartmentId,
    /// Its key, wrapped. The kind of wrapping stands inside.
    pub wrapped: Vec<u8>,
}

/// `C("beffroi/compartment/1", "root", nonce, AEAD(wrapping key, nonce, compartment key))`.
pub(crate) fn wrap(
    vault: VaultId,
    id: CompartmentId,
    stage: &StageName,
    nonce: &[u8; NONCE],
    wrapping: &SecretKey,
    key: &SecretKey,
) -> Result<Vec<u8>, CompartmentError> {
    // exposed to be sealed
    let sealed = crypto::seal(wrapping, nonce, &context(vault, id, stage), key.expose(), &[])
        .map_err(|_| CompartmentError::Damaged { compartment: id })?;
    Ok(Canonical::new(TAG).text(UNDER_ROOT).bytes(nonce).bytes(&sealed).finish())
}

/// Reads what [`wrap`] gave.
pub(crate) fn unwrap(
    vault: VaultId,
    id: CompartmentId,
    stage: &StageName,
    wrapping: &SecretKey,
    wrapped: &[u8],
) -> Result<SecretKey, CompartmentError> {
    let damaged = CompartmentError::Damaged { compartment: id };
    let mut reader = CanonicalReader::new(TAG, wrapped).map_err(|_| damaged.clone())?;
    if reader.text().map_err(|_| damaged.clone())? != UNDER_ROOT {
        return Err(CompartmentError::UnknownWrapping { compartment: id });
    }
    let nonce = reader.bytes().ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| damaged.clone())?;
    let sealed = reader.bytes().map_err(|_| damaged.clone())?;
    reader.finish().map_err(|_| damaged.clone())?;
    crypto::unseal(wrapping, nonce, &context(vault, id, stage), sealed).and_then(|key| crypto::to_key(&key)).map_err(|_| damaged)
}

/// `C("beffroi/compartment-wrap/1", vault, compartment, stage, kind of wrapping)`.
fn context(vault: VaultId, id: CompartmentId, stage: &StageName) -> Vec<u8> {
    Canonical::new("beffroi/compartment-wrap/1").bytes(vault.as_bytes()).bytes(id.as_bytes()).text(stage.as_str()).text(UNDER_ROOT).finish()
}
