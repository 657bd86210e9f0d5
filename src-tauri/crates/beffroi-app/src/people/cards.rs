//! Cards: made, changed, linked to accounts, removed.

use std::collections::HashMap;

use beffroi_domain::{CompartmentId, DocumentId, HostId, StageName, TargetRecord};

use super::access::{HostPeople, Owners};
use super::card::{Account, Card, Known, PersonDocument};
use crate::session::{Happening, Session};
use crate::surveys::Survey;
use crate::{App, AppError, Change, PeopleError, now_ms};

/// A person, with their accounts.
#[derive(Debug, Clone)]
pub struct PersonFacts {
    /// What the person is called here.
    pub name: String,
    /// The login that their accounts have.
    pub login: String,
    /// First and last name.
    pub fullname: String,
    /// An address outside of the hosts.
    pub mail: String,
    /// Whatever is worth knowing.
    pub notes: String,
    /// When the card was made, in milliseconds since 1970.
    pub created_ms: u64,
    /// When the person was last off-boarded.
    pub left_ms: Option<u64>,
    /// Their accounts by host, and those that only have the same login.
    pub accounts: Vec<AccountFacts>,
    /// How many documents of accounts are under stages that are sealed: some may be theirs.
    pub sealed: usize,
}

/// An account of a person, or one that may be theirs.
#[derive(Debug, Clone)]
pub struct AccountFacts {
    /// The host.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// What the account is called there.
    pub login: String,
    /// How far it is theirs.
    pub standing: AccountStanding,
    /// What the host's last survey says of it.
    pub seen: Option<SeenAccount>,
    /// The secret of the catalog that holds its password.
    pub secret: Option<String>,
}

/// How far an account is a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStanding {
    /// Theirs, and there.
    Linked,
    /// Theirs, and not on the host any more.
    Gone,
    /// Theirs; the host was not surveyed yet, or its people could not be read.
    NotSeen,
    /// On the host with the same login; nobody said that it is theirs.
    NotLinked,
}

impl AccountStanding {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Gone => "gone",
            Self::NotSeen => "not-seen",
            Self::NotLinked => "not-linked",
        }
    }
}

/// An account as a survey has it.
#[derive(Debug, Clone)]
pub struct SeenAccount {
    /// The name that the host has.
    pub fullname: String,
    /// Its main address.
    pub mail: String,
    /// Its groups, without that of everybody.
    pub groups: Vec<String>,
    /// Permissions that it has by its own name.
    pub permissions: Vec<String>,
    /// When it was seen, in milliseconds since 1970.
    pub taken_ms: u64,
}

/// A card to be made or changed; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CardOrder {
    /// First and last name; a new card needs one.
    pub fullname: Option<String>,
    /// The login; the person's name for a new card.
    pub login: Option<String>,
    /// An address outside of the hosts.
    pub mail: Option<String>,
    /// Whatever is worth knowing.
    pub notes: Option<String>,
}

/// A document as it was read.
#[derive(Debug, Clone)]
pub(crate) struct Held<T> {
    pub(crate) id: DocumentId,
    pub(crate) revision: u64,
    pub(crate) compartment: CompartmentId,
    pub(crate) value: T,
}

/// Every card, and every account whose stage is open.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) cards: Vec<Held<Card>>,
    pub(crate) accounts: Vec<Held<Account>>,
    /// Accounts that were removed from here: what a report tells of.
    pub(crate) gone: Vec<Held<Account>>,
    pub(crate) sealed: usize,
}

/// Characters of the longest name: the names of secrets are made of it.
const MOST_NAME: usize = 48;
/// Characters of the longest full name or address.
const MOST_WORDS: usize = 256;
/// Characters of the longest notes.
const MOST_NOTES: usize = 16 << 10;

impl People {
    /// The card of a name.
    pub(crate) fn card(&self, name: &str) -> Result<&Held<Card>, AppError> {
        self.cards
            .iter()
            .find(|card| card.value.name == name)
            .ok_or_else(|| AppError::People(PeopleError::NotFound { name: name.to_owned() }))
    }

