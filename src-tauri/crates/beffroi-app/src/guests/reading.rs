//! What hosts say of their guests: read in one round trip each, kept with its date, sealed under the host's stage.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use beffroi_domain::{CompartmentId, GuestDriver, GuestWay, HostId, HostName, TargetRecord};
use beffroi_lxc::{Driver, Guest, Reading, Rest};
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;
use beffroi_store::Writer;
use beffroi_store::table::guest_reading::GuestReadingRow;
use beffroi_vault::Place;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::declared::{Declaration, DeclaredGuest};
use crate::connect::Rights;
use crate::session::Session;
use crate::surveys::{AT_A_TIME, FRESH_MS};
use crate::{App, AppError, Change, GuestError, now_ms};

/// What a host said of its guests at a moment.
#[derive(Debug, Clone)]
pub struct GuestReading {
    /// When, in milliseconds since 1970.
    pub taken_ms: u64,
    /// How long connecting and reading took, in milliseconds.
    pub took_ms: u64,
    /// What it said.
    pub reading: Reading,
}

/// How new a reading has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newness {
    /// The one that is stored, if there is one: no host is asked anything.
    Stored,
    /// The one that is stored while it is young and no job worked on the host since, else a new one.
    Young,
    /// A new one.
    New,
}

/// Where a guest is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// Its host has it, the catalog does not.
    Present,
    /// The catalog has it, by a record or a kept specification; its host does not.
    Declared,
    /// Both.
    Both,
}

/// A guest of a host.
#[derive(Debug, Clone)]
pub struct ListedGuest {
    /// `HOST/GUEST`; not a name that can be typed where the driver's has other characters, or several of one driver share it.
    pub name: String,
    /// Whether that name leads to it.
    pub has_name: bool,
    /// Where it is known.
    pub presence: Presence,
    /// The stage of its own record or of its kept specification, where the catalog has one.
    pub stage: Option<String>,
    /// What its host says of it.
    pub guest: Option<Guest>,
    /// What its kept specification says of it, where one is kept.
    pub declared: Option<Declaration>,
}

/// The guests of a host.
#[derive(Debug)]
pub struct HostGuests {
    /// The host's name.
    pub host: String,
    /// Its stage.
    pub stage: String,
    /// Whether that stage is sealed for now.
    pub sealed: bool,
    /// How long it took; zero when a stored reading was given.
    pub took: Duration,
    /// What it said, or why that is not known. `None`: nothing was ever read, and nothing was to be.
    pub reading: Result<Option<GuestReading>, AppError>,
    /// Its guests, by name.
    pub guests: Vec<ListedGuest>,
}

/// One guest, with what its host is.
#[derive(Debug)]
pub struct ShownGuest {
    /// Its host's name.
    pub host: String,
    /// When its host was read, in milliseconds since 1970.
    pub taken_ms: u64,
    /// Who drives it.
    pub driver: Option<Driver>,
    /// It.
    pub guest: ListedGuest,
}

/// The stored form.
#[derive(Serialize, Deserialize)]
struct Stored {
    took_ms: u64,
    reading: Reading,
}

impl App {
    /// The guests of the selected hosts, or of all that are no guests themselves; several hosts at a time, one round trip each. One
    /// that fails does not stop the others. Answers come by name.
    ///
    /// # Errors
    /// When no vault is open or the selector does not select a host.
    pub async fn list_guests(&self, on: Option<&str>, newness: Newness) -> Result<Vec<HostGuests>, AppError> {
        let session = self.session()?;
        let mut hosts = session.select(on.unwrap_or("all")).await?;
        if on.is_none() {
            hosts.retain(|record| record.guest().is_none());
        }
        let records = Arc::new((session.guest_records().await?, session.declarations().await?));
        let mut waiting = hosts.into_iter();
        let (mut working, mut listed) = (JoinSet::new(), Vec::new());
        loop {
            while working.len() < AT_A_TIME
                && let Some(target) = waiting.next()
            {
                let (session, records) = (Arc::clone(&session), Arc::clone(&records));
                working.spawn(async move { session.guests_of(&target, &records.0, &records.1, newness).await });
            }
            match working.join_next().await.transpose().map_err(AppError::internal)? {
                Some(host) => listed.push(host),
                None => break,
            }
        }
        listed.sort_by(|one, other| one.host.cmp(&other.host));
        Ok(listed)
    }

