//! Private authorities, and the certificates that they signed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ApiError;

/// Everything of authorities that can be read now: what is of sealed stages is not among it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaList {
    /// The authorities, by name.
    pub authorities: Vec<CaAuthority>,
    /// The certificates, those with the fewest days first.
    pub certificates: Vec<CaCertificate>,
}

/// An authority.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaAuthority {
    /// Its identifier.
    pub id: String,
    /// Its name, as people see it on their devices.
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
    /// Certificates that it signed.
    pub certificates: usize,
    /// Certificates that were revoked and would be valid.
    pub revoked: usize,
    /// The secret that is its key.
    pub key: String,
}

/// A certificate for servers.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaCertificate {
    /// Its identifier.
    pub id: String,
    /// The names that it is for, the main one first.
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
    /// Whether its host has this very one, as far as is known here.
    pub is_there: bool,
}

/// Makes an authority.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaInit {
    /// Its name, as people see it on their devices.
    pub name: String,
    /// Its stage; `ca` when absent. One that is not there is made.
    #[serde(default)]
    pub stage: Option<String>,
    /// The domains that it is kept to; none for everywhere.
    #[serde(default)]
    pub permitted: Vec<String>,
}

/// Issues a certificate.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaIssue {
    /// The names that it is for, the main one first.
    pub names: Vec<String>,
    /// The authority; the only one when absent.
    #[serde(default)]
    pub authority: Option<String>,
    /// The host that it is for.
    #[serde(default)]
    pub host: Option<String>,
}

/// Names a certificate: its identifier, or a name that it alone is for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaName {
    /// It.
    pub certificate: String,
}

/// Renews certificates: those that are named, else all, else those that are due.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaRenew {
    /// Certificates.
    #[serde(default)]
    pub certificates: Vec<String>,
    /// All that were not revoked.
    #[serde(default)]
    pub all: bool,
    /// Due is what has fewer days left than this; 30 when absent.
    #[serde(default)]
    pub within_days: Option<i64>,
}

/// What became of certificates that were to be renewed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaRenewed {
    /// One for each.
    pub results: Vec<CaRenewal>,
}

/// What became of one of them.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaRenewal {
    /// Its main name.
    pub name: String,
    /// The new one.
    pub certificate: Option<CaCertificate>,
    /// Why there is none.
    pub error: Option<ApiError>,
}

/// Writes a certificate to a new file; never a private key.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaExport {
    /// An authority, or a certificate.
    pub name: String,
    /// The file, as an absolute path.
    pub path: String,
    /// As DER; else as PEM.
    #[serde(default)]
    pub der: bool,
    /// The authority's list of what was revoked, in the place of its certificate.
    #[serde(default)]
    pub list: bool,
}

/// A certificate that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaExported {
    /// Where.
    pub path: String,
    /// SHA-256 of the certificate, `AB:CD:…`; of a list, that of its authority.
    pub fingerprint: String,
}

/// Writes a folder with what people need to trust an authority on their devices.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaKit {
    /// The authority; the only one when absent.
    #[serde(default)]
    pub authority: Option<String>,
    /// The folder, as an absolute path; it is not there yet.
    pub path: String,
    /// Languages of the instructions; all when none is named.
    #[serde(default)]
    pub languages: Vec<CaKitLanguage>,
}

/// A language of a trust kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaKitLanguage {
    /// English.
    En,
    /// French.
    Fr,
}

/// A trust kit that was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CaKitWritten {
    /// The folder.
    pub path: String,
    /// Its files.
    pub files: Vec<String>,
    /// What people compare over the telephone: SHA-256 of the certificate, `AB:CD:…`.
    pub fingerprint: String,
}

/// Makes the plan that brings certificates to their hosts, or puts back what was there before.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CaPush {
    /// Certificates.
    pub certificates: Vec<String>,
    /// Which domains of the host get it; the names of the certificate when there is none.
    #[serde(default)]
    pub domains: Vec<String>,
    /// The host, where the certificate is for none.
    #[serde(default)]
    pub on: Option<String>,
    /// Puts back what was there before.
    #[serde(default)]
    pub back: bool,
}
