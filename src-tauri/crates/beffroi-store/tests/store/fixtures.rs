//! Catalogs of every schema there was, as files: opened, migrated, and compared with what was put into them.

use std::fs;
use std::path::PathBuf;

use beffroi_domain::{
    Canonical, ChainId, CompartmentId, DeviceId, DocumentId, HostId, IdentityId, JobId, JobState, RecipeId, RunId, SecretId, SlotId,
    StepState,
};
use beffroi_secret::SecretKey;
use beffroi_store::table::announced_key::AnnouncedKeyRow;
use beffroi_store::table::chain::{ChainRow, CheckpointRow};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::digest::DigestSource;
use beffroi_store::table::document::DocumentRow;
use beffroi_store::table::guest_reading::GuestReadingRow;
use beffroi_store::table::identity::{IdentityRow, PrivateHalf};
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::ledger::LedgerRow;
use beffroi_store::table::login::{Credential, LoginRow};
use beffroi_store::table::output::{OutputRow, OutputStream};
use beffroi_store::table::policy::PolicyRow;
use beffroi_store::table::recipe::RecipeRow;
use beffroi_store::table::run_result::RunResultRow;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::slot_note::SlotNoteRow;
use beffroi_store::table::survey::SurveyRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, StoreError, Writer};

use crate::kit::{Sandbox, fixed, raw_connection_with, write};

const MS: u64 = 1_700_000_000_000;
const KEY: [u8; 32] = [0x5a; 32];

fn key() -> SecretKey {
    SecretKey::new(KEY)
}

fn fixture(schema: u32) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/schema-{schema}.db"))
}

/// A sandbox with a copy of a fixture.
fn with_fixture(schema: u32) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::copy(fixture(schema), sandbox.path()).expect("copied");
    sandbox
}

fn open(sandbox: &Sandbox) -> Result<Catalog, StoreError> {
    Catalog::open(&sandbox.path(), &key())
}

/// An entry as schema 1 had it.
fn old_entry(sequence: u64, event: &str) -> Vec<u8> {
    let host: &[u8] = if sequence == 2 { &[0x41; 16] } else { &[] };
    let start = Canonical::new("beffroi/journal-entry/1").number(sequence).number(MS + sequence).bytes(&[0x91; 16]);
    start.text("léa").text(event).bytes(host).bytes(&[0x92; 32]).number(1).text("name").text("web-1").finish()
}

/// What every fixture holds.
#[derive(Debug, PartialEq)]
struct Content {
    name: Option<String>,
    compartments: Vec<CompartmentRow>,
    targets: Vec<TargetRow>,
    secrets: Vec<(SecretRow, Vec<u8>)>,
    survey: Option<SurveyRow>,
    jobs: Vec<JobRow>,
    steps: Vec<StepRow>,
    output: Vec<OutputRow>,
    left: Vec<LedgerRow>,
    entries: Vec<(u64, u64, Vec<u8>, [u8; 32])>,
}

