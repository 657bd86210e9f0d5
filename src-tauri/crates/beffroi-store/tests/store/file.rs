//! The file: who opens it, what stands in it, and what damage to it does.

use std::fs;
use std::path::Path;

use crate::kit::{CANARY, Sandbox, chain, entry, furnish, key, raw_connection, read, see, write};
use beffroi_secret::SecretKey;
use beffroi_store::{Catalog, StoreError};

const PAGE: usize = 4096;

#[test]
fn only_the_key_opens_it() {
    let sandbox = Sandbox::new();
    furnish(&sandbox.create());
    for wrong in [[0; 32], [0xac; 32]] {
        assert!(matches!(Catalog::open(&sandbox.path(), &SecretKey::new(wrong)), Err(StoreError::NotAuthentic)));
    }
    assert_eq!(read(&sandbox.open().expect("opens"), |reader| reader.setting("name")), Some(CANARY.to_owned()));
}

#[test]
fn creation_refuses_an_existing_file_and_opening_a_missing_one() {
    let sandbox = Sandbox::new();
    assert!(matches!(sandbox.open(), Err(StoreError::Disk { .. })));
    assert!(!sandbox.path().exists());
    fs::write(sandbox.path(), "mine").expect("written");
    assert!(matches!(Catalog::create(&sandbox.path(), &key()), Err(StoreError::Disk { .. })));
    assert_eq!(fs::read(sandbox.path()).expect("read"), b"mine");
    assert!(matches!(sandbox.open(), Err(StoreError::NotAuthentic)));
}

#[test]
fn a_newer_a_foreign_and_an_emptied_file_are_told_apart() {
    let sandbox = Sandbox::new();
    drop(sandbox.create());
    raw_connection(&sandbox.path()).pragma_update(None, "user_version", 99).expect("set");
    assert!(matches!(sandbox.open(), Err(StoreError::TooNew { found: 99, known: 5 })));
    raw_connection(&sandbox.path()).execute_batch("PRAGMA user_version = 1; PRAGMA application_id = 7").expect("set");
    assert!(matches!(sandbox.open(), Err(StoreError::NotACatalog)));
    raw_connection(&sandbox.path()).execute_batch("PRAGMA user_version = 0; PRAGMA application_id = 0").expect("set");
    assert!(matches!(sandbox.open(), Err(StoreError::NotACatalog)));
    fs::write(sandbox.path(), "").expect("emptied");
    assert!(matches!(sandbox.open(), Err(StoreError::NotACatalog)));
    fs::remove_file(sandbox.path()).expect("removed");
    rusqlite::Connection::open(sandbox.path()).and_then(|plain| plain.execute_batch("CREATE TABLE t (x)")).expect("a plain database");
    assert!(matches!(sandbox.open(), Err(StoreError::NotAuthentic)));
}

#[test]
fn neither_the_key_nor_a_value_stands_in_the_files() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    let look = || {
        let mut names = Vec::new();
        for found in fs::read_dir(sandbox.folder.path()).expect("listed") {
            let path = found.expect("an entry").path();
            let bytes = fs::read(&path).expect("read");
            for canary in [CANARY.as_bytes(), &[0xab; 32], b"abababababababab", b"web-1", b"CREATE TABLE", b"SQLite format 3"] {
                assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{}: {canary:?}", path.display());
            }
            names.push(path.file_name().expect("a name").to_owned());
        }
        names.sort();
        names
    };
    assert_eq!(look(), ["catalog.db", "catalog.db-shm", "catalog.db-wal"]);
    drop(catalog);
    assert_eq!(look(), ["catalog.db"]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    for found in fs::read_dir(sandbox.folder.path()).expect("listed") {
        let found = found.expect("an entry");
        assert_eq!(found.metadata().expect("there").permissions().mode() & 0o777, 0o600, "{:?}", found.file_name());
    }
}

/// What may come of a damaged file: it is not opened, or what is read is an error or right, and `verify` says so.
fn noticed(sandbox: &Sandbox, original: &crate::kit::Seen, what: &str) {
    let Ok(catalog) = sandbox.open() else { return };
    if let Ok(seen) = see(&catalog) {
        assert_eq!(&seen, original, "{what}: wrong data");
    }
    assert!(catalog.verify().map_or(true, |wrong| !wrong.is_empty()), "{what}: not noticed");
}

#[test]
fn a_changed_cut_or_exchanged_page_is_noticed() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    assert_eq!(catalog.verify().expect("checked"), Vec::<String>::new());
    let original = see(&catalog).expect("read");
    drop(catalog);
    let bytes = fs::read(sandbox.path()).expect("read");
    let pages = bytes.len() / PAGE;
    assert!(pages > 20 && bytes.len().is_multiple_of(PAGE), "{} bytes", bytes.len());
    for page in 0..pages {
        // The start (the salt, of the first page), the middle, and what SQLCipher keeps at the end: IV and HMAC.
        for offset in [0, 17, 2000, PAGE - 80, PAGE - 64, PAGE - 1] {
            let mut changed = bytes.clone();
            changed[page * PAGE + offset] ^= 0x04;
            fs::write(sandbox.path(), &changed).expect("written");
            noticed(&sandbox, &original, &format!("page {page}, byte {offset}"));
        }
        let mut zeroed = bytes.clone();
        zeroed[page * PAGE..(page + 1) * PAGE].fill(0);
        fs::write(sandbox.path(), &zeroed).expect("written");
        noticed(&sandbox, &original, &format!("page {page} zeroed"));
        let mut exchanged = bytes.clone();
        let next = (page + 1) % pages;
        exchanged[page * PAGE..(page + 1) * PAGE].copy_from_slice(&bytes[next * PAGE..(next + 1) * PAGE]);
        fs::write(sandbox.path(), &exchanged).expect("written");
        noticed(&sandbox, &original, &format!("page {page} replaced by page {next}"));
        for cut in [page * PAGE, page * PAGE + 100] {
            fs::write(sandbox.path(), &bytes[..cut]).expect("written");
            noticed(&sandbox, &original, &format!("cut at {cut}"));
        }
    }
    fs::write(sandbox.path(), &bytes).expect("written");
    assert_eq!(see(&sandbox.open().expect("opens")).expect("read"), original);
}

