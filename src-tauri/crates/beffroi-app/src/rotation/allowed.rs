//! What cannot be rotated, said before anything is done: no host would be told the new value, or none could be proven.

use std::sync::Arc;

use beffroi_domain::{SecretId, Sudo};
use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use beffroi_store::table::secret::SecretRow;

use super::document::{Rotated, accounts};
use super::{host, yunohost};
use crate::archives::BACKUP_KEY;
use crate::secrets::PRIVATE_KEY;
use crate::session::Session;
use crate::{AppError, RotationError};

impl Session {
    /// Whether a rotation of a secret may begin, by what the catalog has.
    ///
    /// # Errors
    /// [`RotationError`] with the reason; [`RemoteError::CredentialUnusable`] for a password that is not one line.
    pub(super) fn may_rotate(&self, row: &SecretRow) -> Result<(), AppError> {
        let name = row.name.clone();
        if row.kind == BACKUP_KEY {
            return Err(RotationError::Backups { name }.into());
        }
        if let Some(of) = self.is_certificate_key(row.id)? {
            return Err(RotationError::Certificate { name, of }.into());
        }
        let using = self.using(row, None)?;
        if using.is_empty() {
            return Err(RotationError::Nowhere { name }.into());
        }
        let value = self.value_of(row)?.ok_or_else(|| AppError::SecretNotFound { name: name.clone() })?;
        let value = value.into_text().map_err(|_| AppError::damaged("a secret that is not text"))?;
        match Rotated::of(&row.kind) {
            // Looks only for what is public there.
            Rotated::Key if value.expose().contains("-cert-v01@openssh.com ") => Err(RotationError::Certified { name }.into()),
            Rotated::Key => Ok(()),
            Rotated::Password => {
                host::one_line(&value)?;
                let surveys = self.last_surveys()?;
                for record in using.iter().filter(|record| record.sudo == Sudo::Never) {
                    let ours = surveys.get(&record.host).map(yunohost::users_of).unwrap_or_default();
                    if let Some(user) = accounts(record, row.id).into_iter().find(|account| account != "root" && ours.contains(account)) {
                        return Err(RotationError::NeedsRoot { name, host: record.name.to_string(), user }.into());
                    }
                }
                Ok(())
            }
        }
    }

    /// Whether a key can be read: hosts are told its public half, and it must open them until they have the new one.
    ///
    /// # Errors
    /// [`RotationError::Unreadable`], as for one whose passphrase nobody knows.
    pub(super) async fn refuse_unreadable(self: &Arc<Self>, name: &str) -> Result<(), AppError> {
        let called = name.to_owned();
        let key = self.blocking(move |session| {
            let row = session.open_secret(&called)?;
            if row.kind != PRIVATE_KEY {
                return Ok(None);
            }
            let value = session.value_of(&row)?.and_then(|value| value.into_text().ok());
            Ok(value.map(|value| (value, session.passphrase_of(row.id))))
        });
        let Some((value, passphrase)) = key.await? else { return Ok(()) };
        match beffroi_ssh::public_line_of(&value, passphrase?.as_ref()).await {
            Ok(_) => Ok(()),
            Err(RemoteError::CredentialUnusable { reason }) => Err(RotationError::Unreadable { name: name.to_owned(), reason }.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// The passphrase of a key, where it is kept.
    pub(super) fn passphrase_of(&self, secret: SecretId) -> Result<Option<SecretText>, AppError> {
        Ok(self.secret_detail(secret)?.and_then(|stored| stored.value.passphrase).map(|kept| kept.0))
    }
}
