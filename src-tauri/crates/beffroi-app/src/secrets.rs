//! Secrets of the catalog.

mod about;
pub(crate) mod attachments;
pub(crate) mod detail;
pub(crate) mod templates;
#[cfg(test)]
mod tests;
mod trash;

use std::collections::{BTreeSet, HashMap};

use beffroi_domain::{SecretId, SecretName, StageName};
use beffroi_import::is_private_key;
use beffroi_remote::Redaction;
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::table::login::Credential;
use beffroi_store::table::secret::SecretRow;
use beffroi_vault::Place;

use crate::archives::BACKUP_KEY;
use crate::connect::HeldLogin;
use crate::error::named;
use crate::imports::NOTE;
use crate::session::{Happening, Session};
use crate::{App, AppError, Change, now_ms};

pub use about::{FieldFacts, SecretAbout, SecretChange, SecretPart};
pub use templates::{SecretTemplate, TemplateError, TemplateField, TemplatePlace};
pub use trash::TrashedSecret;

/// Everything about a secret but itself.
#[derive(Debug, Clone)]
pub struct SecretFacts {
    /// Its id.
    pub id: SecretId,
    /// Its name.
    pub name: String,
    /// `private-key` or `password`.
    pub kind: String,
    /// Its stage.
    pub stage: String,
    /// Hosts that are given it.
    pub used_by: Vec<String>,
    /// Where it was refused. While there is any, no host is offered it but those that took it before.
    pub held: Vec<HeldLogin>,
    /// When it was last changed, in milliseconds since 1970.
    pub changed_ms: u64,
}

/// The kind of a secret that is a private key.
pub(crate) const PRIVATE_KEY: &str = "private-key";
/// The kind of every other one.
pub(crate) const PASSWORD: &str = "password";

/// The longest secret that is stored: room for any key, none for a mistaken file.
pub(crate) const MOST_BYTES: usize = 64 << 10;

