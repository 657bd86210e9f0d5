//! Certificates for servers: issued, renewed in time, revoked.

use std::collections::BTreeMap;

use beffroi_ca::{Authority, CertificateFacts};
use beffroi_domain::DocumentId;
use beffroi_store::table::secret::SecretRow;

use super::authorities::secret_name;
use super::document::{AuthorityDocument, Bytes, CertificateDocument, RevokedEntry, now_s};
use crate::documents::Stored;
use crate::session::{Happening, Session};
use crate::{App, AppError, CertificateError, Change, hex, now_ms, secrets};

/// A certificate is renewed when fewer days are left.
pub(super) const DUE_DAYS: i64 = 30;

/// A certificate to be issued.
#[derive(Debug, Clone)]
pub struct CertificateOrder {
    /// The names that it is for, the main one first.
    pub names: Vec<String>,
    /// The authority; the only one when none is named.
    pub authority: Option<String>,
    /// The host that it is for: its stage seals it. Without one, the stage of the authority does.
    pub host: Option<String>,
}

/// A certificate, with everything that may be shown of it.
#[derive(Debug, Clone)]
pub struct IssuedFacts {
    /// Its id.
    pub id: DocumentId,
    /// The names that it is for.
    pub names: Vec<String>,
    /// Who signed it.
    pub authority: String,
    /// The host that it is for.
    pub host: Option<String>,
    /// Its stage.
    pub stage: String,
    /// From when it is valid, in milliseconds since 1970.
    pub from_ms: i64,
    /// Until when.
    pub until_ms: i64,
    /// Whole days until then.
    pub days_left: i64,
    /// Whether it is time to renew it.
    pub due: bool,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Its number in hexadecimal.
    pub serial: String,
    /// SHA-256 of it, `AB:CD:…`.
    pub fingerprint: String,
    /// The secret that is its key.
    pub key: String,
    /// When its host was brought a certificate, in milliseconds since 1970.
    pub pushed_ms: Option<u64>,
    /// Whether its host has this very one for every domain that it was brought to, as far as is known here.
    pub is_there: bool,
}

/// Which certificates are renewed.
#[derive(Debug, Clone)]
pub enum Which {
    /// Those that have fewer days left than this, 30 when nothing is said.
    Due(Option<i64>),
    /// All that were not revoked.
    All,
    /// These. One that was revoked is not renewed.
    Named(Vec<String>),
}

/// What became of a certificate that was to be renewed.
#[derive(Debug)]
pub struct Renewal {
    /// Its main name.
    pub name: String,
    /// The new one, or why there is none.
    pub renewed: Result<IssuedFacts, AppError>,
}

impl App {
    /// Issues a certificate with a key of its own.
    ///
    /// # Errors
    /// [`CertificateError::AuthorityNotFound`], [`CertificateError::Exists`], names that the authority is not for, a stage that is sealed.
    pub async fn issue_certificate(&self, order: CertificateOrder) -> Result<IssuedFacts, AppError> {
        let session = self.session()?;
        let facts = session
            .blocking(move |session| {
                let authority = session.authority(order.authority.as_deref())?;
                let host = order.host.as_deref().map(|name| session.target_named(name)).transpose()?;
                let compartment = match &host {
                    Some(target) => session.compartment(&target.record.stage)?,
                    None => authority.compartment,
                };
                let signer = session.signer_of(&authority)?;
                let made = signer.issue(&order.names, now_s())?;
                let names = CertificateFacts::read(&made.certificate)?.names;
                let (first, host_id) =
                    (names.first().cloned().unwrap_or_default(), host.as_ref().map(|target| target.record.host.to_string()));
                for stored in session.certificates()?.iter().filter(|stored| !stored.value.revoked && stored.value.host == host_id) {
                    if stored.value.facts()?.names.first() == Some(&first) {
                        return Err(AppError::Certificate(CertificateError::Exists { name: first }));
                    }
                }
                let (key, sealed) =
                    session.key_row(&format!("cert/{}", secret_name(&first.replace('*', "any"))), compartment, &made.key)?;
                let document = CertificateDocument {
                    authority: authority.id.to_string(),
                    issuer: authority.value.name.clone(),
                    root: authority.value.certificate.clone(),
                    certificate: Bytes(made.certificate),
                    key: key.id.to_string(),
                    host: host_id,
                    revoked: false,
                    pushed: None,
                    domains: BTreeMap::new(),
                };
                let id = DocumentId::make();
                let happening = told("certificate-issued", &names, &authority.value.name);
                let happening = Happening { host: host.map(|target| target.record.host), ..happening };
                session.commit(happening, |writer| {
                    writer.insert_secret(&key, &sealed)?;
                    session.put_document(writer, compartment, id, None, &document)
                })?;
                session.issued_facts(&Stored { id, revision: 1, compartment, value: document })
            })
            .await?;
        session.listener.heard(Change::Certificates);
        session.listener.heard(Change::Secrets);
        Ok(facts)
    }

