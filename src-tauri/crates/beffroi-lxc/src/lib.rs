//! Guests of a host over a [`beffroi_remote::Remote`]: one model of classic LXC, Incus, LXD and Proxmox VE, read in one
//! round trip by a POSIX shell text that changes nothing there.
//!
//! What is deliberately missing: how the host is reached, which guests the catalog knows, and words for people.

mod capacity;
pub mod change;
pub mod exposure;
pub mod image;
pub mod model;
mod named;
mod parse;
mod probe;
mod rest;
pub mod spec;
mod wire;

pub use capacity::{Shortage, Want};
pub use model::{
    Capability, Capacity, Driver, Guest, GuestInterface, GuestKind, GuestState, Image, Member, Missing, Pool, Port, Promised, Reading,
    Snapshot, Volume, Why,
};
pub use parse::reading;
pub use probe::probe;
pub use rest::{Rest, RestError};
