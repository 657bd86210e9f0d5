//! Why a parcel was not made, or not opened.

use std::path::PathBuf;

/// Why a parcel was not made, or not opened.
#[derive(Debug, thiserror::Error)]
pub enum ParcelError {
    /// Somebody whom it should be for is neither known nor a key that age encrypts for.
    #[error("no reader {reader:?}")]
    ReaderUnknown {
        /// What was given.
        reader: String,
    },
    /// Nothing that was chosen is there.
    #[error("nothing is in the parcel")]
    Empty,
    /// A secret that is never handed over: it is the vault's own, or an authority's.
    #[error("{name:?} is never handed over")]
    Never {
        /// Its name.
        name: String,
    },
    /// The signature is not one of the card over what is in it.
    #[error("{}: the signature does not hold", path.display())]
    SignatureBroken {
        /// The file.
        path: PathBuf,
    },
    /// Nobody whom this vault knows signed it.
    #[error("{}: signed by {name:?} ({fingerprint}), who is not known here", path.display())]
    SignerUnknown {
        /// The file.
        path: PathBuf,
        /// What they call themselves.
        name: String,
        /// Their fingerprint.
        fingerprint: String,
    },
    /// Somebody else signed it than was said.
    #[error("{}: signed by {fingerprint}", path.display())]
    OtherSigner {
        /// The file.
        path: PathBuf,
        /// The fingerprint of who did.
        fingerprint: String,
    },
    /// It was made for others, and encrypted again by somebody.
    #[error("{}: made for {readers}", path.display())]
    NotForYou {
        /// The file.
        path: PathBuf,
        /// Whom it was made for.
        readers: String,
    },
}
