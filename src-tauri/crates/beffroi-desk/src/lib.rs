//! What the machine around the program offers and tells: the keyring of the session, the news that it will sleep or that
//! its screen was locked, protection of the process, a clock that counts sleep.
//!
//! This crate decides nothing: the app says what is sealed when, and where a slot's secret is kept. Linux is what it is
//! tested on. Elsewhere it builds, and each module says what is there and what is not.

pub mod clock;
pub mod harden;
pub mod keyring;
pub mod watch;

#[cfg(all(test, target_os = "linux"))]
mod kit;
