//! The trash: a secret that was removed can be had back for 30 days.
//!
//! Its value moves into its detail, so that its name is free, no host can be given it, and its stage seals it as before.

use beffroi_domain::{DocumentId, SecretId};
use beffroi_secret::SecretText;
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;

use super::detail::{Detail, Hidden, Trashed, detail_id};
use super::{SecretFacts, place};
use crate::documents::Stored;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};

/// How long a secret stays there.
const KEPT_MS: u64 = 30 * 24 * 3600 * 1000;

/// A secret in the trash.
#[derive(Debug, Clone)]
pub struct TrashedSecret {
    /// What it had as a secret, and gets back.
    pub id: SecretId,
    /// The name it had.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// When it was removed, in milliseconds since 1970.
    pub at_ms: u64,
    /// When it is removed for good.
    pub until_ms: u64,
}

impl App {
    /// What lies in the trash, the last first. What a sealed stage holds is not told.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn trash(&self) -> Result<Vec<TrashedSecret>, AppError> {
        self.session()?
            .blocking(|session| {
                session.purge_old();
                let mut found: Vec<_> =
                    session.trashed()?.into_iter().filter_map(|(id, stored)| session.trashed_facts(id, &stored)).collect();
                found.sort_by(|one, other| other.at_ms.cmp(&one.at_ms).then_with(|| one.name.cmp(&other.name)));
                Ok(found)
            })
            .await
    }

    /// Gives a secret back from the trash, by its name or its id, under its old name or another. Of several of one name it is
    /// the last that was removed.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`] when it is not there, [`AppError::SecretExists`] when its name is taken meanwhile.
    pub async fn restore_secret(&self, name: &str, as_name: Option<&str>) -> Result<SecretFacts, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let as_name: Option<beffroi_domain::SecretName> = as_name.map(|to| crate::error::named("secret", to)).transpose()?;
        let facts = session
            .blocking(move |session| {
                let (id, stored) = session.trashed_named(&name)?;
                let Stored { revision, compartment, value: mut detail, .. } = stored;
                let trashed = detail.trashed.take().ok_or_else(|| AppError::damaged("the trash"))?;
                let to = as_name.map_or_else(|| trashed.name.clone(), |to| to.to_string());
                if session.catalog.read(|reader| reader.secret_named(&to))?.is_some() {
                    return Err(AppError::SecretExists { name: to });
                }
                // Its revision goes on: where the value was refused stays known.
                let row = SecretRow {
                    id,
                    name: to,
                    compartment,
                    kind: trashed.kind,
                    revision: trashed.revision,
                    created_ms: trashed.created_ms,
                    changed_ms: trashed.changed_ms,
                };
                let sealed = session.seal(&place(&row), &trashed.value.0.to_bytes())?;
                session.commit(Happening::new("secret-restored").with("name", &row.name), |writer| {
                    writer.insert_secret(&row, &sealed)?;
                    session.put_detail(writer, &row, Some(revision), &detail)
                })?;
                session.secret_facts(&row)
            })
            .await?;
        self.session()?.listener.heard(Change::Secrets);
        Ok(facts)
    }

    /// Removes secrets from the trash for good: one, by its name or id, or all that can be opened. Gives how many.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`] when it is not there.
    pub async fn empty_trash(&self, name: Option<&str>) -> Result<u64, AppError> {
        let session = self.session()?;
        let name = name.map(str::to_owned);
        let count = session
            .blocking(move |session| {
                let gone = match name {
                    Some(name) => vec![session.trashed_named(&name)?],
                    None => session.trashed()?,
                };
                session.purge(&gone)
            })
            .await?;
        session.listener.heard(Change::Secrets);
        Ok(count)
    }
}

/// What lies in the trash: the secret's id, and its detail.
type InTrash = (SecretId, Stored<Detail>);

