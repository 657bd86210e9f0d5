//! Terminals on hosts. What is typed and shown is base64: it is bytes, not text.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::SecretInput;
use crate::ApiError;

/// Opens a terminal on a host.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalOpen {
    /// The host's name.
    pub host: String,
    /// Characters in a line, 1 to 1000.
    pub cols: u16,
    /// Lines, 1 to 1000.
    pub rows: u16,
    /// Whether it is root's, by `sudo -i` in the terminal where the account is another: sudo asks there.
    #[serde(default)]
    pub root: bool,
    /// Whether it is the console of the guest `HOST/GUEST`, which its driver opens on the host that has it.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub console: bool,
    /// What the person typed, where the stage asks for a name.
    #[serde(default)]
    pub typed: Option<String>,
}

/// A terminal that was opened.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TerminalOpened {
    /// Its identifier.
    pub terminal: String,
    /// The host's name.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// As whom one is there.
    pub account: String,
}

/// Names a terminal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalName {
    /// Its identifier.
    pub terminal: String,
}

/// Asks a terminal for what it has to show. One asks at a time: who asked before is answered at once, with nothing.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalRead {
    /// Its identifier.
    pub terminal: String,
    /// How long to wait for the first byte, in milliseconds; at most 30000.
    pub wait_ms: u64,
}

/// What a terminal has to show.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TerminalOutput {
    /// Bytes in base64; a character may be cut at either end. Empty when there were none in time.
    pub data: String,
    /// How many bytes are missing before them: nobody read for a while, and the host wrote on.
    pub lost: u64,
    /// How it ended, once everything was given. It is told once: then the terminal is forgotten.
    pub ended: Option<TerminalEnd>,
}

/// How a terminal ended. Nothing of it is set when it was closed, or the host did not say.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TerminalEnd {
    /// The shell's exit status.
    pub exit: Option<u32>,
    /// The signal that ended the shell.
    pub signal: Option<String>,
    /// Why it ended before the shell did.
    pub error: Option<ApiError>,
}

/// Types into a terminal.
#[derive(Debug, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalWrite {
    /// Its identifier.
    pub terminal: String,
    /// Bytes in base64, at most 64 KiB of them. A password may be among them.
    pub data: SecretInput,
}

/// Tells a terminal another size.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TerminalResize {
    /// Its identifier.
    pub terminal: String,
    /// Characters in a line, 1 to 1000.
    pub cols: u16,
    /// Lines, 1 to 1000.
    pub rows: u16,
}

/// The terminals whose end was not told yet.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TerminalList {
    /// The oldest first.
    pub terminals: Vec<TerminalRow>,
}

/// A terminal in a line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TerminalRow {
    /// Its identifier.
    pub terminal: String,
    /// The name that the host had when it was opened.
    pub host: String,
    /// The host's stage.
    pub stage: String,
    /// As whom one is there.
    pub account: String,
    /// Whether it was asked for as root's.
    pub root: bool,
    /// When it was opened, in milliseconds since 1970.
    pub opened_ms: u64,
    /// Whether it ended.
    pub ended: bool,
}
