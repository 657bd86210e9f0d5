//! What secrets are searched by: names, and what stands beside their values without being hidden.
//!
//! Made once for an open vault, at the first search, because it opens every detail; after that only what a commit changed is
//! read again. A stage that is sealed takes what was read of it along.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use beffroi_domain::{CompartmentId, HostId, SecretId};
use beffroi_store::table::merge::RowKey;
use beffroi_store::table::secret::SecretRow;

use super::words::Haystack;
use super::{Found, FoundBy, FoundKind};
use crate::AppError;
use crate::secrets::detail::Detail;
use crate::session::Session;

/// Rows that are read again one by one; of more, everything is.
const MOST_TOLD: usize = 2_000;

/// The index of an open vault.
#[derive(Default)]
pub(crate) struct SecretIndex {
    known: Mutex<Option<Known>>,
    told: Mutex<Told>,
}

/// What changed since the last search.
enum Told {
    Rows(Vec<RowKey>),
    Everything,
}

impl Default for Told {
    fn default() -> Self {
        Self::Rows(Vec::new())
    }
}

struct Known {
    /// Stages that were open when it was made.
    open: BTreeSet<CompartmentId>,
    secrets: HashMap<SecretId, Entry>,
    hosts: HashMap<HostId, Given>,
}

/// A host and what it is given.
struct Given {
    name: String,
    secrets: BTreeSet<SecretId>,
}

struct Entry {
    name: String,
    compartment: CompartmentId,
    /// What it is found by beside its name and its hosts.
    beside: Vec<(FoundBy, String)>,
    hosts: BTreeSet<String>,
    hay: Haystack,
}

