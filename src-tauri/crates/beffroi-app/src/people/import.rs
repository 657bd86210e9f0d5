//! A list of users, as YunoHost's own import has it: `username;firstname;lastname;password;mail;mail-alias;mail-forward;
//! mailbox-quota;groups`, several values parted by commas (`FIELDS_FOR_IMPORT` of its `user.py`).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use beffroi_domain::{DocumentId, HostId, Message, TargetRecord};
use beffroi_secret::SecretText;
use beffroi_yunohost::Raw;
use beffroi_yunohost::facts::User;

use super::access::HostPeople;
use super::card::Card;
use super::cards::{Held, People, is_login, secret_name};
use super::csv::{Row, csv_line, rows};
use super::orders::{New, joined, made, main_domain, order, text};
use crate::jobs::{AccountChange, Settlement};
use crate::plans::{MadePlan, Order};
use crate::surveys::Survey;
use crate::{App, AppError, now_ms};

/// The columns, as YunoHost names them.
const COLUMNS: [&str; 9] =
    ["username", "firstname", "lastname", "password", "mail", "mail-alias", "mail-forward", "mailbox-quota", "groups"];
/// What may be left out.
const OPTIONAL: [&str; 5] = ["password", "mail-alias", "mail-forward", "mailbox-quota", "groups"];

/// The login shell of an account that YunoHost makes.
const MADE_SHELL: &str = "/bin/bash";

/// A list to be taken in.
#[derive(Debug)]
pub struct ImportOrder {
    /// The file's text; it may have passwords.
    pub text: SecretText,
    /// Which hosts.
    pub on: String,
    /// Whether accounts that are there are changed to what the list says.
    pub update: bool,
}

/// What taking in a list would do.
#[derive(Debug)]
pub struct Import {
    /// Its rows and what each comes to, host by host.
    pub rows: Vec<ImportRow>,
    /// What is wrong with it. While anything is, there is no plan.
    pub faults: Vec<ImportFault>,
    /// The plan; nothing when there is nothing to do.
    pub plan: Option<MadePlan>,
}

/// A row of a list.
#[derive(Debug)]
pub struct ImportRow {
    /// Its line in the file.
    pub line: usize,
    /// The login.
    pub login: String,
    /// First and last name.
    pub fullname: String,
    /// What it comes to on each host, by its name.
    pub effects: Vec<(String, RowEffect)>,
}

/// What a row comes to on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowEffect {
    /// A new account.
    Made,
    /// The account is changed: what of it.
    Changed(Vec<&'static str>),
    /// The account is as the list says, or is left as it is.
    Left,
    /// Nobody looked at the host yet.
    NotSurveyed,
}

/// Something that is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFault {
    /// The line, counted from 1.
    pub line: usize,
    /// The column; empty where it is about the line.
    pub column: String,
    /// What: a word for each kind.
    pub what: &'static str,
}

/// Several people have a login, and none of them the name.
struct Ambiguous;

/// A row, read and checked.
struct Entry {
    line: usize,
    login: String,
    fullname: String,
    password: Option<SecretText>,
    mail: String,
    // What has no column stays as it is.
    aliases: Option<Vec<String>>,
    forwards: Option<Vec<String>>,
    quota: Option<String>,
    groups: Option<Vec<String>>,
}