fn content() -> Content {
    let compartment = fixed(0x11, CompartmentId::from_bytes);
    let target = |id, name: &str, record, revision, mac| {
        let id = fixed(id, HostId::from_bytes);
        TargetRow { id, name: name.to_owned(), compartment, record, revision, mac: [mac; 32] }
    };
    let secret = |id, name: &str, kind: &str, revision, changed_ms| {
        let id = fixed(id, SecretId::from_bytes);
        SecretRow { id, name: name.to_owned(), compartment, kind: kind.to_owned(), revision, created_ms: MS, changed_ms }
    };
    let web = fixed(0x41, HostId::from_bytes);
    Content {
        name: Some("clinique".to_owned()),
        compartments: vec![CompartmentRow {
            id: compartment,
            stage: "dev".to_owned(),
            wrapped: vec![0x21; 72],
            revision: 1,
            mac: [0x31; 32],
        }],
        targets: vec![target(0x41, "web-1", vec![0x51; 200], 1, 0x32), target(0x42, "web-2", vec![0x52; 220], 3, 0x33)],
        secrets: vec![
            (secret(0x64, "key", "private-key", 2, MS + 5), vec![0x65; 500]),
            (secret(0x61, "root@web-1", "password", 1, MS), vec![0x62; 90]),
        ],
        survey: Some(SurveyRow { target: web, taken_ms: MS + 10, sealed: vec![0x71; 3000] }),
        jobs: vec![JobRow {
            id: fixed(0x81, JobId::from_bytes),
            run: fixed(0x82, RunId::from_bytes),
            target: web,
            compartment,
            record: vec![0x83; 150],
            input: Some(vec![0x84; 60]),
            failure: None,
            state: JobState::Running,
            created_ms: MS + 20,
            ended_ms: None,
            attempt: 1,
        }],
        steps: vec![StepRow { state: StepState::Running, started_ms: Some(MS + 21), stdout_offset: 64, ..StepRow::pending(1) }],
        output: vec![OutputRow { ordinal: 1, step: 1, at_ms: MS + 22, stream: OutputStream::Stdout, offset: 0, sealed: vec![0x85; 104] }],
        left: vec![LedgerRow { kind: "job-folder".to_owned(), what: "81".to_owned() }],
        entries: [(1, "vault-created"), (2, "host-added"), (3, "secret-set")]
            .map(|(sequence, event)| (sequence, sequence, old_entry(sequence, event), [0xa0 + u8::try_from(sequence).expect("small"); 32]))
            .to_vec(),
    }
}

fn read_content(catalog: &Catalog) -> Content {
    let web = fixed(0x41, HostId::from_bytes);
    let job = fixed(0x81, JobId::from_bytes);
    let read = catalog.read(|reader| {
        let secrets = reader.secrets()?.iter().map(|row| reader.sealed_secret(row.id)).collect::<Result<Vec<_>, _>>()?;
        let entries = reader.entries_after(0, 100)?;
        Ok::<_, StoreError>(Content {
            name: reader.setting("name")?,
            compartments: reader.compartments()?,
            targets: reader.targets()?,
            secrets: secrets.into_iter().flatten().collect(),
            survey: reader.last_survey(web)?,
            jobs: reader.jobs(100)?,
            steps: reader.steps(job)?,
            output: reader.output(job, 0, 100)?,
            left: reader.left_on(web)?,
            entries: entries.into_iter().map(|row| (row.sequence, row.number, row.entry, row.mac)).collect(),
        })
    });
    read.expect("read")
}

/// What the fixture of schema 2 has beside [`content`].
#[derive(Debug, PartialEq)]
struct Second {
    chains: Vec<ChainRow>,
    checkpoints: Vec<CheckpointRow>,
    identities: Vec<IdentityRow>,
    policy: Option<PolicyRow>,
    notes: Vec<SlotNoteRow>,
}

fn second() -> Second {
    let (chain, compartment) = (fixed(0xc1, ChainId::from_bytes), fixed(0x11, CompartmentId::from_bytes));
    let (own, other) = (fixed(0xe1, IdentityId::from_bytes), fixed(0xe2, IdentityId::from_bytes));
    let identity = |id, name: &str, private| {
        let (name, card) = (name.to_owned(), format!("card of {name}"));
        IdentityRow { id, name, card, private, revision: 1, created_ms: MS }
    };
    Second {
        chains: vec![ChainRow {
            id: chain,
            device: fixed(0x91, DeviceId::from_bytes),
            person: "léa".to_owned(),
            identity: Some(own),
            started_ms: MS + 1,
        }],
        checkpoints: vec![CheckpointRow { chain, number: 2, link: [0xb1; 32], identity: own, signature: [0xb2; 64], at_ms: MS + 2 }],
        identities: vec![identity(own, "Léa", Some(PrivateHalf { compartment, sealed: vec![0xe3; 120] })), identity(other, "Noé", None)],
        policy: Some(PolicyRow { compartment, record: vec![0xf1; 40], revision: 2, mac: [0xf2; 32] }),
        notes: vec![SlotNoteRow {
            slot: fixed(0xf3, SlotId::from_bytes),
            label: "coffre de Léa".to_owned(),
            identity: Some(own),
            added_ms: MS + 3,
        }],
    }
}

