//! What is done for people on hosts: one plan, with an order for each account.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use beffroi_domain::{DocumentId, HostId, Message, TargetRecord};
use beffroi_remote::quote;
use beffroi_secret::SecretText;
use beffroi_yunohost::{Given, Operation, Raw};

use super::access::HostPeople;
use super::card::{Account, Card};
use super::cards::{CardOrder, Held, People, secret_name};
use super::departure::{Departure, Had};
use crate::generate::PasswordOrder;
use crate::jobs::{AccountChange, Settlement};
use crate::plans::{MadePlan, Order, RefusedHost};
use crate::surveys::Survey;
use crate::{Action, App, AppError, PeopleError};

/// A change for one person on some hosts.
#[derive(Debug)]
pub struct PersonOrder {
    /// The name of the card.
    pub person: String,
    /// Which hosts. All but [`PersonChange::Add`] are for the accounts that are theirs there, and for no others.
    pub on: String,
    /// What is done.
    pub change: PersonChange,
}

/// What is done for a person.
#[derive(Debug)]
pub enum PersonChange {
    /// They get an account, with a password of its own that is kept as a secret of the host's stage.
    Add {
        /// First and last name: of somebody who has no card, which is made with the first account.
        fullname: Option<String>,
        /// The login of their accounts, where it is not that of the card: on a host where they have one already, another one.
        login: Option<String>,
        /// The domain of its address; the host's main one when absent.
        domain: Option<String>,
        /// The most that its mail may take.
        mailbox_quota: Option<String>,
        /// Groups that it is put into.
        groups: Vec<String>,
    },
    /// They get permissions by their own name.
    Grant {
        /// Which.
        permissions: Vec<String>,
    },
    /// They have them no more.
    Revoke {
        /// Which.
        permissions: Vec<String>,
    },
    /// They are put into groups.
    Join {
        /// Which.
        groups: Vec<String>,
    },
    /// They are taken out of them.
    Leave {
        /// Which.
        groups: Vec<String>,
    },
    /// They may log in by a key.
    AddKey {
        /// The public key.
        key: String,
    },
    /// They may not any more.
    RemoveKey {
        /// The line of the key.
        key: String,
    },
    /// Each account gets a new password of its own.
    Rotate,
    /// All of it is taken away, and the account removed.
    Offboard {
        /// Whether its home and its mail are deleted.
        purge: bool,
    },
}

/// What the accounts' passwords are made of: enough for every policy of YunoHost's.
const PASSWORD: PasswordOrder = PasswordOrder { length: 20, lower: true, upper: true, digits: true, symbols: true, look_alikes: false };
/// Changes of one plan.
const MOST_ORDERS: usize = 2000;

