//! Ways into a vault, and identities.

use std::path::{Path, PathBuf};

use beffroi_app::{Authority as Proof, IdentityFacts, SlotFacts, SlotOrder};
use beffroi_vault::SlotKind;

use super::vault;
use crate::wire::{
    Authority, Done, IdentityCreate, IdentityFile, IdentityInfo, IdentityList, Nothing, SecretInput, SlotAdd, SlotAdded, SlotInfo,
    SlotList, SlotRemove, VaultPasswd, VaultRekey, VaultRekeyed,
};
use crate::{Api, ApiError, ErrorCode};

impl Api {
    /// `slot_list`
    pub async fn slot_list(&self, _: Nothing) -> Result<SlotList, ApiError> {
        Ok(SlotList { slots: self.app().slots().await?.into_iter().map(info).collect() })
    }

    /// `slot_add`
    pub async fn slot_add(&self, request: SlotAdd) -> Result<SlotAdded, ApiError> {
        let kind = SlotKind::from_name(&request.kind);
        let order = SlotOrder {
            kind: kind.ok_or_else(|| ApiError::new(ErrorCode::InvalidRequest).with("what", format!("kind {}", request.kind)))?,
            passphrase: request.passphrase.map(SecretInput::into_secret),
            key_file: request.key_file.map(PathBuf::from),
            identity: request.identity,
            label: request.label,
        };
        let (slot, words) = self.app().add_slot(proof(request.authority)?, order).await?;
        // To the person who added them: the one time that they are shown.
        Ok(SlotAdded { slot: info(slot), recovery_words: words.map(|words| words.expose().clone()) })
    }

    /// `slot_remove`
    pub async fn slot_remove(&self, request: SlotRemove) -> Result<Done, ApiError> {
        self.app().remove_slot(proof(request.authority)?, &request.slot).await?;
        Ok(Done {})
    }

    /// `vault_passwd`
    pub async fn vault_passwd(&self, request: VaultPasswd) -> Result<Done, ApiError> {
        self.app().change_passphrase(proof(request.authority)?, request.new.into_secret()).await?;
        Ok(Done {})
    }

    /// `vault_rekey`
    pub async fn vault_rekey(&self, request: VaultRekey) -> Result<VaultRekeyed, ApiError> {
        let (facts, words, dropped) = self.app().rekey_vault(proof(request.authority)?).await?;
        // To the person who asked for it: the one time that they are shown.
        Ok(VaultRekeyed {
            vault: vault::info(facts),
            recovery_words: words.expose().clone(),
            dropped: dropped.into_iter().map(info).collect(),
        })
    }

    /// `identity_list`
    pub async fn identity_list(&self, _: Nothing) -> Result<IdentityList, ApiError> {
        Ok(IdentityList { identities: self.app().identities().await?.into_iter().map(identity).collect() })
    }

    /// `identity_create`
    pub async fn identity_create(&self, request: IdentityCreate) -> Result<IdentityInfo, ApiError> {
        Ok(identity(self.app().create_identity(&request.name).await?))
    }

    /// `identity_export`
    pub async fn identity_export(&self, request: IdentityFile) -> Result<IdentityInfo, ApiError> {
        Ok(identity(self.app().export_identity(Path::new(&request.path)).await?))
    }

    /// `identity_import`
    pub async fn identity_import(&self, request: IdentityFile) -> Result<IdentityInfo, ApiError> {
        Ok(identity(self.app().import_identity(Path::new(&request.path)).await?))
    }
}

/// The one way that a request names.
pub(crate) fn proof(authority: Authority) -> Result<Proof, ApiError> {
    let Authority { passphrase, key_file, keyring, recovery_words, identity } = authority;
    let passphrase = passphrase.map(SecretInput::into_secret);
    Ok(match (passphrase, key_file, keyring, recovery_words.map(SecretInput::into_secret), identity) {
        (Some(passphrase), None, false, None, false) => Proof::Passphrase(passphrase),
        (Some(passphrase), Some(path), false, None, false) => Proof::KeyFile { passphrase, path: path.into() },
        (Some(passphrase), None, true, None, false) => Proof::PassphraseAndKeyring(passphrase),
        (None, None, false, Some(words), false) => Proof::RecoveryWords(words),
        (None, None, true, None, false) => Proof::Keyring,
        (None, None, false, None, true) => Proof::Identity,
        _ => return Err(ApiError::new(ErrorCode::InvalidRequest).with("what", "exactly one way to open the vault")),
    })
}

pub(crate) fn info(facts: SlotFacts) -> SlotInfo {
    SlotInfo {
        id: facts.slot.id.to_string(),
        kind: facts.slot.kind.name().to_owned(),
        label: facts.label,
        added_ms: facts.added_ms,
        memory_kib: facts.slot.cost.map(|cost| cost.memory_kib),
        passes: facts.slot.cost.map(|cost| cost.passes),
        lanes: facts.slot.cost.map(|cost| cost.lanes),
        weakest: facts.weakest,
    }
}

fn identity(facts: IdentityFacts) -> IdentityInfo {
    IdentityInfo {
        id: facts.card.id().to_string(),
        fingerprint: facts.card.fingerprint(),
        own: facts.own,
        created_ms: facts.card.created_ms(),
        card: facts.card.to_text(),
        recipient: facts.card.age_recipient(),
        name: facts.card.name().to_owned(),
    }
}