impl App {
    /// What a list would do on the selected hosts, and the plan of it. Nothing is changed; cards are made once the accounts are.
    ///
    /// # Errors
    /// When the selector does not select a host. What is wrong with the list is in the answer.
    pub async fn import_people(&self, order: ImportOrder) -> Result<Import, AppError> {
        let session = self.session()?;
        let targets = session.select(&order.on).await?;
        // The text is read into fields, of which each that may be a password is wiped.
        let (entries, faults) = read(order.text.expose());
        let mut import = Import { rows: Vec::new(), faults, plan: None };
        if !import.faults.is_empty() {
            return Ok(import);
        }
        let (people, surveys) = session.blocking(|session| Ok((session.people()?, session.last_surveys()?))).await?;
        import.faults.extend(entries.iter().filter(|entry| entry.owner(&people).is_err()).map(|entry| entry.fault("several-people")));
        if !import.faults.is_empty() {
            return Ok(import);
        }
        let (mut orders, count) = (Vec::new(), entries.len());
        for entry in entries {
            let (row, new) = entry.orders(&people, &targets, &surveys, order.update)?;
            import.rows.push(row);
            orders.extend(new);
        }
        if !orders.is_empty() {
            let title = Message::new("title.person-import").with("count", count);
            import.plan = Some(self.plan_orders(&session, title, orders).await?);
        }
        Ok(import)
    }
}

impl App {
    /// The users of the selected hosts as YunoHost's own import has them, without passwords, from the last surveys; each login
    /// once, as the first host has it.
    ///
    /// # Errors
    /// When the selector does not select a host.
    pub async fn accounts_csv(&self, on: &str) -> Result<String, AppError> {
        let session = self.session()?;
        let targets = session.select(on).await?;
        session
            .blocking(move |session| {
                let surveys = session.last_surveys()?;
                let (mut text, mut told) = (csv_line(&COLUMNS, ';'), BTreeSet::new());
                for on_host in targets.iter().filter_map(|target| surveys.get(&target.host)).filter_map(HostPeople::of) {
                    for (login, user) in on_host.facts.users.value().into_iter().flatten() {
                        if told.insert(login.clone()) {
                            let groups: Vec<String> = on_host.groups_of(login).into_iter().collect();
                            text.push_str(&line(login, user, &groups));
                        }
                    }
                }
                Ok(text)
            })
            .await
    }
}

/// A user's line. YunoHost has one name and its lists two: the first word, and the others.
fn line(login: &str, user: &User, groups: &[String]) -> String {
    let (first, last) = user.fullname.split_once(' ').unwrap_or((&user.fullname, ""));
    let (aliases, forwards, groups) = (user.mail_aliases.join(","), user.mail_forwards.join(","), groups.join(","));
    csv_line(&[login, first, last, "", &user.mail, &aliases, &forwards, &user.mailbox_quota, &groups], ';')
}

/// The rows of a file, or what is wrong with it.
fn read(text: &str) -> (Vec<Entry>, Vec<ImportFault>) {
    let separator = if text.lines().next().is_some_and(|line| !line.contains(';') && line.contains(',')) { ',' } else { ';' };
    let mut rows = match rows(text, separator) {
        Ok(rows) => rows.into_iter(),
        Err(fault) => return (Vec::new(), vec![ImportFault { line: fault.line, column: String::new(), what: fault.what }]),
    };
    let Some(heading) = rows.next() else {
        return (Vec::new(), vec![ImportFault { line: 1, column: String::new(), what: "empty" }]);
    };
    let columns: Vec<String> = heading.fields.iter().map(|field| field.trim().to_ascii_lowercase()).collect();
    let mut faults = Vec::new();
    let mut fault = |line, column: &str, what| faults.push(ImportFault { line, column: column.to_owned(), what });
    for column in &columns {
        if !COLUMNS.contains(&column.as_str()) {
            fault(heading.line, column, "unknown-column");
        }
    }
    for column in COLUMNS.iter().filter(|column| !OPTIONAL.contains(column)) {
        if !columns.iter().any(|name| name == column) {
            fault(heading.line, column, "missing-column");
        }
    }
    if !faults.is_empty() {
        return (Vec::new(), faults);
    }
    let (mut entries, mut logins) = (Vec::new(), BTreeSet::new());
    for row in rows {
        if row.fields.len() != columns.len() {
            faults.push(ImportFault { line: row.line, column: String::new(), what: "wrong-number-of-columns" });
            continue;
        }
        let entry = entry(row, &columns, &mut faults);
        if !logins.insert(entry.login.clone()) {
            faults.push(ImportFault { line: entry.line, column: "username".to_owned(), what: "twice" });
        }
        entries.push(entry);
    }
    (entries, faults)
}

