//! How a host is reached, what is trusted of it, and what one logs in with.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::HostRow;
use crate::ApiError;

/// A way to reach a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// A name to resolve or an IP address.
    pub address: String,
    /// TCP port; 22 when absent.
    #[serde(default)]
    pub port: Option<u16>,
    /// The account; the first way's when absent.
    #[serde(default)]
    pub user: Option<String>,
    /// The host through which it leads; directly when absent.
    #[serde(default)]
    pub jump: Option<String>,
    /// What to log in with on this way; what the host has when absent.
    #[serde(default)]
    pub identity: Option<String>,
}

/// Old algorithms that one host may use, and nobody else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Legacy {
    /// Their SSH names, such as `diffie-hellman-group14-sha1`; none takes the leave away.
    pub algorithms: Vec<String>,
    /// Why they are needed.
    #[serde(default)]
    pub why: String,
    /// Until when, in milliseconds since 1970.
    #[serde(default)]
    pub until_ms: u64,
}

/// A host key that is trusted, or whose host certificates are.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrustedKey {
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Such as `ssh-ed25519`; empty when only the fingerprint was given.
    pub algorithm: String,
    /// When it was trusted, in milliseconds since 1970; 0 when that is not known.
    pub at_ms: u64,
    /// Who said so; empty when that is not known.
    pub by: String,
    /// `given`, `shown`, `known-hosts`, `announced` or `unknown`.
    pub how: String,
    /// Whether it is an authority, whose host certificates are trusted, rather than the host's own key.
    pub authority: bool,
    /// Of an authority, the addresses for which it is, as in `known_hosts`; whatever the address is when empty.
    #[serde(default)]
    pub patterns: Vec<String>,
}

/// A key that a host announced over a connection that one of its pins vouched for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AnnouncedKey {
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
    /// Whether the host proved that it holds the key.
    pub proven: bool,
    /// When it was first announced, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Which way led to a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ReachedBy {
    /// The way, as `USER@ADDRESS:PORT`.
    pub way: String,
    /// The host that it leads through.
    pub jump: Option<String>,
    /// The ways before it, and the technical reason why they did not lead there.
    pub passed_over: Vec<WayNotTaken>,
}

/// A way that did not lead to a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct WayNotTaken {
    /// The way, as `USER@ADDRESS:PORT`.
    pub way: String,
    /// Why, in technical words.
    pub reason: String,
}

/// Changes a host. What is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostEdit {
    /// The host's name.
    pub host: String,
    /// Its new name.
    #[serde(default)]
    pub name: Option<String>,
    /// The rest.
    #[serde(default)]
    pub change: HostAccess,
}

/// How a host is reached and logged in to. What is absent stays, or is as usual for a new host.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct HostAccess {
    /// A name to resolve or an IP address.
    pub address: Option<String>,
    /// TCP port.
    pub port: Option<u16>,
    /// The account.
    pub user: Option<String>,
    /// The host through which it is reached; empty for none.
    pub jump: Option<String>,
    /// The ways to reach it after the first, in the order in which they are tried.
    pub others: Option<Vec<Access>>,
    /// Its stage.
    pub stage: Option<String>,
    /// Labels.
    pub tags: Option<Vec<String>>,
    /// What to log in with: the name of a secret, `agent` or `agent:SHA256:…`; empty for nothing.
    pub identity: Option<String>,
    /// Name of the secret that is given where a password is wanted beside the key; empty for none.
    pub password: Option<String>,
    /// Name of the secret that one-time codes are made from; empty for none.
    pub one_time: Option<String>,
    /// How root's work is done: `never`, `without-password`, or the name of the secret that is sudo's password.
    pub sudo: Option<String>,
    /// Old algorithms that it may use.
    pub legacy: Option<Legacy>,
}

/// Names a key of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostKeyName {
    /// The host's name.
    pub host: String,
    /// `SHA256:…`.
    pub fingerprint: String,
}

/// Takes trusted keys in from a `known_hosts` file: for hosts of the catalog whose address stands in it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KnownHostsImport {
    /// The file.
    pub file: String,
    /// Only these hosts; all when absent. The same address at two clients is two hosts: name the one that is meant.
    #[serde(default)]
    pub on: Option<String>,
    /// Whether to change nothing, and only say what would be.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a `known_hosts` file brought.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KnownHostsImported {
    /// Hosts of the catalog that stand in it, by name.
    pub hosts: Vec<KnownHostsOfHost>,
    /// Entries for no host of the catalog.
    pub unused: usize,
    /// Lines that are not understood: their number, and why.
    pub not_understood: Vec<KnownHostsLine>,
}

/// What a `known_hosts` file brought for one host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KnownHostsOfHost {
    /// The host's name.
    pub host: String,
    /// Keys that it now trusts and did not.
    pub trusted: Vec<String>,
    /// Authorities that it now trusts and did not.
    pub authorities: Vec<String>,
    /// Keys that are now refused.
    pub revoked: Vec<String>,
    /// Why nothing was changed for it.
    pub error: Option<ApiError>,
}

/// A line of a `known_hosts` file that is not understood.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KnownHostsLine {
    /// Counted from 1.
    pub line: usize,
    /// Why, in technical words.
    pub reason: String,
}

/// Writes what is trusted to a `known_hosts` file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KnownHostsExport {
    /// The file to make.
    pub destination: String,
    /// Which hosts; all when absent.
    #[serde(default)]
    pub on: Option<String>,
    /// Whether names are hashed, so that the file tells nobody which hosts there are.
    #[serde(default)]
    pub hashed: bool,
}

/// What was written.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct KnownHostsExported {
    /// The file.
    pub path: String,
    /// Lines that were written.
    pub lines: usize,
    /// Hosts that trust a fingerprint whose key was never seen: it cannot be written. A test of the host sees it.
    pub unseen: Vec<String>,
}

/// Asks for the graded test of a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostTestRequest {
    /// The host's name.
    pub host: String,
    /// Whether what was refused once may be offered again.
    #[serde(default)]
    pub again: bool,
}

/// Gives a host a key of its own, proves that it opens, and forgets the password.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct HostEnrol {
    /// The host's name.
    pub host: String,
    /// Whether to test only, and to say what would be done.
    #[serde(default)]
    pub plan: bool,
    /// Whether the password stays in the catalog.
    #[serde(default)]
    pub keep_password: bool,
    /// What the person typed, where a stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// How enrolling went.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct HostEnrolled {
    /// The graded test, and what was done after it.
    pub test: super::HostTest,
    /// What was, or would be, done on the host and in the catalog, in order.
    pub steps: Vec<super::WireMessage>,
    /// The new key's fingerprint, once it is proven.
    pub fingerprint: Option<String>,
    /// The host as it is now.
    pub host: HostRow,
}
