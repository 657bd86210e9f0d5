//! Why a guest is not made from its specification, or a file is not taken as an image.

use std::path::PathBuf;

use beffroi_lxc::image::NoImage;
use beffroi_lxc::spec::SpecFault;

/// Why a guest is not made from its specification, or a file is not taken as an image.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The specification has faults.
    #[error("{} faults in the specification", faults.len())]
    Faults {
        /// All of them, at least one.
        faults: Vec<SpecFault>,
    },
    /// A file beside the specification cannot be taken.
    #[error("{path}: {reason}")]
    Source {
        /// Its path, as the specification gives it.
        path: String,
        /// Why.
        reason: String,
    },
    /// The host has no driver, or several, to make a guest with.
    #[error("which driver? {}", has.join(", "))]
    Driver {
        /// The host.
        host: String,
        /// Those that could.
        has: Vec<String>,
    },
    /// The host has no image of this name and SHA-256.
    #[error("{host} has no image {image}")]
    NoImage {
        /// The host.
        host: String,
        /// The image.
        image: String,
    },
    /// A guest of this name is there that was not made from a specification.
    #[error("{guest} was made by somebody else")]
    Foreign {
        /// The guest.
        guest: String,
    },
    /// No specification is kept for it.
    #[error("no specification is kept for {guest}")]
    NotKept {
        /// The guest.
        guest: String,
    },
    /// The guest is not there, so that it cannot be rebuilt.
    #[error("{guest} is not there")]
    NotMade {
        /// The guest.
        guest: String,
    },
    /// A guest that it needs does not run.
    #[error("{guest} needs {other}")]
    Needs {
        /// The guest.
        guest: String,
        /// The one that it needs, as `HOST/GUEST`.
        other: String,
    },
    /// The driver does nothing of what a specification says under a key.
    #[error("{driver} does nothing of {key}")]
    Lacking {
        /// The driver.
        driver: &'static str,
        /// The key.
        key: &'static str,
    },
    /// Its root was made from another image.
    #[error("{guest} was made from another image")]
    OtherImage {
        /// The guest.
        guest: String,
    },
    /// Something in its root would be lost.
    #[error("{guest} has state outside its volumes")]
    Strays {
        /// The guest.
        guest: String,
        /// Paths in the guest, 200 at most.
        paths: Vec<String>,
    },
    /// A file is no image.
    #[error("{}: {why}", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why.
        why: NoImage,
    },
    /// A file has another SHA-256 than was said.
    #[error("{} has the SHA-256 {is}", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// What it has, hexadecimal.
        is: String,
    },
    /// The host did not answer as it should.
    #[error("not understood: {said}")]
    Said {
        /// What it said last.
        said: String,
    },
}
