//! Signing with a private key, so that nothing of it is left in memory afterwards.
//!
//! The SSH library moves keys by value and would keep one for as long as the login takes. Here a key is parsed on a thread of its
//! own each time that it is needed, twice for a login, and the thread's stack is wiped before it ends.

use std::hint::black_box;

use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use russh::Signer;
use russh::keys::agent::AgentIdentity;
use russh::keys::signature::Signer as _;
use russh::keys::ssh_encoding::Encode;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{Error as KeyError, HashAlg, PrivateKey, PublicKey, decode_secret_key};
use tokio::sync::oneshot;

use crate::text::harmless;

/// The most bytes that the text of a private key may have; an RSA key of 16384 bits has about 13 KB.
const MOST_KEY_TEXT: usize = 64 << 10;
/// More of the stack than parsing and signing take.
const WIPED: usize = 512 << 10;
const STACK: usize = 2 << 20;

/// A private key that can be used, as the text that it is stored as.
pub(crate) struct SigningKey {
    text: SecretText,
    passphrase: Option<SecretText>,
    public: PublicKey,
}

/// Why nothing was signed.
#[derive(Debug)]
pub(crate) enum SignError {
    /// The key cannot be used.
    Unusable(RemoteError),
    /// The connection is gone.
    Gone,
}

impl From<russh::SendError> for SignError {
    fn from(_: russh::SendError) -> Self {
        Self::Gone
    }
}

impl SigningKey {
    /// Reads a private key.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`].
    pub(crate) async fn read(text: &SecretText, passphrase: Option<&SecretText>) -> Result<Self, RemoteError> {
        let (text, passphrase) = (text.duplicate(), passphrase.map(SecretText::duplicate));
        let public = with_key(&text, passphrase.as_ref(), |key| Ok(key.public_key().clone())).await?;
        Ok(Self { text, passphrase, public })
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl Signer for SigningKey {
    type Error = SignError;

    /// Gives what is to be signed, and the signature after it (RFC 4252, 7).
    async fn auth_sign(&mut self, _: &AgentIdentity, hash: Option<HashAlg>, to_sign: Vec<u8>) -> Result<Vec<u8>, SignError> {
        let signed = with_key(&self.text, self.passphrase.as_ref(), move |key| sign(key, hash, to_sign));
        signed.await.map_err(SignError::Unusable)
    }
}

fn sign(key: &PrivateKey, hash: Option<HashAlg>, mut data: Vec<u8>) -> Result<Vec<u8>, RemoteError> {
    let signature = match key.key_data() {
        KeypairData::Rsa(pair) => (pair, hash).try_sign(&data),
        pair => pair.try_sign(&data),
    };
    let signature = signature.map_err(|error| unusable(&error.to_string()))?;
    let encoded = signature.encode_vec().map_err(|error| unusable(&error.to_string()))?;
    encoded.encode(&mut data).map_err(|error| unusable(&error.to_string()))?;
    Ok(data)
}

/// Works with a private key on a thread of its own, and wipes the thread's stack. A passphrase is stretched on purpose, for a
/// fifth of a second and more: that is away from other tasks as well.
async fn with_key<T: Send + 'static>(
    text: &SecretText,
    passphrase: Option<&SecretText>,
    work: impl FnOnce(&PrivateKey) -> Result<T, RemoteError> + Send + 'static,
) -> Result<T, RemoteError> {
    let (text, passphrase) = (text.duplicate(), passphrase.map(SecretText::duplicate));
    let (tell, told) = oneshot::channel();
    let working = move || {
        let given = read_and(&text, passphrase.as_ref(), work);
        wipe_stack();
        // Nobody waits when the login was given up.
        let _ = tell.send(given);
    };
    std::thread::Builder::new().name("key".to_owned()).stack_size(STACK).spawn(working).map_err(|error| unusable(&error.to_string()))?;
    told.await.map_err(|_| unusable("the key could not be worked with"))?
}

#[inline(never)]
fn read_and<T>(
    text: &SecretText,
    passphrase: Option<&SecretText>,
    work: impl FnOnce(&PrivateKey) -> Result<T, RemoteError>,
) -> Result<T, RemoteError> {
    work(&read_key(text, passphrase)?)
}

/// Overwrites what was called before left on the stack.
#[inline(never)]
fn wipe_stack() {
    black_box(&mut [0_u8; WIPED]);
}

fn read_key(key: &SecretText, passphrase: Option<&SecretText>) -> Result<PrivateKey, RemoteError> {
    // Both go to the parser, on a thread whose stack is wiped.
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

pub(crate) fn unusable(reason: &str) -> RemoteError {
    RemoteError::CredentialUnusable { reason: harmless(reason) }
}