impl App {
    /// The secrets, by name.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn secrets(&self) -> Result<Vec<SecretFacts>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| {
                let mut uses = session.uses()?;
                Ok(session.catalog.read(|reader| reader.secrets())?.iter().map(|row| session.facts_with(row, &mut uses)).collect())
            })
            .await
    }

    /// Stores a secret; one that has the name is replaced, and its value becomes an earlier one. Its kind is read from its
    /// first line.
    ///
    /// # Errors
    /// For a name that is none, a stage that is not there, an empty or oversized value.
    pub async fn set_secret(&self, name: &str, value: SecretText, stage: Option<&str>) -> Result<SecretFacts, AppError> {
        let session = self.session()?;
        let name: SecretName = named("secret", name)?;
        let stage: Option<StageName> = stage.map(|stage| named("stage", stage)).transpose()?;
        // Its length only.
        if value.expose().is_empty() || value.expose().len() > MOST_BYTES {
            return Err(AppError::InvalidRequest { what: "a secret has between 1 and 65,536 bytes" });
        }
        let facts = session
            .blocking(move |session| {
                let before = session.catalog.read(|reader| reader.secret_named(name.as_str()))?;
                if before.as_ref().is_some_and(|row| row.kind == BACKUP_KEY) {
                    return Err(AppError::SecretExists { name: name.to_string() });
                }
                if let Some(row) = before.as_ref().filter(|row| !session.is_open(row.compartment)) {
                    return Err(session.sealed(row.compartment));
                }
                // Without a word about it, a secret stays in its stage.
                let compartment = match (&stage, &before) {
                    (Some(stage), _) => session.compartment(stage)?,
                    (None, Some(row)) => row.compartment,
                    (None, None) => session.compartment(&StageName::dev())?,
                };
                let now = now_ms();
                let held = before.as_ref().map(|before| session.value_of(before)).transpose()?.flatten();
                let row = SecretRow {
                    id: before.as_ref().map_or_else(SecretId::make, |row| row.id),
                    name: name.to_string(),
                    compartment,
                    kind: kind_after(before.as_ref(), held.as_ref(), &value).to_owned(),
                    revision: before.as_ref().map_or(1, |row| row.revision + 1),
                    created_ms: before.as_ref().map_or(now, |row| row.created_ms),
                    changed_ms: now,
                };
                let bytes = value.to_bytes();
                let old = held.filter(|old| !old.same_as(&bytes));
                let sealed = session.seal(&place(&row), &bytes)?;
                session.commit(Happening::new("secret-set").with("name", &row.name), |writer| {
                    if before.is_none() {
                        return Ok(writer.insert_secret(&row, &sealed)?);
                    }
                    session.refuse_rotating(writer.reader(), &row)?;
                    writer.update_secret(&row, &sealed)?;
                    session.follow_secret(writer, &row, old)
                })?;
                session.secret_facts(&row)
            })
            .await?;
        // A connection that was made with the old value stays until it ends; the next one is made with the new.
        session.listener.heard(Change::Secrets);
        Ok(facts)
    }

    /// A secret with its value. The journal says that it was asked for before anybody sees it.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::StageSealed`], and when the journal cannot be written.
    pub async fn reveal_secret(&self, name: &str) -> Result<(SecretFacts, SecretText), AppError> {
        self.reveal_part(name, SecretPart::Value).await
    }

    /// Gives a secret another name; hosts are given it as before, and where it was refused stays known.
    ///
    /// # Errors
    /// For a name that is none, [`AppError::SecretExists`], [`AppError::SecretNotFound`], [`AppError::StageSealed`].
    pub async fn rename_secret(&self, name: &str, to: &str) -> Result<SecretFacts, AppError> {
        let session = self.session()?;
        let (name, to): (String, SecretName) = (name.to_owned(), named("secret", to)?);
        let facts = session
            .blocking(move |session| {
                let named = session.secret_named(&name)?;
                if session.catalog.read(|reader| reader.secret_named(to.as_str()))?.is_some_and(|other| other.id != named.id) {
                    return Err(AppError::SecretExists { name: to.to_string() });
                }
                let (row, sealed) =
                    session.catalog.read(|reader| reader.sealed_secret(named.id))?.ok_or(AppError::SecretNotFound { name })?;
                let value = session.unseal(&place(&row), &sealed)?;
                let renamed = SecretRow { name: to.to_string(), revision: row.revision + 1, ..row.clone() };
                let sealed = session.seal(&place(&renamed), &value)?;
                session.commit(Happening::new("secret-renamed").with("name", &row.name).with("to", &renamed.name), |writer| {
                    writer.update_secret(&renamed, &sealed)?;
                    // The value is the same, so what hosts said of it still holds.
                    let of = |revision| Credential { name: row.id.to_string(), revision };
                    for login in writer.reader().logins_with(&of(row.revision))? {
                        writer.note_login(&of(renamed.revision), &login)?;
                    }
                    Ok(())
                })?;
                session.secret_facts(&renamed)
            })
            .await?;
        session.listener.heard(Change::Secrets);
        // Hosts say by name what they log in with.
        session.listener.heard(Change::Hosts);
        Ok(facts)
    }

    /// Puts a secret that no host uses into the trash, where it can be had back for 30 days.
    ///
    /// # Errors
    /// [`AppError::SecretNotFound`], [`AppError::SecretInUse`].
    pub async fn remove_secret(&self, name: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                let facts = session.secret_facts(&row)?;
                // What it opens would be lost.
                if row.kind == BACKUP_KEY && session.has_backups(row.compartment)? {
                    return Err(AppError::SecretInUse { name, hosts: vec![facts.stage] });
                }
                if !facts.used_by.is_empty() {
                    return Err(AppError::SecretInUse { name, hosts: facts.used_by });
                }
                if let Some(of) = session.is_certificate_key(row.id)? {
                    return Err(AppError::SecretInUse { name, hosts: vec![of] });
                }
                let value = session.value_of(&row)?.and_then(|value| value.into_text().ok());
                session.commit(Happening::new("secret-removed").with("name", &name), |writer| {
                    session.refuse_rotating(writer.reader(), &row)?;
                    match value {
                        Some(value) => session.discard(writer, &row, value),
                        None => session.erase_secret(writer, row.id),
                    }
                })?;
                session.purge_old();
                Ok(())
            })
            .await?;
        session.listener.heard(Change::Secrets);
        Ok(())
    }
}

impl Session {
    pub(crate) fn secret_named(&self, name: &str) -> Result<SecretRow, AppError> {
        self.catalog.read(|reader| reader.secret_named(name))?.ok_or_else(|| AppError::SecretNotFound { name: name.to_owned() })
    }

    /// The secret of a name, when its stage is open.
    pub(crate) fn open_secret(&self, name: &str) -> Result<SecretRow, AppError> {
        let row = self.secret_named(name)?;
        if self.is_open(row.compartment) { Ok(row) } else { Err(self.sealed(row.compartment)) }
    }

