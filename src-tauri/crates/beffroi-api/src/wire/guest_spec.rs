//! Guests by their specifications, and the images that they are made from.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{PlanView, WireMessage};

/// Asks what speaks against a specification. No vault has to be open.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestLint {
    /// The text of the specification.
    pub text: String,
    /// The stage that it is for; `dev` when absent.
    #[serde(default)]
    #[ts(optional)]
    pub stage: Option<String>,
}

/// What speaks against a specification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestLinted {
    /// Every fault, else every finding; none when all is well.
    pub findings: Vec<GuestFinding>,
}

/// Something that speaks against a specification.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestFinding {
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// How much it weighs.
    pub level: GuestFindingLevel,
    /// Which rule: `syntax` for a fault.
    pub rule: String,
    /// What it is, and what to do.
    pub message: WireMessage,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum GuestFindingLevel {
    /// It is no specification as it stands.
    Fault,
    /// The stage refuses it.
    Refuse,
    /// It is said, and the guest is made all the same.
    Warn,
}

/// Asks for the plan that makes a guest what its specification says. What it takes is sent to the host at once.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestMake {
    /// Which guest: `HOST/GUEST`.
    pub guest: String,
    /// The text of the specification; what is kept for the guest when absent.
    #[serde(default)]
    #[ts(optional)]
    pub text: Option<String>,
    /// The folder of this machine in which the files beside it are, absolute; beside a text.
    #[serde(default)]
    #[ts(optional)]
    pub folder: Option<String>,
    /// By which driver, where the host has several: `lxc`, `incus`, `lxd`.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
    /// Just these parts: `image`, `user`, `packages`, `files`, `service`, `health`; all when empty.
    #[serde(default)]
    pub only: Vec<String>,
    /// Whether its root is replaced; its volumes are kept.
    #[serde(default)]
    pub rebuild: bool,
    /// What was typed, where the stage asks for a name.
    #[serde(default)]
    #[ts(optional)]
    pub typed: Option<String>,
}

/// What is to be done for a guest, or for an image.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestMakePlan {
    /// The plan; none where everything is as asked already.
    pub plan: Option<PlanView>,
    /// What was sent for it: to be dropped (`ynh_sent_drop`) where the plan is not run.
    pub sent: Option<String>,
}

/// Asks for the images of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImagesAsked {
    /// The host.
    pub host: String,
}

/// The images of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestImages {
    /// By driver and name.
    pub images: Vec<GuestImage>,
}

/// An image that a host keeps.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[ts(rename = "GuestImageRow")]
pub struct GuestImage {
    /// Who makes guests from it.
    pub driver: String,
    /// Its name.
    pub name: String,
    /// What tells it apart: the SHA-256 of its root's file (classic LXC), the fingerprint (Incus, LXD), the volume (Proxmox).
    pub id: String,
    /// Its bytes, where that is known.
    pub bytes: Option<u64>,
}

/// Asks for the plan that takes files of this machine in as an image of a host. They are sent at once, as far as they differ.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImageImport {
    /// The host.
    pub host: String,
    /// The files, absolute: one, or a root file system and what describes it.
    pub files: Vec<String>,
    /// What it is called there; as the file when absent.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The SHA-256 that the file with the root must have, hexadecimal.
    #[serde(default)]
    #[ts(optional)]
    pub sha256: Option<String>,
    /// By which driver, where the host has several.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
    /// What was typed, where the stage asks for a name.
    #[serde(default)]
    #[ts(optional)]
    pub typed: Option<String>,
}

/// What taking an image in comes to.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestImagePlan {
    /// The name that it has there.
    pub name: String,
    /// SHA-256 of the file with the root, hexadecimal.
    pub sha256: String,
    /// The plan; none where the very image is there already.
    pub plan: Option<PlanView>,
    /// What was sent for it: to be dropped (`ynh_sent_drop`) where the plan is not run.
    pub sent: Option<String>,
    /// Bytes that were there already and were not sent.
    pub unchanged: u64,
}

/// Asks for the plan that removes an image from a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestImageRemove {
    /// The host.
    pub host: String,
    /// The image.
    pub name: String,
    /// Whose, where several drivers have one of this name.
    #[serde(default)]
    #[ts(optional)]
    pub driver: Option<String>,
}