    /// A name for a new card that nobody has: the login, or what comes next to it.
    pub(crate) fn free_name(&self, login: &str) -> String {
        let start: String = login.chars().take(MOST_NAME - 4).collect();
        let names = std::iter::once(start.clone()).chain((2..).map(|number| format!("{start}.{number}")));
        let is_free = |name: &String| self.cards.iter().all(|card| card.value.name != *name);
        names.take(self.cards.len() + 1).find(is_free).unwrap_or(start)
    }

    /// A person's accounts: a host may have several of them.
    pub(crate) fn accounts_of(&self, person: DocumentId) -> impl Iterator<Item = &Held<Account>> {
        let person = person.to_string();
        self.accounts.iter().filter(move |account| account.value.person == person)
    }

    /// Those that were removed from here.
    pub(crate) fn gone_of(&self, person: DocumentId) -> impl Iterator<Item = &Held<Account>> {
        let person = person.to_string();
        self.gone.iter().filter(move |account| account.value.person == person)
    }

    /// The document of a host's account that is somebody's, and their name.
    pub(crate) fn owner_of(&self, host: HostId, login: &str) -> Option<(DocumentId, Option<&str>)> {
        let host = host.to_string();
        let account = self.accounts.iter().find(|account| account.value.host == host && account.value.login == login)?;
        let owner = self.cards.iter().find(|card| card.id.to_string() == account.value.person);
        Some((account.id, owner.map(|card| card.value.name.as_str())))
    }

    /// Whose which account is.
    pub(crate) fn owners(&self) -> Owners {
        let names: HashMap<String, (DocumentId, &str)> =
            self.cards.iter().map(|card| (card.id.to_string(), (card.id, card.value.name.as_str()))).collect();
        let owner = |account: &Held<Account>| {
            let (id, name) = names.get(&account.value.person)?;
            Some(((account.value.host_id().ok()?, account.value.login.clone()), (*id, (*name).to_owned())))
        };
        self.accounts.iter().filter_map(owner).collect()
    }
}

impl Session {
    /// Everything that is kept of people.
    pub(crate) fn people(&self) -> Result<People, AppError> {
        let mut people = People { cards: Vec::new(), accounts: Vec::new(), gone: Vec::new(), sealed: 0 };
        for (_, stored) in self.documents::<PersonDocument>()? {
            match stored {
                Ok(stored) => {
                    let (id, revision, compartment) = (stored.id, stored.revision, stored.compartment);
                    match stored.value {
                        PersonDocument::Card(value) => people.cards.push(Held { id, revision, compartment, value }),
                        PersonDocument::Account(value) if value.is_gone() => people.gone.push(Held { id, revision, compartment, value }),
                        PersonDocument::Account(value) => people.accounts.push(Held { id, revision, compartment, value }),
                    }
                }
                Err(AppError::StageSealed { .. }) => people.sealed += 1,
                Err(error) => return Err(error),
            }
        }
        people.cards.sort_by(|one, other| one.value.name.cmp(&other.value.name));
        Ok(people)
    }

    /// Everybody, or only the one of a name, with their accounts.
    fn facts_of(&self, only: Option<&str>) -> Result<Vec<PersonFacts>, AppError> {
        let (people, surveys) = (self.people()?, self.last_surveys()?);
        let hosts: Vec<TargetRecord> = self.targets()?.into_iter().map(|target| target.record).collect();
        let meant = people.cards.iter().filter(|card| only.is_none_or(|name| card.value.name == name));
        meant.map(|card| self.person_facts(&people, card, &hosts, &surveys)).collect()
    }

