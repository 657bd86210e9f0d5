//! The one trait that all work on a host goes through, quoting, and the detached-job protocol.
//!
//! What is deliberately missing: how a connection is made. The same code runs over SSH, through a host into a guest, or
//! against a script in a test.

mod asked;
mod bounded;
mod command;
mod folder;
pub mod job;
pub mod lifeline;
#[cfg(feature = "test")]
mod local;
mod pty;
mod redact;
mod remote;
mod text;
mod transfer;

pub use asked::{AskError, answer, asking, mark, without_comments};
pub use bounded::Bounded;
pub use command::{CommandLine, quote};
pub use folder::{EntryKind, Folder, FolderEntry, MOST_ENTRIES};
#[cfg(feature = "test")]
pub use local::LocalRemote;
pub use pty::{PtyOutput, PtyRemote, PtyRequest, PtySession, PtySize};
pub use redact::{MASK, RedactedStream, Redaction};
pub use remote::{CertificateFault, Chunk, Limits, LoginMethod, Output, Phase, Process, Remote, RemoteError, RunRequest, SudoRefusal};
pub use text::{MOST_VALUE_BYTES, clean};
pub use transfer::{Copied, CopyNote, CopyOptions, Links, Pace, Transfer};
