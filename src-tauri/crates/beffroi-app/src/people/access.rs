//! Who can use what on which host, and why: computed from surveys.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_domain::{DocumentId, HostId};
use beffroi_yunohost::YunohostFacts;
use beffroi_yunohost::facts::{Group, Permission};

use crate::surveys::Survey;
use crate::{App, AppError};

/// The group of everybody who has an account.
pub(crate) const EVERYBODY: &str = "all_users";
/// Whoever has none.
const VISITORS: &str = "visitors";

/// Why somebody has a permission. Several may hold at once; only the last can be taken from one person alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Anybody has it, without an account.
    Visitors,
    /// Everybody who has an account has it.
    AllUsers,
    /// A group has it, and the account is in the group.
    Group(String),
    /// It was given to the account by its name.
    Direct,
}

/// Who can use what, host by host.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// The hosts, by name.
    pub hosts: Vec<MatrixHost>,
}

/// A host of a matrix.
#[derive(Debug, Clone)]
pub struct MatrixHost {
    /// Its name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// When it was surveyed, in milliseconds since 1970.
    pub taken_ms: u64,
    /// Its permissions, those of the system first, then by name.
    pub permissions: Vec<MatrixPermission>,
    /// Its accounts, by login.
    pub accounts: Vec<MatrixAccount>,
    /// Its groups that people can be put into.
    pub groups: Vec<String>,
}

/// A permission of a host.
#[derive(Debug, Clone)]
pub struct MatrixPermission {
    /// Its name, such as `nextcloud.main`.
    pub name: String,
    /// What people see.
    pub label: String,
    /// Whether anybody has it, without an account.
    pub visitors: bool,
    /// Whether everybody who has an account has it.
    pub all_users: bool,
}

/// An account of a host.
#[derive(Debug, Clone)]
pub struct MatrixAccount {
    /// Its login.
    pub login: String,
    /// The name that the host has.
    pub fullname: String,
    /// Whose it is, once somebody said so: the name of the card.
    pub person: Option<String>,
    /// Its groups, without that of everybody.
    pub groups: Vec<String>,
    /// The permissions that it has.
    pub access: Vec<MatrixAccess>,
}

/// A permission that an account has.
#[derive(Debug, Clone)]
pub struct MatrixAccess {
    /// The permission.
    pub permission: String,
    /// Why, the widest reason first.
    pub why: Vec<Reason>,
}

/// What a survey says of people; empty where that part could not be read.
pub(crate) struct HostPeople<'a> {
    pub(crate) facts: &'a YunohostFacts,
}

impl<'a> HostPeople<'a> {
    pub(crate) fn of(survey: &'a Survey) -> Option<Self> {
        survey.yunohost.as_ref().map(|facts| Self { facts })
    }

    fn groups(&self) -> impl Iterator<Item = (&'a String, &'a Group)> {
        self.facts.groups.value().into_iter().flatten()
    }

    pub(crate) fn permissions(&self) -> impl Iterator<Item = (&'a String, &'a Permission)> {
        self.facts.permissions.value().into_iter().flatten()
    }

    /// The groups that an account is in, without that of everybody.
    pub(crate) fn groups_of(&self, login: &str) -> BTreeSet<String> {
        let inside = self.groups().filter(|(name, group)| *name != EVERYBODY && group.members.iter().any(|member| member == login));
        inside.map(|(name, _)| name.clone()).filter(|name| name != login).collect()
    }

    /// The permissions that an account has by its own name.
    pub(crate) fn direct(&self, login: &str) -> BTreeSet<String> {
        let direct = self.permissions().filter(|(_, permission)| permission.allowed.iter().any(|name| name == login));
        direct.map(|(name, _)| name.clone()).collect()
    }

    /// Why an account has a permission; nothing when it has not.
    pub(crate) fn why(&self, login: &str, permission: &Permission) -> Vec<Reason> {
        let inside = |group: &str| {
            let group = self.facts.groups.value().and_then(|groups| groups.get(group));
            group.is_some_and(|group| group.members.iter().any(|member| member == login))
        };
        let reason = |name: &String| match name.as_str() {
            VISITORS => Some(Reason::Visitors),
            EVERYBODY => inside(EVERYBODY).then_some(Reason::AllUsers),
            name if name == login => Some(Reason::Direct),
            name => inside(name).then(|| Reason::Group(name.to_owned())),
        };
        let mut why: Vec<Reason> = permission.allowed.iter().filter_map(reason).collect();
        why.sort_unstable();
        why
    }

    /// Everything that an account can use, and why.
    pub(crate) fn access(&self, login: &str) -> Vec<MatrixAccess> {
        let access =
            self.permissions().map(|(name, permission)| MatrixAccess { permission: name.clone(), why: self.why(login, permission) });
        access.filter(|access| !access.why.is_empty()).collect()
    }
}

/// Whether a permission is the system's, and not an application's.
fn is_system(name: &str) -> bool {
    matches!(name, "mail.main" | "sftp.main" | "ssh.main")
}

