//! Images that are made on a host, and brought from there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for the plan that makes an image of a guest, on its host and by its driver. What it takes is sent at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImageCreate {
    /// Which guest: `HOST/GUEST`. It is stopped, unless a snapshot is named.
    pub guest: String,
    /// What the image is called.
    pub name: String,
    /// Of this snapshot of it.
    #[serde(default)]
    #[ts(optional)]
    pub snapshot: Option<String>,
    /// What was typed, where the stage asks for a name.
    #[serde(default)]
    #[ts(optional)]
    pub typed: Option<String>,
}

/// Asks for the plan that builds an image of Debian on a host by debootstrap. What it takes is sent at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImageBuild {
    /// The host.
    pub host: String,
    /// What the image is called.
    pub name: String,
    /// The suite, such as `trixie`.
    pub suite: String,
    /// The mirror: `https://…`, `http://…`, or `file:///…` of the host; without a login.
    pub mirror: String,
    /// Packages besides the smallest system; an init is added where none is named.
    #[serde(default)]
    pub packages: Vec<String>,
    /// A file of keys on the host, by its whole path, that the mirror's signature is held against; debootstrap's own when absent.
    #[serde(default)]
    #[ts(optional)]
    pub keyring: Option<String>,
    /// Whether no signature is asked for.
    #[serde(default)]
    pub unsigned: bool,
    /// By which driver, where the host has several.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
    /// What was typed, where the stage asks for a name.
    #[serde(default)]
    #[ts(optional)]
    pub typed: Option<String>,
}

/// Asks for an image of a host to be brought to this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImageExport {
    /// The host.
    pub host: String,
    /// The image.
    pub name: String,
    /// Whose, where several drivers have one of this name.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
    /// The file of this machine that it becomes, absolute; what describes it, where that is a file of its own, gets `.metadata` behind
    /// its name. Neither may be there.
    pub file: String,
    /// A name for this copy: its progress is told by `copy_progress`, and `copy_cancel` stops it.
    #[serde(default)]
    #[ts(optional)]
    pub copy: Option<String>,
}

/// An image that was brought to this machine.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestImageExported {
    /// The file with the root, and the one that describes it where there are two.
    pub files: Vec<String>,
    /// Bytes of both.
    pub bytes: u64,
    /// SHA-256 of the file with the root, hexadecimal.
    pub sha256: String,
}

/// Asks for the specification that is kept for a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestSpecAsked {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
}

/// Has a specification kept for a guest that is there or is to be; the guest is not changed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestSpecKeep {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
    /// The text of the specification.
    pub text: String,
    /// The folder of this machine in which the files beside it are, absolute.
    pub folder: String,
    /// By which driver, where the host has several.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
}

/// The specification that is kept for a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestSpecKept {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
    /// The stage that it is kept under.
    pub stage: String,
    /// By which driver, where that is decided.
    pub driver: Option<String>,
    /// Its text.
    pub text: String,
    /// The folder of the machine that it came from, in which the files beside it are.
    pub folder: String,
    /// When it was kept, in milliseconds since 1970.
    pub at_ms: u64,
}
