//! A stage moves to another compartment: everything that was sealed under the one is under the other, or nothing is.

use std::collections::BTreeSet;

use beffroi_domain::{CompartmentId, DocumentId, IdentityId, JobState, RunId};
use beffroi_store::table::compartment::CompartmentRow;
use beffroi_store::table::document::DocumentRow;
use beffroi_store::table::guest_reading::GuestReadingRow;
use beffroi_store::table::identity::{IdentityRow, PrivateHalf};
use beffroi_store::table::job::{JobRow, StepRow};
use beffroi_store::table::output::{OutputRow, OutputStream};
use beffroi_store::table::policy::PolicyRow;
use beffroi_store::table::run_result::RunResultRow;
use beffroi_store::table::sealed::SealedValue;
use beffroi_store::table::secret::SecretRow;
use beffroi_store::table::survey::SurveyRow;
use beffroi_store::table::target::TargetRow;
use beffroi_store::{Catalog, StoreError, Writer};

use crate::kit::{Sandbox, compartment, job, raw_connection, read, secret, target, write};

struct Stage {
    compartment: CompartmentRow,
    hosts: Vec<TargetRow>,
    secrets: Vec<SecretRow>,
    jobs: Vec<JobRow>,
    documents: Vec<DocumentRow>,
    identity: IdentityRow,
}

/// A stage with two of everything; its sealed values are texts that say whose they are.
fn stage(writer: &Writer<'_>, name: &str) -> Result<Stage, StoreError> {
    let compartment = CompartmentRow { stage: name.to_owned(), ..compartment() };
    let seal = |what: &str| format!("{name} {what}").into_bytes();
    writer.insert_compartment(&compartment)?;
    writer.insert_policy(&PolicyRow { compartment: compartment.id, record: seal("policy"), revision: 3, mac: [1; 32] })?;
    let hosts = ["1", "2"].map(|number| target(&compartment, &format!("{name}-{number}"))).to_vec();
    let secrets = ["1", "2"].map(|number| secret(&compartment, &format!("{name}/{number}"))).to_vec();
    secrets.iter().try_for_each(|row| writer.insert_secret(row, &seal(&row.name)))?;
    let mut jobs = Vec::new();
    for host in &hosts {
        writer.insert_target(host)?;
        for taken_ms in [5, 6] {
            writer.insert_survey(&SurveyRow { target: host.id, taken_ms, sealed: seal(&format!("survey {taken_ms} of {}", host.name)) })?;
        }
        writer.put_guest_reading(&GuestReadingRow { target: host.id, taken_ms: 7, sealed: seal(&format!("guests of {}", host.name)) })?;
        let row = JobRow { record: seal("record"), input: Some(seal("input")), ..job(host) };
        writer.insert_job(&row, &[StepRow::pending(1)])?;
        for (ordinal, offset) in [(1, 0), (2, 10)] {
            let sealed = seal(&format!("output {ordinal} of {}", host.name));
            let piece = OutputRow { ordinal, step: 1, at_ms: 1, stream: OutputStream::Stdout, offset, sealed };
            writer.append_output(row.id, &piece, offset + 10)?;
        }
        jobs.push(row);
    }
    writer.end_job(jobs[1].id, JobState::Failed, Some(&seal("failure")), false, 9)?;
    for host in &hosts {
        let sealed = seal(&format!("run on {}", host.name));
        let run = RunId::make();
        writer.put_run_result(&RunResultRow { run, target: host.id, compartment: compartment.id, at_ms: 1, sealed: b"begun".to_vec() })?;
        writer.put_run_result(&RunResultRow { run, target: host.id, compartment: compartment.id, at_ms: 2, sealed })?;
    }
    let documents = ["person", "archive"]
        .map(|kind| DocumentRow { id: DocumentId::make(), kind: kind.to_owned(), compartment: compartment.id, revision: 1 })
        .to_vec();
    documents.iter().try_for_each(|row| writer.insert_document(row, &seal(&row.kind)))?;
    let private = Some(PrivateHalf { compartment: compartment.id, sealed: seal("identity") });
    let identity =
        IdentityRow { id: IdentityId::make(), name: name.to_owned(), card: "card".to_owned(), private, revision: 1, created_ms: 1 };
    writer.insert_identity(&identity)?;
    Ok(Stage { compartment, hosts, secrets, jobs, documents, identity })
}

fn furnished(catalog: &Catalog) -> (Stage, Stage) {
    write(catalog, |writer| Ok((stage(writer, "dev")?, stage(writer, "prod")?)))
}

fn text(sealed: &[u8]) -> String {
    String::from_utf8_lossy(sealed).into_owned()
}

/// Every value under a compartment, as text.
fn values(catalog: &Catalog, compartment: CompartmentId) -> Vec<String> {
    let mut found = Vec::new();
    read(catalog, |reader| {
        reader.sealed_values(compartment, |_, sealed| {
            found.push(text(sealed));
            Ok(())
        })
    });
    found
}

