//! The catalog against its promises: rows come back, damage is noticed, a kill loses nothing.

#[cfg(unix)]
mod crash;
mod file;
mod kit;
mod tables;
