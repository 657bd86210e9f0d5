//! Arguments of `parcel`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum ParcelCommand {
    /// Merge another copy of the vault, that was worked on apart, into this one
    Merge {
        /// Folder of the other copy
        other: PathBuf,
        /// Of what both changed, keep what this copy has
        #[arg(long, conflicts_with = "take_theirs")]
        keep_mine: bool,
        /// Of what both changed, take what the other copy has
        #[arg(long)]
        take_theirs: bool,
        /// File with a line for each thing that both changed: its key or KIND:NAME, then mine or theirs
        #[arg(long, value_name = "FILE")]
        resolve: Option<PathBuf>,
    },
}

impl ParcelCommand {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Merge { .. } => "parcel-merge",
        }
    }
}
