//! Chains, checkpoints, identities, policies, notes on slots, and finding by name.

use beffroi_domain::{ChainId, CompartmentId, DeviceId, IdentityId, JobState, SlotId};
use beffroi_store::StoreError;
use beffroi_store::table::chain::{ChainRow, CheckpointRow};
use beffroi_store::table::identity::{IdentityRow, PrivateHalf};
use beffroi_store::table::journal::JournalRow;
use beffroi_store::table::policy::PolicyRow;
use beffroi_store::table::slot_note::SlotNoteRow;

use crate::kit::{Sandbox, chain, compartment, entry, job, raw_connection, read, target, write};

fn identity(name: &str, private: Option<PrivateHalf>) -> IdentityRow {
    IdentityRow { id: IdentityId::make(), name: name.to_owned(), card: format!("card of {name}"), private, revision: 1, created_ms: 7 }
}

#[test]
fn a_person_has_one_chain_on_a_machine() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let mine = chain();
    let other = ChainRow { id: ChainId::make(), person: "noé".to_owned(), ..mine.clone() };
    let elsewhere = ChainRow { id: ChainId::make(), device: DeviceId::make(), ..mine.clone() };
    write(&catalog, |writer| [&mine, &other, &elsewhere].into_iter().try_for_each(|row| writer.insert_chain(row)));
    let twin = catalog.write(|writer| writer.insert_chain(&ChainRow { id: ChainId::make(), ..mine.clone() }));
    assert!(matches!(&twin, Err(StoreError::Exists { what }) if what.contains("chain.person")), "{twin:?}");
    assert_eq!(read(&catalog, |reader| reader.chains()).len(), 3);
    assert_eq!(read(&catalog, |reader| reader.chain_of(mine.device, "noé")), Some(other));
    assert_eq!(read(&catalog, |reader| reader.chain_of(DeviceId::make(), "léa")), None);

    let signer = IdentityId::make();
    write(&catalog, |writer| writer.set_chain_identity(mine.id, Some(signer)));
    assert_eq!(read(&catalog, |reader| reader.chain_of(mine.device, "léa")), Some(ChainRow { identity: Some(signer), ..mine.clone() }));
    write(&catalog, |writer| writer.set_chain_identity(mine.id, None));
    assert_eq!(read(&catalog, |reader| reader.chain_of(mine.device, "léa")), Some(mine));
    let missing = catalog.write(|writer| writer.set_chain_identity(ChainId::make(), None));
    assert!(matches!(missing, Err(StoreError::Conflict { table: "chain" })));
}

#[test]
fn entries_are_read_by_the_order_of_writing_and_by_chain() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let (one, two) = (chain(), ChainRow { id: ChainId::make(), device: DeviceId::make(), ..chain() });
    let of = |row: &ChainRow, sequence, number, mac| JournalRow { chain: row.id, number, mac: [mac; 32], ..entry(sequence) };
    let rows = [of(&one, 1, 1, 1), of(&two, 2, 1, 2), of(&one, 3, 2, 3), of(&two, 4, 2, 4), of(&one, 5, 3, 5)];
    write(&catalog, |writer| {
        [&one, &two].into_iter().try_for_each(|row| writer.insert_chain(row))?;
        rows.iter().try_for_each(|row| writer.append_entry(row))
    });
    assert_eq!(read(&catalog, |reader| reader.last_entry()).as_ref(), Some(&rows[4]));
    assert_eq!(read(&catalog, |reader| reader.last_entry_of(two.id)).as_ref(), Some(&rows[3]));
    assert_eq!(read(&catalog, |reader| reader.last_entry_of(ChainId::make())), None);
    assert_eq!(read(&catalog, |reader| reader.entries_after(0, 9)), rows);
    assert_eq!(read(&catalog, |reader| reader.entries_of(one.id, 1, 9)), [rows[2].clone(), rows[4].clone()]);
    assert_eq!(read(&catalog, |reader| reader.entries_of(one.id, 0, 1)), [rows[0].clone()]);
    let taken = catalog.write(|writer| writer.append_entry(&of(&one, 6, 3, 6)));
    assert!(matches!(&taken, Err(StoreError::Exists { what }) if what.contains("journal.number")), "{taken:?}");

    let heads = |writing| {
        let sources = read(&catalog, |reader| reader.digest_sources(writing));
        sources.into_iter().map(|source| (source.table, source.id, source.revision, source.mac[0])).collect::<Vec<_>>()
    };
    let (first, second) = (("chain", *one.id.as_bytes(), 3, 5), ("chain", *two.id.as_bytes(), 2, 4));
    assert_eq!(heads(Some(one.id)), [second]);
    assert_eq!(heads(Some(two.id)), [first]);
    let mut all = [first, second];
    all.sort_unstable_by_key(|head| head.1);
    assert_eq!(heads(None), all);
}

