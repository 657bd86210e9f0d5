//! Documents: what the application keeps beside hosts and secrets, sealed under a stage, as JSON.
//!
//! A document holds no secret, but for details of secrets and their files, and the key of [`crate::ends`], which opens nothing: a key or a password that belongs to another one is
//! a secret of the catalog, named in it.

use beffroi_domain::{CompartmentId, DocumentId};
use beffroi_secret::SecretBytes;
use beffroi_store::table::document::DocumentRow;
use beffroi_store::{Reader, Writer};
use beffroi_vault::Place;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::AppError;
use crate::session::Session;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentKind {
    /// A person's card.
    Person,
    /// A private authority.
    Authority,
    /// A certificate that one of them issued.
    Certificate,
    /// A backup that lies somewhere here.
    Archive,
    /// What stands beside a secret's value; it has the secret's id.
    Detail,
    /// A file that belongs to a secret.
    Attachment,
    /// A rotation of a secret that goes on.
    Rotation,
    /// What is remembered of a parcel.
    Parcel,
    /// A template of secrets.
    Template,
    /// The specification of a guest.
    Guest,
    /// The key that ends for programs prove themselves by.
    EndKey,
}

impl DocumentKind {
    /// Its name in the catalog, and the field of its envelope's place.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Authority => "authority",
            Self::Certificate => "certificate",
            Self::Archive => "archive",
            Self::Detail => "detail",
            Self::Attachment => "attachment",
            Self::Rotation => "rotation",
            Self::Parcel => "parcel",
            Self::Template => "template",
            Self::Guest => "guest",
            Self::EndKey => "ssh-end",
        }
    }

    /// Bytes of the longest one.
    pub(crate) const fn most_bytes(self) -> usize {
        match self {
            // 20 earlier values and as much beside them as a person may put there, each character escaped.
            Self::Attachment | Self::Detail => 12 << 20,
            _ => 1 << 20,
        }
    }

    /// How many there may be. A detail is of one secret, and there are as many as secrets: counting at each would make an import
    /// of thousands slow.
    pub(crate) const fn most(self) -> Option<u64> {
        match self {
            Self::Detail => None,
            _ => Some(10_000),
        }
    }
}

/// What can be kept as a document. What an older Beffroi wrote must still read: fields that are added have a default.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// What it is.
    const KIND: DocumentKind;
}

/// A document of the catalog.
#[derive(Debug, Clone)]
pub(crate) struct Stored<T> {
    /// Its id.
    pub id: DocumentId,
    /// Grows with every change.
    pub revision: u64,
    /// Whose key seals it.
    pub compartment: CompartmentId,
    /// What it says.
    pub value: T,
}

/// A document of a list: for one of a sealed stage, or one that is damaged, why it cannot be read.
pub(crate) type Listed<T> = (DocumentId, Result<Stored<T>, AppError>);

impl Session {
    /// Every document of a kind, the oldest first; for one of a sealed stage, or one that is damaged, why it cannot be read.
    pub(crate) fn documents<T: Document>(&self) -> Result<Vec<Listed<T>>, AppError> {
        let rows = self.catalog.read(|reader| reader.documents(T::KIND.name()))?;
        Ok(rows.into_iter().map(|(row, sealed)| (row.id, self.read_document(&row, &sealed))).collect())
    }

    /// One document; none when there is none of this id and kind.
    pub(crate) fn document<T: Document>(&self, id: DocumentId) -> Result<Option<Stored<T>>, AppError> {
        let found = self.catalog.read(|reader| reader.document(id))?;
        self.opened(found)
    }

    /// The same, inside a transaction.
    pub(crate) fn document_in<T: Document>(&self, reader: &Reader<'_>, id: DocumentId) -> Result<Option<Stored<T>>, AppError> {
        self.opened(reader.document(id)?)
    }

    fn opened<T: Document>(&self, found: Option<(DocumentRow, Vec<u8>)>) -> Result<Option<Stored<T>>, AppError> {
        let found = found.filter(|(row, _)| row.kind == T::KIND.name());
        found.map(|(row, sealed)| self.read_document(&row, &sealed)).transpose()
    }

    fn read_document<T: Document>(&self, row: &DocumentRow, sealed: &[u8]) -> Result<Stored<T>, AppError> {
        let bytes = self.unseal(&place(row), sealed)?;
        let value = serde_json::from_slice(bytes.expose()).map_err(AppError::damaged)?;
        Ok(Stored { id: row.id, revision: row.revision, compartment: row.compartment, value })
    }

    /// Stores a document, inside a transaction that tells the journal of it. `before` is the revision that the caller had
    /// read, nothing for a new one. Gives the new revision.
    ///
    /// # Errors
    /// [`AppError::StageSealed`], a conflict when it was changed meanwhile, [`AppError::InvalidRequest`] when it is too long
    /// or one too many.
    pub(crate) fn put_document<T: Document>(
        &self,
        writer: &Writer<'_>,
        compartment: CompartmentId,
        id: DocumentId,
        before: Option<u64>,
        value: &T,
    ) -> Result<u64, AppError> {
        let bytes = serde_json::to_vec(value).map_err(AppError::internal)?;
        if bytes.len() > T::KIND.most_bytes() {
            return Err(AppError::InvalidRequest { what: "a document has at most 1 MiB, a secret with what stands beside it 12 MiB" });
        }
        let revision = before.map_or(1, |before| before + 1);
        let row = DocumentRow { id, kind: T::KIND.name().to_owned(), compartment, revision };
        let sealed = self.seal(&place(&row), &SecretBytes::new(bytes))?;
        if before.is_some() {
            writer.update_document(&row, &sealed)?;
        } else {
            if let Some(most) = T::KIND.most()
                && writer.reader().count_documents(&row.kind)? >= most
            {
                return Err(AppError::InvalidRequest { what: "a vault has at most 10,000 documents of a kind" });
            }
            writer.insert_document(&row, &sealed)?;
        }
        Ok(revision)
    }

    /// Removes a document, also one that cannot be read.
    pub(crate) fn delete_document(&self, writer: &Writer<'_>, id: DocumentId) -> Result<(), AppError> {
        Ok(writer.delete_document(id)?)
    }
}

/// Where a document stands. Its kind is part of the place: one cannot be taken for another.
pub(crate) fn place(row: &DocumentRow) -> Place<'_> {
    Place {
        compartment: row.compartment,
        target: None,
        table: "document",
        row: *row.id.as_bytes(),
        revision: row.revision,
        field: &row.kind,
    }
}
