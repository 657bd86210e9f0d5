//! The ways into a vault: added, removed, replaced, and what is refused.

use std::fs;

use beffroi_domain::{IdentityId, SlotId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};
use beffroi_vault::{
    IdentityCard, IdentityKeys, KdfCost, KeyFile, NewSlot, NotAKeyFile, OpenError, OpenVault, PassphraseError, SlotError, SlotKind, Unlock,
    UnlockError, describe, open,
};

use crate::kit::{PASSPHRASE, Sandbox, text};

fn identity(name: &str) -> (IdentityKeys, IdentityCard) {
    let keys = IdentityKeys::make().expect("made");
    let card = keys.card(IdentityId::make(), name, 1_700_000_000_000).expect("a card");
    (keys, card)
}

fn kinds(vault: &OpenVault) -> Vec<SlotKind> {
    vault.header().slots.iter().map(|slot| slot.kind).collect()
}

fn slot_of(vault: &OpenVault, kind: SlotKind) -> SlotId {
    vault.header().slots.iter().find(|slot| slot.kind == kind).expect("a slot of the kind").id
}

impl Sandbox {
    fn open_with(&self, unlock: Unlock<'_>) -> Result<OpenVault, OpenError> {
        open(&self.folder(), unlock, &self.places)
    }

    fn refusal(&self, unlock: Unlock<'_>) -> UnlockError {
        match self.open_with(unlock).err().expect("it is refused") {
            OpenError::Unlock(error) => error,
            other => unreachable!("{other}"),
        }
    }
}

#[test]
fn every_kind_of_slot_opens_the_vault_it_was_added_to() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let database_key = *vault.database_key().expose();
    let (passphrase, file, secret) = (text("second passphrase"), KeyFile::make().expect("made"), SecretKey::new([7; 32]));
    let (keys, card) = identity("Léa Morel");
    let (other_keys, _) = identity("Léa Morel");
    let (cost, authority) = (KdfCost::floor(), Unlock::RecoveryWords(&words));
    let mut more_words = None;
    for new in [
        NewSlot::PassphraseKeyFile { passphrase: &passphrase, file: &file, cost },
        NewSlot::PassphraseKeyring { passphrase: &passphrase, secret: &secret, cost },
        NewSlot::Recovery,
        NewSlot::Identity(&card),
        NewSlot::Keyring(&secret),
    ] {
        let added = vault.add_slot(authority, new).expect("added");
        assert!(vault.header().slots.iter().any(|slot| slot.id == added.id));
        assert_eq!(added.words.is_some(), matches!(new, NewSlot::Recovery));
        more_words = more_words.or(added.words);
    }
    let expected = [
        SlotKind::Passphrase,
        SlotKind::Recovery,
        SlotKind::PassphraseKeyFile,
        SlotKind::PassphraseKeyring,
        SlotKind::Recovery,
        SlotKind::Identity,
        SlotKind::Keyring,
    ];
    assert_eq!(kinds(&vault), expected);
    let summary = vault.header();
    drop(vault);
    assert_eq!(describe(&sandbox.folder()).expect("described"), summary);
    assert_eq!(sandbox.read("header.json"), sandbox.read("header.json.bak"));

    let more_words = more_words.expect("words of the second recovery slot");
    for unlock in [
        Unlock::PassphraseAndKeyFile { passphrase: &passphrase, file: &file },
        Unlock::PassphraseAndKeyring { passphrase: &passphrase, secret: &secret },
        authority,
        Unlock::RecoveryWords(more_words.as_text()),
        Unlock::Identity(&keys),
        Unlock::Keyring(&secret),
    ] {
        assert_eq!(sandbox.open_with(unlock).expect("opens").database_key().expose(), &database_key, "{unlock:?}");
    }

    let (other_file, other_secret) = (KeyFile::make().expect("made"), SecretKey::new([8; 32]));
    let refused = sandbox.refusal(Unlock::PassphraseAndKeyFile { passphrase: &passphrase, file: &other_file });
    assert_eq!(refused, UnlockError::WrongPassphraseOrKeyFile);
    let refused = sandbox.refusal(Unlock::PassphraseAndKeyring { passphrase: &passphrase, secret: &other_secret });
    assert_eq!(refused, UnlockError::WrongPassphraseOrKeyring);
    assert_eq!(sandbox.refusal(Unlock::Keyring(&other_secret)), UnlockError::WrongKeyring);
    assert_eq!(sandbox.refusal(Unlock::Identity(&other_keys)), UnlockError::WrongIdentity);
    // The slots with a second factor do not open by their passphrase alone.
    assert_eq!(sandbox.refusal(Unlock::Passphrase(&passphrase)), UnlockError::WrongPassphrase);
    let not_a_file = SecretBytes::new(b"a picture".to_vec());
    let refused = sandbox.refusal(Unlock::PassphraseAndKeyFile { passphrase: &passphrase, file: &not_a_file });
    assert_eq!(refused, UnlockError::NotAKeyFile(NotAKeyFile::Kind));
}

