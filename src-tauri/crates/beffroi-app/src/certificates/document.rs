//! What is kept of authorities and certificates. Keys are secrets of the catalog, named here by their id.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use beffroi_ca::{CertificateFacts, Revoked};
use beffroi_domain::{CompartmentId, DocumentId, SecretId, StageName};
use beffroi_secret::SecretText;
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, DocumentKind, Stored};
use crate::secrets;
use crate::session::Session;
use crate::{AppError, CertificateError, now_ms};

/// An authority.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AuthorityDocument {
    /// What it is called here; its certificate says the same.
    pub(crate) name: String,
    /// Its certificate (DER).
    pub(crate) certificate: Bytes,
    /// The secret that is its private key.
    pub(crate) key: String,
    /// The number of the last list of what was revoked.
    #[serde(default)]
    pub(crate) list_number: u64,
    /// What it signed and is not to be believed any more, while it would be valid.
    #[serde(default)]
    pub(crate) revoked: Vec<RevokedEntry>,
}

impl Document for AuthorityDocument {
    const KIND: DocumentKind = DocumentKind::Authority;
}

/// A certificate that was revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevokedEntry {
    /// Its number.
    pub(crate) serial: Bytes,
    /// Since when, in seconds since 1970.
    pub(crate) at_s: i64,
    /// Whether another one took its place.
    pub(crate) superseded: bool,
    /// Until when it would be valid.
    pub(crate) until_s: i64,
}

impl From<&RevokedEntry> for Revoked {
    fn from(entry: &RevokedEntry) -> Self {
        Self { serial: entry.serial.0.clone(), at_s: entry.at_s, superseded: entry.superseded }
    }
}

/// A certificate for servers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CertificateDocument {
    /// The document of the authority that signed it.
    pub(crate) authority: String,
    /// What that is called.
    pub(crate) issuer: String,
    /// The certificate of the authority (DER): whoever checks what a host shows needs nothing else of it.
    pub(crate) root: Bytes,
    /// The certificate (DER).
    pub(crate) certificate: Bytes,
    /// The secret that is its private key.
    pub(crate) key: String,
    /// The host that it is for.
    #[serde(default)]
    pub(crate) host: Option<String>,
    /// Whether it was revoked.
    #[serde(default)]
    pub(crate) revoked: bool,
    /// What a host was last brought.
    #[serde(default)]
    pub(crate) pushed: Option<Pushed>,
    /// What was last brought for each domain of each host, but where the one of before was put back. Older documents have it for
    /// each domain of any host, or the last one alone.
    #[serde(default)]
    pub(crate) domains: BTreeMap<String, Pushed>,
}

impl Document for CertificateDocument {
    const KIND: DocumentKind = DocumentKind::Certificate;
}

/// What a host was last brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Pushed {
    /// Which host; empty in what older programs wrote.
    #[serde(default)]
    pub(crate) host: String,
    /// For which domain; empty in what older programs wrote.
    #[serde(default)]
    pub(crate) domain: String,
    /// SHA-256 of the certificate, in hexadecimal; empty when the one of before was put back.
    pub(crate) fingerprint: String,
    /// When, in milliseconds since 1970.
    pub(crate) at_ms: u64,
}

/// Bytes, stored as base64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl CertificateDocument {
    pub(crate) fn facts(&self) -> Result<CertificateFacts, AppError> {
        CertificateFacts::read(&self.certificate.0).map_err(AppError::damaged)
    }

    /// Whether every domain that it was brought to has the one with this fingerprint, as far as is known here.
    pub(super) fn is_there(&self, fingerprint: &str) -> bool {
        let is_it = |pushed: &Pushed| pushed.fingerprint == fingerprint;
        if self.domains.is_empty() { self.pushed.as_ref().is_some_and(is_it) } else { self.domains.values().all(is_it) }
    }

    /// Notes what a domain was brought.
    fn note(&mut self, pushed: Pushed) {
        // What is known of a domain of any host is of this one now.
        self.domains.remove(&pushed.domain);
        let place = format!("{} {}", pushed.host, pushed.domain);
        if pushed.domain.is_empty() {
            self.domains.clear();
        } else if pushed.fingerprint.is_empty() {
            self.domains.remove(&place);
        } else {
            self.domains.insert(place, pushed.clone());
        }
        self.pushed = Some(pushed);
    }
}

