//! Vaults.

use beffroi_app::{Check, VaultFacts};

use super::{slot, stage};
use crate::wire::{
    Done, KnownVault, Nothing, VaultCheck, VaultCreate, VaultCreated, VaultInfo, VaultList, VaultReport, VaultUnlock, WireMessage,
};
use crate::{Api, ApiError};

impl Api {
    /// `vault_list`
    pub async fn vault_list(&self, _: Nothing) -> Result<VaultList, ApiError> {
        let vaults = self.app().known_vaults().into_iter().map(|vault| KnownVault {
            path: vault.path.display().to_string(),
            name: vault.name,
            open: vault.open.map(|id| id.to_string()),
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
        Ok(info(self.app().unlock_vault(&request.path, slot::proof(request.with)?).await?))
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
        Ok(report(&self.app().verify_vault().await?))
    }
}

pub(crate) fn report(checks: &[Check]) -> VaultReport {
    let check = |check: &Check| VaultCheck { what: (&check.what).into(), held: check.held, why: check.why.as_ref().map(WireMessage::from) };
    VaultReport { intact: checks.iter().all(|check| check.held), checks: checks.iter().map(check).collect() }
}

pub(crate) fn info(vault: VaultFacts) -> VaultInfo {
    let read_only = vault
        .behind
        .map(|missing| WireMessage { key: "read-only.behind".to_owned(), values: [("missing".to_owned(), missing.to_string())].into() });
    VaultInfo {
        id: vault.id.to_string(),
        name: vault.name,
        path: vault.path.display().to_string(),
        format: vault.format,
        slots: vault.slots.into_iter().map(slot::info).collect(),
        stages: vault.stages.into_iter().map(stage::info).collect(),
        hosts: vault.hosts,
        secrets: vault.secrets,
        journal_entries: vault.journal_entries,
        last_copy_ms: vault.last_copy_ms,
        read_only,
        warnings: vault.warnings.iter().map(Into::into).collect(),
    }
}