#[test]
fn checkpoints_belong_to_an_entry_of_a_chain() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let signer = IdentityId::make();
    let point =
        |number| CheckpointRow { chain: chain().id, number, link: [8; 32], identity: signer, signature: [9; 64], at_ms: number * 10 };
    assert!(matches!(catalog.write(|writer| writer.insert_checkpoint(&point(1))), Err(StoreError::Dangling)));
    write(&catalog, |writer| {
        writer.insert_chain(&chain())?;
        [1, 100, 20].into_iter().try_for_each(|number| writer.insert_checkpoint(&point(number)))
    });
    assert!(matches!(catalog.write(|writer| writer.insert_checkpoint(&point(20))), Err(StoreError::Exists { .. })));
    assert_eq!(read(&catalog, |reader| reader.checkpoints(chain().id)), [point(1), point(20), point(100)]);
    assert_eq!(read(&catalog, |reader| reader.last_checkpoint(chain().id)), Some(point(100)));
    assert_eq!(read(&catalog, |reader| reader.last_checkpoint(ChainId::make())), None);
    raw_connection(&sandbox.path()).execute("UPDATE checkpoint SET signature = x'00' WHERE number = 100", []).expect("cut");
    let cut = catalog.read(|reader| reader.last_checkpoint(chain().id));
    assert!(matches!(cut, Err(StoreError::Malformed { .. })), "{cut:?}");
}

#[test]
fn identities_of_others_have_no_private_half() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let own = identity("Léa", Some(PrivateHalf { compartment: compartment.id, sealed: vec![5; 90] }));
    let other = identity("Ada", None);
    assert!(matches!(catalog.write(|writer| writer.insert_identity(&own)), Err(StoreError::Dangling)), "its compartment comes first");
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_identity(&own)?;
        writer.insert_identity(&other)
    });
    assert_eq!(read(&catalog, |reader| reader.identities()), [other.clone(), own.clone()]);
    assert_eq!(read(&catalog, |reader| reader.own_identities()), std::slice::from_ref(&own));
    assert_eq!(read(&catalog, |reader| reader.identity(other.id)), Some(other.clone()));
    assert!(matches!(catalog.write(|writer| writer.insert_identity(&own)), Err(StoreError::Exists { .. })));
    assert!(matches!(catalog.write(|writer| writer.delete_compartment(compartment.id)), Err(StoreError::Dangling)));
    write(&catalog, |writer| writer.delete_identity(own.id));
    assert_eq!(read(&catalog, |reader| reader.identity(own.id)), None);
    assert!(matches!(catalog.write(|writer| writer.delete_identity(own.id)), Err(StoreError::Conflict { table: "identity" })));
}

#[test]
fn a_policy_is_changed_from_the_revision_that_was_seen_and_goes_with_its_compartment() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let mut policy = PolicyRow { compartment: compartment.id, record: vec![1; 20], revision: 1, mac: [2; 32] };
    assert!(matches!(catalog.write(|writer| writer.insert_policy(&policy)), Err(StoreError::Dangling)));
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_policy(&policy)
    });
    assert!(matches!(catalog.write(|writer| writer.insert_policy(&policy)), Err(StoreError::Exists { .. })));
    policy.revision = 2;
    policy.record = vec![3; 9];
    write(&catalog, |writer| writer.update_policy(&policy));
    assert!(matches!(catalog.write(|writer| writer.update_policy(&policy)), Err(StoreError::Conflict { table: "policy" })));
    assert_eq!(read(&catalog, |reader| reader.policy(compartment.id)), Some(policy));
    assert_eq!(read(&catalog, |reader| reader.policy(CompartmentId::make())), None);
    write(&catalog, |writer| writer.delete_compartment(compartment.id));
    assert_eq!(read(&catalog, |reader| reader.policy(compartment.id)), None);
    let gone = catalog.write(|writer| writer.delete_compartment(compartment.id));
    assert!(matches!(gone, Err(StoreError::Conflict { table: "compartment" })));
}