/// What the app does: everything sealed, then hosts and policy.
fn move_stage(writer: &Writer<'_>, from: &CompartmentRow, to: &CompartmentRow) -> Result<u64, StoreError> {
    writer.exchange_compartment(from.id, to)?;
    let count = writer.replace_sealed(from.id, to.id, |_, sealed| Ok::<_, StoreError>([b"moved ", sealed].concat()))?;
    for host in writer.reader().targets_in(from.id)? {
        writer.update_target(&TargetRow { compartment: to.id, revision: host.revision + 1, mac: [7; 32], ..host })?;
    }
    if let Some(policy) = writer.reader().policy(from.id)? {
        writer.move_policy(from.id, &PolicyRow { compartment: to.id, mac: [8; 32], ..policy })?;
    }
    Ok(count)
}

#[test]
fn every_sealed_value_is_given_once_with_its_place() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (dev, _) = furnished(&catalog);
    let mut seen = Vec::new();
    read(&catalog, |reader| {
        reader.sealed_values(dev.compartment.id, |value, sealed| {
            seen.push((value.clone(), text(sealed)));
            Ok(())
        })
    });
    let host = |at: usize| (dev.hosts[at].id, dev.hosts[at].name.as_str());
    let mut expected = Vec::new();
    for row in &dev.secrets {
        expected.push((SealedValue::Secret(row.clone()), format!("dev {}", row.name)));
    }
    for (target, name) in [host(0), host(1)] {
        for taken_ms in [5, 6] {
            expected.push((SealedValue::Survey { target, taken_ms }, format!("dev survey {taken_ms} of {name}")));
        }
    }
    for (target, name) in [host(0), host(1)] {
        expected.push((SealedValue::GuestReading { target, taken_ms: 7 }, format!("dev guests of {name}")));
    }
    for (at, row) in dev.jobs.iter().enumerate() {
        let ((target, name), job) = (host(at), row.id);
        for (ordinal, offset) in [(1, 0), (2, 10)] {
            let value = SealedValue::Output { job, target, ordinal, step: 1, stream: OutputStream::Stdout, offset };
            expected.push((value, format!("dev output {ordinal} of {name}")));
        }
        expected.push((SealedValue::JobRecord { job, target }, "dev record".to_owned()));
        // The end of a job erases what it was given.
        let last = if at == 0 { SealedValue::JobInput { job, target } } else { SealedValue::JobFailure { job, target } };
        expected.push((last, if at == 0 { "dev input" } else { "dev failure" }.to_owned()));
    }
    for run in read(&catalog, |reader| reader.runs()) {
        for row in read(&catalog, |reader| reader.run_results(run)).iter().filter(|row| row.compartment == dev.compartment.id) {
            let name = &dev.hosts.iter().find(|host| host.id == row.target).expect("a host").name;
            expected.push((SealedValue::RunResult { run, target: row.target, at_ms: 2 }, format!("dev run on {name}")));
        }
    }
    for row in &dev.documents {
        expected.push((SealedValue::Document(row.clone()), format!("dev {}", row.kind)));
    }
    expected.push((SealedValue::Identity(dev.identity), "dev identity".to_owned()));
    let order = |(value, text): &(SealedValue, String)| (format!("{value:?}"), text.clone());
    seen.sort_by_key(order);
    expected.sort_by_key(order);
    assert_eq!(seen, expected);
    assert_eq!(values(&catalog, CompartmentId::make()), Vec::<String>::new());
}

#[test]
fn a_stage_is_moved_whole_and_no_other_with_it() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (dev, prod) = furnished(&catalog);
    let (before, others) = (values(&catalog, prod.compartment.id), values(&catalog, dev.compartment.id));
    let to = CompartmentRow { id: CompartmentId::make(), wrapped: vec![9; 40], mac: [6; 32], ..prod.compartment.clone() };
    let count = write(&catalog, |writer| move_stage(writer, &prod.compartment, &to));
    assert_eq!(count, before.len() as u64);
    let moved: BTreeSet<String> = before.iter().map(|text| format!("moved {text}")).collect();
    assert_eq!(values(&catalog, to.id).into_iter().collect::<BTreeSet<_>>(), moved);
    assert_eq!(values(&catalog, prod.compartment.id), Vec::<String>::new());
    assert_eq!(values(&catalog, dev.compartment.id), others);
    assert_eq!(read(&catalog, |reader| reader.compartments()), {
        let mut rows = [dev.compartment.clone(), to.clone()];
        rows.sort_by_key(|row| row.id);
        rows
    });
    let row = SecretRow { compartment: to.id, ..prod.secrets[0].clone() };
    let sealed = format!("moved prod {}", row.name).into_bytes();
    assert_eq!(read(&catalog, |reader| reader.sealed_secret(row.id)), Some((row, sealed)), "id and revision stay");
    let policy = read(&catalog, |reader| reader.policy(to.id)).expect("a policy");
    assert_eq!((policy.revision, policy.record), (3, b"prod policy".to_vec()));
    assert_eq!(read(&catalog, |reader| reader.targets_in(to.id)).len(), 2);
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
}

