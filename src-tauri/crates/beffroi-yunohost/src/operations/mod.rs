//! The operations, one file for each category of YunoHost's action map, and where its other actions are.

mod apps;
mod backups;
mod diagnosis;
mod domains;
mod firewall;
mod groups;
mod hooks;
mod logs;
mod panels;
mod permissions;
mod services;
mod settings;
mod ssh_keys;
mod storage;
mod tools;
mod upgrades;
mod users;

pub(crate) use settings::new_ssh_port;

pub use users::is_login_shell;

use crate::operation::Operation;

/// All of them.
pub(crate) static ALL: &[&[Operation]] = &[
    users::OPERATIONS,
    ssh_keys::OPERATIONS,
    groups::OPERATIONS,
    permissions::OPERATIONS,
    domains::OPERATIONS,
    domains::certificates::OPERATIONS,
    domains::dyndns::OPERATIONS,
    apps::OPERATIONS,
    backups::OPERATIONS,
    settings::OPERATIONS,
    services::OPERATIONS,
    firewall::OPERATIONS,
    tools::OPERATIONS,
    upgrades::OPERATIONS,
    diagnosis::OPERATIONS,
    hooks::OPERATIONS,
    logs::OPERATIONS,
    storage::OPERATIONS,
];

/// An action of YunoHost that is no operation, and where it is instead, or why nowhere.
pub(crate) type Elsewhere = (&'static str, &'static str);

/// All of these.
pub(crate) static ELSEWHERE: &[&[Elsewhere]] = &[
    users::ELSEWHERE,
    ssh_keys::ELSEWHERE,
    groups::ELSEWHERE,
    permissions::ELSEWHERE,
    domains::ELSEWHERE,
    apps::ELSEWHERE,
    backups::ELSEWHERE,
    settings::ELSEWHERE,
    services::ELSEWHERE,
    firewall::ELSEWHERE,
    tools::ELSEWHERE,
    diagnosis::ELSEWHERE,
    hooks::ELSEWHERE,
    logs::ELSEWHERE,
    storage::ELSEWHERE,
];