    fn person_facts(
        &self,
        people: &People,
        card: &Held<Card>,
        hosts: &[TargetRecord],
        surveys: &HashMap<HostId, Survey>,
    ) -> Result<PersonFacts, AppError> {
        let owners = people.owners();
        let mut accounts = Vec::new();
        for (host, account, login) in hosts.iter().flat_map(|host| on_host(people, card, host)) {
            let survey = surveys.get(&host.host);
            // What was done since is not in a survey of before.
            let survey = survey.filter(|survey| account.is_none_or(|account| account.known.since_ms <= survey.taken_ms));
            let (known, seen) = survey.map_or((false, None), |survey| seen(survey, login));
            let standing = match (account, known, &seen) {
                (Some(_), _, Some(_)) => AccountStanding::Linked,
                (Some(_), true, None) => AccountStanding::Gone,
                (Some(_), false, None) => AccountStanding::NotSeen,
                (None, _, Some(_)) if !owners.contains_key(&(host.host, login.to_owned())) => AccountStanding::NotLinked,
                _ => continue,
            };
            let secret = secret_name(&card.value.name, login, host.name.as_str());
            let secret = self.catalog.read(|reader| reader.secret_named(&secret))?.map(|row| row.name);
            let (host, stage) = (host.name.to_string(), host.stage.to_string());
            accounts.push(AccountFacts { host, stage, login: login.to_owned(), standing, seen, secret });
        }
        let Card { name, login, fullname, mail, notes, created_ms, leaving } = card.value.clone();
        let left_ms = leaving.map(|leaving| leaving.at_ms);
        Ok(PersonFacts { name, login, fullname, mail, notes, created_ms, left_ms, accounts, sealed: people.sealed })
    }
}

/// The accounts of a person on a host, and the login of the card where none of them has it.
fn on_host<'a>(people: &'a People, card: &'a Held<Card>, host: &'a TargetRecord) -> Vec<(&'a TargetRecord, Option<&'a Account>, &'a str)> {
    let id = host.host.to_string();
    let theirs = people.accounts_of(card.id).map(|account| &account.value).filter(|account| account.host == id);
    let mut all: Vec<_> = theirs.map(|account| (host, Some(account), account.login.as_str())).collect();
    all.sort_by_key(|(_, _, login)| *login);
    if all.iter().all(|(_, _, login)| *login != card.value.login) {
        all.push((host, None, &card.value.login));
    }
    all
}

/// Whether a survey tells who has an account, and what it says of one.
fn seen(survey: &Survey, login: &str) -> (bool, Option<SeenAccount>) {
    let Some(on_host) = HostPeople::of(survey) else {
        return (false, None);
    };
    let Some(users) = on_host.facts.users.value() else {
        return (false, None);
    };
    let seen = users.get(login).map(|user| SeenAccount {
        fullname: user.fullname.clone(),
        mail: user.mail.clone(),
        groups: on_host.groups_of(login).into_iter().collect(),
        permissions: on_host.direct(login).into_iter().collect(),
        taken_ms: survey.taken_ms,
    });
    (true, seen)
}

/// What an account has, as a survey has it.
pub(crate) fn known(survey: &Survey, login: &str) -> Option<Known> {
    let on_host = HostPeople::of(survey)?;
    let user = on_host.facts.users.value()?.get(login)?;
    Some(Known { groups: on_host.groups_of(login), permissions: on_host.direct(login), mail: user.mail.clone(), since_ms: survey.taken_ms })
}

/// The secret that holds the password of a person's account. One that is not called as the person has its login in it: a host may
/// have several of theirs.
pub(crate) fn secret_name(person: &str, login: &str, host: &str) -> String {
    if login == person { format!("people/{person}/{host}") } else { format!("people/{person}/{host}/{login}") }
}

/// What the names of all of them begin with.
pub(crate) fn secrets_start(person: &str) -> String {
    format!("people/{person}/")
}