fn entry(row: Row, columns: &[String], faults: &mut Vec<ImportFault>) -> Entry {
    let line = row.line;
    let mut fields: BTreeMap<&str, _> = columns.iter().map(String::as_str).zip(row.fields).collect();
    let mut maybe = |name: &str| fields.remove(name).map(|field| field.trim().to_owned());
    let list =
        |text: String| -> Vec<String> { text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect() };
    let login = maybe("username").unwrap_or_default();
    let names = [maybe("firstname").unwrap_or_default(), maybe("lastname").unwrap_or_default()];
    let fullname = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect::<Vec<_>>().join(" ");
    let (mail, quota) = (maybe("mail").unwrap_or_default(), maybe("mailbox-quota").unwrap_or_default());
    let (aliases, forwards, groups) = (maybe("mail-alias").map(list), maybe("mail-forward").map(list), maybe("groups").map(list));
    let password = fields.remove("password").filter(|password| !password.is_empty()).map(|password| SecretText::new(password.to_string()));
    let mut check = |column: &str, fits: bool| {
        if !fits {
            faults.push(ImportFault { line, column: column.to_owned(), what: "does-not-fit" });
        }
    };
    check("username", is_login(&login));
    check("firstname", fits("user-add", "fullname", &fullname));
    check("mail", fits("user-edit", "mail", &mail));
    check("mail-alias", aliases.iter().flatten().all(|address| fits("user-edit", "mail", address)));
    check("mail-forward", forwards.iter().flatten().all(|address| fits("user-edit", "mail", address)));
    check("mailbox-quota", quota.is_empty() || fits("user-add", "mailbox-quota", &quota));
    check("groups", groups.iter().flatten().all(|group| fits("group-create", "group", group)));
    // Its length is looked at, and goes nowhere.
    check("password", password.as_ref().is_none_or(|password| (3..127).contains(&password.expose().chars().count())));
    let of_its_own = |group: &String| group != "all_users" && *group != login;
    let groups = groups.map(|groups| groups.into_iter().filter(of_its_own).collect());
    Entry { line, login, fullname, password, mail, aliases, forwards, quota: (!quota.is_empty()).then_some(quota), groups }
}

/// Whether a value is one that an operation would take.
fn fits(operation: &str, param: &str, value: &str) -> bool {
    let operation = beffroi_yunohost::Operation::find(operation);
    let kind = operation.and_then(|operation| operation.params.iter().find(|known| known.name == param)).map(|param| param.kind);
    kind.is_some_and(|kind| kind.fits(value))
}

impl Entry {
    fn fault(&self, what: &'static str) -> ImportFault {
        ImportFault { line: self.line, column: "username".to_owned(), what }
    }

