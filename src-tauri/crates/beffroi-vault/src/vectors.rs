//! Known answers for every derivation and encoding of the format, and malformed cases of each. The files in `vectors/` are
//! read by `tests/vectors.py` as well, which computes them from FORMAT.md and shares no code with this crate. What fails
//! here cannot open the vaults that exist.

use beffroi_domain::{ChainId, CompartmentId, HostId, IdentityId, SlotId, StageName, VaultId};
use beffroi_secret::{SecretBytes, SecretKey, SecretText};
use serde_json::Value;

use crate::anchor::{self, Anchor, AnchorCopy, AnchorFault};
use crate::compartment::{Inner, Name, Unwrapped};
use crate::crypto::{derive_hash, derive_key};
use crate::digest::{DigestRow, derive_state};
use crate::envelope::{self, Place};
use crate::error::{CompartmentError, UnsealError};
use crate::header::{Header, HeaderFault};
use crate::identity::{IdentityCard, IdentityKeys, InvalidCard};
use crate::journal::{JOURNAL_START, checkpoint_message, derive_link, journal_link, journal_start};
use crate::kdf::{Kdf, KdfCost};
use crate::key_file::{KeyFile, NotAKeyFile};
use crate::keys::{CompartmentKeys, RootKeys};
use crate::recovery::{NotRecoveryWords, RecoveryWords, read_material};
use crate::rekey::Announcement;
use crate::slot::{Slot, SlotKind, Way, joint_material};
use crate::stage_secret;

macro_rules! vectors {
    ($name:literal) => {
        serde_json::from_str::<Value>(include_str!(concat!("../vectors/", $name, ".json"))).expect("JSON")
    };
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("{name} in {value}"))
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal");
    text.as_bytes().chunks(2).map(digits).collect()
}

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    from_hex(text(value, name))
}

fn array<const N: usize>(value: &Value, name: &str) -> [u8; N] {
    bytes(value, name).try_into().unwrap_or_else(|_| panic!("{name} in {value}"))
}

fn key(value: &Value, name: &str) -> SecretKey {
    SecretKey::new(array(value, name))
}

