//! Which algorithms a host may use, and in which order they are proposed.

use std::borrow::Cow;

use beffroi_remote::RemoteError;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, cipher, compression, kex, mac};

use crate::Trust;
use crate::text::harmless;

/// Modern key exchanges: the library's own, and the NIST curves that OpenSSH proposes as well.
const KEX: [kex::Name; 14] = [
    kex::MLKEM768X25519_SHA256,
    kex::CURVE25519,
    kex::CURVE25519_PRE_RFC_8731,
    kex::ECDH_SHA2_NISTP256,
    kex::ECDH_SHA2_NISTP384,
    kex::ECDH_SHA2_NISTP521,
    kex::DH_GEX_SHA256,
    kex::DH_G16_SHA512,
    kex::DH_G18_SHA512,
    kex::DH_G17_SHA512,
    kex::DH_G15_SHA512,
    kex::DH_G14_SHA256,
    // No algorithms: they announce RFC 8308 and OpenSSH's strict key exchange.
    kex::EXTENSION_SUPPORT_AS_CLIENT,
    kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT,
];
const AUTHENTICATED: [cipher::Name; 3] = [cipher::CHACHA20_POLY1305, cipher::AES_256_GCM, cipher::AES_128_GCM];
const PLAIN: [cipher::Name; 3] = [cipher::AES_256_CTR, cipher::AES_192_CTR, cipher::AES_128_CTR];
const MACS: [mac::Name; 4] = [mac::HMAC_SHA512_ETM, mac::HMAC_SHA256_ETM, mac::HMAC_SHA512, mac::HMAC_SHA256];
const KEYS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
    Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
    Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
    Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
];

/// RSA with SHA-1, of hosts and of people.
pub(crate) const SSH_RSA: &str = "ssh-rsa";

const OLD_KEX: [kex::Name; 3] = [kex::DH_GEX_SHA1, kex::DH_G14_SHA1, kex::DH_G1_SHA1];
const OLD_CIPHERS: [cipher::Name; 3] = [cipher::AES_256_CBC, cipher::AES_192_CBC, cipher::AES_128_CBC];
const OLD_MACS: [mac::Name; 2] = [mac::HMAC_SHA1_ETM, mac::HMAC_SHA1];
const OLD: [&str; 9] = [
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group1-sha1",
    SSH_RSA,
    "aes256-cbc",
    "aes192-cbc",
    "aes128-cbc",
    "hmac-sha1-etm@openssh.com",
    "hmac-sha1",
];

/// The old algorithms that can be allowed for a host, by their SSH names. The rest (DSA, 3DES, MD5, Arcfour) cannot.
#[must_use]
pub fn known_legacy() -> &'static [&'static str] {
    &OLD
}

/// What is proposed to a host: modern algorithms, then the old ones that it may use; keys of a pinned kind first, and
/// certificates before them where an authority is trusted.
pub(crate) fn preferred(trust: &Trust, legacy: &[String]) -> Result<Preferred, RemoteError> {
    if let Some(unknown) = legacy.iter().find(|name| !OLD.contains(&name.as_str())) {
        return Err(RemoteError::UnknownAlgorithm { name: harmless(unknown) });
    }
    let allowed = |name: &str| legacy.iter().any(|allowed| allowed == name);
    let mut keys = KEYS.to_vec();
    if allowed(SSH_RSA) {
        keys.push(Algorithm::Rsa { hash: None });
    }
    // Stable: kinds that are pinned keep their order among each other.
    keys.sort_by_key(|algorithm| !trust.pins.iter().any(|pin| pin.algorithm.as_deref().is_some_and(|name| same_kind(algorithm, name))));
    let certificates = if trust.authorities.is_empty() { Vec::new() } else { keys.clone() };
    Ok(Preferred {
        kex: KEX.into_iter().chain(OLD_KEX.into_iter().filter(|kex| allowed(kex.as_ref()))).collect(),
        key: keys.into(),
        host_key_certificates: certificates.into(),
        cipher: ciphers().chain(OLD_CIPHERS.into_iter().filter(|cipher| allowed(cipher.as_ref()))).collect(),
        mac: MACS.into_iter().chain(OLD_MACS.into_iter().filter(|mac| allowed(mac.as_ref()))).collect(),
        compression: Cow::Borrowed(&[compression::NONE]),
    })
}

/// AES in Galois/Counter mode first where the processor does AES: it is about twice as fast there, and several times slower
/// elsewhere.
fn ciphers() -> impl Iterator<Item = cipher::Name> {
    let mut authenticated = AUTHENTICATED;
    if has_aes() {
        authenticated.rotate_left(1);
    }
    authenticated.into_iter().chain(PLAIN)
}

#[cfg(target_arch = "x86_64")]
fn has_aes() -> bool {
    std::arch::is_x86_feature_detected!("aes") && std::arch::is_x86_feature_detected!("pclmulqdq")
}

#[cfg(target_arch = "aarch64")]
fn has_aes() -> bool {
    std::arch::is_aarch64_feature_detected!("aes") && std::arch::is_aarch64_feature_detected!("pmull")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn has_aes() -> bool {
    false
}

/// Whether a key of the named algorithm signs with this one. RSA keys have one name and several ways to sign (RFC 8332).
fn same_kind(algorithm: &Algorithm, name: &str) -> bool {
    match algorithm {
        Algorithm::Rsa { .. } => name == SSH_RSA || name.starts_with("rsa-sha2-"),
        other => other.as_str() == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pin;

    fn names(preferred: &Preferred) -> Vec<String> {
        preferred.key.iter().map(ToString::to_string).collect()
    }

    fn pinned(algorithm: &str) -> Trust {
        let fingerprint = format!("SHA256:{}", "A".repeat(43)).parse().expect("a fingerprint");
        Trust { pins: vec![Pin { fingerprint, algorithm: Some(algorithm.to_owned()) }], ..Trust::default() }
    }

    #[test]
    fn a_pinned_kind_of_key_is_asked_for_first() {
        let plain = preferred(&Trust::default(), &[]).expect("algorithms");
        assert_eq!(names(&plain).first().map(String::as_str), Some("ssh-ed25519"));
        for kind in ["ssh-rsa", "rsa-sha2-256"] {
            let rsa = preferred(&pinned(kind), &[]).expect("algorithms");
            assert_eq!(names(&rsa).get(..3).map(<[_]>::concat), Some("rsa-sha2-512rsa-sha2-256ssh-ed25519".to_owned()));
        }
    }

    #[test]
    fn old_algorithms_come_last_and_only_by_name() {
        let plain = preferred(&Trust::default(), &[]).expect("algorithms");
        let proposed = |preferred: &Preferred| -> Vec<String> {
            let kex = preferred.kex.iter().map(|name| name.as_ref().to_owned());
            let cipher = preferred.cipher.iter().map(|name| name.as_ref().to_owned());
            kex.chain(cipher).chain(preferred.mac.iter().map(|name| name.as_ref().to_owned())).chain(names(preferred)).collect()
        };
        for old in known_legacy() {
            assert!(!proposed(&plain).iter().any(|name| name == old), "{old}");
            let with = preferred(&Trust::default(), &[(*old).to_owned()]).expect("a known name");
            assert!(proposed(&with).iter().any(|name| name == old), "{old}");
        }
    }

    #[test]
    fn a_name_that_nobody_knows_is_an_error() {
        let error = preferred(&Trust::default(), &["3des-cbc\u{1b}".to_owned()]).expect_err("an error");
        assert!(matches!(error, RemoteError::UnknownAlgorithm { name } if name == "3des-cbc\\u{1b}"));
    }
}
