//! SSH over russh: ways to a host, host keys, authentication, exec, SFTP. Implements [`beffroi_remote::Remote`].
//!
//! Invariants:
//! - No credential leaves this machine before the host's key was found trusted: only a [`Reached`] host can be logged in to,
//!   and the only way to one is through [`Unchecked::check`]. Nothing here ever adds a key to those that are trusted.
//! - A connection offers each credential once at most, and nothing more after the host refused one.
//! - A connection that was dropped before anything was offered is tried again a few times; a login never is.
//! - Every channel is drained by a task of its own, so that a slow reader never blocks the other channels of its
//!   connection; what waits to be read is bounded ([`MOST_WAITING`]).
//! - A password for sudo is written once, after sudo asked for it with a word made for this command; input of the
//!   command is written after the command's own root shell answered.
//! - A process or a transfer that is dropped asks the host to end it and gives its channel back.
//!
//! The server end ([`end`]) is for programs of the person's own, over a stream that is theirs.
//!
//! What is deliberately missing: `~/.ssh/config`, and any file of the person who connects: what is trusted and what is offered is given.

mod agent;
mod algorithms;
mod announced;
mod certificate;
mod cost;
mod dial;
pub mod end;
mod files;
mod greeting;
mod inside;
mod kill;
pub mod known_hosts;
mod login;
mod new_key;
mod one_time;
mod open;
mod pins;
mod process;
mod prompts;
mod pty;
mod pump;
mod reach;
mod remote;
mod shell_files;
mod signing;
mod stream;
mod sudo;
mod target;
mod text;
mod transfer;

pub use algorithms::known_legacy;
pub use announced::AnnouncedKeys;
pub use beffroi_remote::{CertificateFault, LoginMethod, Phase};
pub use files::{Removal, RemovalEnd};
pub use inside::Inside;
pub use new_key::{KeyKind, NewKey, public_line, public_line_of};
pub use one_time::OneTime;
pub use pump::MOST_WAITING;
pub use reach::{Phases, Reached, Unchecked, look, offered_key, reach};
pub use remote::{Again, SshRemote};
pub use stream::exec_stream;
pub use sudo::Sudo;
pub use target::{Authority, ConnectLimits, Login, LoginKey, OfferedKey, Pin, Taken, Target, Trust};
pub use transfer::left_no_more;
