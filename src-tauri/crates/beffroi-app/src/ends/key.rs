//! The key that ends prove themselves by: one for each vault, made when it is first wanted.

use beffroi_domain::{DocumentId, StageName};
use beffroi_secret::SecretText;
use beffroi_ssh::NewKey;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::AppError;
use crate::documents::{Document, DocumentKind};
use crate::session::{Happening, Session};

/// The key, under the stage that is open with the vault. It opens nothing: it only tells programs of this person that they are
/// where they were.
#[derive(Serialize, Deserialize)]
pub(crate) struct EndKey {
    /// As OpenSSH writes it.
    private: String,
    /// Its kind and the key, as in `known_hosts`.
    public: String,
}

impl Document for EndKey {
    const KIND: DocumentKind = DocumentKind::EndKey;
}

impl Session {
    /// The public line and the private key.
    pub(crate) async fn end_key(self: &Arc<Self>) -> Result<(String, SecretText), AppError> {
        if let Some(found) = self.blocking(|session| session.kept_end_key()).await? {
            return Ok(found);
        }
        let made = NewKey::make("beffroi").await?;
        // Without the comment.
        let public = made.public_line()?.split(' ').take(2).collect::<Vec<_>>().join(" ");
        let document = EndKey { private: made.private().expose().to_owned(), public };
        self.blocking(move |session| {
            // Two that come at once want the same.
            let compartment = session.compartment(&StageName::dev())?;
            session.commit(Happening::new("ssh-key-made"), |writer| {
                if writer.reader().count_documents(DocumentKind::EndKey.name())? == 0 {
                    session.put_document(writer, compartment, DocumentId::make(), None, &document)?;
                }
                Ok(())
            })?;
            session.kept_end_key()?.ok_or_else(|| AppError::internal("the key that was just kept is not there"))
        })
        .await
    }

    /// The oldest: where two copies of a vault were merged there may be two.
    fn kept_end_key(&self) -> Result<Option<(String, SecretText)>, AppError> {
        let first = self.documents::<EndKey>()?.into_iter().next();
        first.map(|(_, read)| read.map(|stored| (stored.value.public, SecretText::new(stored.value.private)))).transpose()
    }
}