/// Seconds since 1970.
pub(super) fn now_s() -> i64 {
    i64::try_from(now_ms() / 1000).unwrap_or(i64::MAX)
}

/// The ids of the secrets that are private keys of authorities and of certificates, of the stages that are open.
pub(crate) fn certificate_keys(session: &Session) -> Result<HashSet<String>, AppError> {
    let authorities = session.documents::<AuthorityDocument>()?.into_iter().filter_map(|(_, read)| read.ok());
    let certificates = session.documents::<CertificateDocument>()?.into_iter().filter_map(|(_, read)| read.ok());
    Ok(authorities.map(|stored| stored.value.key).chain(certificates.map(|stored| stored.value.key)).collect())
}

impl Session {
    /// An authority by its name or id; the only one when none is named.
    pub(super) fn authority(&self, name: Option<&str>) -> Result<Stored<AuthorityDocument>, AppError> {
        let mut found = Vec::new();
        let mut hidden = None;
        for (id, read) in self.documents::<AuthorityDocument>()? {
            match read {
                Ok(stored) if name.is_none_or(|name| stored.value.name == name || id.to_string() == name) => found.push(stored),
                Ok(_) => {}
                Err(error) => hidden = Some(error),
            }
        }
        let several = found.len() > 1;
        match (found.pop(), hidden) {
            (Some(stored), _) if !several => Ok(stored),
            // It may be one of those that cannot be read now.
            (None, Some(error)) => Err(error),
            (Some(_), _) => Err(AppError::Certificate(CertificateError::AuthoritySeveral)),
            _ => Err(AppError::Certificate(CertificateError::AuthorityNotFound { name: name.unwrap_or_default().to_owned() })),
        }
    }

    /// The authority that signed a certificate.
    pub(super) fn authority_of(&self, certificate: &CertificateDocument) -> Result<Stored<AuthorityDocument>, AppError> {
        let missing = || AppError::Certificate(CertificateError::AuthorityNotFound { name: certificate.issuer.clone() });
        let id: DocumentId = certificate.authority.parse().map_err(|_| AppError::damaged("a certificate"))?;
        self.document(id)?.ok_or_else(missing)
    }

    /// A certificate by its id, an ending of it, or a name that it is for.
    pub(crate) fn certificate(&self, name: &str) -> Result<Stored<CertificateDocument>, AppError> {
        let (mut found, mut hidden) = (Vec::new(), None);
        for (id, read) in self.documents::<CertificateDocument>()? {
            let id = id.to_string();
            match read {
                Ok(stored) => {
                    let is_meant =
                        id == name || (name.len() >= 8 && id.ends_with(name)) || stored.value.facts()?.names.iter().any(|one| one == name);
                    found.extend(is_meant.then_some(stored));
                }
                Err(error) => hidden = Some(error),
            }
        }
        // Of several for one name, the one that counts.
        if found.len() > 1 {
            found.retain(|stored| !stored.value.revoked);
        }
        let several = found.len() > 1;
        match (found.pop(), hidden) {
            (Some(stored), _) if !several => Ok(stored),
            (None, Some(error)) => Err(error),
            (Some(_), _) => Err(AppError::Certificate(CertificateError::Several { name: name.to_owned() })),
            _ => Err(AppError::Certificate(CertificateError::NotFound { name: name.to_owned() })),
        }
    }

    /// A private key as a secret to be stored: its row, and the envelope.
    pub(super) fn key_row(&self, name: &str, compartment: CompartmentId, key: &SecretText) -> Result<(SecretRow, Vec<u8>), AppError> {
        let taken = |name: &str| Ok::<_, AppError>(self.catalog.read(|reader| reader.secret_named(name))?.is_some());
        let id = SecretId::make();
        let name = if taken(name)? { format!("{name}-{id}") } else { name.to_owned() };
        let now = now_ms();
        let row = SecretRow { id, name, compartment, kind: secrets::PRIVATE_KEY.to_owned(), revision: 1, created_ms: now, changed_ms: now };
        let sealed = self.seal(&secrets::place(&row), &key.to_bytes())?;
        Ok((row, sealed))
    }

