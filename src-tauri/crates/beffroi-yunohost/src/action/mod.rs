//! What can be changed on a YunoHost: one command each, from its validation to the check of its effect.
//!
//! In order: [`Action::validate`] before anything is sent; [`Action::complete`] and [`Action::guard`] against a fresh
//! survey; [`Action::command`] to be run; [`Outcome::read`](crate::Outcome::read) on what it printed;
//! [`ActionRecord::check`] on the host, also by a later program; [`Verdict::of`] for the two together.

mod check;
mod command;
mod guard;
mod record;
mod validate;
mod verdict;

use beffroi_secret::SecretText;

pub use check::{CheckError, CheckResult, NotHeld, NotKnown};
pub use command::RemoteInvocation;
pub use guard::Refusal;
pub use record::ActionRecord;
pub use validate::InvalidAction;
pub use verdict::Verdict;

/// A change to a YunoHost.
#[derive(Debug)]
pub enum Action {
    /// Creates a user.
    UserAdd {
        /// Its name, `[a-z0-9_.]+`.
        username: String,
        /// First and last name.
        fullname: String,
        /// Its password.
        password: SecretText,
        /// The domain of its address; [`Action::complete`] puts the main one where there is none.
        domain: Option<String>,
        /// `0` for none, else a number and one of `b k M G T`.
        mailbox_quota: Option<String>,
    },
    /// Changes a user.
    UserEdit {
        /// Who.
        username: String,
        /// What.
        changes: UserChanges,
    },
    /// Removes a user.
    UserRemove {
        /// Who.
        username: String,
        /// Whether home and mail are deleted too. There is no way back from that.
        purge: bool,
    },
    /// Restarts a service.
    ServiceRestart {
        /// Its name.
        name: String,
    },
}

/// What changes of a user; what is `None` or empty stays.
#[derive(Debug, Default)]
pub struct UserChanges {
    /// First and last name.
    pub fullname: Option<String>,
    /// A new password.
    pub password: Option<SecretText>,
    /// `0` for none, else a number and one of `b k M G T`.
    pub mailbox_quota: Option<String>,
    /// Addresses to add, each of a domain of the host.
    pub add_mailalias: Vec<String>,
    /// Addresses to take away.
    pub remove_mailalias: Vec<String>,
    /// Addresses to send mail on to.
    pub add_mailforward: Vec<String>,
    /// Addresses to send mail on to no longer.
    pub remove_mailforward: Vec<String>,
}

impl UserChanges {
    /// Whether nothing would change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fullname.is_none()
            && self.password.is_none()
            && self.mailbox_quota.is_none()
            && self.addresses().all(|(_, list)| list.is_empty())
    }

    /// The lists of addresses, each with its option.
    fn addresses(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        [
            ("--add-mailalias", self.add_mailalias.as_slice()),
            ("--remove-mailalias", &self.remove_mailalias),
            ("--add-mailforward", &self.add_mailforward),
            ("--remove-mailforward", &self.remove_mailforward),
        ]
        .into_iter()
    }
}
