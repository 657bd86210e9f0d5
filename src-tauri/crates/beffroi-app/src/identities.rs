//! Identities: who signs the journal and whom a vault may be handed to.

use std::path::Path;
use std::sync::{Arc, PoisonError};

use beffroi_domain::IdentityId;
use beffroi_secret::SecretBytes;
use beffroi_store::table::identity::{IdentityRow, PrivateHalf};
use beffroi_vault::{IdentityCard, IdentityKeys, Place};

use crate::session::{Happening, Session};
use crate::{App, AppError, now_ms};

/// The public half of a person's identity.
#[derive(Debug, Clone)]
pub struct IdentityFacts {
    /// Its card.
    pub card: IdentityCard,
    /// Whether its private half is in this vault.
    pub own: bool,
}

/// Who signs, with the keys to do so.
pub(crate) struct Signer {
    pub(crate) id: IdentityId,
    pub(crate) keys: IdentityKeys,
}

/// Bytes of the longest card that is read.
const MOST_CARD: u64 = 4096;

impl App {
    /// The identities that the open vault knows.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn identities(&self) -> Result<Vec<IdentityFacts>, AppError> {
        self.session()?.blocking(|session| session.catalog.read(|reader| reader.identities())?.iter().map(facts).collect()).await
    }

    /// Makes an identity in the open vault. This person signs with it from now on.
    ///
    /// # Errors
    /// For a name that is empty, too long, or has control characters.
    pub async fn create_identity(&self, name: &str) -> Result<IdentityFacts, AppError> {
        let name = name.to_owned();
        self.session()?
            .blocking(move |session| {
                let (row, signer) = session.make_identity(&name)?;
                session.commit(Happening::new("identity-made").with("name", &name), |writer| {
                    writer.insert_identity(&row)?;
                    Ok(writer.set_chain_identity(session.chain, Some(signer.id))?)
                })?;
                session.set_signer(signer);
                facts(&row)
            })
            .await
    }

    /// Writes the card of this person's identity to a new file.
    ///
    /// # Errors
    /// When there is none in this vault, or the file exists or cannot be written.
    pub async fn export_identity(&self, path: &Path) -> Result<IdentityFacts, AppError> {
        let path = path.to_owned();
        self.session()?
            .blocking(move |session| {
                let own = session.signer().ok_or(AppError::IdentityNotFound { name: session.person.clone() })?.id;
                let rows = session.catalog.read(|reader| reader.identities())?;
                let row = rows.iter().find(|row| row.id == own).ok_or_else(|| AppError::damaged("the identities"))?;
                let failed = |error: std::io::Error| AppError::LocalFile { path: path.clone(), reason: error.to_string() };
                let mut file = std::fs::File::create_new(&path).map_err(failed)?;
                std::io::Write::write_all(&mut file, format!("{}\n", row.card).as_bytes()).map_err(failed)?;
                facts(row)
            })
            .await
    }

    /// Takes in somebody's card, so that they can be given a way in.
    ///
    /// # Errors
    /// When the file is no card, or the vault knows it.
    pub async fn import_identity(&self, path: &Path) -> Result<IdentityFacts, AppError> {
        let path = path.to_owned();
        self.session()?
            .blocking(move |session| {
                let failed = |reason: String| AppError::LocalFile { path: path.clone(), reason };
                let text = read_small(&path).map_err(|error| failed(error.to_string()))?;
                let card = IdentityCard::from_text(&text).map_err(|error| failed(error.to_string()))?;
                if session.catalog.read(|reader| reader.identities())?.iter().any(|row| row.id == card.id()) {
                    return Err(AppError::IdentityExists { name: card.name().to_owned() });
                }
                let row = IdentityRow {
                    id: card.id(),
                    name: card.name().to_owned(),
                    card: card.to_text(),
                    private: None,
                    revision: 1,
                    created_ms: card.created_ms(),
                };
                let happening = Happening::new("identity-imported").with("name", card.name()).with("fingerprint", card.fingerprint());
                session.commit(happening, |writer| Ok(writer.insert_identity(&row)?))?;
                facts(&row)
            })
            .await
    }

    /// The private identities of the open vaults.
    pub(crate) fn own_identities(&self) -> Vec<Arc<Signer>> {
        self.sessions().iter().filter_map(|session| session.signer()).collect()
    }
}

impl Session {
    /// Makes an identity whose private half is sealed in this vault. The caller stores the row.
    pub(crate) fn make_identity(&self, name: &str) -> Result<(IdentityRow, Signer), AppError> {
        let keys = IdentityKeys::make().map_err(AppError::internal)?;
        let id = IdentityId::make();
        let card = keys.card(id, name, now_ms()).map_err(|_| AppError::InvalidName { kind: "person", value: name.to_owned() })?;
        let compartment = self.compartment(&beffroi_domain::StageName::dev())?;
        let sealed = self.seal(&private_place(compartment, id, 1), &keys.to_bytes())?;
        let row = IdentityRow {
            id,
            name: name.to_owned(),
            card: card.to_text(),
            private: Some(PrivateHalf { compartment, sealed }),
            revision: 1,
            created_ms: card.created_ms(),
        };
        Ok((row, Signer { id, keys }))
    }

    /// Opens the private half of an identity of this vault.
    pub(crate) fn open_signer(&self, id: IdentityId) -> Result<Option<Signer>, AppError> {
        let Some(row) = self.catalog.read(|reader| reader.identity(id))? else {
            return Ok(None);
        };
        let Some(half) = &row.private else {
            return Ok(None);
        };
        let bytes: SecretBytes = self.unseal(&private_place(half.compartment, id, row.revision), &half.sealed)?;
        let keys = IdentityKeys::from_bytes(&bytes).map_err(|_| AppError::damaged("an identity"))?;
        Ok(Some(Signer { id, keys }))
    }

    pub(crate) fn signer(&self) -> Option<Arc<Signer>> {
        self.signer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_signer(&self, signer: Signer) {
        *self.signer.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(signer));
    }
}

pub(crate) fn private_place(compartment: beffroi_domain::CompartmentId, id: IdentityId, revision: u64) -> Place<'static> {
    Place { compartment, target: None, table: "identity", row: *id.as_bytes(), revision, field: "private" }
}

fn facts(row: &IdentityRow) -> Result<IdentityFacts, AppError> {
    let card = IdentityCard::from_text(&row.card).map_err(|_| AppError::damaged(format!("the card of {}", row.name)))?;
    if card.id() == row.id && card.name() == row.name {
        Ok(IdentityFacts { card, own: row.private.is_some() })
    } else {
        Err(AppError::damaged("an identity"))
    }
}

fn read_small(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut std::io::Read::take(std::fs::File::open(path)?, MOST_CARD), &mut text)?;
    Ok(text)
}
