//! What other programs are told of the fleet.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for what other programs are told.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct InventoryAsked {
    /// A selector; all when absent.
    #[serde(default)]
    pub on: Option<String>,
}

/// What other programs are told.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Inventory {
    /// The name under which a file has the key that every end for programs proves itself by.
    pub key_name: String,
    /// That file, of the machine of who answers.
    pub known_hosts: String,
    /// Hosts and guests that are there, by name.
    pub hosts: Vec<InventoryHost>,
}

/// A host, or a guest of one.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct InventoryHost {
    /// Its name in the catalog.
    pub name: String,
    /// The same without a slash, the guest first; no other host is called so.
    pub alias: String,
    /// Its address; empty for a guest.
    pub address: String,
    /// The port of its SSH server; 0 for a guest.
    pub port: u16,
    /// As whom one is there.
    pub user: String,
    /// Its stage.
    pub stage: String,
    /// Whether it is sealed for now.
    pub sealed: bool,
    /// What its last survey found it to be.
    pub roles: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who drives it, for a guest: `lxc`, `incus`, `lxd`, `proxmox`.
    pub driver: Option<String>,
    /// The host that it is a guest of, or behind.
    pub through: Option<String>,
}
