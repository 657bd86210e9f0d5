//! The catalog against its promises: rows come back, damage is noticed, a kill loses nothing.

mod copies;
#[cfg(unix)]
mod crash;
mod disk;
mod engine;
mod file;
mod fixtures;
mod kit;
mod moving;
mod people;
mod tables;