impl SecretIndex {
    /// Notes which rows a commit changed.
    pub(crate) fn tell(&self, rows: &[RowKey]) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *told {
            Told::Rows(before) if before.len() + rows.len() <= MOST_TOLD => before.extend_from_slice(rows),
            _ => *told = Told::Everything,
        }
    }

    /// Forgets everything: a stage was sealed, or nobody knows which rows changed.
    pub(crate) fn forget(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Told::Everything;
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Session {
    /// Secrets that have all words, the nearest first, then by name.
    pub(super) fn find_secrets(&self, words: &[String], most: usize) -> Result<Vec<Found>, AppError> {
        let mut known = self.index.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken before anything is read: what is told from now on is read again at the next search.
        let told = std::mem::take(&mut *self.index.told.lock().unwrap_or_else(PoisonError::into_inner));
        let open: BTreeSet<CompartmentId> =
            self.stages.all().iter().map(|stage| stage.compartment).filter(|compartment| self.is_open(*compartment)).collect();
        let now = match (known.take(), told) {
            (Some(before), Told::Rows(rows)) if before.open == open => before.refreshed(self, &rows)?,
            _ => Known::read(self, open)?,
        };
        let mut ranked: Vec<_> = now.secrets.values().filter_map(|entry| Some((entry.hay.rank(words)?, entry))).collect();
        ranked.sort_unstable_by(|((one, _), left), ((other, _), right)| other.cmp(one).then_with(|| left.name.cmp(&right.name)));
        let found = ranked.into_iter().take(most).map(|((_, place), entry)| self.found_secret(entry, place)).collect();
        *known = Some(now);
        Ok(found)
    }

    fn found_secret(&self, entry: &Entry, place: usize) -> Found {
        let (by, text) = entry.texts().nth(place).map_or((FoundBy::Name, ""), |(by, text)| (by, text));
        let text = if by == FoundBy::Name { String::new() } else { text.to_owned() };
        Found { kind: FoundKind::Secret, name: entry.name.clone(), stage: self.stage_of(entry.compartment), by, text }
    }
}

impl Known {
    fn read(session: &Session, open: BTreeSet<CompartmentId>) -> Result<Self, AppError> {
        let mut details: HashMap<_, _> = session.documents::<Detail>()?.into_iter().collect();
        let mut secrets = HashMap::new();
        for row in session.catalog.read(|reader| reader.secrets())? {
            // One that is damaged is still found by its name.
            let detail = details.remove(&crate::secrets::detail::detail_id(row.id)).and_then(Result::ok).map(|stored| stored.value);
            secrets.insert(row.id, Entry::new(row, detail));
        }
        let mut known = Self { open, secrets, hosts: HashMap::new() };
        for target in session.targets()? {
            known.give(target.record.host, target.record.name.to_string(), target.record.secrets().collect());
        }
        known.secrets.values_mut().for_each(Entry::fold);
        Ok(known)
    }

    /// The same after some rows changed.
    fn refreshed(mut self, session: &Session, rows: &[RowKey]) -> Result<Self, AppError> {
        let of = |tables: &[&str]| rows.iter().filter(|row| tables.contains(&row.table)).map(|row| row.id).collect::<BTreeSet<_>>();
        let mut touched = BTreeSet::new();
        // A detail has the id of its secret.
        for id in of(&["secret", "document"]) {
            let Ok(id) = SecretId::from_bytes(&id) else { continue };
            let row = session.catalog.read(|reader| reader.sealed_secret(id))?;
            let before = self.secrets.remove(&id);
            let Some((row, _)) = row else { continue };
            let detail = session.secret_detail(id).ok().flatten().map(|stored| stored.value);
            let hosts = before.map_or_else(|| self.hosts_of(id), |before| before.hosts);
            self.secrets.insert(id, Entry { hosts, ..Entry::new(row, detail) });
            touched.insert(id);
        }
        for id in of(&["target"]) {
            let Ok(id) = HostId::from_bytes(&id) else { continue };
            if let Some(before) = self.hosts.remove(&id) {
                for secret in before.secrets {
                    touched.insert(secret);
                    self.secrets.get_mut(&secret).map(|entry| entry.hosts.remove(&before.name));
                }
            }
            if let Some(row) = session.catalog.read(|reader| reader.target(id))? {
                let record = session.read_target(&row)?.record;
                touched.extend(record.secrets());
                self.give(id, record.name.to_string(), record.secrets().collect());
            }
        }
        for id in touched {
            if let Some(entry) = self.secrets.get_mut(&id) {
                entry.fold();
            }
        }
        Ok(self)
    }

    fn hosts_of(&self, secret: SecretId) -> BTreeSet<String> {
        self.hosts.values().filter(|given| given.secrets.contains(&secret)).map(|given| given.name.clone()).collect()
    }

    fn give(&mut self, host: HostId, name: String, secrets: BTreeSet<SecretId>) {
        for secret in &secrets {
            if let Some(entry) = self.secrets.get_mut(secret) {
                entry.hosts.insert(name.clone());
            }
        }
        self.hosts.insert(host, Given { name, secrets });
    }
}

impl Entry {
    fn new(row: SecretRow, detail: Option<Detail>) -> Self {
        let mut beside = Vec::new();
        let mut add = |by, text: String| {
            if !text.is_empty() {
                beside.push((by, text));
            }
        };
        if let Some(detail) = detail {
            add(FoundBy::Title, detail.title);
            add(FoundBy::Account, detail.user);
            detail.urls.into_iter().for_each(|url| add(FoundBy::Address, url));
            detail.tags.into_iter().for_each(|tag| add(FoundBy::Tag, tag));
            detail.path.into_iter().for_each(|group| add(FoundBy::Group, group));
            for field in detail.fields {
                // Its name; its value only where its owner made it to be seen beside the name.
                let value = if field.hidden { "" } else { field.value.0.expose().as_str() };
                add(FoundBy::Field, format!("{} {value}", field.name).trim_end().to_owned());
            }
        }
        Self { name: row.name, compartment: row.compartment, beside, hosts: BTreeSet::new(), hay: Haystack::default() }
    }

    /// What it is found by, in the order in which that counts.
    fn texts(&self) -> impl Iterator<Item = (FoundBy, &str)> {
        let hosts = self.hosts.iter().map(|host| (FoundBy::Host, host.as_str()));
        [(FoundBy::Name, self.name.as_str())].into_iter().chain(self.beside.iter().map(|(by, text)| (*by, text.as_str()))).chain(hosts)
    }

    fn fold(&mut self) {
        self.hay = Haystack::new(self.texts().map(|(_, text)| text));
    }
}
