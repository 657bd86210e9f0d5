//! A catalog in a temporary folder, and rows to put into it.

use std::path::PathBuf;

use beffroi_domain::{ChainId, CompartmentId, DeviceId, HostId, JobId, JobState, RunId, SecretId};
use beffroi_secret::SecretKey;
use beffroi_store::table::chain::ChainRow;
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, DigestSource, StoreError};
use tempfile::TempDir;

pub(crate) const CANARY: &str = "canary-4f7e-in-the-catalog";

pub(crate) struct Sandbox {
    pub(crate) folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a temporary folder") }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("catalog.db")
    }

    pub(crate) fn create(&self) -> Catalog {
        Catalog::create(&self.path(), &key()).expect("created")
    }

    pub(crate) fn open(&self) -> Result<Catalog, StoreError> {
        Catalog::open(&self.path(), &key())
    }
}

pub(crate) fn key() -> SecretKey {
    SecretKey::new([0xab; 32])
}

/// What SQLCipher's own interface takes: for tests that reach under the crate.
pub(crate) fn raw_connection(path: &std::path::Path) -> rusqlite::Connection {
    raw_connection_with(path, "ab")
}

/// The same under a key of one repeated byte, in hexadecimal.
pub(crate) fn raw_connection_with(path: &std::path::Path, byte: &str) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("opened");
    connection.execute_batch(&format!("PRAGMA key = \"x'{}'\"", byte.repeat(32))).expect("keyed");
    connection
}

pub(crate) fn read<T>(catalog: &Catalog, work: impl FnOnce(&beffroi_store::Reader<'_>) -> Result<T, StoreError>) -> T {
    catalog.read(work).expect("read")
}

pub(crate) fn write<T>(catalog: &Catalog, work: impl FnOnce(&beffroi_store::Writer<'_>) -> Result<T, StoreError>) -> T {
    catalog.write(work).expect("written")
}

pub(crate) fn compartment() -> CompartmentRow {
    CompartmentRow { id: CompartmentId::make(), stage: "dev".to_owned(), wrapped: vec![1, 2, 3], revision: 1, mac: [1; 32] }
}

pub(crate) fn target(compartment: &CompartmentRow, name: &str) -> TargetRow {
    TargetRow { id: HostId::make(), name: name.to_owned(), compartment: compartment.id, record: vec![4; 200], revision: 1, mac: [2; 32] }
}

pub(crate) fn secret(compartment: &CompartmentRow, name: &str) -> SecretRow {
    let kind = "password".to_owned();
    let id = SecretId::make();
    SecretRow { id, name: name.to_owned(), compartment: compartment.id, kind, revision: 1, created_ms: 10, changed_ms: 10 }
}

pub(crate) fn job(target: &TargetRow) -> JobRow {
    JobRow {
        id: JobId::make(),
        run: RunId::make(),
        target: target.id,
        compartment: target.compartment,
        record: vec![5; 100],
        input: Some(vec![6; 50]),
        failure: None,
        state: JobState::Queued,
        created_ms: 20,
        ended_ms: None,
        attempt: 1,
    }
}

/// An id that is the same in every run.
pub(crate) fn fixed<T>(byte: u8, read: impl Fn(&[u8]) -> Result<T, beffroi_domain::InvalidId>) -> T {
    read(&[byte; 16]).expect("16 bytes")
}

/// The chain that [`entry`] continues.
pub(crate) fn chain() -> ChainRow {
    let (id, device) = (fixed(0xc1, ChainId::from_bytes), fixed(0xd1, DeviceId::from_bytes));
    ChainRow { id, device, person: "léa".to_owned(), identity: None, started_ms: 1 }
}

pub(crate) fn entry(sequence: u64) -> JournalRow {
    let entry = format!("entry {sequence} {}", "x".repeat(300)).into_bytes();
    JournalRow { sequence, chain: chain().id, number: sequence, entry, mac: [3; 32] }
}

/// A catalog of some 30 pages with something in every table.
pub(crate) fn furnish(catalog: &Catalog) {
    let compartment = compartment();
    write(catalog, |writer| {
        writer.set_setting("name", CANARY)?;
        writer.insert_compartment(&compartment)?;
        for number in 0..40 {
            let target = target(&compartment, &format!("web-{number}"));
            writer.insert_target(&target)?;
            writer.insert_secret(&secret(&compartment, &format!("key-{number}")), &[7; 400])?;
            let job = job(&target);
            writer.insert_job(&job, &[StepRow::pending(1)])?;
        }
        writer.insert_chain(&chain())?;
        (1..=60).try_for_each(|sequence| writer.append_entry(&entry(sequence)))
    });
}

/// Everything that a person would see of a catalog.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    name: Option<String>,
    compartments: Vec<CompartmentRow>,
    targets: Vec<TargetRow>,
    secrets: Vec<SecretRow>,
    jobs: Vec<JobRow>,
    chains: Vec<ChainRow>,
    journal: Vec<JournalRow>,
    pub(crate) digest: Vec<DigestSource>,
}

pub(crate) fn see(catalog: &Catalog) -> Result<Seen, StoreError> {
    catalog.read(|reader| {
        Ok(Seen {
            name: reader.setting("name")?,
            compartments: reader.compartments()?,
            targets: reader.targets()?,
            secrets: reader.secrets()?,
            jobs: reader.jobs(1000)?,
            chains: reader.chains()?,
            journal: reader.entries_after(0, 1000)?,
            digest: reader.digest_sources(None)?,
        })
    })
}