#[test]
fn a_key_can_change_under_the_same_compartment() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (dev, _) = furnished(&catalog);
    let before = values(&catalog, dev.compartment.id);
    let id = dev.compartment.id;
    let count = write(&catalog, |writer| {
        writer.update_compartment(&CompartmentRow { revision: 2, wrapped: vec![4; 9], ..dev.compartment.clone() })?;
        writer.replace_sealed(id, id, |_, sealed| Ok::<_, StoreError>([b"again ", sealed].concat()))
    });
    assert_eq!(count, before.len() as u64);
    assert_eq!(values(&catalog, id), before.iter().map(|text| format!("again {text}")).collect::<Vec<_>>());
    let stale = CompartmentRow { revision: 2, ..dev.compartment.clone() };
    assert!(matches!(catalog.write(|writer| writer.update_compartment(&stale)), Err(StoreError::Conflict { table: "compartment" })));
    let other = CompartmentRow { revision: 3, stage: "prod".to_owned(), ..dev.compartment };
    assert!(matches!(catalog.write(|writer| writer.update_compartment(&other)), Err(StoreError::Conflict { table: "compartment" })));
}

#[test]
fn a_move_that_fails_or_forgets_something_changes_nothing() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (_, prod) = furnished(&catalog);
    let before = values(&catalog, prod.compartment.id);
    let to = CompartmentRow { id: CompartmentId::make(), ..prod.compartment.clone() };
    let (from, into) = (prod.compartment.id, to.id);
    let digest = || read(&catalog, |reader| reader.digest_sources(None));
    let seen = digest();
    for fails_at in 1..=before.len() {
        let mut count = 0;
        let failed = catalog.write(|writer| {
            writer.exchange_compartment(from, &to)?;
            writer.replace_sealed(from, into, |_, sealed| {
                count += 1;
                if count == fails_at { Err(StoreError::Busy) } else { Ok([b"moved ", sealed].concat()) }
            })
        });
        assert!(matches!(failed, Err(StoreError::Busy)));
    }
    // Hosts and policy forgotten, then the sealed values.
    let forgotten = catalog.write(|writer| {
        writer.exchange_compartment(from, &to)?;
        writer.replace_sealed(from, into, |_, sealed| Ok::<_, StoreError>(sealed.to_vec()))
    });
    assert!(matches!(forgotten, Err(StoreError::Dangling)), "{forgotten:?}");
    assert!(matches!(catalog.write(|writer| writer.exchange_compartment(from, &to)), Err(StoreError::Dangling)));
    let missing = catalog.write(|writer| writer.exchange_compartment(CompartmentId::make(), &to));
    assert!(matches!(missing, Err(StoreError::Conflict { table: "compartment" })));
    assert_eq!((values(&catalog, from), digest()), (before, seen));
    let written = catalog.write(|writer| writer.insert_secret(&secret(&to, "orphan"), b""));
    assert!(matches!(written, Err(StoreError::Dangling)), "references hold again after a move that failed");
}

#[test]
fn a_secret_or_document_that_is_not_as_it_was_written_is_noticed_wherever_it_is_read() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (dev, _) = furnished(&catalog);
    catalog.close().expect("closed");
    let (secret, document) = (dev.secrets[0].id, dev.documents[0].id);
    let secrets = [("sealed", "x'00'"), ("kind", "'other'"), ("name", "'other'"), ("mac", "zeroblob(32)")];
    let documents = [("sealed", "x'00'"), ("kind", "'other'"), ("mac", "zeroblob(32)")];
    let changes = secrets.map(|change| ("secret", change)).into_iter().chain(documents.map(|change| ("document", change)));
    for (in_table, (column, value)) in changes {
        let original = std::fs::read(sandbox.path()).expect("read");
        let (id, bytes) =
            if in_table == "secret" { (secret.to_string(), secret.as_bytes()) } else { (document.to_string(), document.as_bytes()) };
        let raw = raw_connection(&sandbox.path());
        raw.execute(&format!("UPDATE {in_table} SET {column} = {value} WHERE id = ?"), [bytes]).expect("changed");
        raw.close().expect("closed");
        let catalog = sandbox.open().expect("opened");
        let altered =
            |result: &StoreError| matches!(result, StoreError::Altered { table, id: named } if *table == in_table && *named == id);
        let read = match in_table {
            "secret" => catalog.read(|reader| reader.sealed_secret(secret)).err(),
            _ => catalog.read(|reader| reader.document(document)).err(),
        };
        assert!(read.is_some_and(|error| altered(&error)), "{in_table} {column}");
        let walked = catalog.read(|reader| reader.sealed_values(dev.compartment.id, |_, _| Ok::<_, StoreError>(())));
        assert!(walked.is_err_and(|error| altered(&error)), "{in_table} {column}");
        let wrong = catalog.verify().expect("checked");
        assert!(matches!(&wrong[..], [one] if one.contains(&id)), "{in_table} {column}: {wrong:?}");
        catalog.close().expect("closed");
        std::fs::write(sandbox.path(), original).expect("restored");
    }
}