fn vault(value: &Value) -> VaultId {
    VaultId::from_bytes(&bytes(value, "vault")).expect("16 bytes")
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn kdf(value: &Value) -> Kdf {
    let part = |name| u32::try_from(number(value, name)).expect("32 bits");
    let cost = KdfCost { memory_kib: part("memory_kib"), passes: part("passes"), lanes: part("lanes") };
    Kdf { cost, salt: array(value, "salt") }
}

/// A text with the replacements and the addition of a case.
fn changed(original: &str, case: &Value) -> String {
    let mut changed = original.to_owned();
    for pair in case["replace"].as_array().into_iter().flatten() {
        let (from, to) = (pair[0].as_str().expect("text"), pair[1].as_str().expect("text"));
        assert!(changed.contains(from), "{case}");
        changed = changed.replacen(from, to, 1);
    }
    let times = case["times"].as_u64().unwrap_or(1);
    changed + &case["append"].as_str().unwrap_or_default().repeat(usize::try_from(times).expect("a size"))
}

fn assert_outcome(case: &Value, found: &str) {
    assert_eq!(text(case, "outcome"), found, "{}", case["what"]);
}

/// Way and material of a slot. The three kinds with a passphrase share one derivation, which is made once.
fn way_of(vectors: &Value, slot: &Value, derived: &SecretKey) -> (Way, SecretKey) {
    let vault = vault(vectors);
    let copy = || SecretKey::new(*derived.expose());
    match SlotKind::from_name(text(slot, "kind")).expect("a kind") {
        SlotKind::Passphrase => (Way::Passphrase(kdf(slot)), copy()),
        kind @ SlotKind::PassphraseKeyFile => {
            let file = secret(text(slot, "file")).to_bytes();
            assert_eq!(KeyFile::check(&file), Ok(()));
            let second = SecretKey::new(derive_hash(&[file.expose()]));
            (Way::PassphraseKeyFile(kdf(slot)), joint_material(vault, kind, derived, &second))
        }
        kind @ SlotKind::PassphraseKeyring => {
            (Way::PassphraseKeyring(kdf(slot)), joint_material(vault, kind, derived, &key(slot, "secret")))
        }
        SlotKind::Recovery => (Way::Recovery, key(slot, "secret")),
        SlotKind::Identity => {
            let recipient = IdentityKeys::from_secrets(&SecretKey::new([1; 32]), &key(slot, "recipient_secret"));
            let card = recipient.card(IdentityId::make(), "Léa", 0).expect("a card");
            assert_eq!(card.agreement(), &array(slot, "recipient"));
            let (ephemeral, material) = card.send_from(vault, &key(slot, "ephemeral_secret")).expect("a usable key");
            assert_eq!(ephemeral, array(slot, "ephemeral"));
            assert_eq!(recipient.receive(vault, &ephemeral).expect("a usable key").expose(), material.expose());
            (Way::Identity { ephemeral }, material)
        }
        SlotKind::Keyring => (Way::Keyring, key(slot, "secret")),
    }
}

fn slots(vectors: &Value) -> Vec<(Slot, SecretKey)> {
    let first = &list(vectors, "slots")[0];
    let derived = kdf(first).set(&secret(text(first, "passphrase"))).expect("64 MiB are to be had");
    let slot = |slot: &Value| {
        let (way, material) = way_of(vectors, slot, &derived);
        let id = SlotId::from_bytes(&bytes(slot, "id")).expect("16 bytes");
        let made = Slot::wrap(vault(vectors), id, way, array(slot, "nonce"), &material, &key(vectors, "root")).expect("wrapped");
        assert_eq!(hex(material.expose()), text(slot, "material"), "{}", slot["kind"]);
        assert_eq!(hex(&made.context(vault(vectors))), text(slot, "context"), "{}", slot["kind"]);
        assert_eq!(hex(&made.wrapped), text(slot, "wrapped"), "{}", slot["kind"]);
        (made, material)
    };
    list(vectors, "slots").iter().map(slot).collect()
}

#[test]
fn slots_and_header() {
    let vectors = vectors!("slots");
    let keys = RootKeys::derive(vault(&vectors), &key(&vectors, "root"));
    let slots = slots(&vectors);
    let header = Header::new(
        vault(&vectors),
        number(&vectors, "generation"),
        number(&vectors, "revision"),
        slots.iter().map(|(slot, _)| slot.clone()).collect(),
        &keys.header,
    );
    let file = text(&vectors, "header");
    assert_eq!(String::from_utf8(header.to_bytes()).expect("JSON is UTF-8"), file);
    assert!(include_str!("../FORMAT.md").contains(file), "the example in FORMAT.md is the header of the vectors");
    assert_eq!(hex(&header.mac()), text(&vectors, "mac"));
    assert_eq!(Header::from_bytes(file.as_bytes()), Ok(header.clone()));
    assert_eq!(header.check(&keys.header), Ok(()));
    assert_eq!(header.check(&keys.anchor), Err(HeaderFault::Damaged));
    for case in list(&vectors, "malformed") {
        let found = match Header::from_bytes(changed(file, case).as_bytes()) {
            Ok(header) if header.check(&keys.header).is_ok() => "accepted",
            Ok(_) => "mac",
            Err(HeaderFault::Damaged) => "damaged",
            Err(HeaderFault::TooNew { .. }) => "too-new",
        };
        assert_outcome(case, found);
    }

    // Each slot opens for its own vault, id, nonce, kind and parameters only.
    let (vault, root) = (vault(&vectors), key(&vectors, "root"));
    let ways: Vec<Way> = slots.iter().map(|(slot, _)| slot.way).collect();
    for (slot, material) in &slots {
        assert_eq!(slot.unwrap(vault, material).expect("opens").expose(), root.expose());
        assert!(slot.unwrap(VaultId::make(), material).is_err());
        assert!(Slot { id: SlotId::make(), ..slot.clone() }.unwrap(vault, material).is_err());
        assert!(Slot { nonce: [0; 24], ..slot.clone() }.unwrap(vault, material).is_err());
        for way in ways.iter().filter(|way| **way != slot.way) {
            assert!(Slot { way: *way, ..slot.clone() }.unwrap(vault, material).is_err(), "{way:?}");
        }
        for position in 0..slot.wrapped.len() {
            let mut changed = slot.clone();
            changed.wrapped[position] ^= 0x40;
            assert!(changed.unwrap(vault, material).is_err(), "byte {position}");
        }
    }
    for way in ways {
        let other = match way {
            Way::Passphrase(kdf) => Way::Passphrase(Kdf { salt: [0; 16], ..kdf }),
            Way::PassphraseKeyFile(kdf) => Way::PassphraseKeyFile(Kdf { cost: KdfCost { passes: 4, ..kdf.cost }, ..kdf }),
            Way::PassphraseKeyring(kdf) => Way::PassphraseKeyring(Kdf { cost: KdfCost { lanes: 2, ..kdf.cost }, ..kdf }),
            Way::Identity { .. } => Way::Identity { ephemeral: [9; 32] },
            Way::Recovery | Way::Keyring => continue,
        };
        let (slot, material) = slots.iter().find(|(slot, _)| slot.way == way).expect("the slot");
        assert!(Slot { way: other, ..slot.clone() }.unwrap(vault, material).is_err(), "{other:?}");
    }
}

#[test]
fn root_keys_have_one_label_each() {
    let vectors = vectors!("slots");
    let (vault, root) = (vault(&vectors), key(&vectors, "root"));
    let keys = RootKeys::derive(vault, &root);
    for (label, found) in [
        ("database", &keys.database),
        ("header", &keys.header),
        ("anchor", &keys.anchor),
        ("journal", &keys.journal),
        ("state", &keys.state),
        ("compartment", &keys.compartment),
    ] {
        assert_eq!(hex(found.expose()), text(&vectors["keys"], label));
        assert_eq!(found.expose(), derive_key(vault, &root, format!("beffroi/root/{label}/1").as_bytes()).expose());
    }
}

#[test]
fn words() {
    let vectors = vectors!("words");
    // Trezor's python-mnemonic, vectors.json, has the 256-bit vectors of bytes 00, 7f and ff.
    for case in list(&vectors, "recovery") {
        let made = RecoveryWords::from_material(&key(case, "entropy")).expect("32 bytes");
        assert_eq!(made.as_text().expose(), text(case, "words"));
        assert_eq!(read_material(made.as_text()).expect("the same words").expose(), &array(case, "entropy"));
    }
    for case in list(&vectors, "stage_secrets") {
        assert_eq!(stage_secret::to_words(&array(case, "random")).expose(), text(case, "words"));
    }
    for case in list(&vectors, "malformed") {
        let found = match read_material(&secret(text(case, "words"))) {
            Ok(_) => "accepted",
            Err(NotRecoveryWords::Count { .. }) => "count",
            Err(NotRecoveryWords::UnknownWord { .. }) => "unknown-word",
            Err(NotRecoveryWords::Checksum) => "checksum",
        };
        assert_outcome(case, found);
    }
}

#[test]
fn key_files() {
    let vectors = vectors!("key-file");
    assert_eq!(KeyFile::encode(&array(&vectors, "key")).expose(), text(&vectors, "content").as_bytes());
    for case in list(&vectors, "malformed") {
        let found = match KeyFile::check(&secret(&changed(text(&vectors, "content"), case)).to_bytes()) {
            Ok(()) => "accepted",
            Err(NotAKeyFile::TooLong { .. }) => "too-long",
            Err(NotAKeyFile::Kind) => "kind",
            Err(NotAKeyFile::Damaged) => "damaged",
        };
        assert_outcome(case, found);
    }
}

#[test]
fn compartments() {
    let vectors = vectors!("compartments");
    let root = RootKeys::derive(vault(&vectors), &key(&vectors, "root_key")).compartment;
    let id = |value: &Value| CompartmentId::from_bytes(&bytes(value, "compartment")).expect("16 bytes");
    let stage = |value: &Value| text(value, "stage").parse::<StageName>().expect("a stage");
    let prod = stage(&vectors);
    let name = Name { vault: vault(&vectors), id: id(&vectors), stage: &prod };
    let compartment = key(&vectors, "key");

    let under_root = &vectors["root"];
    let wrapped = name.wrap(&array(under_root, "nonce"), &root, &compartment).expect("wrapped");
    assert_eq!(hex(&wrapped), text(under_root, "wrapped"));
    let under_secret = &vectors["secret"];
    let kdf = kdf(under_secret);
    let material = kdf.set(&secret(text(under_secret, "secret"))).expect("64 MiB are to be had");
    let inner = Inner::make(name, kdf, &array(under_secret, "inner_nonce"), &material, &compartment).expect("sealed");
    assert_eq!(hex(inner.bytes()), text(under_secret, "inner"));
    let wrapped = inner.wrap(name, &array(under_secret, "nonce"), &root).expect("wrapped");
    assert_eq!(hex(&wrapped), text(under_secret, "wrapped"));
    assert_eq!(inner.open(name, &material).expect("opens").expose(), compartment.expose());
    let keys = CompartmentKeys::derive(name.vault, &compartment);
    assert_eq!(hex(keys.envelope.expose()), text(&vectors, "envelope_key"));
    assert_eq!(hex(keys.row.expose()), text(&vectors, "row_key"));

    for case in list(&vectors, "malformed") {
        let or = |name: &str| if case[name].is_null() { &vectors } else { case };
        let stage = stage(or("stage"));
        let name = Name { vault: vault(or("vault")), id: id(or("compartment")), stage: &stage };
        let wrapped = case["of"].as_str().map_or_else(|| bytes(case, "bytes"), |of| bytes(&vectors[of], "wrapped"));
        let found = match name.unwrap(&root, &wrapped) {
            Err(CompartmentError::UnknownWrapping { .. }) => "unknown",
            Err(_) => "damaged",
            Ok(Unwrapped::Key(_)) => "accepted",
            Ok(Unwrapped::Inner(inner)) => {
                let tried = case["secret"].as_str().unwrap_or(text(under_secret, "secret"));
                let material = inner.kdf.attempt(&secret(tried)).expect("64 MiB are to be had").expect("short enough");
                if inner.open(name, &material).is_ok() { "accepted" } else { "wrong" }
            }
        };
        assert_outcome(case, found);
    }

    // Somebody who has the root key, but not the stage's secret, moves the inner layer to another compartment or stage.
    for other in
        [Name { id: CompartmentId::make(), ..name }, Name { stage: &StageName::dev(), ..name }, Name { vault: VaultId::make(), ..name }]
    {
        assert!(inner.open(other, &material).is_err(), "{other:?}");
    }
    let cheaper = Inner::clone(&inner).with_cost(KdfCost { passes: 4, ..kdf.cost });
    assert!(cheaper.open(name, &material).is_err());
}

fn place<'a>(value: &'a Value, other: &'a Value) -> Place<'a> {
    let of = |name: &str| if other[name].is_null() { value } else { other };
    Place {
        compartment: CompartmentId::from_bytes(&bytes(of("compartment"), "compartment")).expect("16 bytes"),
        target: HostId::from_bytes(&bytes(of("target"), "target")).ok(),
        table: text(of("table"), "table"),
        row: array(of("row"), "row"),
        revision: number(of("revision"), "revision"),
        field: text(of("field"), "field"),
    }
}

#[test]
fn envelopes_and_rows() {
    let vectors = vectors!("envelopes");
    let (vault, envelope_key, row_key) = (vault(&vectors), key(&vectors, "envelope_key"), key(&vectors, "row_key"));
    let at = |value: &'_ Value| value["place"].clone();
    for case in list(&vectors, "envelopes") {
        let other = at(case);
        let place = place(&vectors["place"], &other);
        let plaintext = SecretBytes::new(bytes(case, "plaintext"));
        let sealed = envelope::seal(&envelope_key, &array(case, "nonce"), vault, &place, &plaintext).expect("sealed");
        assert_eq!(hex(&sealed), text(case, "sealed"));
        assert!(envelope::unseal(&envelope_key, vault, &place, &sealed).expect("opens").same_as(&plaintext));
    }
    let none = Value::Null;
    let here = place(&vectors["place"], &none);
    let read = |place: &Place<'_>, sealed: &[u8]| envelope::unseal(&envelope_key, vault, place, sealed);
    for case in list(&vectors, "malformed") {
        let found = match read(&here, &bytes(case, "bytes")) {
            Ok(_) => "accepted",
            Err(UnsealError::TooNew { .. }) => "too-new",
            Err(_) => "refused",
        };
        assert_outcome(case, found);
    }
    let sealed = bytes(&vectors["envelopes"][0], "sealed");
    for position in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[position] ^= 0x80;
        assert!(read(&here, &changed).is_err(), "byte {position}");
        assert!(read(&here, &sealed[..position]).is_err(), "cut at {position}");
    }
    assert!(envelope::unseal(&envelope_key, VaultId::make(), &here, &sealed).is_err());
    assert!(envelope::unseal(&row_key, vault, &here, &sealed).is_err());

    for case in list(&vectors, "rows") {
        let other = at(case);
        let mac = envelope::derive_row_mac(&row_key, vault, &place(&vectors["place"], &other), &bytes(case, "content"));
        assert_eq!(hex(&mac), text(case, "mac"));
    }
    let (content, mac) = (bytes(&vectors["rows"][0], "content"), bytes(&vectors["rows"][0], "mac"));
    let check = |place: &Place<'_>, content: &[u8], mac: &[u8]| envelope::check_row(&row_key, vault, place, content, mac);
    assert_eq!(check(&here, &content, &mac), Ok(()));
    assert!(check(&here, b"contents", &mac).is_err());
    assert!(envelope::check_row(&row_key, VaultId::make(), &here, &content, &mac).is_err());
    for length in [0, 16, 31] {
        assert!(check(&here, &content, &mac[..length]).is_err(), "{length} bytes of MAC");
    }
    for other in list(&vectors, "other_places") {
        let other = place(&vectors["place"], other);
        let refused = UnsealError::Refused { table: other.table.to_owned(), field: other.field.to_owned() };
        assert_eq!(read(&other, &sealed).err(), Some(refused), "{other:?}");
        assert!(check(&other, &content, &mac).is_err(), "{other:?}");
    }
}

