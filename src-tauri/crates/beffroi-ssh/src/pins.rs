//! The host key check.

use std::sync::{Arc, OnceLock};

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use russh::client::Handler;
use russh::keys::{HashAlg, PublicKeyOrCertificate};

use crate::OfferedKey;

/// Accepts a host key only when it is pinned, at the first key exchange and at every later one, and keeps what the host
/// showed first.
///
/// russh verifies the host's signature before it asks, so a key that gets here is one the host holds.
pub(crate) struct Pins {
    accepted: Vec<Fingerprint>,
    seen: Arc<OnceLock<OfferedKey>>,
}

impl Pins {
    pub(crate) fn new(accepted: Vec<Fingerprint>) -> Self {
        Self { accepted, seen: Arc::default() }
    }

    /// A view of the key that will be shown.
    pub(crate) fn seen(&self) -> Arc<OnceLock<OfferedKey>> {
        Arc::clone(&self.seen)
    }
}

impl Handler for Pins {
    type Error = russh::Error;

    async fn check_server_key(&mut self, offered: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let key = offered.public_key();
        let Ok(fingerprint) = key.fingerprint(HashAlg::Sha256).to_string().parse::<Fingerprint>() else {
            return Ok(false);
        };
        let accepted = self.accepted.contains(&fingerprint);
        self.seen.get_or_init(|| OfferedKey { fingerprint, algorithm: key.algorithm().to_string() });
        Ok(accepted)
    }
}

/// What to say of a key that is not among the pins; `None` when it is.
pub(crate) fn refusal(address: &str, pins: &[Fingerprint], offered: &OfferedKey) -> Option<RemoteError> {
    let OfferedKey { fingerprint, algorithm } = offered.clone();
    let address = address.to_owned();
    if pins.is_empty() {
        Some(RemoteError::HostKeyUnknown { address, offered: fingerprint, algorithm })
    } else if pins.contains(&fingerprint) {
        None
    } else {
        Some(RemoteError::HostKeyChanged { address, offered: fingerprint, algorithm, pinned: pins.to_vec() })
    }
}