impl App {
    /// Who can use what on the selected hosts, and why, as their last surveys have it. With `person`, of that one only.
    /// A host without a survey, or whose stage is sealed, is not in it.
    ///
    /// # Errors
    /// When the selector does not select a host; [`crate::PeopleError::NotFound`].
    pub async fn people_matrix(&self, on: &str, person: Option<&str>) -> Result<Matrix, AppError> {
        let session = self.session()?;
        let person = person.map(str::to_owned);
        let targets = session.select(on).await?;
        session
            .blocking(move |session| {
                let (people, surveys) = (session.people()?, session.last_surveys()?);
                let only = person.map(|name| people.card(&name).map(|card| card.id)).transpose()?;
                let owners = people.owners();
                let mut hosts = Vec::new();
                for target in &targets {
                    let Some((survey, on_host)) = surveys.get(&target.host).and_then(|survey| Some((survey, HostPeople::of(survey)?)))
                    else {
                        continue;
                    };
                    hosts.push(MatrixHost {
                        host: target.name.to_string(),
                        stage: target.stage.to_string(),
                        taken_ms: survey.taken_ms,
                        permissions: permissions(&on_host),
                        accounts: accounts(&on_host, target.host, &owners, only),
                        groups: on_host
                            .groups()
                            .map(|(name, _)| name)
                            .filter(|name| *name != EVERYBODY && *name != VISITORS)
                            .cloned()
                            .collect(),
                    });
                }
                Ok(Matrix { hosts })
            })
            .await
    }
}

fn permissions(on_host: &HostPeople<'_>) -> Vec<MatrixPermission> {
    let entry = |(name, permission): (&String, &Permission)| MatrixPermission {
        name: name.clone(),
        label: permission.label.clone(),
        visitors: permission.allowed.iter().any(|name| name == VISITORS),
        all_users: permission.allowed.iter().any(|name| name == EVERYBODY),
    };
    let mut all: Vec<MatrixPermission> = on_host.permissions().map(entry).collect();
    all.sort_by(|one, other| (!is_system(&one.name), &one.name).cmp(&(!is_system(&other.name), &other.name)));
    all
}

/// Whose an account is: the card's id and name, by host and login.
pub(crate) type Owners = BTreeMap<(HostId, String), (DocumentId, String)>;

fn accounts(on_host: &HostPeople<'_>, host: HostId, owners: &Owners, only: Option<DocumentId>) -> Vec<MatrixAccount> {
    let mut accounts = Vec::new();
    for (login, user) in on_host.facts.users.value().into_iter().flatten() {
        let owner = owners.get(&(host, login.clone()));
        if only.is_some_and(|only| owner.is_none_or(|(id, _)| *id != only)) {
            continue;
        }
        accounts.push(MatrixAccount {
            login: login.clone(),
            fullname: user.fullname.clone(),
            person: owner.map(|(_, name)| name.clone()),
            groups: on_host.groups_of(login).into_iter().collect(),
            access: on_host.access(login),
        });
    }
    accounts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> YunohostFacts {
        let read = |value: serde_json::Value| json!({ "state": "read", "value": value });
        let nothing = || read(json!({}));
        serde_json::from_value(json!({
            "versions": nothing(), "apps": nothing(), "domains": nothing(), "services": nothing(), "backups": nothing(),
            "users": read(json!({ "ines": {}, "noe": {}, "lost": {} })),
            "groups": read(json!({
                "all_users": { "members": ["ines", "noe"] }, "compta": { "members": ["ines"] }, "admins": { "members": ["noe"] },
            })),
            "permissions": read(json!({
                "mail.main": { "allowed": ["all_users"] },
                "nextcloud.main": { "allowed": ["compta", "ines", "visitors"] },
                "ssh.main": { "allowed": ["admins"] },
                "gitea.main": {},
            })),
        }))
        .expect("facts")
    }

    fn reasons(login: &str) -> Vec<(String, Vec<Reason>)> {
        let facts = facts();
        HostPeople { facts: &facts }.access(login).into_iter().map(|access| (access.permission, access.why)).collect()
    }

    #[test]
    fn every_reason_is_told_the_widest_first() {
        let compta = Reason::Group("compta".to_owned());
        assert_eq!(
            reasons("ines"),
            [
                ("mail.main".to_owned(), vec![Reason::AllUsers]),
                ("nextcloud.main".to_owned(), vec![Reason::Visitors, compta, Reason::Direct]),
            ]
        );
        let admins = Reason::Group("admins".to_owned());
        assert_eq!(reasons("noe").last(), Some(&("ssh.main".to_owned(), vec![admins])));
        // An account that was made by half is in no group: it has what anybody has.
        assert_eq!(reasons("lost"), [("nextcloud.main".to_owned(), vec![Reason::Visitors])]);
    }

    #[test]
    fn permissions_of_the_system_come_first_and_say_who_needs_no_grant() {
        let facts = facts();
        let listed = permissions(&HostPeople { facts: &facts });
        let names: Vec<&str> = listed.iter().map(|permission| permission.name.as_str()).collect();
        assert_eq!(names, ["mail.main", "ssh.main", "gitea.main", "nextcloud.main"]);
        assert!(listed.iter().all(|permission| permission.visitors == (permission.name == "nextcloud.main")));
        assert!(listed.iter().all(|permission| permission.all_users == (permission.name == "mail.main")));
    }

    #[test]
    fn groups_and_direct_permissions_of_an_account() {
        let facts = facts();
        let on_host = HostPeople { facts: &facts };
        assert_eq!(on_host.groups_of("ines").into_iter().collect::<Vec<_>>(), ["compta"]);
        assert_eq!(on_host.direct("ines").into_iter().collect::<Vec<_>>(), ["nextcloud.main"]);
        assert!(on_host.direct("noe").is_empty());
    }
}
