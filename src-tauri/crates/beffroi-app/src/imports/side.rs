//! What the vault has, to be compared with a file.

use std::collections::HashMap;

use beffroi_domain::SecretId;
use beffroi_import::Format;
use beffroi_store::table::secret::SecretRow;

use super::export::export_formats;
use super::rows::NOTE;
use crate::AppError;
use crate::documents::Stored;
use crate::secrets::detail::{Detail, Origin};
use crate::secrets::{PASSWORD, PRIVATE_KEY};
use crate::session::{Session, Target};

/// A secret of the vault.
pub(super) struct Known {
    pub(super) row: SecretRow,
    /// What stands beside it; nothing where there is nothing, or where its stage is sealed.
    pub(super) detail: Option<Stored<Detail>>,
    pub(super) open: bool,
}

/// The vault's secrets and hosts.
pub(super) struct Side {
    pub(super) known: Vec<Known>,
    pub(super) by_name: HashMap<String, usize>,
    by_origin: HashMap<String, usize>,
    by_id: HashMap<SecretId, usize>,
    /// What came from a file once and lies in the trash.
    trashed: HashMap<String, String>,
    pub(super) targets: Vec<Target>,
    /// Hosts by their names and addresses in lower case.
    hosts: HashMap<String, Vec<usize>>,
}

/// Whether a secret is of a kind that files bring.
pub(crate) fn is_of_people(row: &SecretRow) -> bool {
    matches!(row.kind.as_str(), PRIVATE_KEY | PASSWORD | NOTE)
}

/// What one entry of one source is found again by. An id that is a UUID is one wherever its file lies and whatever it is called.
pub(super) fn origin_key(source: &str, id: &str) -> String {
    let format = source.split(':').next().unwrap_or_default();
    if is_uuid(id) { format!("{format}\n{}", id.to_ascii_lowercase()) } else { format!("{source}\n{id}") }
}

fn is_uuid(id: &str) -> bool {
    let hex = id.chars().filter(|c| *c != '-');
    id.len() <= 36 && hex.clone().count() == 32 && hex.clone().all(|c| c.is_ascii_hexdigit())
}

