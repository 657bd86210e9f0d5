//! What the remote engine keeps: jobs that are begun again, logins, announced keys.

use crate::kit::{Sandbox, compartment, job, read, target, write};
use beffroi_domain::{Exit, JobState, StepState};
use beffroi_store::Catalog;
use beffroi_store::table::announced_key::AnnouncedKeyRow;
use beffroi_store::table::job::StepRow;
use beffroi_store::table::login::{Credential, LoginRow};
use beffroi_store::table::target::TargetRow;

fn with_host(sandbox: &Sandbox) -> (Catalog, TargetRow) {
    let catalog = sandbox.create();
    let compartment = compartment();
    let target = target(&compartment, "web");
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_target(&target)
    });
    (catalog, target)
}

#[test]
fn a_job_that_failed_is_begun_again_from_the_step_that_did_not_succeed() {
    let sandbox = Sandbox::new();
    let (catalog, target) = with_host(&sandbox);
    let job = job(&target);
    let steps: Vec<StepRow> = (1..=3).map(StepRow::pending).collect();
    write(&catalog, |writer| writer.insert_job(&job, &steps));
    let done =
        |number, state| StepRow { state, started_ms: Some(1), ended_ms: Some(2), exit: Some(Exit::Status(7)), ..StepRow::pending(number) };
    write(&catalog, |writer| writer.set_step(job.id, &done(1, StepState::Done)));
    write(&catalog, |writer| writer.set_step(job.id, &done(2, StepState::Failed)));
    write(&catalog, |writer| writer.end_job(job.id, JobState::Failed, Some(b"why"), true, 77));
    write(&catalog, |writer| writer.retry_job(job.id));
    let again = read(&catalog, |reader| reader.job(job.id)).expect("there");
    assert_eq!((again.state, again.attempt, again.failure, again.input), (JobState::Queued, 2, None, job.input.clone()));
    let states: Vec<_> = read(&catalog, |reader| reader.steps(job.id)).into_iter().map(|step| (step.state, step.exit)).collect();
    assert_eq!(states, [(StepState::Done, Some(Exit::Status(7))), (StepState::Pending, None), (StepState::Pending, None)]);
    assert_eq!(write(&catalog, |writer| writer.erase_inputs(u64::MAX)), 0, "it has not ended");
    write(&catalog, |writer| writer.end_job(job.id, JobState::Failed, None, true, 80));
    assert_eq!(write(&catalog, |writer| writer.erase_inputs(81)), 1);
    assert_eq!(read(&catalog, |reader| reader.job(job.id)).expect("there").input, None);
}

#[test]
fn refused_logins_stand_until_they_are_allowed_again() {
    let sandbox = Sandbox::new();
    let (catalog, target) = with_host(&sandbox);
    let credential = Credential { name: "secret".to_owned(), revision: 3 };
    let row =
        |taken_ms, refused_ms| LoginRow { target: target.id, user: "root".to_owned(), taken_ms, refused_ms, method: "password".to_owned() };
    write(&catalog, |writer| writer.note_login(&credential, &row(Some(5), None)));
    write(&catalog, |writer| writer.note_login(&credential, &row(None, Some(9))));
    let logins = || read(&catalog, |reader| reader.logins_with(&credential));
    assert_eq!(logins(), [row(Some(5), Some(9))], "that it was taken once is kept");
    assert_eq!(read(&catalog, |reader| reader.refused_logins()).len(), 1);
    assert_eq!(write(&catalog, |writer| writer.allow_login("other")), 0);
    assert_eq!(write(&catalog, |writer| writer.allow_login("secret")), 1);
    assert_eq!(logins()[0].refused_ms, None);
    let other = Credential { revision: 4, ..credential.clone() };
    assert_eq!(read(&catalog, |reader| reader.logins_with(&other)), Vec::new(), "another value is another credential");
}

#[test]
fn announced_keys_replace_each_other_and_keep_their_first_time() {
    let sandbox = Sandbox::new();
    let (catalog, target) = with_host(&sandbox);
    let key = |letter: &str, at_ms| AnnouncedKeyRow {
        fingerprint: format!("SHA256:{}", letter.repeat(43)).parse().expect("a fingerprint"),
        algorithm: "ssh-ed25519".to_owned(),
        key: vec![1],
        proven: true,
        at_ms,
    };
    write(&catalog, |writer| writer.set_announced_keys(target.id, &[key("a", 1), key("b", 1)]));
    write(&catalog, |writer| writer.set_announced_keys(target.id, &[key("b", 7), key("c", 7)]));
    assert_eq!(read(&catalog, |reader| reader.announced_keys(target.id)), [key("b", 1), key("c", 7)]);
}
