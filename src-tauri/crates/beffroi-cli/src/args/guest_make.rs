//! Guests by their specifications, and the images that they are made from.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum GuestMakeCommand {
    /// Make a guest what its specification says; where it is so already, nothing is changed
    Create(Making),
    /// Replace a guest's root by a new one made from its specification; its volumes are kept
    Rebuild(Making),
    /// Tell what speaks against a specification, without asking any host
    Lint {
        /// The specification
        spec: PathBuf,
        /// The stage that it is for
        #[arg(long, default_value = "dev")]
        stage: String,
    },
    /// Images that guests are made from
    #[command(subcommand)]
    Image(ImageCommand),
}

/// A guest and its specification.
#[derive(Debug, Args)]
pub(crate) struct Making {
    /// Which: HOST/GUEST
    pub(crate) guest: String,
    /// The specification; files that it names lie beside it
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: PathBuf,
    /// Just these parts, one after the other
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = ["image", "user", "packages", "files", "service", "health"])]
    pub(crate) only: Vec<String>,
    /// By which driver, where the host has several
    #[arg(long, value_parser = ["lxc", "incus", "lxd"])]
    pub(crate) driver: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImageCommand {
    /// List the images of a host
    List {
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
    },
    /// Take files of this machine in as an image of a host, sending only what it does not have
    Import {
        /// A root file system as a tar archive or an image of Incus or LXD; or two files, the root and what describes it
        #[arg(required = true, num_args = 1..=2, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
        /// What it is called there; as the file, when absent
        #[arg(long)]
        name: Option<String>,
        /// The SHA-256 that the file with the root must have
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
        /// By which driver, where the host has several
        #[arg(long, value_parser = ["lxc", "incus", "lxd"])]
        driver: Option<String>,
    },
    /// Remove an image from a host; guests that were made from it stay
    Remove {
        /// The image
        name: String,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
    },
}

impl GuestMakeCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::Create(_) => "guest-create",
            Self::Rebuild(_) => "guest-rebuild",
            Self::Lint { .. } => "guest-lint",
            Self::Image(ImageCommand::List { .. }) => "guest-image-list",
            Self::Image(ImageCommand::Import { .. }) => "guest-image-import",
            Self::Image(ImageCommand::Remove { .. }) => "guest-image-remove",
        }
    }
}
