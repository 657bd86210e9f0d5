//! `catalog.db`: migrations and one module per table. Holds sealed envelopes, cannot open them.
//!
//! The file is SQLCipher 4 under a raw key (VAULT.md, Folder). On top of it every row that matters is authenticated or
//! sealed by the caller: this crate stores MACs and envelopes as bytes, and knows nothing of how they are made.
//!
//! A [`Reader`] sees one consistent state; a [`Writer`] is one transaction that is kept whole or not at all. What is
//! deliberately missing: SQL outside the modules of [`table`] and the migrations, and any interpretation of what is stored.

mod catalog;
mod copy;
mod error;
mod file;
mod key;
mod migration;
pub mod table;

pub use catalog::{Catalog, Reader, Writer};
pub use copy::CopyProgress;
pub use error::StoreError;
pub use table::digest::DigestSource;
