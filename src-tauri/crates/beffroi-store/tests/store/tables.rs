//! What is written comes back, and what must not be written is refused with its own error.

use crate::kit::{Sandbox, chain, compartment, entry, job, read, secret, target, write};
use beffroi_domain::{Exit, HostId, JobState, StepState};
use beffroi_store::StoreError;
use beffroi_store::table::job::StepRow;
use beffroi_store::table::ledger::LedgerRow;
use beffroi_store::table::output::{OutputRow, OutputStream};
use beffroi_store::table::survey::SurveyRow;

#[test]
fn targets_are_unique_by_name_and_changed_from_the_revision_that_was_seen() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let mut row = target(&compartment, "web-1");
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_target(&row)
    });
    let twin = catalog.write(|writer| writer.insert_target(&target(&compartment, "web-1")));
    assert!(matches!(&twin, Err(StoreError::Exists { what }) if what.contains("target.name")), "{twin:?}");
    let stage = catalog.write(|writer| writer.insert_compartment(&crate::kit::compartment()));
    assert!(matches!(&stage, Err(StoreError::Exists { what }) if what.contains("compartment.stage")), "{stage:?}");

    row.revision = 2;
    row.name = "web-2".to_owned();
    write(&catalog, |writer| writer.update_target(&row));
    let stale = catalog.write(|writer| writer.update_target(&row));
    assert!(matches!(stale, Err(StoreError::Conflict { table: "target" })));
    assert_eq!(read(&catalog, |reader| reader.target_named("web-1")), None);
    assert_eq!(read(&catalog, |reader| reader.target_named("web-2")), Some(row.clone()));
    assert_eq!(read(&catalog, |reader| reader.target(row.id)), Some(row.clone()));
    assert_eq!(read(&catalog, |reader| reader.targets()), std::slice::from_ref(&row));

    let survey = |taken_ms| SurveyRow { target: row.id, taken_ms, sealed: vec![9; 10] };
    write(&catalog, |writer| (1..=40).try_for_each(|at| writer.insert_survey(&survey(at))));
    assert_eq!(read(&catalog, |reader| reader.last_survey(row.id)), Some(survey(40)));
    assert_eq!(read(&catalog, |reader| reader.last_surveys()), [survey(40)]);
    write(&catalog, |writer| writer.delete_target(row.id));
    assert_eq!(read(&catalog, |reader| reader.last_survey(row.id)), None);
    assert!(matches!(catalog.write(|writer| writer.delete_target(row.id)), Err(StoreError::Conflict { table: "target" })));
}

#[test]
fn secrets_are_listed_without_their_envelopes() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let mut row = secret(&compartment, "root@web-1");
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_secret(&row, b"envelope one")
    });
    assert_eq!(read(&catalog, |reader| reader.sealed_secret(row.id)), Some((row.clone(), b"envelope one".to_vec())));
    row.revision = 2;
    row.changed_ms = 99;
    write(&catalog, |writer| writer.update_secret(&row, b"envelope two"));
    assert_eq!(read(&catalog, |reader| reader.secret_named("root@web-1")), Some(row.clone()));
    assert_eq!(read(&catalog, |reader| reader.sealed_secret(row.id)), Some((row.clone(), b"envelope two".to_vec())));
    let stale = catalog.write(|writer| writer.update_secret(&row, b"envelope three"));
    assert!(matches!(stale, Err(StoreError::Conflict { table: "secret" })));
    let twin = catalog.write(|writer| writer.insert_secret(&secret(&compartment, "root@web-1"), b""));
    assert!(matches!(&twin, Err(StoreError::Exists { what }) if what.contains("secret.name")), "{twin:?}");
    write(&catalog, |writer| writer.delete_secret(row.id));
    assert_eq!(read(&catalog, |reader| reader.secrets()), []);
    assert!(matches!(catalog.write(|writer| writer.delete_secret(row.id)), Err(StoreError::Conflict { .. })));
}