#[test]
fn journal_checkpoints_and_state() {
    let vectors = vectors!("journal");
    let (vault, chain) = (vault(&vectors), ChainId::from_bytes(&bytes(&vectors, "chain")).expect("16 bytes"));
    let (mut mac, mut link) = (JOURNAL_START, journal_start(vault, chain));
    assert_eq!(hex(&link), text(&vectors, "start"));
    assert_ne!(journal_start(VaultId::make(), chain), link);
    assert_ne!(journal_start(vault, ChainId::make()), link);
    for entry in list(&vectors, "entries") {
        mac = derive_link(&key(&vectors, "journal_key"), &mac, &bytes(entry, "entry"));
        link = journal_link(&link, &bytes(entry, "entry"));
        assert_eq!((hex(&mac).as_str(), hex(&link).as_str()), (text(entry, "mac"), text(entry, "link")));
    }

    let checkpoint = &vectors["checkpoint"];
    let message = checkpoint_message(vault, chain, number(checkpoint, "number"), &link, number(checkpoint, "at_ms"));
    assert_eq!(hex(&message), text(checkpoint, "message"));
    let signer = IdentityKeys::from_secrets(&key(checkpoint, "seed"), &SecretKey::new([1; 32]));
    let card = signer.card(IdentityId::make(), "Léa", 0).expect("a card");
    assert_eq!(card.signing(), &array(checkpoint, "public"));
    assert_eq!(hex(&signer.sign(&message)), text(checkpoint, "signature"));
    for case in list(checkpoint, "malformed") {
        let of = |name: &str| if case[name].is_null() { checkpoint } else { case };
        let card = card.with_signing_key(array(of("public"), "public"));
        let verified = card.verify(&bytes(of("message"), "message"), &array(of("signature"), "signature"));
        assert_outcome(case, if verified.is_ok() { "accepted" } else { "signature" });
    }

    let (state, state_key) = (&vectors["state"], key(&vectors, "state_key"));
    let row =
        |row| DigestRow { table: text(row, "table"), id: array(row, "id"), revision: number(row, "revision"), mac: array(row, "mac") };
    let rows: Vec<DigestRow<'_>> = list(state, "rows").iter().map(row).collect();
    let digest = derive_state(&state_key, &rows);
    assert_eq!(hex(&digest), text(state, "digest"));
    let mut turned = rows.clone();
    turned.reverse();
    assert_eq!(derive_state(&state_key, &turned), digest);
    for change in [
        |rows: &mut Vec<DigestRow<'_>>| rows.clear(),
        |rows: &mut Vec<DigestRow<'_>>| rows.truncate(2),
        |rows: &mut Vec<DigestRow<'_>>| rows.push(rows[0].clone()),
        |rows: &mut Vec<DigestRow<'_>>| rows[0].table = "secret",
        |rows: &mut Vec<DigestRow<'_>>| rows[0].id[0] ^= 1,
        |rows: &mut Vec<DigestRow<'_>>| rows[0].revision -= 1,
        |rows: &mut Vec<DigestRow<'_>>| rows[0].mac[31] ^= 1,
    ] {
        let mut other = rows.clone();
        change(&mut other);
        assert_ne!(derive_state(&state_key, &other), digest, "{other:?}");
    }
}