#[test]
fn a_kind_that_the_vault_has_not_is_said() {
    let sandbox = Sandbox::new();
    sandbox.create();
    let (passphrase, file, secret) = (text(PASSPHRASE), KeyFile::make().expect("made"), SecretKey::new([7; 32]));
    let (keys, _) = identity("Léa");
    for unlock in [
        Unlock::PassphraseAndKeyFile { passphrase: &passphrase, file: &file },
        Unlock::PassphraseAndKeyring { passphrase: &passphrase, secret: &secret },
        Unlock::Identity(&keys),
        Unlock::Keyring(&secret),
    ] {
        assert_eq!(sandbox.refusal(unlock), UnlockError::NoSlot { kind: unlock.kind() });
    }
}

#[test]
fn kinds_have_one_name_each() {
    for kind in SlotKind::ALL {
        assert_eq!(SlotKind::from_name(kind.name()), Some(kind));
    }
    for name in ["", "Passphrase", "passphrase ", "password", "key-file"] {
        assert_eq!(SlotKind::from_name(name), None, "{name}");
    }
}

#[test]
fn the_header_names_nobody() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (_, card) = identity("canary-name-4f1e");
    vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Identity(&card)).expect("added");
    let header = String::from_utf8(sandbox.read("header.json")).expect("text");
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes);
    for trace in [card.name().to_owned(), card.id().to_string(), encode(card.agreement()), encode(card.signing()), card.fingerprint()] {
        assert!(!header.contains(&trace), "{trace}");
    }
}

/// Promise 1 again, with every kind that needs no key derivation.
#[test]
fn every_changed_byte_of_a_header_with_more_slots_is_refused() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (_, card) = identity("Léa");
    for new in [NewSlot::Identity(&card), NewSlot::Keyring(&SecretKey::new([7; 32]))] {
        vault.add_slot(Unlock::RecoveryWords(&words), new).expect("added");
    }
    drop(vault);
    sandbox.refuses_other_headers(&words);
}

/// The slots of a header as text, without the commas between them.
fn slots_of(header: &str) -> Vec<String> {
    let (_, slots) = header.split_once("\"slots\": [\n").expect("the slots");
    let (slots, _) = slots.split_once("\n  ],").expect("their end");
    slots.split(",\n    {").enumerate().map(|(index, slot)| if index == 0 { slot.to_owned() } else { format!("    {{{slot}") }).collect()
}

fn with_slots(header: &str, slots: &[String]) -> String {
    let (start, rest) = header.split_once("\"slots\": [\n").expect("the slots");
    let (_, end) = rest.split_once("\n  ],").expect("their end");
    format!("{start}\"slots\": [\n{}\n  ],{end}", slots.join(",\n"))
}

