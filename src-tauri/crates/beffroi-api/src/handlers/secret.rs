//! Secrets.

use beffroi_app::{PassphraseOrder, PasswordOrder, SecretFacts};

use crate::wire::{
    CredentialAllowed, CredentialName, Done, HeldLogin, Nothing, PassphraseGenerate, SecretGenerate, SecretGenerated, SecretList,
    SecretName, SecretRename, SecretRevealed, SecretRow, SecretSet, WordList,
};
use crate::{Api, ApiError};

impl Api {
    /// `secret_list`
    pub async fn secret_list(&self, _: Nothing) -> Result<SecretList, ApiError> {
        Ok(SecretList { secrets: self.app().secrets().await?.into_iter().map(row).collect() })
    }

    /// `secret_set`
    pub async fn secret_set(&self, request: SecretSet) -> Result<SecretRow, ApiError> {
        Ok(row(self.app().set_secret(&request.name, request.value.into_secret(), request.stage.as_deref()).await?))
    }

    /// `secret_reveal`
    pub async fn secret_reveal(&self, request: SecretName) -> Result<SecretRevealed, ApiError> {
        let (secret, value) = self.app().reveal_secret(&request.name).await?;
        Ok(SecretRevealed { name: secret.name, kind: secret.kind, value: value.into() })
    }

    /// `secret_generate`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn secret_generate(&self, request: SecretGenerate) -> Result<SecretGenerated, ApiError> {
        let SecretGenerate { length, lower, upper, digits, symbols, look_alikes } = request;
        let (value, bits) = PasswordOrder { length, lower, upper, digits, symbols, look_alikes }.make()?;
        Ok(SecretGenerated { value: value.into(), bits })
    }

    /// `passphrase_generate`
    #[expect(clippy::unused_async, reason = "every command is asked for in the same way")]
    pub async fn passphrase_generate(&self, request: PassphraseGenerate) -> Result<SecretGenerated, ApiError> {
        let PassphraseGenerate { words, list, separator, capitals, digit } = request;
        let list = match list {
            WordList::English => beffroi_app::WordList::English,
            WordList::French => beffroi_app::WordList::French,
        };
        let (value, bits) = PassphraseOrder { words, list, separator, capitals, digit }.make()?;
        Ok(SecretGenerated { value: value.into(), bits })
    }

    /// `secret_rename`
    pub async fn secret_rename(&self, request: SecretRename) -> Result<SecretRow, ApiError> {
        Ok(row(self.app().rename_secret(&request.name, &request.to).await?))
    }

    /// `secret_remove`
    pub async fn secret_remove(&self, request: SecretName) -> Result<Done, ApiError> {
        self.app().remove_secret(&request.name).await?;
        Ok(Done {})
    }

    /// `credential_allow`
    pub async fn credential_allow(&self, request: CredentialName) -> Result<CredentialAllowed, ApiError> {
        Ok(CredentialAllowed { refusals: self.app().allow_credential(&request.name).await? })
    }
}

fn held(login: beffroi_app::HeldLogin) -> HeldLogin {
    HeldLogin { host: login.host, user: login.user, method: login.method, at_ms: login.at_ms }
}

pub(super) fn row(secret: SecretFacts) -> SecretRow {
    SecretRow {
        id: secret.id.to_string(),
        name: secret.name,
        kind: secret.kind,
        stage: secret.stage,
        used_by: secret.used_by,
        held: secret.held.into_iter().map(held).collect(),
        changed_ms: secret.changed_ms,
    }
}
