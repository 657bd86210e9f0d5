//! Authorities, and what they sign.

use beffroi_secret::{SecretBytes, SecretText};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    RevocationReason, RevokedCertParams, SanType, SerialNumber,
};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroize;

use crate::pem::{key_der, key_pem};
use crate::{CaError, CertificateFacts, InvalidNames, Names, Permitted};

/// How long an authority is valid.
pub const ROOT_YEARS: i64 = 10;
/// How long a server's certificate is valid at most: Apple's systems take 398 days, leap seconds and all.
pub const LEAF_DAYS: i64 = 397;
/// How long before its making a certificate is valid: clocks differ.
const BEFORE: Duration = Duration::hours(1);
/// How long a list of what was revoked counts.
const LIST_DAYS: i64 = 90;
/// The longest common name (RFC 5280, `ub-common-name`).
const MOST_COMMON_NAME: usize = 64;

/// An authority that was just made.
#[derive(Debug)]
pub struct MadeAuthority {
    /// Its certificate (DER).
    pub certificate: Vec<u8>,
    /// Its private key (PKCS #8, PEM).
    pub key: SecretText,
}

/// A server's certificate that was just made.
#[derive(Debug)]
pub struct MadeCertificate {
    /// The certificate (DER).
    pub certificate: Vec<u8>,
    /// Its private key (PKCS #8, PEM).
    pub key: SecretText,
}

/// A certificate that is not to be believed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revoked {
    /// Its number.
    pub serial: Vec<u8>,
    /// Since when, in seconds since 1970.
    pub at_s: i64,
    /// Whether it is because another one took its place; else nothing is said.
    pub superseded: bool,
}