fn read_second(catalog: &Catalog) -> Second {
    let read = catalog.read(|reader| {
        Ok::<_, StoreError>(Second {
            chains: reader.chains()?,
            checkpoints: reader.checkpoints(fixed(0xc1, ChainId::from_bytes))?,
            identities: reader.identities()?,
            policy: reader.policy(fixed(0x11, CompartmentId::from_bytes))?,
            notes: reader.slot_notes()?,
        })
    });
    read.expect("read")
}

/// Writes [`content`] and [`second`]: this is how the fixture of schema 2 was made.
fn furnish(writer: &Writer<'_>) -> Result<(), StoreError> {
    let (content, second) = (content(), second());
    let (job, web) = (fixed(0x81, JobId::from_bytes), fixed(0x41, HostId::from_bytes));
    writer.set_setting("name", &content.name.unwrap_or_default())?;
    content.compartments.iter().try_for_each(|row| writer.insert_compartment(row))?;
    content.targets.iter().try_for_each(|row| writer.insert_target(row))?;
    content.secrets.iter().try_for_each(|(row, sealed)| writer.insert_secret(row, sealed))?;
    content.survey.iter().try_for_each(|row| writer.insert_survey(row))?;
    content.jobs.iter().try_for_each(|row| writer.insert_job(row, &[StepRow::pending(1)]))?;
    content.steps.iter().try_for_each(|row| writer.set_step(job, row))?;
    content.output.iter().try_for_each(|row| writer.append_output(job, row, 64))?;
    content.left.iter().try_for_each(|row| writer.note_left(web, row, MS + 20))?;
    second.chains.iter().try_for_each(|row| writer.insert_chain(row))?;
    content.entries.into_iter().try_for_each(|(sequence, number, entry, mac)| {
        writer.append_entry(&JournalRow { sequence, chain: fixed(0xc1, ChainId::from_bytes), number, entry, mac })
    })?;
    second.checkpoints.iter().try_for_each(|row| writer.insert_checkpoint(row))?;
    second.identities.iter().try_for_each(|row| writer.insert_identity(row))?;
    second.policy.iter().try_for_each(|row| writer.insert_policy(row))?;
    second.notes.iter().try_for_each(|row| writer.set_slot_note(row))
}

fn copy_of(sandbox: &Sandbox) -> PathBuf {
    sandbox.folder.path().join("catalog.db.schema-1")
}

/// A schema that SQLCipher's own interface reads.
fn schema_of(path: &std::path::Path) -> u32 {
    raw_connection_with(path, "5a").pragma_query_value(None, "user_version", |row| row.get(0)).expect("read")
}

#[test]
fn a_catalog_of_schema_1_has_everything_in_the_newest() {
    let sandbox = with_fixture(1);
    let catalog = open(&sandbox).expect("opened");
    assert_eq!(catalog.migrated_from(), Some(1));
    assert_eq!(read_content(&catalog), content());
    let chains = catalog.read(|reader| reader.chains()).expect("read");
    let expected = ChainRow { id: chains[0].id, identity: None, ..second().chains.remove(0) };
    assert_eq!(chains, [expected], "of the device and person of the first entry");
    let (last, last_of) =
        catalog.read(|reader| Ok::<_, StoreError>((reader.last_entry()?, reader.last_entry_of(chains[0].id)?))).expect("read");
    assert_eq!((&last, last.as_ref().map(|row| row.number)), (&last_of, Some(3)));
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
    // Only the migration's own chain is new: what the last entry's digest covers is as it was.
    let tables: Vec<&str> =
        catalog.read(|reader| reader.digest_sources(Some(chains[0].id))).expect("read").iter().map(|source| source.table).collect();
    assert_eq!(tables, ["target", "target", "secret", "secret", "compartment"]);
    catalog.close().expect("closed");
    let again = open(&sandbox).expect("opened again");
    assert_eq!(again.migrated_from(), None);
    assert_eq!(read_content(&again), content());
}

