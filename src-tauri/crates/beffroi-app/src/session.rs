//! An open vault: its keys, its catalog, and what is under way with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use beffroi_domain::{
    Canonical, ChainId, CompartmentId, DeviceId, HostId, JobId, JournalEntry, Selector, SelectorSubject, StageName, TargetRecord,
};
use beffroi_remote::RemoteError;
use beffroi_secret::SecretBytes;
use beffroi_ssh::SshRemote;
use beffroi_store::table::compartment::{CompartmentRow, Counts};
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::merge::RowKey;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, DigestSource, Reader, Writer};
use beffroi_vault::{Anchor, DigestRow, JOURNAL_START, OpenVault, Place, SealError, UnsealError};

use crate::connect::{Connections, Proving, Rights};
use crate::identities::Signer;
use crate::jobs::Follower;
use crate::merge::changed::{changed, covered_rows, only_rows};
use crate::named::Named;
use crate::run::Trouble;
use crate::stages::Stages;
use crate::surveys::Survey;
use crate::{AppError, Change, GuardError, Listener, now_ms};

/// An open vault. Dropped when the last task that uses it ends; its keys are wiped then.
pub(crate) struct Session {
    pub(crate) vault: OpenVault,
    pub(crate) catalog: Catalog,
    pub(crate) name: String,
    pub(crate) stages: Stages,
    /// What is under each compartment, until the next write.
    pub(crate) counts: Mutex<Option<HashMap<CompartmentId, Counts>>>,
    /// Stages change one at a time.
    pub(crate) changing: Mutex<()>,
    /// Entries of the journal and their anchor are written one at a time.
    pub(crate) committing: Mutex<()>,
    /// What the state digest covers row by row, as the last entry of this session left it.
    pub(crate) covered: Mutex<Option<Vec<DigestSource>>>,
    pub(crate) device: DeviceId,
    pub(crate) person: String,
    /// Where this person on this device writes in the journal.
    pub(crate) chain: ChainId,
    /// Who signs the journal.
    pub(crate) signer: RwLock<Option<Arc<Signer>>>,
    /// How many entries the catalog lacks of what this machine has seen. While it does, nothing is written.
    pub(crate) behind: Option<u64>,
    pub(crate) connections: Connections,
    pub(crate) proving: Proving,
    /// Why jobs that go on are not followed.
    pub(crate) out_of_reach: Mutex<HashMap<JobId, Trouble>>,
    /// Jobs that a task of this process follows.
    pub(crate) followed: Mutex<HashMap<JobId, Arc<Follower>>>,
    /// One job at a time for each host.
    pub(crate) queues: Mutex<HashMap<HostId, Arc<tokio::sync::Mutex<()>>>>,
    /// Runs on several hosts that go on, and the last that ended.
    pub(crate) runs: crate::run::Runs,
    /// Copies that go on.
    pub(crate) copies: Arc<Named>,
    pub(crate) removals: Arc<Named>,
    /// Scans of files of this machine.
    pub(crate) scans: Arc<Named>,
    /// The catalogs of hosts, as they were last read.
    pub(crate) catalogs: Mutex<HashMap<HostId, Arc<crate::apps::KnownCatalog>>>,
    /// Terminals on hosts.
    pub(crate) terminals: crate::terminals::Terminals,
    /// Files of other programs that wait to be taken in.
    pub(crate) imports: crate::imports::Imports,
    /// What secrets are searched by.
    pub(crate) index: crate::search::SecretIndex,
    /// Ports of this machine that lead through hosts.
    pub(crate) tunnels: crate::tunnels::Tunnels,
    /// Ends for programs that speak SSH.
    pub(crate) ends: crate::ends::Ends,
    /// Who asks something of the catalog.
    pub(crate) turns: crate::turns::Turns,
    /// Why the last connection to a host failed.
    pub(crate) troubles: Mutex<HashMap<HostId, RemoteError>>,
    pub(crate) listener: Arc<dyn Listener>,
}

