//! Copies of an open catalog, under the same key or another, and closing it.

use std::fs;

use beffroi_secret::SecretKey;
use beffroi_store::{Catalog, StoreError};

use crate::kit::{CANARY, Sandbox, compartment, furnish, job, key, read, see, target, write};
use beffroi_store::table::job::StepRow;
use beffroi_store::table::output::{OutputRow, OutputStream};

fn other_key() -> SecretKey {
    SecretKey::new([0xcd; 32])
}

#[test]
fn a_copy_is_whole_while_the_log_still_holds_the_last_writes() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    assert!(fs::metadata(sandbox.folder.path().join("catalog.db-wal")).expect("there").len() > 0);
    let path = sandbox.folder.path().join("copy.db");
    catalog.copy_to(&path, &key(), |_| ()).expect("copied");
    let expected = see(&catalog).expect("read");
    let copy = Catalog::open(&path, &key()).expect("opened");
    assert_eq!(see(&copy).expect("read"), expected);
    assert_eq!(copy.verify().expect("checked"), Vec::<String>::new());
    // Two catalogs from here on.
    write(&copy, |writer| writer.set_setting("name", "copy"));
    assert_eq!(read(&catalog, |reader| reader.setting("name")), Some(CANARY.to_owned()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_copy_under_another_key_opens_with_that_key_alone() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    let path = sandbox.folder.path().join("copy.db");
    catalog.copy_to(&path, &other_key(), |_| ()).expect("copied");
    assert!(matches!(Catalog::open(&path, &key()), Err(StoreError::NotAuthentic)));
    let bytes = fs::read(&path).expect("read");
    for canary in [CANARY.as_bytes(), &[0xab; 32], &[0xcd; 32], b"web-1", b"CREATE TABLE", b"SQLite format 3"] {
        assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{canary:?}");
    }
    let copy = Catalog::open(&path, &other_key()).expect("opened");
    assert_eq!(see(&copy).expect("read"), see(&catalog).expect("read"));
    assert_eq!(copy.verify().expect("checked"), Vec::<String>::new());
    copy.close().expect("closed");
    // No page of the one is a page of the other: nothing was taken over as it stood.
    catalog.close().expect("closed");
    let (old, new) = (fs::read(sandbox.path()).expect("read"), fs::read(&path).expect("read"));
    assert!(old.chunks(4096).all(|page| new.chunks(4096).all(|other| page != other)));
}

#[test]
fn a_copy_says_how_far_it_is() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let compartment = compartment();
    let row = job(&target(&compartment, "web-1"));
    write(&catalog, |writer| {
        writer.insert_compartment(&compartment)?;
        writer.insert_job(&row, &[StepRow::pending(1)])?;
        (1..=90).try_for_each(|ordinal| {
            let sealed = vec![8; 65_000];
            let piece = OutputRow { ordinal, step: 1, at_ms: 5, stream: OutputStream::Note, offset: 0, sealed };
            writer.append_output(row.id, &piece, 0)
        })
    });
    let mut seen = Vec::new();
    catalog.copy_to(&sandbox.folder.path().join("copy.db"), &key(), |progress| seen.push(progress)).expect("copied");
    assert!(seen.len() > 1 && seen.is_sorted_by_key(|progress| progress.done), "{seen:?}");
    assert!(seen.iter().all(|progress| progress.total == seen[0].total && progress.done <= progress.total), "{seen:?}");
    assert!(seen.last().is_some_and(|last| last.done == last.total), "{seen:?}");
}

#[test]
fn a_copy_never_replaces_a_file_and_leaves_none_when_it_fails() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    let path = sandbox.folder.path().join("copy.db");
    fs::write(&path, "mine").expect("written");
    assert!(matches!(catalog.copy_to(&path, &key(), |_| ()), Err(StoreError::Disk { .. })));
    assert_eq!(fs::read(&path).expect("read"), b"mine");
    assert!(matches!(catalog.copy_to(&sandbox.path(), &key(), |_| ()), Err(StoreError::Disk { .. })), "not onto itself");
    let nowhere = sandbox.folder.path().join("no-such-folder").join("copy.db");
    assert!(matches!(catalog.copy_to(&nowhere, &key(), |_| ()), Err(StoreError::Disk { .. })));
    assert!(!nowhere.exists());
    see(&catalog).expect("still there");
}

#[test]
fn a_copy_of_a_damaged_catalog_fails_and_is_removed() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    catalog.close().expect("closed");
    let mut bytes = fs::read(sandbox.path()).expect("read");
    // In every page but the first: a copy reads no index, so one page of one would not be missed.
    bytes.iter_mut().skip(4096 + 2048).step_by(4096).for_each(|byte| *byte ^= 1);
    fs::write(sandbox.path(), bytes).expect("written");
    let path = sandbox.folder.path().join("copy.db");
    let copied = sandbox.open().and_then(|catalog| catalog.copy_to(&path, &key(), |_| ()));
    assert!(matches!(copied, Err(StoreError::NotAuthentic)), "{copied:?}");
    assert!(!path.exists());
}

#[test]
fn closing_leaves_one_file() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    let expected = see(&catalog).expect("read");
    catalog.close().expect("closed");
    let names: Vec<_> = fs::read_dir(sandbox.folder.path()).expect("listed").map(|found| found.expect("an entry").file_name()).collect();
    assert_eq!(names, ["catalog.db"]);
    assert_eq!(see(&sandbox.open().expect("opens")).expect("read"), expected);
}
