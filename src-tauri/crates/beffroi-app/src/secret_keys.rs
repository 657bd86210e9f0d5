//! Keys to log in with, made here, and the public parts of those that are kept.

use beffroi_ssh::{NewKey, public_line_of};

pub use beffroi_ssh::KeyKind;

use crate::error::HealthError;
use crate::secrets::{PRIVATE_KEY, SecretPart};
use crate::{App, AppError};

/// Characters of the comment of a key.
const MOST_COMMENT: usize = 200;

/// The public part of a key.
#[derive(Debug, Clone)]
pub struct PublicKeyFacts {
    /// The secret.
    pub name: String,
    /// As `authorized_keys` has it.
    pub line: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

impl App {
    /// Makes a key and stores it under a name that no secret has. Its comment is the name unless another one is given.
    ///
    /// # Errors
    /// [`AppError::SecretExists`], [`AppError::InvalidRequest`] for a comment, and those of [`App::set_secret`].
    pub async fn make_key(
        &self,
        name: &str,
        kind: KeyKind,
        comment: Option<&str>,
        stage: Option<&str>,
    ) -> Result<PublicKeyFacts, AppError> {
        let comment = comment.map_or(name, str::trim);
        if comment.chars().count() > MOST_COMMENT || comment.contains(char::is_control) {
            return Err(AppError::InvalidRequest { what: "the comment of a key is one line of at most 200 characters" });
        }
        let wanted = name.to_owned();
        let there =
            self.session()?.blocking(move |session| Ok(session.catalog.read(|reader| reader.secret_named(&wanted))?.is_some())).await?;
        if there {
            return Err(AppError::SecretExists { name: name.to_owned() });
        }
        let key = NewKey::make_as(kind, comment).await?;
        let secret = self.set_secret(name, key.private().duplicate(), stage).await?;
        Ok(PublicKeyFacts { name: secret.name, line: key.public_line()?, fingerprint: key.fingerprint().to_string() })
    }

    /// The public part of a private key. Nothing of the private one is told, so the journal has nothing of it.
    ///
    /// # Errors
    /// [`HealthError::NoKey`], and when its passphrase is not kept beside it.
    pub async fn public_key(&self, name: &str) -> Result<PublicKeyFacts, AppError> {
        let name = name.to_owned();
        let (name, private, passphrase) = self
            .session()?
            .blocking(move |session| {
                let row = session.open_secret(&name)?;
                if row.kind != PRIVATE_KEY {
                    return Err(HealthError::NoKey { name }.into());
                }
                let passphrase = session.secret_part(&row, &SecretPart::Passphrase).ok().map(|(text, _)| text);
                Ok((name, session.secret_part(&row, &SecretPart::Value)?.0, passphrase))
            })
            .await?;
        let (line, fingerprint) = public_line_of(&private, passphrase.as_ref()).await?;
        Ok(PublicKeyFacts { name, line, fingerprint: fingerprint.to_string() })
    }
}
