//! Vault folders on disk: what is refused, what is left, who may read.

use std::fs;
use std::path::{Path, PathBuf};

use crate::kit::{PASSPHRASE, Sandbox, anchor, files, place, text};
use beffroi_domain::StageName;
use beffroi_secret::SecretBytes;
use beffroi_vault::{
    Anchor, AnchorCopy, AnchorError, AnchorState, CompartmentError, CreateError, KdfCost, Loaded, MOST_PLAINTEXT, NotRecoveryWords,
    OpenError, PassphraseError, SealError, SlotKind, Unlock, UnlockError, UnsealError, create, describe, open,
};

#[test]
fn passphrase_and_recovery_words_open_the_same_vault() {
    let sandbox = Sandbox::new();
    let (vault, words) = create(&sandbox.folder(), &text(PASSPHRASE), KdfCost::floor(), &sandbox.places).expect("created");
    let (id, made) = (vault.id(), vault.make_compartment(&StageName::dev()).expect("made"));
    let place = place(made.id);
    let sealed = vault.seal(&place, &SecretBytes::new(b"hunter2".to_vec())).expect("sealed");
    let mac = vault.row_mac(&place, b"row").expect("a MAC");
    let database_key = *vault.database_key().expose();
    drop(vault);

    let passphrase = text(PASSPHRASE);
    for unlock in [Unlock::Passphrase(&passphrase), Unlock::RecoveryWords(words.as_text())] {
        let vault = open(&sandbox.folder(), unlock, &sandbox.places).expect("opens");
        assert_eq!((vault.id(), vault.folder()), (id, sandbox.folder().as_path()));
        assert_eq!(vault.catalog_path(), sandbox.folder().join("catalog.db"));
        assert_eq!(vault.database_key().expose(), &database_key);
        let compartment = made.id;
        assert_eq!(vault.unseal(&place, &sealed).err(), Some(UnsealError::NotLoaded { compartment }));
        assert_eq!(vault.seal(&place, &SecretBytes::new(vec![])).err(), Some(SealError::NotLoaded { compartment }));
        assert!(vault.row_mac(&place, b"row").is_err());
        let prod: StageName = "prod".parse().expect("a stage");
        assert_eq!(vault.load_compartment(compartment, &prod, &made.wrapped), Err(CompartmentError::Damaged { compartment }));
        assert_eq!(vault.load_compartment(compartment, &StageName::dev(), &made.wrapped), Ok(Loaded::Open));
        assert_eq!(vault.unseal(&place, &sealed).expect("opens").expose(), b"hunter2");
        assert_eq!(vault.check_row(&place, b"row", &mac), Ok(()));
        assert!(vault.check_row(&place, b"rows", &mac).is_err());
    }
    let summary = describe(&sandbox.folder()).expect("described");
    assert_eq!((summary.vault, summary.format, summary.generation), (id, 1, 1));
    let kinds: Vec<_> = summary.slots.iter().map(|slot| (slot.kind, slot.cost)).collect();
    assert_eq!(kinds, [(SlotKind::Passphrase, Some(KdfCost::floor())), (SlotKind::Recovery, None)]);
}

#[test]
fn wrong_secrets_are_told_from_malformed_ones() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let with = |unlock: Unlock<'_>| open(&sandbox.folder(), unlock, &sandbox.places).err();
    for wrong in ["canary-passphrase-5d1c, long enougH", "", &"x".repeat(5000)] {
        assert!(matches!(with(Unlock::Passphrase(&text(wrong))), Some(OpenError::Unlock(UnlockError::WrongPassphrase))));
    }
    let other = format!("{} art", ["abandon"; 23].join(" "));
    assert!(matches!(with(Unlock::RecoveryWords(&text(&other))), Some(OpenError::Unlock(UnlockError::WrongRecoveryWords))));
    let expected = Some(OpenError::Unlock(UnlockError::NotRecoveryWords(NotRecoveryWords::Count { found: 1 })));
    assert_eq!(format!("{:?}", with(Unlock::RecoveryWords(&text("abandon")))), format!("{expected:?}"));
    sandbox.open(&words).expect("a wrong secret leaves no lock behind");
}