impl App {
    /// Everybody who has a card, by name.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn people(&self) -> Result<Vec<PersonFacts>, AppError> {
        self.session()?.blocking(|session| session.facts_of(None)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`].
    pub async fn person(&self, name: &str) -> Result<PersonFacts, AppError> {
        let name = name.to_owned();
        let missing = PeopleError::NotFound { name: name.clone() };
        let found = self.session()?.blocking(move |session| session.facts_of(Some(&name))).await?;
        found.into_iter().next().ok_or(AppError::People(missing))
    }

    /// Makes a card.
    ///
    /// # Errors
    /// [`PeopleError::Exists`]; for a name, a login or words that do not fit.
    pub async fn add_person(&self, name: &str, order: CardOrder) -> Result<PersonFacts, AppError> {
        let (session, card) = (self.session()?, Card::new(name, order)?);
        session
            .blocking(move |session| {
                if session.people()?.cards.iter().any(|other| other.value.name == card.name) {
                    return Err(AppError::People(PeopleError::Exists { name: card.name }));
                }
                let compartment = session.compartment(&StageName::dev())?;
                let happening = Happening::new("person-added").with("name", &card.name);
                let document = PersonDocument::Card(card);
                session.commit(happening, |writer| session.put_document(writer, compartment, DocumentId::make(), None, &document))
            })
            .await?;
        self.told_of_person(name).await
    }

    /// Changes a card; its accounts stay as they are.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; for a login or words that do not fit.
    pub async fn edit_person(&self, name: &str, order: CardOrder) -> Result<PersonFacts, AppError> {
        let (session, named) = (self.session()?, name.to_owned());
        session
            .blocking(move |session| {
                let people = session.people()?;
                let Held { id, revision, compartment, value } = people.card(&named)?.clone();
                let document = PersonDocument::Card(changed(value, order)?);
                let happening = Happening::new("person-changed").with("name", &named);
                session.commit(happening, |writer| session.put_document(writer, compartment, id, Some(revision), &document))
            })
            .await?;
        self.told_of_person(name).await
    }

    /// Removes a card and what is kept of its accounts. The accounts on hosts stay.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`].
    pub async fn remove_person(&self, name: &str) -> Result<(), AppError> {
        let (session, name) = (self.session()?, name.to_owned());
        session
            .blocking(move |session| {
                let people = session.people()?;
                let card = people.card(&name)?;
                session.commit(Happening::new("person-removed").with("name", &name), |writer| {
                    let mut accounts = people.accounts_of(card.id).chain(people.gone_of(card.id));
                    accounts.try_for_each(|account| session.delete_document(writer, account.id))?;
                    session.delete_document(writer, card.id)
                })
            })
            .await?;
        self.session()?.listener.heard(Change::People);
        Ok(())
    }