    /// The certificates of stages that are open, those with the fewest days first.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn certificates(&self) -> Result<Vec<IssuedFacts>, AppError> {
        let session = self.session()?;
        session
            .blocking(|session| {
                let mut all: Vec<IssuedFacts> =
                    session.certificates()?.iter().map(|stored| session.issued_facts(stored)).collect::<Result<_, _>>()?;
                all.sort_by(|one, other| (one.until_ms, &one.names).cmp(&(other.until_ms, &other.names)));
                Ok(all)
            })
            .await
    }

    /// One certificate.
    ///
    /// # Errors
    /// [`CertificateError::NotFound`].
    pub async fn certificate(&self, name: &str) -> Result<IssuedFacts, AppError> {
        let name = name.to_owned();
        self.session()?.blocking(move |session| session.issued_facts(&session.certificate(&name)?)).await
    }

    /// Renews certificates: each gets a new key and a new number, for the same names and host; the one of before is on its
    /// authority's list from then on. Hosts show the old ones until they are brought the new.
    ///
    /// # Errors
    /// Those of names that are none; what keeps one from being renewed is in the answer.
    pub async fn renew_certificates(&self, which: Which) -> Result<Vec<Renewal>, AppError> {
        let session = self.session()?;
        let renewals = session
            .blocking(move |session| {
                let now = now_s();
                let meant = match &which {
                    Which::Named(names) => names.iter().map(|name| session.certificate(name)).collect::<Result<Vec<_>, _>>()?,
                    Which::All => session.certificates()?.into_iter().filter(|stored| !stored.value.revoked).collect(),
                    Which::Due(days) => {
                        let days = days.unwrap_or(DUE_DAYS);
                        let is_due = |stored: &Stored<CertificateDocument>| {
                            !stored.value.revoked && stored.value.facts().is_ok_and(|facts| facts.days_left(now) < days)
                        };
                        session.certificates()?.into_iter().filter(is_due).collect()
                    }
                };
                let renew = |stored: Stored<CertificateDocument>| {
                    let name = stored.value.facts().ok().and_then(|facts| facts.names.into_iter().next()).unwrap_or_default();
                    Renewal { name, renewed: session.renew(stored) }
                };
                Ok(meant.into_iter().map(renew).collect::<Vec<_>>())
            })
            .await?;
        session.listener.heard(Change::Certificates);
        session.listener.heard(Change::Secrets);
        Ok(renewals)
    }

    /// Puts a certificate on its authority's list of what is not to be believed. What a host shows stays as it is.
    ///
    /// # Errors
    /// [`CertificateError::NotFound`], [`AppError::StageSealed`].
    pub async fn revoke_certificate(&self, name: &str) -> Result<IssuedFacts, AppError> {
        let session = self.session()?;
        let name = name.to_owned();
        let facts = session
            .blocking(move |session| {
                let stored = session.certificate(&name)?;
                let authority = session.authority_of(&stored.value)?;
                let facts = stored.value.facts()?;
                let (document, listed) =
                    (CertificateDocument { revoked: true, ..stored.value.clone() }, listing(&authority, &facts, false));
                let happening = session.about(&stored.value, "certificate-revoked", &facts);
                let revision = session.commit(happening, |writer| {
                    session.put_document(writer, authority.compartment, authority.id, Some(authority.revision), &listed)?;
                    session.put_document(writer, stored.compartment, stored.id, Some(stored.revision), &document)
                })?;
                session.issued_facts(&Stored { revision, value: document, ..stored })
            })
            .await?;
        session.listener.heard(Change::Certificates);
        Ok(facts)
    }
}

fn told(event: &'static str, names: &[String], authority: &str) -> Happening {
    Happening::new(event).with("names", names.join(" ")).with("authority", authority)
}

/// The authority with one more on its list; one that stands there keeps its moment and reason. Those that ended need not stand
/// there any more.
fn listing(authority: &Stored<AuthorityDocument>, facts: &CertificateFacts, superseded: bool) -> AuthorityDocument {
    let mut listed = authority.value.clone();
    let now = now_s();
    let is_it = |entry: &RevokedEntry| entry.serial.0 == facts.serial;
    listed.revoked.retain(|entry| entry.until_s >= now || is_it(entry));
    if !listed.revoked.iter().any(is_it) {
        listed.revoked.push(RevokedEntry { serial: Bytes(facts.serial.clone()), at_s: now, superseded, until_s: facts.not_after_s });
    }
    listed.list_number += 1;
    listed
}