#[test]
fn the_digest_covers_hosts_stages_and_secrets() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let host = target(&compartment, "web-1");
    let mut key = secret(&compartment, "key");
    let digest = || read(&catalog, |reader| reader.digest_sources(Some(chain().id)));
    let mut seen = vec![digest()];
    let mut changed = |what: &str| {
        let now = digest();
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    write(&catalog, |writer| writer.insert_compartment(&compartment));
    changed("a stage");
    write(&catalog, |writer| writer.insert_target(&host));
    changed("a host");
    write(&catalog, |writer| writer.insert_secret(&key, b"one"));
    changed("a secret");
    key.revision = 2;
    write(&catalog, |writer| writer.update_secret(&key, b"two"));
    changed("another value");
    key.revision = 3;
    key.name = "other".to_owned();
    write(&catalog, |writer| writer.update_secret(&key, b"two"));
    changed("another name");
    write(&catalog, |writer| writer.delete_target(host.id));
    changed("no host");
    let before = digest();
    write(&catalog, |writer| {
        writer.insert_chain(&chain())?;
        writer.append_entry(&entry(1))
    });
    assert_eq!(digest(), before, "the chain that is written has a value of its own");
}

#[test]
fn a_job_and_its_steps_come_back() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let host = target(&compartment, "web-1");
    let (mut first, second) = (job(&host), job(&host));
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_job(&first, &[StepRow::pending(1), StepRow::pending(2)])?;
        writer.insert_job(&second, &[])
    });
    assert_eq!(read(&catalog, |reader| reader.job(first.id)), Some(first.clone()));
    assert_eq!(read(&catalog, |reader| reader.jobs(1)), std::slice::from_ref(&second));
    assert_eq!(read(&catalog, |reader| reader.jobs_of(host.id, 10)), [second.clone(), first.clone()]);
    assert_eq!(read(&catalog, |reader| reader.jobs_of(HostId::make(), 10)), []);

    for exit in [None, Some(Exit::Status(0)), Some(Exit::Status(u32::MAX)), Some(Exit::Signal("KILL".to_owned())), Some(Exit::Unknown)] {
        let step = StepRow { state: StepState::Failed, started_ms: Some(1), ended_ms: Some(2), exit, ..StepRow::pending(2) };
        write(&catalog, |writer| writer.set_step(first.id, &step));
        assert_eq!(read(&catalog, |reader| reader.steps(first.id)), [StepRow::pending(1), step]);
    }
    assert!(matches!(catalog.write(|writer| writer.set_step(first.id, &StepRow::pending(3))), Err(StoreError::Conflict { table: "step" })));

    write(&catalog, |writer| writer.set_job_running(first.id));
    assert_eq!(read(&catalog, |reader| reader.job(first.id)).map(|row| row.state), Some(JobState::Running));
    write(&catalog, |writer| writer.end_job(first.id, JobState::Failed, Some(b"why"), false, 77));
    first = beffroi_store::table::job::JobRow {
        state: JobState::Failed,
        failure: Some(b"why".to_vec()),
        input: None,
        ended_ms: Some(77),
        ..first
    };
    assert_eq!(read(&catalog, |reader| reader.job(first.id)), Some(first));
}