#[test]
fn anchors() {
    let vectors = vectors!("anchor");
    let anchor_key = key(&vectors, "anchor_key");
    let (vault_id, generation) = (vault(&vectors), number(&vectors, "generation"));
    let anchor = Anchor {
        sequence: number(&vectors, "sequence"),
        journal_head: array(&vectors, "journal_head"),
        state_digest: array(&vectors, "state_digest"),
    };
    let good = anchor.to_bytes(vault_id, generation, &anchor_key);
    assert_eq!(hex(&good), text(&vectors, "bytes"));
    assert_eq!(anchor::from_bytes(vault_id, generation, &anchor_key, &good), Ok(AnchorCopy::Valid(anchor)));
    for case in list(&vectors, "cases") {
        let of = |name: &str| if case[name].is_null() { &vectors } else { case };
        let copy = bytes(of("bytes"), "bytes");
        let header = number(case, "header_generation");
        let found = match anchor::from_bytes(vault(of("vault")), header, &key(of("anchor_key"), "anchor_key"), &copy) {
            Ok(AnchorCopy::Older { generation, .. }) => {
                assert!(generation < header);
                "older"
            }
            Ok(_) => "accepted",
            Err(AnchorFault::Newer { generation }) => {
                assert!(generation > header);
                "newer"
            }
            Err(AnchorFault::Damaged) => "damaged",
        };
        assert_outcome(case, found);
    }
    for position in 0..good.len() {
        let mut changed = good.clone();
        changed[position] ^= 0x10;
        let found = anchor::from_bytes(vault_id, generation, &anchor_key, &changed);
        assert!(!matches!(found, Ok(AnchorCopy::Valid(_) | AnchorCopy::Missing)), "byte {position}");
        let cut = anchor::from_bytes(vault_id, generation, &anchor_key, &good[..position]);
        assert_eq!(cut, Err(AnchorFault::Damaged), "cut at {position}");
    }
}

