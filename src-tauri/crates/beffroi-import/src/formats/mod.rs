//! One module per format: `tells` says whether a source is of it, by a look at its first bytes and its name; `read` reads it.

pub mod age;
pub mod ansible;
pub mod beffroi_json;
pub mod bitwarden;
pub mod certificate;
pub mod csv;
pub mod env;
pub mod hashicorp;
pub(crate) mod inside;
pub mod kdbx;
pub mod keys;
pub mod known_hosts;
pub mod kubeconfig;
pub mod mremoteng;
pub mod netrc;
pub mod onepux;
pub(crate) mod openpgp;
pub mod pass;
pub mod pkcs12;
mod putty_names;
pub mod putty_reg;
pub mod sops;
pub mod ssh_config;
pub mod ssh_folder;
pub mod towerify;
pub mod winscp;
