//! Secrets.

use beffroi_app::SecretFacts;

use crate::wire::{Done, Nothing, SecretList, SecretName, SecretRow, SecretSet};
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

    /// `secret_remove`
    pub async fn secret_remove(&self, request: SecretName) -> Result<Done, ApiError> {
        self.app().remove_secret(&request.name).await?;
        Ok(Done {})
    }
}

fn row(secret: SecretFacts) -> SecretRow {
    SecretRow {
        id: secret.id.to_string(),
        name: secret.name,
        kind: secret.kind,
        stage: secret.stage,
        used_by: secret.used_by,
        changed_ms: secret.changed_ms,
    }
}