/// An older version of a page is authentic for SQLCipher. Replayed alone it disagrees with the index that the digest
/// covers, or is of that index; replayed together with it, the digest is another.
#[test]
fn a_replayed_page_never_gives_other_rows_under_the_same_digest() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    furnish(&catalog);
    drop(catalog);
    let old = fs::read(sandbox.path()).expect("read");
    let catalog = sandbox.open().expect("opens");
    write(&catalog, |writer| {
        for mut row in writer.reader().secrets()? {
            row.revision += 1;
            writer.update_secret(&row, &[0x99; 400])?;
        }
        for mut row in writer.reader().targets()? {
            row.revision += 1;
            row.mac = [0x98; 32];
            writer.update_target(&row)?;
        }
        Ok(())
    });
    let values = |catalog: &Catalog| {
        catalog.read(|reader| {
            let sealed = reader.secrets()?.into_iter().map(|row| reader.sealed_secret(row.id)).collect::<Result<Vec<_>, _>>()?;
            Ok::<_, StoreError>((reader.digest_sources(None)?, sealed, reader.targets()?))
        })
    };
    let newest = values(&catalog).expect("read");
    drop(catalog);
    let new = fs::read(sandbox.path()).expect("read");
    let changed: Vec<usize> =
        old.chunks(PAGE).zip(new.chunks(PAGE)).enumerate().filter(|(_, (before, after))| before != after).map(|(page, _)| page).collect();
    let (mut refused, mut replayed) = (0, 0);
    let alone = changed.iter().map(|page| vec![*page]);
    let all_but = changed.iter().map(|kept| changed.iter().copied().filter(|page| page != kept).collect::<Vec<_>>());
    for pages in alone.chain(all_but) {
        let mut bytes = new.clone();
        for page in &pages {
            bytes[page * PAGE..(page + 1) * PAGE].copy_from_slice(&old[page * PAGE..(page + 1) * PAGE]);
        }
        fs::write(sandbox.path(), &bytes).expect("written");
        let Ok(catalog) = sandbox.open() else { continue };
        match values(&catalog) {
            Ok(found) if found == newest => {}
            Ok(found) => {
                assert!(found.0 != newest.0, "pages {pages:?}: other rows under the same digest");
                replayed += 1;
            }
            Err(StoreError::Altered { .. }) => {
                assert!(catalog.verify().map_or(true, |wrong| !wrong.is_empty()), "pages {pages:?}: verify says nothing");
                refused += 1;
            }
            Err(_) => {}
        }
    }
    assert!(refused > 0, "a page of a table alone must have been refused");
    assert!(replayed > 0, "an index with its table is authentic, so that some must have been read");
}

/// A damaged write-ahead log gives an earlier committed state (the anchor tells) or an error; never a mixture.
#[test]
fn a_damaged_log_gives_an_earlier_state_or_an_error() {
    let sandbox = Sandbox::new();
    let catalog = sandbox.create();
    let last = 12;
    write(&catalog, |writer| writer.insert_chain(&chain()));
    for sequence in 1..=last {
        write(&catalog, |writer| {
            writer.append_entry(&entry(sequence))?;
            writer.set_setting("sequence", &sequence.to_string())
        });
    }
    let log = |path: &Path| path.with_file_name("catalog.db-wal");
    let (file, wal) = (fs::read(sandbox.path()).expect("read"), fs::read(log(&sandbox.path())).expect("read"));
    let open_with = |wal: &[u8]| {
        let copy = Sandbox::new();
        fs::write(copy.path(), &file).expect("written");
        fs::write(log(&copy.path()), wal).expect("written");
        let state = copy
            .open()
            .and_then(|catalog| catalog.read(|reader| Ok::<_, StoreError>((reader.entries_after(0, 100)?, reader.setting("sequence")?))));
        state.ok().map(|(entries, setting)| {
            let count = entries.len() as u64;
            assert_eq!(entries, (1..=count).map(entry).collect::<Vec<_>>());
            assert_eq!(setting.map_or(0, |text| text.parse().expect("a number")), count, "half a transaction");
            count
        })
    };
    assert_eq!(open_with(&wal), Some(last));
    for position in (0..wal.len()).step_by(911) {
        let mut changed = wal.clone();
        changed[position] ^= 0x40;
        assert!(open_with(&changed).is_none_or(|count| count <= last), "byte {position}");
        assert!(open_with(&wal[..position]).is_none_or(|count| count < last), "cut at {position}");
    }
}
