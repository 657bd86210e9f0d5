//! What other programs are told of the fleet: hosts of the catalog, and guests that are there.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use beffroi_domain::{GuestDriver, HostId, HostName, TargetRecord};
use beffroi_lxc::{Guest, GuestKind, Reading};

use crate::session::{Session, Standing, Target};
use crate::surveys::Survey;
use crate::{App, AppError};

/// What other programs are told.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// The name under which a file has the key that every end proves itself by ([`App::open_ssh_end`]).
    pub key_name: String,
    /// That file, as `UserKnownHostsFile` takes it: of this machine, and of this vault alone.
    pub known_hosts: PathBuf,
    /// Hosts and guests, by name.
    pub hosts: Vec<InventoryHost>,
}

/// A host or a guest.
#[derive(Debug, Clone)]
pub struct InventoryHost {
    /// Its name in the catalog.
    pub name: String,
    /// The same without a slash, the guest first: `web.srv` for `srv/web`. No other host is called so.
    pub alias: String,
    /// Its address; empty for a guest.
    pub address: String,
    /// The port of its SSH server; 0 for a guest.
    pub port: u16,
    /// As whom one is there.
    pub user: String,
    /// Its stage.
    pub stage: String,
    /// Whether it is sealed for now.
    pub sealed: bool,
    /// Its role, and what else its last survey found it to be.
    pub roles: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who drives it, for a guest.
    pub driver: Option<GuestDriver>,
    /// The host that it is a guest of, or behind.
    pub through: Option<String>,
}

impl App {
    /// The hosts that a selector selects, or all, as other programs are told of them; with all, also guests that were found and
    /// have no record yet. A guest that the last reading of its host did not find is left out, and so is a host whose record somebody
    /// forged.
    ///
    /// # Errors
    /// When no vault is open, [`AppError::InvalidSelector`], [`AppError::NothingSelected`];
    /// when the vault has no key for it yet and takes no changes, and when the file cannot be written.
    pub async fn inventory(&self, on: Option<&str>) -> Result<Inventory, AppError> {
        let session = self.session()?;
        let (key, _) = session.end_key().await?;
        let key_name = format!("beffroi-{}", session.vault.id());
        let known_hosts = self.inner.places.keep_known_hosts(session.vault.id(), &format!("{key_name} {key}\n"))?;
        let selected: Option<HashSet<HostId>> = match on {
            Some(on) => Some(session.select(on).await?.into_iter().map(|record| record.host).collect()),
            None => None,
        };
        let hosts = session.blocking(move |session| session.inventory_hosts(selected.as_ref())).await?;
        Ok(Inventory { key_name, known_hosts, hosts })
    }
}

impl Session {
    fn inventory_hosts(&self, selected: Option<&HashSet<HostId>>) -> Result<Vec<InventoryHost>, AppError> {
        let (targets, surveys) = (self.targets()?, self.last_surveys()?);
        let names: HashMap<HostId, &str> = targets.iter().map(|target| (target.record.host, target.record.name.as_str())).collect();
        let found = self.guests_found(&targets);
        let taken: HashSet<&str> = names.values().copied().collect();
        let mut hosts = Vec::new();
        for target in &targets {
            let record = &target.record;
            let is_meant = selected.is_none_or(|selected| selected.contains(&record.host));
            if !is_meant || target.standing == Standing::Forged || !is_found(record, &found) {
                continue;
            }
            if let (None, Some(reading)) = (selected, found.get(&record.host)) {
                hosts.extend(unnamed(target, reading, &targets));
            }
            let name = record.name.to_string();
            let access = &record.access;
            let is_guest = access.guest.is_some();
            hosts.push(InventoryHost {
                alias: alias(&name),
                address: if is_guest { String::new() } else { access.address.clone() },
                port: if is_guest { 0 } else { access.port },
                user: access.user.clone(),
                stage: record.stage.to_string(),
                sealed: target.standing == Standing::Sealed,
                roles: surveys.get(&record.host).map(roles).unwrap_or_default(),
                tags: record.tags.iter().map(ToString::to_string).collect(),
                driver: access.guest.as_ref().map(|guest| guest.driver),
                through: access.jump.and_then(|jump| names.get(&jump)).map(|name| (*name).to_owned()),
                name,
            });
        }
        settle(&mut hosts, &taken);
        hosts.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(hosts)
    }