    /// Says that the accounts of the selected hosts that have a login are a person's. With `login` one that is not on the card.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; [`PeopleError::AccountNotSeen`] when a host's last survey has no such account;
    /// [`PeopleError::AccountTaken`] when it is somebody else's. Nothing is linked then.
    pub async fn link_person(&self, name: &str, on: &str, login: Option<&str>) -> Result<PersonFacts, AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        let (named, login) = (name.to_owned(), login.map(str::to_owned));
        session
            .blocking(move |session| {
                let (people, surveys) = (session.people()?, session.last_surveys()?);
                let card = people.card(&named)?;
                let login = login.unwrap_or_else(|| card.value.login.clone());
                let owners = people.owners();
                let mut new = Vec::new();
                for target in &targets {
                    let host = target.name.to_string();
                    match owners.get(&(target.host, login.clone())) {
                        Some((owner, _)) if *owner == card.id => continue,
                        Some((_, person)) => {
                            return Err(AppError::People(PeopleError::AccountTaken { login, host, person: person.clone() }));
                        }
                        None => {}
                    }
                    let found = surveys.get(&target.host).and_then(|survey| known(survey, &login));
                    let known = found.ok_or_else(|| AppError::People(PeopleError::AccountNotSeen { login: login.clone(), host }))?;
                    let (person, host, login) = (card.id.to_string(), target.host.to_string(), login.clone());
                    let account = Account { person, host, login, known, going: None };
                    new.push((session.compartment(&target.stage)?, PersonDocument::Account(account)));
                }
                let happening = Happening::new("person-linked").with("name", &named).with("count", new.len());
                session.commit(happening, |writer| {
                    for (compartment, account) in &new {
                        session.put_document(writer, *compartment, DocumentId::make(), None, account)?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.told_of_person(name).await
    }

    /// Says that the accounts of the selected hosts are not a person's any more; with `login` only those that are called so. The
    /// accounts stay.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; [`PeopleError::NoAccount`] when they have none there.
    pub async fn unlink_person(&self, name: &str, on: &str, login: Option<&str>) -> Result<PersonFacts, AppError> {
        let session = self.session()?;
        let hosts: Vec<String> = session.select(on).await?.iter().map(|target| target.host.to_string()).collect();
        let (named, login) = (name.to_owned(), login.map(str::to_owned));
        session
            .blocking(move |session| {
                let people = session.people()?;
                let card = people.card(&named)?;
                let is_meant = |account: &&Held<Account>| {
                    hosts.contains(&account.value.host) && login.as_ref().is_none_or(|login| account.value.login == *login)
                };
                let theirs: Vec<_> = people.accounts_of(card.id).filter(is_meant).collect();
                if theirs.is_empty() {
                    return Err(AppError::People(PeopleError::NoAccount { name: named }));
                }
                let happening = Happening::new("person-unlinked").with("name", &named).with("count", theirs.len());
                session.commit(happening, |writer| theirs.iter().try_for_each(|account| session.delete_document(writer, account.id)))
            })
            .await?;
        self.told_of_person(name).await
    }

    async fn told_of_person(&self, name: &str) -> Result<PersonFacts, AppError> {
        self.session()?.listener.heard(Change::People);
        self.person(name).await
    }
}

impl Card {
    /// A new card, checked.
    pub(crate) fn new(name: &str, order: CardOrder) -> Result<Self, AppError> {
        let (name, nothing) = (name.to_owned(), String::new);
        let login = name.clone();
        changed(Self { name, login, fullname: nothing(), mail: nothing(), notes: nothing(), created_ms: now_ms(), leaving: None }, order)
    }
}

/// A card with what an order changes, checked.
fn changed(card: Card, order: CardOrder) -> Result<Card, AppError> {
    let CardOrder { fullname, login, mail, notes } = order;
    let card = Card {
        fullname: fullname.unwrap_or(card.fullname),
        login: login.unwrap_or(card.login),
        mail: mail.unwrap_or(card.mail),
        notes: notes.unwrap_or(card.notes),
        ..card
    };
    if let Some(wrong) = [(&card.name, MOST_NAME), (&card.login, 64)].into_iter().find(|(text, most)| !is_login(text) || text.len() > *most)
    {
        return Err(AppError::InvalidName { kind: "login", value: wrong.0.clone() });
    }
    let is_line = |text: &str| text.chars().count() <= MOST_WORDS && !text.chars().any(char::is_control);
    if card.fullname.trim().is_empty() || !is_line(&card.fullname) {
        return Err(AppError::InvalidRequest { what: "a person has a first and last name, of 256 characters at most" });
    }
    if !is_line(&card.mail) {
        return Err(AppError::InvalidRequest { what: "an address is one line of 256 characters at most" });
    }
    let is_note = |c: char| !c.is_control() || c == '\n';
    if card.notes.chars().count() > MOST_NOTES || !card.notes.chars().all(is_note) {
        return Err(AppError::InvalidRequest { what: "notes have 16,384 characters at most" });
    }
    Ok(card)
}

/// A login as YunoHost takes it: `[a-z0-9_.]`, 64 characters, not only dots.
pub(crate) fn is_login(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.');
    (1..=64).contains(&text.len()) && text.chars().all(allowed) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}