#[test]
fn the_digest_covers_policies_and_identities() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    write(&catalog, |writer| writer.insert_compartment(&compartment));
    let digest = || read(&catalog, |reader| reader.digest_sources(None));
    let mut seen = vec![digest()];
    let mut changed = |what: &str| {
        let now = digest();
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    let policy = PolicyRow { compartment: compartment.id, record: vec![1; 20], revision: 1, mac: [2; 32] };
    write(&catalog, |writer| writer.insert_policy(&policy));
    changed("a policy");
    write(&catalog, |writer| writer.update_policy(&PolicyRow { revision: 2, mac: [3; 32], ..policy.clone() }));
    changed("another policy");
    let row = identity("Léa", Some(PrivateHalf { compartment: compartment.id, sealed: vec![5; 90] }));
    for row in [
        row.clone(),
        IdentityRow { name: "Lea".to_owned(), ..row.clone() },
        IdentityRow { card: "another".to_owned(), ..row.clone() },
        IdentityRow { private: Some(PrivateHalf { compartment: compartment.id, sealed: vec![6; 90] }), ..row.clone() },
        IdentityRow { private: None, ..row.clone() },
        IdentityRow { revision: 2, ..row.clone() },
    ] {
        write(&catalog, |writer| writer.insert_identity(&row));
        changed("an identity");
        write(&catalog, |writer| writer.delete_identity(row.id));
    }
    let stage = beffroi_store::table::compartment::CompartmentRow { revision: 2, mac: [9; 32], ..compartment };
    write(&catalog, |writer| writer.update_compartment(&stage));
    changed("a stage's key");
}

#[test]
fn a_slot_has_one_note() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let note = |slot, label: &str, identity| SlotNoteRow { slot, label: label.to_owned(), identity, added_ms: 3 };
    let (one, two) = (SlotId::make(), SlotId::make());
    let person = IdentityId::make();
    write(&catalog, |writer| {
        writer.set_slot_note(&note(one, "mine", None))?;
        writer.set_slot_note(&note(two, "Léa’s", Some(person)))?;
        writer.set_slot_note(&note(one, "the safe", None))
    });
    let mut expected = [note(one, "the safe", None), note(two, "Léa’s", Some(person))];
    expected.sort_unstable_by_key(|row| row.slot);
    assert_eq!(read(&catalog, |reader| reader.slot_notes()), expected);
    write(&catalog, |writer| writer.delete_slot_note(one));
    write(&catalog, |writer| writer.delete_slot_note(one));
}

#[test]
fn hosts_are_found_by_a_part_of_their_names() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let hosts = ["web-1", "web-2", "old-web", "db.web.example", "mail", "web_3"];
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        hosts.iter().try_for_each(|name| writer.insert_target(&target(&compartment, name)))
    });
    let found = |text: &str, most| {
        let found = read(&catalog, |reader| reader.search_hosts(text, most));
        for (id, name) in &found {
            assert_eq!(read(&catalog, |reader| reader.target(*id)).map(|row| row.name).as_ref(), Some(name));
        }
        found.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found("Web", 10), "web-1 web-2 web_3 db.web.example old-web");
    assert_eq!(found("web", 1), "web-1");
    // No character has a meaning of its own.
    assert_eq!(found("_", 10), "web_3");
    assert_eq!(found("%", 10), "");
    assert_eq!(found("' OR 1", 10), "");
    assert_eq!(found("mail", 10), "mail");
    assert_eq!(found("", 2), "db.web.example mail");
    assert_eq!(found("web", 0), "");
}

#[test]
fn jobs_are_listed_by_where_they_stand() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let host = target(&compartment, "web-1");
    let rows = [job(&host), job(&host), job(&host)];
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        rows.iter().try_for_each(|row| writer.insert_job(row, &[]))?;
        writer.set_job_running(rows[1].id)
    });
    let ids = |state, most| read(&catalog, |reader| reader.jobs_in(state, most)).into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(JobState::Queued, 9), [rows[2].id, rows[0].id]);
    assert_eq!(ids(JobState::Queued, 1), [rows[2].id]);
    assert_eq!(ids(JobState::Running, 9), [rows[1].id]);
    assert_eq!(ids(JobState::Failed, 9), []);
}