    /// A private key that a document names.
    pub(super) fn key_of(&self, key: &str) -> Result<(SecretRow, SecretText), AppError> {
        let id: SecretId = key.parse().map_err(|_| AppError::damaged("a certificate"))?;
        let found = self.catalog.read(|reader| reader.sealed_secret(id))?;
        let (row, sealed) = found.ok_or_else(|| AppError::SecretNotFound { name: key.to_owned() })?;
        let value = self.unseal(&secrets::place(&row), &sealed)?;
        Ok((row, value.into_text().map_err(|_| AppError::damaged("a private key"))?))
    }

    /// Whether a secret is the key of an authority or a certificate. Those of sealed stages have their keys there too.
    pub(crate) fn is_certificate_key(&self, secret: SecretId) -> Result<Option<String>, AppError> {
        let secret = secret.to_string();
        let authorities = self.documents::<AuthorityDocument>()?.into_iter().filter_map(|(_, read)| read.ok());
        let mut names = authorities.filter(|stored| stored.value.key == secret).map(|stored| stored.value.name);
        if let Some(name) = names.next() {
            return Ok(Some(name));
        }
        let certificates = self.documents::<CertificateDocument>()?.into_iter().filter_map(|(_, read)| read.ok());
        let mut of_certificates = certificates.filter(|stored| stored.value.key == secret);
        Ok(of_certificates.next().and_then(|stored| stored.value.facts().ok()?.names.into_iter().next()))
    }

    /// Notes what a host was brought, in the transaction that records it.
    pub(crate) fn note_pushed(&self, writer: &Writer<'_>, document: &str, pushed: Pushed) -> Result<(), AppError> {
        let id: DocumentId = document.parse().map_err(|_| AppError::damaged("a job's record"))?;
        // One that was removed meanwhile is none any more.
        let Some(mut stored) = self.document_in::<CertificateDocument>(writer.reader(), id)? else { return Ok(()) };
        stored.value.note(pushed);
        self.put_document(writer, stored.compartment, id, Some(stored.revision), &stored.value).map(drop)
    }

    /// The compartment of the stage for authorities, which is made when it is not there.
    pub(super) fn stage_for_authority(&self, stage: &StageName) -> Result<Option<CompartmentId>, AppError> {
        match self.stage(stage) {
            Ok(_) => self.compartment(stage).map(Some),
            Err(AppError::StageNotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(domain: &str, fingerprint: &str) -> Pushed {
        on("h1", domain, fingerprint)
    }

    fn on(host: &str, domain: &str, fingerprint: &str) -> Pushed {
        Pushed { host: host.to_owned(), domain: domain.to_owned(), fingerprint: fingerprint.to_owned(), at_ms: 5 }
    }

    #[test]
    fn a_certificate_is_there_when_every_domain_that_was_brought_one_has_it() {
        // What an older program wrote.
        let old = serde_json::json!({
            "authority": "", "issuer": "Home", "root": "", "certificate": "", "key": "", "pushed": {"fingerprint": "old", "at_ms": 4}
        });
        let mut document: CertificateDocument = serde_json::from_value(old).expect("read");
        assert!(document.is_there("old") && !document.is_there("new"));
        let notes = [
            (pushed("a.test", "old"), "old"),
            (pushed("b.test", "old"), "old"),
            (pushed("a.test", "new"), ""),
            (pushed("b.test", "new"), "new"),
            // The same domain of another host.
            (on("h2", "a.test", "old"), ""),
            (on("h2", "a.test", "new"), "new"),
            (on("h2", "a.test", ""), "new"),
            (pushed("b.test", ""), "new"),
            (pushed("a.test", ""), ""),
            (pushed("", "old"), "old"),
        ];
        for (note, there) in notes {
            document.note(note.clone());
            for fingerprint in ["old", "new"] {
                assert_eq!(document.is_there(fingerprint), fingerprint == there, "{note:?} {fingerprint}");
            }
        }
        assert_eq!(document.pushed.as_ref().map(|last| last.at_ms), Some(5));
        // What an older program knew of a domain is of the host that is brought it next.
        let of_any = Pushed { host: String::new(), ..pushed("a.test", "old") };
        document.domains.insert("a.test".to_owned(), of_any);
        document.note(pushed("a.test", "new"));
        assert!(document.is_there("new"));
    }
}
