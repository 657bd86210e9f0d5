//! Guests of hosts. Every text of a guest came from its host: show it as text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use beffroi_lxc::{Capacity, Driver, Guest, Image, Missing};

use crate::ApiError;
use crate::wire::HostStatus;

/// Asks for guests.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestListRequest {
    /// Of which hosts, by a selector; of all that are no guests themselves when absent.
    #[serde(default)]
    pub on: Option<String>,
    /// Whether each host is read again, however new its last reading is.
    #[serde(default)]
    pub refresh: bool,
    /// Whether only what is stored is given: no host is asked anything.
    #[serde(default)]
    pub stored: bool,
}

/// Guests, by host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestList {
    /// Each host, by name.
    pub hosts: Vec<GuestHost>,
}

/// The guests of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestHost {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// Whether that stage is sealed for now.
    pub sealed: bool,
    /// Whether it could be read.
    pub status: HostStatus,
    /// Why not.
    pub error: Option<ApiError>,
    /// How long reading took; zero for a stored reading.
    pub duration_ms: u64,
    /// When it was read, in milliseconds since 1970; absent when it never was.
    pub taken_ms: Option<u64>,
    /// The drivers that are there.
    pub drivers: Vec<Driver>,
    /// What it has to give, and what its guests were promised.
    pub capacity: Capacity,
    /// Images that guests can be made from.
    pub images: Vec<Image>,
    /// What could not be read.
    pub missing: Vec<Missing>,
    /// Its guests, by name.
    pub guests: Vec<GuestRow>,
}

/// Where a guest is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum GuestPresence {
    /// Its host has it, the catalog does not.
    Present,
    /// The catalog has it, by a record or a kept specification; its host does not.
    Declared,
    /// Both.
    Both,
}

/// A guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestRow {
    /// `HOST/GUEST`.
    pub name: String,
    /// Whether that name leads to it: not where the driver's own has other characters, or several of one driver share it.
    pub has_name: bool,
    /// Where it is known.
    pub presence: GuestPresence,
    /// The stage of its own record or of its kept specification, where the catalog has one.
    pub stage: Option<String>,
    /// What its host says of it; absent where its host does not have it.
    pub guest: Option<Guest>,
    /// What its kept specification says of it; absent where none is kept.
    pub declared: Option<GuestDeclaration>,
}

/// What a kept specification says of a guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestDeclaration {
    /// The image that it names.
    pub image: String,
    /// When it was kept, in milliseconds since 1970.
    pub at_ms: u64,
    /// What is not as it says: `specification` (it was made from another one), `memory`, `cpus`, `autostart`, `unprivileged`.
    pub drift: Vec<String>,
}

/// Asks for one guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct GuestShow {
    /// Which: `HOST/GUEST`.
    pub guest: String,
    /// Whether its host is read again, however new its last reading is.
    #[serde(default)]
    pub refresh: bool,
}

/// One guest.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct GuestDetail {
    /// Its host's name.
    pub host: String,
    /// When its host was read, in milliseconds since 1970.
    pub taken_ms: u64,
    /// Who drives it, and what that driver can do; absent where its host does not have it.
    pub driver: Option<Driver>,
    /// It.
    pub row: GuestRow,
}
