//! Keys that an agent holds (draft-ietf-sshm-ssh-agent): OpenSSH's, or another that speaks as it does.

use std::path::Path;
use std::time::Duration;

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use russh::client::{AuthResult, Handle};
use russh::keys::HashAlg;
use russh::keys::agent::{AgentIdentity, AgentSessionBinding};
use tokio::time::timeout;

use crate::certificate::fingerprint_of;
use crate::pins::Pins;
use crate::signing::{SignError, unusable};

/// How long an agent may take to answer; a signature that a person confirms is bounded by the login.
const PATIENCE: Duration = Duration::from_secs(5);
/// Identities of one key that are offered: the key and its certificates. Each is a failure that OpenSSH counts.
const MOST_OFFERED: usize = 3;

/// An agent, and which of its keys is wanted.
#[cfg_attr(not(unix), expect(dead_code, reason = "there is none there"))]
pub(crate) struct Agent<'a> {
    socket: &'a Path,
    wanted: Option<&'a Fingerprint>,
}

#[cfg(unix)]
type Client = russh::keys::agent::client::AgentClient<tokio::net::UnixStream>;

/// An agent that is connected.
#[cfg_attr(not(unix), expect(dead_code, reason = "there is none there"))]
pub(crate) struct Holder<'a> {
    #[cfg(unix)]
    client: Client,
    wanted: Option<&'a Fingerprint>,
}

#[cfg(unix)]
impl<'a> Agent<'a> {
    /// Looks whether the agent answers, before any connection is made.
    pub(crate) async fn find(socket: &'a Path, wanted: Option<&'a Fingerprint>) -> Result<Self, RemoteError> {
        let agent = Self { socket, wanted };
        // Whether it has the key is seen later: one that is bound to hosts is shown only to who says which host it is for.
        agent.open(None).await?.list().await?;
        Ok(agent)
    }

    /// Connects to the agent, and tells it which host it is for (`session-bind@openssh.com`), as OpenSSH's agent wants it for
    /// keys that are bound to hosts.
    pub(crate) async fn open(&self, binding: Option<&AgentSessionBinding>) -> Result<Holder<'a>, RemoteError> {
        let connecting = timeout(PATIENCE, Client::connect_uds(self.socket)).await.map_err(|_| unusable("the agent does not answer"))?;
        let mut client = connecting.map_err(|error| unusable(&format!("no agent: {error}")))?;
        if let Some(binding) = binding {
            // Agents that do not know it refuse, and hold no keys that need it.
            let bound = timeout(PATIENCE, client.bind_session(binding, false)).await;
            drop(bound.map_err(|_| unusable("the agent does not answer"))?);
        }
        Ok(Holder { client, wanted: self.wanted })
    }
}

#[cfg(unix)]
impl Holder<'_> {
    async fn list(&mut self) -> Result<Vec<AgentIdentity>, RemoteError> {
        let asked = timeout(PATIENCE, self.client.request_identities()).await.map_err(|_| unusable("the agent does not answer"))?;
        asked.map_err(|error| unusable(&format!("the agent's keys cannot be read: {error}")))
    }

    /// What to offer: the first identity; or all of the wanted key, certificates first.
    pub(crate) async fn identities(&mut self) -> Result<Vec<AgentIdentity>, RemoteError> {
        let mut found = self.list().await?;
        let most = match self.wanted {
            None => 1,
            Some(wanted) => {
                found.retain(|identity| fingerprint_of(identity.public_key().key_data()).as_ref() == Some(wanted));
                found.sort_by_key(|identity| matches!(identity, AgentIdentity::PublicKey { .. }));
                MOST_OFFERED
            }
        };
        found.truncate(most);
        if found.is_empty() { Err(unusable("the agent does not hold the key")) } else { Ok(found) }
    }

    pub(crate) async fn authenticate(
        &mut self,
        handle: &mut Handle<Pins>,
        user: String,
        identity: AgentIdentity,
        hash: Option<HashAlg>,
    ) -> Result<AuthResult, SignError> {
        match identity {
            AgentIdentity::PublicKey { key, .. } => handle.authenticate_publickey_with(user, key, hash, self).await,
            AgentIdentity::Certificate { certificate, .. } => handle.authenticate_certificate_with(user, certificate, hash, self).await,
        }
    }
}

#[cfg(unix)]
impl russh::Signer for Holder<'_> {
    type Error = SignError;

    async fn auth_sign(&mut self, identity: &AgentIdentity, hash: Option<HashAlg>, to_sign: Vec<u8>) -> Result<Vec<u8>, SignError> {
        let signed = self.client.auth_sign(identity, hash, to_sign).await;
        signed.map_err(|error| SignError::Unusable(unusable(&format!("the agent does not sign: {error}"))))
    }
}

#[cfg(not(unix))]
impl<'a> Agent<'a> {
    pub(crate) async fn find(_: &'a Path, _: Option<&'a Fingerprint>) -> Result<Self, RemoteError> {
        Err(unusable("agents are used on Unix only"))
    }

    pub(crate) async fn open(&self, _: Option<&AgentSessionBinding>) -> Result<Holder<'a>, RemoteError> {
        Err(unusable("agents are used on Unix only"))
    }
}

#[cfg(not(unix))]
impl Holder<'_> {
    pub(crate) async fn identities(&mut self) -> Result<Vec<AgentIdentity>, RemoteError> {
        Err(unusable("agents are used on Unix only"))
    }

    pub(crate) async fn authenticate(
        &mut self,
        _: &mut Handle<Pins>,
        _: String,
        _: AgentIdentity,
        _: Option<HashAlg>,
    ) -> Result<AuthResult, SignError> {
        Err(SignError::Unusable(unusable("agents are used on Unix only")))
    }
}
