//! Where a connection goes, what is trusted of it, with what one logs in, and how long it may take.

use std::path::PathBuf;
use std::time::Duration;

use beffroi_domain::Fingerprint;
use beffroi_secret::SecretText;

use crate::OneTime;

/// A host to connect to.
#[derive(Debug)]
pub struct Target {
    /// A name to resolve, or an IP address without brackets. Behind another host it is that host which resolves it.
    pub address: String,
    /// TCP port of its SSH server.
    pub port: u16,
    /// The account to log in as.
    pub user: String,
    /// What vouches for it.
    pub trust: Trust,
    /// What to log in with.
    pub login: Login,
    /// Old algorithms that this host may use, by their SSH names: those of [`known_legacy`](crate::known_legacy).
    pub legacy: Vec<String>,
}

/// What vouches for a host. Empty: nobody logs in, and the error says which key the host shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Host keys that are trusted.
    pub pins: Vec<Pin>,
    /// Keys whose host certificates are trusted.
    pub authorities: Vec<Authority>,
    /// Keys that are refused before everything else: of hosts and of authorities.
    pub revoked: Vec<Fingerprint>,
    /// What the host is called: its certificate is for one of these. The address is not added by itself.
    pub names: Vec<String>,
}

/// A host key that is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The key's SHA-256.
    pub fingerprint: Fingerprint,
    /// Its algorithm, such as `ssh-ed25519`, where that is known: the host is asked for a key of this kind before others, so
    /// that one with several keys does not look changed.
    pub algorithm: Option<String>,
}

/// A key whose host certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The key's SHA-256.
    pub fingerprint: Fingerprint,
    /// The hosts for which it is, as after `@cert-authority` in `known_hosts`: all when empty.
    pub patterns: Vec<String>,
}

/// What to log in with. A host is offered what it asks for, each part once at most.
#[derive(Debug, Default)]
pub struct Login {
    /// A key.
    pub key: Option<LoginKey>,
    /// A password, for the methods `password` (RFC 4252, 8) and `keyboard-interactive` (RFC 4256).
    pub password: Option<SecretText>,
    /// What one-time codes are made from, for `keyboard-interactive`.
    pub one_time: Option<OneTime>,
}

/// What a host asked for at a login and took. Nothing at all where it lets everybody in, by the method `none` (RFC 4252, 5.2) or by
/// `keyboard-interactive` without a prompt: getting in there proves nothing of what one has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// The key.
    pub key: bool,
    /// The password.
    pub password: bool,
    /// A one-time code.
    pub one_time: bool,
}

/// A key to log in with.
#[derive(Debug)]
pub enum LoginKey {
    /// A private key: OpenSSH, PKCS#1, PKCS#8, SEC1 or PuTTY text.
    Private {
        /// The text, with its armour. The line of its certificate may follow.
        key: SecretText,
        /// What it is encrypted with.
        passphrase: Option<SecretText>,
        /// The line of its certificate, as in a file `…-cert.pub`.
        certificate: Option<String>,
    },
    /// A key that an agent holds (draft-ietf-sshm-ssh-agent), security keys (`sk-…`) and certificates among them.
    Agent {
        /// The agent's socket.
        socket: PathBuf,
        /// Which key; its certificates count as well. The agent's first when absent.
        fingerprint: Option<Fingerprint>,
    },
}

/// How long connecting may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectLimits {
    /// Resolving the name and opening a TCP connection, all addresses of the name together.
    pub connect: Duration,
    /// The first line and the key exchange.
    pub handshake: Duration,
    /// The authentication, without the wait for a one-time code.
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
    /// The public key as on the wire (RFC 4253, 6.6); of a certificate, the key in it.
    pub key: Vec<u8>,
    /// Who signed it, when it came in a certificate.
    pub authority: Option<Fingerprint>,
}