#[test]
fn identities() {
    let vectors = vectors!("identity");
    let keys = IdentityKeys::from_secrets(&key(&vectors, "seed"), &key(&vectors, "agreement_secret"));
    assert_eq!(hex(keys.to_bytes().expose()), text(&vectors, "keys"));
    let id = IdentityId::from_bytes(&bytes(&vectors, "id")).expect("16 bytes");
    let card = keys.card(id, text(&vectors, "name"), number(&vectors, "created_ms")).expect("a card");
    assert_eq!(
        (hex(card.signing()), hex(card.agreement())),
        (text(&vectors, "signing").to_owned(), text(&vectors, "agreement").to_owned())
    );
    assert_eq!((card.to_text(), card.fingerprint()), (text(&vectors, "card").to_owned(), text(&vectors, "fingerprint").to_owned()));
    assert_eq!(IdentityCard::from_text(text(&vectors, "card")), Ok(card));
    for case in list(&vectors, "malformed") {
        let found = match IdentityCard::from_text(text(case, "card")) {
            Ok(_) => "accepted",
            Err(InvalidCard::TooLong { .. }) => "too-long",
            Err(InvalidCard::Malformed) => "malformed",
            Err(InvalidCard::Name) => "name",
            Err(InvalidCard::Key) => "key",
            Err(InvalidCard::Signature) => "signature",
        };
        assert_outcome(case, found);
    }
}

