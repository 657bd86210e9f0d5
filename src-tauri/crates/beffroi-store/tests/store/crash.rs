//! Killed at any moment of any write: opens again with the last acknowledged write, whole.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::kit::{Sandbox, compartment, entry, job, key, target, write};
use beffroi_domain::JobId;
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
