//! The key of a stage's backups: a secret of the catalog, so that it lives on when the vault's keys change.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use beffroi_domain::{SecretId, StageName};
use beffroi_secret::{SecretBytes, SecretKey};
use beffroi_store::table::secret::SecretRow;
use zeroize::Zeroizing;

use crate::secrets::place;
use crate::session::{Happening, Session};
use crate::{AppError, now_ms};

/// The kind of a secret that opens backups.
pub(crate) const BACKUP_KEY: &str = "backup-key";

impl Session {
    /// The backup key of a stage; made when there is none yet.
    pub(crate) fn backup_key(&self, stage: &StageName) -> Result<SecretKey, AppError> {
        let compartment = self.compartment(stage)?;
        let rows = self.catalog.read(|reader| reader.secrets())?;
        if let Some(row) = rows.iter().find(|row| row.kind == BACKUP_KEY && row.compartment == compartment) {
            return self.open_backup_key(row.id);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(AppError::internal)?;
        let now = now_ms();
        let taken = |name: &str| rows.iter().any(|row| row.name == name);
        let name = format!("backup-key-{stage}");
        let id = SecretId::make();
        let row = SecretRow {
            id,
            name: if taken(&name) { format!("{name}-{id}") } else { name },
            compartment,
            kind: BACKUP_KEY.to_owned(),
            revision: 1,
            created_ms: now,
            changed_ms: now,
        };
        // As text, sealed at once: a secret can be shown, and kept on paper.
        let text = Zeroizing::new(BASE64_STANDARD.encode(bytes.as_slice()));
        let sealed = self.seal(&place(&row), &SecretBytes::new(text.as_bytes().to_vec()))?;
        self.commit(Happening::new("backup-key-made").with("name", &row.name), |writer| Ok(writer.insert_secret(&row, &sealed)?))?;
        Ok(SecretKey::new(*bytes))
    }

    /// The keys of backups that can be opened now.
    pub(crate) fn backup_keys(&self) -> Result<Vec<SecretKey>, AppError> {
        let rows = self.catalog.read(|reader| reader.secrets())?;
        let open = rows.iter().filter(|row| row.kind == BACKUP_KEY && self.is_open(row.compartment));
        open.map(|row| self.open_backup_key(row.id)).collect()
    }

    fn open_backup_key(&self, id: SecretId) -> Result<SecretKey, AppError> {
        let broken = || AppError::damaged("the key of backups");
        let (row, sealed) = self.catalog.read(|reader| reader.sealed_secret(id))?.ok_or_else(broken)?;
        let value = self.unseal(&place(&row), &sealed)?;
        // Into a key that is wiped as well.
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(value.expose()).map_err(|_| broken())?);
        let key = Zeroizing::new(<[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| broken())?);
        Ok(SecretKey::new(*key))
    }
}
