//! Where hosts and cards disagree.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_domain::TargetRecord;

use super::access::HostPeople;
use super::card::Account;
use super::cards::{People, known};
use crate::surveys::Survey;
use crate::{App, AppError, PeopleError};

/// Something that is not as it was left from here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drift {
    /// The host.
    pub host: String,
    /// What it is.
    pub kind: DriftKind,
    /// The account, or the name that something was given to.
    pub login: String,
    /// The card that it is about.
    pub person: Option<String>,
    /// What differs: a group, a permission, an address; empty where the kind says it all.
    pub what: String,
}

/// A kind of [`Drift`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// Somebody who was off-boarded has an account.
    LeftHasAccount,
    /// Something is given to a name that nobody has: whoever gets the name has it.
    RightsOfNobody,
    /// An account that no card has.
    AccountUnknown,
    /// An account that has the login of a card, and is not linked to it.
    NotLinked,
    /// An account of a card is not on the host any more.
    AccountGone,
    /// It is in a group that it was not put into from here.
    GroupAdded,
    /// It is not in a group any more that it was in.
    GroupRemoved,
    /// It was given a permission by its name.
    PermissionAdded,
    /// It has not got that any more.
    PermissionRemoved,
    /// Its main address is another one.
    MailChanged,
}

impl DriftKind {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LeftHasAccount => "left-has-account",
            Self::RightsOfNobody => "rights-of-nobody",
            Self::AccountUnknown => "account-unknown",
            Self::NotLinked => "not-linked",
            Self::AccountGone => "account-gone",
            Self::GroupAdded => "group-added",
            Self::GroupRemoved => "group-removed",
            Self::PermissionAdded => "permission-added",
            Self::PermissionRemoved => "permission-removed",
            Self::MailChanged => "mail-changed",
        }
    }
}

/// Groups that are always there.
const GROUPS: &[&str] = &["all_users", "visitors", "admins"];

impl App {
    /// Where the last surveys of the selected hosts and the cards disagree, host by host.
    ///
    /// # Errors
    /// When the selector does not select a host.
    pub async fn people_drift(&self, on: &str) -> Result<Vec<Drift>, AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        session
            .blocking(move |session| {
                let (people, surveys) = (session.people()?, session.last_surveys()?);
                let mut all = Vec::new();
                for target in &targets {
                    if let Some(survey) = surveys.get(&target.host) {
                        all.extend(of_host(&people, target, survey));
                    }
                }
                all.sort_unstable();
                Ok(all)
            })
            .await
    }

    /// Takes what the hosts' last surveys say of a person's accounts for what is right from now on.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; [`PeopleError::NoAccount`] when they have none on the selected hosts.
    pub async fn accept_drift(&self, name: &str, on: &str) -> Result<(), AppError> {
        let session = self.session()?;
        let hosts: Vec<String> = session.select(on).await?.iter().map(|target| target.host.to_string()).collect();
        let name = name.to_owned();
        session
            .blocking(move |session| {
                let (people, surveys) = (session.people()?, session.last_surveys()?);
                let card = people.card(&name)?;
                let theirs: Vec<_> = people.accounts_of(card.id).filter(|account| hosts.contains(&account.value.host)).collect();
                if theirs.is_empty() {
                    return Err(AppError::People(PeopleError::NoAccount { name }));
                }
                let happening = crate::session::Happening::new("person-accepted").with("name", &name).with("count", theirs.len());
                session.commit(happening, |writer| {
                    for account in theirs {
                        let survey = account.value.host_id().ok().and_then(|host| surveys.get(&host));
                        let Some(survey) = survey.filter(|survey| tells_of_people(survey)) else { continue };
                        match known(survey, &account.value.login) {
                            Some(known) => {
                                let value = super::PersonDocument::Account(Account { known, ..account.value.clone() });
                                session.put_document(writer, account.compartment, account.id, Some(account.revision), &value)?;
                            }
                            None => session.delete_document(writer, account.id)?,
                        }
                    }
                    Ok(())
                })
            })
            .await?;
        self.session()?.listener.heard(crate::Change::People);
        Ok(())
    }
}

/// Whether a survey says who has an account, what groups there are and what they may do.
fn tells_of_people(survey: &Survey) -> bool {
    survey
        .yunohost
        .as_ref()
        .is_some_and(|facts| facts.users.value().is_some() && facts.groups.value().is_some() && facts.permissions.value().is_some())
}

fn of_host(people: &People, target: &TargetRecord, survey: &Survey) -> Vec<Drift> {
    let Some(on_host) = HostPeople::of(survey).filter(|_| tells_of_people(survey)) else {
        return Vec::new();
    };
    let (host, id) = (target.name.to_string(), target.host.to_string());
    let drift = |kind, login: &str, person: Option<&str>, what: &str| Drift {
        host: host.clone(),
        kind,
        login: login.to_owned(),
        person: person.map(str::to_owned),
        what: what.to_owned(),
    };
    let mut all = Vec::new();
    let users: BTreeSet<&String> = on_host.facts.users.value().into_iter().flat_map(BTreeMap::keys).collect();
    let linked: BTreeMap<&String, &Account> =
        people.accounts.iter().filter(|account| account.value.host == id).map(|account| (&account.value.login, &account.value)).collect();
    let card_of = |account: &Account| people.cards.iter().find(|card| card.id.to_string() == account.person).map(|card| &card.value);
    for login in &users {
        let owner = linked.get(login).and_then(|account| card_of(account));
        match owner {
            Some(card) if card.leaving.is_some() => all.push(drift(DriftKind::LeftHasAccount, login, Some(&card.name), "")),
            Some(_) => {}
            None => {
                let same = people.cards.iter().find(|card| card.value.login == **login).map(|card| &card.value);
                let kind = match same {
                    Some(card) if card.leaving.is_some() => DriftKind::LeftHasAccount,
                    Some(_) => DriftKind::NotLinked,
                    None => DriftKind::AccountUnknown,
                };
                all.push(drift(kind, login, same.map(|card| card.name.as_str()), ""));
            }
        }
    }
    for (login, account) in linked.iter().filter(|(_, account)| account.known.since_ms <= survey.taken_ms) {
        let person = card_of(account).map(|card| card.name.as_str());
        let Some(now) = known(survey, login) else {
            all.push(drift(DriftKind::AccountGone, login, person, ""));
            continue;
        };
        let before = &account.known;
        let mut differ = |kind, what: Vec<&String>| all.extend(what.into_iter().map(|what| drift(kind, login, person, what)));
        differ(DriftKind::GroupAdded, now.groups.difference(&before.groups).collect());
        differ(DriftKind::GroupRemoved, before.groups.difference(&now.groups).collect());
        differ(DriftKind::PermissionAdded, now.permissions.difference(&before.permissions).collect());
        differ(DriftKind::PermissionRemoved, before.permissions.difference(&now.permissions).collect());
        // Where it was made on a host whose main domain was not known, no address is.
        if !before.mail.is_empty() && before.mail != now.mail {
            differ(DriftKind::MailChanged, vec![&now.mail]);
        }
    }
    let groups = on_host.facts.groups.value();
    for (permission, entry) in on_host.permissions() {
        let nobody = |name: &&String| {
            !users.contains(name) && !GROUPS.contains(&name.as_str()) && groups.is_none_or(|groups| !groups.contains_key(*name))
        };
        all.extend(entry.allowed.iter().filter(nobody).map(|name| drift(DriftKind::RightsOfNobody, name, None, permission)));
    }
    all
}
