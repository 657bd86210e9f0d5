//! Vaults on disk, through the public interface.

mod folder;
mod kit;
mod slots;
mod stages;
