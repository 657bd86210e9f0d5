//! What a host shows of itself during a connection, and whether that is trusted.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use russh::client::{DisconnectReason, Handler, Session};
use russh::keys::{Certificate, PublicKey, PublicKeyOrCertificate};

use crate::certificate::{self, fingerprint_of};
use crate::{OfferedKey, Trust};

/// The most keys that a host may announce; OpenSSH has three, or four with old ones.
const MOST_ANNOUNCED: usize = 32;

/// What a host showed.
#[derive(Default)]
pub(crate) struct Seen {
    key: OnceLock<Shown>,
    announced: Mutex<Vec<PublicKey>>,
    dismissed: AtomicBool,
}

struct Shown {
    offered: OfferedKey,
    certificate: Option<Certificate>,
}

/// Listens to a connection: keeps the key that the host shows at the first key exchange, and those that it announces later.
///
/// It accepts any key: russh verifies the host's signature before it asks, and what comes after (the login) is only to be had
/// from a connection of which [`Seen::check`] said that the key is trusted. A later key exchange is protected by the keys of
/// the first one.
pub(crate) struct Pins {
    seen: Arc<Seen>,
}

impl Pins {
    pub(crate) fn new() -> Self {
        Self { seen: Arc::default() }
    }

    /// A view of what will be shown.
    pub(crate) fn seen(&self) -> Arc<Seen> {
        Arc::clone(&self.seen)
    }
}

impl Handler for Pins {
    type Error = russh::Error;

    async fn check_server_key(&mut self, offered: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let key = offered.public_key();
        let (Some(fingerprint), Ok(blob)) = (fingerprint_of(key.key_data()), key.to_bytes()) else {
            return Ok(false);
        };
        let authority = offered.certificate().and_then(|certificate| fingerprint_of(certificate.signature_key()));
        let offered_key = OfferedKey { fingerprint, algorithm: key.algorithm().to_string(), key: blob, authority };
        self.seen.key.get_or_init(|| Shown { offered: offered_key, certificate: offered.certificate().cloned() });
        Ok(true)
    }

    async fn openssh_ext_host_keys_announced(&mut self, keys: Vec<PublicKey>, _: &mut Session) -> Result<(), russh::Error> {
        let mut announced = self.seen.announced.lock().unwrap_or_else(PoisonError::into_inner);
        *announced = keys.into_iter().take(MOST_ANNOUNCED).collect();
        Ok(())
    }

    async fn disconnected(&mut self, reason: DisconnectReason<russh::Error>) -> Result<(), russh::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(_) => {
                self.seen.dismissed.store(true, Ordering::Relaxed);
                Ok(())
            }
            DisconnectReason::Error(error) => Err(error),
        }
    }
}

impl Seen {
    /// Whether the host ended the connection with a message (RFC 4253, 11.1), and not by a cut.
    pub(crate) fn dismissed(&self) -> bool {
        self.dismissed.load(Ordering::Relaxed)
    }

    /// The key that was shown.
    pub(crate) fn key(&self) -> Option<&OfferedKey> {
        self.key.get().map(|shown| &shown.offered)
    }

    /// The keys that were announced last.
    pub(crate) fn announced(&self) -> Vec<PublicKey> {
        self.announced.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the key that was shown is trusted: revoked keys first, then pins, then the certificate.
    pub(crate) fn check(&self, label: &str, port: u16, trust: &Trust) -> Result<(), RemoteError> {
        let address = || label.to_owned();
        let Some(Shown { offered, certificate }) = self.key.get() else {
            return Err(RemoteError::NotUnderstood { what: "a host key".to_owned() });
        };
        let shown = [Some(&offered.fingerprint), offered.authority.as_ref()];
        if let Some(revoked) = shown.into_iter().flatten().find(|key| trust.revoked.contains(key)) {
            return Err(RemoteError::HostKeyRevoked { address: address(), offered: revoked.clone() });
        }
        if trust.pins.iter().any(|pin| pin.fingerprint == offered.fingerprint) {
            return Ok(());
        }
        let offered = offered.clone();
        if let (Some(certificate), Some(authority)) = (certificate, offered.authority) {
            return certificate::check(certificate, &authority, trust, port).map_err(|fault| RemoteError::HostCertificateRefused {
                address: address(),
                offered: offered.fingerprint,
                authority,
                fault,
            });
        }
        let (offered, algorithm) = (offered.fingerprint, offered.algorithm);
        if trust.pins.is_empty() {
            return Err(RemoteError::HostKeyUnknown { address: address(), offered, algorithm });
        }
        let pinned: Vec<Fingerprint> = trust.pins.iter().map(|pin| pin.fingerprint.clone()).collect();
        Err(RemoteError::HostKeyChanged { address: address(), offered, algorithm, pinned })
    }
}