/// Promise 1 of the format: all of them through the recovery words, which need no key derivation.
#[test]
fn every_changed_byte_and_every_cut_of_the_header_is_refused() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    sandbox.refuses_other_headers(&words);
}

#[test]
fn a_changed_header_is_damaged_when_it_is_not_the_words_slot() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let original = String::from_utf8(sandbox.read("header.json")).expect("JSON is UTF-8");
    let swap = |from: &str, to: &str| original.replacen(from, to, 1);
    let (_, recovery) = original.split_once("    {\n      \"kind\": \"recovery\"").expect("a recovery slot");
    let (slot, rest) = recovery.split_once("    }\n  ]").expect("the end of the slots");
    let two = format!("    {{\n      \"kind\": \"recovery\"{slot}    }},\n    {{\n      \"kind\": \"recovery\"{slot}    }}\n  ]{rest}");
    let doubled = original.replace(&format!("    {{\n      \"kind\": \"recovery\"{recovery}"), &two);
    assert_ne!(doubled, original);
    for (what, changed) in [
        ("cheaper memory", swap("\"memory_kib\": 65536", "\"memory_kib\": 65535")),
        ("dearer memory", swap("\"memory_kib\": 65536", "\"memory_kib\": 65537")),
        ("absurd memory", swap("\"memory_kib\": 65536", "\"memory_kib\": 4294967295")),
        ("fewer passes", swap("\"passes\": 3", "\"passes\": 2")),
        ("more passes", swap("\"passes\": 3", "\"passes\": 4")),
        ("another KDF", swap("argon2id", "argon2i")),
        ("another kind", swap("\"passphrase\"", "\"passphrase-keyring\"")),
        ("an unknown kind", swap("\"passphrase\"", "\"password\"")),
        ("an older generation", swap("\"generation\": 1", "\"generation\": 0")),
        ("a newer generation", swap("\"generation\": 1", "\"generation\": 2")),
        ("an unknown field", swap("\"mac\"", "\"note\": 1,\n  \"mac\"")),
        ("white space", swap("\"version\": 1", "\"version\":  1")),
        ("an older version", swap("\"version\": 1", "\"version\": 0")),
        ("another file", swap("beffroi-vault", "beffroi-other")),
        ("no final newline", original.trim_end().to_owned()),
        ("something after it", format!("{original}\n")),
        ("a slot twice", doubled),
        ("too long", format!("{original}{}", " ".repeat(64 << 10))),
        ("nothing", String::new()),
        ("deep nesting", "[".repeat(60_000)),
    ] {
        sandbox.write("header.json", changed.as_bytes());
        assert!(matches!(sandbox.open(&words), Err(OpenError::Damaged { path }) if path.ends_with("header.json")), "{what}");
    }
    sandbox.write("header.json", swap("\"version\": 1", "\"version\": 12").as_bytes());
    assert!(matches!(sandbox.open(&words), Err(OpenError::FormatTooNew { version: 12, known: 1 })));
    assert!(matches!(describe(&sandbox.folder()), Err(OpenError::FormatTooNew { version: 12, known: 1 })));
}

/// A sample through Argon2: where the passphrase's own slot is hit, damage cannot be told from a wrong passphrase.
#[test]
fn changed_bytes_are_refused_with_the_passphrase_too() {
    let sandbox = Sandbox::new();
    sandbox.create();
    let original = String::from_utf8(sandbox.read("header.json")).expect("JSON is UTF-8");
    let after = |name: &str| original.find(name).expect("the field") + name.len();
    let last = |name: &str| original.rfind(name).expect("the field") + name.len();
    for (position, damaged) in [
        (after("\"salt\": \""), false),
        (after("\"wrapped\": \""), false),
        (after("\"vault\": \""), false),
        (last("\"wrapped\": \""), true),
        (last("\"id\": \""), true),
        (last("\"mac\": \""), true),
    ] {
        let mut changed = original.clone().into_bytes();
        changed[position] = if changed[position] == b'1' { b'2' } else { b'1' };
        sandbox.write("header.json", &changed);
        let error = open(&sandbox.folder(), Unlock::Passphrase(&text(PASSPHRASE)), &sandbox.places).err();
        let right = if damaged {
            matches!(error, Some(OpenError::Damaged { .. }))
        } else {
            matches!(error, Some(OpenError::Unlock(UnlockError::WrongPassphrase) | OpenError::Damaged { .. }))
        };
        assert!(right, "byte {position}: {error:?}");
    }
}

