//! What stands beside a secret's value, its files, and the trash.

use beffroi_app::SecretChange;

use super::secret::row;
use crate::wire::{
    Done, Nothing, SecretAbout, SecretAttach, SecretAttachment, SecretEdit, SecretField, SecretFile, SecretFileSave, SecretName,
    SecretPart, SecretPartName, SecretRestore, SecretRevealed, SecretRevert, SecretRow, TrashEmptied, TrashEmpty, TrashList, TrashedSecret,
};
use crate::{Api, ApiError};

impl Api {
    /// `secret_about`
    pub async fn secret_about(&self, request: SecretName) -> Result<SecretAbout, ApiError> {
        Ok(about(self.app().secret_about(&request.name).await?))
    }

    /// `secret_edit`
    pub async fn secret_edit(&self, request: SecretEdit) -> Result<SecretAbout, ApiError> {
        let SecretEdit { name, title, path, user, urls, tags, notes, totp, passphrase, expires_ms, fields } = request;
        let [notes, totp, passphrase] = [notes, totp, passphrase].map(|text| text.map(crate::wire::SecretInput::into_secret));
        let fields = fields.into_iter().map(|field| (field.name, field.value.into_secret(), field.hidden)).collect();
        let change = SecretChange { title, path, user, urls, tags, notes, totp, passphrase, expires_ms, fields };
        Ok(about(self.app().edit_secret(&name, change).await?))
    }

    /// `secret_part`
    pub async fn secret_part(&self, request: SecretPartName) -> Result<SecretRevealed, ApiError> {
        let part = match request.part {
            SecretPart::Value => beffroi_app::SecretPart::Value,
            SecretPart::Notes => beffroi_app::SecretPart::Notes,
            SecretPart::Totp => beffroi_app::SecretPart::Totp,
            SecretPart::Passphrase => beffroi_app::SecretPart::Passphrase,
            SecretPart::Field { name } => beffroi_app::SecretPart::Field(name),
            SecretPart::Past { at } => beffroi_app::SecretPart::Past(at),
        };
        let (secret, value) = self.app().reveal_part(&request.name, part).await?;
        Ok(SecretRevealed { name: secret.name, kind: secret.kind, value: value.into() })
    }

    /// `secret_revert`
    pub async fn secret_revert(&self, request: SecretRevert) -> Result<SecretRow, ApiError> {
        Ok(row(self.app().revert_secret(&request.name, request.past).await?))
    }

    /// `secret_attach`
    pub async fn secret_attach(&self, request: SecretAttach) -> Result<SecretAbout, ApiError> {
        Ok(about(self.app().attach(&request.name, request.path.as_ref()).await?))
    }

    /// `secret_file_save`
    pub async fn secret_file_save(&self, request: SecretFileSave) -> Result<Done, ApiError> {
        self.app().save_attachment(&request.name, &request.file, request.path.as_ref(), request.replace).await?;
        Ok(Done {})
    }

    /// `secret_file_remove`
    pub async fn secret_file_remove(&self, request: SecretFile) -> Result<SecretAbout, ApiError> {
        Ok(about(self.app().detach_file(&request.name, &request.file).await?))
    }

    /// `trash_list`
    pub async fn trash_list(&self, _: Nothing) -> Result<TrashList, ApiError> {
        Ok(TrashList { secrets: self.app().trash().await?.into_iter().map(trashed).collect() })
    }

    /// `trash_restore`
    pub async fn trash_restore(&self, request: SecretRestore) -> Result<SecretRow, ApiError> {
        Ok(row(self.app().restore_secret(&request.name, request.to.as_deref()).await?))
    }

    /// `trash_empty`
    pub async fn trash_empty(&self, request: TrashEmpty) -> Result<TrashEmptied, ApiError> {
        Ok(TrashEmptied { secrets: self.app().empty_trash(request.name.as_deref()).await? })
    }
}

fn about(about: beffroi_app::SecretAbout) -> SecretAbout {
    SecretAbout {
        secret: row(about.facts),
        title: about.title,
        path: about.path,
        user: about.user,
        urls: about.urls,
        tags: about.tags,
        has_notes: about.has_notes,
        has_totp: about.has_totp,
        has_passphrase: about.has_passphrase,
        fields: about.fields.into_iter().map(|field| SecretField { name: field.name, value: field.value }).collect(),
        attachments: about.attachments.into_iter().map(|(name, size)| SecretAttachment { name, size }).collect(),
        past: about.past,
        expires_ms: about.expires_ms,
        origin: about.origin.map(|(source, _)| source),
    }
}

fn trashed(secret: beffroi_app::TrashedSecret) -> TrashedSecret {
    TrashedSecret {
        id: secret.id.to_string(),
        name: secret.name,
        kind: secret.kind,
        stage: secret.stage,
        at_ms: secret.at_ms,
        until_ms: secret.until_ms,
    }
}