/// An authority that signs: its certificate and its key.
pub struct Authority {
    issuer: Issuer<'static, WipedKey>,
    facts: CertificateFacts,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").field("facts", &self.facts).finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes an authority.
    ///
    /// # Errors
    /// [`CaError::Names`] when its own name does not fit, [`CaError::NotMade`], [`CaError::NoRandom`].
    pub fn make(name: &str, permitted: &Permitted, now_s: i64) -> Result<MadeAuthority, CaError> {
        let fits = (1..=MOST_COMMON_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !fits {
            return Err(InvalidNames::Unfit { name: name.to_owned() }.into());
        }
        let key = new_key()?;
        let from = moment(now_s)? - BEFORE;
        let mut params = authority_params(name);
        params.not_before = from;
        params.not_after = from + Duration::days(ROOT_YEARS * 365 + ROOT_YEARS / 4);
        params.serial_number = Some(new_serial()?);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.name_constraints = constraints(permitted);
        let certificate = params.self_signed(&key)?.der().to_vec();
        Ok(MadeAuthority { certificate, key: key.pem() })
    }

    /// Takes an authority up again.
    ///
    /// # Errors
    /// [`CaError::NotACertificate`]; [`CaError::OtherKey`] when the two do not belong together.
    pub fn open(certificate: &[u8], key: &SecretText) -> Result<Self, CaError> {
        let facts = CertificateFacts::read(certificate)?;
        if !facts.is_authority || !facts.has_key(key) {
            return Err(CaError::OtherKey);
        }
        Ok(Self { issuer: Issuer::new(authority_params(&facts.subject), read_key(key)?), facts })
    }

    /// What its certificate says.
    #[must_use]
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// Makes a server's certificate with a key of its own, valid for [`LEAF_DAYS`], and no longer than the authority.
    ///
    /// # Errors
    /// [`CaError::Names`], [`CaError::OutOfTime`], [`CaError::NotMade`], [`CaError::NoRandom`].
    pub fn issue(&self, names: &[String], now_s: i64) -> Result<MadeCertificate, CaError> {
        let names = Names::read(names, &Permitted::read(&self.facts.permitted)?)?;
        if !self.facts.is_valid(now_s) {
            return Err(CaError::OutOfTime);
        }
        let key = new_key()?;
        let from = (moment(now_s)? - BEFORE).max(moment(self.facts.not_before_s)?);
        let until = (from + Duration::days(LEAF_DAYS)).min(moment(self.facts.not_after_s)?);
        let first = names.as_slice().first().filter(|name| name.len() <= MOST_COMMON_NAME);
        let alternative = names.as_slice().iter().map(|name| Ok(SanType::DnsName(name.as_str().try_into()?)));
        let mut params = params_of(first.map_or("", String::as_str));
        params.not_before = from;
        // The last second counts (RFC 5280, 4.1.2.5).
        params.not_after = until - Duration::seconds(1);
        params.serial_number = Some(new_serial()?);
        params.subject_alt_names = alternative.collect::<Result<_, rcgen::Error>>()?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?.der().to_vec();
        Ok(MadeCertificate { certificate, key: key.pem() })
    }

    /// Signs the list of what was revoked (RFC 5280, 5), as DER. `number` grows from list to list.
    ///
    /// # Errors
    /// [`CaError::NotMade`].
    pub fn revocation_list(&self, revoked: &[Revoked], number: u64, now_s: i64) -> Result<Vec<u8>, CaError> {
        let entry = |revoked: &Revoked| {
            Ok(RevokedCertParams {
                serial_number: SerialNumber::from_slice(&revoked.serial),
                revocation_time: moment(revoked.at_s)?,
                reason_code: revoked.superseded.then_some(RevocationReason::Superseded),
                invalidity_date: None,
            })
        };
        let now = moment(now_s)?;
        let params = CertificateRevocationListParams {
            this_update: now,
            next_update: now + Duration::days(LIST_DAYS),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.iter().map(entry).collect::<Result<_, CaError>>()?,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        Ok(params.signed_by(&self.issuer)?.der().to_vec())
    }
}

/// What all certificates here have in common.
fn params_of(common_name: &str) -> CertificateParams {
    let mut distinguished_name = DistinguishedName::new();
    if !common_name.is_empty() {
        distinguished_name.push(DnType::CommonName, common_name);
    }
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name;
    params.key_identifier_method = KeyIdMethod::Sha256;
    params
}

/// What an authority signs with: its name, and what its key is for.
fn authority_params(name: &str) -> CertificateParams {
    let mut params = params_of(name);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Kept to domains, and then to no address at all: names of another kind would be free otherwise (RFC 5280, 4.2.1.10).
fn constraints(permitted: &Permitted) -> Option<NameConstraints> {
    let domains: Vec<GeneralSubtree> = permitted.as_slice().iter().cloned().map(GeneralSubtree::DnsName).collect();
    (!domains.is_empty()).then(|| NameConstraints {
        permitted_subtrees: domains,
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
            GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
        ],
    })
}

fn moment(seconds: i64) -> Result<OffsetDateTime, CaError> {
    OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| CaError::OutOfTime)
}

/// A private key that is wiped when it is dropped.
pub(crate) struct WipedKey(KeyPair);

impl WipedKey {
    fn pem(&self) -> SecretText {
        // Into a protected value.
        key_pem(&SecretBytes::new(self.0.serialized_der().to_vec()))
    }
}

impl Drop for WipedKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PublicKeyData for WipedKey {
    fn der_bytes(&self) -> &[u8] {
        self.0.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        PublicKeyData::algorithm(&self.0)
    }
}

impl rcgen::SigningKey for WipedKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.0.sign(message)
    }
}

fn new_key() -> Result<WipedKey, CaError> {
    Ok(WipedKey(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?))
}

/// Reads a private key (PKCS #8, PEM).
pub(crate) fn read_key(pem: &SecretText) -> Result<WipedKey, CaError> {
    let der = key_der(pem).ok_or(CaError::OtherKey)?;
    // Into a key that is wiped.
    KeyPair::try_from(der.expose().as_slice()).map(WipedKey).map_err(|_| CaError::OtherKey)
}

/// 128 bits of which the first is 0 and one is 1: positive, and 16 bytes long (RFC 5280, 4.1.2.2).
fn new_serial() -> Result<SerialNumber, CaError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(CaError::NoRandom)?;
    if let Some(first) = bytes.first_mut() {
        *first = *first & 0x3f | 0x40;
    }
    Ok(SerialNumber::from_slice(&bytes))
}
