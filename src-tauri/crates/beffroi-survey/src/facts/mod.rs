//! What a survey found on a host, in the form in which it is stored.
//!
//! Every text in it comes from the host: hostile, cleaned of control characters, 4 KiB at most. A list holds at most
//! [`MOST_ENTRIES`]. A field that is `None` was not learned; [`Facts::missing`] says why where a reason is known.

mod access;
mod machine;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use access::{Account, AuthorizedKey, HostKey, Password, Sudo, SudoMember, SudoRule};
pub use machine::{Disk, Interface, Reboot, Route, Upgrade, Upgrades};
pub use service::{Certificate, CronEntry, Firewall, FirewallKind, Listener, Protocol, Role, Timer};

/// The most entries that are kept of one list.
pub const MOST_ENTRIES: usize = 4096;

/// What is known of a machine at a moment.
///
/// Fields are only ever added, each with a default: what an earlier version stored still reads.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Facts {
    /// The kernel's host name.
    pub hostname: Option<String>,
    /// `ID` of os-release(5), such as `debian`.
    pub os_id: Option<String>,
    /// `VERSION_ID` of os-release(5), such as `12`.
    pub os_version: Option<String>,
    /// `PRETTY_NAME` of os-release(5).
    pub os_name: Option<String>,
    /// The kernel's release.
    pub kernel: Option<String>,
    /// The machine's architecture, as `uname -m` names it.
    pub architecture: Option<String>,
    /// Seconds since it started.
    pub uptime_seconds: Option<u64>,
    /// Load averages over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Processors that are online.
    pub cpus: Option<u64>,
    /// Memory, in bytes.
    pub memory_total_bytes: Option<u64>,
    /// Memory that a new program could have, in bytes.
    pub memory_available_bytes: Option<u64>,
    /// Swap, in bytes.
    pub swap_total_bytes: Option<u64>,
    /// Swap that is free, in bytes.
    pub swap_free_bytes: Option<u64>,
    /// The root file system's size, in bytes; it is in [`Facts::disks`] as well.
    pub disk_total_bytes: Option<u64>,
    /// What is used of it, in bytes.
    pub disk_used_bytes: Option<u64>,
    /// Its inodes.
    pub inodes_total: Option<u64>,
    /// What is used of them.
    pub inodes_used: Option<u64>,
    /// The kind of virtual machine or container, as systemd-detect-virt(1) names it; `none` on bare metal.
    pub virtualisation: Option<String>,
    /// The account that made the survey.
    pub user: Option<String>,
    /// Its number; 0 is root.
    pub uid: Option<u64>,
    /// The host's clock during the survey, in seconds since 1970-01-01 UTC.
    pub clock_seconds: Option<u64>,
    /// Where python3 is.
    pub python3: Option<String>,
    /// Where the yunohost command is.
    pub yunohost: Option<String>,

    /// Nanoseconds of the clock, beside [`Facts::clock_seconds`]; `None` where the host tells whole seconds only.
    pub clock_nanoseconds: Option<u32>,
    /// Whether a time service says that the clock follows it; `None` where none says.
    pub clock_synchronised: Option<bool>,
    /// The time zone's name, such as `Europe/Paris`.
    pub time_zone: Option<String>,
    /// Minutes that local time is ahead of UTC.
    pub utc_offset_minutes: Option<i32>,
    /// Tells machines apart: SHA-256 in hex of a label and the machine id, which machine-id(5) asks not to show.
    pub machine: Option<String>,
    /// Who made the hardware, or the virtual one.
    pub hardware_vendor: Option<String>,
    /// Its model.
    pub hardware_model: Option<String>,
    /// What hints at the machine that this one runs in: words such as `container=lxc`, `lxd-agent`.
    pub parent_hints: Option<BTreeSet<String>>,
    /// The first process, such as `systemd` or `init`.
    pub init: Option<String>,
    /// File systems on disks, by mount point. Remote ones are not asked: a dead server would hold the survey up.
    pub disks: Option<Vec<Disk>>,
    /// Network interfaces with their addresses.
    pub interfaces: Option<Vec<Interface>>,
    /// Default routes.
    pub default_routes: Option<Vec<Route>>,
    /// Addresses of DNS resolvers, in the order in which they are asked.
    pub resolvers: Option<Vec<String>>,
    /// What listens for connections or datagrams.
    pub listeners: Option<Vec<Listener>>,
    /// Names of services that failed or crashed.
    pub failed_services: Option<Vec<String>>,
    /// Packages that have a newer version.
    pub upgrades: Option<Upgrades>,
    /// Whether the machine waits for a restart.
    pub reboot: Option<Reboot>,
    /// Accounts that can log in: those with a login shell, and every one with number 0.
    pub accounts: Option<Vec<Account>>,
    /// Who may become root.
    pub sudo: Option<Sudo>,
    /// Keys with which those accounts can log in.
    pub authorized_keys: Option<Vec<AuthorizedKey>>,
    /// The keys by which the host's sshd shows who it is.
    pub host_keys: Option<Vec<HostKey>>,
    /// Settings of sshd that matter for security, by lower-case name; of a setting that repeats, values joined by spaces.
    pub sshd: Option<BTreeMap<String, String>>,
    /// What cron runs.
    pub cron: Option<Vec<CronEntry>>,
    /// Timers of systemd.
    pub timers: Option<Vec<Timer>>,
    /// Certificates that services show.
    pub certificates: Option<Vec<Certificate>>,
    /// Packet filters.
    pub firewall: Option<Firewall>,
    /// Settings of the kernel that harden it, by name such as `kernel.kptr_restrict`, and its known weaknesses as
    /// `vulnerability.NAME`.
    pub hardening: Option<BTreeMap<String, String>>,
    /// Whether services that guard the machine run, or that open it: `fail2ban`, `crowdsec`, `sshguard`, `yunohost-api`; those that
    /// are there.
    pub watched_services: Option<BTreeMap<String, bool>>,
    /// Whether it upgrades packages by itself; `None` where it has another package manager than apt.
    pub automatic_upgrades: Option<bool>,
    /// Files that root runs or trusts, such as those of cron and sudo, and that others may write; folders too.
    pub loose_files: Option<Vec<String>>,
    /// What the machine is used for.
    pub roles: Option<BTreeSet<Role>>,
    /// Why something was not learned, or not whole.
    pub missing: BTreeMap<Area, Missing>,
}

