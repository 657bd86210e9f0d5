//! Opens a parcel: who signed it, and whether that is somebody.

use std::path::Path;

use beffroi_domain::{DocumentId, StageName};
use beffroi_import::Parcel;
use beffroi_secret::SecretText;
use beffroi_store::Writer;
use beffroi_vault::IdentityCard;

use super::make::signed;
use super::{Opened, ParcelDocument};
use crate::AppError;
use crate::documents::Stored;
use crate::error::ParcelError;
use crate::session::Session;

/// Who signed a parcel.
#[derive(Debug, Clone)]
pub struct ParcelSigner {
    /// Their name, as their card has it.
    pub name: String,
    /// Their fingerprint.
    pub fingerprint: String,
    /// Whether the vault knows them; else somebody said that the fingerprint is theirs.
    pub known: bool,
    /// When it was made, in milliseconds since 1970, as their machine said.
    pub made_ms: u64,
    /// Whom it was made for: names, or keys where there are none.
    pub readers: Vec<String>,
    /// When the one was made that was opened before, where this one is older: nothing that is here is changed unasked then.
    pub newer_ms: Option<u64>,
}

/// A parcel whose signature holds.
#[derive(Debug, Clone)]
pub(crate) struct SignedBy {
    pub(crate) signer: ParcelSigner,
    parcel: String,
}

impl SignedBy {
    /// Whether a later parcel of theirs was opened before.
    pub(crate) fn is_older(&self) -> bool {
        self.signer.newer_ms.is_some()
    }

    /// What its secrets come from: who signed, whatever the file is called. What one maker says of a secret is nothing that another
    /// one said.
    pub(crate) fn source(&self) -> String {
        let maker = self.signer.fingerprint.trim_start_matches("SHA256:");
        format!("parcel-{maker}:{}", self.parcel)
    }
}

impl Session {
    /// The keys of this vault's own identities, as age writes them: what was encrypted for one of them opens.
    pub(crate) fn age_identities(&self) -> Result<Vec<SecretText>, AppError> {
        let rows = self.catalog.read(|reader| reader.identities())?;
        let own = rows.iter().filter(|row| row.private.is_some()).map(|row| self.open_signer(row.id));
        own.filter_map(|signer| signer.map(|signer| signer.map(|signer| signer.keys.age_identity())).transpose()).collect()
    }

    /// Checks who signed a parcel. `from` is the fingerprint of who somebody says did.
    ///
    /// # Errors
    /// [`ParcelError`].
    pub(crate) fn check_parcel(&self, path: &Path, parcel: &Parcel, from: Option<&str>) -> Result<SignedBy, AppError> {
        let path = path.to_owned();
        let Ok(card) = IdentityCard::from_text(&parcel.card) else { return Err(ParcelError::SignatureBroken { path }.into()) };
        if card.verify(&signed(&parcel.header, &parcel.content), &parcel.signature).is_err() {
            return Err(ParcelError::SignatureBroken { path }.into());
        }
        let readers: Vec<String> =
            parcel.readers.iter().map(|reader| if reader.name.is_empty() { reader.key.clone() } else { reader.name.clone() }).collect();
        if !parcel.readers.iter().any(|reader| parcel.opened_with.contains(&reader.key)) {
            return Err(ParcelError::NotForYou { path, readers: readers.join(", ") }.into());
        }
        let fingerprint = card.fingerprint();
        let known = self.cards()?.into_iter().find(|known| known.fingerprint() == fingerprint);
        // What they are called here goes before what they call themselves now.
        let name = known.as_ref().unwrap_or(&card).name().to_owned();
        let known = known.is_some();
        match from.map(str::trim) {
            Some(from) if from != fingerprint && from != fingerprint.trim_start_matches("SHA256:") => {
                return Err(ParcelError::OtherSigner { path, fingerprint }.into());
            }
            None if !known => return Err(ParcelError::SignerUnknown { path, name, fingerprint }.into()),
            _ => {}
        }
        let before = self.last_opened(&fingerprint)?.map(|stored| stored.value.made_ms);
        let newer_ms = before.filter(|before| *before > parcel.made_ms);
        let signer = ParcelSigner { name, fingerprint, known, made_ms: parcel.made_ms, readers, newer_ms };
        Ok(SignedBy { signer, parcel: parcel.id.clone() })
    }

    /// The last parcel of somebody that was opened here.
    fn last_opened(&self, maker: &str) -> Result<Option<Stored<Opened>>, AppError> {
        let mut last: Option<Stored<Opened>> = None;
        for (_, stored) in self.documents::<ParcelDocument>()? {
            let Ok(Stored { id, revision, compartment, value: ParcelDocument::Opened(value) }) = stored else { continue };
            let is_later = last.as_ref().is_none_or(|last| last.value.made_ms < value.made_ms);
            if value.maker == maker && is_later {
                last = Some(Stored { id, revision, compartment, value });
            }
        }
        Ok(last)
    }

    /// What notes that a parcel was opened, to be stored in the transaction that takes it in; none when a later one is noted.
    pub(crate) fn opening(&self, by: &SignedBy) -> Result<Option<Opening>, AppError> {
        let before = self.last_opened(&by.signer.fingerprint)?;
        if before.as_ref().is_some_and(|before| before.value.made_ms >= by.signer.made_ms) {
            return Ok(None);
        }
        let value = Opened { maker: by.signer.fingerprint.clone(), parcel: by.parcel.clone(), made_ms: by.signer.made_ms };
        Ok(Some(Opening { before: before.map(|before| before.id), value }))
    }

    /// Stores that a parcel was opened.
    pub(crate) fn note_opening(&self, writer: &Writer<'_>, opening: &Opening) -> Result<(), AppError> {
        let compartment = self.compartment(&StageName::dev())?;
        if let Some(before) = opening.before {
            self.delete_document(writer, before)?;
        }
        // A new one, so that two copies that each opened one have nothing to decide when they are merged.
        let document = ParcelDocument::Opened(opening.value.clone());
        self.put_document(writer, compartment, DocumentId::make(), None, &document).map(drop)
    }
}

/// That a parcel is opened, before it is stored.
pub(crate) struct Opening {
    before: Option<DocumentId>,
    value: Opened,
}