#[test]
fn slots_cannot_be_moved_removed_exchanged_or_brought_from_elsewhere() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let secret = SecretKey::new([7; 32]);
    let (_, card) = identity("Léa");
    let older = String::from_utf8(sandbox.read("header.json")).expect("text");
    vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Keyring(&secret)).expect("added");
    vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Identity(&card)).expect("added");
    drop(vault);
    let header = String::from_utf8(sandbox.read("header.json")).expect("text");
    let slots = slots_of(&header);
    assert_eq!((slots.len(), with_slots(&header, &slots)), (4, header.clone()));
    let [passphrase, recovery, keyring, of_identity] = slots.as_slice() else { panic!("four slots") };

    let other = Sandbox::new();
    let other_words = other.create();
    let other_vault = other.open(&other_words).expect("opens");
    other_vault.add_slot(Unlock::RecoveryWords(&other_words), NewSlot::Keyring(&secret)).expect("added");
    let foreign = slots_of(&String::from_utf8(other.read("header.json")).expect("text"))[2].clone();

    let set = |slots: &[&String]| with_slots(&header, &slots.iter().map(|slot| (*slot).clone()).collect::<Vec<_>>());
    let as_recovery = keyring.replace("\"keyring\"", "\"recovery\"");
    for (what, changed) in [
        ("another order", set(&[recovery, passphrase, keyring, of_identity])),
        ("one less", set(&[recovery, keyring, of_identity])),
        ("the last one less", set(&[passphrase, recovery, keyring])),
        ("another kind", set(&[passphrase, recovery, &as_recovery, of_identity])),
        ("one of another vault", set(&[passphrase, recovery, &foreign, of_identity])),
        ("one more of another vault", set(&[passphrase, recovery, keyring, of_identity, &foreign])),
        ("the slots of before", with_slots(&header, &slots_of(&older))),
        ("none", set(&[])),
    ] {
        sandbox.write("header.json", changed.as_bytes());
        assert!(matches!(sandbox.open(&words), Err(OpenError::Damaged { .. })), "{what}");
    }
    // Exchanged kinds do not open by the other kind's secret either.
    sandbox.write("header.json", set(&[passphrase, &recovery.replace("\"recovery\"", "\"keyring\""), of_identity]).as_bytes());
    assert_eq!(sandbox.refusal(Unlock::Keyring(&secret)), UnlockError::WrongKeyring);
    // A whole header of another vault is that other vault's, and its keyring slot opens by the same secret: not these words.
    sandbox.write("header.json", &other.read("header.json"));
    assert_eq!(sandbox.refusal(Unlock::RecoveryWords(&words)), UnlockError::WrongRecoveryWords);
    sandbox.write("header.json", header.as_bytes());
    sandbox.open(&words).expect("the original still opens");
}

/// Keys of low order agree on all zeros with everybody: such a slot must not open for anybody.
#[test]
fn an_identity_slot_of_low_order_opens_for_nobody() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (keys, card) = identity("Léa");
    vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Identity(&card)).expect("added");
    drop(vault);
    sandbox.open_with(Unlock::Identity(&keys)).expect("opens");
    let header = String::from_utf8(sandbox.read("header.json")).expect("text");
    let (start, rest) = header.split_once("\"ephemeral\": \"").expect("the key");
    let (_, end) = rest.split_once('"').expect("its end");
    let mut one = [0; 32];
    one[0] = 1;
    for key in [[0; 32], one] {
        sandbox.write("header.json", format!("{start}\"ephemeral\": \"{}\"{end}", STANDARD.encode(key)).as_bytes());
        assert_eq!(sandbox.refusal(Unlock::Identity(&keys)), UnlockError::WrongIdentity);
        assert!(matches!(sandbox.open(&words), Err(OpenError::Damaged { .. })));
    }
}

#[test]
fn a_slot_that_works_without_the_keyring_always_stays() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (secret, authority) = (SecretKey::new([7; 32]), Unlock::RecoveryWords(&words));
    let keyring = vault.add_slot(authority, NewSlot::Keyring(&secret)).expect("added").id;
    let unknown = SlotId::make();
    assert!(matches!(vault.remove_slot(authority, unknown), Err(SlotError::Unknown { slot }) if slot == unknown));
    let wrong = SecretKey::new([8; 32]);
    let refused = vault.remove_slot(Unlock::Keyring(&wrong), keyring);
    assert!(matches!(refused, Err(SlotError::Unlock(UnlockError::WrongKeyring))));

    vault.remove_slot(authority, slot_of(&vault, SlotKind::Passphrase)).expect("the words are left");
    let recovery = slot_of(&vault, SlotKind::Recovery);
    assert!(matches!(vault.remove_slot(Unlock::Keyring(&secret), recovery), Err(SlotError::OnlyKeyring)));
    let (keys, card) = identity("Léa");
    vault.add_slot(Unlock::Keyring(&secret), NewSlot::Identity(&card)).expect("added");
    vault.remove_slot(Unlock::Keyring(&secret), recovery).expect("the identity is left");
    assert_eq!(kinds(&vault), [SlotKind::Keyring, SlotKind::Identity]);
    drop(vault);
    assert_eq!(sandbox.refusal(authority), UnlockError::NoSlot { kind: SlotKind::Recovery });
    let vault = sandbox.open_with(Unlock::Identity(&keys)).expect("opens");
    assert!(matches!(vault.remove_slot(Unlock::Identity(&keys), slot_of(&vault, SlotKind::Identity)), Err(SlotError::OnlyKeyring)));
    assert_eq!(sandbox.read("header.json"), sandbox.read("header.json.bak"));
}