    /// What was last read of the guests of every host that is open.
    fn guests_found(&self, targets: &[Target]) -> HashMap<HostId, Reading> {
        let open = targets.iter().filter(|target| target.standing == Standing::Authentic);
        // A reading that cannot be opened says nothing.
        open.filter_map(|target| Some((target.record.host, self.known_guests(target.compartment, target.record.host).ok()??.reading)))
            .collect()
    }
}

/// Whether a guest is there, as far as its host told: one of which nothing was read yet is.
fn is_found(record: &TargetRecord, found: &HashMap<HostId, Reading>) -> bool {
    let reading = record.access.jump.and_then(|host| found.get(&host));
    match (&record.access.guest, reading) {
        (Some(way), Some(reading)) => reading.guest(way.driver, &way.project, &way.name).is_some(),
        _ => true,
    }
}

/// Guests that were found and that nobody named yet: their record is made when somebody does.
fn unnamed(target: &Target, reading: &Reading, targets: &[Target]) -> Vec<InventoryHost> {
    let host = &target.record;
    let is_known = |guest: &Guest| {
        targets.iter().any(|other| {
            let way = other.record.access.guest.as_ref().filter(|_| other.record.access.jump == Some(host.host));
            way.is_some_and(|way| way.driver == guest.driver && way.project == guest.project && way.name == guest.name)
        })
    };
    let rows = reading.guests.iter().filter(|guest| !guest.template && guest.kind == GuestKind::Container && !is_known(guest));
    rows.filter_map(|guest| {
        let name: HostName = format!("{}/{}", host.name, guest.shown_name()).parse().ok()?;
        // Two of one name are told apart when they are named.
        let is_one = reading.named(guest.shown_name()).count() == 1 && !targets.iter().any(|other| other.record.name == name);
        is_one.then(|| InventoryHost {
            alias: alias(name.as_str()),
            name: name.to_string(),
            address: String::new(),
            port: 0,
            user: "root".to_owned(),
            stage: host.stage.to_string(),
            sealed: false,
            roles: Vec::new(),
            tags: Vec::new(),
            driver: Some(guest.driver),
            through: Some(host.name.to_string()),
        })
    })
    .collect()
}

/// Takes away aliases that another host has, as its name or as its alias: a guest, which its host names, must not stand where
/// programs look for somebody else.
fn settle(hosts: &mut [InventoryHost], names: &HashSet<&str>) {
    let mut used: HashMap<String, usize> = HashMap::new();
    for host in hosts.iter() {
        *used.entry(host.alias.clone()).or_default() += 1;
    }
    let others: HashSet<String> = hosts.iter().map(|host| host.name.clone()).chain(names.iter().map(|name| (*name).to_owned())).collect();
    for host in hosts {
        let is_taken = host.alias != host.name && others.contains(&host.alias);
        if is_taken || used.get(&host.alias).is_some_and(|count| *count > 1) {
            host.alias.clone_from(&host.name);
        }
    }
}

/// The name with the last part first, which programs take that stumble over slashes.
fn alias(name: &str) -> String {
    name.rsplit('/').collect::<Vec<_>>().join(".")
}

fn roles(survey: &Survey) -> Vec<String> {
    let mut roles = survey.role_names();
    roles.push(survey.role().name().to_owned());
    roles.sort_unstable();
    roles.dedup();
    roles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_alias_stands_for_two() {
        let row = |name: &str| InventoryHost {
            name: name.to_owned(),
            alias: alias(name),
            address: String::new(),
            port: 0,
            user: String::new(),
            stage: String::new(),
            sealed: false,
            roles: Vec::new(),
            tags: Vec::new(),
            driver: None,
            through: None,
        };
        let mut rows = ["srv/web", "web.srv", "c.a/b", "a/b.c", "a/b.c/d", "srv/mail", "x/y"].map(row);
        settle(&mut rows, &HashSet::from(["y.x"]));
        assert_eq!(rows.map(|row| row.alias), ["srv/web", "web.srv", "c.a/b", "a/b.c", "d.b.c.a", "mail.srv", "x/y"].map(str::to_owned));
    }

    #[test]
    fn an_alias_begins_with_the_guest() {
        assert_eq!((alias("srv"), alias("srv/web"), alias("srv/web/inner")), ("srv".into(), "web.srv".into(), "inner.web.srv".into()));
    }
}
