//! Foreign formats, written: one module per format.

pub mod age_json;
pub mod bitwarden;
pub mod csv;
pub mod env;
pub mod kdbx;
pub mod parcel;
pub mod ssh_config;

#[cfg(test)]
pub(crate) mod sample;
