//! Why two copies of a vault were not merged.

use std::path::PathBuf;

/// Why two copies of a vault were not merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It is another vault.
    #[error("{} is another vault", path.display())]
    OtherVault {
        /// The folder.
        path: PathBuf,
    },
    /// One of the two was given other keys since they parted.
    #[error("{} has other keys", path.display())]
    OtherKeys {
        /// The folder.
        path: PathBuf,
    },
    /// It is the folder that is open.
    #[error("the vault cannot be merged with itself")]
    Itself,
    /// The same person wrote on the same machine in both copies.
    #[error("{person} wrote in both copies on one machine")]
    Forked {
        /// The account.
        person: String,
    },
    /// A stage has another key in each of the two.
    #[error("the stage {stage:?} has another key in each copy")]
    StageApart {
        /// The stage.
        stage: String,
    },
    /// Something was changed in both copies, and nobody said what to keep.
    #[error("{count} things were changed in both copies")]
    Unresolved {
        /// How many.
        count: usize,
    },
    /// Something was resolved that is in no conflict.
    #[error("{key:?} was not changed in both copies")]
    NoConflict {
        /// What was said.
        key: String,
    },
}
