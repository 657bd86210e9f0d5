//! What a certificate says.

use beffroi_secret::SecretText;
use rcgen::PublicKeyData as _;
use sha2::{Digest, Sha256};
use x509_cert::der::asn1::{PrintableStringRef, Utf8StringRef};
use x509_cert::der::oid::{AssociatedOid, ObjectIdentifier};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, NameConstraints, SubjectAltName};
use x509_cert::name::Name;

use crate::authority::read_key;
use crate::{CaError, names};

/// `id-at-commonName` (RFC 5280, appendix A).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// Its common name; empty when it has none.
    pub subject: String,
    /// The common name of who signed it.
    pub issuer: String,
    /// Servers that it is for.
    pub names: Vec<String>,
    /// Its number, as bytes.
    pub serial: Vec<u8>,
    /// From when it is valid, in seconds since 1970.
    pub not_before_s: i64,
    /// Until when.
    pub not_after_s: i64,
    /// SHA-256 of it.
    pub fingerprint: [u8; 32],
    /// Whether it may sign others.
    pub is_authority: bool,
    /// Domains that it is kept to.
    pub permitted: Vec<String>,
    /// `SubjectPublicKeyInfo`.
    public_key: Vec<u8>,
}

impl CertificateFacts {
    /// Reads a certificate (DER).
    ///
    /// # Errors
    /// [`CaError::NotACertificate`].
    pub fn read(der: &[u8]) -> Result<Self, CaError> {
        let certificate = x509_cert::Certificate::from_der(der).map_err(|_| CaError::NotACertificate)?;
        let read = certificate.tbs_certificate();
        let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        let constraints: Option<NameConstraints> = extension(read);
        let permitted = constraints.and_then(|constraints| constraints.permitted_subtrees).unwrap_or_default();
        let alternative: Option<SubjectAltName> = extension(read);
        Ok(Self {
            subject: common_name(read.subject()),
            issuer: common_name(read.issuer()),
            names: alternative.into_iter().flat_map(|names| names.0).filter_map(|name| dns_name(&name)).collect(),
            serial: read.serial_number().as_bytes().to_vec(),
            not_before_s: seconds(&read.validity().not_before),
            not_after_s: seconds(&read.validity().not_after),
            fingerprint: Sha256::digest(der).into(),
            is_authority: extension::<BasicConstraints>(read).is_some_and(|constraints| constraints.ca),
            permitted: permitted.iter().filter_map(|subtree| dns_name(&subtree.base)).collect(),
            public_key: read.subject_public_key_info().to_der().map_err(|_| CaError::NotACertificate)?,
        })
    }

    /// Whole days until it is no longer valid; 0 or less when it is not any more.
    #[must_use]
    pub fn days_left(&self, now_s: i64) -> i64 {
        (self.not_after_s - now_s).div_euclid(86_400)
    }

    /// Whether it is valid at a moment.
    #[must_use]
    pub fn is_valid(&self, now_s: i64) -> bool {
        (self.not_before_s..=self.not_after_s).contains(&now_s)
    }

    /// Whether it is for a server.
    #[must_use]
    pub fn covers(&self, server: &str) -> bool {
        names::covers(&self.names, server)
    }

    /// Whether a private key (PKCS #8, PEM) is its own.
    #[must_use]
    pub fn has_key(&self, key: &SecretText) -> bool {
        read_key(key).is_ok_and(|key| key.subject_public_key_info() == self.public_key)
    }

    /// Its fingerprint as people compare it: `AB:CD:…`.
    #[must_use]
    pub fn fingerprint_text(&self) -> String {
        self.fingerprint.map(|byte| format!("{byte:02X}")).join(":")
    }

    /// Its number in hexadecimal.
    #[must_use]
    pub fn serial_text(&self) -> String {
        self.serial.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// An extension, where there is one that is understood.
fn extension<T: for<'a> Decode<'a> + AssociatedOid>(read: &x509_cert::TbsCertificate) -> Option<T> {
    let found = read.extensions()?.iter().find(|extension| extension.extn_id == T::OID)?;
    T::from_der(found.extn_value.as_bytes()).ok()
}

fn dns_name(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
        _ => None,
    }
}

fn common_name(name: &Name) -> String {
    let value = name.iter_rdn().flat_map(|part| part.iter()).find(|attribute| attribute.oid == COMMON_NAME).map(|found| &found.value);
    let text = value.and_then(|value| {
        let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
        utf8.or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned())).ok()
    });
    text.unwrap_or_default()
}
