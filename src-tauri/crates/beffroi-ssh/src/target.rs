//! Where a connection goes, with what, and how long it may take.

use std::time::Duration;

use beffroi_domain::Fingerprint;
use beffroi_secret::SecretText;

/// A host to connect to.
#[derive(Debug)]
pub struct Target {
    /// A name to resolve, or an IP address without brackets.
    pub address: String,
    /// TCP port of its SSH server.
    pub port: u16,
    /// The account to log in as.
    pub user: String,
    /// Host keys that are trusted. Empty: no connection is made, and the error says which key the host shows.
    pub pins: Vec<Fingerprint>,
    /// What to log in with.
    pub credential: Credential,
}

/// What to log in with.
#[derive(Debug)]
pub enum Credential {
    /// A private key: OpenSSH, PKCS#1, PKCS#8, SEC1 or PuTTY text.
    PrivateKey {
        /// The text, with its armour.
        key: SecretText,
        /// What it is encrypted with.
        passphrase: Option<SecretText>,
    },
    /// A password, for the method `password` (RFC 4252, 8).
    Password(SecretText),
}

/// How long connecting may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectLimits {
    /// Resolving the name and opening a TCP connection, all addresses of the name together.
    pub connect: Duration,
    /// The key exchange.
    pub handshake: Duration,
    /// The authentication.
    pub login: Duration,
}

impl Default for ConnectLimits {
    fn default() -> Self {
        let twenty = Duration::from_secs(20);
        Self { connect: Duration::from_secs(10), handshake: twenty, login: twenty }
    }
}

/// The key that a host shows. It proved that it holds it; whether it is the right one is for a person to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedKey {
    /// The key's SHA-256.
    pub fingerprint: Fingerprint,
    /// Its algorithm, such as `ssh-ed25519`.
    pub algorithm: String,
}
