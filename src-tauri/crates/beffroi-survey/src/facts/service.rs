//! What runs on the machine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What listens for connections or datagrams.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Listener {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The address, such as `0.0.0.0`, `::`, `127.0.0.1`.
    pub address: String,
    /// The port.
    pub port: u16,
    /// The program; `None` where the account may not know.
    #[serde(default)]
    pub process: Option<String>,
}

/// A protocol with ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// What cron runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct CronEntry {
    /// The file it stands in. Of a script in `/etc/cron.daily` and the like, that script.
    pub file: String,
    /// The account it runs as.
    pub account: String,
    /// When: five fields, `@daily` and the like, or the folder's `daily`.
    pub schedule: String,
    /// What; empty for a script in a folder.
    pub command: String,
}

/// A timer of systemd.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Timer {
    /// Its name, such as `apt-daily.timer`.
    pub name: String,
    /// Whether it waits to go off.
    pub active: bool,
}

/// A certificate that a service shows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Certificate {
    /// The file.
    pub path: String,
    /// The subject's common name; empty where it has none.
    pub subject: String,
    /// The issuer's common name, or organisation where it has none.
    pub issuer: String,
    /// Names it is for (RFC 5280, 4.2.1.6, dNSName), sorted.
    pub names: Vec<String>,
    /// When it begins, in seconds since 1970-01-01 UTC.
    pub not_before_seconds: i64,
    /// When it ends, in seconds since 1970-01-01 UTC.
    pub not_after_seconds: i64,
    /// SHA-256 of the certificate, in hex.
    pub fingerprint: String,
}

/// Packet filters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct Firewall {
    /// Which one was read.
    pub kind: FirewallKind,
    /// Rules in all its chains; `None` where they are not readable.
    pub rules: Option<u64>,
    /// What becomes of packets for the host that no rule decides, by chain, such as `inet filter input` → `drop`.
    pub input_policies: BTreeMap<String, String>,
    /// Whether ufw is switched on; `None` where it is not installed.
    pub ufw: Option<bool>,
}

/// A packet filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FirewallKind {
    /// nftables.
    Nftables,
    /// iptables.
    Iptables,
    /// There is no program that tells, or it may not be asked.
    #[default]
    Unknown,
}

/// What a machine is used for, by what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// YunoHost.
    Yunohost,
    /// Classic LXC.
    Lxc,
    /// LXD.
    Lxd,
    /// Incus.
    Incus,
    /// Proxmox VE.
    Proxmox,
    /// libvirt.
    Libvirt,
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// Kubernetes, k3s included.
    Kubernetes,
    /// nginx.
    Nginx,
    /// Apache.
    Apache,
    /// Caddy.
    Caddy,
    /// HAProxy.
    Haproxy,
    /// MariaDB or MySQL.
    Mariadb,
    /// PostgreSQL.
    Postgresql,
    /// Redis or Valkey.
    Redis,
    /// Postfix.
    Postfix,
    /// Dovecot.
    Dovecot,
    /// A DNS server: BIND, Unbound, dnsmasq, PowerDNS, NSD or Knot.
    Dns,
    /// OpenLDAP's server.
    Ldap,
    /// NFS's server.
    Nfs,
    /// Samba.
    Samba,
    /// WireGuard's tools.
    Wireguard,
    /// fail2ban.
    Fail2ban,
    /// Borg, restic or Proxmox's backup client.
    Backup,
}