impl Session {
    /// The authority with its key.
    pub(super) fn signer_of(&self, authority: &Stored<AuthorityDocument>) -> Result<Authority, AppError> {
        let (_, key) = self.key_of(&authority.value.key)?;
        Ok(Authority::open(&authority.value.certificate.0, &key)?)
    }

    fn about(&self, document: &CertificateDocument, event: &'static str, facts: &CertificateFacts) -> Happening {
        let happening = told(event, &facts.names, &document.issuer).with("serial", facts.serial_text());
        Happening { host: document.host.as_ref().and_then(|host| host.parse().ok()), ..happening }
    }

    fn renew(&self, stored: Stored<CertificateDocument>) -> Result<IssuedFacts, AppError> {
        if stored.value.revoked {
            return Err(AppError::InvalidRequest { what: "the certificate was revoked: issue another one" });
        }
        let authority = self.authority_of(&stored.value)?;
        let before = stored.value.facts()?;
        let made = self.signer_of(&authority)?.issue(&before.names, now_s())?;
        let (row, _) = self.key_of(&stored.value.key)?;
        // Its value is another, its name and who uses it are not.
        let key = SecretRow { revision: row.revision + 1, changed_ms: now_ms(), ..row };
        let sealed = self.seal(&secrets::place(&key), &made.key.to_bytes())?;
        let listed = listing(&authority, &before, true);
        let document =
            CertificateDocument { certificate: Bytes(made.certificate), root: authority.value.certificate.clone(), ..stored.value.clone() };
        let happening = self.about(&stored.value, "certificate-renewed", &before);
        let revision = self.commit(happening, |writer| {
            writer.update_secret(&key, &sealed)?;
            self.put_document(writer, authority.compartment, authority.id, Some(authority.revision), &listed)?;
            self.put_document(writer, stored.compartment, stored.id, Some(stored.revision), &document)
        })?;
        self.issued_facts(&Stored { revision, value: document, ..stored })
    }

    pub(super) fn issued_facts(&self, stored: &Stored<CertificateDocument>) -> Result<IssuedFacts, AppError> {
        let (document, facts, now) = (&stored.value, stored.value.facts()?, now_s());
        let host = match document.host.as_ref().map(|host| host.parse()) {
            Some(Ok(id)) => Some(self.catalog.read(|reader| reader.target(id))?.map_or_else(|| id.to_string(), |row| row.name)),
            _ => None,
        };
        let days_left = facts.days_left(now);
        Ok(IssuedFacts {
            id: stored.id,
            authority: document.issuer.clone(),
            host,
            stage: self.stage_of(stored.compartment),
            from_ms: facts.not_before_s.saturating_mul(1000),
            until_ms: facts.not_after_s.saturating_mul(1000),
            days_left,
            due: !document.revoked && days_left < DUE_DAYS,
            revoked: document.revoked,
            serial: facts.serial_text(),
            fingerprint: facts.fingerprint_text(),
            key: self.key_name(&document.key)?,
            pushed_ms: document.pushed.as_ref().map(|pushed| pushed.at_ms),
            is_there: document.is_there(&hex(&facts.fingerprint)),
            names: facts.names,
        })
    }
}

#[cfg(test)]
mod tests {
    use beffroi_ca::Permitted;

    use super::*;

    #[test]
    fn what_stands_on_the_list_keeps_its_moment_and_reason() {
        let made = Authority::make("Home", &Permitted::read(&[]).expect("none"), now_s()).expect("made");
        let facts = CertificateFacts::read(&made.certificate).expect("read");
        let entry = |serial: &[u8], until_s| RevokedEntry { serial: Bytes(serial.to_vec()), at_s: 7, superseded: true, until_s };
        let (kept, ended) = (entry(&facts.serial, facts.not_after_s), entry(b"other", 8));
        let value = AuthorityDocument {
            name: "Home".to_owned(),
            certificate: Bytes(made.certificate),
            key: String::new(),
            list_number: 3,
            revoked: vec![kept.clone(), ended],
        };
        let authority = Stored { id: DocumentId::make(), revision: 1, compartment: beffroi_domain::CompartmentId::make(), value };
        let listed = listing(&authority, &facts, false);
        assert_eq!((listed.revoked, listed.list_number), (vec![kept], 4));
    }
}
