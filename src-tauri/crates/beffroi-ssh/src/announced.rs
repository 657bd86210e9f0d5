//! Keys that a host announces once one is logged in (`hostkeys-00@openssh.com`, OpenSSH's `PROTOCOL`, 2.5).

use std::time::Duration;

use beffroi_remote::RemoteError;
use russh::keys::PublicKey;
use tokio::time::timeout;

use crate::certificate::fingerprint_of;
use crate::text::harmless;
use crate::{OfferedKey, SshRemote};

/// How long the host may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a host says that its keys are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnnouncedKeys {
    /// The keys, at most 32; none from a server that does not announce any.
    pub keys: Vec<OfferedKey>,
    /// Whether the host proved over this connection that it holds them all (`hostkeys-prove-00@openssh.com`). Without that
    /// they are not to be trusted: it could name keys of others.
    pub proven: bool,
}

impl SshRemote {
    /// The keys that the host announces, so that it can change its keys one after the other.
    ///
    /// # Errors
    /// [`RemoteError::LinkLost`] when the host does not answer.
    pub async fn announced_keys(&self) -> Result<AnnouncedKeys, RemoteError> {
        let lost = |reason: &str| RemoteError::LinkLost { reason: harmless(reason) };
        // The announcement comes right after the login, before the answer to whatever is asked later.
        let asked = timeout(PATIENCE, self.handle().send_ping()).await.map_err(|_| lost("the host does not answer"))?;
        asked.map_err(|error| lost(&error.to_string()))?;
        if self.is_closed() {
            return Err(lost("the connection ended"));
        }
        let announced = self.seen().announced();
        if announced.is_empty() {
            return Ok(AnnouncedKeys::default());
        }
        let proof = timeout(PATIENCE, self.handle().hostkeys_prove(announced.clone())).await;
        let proven = proof.is_ok_and(|proof| proof.is_ok());
        Ok(AnnouncedKeys { keys: announced.iter().filter_map(offered).collect(), proven })
    }
}

fn offered(key: &PublicKey) -> Option<OfferedKey> {
    let (fingerprint, blob) = (fingerprint_of(key.key_data())?, key.to_bytes().ok()?);
    Some(OfferedKey { fingerprint, algorithm: key.algorithm().to_string(), key: blob, authority: None })
}
