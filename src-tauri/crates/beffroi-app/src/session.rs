//! An open vault: its keys, its catalog, and what is under way with it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use beffroi_domain::{Canonical, CompartmentId, DeviceId, HostId, JobId, JournalEntry, Selector, SelectorSubject, StageName, TargetRecord};
use beffroi_remote::RemoteError;
use beffroi_secret::SecretBytes;
use beffroi_ssh::{Credential, SshRemote};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, DigestSource, Reader, Writer};
use beffroi_vault::{Anchor, DigestRow, JOURNAL_START, OpenVault, Place};

use crate::connections::Connections;
use crate::jobs::Follower;
use crate::secrets::credential_of;
use crate::surveys::Survey;
use crate::{AppError, Change, Listener, now_ms};

/// An open vault. Dropped when the last task that uses it ends; its keys are wiped then.
pub(crate) struct Session {
    pub(crate) vault: OpenVault,
    pub(crate) catalog: Catalog,
    pub(crate) name: String,
    pub(crate) stages: Vec<(StageName, CompartmentId)>,
    pub(crate) device: DeviceId,
    pub(crate) person: String,
    pub(crate) connections: Connections,
    /// Jobs that a task of this process follows.
    pub(crate) followed: Mutex<HashMap<JobId, Arc<Follower>>>,
    /// One job at a time for each host.
    pub(crate) queues: Mutex<HashMap<HostId, Arc<tokio::sync::Mutex<()>>>>,
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

/// A host with the revision of its record.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) record: TargetRecord,
    pub(crate) compartment: CompartmentId,
    pub(crate) revision: u64,
}