#[test]
fn before_a_migration_the_old_file_is_copied_beside_it() {
    let sandbox = with_fixture(1);
    // A copy of an earlier attempt is replaced, and what a killed one left is no hindrance.
    fs::write(copy_of(&sandbox), "older").expect("written");
    fs::write(copy_of(&sandbox).with_extension("schema-1.part"), "half").expect("written");
    drop(open(&sandbox).expect("opened"));
    let mut names: Vec<_> =
        fs::read_dir(sandbox.folder.path()).expect("listed").map(|found| found.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["catalog.db", "catalog.db.schema-1"]);
    assert_eq!((schema_of(&sandbox.path()), schema_of(&copy_of(&sandbox))), (5, 1));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(copy_of(&sandbox)).expect("there").permissions().mode() & 0o777, 0o600);
    }
    // The copy is a catalog under the same key, from which everything can be had again.
    let restored = Sandbox::new();
    fs::copy(copy_of(&sandbox), restored.path()).expect("copied");
    let catalog = open(&restored).expect("opened");
    assert_eq!((catalog.migrated_from(), read_content(&catalog)), (Some(1), content()));
}

#[test]
fn a_migration_that_cannot_copy_changes_nothing() {
    let sandbox = with_fixture(1);
    let before = fs::read(sandbox.path()).expect("read");
    // A folder of the copy's name can neither be replaced nor removed as a file is.
    fs::create_dir(copy_of(&sandbox)).expect("made");
    assert!(matches!(open(&sandbox), Err(StoreError::Disk { .. })));
    assert_eq!(fs::read(sandbox.path()).expect("read"), before);
    fs::remove_dir(copy_of(&sandbox)).expect("removed");
    assert_eq!(open(&sandbox).expect("opened").migrated_from(), Some(1));
}

#[test]
fn a_newer_schema_is_refused_with_its_number_and_left_alone() {
    let sandbox = with_fixture(4);
    raw_connection_with(&sandbox.path(), "5a").pragma_update(None, "user_version", 99).expect("set");
    let before = fs::read(sandbox.path()).expect("read");
    assert!(matches!(open(&sandbox), Err(StoreError::TooNew { found: 99, known: 5 })));
    assert_eq!(fs::read(sandbox.path()).expect("read"), before);
    assert_eq!(fs::read_dir(sandbox.folder.path()).expect("listed").count(), 1, "nothing to copy");
}

/// What the fixture of schema 3 has beside [`content`] and [`second`].
#[derive(Debug, PartialEq)]
struct Third {
    logins: Vec<(Credential, LoginRow)>,
    announced: Vec<AnnouncedKeyRow>,
    results: Vec<RunResultRow>,
    recipes: Vec<RecipeRow>,
}

fn third() -> Third {
    let web = fixed(0x41, HostId::from_bytes);
    let refused = LoginRow { target: web, user: "root".to_owned(), taken_ms: None, refused_ms: Some(MS), method: "password".to_owned() };
    Third {
        logins: vec![(Credential { name: "secret".to_owned(), revision: 1 }, refused)],
        announced: vec![AnnouncedKeyRow {
            fingerprint: format!("SHA256:{}", "k".repeat(43)).parse().expect("a fingerprint"),
            algorithm: "ssh-ed25519".to_owned(),
            key: vec![0xa1; 51],
            proven: true,
            at_ms: MS + 1,
        }],
        results: vec![RunResultRow {
            run: fixed(0xa2, RunId::from_bytes),
            target: web,
            compartment: fixed(0x11, CompartmentId::from_bytes),
            at_ms: MS + 2,
            sealed: vec![0xa3; 90],
        }],
        recipes: vec![RecipeRow {
            id: fixed(0xa4, RecipeId::from_bytes),
            name: "greet".to_owned(),
            record: vec![0xa5; 70],
            revision: 1,
            mac: [0xa6; 32],
        }],
    }
}

fn read_third(catalog: &Catalog) -> Third {
    let read = catalog.read(|reader| {
        Ok::<_, StoreError>(Third {
            logins: reader.refused_logins()?,
            announced: reader.announced_keys(fixed(0x41, HostId::from_bytes))?,
            results: reader.run_results(fixed(0xa2, RunId::from_bytes))?,
            recipes: reader.recipes()?,
        })
    });
    read.expect("read")
}