impl Side {
    pub(super) fn read(session: &Session) -> Result<Self, AppError> {
        let mut details: HashMap<[u8; 16], Stored<Detail>> = HashMap::new();
        for (id, detail) in session.documents::<Detail>()? {
            match detail {
                Ok(detail) => drop(details.insert(*id.as_bytes(), detail)),
                // Shown as sealed by its secret's stage.
                Err(AppError::StageSealed { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut side = Self {
            known: Vec::new(),
            by_name: HashMap::new(),
            by_origin: HashMap::new(),
            by_id: HashMap::new(),
            trashed: HashMap::new(),
            targets: session.targets()?,
            hosts: HashMap::new(),
        };
        for row in session.catalog.read(|reader| reader.secrets())? {
            let (place, open, detail) = (side.known.len(), session.is_open(row.compartment), details.remove(row.id.as_bytes()));
            side.by_name.insert(row.name.clone(), place);
            side.by_id.insert(row.id, place);
            if let Some(origin) = detail.as_ref().and_then(|detail| detail.value.origin.as_ref()) {
                side.by_origin.insert(origin_key(&origin.source, &origin.id), place);
            }
            side.known.push(Known { row, detail, open });
        }
        // What is left has no secret: it lies in the trash.
        for detail in details.into_values().map(|stored| stored.value) {
            if let (Some(Origin { source, id, .. }), Some(trashed)) = (&detail.origin, &detail.trashed) {
                side.trashed.insert(origin_key(source, id), trashed.name.clone());
            }
        }
        for (place, target) in side.targets.iter().enumerate() {
            let record = &target.record;
            let names = record.accesses().map(|access| access.address.to_ascii_lowercase()).chain([record.name.to_string()]);
            for name in names {
                let places = side.hosts.entry(name).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Ok(side)
    }

    pub(super) fn of_origin(&self, source: &str, id: &str) -> Option<usize> {
        self.by_origin.get(&origin_key(source, id)).copied()
    }

    /// The secret that an entry was once written from, by this vault: its id stands in what is exported. What has a purpose of
    /// its own, as the key of backups, is never replaced by a file.
    pub(super) fn own(&self, format: Format, id: &str) -> Option<usize> {
        let id: SecretId = id.to_ascii_lowercase().parse().ok()?;
        let place = *self.by_id.get(&id).filter(|_| export_formats().contains(&format.name()))?;
        is_of_people(&self.known.get(place)?.row).then_some(place)
    }

    /// The name that an entry had, which lies in the trash now.
    pub(super) fn trashed(&self, source: &str, id: &str) -> Option<&str> {
        self.trashed.get(&origin_key(source, id)).map(String::as_str)
    }

    /// The host of a name.
    pub(super) fn host_named(&self, name: &str) -> Option<usize> {
        let is_it = |place: &&usize| self.targets.get(**place).is_some_and(|target| target.record.name.as_str() == name);
        self.hosts.get(name)?.iter().find(is_it).copied()
    }

    /// The hosts that an address leads to: `web-1`, `192.0.2.7`, `root@web-1:2222`, `https://web-1/x`. With a port, only those
    /// with a way to it, unless it is an address of the web.
    pub(super) fn hosts_at(&self, address: &str) -> Vec<usize> {
        let Some(Address { scheme, host, port, .. }) = Address::parse(address) else { return Vec::new() };
        let port = port.filter(|_| matches!(scheme, "" | "ssh" | "sftp" | "scp"));
        let leads = |place: &&usize| {
            let Some(target) = self.targets.get(**place) else { return false };
            port.is_none_or(|port| target.record.accesses().any(|access| access.port == port))
        };
        self.hosts.get(&host.to_ascii_lowercase()).into_iter().flatten().filter(leads).copied().collect()
    }
}

/// An address, as people write them.
pub(super) struct Address<'a> {
    pub(super) scheme: &'a str,
    pub(super) user: Option<&'a str>,
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
}

impl<'a> Address<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://").unwrap_or(("", text.trim()));
        let authority = rest.split(['/', '?', '#']).next()?;
        let (user, place) = authority.rsplit_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
        let (host, port) = if let Some(bracketed) = place.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']')?;
            (host, after.strip_prefix(':'))
        } else if place.matches(':').count() == 1 {
            place.split_once(':').map(|(host, port)| (host, Some(port)))?
        } else {
            (place, None)
        };
        let port = match port {
            Some(port) => Some(port.parse().ok()?),
            None => None,
        };
        let user = user.map(|user| user.split(':').next().unwrap_or(user)).filter(|user| !user.is_empty());
        (!host.is_empty()).then_some(Self { scheme, user, host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let read = |text| Address::parse(text).map(|read| (read.user, read.host, read.port));
        assert_eq!(read("web-1"), Some((None, "web-1", None)));
        assert_eq!(read("ssh://root@web-1:2222/"), Some((Some("root"), "web-1", Some(2222))));
        assert_eq!(read("https://a:b@shop.test/login?x=1"), Some((Some("a"), "shop.test", None)));
        assert_eq!(read("root@[2001:db8::7]:22"), Some((Some("root"), "2001:db8::7", Some(22))));
        assert_eq!(read("2001:db8::7"), Some((None, "2001:db8::7", None)));
        assert_eq!(read(""), None);
        assert_eq!(read("web-1:port"), None);
    }

    #[test]
    fn a_uuid_is_one_whatever_its_file_is_called() {
        let id = "0f8fad5b-d9cb-469f-a165-70867728950e";
        assert_eq!(origin_key("kdbx:a/old.kdbx", id), origin_key("kdbx:b/new.kdbx", &id.to_ascii_uppercase()));
        assert_ne!(origin_key("env:a/.env", "DB"), origin_key("env:b/.env", "DB"));
    }
}