    /// The card whose accounts have this login: of several, the one of that name.
    ///
    /// # Errors
    /// When it is not clear whose the account is to be.
    fn owner<'a>(&self, people: &'a People) -> Result<Option<&'a Held<Card>>, Ambiguous> {
        let cards: Vec<_> = people.cards.iter().filter(|card| card.value.login == self.login).collect();
        let named = |card: &&&Held<Card>| card.value.fullname.split_whitespace().eq(self.fullname.split_whitespace());
        match cards.as_slice() {
            [] => Ok(None),
            [card] => Ok(Some(*card)),
            several => match several.iter().filter(named).collect::<Vec<_>>().as_slice() {
                [card] => Ok(Some(**card)),
                _ => Err(Ambiguous),
            },
        }
    }

    fn orders(
        self,
        people: &People,
        targets: &[TargetRecord],
        surveys: &HashMap<HostId, Survey>,
        update: bool,
    ) -> Result<(ImportRow, Vec<Order>), AppError> {
        let known = self.owner(people).ok().flatten();
        let (person, id) = match known {
            Some(card) => (card.value.name.clone(), card.id),
            None => (people.free_name(&self.login), DocumentId::make()),
        };
        let (mut effects, mut orders) = (Vec::new(), Vec::new());
        for target in targets {
            let survey = surveys.get(&target.host);
            let on_host = survey.and_then(HostPeople::of);
            let users = on_host.as_ref().and_then(|on_host| on_host.facts.users.value());
            let (effect, new) = match (users, users.and_then(|users| users.get(&self.login))) {
                (None, _) => (RowEffect::NotSurveyed, Vec::new()),
                (Some(_), None) => {
                    let mut new = self.make(target, id, &person, main_domain(survey))?;
                    if let (None, Some(first)) = (known, new.first_mut()) {
                        first.settles.insert(0, Settlement::Card { document: id.to_string(), card: self.card(&person) });
                    }
                    (RowEffect::Made, new)
                }
                (Some(_), Some(_)) if !update => (RowEffect::Left, Vec::new()),
                (Some(_), Some(user)) => {
                    let groups = on_host.map(|on_host| on_host.groups_of(&self.login)).unwrap_or_default();
                    let linked = people.owner_of(target.host, &self.login);
                    let owner = linked.and_then(|(_, owner)| owner).unwrap_or(&person);
                    self.change(target, user, &groups, owner, linked.map(|(account, _)| account))?
                }
            };
            effects.push((target.name.to_string(), effect));
            orders.extend(new);
        }
        Ok((ImportRow { line: self.line, login: self.login, fullname: self.fullname, effects }, orders))
    }

    fn card(&self, name: &str) -> Card {
        Card {
            name: name.to_owned(),
            login: self.login.clone(),
            fullname: self.fullname.clone(),
            mail: String::new(),
            notes: String::new(),
            created_ms: now_ms(),
            leaving: None,
        }
    }

    fn make(&self, target: &TargetRecord, id: DocumentId, person: &str, main: Option<String>) -> Result<Vec<Order>, AppError> {
        let (local, domain) = self.mail.split_once('@').unwrap_or_default();
        let new = New {
            domain: (local == self.login).then_some(domain),
            mailbox_quota: self.quota.as_deref(),
            groups: self.groups.as_deref().unwrap_or_default(),
            password: self.password.as_ref().map(SecretText::duplicate),
        };
        let domain = new.domain.map(str::to_owned).or_else(|| main.clone()).unwrap_or_default();
        let mailbox_quota = self.quota.clone().unwrap_or_default();
        let (document, mut orders) = made(target, id, person, &self.login, &self.fullname, new, main)?;
        // What it is not made with is set on it right after.
        let mail = format!("{}@{domain}", self.login);
        let mut edits = self.edits(&User { fullname: self.fullname.clone(), mail, mailbox_quota, ..User::default() });
        if !edits.set.is_empty() {
            // An account that is not there yet cannot be asked for its shell: it is the one that YunoHost gives.
            edits.set.push(("shell", text(MADE_SHELL)));
        }
        orders.extend(edits.orders(target, &self.login, Some(document), None)?);
        Ok(orders)
    }

    /// What differs between an account and the list, but its password and its groups.
    fn edits(&self, user: &User) -> Edits {
        let mut edits = Edits::default();
        if !user.fullname.split_whitespace().eq(self.fullname.split_whitespace()) {
            edits.set("fullname", ("fullname", text(&self.fullname)));
        }
        if user.mail != self.mail {
            edits.set("mail", ("mail", text(&self.mail)));
            edits.mail = Some(self.mail.clone());
        }
        if let Some(quota) = self.quota.as_deref().filter(|quota| *quota != user.mailbox_quota) {
            edits.set("mailbox-quota", ("mailbox-quota", text(quota)));
        }
        edits.list("mail-alias", &self.aliases, &user.mail_aliases, ("add-mailalias", "remove-mailalias"), &self.mail);
        edits.list("mail-forward", &self.forwards, &user.mail_forwards, ("add-mailforward", "remove-mailforward"), &self.mail);
        edits
    }

    /// What must be changed on an account that is there; with its document where it is somebody's.
    fn change(
        &self,
        target: &TargetRecord,
        user: &User,
        groups: &BTreeSet<String>,
        person: &str,
        account: Option<DocumentId>,
    ) -> Result<(RowEffect, Vec<Order>), AppError> {
        let mut edits = self.edits(user);
        let mut secret = None;
        if let Some(password) = &self.password {
            edits.set("password", ("password", Raw::Secret(password.duplicate())));
            secret = Some(Settlement::Secret { name: secret_name(person, &self.login, target.name.as_str()) });
        }
        let mut fields = std::mem::take(&mut edits.fields);
        let mut orders = edits.orders(target, &self.login, account, secret)?;
        let wanted: BTreeSet<String> = self.groups.as_ref().map_or_else(|| groups.clone(), |wanted| wanted.iter().cloned().collect());
        // Of an account that is nobody's, nothing is recorded.
        let document = account.unwrap_or_else(DocumentId::make).to_string();
        for group in wanted.difference(groups) {
            orders.push(joined(target, &document, &self.login, group, true)?);
        }
        for group in groups.difference(&wanted) {
            orders.push(joined(target, &document, &self.login, group, false)?);
        }
        if wanted != *groups {
            fields.push("groups");
        }
        if let Some(first) = orders.first_mut() {
            first.set_apart();
        }
        Ok((if fields.is_empty() { RowEffect::Left } else { RowEffect::Changed(fields) }, orders))
    }
}

