//! Certificates with their private keys, in PEM: one file with both.
//!
//! What comes of it, and of a PKCS#12 file, is one entry per key: its text is the key without a passphrase and the certificates that belong
//! to it, its own first, as `nginx`, `curl` and OpenSSL read them. A certificate alone is no secret, and is told.

use beffroi_secret::SecretText;
use ssh_key::private::KeypairData;
use ssh_key::public::KeyData;
use x509_cert::der::{Decode, Encode};
use zeroize::Zeroizing;

use super::keys::{is_pem, pem};
use crate::limits::{MOST_VALUE, within};
use crate::{Entry, ImportError, Kind, Parsed, Reading, Source, decode};

/// A private key of a file of certificates, in clear.
pub(super) struct Key {
    /// What it is known by in its source.
    pub(super) origin: String,
    /// Its name there.
    pub(super) name: Option<String>,
    /// `PRIVATE KEY`.
    pub(super) label: String,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// A certificate, and what is known of it.
pub(super) struct Certificate {
    bytes: Vec<u8>,
    /// What its key is, with what it is for (`SubjectPublicKeyInfo`).
    public: Vec<u8>,
    name: Option<String>,
    expires_ms: u64,
    signs: bool,
}

impl Certificate {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let malformed = |_| ImportError::Malformed { what: "certificate", at: 0 };
        let read = x509_cert::Certificate::from_der(bytes).map_err(malformed)?;
        let about = read.tbs_certificate();
        let until = about.validity().not_after.to_unix_duration().as_millis();
        let name = about.subject().common_name().ok().flatten().map(|name| name.value().into_owned());
        let constraints = about.get_extension::<x509_cert::ext::pkix::BasicConstraints>().ok().flatten();
        Ok(Self {
            bytes: bytes.to_vec(),
            public: about.subject_public_key_info().to_der().map_err(malformed)?,
            name,
            expires_ms: u64::try_from(until).unwrap_or(u64::MAX),
            signs: constraints.is_some_and(|(_, constraints)| constraints.ca),
        })
    }

    /// Whether it is of a key: its public half stands in it. None for a key that says no public half.
    fn is_of(&self, public: Option<&[u8]>) -> Option<bool> {
        public.map(|public| self.public.windows(public.len()).any(|here| here == public))
    }
}

/// By its blocks: a certificate in PEM, with or without a key.
pub fn tells(source: &Source) -> bool {
    let Source::File { bytes, .. } = source else { return false };
    // Looks at the armour only.
    decode(bytes.expose()).is_ok_and(|text| is_pem(text.trim_start()) && text.contains("-----BEGIN CERTIFICATE-----"))
}

/// Every private key of it, with its certificates.
///
/// # Errors
/// [`ImportError::Locked`], [`ImportError::Wrong`], [`ImportError::TooExpensive`] before a key is derived, [`ImportError::Malformed`],
/// [`ImportError::Truncated`].
pub fn read(reading: &Reading<'_>) -> Result<Parsed, ImportError> {
    let mut parsed = Parsed::default();
    let name = reading.source.name();
    // Into blocks that are wiped.
    let text = decode(reading.source.bytes()?)?;
    let (mut keys, mut certificates) = (Vec::new(), Vec::new());
    for block in &pem::blocks(&text)? {
        if block.label == "CERTIFICATE" {
            certificates.push(Certificate::read(&block.bytes)?);
        } else if pem::is_key(block.label) {
            let (bytes, weak) = pem::clear(block, reading.unlock, reading.work)?;
            let encrypted = block.dek.is_some() || block.label == "ENCRYPTED PRIVATE KEY";
            if weak.is_some() {
                parsed.notice("weak-encryption", &name);
            }
            if encrypted {
                parsed.notice("passphrase-dropped", &name);
            }
            let label = if block.label == "ENCRYPTED PRIVATE KEY" { "PRIVATE KEY" } else { block.label };
            let origin = if keys.is_empty() { name.clone() } else { format!("{name}//{}", keys.len() + 1) };
            keys.push(Key { origin, name: None, label: label.to_owned(), bytes });
        } else {
            parsed.refuse(format!("{name}: {}", block.label), "unknown-block");
        }
    }
    join(keys, certificates, &name, &mut parsed)?;
    Ok(parsed)
}

/// One entry per key, with the certificates that belong to it.
pub(super) fn join(keys: Vec<Key>, certificates: Vec<Certificate>, file: &str, parsed: &mut Parsed) -> Result<(), ImportError> {
    if keys.is_empty() {
        for certificate in &certificates {
            parsed.refuse(certificate.name.as_deref().unwrap_or(file), "certificate-only");
        }
        return Ok(());
    }
    let several = keys.len() > 1;
    for key in keys {
        let pair = pem::keypair(&key.label, &key.bytes);
        let malformed = matches!(pair, Err(ImportError::Malformed { .. } | ImportError::Truncated { .. } | ImportError::Altered { .. }));
        let public = match pair {
            Err(error) if malformed => return Err(error),
            Err(_) => None,
            Ok(pair) => public_bytes(&pair),
        };
        let own = certificates.iter().find(|certificate| certificate.is_of(public.as_deref()) == Some(true));
        // A key of a kind that is not known here has the only one that is no authority.
        let own = own.or_else(|| certificates.iter().find(|certificate| public.is_none() && !several && !certificate.signs));
        let chain = certificates.iter().filter(|certificate| certificate.signs && own.is_some_and(|own| own.bytes != certificate.bytes));
        let mut parts = vec![pem::write(&key.label, &key.bytes)];
        parts.extend(own.into_iter().chain(chain).map(|certificate| pem::write("CERTIFICATE", &certificate.bytes)));
        let mut text = Zeroizing::new(String::with_capacity(parts.iter().map(|part| part.len()).sum()));
        parts.iter().for_each(|part| text.push_str(part));
        within("value", text.len() as u64, MOST_VALUE as u64)?;
        if own.is_none() && !certificates.is_empty() {
            parsed.notice("key-without-certificate", &key.origin);
        }
        let title = key.name.or_else(|| own.and_then(|own| own.name.clone())).unwrap_or_else(|| file.to_owned());
        parsed.entries.push(Entry {
            origin: key.origin,
            title,
            kind: if own.is_some() { Kind::Certificate } else { Kind::PrivateKey },
            value: Some(SecretText::new(String::clone(&text))),
            expires_ms: own.map(|own| own.expires_ms),
            ..Entry::default()
        });
    }
    Ok(())
}

/// What of a key's public half stands in its certificate.
fn public_bytes(pair: &KeypairData) -> Option<Vec<u8>> {
    match KeyData::try_from(pair).ok()? {
        KeyData::Rsa(key) => key.n().as_positive_bytes().map(<[u8]>::to_vec),
        KeyData::Ecdsa(key) => Some(key.as_sec1_bytes().to_vec()),
        KeyData::Ed25519(key) => Some(key.0.to_vec()),
        _ => None,
    }
}