    /// One guest, named `HOST/GUEST`.
    ///
    /// # Errors
    /// [`GuestError::NotAGuest`], [`GuestError::NotThere`], and those of the connection to its host.
    pub async fn show_guest(&self, name: &str, newness: Newness) -> Result<ShownGuest, AppError> {
        let session = self.session()?;
        let not_a_guest = || GuestError::NotAGuest { name: name.to_owned() };
        let typed: HostName = name.parse().map_err(|_| not_a_guest())?;
        let (host, called) = typed.guest().ok_or_else(not_a_guest)?;
        let target = session.host_of_guests(&host).await?;
        let records = session.guest_records().await?;
        let declared = session.declarations().await?;
        let of_host = session.guests_of(&target, &records, &declared, newness).await;
        let not_there = || GuestError::NotThere { host: host.to_string(), guest: called.to_owned() };
        let reading = of_host.reading?.ok_or_else(not_there)?;
        let guest = of_host.guests.into_iter().find(|guest| guest.name == name).ok_or_else(not_there)?;
        let driver = guest.guest.as_ref().and_then(|guest| reading.reading.driver(guest.driver)).cloned();
        Ok(ShownGuest { host: host.to_string(), taken_ms: reading.taken_ms, driver, guest })
    }
}

impl Session {
    /// Reads the guests of a host in one round trip, and stores what it says.
    pub(crate) async fn read_guests(self: &Arc<Self>, target: &TargetRecord) -> Result<Reading, AppError> {
        Ok(self.take_guest_reading(target).await?.reading)
    }

    /// What is stored of a host's guests.
    pub(crate) fn known_guests(&self, compartment: CompartmentId, host: HostId) -> Result<Option<GuestReading>, AppError> {
        let row = self.catalog.read(|reader| reader.guest_reading(host))?;
        row.map(|row| {
            let bytes = self.unseal(&place(compartment, row.target, row.taken_ms), &row.sealed)?;
            let stored: Stored = serde_json::from_slice(bytes.expose()).map_err(|_| AppError::damaged("a reading of guests"))?;
            Ok(GuestReading { taken_ms: row.taken_ms, took_ms: stored.took_ms, reading: stored.reading })
        })
        .transpose()
    }

    /// Seals what is stored of a host's guests under another compartment, inside a transaction.
    pub(crate) fn move_guest_reading(
        &self,
        writer: &Writer<'_>,
        host: HostId,
        from: CompartmentId,
        to: CompartmentId,
    ) -> Result<(), AppError> {
        let Some(row) = writer.reader().guest_reading(host)? else { return Ok(()) };
        let opened = self.unseal(&place(from, row.target, row.taken_ms), &row.sealed)?;
        let sealed = self.seal(&place(to, row.target, row.taken_ms), &opened)?;
        Ok(writer.put_guest_reading(&GuestReadingRow { sealed, ..row })?)
    }

    async fn take_guest_reading(self: &Arc<Self>, target: &TargetRecord) -> Result<GuestReading, AppError> {
        let started = Instant::now();
        let remote = self.connect_as(target, Rights::Most).await?;
        let mut reading = beffroi_lxc::probe(&*remote).await.map_err(|error| GuestError::of_probe(&target.name, error))?;
        for (driver, socket) in reading.to_be_asked() {
            match ask_daemon(&remote, driver, &socket, &reading).await {
                Ok(part) => reading.take_part(driver, part),
                // That it could not be asked is told already.
                Err(error) => tracing::debug!(%error, "{} does not answer on its socket", driver.name()),
            }
        }
        let took_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (host, stage, taken_ms) = (target.host, target.stage.clone(), now_ms());
        let stored = self.blocking(move |session| {
            let stored = Stored { took_ms, reading };
            let bytes = serde_json::to_vec(&stored).map(SecretBytes::new).map_err(AppError::internal)?;
            let sealed = session.seal(&place(session.compartment(&stage)?, host, taken_ms), &bytes)?;
            session.write(|writer| Ok(writer.put_guest_reading(&GuestReadingRow { target: host, taken_ms, sealed })?))?;
            Ok(stored.reading)
        });
        let reading = stored.await?;
        self.listener.heard(Change::Hosts);
        Ok(GuestReading { taken_ms, took_ms, reading })
    }

    /// What the catalog has of guests.
    async fn guest_records(self: &Arc<Self>) -> Result<Vec<TargetRecord>, AppError> {
        let all = self.blocking(|session| session.targets()).await?;
        Ok(all.into_iter().map(|target| target.record).filter(|record| record.guest().is_some()).collect())
    }

    async fn guests_of(
        self: &Arc<Self>,
        target: &TargetRecord,
        records: &[TargetRecord],
        declared: &[DeclaredGuest],
        newness: Newness,
    ) -> HostGuests {
        let started = Instant::now();
        let sealed = self.compartment(&target.stage).map_or(true, |compartment| !self.is_open(compartment));
        let (took, reading) = match self.stored_reading(target, newness).await {
            Ok(stored) if stored.is_some() || newness == Newness::Stored => (Duration::ZERO, Ok(stored)),
            // What cannot be opened is read again, where it may be.
            Ok(_) => (started.elapsed(), Box::pin(self.take_guest_reading(target)).await.map(Some)),
            Err(error) => (Duration::ZERO, Err(error)),
        };
        let took = if took.is_zero() { took } else { started.elapsed() };
        let own: Vec<&TargetRecord> = records.iter().filter(|record| record.access.jump == Some(target.host)).collect();
        let known = reading.as_ref().ok().and_then(Option::as_ref).map(|reading| &reading.reading);
        let declared: Vec<&DeclaredGuest> = declared.iter().filter(|declared| declared.is_on(target.host)).collect();
        let guests = listed(&target.name, known, &own, &declared);
        HostGuests { host: target.name.to_string(), stage: target.stage.to_string(), sealed, took, reading, guests }
    }

