//! Authorities: made and listed.

use beffroi_ca::{Authority, CertificateFacts, Permitted};
use beffroi_domain::{DocumentId, StageName};

use super::document::{AuthorityDocument, Bytes, CertificateDocument, now_s};
use crate::documents::Stored;
use crate::error::named;
use crate::session::{Happening, Session};
use crate::{App, AppError, CertificateError, Change};

/// The stage of an authority when none is named: its own compartment, which can be protected.
const OWN_STAGE: &str = "ca";

/// An authority to be made.
#[derive(Debug, Clone)]
pub struct AuthorityOrder {
    /// Its name, as people see it on their devices.
    pub name: String,
    /// Its stage; `ca` when none is named. One that is not there is made.
    pub stage: Option<String>,
    /// The domains that it is kept to; none for everywhere.
    pub permitted: Vec<String>,
}

/// An authority, with everything that may be shown of it.
#[derive(Debug, Clone)]
pub struct AuthorityFacts {
    /// Its id.
    pub id: DocumentId,
    /// Its name.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// The domains that it is kept to; none for everywhere.
    pub permitted: Vec<String>,
    /// Until when it is valid, in milliseconds since 1970.
    pub until_ms: i64,
    /// Whole days until then.
    pub days_left: i64,
    /// SHA-256 of its certificate, `AB:CD:…`.
    pub fingerprint: String,
    /// Certificates that it signed, of those that can be read now.
    pub certificates: usize,
    /// Certificates that were revoked and would be valid.
    pub revoked: usize,
    /// The secret that is its key.
    pub key: String,
}

impl App {
    /// Makes an authority: its key in the vault alone, its certificate for everybody.
    ///
    /// # Errors
    /// [`CertificateError::AuthorityExists`], [`AppError::StageSealed`], and for a name or a domain that does not fit.
    pub async fn make_authority(&self, order: AuthorityOrder) -> Result<AuthorityFacts, AppError> {
        let session = self.session()?;
        let stage: StageName = named("stage", order.stage.as_deref().unwrap_or(OWN_STAGE))?;
        let permitted = Permitted::read(&order.permitted)?;
        let name = order.name.trim().to_owned();
        let made = Authority::make(&name, &permitted, now_s())?;
        {
            let (name, stage) = (name.clone(), stage.clone());
            let missing = session.blocking(move |session| {
                if session.authorities()?.iter().any(|stored| stored.value.name == name) {
                    return Err(AppError::Certificate(CertificateError::AuthorityExists { name }));
                }
                Ok(session.stage_for_authority(&stage)?.is_none())
            });
            if missing.await? {
                self.add_stage(&order.stage.unwrap_or_else(|| OWN_STAGE.to_owned())).await?;
            }
        }
        let facts = session
            .blocking(move |session| {
                let compartment = session.compartment(&stage)?;
                let (key, sealed) = session.key_row(&format!("ca/{}", secret_name(&name)), compartment, &made.key)?;
                let document = AuthorityDocument {
                    name: name.clone(),
                    certificate: Bytes(made.certificate),
                    key: key.id.to_string(),
                    list_number: 0,
                    revoked: Vec::new(),
                };
                let id = DocumentId::make();
                let happening = Happening::new("authority-made").with("name", &name).with("stage", &stage);
                session.commit(happening, |writer| {
                    writer.insert_secret(&key, &sealed)?;
                    session.put_document(writer, compartment, id, None, &document)
                })?;
                session.authority_facts(&Stored { id, revision: 1, compartment, value: document }, &[])
            })
            .await?;
        session.listener.heard(Change::Certificates);
        session.listener.heard(Change::Secrets);
        Ok(facts)
    }

    /// The authorities of stages that are open, by name; and the stages whose authorities cannot be read.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn authorities(&self) -> Result<Vec<AuthorityFacts>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| {
                let certificates = session.certificates()?;
                let mut all: Vec<AuthorityFacts> = Vec::new();
                for stored in session.authorities()? {
                    all.push(session.authority_facts(&stored, &certificates)?);
                }
                all.sort_by(|one, other| one.name.cmp(&other.name));
                Ok(all)
            })
            .await
    }
}

impl Session {
    /// The authorities that can be read now.
    pub(super) fn authorities(&self) -> Result<Vec<Stored<AuthorityDocument>>, AppError> {
        readable(self.documents()?)
    }

    /// The certificates that can be read now.
    pub(super) fn certificates(&self) -> Result<Vec<Stored<CertificateDocument>>, AppError> {
        readable(self.documents()?)
    }

    fn authority_facts(
        &self,
        stored: &Stored<AuthorityDocument>,
        certificates: &[Stored<CertificateDocument>],
    ) -> Result<AuthorityFacts, AppError> {
        let facts = CertificateFacts::read(&stored.value.certificate.0).map_err(AppError::damaged)?;
        let (id, now) = (stored.id.to_string(), now_s());
        Ok(AuthorityFacts {
            id: stored.id,
            name: stored.value.name.clone(),
            stage: self.stage_of(stored.compartment),
            until_ms: facts.not_after_s.saturating_mul(1000),
            days_left: facts.days_left(now),
            fingerprint: facts.fingerprint_text(),
            certificates: certificates.iter().filter(|certificate| certificate.value.authority == id).count(),
            revoked: stored.value.revoked.iter().filter(|entry| entry.until_s >= now).count(),
            key: self.key_name(&stored.value.key)?,
            permitted: facts.permitted,
        })
    }

    /// What the secret of a key is called.
    pub(super) fn key_name(&self, key: &str) -> Result<String, AppError> {
        let id = key.parse().map_err(|_| AppError::damaged("a certificate"))?;
        let row = self.catalog.read(|reader| reader.sealed_secret(id))?;
        Ok(row.map(|(row, _)| row.name).unwrap_or_default())
    }
}

/// Those that can be read; the others are of sealed stages. One that is damaged is an error.
fn readable<T>(documents: Vec<(DocumentId, Result<Stored<T>, AppError>)>) -> Result<Vec<Stored<T>>, AppError> {
    let kept = documents.into_iter().filter_map(|(_, read)| match read {
        Err(AppError::StageSealed { .. }) => None,
        other => Some(other),
    });
    kept.collect()
}

/// A name as a part of the name of a secret.
pub(super) fn secret_name(name: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c.to_ascii_lowercase() } else { '-' };
    name.chars().map(kept).take(80).collect()
}
