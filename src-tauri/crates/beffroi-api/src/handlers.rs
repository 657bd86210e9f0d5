//! One method per command: convert, call one use case, convert back.

mod access;
mod app;
mod backup;
mod ban;
mod certificate;
mod copy;
mod file;
mod folder;
mod hardening;
mod host;
mod import;
mod job;
mod journal;
mod ledger;
mod offboard;
pub(crate) mod parcel;
mod person;
mod plan;
mod recipe;
mod report;
pub(crate) mod rotation;
mod run;
mod secret;
mod secret_about;
mod secret_health;
mod slot;
mod stage;
mod survey;
mod template;
mod terminal;
mod tunnel;
mod vault;
mod view;
mod ynh;

pub(crate) use host::on as on_host;
pub use ynh::{ynh_operations, ynh_readings};