#[test]
fn announcements() {
    let vectors = vectors!("rekey");
    let hash = |name| derive_hash(&[&bytes(&vectors, name)]);
    let announcement = Announcement { header: hash("header"), anchor: hash("anchor"), catalog: hash("catalog") };
    assert_eq!(hex(&announcement.to_bytes()), text(&vectors, "ready"));
}

/// The library itself, against RFC 9106, 5.3.
#[test]
fn argon2id_is_that_of_the_rfc() {
    use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
    let data = AssociatedData::new(&[4; 12]).expect("12 bytes");
    let params = ParamsBuilder::new().m_cost(32).t_cost(3).p_cost(4).data(data).output_len(32).build().expect("valid");
    let mut output = [0; 32];
    let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).expect("valid");
    argon2.hash_password_into(&[1; 32], &[2; 16], &mut output).expect("32 bytes");
    assert_eq!(hex(&output), "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_are_no_anchor(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let vectors = vectors!("anchor");
        let read = anchor::from_bytes(vault(&vectors), 3, &key(&vectors, "anchor_key"), &bytes);
        assert_eq!(read, Err(AnchorFault::Damaged));
    }

    #[test]
    fn arbitrary_bytes_are_no_header(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
        assert_eq!(Header::from_bytes(&bytes), Err(HeaderFault::Damaged));
    }

    #[test]
    fn arbitrary_bytes_are_no_compartment(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        let (vectors, dev) = (vectors!("compartments"), StageName::dev());
        let name = Name { vault: vault(&vectors), id: CompartmentId::make(), stage: &dev };
        assert!(name.unwrap(&key(&vectors, "key"), &bytes).is_err());
        assert!(!crate::is_protected(&bytes));
    }

    #[test]
    fn arbitrary_text_is_no_card(text in "(beffroi-identity-1 )?[ -~]{0,300}") {
        assert!(IdentityCard::from_text(&text).is_err());
    }

    /// Text that looks like a header: a piece replaced by any other text.
    #[test]
    fn a_spliced_header_is_refused(start in 0_usize..4000, length in 0_usize..200, patch in "[ -~]{0,40}") {
        let vectors = vectors!("slots");
        let original = text(&vectors, "header");
        let start = start.min(original.len());
        let end = (start + length).min(original.len());
        let mut spliced = original.as_bytes().to_vec();
        spliced.splice(start..end, patch.bytes());
        if spliced != original.as_bytes() {
            let header = RootKeys::derive(vault(&vectors), &key(&vectors, "root")).header;
            let accepted = Header::from_bytes(&spliced).is_ok_and(|found| found.check(&header).is_ok());
            assert!(!accepted, "{}", String::from_utf8_lossy(&spliced));
        }
    }
}