/// What is changed on an account.
#[derive(Default)]
struct Edits {
    /// The columns.
    fields: Vec<&'static str>,
    set: Vec<(&'static str, Raw)>,
    /// Addresses that it has and the list has not: YunoHost does not add forwards and take some away in one command.
    taken: Vec<(&'static str, Raw)>,
    /// Its main address, where that is another one.
    mail: Option<String>,
}

impl Edits {
    fn set(&mut self, field: &'static str, raw: (&'static str, Raw)) {
        self.fields.push(field);
        self.set.push(raw);
    }

    fn list(
        &mut self,
        field: &'static str,
        wanted: &Option<Vec<String>>,
        there: &[String],
        params: (&'static str, &'static str),
        mail: &str,
    ) {
        let Some(wanted) = wanted else { return };
        let missing: Vec<String> = wanted.iter().filter(|address| !there.contains(address)).cloned().collect();
        let surplus: Vec<String> = there.iter().filter(|address| !wanted.contains(address) && *address != mail).cloned().collect();
        if !missing.is_empty() || !surplus.is_empty() {
            self.fields.push(field);
        }
        self.set.extend((!missing.is_empty()).then_some((params.0, Raw::List(missing))));
        self.taken.extend((!surplus.is_empty()).then_some((params.1, Raw::List(surplus))));
    }

    /// The orders of it, and what is recorded with the first.
    fn orders(
        self,
        target: &TargetRecord,
        login: &str,
        account: Option<DocumentId>,
        secret: Option<Settlement>,
    ) -> Result<Vec<Order>, AppError> {
        let mail = account.zip(self.mail);
        let address =
            mail.map(|(account, mail)| Settlement::Account { document: account.to_string(), change: AccountChange::Mail { mail } });
        let mut orders = Vec::new();
        for raw in [self.set, self.taken].into_iter().filter(|raw| !raw.is_empty()) {
            let raw = std::iter::once(("username", text(login))).chain(raw).collect();
            orders.push(order(target, "user-edit", raw)?);
        }
        if let Some(first) = orders.first_mut() {
            first.settles.extend(secret.into_iter().chain(address));
        }
        Ok(orders)
    }
}