/// What goes into the journal beside the change itself.
pub(crate) struct Happening {
    pub(crate) event: &'static str,
    pub(crate) host: Option<HostId>,
    pub(crate) values: Vec<(&'static str, String)>,
}

impl Happening {
    pub(crate) fn new(event: &'static str) -> Self {
        Self { event, host: None, values: Vec::new() }
    }

    pub(crate) fn on(mut self, host: HostId) -> Self {
        self.host = Some(host);
        self
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }
}

/// An entry that was added.
pub(crate) struct Entered {
    /// The anchor after it.
    pub(crate) anchor: Anchor,
    /// Its number in its chain.
    number: u64,
    /// What the state digest covers row by row.
    rows: Vec<DigestSource>,
}

/// A host with the revision of its record.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) record: TargetRecord,
    pub(crate) compartment: CompartmentId,
    pub(crate) revision: u64,
    pub(crate) standing: Standing,
}

/// How far a host's record can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Written with the key of its stage.
    Authentic,
    /// Not checked: its stage is sealed.
    Sealed,
    /// Not what was written with the key of its stage. It is shown, and never connected to.
    Forged,
}

impl Session {
    /// Runs work on the catalog where blocking is allowed.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let session = Arc::clone(self);
        self.turns.take(move || work(&session)).await?
    }

    /// Changes the catalog and records it in the journal, together or not at all. The anchor follows: should the
    /// program die in between, the next unlock finds the catalog ahead of it and checks the entries in between.
    pub(crate) fn commit<T>(&self, happening: Happening, work: impl FnOnce(&Writer<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        self.commit_noting(|writer| Ok((work(writer)?, happening, None)))
    }

    /// The same, where what happened is known at the end. The rows that it changed are noted beside the entry, so that two
    /// copies can be merged: those that differ from before, unless `work` says which.
    pub(crate) fn commit_noting<T>(
        &self,
        work: impl FnOnce(&Writer<'_>) -> Result<(T, Happening, Option<Vec<RowKey>>), AppError>,
    ) -> Result<T, AppError> {
        // One at a time: an older anchor must not follow a newer one.
        let turn = self.committing.lock().unwrap_or_else(PoisonError::into_inner);
        let known = self.covered.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (value, entered, noted) = self.write(|writer| {
            let before = known.map_or_else(|| covered_rows(writer.reader()), Ok)?;
            let (value, happening, noted) = work(writer)?;
            let entered = self.enter(writer, happening)?;
            let noted = noted.unwrap_or_else(|| changed(&before, &entered.rows));
            writer.note_changed(self.chain, entered.number, &noted)?;
            Ok((value, entered, noted))
        })?;
        self.index.tell(&noted);
        let Entered { anchor, number, rows } = entered;
        *self.covered.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows);
        if let Err(error) = self.vault.write_anchor(&anchor) {
            tracing::warn!(%error, "the anchor could not be written; the journal is ahead of it");
        }
        drop(turn);
        if number % SIGNED_EVERY == 0 {
            self.sign_journal();
        }
        self.listener.heard(Change::Journal);
        Ok(value)
    }

    /// Changes the catalog without a word in the journal.
    pub(crate) fn write<T>(&self, work: impl FnOnce(&Writer<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        match self.behind {
            None => {
                let written = self.catalog.write(work);
                *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = None;
                written
            }
            Some(missing) => Err(AppError::Behind { missing }),
        }
    }

    /// Adds an entry to this person's and device's chain.
    fn enter(&self, writer: &Writer<'_>, happening: Happening) -> Result<Entered, AppError> {
        self.enter_under(writer, &self.vault, happening)
    }

    /// The same under the keys of a vault that this one is becoming.
    pub(crate) fn enter_under(&self, writer: &Writer<'_>, vault: &OpenVault, happening: Happening) -> Result<Entered, AppError> {
        let sequence = writer.reader().last_entry()?.map_or(1, |last| last.sequence + 1);
        let (number, previous) = match writer.reader().last_entry_of(self.chain)? {
            Some(last) => (last.number + 1, last.mac),
            None => (1, JOURNAL_START),
        };
        let sources = writer.reader().digest_sources(Some(self.chain))?;
        let entry = JournalEntry {
            sequence: number,
            at_ms: now_ms(),
            device: self.device,
            person: self.person.clone(),
            event: happening.event.to_owned(),
            host: happening.host,
            values: happening.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            state_digest: digest_under(vault, &sources, vault.header().revision),
        };
        let encoded = entry.to_canonical();
        let mac = vault.journal_mac(&previous, &encoded);
        writer.append_entry(&JournalRow { sequence, chain: self.chain, number, entry: encoded, mac })?;
        let anchor = Anchor { sequence, journal_head: mac, state_digest: entry.state_digest };
        Ok(Entered { anchor, number, rows: only_rows(sources) })
    }

    /// Records something that changes no row.
    pub(crate) async fn journal_event(
        self: &Arc<Self>,
        event: &'static str,
        host: Option<HostId>,
        values: Vec<(&'static str, String)>,
    ) -> Result<(), AppError> {
        self.blocking(move |session| session.commit(Happening { event, host, values }, |_| Ok(()))).await
    }

    /// Whether a digest is that of the rows as they are, and of the header as it is or as it was one change before: the
    /// ways in change first, and the journal says so a moment later.
    pub(crate) fn is_state(&self, reader: &Reader<'_>, chain: ChainId, digest: [u8; 32]) -> Result<bool, AppError> {
        self.is_state_of(reader, chain, digest, self.vault.header().revision)
    }

    /// The same of a copy whose header has this revision.
    pub(crate) fn is_state_of(&self, reader: &Reader<'_>, chain: ChainId, digest: [u8; 32], revision: u64) -> Result<bool, AppError> {
        let sources = reader.digest_sources(Some(chain))?;
        Ok([revision, revision.saturating_sub(1)].into_iter().any(|revision| digest_under(&self.vault, &sources, revision) == digest))
    }

    /// What is under each compartment.
    pub(crate) fn counts(&self) -> Result<HashMap<CompartmentId, Counts>, AppError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = &*counts {
            return Ok(counts.clone());
        }
        let read = self.catalog.read(|reader| reader.counts())?;
        *counts = Some(read.clone());
        Ok(read)
    }

    /// The compartment of a stage that can be acted on.
    pub(crate) fn compartment(&self, stage: &StageName) -> Result<CompartmentId, AppError> {
        self.open_stage(stage).map(|stage| stage.compartment)
    }

    /// The name of a compartment's stage.
    pub(crate) fn stage_of(&self, compartment: CompartmentId) -> String {
        self.stages.find(|stage| stage.compartment == compartment).map(|stage| stage.name.to_string()).unwrap_or_default()
    }

    /// A stored host, and how far its record can be relied on.
    pub(crate) fn read_target(&self, row: &TargetRow) -> Result<Target, AppError> {
        let broken = || AppError::damaged(format!("the record of host {}", row.name));
        let record = TargetRecord::from_canonical(&row.record).map_err(|_| broken())?;
        let stage = self.stages.find(|stage| stage.compartment == row.compartment).ok_or_else(broken)?;
        let agrees = record.host == row.id && record.name.as_str() == row.name && record.stage == stage.name;
        let place = target_place(row.id, row.compartment, row.revision);
        let standing = if !agrees {
            Standing::Forged
        } else if !self.is_open(row.compartment) {
            Standing::Sealed
        } else if self.vault.check_row(&place, &row.record, &row.mac).is_ok() {
            Standing::Authentic
        } else {
            Standing::Forged
        };
        Ok(Target { record, compartment: row.compartment, revision: row.revision, standing })
    }

    /// A stored host whose record was written with the key of its stage.
    pub(crate) fn authenticate(&self, row: &TargetRow) -> Result<Target, AppError> {
        let target = self.read_target(row)?;
        match target.standing {
            Standing::Authentic => Ok(target),
            Standing::Sealed => Err(self.sealed(target.compartment)),
            Standing::Forged => Err(AppError::RecordForged { name: row.name.clone() }),
        }
    }

    /// A host's row, authenticated under its stage's key.
    pub(crate) fn target_row(&self, record: &TargetRecord, revision: u64) -> Result<TargetRow, AppError> {
        if !record.fits() {
            return Err(AppError::InvalidRequest { what: "too many keys or tags for one host" });
        }
        let compartment = self.compartment(&record.stage)?;
        let encoded = record.to_canonical();
        let mac = self.vault.row_mac(&target_place(record.host, compartment, revision), &encoded).map_err(AppError::internal)?;
        Ok(TargetRow { id: record.host, name: record.name.to_string(), compartment, record: encoded, revision, mac })
    }

    pub(crate) fn targets(&self) -> Result<Vec<Target>, AppError> {
        let rows = self.catalog.read(|reader| reader.targets())?;
        rows.iter().map(|row| self.read_target(row)).collect()
    }

    pub(crate) fn target_named(&self, name: &str) -> Result<Target, AppError> {
        self.read_target(&self.row_named(name)?)
    }

    /// One host. What works on it authenticates it just before.
    pub(crate) async fn host(self: &Arc<Self>, name: &str) -> Result<TargetRecord, AppError> {
        self.adopt_named(name).await?;
        let name = name.to_owned();
        self.blocking(move |session| Ok(session.target_named(&name)?.record)).await
    }

    /// One host whose record was written with the key of its stage.
    pub(crate) async fn authentic_host(self: &Arc<Self>, name: &str) -> Result<TargetRecord, AppError> {
        self.adopt_named(name).await?;
        let name = name.to_owned();
        self.blocking(move |session| Ok(session.authenticate(&session.row_named(&name)?)?.record)).await
    }

    /// The hosts that a selector selects, by name. What works on them authenticates each just before.
    pub(crate) async fn select(self: &Arc<Self>, selector: &str) -> Result<Vec<TargetRecord>, AppError> {
        let parsed = Selector::parse(selector).map_err(|error| AppError::InvalidSelector { near: error.near })?;
        let selector = selector.to_owned();
        self.adopt(&parsed.named_hosts().into_iter().cloned().collect::<Vec<_>>()).await?;
        self.blocking(move |session| {
            let targets = session.targets()?;
            let parsed = crate::names::resolved(parsed, &targets)?;
            let surveys = if parsed.looks_at_roles() { session.last_surveys()? } else { HashMap::new() };
            let selects = |target: &Target| {
                let record = &target.record;
                let tags: Vec<&str> = record.tags.iter().map(beffroi_domain::Tag::as_str).collect();
                let role = surveys.get(&record.host).map(|survey| survey.role().name());
                let subject =
                    SelectorSubject { name: record.name.as_str(), stage: record.stage.as_str(), role, vault: &session.name, tags: &tags };
                parsed.selects(&subject)
            };
            let selected: Vec<_> = targets.iter().filter(|target| selects(target)).map(|target| target.record.clone()).collect();
            if selected.is_empty() { Err(AppError::NothingSelected { selector }) } else { Ok(selected) }
        })
        .await
    }

    pub(crate) fn last_surveys(&self) -> Result<HashMap<HostId, Survey>, AppError> {
        let rows = self.catalog.read(|reader| reader.last_surveys())?;
        let targets: HashMap<HostId, CompartmentId> =
            self.targets()?.into_iter().map(|target| (target.record.host, target.compartment)).collect();
        let known = rows.iter().filter_map(|row| Some((row, *targets.get(&row.target)?)));
        let known = known.filter(|(_, compartment)| self.is_open(*compartment));
        known.map(|(row, compartment)| Ok((row.target, Survey::open(self, compartment, row)?))).collect()
    }

    /// The host's connection, to work there as root.
    pub(crate) async fn connect_root(self: &Arc<Self>, target: &TargetRecord) -> Result<Arc<SshRemote>, AppError> {
        self.connect_as(target, Rights::Root).await
    }

    pub(crate) fn remember_trouble(&self, host: HostId, error: Option<&AppError>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match error {
            Some(AppError::Guard(GuardError::MaybeBanned { why, .. })) => Some(why.as_ref()),
            error => error,
        };
        let had = match error {
            Some(AppError::Remote(error)) => troubles.insert(host, error.clone()).is_some(),
            _ => troubles.remove(&host).is_some(),
        };
        let has = troubles.contains_key(&host);
        drop(troubles);
        if had != has {
            self.listener.heard(Change::Hosts);
        }
    }

    /// Seals a value of a host.
    pub(crate) fn seal(&self, place: &Place<'_>, plaintext: &SecretBytes) -> Result<Vec<u8>, AppError> {
        if !self.is_open(place.compartment) {
            return Err(self.sealed(place.compartment));
        }
        self.vault.seal(place, plaintext).map_err(|error| match error {
            SealError::NotLoaded { compartment } => self.sealed(compartment),
            other => AppError::internal(other),
        })
    }

    /// Opens a value.
    pub(crate) fn unseal(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, AppError> {
        if !self.is_open(place.compartment) {
            return Err(self.sealed(place.compartment));
        }
        self.vault.unseal(place, sealed).map_err(|error| match error {
            UnsealError::NotLoaded { compartment } => self.sealed(compartment),
            other => AppError::damaged(other),
        })
    }
}

/// The digest of what an entry of `chain` vouches for: all authenticated rows, and the heads of the other chains. The
/// header's revision is a row of its own: an older header, with a way in that was revoked since, is noticed.
fn digest_under(vault: &OpenVault, sources: &[DigestSource], header: u64) -> [u8; 32] {
    let row = |source: &DigestSource| DigestRow { table: source.table, id: source.id, revision: source.revision, mac: source.mac };
    let header = DigestRow { table: "header", id: *vault.id().as_bytes(), revision: header, mac: [0; 32] };
    vault.state_digest(&sources.iter().map(row).chain([header]).collect::<Vec<_>>())
}

/// How often the journal is signed, in entries of a chain.
const SIGNED_EVERY: u64 = 100;

pub(crate) fn target_place(host: HostId, compartment: CompartmentId, revision: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "target", row: *host.as_bytes(), revision, field: "record" }
}

/// Where a compartment's own row is authenticated, and the bytes that are.
pub(crate) fn compartment_row(
    vault: &OpenVault,
    id: CompartmentId,
    stage: &StageName,
    wrapped: Vec<u8>,
    revision: u64,
) -> Result<CompartmentRow, AppError> {
    let content = compartment_content(stage.as_str(), &wrapped);
    let mac = vault.row_mac(&compartment_place(id, revision), &content).map_err(AppError::internal)?;
    Ok(CompartmentRow { id, stage: stage.to_string(), wrapped, revision, mac })
}

/// Checks a compartment's row; its key must be loaded.
pub(crate) fn check_compartment(vault: &OpenVault, row: &CompartmentRow) -> Result<(), AppError> {
    let content = compartment_content(&row.stage, &row.wrapped);
    vault.check_row(&compartment_place(row.id, row.revision), &content, &row.mac).map_err(AppError::damaged)
}

fn compartment_place(id: CompartmentId, revision: u64) -> Place<'static> {
    Place { compartment: id, target: None, table: "compartment", row: *id.as_bytes(), revision, field: "row" }
}

fn compartment_content(stage: &str, wrapped: &[u8]) -> Vec<u8> {
    Canonical::new("beffroi/compartment-row/1").text(stage).bytes(wrapped).finish()
}