#[test]
fn there_are_sixteen_slots_at_most() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let authority = Unlock::RecoveryWords(&words);
    let mut last = None;
    for _ in 2..16 {
        last = vault.add_slot(authority, NewSlot::Recovery).expect("added").words;
    }
    assert_eq!(vault.header().slots.len(), 16);
    assert!(matches!(vault.add_slot(authority, NewSlot::Recovery), Err(SlotError::TooMany { most: 16 })));
    drop(vault);
    let last = last.expect("words");
    sandbox.open(last.as_text()).expect("the sixteenth opens");
}

#[test]
fn a_replaced_passphrase_opens_and_the_old_one_no_longer_does() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let (old, new) = (text(PASSPHRASE), text("a better passphrase"));
    let vault = sandbox.open(&words).expect("opens");
    let before = String::from_utf8(sandbox.read("header.json")).expect("text");
    let slot = slot_of(&vault, SlotKind::Passphrase);
    let replaced = vault.replace_passphrase(Unlock::Passphrase(&old), None, &new, KdfCost::floor()).expect("replaced");
    assert_eq!(replaced, slot);
    assert!(vault.opens_a_slot(&new).expect("memory"));
    assert!(!vault.opens_a_slot(&old).expect("memory"));
    let after = String::from_utf8(sandbox.read("header.json")).expect("text");
    let field = |header: &str, name: &str| header.split(name).nth(1).expect("the field").chars().take(36).collect::<String>();
    assert_eq!(field(&before, "\"id\": \""), field(&after, "\"id\": \""));
    for name in ["\"salt\": \"", "\"nonce\": \"", "\"wrapped\": \"", "\"mac\": \""] {
        assert_ne!(field(&before, name), field(&after, name), "{name}");
    }
    drop(vault);
    sandbox.open_with(Unlock::Passphrase(&new)).expect("opens");
    assert_eq!(sandbox.refusal(Unlock::Passphrase(&old)), UnlockError::WrongPassphrase);
    sandbox.open(&words).expect("the words still open");
}

#[test]
fn a_second_factor_is_kept_and_asked_for() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let (authority, cost, file) = (Unlock::RecoveryWords(&words), KdfCost::floor(), KeyFile::make().expect("made"));
    let (first, second) = (text("first of the file"), text("second of the file"));
    let slot = vault.add_slot(authority, NewSlot::PassphraseKeyFile { passphrase: &first, file: &file, cost }).expect("added").id;
    let refused = vault.replace_passphrase(authority, Some(slot), &second, cost);
    assert!(matches!(refused, Err(SlotError::SecondFactor { kind: SlotKind::PassphraseKeyFile, .. })));
    let recovery = slot_of(&vault, SlotKind::Recovery);
    for slot in [None, Some(recovery)] {
        let refused = vault.replace_passphrase(authority, slot, &second, cost);
        assert!(matches!(refused, Err(SlotError::NotAPassphrase { slot, kind: SlotKind::Recovery }) if slot == recovery));
    }
    let unknown = Some(SlotId::make());
    assert!(matches!(vault.replace_passphrase(authority, unknown, &second, cost), Err(SlotError::Unknown { .. })));
    let own = Unlock::PassphraseAndKeyFile { passphrase: &first, file: &file };
    assert_eq!(vault.replace_passphrase(own, None, &second, cost).expect("replaced"), slot);
    drop(vault);
    sandbox.open_with(Unlock::PassphraseAndKeyFile { passphrase: &second, file: &file }).expect("opens");
}

#[test]
fn what_is_no_passphrase_or_key_file_makes_no_slot() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let before = sandbox.read("header.json");
    let (authority, cost) = (Unlock::RecoveryWords(&words), KdfCost::floor());
    let refused = |new: NewSlot<'_>| match vault.add_slot(authority, new) {
        Err(error) => error,
        Ok(_) => panic!("{new:?} was added"),
    };
    let (empty, long, good) = (text(""), text(&"x".repeat(4097)), text("good enough"));
    assert!(matches!(refused(NewSlot::Passphrase { passphrase: &empty, cost }), SlotError::Passphrase(PassphraseError::Empty)));
    let error = refused(NewSlot::Passphrase { passphrase: &long, cost });
    assert!(matches!(error, SlotError::Passphrase(PassphraseError::TooLong { most: 4096 })));
    let cheap = KdfCost { memory_kib: 1024, ..cost };
    let error = refused(NewSlot::Passphrase { passphrase: &good, cost: cheap });
    assert!(matches!(error, SlotError::Passphrase(PassphraseError::CostOutOfRange)));
    let file = SecretBytes::new(b"beffroi-key-file-1\nshort\n".to_vec());
    let error = refused(NewSlot::PassphraseKeyFile { passphrase: &good, file: &file, cost });
    assert!(matches!(error, SlotError::NotAKeyFile(NotAKeyFile::Damaged)));
    let wrong = text(&format!("{} art", ["abandon"; 23].join(" ")));
    let error = vault.add_slot(Unlock::RecoveryWords(&wrong), NewSlot::Recovery).err();
    assert!(matches!(error, Some(SlotError::Unlock(UnlockError::WrongRecoveryWords))));
    assert_eq!(sandbox.read("header.json"), before);
}