/// A part of the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The machine and its system: names, kernel, processors, hardware, roles.
    System,
    /// Load, uptime, memory.
    Memory,
    /// Clock and time zone.
    Clock,
    /// File systems.
    Disks,
    /// Interfaces and their addresses.
    Addresses,
    /// Default routes and resolvers.
    Routes,
    /// What listens.
    Listeners,
    /// Services that failed.
    Services,
    /// Upgradable packages.
    Packages,
    /// Whether a restart is waited for.
    Reboot,
    /// Accounts that can log in.
    Accounts,
    /// Who may become root.
    Sudo,
    /// Keys of accounts.
    AuthorizedKeys,
    /// Keys of the host.
    HostKeys,
    /// Settings of sshd.
    Sshd,
    /// What cron runs.
    Cron,
    /// Timers of systemd.
    Timers,
    /// Certificates.
    Certificates,
    /// Packet filters.
    Firewall,
    /// Hardening of the kernel.
    Hardening,
    /// The survey itself: by whom, and what it could not read.
    Survey,
}

/// Why a part of the facts is not there, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The account may not read it, or not all of it.
    NotReadable,
    /// The host has no program that tells.
    NoTool,
    /// There was more than is taken; the rest was left out.
    Cut,
    /// The program that tells it failed.
    Failed,
    /// It was not asked for.
    NotAsked,
    /// The host did not answer in time, or the answer ended before.
    NotAnswered,
}
