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
    /// Specifications that are kept for guests: what is declared
    #[command(subcommand)]
    Spec(SpecCommand),
    /// Images that guests are made from
    #[command(subcommand)]
    Image(ImageCommand),
}

/// A guest and its specification.
#[derive(Debug, Args)]
pub(crate) struct Making {
    /// Which: HOST/GUEST
    pub(crate) guest: String,
    /// The specification; files that it names lie beside it. When absent, the one that is kept for the guest
    #[arg(long, value_name = "FILE")]
    pub(crate) spec: Option<PathBuf>,
    /// Just these parts, one after the other
    #[arg(long, value_name = "PART", value_delimiter = ',', value_parser = ["image", "user", "packages", "files", "service", "health"])]
    pub(crate) only: Vec<String>,
    /// By which driver, where the host has several
    #[arg(long, value_parser = ["lxc", "incus", "lxd"])]
    pub(crate) driver: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpecCommand {
    /// Print the specification that is kept for a guest
    Show {
        /// Which: HOST/GUEST
        guest: String,
    },
    /// Keep a specification for a guest that is there or is to be, without changing it
    Keep {
        /// Which: HOST/GUEST
        guest: String,
        /// The specification
        spec: PathBuf,
        /// By which driver, where the host has several
        #[arg(long, value_parser = ["lxc", "incus", "lxd", "proxmox"])]
        driver: Option<String>,
    },
    /// Keep a guest's specification no longer; the guest stays
    Forget {
        /// Which: HOST/GUEST
        guest: String,
    },
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
        #[arg(long, value_parser = ["lxc", "incus", "lxd", "proxmox"])]
        driver: Option<String>,
    },
    /// Make an image of a guest on its host, without its volumes, its logs and what is its own
    Create {
        /// Which: HOST/GUEST; it is stopped, unless a snapshot is named
        guest: String,
        /// What the image is called
        #[arg(long)]
        name: String,
        /// Of this snapshot of the guest
        #[arg(long, value_name = "SNAPSHOT")]
        snapshot: Option<String>,
    },
    /// Build an image of Debian on a host by debootstrap
    Build {
        /// What the image is called
        name: String,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
        /// The suite, such as trixie
        #[arg(long)]
        suite: String,
        /// Where the packages are: https://…, http://…, or file:///… of the host
        #[arg(long, value_name = "URL")]
        mirror: String,
        /// Packages besides the smallest system, one after the other
        #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
        packages: Vec<String>,
        /// A file of keys on the host that the mirror's signature is held against
        #[arg(long, value_name = "PATH")]
        mirror_keys: Option<String>,
        /// Do not look at the mirror's signature
        #[arg(long)]
        no_check_signature: bool,
        /// By which driver, where the host has several
        #[arg(long, value_parser = ["lxc", "incus", "lxd", "proxmox"])]
        driver: Option<String>,
    },
    /// Bring an image of a host to a file of this machine
    Export {
        /// The image
        name: String,
        /// The file, which is not there yet; what describes the root, where that is a file of its own, becomes FILE.metadata
        file: PathBuf,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
        /// Whose, where several drivers have one of this name
        #[arg(long, value_parser = ["lxc", "incus", "lxd", "proxmox"])]
        driver: Option<String>,
    },
    /// Remove an image from a host; guests that were made from it stay
    Remove {
        /// The image
        name: String,
        /// The host
        #[arg(long, value_name = "HOST")]
        on: String,
        /// Whose, where several drivers have one of this name
        #[arg(long, value_parser = ["lxc", "incus", "lxd", "proxmox"])]
        driver: Option<String>,
    },
}

impl GuestMakeCommand {
    /// What its answer is called.
    pub(crate) const fn schema(&self) -> &'static str {
        match self {
            Self::Create(_) => "guest-create",
            Self::Rebuild(_) => "guest-rebuild",
            Self::Lint { .. } => "guest-lint",
            Self::Spec(SpecCommand::Show { .. }) => "guest-spec-show",
            Self::Spec(SpecCommand::Keep { .. }) => "guest-spec-keep",
            Self::Spec(SpecCommand::Forget { .. }) => "guest-spec-forget",
            Self::Image(ImageCommand::Create { .. }) => "guest-image-create",
            Self::Image(ImageCommand::Build { .. }) => "guest-image-build",
            Self::Image(ImageCommand::Export { .. }) => "guest-image-export",
            Self::Image(ImageCommand::List { .. }) => "guest-image-list",
            Self::Image(ImageCommand::Import { .. }) => "guest-image-import",
            Self::Image(ImageCommand::Remove { .. }) => "guest-image-remove",
        }
    }
}
