//! The compartments of a vault that is open: made, loaded, unsealed, sealed.

use beffroi_domain::{CompartmentId, StageName};
use beffroi_secret::{SecretKey, SecretText};

use crate::compartment::{Inner, Loaded, Name, NewCompartment, Unwrapped};
use crate::crypto;
use crate::error::{CompartmentError, ProtectError, RewrapError, StageSecretError};
use crate::kdf::{Kdf, KdfCost};
use crate::keys::CompartmentKeys;
use crate::vault::OpenVault;

impl OpenVault {
    /// Makes a compartment that is open whenever the vault is, and loads its key.
    ///
    /// # Errors
    /// [`CompartmentError::NoRandomness`].
    pub fn make_compartment(&self, stage: &StageName) -> Result<NewCompartment, CompartmentError> {
        let id = CompartmentId::make();
        let key = crypto::make_key()?;
        let wrapped = self.name(id, stage).wrap(&crypto::make_public()?, &self.keys.compartment, &key)?;
        self.load(id, &key);
        Ok(NewCompartment { id, wrapped })
    }

    /// Makes a compartment that takes the stage's secret, and loads its key. The caller makes sure that the secret is hard
    /// to guess ([`crate::make_stage_secret`], [`crate::estimate_bits`]) and used nowhere else
    /// ([`OpenVault::opens_a_slot`], [`OpenVault::tries_compartment`]).
    ///
    /// # Errors
    /// [`ProtectError`].
    pub fn make_protected_compartment(
        &self,
        stage: &StageName,
        secret: &SecretText,
        cost: KdfCost,
    ) -> Result<NewCompartment, ProtectError> {
        let id = CompartmentId::make();
        let key = crypto::make_key()?;
        let wrapped = self.protect(self.name(id, stage), &key, secret, cost)?;
        self.load(id, &key);
        Ok(NewCompartment { id, wrapped })
    }

    /// Loads the key of a stored compartment. A protected one stays as it is, sealed or unsealed; what is stored of it is
    /// checked all the same.
    ///
    /// # Errors
    /// [`CompartmentError`] when it is not the one that was made for this vault, id and stage.
    pub fn load_compartment(&self, id: CompartmentId, stage: &StageName, wrapped: &[u8]) -> Result<Loaded, CompartmentError> {
        match self.name(id, stage).unwrap(&self.keys.compartment, wrapped)? {
            Unwrapped::Key(key) => {
                self.load(id, &key);
                Ok(Loaded::Open)
            }
            Unwrapped::Inner(_) if self.is_open(id) => Ok(Loaded::Open),
            Unwrapped::Inner(_) => Ok(Loaded::Sealed),
        }
    }

    /// Opens a protected compartment. One key derivation.
    ///
    /// # Errors
    /// [`StageSecretError`].
    pub fn unseal_compartment(
        &self,
        id: CompartmentId,
        stage: &StageName,
        wrapped: &[u8],
        secret: &SecretText,
    ) -> Result<(), StageSecretError> {
        let key = self.open_protected(id, stage, wrapped, secret)?;
        self.load(id, &key);
        Ok(())
    }

    /// Wipes a compartment's keys. What is being sealed or opened under them at this moment is waited for.
    pub fn seal_compartment(&self, id: CompartmentId) {
        self.compartments_write().remove(&id);
    }

    /// Whether a compartment's keys are loaded.
    #[must_use]
    pub fn is_open(&self, id: CompartmentId) -> bool {
        self.compartments_read().contains_key(&id)
    }

    /// Gives a protected compartment another secret: what to store in place of `wrapped`. The compartment's key stays the
    /// same, so whoever has the old secret and an old copy still opens what is stored. Two key derivations.
    ///
    /// # Errors
    /// [`RewrapError`].
    pub fn rewrap_compartment(
        &self,
        id: CompartmentId,
        stage: &StageName,
        wrapped: &[u8],
        old: &SecretText,
        new: &SecretText,
        cost: KdfCost,
    ) -> Result<Vec<u8>, RewrapError> {
        let key = self.open_protected(id, stage, wrapped, old)?;
        Ok(self.protect(self.name(id, stage), &key, new, cost)?)
    }

    /// Whether a text opens a protected compartment, without loading it: no two compartments share a secret. Never for one
    /// that is open whenever the vault is. One key derivation.
    ///
    /// # Errors
    /// [`StageSecretError::Damaged`], [`StageSecretError::NotEnoughMemory`].
    pub fn tries_compartment(
        &self,
        id: CompartmentId,
        stage: &StageName,
        wrapped: &[u8],
        secret: &SecretText,
    ) -> Result<bool, StageSecretError> {
        match self.open_protected(id, stage, wrapped, secret) {
            Ok(_) => Ok(true),
            Err(StageSecretError::Wrong | StageSecretError::NotProtected) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn name<'a>(&self, id: CompartmentId, stage: &'a StageName) -> Name<'a> {
        Name { vault: self.id(), id, stage }
    }

    fn load(&self, id: CompartmentId, key: &SecretKey) {
        let keys = CompartmentKeys::derive(self.id(), key);
        self.compartments_write().insert(id, keys);
    }

    fn protect(&self, name: Name<'_>, key: &SecretKey, secret: &SecretText, cost: KdfCost) -> Result<Vec<u8>, ProtectError> {
        let kdf = Kdf::make(cost)?;
        let inner = Inner::make(name, kdf, &crypto::make_public()?, &kdf.set(secret)?, key)?;
        Ok(inner.wrap(name, &crypto::make_public()?, &self.keys.compartment)?)
    }

    fn open_protected(
        &self,
        id: CompartmentId,
        stage: &StageName,
        wrapped: &[u8],
        secret: &SecretText,
    ) -> Result<SecretKey, StageSecretError> {
        let name = self.name(id, stage);
        let inner = match name.unwrap(&self.keys.compartment, wrapped) {
            Ok(Unwrapped::Inner(inner)) => inner,
            Ok(Unwrapped::Key(_)) | Err(CompartmentError::UnknownWrapping { .. }) => return Err(StageSecretError::NotProtected),
            Err(_) => return Err(StageSecretError::Damaged),
        };
        let material = inner.kdf.attempt(secret)?.ok_or(StageSecretError::Wrong)?;
        inner.open(name, &material).map_err(|_| StageSecretError::Wrong)
    }
}
