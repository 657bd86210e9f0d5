//! The machine: disks, network, packages.

use serde::{Deserialize, Serialize};

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// What is mounted, such as `/dev/vda1`.
    pub device: String,
    /// Its type, such as `ext4`.
    pub kind: String,
    /// Whether it is mounted to be read only.
    pub read_only: bool,
    /// Its size, in bytes.
    pub total_bytes: u64,
    /// What is used of it, in bytes.
    pub used_bytes: u64,
    /// What an account other than root may still write, in bytes.
    pub available_bytes: u64,
    /// Its inodes; 0 where it has no fixed number.
    pub inodes_total: u64,
    /// What is used of them.
    pub inodes_used: u64,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// `up`, `down`, `unknown`, as the kernel says.
    pub state: String,
    /// The hardware address; empty where there is none.
    pub hardware_address: String,
    /// Addresses with the length of their prefix, such as `192.0.2.1/24`, sorted.
    pub addresses: Vec<String>,
}

/// A default route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Route {
    /// The next host; empty where the route is the interface alone.
    pub gateway: String,
    /// The interface.
    pub interface: String,
    /// The lower, the sooner it is taken.
    pub metric: u64,
}

/// Packages that have a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Upgrades {
    /// The state of package lists and installed packages that this was read from. A later survey that finds the same
    /// state takes this over instead of asking again.
    pub state: String,
    /// When the package lists were last fetched, in seconds since 1970-01-01 UTC by the host's clock.
    pub lists_seconds: u64,
    /// The packages, by name.
    pub packages: Vec<Upgrade>,
}

impl Upgrades {
    /// How many of them mend a security hole.
    #[must_use]
    pub fn security(&self) -> usize {
        self.packages.iter().filter(|package| package.security).count()
    }
}

/// A package that has a newer version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Upgrade {
    /// Its name.
    pub name: String,
    /// The version that is installed.
    pub installed: String,
    /// The version that could be.
    pub candidate: String,
    /// Whether it comes from a list of security upgrades.
    pub security: bool,
}

/// Whether the machine waits for a restart.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Reboot {
    /// Whether it does.
    pub required: bool,
    /// Packages that asked for it.
    pub packages: Vec<String>,
}