#[test]
fn the_copy_of_the_header_is_never_opened_and_is_kept_current() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let header = sandbox.read("header.json");
    assert_eq!(sandbox.read("header.json.bak"), header);
    sandbox.write("header.json.bak", b"an older one");
    sandbox.open(&words).expect("opens by the header");
    assert_eq!(sandbox.read("header.json.bak"), header);
    fs::remove_file(sandbox.folder().join("header.json")).expect("removed");
    assert!(matches!(sandbox.open(&words), Err(OpenError::Damaged { .. })));
}

#[test]
fn what_is_not_a_vault_is_said_and_gets_no_lock_file() {
    let sandbox = Sandbox::new();
    let words = text(&format!("{} art", ["abandon"; 23].join(" ")));
    assert!(matches!(sandbox.open(&words), Err(OpenError::NotAVault { .. })));
    fs::create_dir(sandbox.folder()).expect("made");
    assert!(matches!(sandbox.open(&words), Err(OpenError::NotAVault { folder }) if folder == sandbox.folder()));
    assert_eq!(files(&sandbox.folder()), Vec::<PathBuf>::new());
    fs::remove_dir(sandbox.folder()).expect("removed");
    fs::write(sandbox.folder(), "a file").expect("written");
    assert!(matches!(sandbox.open(&words), Err(OpenError::NotAVault { .. })));
}

/// Killed at any moment before the header is in place: nothing that opens, nothing that looks damaged.
#[test]
fn an_interrupted_creation_leaves_no_vault() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let header = sandbox.read("header.json");
    fs::remove_file(sandbox.folder().join("header.json")).expect("removed");
    fs::remove_file(sandbox.folder().join("header.json.bak")).expect("removed");
    for part in [0, header.len() / 2, header.len()] {
        sandbox.write("header.json.part", &header[..part]);
        assert!(matches!(sandbox.open(&words), Err(OpenError::NotAVault { .. })), "{part} bytes");
    }
    sandbox.write("header.json", &header);
    sandbox.open(&words).expect("only the copy was missing");
    assert_eq!(sandbox.read("header.json.bak"), header);
}

#[test]
fn creation_refuses_what_exists_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let try_create = |folder: &Path, passphrase: &str, cost| create(folder, &text(passphrase), cost, &sandbox.places).err();
    let folder = sandbox.folder();
    assert!(matches!(try_create(&folder, "", KdfCost::floor()), Some(CreateError::Passphrase(PassphraseError::Empty))));
    assert!(matches!(
        try_create(&folder, &"x".repeat(4097), KdfCost::floor()),
        Some(CreateError::Passphrase(PassphraseError::TooLong { most: 4096 }))
    ));
    let cheap = KdfCost { passes: 1, ..KdfCost::floor() };
    assert!(matches!(try_create(&folder, PASSPHRASE, cheap), Some(CreateError::Passphrase(PassphraseError::CostOutOfRange))));
    let nowhere = sandbox.root.path().join("no/such/parent.beffroi");
    assert!(matches!(try_create(&nowhere, PASSPHRASE, KdfCost::floor()), Some(CreateError::Disk(error)) if error.path == nowhere));
    assert_eq!(files(sandbox.root.path()), Vec::<PathBuf>::new());
    assert!(!folder.exists());

    fs::create_dir(&folder).expect("made");
    fs::write(folder.join("notes.txt"), "mine").expect("written");
    assert!(matches!(try_create(&folder, PASSPHRASE, KdfCost::floor()), Some(CreateError::Exists { .. })));
    assert_eq!(sandbox.read("notes.txt"), b"mine");
    assert_eq!(files(&folder).len(), 1);
}

