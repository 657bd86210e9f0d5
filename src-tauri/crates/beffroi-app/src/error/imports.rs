//! Why a foreign file was not taken in, or not written.

use std::path::PathBuf;

use beffroi_import::ImportError;

/// Why a foreign file was not taken in, or not written.
#[derive(Debug, thiserror::Error)]
pub enum ImportingError {
    /// Nothing of a file was read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ImportError,
    },
    /// What was read is forgotten: it was taken in, or it waited for too long.
    #[error("no file waits to be imported")]
    NotFound,
    /// No format has this name.
    #[error("no format {name:?}")]
    FormatUnknown {
        /// The name.
        name: String,
    },
    /// A file is there already.
    #[error("{} is there", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file that is read with a password is not read with keys as well.
    #[error("a file of {format} is for a password or for keys")]
    TwoReaders {
        /// The format.
        format: &'static str,
    },
    /// A file that anybody reads was to be for a password or for keys.
    #[error("a file of {format} is read by whoever has it")]
    NotSealed {
        /// The format.
        format: &'static str,
    },
    /// Something cannot be written in a format.
    #[error("not written as {format}: {error}")]
    Write {
        /// The format.
        format: &'static str,
        /// Why.
        error: ImportError,
    },
}
