//! Certificates of hosts (OpenSSH's `PROTOCOL.certkeys`).

use std::time::{SystemTime, UNIX_EPOCH};

use beffroi_domain::Fingerprint;
use beffroi_remote::CertificateFault;
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::public::KeyData;
use russh::keys::{Algorithm, Certificate, HashAlg};

use crate::Trust;
use crate::known_hosts::{is_for, wildcard};

/// The fingerprint of a key as OpenSSH prints it.
pub(crate) fn fingerprint_of(key: &KeyData) -> Option<Fingerprint> {
    key.fingerprint(HashAlg::Sha256).to_string().parse().ok()
}

/// Whether a certificate vouches for the host of these names: signed by a trusted authority, for hosts, for this one, now,
/// and under no condition (there is none that hosts know).
pub(crate) fn check(certificate: &Certificate, authority: &Fingerprint, trust: &Trust, port: u16) -> Result<(), CertificateFault> {
    let trusted = trust.authorities.iter().any(|known| {
        known.fingerprint == *authority && (known.patterns.is_empty() || trust.names.iter().any(|name| is_for(&known.patterns, name, port)))
    });
    if !trusted {
        return Err(CertificateFault::UnknownAuthority);
    }
    let signed = certificate.signature().algorithm();
    // SHA-1 in a certificate can be forged by whoever gets one signed; OpenSSH refuses it since 8.2.
    if signed == (Algorithm::Rsa { hash: None }) || signed == Algorithm::Dsa || certificate.verify_signature().is_err() {
        return Err(CertificateFault::BadSignature);
    }
    if certificate.cert_type() != CertType::Host {
        return Err(CertificateFault::NotForHosts);
    }
    if !certificate.critical_options().is_empty() {
        return Err(CertificateFault::UnknownCondition);
    }
    let now = now();
    if now < certificate.valid_after() {
        return Err(CertificateFault::NotYetValid);
    }
    if now >= certificate.valid_before() {
        return Err(CertificateFault::Expired);
    }
    // One without names would be for all hosts: OpenSSH refuses that for hosts since 10.0, here it always was.
    let named = certificate.valid_principals().iter().any(|principal| trust.names.iter().any(|name| wildcard(principal, name)));
    if named { Ok(()) } else { Err(CertificateFault::WrongName) }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