/// What a creation leaves when it is killed before the header is in place does not stand in the way of the next one.
#[test]
fn a_creation_takes_over_what_an_interrupted_one_left() {
    let left: [&[(&str, &[u8])]; 4] = [&[], &[("lock", b"")], &[("lock", b"4711\n")], &[("lock", b"4711\n"), ("header.json.part", b"{")]];
    for (last, files) in [false, false, false, true].into_iter().zip(left) {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.folder()).expect("made");
        for (name, bytes) in files {
            sandbox.write(name, bytes);
        }
        if last {
            let words = sandbox.create();
            sandbox.open(&words).expect("opens");
            assert!(!sandbox.folder().join("header.json.part").exists());
        } else {
            // Without the second that a key derivation takes: refused for its passphrase, not for its folder.
            let error = create(&sandbox.folder(), &text(""), KdfCost::floor(), &sandbox.places).err();
            assert!(matches!(error, Some(CreateError::Passphrase(PassphraseError::Empty))), "{error:?}");
        }
    }
}

#[test]
fn a_creation_takes_over_nothing_else() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let exists =
        |folder: &Path| matches!(create(folder, &text(PASSPHRASE), KdfCost::floor(), &sandbox.places), Err(CreateError::Exists { .. }));
    assert!(exists(&sandbox.folder()), "a vault");
    sandbox.open(&words).expect("still opens");
    fs::remove_file(sandbox.folder().join("header.json")).expect("removed");
    assert!(exists(&sandbox.folder()), "a vault that lost its header");
    let beside = |name: &str| sandbox.root.path().join(name);
    fs::write(beside("file"), "").expect("written");
    assert!(exists(&beside("file")), "a file");
    for name in ["header.json.parts", "catalog.db", "lock2", ".hidden"] {
        fs::create_dir(beside(name)).expect("made");
        fs::write(beside(name).join(name), "").expect("written");
        assert!(exists(&beside(name)), "{name}");
        assert_eq!(files(&beside(name)), [beside(name).join(name)]);
    }
    #[cfg(unix)]
    {
        fs::create_dir(beside("empty")).expect("made");
        std::os::unix::fs::symlink(beside("empty"), beside("link")).expect("linked");
        assert!(exists(&beside("link")), "a link to a folder");
    }
    // Another process is creating its vault there at this moment.
    fs::create_dir(beside("busy")).expect("made");
    let lock = fs::File::create(beside("busy").join("lock")).expect("made");
    lock.try_lock().expect("locked");
    assert!(exists(&beside("busy")), "a folder that is locked");
    assert_eq!(files(&beside("busy")), [beside("busy").join("lock")]);
}

/// A folder that can be made, in which the lock can be, but no header: their paths would be too long for the system.
#[cfg(target_os = "linux")]
#[test]
fn a_creation_that_fails_half_way_takes_its_folder_away() {
    const MOST_PATH: usize = 4095;
    let sandbox = Sandbox::new();
    let mut parent = sandbox.root.path().to_owned();
    let wanted = MOST_PATH - "/header.json".len();
    while parent.as_os_str().len() + 300 < wanted {
        parent.push("x".repeat(200));
    }
    fs::create_dir_all(&parent).expect("made");
    let folder = parent.join("y".repeat(wanted - parent.as_os_str().len() - 1));
    let error = create(&folder, &text(PASSPHRASE), KdfCost::floor(), &sandbox.places).err();
    assert!(matches!(error, Some(CreateError::Disk(_))), "{error:?}");
    assert_eq!(fs::read_dir(&parent).expect("listed").count(), 0);
}

#[test]
fn one_process_at_a_time() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let first = sandbox.open(&words).expect("opens");
    let pid = std::process::id();
    assert!(matches!(sandbox.open(&words), Err(OpenError::InUse { pid: Some(found) }) if found == pid));
    assert!(describe(&sandbox.folder()).is_ok());
    drop(first);
    sandbox.open(&words).expect("free again");
}