impl App {
    /// Makes one plan of changes for people. Nothing is changed, here or on any host, before it is run.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`]; [`PeopleError::NoAccount`] for somebody who has none there; for values that do not fit.
    pub async fn plan_people(&self, orders: Vec<PersonOrder>) -> Result<MadePlan, AppError> {
        let session = self.session()?;
        if orders.is_empty() || orders.len() > MOST_ORDERS {
            return Err(AppError::InvalidRequest { what: "between 1 and 2,000 changes for people" });
        }
        for order in orders.iter().filter(|order| matches!(order.change, PersonChange::Offboard { .. })) {
            // What is taken away is what there is now. A host that cannot be read says so in the plan.
            self.survey(&order.on, true).await?;
        }
        let (people, surveys) = session.blocking(|session| Ok((session.people()?, session.last_surveys()?))).await?;
        let (mut all, mut departures, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let title = title(&people, &orders)?;
        for order in orders {
            let targets = session.select(&order.on).await?;
            if let PersonChange::Add { fullname, login, domain, mailbox_quota, groups } = &order.change {
                let (id, card, is_new) = card_for(&people, &order.person, fullname.as_deref(), login.as_deref())?;
                for target in targets {
                    // Where an account is theirs already, another one is made only under a login that was said.
                    let there = theirs(&people, id, std::slice::from_ref(&target));
                    if let ([(_, account), ..], None) = (there.as_slice(), login) {
                        let (login, host, person) = (account.value.login.clone(), target.name.to_string(), card.name.clone());
                        let error = PeopleError::AccountTaken { login, host: host.clone(), person }.into();
                        refused.push(RefusedHost { host, error });
                        continue;
                    }
                    let new = New { domain: domain.as_deref(), mailbox_quota: mailbox_quota.as_deref(), groups, password: None };
                    let (login, main) = (login.as_ref().unwrap_or(&card.login), main_domain(surveys.get(&target.host)));
                    let (_, mut orders) = made(&target, id, &card.name, login, &card.fullname, new, main)?;
                    if let (true, Some(first)) = (is_new, orders.first_mut()) {
                        first.settles.insert(0, Settlement::Card { document: id.to_string(), card: card.clone() });
                    }
                    all.extend(orders);
                }
                continue;
            }
            let card = people.card(&order.person)?;
            let theirs = theirs(&people, card.id, &targets);
            if theirs.is_empty() {
                return Err(AppError::People(PeopleError::NoAccount { name: order.person }));
            }
            if let PersonChange::Offboard { .. } = order.change {
                departures.push(departure(card.id, &theirs, &surveys));
            }
            for (target, account) in &theirs {
                match changes(target, account, &card.value.name, &order.change, surveys.get(&target.host)) {
                    Ok(orders) => all.extend(orders),
                    // What a host calls its groups keeps nobody on the others.
                    Err(error) if matches!(order.change, PersonChange::Offboard { .. }) => {
                        refused.push(RefusedHost { host: target.name.to_string(), error });
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        let mut made = self.plan_orders(&session, title, all).await?;
        made.refused.extend(refused);
        self.note_departures(&made, departures);
        Ok(made)
    }
}

/// What a plan is for: said of one person by name, of several by their number.
fn title(people: &People, orders: &[PersonOrder]) -> Result<Message, AppError> {
    if let [order] = orders {
        let key = match &order.change {
            PersonChange::Add { .. } => "title.person-add",
            PersonChange::Grant { .. } => "title.person-grant",
            PersonChange::Revoke { .. } => "title.person-revoke",
            PersonChange::Join { .. } => "title.person-join",
            PersonChange::Leave { .. } => "title.person-leave",
            PersonChange::AddKey { .. } => "title.person-add-key",
            PersonChange::RemoveKey { .. } => "title.person-remove-key",
            PersonChange::Rotate => "title.person-rotate",
            PersonChange::Offboard { .. } => "title.person-offboard",
        };
        let what = match &order.change {
            PersonChange::Grant { permissions } | PersonChange::Revoke { permissions } => permissions.join(", "),
            PersonChange::Join { groups } | PersonChange::Leave { groups } => groups.join(", "),
            _ => String::new(),
        };
        let fullname = match (&order.change, people.card(&order.person)) {
            (_, Ok(card)) => card.value.fullname.clone(),
            (PersonChange::Add { fullname: Some(fullname), .. }, Err(_)) => fullname.clone(),
            (_, Err(error)) => return Err(error),
        };
        return Ok(Message::new(key).with("person", fullname).with("what", what));
    }
    Ok(Message::new("title.people").with("count", orders.len()))
}

/// The card of somebody who gets an account, and whether it is still to be made.
fn card_for(people: &People, name: &str, fullname: Option<&str>, login: Option<&str>) -> Result<(DocumentId, Card, bool), AppError> {
    match (people.card(name), fullname) {
        (Ok(card), _) => Ok((card.id, card.value.clone(), false)),
        (Err(_), Some(fullname)) => {
            let order = CardOrder { fullname: Some(fullname.to_owned()), login: login.map(str::to_owned), ..CardOrder::default() };
            Ok((DocumentId::make(), Card::new(name, order)?, true))
        }
        (Err(error), None) => Err(error),
    }
}

/// The accounts of a person on the hosts that were meant: all of them, where a host has several.
fn theirs(people: &People, card: DocumentId, targets: &[TargetRecord]) -> Vec<(TargetRecord, Held<Account>)> {
    let accounts = |target: &TargetRecord| {
        let (target, host) = (target.clone(), target.host.to_string());
        let accounts = people.accounts_of(card).filter(move |account| account.value.host == host);
        accounts.map(move |account| (target.clone(), account.clone())).collect::<Vec<_>>()
    };
    targets.iter().flat_map(accounts).collect()
}

/// What a new account has beside its name.
pub(super) struct New<'a> {
    pub(super) domain: Option<&'a str>,
    pub(super) mailbox_quota: Option<&'a str>,
    pub(super) groups: &'a [String],
    /// Its password; a generated one when absent.
    pub(super) password: Option<SecretText>,
}

/// The domain that an account gets when none is said.
pub(super) fn main_domain(survey: Option<&Survey>) -> Option<String> {
    survey?.yunohost.as_ref()?.domains.value()?.main.clone()
}

/// The orders that make an account, and the document that it will have.
pub(super) fn made(
    target: &TargetRecord,
    card: DocumentId,
    person: &str,
    login: &str,
    fullname: &str,
    new: New<'_>,
    main_domain: Option<String>,
) -> Result<(DocumentId, Vec<Order>), AppError> {
    let password = new.password.map_or_else(|| Ok(PASSWORD.make()?.0), Ok::<_, AppError>)?;
    let mut raw = vec![("username", text(login)), ("fullname", text(fullname)), ("password", Raw::Secret(password))];
    raw.extend(new.domain.map(|domain| ("domain", text(domain))));
    raw.extend(new.mailbox_quota.map(|quota| ("mailbox-quota", text(quota))));
    let id = DocumentId::make();
    let document = id.to_string();
    let domain = new.domain.map(str::to_owned).or(main_domain);
    let mail = domain.map(|domain| format!("{login}@{domain}")).unwrap_or_default();
    let change = AccountChange::Made { person: card.to_string(), login: login.to_owned(), mail };
    let secret = Settlement::Secret { name: secret_name(person, login, target.name.as_str()) };
    let mut order = order(target, "user-add", raw)?.settling(secret).settling(Settlement::Account { document: document.clone(), change });
    order.set_apart();
    let mut orders = vec![order];
    for group in new.groups {
        orders.push(joined(target, &document, login, group, true)?);
    }
    Ok((id, orders))
}

/// The orders of a change to an account that there is. What goes together is done one after the other.
fn changes(
    target: &TargetRecord,
    account: &Held<Account>,
    person: &str,
    change: &PersonChange,
    survey: Option<&Survey>,
) -> Result<Vec<Order>, AppError> {
    let (document, login) = (account.id.to_string(), account.value.login.as_str());
    let mut orders = match change {
        PersonChange::Add { .. } => Vec::new(),
        PersonChange::Grant { permissions } => {
            permissions.iter().map(|permission| allowed(target, &document, login, permission, true)).collect::<Result<_, _>>()?
        }
        PersonChange::Revoke { permissions } => {
            permissions.iter().map(|permission| allowed(target, &document, login, permission, false)).collect::<Result<_, _>>()?
        }
        PersonChange::Join { groups } => {
            groups.iter().map(|group| joined(target, &document, login, group, true)).collect::<Result<_, _>>()?
        }
        PersonChange::Leave { groups } => {
            groups.iter().map(|group| joined(target, &document, login, group, false)).collect::<Result<_, _>>()?
        }
        PersonChange::AddKey { key } => vec![order(target, "ssh-add-key", vec![("username", text(login)), ("key", text(key))])?],
        PersonChange::RemoveKey { key } => vec![order(target, "ssh-remove-key", vec![("username", text(login)), ("key", text(key))])?],
        PersonChange::Rotate => {
            let raw = vec![("username", text(login)), ("password", Raw::Secret(PASSWORD.make()?.0))];
            let secret = Settlement::Secret { name: secret_name(person, login, target.name.as_str()) };
            vec![order(target, "user-edit", raw)?.settling(secret)]
        }
        PersonChange::Offboard { purge } => taken_away(target, &document, account, *purge, survey)?,
    };
    // What is done for one person has nothing to do with what is done for another.
    if let Some(first) = orders.first_mut() {
        first.set_apart();
    }
    Ok(orders)
}

/// Everything that an account has, then the account. What lets it in goes first, so that it does not come back between two steps.
fn taken_away(
    target: &TargetRecord,
    document: &str,
    account: &Held<Account>,
    purge: bool,
    survey: Option<&Survey>,
) -> Result<Vec<Order>, AppError> {
    let login = account.value.login.as_str();
    let on_host = survey.and_then(HostPeople::of);
    let (permissions, groups) = match &on_host {
        Some(on_host) => (on_host.direct(login), on_host.groups_of(login)),
        None => (account.value.known.permissions.clone(), account.value.known.groups.clone()),
    };
    let mut orders = Vec::new();
    for permission in &permissions {
        orders.push(allowed(target, document, login, permission, false)?);
    }
    for group in &groups {
        orders.push(joined(target, document, login, group, false)?);
    }
    let settled = |change| Settlement::Account { document: document.to_owned(), change };
    orders.push(Order::new(target.clone(), Arc::new(put_out(login))).settling(settled(AccountChange::PutOut)));
    let mut raw = vec![("username", text(login))];
    raw.extend(purge.then_some(("purge", Raw::Switch(true))));
    orders.push(order(target, "user-remove", raw)?.settling(settled(AccountChange::Gone)));
    if purge {
        orders.push(Order::new(target.clone(), Arc::new(looked_for(login))).settling(settled(AccountChange::Purged)));
    }
    Ok(orders)
}

/// Looks whether the home and the mail of an account are gone: YunoHost deletes them after the account, and does not say when it
/// could not.
fn looked_for(login: &str) -> Action {
    let (home, mail) = (quote(&format!("/home/{login}")), quote(&format!("/var/mail/{login}")));
    let looks = format!("[ ! -e {home} ] && [ ! -L {home} ] && [ ! -e {mail} ] && [ ! -L {mail} ]");
    let about = |key| Message::new(key).with("login", login);
    Action::Script { title: about("title.person-purged"), steps: vec![(about("step.person-purged"), looks)] }
}

/// Ends what an account runs and takes its SSH keys away, which would let in whoever is given that name next. The keys are removed
/// with the account's own rights: its home is its own, and a link in it could lead anywhere.
fn put_out(login: &str) -> Action {
    let name = quote(login);
    let keys = format!(
        "id -u -- {name} >/dev/null 2>&1 || exit 0\nhome=$(getent passwd -- {name} | cut -d: -f6)\n\
         [ -d \"$home\" ] || exit 0\nrunuser -u {name} -- rm -f -- \"$home/.ssh/authorized_keys\" \"$home/.ssh/authorized_keys2\"\n\
         [ ! -e \"$home/.ssh/authorized_keys\" ] && [ ! -e \"$home/.ssh/authorized_keys2\" ]"
    );
    let processes = format!(
        "uid=$(id -u -- {name} 2>/dev/null) || exit 0\n\
         for again in 1 2 3 4 5; do\npkill -KILL -u \"$uid\" || [ $? = 1 ] || exit 1\npgrep -u \"$uid\" >/dev/null || exit 0\nsleep 1\ndone\nexit 1"
    );
    let about = |key| Message::new(key).with("login", login);
    let steps = vec![(about("step.person-keys"), keys), (about("step.person-sessions"), processes)];
    Action::Script { title: about("title.person-put-out"), steps }
}

/// What somebody who leaves has on hosts, as their last surveys have it.
fn departure(card: DocumentId, theirs: &[(TargetRecord, Held<Account>)], surveys: &HashMap<HostId, Survey>) -> Departure {
    let had = |(target, account): &(TargetRecord, Held<Account>)| {
        let on_host = surveys.get(&target.host).and_then(HostPeople::of);
        let access = on_host.as_ref().map(|on_host| on_host.access(&account.value.login)).unwrap_or_default();
        let permissions = access.into_iter().map(|access| access.permission).collect();
        let groups = on_host.map(|on_host| on_host.groups_of(&account.value.login)).unwrap_or_default();
        Had { account: account.id, host: target.name.to_string(), permissions, groups, refused: None }
    };
    Departure { card, accounts: theirs.iter().map(had).collect() }
}

pub(super) fn joined(target: &TargetRecord, document: &str, login: &str, group: &str, inside: bool) -> Result<Order, AppError> {
    let raw = vec![("group", text(group)), ("users", Raw::List(vec![login.to_owned()]))];
    let group = group.to_owned();
    let (operation, change) =
        if inside { ("group-add", AccountChange::Joined { group }) } else { ("group-remove", AccountChange::Left { group }) };
    Ok(order(target, operation, raw)?.settling(Settlement::Account { document: document.to_owned(), change }))
}

fn allowed(target: &TargetRecord, document: &str, login: &str, permission: &str, given: bool) -> Result<Order, AppError> {
    let raw = vec![("permission", text(permission)), ("names", Raw::List(vec![login.to_owned()]))];
    let permission = permission.to_owned();
    let (operation, change) = if given {
        ("permission-add", AccountChange::Granted { permission })
    } else {
        ("permission-remove", AccountChange::Revoked { permission })
    };
    Ok(order(target, operation, raw)?.settling(Settlement::Account { document: document.to_owned(), change }))
}

/// An operation on a host.
pub(super) fn order(target: &TargetRecord, operation: &'static str, raw: Vec<(&'static str, Raw)>) -> Result<Order, AppError> {
    let operation = Operation::find(operation).ok_or_else(|| AppError::OperationUnknown { operation: operation.to_owned() })?;
    let raw: BTreeMap<String, Raw> = raw.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let given = Given::read(operation, raw)?;
    Ok(Order::new(target.clone(), Arc::new(Action::Yunohost { operation, given })))
}

pub(super) fn text(text: &str) -> Raw {
    Raw::Text(text.to_owned())
}
