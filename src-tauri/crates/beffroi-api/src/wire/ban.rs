//! Who is banned on hosts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::HostStatus;
use crate::ApiError;

/// Asks who is banned on hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostBansRequest {
    /// A selector.
    pub on: String,
}

/// Who is banned on hosts.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostBans {
    /// By name of the host.
    pub results: Vec<HostBansOf>,
}

/// Who is banned on one host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostBansOf {
    /// The host's name.
    pub host: String,
    /// How it went.
    pub status: HostStatus,
    /// Its jails; absent when they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub jails: Option<Vec<HostJail>>,
    /// Why they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<ApiError>,
}

/// A jail of fail2ban.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostJail {
    /// Its name, such as `sshd`.
    pub name: String,
    /// The addresses that are banned.
    pub banned: Vec<String>,
}
