//! What stands beside a secret's value: account, addresses, notes, one-time codes, fields, earlier values, where it came from.
//!
//! A detail is a document that has the id of its secret, under the same stage. It outlives the secret's row in the trash.

use beffroi_domain::{DocumentId, SecretId};
use beffroi_secret::{SecretBytes, SecretText};
use beffroi_store::Writer;
use beffroi_store::table::secret::SecretRow;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::documents::{Document, DocumentKind, Stored};
use crate::session::Session;
use crate::{AppError, now_ms};

/// Earlier values that are kept of one secret.
pub(crate) const MOST_PAST: usize = 20;

/// A text that is stored sealed with the rest of its document, wiped when dropped and never printed. It has no other way
/// out: wire types do not hold it.
#[derive(Debug)]
pub(crate) struct Hidden(pub SecretText);

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Into the bytes of a document, which are sealed and wiped.
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretText::new(text)))
    }
}

/// What stands beside a secret's value. What is empty is not written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    /// A title of any characters; the name of the catalog is made of fewer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its groups, the outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// The account.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Addresses it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Words it is marked with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<Hidden>,
    /// What one-time codes are made of: an `otpauth://` address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<Hidden>,
    /// The passphrase of a private key that is still encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passphrase: Option<Hidden>,
    /// Fields of its own, each name once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<DetailField>,
    /// Files that belong to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<AttachmentLine>,
    /// Earlier values, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PastValue>,
    /// When it should no longer be used, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<u64>,
    /// Where it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Set while it lies in the trash: there is no secret of this id then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trashed: Option<Trashed>,
}

/// A field that a person added.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DetailField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Hidden,
    /// Whether it is shown only when it is asked for.
    #[serde(default)]
    pub hidden: bool,
}

/// A file that belongs to a secret; its bytes are a document of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AttachmentLine {
    /// The document.
    pub document: String,
    /// Its name: never a path.
    pub name: String,
    /// Its bytes.
    pub size: u64,
}

/// An earlier value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PastValue {
    /// It.
    pub value: Hidden,
    /// Until when it was used, in milliseconds since 1970; 0 where nobody knows.
    pub until_ms: u64,
}

/// Where a secret came from: so that the same file can be imported again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The format, and what stays the same of the source when it is written again.
    pub source: String,
    /// What it is known by there.
    pub id: String,
    /// What the file said last, field by field: the name of the field and a digest that is bound to the secret.
    pub said: Vec<(String, String)>,
}

/// A secret that was removed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trashed {
    /// The name it had.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// Its value.
    pub value: Hidden,
    /// Its last revision.
    pub revision: u64,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When it was last changed.
    pub changed_ms: u64,
    /// When it was removed.
    pub at_ms: u64,
}

impl Document for Detail {
    const KIND: DocumentKind = DocumentKind::Detail;
}

impl Detail {
    /// Notes a value that another one replaces; the oldest ones are let go.
    pub(crate) fn remember(&mut self, value: SecretText, until_ms: u64) {
        self.history.push(PastValue { value: Hidden(value), until_ms });
        let over = self.history.len().saturating_sub(MOST_PAST);
        self.history.drain(..over);
    }
}

/// The document that is a secret's detail: both have one id.
pub(crate) fn detail_id(secret: SecretId) -> DocumentId {
    DocumentId::from_bytes(secret.as_bytes()).unwrap_or_else(|_| unreachable!("16 bytes are 16 bytes"))
}

impl Session {
    /// What stands beside a secret's value; nothing for one that has only its value.
    pub(crate) fn secret_detail(&self, secret: SecretId) -> Result<Option<Stored<Detail>>, AppError> {
        self.document(detail_id(secret))
    }

    /// The same inside a transaction.
    pub(crate) fn secret_detail_in(&self, writer: &Writer<'_>, secret: SecretId) -> Result<Option<Stored<Detail>>, AppError> {
        self.document_in(writer.reader(), detail_id(secret))
    }

    /// Stores what stands beside a secret's value, under the secret's stage.
    pub(crate) fn put_detail(&self, writer: &Writer<'_>, row: &SecretRow, before: Option<u64>, detail: &Detail) -> Result<u64, AppError> {
        self.put_document(writer, row.compartment, detail_id(row.id), before, detail)
    }

    /// Notes that a secret has another value from now on, and goes along where it goes to another stage: inside the
    /// transaction that stores the new one. `old` is what it had.
    pub(crate) fn follow_secret(&self, writer: &Writer<'_>, row: &SecretRow, old: Option<SecretBytes>) -> Result<(), AppError> {
        let stored = self.secret_detail_in(writer, row.id)?;
        let (before, from, mut detail) = match stored {
            Some(stored) => (Some(stored.revision), stored.compartment, stored.value),
            None => (None, row.compartment, Detail::default()),
        };
        let old = old.and_then(|old| old.into_text().ok());
        if old.is_none() && from == row.compartment {
            return Ok(());
        }
        if from != row.compartment {
            self.move_attachments(writer, &detail, row.compartment)?;
        }
        if let Some(old) = old {
            detail.remember(old, now_ms());
        }
        self.put_detail(writer, row, before, &detail).map(drop)
    }
}