#[test]
fn output_continues_exactly_where_it_ended() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let row = job(&target(&compartment, "web-1"));
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_job(&row, &[StepRow::pending(1)])
    });
    let piece = |ordinal, stream, offset| OutputRow { ordinal, step: 1, at_ms: 5, stream, offset, sealed: vec![8; 64] };
    assert_eq!(read(&catalog, |reader| reader.next_ordinal(row.id)), 1);
    let first = piece(1, OutputStream::Stdout, 0);
    write(&catalog, |writer| writer.append_output(row.id, &first, 10));
    // Sent again after a cut link: neither lost nor there twice.
    let again = catalog.write(|writer| writer.append_output(row.id, &piece(2, OutputStream::Stdout, 0), 10));
    assert!(matches!(again, Err(StoreError::Conflict { table: "step" })));
    let gap = catalog.write(|writer| writer.append_output(row.id, &piece(2, OutputStream::Stdout, 11), 20));
    assert!(matches!(gap, Err(StoreError::Conflict { table: "step" })));
    // A taken ordinal undoes the move of the offset with it.
    let taken = catalog.write(|writer| writer.append_output(row.id, &piece(1, OutputStream::Stdout, 10), 20));
    assert!(matches!(taken, Err(StoreError::Exists { .. })), "{taken:?}");
    let note = piece(2, OutputStream::Note, 0);
    let third = piece(3, OutputStream::Stderr, 0);
    write(&catalog, |writer| {
        writer.append_output(row.id, &note, 0)?;
        writer.append_output(row.id, &third, 4)?;
        writer.pass_output(row.id, 1, OutputStream::Stdout, 1000)
    });
    let steps = read(&catalog, |reader| reader.steps(row.id));
    assert_eq!(steps, [StepRow { stdout_offset: 1000, stderr_offset: 4, ..StepRow::pending(1) }]);
    assert_eq!(read(&catalog, |reader| reader.output(row.id, 0, 2)), [first, note]);
    assert_eq!(read(&catalog, |reader| reader.output(row.id, 2, 10)), [third]);
    assert_eq!(read(&catalog, |reader| reader.next_ordinal(row.id)), 4);
}

#[test]
fn the_journal_is_read_in_both_directions() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    assert_eq!(read(&catalog, |reader| reader.last_entry()), None);
    assert!(matches!(catalog.write(|writer| writer.append_entry(&entry(1))), Err(StoreError::Dangling)), "a chain comes first");
    write(&catalog, |writer| writer.insert_chain(&chain()));
    write(&catalog, |writer| (1..=5).try_for_each(|sequence| writer.append_entry(&entry(sequence))));
    assert!(matches!(catalog.write(|writer| writer.append_entry(&entry(5))), Err(StoreError::Exists { .. })));
    assert_eq!(read(&catalog, |reader| reader.last_entry()), Some(entry(5)));
    assert_eq!(read(&catalog, |reader| reader.entries_after(3, 10)), [entry(4), entry(5)]);
    assert_eq!(read(&catalog, |reader| reader.entries_before(u64::MAX, 2)), [entry(5), entry(4)]);
    assert_eq!(read(&catalog, |reader| reader.entries_before(2, 9)), [entry(1)]);
}

#[test]
fn the_ledger_says_what_still_lies_on_a_host() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let host = HostId::make();
    let thing = |what: &str| LedgerRow { kind: "job-folder".to_owned(), what: what.to_owned() };
    write(&catalog, |writer| {
        writer.note_left(host, &thing("a"), 1)?;
        writer.note_left(host, &thing("b"), 2)?;
        writer.note_left(host, &thing("a"), 3)
    });
    assert_eq!(read(&catalog, |reader| reader.left_on(host)), [thing("a"), thing("b")]);
    write(&catalog, |writer| writer.note_removed(host, &thing("a"), 4));
    assert_eq!(read(&catalog, |reader| reader.left_on(host)), [thing("b")]);
    write(&catalog, |writer| writer.note_left(host, &thing("a"), 5));
    assert_eq!(read(&catalog, |reader| reader.left_on(host)), [thing("a"), thing("b")], "put there again");
    assert_eq!(read(&catalog, |reader| reader.left_on(HostId::make())), []);
}

#[test]
fn a_failed_write_changes_nothing() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let failed = catalog.write(|writer| {
        writer.set_setting("name", "one")?;
        assert_eq!(writer.reader().setting("name")?, Some("one".to_owned()));
        Err::<(), _>(StoreError::Busy)
    });
    assert!(matches!(failed, Err(StoreError::Busy)));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        catalog.write(|writer| {
            writer.set_setting("name", "two")?;
            if writer.reader().setting("name")?.is_some() {
                std::panic::resume_unwind(Box::new("interrupted"));
            }
            Ok::<_, StoreError>(())
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(read(&catalog, |reader| reader.setting("name")), None);
    write(&catalog, |writer| writer.set_setting("name", "three"));
    assert_eq!(read(&catalog, |reader| reader.setting("name")), Some("three".to_owned()));
}
