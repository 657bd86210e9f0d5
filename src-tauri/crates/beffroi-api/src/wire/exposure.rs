//! The way from a name to a process in a guest.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::WireMessage;

/// Asks which ways lead to a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExposureAsked {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// Only ways by this name.
    #[serde(default)]
    pub name: Option<String>,
    /// Only ways by this port of the host.
    #[serde(default)]
    pub port: Option<u16>,
    /// Whether connections are made, from here and from the host, to try each hop.
    #[serde(default)]
    pub test: bool,
}

/// The ways that lead to a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Exposure {
    /// The guest.
    pub guest: String,
    /// Its host.
    pub host: String,
    /// The ways.
    pub ways: Vec<ExposedWay>,
}

/// One way, hop by hop.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExposedWay {
    /// The name that it is for, where it is for one.
    pub name: Option<String>,
    /// The port of the host.
    pub port: u16,
    /// What leads on: `nginx`, `proxy` (a device of Incus or LXD), `dnat` (a rule of the firewall), `none`.
    pub by: String,
    /// Whether it was published by this program, and can be withdrawn.
    pub ours: bool,
    /// The hops, from the name to the process.
    pub hops: Vec<ExposureHop>,
    /// The place among them, from 0, of the one that is to blame; absent where none is broken.
    pub culprit: Option<u32>,
}

/// A hop.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ExposureHop {
    /// Which: `name`, `router`, `firewall`, `entry`, `certificate`, `way`, `guest`, `process`, `answer`.
    pub hop: String,
    /// What was found; text of hosts, cleaned.
    pub found: String,
    /// `fine`, `broken`, `unclear`.
    pub state: String,
    /// Why it is not fine.
    pub why: Option<WireMessage>,
    /// What to do about it.
    pub remedy: Option<WireMessage>,
}

/// Asks for the plan that leads a port of a host into a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExposePublish {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// What leads on: `nginx`, `proxy`, `dnat`; absent: nginx for a name, a proxy device where the driver has them, else a rule.
    #[serde(default)]
    #[ts(optional)]
    pub by: Option<String>,
    /// The name that it is for (nginx).
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// The port of the host; absent: 80 by nginx, 443 with a certificate, else that of the guest.
    #[serde(default)]
    #[ts(optional)]
    pub port: Option<u16>,
    /// The port of the guest.
    pub to: u16,
    /// A file of the host with the certificate (nginx).
    #[serde(default)]
    #[ts(optional)]
    pub certificate: Option<String>,
    /// A file of the host with its key.
    #[serde(default)]
    #[ts(optional)]
    pub key: Option<String>,
}

/// Asks for the plan by which nothing of ours leads into a guest any more.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExposeWithdraw {
    /// The guest, `HOST/GUEST`.
    pub guest: String,
    /// Only what is for this name.
    #[serde(default)]
    #[ts(optional)]
    pub name: Option<String>,
    /// Only this port of the host.
    #[serde(default)]
    #[ts(optional)]
    pub port: Option<u16>,
}
