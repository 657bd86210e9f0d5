//! Refusals that a fresh survey can foresee. Some of what YunoHost refuses leaves half of it done: the last
//! administrator leaves `all_users` before YunoHost notices, so it must not be asked at all.

use super::Action;
use crate::facts::{Domains, Part, YunohostFacts};

/// Why an action must not be sent to this host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The host has no YunoHost.
    #[error("no YunoHost on this host")]
    NoYunohost,
    /// The part of the survey that would decide has failed.
    #[error("the survey could not read {part}")]
    PartNotRead {
        /// `users`, `groups`, `domains` or `services`.
        part: &'static str,
    },
    /// The user is there already.
    #[error("user {username:?} exists")]
    UserExists {
        /// Who.
        username: String,
    },
    /// There is no such user.
    #[error("no user {username:?}")]
    UserUnknown {
        /// Who.
        username: String,
    },
    /// A group has that name.
    #[error("a group is named {name:?}")]
    GroupExists {
        /// The name.
        name: String,
    },
    /// The address belongs to a user already.
    #[error("{address:?} belongs to {username:?}")]
    AddressTaken {
        /// The address.
        address: String,
        /// Whose it is.
        username: String,
    },
    /// The only member of `admins`.
    #[error("{username:?} is the last administrator")]
    LastAdmin {
        /// Who.
        username: String,
    },
    /// The host has no such domain.
    #[error("no domain {domain:?}")]
    DomainUnknown {
        /// The domain.
        domain: String,
    },
    /// A user needs a domain, and the host has no main one.
    #[error("a domain is needed")]
    DomainNeeded,
    /// The host has no such service.
    #[error("no service {name:?}")]
    ServiceUnknown {
        /// Its name.
        name: String,
    },
}

impl Action {
    /// Puts what YunoHost would ask for: the main domain for a new user without one.
    pub fn complete(&mut self, yunohost: Option<&YunohostFacts>) {
        if let Self::UserAdd { domain: domain @ None, .. } = self {
            let domains = yunohost.and_then(|yunohost| yunohost.domains.value());
            *domain = domains.and_then(|domains| domains.main.clone());
        }
    }

    /// Checks the action against a survey, which should be fresh; `None` where the host has no YunoHost.
    ///
    /// # Errors
    /// The first [`Refusal`].
    pub fn guard(&self, yunohost: Option<&YunohostFacts>) -> Result<(), Refusal> {
        let yunohost = yunohost.ok_or(Refusal::NoYunohost)?;
        match self {
            Self::UserAdd { username, domain, .. } => guard_add(yunohost, username, domain.as_deref()),
            Self::UserEdit { username, changes } => {
                must_exist(yunohost, username)?;
                changes.add_mailalias.iter().try_for_each(|address| guard_alias(yunohost, username, address))
            }
            Self::UserRemove { username, .. } => {
                must_exist(yunohost, username)?;
                let admins = need(&yunohost.groups, "groups")?.get("admins");
                let last =
                    admins.is_some_and(|admins| admins.members.iter().all(|member| member == username) && !admins.members.is_empty());
                if last { Err(Refusal::LastAdmin { username: username.clone() }) } else { Ok(()) }
            }
            Self::ServiceRestart { name } => {
                let known = need(&yunohost.services, "services")?.contains_key(name);
                if known { Ok(()) } else { Err(Refusal::ServiceUnknown { name: name.clone() }) }
            }
        }
    }
}

fn need<'a, T>(part: &'a Part<T>, name: &'static str) -> Result<&'a T, Refusal> {
    part.value().ok_or(Refusal::PartNotRead { part: name })
}

fn must_exist(yunohost: &YunohostFacts, username: &str) -> Result<(), Refusal> {
    let exists = need(&yunohost.users, "users")?.contains_key(username);
    if exists { Ok(()) } else { Err(Refusal::UserUnknown { username: username.to_owned() }) }
}

fn guard_add(yunohost: &YunohostFacts, username: &str, domain: Option<&str>) -> Result<(), Refusal> {
    if need(&yunohost.users, "users")?.contains_key(username) {
        return Err(Refusal::UserExists { username: username.to_owned() });
    }
    if need(&yunohost.groups, "groups")?.contains_key(username) {
        return Err(Refusal::GroupExists { name: username.to_owned() });
    }
    let domain = domain.ok_or(Refusal::DomainNeeded)?;
    guard_domain(need(&yunohost.domains, "domains")?, domain)?;
    guard_address(yunohost, "", &format!("{username}@{domain}"))
}

fn guard_alias(yunohost: &YunohostFacts, username: &str, address: &str) -> Result<(), Refusal> {
    let domain = address.split_once('@').map_or("", |(_, domain)| domain);
    guard_domain(need(&yunohost.domains, "domains")?, domain)?;
    guard_address(yunohost, username, address)
}

fn guard_domain(domains: &Domains, domain: &str) -> Result<(), Refusal> {
    let known = domains.names.iter().any(|name| name == domain);
    if known { Ok(()) } else { Err(Refusal::DomainUnknown { domain: domain.to_owned() }) }
}

/// No one but `username` may have the address.
fn guard_address(yunohost: &YunohostFacts, username: &str, address: &str) -> Result<(), Refusal> {
    let mut others = need(&yunohost.users, "users")?.iter().filter(|(name, _)| name.as_str() != username);
    let taken = others.find(|(_, user)| user.mail == address || user.mail_aliases.iter().any(|alias| alias == address));
    taken.map_or(Ok(()), |(name, _)| Err(Refusal::AddressTaken { address: address.to_owned(), username: name.clone() }))
}