impl Session {
    /// Runs work on the catalog where blocking is allowed.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AppError> + Send + 'static,
    ) -> Result<T, AppError> {
        let session = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&session)).await.map_err(AppError::internal)?
    }

    /// Changes the catalog and records it in the journal, together or not at all. The anchor follows: should the
    /// program die in between, the next unlock finds the catalog ahead of it and checks the entries in between.
    pub(crate) fn commit<T>(&self, happening: Happening, work: impl FnOnce(&Writer<'_>) -> Result<T, AppError>) -> Result<T, AppError> {
        let (value, anchor) = self.catalog.write(|writer| {
            let value = work(writer)?;
            Ok::<_, AppError>((value, self.chain(writer, happening)?))
        })?;
        if let Err(error) = self.vault.write_anchor(&anchor) {
            tracing::warn!(%error, "the anchor could not be written; the journal is ahead of it");
        }
        self.listener.heard(Change::Journal);
        Ok(value)
    }

    fn chain(&self, writer: &Writer<'_>, happening: Happening) -> Result<Anchor, AppError> {
        let (sequence, previous) = match writer.reader().last_entry()? {
            Some(last) => (last.sequence + 1, last.mac),
            None => (1, JOURNAL_START),
        };
        let entry = JournalEntry {
            sequence,
            at_ms: now_ms(),
            device: self.device,
            person: self.person.clone(),
            event: happening.event.to_owned(),
            host: happening.host,
            values: happening.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            state_digest: self.state_digest(writer.reader())?,
        };
        let encoded = entry.to_canonical();
        let mac = self.vault.journal_mac(&previous, &encoded);
        writer.append_entry(&JournalRow { sequence, entry: encoded, mac })?;
        Ok(Anchor { sequence, journal_head: mac, state_digest: entry.state_digest })
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

    pub(crate) fn state_digest(&self, reader: &Reader<'_>) -> Result<[u8; 32], AppError> {
        let sources = reader.digest_sources()?;
        let row = |source: &DigestSource| DigestRow { table: source.table, id: source.id, revision: source.revision, mac: source.mac };
        Ok(self.vault.state_digest(&sources.iter().map(row).collect::<Vec<_>>()))
    }

    /// The compartment of a stage.
    pub(crate) fn compartment(&self, stage: &StageName) -> Result<CompartmentId, AppError> {
        let found = self.stages.iter().find(|(name, _)| name == stage);
        found.map(|(_, id)| *id).ok_or_else(|| AppError::StageNotFound { name: stage.to_string() })
    }

    /// Authenticates a stored host.
    pub(crate) fn authenticate(&self, row: &TargetRow) -> Result<Target, AppError> {
        let broken = || AppError::damaged(format!("the record of host {}", row.name));
        self.vault.check_row(&target_place(row.id, row.compartment, row.revision), &row.record, &row.mac).map_err(|_| broken())?;
        let record = TargetRecord::from_canonical(&row.record).map_err(|_| broken())?;
        let compartment = self.compartment(&record.stage).map_err(|_| broken())?;
        let agrees = record.host == row.id && record.name.as_str() == row.name && compartment == row.compartment;
        if agrees { Ok(Target { record, compartment, revision: row.revision }) } else { Err(broken()) }
    }

    /// A host's row, authenticated under its stage's key.
    pub(crate) fn target_row(&self, record: &TargetRecord, revision: u64) -> Result<TargetRow, AppError> {
        let compartment = self.compartment(&record.stage)?;
        let encoded = record.to_canonical();
        let mac = self.vault.row_mac(&target_place(record.host, compartment, revision), &encoded).map_err(AppError::internal)?;
        Ok(TargetRow { id: record.host, name: record.name.to_string(), compartment, record: encoded, revision, mac })
    }

    pub(crate) fn targets(&self) -> Result<Vec<Target>, AppError> {
        let rows = self.catalog.read(|reader| reader.targets())?;
        rows.iter().map(|row| self.authenticate(row)).collect()
    }

    pub(crate) fn target_named(&self, name: &str) -> Result<Target, AppError> {
        let row = self.catalog.read(|reader| reader.target_named(name))?;
        self.authenticate(&row.ok_or_else(|| AppError::HostNotFound { name: name.to_owned() })?)
    }

    /// One host, authenticated.
    pub(crate) async fn host(self: &Arc<Self>, name: &str) -> Result<TargetRecord, AppError> {
        let name = name.to_owned();
        self.blocking(move |session| Ok(session.target_named(&name)?.record)).await
    }

    /// The hosts that a selector selects, by name, authenticated.
    pub(crate) async fn select(self: &Arc<Self>, selector: &str) -> Result<Vec<TargetRecord>, AppError> {
        let parsed = Selector::parse(selector).map_err(|error| AppError::InvalidSelector { near: error.near })?;
        let selector = selector.to_owned();
        self.blocking(move |session| {
            let targets = session.targets()?;
            if let Some(missing) = parsed.named_hosts().into_iter().find(|name| !targets.iter().any(|target| target.record.name == **name))
            {
                return Err(AppError::HostNotFound { name: missing.to_string() });
            }
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
        known.map(|(row, compartment)| Ok((row.target, Survey::open(self, compartment, row)?))).collect()
    }

    /// The host's connection, made when there is none. The record is read and authenticated again just before.
    pub(crate) async fn connect(self: &Arc<Self>, target: &TargetRecord) -> Result<Arc<SshRemote>, AppError> {
        let host = target.host;
        let fresh = self
            .blocking(move |session| {
                let row = session.catalog.read(|reader| reader.target(host))?;
                session.authenticate(&row.ok_or(AppError::HostNotFound { name: host.to_string() })?)
            })
            .await?;
        let session = Arc::clone(self);
        let record = fresh.record.clone();
        let credential = async move || session.credential(&record).await;
        let connected = self.connections.get(&fresh.record, credential).await;
        self.remember_trouble(host, connected.as_ref().err());
        if let Some(key) = connected.as_ref().err().and_then(AppError::refused_key) {
            let values = vec![("name", target.name.to_string()), ("fingerprint", key.to_string())];
            self.journal_event("host-key-refused", Some(host), values).await?;
        }
        connected
    }

    /// The credential of a host, opened just before it is needed.
    async fn credential(self: &Arc<Self>, record: &TargetRecord) -> Result<Credential, AppError> {
        let (id, name) = (record.credential, record.name.to_string());
        self.blocking(move |session| {
            let id = id.ok_or(AppError::NoCredential { name })?;
            credential_of(&session.secret_value(id)?)
        })
        .await
    }

    fn remember_trouble(&self, host: HostId, error: Option<&AppError>) {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.vault.seal(place, plaintext).map_err(AppError::internal)
    }

    /// Opens a value.
    pub(crate) fn unseal(&self, place: &Place<'_>, sealed: &[u8]) -> Result<SecretBytes, AppError> {
        self.vault.unseal(place, sealed).map_err(AppError::damaged)
    }
}

fn target_place(host: HostId, compartment: CompartmentId, revision: u64) -> Place<'static> {
    Place { compartment, target: Some(host), table: "target", row: *host.as_bytes(), revision, field: "record" }
}

/// Where a compartment's own row is authenticated, and the bytes that are.
pub(crate) fn compartment_row(
    vault: &OpenVault,
    id: CompartmentId,
    stage: &StageName,
    wrapped: Vec<u8>,
) -> Result<CompartmentRow, AppError> {
    let content = compartment_content(stage.as_str(), &wrapped);
    let mac = vault.row_mac(&compartment_place(id, 1), &content).map_err(AppError::internal)?;
    Ok(CompartmentRow { id, stage: stage.to_string(), wrapped, revision: 1, mac })
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