    /// What is stored, where that is new enough.
    async fn stored_reading(self: &Arc<Self>, target: &TargetRecord, newness: Newness) -> Result<Option<GuestReading>, AppError> {
        if newness == Newness::New {
            return Ok(None);
        }
        let (host, stage) = (target.host, target.stage.clone());
        self.blocking(move |session| {
            let stored = session.known_guests(session.compartment(&stage)?, host)?;
            let is_enough = |taken_ms: u64| -> Result<bool, AppError> {
                Ok(newness == Newness::Stored || (taken_ms + FRESH_MS > now_ms() && !session.worked_on_since(host, taken_ms)?))
            };
            match stored {
                Some(stored) if is_enough(stored.taken_ms)? => Ok(Some(stored)),
                _ => Ok(None),
            }
        })
        .await
    }
}

/// What a daemon says itself, over a channel to its socket.
async fn ask_daemon(remote: &SshRemote, driver: GuestDriver, socket: &str, known: &Reading) -> Result<Reading, AppError> {
    let stream = remote.stream_to_socket(socket).await?;
    let mut rest = Rest::over(stream).await.map_err(AppError::internal)?;
    rest.read(driver, socket, known).await.map_err(AppError::internal)
}

/// What a host has and what the catalog has, joined by driver, project and name; kept specifications by the name that is shown.
fn listed(host: &HostName, reading: Option<&Reading>, records: &[&TargetRecord], declared: &[&DeclaredGuest]) -> Vec<ListedGuest> {
    let present = reading.map_or(&[][..], |reading| &reading.guests);
    let mut shown: HashMap<&str, usize> = HashMap::new();
    for guest in present {
        *shown.entry(guest.shown_name()).or_default() += 1;
    }
    let record_of = |guest: &Guest| records.iter().find(|record| record.guest().is_some_and(|way| is_way(way, guest)));
    let kept_for = |name: &str| declared.iter().find(|declared| name.strip_prefix(host.as_str()) == Some(&format!("/{}", declared.name())));
    let mut listed: Vec<ListedGuest> = present
        .iter()
        .map(|guest| {
            let record = record_of(guest);
            let called = guest.shown_name();
            let is_alone = shown.get(called) == Some(&1);
            let called = if is_alone { called.to_owned() } else { format!("{called}.{}", guest.driver.name()) };
            let same = present.iter().filter(|other| other.driver == guest.driver && other.shown_name() == guest.shown_name()).count();
            let has_name = record.is_some() || (same == 1 && host.of_guest(&called).is_some());
            let name = record.map_or_else(|| format!("{host}/{called}"), |record| record.name.to_string());
            let kept = kept_for(&name);
            ListedGuest {
                has_name,
                presence: if record.is_some() || kept.is_some() { Presence::Both } else { Presence::Present },
                stage: record.map(|record| record.stage.to_string()).or_else(|| kept.map(|kept| kept.stage().to_owned())),
                declared: kept.map(|kept| kept.declaration(Some(guest))),
                guest: Some(guest.clone()),
                name,
            }
        })
        .collect();
    let absent = records.iter().filter(|record| !present.iter().any(|guest| record.guest().is_some_and(|way| is_way(way, guest))));
    listed.extend(absent.map(|record| ListedGuest {
        name: record.name.to_string(),
        has_name: true,
        presence: Presence::Declared,
        stage: Some(record.stage.to_string()),
        declared: kept_for(record.name.as_str()).map(|kept| kept.declaration(None)),
        guest: None,
    }));
    for kept in declared {
        let name = format!("{host}/{}", kept.name());
        if listed.iter().all(|guest| guest.name != name) {
            listed.push(ListedGuest {
                name,
                has_name: true,
                presence: Presence::Declared,
                stage: Some(kept.stage().to_owned()),
                declared: Some(kept.declaration(None)),
                guest: None,
            });
        }
    }
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    listed
}

fn is_way(way: &GuestWay, guest: &Guest) -> bool {
    way.driver == guest.driver && way.project == guest.project && way.name == guest.name
}

pub(crate) fn place(compartment: CompartmentId, host: HostId, taken_ms: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "guest_reading", row: *host.as_bytes(), revision: taken_ms, field: "guests" }
}