impl Session {
    /// Moves a secret into the trash, inside a transaction.
    pub(crate) fn discard(&self, writer: &Writer<'_>, row: &SecretRow, value: SecretText) -> Result<(), AppError> {
        let stored = self.secret_detail_in(writer, row.id)?;
        let (before, mut detail) = stored.map_or_else(Default::default, |stored| (Some(stored.revision), stored.value));
        detail.trashed = Some(Trashed {
            name: row.name.clone(),
            kind: row.kind.clone(),
            value: Hidden(value),
            revision: row.revision,
            created_ms: row.created_ms,
            changed_ms: row.changed_ms,
            at_ms: now_ms(),
        });
        self.put_detail(writer, row, before, &detail)?;
        Ok(writer.delete_secret(row.id)?)
    }

    /// Removes a secret for good, with all that stands beside it, inside a transaction.
    pub(crate) fn erase_secret(&self, writer: &Writer<'_>, secret: SecretId) -> Result<(), AppError> {
        if let Some(stored) = self.secret_detail_in(writer, secret)? {
            self.delete_attachments(writer, &stored.value)?;
            self.delete_document(writer, detail_id(secret))?;
        }
        Ok(writer.delete_secret(secret)?)
    }

    /// Removes for good what lay in the trash for 30 days, of the stages that are open. What it is called beside succeeded
    /// already: that this could not be done is only noted.
    pub(crate) fn purge_old(&self) {
        let old = now_ms().saturating_sub(KEPT_MS);
        let is_old = |(_, stored): &InTrash| stored.value.trashed.as_ref().is_some_and(|it| it.at_ms < old);
        let purged = self.trashed().and_then(|all| self.purge(&all.into_iter().filter(is_old).collect::<Vec<_>>()));
        if let Err(error) = purged {
            tracing::warn!(%error, "the trash could not be emptied of what is old");
        }
    }

    fn purge(&self, gone: &[InTrash]) -> Result<u64, AppError> {
        if gone.is_empty() {
            return Ok(0);
        }
        self.commit(Happening::new("trash-emptied").with("count", gone.len()), |writer| {
            let mut purged = 0;
            for (id, _) in gone {
                // One that was restored meanwhile has its detail still.
                let stored = self.secret_detail_in(writer, *id)?.filter(|stored| stored.value.trashed.is_some());
                let Some(stored) = stored else { continue };
                self.delete_attachments(writer, &stored.value)?;
                self.delete_document(writer, detail_id(*id))?;
                purged += 1;
            }
            Ok(purged)
        })
    }

    fn trashed(&self) -> Result<Vec<InTrash>, AppError> {
        let all = self.documents::<Detail>()?.into_iter().filter_map(|(id, stored)| Some((id, stored.ok()?)));
        Ok(all.filter(|(_, stored)| stored.value.trashed.is_some()).filter_map(|(id, stored)| Some((secret_id(id)?, stored))).collect())
    }

    /// The name under which a secret lies in the trash, if it does.
    pub(crate) fn trashed_name(&self, secret: SecretId) -> Result<Option<String>, AppError> {
        Ok(self.secret_detail(secret)?.and_then(|stored| stored.value.trashed).map(|trashed| trashed.name))
    }

    fn trashed_named(&self, name: &str) -> Result<InTrash, AppError> {
        let is_it = |(id, stored): &InTrash| stored.value.trashed.as_ref().is_some_and(|it| it.name == name) || id.to_string() == name;
        let found = self.trashed()?.into_iter().filter(is_it);
        let last = found.max_by_key(|(_, stored)| stored.value.trashed.as_ref().map(|it| it.at_ms));
        last.ok_or_else(|| AppError::SecretNotFound { name: name.to_owned() })
    }

    fn trashed_facts(&self, id: SecretId, stored: &Stored<Detail>) -> Option<TrashedSecret> {
        let trashed = stored.value.trashed.as_ref()?;
        Some(TrashedSecret {
            id,
            name: trashed.name.clone(),
            kind: trashed.kind.clone(),
            stage: self.stage_of(stored.compartment),
            at_ms: trashed.at_ms,
            until_ms: trashed.at_ms + KEPT_MS,
        })
    }
}

fn secret_id(id: DocumentId) -> Option<SecretId> {
    SecretId::from_bytes(id.as_bytes()).ok()
}
