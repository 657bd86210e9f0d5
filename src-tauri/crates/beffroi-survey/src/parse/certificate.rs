//! Certificates that services show (RFC 5280).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use x509_cert::der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use x509_cert::der::{Decode, oid::ObjectIdentifier};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;

use super::machine::hex;
use super::{cut, text};
use crate::facts::{Area, Certificate, Facts, Missing};
use crate::wire::Answer;

/// `id-at-commonName` and `id-at-organizationName` (RFC 5280, appendix A).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// `id-ce-subjectAltName`.
const ALTERNATIVE_NAMES: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
/// The most names that are kept of one certificate.
const MOST_NAMES: usize = 100;

pub(super) fn read(answer: &Answer<'_>, facts: &mut Facts) {
    let Some(section) = answer.section("certificates") else { return };
    let mut certificates = Vec::new();
    for (path, lines) in &section.files {
        match (text(path), certificate(lines)) {
            (Some(path), Some(certificate)) => certificates.push(Certificate { path, ..certificate }),
            _ => {
                facts.missing.entry(Area::Certificates).or_insert(Missing::Failed);
            }
        }
    }
    certificates.sort_by(|one, other| one.path.cmp(&other.path));
    facts.certificates = Some(cut(certificates, Area::Certificates, facts));
}

/// The first certificate of a file, of which the probe sends just that (RFC 7468).
fn certificate(lines: &[&str]) -> Option<Certificate> {
    let encoded: String = lines.iter().map(|line| line.trim()).filter(|line| !line.starts_with("-----")).collect();
    let bytes = STANDARD.decode(encoded).ok()?;
    let read = x509_cert::Certificate::from_der(&bytes).ok()?;
    let read = read.tbs_certificate();
    let seconds = |time: &x509_cert::time::Time| i64::try_from(time.to_unix_duration().as_secs()).ok();
    let subject = first(read.subject(), COMMON_NAME).unwrap_or_default();
    let issuer = first(read.issuer(), COMMON_NAME).or_else(|| first(read.issuer(), ORGANISATION)).unwrap_or_default();
    let extensions = read.extensions().into_iter().flatten();
    let alternative = extensions.filter(|extension| extension.extn_id == ALTERNATIVE_NAMES);
    let alternative = alternative.filter_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok());
    let mut names: Vec<String> = alternative.flat_map(|names| names.0).filter_map(name).take(MOST_NAMES).collect();
    names.sort();
    Some(Certificate {
        path: String::new(),
        subject,
        issuer,
        names,
        not_before_seconds: seconds(&read.validity().not_before)?,
        not_after_seconds: seconds(&read.validity().not_after)?,
        fingerprint: hex(&Sha256::digest(&bytes)),
    })
}

fn name(name: GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => text(name.as_str()),
        _ => None,
    }
}

/// The first value of a kind in a name, in the string types that RFC 5280, 4.1.2.4 allows.
fn first(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let value = name.iter_rdn().flat_map(|part| part.iter()).find(|attribute| attribute.oid == kind)?;
    let value = &value.value;
    let utf8 = value.decode_as::<Utf8StringRef<'_>>().map(|text| text.as_str().to_owned());
    let value = utf8
        .or_else(|_| value.decode_as::<PrintableStringRef<'_>>().map(|text| text.as_str().to_owned()))
        .or_else(|_| value.decode_as::<Ia5StringRef<'_>>().map(|text| text.as_str().to_owned()))
        .or_else(|_| value.decode_as::<TeletexStringRef<'_>>().map(|text| text.as_str().to_owned()));
    text(&value.ok()?)
}
