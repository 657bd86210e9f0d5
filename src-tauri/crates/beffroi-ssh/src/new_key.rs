//! New keys to log in with.

use beffroi_domain::Fingerprint;
use beffroi_remote::RemoteError;
use beffroi_secret::SecretText;
use russh::keys::ssh_key::EcdsaCurve;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
use russh::keys::ssh_key::rand_core::UnwrapErr;
use russh::keys::{HashAlg, PrivateKey, PublicKey};

use crate::signing::{SigningKey, on_wiped_stack, unusable};

/// Which key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// Ed25519: short, quick, taken since OpenSSH 6.5.
    #[default]
    Ed25519,
    /// ECDSA on the curve P-256, for what knows no Ed25519.
    EcdsaP256,
    /// RSA of 3072 bits, for old devices.
    Rsa3072,
    /// RSA of 4096 bits.
    Rsa4096,
}

/// A key that was just made.
#[derive(Debug)]
pub struct NewKey {
    private: SecretText,
    public: PublicKey,
    fingerprint: Fingerprint,
}

impl NewKey {
    /// Makes an Ed25519 key. The comment is what people see beside the key on the host.
    ///
    /// # Errors
    /// As for [`Self::make_as`].
    pub async fn make(comment: &str) -> Result<Self, RemoteError> {
        Self::make_as(KeyKind::Ed25519, comment).await
    }

    /// Makes a key of a kind. RSA takes seconds: its primes are sought.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] when the system gives no randomness.
    pub async fn make_as(kind: KeyKind, comment: &str) -> Result<Self, RemoteError> {
        let comment = comment.to_owned();
        let (private, public) = on_wiped_stack(move || {
            // A system that gives this gives what is drawn after it.
            let mut seed = [0_u8; 32];
            getrandom::fill(&mut seed).map_err(|error| unusable(&error.to_string()))?;
            let rng = &mut UnwrapErr(getrandom::SysRng);
            let pair = match kind {
                KeyKind::Ed25519 => Ok(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed))),
                KeyKind::EcdsaP256 => EcdsaKeypair::random(rng, EcdsaCurve::NistP256).map(KeypairData::Ecdsa),
                KeyKind::Rsa3072 => RsaKeypair::random(rng, 3072).map(KeypairData::Rsa),
                KeyKind::Rsa4096 => RsaKeypair::random(rng, 4096).map(KeypairData::Rsa),
            };
            seed.fill(0);
            let pair = pair.map_err(|error| unusable(&error.to_string()))?;
            let key = PrivateKey::new(pair, comment).map_err(|error| unusable(&error.to_string()))?;
            let text = key.to_openssh(LineEnding::LF).map_err(|error| unusable(&error.to_string()))?;
            Ok((SecretText::new(text.as_str().to_owned()), key.public_key().clone()))
        })
        .await?;
        let fingerprint = public.fingerprint(HashAlg::Sha256).to_string().parse().map_err(|_| unusable("no fingerprint"))?;
        Ok(Self { private, public, fingerprint })
    }

    /// The private key, as OpenSSH writes it.
    #[must_use]
    pub fn private(&self) -> &SecretText {
        &self.private
    }

    /// The SHA-256 of the public key.
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The line of `authorized_keys` (sshd(8)), without its end.
    ///
    /// # Errors
    /// [`RemoteError::CredentialUnusable`] when it cannot be written.
    pub fn public_line(&self) -> Result<String, RemoteError> {
        self.public.to_openssh().map_err(|error| unusable(&error.to_string()))
    }
}

/// The line of `authorized_keys` for a private key, without its end, and its fingerprint.
///
/// # Errors
/// [`RemoteError::CredentialUnusable`] when it is none.
pub async fn public_line(private: &SecretText) -> Result<(String, Fingerprint), RemoteError> {
    public_line_of(private, None).await
}

/// The same of a key that may have a passphrase.
///
/// # Errors
/// [`RemoteError::CredentialUnusable`] when it is none, or is opened by another passphrase.
pub async fn public_line_of(private: &SecretText, passphrase: Option<&SecretText>) -> Result<(String, Fingerprint), RemoteError> {
    let key = SigningKey::read(private, passphrase, None).await?;
    let line = key.public().to_openssh().map_err(|error| unusable(&error.to_string()))?;
    let fingerprint = key.public().fingerprint(HashAlg::Sha256).to_string().parse().map_err(|_| unusable("no fingerprint"))?;
    Ok((line, fingerprint))
}
