//! Processes that are kept running on a host, over a [`beffroi_remote::Remote`]: one model of systemd, OpenRC and pm2, read in
//! one round trip by a POSIX shell text that changes nothing there; and what changes one of them.
//!
//! What is deliberately missing: how the host is reached, what it is for the catalog, and words for people.

pub mod change;
mod logs;
pub mod model;
mod parse;
mod probe;

pub use logs::{MOST_LINES, logs};
pub use model::{Keeper, KeeperThere, Missing, Process, Reading, State, Why};
pub use parse::reading;
pub use probe::{probe, probe_one};
