//! The login: one attempt, with one credential.

use std::sync::Arc;
use std::time::Duration;

use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use russh::client::{AuthResult, Handle};
use russh::keys::{Error as KeyError, HashAlg, PrivateKey, PrivateKeyWithHashAlg, decode_secret_key};
use tokio::time::timeout;

use crate::Credential;
use crate::pins::Pins;
use crate::text::harmless;

/// The most bytes that the text of a private key may have; an RSA key of 16384 bits has about 13 KB.
const MOST_KEY_TEXT: usize = 64 << 10;

/// A credential that was read and can be used.
pub(crate) enum Ready {
    Key(Arc<PrivateKey>),
    Password(SecretText),
}

/// Reads the credential, before any connection is made.
pub(crate) async fn ready(credential: &Credential) -> Result<Ready, RemoteError> {
    match credential {
        Credential::Password(password) => Ok(Ready::Password(password.duplicate())),
        Credential::PrivateKey { key, passphrase } => {
            let (key, passphrase) = (key.duplicate(), passphrase.as_ref().map(SecretText::duplicate));
            // A passphrase is stretched on purpose: a fifth of a second and more, away from the other tasks.
            let read = tokio::task::spawn_blocking(move || read_key(&key, passphrase.as_ref()));
            let key = read.await.map_err(|error| unusable(&error.to_string()))??;
            Ok(Ready::Key(Arc::new(key)))
        }
    }
}

fn read_key(key: &SecretText, passphrase: Option<&SecretText>) -> Result<PrivateKey, RemoteError> {
    // Both go to the parser, which keeps what it needs to sign in a type that wipes itself.
    let (text, passphrase) = (key.expose(), passphrase.map(|secret| secret.expose().as_str()));
    if text.len() > MOST_KEY_TEXT {
        return Err(unusable("longer than any private key"));
    }
    let key = decode_secret_key(text, passphrase).map_err(|error| match (&error, passphrase) {
        (KeyError::KeyIsEncrypted, _) => unusable("the key is encrypted and there is no passphrase"),
        (_, Some(_)) => unusable("not a private key, or the passphrase is wrong"),
        (_, None) => unusable("not a private key"),
    })?;
    if key.is_encrypted() { Err(unusable("the key is encrypted and there is no passphrase")) } else { Ok(key) }
}

/// Logs in. The handle comes of a connection whose host key was checked.
pub(crate) async fn log_in(handle: &mut Handle<Pins>, user: &str, credential: Ready, limit: Duration) -> Result<(), RemoteError> {
    let answer = timeout(limit, Box::pin(attempt(handle, user, credential)))
        .await
        .map_err(|_| RemoteError::TimedOut { seconds: limit.as_secs() })?
        .map_err(lost)?;
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

async fn attempt(handle: &mut Handle<Pins>, user: &str, credential: Ready) -> Result<AuthResult, russh::Error> {
    match credential {
        // To the host, inside the encrypted connection whose key is pinned. russh takes a plain copy.
        Ready::Password(password) => handle.authenticate_password(user, password.expose().as_str()).await,
        Ready::Key(key) => {
            let hash = if key.algorithm().is_rsa() { rsa_hash(handle).await? } else { None };
            handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash)).await
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

fn unusable(reason: &str) -> RemoteError {
    RemoteError::CredentialUnusable { reason: harmless(reason) }
}
