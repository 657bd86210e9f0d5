//! Killed at any moment of any write: opens again with the last acknowledged write, whole.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::kit::{Sandbox, chain, compartment, entry, job, key, raw_connection, target, write};
use beffroi_domain::{Canonical, JobId};
use beffroi_store::table::job::StepRow;
use beffroi_store::table::output::{OutputRow, OutputStream};
use beffroi_store::{Catalog, StoreError};

const FILE: &str = "BEFFROI_TEST_CATALOG";
const ACKNOWLEDGED: &str = "acknowledged ";
const STEP: u64 = 700;

/// The process that is killed: writes and acknowledges until then.
fn write_for_ever(path: &Path) -> Result<(), StoreError> {
    let catalog = Catalog::open(path, &key())?;
    let (job, mut sequence) = state(&catalog)?;
    loop {
        sequence += 1;
        catalog.write(|writer| {
            writer.append_entry(&entry(sequence))?;
            let (offset, end) = ((sequence - 1) * STEP, sequence * STEP);
            let sealed = vec![0; STEP as usize];
            let piece = OutputRow { ordinal: sequence, step: 1, at_ms: sequence, stream: OutputStream::Stdout, offset, sealed };
            writer.append_output(job, &piece, end)
        })?;
        let mut stdout = std::io::stdout();
        let said = writeln!(stdout, "{ACKNOWLEDGED}{sequence}").and_then(|()| stdout.flush());
        said.map_err(|error| StoreError::Disk { reason: error.to_string() })?;
    }
}

/// Checks that journal, output and offset tell of the same last write, and gives it.
fn state(catalog: &Catalog) -> Result<(JobId, u64), StoreError> {
    catalog.read(|reader| {
        let last = reader.last_entry()?.map_or(0, |row| row.sequence);
        let job = reader.jobs(1)?.first().expect("a job").id;
        assert_eq!(reader.steps(job)?.first().expect("a step").stdout_offset, last * STEP);
        assert_eq!(reader.next_ordinal(job)?, last + 1);
        assert_eq!(reader.entries_after(0, 1_000_000)?.len() as u64, last);
        Ok((job, last))
    })
}

#[test]
fn killed_while_writing() {
    if let Some(path) = std::env::var_os(FILE) {
        let ended = write_for_ever(Path::new(&path));
        panic!("writing ended before the kill: {ended:?}");
    }
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let row = job(&target(&compartment, "web-1"));
    write(&catalog, |writer| {
        writer.insert_chain(&chain())?;
        writer.insert_compartment(&compartment)?;
        writer.insert_job(&row, &[StepRow::pending(1)])
    });
    drop(catalog);
    let mut before = 0;
    for round in 0..12 {
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "crash::killed_while_writing", "--nocapture"])
            .env(FILE, sandbox.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        // The kill comes at another moment of another write each time: it is not waited for.
        let wanted = before + 1 + round * 7;
        let mut acknowledged = 0;
        while acknowledged < wanted {
            let line = lines.next().expect("the child writes on").expect("text");
            if let Some(number) = line.split(ACKNOWLEDGED).nth(1) {
                acknowledged = number.trim().parse().expect("a number");
            }
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        let catalog = sandbox.open().expect("opens after the kill");
        let (_, last) = state(&catalog).expect("read");
        assert!(last >= acknowledged, "{last} is behind the acknowledged {acknowledged}");
        assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
        before = last;
    }
}

const OLD_FILE: &str = "BEFFROI_TEST_OLD_CATALOG";

/// The copy and the migration take long enough to be hit in each of their parts: the kill comes when a part is seen.
#[test]
fn killed_while_migrating() {
    use std::time::{Duration, Instant};
    if let Some(path) = std::env::var_os(OLD_FILE) {
        let opened = Catalog::open(Path::new(&path), &key());
        assert!(opened.is_ok_and(|catalog| catalog.migrated_from().is_some()));
        return;
    }
    let secrets: u32 = 4000;
    let old = old_catalog(secrets);
    let parts: [fn(&Path) -> bool; 4] = [
        |path| path.with_extension("db.schema-1.part").exists(),
        |path| path.with_extension("db.schema-1").exists(),
        |path| std::fs::metadata(path.with_extension("db-wal")).is_ok_and(|wal| wal.len() > 1_000_000),
        |_| false,
    ];
    for (round, seen) in parts.iter().enumerate() {
        let sandbox = Sandbox::new();
        std::fs::copy(old.path(), sandbox.path()).expect("copied");
        let mut child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "crash::killed_while_migrating"])
            .env(OLD_FILE, sandbox.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let started = Instant::now();
        while !seen(&sandbox.path()) && child.try_wait().expect("asked").is_none() && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_micros(200));
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        let copy = sandbox.path().with_extension("db.schema-1");
        for path in [&copy, &sandbox.path()] {
            if path.exists() {
                let schema: u32 = raw_connection(path).pragma_query_value(None, "user_version", |row| row.get(0)).expect("whole");
                assert!(schema == 1 || (schema == 5 && path != &copy), "round {round}: schema {schema} in {}", path.display());
            }
        }
        let catalog = sandbox.open().expect("opens after the kill");
        let (found, entries) =
            catalog.read(|reader| Ok::<_, StoreError>((reader.secrets()?.len(), reader.entries_after(0, 100)?.len()))).expect("read");
        assert_eq!((found, entries), (secrets as usize, 1), "round {round}");
        assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
        assert!(!sandbox.path().with_extension("db.schema-1.part").exists(), "round {round}: half a copy was left");
        assert!(copy.exists(), "round {round}");
    }
}

/// A catalog of schema 1 of some size.
fn old_catalog(secrets: u32) -> Sandbox {
    let sandbox = Sandbox::new();
    let first = Canonical::new("beffroi/journal-entry/1").number(1).number(5).bytes(&[0x91; 16]).text("léa").text("vault-created");
    let first = first.bytes(&[]).bytes(&[0; 32]).number(0).finish();
    let raw = raw_connection(&sandbox.path());
    raw.execute_batch(include_str!("../../src/migrations/0001-catalog.sql")).expect("the first schema");
    raw.execute_batch("PRAGMA application_id = 1114007154; PRAGMA user_version = 1; PRAGMA journal_mode = WAL").expect("set");
    raw.execute("INSERT INTO compartment VALUES (zeroblob(16), 'dev', x'01', 1, zeroblob(32))", []).expect("inserted");
    raw.execute("INSERT INTO journal VALUES (1, ?, zeroblob(32))", [first]).expect("inserted");
    let sql = "WITH RECURSIVE many (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM many WHERE number < ?)
               INSERT INTO secret SELECT randomblob(16), 'secret-' || number, zeroblob(16), 'password', randomblob(1500), 1, 1, 1 FROM many";
    raw.execute(sql, [secrets]).expect("inserted");
    raw.close().expect("closed");
    sandbox
}
