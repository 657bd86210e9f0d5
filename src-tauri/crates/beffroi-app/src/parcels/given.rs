//! What was handed to whom, and what of it still opens something.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use beffroi_domain::SecretId;
use beffroi_import::Reader;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::slot_note::SlotNoteRow;
use beffroi_vault::{IdentityCard, SlotSummary};
use sha2::{Digest, Sha256};

use super::{Given, ParcelDocument, PastWay};
use crate::imports::{is_of_people, parts_of};
use crate::people::secret_name;
use crate::session::Session;
use crate::{App, AppError, now_ms};

/// What was handed over, to everybody or to one person.
#[derive(Debug, Default)]
pub struct Handed {
    /// The parcels, the newest first.
    pub parcels: Vec<HandedParcel>,
    /// The secrets that somebody could read, by name.
    pub secrets: Vec<HandedSecret>,
    /// Ways into the vault itself, of whoever was asked for: who has one could read everything.
    pub ways: Vec<HeldWay>,
    /// Stages with a secret of their own, where there is a way: whether somebody knew that one too is not known here.
    pub protected: Vec<String>,
    /// How many parts of parcels are under stages that are sealed: they are not told.
    pub sealed: usize,
}

/// A parcel that was made here.
#[derive(Debug)]
pub struct HandedParcel {
    /// Its id.
    pub id: String,
    /// When it was made, in milliseconds since 1970.
    pub made_ms: u64,
    /// The file that was made.
    pub file: String,
    /// Who it was said to be for.
    pub person: Option<String>,
    /// Who can open it.
    pub readers: Vec<Reader>,
    /// Names of the hosts in it.
    pub hosts: Vec<String>,
    /// How many secrets are in it.
    pub secrets: usize,
    /// How many of them still are what was handed over.
    pub open: usize,
}

/// A secret that somebody could read.
#[derive(Debug)]
pub struct HandedSecret {
    /// Its name; what it was called then, for one that is gone.
    pub name: String,
    /// Its stage.
    pub stage: String,
    /// Since when it could be read last, in milliseconds since 1970.
    pub since_ms: u64,
    /// Whether it still is what they could read.
    pub standing: HandedStanding,
    /// What of it is: `value`, `totp`, `field:…`.
    pub parts: Vec<String>,
    /// Whether it was in a parcel; else it was in the vault that they had a way into.
    pub in_parcel: bool,
    /// Whether `secret rotate` gives it another value; else that is done by hand, where it is used.
    pub rotatable: bool,
    /// Hosts that are given it.
    pub hosts: Vec<String>,
}

/// Whether a secret still is what somebody could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedStanding {
    /// It is: they could still use it.
    Same,
    /// It has another value since.
    Changed,
    /// It is not in the vault any more: where it opened something, it may still do.
    Gone,
}

/// A way into the vault that somebody has or had.
#[derive(Debug)]
pub struct HeldWay {
    /// Its slot, while it is there.
    pub slot: Option<String>,
    /// Its kind.
    pub kind: String,
    /// What it is called, or whose identity it is.
    pub label: String,
    /// Since when, in milliseconds since 1970, where that is known.
    pub since_ms: Option<u64>,
    /// Until when; it is there when absent.
    pub until_ms: Option<u64>,
}

/// What the secrets that somebody could read have in common: the vault as it is.
struct Now {
    rows: HashMap<String, SecretRow>,
    hosts: HashMap<SecretId, BTreeSet<String>>,
    /// Hosts are given it, and not as a one-time code; or it is the password of somebody's account.
    rotatable: HashSet<SecretId>,
}

/// Somebody who is asked for, by all that is known of them.
struct Who {
    names: HashSet<String>,
    keys: HashSet<String>,
}

impl App {
    /// What was handed over, to everybody or to one person: a card, a name, an identity's or a key's fingerprint, a key.
    ///
    /// # Errors
    /// When no vault is open or it cannot be read.
    pub async fn parcels_given(&self, who: Option<String>) -> Result<Handed, AppError> {
        self.session()?.blocking(move |session| session.handed(who.as_deref())).await
    }
}