    /// A secret's value; nothing when it was removed meanwhile.
    pub(crate) fn value_of(&self, row: &SecretRow) -> Result<Option<SecretBytes>, AppError> {
        let found = self.catalog.read(|reader| reader.sealed_secret(row.id))?;
        found.map(|(row, sealed)| self.unseal(&place(&row), &sealed)).transpose()
    }

    /// The secret that a host of a stage logs in with. It must be of the very same stage: else whoever may edit a host of
    /// one stage could have another stage's secret sent to it.
    ///
    /// Gives its revision too: another value is another credential.
    pub(crate) fn secret_of(&self, id: SecretId, stage: &StageName, host: &str) -> Result<(SecretBytes, u64), AppError> {
        let (row, sealed) = self.secret_row_of(id, stage, host)?;
        Ok((self.unseal(&place(&row), &sealed)?, row.revision))
    }

    /// The same, still sealed.
    pub(crate) fn secret_row_of(&self, id: SecretId, stage: &StageName, host: &str) -> Result<(SecretRow, Vec<u8>), AppError> {
        let (row, sealed) =
            self.catalog.read(|reader| reader.sealed_secret(id))?.ok_or_else(|| AppError::SecretNotFound { name: id.to_string() })?;
        if self.stage_of(row.compartment) != stage.as_str() {
            return Err(AppError::SecretOfOtherStage { name: row.name, stage: self.stage_of(row.compartment), host: host.to_owned() });
        }
        Ok((row, sealed))
    }

    /// What masks those secrets that can be opened now, by what is known of each.
    pub(crate) fn masking(&self, is_meant: impl Fn(&SecretRow) -> bool) -> Result<Redaction, AppError> {
        let mut values: Vec<SecretBytes> = Vec::new();
        for row in self.catalog.read(|reader| reader.secrets())?.iter().filter(|row| self.is_open(row.compartment) && is_meant(row)) {
            if let Some((row, sealed)) = self.catalog.read(|reader| reader.sealed_secret(row.id))? {
                values.push(self.unseal(&place(&row), &sealed)?);
            }
        }
        Ok(Redaction::new(&values))
    }

    pub(crate) fn secret_facts(&self, row: &SecretRow) -> Result<SecretFacts, AppError> {
        Ok(self.facts_with(row, &mut self.uses()?))
    }

    /// What the list says of a secret. What `uses` has of it goes into the answer.
    fn facts_with(&self, row: &SecretRow, uses: &mut Uses) -> SecretFacts {
        SecretFacts {
            id: row.id,
            name: row.name.clone(),
            kind: row.kind.clone(),
            stage: self.stage_of(row.compartment),
            held: uses.held.remove(&row.id.to_string()).unwrap_or_default(),
            used_by: uses.hosts.remove(&row.id).unwrap_or_default(),
            changed_ms: row.changed_ms,
        }
    }

    /// Who is given each secret, and where each was refused: read once for all of them.
    fn uses(&self) -> Result<Uses, AppError> {
        let mut hosts: HashMap<SecretId, Vec<String>> = HashMap::new();
        for target in self.targets()? {
            let given: BTreeSet<SecretId> = target.record.secrets().collect();
            given.into_iter().for_each(|secret| hosts.entry(secret).or_default().push(target.record.name.to_string()));
        }
        Ok(Uses { hosts, held: self.held_logins()? })
    }
}

/// Who is given which secret, and where it was refused.
struct Uses {
    hosts: HashMap<SecretId, Vec<String>>,
    held: HashMap<String, Vec<HeldLogin>>,
}

pub(crate) fn place(row: &SecretRow) -> Place<'static> {
    Place { compartment: row.compartment, target: None, table: "secret", row: *row.id.as_bytes(), revision: row.revision, field: "value" }
}

/// What a secret is once it has another value: what is written into a note makes no password of it. `held` is what it had.
pub(crate) fn kind_after(before: Option<&SecretRow>, held: Option<&SecretBytes>, value: &SecretText) -> &'static str {
    // An entry without a value was called a note for want of one. Its length only.
    let is_note = before.is_some_and(|row| row.kind == NOTE) && held.is_some_and(|held| !held.expose().is_empty());
    let kind = kind_of(value);
    if is_note && kind == PASSWORD { NOTE } else { kind }
}

pub(crate) fn kind_of(value: &SecretText) -> &'static str {
    // Looks at the first line's armour only.
    if is_private_key(value.expose()) { PRIVATE_KEY } else { PASSWORD }
}
