//! Tunnels: ports of this machine that lead through hosts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ApiError;

/// Opens a tunnel through a host. It listens on 127.0.0.1 only.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TunnelOpen {
    /// The host's name.
    pub host: String,
    /// The port of this machine; any that is free when 0 or absent.
    #[serde(default)]
    pub port: u16,
    /// Where it ends, as the host sees it; each program says it by SOCKS 5 when absent.
    #[serde(default)]
    pub end: Option<TunnelEnd>,
    /// Whether it ends at the web administration of a YunoHost, whatever `end` says.
    #[serde(default)]
    pub web_admin: bool,
    /// Whether it is closed when nobody asks for news of it (`tunnel_watch`) for 90 seconds.
    #[serde(default)]
    pub kept: bool,
    /// What the person typed, where the stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// Where a tunnel ends.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TunnelEnd {
    /// A name that the host resolves, or an address.
    pub address: String,
    /// The port, 1 to 65535.
    pub port: u16,
}

/// Names a tunnel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TunnelName {
    /// Its identifier.
    pub tunnel: String,
}

/// Asks for news of a tunnel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TunnelWatch {
    /// Its identifier.
    pub tunnel: String,
    /// How long to wait for a change, in milliseconds; at most 30000.
    pub wait_ms: u64,
}

/// The open tunnels.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TunnelList {
    /// The oldest first.
    pub tunnels: Vec<TunnelRow>,
}

/// A tunnel.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TunnelRow {
    /// Its identifier.
    pub tunnel: String,
    /// The name that the host had when it was opened.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// The port of this machine.
    pub port: u16,
    /// Where it ends, `ADDRESS:PORT`; each program says it when absent.
    pub end: Option<String>,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: u64,
    /// Connections that go through it now.
    pub open: u64,
    /// Connections that went through it.
    pub served: u64,
    /// Why the last connection that failed did.
    pub error: Option<ApiError>,
    /// Whether it is closed.
    pub closed: bool,
    /// The address of the web administration for a browser of this machine, where it ends at a YunoHost's.
    pub web_admin: Option<String>,
}
