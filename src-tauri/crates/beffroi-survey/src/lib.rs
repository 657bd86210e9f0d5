//! Surveys of any Linux over a [`beffroi_remote::Remote`]: everything worth knowing of a host, read in one round trip
//! by one POSIX shell text that changes nothing there; and what differs between two surveys.
//!
//! What is deliberately missing: how the host is reached, what other crates ask of it (they give shell parts of their
//! own, [`Part`]), and words for people.

pub mod diff;
pub mod facts;
mod parse;
mod probe;
mod wire;

pub use diff::{Difference, Diffs, Severity, diff};
pub use facts::{Area, Facts, Missing};
pub use probe::{Part, PartAnswer, Request, Survey, survey};