impl Session {
    /// What was handed over.
    pub(crate) fn handed(&self, who: Option<&str>) -> Result<Handed, AppError> {
        let who = who.map(|who| self.who(who)).transpose()?;
        let now = self.now()?;
        let mut handed = Handed::default();
        let mut parcels: BTreeMap<String, HandedParcel> = BTreeMap::new();
        let mut secrets: BTreeMap<String, HandedSecret> = BTreeMap::new();
        let mut past = Vec::new();
        for (_, stored) in self.documents::<ParcelDocument>()? {
            let stored = match stored {
                Ok(stored) => stored,
                Err(AppError::StageSealed { .. }) => {
                    handed.sealed += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            match stored.value {
                ParcelDocument::Given(given) if who.as_ref().is_none_or(|who| who.is_reader(&given)) => {
                    let stage = self.stage_of(stored.compartment);
                    self.add_given(&now, &stage, given, &mut parcels, &mut secrets)?;
                }
                ParcelDocument::Way(way) => past.push(way),
                ParcelDocument::Given(_) | ParcelDocument::Opened(_) => {}
            }
        }
        if let Some(who) = &who {
            handed.ways = self.held_ways(who, past)?;
            self.add_vault(&now, &handed.ways, &mut secrets);
        }
        if !handed.ways.is_empty() {
            let protected = self.stages.all().into_iter().filter(|stage| stage.protected);
            handed.protected = protected.map(|stage| stage.name.to_string()).collect();
        }
        handed.parcels = parcels.into_values().collect();
        handed.parcels.sort_by(|one, other| (other.made_ms, &one.id).cmp(&(one.made_ms, &other.id)));
        handed.secrets = secrets.into_values().collect();
        handed.secrets.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(handed)
    }

    fn now(&self) -> Result<Now, AppError> {
        let (targets, people) = (self.targets()?, self.people()?);
        let rows: HashMap<String, SecretRow> =
            self.catalog.read(|reader| reader.secrets())?.into_iter().map(|row| (row.id.to_string(), row)).collect();
        let mut now = Now { rows, hosts: HashMap::new(), rotatable: HashSet::new() };
        let mut codes = HashSet::new();
        for target in &targets {
            codes.extend(target.record.one_time);
            for secret in target.record.secrets() {
                now.hosts.entry(secret).or_default().insert(target.record.name.to_string());
                now.rotatable.insert(secret);
            }
        }
        now.rotatable.retain(|secret| !codes.contains(secret));
        let host_of = |id: &str| targets.iter().find(|target| target.record.host.to_string() == id).map(|target| &target.record.name);
        let accounts = people.cards.iter().flat_map(|card| people.accounts_of(card.id).map(move |account| (card, &account.value)));
        let names: HashSet<String> = accounts
            .filter_map(|(card, account)| Some(secret_name(&card.value.name, &account.login, host_of(&account.host)?.as_str())))
            .collect();
        now.rotatable.extend(now.rows.values().filter(|row| names.contains(&row.name)).map(|row| row.id));
        Ok(now)
    }

    fn add_given(
        &self,
        now: &Now,
        stage: &str,
        given: Given,
        parcels: &mut BTreeMap<String, HandedParcel>,
        secrets: &mut BTreeMap<String, HandedSecret>,
    ) -> Result<(), AppError> {
        let Given { parcel, made_ms, file, person, readers, hosts, secrets: handed } = given;
        let listed = parcels.entry(parcel.clone()).or_insert_with(|| HandedParcel {
            id: parcel,
            made_ms,
            file,
            person,
            readers,
            hosts: Vec::new(),
            secrets: 0,
            open: 0,
        });
        listed.hosts.extend(hosts);
        listed.secrets += handed.len();
        for secret in handed {
            let row = now.rows.get(&secret.id);
            let same = match row {
                Some(row) if self.is_open(row.compartment) => self.same_parts(row, &secret.parts)?,
                // It went to a stage that is sealed: not known to have changed.
                Some(_) => secret.parts.iter().map(|(part, _)| part.clone()).collect(),
                None => Vec::new(),
            };
            let standing = match row {
                None => HandedStanding::Gone,
                Some(_) if same.is_empty() => HandedStanding::Changed,
                Some(_) => HandedStanding::Same,
            };
            listed.open += usize::from(standing == HandedStanding::Same);
            let known = secrets.entry(secret.id).or_insert_with(|| now.secret(row, &secret.name, stage, made_ms, standing));
            known.in_parcel = true;
            known.since_ms = known.since_ms.max(made_ms);
            if standing == HandedStanding::Same {
                known.standing = standing;
            }
            known.parts.extend(same);
            known.parts.sort_unstable();
            known.parts.dedup();
        }
        Ok(())
    }

    /// The parts of a secret that still are what they were.
    fn same_parts(&self, row: &SecretRow, parts: &[(String, String)]) -> Result<Vec<String>, AppError> {
        let entry = self.handed_entry(row, Vec::new())?;
        let now = parts_of(&entry, row.id);
        Ok(parts.iter().filter(|part| now.contains(part)).map(|(part, _)| part.clone()).collect())
    }

    /// Everything of the stages that open with the vault, for who has or had a way in.
    fn add_vault(&self, now: &Now, ways: &[HeldWay], secrets: &mut BTreeMap<String, HandedSecret>) {
        if ways.is_empty() {
            return;
        }
        // Who is still in could read what it is now.
        let until_ms = ways.iter().map(|way| way.until_ms.unwrap_or_else(now_ms)).max().unwrap_or(0);
        let protected: HashSet<_> = self.stages.all().into_iter().filter(|stage| stage.protected).map(|stage| stage.compartment).collect();
        for (id, row) in now.rows.iter().filter(|(_, row)| is_of_people(row) && !protected.contains(&row.compartment)) {
            if row.created_ms > until_ms {
                continue;
            }
            let standing = if row.changed_ms <= until_ms { HandedStanding::Same } else { HandedStanding::Changed };
            let stage = self.stage_of(row.compartment);
            let known = secrets.entry(id.clone()).or_insert_with(|| now.secret(Some(row), &row.name, &stage, until_ms, standing));
            known.since_ms = known.since_ms.max(until_ms);
            if standing == HandedStanding::Same && !known.parts.iter().any(|part| part == "value") {
                known.standing = standing;
                known.parts.push("value".to_owned());
            }
        }
    }

    /// The ways into the vault that somebody has, by their identity or by what a way is called, and those they had.
    fn held_ways(&self, who: &Who, past: Vec<PastWay>) -> Result<Vec<HeldWay>, AppError> {
        let mut ways = Vec::new();
        for way in self.slot_facts()? {
            let past = self.past_way(&way.slot, 0)?;
            if who.holds(&past) {
                ways.push(HeldWay {
                    slot: Some(way.slot.id.to_string()),
                    label: past.called(),
                    kind: past.kind,
                    since_ms: way.added_ms,
                    until_ms: None,
                });
            }
        }
        ways.extend(past.into_iter().filter(|way| who.holds(way)).map(|way| HeldWay {
            slot: None,
            label: way.called(),
            kind: way.kind,
            since_ms: Some(way.since_ms),
            until_ms: Some(way.until_ms),
        }));
        Ok(ways)
    }

    /// A way in, as it is remembered once it is gone.
    pub(crate) fn past_way(&self, slot: &SlotSummary, until_ms: u64) -> Result<PastWay, AppError> {
        let note: Option<SlotNoteRow> = self.catalog.read(|reader| reader.slot_notes())?.into_iter().find(|note| note.slot == slot.id);
        let card = match note.as_ref().and_then(|note| note.identity) {
            Some(identity) => self.cards()?.into_iter().find(|card| card.id() == identity),
            None => None,
        };
        Ok(PastWay {
            kind: slot.kind.name().to_owned(),
            label: note.as_ref().map(|note| note.label.clone()).unwrap_or_default(),
            name: card.as_ref().map(|card| card.name().to_owned()),
            fingerprint: card.as_ref().map(IdentityCard::fingerprint),
            since_ms: note.map_or(0, |note| note.added_ms),
            until_ms,
        })
    }

    fn who(&self, who: &str) -> Result<Who, AppError> {
        let people = self.people()?;
        let mut names = HashSet::from([who.trim().to_lowercase()]);
        for card in people.cards.iter().filter(|card| card.value.name == who) {
            let told = [&card.value.fullname, &card.value.login, &card.value.mail];
            names.extend(told.into_iter().filter(|told| !told.is_empty()).map(|told| told.to_lowercase()));
        }
        let mut keys = HashSet::from([who.trim().to_owned()]);
        for card in self.cards()? {
            let told = [card.name().to_lowercase(), card.fingerprint().to_lowercase()];
            if told.iter().any(|told| names.contains(told)) {
                keys.extend([card.age_recipient(), card.fingerprint()]);
            }
        }
        Ok(Who { names, keys })
    }
}

impl Now {
    fn secret(&self, row: Option<&SecretRow>, name: &str, stage: &str, since_ms: u64, standing: HandedStanding) -> HandedSecret {
        let hosts = row.and_then(|row| self.hosts.get(&row.id));
        HandedSecret {
            name: row.map_or_else(|| name.to_owned(), |row| row.name.clone()),
            stage: stage.to_owned(),
            since_ms,
            standing,
            parts: Vec::new(),
            in_parcel: false,
            rotatable: row.is_some_and(|row| self.rotatable.contains(&row.id)),
            hosts: hosts.into_iter().flatten().cloned().collect(),
        }
    }
}

impl Who {
    fn is_reader(&self, given: &Given) -> bool {
        let named = |name: &String| self.names.contains(&name.to_lowercase());
        let is = |reader: &Reader| {
            named(&reader.name) || self.keys.contains(&reader.key) || fingerprint(&reader.key).is_some_and(|key| self.keys.contains(&key))
        };
        given.person.as_ref().is_some_and(named) || given.readers.iter().any(is)
    }

    fn holds(&self, way: &PastWay) -> bool {
        let named = |name: &String| self.names.contains(&name.to_lowercase());
        named(&way.label) || way.name.as_ref().is_some_and(named) || way.fingerprint.as_ref().is_some_and(|key| self.keys.contains(key))
    }
}

impl PastWay {
    fn called(&self) -> String {
        if self.label.is_empty() { self.name.clone().unwrap_or_default() } else { self.label.clone() }
    }
}

/// The fingerprint of an SSH key, as `ssh-keygen -l` shows it.
fn fingerprint(key: &str) -> Option<String> {
    let bytes = STANDARD.decode(key.strip_prefix("ssh-")?.split(' ').nth(1)?).ok()?;
    Some(format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(bytes))))
}
