//! What is kept of an action so that its effect can be checked later, by another run of the program.

use serde::{Deserialize, Serialize};

use super::Action;
use crate::facts::YunohostFacts;

/// An action without its secrets, in stored form. The tag names the kind and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", deny_unknown_fields)]
pub enum ActionRecord {
    /// See [`Action::UserAdd`].
    #[serde(rename = "user-add/1")]
    UserAdd {
        /// Who.
        username: String,
        /// First and last name.
        fullname: String,
        /// The domain of the address.
        domain: Option<String>,
        /// The quota asked for.
        mailbox_quota: Option<String>,
    },
    /// See [`Action::UserEdit`].
    #[serde(rename = "user-edit/1")]
    UserEdit {
        /// Who.
        username: String,
        /// The new full name.
        fullname: Option<String>,
        /// Whether the password was to change.
        password: bool,
        /// The new quota.
        mailbox_quota: Option<String>,
        /// Addresses added.
        add_mailalias: Vec<String>,
        /// Addresses taken away.
        remove_mailalias: Vec<String>,
        /// Forwards added.
        add_mailforward: Vec<String>,
        /// Forwards taken away.
        remove_mailforward: Vec<String>,
    },
    /// See [`Action::UserRemove`].
    #[serde(rename = "user-remove/1")]
    UserRemove {
        /// Who.
        username: String,
        /// Whether home and mail were to go too.
        purge: bool,
    },
    /// See [`Action::ServiceRestart`].
    #[serde(rename = "service-restart/1")]
    ServiceRestart {
        /// Its name.
        name: String,
        /// Its last change of state before, RFC 3339, when it was known.
        changed_before: Option<String>,
    },
}

impl ActionRecord {
    /// Makes the record of an action, before it is sent, with what a fresh survey says.
    #[must_use]
    pub fn of(action: &Action, yunohost: Option<&YunohostFacts>) -> Self {
        match action {
            Action::UserAdd { username, fullname, domain, mailbox_quota, password: _ } => Self::UserAdd {
                username: username.clone(),
                fullname: fullname.clone(),
                domain: domain.clone(),
                mailbox_quota: mailbox_quota.clone(),
            },
            Action::UserEdit { username, changes } => Self::UserEdit {
                username: username.clone(),
                fullname: changes.fullname.clone(),
                password: changes.password.is_some(),
                mailbox_quota: changes.mailbox_quota.clone(),
                add_mailalias: changes.add_mailalias.clone(),
                remove_mailalias: changes.remove_mailalias.clone(),
                add_mailforward: changes.add_mailforward.clone(),
                remove_mailforward: changes.remove_mailforward.clone(),
            },
            Action::UserRemove { username, purge } => Self::UserRemove { username: username.clone(), purge: *purge },
            Action::ServiceRestart { name } => {
                let services = yunohost.and_then(|yunohost| yunohost.services.value());
                let before = services.and_then(|services| services.get(name)?.last_state_change.clone());
                Self::ServiceRestart { name: name.clone(), changed_before: before }
            }
        }
    }
}