/// What the fixtures of schema 1, 2 and 3 hold: this is how that of schema 3 was made.
fn furnish_three(writer: &Writer<'_>) -> Result<(), StoreError> {
    furnish(writer)?;
    let third = third();
    third.logins.iter().try_for_each(|(credential, row)| writer.note_login(credential, row))?;
    writer.set_announced_keys(fixed(0x41, HostId::from_bytes), &third.announced)?;
    third.results.iter().try_for_each(|row| writer.put_run_result(row))?;
    third.recipes.iter().try_for_each(|row| writer.insert_recipe(row))
}

/// What the fixture of schema 4 has beside that.
fn fourth() -> (DocumentRow, Vec<u8>) {
    let id = fixed(0xa7, DocumentId::from_bytes);
    (DocumentRow { id, kind: "person".to_owned(), compartment: fixed(0x11, CompartmentId::from_bytes), revision: 1 }, vec![0xa8; 120])
}

/// What the fixtures of schema 1 to 4 hold: this is how that of schema 4 was made.
fn furnish_four(writer: &Writer<'_>) -> Result<(), StoreError> {
    furnish_three(writer)?;
    let (row, sealed) = fourth();
    writer.insert_document(&row, &sealed)
}

/// What the fixture of schema 5 has beside that.
fn fifth() -> GuestReadingRow {
    GuestReadingRow { target: fixed(0x41, HostId::from_bytes), taken_ms: MS + 3, sealed: vec![0xa9; 80] }
}

/// Writes everything: this is how the fixture of schema 5 was made.
fn furnish_five(writer: &Writer<'_>) -> Result<(), StoreError> {
    furnish_four(writer)?;
    writer.put_guest_reading(&fifth())
}

fn sources(catalog: &Catalog) -> Vec<DigestSource> {
    catalog.read(|reader| reader.digest_sources(None)).expect("read")
}

/// What the last entry vouches for in a catalog that this program makes and furnishes.
fn digest_of_new(furnish: fn(&Writer<'_>) -> Result<(), StoreError>) -> Vec<DigestSource> {
    let made = Sandbox::new();
    let catalog = Catalog::create(&made.path(), &key()).expect("created");
    write(&catalog, furnish);
    sources(&catalog)
}

#[test]
fn a_catalog_of_schema_2_has_everything_in_the_newest() {
    let sandbox = with_fixture(2);
    let catalog = open(&sandbox).expect("opened");
    assert_eq!(catalog.migrated_from(), Some(2));
    assert_eq!((read_content(&catalog), read_second(&catalog)), (content(), second()));
    assert_eq!(sources(&catalog), digest_of_new(furnish), "what the last entry vouches for is as it was");
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_catalog_of_schema_3_has_everything_in_the_newest() {
    let sandbox = with_fixture(3);
    let catalog = open(&sandbox).expect("opened");
    assert_eq!(catalog.migrated_from(), Some(3));
    assert_eq!((read_content(&catalog), read_second(&catalog), read_third(&catalog)), (content(), second(), third()));
    assert_eq!(sources(&catalog), digest_of_new(furnish_three), "what the last entry vouches for is as it was");
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_catalog_of_schema_4_has_everything_in_the_newest() {
    let sandbox = with_fixture(4);
    let catalog = open(&sandbox).expect("opened");
    assert_eq!(catalog.migrated_from(), Some(4));
    assert_eq!((read_content(&catalog), read_second(&catalog), read_third(&catalog)), (content(), second(), third()));
    assert_eq!(catalog.read(|reader| reader.documents("person")).expect("read"), [fourth()]);
    assert_eq!(sources(&catalog), digest_of_new(furnish_four), "what the last entry vouches for is as it was");
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_catalog_of_schema_5_is_what_this_program_makes() {
    let sandbox = with_fixture(5);
    let catalog = open(&sandbox).expect("opened");
    assert_eq!(catalog.migrated_from(), None);
    assert_eq!((read_content(&catalog), read_second(&catalog), read_third(&catalog)), (content(), second(), third()));
    assert_eq!(catalog.read(|reader| reader.documents("person")).expect("read"), [fourth()]);
    assert_eq!(catalog.read(|reader| reader.guest_readings()).expect("read"), [fifth()]);
    assert_eq!(sources(&catalog), digest_of_new(furnish_five));
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
}
