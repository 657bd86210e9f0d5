//! SSH over russh: host keys, authentication, exec, SFTP. Implements [`beffroi_remote::Remote`].
//!
//! Invariants:
//! - No credential leaves this machine before the host key was found among the pins; there is no way to connect
//!   without pins, and nothing here ever adds one.
//! - One connection makes one authentication attempt, with one credential.
//! - Every channel is drained by a task of its own, so that a slow reader never blocks the other channels of its
//!   connection; what waits to be read is bounded ([`MOST_WAITING`]).
//! - A process or a transfer that is dropped asks the host to end it and gives its channel back.
//!
//! What is deliberately missing: agents, `known_hosts`, `~/.ssh/config`, and any retry of a connection or a login.

mod credential;
mod dial;
mod kill;
mod open;
mod pins;
mod process;
mod pump;
mod remote;
mod sftp;
mod signing;
mod target;
mod text;

pub use pump::MOST_WAITING;
pub use remote::{SshRemote, offered_key};
pub use target::{ConnectLimits, Credential, OfferedKey, Target};
