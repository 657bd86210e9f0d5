//! Parcels: hosts and secrets that are chosen, handed to somebody in one signed and encrypted file; and what is remembered of it.
//!
//! What was handed over is a document for each parcel and stage, under that stage: a digest of each part of each secret, so that what
//! is still the same is known. That somebody's parcel was opened is a document too: one that is older is noticed. And so is a way into
//! the vault that somebody had.

mod given;
mod make;
mod opened;
mod readers;

use beffroi_import::Reader;
use serde::{Deserialize, Serialize};

use crate::documents::{Document, DocumentKind};

pub use given::{Handed, HandedParcel, HandedSecret, HandedStanding, HeldWay};
pub use make::{ParcelContent, ParcelHost, ParcelOrder, ParcelSecret};
pub use opened::ParcelSigner;
pub(crate) use opened::SignedBy;

/// What is kept of parcels.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum ParcelDocument {
    /// What of one stage went into a parcel.
    Given(Given),
    /// The last parcel of somebody that was opened.
    Opened(Opened),
    /// A way into the vault that somebody had.
    Way(PastWay),
}

impl Document for ParcelDocument {
    const KIND: DocumentKind = DocumentKind::Parcel;
}

/// What of one stage went into a parcel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Given {
    /// The parcel's id.
    pub(crate) parcel: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) made_ms: u64,
    /// The file that was made.
    pub(crate) file: String,
    /// Who it was said to be for.
    #[serde(default)]
    pub(crate) person: Option<String>,
    /// Who can open it.
    pub(crate) readers: Vec<Reader>,
    /// Names of the hosts.
    #[serde(default)]
    pub(crate) hosts: Vec<String>,
    /// The secrets.
    #[serde(default)]
    pub(crate) secrets: Vec<GivenSecret>,
}

/// A secret that went into a parcel.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GivenSecret {
    /// Its id.
    pub(crate) id: String,
    /// What it was called.
    pub(crate) name: String,
    /// A digest of each part that opens something, bound to the secret: as an import keeps them.
    pub(crate) parts: Vec<(String, String)>,
}

/// The last parcel of somebody that was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Opened {
    /// The fingerprint of who made it.
    pub(crate) maker: String,
    /// The parcel's id.
    pub(crate) parcel: String,
    /// When it was made, as their machine said.
    pub(crate) made_ms: u64,
}

/// A way into the vault that somebody had, and has no more.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PastWay {
    /// What opened it: the name of a kind of slot.
    pub(crate) kind: String,
    /// What the way was called.
    #[serde(default)]
    pub(crate) label: String,
    /// Whose it was, by their card.
    #[serde(default)]
    pub(crate) name: Option<String>,
    /// The fingerprint of that card.
    #[serde(default)]
    pub(crate) fingerprint: Option<String>,
    /// When it was added, in milliseconds since 1970.
    pub(crate) since_ms: u64,
    /// When it was removed.
    pub(crate) until_ms: u64,
}
