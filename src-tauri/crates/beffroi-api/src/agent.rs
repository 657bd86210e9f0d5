//! The process that holds the keys, and how others ask it.
//!
//! One process per person and machine has vaults open: the desktop, or `beffroi agent`. It listens on a Unix socket and
//! answers the commands of [`crate::COMMANDS`], so that the command line needs no passphrase, and no key leaves it. What
//! is deliberately missing: the network, and any way to ask for a key. Systems without Unix sockets have no such process:
//! [`Client::connect`] finds none there, and the rest of this module is not offered.
//!
//! # Where
//! `$XDG_RUNTIME_DIR/beffroi/agent.sock`, when that variable names a folder of the person's own; else `run/agent.sock` in
//! the state folder of [`crate::Places`]; else, when that path is longer than a socket's may be (107 bytes),
//! `/tmp/beffroi-UID/agent.sock`. The folder has mode 0700, is its owner's and no link, or is refused; the socket has mode
//! 0600. Both sides check that the other runs under the same user id and hang up when it does not. `agent.lock` beside the
//! socket is locked (`flock`) for as long as somebody serves, and holds that process's id: who has the lock may replace a
//! socket that was left behind.
//!
//! # Protocol, version 1
//! Both sides send frames: the length of the content in bytes as 4 bytes, the highest first, then the content, one JSON
//! object in UTF-8. A request has 1 byte to 8 MiB; an answer up to 256 MiB, because the outputs of many hosts come in one.
//!
//! A request is a command, or a control word:
//! ```json
//! {"id": 7, "vault": "acme", "command": "host_list", "request": {}}
//! {"id": 8, "control": "hello"}
//! ```
//! - `id`: a number that the answer repeats.
//! - `vault`: one of the open vaults, by its id, its name or its folder. Absent or null: the only one that is open.
//! - `command`, `request`: as in `RpcSchema` of the generated bindings. Paths are absolute: this process has a working
//!   folder of its own.
//! - `control`: `hello` ([`Hello`]), `status` ([`Status`]), `subscribe` (from its answer on, events are pushed), `stop`
//!   (locks every vault and, when the process is an agent, ends it; its end may come before the answer), `raise` (brings
//!   the desktop's window to the front: [`Raised`]).
//!
//! A request for a host's end of SSH makes the connection one: what follows its answer is SSH (RFC 4253), and no frame any more.
//! ```json
//! {"id": 9, "vault": "acme", "ssh": {"host": "web-1"}}
//! ```
//!
//! Answers come in any order, each with either an answer or an error; events have no id:
//! ```json
//! {"id": 7, "answer": {"hosts": []}}
//! {"id": 7, "error": {"code": "vault-locked", "values": {}}}
//! {"event": {"kind": "job_output", "job": "…"}}
//! ```
//! Who reads events too slowly is told `vault_changed` in place of those that were lost: everything may be different.
//!
//! A frame that is too long or is not understood is answered `{"id": null, "error": …}` and ends the connection; so does,
//! without a word, a connection that says nothing for 5 seconds after it was made, takes more than 10 seconds for a frame,
//! or has no request under way and no subscription for 60 seconds. 64 connections and 32 requests of each are worked on
//! at a time; others wait. A connection that ends cancels what only reads (class `read`) and nothing that changes
//! something.

mod client;
mod frame;
mod message;
#[cfg(unix)]
mod place;
#[cfg(unix)]
mod server;

/// The clock of deadlines: sleep counts.
pub use beffroi_desk::clock::boot_time;
pub use client::Client;
pub use frame::{FrameError, MOST_ANSWER, MOST_REQUEST, read_frame};
pub use message::{Control, Hello, Kind, OpenedVault, PROTOCOL, Raised, Request, SshAsked, Status, read_request};
#[cfg(unix)]
pub use place::{Listener, is_ready, listen};
#[cfg(unix)]
pub use server::{About, Hub, Keeper, serve};
