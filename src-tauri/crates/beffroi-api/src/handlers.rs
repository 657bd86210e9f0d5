//! One method per command: convert, call one use case, convert back.

mod access;
mod copy;
mod file;
mod folder;
mod host;
mod job;
mod journal;
mod ledger;
mod plan;
mod recipe;
mod run;
mod secret;
mod slot;
mod stage;
mod survey;
mod terminal;
mod vault;
mod view;
mod ynh;

pub use ynh::ynh_operations;
