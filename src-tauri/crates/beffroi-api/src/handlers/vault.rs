//! Vaults.

use beffroi_app::{UnlockWith, VaultFacts};
use beffroi_vault::SlotKind;

use crate::wire::{
    Done, KnownVault, Nothing, SlotInfo, StageInfo, VaultCheck, VaultCreate, VaultCreated, VaultInfo, VaultList, VaultReport, VaultUnlock,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `vault_list`
    pub async fn vault_list(&self, _: Nothing) -> Result<VaultList, ApiError> {
        let vaults = self.app().known_vaults().into_iter().map(|vault| KnownVault {
            path: vault.path.display().to_string(),
            name: vault.name,
            open: vault.open,
            present: vault.present,
            opened_ms: Some(vault.opened_ms).filter(|at| *at > 0),
        });
        Ok(VaultList { vaults: vaults.collect() })
    }

    /// `vault_create`
    pub async fn vault_create(&self, request: VaultCreate) -> Result<VaultCreated, ApiError> {
        let (vault, words) = self.app().create_vault(&request.path, request.name, request.passphrase.into_secret()).await?;
        // To the person who made the vault: the one time that they are shown.
        Ok(VaultCreated { vault: info(vault), recovery_words: words.expose().clone() })
    }

    /// `vault_unlock`
    pub async fn vault_unlock(&self, request: VaultUnlock) -> Result<VaultInfo, ApiError> {
        let with = match (request.passphrase, request.recovery_words) {
            (Some(passphrase), None) => UnlockWith::Passphrase(passphrase.into_secret()),
            (None, Some(words)) => UnlockWith::RecoveryWords(words.into_secret()),
            _ => return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "passphrase or recovery_words")),
        };
        Ok(info(self.app().unlock_vault(&request.path, with).await?))
    }

    /// `vault_lock`
    pub async fn vault_lock(&self, _: Nothing) -> Result<Done, ApiError> {
        self.app().lock_vault().await?;
        Ok(Done {})
    }

    /// `vault_info`
    pub async fn vault_info(&self, _: Nothing) -> Result<VaultInfo, ApiError> {
        Ok(info(self.app().vault().await?))
    }

    /// `vault_verify`
    pub async fn vault_verify(&self, _: Nothing) -> Result<VaultReport, ApiError> {
        let checks = self.app().verify_vault().await?;
        let intact = checks.iter().all(|check| check.held);
        Ok(VaultReport { intact, checks: checks.iter().map(|check| VaultCheck { what: (&check.what).into(), held: check.held }).collect() })
    }
}

fn info(vault: VaultFacts) -> VaultInfo {
    // A recovery slot holds 256 random bits; a passphrase is what a person could remember.
    let slots = vault.header.slots.iter().map(|slot| SlotInfo {
        id: slot.id.to_string(),
        kind: slot.kind.name().to_owned(),
        memory_kib: slot.cost.map(|cost| cost.memory_kib),
        passes: slot.cost.map(|cost| cost.passes),
        weakest: slot.kind == SlotKind::Passphrase,
    });
    VaultInfo {
        id: vault.id.to_string(),
        name: vault.name,
        path: vault.path.display().to_string(),
        format: vault.header.format,
        slots: slots.collect(),
        stages: vault.stages.into_iter().map(|stage| StageInfo { name: stage.name, open: stage.open }).collect(),
        hosts: vault.hosts,
        secrets: vault.secrets,
        journal_entries: vault.journal_entries,
    }
}