#[test]
fn a_header_that_somebody_else_replaced_is_not_overwritten() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let old = sandbox.read("header.json");
    let authority = Unlock::RecoveryWords(&words);
    assert!(vault.header_is_current().expect("read"));
    vault.add_slot(authority, NewSlot::Recovery).expect("added");
    assert!(vault.header_is_current().expect("read"));
    sandbox.write("header.json", &old);
    assert!(!vault.header_is_current().expect("read"));
    let changed = |error: SlotError| matches!(error, SlotError::HeaderChanged { path } if path == sandbox.folder().join("header.json"));
    assert!(changed(vault.add_slot(authority, NewSlot::Recovery).err().expect("refused")));
    assert!(changed(vault.remove_slot(authority, slot_of(&vault, SlotKind::Passphrase)).expect_err("refused")));
    assert!(changed(vault.begin_rekey(authority, &[NewSlot::Recovery]).err().expect("refused")));
    assert_eq!(sandbox.read("header.json"), old);
    fs::remove_file(sandbox.folder().join("header.json")).expect("removed");
    assert!(!vault.header_is_current().expect("read"));
    assert!(changed(vault.add_slot(authority, NewSlot::Recovery).err().expect("refused")));
}

/// Killed between any two writes of an added slot: the old header opens, or the new one, and the copy follows.
#[test]
fn an_interrupted_change_of_slots_leaves_the_old_header_or_the_new_one() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let old = sandbox.read("header.json");
    let added = {
        let vault = sandbox.open(&words).expect("opens");
        vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Recovery).expect("added").words.expect("words")
    };
    let new = sandbox.read("header.json");
    let opens = |words: &SecretText| sandbox.open(words).is_ok();
    for part in [0, 1, new.len() / 2, new.len()] {
        sandbox.write("header.json", &old);
        sandbox.write("header.json.bak", &old);
        sandbox.write("header.json.part", &new[..part]);
        assert!(opens(&words) && !opens(added.as_text()), "{part} bytes beside the header");
        sandbox.write("header.json", &new);
        sandbox.write("header.json.bak.part", &new[..part]);
        assert!(opens(&words) && opens(added.as_text()), "{part} bytes beside the copy");
        assert_eq!(sandbox.read("header.json.bak"), new);
    }
}

#[test]
fn a_disk_that_refuses_changes_nothing_that_is_not_said() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    let authority = Unlock::RecoveryWords(&words);
    let (before, summary) = (sandbox.read("header.json"), vault.header());
    let in_the_way = |name: &str| fs::create_dir(sandbox.folder().join(name)).expect("made");
    in_the_way("header.json.part");
    assert!(matches!(vault.add_slot(authority, NewSlot::Recovery), Err(SlotError::Disk(_))));
    assert_eq!((sandbox.read("header.json"), vault.header()), (before, summary));
    fs::remove_dir(sandbox.folder().join("header.json.part")).expect("removed");

    in_the_way("header.json.bak.part");
    let added = vault.add_slot(authority, NewSlot::Recovery).expect("the old copy revokes nothing too little");
    assert!(matches!(vault.remove_slot(authority, added.id), Err(SlotError::CopyNotWritten(_))));
    assert_eq!(kinds(&vault), [SlotKind::Passphrase, SlotKind::Recovery]);
    assert!(vault.header_is_current().expect("read"));
    drop(vault);
    fs::remove_dir(sandbox.folder().join("header.json.bak.part")).expect("removed");
    sandbox.open(&words).expect("opens");
    assert_eq!(sandbox.read("header.json"), sandbox.read("header.json.bak"));
}

#[test]
fn two_threads_that_add_slots_lose_none() {
    let sandbox = Sandbox::new();
    let words = sandbox.create();
    let vault = sandbox.open(&words).expect("opens");
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..4 {
                    vault.add_slot(Unlock::RecoveryWords(&words), NewSlot::Recovery).expect("added");
                }
            });
        }
    });
    assert_eq!(vault.header().slots.len(), 10);
    drop(vault);
    assert_eq!(sandbox.open(&words).expect("opens").header().slots.len(), 10);
}
