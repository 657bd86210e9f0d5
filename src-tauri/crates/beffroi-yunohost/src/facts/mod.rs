//! What a survey found of a YunoHost, in the form in which it is stored.
//!
//! Everything in it comes from the host: it is hostile text, cleaned of control characters and bounded in size.

mod read;
mod yunohost;

pub use yunohost::{App, Backup, Domains, Group, Package, Part, Permission, ServiceState, User, YunohostFacts};

pub(crate) use read::{groups, service, users};
