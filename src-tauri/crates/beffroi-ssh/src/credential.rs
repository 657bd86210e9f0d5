//! The login: one attempt, with one credential.

use std::time::Duration;

use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use russh::client::{AuthResult, Handle};
use russh::keys::HashAlg;
use tokio::time::timeout;

use crate::Credential;
use crate::pins::Pins;
use crate::signing::{SignError, SigningKey, unusable};
use crate::text::harmless;

/// A credential that was read and can be used.
pub(crate) enum Ready {
    Key(SigningKey),
    Password(SecretText),
}

/// Reads the credential, before any connection is made.
pub(crate) async fn ready(credential: &Credential) -> Result<Ready, RemoteError> {
    match credential {
        Credential::Password(password) => Ok(Ready::Password(password.duplicate())),
        Credential::PrivateKey { key, passphrase } => Ok(Ready::Key(SigningKey::read(key, passphrase.as_ref()).await?)),
    }
}

/// Logs in. The handle comes of a connection whose host key was checked.
pub(crate) async fn log_in(handle: &mut Handle<Pins>, user: &str, credential: Ready, limit: Duration) -> Result<(), RemoteError> {
    let answer = timeout(limit, Box::pin(attempt(handle, user, credential)))
        .await
        .map_err(|_| RemoteError::TimedOut { seconds: limit.as_secs() })??;
    match answer {
        AuthResult::Success => Ok(()),
        // russh gives a failure without methods when the link is lost while it waits.
        AuthResult::Failure { remaining_methods, .. } if remaining_methods.is_empty() && handle.is_closed() => {
            Err(RemoteError::LinkLost { reason: "the host hung up during the login".to_owned() })
        }
        AuthResult::Failure { remaining_methods, .. } => {
            let methods: Vec<&str> = remaining_methods.iter().map(Into::into).collect();
            Err(RemoteError::AuthenticationRefused { user: harmless(user), methods: methods.join(",") })
        }
    }
}

async fn attempt(handle: &mut Handle<Pins>, user: &str, credential: Ready) -> Result<AuthResult, RemoteError> {
    match credential {
        // To the host, inside the encrypted connection whose key is pinned. russh takes a plain copy.
        Ready::Password(password) => handle.authenticate_password(user, password.expose().as_str()).await.map_err(lost),
        Ready::Key(mut key) => {
            let hash = if key.public().algorithm().is_rsa() { rsa_hash(handle).await.map_err(lost)? } else { None };
            let public = key.public().clone();
            handle.authenticate_publickey_with(user, public, hash, &mut key).await.map_err(|error| match error {
                SignError::Unusable(error) => error,
                SignError::Gone => RemoteError::LinkLost { reason: "the host hung up during the login".to_owned() },
            })
        }
    }
}

/// SHA-512 or SHA-256, never SHA-1. A host that does not say what it takes (RFC 8308) gets `rsa-sha2-256`, the one that
/// RFC 8332 recommends to all.
async fn rsa_hash(handle: &Handle<Pins>) -> Result<Option<HashAlg>, russh::Error> {
    let said = handle.best_supported_rsa_hash().await?.flatten();
    Ok(Some(said.unwrap_or(HashAlg::Sha256)))
}

fn lost(error: russh::Error) -> RemoteError {
    match error {
        russh::Error::Keys(error) => unusable(&error.to_string()),
        russh::Error::SshKey(error) => unusable(&error.to_string()),
        other => RemoteError::LinkLost { reason: harmless(&other.to_string()) },
    }
}
