//! The one trait that all work on a host goes through, quoting, and the detached-job protocol.
//!
//! What is deliberately missing: how a connection is made. The same code runs over SSH, through a host into a guest, or
//! against a script in a test.

mod command;
pub mod job;
#[cfg(feature = "test")]
mod local;
mod redact;
mod remote;
mod text;
mod transfer;

pub use command::{CommandLine, quote};
#[cfg(feature = "test")]
pub use local::LocalRemote;
pub use redact::{MASK, RedactedStream, Redaction};
pub use remote::{CertificateFault, Chunk, Limits, LoginMethod, Output, Phase, Process, Remote, RemoteError, RunRequest, SudoRefusal};
pub use text::{MOST_VALUE_BYTES, clean};
pub use transfer::{Copied, CopyNote, CopyOptions, Links, Pace, Transfer};
