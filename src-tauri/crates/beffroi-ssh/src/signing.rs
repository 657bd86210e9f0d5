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
use russh::keys::ssh_key::certificate::CertType;
use russh::keys::ssh_key::private::KeypairData;
use russh::keys::{Certificate, Error as KeyError, HashAlg, PrivateKey, PublicKey, decode_secret_key};
use tokio::sync::oneshot;

use crate::certificate::now;
use crate::cost::affordable;
use crate::text::harmless;

/// The most bytes that the text of a private key may have; an RSA key of 16384 bits has about 13 KB.
const MOST_KEY_TEXT: usize = 64 << 10;
/// The most bytes of a certificate's line; with keys of 16384 bits it has about 9 KB.
const MOST_CERTIFICATE: usize = 16 << 10;
/// More of the stack than parsing and signing take.
const WIPED: usize = 512 << 10;
const STACK: usize = 2 << 20;

/// A private key that can be used, as the text that it is stored as.
pub(crate) struct SigningKey {
    text: SecretText,
    passphrase: Option<SecretText>,
    public: PublicKey,
    certificate: Option<Certificate>,
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
    /// Reads a private key, and its certificate: the line that is given, or one that follows the key.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`].
    pub(crate) async fn read(text: &SecretText, passphrase: Option<&SecretText>, certificate: Option<&str>) -> Result<Self, RemoteError> {
        let (text, follows) = split(text);
        let passphrase = passphrase.map(SecretText::duplicate);
        let public = with_key(&text, passphrase.as_ref(), |key| Ok(key.public_key().clone())).await?;
        let certificate = certificate.map(str::to_owned).or(follows).map(|line| read_certificate(&line, &public)).transpose()?;
        Ok(Self { text, passphrase, public, certificate })
    }

    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

/// The key, and the line of a certificate after its armour.
fn split(text: &SecretText) -> (SecretText, Option<String>) {
    // The key is protected again; what follows it is public.
    let whole = text.expose();
    let end = whole.rfind("-----END ").and_then(|end| Some(end + whole.get(end..)?.find('\n')?));
    let (key, rest) = end.and_then(|end| whole.split_at_checked(end + 1)).unwrap_or((whole, ""));
    let line = rest.lines().find(|line| line.contains("-cert-v01@openssh.com "));
    (SecretText::new(key.to_owned()), line.map(str::to_owned))
}

/// A certificate that is of the key and can be used: what the host would refuse for sure is not sent to it.
fn read_certificate(line: &str, key: &PublicKey) -> Result<Certificate, RemoteError> {
    if line.len() > MOST_CERTIFICATE {
        return Err(unusable("longer than any certificate"));
    }
    let certificate = Certificate::from_openssh(line.trim()).map_err(|_| unusable("not a certificate"))?;
    if certificate.public_key() != key.key_data() {
        return Err(unusable("the certificate is of another key"));
    }
    if certificate.cert_type() != CertType::User {
        return Err(unusable("the certificate is not for logging in"));
    }
    if certificate.valid_before() <= now() {
        return Err(unusable("the certificate has expired"));
    }
    Ok(certificate)
}

impl Signer for &SigningKey {
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
    on_wiped_stack(move || read_and(&text, passphrase.as_ref(), work)).await
}

/// Works on a thread of its own, and wipes the thread's stack.
pub(crate) async fn on_wiped_stack<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RemoteError> + Send + 'static,
) -> Result<T, RemoteError> {
    let (tell, told) = oneshot::channel();
    let working = move || {
        let given = inner(work);
        wipe_stack();
        // Nobody waits when the login was given up.
        let _ = tell.send(given);
    };
    std::thread::Builder::new().name("key".to_owned()).stack_size(STACK).spawn(working).map_err(|error| unusable(&error.to_string()))?;
    told.await.map_err(|_| unusable("the key could not be worked with"))?
}

/// Its own frame, below which [`wipe_stack`] wipes.
#[inline(never)]
fn inner<T>(work: impl FnOnce() -> Result<T, RemoteError>) -> Result<T, RemoteError> {
    work()
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
    if passphrase.is_some() {
        affordable(text)?;
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