#[test]
fn the_anchor_has_two_copies_and_the_newer_one_counts() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let missing = AnchorState { folder: AnchorCopy::Missing, outside: AnchorCopy::Missing };
    assert_eq!(vault.read_anchor().expect("read"), missing);
    assert_eq!((missing.newest(), missing.highest_sequence()), (None, None));
    vault.write_anchor(&anchor(1)).expect("written");
    let old = sandbox.read("anchor");
    vault.write_anchor(&anchor(2)).expect("written");
    let both = AnchorState { folder: AnchorCopy::Valid(anchor(2)), outside: AnchorCopy::Valid(anchor(2)) };
    assert_eq!(vault.read_anchor().expect("read"), both);

    // An older one put back in the folder: the copy outside still knows.
    sandbox.write("anchor", &old);
    let state = vault.read_anchor().expect("read");
    assert_eq!(state, AnchorState { folder: AnchorCopy::Valid(anchor(1)), outside: AnchorCopy::Valid(anchor(2)) });
    assert_eq!(state.newest(), Some(anchor(2)));

    let outside = sandbox.places.anchors.join(vault.id().to_string());
    fs::remove_file(&outside).expect("removed");
    assert_eq!(vault.read_anchor().expect("read").newest(), Some(anchor(1)));

    // Two sides that did not know of each other.
    vault.write_anchor(&Anchor { journal_head: [9; 32], ..anchor(1) }).expect("written");
    sandbox.write("anchor", &old);
    assert!(matches!(vault.read_anchor(), Err(AnchorError::Contradiction { sequence: 1 })));
}

#[test]
fn damaged_and_foreign_anchors_are_refused() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    vault.write_anchor(&anchor(5)).expect("written");
    let good = sandbox.read("anchor");
    let other = Sandbox::new();
    let other_words = other.create();
    let other_vault = other.open(&other_words).expect("opens");
    other_vault.write_anchor(&anchor(5)).expect("written");
    let refuses = |bytes: &[u8], what: &str| {
        sandbox.write("anchor", bytes);
        assert!(matches!(vault.read_anchor(), Err(AnchorError::Damaged { path }) if path.ends_with("anchor")), "{what}");
    };
    refuses(&other.read("anchor"), "another vault's");
    refuses(&good[..good.len() - 1], "cut");
    refuses(&[good.as_slice(), &[0]].concat(), "longer");
    refuses(&vec![0; 1 << 20], "far too long");
    refuses(b"", "empty");
    let mut changed = good.clone();
    changed[50] ^= 1;
    refuses(&changed, "changed");
    sandbox.write("anchor", &good);
    assert!(vault.read_anchor().is_ok());
}

#[test]
fn an_oversized_plaintext_is_not_sealed() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let compartment = vault.make_compartment(&StageName::dev()).expect("made").id;
    let bytes = MOST_PLAINTEXT + 1;
    assert_eq!(vault.seal(&place(compartment), &SecretBytes::new(vec![0; bytes])).err(), Some(SealError::TooLong { bytes }));
    let place = place(compartment);
    let one = vault.seal(&place, &SecretBytes::new(vec![1])).expect("sealed");
    assert_ne!(one, vault.seal(&place, &SecretBytes::new(vec![1])).expect("sealed"), "nonces are never used twice");
}

#[test]
fn secrets_stand_in_no_file() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let compartment = vault.make_compartment(&StageName::dev()).expect("made").id;
    vault.seal(&place(compartment), &SecretBytes::new(b"canary-value-77aa".to_vec())).expect("sealed");
    vault.write_anchor(&anchor(1)).expect("written");
    let first_words: Vec<&str> = words.expose().split(' ').take(2).collect();
    let canaries = [b"canary".to_vec(), first_words.join(" ").into_bytes(), vault.database_key().expose().to_vec()];
    let found = files(sandbox.root.path());
    let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    for name in ["header.json", "header.json.bak", "anchor", "lock", &vault.id().to_string()] {
        assert!(names.contains(&name), "{name} is missing from {names:?}");
    }
    assert_eq!(names.len(), 5, "{names:?}");
    for path in &found {
        let bytes = fs::read(path).expect("read");
        for canary in &canaries {
            assert!(!bytes.windows(canary.len()).any(|window| window == canary), "{}", path.display());
        }
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    sandbox.open(&words).expect("opens").write_anchor(&anchor(1)).expect("written");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&sandbox.folder()), 0o700);
    assert_eq!(mode(&sandbox.places.anchors), 0o700);
    for path in files(sandbox.root.path()) {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
